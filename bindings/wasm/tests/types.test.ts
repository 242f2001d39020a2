/** The JSON of every case is of the very type that is declared: every key is declared, and every declared key is there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { read, snapshots } from "./files.js";
import { runAll } from "./run.js";

const HEAD = `// Written by types.test.ts.
import type { Table } from "regulars";
import type { spellings } from "./spellings.js";

type Result<Call extends keyof typeof spellings> = ReturnType<(typeof spellings)[Call]>;
type Data<T> = T extends Table<infer D, unknown> ? D : T;
type Columns<T> = T extends Table<unknown, infer C> ? C : never;

// That the check sees what it is for.
// @ts-expect-error a key that is not declared
export const surplus: Data<Result<"during.period">> = { start: "", end: "", middle: "" };
// @ts-expect-error a key that is not there
export const lacking: Data<Result<"rate">> = { numerator: 1, denominator: 2, value: 0.5, smallN: true };
// @ts-expect-error another deep inside
export const deeper: Data<Result<"timeline">> = { grain: "month", periods: [{ period: { start: "" } }] };
`;

/** A column without cells, of the kind that was found. */
function empty(kind: string): string {
  return kind === "Array" ? "[] as (string | null)[]" : `new ${kind}()`;
}

/** What a page writes, and what it may not, by the types alone. */
const WRITTEN = `
import { columnsOf, OrderHistory as Local, type ErrorCode, type OrderTable } from "regulars";
import { EventLog, OrderHistory, RegularsError, type Remote } from "regulars/worker";

// The names of the classes are types too.
export async function read(file: Blob): Promise<OrderHistory> {
  const history: OrderHistory = await OrderHistory.fromCsv(file);
  const log: EventLog = await EventLog.fromColumns({ happenedAt: [], kind: [] }, {}, { worker: history });
  log.free();
  const values: (number | null)[][] = (await history.cohorts().table()).values();
  const rows: object[] = [(await history.segments()).rows(), values];
  const sentence: string | undefined = (await history.segments().explain("ann"))?.sentence;
  // @ts-expect-error what has left its worker is not asked
  (await history.segments()).explain("ann");
  // @ts-expect-error nor its tables
  (await history.cohorts()).table();
  // @ts-expect-error a list is no call in the worker
  history.leftOut().map(() => 0);
  return [rows, sentence].length > 0 ? history : history;
}

const placedAt = ["2024-05-17"];
export const one: OrderTable[] = [{ placedAt, amount: [3n] }, { placedAt, amount: [3] }, { placedAt, amount: ["3"] }, { placedAt: [new Date()], amount: [3, null] }];
// @ts-expect-error cells of one column are of one kind
export const mixed: OrderTable = { placedAt, amount: [3n, 3] };
// @ts-expect-error neither of another
export const dates: OrderTable = { placedAt: [new Date(), "2024-05-17"], amount: [3] };
const rows: { placedAt: string; amount: number; refunded?: number; customer: string | null }[] = [];
Local.fromColumns(columnsOf(rows), { currency: "EUR" }).during({ start: new Date(), end: "2024-06-01" });
export const code = (error: RegularsError): ErrorCode => error.code;
// @ts-expect-error no such code
export const wrong = (error: RegularsError): boolean => error.code === "no_such_code";
export type Window = Remote<never>;
`;

test("the types take what works, and refuse what does not", () => {
  const folder = fileURLToPath(new URL("../", import.meta.url));
  const file = `${folder}checked.ts`;
  writeFileSync(file, WRITTEN);
  const { stdout, status } = spawnSync("npx", ["tsc", "-p", `${folder}tsconfig.checked.json`], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout.slice(0, 20_000));
  rmSync(file);
});

test("every result is of its declared type", () => {
  const lines = runAll(read()).flatMap(({ place, call, columns }, at) => {
    const expected = snapshots[place]!;
    if (expected.startsWith('{"error":')) return [];
    const of = JSON.stringify(call.replace(/\.columns$/, "").replace("rfm.again", "rfm"));
    if (columns === undefined) return `/** ${place} */ export const c${at}: Data<Result<${of}>> = ${expected};`;
    const cells = Object.entries(columns).map(([name, kind]) => `${name}: ${empty(kind)}`);
    return `/** ${place} */ export const c${at}: Columns<Result<${of}>> = { ${cells.join(", ")} };`;
  });
  assert(lines.length > 200);
  const folder = fileURLToPath(new URL("../", import.meta.url));
  const file = `${folder}checked.ts`;
  writeFileSync(file, `${HEAD}\n${lines.join("\n")}\n`);
  const { stdout, status } = spawnSync("npx", ["tsc", "-p", `${folder}tsconfig.checked.json`], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout.slice(0, 20_000));
  rmSync(file);
});
