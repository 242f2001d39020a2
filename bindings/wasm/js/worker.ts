/**
 * The same history in a worker of its own, so that the page stays responsive: every call gives a promise.
 *
 * ```js
 * import { OrderHistory } from "regulars/worker";
 *
 * const history = await OrderHistory.fromCsv(file, { zone: "Europe/Berlin" }, { progress: (bytes, total) => {}, signal });
 * const rate = await history.during("2024").repeatCustomerRate();
 * const shares = await history.cohorts({ grain: "month" }).table("returned_in", "rate");
 * history.free();
 * ```
 *
 * One worker has one history: memory that WebAssembly has taken is given back by ending the worker alone, and so is work that
 * was begun and is no longer wanted.
 *
 * @packageDocumentation
 */
import { asError, RegularsError } from "./errors.js";
import { TABLES, type Cohorts, type CohortTable, type OrderHistory as LocalHistory, type Progress, type Rfm } from "./history.js";
import { plain, Table, type RawColumn } from "./results.js";
import type * as t from "./types.js";

/** Calls one after the other: the methods' names and arguments. */
export type Path = [method: string, args: unknown[]][];

/** What the page sends. */
export type Request =
  | { id: number; open: "fromColumns" | "fromCsv" | "fromFile"; args: unknown[] }
  | { id: number; path: Path };

/** What the worker sends. */
export type Reply =
  | { id: number; progress: [bytes: number, total: number] }
  | { id: number; error: { code: string; message: string; row?: number; line?: number; column?: string } | string }
  | { id: number; result: unknown }
  | { id: number; json: string }
  | { id: number; table: { kind: string; json: string; columns: RawColumn[] } };

/** A result that is on its way: await it, or call on. */
export type Remote<T> = Promise<T> & (T extends object ? Methods<T> : unknown);

type Methods<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Remote<Result>
    : never;
};

/** What cannot be asked of a history in a worker: its kin, which would live elsewhere. */
type Local = "append" | "merge" | "observeUntil" | "withCustomers" | "free" | "heapBytes" | "import";

/** A history in a worker: the calls of `OrderHistory`, as promises. */
export type RemoteHistory = Methods<Omit<LocalHistory, Local>> & {
  /** How the file was read, for a history that comes from one. */
  readonly import: t.ImportReport | undefined;
  /** Ends the worker, and gives all its memory back. Calls that are not yet answered are rejected. */
  free(): void;
};

/** How a history is brought into a worker. */
export interface Opening {
  /** Is told how many bytes of how many have been read. */
  progress?: Progress | undefined;
  /** Ends the reading, or the history later on, at once. */
  signal?: AbortSignal | undefined;
  /** A worker to use, where the bundler needs to see it made: `new Worker(new URL("regulars/worker-thread", import.meta.url), { type: "module" })`. */
  worker?: Worker | undefined;
}

/** Histories in workers. */
export const OrderHistory = {
  /** As `OrderHistory.fromColumns`. The columns are copied. */
  fromColumns: (
    orders: t.OrderTable | readonly t.OrderTable[],
    options: t.HistoryOptions,
    opening: Opening = {},
  ): Promise<RemoteHistory> => open("fromColumns", [orders, options], opening),

  /** As `OrderHistory.fromCsv`, also from a file, which is then read piece by piece. */
  fromCsv: (
    content: Blob | string | Uint8Array | ArrayBuffer,
    options: t.ImportOptions = {},
    opening: Opening = {},
  ): Promise<RemoteHistory> => open(content instanceof Blob ? "fromFile" : "fromCsv", [content, options], opening),
};

async function open(how: "fromColumns" | "fromCsv" | "fromFile", args: unknown[], opening: Opening): Promise<RemoteHistory> {
  opening.signal?.throwIfAborted();
  const worker = opening.worker ?? new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
  const thread = new Thread(worker, opening.progress);
  opening.signal?.addEventListener("abort", () => thread.end(opening.signal!.reason), { once: true });
  try {
    const report = (await thread.ask({ open: how, args })) as t.ImportReport | undefined;
    return remoteHistory(thread, report);
  } catch (error) {
    thread.end(error);
    throw error;
  }
}

function remoteHistory(thread: Thread, report: t.ImportReport | undefined): RemoteHistory {
  const own: Record<string, unknown> = {
    import: report,
    free: () => thread.end(new RegularsError("freed", "the history was freed")),
    // Not a promise, although it is the result of one.
    then: undefined,
  };
  return new Proxy(own, {
    get: (_, name: string) => (name in own ? own[name] : method(thread, [], name)),
  }) as unknown as RemoteHistory;
}

/** A method that sends its call when its result is awaited, so that a call on the result can go along. */
function method(thread: Thread, path: Path, name: string): (...args: unknown[]) => unknown {
  return (...args) => {
    const longer: Path = [...path, [name, args]];
    let asked: Promise<unknown> | undefined;
    const promise = () => (asked ??= thread.ask({ path: longer }));
    return new Proxy(
      {},
      {
        get: (_, next: string | symbol) => {
          if (next === "then" || next === "catch" || next === "finally") {
            return (promise()[next] as (...args: unknown[]) => unknown).bind(promise());
          }
          return typeof next === "string" ? method(thread, longer, next) : undefined;
        },
      },
    );
  };
}

type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** A worker, and what it has not answered yet. */
class Thread {
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #worker: Worker;
  #next = 0;
  #ended: unknown;

  constructor(worker: Worker, progress: Progress | undefined) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ("progress" in data) return progress?.(...data.progress);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting?.reject(remoteError(data.error));
      else if ("table" in data) waiting?.resolve(detachedTable(data.table));
      else if ("json" in data) waiting?.resolve(plain({ json: () => data.json, free: () => undefined }));
      else waiting?.resolve(data.result);
    };
    worker.onerror = (event) => {
      this.end(new RegularsError("worker_failed", `the worker could not be run: ${event.message || "its script was not loaded"}`));
    };
  }

  ask(request: Unnumbered<Request>): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended as Error);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request });
    });
  }

  end(reason: unknown): void {
    this.#ended ??= reason;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

function remoteError(error: { code: string; message: string } | string): unknown {
  return typeof error === "string" ? new Error(error) : asError(JSON.stringify(error));
}

function detachedTable({ kind, json, columns }: { kind: string; json: string; columns: RawColumn[] }): unknown {
  const Kind = TABLES[kind] ?? Table;
  return new Kind({ json: () => json, columns: () => columns, free: () => undefined });
}

export { RegularsError } from "./errors.js";
export { Table, toJson } from "./results.js";
export type { Cohorts, CohortTable, Progress, Rfm };
