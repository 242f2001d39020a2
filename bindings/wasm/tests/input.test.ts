/** What goes in: columns of every kind give the same history, and what is wrong is said. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  average, benchmarks, cohortGrain, columnsOf, concentration, currency, definition, definitions, ERROR_CODES, errorCodes, EventLog, formula,
  init, money, OrderHistory, period, policy, RegularsError, SegmentRule, toJson, zone, type OrderTable,
} from "regulars";

const text = (name: string) => readFileSync(new URL(`../../../../tests/fixtures/import/${name}`, import.meta.url));

/** Three orders of two customers, in the plainest form. */
const PLAIN: OrderTable = {
  placedAt: ["2024-05-17", "2024-05-18", "2024-06-02"],
  amount: ["35.20", "20.00", "18.00"],
  customer: ["ann", "bob", "ann"],
};

function report(orders: OrderTable | OrderTable[], options = {}): string {
  return toJson(OrderHistory.fromColumns(orders, { currency: "USD", ...options }).report())!;
}

function refused(code: string, work: () => unknown, place: Partial<RegularsError> = {}): void {
  assert.throws(work, (error: RegularsError) => {
    assert(error instanceof RegularsError && error instanceof Error && error.name === "RegularsError", String(error));
    assert.equal(error.code, code, error.message);
    for (const [key, value] of Object.entries(place)) assert.equal(error[key as keyof RegularsError], value, error.message);
    return true;
  });
}

const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
const days = ["2024-05-17", "2024-05-18", "2024-06-02"];

test("columns of every kind give the same report", () => {
  const plain = report(PLAIN);
  const placedAt: OrderTable["placedAt"][] = [
    Int32Array.from(days, (day) => Date.parse(day) / 86_400_000),
    { codes: Uint32Array.of(2, 0, 1), values: ["2024-05-18", "2024-06-02", "2024-05-17"] },
    days.map((day) => `${day} 23:59:59`),
    days.map((day) => `${day}T23:59`),
  ];
  for (const column of placedAt) assert.equal(report({ ...PLAIN, placedAt: column }), plain);

  const amounts: Partial<OrderTable>[] = [
    { amount: [35.2, 20, 18] },
    { amount: Float64Array.of(35.2, 20, 18) },
    { amount: [3520n, 2000n, 1800n] },
    { amount: BigInt64Array.of(3520n, 2000n, 1800n) },
    { amount: [3520, 2000, 1800], amountUnit: "minor" },
    { amount: Uint32Array.of(3520, 2000, 1800), amountUnit: "minor" },
    { amount: [35.2, 20, 18], decimals: 1 },
  ];
  for (const column of amounts) assert.equal(report({ ...PLAIN, ...column }), plain);

  const customers: OrderTable["customer"][] = [
    { codes: Uint32Array.of(1, 0, 1), values: ["bob", "ann"] },
    [17, 4, 17],
    [17n, 4n, 17n],
    BigInt64Array.of(17n, 4n, 17n),
    Uint32Array.of(17, 4, 17),
    ["17", "4", "17"],
  ];
  for (const column of customers) assert.equal(report({ ...PLAIN, customer: column }), plain);

  const [first, ...rest] = [0, 1, 2].map((row) => ({
    placedAt: [days[row]!], amount: [["35.20", "20.00", "18.00"][row]!], customer: [["ann", "bob", "ann"][row]!],
  }));
  assert.equal(report([first!, ...rest]), plain);
});

test("instants of every kind fall on the day of the zone", () => {
  const options = { zone: "America/New_York" };
  // An hour before midnight UTC is an afternoon in New York; two hours after it still the day before.
  const instants = days.map((day) => Date.parse(`${day}T00:00:00Z`) + 26 * 3_600_000);
  const expected = report({ ...PLAIN, placedAt: instants.map((at) => new Date(at).toISOString()) }, options);
  const same = JSON.parse(report(PLAIN, options));
  assert.deepEqual(JSON.parse(expected).timeline, same.timeline);
  for (const placedAt of [
    instants.map((at) => new Date(at)),
    instants,
    Float64Array.from(instants),
    BigInt64Array.from(instants, BigInt),
  ]) {
    assert.equal(report({ ...PLAIN, placedAt }, options), expected);
  }
  const seconds = BigInt64Array.from(instants, (at) => BigInt(at / 1000));
  assert.equal(report({ ...PLAIN, placedAt: seconds, timeUnit: "s" }, options), expected);
});

test("the last nanosecond of a day is of that day, whatever holds it", () => {
  // 2024-05-17T00:00:00Z is second 1,715,904,000.
  const last = 1_715_903_999_999_999_999n;
  const day = (placedAt: OrderTable["placedAt"], timeUnit: OrderTable["timeUnit"] = "ns") =>
    OrderHistory.fromColumns({ placedAt, amount: [1], timeUnit }, { currency: "USD" }).span().start;
  for (const column of [[last], BigInt64Array.of(last), BigUint64Array.of(last)]) assert.equal(day(column), "2024-05-16");
  for (const column of [[last + 1n], BigInt64Array.of(last + 1n), BigUint64Array.of(last + 1n)]) assert.equal(day(column), "2024-05-17");
  assert.equal(day([last / 1000n], "us"), "2024-05-16");
  // Before 1970 too, where whole numbers are cut towards later.
  for (const column of [[-1n], BigInt64Array.of(-1n)]) assert.equal(day(column), "1969-12-31");
  // Beside missing cells too: what was paid back on the 3rd is not yet known at the end of the 2nd.
  const revenue = (refundedOn: bigint) =>
    OrderHistory.fromColumns({ ...PLAIN, refunded: ["1.00", null, null], refundedOn: [refundedOn, null, undefined], timeUnit: "ns" }, { currency: "USD", observedUntil: "2024-06-03" }).summary().revenue.amount;
  const midnight = BigInt(Date.parse("2024-06-03")) * 1_000_000n;
  assert.deepEqual([revenue(midnight - 1n), revenue(midnight)], ["72.20", "73.20"]);
});

test("missing cells are missing", () => {
  const orders: OrderTable = {
    ...PLAIN,
    customer: [null, "", undefined],
    email: ["ann@example.com", null, "ann@example.com"],
    orderId: [1, null, 3],
    refunded: [null, 5, undefined],
    refundedOn: [null, new Date(noon("2024-05-20")), null],
    status: ["paid", null, ""],
    channel: [null, "fair", undefined],
    cost: Float64Array.of(NaN, 10, NaN),
  };
  const summary = OrderHistory.fromColumns(orders, { currency: "USD" }).summary();
  assert.deepEqual([summary.customers, summary.unidentified.numerator, summary.revenue.amount], [1, 1, "68.20"]);
});

test("text of any language stays itself", () => {
  const customer = ["Zoë", "🛒", "a\nb"];
  const history = OrderHistory.fromColumns({ ...PLAIN, customer }, { currency: "USD" });
  assert.deepEqual([...history.rfm().columns.customer].sort(), [...customer].sort());
  assert.equal(history.ordersOf("🛒").length, 1);
});

/** Orders that the types refuse. */
const built = (orders: object | object[], options: object = { currency: "USD" }) => () => OrderHistory.fromColumns(orders as OrderTable, options as { currency: string });

test("cells of one column are of one kind, whichever stands first", () => {
  const mixed = (column: string, cells: unknown[], row: number, message: RegExp) => {
    const orders = { ...PLAIN, [column]: cells };
    refused("invalid_argument", built(orders), { row, column });
    assert.throws(built(orders), message);
  };
  const date = new Date(noon("2024-05-17"));
  mixed("amount", [3520n, 20, 18], 1, /^RegularsError: row 1, column `amount`: `20` is a number, but row 0 has a bigint: /);
  mixed("amount", [null, 35.2, "20.00"], 2, /`20.00` is a text, but row 1 has a number/);
  mixed("amount", ["35.20", 20, 18], 1, /`20` is a number, but row 0 has a text/);
  mixed("amount", ["35.20", true, 18], 1, /`true` is not a number or a bigint or a text/);
  mixed("placedAt", [date, "", date], 1, /`` is a text, but row 0 has a Date/);
  mixed("placedAt", [date, "2024-05-18", date], 1, /`2024-05-18` is a text, but row 0 has a Date/);
  mixed("placedAt", [date, true, date], 1, /`true` is not a Date or a number or a bigint or a text/);
  mixed("placedAt", [noon("2024-05-17"), date, date], 1, /is a Date, but row 0 has a number/);
  mixed("customer", ["a", { id: 2 }, { id: 3 }], 1, /an object is not a text or a number or a bigint/);
  mixed("customer", [1, "bob", 1], 1, /`bob` is a text, but row 0 has a number/);
  mixed("status", ["paid", 1, "paid"], 1, /`1` is not a text/);
  // Rows are counted over all chunks, by what reads columns here as by the core.
  refused("invalid_argument", built([PLAIN, { ...PLAIN, customer: [1, 2.5, 3] }]), { row: 4, column: "customer" });
  refused("invalid_date", built([PLAIN, { ...PLAIN, placedAt: ["2024-05-17", "x", "2024-05-17"] }]), { row: 4, column: "placedAt" });
  refused("missing_value", built([PLAIN, { ...PLAIN, amount: [1, null, 2] }]), { row: 4, column: "amount" });
  // As the names are in JavaScript, in the message too.
  assert.throws(built({ ...PLAIN, placedAt: ["2024-05-17", null, null] }), /row 1, column `placedAt`: /);
  assert.throws(() => OrderHistory.fromCsv("customer,date,amount\nann,17/05/2024,3\n", { currency: "USD" }), /name the dateFormat, which/);
  // The user's own names and cells stay as they are.
  const file = (text: string, options = {}) => () => OrderHistory.fromCsv(text, { currency: "USD", ...options });
  assert.throws(file("customer,date_format,amount\nann,2024-05-17,3\n", { mapping: { placedAt: "date_form" } }), /did you mean `date_format`\? The columns are `customer`, `date_format`, `amount`/);
  assert.throws(file("customer,date_format,amount\nann,17/05/2024,3\n", { mapping: { placedAt: "date_format" } }), /column `date_format`: .* name the dateFormat, which/);
  // Options between backticks are options still.
  assert.throws(built(PLAIN, { currency: "USD", observedUntil: "2024-01-01" }), /^RegularsError: `observedUntil` is 2024-01-01/);
  assert.throws(built({ ...PLAIN, currency: ["USD", "EUR", "USD"] }), /`otherCurrencies`: `leave_out`/);
});

test("what is no list of cells is refused, and rows are made columns", () => {
  const rows = [
    { placedAt: "2024-05-17", amount: "35.20", customer: "ann" },
    { placedAt: "2024-05-18", amount: "20.00", customer: "bob" },
    { placedAt: "2024-06-02", amount: "18.00", customer: "ann" },
  ];
  refused("invalid_argument", built(rows), { column: "placedAt", message: "column `placedAt`: `2024-05-17` is no list of cells, one for each row: `columnsOf(rows)` makes columns of rows" });
  assert.equal(report(columnsOf(rows)), report(PLAIN));
  const some: { placedAt: string; amount: number; refunded?: number }[] = [{ placedAt: "2024-05-17", amount: 3 }, { placedAt: "2024-05-17", amount: 3, refunded: 1 }];
  assert.deepEqual(columnsOf(some), { placedAt: ["2024-05-17", "2024-05-17"], amount: [3, 3], refunded: [undefined, 1] });
  assert.equal(OrderHistory.fromColumns(columnsOf(some), { currency: "EUR" }).summary().revenue.amount, "5.00");
  for (const [row, rows] of [[0, [null]], [1, [{ placedAt: "2024-05-17" }, 5]], [undefined, null], [undefined, {}]] as const) {
    refused("invalid_argument", () => columnsOf(rows as unknown as object[]), { row: row as number });
  }
  for (const orders of [null, "orders", 5, [null]]) refused("invalid_argument", built(orders as object));
  refused("invalid_argument", built({ ...PLAIN, customer: "" }), { column: "customer" });
  refused("invalid_argument", built({ ...PLAIN, amount: 5 }), { column: "amount" });
  refused("invalid_argument", built({ ...PLAIN, customer: { codes: [0, 0, 0], values: ["ann"] } }), { column: "customer" });
  refused("invalid_argument", built({ ...PLAIN, status: Float64Array.of(1, 2, 3) }), { column: "status" });
  refused("missing_argument", built({ ...PLAIN, placedAt: null }));
});

test("numbers are read as the units say, and units are checked", () => {
  const seconds = days.map((day) => noon(day) / 1000);
  const expected = report({ ...PLAIN, placedAt: seconds.map((at) => new Date(at * 1000)) });
  for (const [timeUnit, per] of [["s", 1], ["ms", 1e3], ["us", 1e6], ["ns", 1e9]] as const) {
    for (const placedAt of [seconds.map((at) => at * per), Float64Array.from(seconds, (at) => at * per), BigInt64Array.from(seconds, (at) => BigInt(at * per))]) {
      assert.equal(report({ ...PLAIN, placedAt, timeUnit }), expected, timeUnit);
    }
  }
  // Seconds that nobody said are seconds.
  for (const placedAt of [seconds, Float64Array.from(seconds), BigInt64Array.from(seconds, BigInt)]) {
    refused("invalid_argument", built({ ...PLAIN, placedAt }), { row: 0, column: "placedAt" });
    assert.match(report({ ...PLAIN, placedAt, timeUnit: "ms" }), /"start":"1970-01-/);
  }
  refused("invalid_argument", built({ ...PLAIN, placedAt: days.map(noon), refundedOn: [NaN, 1e300, NaN] }), { row: 1, column: "refundedOn" });

  assert.equal(report({ ...PLAIN, amount: BigInt64Array.of(35n, 20n, 18n), amountUnit: "main" }), report({ ...PLAIN, amount: [35, 20, 18] }));
  assert.equal(report({ ...PLAIN, amount: [35n, 20n, 18n], amountUnit: "main" }), report({ ...PLAIN, amount: [35, 20, 18] }));
  refused("invalid_argument", built({ ...PLAIN, amount: [2n ** 60n, 20n, 18n], amountUnit: "main" }), { row: 0 });
  refused("invalid_option", built({ ...PLAIN, amountUnit: "cents" }), { message: '`amountUnit`: expected one of "minor", "main", not `cents`' });
  refused("invalid_argument", built({ ...PLAIN, placedAt: Int32Array.of(19_000, 19_001, 19_002), timeUnit: "s" }), { column: "placedAt" });
  refused("invalid_option", built({ ...PLAIN, timeUnit: "sec" }), { message: '`timeUnit`: expected one of "s", "ms", "us", "ns", not `sec`' });
  for (const decimals of [2.5, -1, 13, "2", NaN]) refused("invalid_option", built({ ...PLAIN, amount: [1, 2, 3], decimals }));
  refused("invalid_option", built({ ...PLAIN, amount: [1n, 2n, 3n], decimals: 3 }));
  refused("invalid_argument", built({ ...PLAIN, amountUnit: "minor" }), { column: "amount" });
});

test("a `Date` is a day of the shop's", () => {
  // Midnight in Berlin, two hours before midnight UTC; and midnight UTC, which a text without a time is to `Date`.
  const dates = [new Date("2024-07-01T00:00:00+02:00"), new Date("2024-07-01")];
  for (const date of dates) {
    const shop = OrderHistory.fromColumns(PLAIN, { currency: "USD", zone: "Europe/Berlin", observedUntil: date, historyStarts: new Date(+date - 61 * 86_400_000) });
    assert.deepEqual([shop.observedUntil(), shop.options().historyStarts], ["2024-07-01", "2024-05-01"]);
    assert.equal(shop.observeUntil(date).observedUntil(), "2024-07-01");
    assert.deepEqual(shop.during({ start: date, end: "2024-08-01" }).period(), { start: "2024-07-01", end: "2024-08-01" });
    assert.equal(shop.report({ period: { start: date, end: "2024-08-01" } }).headlines.period.start, "2024-07-01");
    assert.equal(shop.segmentOverview(new Date(+date - 40 * 86_400_000)).json, shop.segmentOverview("2024-05-22").json);
  }
  // West of Greenwich too.
  const york = OrderHistory.fromColumns(PLAIN, { currency: "USD", zone: "America/New_York", observedUntil: "2024-07-01" });
  for (const date of [new Date("2024-06-20T00:00:00-04:00"), new Date("2024-06-20"), new Date("2024-06-20T23:59:59-04:00")]) {
    assert.equal(york.observeUntil(date).observedUntil(), "2024-06-20");
  }
  // Where no zone is known, nothing is guessed.
  const nowhere = OrderHistory.fromColumns(PLAIN, { currency: "USD" });
  assert.equal(nowhere.observeUntil(dates[1]!).observedUntil(), "2024-07-01");
  refused("invalid_option", () => nowhere.observeUntil(dates[0]!));
  refused("invalid_option", built(PLAIN, { currency: "USD", observedUntil: dates[0] }));
  assert.deepEqual(period.of(dates[1]!, "2024-08-01"), { start: "2024-07-01", end: "2024-08-01" });
  refused("invalid_option", () => period.of(dates[0]!, "2024-08-01"));
  refused("invalid_option", () => nowhere.observeUntil(new Date(NaN)));
  refused("invalid_date", () => nowhere.observeUntil(5 as unknown as string));
  for (const wrong of [undefined, null, 5, {}, { start: "2024-01-01" }, new Date()]) refused("invalid_period", () => nowhere.during(wrong as never));
});

test("a currency is taken as results have it, in every place", () => {
  const history = OrderHistory.fromColumns({ ...PLAIN, currency: ["GBP:3", "GBP", null] }, { currency: "GBP:3" });
  const { currency: found, amount } = history.summary().revenue;
  assert.deepEqual([found, amount], ["GBP:3", "73.200"]);
  assert.deepEqual(currency(found), { code: "GBP", decimals: 3 });
  assert.equal(money.toNumber(money.parse("1.239", found)), 1.239);
  assert.deepEqual(money.fromMinor(1239, found), { amount: "1.239", currency: found });
  assert.deepEqual(average("1.239", 1, found).total, { amount: "1.239", currency: found });
  assert.equal(formula.grossRevenueRetention({ before: "1.000", churned: "0.125", contraction: "0", currency: found }).value, 0.875);
  assert.equal(concentration([1239], found).data.revenue.amount, "1.239");
});

test("errors have codes, and the list has them all", () => {
  const codes = (path: string, list: RegExp) => {
    const [, found] = list.exec(readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8"))!;
    return [...found!.matchAll(/"(\w+)"/g)].map(([, code]) => code!);
  };
  const known = [
    ...errorCodes(),
    ...codes("crates/regulars-import/src/error.rs", /\n    Io => ([^}]*)\n}/),
    ...codes("bindings/calls/src/error.rs", /const CODES[^=]*=([^;]*);/),
  ];
  for (const file of readdirSync(new URL("../../js/", import.meta.url)).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(new URL(`../../js/${file}`, import.meta.url), "utf8");
    known.push(...[...text.matchAll(/new RegularsError\(\s*"(\w+)"/g)].map(([, code]) => code!));
  }
  assert(known.includes("io") && known.includes("unknown_call") && known.includes("worker_failed"));
  assert.deepEqual([...ERROR_CODES].sort(), [...new Set(known)].sort());

  const kept = SegmentRule.fit(OrderHistory.fromColumns(PLAIN, { currency: "USD" })).data;
  for (const wrong of ["{", "{}", "null", "5", JSON.stringify({ ...kept, outlook: undefined })]) refused("invalid_option", () => SegmentRule.from(wrong));
  for (const wrong of [{}, null, undefined, "rule"]) refused("invalid_option", () => SegmentRule.from(wrong as never));
  assert.deepEqual(SegmentRule.from(kept).data, kept);
  refused("invalid_option", () => zone.date("UTC", new Date(NaN)));
});

test("figures go by the names of their properties too", () => {
  assert.equal(definition("retentionRate")!.name, "retention_rate");
  assert.deepEqual(definition("retentionRate"), definition("retention_rate"));
  assert(benchmarks("repeatCustomerRate").length > 0);
  assert.deepEqual(benchmarks("repeatCustomerRate"), benchmarks("repeat_customer_rate"));
});

test("what is wrong with columns is said, with its place", () => {
  const build = (orders: object, options: object = { currency: "USD" }) => () =>
    OrderHistory.fromColumns(orders as OrderTable, options as { currency: string });
  refused("invalid_date", build({ ...PLAIN, placedAt: ["2024-05-17", "18.05.2024", "x"] }), { row: 1, column: "placedAt" });
  refused("invalid_amount", build({ ...PLAIN, amount: ["1", "2", "x"] }), { row: 2, column: "amount" });
  refused("amount_too_fine", build({ ...PLAIN, amount: [1, 2, 0.005] }), { row: 2, column: "amount" });
  refused("missing_value", build({ ...PLAIN, amount: [1, null, 2] }), { row: 1, column: "amount" });
  refused("missing_value", build({ ...PLAIN, placedAt: ["2024-05-17", null, "2024-05-18"] }), { row: 1, column: "placedAt" });
  refused("unequal_columns", build({ ...PLAIN, customer: ["ann"] }));
  refused("invalid_argument", build({ ...PLAIN, customer: [1, 2.5, 3] }), { row: 1, column: "customer" });
  refused("invalid_argument", build({ ...PLAIN, placedAt: [new Date(NaN), new Date(0), new Date(0)] }), { row: 0 });
  refused("unknown_argument", build({ ...PLAIN, customers: ["a", "b", "c"] }));
  refused("missing_argument", build({ amount: [1] }));
  refused("invalid_option", build(PLAIN, { currency: "USD", zon: "UTC" }));
  refused("invalid_option", build(PLAIN, { currency: "USD", zone: "Europe/Berlim" }));
  refused("invalid_option", build(PLAIN, { currency: "USD", zone: "europe/berlin" }));
  refused("invalid_option", build(PLAIN, { currency: "USD", warmUpDays: NaN }));
  refused("invalid_option", build(PLAIN, {}));
  refused("no_orders", build({ placedAt: [], amount: [] }));
  refused("invalid_dictionary_code", build({ ...PLAIN, customer: { codes: Uint32Array.of(0, 9, 0), values: ["ann"] } }), { row: 1 });
  const history = OrderHistory.fromColumns(PLAIN, { currency: "USD" });
  refused("invalid_option", () => history.cohorts({ grian: "month" } as object), {
    message: "there is no option `grian` here: did you mean `grain`? There are `grain`, `maxIndex`",
  });
  refused("invalid_option", () => history.rfm({ bins: "5" } as object), {
    message: '`bins`: expected a whole number from 0 to 255, not "5"',
  });
  refused("invalid_option", () => history.withCustomers([{ key: "ann" }, { key: "bob", complaints: -1 }]), {
    message: "`customers[1].complaints`: expected a whole number from 0 to 4294967295, not -1",
  });
  refused("invalid_period", () => history.during("2024-13"));
});

test("files are recognised, and what is wrong with them is said", () => {
  const shopify = OrderHistory.fromCsv(text("shopify.csv"), { zone: "America/New_York" });
  assert.equal(shopify.import!.source, "shopify");
  assert(shopify.import!.notes.every((note) => note.sentence.endsWith(".")));
  assert.equal(OrderHistory.fromCsv(text("woocommerce_orders.csv"), { currency: "EUR" }).import!.source, "woo_commerce");
  assert.equal(OrderHistory.fromCsv("customer,date,amount,currency\nann,2024-05-17,3,USD\n").import!.source, "csv");

  const reading = (content: string | Uint8Array, options = {}) => () => OrderHistory.fromCsv(content, options);
  refused("empty_file", reading(""));
  refused("empty_file", reading("\ufeff\n \n"));
  refused("no_orders", reading("customer,date,amount\n", { currency: "USD" }));
  refused("not_csv", reading(Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0)));
  refused("not_csv", reading("%PDF-1.7\n"));
  refused("utf16", reading(Uint8Array.of(0xff, 0xfe, 0x64, 0)));
  refused("missing_columns", reading("name,colour\nann,red\n"));
  refused("missing_customer", reading("date,amount\n2024-05-17,3\n"));
  refused("unequal_fields", reading("customer,date,amount\nann,2024-05-17\n", { currency: "USD" }), { line: 2 });
  refused("woocommerce_analytics", reading(text("woocommerce_analytics_en.csv")));
  refused("invalid_date", reading("customer,date,amount\nann,17/05/2024,3\n", { currency: "USD" }), { line: 2, column: "date" });
  refused("invalid_option", reading("", { curency: "USD" }));
  refused("invalid_option", () => OrderHistory.fromCsv(5 as unknown as string));
  // And all of it goes on working.
  assert.equal(OrderHistory.fromColumns(PLAIN, { currency: "USD" }).summary().orders, 3);
});

test("a reading says how far it is, and what is thrown ends it", () => {
  const line = "customer-with-a-long-name,2024-05-17,3.00,USD\n";
  const file = new TextEncoder().encode(`customer,date,amount,currency\n${line.repeat(60_000)}`);
  const seen: number[] = [];
  OrderHistory.fromCsv(file, {}, (bytes, total) => void seen.push(bytes / total));
  assert(seen.length === 3 && seen[0]! < seen[1]! && seen[2] === 1, String(seen));
  const stop = new Error("enough");
  assert.throws(() => OrderHistory.fromCsv(file, {}, () => { throw stop; }), (error) => error === stop);
});

test("zones by their transitions are those of the zone database", () => {
  // The days around every change of 2011 to 2026, and of the odd ones out, hour by hour, against `Intl` itself.
  for (const name of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu"]) {
    const intl = new Intl.DateTimeFormat("sv-SE", { timeZone: name, dateStyle: "short" });
    for (let at = Date.UTC(2011, 0, 1); at < Date.UTC(2012, 0, 3); at += 3_600_000) {
      assert.equal(zone.date(name, new Date(at)), intl.format(at), `${name} ${new Date(at).toISOString()}`);
    }
    for (let at = Date.UTC(2012, 0, 1); at < Date.UTC(2027, 0, 1); at += 37 * 3_600_000) {
      assert.equal(zone.date(name, new Date(at)), intl.format(at), `${name} ${new Date(at).toISOString()}`);
    }
  }
});

test("a history knows its zone by name", () => {
  const history = OrderHistory.fromColumns(PLAIN, { currency: "USD", zone: "Europe/Berlin" });
  assert.equal(history.options().zone, "Europe/Berlin");
  assert.equal(history.summary().zone, "Europe/Berlin");
});

test("definitions, policies and grains have their words", () => {
  assert(definitions().some(({ name, formula }) => name === "repeat_customer_rate" && formula.length > 10));
  assert.equal(policy.nameOf(policy.preset("shopify")), "shopify");
  assert.equal(policy.nameOf({ ...policy.preset("shopify"), countZeroAmount: !policy.preset("shopify").countZeroAmount }), "custom");
  assert.equal(cohortGrain.days(30), "30-days");
});

test("tables have rows, columns and data, and memory is given back", async () => {
  await init();
  const history = OrderHistory.fromColumns(PLAIN, { currency: "USD" });
  const months = history.timeline("month");
  assert.equal(months.length, 2);
  assert.deepEqual(months.rows().map(({ start, customers, revenue, revenueMinor }) => [start, customers, revenue, revenueMinor]), [
    ["2024-05-01", 2, 55.2, 5520],
    ["2024-06-01", 1, 18, 1800],
  ]);
  assert.deepEqual(months.columns.revenueMinor, BigInt64Array.of(5520n, 1800n));
  assert.deepEqual(months.data.periods.map(({ revenue }) => revenue.amount), ["55.20", "18.00"]);
  assert.equal(JSON.stringify(months), JSON.stringify(months.data));
  months.free();
  assert.equal(months.rows().length, 2, "what was read stays");
  assert(history.heapBytes > 0);
  history.free();
  assert.throws(() => history.summary());
});

test("a log of events from columns is what the events in a list are, and says what it left out", () => {
  const history = OrderHistory.fromColumns(
    { customer: ["ann", "bob", "ann"], placedAt: ["2024-01-05", "2024-01-20", "2024-02-05"], amount: [5, 6, 7] },
    { currency: "EUR" },
  );
  const events = [
    { happened: "2024-01-06", kind: "email_delivered", customer: "ann", campaign: "a" },
    { happened: "2024-01-07", kind: "email_opened", customer: "ann", campaign: "a" },
    { happened: "2024-01-08", kind: "visit", customer: "bob", value: 30 },
    { happened: "2024-01-09", kind: "visit", value: 20 },
  ] as const;
  const cells = <T>(of: (event: (typeof events)[number] & { customer?: string; campaign?: string; value?: number }) => T) => events.map(of);
  const table = {
    happenedAt: cells(({ happened }) => happened),
    kind: cells(({ kind }) => kind),
    customer: cells(({ customer }) => customer ?? null),
    campaign: cells(({ campaign }) => campaign ?? null),
    value: cells(({ value }) => value ?? null),
  };
  const expected = history.during("2024-01").engagement(events).json;
  const log = EventLog.fromColumns(table);
  assert.equal(history.during("2024-01").engagement(log).json, expected);
  assert.deepEqual([log.length, log.unidentified, log.unknownKinds], [4, 1, []]);
  // In chunks, with days as numbers, kinds by their places, and in the words of others.
  const days = Int32Array.from(table.happenedAt, (day) => Date.parse(day) / 86_400_000);
  const part = (from: number, to: number) => ({
    happenedAt: days.subarray(from, to),
    kind: { codes: Uint32Array.from([0, 1, 2, 2]).subarray(from, to), values: ["Received Email", "Opened Email", "visit"] },
    customer: table.customer.slice(from, to),
    campaign: table.campaign.slice(from, to),
    value: Float64Array.from(table.value, (value) => value ?? NaN).subarray(from, to),
  });
  assert.equal(history.during("2024-01").engagement(EventLog.fromColumns([part(0, 1), part(1, 4)])).json, expected);

  const strange = { happenedAt: ["2024-01-06", "2024-01-07"], kind: ["dance", "visit"], customer: ["ann", "ann"] };
  assert.throws(() => EventLog.fromColumns(strange), { code: "unknown_event_kind", row: 0, column: "kind" });
  assert.deepEqual(EventLog.fromColumns(strange, { unknownKinds: "leave_out" }).unknownKinds, [{ kind: "dance", events: 1 }]);
  assert.throws(() => EventLog.fromColumns({ kind: ["visit"] } as never), { code: "missing_argument" });
  assert.throws(() => EventLog.fromColumns({ ...table, amount: [1] } as never), { code: "unknown_argument" });
  assert.throws(() => EventLog.fromColumns(table, { zoen: "UTC" } as never), { code: "invalid_option" });
  assert.throws(() => EventLog.fromColumns({ ...table, customer: ["ann"] }), { code: "unequal_columns" });
  const values = table.kind.map((_, row) => (row === 1 ? "x" : row));
  assert.throws(() => EventLog.fromColumns({ ...table, value: values } as never), { code: "invalid_argument", row: 1, column: "value" });
  assert.throws(() => history.during("2024-01").engagement(log, { zone: "UTC" }), { code: "invalid_option" });
  log.free();
  assert.throws(() => history.during("2024-01").engagement(log), { code: "freed" });
});
