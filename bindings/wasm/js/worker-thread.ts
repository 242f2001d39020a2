/** What runs in the worker that `worker.ts` starts. */
import { RegularsError } from "./errors.js";
import { EventLog, Migration, OrderHistory, SegmentRule, TABLES, Window } from "./history.js";
import { toText } from "./json.js";
import { init } from "./module.js";
import { Table, toJson } from "./results.js";
import type { Argument, FromWorker, Path, ToWorker } from "./protocol.js";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
};

/** The open histories and logs, each by the number of the request that made it. */
const kept = new Map<number, OrderHistory | EventLog>();
/** Of each history, by the name of a call, its latest result that was called on, with what it was asked for. */
const latest = new WeakMap<OrderHistory, Map<string, { asked: string; result: AnyTable }>>();
// One after the other: a call waits for the history or the log that it is about.
let before: Promise<void> = Promise.resolve();

type AnyTable = Table<unknown, unknown>;

scope.onmessage = ({ data }) => {
  before = before.then(() => answer(data));
};

async function answer(request: ToWorker): Promise<void> {
  if ("free" in request) return free(request.free);
  const { id } = request;
  // Results on the way to the one that is asked for: they stand in the module's memory.
  const passing: { free(): void }[] = [];
  try {
    if ("open" in request) {
      await init();
      const [content, options] = request.args as [never, never];
      const progress = (bytes: number, total: number) => scope.postMessage({ id, progress: [bytes, total] });
      if (request.open === "events") keep(id, EventLog.fromColumns(content, options));
      else keep(id, await OrderHistory[request.open](content, options, progress));
      return;
    }
    let result = follow(request, passing);
    if (result instanceof SegmentRule) result = result.data;
    if (result instanceof Window) {
      throw new RegularsError("invalid_argument", "a window stays in its worker: call on, as in `history.during(period).buying()`");
    }
    if (result instanceof OrderHistory) {
      keep(id, result);
    } else if (result instanceof Table) {
      const table = result;
      const kind = Object.keys(TABLES).find((name) => table.constructor === TABLES[name]) ?? "Table";
      const sent = { kind, ...table.detach() };
      const buffers = sent.columns.flatMap(([, , cells, lengths, validity]) =>
        [cells, lengths, validity].flatMap((part) => (ArrayBuffer.isView(part) ? [part.buffer as ArrayBuffer] : [])),
      );
      scope.postMessage({ id, table: sent }, buffers);
    } else {
      // As text: it is copied faster than an object, and stays what the core wrote.
      const json = typeof result === "object" && result !== null ? toJson(result) : undefined;
      scope.postMessage(json === undefined ? { id, result } : { id, json });
    }
  } catch (error) {
    scope.postMessage({ id, error: sendable(error) });
  } finally {
    for (const result of passing) result.free();
  }
}

function keep(id: number, made: OrderHistory | EventLog): void {
  kept.set(id, made);
  if (made instanceof OrderHistory) return scope.postMessage({ id, history: made.import });
  const { length, unidentified, unknownKinds } = made;
  scope.postMessage({ id, events: { length, unidentified, unknownKinds } });
}

function free(number: number): void {
  const made = kept.get(number);
  if (made instanceof OrderHistory) for (const { result } of latest.get(made)?.values() ?? []) result.free();
  made?.free();
  kept.delete(number);
}

function known(number: number): OrderHistory | EventLog {
  const made = kept.get(number);
  if (made === undefined) throw new RegularsError("freed", "the history or the log was freed");
  return made;
}

/** What a path leads to. What stands on the way is `passing`, or kept for the next who comes along it. */
function follow({ kept: number, path }: { kept: number; path: Path }, passing: { free(): void }[]): unknown {
  let result: unknown = known(number);
  for (const [at, step] of path.entries()) {
    const on = result;
    const asked = at === 0 && path.length > 1 ? toText(step) : undefined;
    const found = asked === undefined ? undefined : latest.get(on as OrderHistory)?.get(step.name);
    result = found?.asked === asked && found !== undefined ? found.result : call(on, step, passing);
    if (at + 1 === path.length || result === found?.result) continue;
    if (asked !== undefined && result instanceof Table) {
      found?.result.free();
      const results = latest.get(on as OrderHistory) ?? new Map();
      latest.set(on as OrderHistory, results.set(step.name, { asked, result }));
    } else if (result instanceof Table || result instanceof OrderHistory) {
      passing.push(result);
    }
  }
  return result;
}

/** The classes that have calls of their own. */
const CLASSES = { SegmentRule, Migration };

function call(on: unknown, { name, args, of }: Path[number], passing: { free(): void }[]): unknown {
  const owner = of === undefined ? on : typeof of === "string" ? CLASSES[of] : SegmentRule.from(of);
  const member = (owner as Record<string, unknown> | null | undefined)?.[name];
  if (args === undefined) return member;
  if (typeof member !== "function") throw new RegularsError("unknown_call", `there is no call \`${name}\` here`);
  const given = args.map((argument) => value(argument, passing));
  return member.apply(owner, of === undefined ? given : [on, ...given]);
}

function value(argument: Argument, passing: { free(): void }[]): unknown {
  if ("value" in argument) return argument.value;
  const { kept, path } = argument;
  if (path === undefined) return known(kept);
  const result = follow({ kept, path }, passing);
  if (result instanceof Table || result instanceof OrderHistory) passing.push(result);
  return result;
}

function sendable(error: unknown): Extract<FromWorker, { error: unknown }>["error"] {
  if (!(error instanceof RegularsError)) return String((error as Error)?.message ?? error);
  const { code, message, row, line, column } = error;
  return {
    code,
    message,
    ...(row !== undefined && { row }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}
