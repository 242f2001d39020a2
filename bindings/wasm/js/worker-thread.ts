/** What runs in the worker that `worker.ts` starts. */
import { RegularsError } from "./errors.js";
import { OrderHistory, TABLES, Window } from "./history.js";
import { init } from "./module.js";
import { Table, toJson } from "./results.js";
import type { Argument, Reply, Request } from "./worker.js";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: Reply, transfer?: Transferable[]): void;
};

/** The open histories, each by the number of the request that made it. */
const histories = new Map<number, OrderHistory>();
// One after the other: a call waits for the history that it is about.
let before: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  before = before.then(() => answer(data));
};

async function answer(request: Request): Promise<void> {
  if ("free" in request) {
    histories.get(request.free)?.free();
    histories.delete(request.free);
    return;
  }
  const { id } = request;
  // Results on the way to the one that is asked for: they stand in the module's memory.
  const between: (Table<unknown, unknown> | OrderHistory)[] = [];
  try {
    if ("open" in request) {
      await init();
      const progress = (bytes: number, total: number) => scope.postMessage({ id, progress: [bytes, total] });
      const open = OrderHistory[request.open] as (...args: unknown[]) => OrderHistory | Promise<OrderHistory>;
      keep(id, await open(...request.args, progress));
      return;
    }
    let result: unknown = known(request.history);
    for (const [at, { name, args }] of request.path.entries()) {
      if (at > 0 && (result instanceof Table || result instanceof OrderHistory)) between.push(result);
      const member = (result as Record<string, unknown> | null | undefined)?.[name];
      if (args === undefined) result = member;
      else if (typeof member === "function") result = member.apply(result, args.map(argument));
      else throw new RegularsError("unknown_call", `there is no call \`${name}\` here`);
    }
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
    for (const result of between) result.free();
  }
}

function keep(id: number, history: OrderHistory): void {
  histories.set(id, history);
  scope.postMessage({ id, history: history.import });
}

function known(number: number): OrderHistory {
  const history = histories.get(number);
  if (history === undefined) throw new RegularsError("freed", "the history was freed");
  return history;
}

function argument(given: Argument): unknown {
  return "history" in given ? known(given.history) : given.value;
}

function sendable(error: unknown): Extract<Reply, { error: unknown }>["error"] {
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
