/** What goes in: columns of every kind give the same history, and what is wrong is said. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cohortGrain, definitions, EventLog, init, OrderHistory, policy, RegularsError, toJson, zone, type OrderTable } from "regulars";

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
