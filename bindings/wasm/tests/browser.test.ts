/** The package in Debian's Chromium: in the page, and in a worker. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { open, serve, skip } from "./chromium.js";
import { holdTo, holdToEnd, read } from "./files.js";
import type { EventTable, Migration, OrderHistory, SegmentRule, Window } from "regulars";
import type { RemoteHistory, SegmentRule as RemoteRule } from "regulars/worker";
import type { Found } from "./run.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const IMPORTS = { imports: { "regulars": "/dist/index.js", "regulars/worker": "/dist/worker.js" } };
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="importmap">${JSON.stringify(IMPORTS)}</script>`;

let server: Awaited<ReturnType<typeof serve>>;
let browser: BrowserContext;
let page: Page;
const problems: string[] = [];

before(async () => {
  if (skip) return;
  server = await serve(root, PAGE);
  browser = await open();
  page = await browser.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("every case gives the bytes that Rust gives", { skip }, async () => {
  const found = await page.evaluate(async (files) => {
    const { init } = await import("regulars");
    await init();
    const { runAll } = (await import("/tests/out/run.js" as string)) as typeof import("./run.js");
    return runAll(files) as Found[];
  }, read());
  holdTo(found);
});

/** A shop of so many orders, made in the page. */
async function shop(orders: number): Promise<void> {
  await page.evaluate((orders) => {
    const lines = ["order_id,customer,date,amount"];
    for (let i = 0; i < orders; i++) {
      const day = new Date(Date.UTC(2022, 0, 1) + (i % 1000) * 86_400_000).toISOString().slice(0, 10);
      lines.push(`${i},c${(i * 7919) % (orders / 4)},${day},${(i % 90) + 10}.50`);
    }
    (globalThis as { shop?: File }).shop = new File([lines.join("\n")], "orders.csv");
  }, orders);
}

test("a worker gives what the page gives, says how far it is, and leaves the page free", { skip }, async () => {
  await shop(200_000);
  const seen = await page.evaluate(async () => {
    const here = await import("regulars");
    const there = await import("regulars/worker");
    const file = (globalThis as unknown as { shop: File }).shop;
    const progress: number[] = [];
    let [frames, longest, last, running] = [0, 0, performance.now(), true];
    const frame = () => {
      const now = performance.now();
      [frames, longest, last] = [frames + 1, Math.max(longest, now - last), now];
      if (running) setTimeout(frame, 0);
    };
    frame();
    const history = await there.OrderHistory.fromCsv(file, { currency: "EUR" }, { progress: (bytes, total) => progress.push(bytes / total) });
    const report = await history.report();
    const remote = {
      report: there.toJson(report),
      rate: await history.during("2023").repeatCustomerRate(),
      shares: (await history.cohorts({ grain: "quarter" }).table("returned_in", "rate")).rows(),
      values: await history.cohorts({ grain: "quarter" }).table("returned_in", "rate").values(),
      segments: [...new Set((await history.rfm()).columns.segment)].sort(),
    };
    running = false;
    const local = await here.OrderHistory.fromFile(file, { currency: "EUR" });
    const table = local.cohorts({ grain: "quarter" }).table("returned_in", "rate");
    const same = {
      report: here.toJson(local.report()),
      rate: local.during("2023").repeatCustomerRate(),
      shares: table.rows(),
      values: table.values(),
      segments: [...new Set(local.rfm().columns.segment)].sort(),
    };
    const mistakes: string[] = [];
    for (const wrong of [history.during("2023-13").period(), history.rfm({ bins: 99 }), there.OrderHistory.fromCsv("a,b\n1,2\n")]) {
      await Promise.resolve(wrong).catch((error: InstanceType<typeof here.RegularsError>) => mistakes.push(`${error.name} ${error.code}`));
    }
    const after = await history.during("2023").purchaseFrequency();
    // Of what has left its worker, what can be asked is, and the rest says where it is asked.
    const left = await history.cohorts({ grain: "quarter" }).table("returned_in", "rate");
    const [arrived, iterated] = [left.values(), [...left].length === left.length];
    const late = await history.segments().then((segments) => {
      try {
        return (segments as unknown as { explain(customer: string): unknown }).explain("c1");
      } catch (error) {
        const { name, code, message } = error as InstanceType<typeof here.RegularsError>;
        return `${name} ${code}: ${message}`;
      }
    });
    history.free();
    const freed = await history.summary().catch((error: { code: string }) => error.code);
    return { arrived, iterated, late, remote, same, progress, frames, longest, mistakes, after, freed, source: history.import?.source };
  });
  assert.deepEqual(seen.remote, seen.same);
  assert.deepEqual(seen.arrived, seen.same.values);
  assert(seen.iterated);
  assert.match(String(seen.late), /^RegularsError invalid_argument: `explain` is asked on the way/);
  assert(seen.remote.report!.length > 1000 && seen.remote.values.length > 4);
  assert(seen.progress.length > 2 && seen.progress.at(-1) === 1 && seen.progress.every((at, i) => i === 0 || at > seen.progress[i - 1]!));
  assert(seen.frames > 2, `the page ran ${seen.frames} times meanwhile`);
  assert.deepEqual(seen.mistakes, ["RegularsError invalid_period", "RegularsError invalid_rfm_bins", "RegularsError missing_columns"]);
  assert.equal(seen.after.count, seen.remote.rate.denominator);
  assert.equal(seen.freed, "freed");
  assert.equal(seen.source, "csv");
});

test("a reading is cancelled, and the next one works", { skip }, async () => {
  const seen = await page.evaluate(async () => {
    const { OrderHistory } = await import("regulars/worker");
    const file = (globalThis as unknown as { shop: File }).shop;
    const stop = new AbortController();
    let [told, reason] = [0, ""];
    await OrderHistory.fromCsv(file, { currency: "EUR" }, {
      signal: stop.signal,
      progress: () => {
        told++;
        stop.abort();
      },
    }).catch((error: Error) => (reason = error.name));
    const toldThen = told;
    const history = await OrderHistory.fromCsv(file, { currency: "EUR" });
    const { orders } = await history.summary();
    history.free();
    return { toldThen, told, reason, orders };
  });
  assert.deepEqual(seen, { toldThen: 1, told: 1, reason: "AbortError", orders: 200_000 });
});

test("what is wrong with an opening is said", { skip }, async () => {
  const seen = await page.evaluate(async () => {
    const { OrderHistory, RegularsError, SegmentRule, columnsOf } = await import("regulars/worker");
    const file = new File(["customer,date,amount\nann,2024-05-17,3\nbob,2024-05-18,4\n"], "orders.csv");
    const said = (error: InstanceType<typeof RegularsError>) => (error instanceof RegularsError ? `${error.code}: ${error.message}` : `${error}`);
    const read = (options: object, opening: object) => OrderHistory.fromCsv(file, options, opening).then(() => "read", said);
    const options = { currency: "EUR" };
    const wrong = [
      await read(options, { sginal: null }),
      await read({ ...options, progress: () => undefined }, {}),
      await read({ ...options, zone: () => undefined }, {}),
      await read(null as never, null as never),
      await read(options, { progress: () => { throw new TypeError("enough"); } }),
    ];
    let parsed = "";
    try {
      SegmentRule.from("{}");
    } catch (error) {
      parsed = said(error as InstanceType<typeof RegularsError>);
    }
    const rows = [{ customer: "ann", placedAt: "2024-05-17", amount: 3 }, { customer: "ann", placedAt: new Date().toISOString(), amount: 4 }];
    const history: RemoteHistory = await OrderHistory.fromColumns(columnsOf(rows), options);
    const symbols = [typeof (history as unknown as { [Symbol.iterator]: unknown })[Symbol.iterator], typeof history[Symbol.dispose]];
    const { orders } = await history.summary();
    history[Symbol.dispose]();
    const freed = await history.summary().then(() => "", said);
    return { wrong, parsed, symbols, orders, freed };
  });
  const [unknown, misplaced, unsendable, none, thrown] = seen.wrong as [string, string, string, string, string];
  assert.equal(unknown, "invalid_option: there is no option `sginal` here: there are `progress`, `signal`, `worker`");
  assert.match(misplaced, /^invalid_option: `progress` stands behind the options/);
  assert.match(unsendable, /^invalid_argument: what is given cannot go to a worker: /);
  assert.match(none, /^invalid_option: `options` is an object/);
  assert.equal(thrown, "TypeError: enough");
  assert.match(seen.parsed, /^invalid_option: `rule`: /);
  assert.deepEqual([seen.symbols, seen.orders, seen.freed.split(":")[0]], [["undefined", "function"], 2, "freed"]);
});

test("a page says what keeps the module from being loaded", { skip }, async () => {
  const page = await browser.newPage();
  const strict = await serve(root, PAGE, "script-src 'self' 'unsafe-inline'");
  const open = async (url: string, source?: string) => {
    await page.goto(url);
    return page.evaluate(async (source) => {
      const { init, RegularsError } = await import("regulars");
      return init(source).then(() => "loaded", (error: InstanceType<typeof RegularsError>) => (error instanceof RegularsError ? `${error.code}: ${error.message}` : String(error)));
    }, source);
  };
  try {
    assert.equal(await open(server.url), "loaded");
    assert.match(await open(server.url, "/nowhere.wasm"), /^not_loaded: the WebAssembly module could not be loaded: /);
    assert.match(await open(strict.url), /^not_loaded: .*Content Security Policy/);
    const allowed = await serve(root, PAGE, "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'");
    assert.equal(await open(allowed.url), "loaded");
    allowed.close();
  } finally {
    strict.close();
    await page.close();
  }
});

/** Arguments for every method of a history and of a window; the compiler misses what is not here. */
type Methods<T> = {
  [K in keyof T & string as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (...args: infer Args) => unknown ? Args : never;
};
const CALLS: Omit<Methods<OrderHistory>, "free" | "during" | "merge" | "append" | "observeUntil" | "withCustomers"> = {
  summary: [], span: [], observedUntil: [], options: [], leftOut: [], customerFacts: [], ordersOf: ["c7"], timeline: ["month"],
  flowTimeline: ["month", { lapseAfter: { days: 90 } }], movementTimeline: ["quarter"], cohorts: [{ grain: "quarter" }], rfm: [{ bins: 3 }],
  timeBetweenPurchases: [{ binDays: 10 }], purchaseFunnel: [{ steps: 4 }], timeToSecondPurchase: [{ days: [30, 90] }],
  concentration: [], spendByTenure: [], tenureRatio: [[7, 12], [1, 6]], customers: [], outlook: [], stage: [], segments: [],
  segmentOverview: ["2024-01-01"], returns: [], historicValue: [], historicValueOf: ["c7"], payback: [20, 0.4], report: [], reportText: [],
};
const KIN: Pick<Methods<OrderHistory>, "append" | "observeUntil" | "withCustomers"> = {
  append: [{ customer: ["c7", "new"], placedAt: ["2024-10-01", "2024-11-01"], amount: [12.5, 900] }],
  observeUntil: ["2023-06-01"],
  withCustomers: [[{ key: "nobody", channel: "fair" }, { key: "c7", channel: "search" }]],
};
const PERIOD = "2023";
const IN_PERIOD: Methods<Window> = {
  period: [], buying: [], repeatCustomerRate: [], returningCustomerRate: [], existingCustomerShare: [], purchaseFrequency: [],
  averageOrderValue: [], averageRevenuePerCustomer: [], revenueSplit: [], customerFlow: [], repurchaseRetention: [],
  revenueMovements: [], acquisition: [[{ channel: "search", period: "2023", cost: { amount: "100.00", currency: "EUR" } }]],
  referrals: [{ invitations: 5 }], engagement: [[{ customer: "c7", happened: "2023-05-01", kind: "visit", value: 30 }]],
  simpleValue: [{ length: 2, unit: "year" }], profitFigures: [0.4, 0.6],
};
/** What a rule is asked beside the history, and, of `classifyAfter`, beside the segments before. */
const OF_RULE: { [K in Exclude<keyof Methods<SegmentRule>, "toJSON">]: Methods<SegmentRule>[K] extends [OrderHistory, ...infer Rest] ? (K extends "classifyAfter" ? [] : Rest) : never } = {
  classify: [], classifyAfter: [], backtest: ["2024-01-01", { resamples: 20 }], overview: ["2024-01-01"], stability: [],
};
const OF_MIGRATION: Omit<Methods<Migration>, "rows" | "free" | "toJSON" | "detach"> = { count: ["star", "problem"], unchanged: [], kappa: [] };
const EVENTS: EventTable = {
  happenedAt: ["2023-05-01", "2023-05-02", "2023-06-01", "2023-06-02"],
  kind: ["email_delivered", "email_opened", "visit", "visit"],
  customer: ["c7", "c7", "c8", null],
  campaign: ["spring", "spring", null, null],
  value: [null, null, 30, 20],
};
/** Nothing of the page's history and rule is missing in the worker's. */
const missing: [Exclude<keyof OrderHistory, keyof RemoteHistory> | Exclude<keyof SegmentRule, keyof RemoteRule>] extends [never] ? [] : string = [];

test("a worker answers every call that the page answers, with the same bytes", { skip }, async () => {
  await shop(4_000);
  const seen = await page.evaluate(async ({ calls, kin, inPeriod, period, ofRule, ofMigration, events }) => {
    const here = await import("regulars");
    const there = await import("regulars/worker");
    const file = (globalThis as unknown as { shop: File }).shop;
    type Any = Record<string, (...args: unknown[]) => any>;
    const names = (prototype: object) => Object.getOwnPropertyNames(prototype).sort();
    const local = await here.OrderHistory.fromFile(file, { currency: "EUR" });
    const remote = await there.OrderHistory.fromCsv(file, { currency: "EUR" });
    const text = (result: any) => (typeof result === "object" && result !== null ? here.toJson(result) : JSON.stringify(result));
    const found: Record<string, unknown[]> = {};
    const ask = async (name: string, one: () => unknown, other: () => Promise<unknown>) => {
      const failed = (error: { code?: string; message: string }) => `error ${error.code}: ${error.message}`;
      found[name] = [await Promise.resolve().then(one).then(text, failed), await other().then(text, failed)];
    };
    const [page, worker] = [local as unknown as Any, remote as unknown as Any];
    for (const [name, args] of Object.entries(calls)) await ask(name, () => page[name]!(...args), () => worker[name]!(...args));
    const [days, remoteDays] = [local.during(period) as unknown as Any, remote.during(period) as unknown as Any];
    for (const [name, args] of Object.entries(inPeriod)) {
      await ask(`during.${name}`, () => days[name]!(...args), () => remoteDays[name]!(...args));
    }
    for (const [name, args] of Object.entries(kin)) {
      const made: OrderHistory = page[name]!(...args);
      const same: typeof remote = await worker[name]!(...args);
      await ask(name, () => made.report(), () => same.report());
      await ask(`${name}.customerFacts`, () => made.customerFacts(), () => same.customerFacts());
      await ask(`${name} and on`, () => made.summary(), () => worker[name]!(...args).summary());
      same.free();
    }
    const [rule, remoteRule] = [here.SegmentRule.fit(local, { hysteresis: 0.2 }), await there.SegmentRule.fit(remote, { hysteresis: 0.2 })];
    found["rule"] = [here.toJson(rule.data), here.toJson(remoteRule.data)];
    found["rule kept"] = [JSON.stringify(rule), JSON.stringify(there.SegmentRule.from(JSON.stringify(remoteRule)))];
    const [day, earlier] = ["2024-01-01", await remote.observeUntil("2024-01-01")];
    for (const [name, args] of Object.entries(ofRule)) {
      const before = name === "classifyAfter" ? [rule.classify(local.observeUntil(day))] : [];
      // On the way from a history of its own, and along a path.
      for (const way of [remoteRule.classify(earlier), remoteRule.classify(remote.observeUntil(day)), remote.observeUntil(day).segments(rule.data)].slice(0, 1 + 2 * before.length)) {
        await ask(`rule.${name}`, () => (rule as unknown as Any)[name]!(local, ...before, ...args), () => (remoteRule as unknown as Any)[name]!(remote, ...before.map(() => way), ...args));
      }
    }
    earlier.free();
    const moved = [here.Migration.between(rule.classify(local.observeUntil(day)), rule.classify(local)), there.Migration.between(remoteRule.classify(remote.observeUntil(day)), remoteRule.classify(remote))] as const;
    for (const [name, args] of Object.entries(ofMigration)) await ask(`migration.${name}`, () => (moved[0] as unknown as Any)[name]!(...args), () => (moved[1] as unknown as Any)[name]!(...args));
    await ask("migration", () => moved[0], async () => moved[1]);
    await ask("migration of a history's own segments", () => here.Migration.between(local.segments(rule.data), local.segments(rule.data)).unchanged(), async () => there.Migration.between(remote.segments(rule.data), remote.segments(rule.data)).unchanged());
    const stayed = await remoteRule.classify(remote);
    const detached = await Promise.resolve().then(() => there.Migration.between(stayed as never, remoteRule.classify(remote))).catch((error: { code: string }) => error.code);
    const segments = remote.segments(rule.data);
    await ask("segments, called on", () => rule.classify(local).counts(), () => segments.counts());
    await ask("segments, called on again", () => rule.classify(local).explain("c7"), () => segments.explain("c7"));
    await ask("segments by other cuts", () => local.segments().counts(), () => remote.segments().counts());
    await ask("segments, called on as before", () => rule.classify(local).counts(), () => segments.counts());
    const [log, remoteLog] = [here.EventLog.fromColumns(events), await there.EventLog.fromColumns(events, {}, { worker: remote })];
    found["log"] = [[log.length, log.unidentified, log.unknownKinds], [remoteLog.length, remoteLog.unidentified, remoteLog.unknownKinds]].map((facts) => JSON.stringify(facts));
    await ask("during.engagement by a log", () => local.during(period).engagement(log), () => remote.during(period).engagement(remoteLog));
    remoteLog.free();
    const lost = await remote.during(period).engagement(remoteLog).catch((error: { code: string }) => error.code);
    await ask("heapBytes", () => local.heapBytes, () => remote.heapBytes);
    const awaited = await (remote.during(period) as unknown as Promise<unknown>).then(() => "", (error: { code: string }) => error.code);
    const unknown = await worker["reprot"]!().catch((error: { code: string }) => error.code);
    remote.free();
    const [ofHistory, ofWindow, named] = [here.OrderHistory, here.Window, here.SegmentRule].map(({ prototype }) => names(prototype));
    return { found, awaited, unknown, lost, detached, ofHistory, ofWindow, named };
  }, { calls: CALLS, kin: KIN, inPeriod: IN_PERIOD, period: PERIOD, ofRule: OF_RULE, ofMigration: OF_MIGRATION, events: EVENTS });
  const { found, awaited, unknown, lost, detached, ofHistory, ofWindow, named } = seen;
  // What is private or the module's own, and what the tests beside this one ask for.
  const known = ["constructor", "inner", "ask", "askTable", "heapBytes", "free", "during", "merge", ...Object.keys(CALLS), ...Object.keys(KIN)];
  assert.deepEqual(ofHistory, known.sort());
  assert.deepEqual(ofWindow, ["constructor", "ask", ...Object.keys(IN_PERIOD)].sort());
  assert.deepEqual(named, ["constructor", "toJSON", ...Object.keys(OF_RULE)].sort());
  assert.deepEqual(missing, []);
  for (const [name, [page, worker]] of Object.entries(found)) {
    assert.equal(worker, page, name);
    assert(page !== undefined && !String(page).startsWith("error"), `${name}: ${page}`);
  }
  assert.notEqual(found["append"]![0], found["observeUntil"]![0]);
  assert.deepEqual([awaited, unknown, lost, detached], ["invalid_argument", "unknown_call", "freed", "invalid_argument"]);
});

test("histories of one worker are merged, and the worker ends with the last", { skip }, async () => {
  const workers = page.workers().length;
  const seen = await page.evaluate(async () => {
    const here = await import("regulars");
    const there = await import("regulars/worker");
    const orders = (customers: string[], month: string) => ({
      customer: customers,
      placedAt: customers.map((_, at) => `2024-${month}-${10 + at}`),
      amount: customers.map((_, at) => 10 + at),
    });
    const [spring, autumn] = [orders(["ann", "bob", "ann"], "04"), orders(["bob", "cid"], "10")];
    const options = { currency: "EUR" };
    const expected = here.toJson(here.OrderHistory.fromColumns(spring, options).merge(here.OrderHistory.fromColumns(autumn, options)).report());
    const code = (error: { code?: unknown; name: string }) => (typeof error.code === "string" ? error.code : error.name);

    const first = await there.OrderHistory.fromColumns(spring, options);
    const progress: string[] = [];
    const second = await there.OrderHistory.fromColumns(autumn, options, { worker: first });
    const stranger = await there.OrderHistory.fromColumns(autumn, options);
    const merged = await first.merge(second);
    const apart = await first.merge(stranger).catch(code);
    stranger.free();
    const chained = there.toJson(await first.merge(second).report());
    // A reading beside other histories is given up without them.
    const stop = new AbortController();
    const text = "customer,date,amount\nann,2024-01-01,3\n";
    const reading = there.OrderHistory.fromCsv(text, options, { worker: first, signal: stop.signal, progress: () => progress.push("told") }).catch(code);
    stop.abort();
    const wrong = await there.OrderHistory.fromCsv("a,b\n1,2\n", {}, { worker: first }).catch(code);
    first.free();
    const freed = await first.summary().catch(code);
    const gone = await merged.merge(first).catch(code);
    const later = await second.append(spring).summary();
    second.free();
    const report = there.toJson(await merged.report());
    const waiting = merged.report().catch(code);
    merged.free();
    return { expected, chained, report, apart, reading: await reading, progress, wrong, freed, gone, waiting: await waiting, later: later.orders };
  });
  const { expected, chained, report, ...rest } = seen;
  assert(expected!.length > 1000 && chained === expected && report === expected);
  assert.deepEqual(rest, {
    apart: "invalid_argument", reading: "AbortError", progress: [], wrong: "missing_columns",
    freed: "freed", gone: "freed", waiting: "freed", later: 5,
  });
  // For one that lives on this waits until Playwright gives up.
  while (page.workers().length > workers) await page.workers().at(-1)!.waitForEvent("close");
});

test("a worker that cannot be run says so, to all that wait for it", { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(server.url);
  const seen = await page.evaluate(async () => {
    const { OrderHistory } = await import("regulars/worker");
    const broken = [new URL("/nowhere.js", location.href), URL.createObjectURL(new Blob(["throw new Error('no')"]))];
    const read = (worker: Worker) => OrderHistory.fromCsv("a,b\n", {}, { worker }).catch(({ code, message }: { code: string; message: string }) => `${code}: ${message}`);
    return Promise.all(broken.flatMap((script) => {
      const worker = new Worker(script);
      return [read(worker), read(worker)];
    }));
  });
  await page.close();
  assert.equal(seen.length, 4);
  for (const said of seen) assert.match(said as string, /^worker_failed: the worker could not be run: /);
});

test("the end of memory is an error in the page too, and the page goes on", { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(server.url);
  const seen = await page.evaluate(async () => {
    const module = await (await fetch("/dist/wasm/regulars_bg.wasm")).arrayBuffer();
    const { fill } = (await import("/tests/out/limited.js" as string)) as typeof import("./limited.js");
    return fill(await import("regulars"), new Uint8Array(module));
  });
  await page.close();
  holdToEnd(seen);
});

test("nothing went wrong on the page", { skip }, () => assert.deepEqual(problems, []));
