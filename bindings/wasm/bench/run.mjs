/**
 * From the bytes of a CSV of 1 M orders to its figures: natively on one thread, in Chromium by this package in a fresh page and
 * in a worker, and in Chromium by DuckDB-WASM. All in one run, on one machine; the monthly figures of both engines have to be
 * the same. `./run`, see README.md.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const [orders, runs, native] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const here = new URL("./", import.meta.url).pathname;
const csv = join(tmpdir(), `regulars-bench-${orders}.csv`);
if (!existsSync(csv)) writeFileSync(csv, shop(orders));

/** Orders by time over four years, of customers of whom few buy often: every order from a random stream with a seed. */
function shop(orders) {
  let state = 20240517;
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const lines = ["order_id,customer_id,order_date,amount,currency"];
  for (let order = 0; order < orders; order++) {
    const day = new Date(Date.UTC(2021, 0, 1) + Math.floor((order * 1461) / orders) * 86_400_000).toISOString().slice(0, 10);
    const customer = Math.floor(random() ** 2 * orders * 0.5);
    lines.push(`${order},c${customer},${day},${(5 + random() * 195).toFixed(2)},EUR`);
  }
  return lines.join("\n") + "\n";
}

const roots = { "/package/": join(here, "../"), "/duckdb/": join(here, "node_modules/@duckdb/duckdb-wasm/dist/"), "/bench/": join(here, "dist/"), "/csv": csv };
const TYPES = { js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm", csv: "text/csv" };
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="importmap">{"imports":{"regulars":"/package/dist/index.js","regulars/worker":"/package/dist/worker.js"}}</script>`;
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const [prefix, root] = Object.entries(roots).find(([prefix]) => pathname.startsWith(prefix)) ?? [];
  const path = root && join(root, pathname.slice(prefix.length));
  if (!path || !existsSync(path) || !statSync(path.replace(/\/$/, "")).isFile()) {
    return pathname === "/" ? response.setHeader("content-type", "text/html").end(PAGE) : response.writeHead(404).end();
  }
  response.setHeader("content-type", TYPES[path.split(".").pop()] ?? "application/octet-stream");
  createReadStream(path).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "regulars-bench-")), {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

/** Runs something in a fresh page, so that nothing is compiled yet. */
async function fresh(work, argument) {
  const page = await browser.newPage();
  await page.goto(url);
  const result = await page.evaluate(work, argument);
  await page.close();
  return result;
}

const inPage = () => fresh(async () => {
  const bytes = new Uint8Array(await (await fetch("/csv")).arrayBuffer());
  const { init, OrderHistory, toJson } = await import("regulars");
  const begun = performance.now();
  await init();
  const loaded = performance.now() - begun;
  const history = OrderHistory.fromCsv(bytes);
  const read = performance.now() - begun;
  const text = toJson(history.report());
  const done = performance.now() - begun;
  const months = history.timeline("month").rows().map((row) => [row.start, row.customers, row.orders, row.revenueMinor, row.repeatCustomerRate]);
  const figures = performance.now() - begun - done + read;
  return { loaded, read, done, figures, length: new TextEncoder().encode(text).length, months };
});

/** With `watched`, how long the page stands still is taken instead of the time: asking it that keeps a core busy. */
const inWorker = (watched) => fresh(async (watched) => {
  const file = new File([await (await fetch("/csv")).arrayBuffer()], "orders.csv");
  const { OrderHistory } = await import("regulars/worker");
  let [longest, last, running] = [0, performance.now(), watched];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const now = performance.now();
    [longest, last] = [Math.max(longest, now - last), now];
    if (running) channel.port2.postMessage(0);
  };
  if (watched) channel.port2.postMessage(0);
  const begun = performance.now();
  const history = await OrderHistory.fromCsv(file);
  await history.report();
  const done = performance.now() - begun;
  running = false;
  history.free();
  return { done, longest };
}, watched);

const inDuckDb = () => fresh(async () => {
  const bytes = new Uint8Array(await (await fetch("/csv")).arrayBuffer());
  const duckdb = await import("/bench/duckdb.js");
  const begun = performance.now();
  const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker("/duckdb/duckdb-browser-eh.worker.js"));
  await db.instantiate("/duckdb/duckdb-eh.wasm");
  const loaded = performance.now() - begun;
  await db.registerFileBuffer("orders.csv", bytes);
  const connection = await db.connect();
  // The same five figures of each month: a customer's orders of a day are one purchase.
  const table = await connection.query(`
    WITH orders AS (SELECT customer_id, order_date AS day, CAST(round(amount * 100) AS BIGINT) AS minor FROM read_csv('orders.csv', columns = {order_id: 'INT', customer_id: 'VARCHAR', order_date: 'DATE', amount: 'DOUBLE', currency: 'VARCHAR'}, header = true)),
    customers AS (SELECT date_trunc('month', day) AS month, customer_id, count(DISTINCT day) AS purchases, count(*) AS orders, sum(minor) AS minor FROM orders GROUP BY ALL)
    SELECT CAST(month AS VARCHAR) AS month, count(*)::INT AS customers, sum(orders)::INT AS orders, sum(minor)::DOUBLE AS minor, count(*) FILTER (purchases > 1) / count(*) AS rate FROM customers GROUP BY ALL ORDER BY 1`);
  const months = table.toArray().map((row) => [String(row.month).slice(0, 10), row.customers, row.orders, row.minor, row.rate]);
  const figures = performance.now() - begun;
  await connection.close();
  await db.terminate();
  return { loaded, figures, months };
});

const results = { page: [], worker: [], watched: [], duckdb: [] };
for (let run = 0; run < runs; run++) {
  results.page.push(await inPage());
  results.worker.push(await inWorker(false));
  results.watched.push(await inWorker(true));
  results.duckdb.push(await inDuckDb());
}
const nativeRuns = JSON.parse(execFileSync(native, [String(runs), csv], { encoding: "utf8" }));
await browser.close();
server.close();

const [ours] = results.page;
for (const other of [...results.page, ...results.duckdb]) assert.deepEqual(other.months, ours.months);
assert(nativeRuns.every(([, , length]) => length === ours.length), "the reports are of one length");

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const size = (...paths) => paths.reduce((sum, path) => sum + gzipSync(readFileSync(join(here, path)), { level: 9 }).length, 0);
const show = (what, ms) => console.log(`${what.padEnd(58)} ${String(Math.round(ms)).padStart(6)} ms`);
console.log(`${orders} orders, ${statSync(csv).size} bytes of CSV, medians of ${runs}; ${ours.months.length} months, the same figures from both engines`);
show("native, one thread: CSV to report", median(nativeRuns.map(([, done]) => done)));
show("  of it reading", median(nativeRuns.map(([read]) => read)));
show("regulars in a fresh page: module and CSV to report", median(results.page.map(({ done }) => done)));
show("  of it loading the module", median(results.page.map(({ loaded }) => loaded)));
show("regulars in a fresh worker: CSV to report", median(results.worker.map(({ done }) => done)));
show("  the page stood still for at most", median(results.watched.map(({ longest }) => longest)));
show("regulars in a fresh page: module and CSV to monthly figures", median(results.page.map(({ figures }) => figures)));
show("DuckDB-WASM in a fresh page: the same figures", median(results.duckdb.map(({ figures }) => figures)));
show("  of it loading the module", median(results.duckdb.map(({ loaded }) => loaded)));
console.log(`with gzip: regulars ${size("../dist/wasm/regulars_bg.wasm")} bytes of WebAssembly, DuckDB ${size("node_modules/@duckdb/duckdb-wasm/dist/duckdb-eh.wasm")}`);
