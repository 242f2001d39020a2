/** What runs in the worker that `worker.ts` starts. */
import { RegularsError } from "./errors.js";
import { OrderHistory, TABLES } from "./history.js";
import { init } from "./module.js";
import { Table, toJson } from "./results.js";
import type { Reply, Request } from "./worker.js";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: Reply, transfer?: Transferable[]): void;
};

let history: OrderHistory | undefined;
// One after the other: a call waits for the history that it is about.
let before: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  before = before.then(() => answer(data));
};

async function answer(request: Request): Promise<void> {
  const { id } = request;
  try {
    if ("open" in request) {
      await init();
      const progress = (bytes: number, total: number) => scope.postMessage({ id, progress: [bytes, total] });
      const open = OrderHistory[request.open] as (...args: unknown[]) => OrderHistory | Promise<OrderHistory>;
      history = await open(...request.args, progress);
      scope.postMessage({ id, result: history.import });
      return;
    }
    let result: unknown = history;
    for (const [name, args] of request.path) {
      const method = (result as Record<string, unknown> | undefined)?.[name];
      if (typeof method !== "function") throw new RegularsError("unknown_call", `there is no call \`${name}\` here`);
      result = (method as (...args: unknown[]) => unknown).apply(result, args);
    }
    if (result instanceof Table) {
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
  }
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
