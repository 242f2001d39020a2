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
 * A worker has the history that it was started for, those that are made of it (`append`, `merge`, `observeUntil`,
 * `withCustomers`), and those that are opened in it by the option `worker`. It ends when the last of them is freed: memory that
 * WebAssembly has taken is given back by ending the worker alone, and so is work that was begun and is no longer wanted.
 *
 * @packageDocumentation
 */
import { asError, RegularsError } from "./errors.js";
import {
  TABLES,
  type Cohorts,
  type CohortTable,
  type OrderHistory as LocalHistory,
  type Progress,
  type Rfm,
  type Window,
} from "./history.js";
import { plain, Table, type RawColumn } from "./results.js";
import type * as t from "./types.js";

/** An argument: a value, or a history of the same worker by its number. */
export type Argument = { value: unknown } | { history: number };

/** Calls one after the other, by their names; without arguments it is a property. */
export type Path = { name: string; args?: Argument[] }[];

/** What the page sends. A history has the number of the request that made it. */
export type Request =
  | { id: number; open: "fromColumns" | "fromCsv" | "fromFile"; args: unknown[] }
  | { id: number; history: number; path: Path }
  | { free: number };

/** What the worker sends. */
export type Reply =
  | { id: number; progress: [bytes: number, total: number] }
  | { id: number; error: { code: string; message: string; row?: number; line?: number; column?: string } | string }
  | { id: number; history: t.ImportReport | undefined }
  | { id: number; result: unknown }
  | { id: number; json: string }
  | { id: number; table: { kind: string; json: string; columns: RawColumn[] } };

/** A result that is on its way: await it, or call on. A history comes as one in the worker; a window can only be called on. */
export type Remote<T> = [T] extends [Window]
  ? Methods<T>
  : Promise<T extends LocalHistory ? RemoteHistory : T> & (T extends object ? Methods<T> : unknown);

type Methods<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Given<Args>) => Remote<Result>
    : never;
};

/** Arguments, with histories in the worker for histories. */
type Given<Args extends unknown[]> = { [I in keyof Args]: Args[I] extends LocalHistory ? RemoteHistory : Args[I] };

/** A history in a worker: the calls of `OrderHistory`, as promises. `merge` takes a history of the same worker. */
export type RemoteHistory = Methods<Omit<LocalHistory, "free">> & {
  /** How the file was read, for a history that comes from one. */
  readonly import: t.ImportReport | undefined;
  /** The bytes of memory that the orders take. */
  readonly heapBytes: Promise<number>;
  /**
   * Closes the history. Its calls that are not yet answered are rejected. With the last history of a worker the worker ends,
   * at once, and gives all its memory back.
   */
  free(): void;
};

/** How a history is brought into a worker. */
export interface Opening {
  /** Is told how many bytes of how many have been read. */
  progress?: Progress | undefined;
  /** Closes the history, be it read or not yet, as `free` does. In a worker with other histories the reading itself goes on to its end. */
  signal?: AbortSignal | undefined;
  /**
   * A history in whose worker this one is to be, or a worker to use, where the bundler needs to see it made:
   * `new Worker(new URL("regulars/worker-thread", import.meta.url), { type: "module" })`.
   */
  worker?: RemoteHistory | Worker | undefined;
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
  const { signal, worker, progress } = opening;
  signal?.throwIfAborted();
  const history = new Handle(threadOf(worker));
  signal?.addEventListener("abort", () => history.close(signal.reason), { once: true });
  try {
    return (await history.ask({ id: history.number, open: how, args }, progress)) as RemoteHistory;
  } catch (error) {
    history.close(error);
    throw error;
  }
}

/** Where a history is opened. */
function threadOf(worker: RemoteHistory | Worker | undefined): Thread {
  const beside = HANDLES.get(worker as RemoteHistory);
  if (beside !== undefined) return beside.thread;
  const given = (worker as Worker | undefined) ?? new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
  const thread = THREADS.get(given) ?? new Thread(given);
  THREADS.set(given, thread);
  return thread;
}

/** What stands behind the histories that users have, and behind workers. */
const HANDLES = new WeakMap<RemoteHistory, Handle>();
const THREADS = new WeakMap<Worker, Thread>();

function remoteHistory(history: Handle, report: t.ImportReport | undefined): RemoteHistory {
  const own: Record<string, unknown> = {
    import: report,
    get heapBytes() {
      return history.follow([{ name: "heapBytes" }]);
    },
    free: () => history.close(new RegularsError("freed", "the history was freed")),
    // Not a promise, although it is the result of one.
    then: undefined,
  };
  const remote = new Proxy(own, {
    get: (_, name: string) => (name in own ? own[name] : method(history, [], name)),
  }) as unknown as RemoteHistory;
  HANDLES.set(remote, history);
  return remote;
}

/** A method that sends its call when its result is awaited, so that a call on the result can go along. */
function method(history: Handle, path: Step[], name: string): (...args: unknown[]) => unknown {
  return (...args) => {
    const longer = [...path, { name, args }];
    let asked: Promise<unknown> | undefined;
    const promise = () => (asked ??= history.follow(longer));
    return new Proxy(
      {},
      {
        get: (_, next: string | symbol) => {
          if (next === "then" || next === "catch" || next === "finally") {
            return (promise()[next] as (...args: unknown[]) => unknown).bind(promise());
          }
          return typeof next === "string" ? method(history, longer, next) : undefined;
        },
      },
    );
  };
}

/** A step of a path, with the arguments that users gave. */
type Step = { name: string; args?: unknown[] };

/** A history in a worker, open until it is closed. */
class Handle {
  readonly thread: Thread;
  readonly number: number;
  #closed: unknown;

  constructor(thread: Thread, number = thread.number()) {
    this.thread = thread;
    this.number = number;
    thread.open.add(this);
  }

  async follow(path: Step[]): Promise<unknown> {
    const sent = path.map(({ name, args }) => (args ? { name, args: args.map((value) => this.#argument(value)) } : { name }));
    return this.ask({ id: this.thread.number(), history: this.number, path: sent });
  }

  ask(request: Extract<Request, { id: number }>, progress?: Progress): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed as Error);
    return this.thread.ask(request, this, progress);
  }

  #argument(value: unknown): Argument {
    const other = HANDLES.get(value as RemoteHistory);
    if (other === undefined) return { value };
    if (other.#closed !== undefined) throw other.#closed;
    if (other.thread === this.thread) return { history: other.number };
    throw new RegularsError("invalid_argument", "the other history is in another worker: open it with `{ worker: history }`");
  }

  close(reason: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.thread.close(this, reason);
  }
}

interface Waiting {
  history: Handle;
  progress: Progress | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A worker, its histories that are open, and what it has not answered yet. */
class Thread {
  readonly open = new Set<Handle>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #worker: Worker;
  #next = 0;
  #ended: unknown;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const waiting = this.#waiting.get(data.id);
      if (waiting === undefined) return;
      if ("progress" in data) return waiting.progress?.(...data.progress);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting.reject(remoteError(data.error));
      else if ("history" in data) {
        const history = waiting.history.number === data.id ? waiting.history : new Handle(this, data.id);
        waiting.resolve(remoteHistory(history, data.history));
      } else if ("table" in data) waiting.resolve(detachedTable(data.table));
      else if ("json" in data) waiting.resolve(plain({ json: () => data.json, free: () => undefined }));
      else waiting.resolve(data.result);
    };
    worker.onerror = (event) => {
      const reason = new RegularsError("worker_failed", `the worker could not be run: ${event.message || "its script was not loaded"}`);
      for (const history of [...this.open]) history.close(reason);
    };
  }

  number(): number {
    return this.#next++;
  }

  ask(request: Extract<Request, { id: number }>, history: Handle, progress?: Progress): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended as Error);
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(request);
      this.#waiting.set(request.id, { history, progress, resolve, reject });
    });
  }

  /** Ends what is asked of a history, and the worker with its last one. */
  close(history: Handle, reason: unknown): void {
    this.open.delete(history);
    const asked = [...this.#waiting].filter(([, waiting]) => waiting.history === history);
    for (const [id, { reject }] of asked) {
      this.#waiting.delete(id);
      reject(reason);
    }
    if (this.open.size === 0) {
      this.#ended = reason;
      this.#worker.terminate();
    } else {
      // Also the histories that are on their way to nobody.
      for (const number of new Set([history.number, ...asked.map(([id]) => id)])) this.#worker.postMessage({ free: number });
    }
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
