/** The package in Debian's Chromium: in the page, and in a worker. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { open, serve, skip } from "./chromium.js";
import { holdTo, read } from "./files.js";
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
    history.free();
    const freed = await history.summary().catch((error: { code: string }) => error.code);
    return { remote, same, progress, frames, longest, mistakes, after, freed, source: history.import?.source };
  });
  assert.deepEqual(seen.remote, seen.same);
  assert(seen.remote.report!.length > 1000 && seen.remote.values.length > 4);
  assert(seen.progress.length > 2 && seen.progress.at(-1) === 1 && seen.progress.every((at, i) => i === 0 || at > seen.progress[i - 1]!));
  assert(seen.frames > 10, `the page ran ${seen.frames} times meanwhile`);
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

test("nothing went wrong on the page", { skip }, () => assert.deepEqual(problems, []));
