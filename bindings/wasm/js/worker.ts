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
 * `withCustomers`), and the histories and logs that are opened in it by the option `worker`. It ends when the last of them is freed: memory that
 * WebAssembly has taken is given back by ending the worker alone, and so is work that was begun and is no longer wanted.
 *
 * @packageDocumentation
 */
import { asError, RegularsError } from "./errors.js";
import {
  keptRule,
  TABLES,
  type CohortTable,
  type EventLog as LocalLog,
  type Migration as LocalMigration,
  type OrderHistory as LocalHistory,
  type Progress,
  type SegmentOverview,
  type Segments,
  type Window,
} from "./history.js";
import type { Argument, FromWorker, LogFacts, Opened, Owner, Path, ToWorker } from "./protocol.js";
import { plain, Table, type RawColumn } from "./results.js";
import type * as t from "./types.js";

/**
 * A result that is on its way: await it, or call on. A history comes as one in the worker; a window can only be called on. A table
 * comes with its columns, rows and data; what else is asked of it, as `explain` of segments, is asked on the way:
 * `await history.segments().explain("ann")`.
 */
export type Remote<T> = [T] extends [Window] ? Methods<T> : Promise<Arrived<T>> & (T extends CalledOn ? Methods<T> : unknown);

type CalledOn = LocalHistory | Table<unknown, unknown>;

type Arrived<T> = T extends LocalHistory
  ? RemoteHistory
  : T extends CohortTable
    ? CohortTable
    : T extends Table<infer Data, infer Columns>
      ? Table<Data, Columns>
      : T;

type Methods<T> = {
  readonly [K in keyof T & string as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Given<Args>) => Remote<Result>
    : never;
};

/** Arguments, with histories and logs in the worker for histories and logs. */
type Given<Args extends unknown[]> = {
  [I in keyof Args]: Args[I] extends LocalHistory
    ? RemoteHistory
    : LocalLog extends Args[I]
      ? Exclude<Args[I], LocalLog> | RemoteLog
      : Args[I];
};

/** A history in a worker: the calls of `OrderHistory`, as promises. `merge` takes a history of the same worker. */
export type RemoteHistory = Methods<Omit<LocalHistory, "free">> & {
  /** How the file was read, for a history that comes from one. */
  readonly import: t.ImportReport | undefined;
  /** The bytes of memory that the orders take. */
  readonly heapBytes: Promise<number>;
  /**
   * Closes the history. Its calls that are not yet answered are rejected. With the last history or log of a worker the
   * worker ends, at once, and gives all its memory back.
   */
  free(): void;
  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void;
};

/** A log of events in a worker, for `engagement` of its histories. */
export type RemoteLog = LogFacts & {
  /** Gives the log's memory back. It is of no more use. With the last history or log of a worker the worker ends. */
  free(): void;
  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void;
};

/** How a history is brought into a worker. */
export interface Opening {
  /** Is told how many bytes of how many have been read. What it throws ends the reading, as `signal` does, and is the reason. */
  progress?: Progress | undefined;
  /**
   * Closes the history, be it read or not yet, as `free` does: what is waited for is rejected with the signal's reason, by default
   * a `DOMException` of the name `AbortError`. In a worker with other histories or logs the reading itself goes on to
   * its end.
   */
  signal?: AbortSignal | undefined;
  /**
   * A history in whose worker this one is to be, or a worker to use, where the bundler needs to see it made:
   * `new Worker(new URL("regulars/worker-thread", import.meta.url), { type: "module" })`.
   */
  worker?: RemoteHistory | Worker | undefined;
}

/** A history in a worker, or one on its way there. */
export type AnyHistory = RemoteHistory | Remote<LocalHistory>;

/** A log of events in a worker. */
export type EventLog = RemoteLog;

/** Logs of events in the workers of histories. */
export const EventLog = {
  /** As `EventLog.fromColumns`, in the worker of a history. The columns are copied. */
  fromColumns: (
    events: t.EventTable | readonly t.EventTable[],
    options: t.EventOptions,
    opening: { worker: RemoteHistory },
  ): Promise<RemoteLog> => open("events", [events, options], opening) as Promise<RemoteLog>,
};

/** A rule of segments for histories in workers: the calls of `SegmentRule`, as promises. It is data, and belongs to no worker. */
export class SegmentRule {
  /** The rule as a plain object. */
  readonly data: t.SegmentRuleData;

  private constructor(data: t.SegmentRuleData) {
    this.data = data;
  }

  /** A rule fitted to a history. */
  static async fit(history: AnyHistory, options: t.SegmentOptions = {}): Promise<SegmentRule> {
    return new SegmentRule((await callOn(history, { of: "SegmentRule", name: "fit", args: [options] })) as t.SegmentRuleData);
  }

  /** A rule that was kept, as its JSON or the object in it. */
  static from(kept: string | t.SegmentRuleData): SegmentRule {
    return new SegmentRule(keptRule(kept));
  }

  /** The customers of a history in their segments. */
  classify(history: AnyHistory): Remote<Segments> {
    return this.#on(history, "classify");
  }

  /**
   * The same, but who is within the rule's hysteresis of a cut stays where they were before: segments of the same worker that
   * are on their way, `rule.classify(earlier)`, and were not awaited.
   */
  classifyAfter(history: AnyHistory, before: Remote<Segments>): Remote<Segments> {
    return this.#on(history, "classifyAfter", before);
  }

  /** How the rule would have done from a day on. */
  backtest(
    history: AnyHistory,
    at: t.DayLike,
    test: { resamples?: number | undefined; seed?: number | undefined } = {},
  ): Remote<Table<t.Backtest, t.BacktestColumns>> {
    return this.#on(history, "backtest", at, test);
  }

  /** The segments at a glance, beside those of an earlier day, by the same cuts. */
  overview(history: AnyHistory, before: t.DayLike): Remote<SegmentOverview> {
    return this.#on(history, "overview", before);
  }

  /** How much its segments changed since a month before, and would change with other cuts. */
  stability(history: AnyHistory): Remote<t.Stability> {
    return this.#on(history, "stability");
  }

  /** What `JSON.stringify` takes. */
  toJSON(): t.SegmentRuleData {
    return this.data;
  }

  #on<T>(history: AnyHistory, name: string, ...args: unknown[]): T {
    return callOn(history, { of: this.data, name, args }) as T;
  }
}

/** Who went from which segment to which, in the worker that the segments are in. */
export const Migration = {
  /** As `Migration.between`: segments of one worker that are on their way, `rule.classify(earlier)`, and were not awaited. */
  between: (before: Remote<Segments>, after: Remote<Segments>): Remote<LocalMigration> =>
    callOn(before, { of: "Migration", name: "between", args: [after] }) as Remote<LocalMigration>,
};

/** A history in a worker. */
export type OrderHistory = RemoteHistory;

/** Histories in workers. */
export const OrderHistory = {
  /** As `OrderHistory.fromColumns`. The columns are copied. */
  fromColumns: (
    orders: t.OrderTable | readonly t.OrderTable[],
    options: t.HistoryOptions,
    opening: Opening = {},
  ): Promise<RemoteHistory> => open("fromColumns", [orders, options], opening) as Promise<RemoteHistory>,

  /** As `OrderHistory.fromCsv`, also from a file, which is then read piece by piece. */
  fromCsv: (
    content: Blob | string | Uint8Array | ArrayBuffer,
    options: t.ImportOptions = {},
    opening: Opening = {},
  ): Promise<RemoteHistory> => open(content instanceof Blob ? "fromFile" : "fromCsv", [content, options], opening) as Promise<RemoteHistory>,
};

async function open(how: Opened, args: unknown[], opening: Opening): Promise<unknown> {
  const { signal, worker, progress, ...unknown } = opening ?? {};
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined) {
    throw new RegularsError("invalid_option", `there is no option \`${surplus}\` here: there are \`progress\`, \`signal\`, \`worker\``);
  }
  for (const name of ["progress", "signal", "worker"]) {
    if ((args[1] as Record<string, unknown> | null | undefined)?.[name] !== undefined) {
      throw new RegularsError("invalid_option", `\`${name}\` stands behind the options, in an object of its own: \`fromCsv(file, {}, { ${name} })\``);
    }
  }
  signal?.throwIfAborted();
  const handle = new Handle(threadOf(worker));
  signal?.addEventListener("abort", () => handle.close(signal.reason), { once: true });
  try {
    return await handle.ask({ id: handle.number, open: how, args }, progress);
  } catch (error) {
    handle.close(error);
    throw error;
  }
}

/** Where a history is opened. */
function threadOf(worker: RemoteHistory | Worker | undefined): Thread {
  const beside = HANDLES.get(worker as RemoteHistory);
  if (beside !== undefined) return beside.thread;
  if (worker === undefined && typeof Worker === "undefined") {
    throw new RegularsError("worker_failed", "there are no web workers here, as in Node: take `regulars` instead of `regulars/worker`");
  }
  const given = (worker as Worker | undefined) ?? new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
  const thread = THREADS.get(given) ?? new Thread(given);
  THREADS.set(given, thread);
  return thread;
}

/** What stands behind the histories and logs that users have, and behind workers. */
const HANDLES = new WeakMap<object, Handle>();
const THREADS = new WeakMap<Worker, Thread>();
/** What stands behind results on their way. */
const PENDING = new WeakMap<object, { handle: Handle; path: Step[] }>();

/** A call of a rule or a class, on a history or on segments on their way. */
function callOn(first: AnyHistory | Remote<Segments>, step: Step): unknown {
  const way = PENDING.get(first);
  const handle = way?.handle ?? HANDLES.get(first);
  if (handle === undefined) throw new RegularsError("invalid_argument", "this is not in a worker: give a history of one, or what is on its way and was not awaited");
  return pending(handle, [...(way?.path ?? []), step]);
}

function remoteHistory(history: Handle, report: t.ImportReport | undefined): RemoteHistory {
  const free = () => history.close(new RegularsError("freed", "the history was freed"));
  const own: Record<string | symbol, unknown> = {
    import: report,
    get heapBytes() {
      return history.follow([{ name: "heapBytes" }]);
    },
    free,
    [Symbol.dispose]: free,
    // Not a promise, although it is the result of one.
    then: undefined,
  };
  const remote = new Proxy(own, {
    get: (_, name) => (name in own || typeof name === "symbol" ? own[name] : method(history, [], name)),
  }) as unknown as RemoteHistory;
  HANDLES.set(remote, history);
  return remote;
}

function remoteLog(log: Handle, facts: LogFacts): RemoteLog {
  const free = () => log.close(new RegularsError("freed", "the log was freed"));
  const remote = { ...facts, free, [Symbol.dispose]: free };
  HANDLES.set(remote, log);
  return remote;
}

function method(handle: Handle, path: Step[], name: string): (...args: unknown[]) => unknown {
  return (...args) => pending(handle, [...path, { name, args }]);
}

/** A result that is asked for when it is awaited, so that a call on it can go along. */
function pending(handle: Handle, path: Step[]): unknown {
  let asked: Promise<unknown> | undefined;
  const promise = () => (asked ??= handle.follow(path));
  const result = new Proxy(
    {},
    {
      get: (_, next: string | symbol) => {
        if (next === "then" || next === "catch" || next === "finally") {
          return (promise()[next] as (...args: unknown[]) => unknown).bind(promise());
        }
        return typeof next === "string" ? method(handle, path, next) : undefined;
      },
    },
  );
  PENDING.set(result, { handle, path });
  return result;
}

/** A step of a path, with the arguments that users gave. */
type Step = { name: string; args?: unknown[]; of?: Owner };

/** A history or a log in a worker, open until it is closed. */
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
    return this.ask({ id: this.thread.number(), kept: this.number, path: this.#path(path) });
  }

  ask(request: Extract<ToWorker, { id: number }>, progress?: Progress): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed as Error);
    return this.thread.ask(request, this, progress);
  }

  #path(path: Step[]): Path {
    return path.map((step) => ({ ...step, args: step.args?.map((value) => this.#argument(value)) }) as Path[number]);
  }

  #argument(value: unknown): Argument {
    const on = PENDING.get(value as object);
    const other = on?.handle ?? HANDLES.get(value as object);
    if (other === undefined) return { value };
    if (other.#closed !== undefined) throw other.#closed;
    if (other.thread !== this.thread) {
      throw new RegularsError("invalid_argument", "what is given is in another worker: open it with `{ worker: history }`");
    }
    return on === undefined ? { kept: other.number } : { kept: other.number, path: this.#path(on.path) };
  }

  close(reason: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.thread.close(this, reason);
  }
}

interface Waiting {
  handle: Handle;
  progress: Progress | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A worker, what is open in it, and what it has not answered yet. */
class Thread {
  readonly open = new Set<Handle>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #worker: Worker;
  #next = 0;
  #ended: unknown;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      const waiting = this.#waiting.get(data.id);
      if (waiting === undefined) return;
      if ("progress" in data) {
        try {
          return waiting.progress?.(...data.progress);
        } catch (reason) {
          return waiting.handle.close(reason);
        }
      }
      this.#waiting.delete(data.id);
      if ("error" in data) waiting.reject(remoteError(data.error));
      else if ("history" in data) {
        const history = waiting.handle.number === data.id ? waiting.handle : new Handle(this, data.id);
        waiting.resolve(remoteHistory(history, data.history));
      } else if ("events" in data) waiting.resolve(remoteLog(waiting.handle, data.events));
      else if ("table" in data) waiting.resolve(detachedTable(data.table));
      else if ("json" in data) waiting.resolve(plain({ json: () => data.json, free: () => undefined }));
      else waiting.resolve(data.result);
    };
    worker.onerror = (event) => {
      const reason = new RegularsError("worker_failed", `the worker could not be run: ${event.message || "its script was not loaded"}`);
      for (const handle of [...this.open]) handle.close(reason);
    };
  }

  number(): number {
    return this.#next++;
  }

  ask(request: Extract<ToWorker, { id: number }>, handle: Handle, progress?: Progress): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended as Error);
    return new Promise((resolve, reject) => {
      try {
        this.#worker.postMessage(request);
      } catch (cause) {
        throw new RegularsError("invalid_argument", `what is given cannot go to a worker: ${(cause as Error).message}`, { cause });
      }
      this.#waiting.set(request.id, { handle, progress, resolve, reject });
    });
  }

  /** Ends what is asked of a history or a log, and the worker with the last one. */
  close(handle: Handle, reason: unknown): void {
    this.open.delete(handle);
    const asked = [...this.#waiting].filter(([, waiting]) => waiting.handle === handle);
    for (const [id, { reject }] of asked) {
      this.#waiting.delete(id);
      reject(reason);
    }
    if (this.open.size === 0) {
      this.#ended = reason;
      this.#worker.terminate();
    } else {
      // Also the histories that were asked of it, and are on their way to nobody.
      for (const number of new Set([handle.number, ...asked.map(([id]) => id)])) this.#worker.postMessage({ free: number });
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

export { ERROR_CODES, RegularsError, type ErrorCode } from "./errors.js";
export { columnsOf } from "./columns.js";
export { Table, toJson } from "./results.js";
export type { CohortTable, Progress };
export type * from "./types.js";
