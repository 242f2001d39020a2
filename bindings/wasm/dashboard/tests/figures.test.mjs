import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { close, data, drop, figure, open, ready, repository, settled, take, until, visit } from "./browser.mjs";

const cdnow = data("crates/regulars-import/data/cdnow_sample.csv");
const fixture = (name) => readFileSync(new URL(`tests/fixtures/import/${name}`, repository));

before(open);
after(close);

/** The sample of CDNOW counted once more, in the plainest way there is. */
function counted(start, end) {
  const orders = readFileSync(cdnow, "utf8").trim().split(/\r?\n/).slice(1).map((line) => line.split(",")).map(([customer, , date, , amount]) => ({ customer, date, cents: Math.round(amount * 100) }));
  const counting = orders.filter(({ cents }) => cents > 0);
  const days = new Map();
  for (const { customer, date } of counting) if (date >= start && date < end) days.set(customer, (days.get(customer) ?? new Set()).add(date));
  const inside = counting.filter(({ date }) => date >= start && date < end);
  const firsts = new Map();
  for (const { customer, date } of counting) if (!(firsts.get(customer) <= date)) firsts.set(customer, date);
  const cents = inside.reduce((sum, order) => sum + order.cents, 0);
  const repeat = [...days.values()].filter((set) => set.size > 1).length;
  return {
    orders: inside.length,
    revenue: cents / 100,
    customers: days.size,
    newCustomers: [...days.keys()].filter((customer) => firsts.get(customer) >= start).length,
    purchases: [...days.values()].reduce((sum, set) => sum + set.size, 0),
    repeat,
  };
}
const whole = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
const two = (value) => value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

async function compare(page, start, end) {
  const truth = counted(start, end);
  assert.equal((await figure(page, "revenue")).value, `$${whole(truth.revenue)}`);
  assert.equal((await figure(page, "revenue")).sample, `exactly $${two(truth.revenue)}`);
  assert.equal((await figure(page, "customers")).value, whole(truth.customers));
  assert.equal((await figure(page, "customers")).sample, `${whole(truth.purchases)} purchases`);
  assert.equal((await figure(page, "new_customers")).value, whole(truth.newCustomers));
  const rate = await figure(page, "repeat_customer_rate");
  assert.equal(rate.value, `${((100 * truth.repeat) / truth.customers).toFixed(1)}%`);
  assert.match(rate.sample, new RegExp(`${whole(truth.repeat)} of ${whole(truth.customers)}`));
  assert.equal((await figure(page, "average_order_value")).value, `$${two(truth.revenue / truth.orders)}`);
  assert.equal((await figure(page, "orders")).value, whole(truth.orders));
  assert.equal((await figure(page, "purchase_frequency")).value, two(truth.purchases / truth.customers));
}

async function openCdnow(page) {
  await take(page, cdnow);
  await page.getByRole("heading", { name: "Which currency are these amounts in?" }).waitFor();
  await page.getByLabel("Currency", { exact: true }).first().selectOption("USD");
  await page.getByRole("button", { name: "Read the file" }).click();
  await ready(page);
}

test("the CDNOW sample: figures as counted by hand, in every period that is chosen", async () => {
  const page = await visit();
  await openCdnow(page);
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "Jan – Jun 1998");
  await compare(page, "1998-01-01", "1998-07-01");

  const period = page.getByLabel("Period", { exact: true });
  await period.selectOption({ label: "Q2 1997" });
  await page.getByRole("heading", { level: 1, name: "Q2 1997" }).waitFor();
  await compare(page, "1997-04-01", "1997-07-01");

  await period.selectOption("custom");
  await page.getByLabel("From", { exact: true }).fill("1999-02-10");
  await page.getByText("The first day lies after the last.").waitFor();
  await page.getByLabel("From", { exact: true }).fill("1997-02-10");
  await page.getByLabel("To (last day)").fill("1997-03-20");
  await page.getByRole("heading", { level: 1, name: "Feb 10 – Mar 20, 1997" }).waitFor();
  await compare(page, "1997-02-10", "1997-03-21");

  await period.selectOption({ label: "All of it" });
  await page.getByRole("heading", { level: 1, name: "Jan 1997 – Jun 1998" }).waitFor();
  await compare(page, "1997-01-01", "1998-07-01");
  assert.equal((await figure(page, "revenue")).change, "nothing before");
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

/** What every customer of the sample brought in two halves of 1998 and 1997, counted once more. */
function moved() {
  const orders = readFileSync(cdnow, "utf8").trim().split(/\r?\n/).slice(1).map((line) => line.split(",")).map(([customer, , date, , amount]) => ({ customer, date, cents: Math.round(amount * 100) })).filter(({ cents }) => cents > 0);
  const sums = (start, end) => {
    const by = new Map();
    for (const { customer, date, cents } of orders) if (date >= start && date < end) by.set(customer, (by.get(customer) ?? 0) + cents);
    return by;
  };
  const [before, now, ever] = [sums("1997-07-01", "1998-01-01"), sums("1998-01-01", "1998-07-01"), sums("1997-01-01", "1998-01-01")];
  const parts = { before: 0, new: 0, reactivated: 0, expansion: 0, contraction: 0, churned: 0, now: 0, kept: 0 };
  for (const cents of before.values()) parts.before += cents;
  for (const [customer, cents] of now) {
    const was = before.get(customer) ?? 0;
    parts.now += cents;
    parts.kept += Math.min(was, cents);
    if (was === 0) parts[ever.has(customer) ? "reactivated" : "new"] += cents;
    else if (cents > was) parts.expansion += cents - was;
    else parts.contraction += was - cents;
  }
  for (const [customer, cents] of before) if (!now.has(customer)) parts.churned += cents;
  return parts;
}

test("what moved the revenue of CDNOW: counted by hand; in short, the three things that matter", async () => {
  const page = await visit();
  await openCdnow(page);
  const parts = moved();
  const dollars = (cents) => `$${whole(cents / 100)}`;
  await page.locator("#movements .chart summary").click();
  const shown = (await page.locator("#movements .chart tbody td").allInnerTexts()).map((text) => text.replace("−", ""));
  assert.deepEqual(shown, ["before", "new", "reactivated", "expansion", "contraction", "churned", "now"].map((part) => dollars(parts[part])));
  assert.equal(await page.locator('[data-figure="gross_revenue_retention"] .value').innerText(), `${((100 * parts.kept) / parts.before).toFixed(1)}%`);
  assert.equal(await page.locator('[data-figure="quick_ratio"] .value').innerText(), two((parts.new + parts.expansion + parts.reactivated) / (parts.contraction + parts.churned)));

  const brief = page.getByRole("list", { name: "In short" });
  await brief.getByText("with a step of the reminders reached in the week to June 30, 1998").waitFor();
  const texts = await brief.locator(":scope > li").allInnerTexts();
  assert.equal(texts.length, 3);
  const change = `−${(100 * (1 - parts.now / parts.before)).toFixed(1)}%`;
  const [gain, loss] = [Math.max(parts.new, parts.reactivated, parts.expansion), Math.max(parts.churned, parts.contraction)];
  for (const told of [dollars(parts.now), change, `, ${dollars(gain)}.`, `, ${dollars(loss)}.`]) assert.ok(texts[0].includes(told), `${told} in ${texts[0]}`);
  const due = await page.locator("#win-back .lead b").innerText();
  assert.ok(texts[2].includes(due), `${texts[2]} and ${due}`);

  // The whole sample has nothing before it.
  await page.getByLabel("Period", { exact: true }).selectOption({ label: "All of it" });
  await page.locator("#movements .empty").waitFor();
  // Nothing was refunded, and no column says so: the page does not call that 0 %.
  await page.locator("#returns .empty").waitFor();
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("customers below zero, and a shop that is older than its books", async () => {
  const page = await visit();
  // In January 10 came in from a, and 4 went back to b, who had bought before: 6 in all, of which 10 could be kept.
  await drop(page, "credits.csv", "customer,date,amount,currency\nb,2023-12-05,20,EUR\na,2024-01-10,10,EUR\nb,2024-01-12,-4,EUR\na,2024-02-03,5,EUR\nc,2024-02-29,3,EUR\n");
  await ready(page);
  const february = async () => {
    await page.getByLabel("Period", { exact: true }).selectOption({ label: "February 2024" });
    await page.getByRole("heading", { level: 1, name: "February 2024" }).waitFor();
  };
  await february();
  await page.locator("#movements .note", { hasText: "The €10 above are €4 more than the bar of January 2024 (€6)" }).waitFor();
  assert.equal((await figure(page, "new_customers")).value, "1");

  // Nobody knows then who is new: not c, and not none.
  await page.getByRole("button", { name: "How it was read" }).click();
  await page.getByLabel("Shop is older: its books begin on").fill("2023-12-06");
  await page.getByRole("button", { name: "Read the file again" }).click();
  await page.getByRole("heading", { name: "There are orders before the day on which the books are said to begin" }).waitFor();
  await page.getByLabel("Shop is older: its books begin on").fill("2023-12-01");
  await page.getByRole("button", { name: "Read the file" }).click();
  await ready(page);
  await february();
  await until(async () => assert.equal((await figure(page, "new_customers")).value, "–"));
  assert.match((await figure(page, "new_customers")).sample, /not known: the shop is older than its books/);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("what a customer may cost, by channel, and what comes back: counted by hand", async () => {
  const page = await visit();
  const rows = [
    "1,ann,2024-01-05,30.00,,search", "2,ann,2024-02-10,30.00,,search", "3,ann,2024-03-20,30.00,10.00,search", "4,bob,2024-01-08,50.00,,search",
    "5,cid,2024-01-09,20.00,20.00,social", "6,cid,2024-01-20,40.00,,social", "7,dee,2024-04-28,10.00,,",
  ];
  await drop(page, "channels.csv", `order_id,customer,date,amount,refunded,channel\n${rows.join("\n")}\n`);
  await page.getByRole("heading", { name: "Which currency are these amounts in?" }).waitFor();
  await page.getByLabel("Currency", { exact: true }).first().selectOption("EUR");
  await page.getByRole("button", { name: "Read the file" }).click();
  await ready(page);
  await page.getByLabel("Period", { exact: true }).selectOption({ label: "All of it" });
  // Of four customers two came by search, one by social (the paid-back order is none, the one after it is), one nobody knows how.
  const channel = async (at) => (await page.locator("#channels tbody tr").nth(at).locator("th, td").allInnerTexts()).map((text) => text.trim());
  // The figures of the period before stand there until these come.
  await until(async () => assert.deepEqual((await channel(0)).slice(0, 3), ["search", "2", "50.0%"]));
  assert.deepEqual((await channel(1)).slice(0, 3), ["social", "1", "25.0%"]);
  assert.deepEqual((await channel(2)).slice(0, 3), ["not known", "1", "25.0%"]);
  await page.getByLabel("Spent on social").fill("nonsense");
  await page.getByLabel("Spent on search").fill("1,000.50");
  await until(async () => assert.equal((await channel(0)).at(-1), "€500.25"));
  assert.equal((await channel(1)).at(-1), "–");

  // Nobody has said what a customer costs: nothing is found.
  await page.locator("#payback .lead", { hasText: "Say below what it costs you" }).waitFor();
  assert.equal(await page.locator("#payback .lead b").count(), 0);
  // By the end of the first month 30, 50, 40 and 10 from four customers: 32.50, and half of it is margin.
  await page.getByRole("slider", { name: "Margin" }).fill("50");
  const cost = page.getByLabel("Cost to win a customer, EUR");
  await cost.fill("10");
  await page.locator("#payback .lead", { hasText: "within the first month" }).waitFor();
  await cost.fill("900");
  await page.locator("#payback .lead", { hasText: "not paid for it yet" }).waitFor();

  // 2 of 7 orders were paid back in part or whole, 30 of 210.
  assert.equal(await page.locator('[data-figure="refunded_orders"] .value').innerText(), "28.6%");
  assert.equal(await page.locator('[data-figure="returns"] .value').innerText(), "14.3%");
  assert.match(await page.locator('[data-figure="returns"] .elsewhere').innerText(), /Elsewhere: 18%/);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("the heat map of CDNOW: counted by hand, and blank where not observed", async () => {
  const page = await visit();
  await openCdnow(page);
  const cell = async (row, column) => (await page.locator("#cohorts .heat tbody tr").nth(row).locator("td").nth(column + 1).innerText()).trim();
  const orders = readFileSync(cdnow, "utf8").trim().split(/\r?\n/).slice(1).map((line) => line.split(",")).map(([customer, , date, , amount]) => [customer, date, Number(amount)]).filter(([, , amount]) => amount > 0);
  const month = (date) => (Number(date.slice(0, 4)) - 1997) * 12 + Number(date.slice(5, 7)) - 1;
  const first = new Map();
  for (const [customer, date] of orders) first.set(customer, Math.min(first.get(customer) ?? 99, month(date)));
  for (const cohort of [0, 1, 2]) {
    const members = [...first.values()].filter((at) => at === cohort).length;
    for (const later of [1, 5, 12]) {
      const back = new Set(orders.filter(([customer, date]) => first.get(customer) === cohort && month(date) === cohort + later).map(([customer]) => customer)).size;
      assert.equal(await cell(cohort, later), `${Math.round((100 * back) / members)}%`, `cohort ${cohort}, month ${later}`);
    }
  }
  await page.getByLabel("Cohorts by").first().selectOption("quarter");
  await page.locator("#cohorts").getByRole("rowheader", { name: "Q1 1997" }).waitFor();
  const save = page.locator("#cohorts .save");
  await Promise.all([page.waitForEvent("download"), save.getByRole("button").click()]);
  await save.getByText("Saved.").waitFor();
  await page.getByLabel("Show").selectOption("revenue_per_customer");
  const everyone = counted("1997-01-01", "1997-04-01");
  await page.locator("#cohorts .heat td", { hasText: `$${Math.round(everyone.revenue / everyone.customers)}` }).first().waitFor();
  assert.equal(await save.getByText("Saved.").count(), 0, "this table was not saved");

  // Nobody came back in February: nought. April has not been: blank.
  await drop(page, "few.csv", "customer,date,amount,currency\na,2024-01-03,5,EUR\nb,2024-02-05,5,EUR\nc,2024-03-07,5,EUR\na,2024-03-31,5,EUR\n");
  await page.locator("#cohorts").getByRole("rowheader", { name: "Jan 2024" }).waitFor();
  const row = async (at) => (await page.locator("#cohorts .heat tbody tr").nth(at).locator("td").allInnerTexts()).map((text) => text.trim());
  assert.deepEqual(await row(0), ["1", "100%", "0%", "100%"]);
  assert.deepEqual(await row(1), ["1", "100%", "0%", ""]);
  assert.deepEqual(await row(2), ["1", "100%", "", ""]);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("in the warm-up, who is new is not known, and nowhere nought", async () => {
  const page = await visit();
  // In May a comes back, whom the books know from January; they do not know whether d and e are new.
  const orders = "customer,date,amount,currency\na,2024-01-10,10,EUR\nb,2024-04-02,10,EUR\nc,2024-04-03,10,EUR\nb,2024-05-02,10,EUR\na,2024-05-20,10,EUR\nd,2024-05-21,10,EUR\ne,2024-05-22,10,EUR\nb,2024-06-02,10,EUR\n";
  await drop(page, "late.csv", orders);
  await ready(page);
  const may = async () => {
    await page.getByLabel("Period", { exact: true }).selectOption({ label: "May 2024" });
    await page.getByRole("heading", { level: 1, name: "May 2024" }).waitFor();
  };
  await may();
  // As if the shop were as young as its books.
  const balance = () => page.locator("#flow .balance li").allInnerTexts().then((parts) => parts.map((part) => part.replace(/\s+/g, " ")));
  await page.locator("#what-if .sliders").waitFor();
  await until(async () => assert.deepEqual(await balance(), ["2 active at start", "+ 2 new", "+ 1 came back", "− 0 lapsed", "= 5 active at end"]));

  await page.getByRole("button", { name: "How it was read" }).click();
  await page.getByLabel("Shop is older: its books begin on").fill("2024-01-01");
  await page.getByRole("button", { name: "Read the file again" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await ready(page);
  await may();
  await page.locator("#what-if").getByText("This needs to know who is new, and in May 2024 nobody does").waitFor();
  assert.equal(await page.locator("#what-if .sliders").count(), 0);
  for (const [name, told] of [["new_customers", /not known: the shop is older than its books/], ["returning_customer_rate", /not known: the books begin too late/]]) {
    const { value, sample } = await figure(page, name);
    assert.equal(value, "–", name);
    assert.match(sample, told);
  }
  await until(async () => assert.deepEqual(await balance(), ["2 active at start", "+ 1 came back", "+ 2 new or not: not known", "− 0 lapsed", "= 5 active at end"]));
  assert.match(await page.locator("#flow .lead").innerText(), /1 lapsed customer came back; whether 2 more are new, or came back, is not known\.$/);
  // b and a are known to have bought before: half of May's revenue at the least.
  assert.match(await page.locator("#revenue .lead").innerText(), /^Customers who had bought before brought at least 50% of revenue in May 2024\.$/);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("segments of CDNOW: every customer in one, one explained, and the list for today saved", async () => {
  const page = await visit();
  await openCdnow(page);
  const orders = readFileSync(cdnow, "utf8").trim().split(/\r?\n/).slice(1).map((line) => line.split(",")).filter(([, , , , amount]) => Number(amount) > 0).map(([customer, , date]) => ({ customer, date }));
  const last = new Map();
  for (const { customer, date } of orders) if (!(last.get(customer) >= date)) last.set(customer, date);
  const silent = (customer) => (Date.parse("1998-06-30") - Date.parse(last.get(customer))) / 86_400_000;

  await page.locator(".matrix .value").first().waitFor();
  const sizes = (await page.locator(".matrix .value").allInnerTexts()).map((text) => Number(text.split(" ")[0].replace(",", "")));
  assert.equal(sizes.length, 4);
  assert.equal(sizes.reduce((sum, size) => sum + size, 0), last.size);
  const fields = (await page.locator("#rfm .grid b").allInnerTexts()).map((text) => Number(text.replace(",", "")));
  assert.equal(fields.length, 25);
  assert.equal(fields.reduce((sum, size) => sum + size, 0), last.size);

  await page.getByLabel("Customer id or e-mail address").fill("00004");
  await page.getByRole("button", { name: "Explain" }).click();
  const explained = page.locator(".explained");
  await explained.getByRole("heading", { name: "00004" }).waitFor();
  // 14.96 + 26.48 within the last 365 days; 29.33 and 29.73 before.
  assert.match(await explained.innerText(), /brought 41\.44 USD in the last 365 days/);
  assert.match(await explained.innerText(), new RegExp(`bought 4 times.*silent for ${silent("00004")} days`));
  assert.equal(await explained.locator("tbody tr").count(), 4);
  await page.getByLabel("Customer id or e-mail address").fill("nobody");
  await page.keyboard.press("Enter");
  await page.getByText("Nobody called “nobody” has a purchase in these books.").waitFor();

  const list = page.locator("#win-back");
  const download = page.waitForEvent("download");
  await list.getByRole("button", { name: "Save as CSV" }).click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), "win-back-1998-06-30.csv");
  const [head, ...rows] = readFileSync(await saved.path(), "utf8").trim().split("\r\n").map((line) => line.split(","));
  assert.deepEqual(head, ["customer", "segment", "rhythm", "silent_days", "step_days", "due_since", "purchases", "value_last_365_days_USD", "outlook"]);
  assert.match(await list.locator(".lead").innerText(), new RegExp(`^${rows.length} customers have stayed away for longer than usual as of June 30, 1998`));
  const values = (rhythm) => rows.filter((row) => row[2] === rhythm).map((row) => Number(row[7]));
  assert.deepEqual(rows.map((row) => row[2]), [...values("late").map(() => "late"), ...values("lapsed").map(() => "lapsed")], "the late first, and nobody whose time is not over");
  for (const rhythm of ["late", "lapsed"]) assert.deepEqual(values(rhythm), values(rhythm).toSorted((a, b) => b - a), rhythm);
  for (const [customer, , , days, step, , purchases] of rows) {
    assert.equal(Number(days), silent(customer), customer);
    assert.ok(Number(days) >= Number(step) && Number(days) < Number(step) + 7, `${customer} reached ${step} days in the last 7`);
    assert.equal(Number(purchases), new Set(orders.filter((order) => order.customer === customer).map(({ date }) => date)).size);
  }
  const everybody = async (need, told) => {
    await list.getByLabel("Who are").selectOption(need);
    const lead = list.locator(".lead", { hasText: told });
    return Number(/^([\d,]+) customer/.exec(await lead.innerText())[1].replace(",", ""));
  };
  const [due, both] = [await everybody("due", "come to the time when others like them buy again"), await everybody("", "come to that time or beyond it")];
  assert.ok(due > 0 && due + rows.length === both, `${due} + ${rows.length} = ${both}`);
  assert.equal(await everybody("late", "stayed away for longer than usual"), rows.length);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await list.getByRole("button", { name: "Copy the customers" }).click();
  await list.getByText(`${rows.length} customers copied.`).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), rows.map(([customer]) => customer).join("\n"));
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("a Shopify export that is dropped: net sales, an order twice, one that is cancelled, one by phone", async () => {
  const page = await visit();
  await drop(page, "orders_export.csv", fixture("shopify.csv").toString());
  await ready(page);
  await page.getByLabel("Period", { exact: true }).selectOption({ label: "All of it" });
  // 34.90 − 4.79 − 4.90, then 12.00, then 54.90 − 7.98 − 4.90 − 10.00.
  await page.getByText("exactly €69.23").waitFor();
  assert.equal((await figure(page, "customers")).value, "3");
  assert.equal((await figure(page, "average_order_value")).value, "€23.08");
  assert.match(await page.locator("#about").innerText(), /read as Shopify/);
  assert.match(await page.locator("#about").innerText(), /left out: cancelled\s+1/);

  const read = await page.locator(".read tbody tr").allTextContents();
  assert.ok(read.includes("Order numberNamepart of this export"), read.join());
  // The same in a zone of its own: half past one in Berlin is still the day before in New York.
  await page.getByRole("button", { name: "How it was read" }).click();
  await page.getByLabel("Time zone of the shop").selectOption("America/New_York");
  await page.getByRole("button", { name: "Read the file again" }).click();
  await page.getByText("days of America/New_York").waitFor();
  assert.match(await page.locator("#about").innerText(), /March 29, 2025 to/);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("columns with other names are mapped by hand", async () => {
  const page = await visit();
  await drop(page, "shop.csv", "who;when;paid\nann;17/05/2024;35,20\nbob;18/05/2024;20,00\nann;02/06/2024;18,00\n");
  await page.getByRole("heading", { name: "The columns have names that are not known here" }).waitFor();
  await page.getByLabel("Currency", { exact: true }).first().selectOption("EUR");
  await page.getByLabel("Customer id").selectOption({ label: "who" });
  await page.getByLabel("Order date").selectOption({ label: "when" });
  await page.getByLabel("Amount", { exact: true }).selectOption({ label: "paid" });
  await page.getByLabel("Dates are written").selectOption("%d/%m/%Y");
  await page.getByRole("button", { name: "Read the file" }).click();
  await ready(page);
  await page.getByLabel("Period", { exact: true }).selectOption({ label: "All of it" });
  await page.getByText("exactly €73.20").waitFor();
  assert.equal((await figure(page, "repeat_customer_rate")).value, "50.0%");
  assert.match((await figure(page, "repeat_customer_rate")).sample, /small sample/);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("bad files: what is wrong, what to do, and the page goes on working", async () => {
  const page = await visit();
  const bad = [
    ["orders.xlsx", "PK\u0003\u0004\u0000\u0000sheet", "This is not a CSV file"],
    ["empty.csv", "", "The file is empty"],
    ["header.csv", "customer,date,amount,currency\n", "There are no orders in this file"],
    ["letter.txt", "Dear customer,\nthank you for your order.\n", "The columns have names that are not known here"],
    ["nobody.csv", "date,amount,currency\n2024-01-01,5,EUR\n", "No column says who ordered"],
    ["two.csv", "customer,date,amount,currency\na,2024-01-01,5,EUR\nb,2024-01-02,5,USD\n", "There are orders in more than one currency"],
    ["cut.csv", 'customer,date,amount,currency\na,2024-01-01,5,"EUR\n', "The file seems to be cut off"],
    ["dates.csv", "customer,date,amount,currency\na,03/04/2024,5,EUR\n", "A date is written in a way that could mean two things"],
    ["dotted.csv", "customer,date,amount,currency\na,03.04.2024,5,EUR\n", "Dates do not begin with the year"],
    ["far.csv", "customer,date,amount,currency\na,03/04/2024,5,EUR\na,03/17/2024,5,EUR\n", "Dates do not begin with the year"],
    ["word.csv", "customer,date,amount,currency\na,2024-04-03,5,EUR\na,yesterday,5,EUR\n", "A date cannot be read"],
    ["amounts.csv", "customer,date,amount,currency\na,2024-01-01,five,EUR\n", "An amount is not a number"],
    ["analytics.csv", fixture("woocommerce_analytics_en.csv").toString(), "This export does not say who ordered"],
  ];
  for (const [name, content, title] of bad) {
    await drop(page, name, content);
    const problem = page.locator(".problem", { hasText: name });
    await problem.waitFor();
    assert.equal(await problem.getByRole("heading", { level: 2 }).innerText(), title, name);
  }
  // One click mends what one click can. What no other date in the file decides is asked.
  await drop(page, "days.csv", "customer,date,amount,currency\na,03/04/2024,5,EUR\n");
  await page.locator(".problem .detail", { hasText: "Line 2, column “date”: “03/04/2024”" }).waitFor();
  for (const [name, first, ...dates] of [
    ["Dates have the day first", "April 3, 2024", "03/04/2024"],
    ["Dates have the month first", "March 4, 2024", "03/04/2024"],
    ["Dates have the day first", "April 3, 2024", "03.04.24", "1.12.24"],
    ["Dates have the day first", "April 3, 2024", "03/04/2024 09:30", "17/05/2024 18:45"],
    ["Dates have the month first", "March 4, 2024", "03-04-2024 9:30:00 PM", "05-17-2024 11:45:10 AM"],
  ]) {
    const file = `${dates[0].replace(/\W/g, "_")}-${name.split(" ")[3]}.csv`;
    await drop(page, file, `customer,date,amount,currency\n${dates.map((date) => `a,${date},5,EUR`).join("\n")}\n`);
    const problem = page.locator(".problem", { hasText: file });
    if (dates.length > 1) await problem.getByRole("heading", { name: "Dates do not begin with the year" }).waitFor();
    await problem.getByRole("button", { name }).click();
    await page.locator(".file", { hasText: file }).waitFor();
    await ready(page);
    assert.match(await page.locator("#about .facts").innerText(), new RegExp(`Books\\s+${first}`));
  }
  // The format of the last click can be chosen, and is.
  await page.getByRole("button", { name: "How it was read" }).click();
  assert.equal(await page.getByLabel("Dates are written").inputValue(), "%m-%d-%Y %I:%M:%S %p");
  await page.keyboard.press("Escape");
  await drop(page, ...bad[5].slice(0, 2));
  await page.getByRole("button", { name: "Leave other currencies out" }).click();
  await ready(page);
  assert.match(await page.locator("#about").innerText(), /left out: in another currency\s+1/);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("other encodings, separators and marks: read as they are, or with one click", async () => {
  const page = await visit();
  const text = "customer;date;amount;currency\nMüller;2024-05-17;1.035,20;EUR\nbob;2024-05-18;20,00;EUR\nMüller;2024-06-02;18,00;EUR\n";
  const wide = (big) => {
    const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
    return big ? bytes.swap16() : bytes;
  };
  const comma = "A comma stands before the decimals";
  const files = [
    ["plain.csv", Buffer.from(text), comma],
    ["marked.csv", Buffer.from(`\ufeff${text}`), comma],
    ["latin.csv", Buffer.from(text, "latin1"), comma, "Read it as Windows-1252"],
    ["wide.csv", wide(false), "Read it as UTF-16", comma],
    ["wide-be.csv", wide(true), "Read it as UTF-16", comma],
  ];
  for (const [name, content, ...fixes] of files) {
    await drop(page, name, content);
    for (const fix of fixes) await page.locator(".problem", { hasText: name }).getByRole("button", { name: fix }).click();
    await page.locator(".file", { hasText: name }).waitFor();
    await ready(page);
    await page.getByLabel("Period", { exact: true }).selectOption({ label: "All of it" });
    await page.getByText("exactly €1,073.20").waitFor();
    await page.getByLabel("Customer id or e-mail address").fill("Müller");
    await page.getByRole("button", { name: "Explain" }).click();
    await page.locator(".explained").getByRole("heading", { name: "Müller" }).waitFor();
  }
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

/** A table as it is saved: the file's name, its header and its lines. */
async function savedTable(page, within, what) {
  const download = page.waitForEvent("download");
  await page.locator(within).getByRole("button", { name: `Save as CSV: ${what}` }).click();
  const file = await download;
  return [file.suggestedFilename(), ...readFileSync(await file.path(), "utf8").trimEnd().split("\r\n")];
}

test("more decimals than the currency has: kept where figures are exact, and credit notes named", async () => {
  const page = await visit();
  await drop(page, "fine.csv", "customer,date,amount,currency\na,2024-01-01,5.125,EUR\na,2024-02-01,5.0005,EUR\na,2024-02-03,-1.5,EUR\na,2024-03-01,7,EUR\n");
  await page.getByRole("button", { name: "Keep four decimals" }).click();
  await ready(page);
  await page.getByLabel("Period", { exact: true }).selectOption({ label: "February 2024" });
  await page.getByText("exactly €3.5005").waitFor();
  assert.equal((await figure(page, "revenue")).value, "€3.50");
  await page.locator("#movements .chart summary").click();
  const [, head, ...steps] = await savedTable(page, "#movements", "Revenue of known customers from January 2024 to February 2024, step by step");
  assert.equal(head, "Step,Amount (EUR)");
  assert.deepEqual([steps[0], steps.at(-1)], ["January 2024,5.125", "February 2024,3.5005"]);
  await page.locator(".explained").getByRole("heading", { name: "a", exact: true }).waitFor();
  assert.match(await page.locator(".explained tbody tr").nth(1).innerText(), /credit note −€1\.50$/);
  // 1.5 of 17.1255 was paid back, nobody knows on which order.
  assert.equal(await page.locator('[data-figure="returns"] .value').innerText(), "8.8%");
  assert.equal(await page.locator('[data-figure="refunded_orders"] .value').innerText(), "–");
  const orders = await savedTable(page, ".explained", "orders of this customer");
  assert.deepEqual(orders, ["orders.csv", "Date,Order,Net (EUR),Kind", "2024-03-01,,7,order", "2024-02-03,,-1.5,credit note", "2024-02-01,,5.0005,order", "2024-01-01,,5.125,order"]);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("every table is saved with its numbers as numbers", async () => {
  const page = await visit();
  await openCdnow(page);
  await settled(page);
  const saved = (within, what) => savedTable(page, within, what);
  const truth = counted("1997-01-01", "1997-02-01");
  await page.locator("#revenue .figures summary").click();
  const [name, head, first] = await saved("#revenue", "Net revenue by month");
  assert.equal(name, "revenue.csv");
  assert.equal(head, "Period,First purchases (USD),Later purchases (USD),Net revenue (USD),Share of later purchases");
  const [month, , , total, later] = first.split(",");
  assert.deepEqual([month, Number(total)], ["Jan 1997", truth.revenue]);
  assert.ok(Number(later) > 0 && Number(later) < 1);

  const cohorts = await saved("#cohorts", "cohort table");
  assert.equal(cohorts[1].split(",").slice(0, 4).join(), "Cohort,Customers,month 0,month 1");
  assert.equal(cohorts[2].split(",").slice(0, 3).join(), `Jan 1997,${truth.customers},1`);
  const grid = await saved("#rfm", "RFM grid");
  assert.equal(grid.length, 27);
  const everyone = counted("1997-01-01", "1998-07-01").customers;
  const sum = (rows, column) => rows.reduce((sum, row) => sum + Number(row.split(",")[column]), 0);
  assert.equal(sum(grid.slice(2), 3), everyone);
  assert.equal(sum((await saved("#segments", "segments")).slice(2), 1), everyone);
  const migration = await saved("#segments", "migration between segments");
  assert.equal(sum(migration.slice(2), 1), everyone);
  assert.equal((await saved("#repeat", "purchase funnel"))[2].split(",")[1], String(everyone));
  assert.deepEqual((await saved("#concentration", "revenue of the best customers")).slice(1, 2), ["The best,Customers,Revenue (USD),Share"]);
  // Every table has its button.
  for (const summary of await page.locator(".figures summary").all()) if (!(await summary.evaluate((element) => element.parentElement.open))) await summary.click();
  const bare = await page.locator("main table").evaluateAll((tables) => {
    const beside = (around) => [...around.children].some((part) => part.matches(".save") || (part.matches(".buttons") && part.querySelector(".save")));
    const saved = (around) => beside(around) || (around.tagName !== "SECTION" && saved(around.parentElement));
    return tables.filter((table) => !saved(table.parentElement)).map(({ caption }) => caption.textContent);
  });
  assert.deepEqual(bare, []);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("what begins like a formula is none in a spreadsheet, and a telephone number stays one", async () => {
  const page = await visit();
  const ids = ["=1", "\uff1d2", "@3", "\uff203", "+a4", "\uff0ba5", "+49 30 6", "7"];
  await drop(page, "ids.csv", ["customer,date,amount,currency,order_id", ...ids.map((id, at) => `a,2024-05-1${at},5,EUR,${id}`)].join("\n"));
  await ready(page);
  await page.locator(".explained").getByRole("heading", { name: "a", exact: true }).waitFor();
  const [, , ...rows] = await savedTable(page, ".explained", "orders of this customer");
  assert.deepEqual(rows.map((row) => row.split(",")[1]).reverse(), ids.map((id, at) => (at < 6 ? `'${id}` : id)));
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("a part that cannot be drawn says so, takes no other along, and comes back with other figures", async () => {
  const page = await visit();
  await openCdnow(page);
  await settled(page);
  // What comes next with such a part comes without it.
  const spoil = (...path) => page.evaluate((path) => {
    const parse = JSON.parse;
    JSON.parse = (text, ...rest) => {
      const value = parse(text, ...rest);
      const [last, ...way] = path.toReversed();
      const part = way.reduceRight((part, name) => part?.[name], value);
      if (part?.[last]) {
        JSON.parse = parse;
        part[last] = null;
      }
      return value;
    };
  }, path);
  await spoil("concentration", "lorenz");
  const period = page.getByLabel("Period", { exact: true });
  await period.selectOption({ label: "Q2 1997" });
  await page.getByRole("heading", { level: 1, name: "Q2 1997" }).waitFor();
  await page.getByRole("region", { name: "Concentration of revenue" }).getByRole("alert").waitFor();
  await compare(page, "1997-04-01", "1997-07-01");
  assert.equal(await page.getByRole("alert").count(), 1);
  assert.equal(await page.locator("#rfm .grid b").count(), 25);
  await period.selectOption({ label: "Q3 1997" });
  await page.getByText("of the revenue; it takes").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);

  // A part that has figures of its own: other ones, or another try.
  await spoil("periods");
  const grain = page.getByLabel("Charts by");
  await grain.selectOption("quarter");
  await page.getByRole("alert").first().waitFor();
  await grain.selectOption("year");
  await page.locator("#revenue .plot svg").waitFor();
  await until(async () => assert.equal(await page.getByRole("alert").count(), 0));

  // A choice that a part cannot draw: it begins anew.
  await spoil("rows");
  await page.getByLabel("Show").selectOption("purchases");
  const cohorts = page.getByRole("region", { name: "Cohorts", exact: true });
  await cohorts.getByRole("alert").waitFor();
  await cohorts.getByRole("button", { name: "Try again" }).click();
  await page.locator("#cohorts .heat").waitFor();
  assert.equal(await page.getByLabel("Show").inputValue(), "rate");

  // A period that cannot be worked out leaves the page with the figures before, and with its controls.
  await page.evaluate(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (request, ...rest) {
      if (request.path?.[0].name === "report") {
        Worker.prototype.postMessage = post;
        request = structuredClone(request);
        request.path[0].args[0].value.period = "never";
      }
      return post.call(this, request, ...rest);
    };
  });
  await period.selectOption({ label: "1997" });
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "Q3 1997");
  await period.selectOption({ label: "Q4 1997" });
  await page.getByRole("heading", { level: 1, name: "Q4 1997" }).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  await compare(page, "1997-10-01", "1998-01-01");
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("two files, a folder, the same file twice, another one while one is read", async () => {
  const page = await visit();
  const shop = (customer) => `customer,date,amount,currency\n${customer},2024-01-03,5,EUR\n${customer},2024-02-05,5,EUR\n`;
  await drop(page, "a.csv", shop("a"), "b.csv", shop("b"));
  await page.getByRole("heading", { name: "These are several files" }).waitFor();
  assert.match(await page.locator(".problem").innerText(), /a\.csv, b\.csv/);

  const folder = mkdtempSync(`${tmpdir()}/regulars-`);
  writeFileSync(`${folder}/orders.csv`, shop("a"));
  const client = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"]) await client.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data: { items: [], files: [folder], dragOperationsMask: 1 } });
  await page.getByRole("heading", { name: "This is a folder" }).waitFor();
  rmSync(folder, { recursive: true });

  for (let time = 0; time < 2; time++) {
    await drop(page, "a.csv", shop("a"));
    await ready(page);
    await page.getByLabel("Period", { exact: true }).selectOption({ label: "All of it" });
    await page.getByText("exactly €10.00").waitFor();
  }
  // Three at once: what was dropped last holds.
  await Promise.all([drop(page, "b.csv", shop("b")), drop(page, "c.csv", shop("c")), drop(page, "a.csv", shop("a"))]);
  await page.locator(".file", { hasText: /^[abc].csv$/ }).waitFor();
  await drop(page, "d.csv", shop("d"));
  await page.locator(".file", { hasText: "d.csv" }).waitFor();
  await ready(page);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

test("2 GB: read in slices, the page stays free, and it can be cancelled", async () => {
  const page = await visit();
  // Two gigabytes that need no memory: the same blob over and over.
  await page.evaluate(() => {
    const rows = Array.from({ length: 100_000 }, (_, at) => `customer-${at % 30_000},2024-0${1 + (at % 9)}-1${at % 10},${1 + (at % 90)}.50,EUR\n`);
    const part = new Blob([rows.join("")]);
    const parts = Array.from({ length: Math.ceil(2e9 / part.size) }, () => part);
    const transfer = new DataTransfer();
    transfer.items.add(new File(["customer,date,amount,currency\n", ...parts], "huge.csv"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  const progress = page.getByRole("progressbar");
  await progress.waitFor();
  await page.waitForFunction(() => document.querySelector("progress")?.value > 0.01);
  await page.getByRole("button", { name: /^Colours/ }).click();
  await page.locator('html[data-theme="light"]').waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Look at a demo shop" }).click();
  await ready(page);
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});
