/** The only door to the figures: every call that the page makes, by the package `regulars`. */

import { benchmarks, compare, definitions, init, playbook, type AudienceData, type CohortGrain, type CohortMeasure, type CohortReading, type Grain, type ImportOptions, type ImportReport, type LapseAfter, type MarketingCost, type Period, type Scenario } from "regulars";
import { OrderHistory, RegularsError, type RemoteHistory } from "regulars/worker";
import wasm from "virtual:wasm";
import { demoShop } from "./demo";
import Engine from "./engine.worker?worker&inline";

/** The core, unpacked from the page itself and compiled once for the page and its workers. */
const core = (async () => {
  const packed = Uint8Array.from(atob(wasm), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
})();
const page = core.then(init);

function engine(module: WebAssembly.Module): Worker {
  const worker = new Engine();
  worker.postMessage(module);
  return worker;
}

/** Made with the page, and run in on the demo shop: browsers make code fast that has run before. */
let warm: Promise<Engaged> | undefined = core.then(async (module) => {
  const worker = engine(module);
  const demo = await OrderHistory.fromCsv(demoShop(), {}, { worker });
  await demo.report();
  return { worker, demo };
});

/** A worker, and the history that it was run in on. */
interface Engaged {
  worker: Worker;
  demo?: RemoteHistory;
}

/** Customers for whom an action is, with what they brought as numbers for people. */
export type Audience = AudienceData & { value: number[] };

/** Who has reached a step of the win-back cascade within so many days; without a number, whenever that was. */
async function winBack(history: RemoteHistory, days: number | undefined): Promise<Audience> {
  await page;
  const action = playbook().find(({ id }) => id === "win_back");
  if (!action) throw new RegularsError("unknown_action", "the playbook has no win-back");
  const trigger = { ...action.trigger, stepWithinDays: days ?? null };
  const { data, columns } = await history.segments().audience({ ...action, trigger });
  return { ...data, value: Array.from(columns.value) };
}

/** The figures of the page beside which others have published theirs. What is published of retention names no period, or counts visits: beside a rate of a period it would mislead. */
const BESIDE = ["repeat_customer_rate", "revenue_split", "time_to_second_purchase", "returns"];

const CALLS = {
  definitions: async () => (await page, definitions()),
  benchmarks: async () => (await page, BESIDE.flatMap(benchmarks)),
  compare: async (_: RemoteHistory, base: Scenario, other: Scenario, periods: number) => (await page, compare(base, other, periods).data),
  report: (history: RemoteHistory, period: Period | undefined) => history.report({ period }),
  /** Of each period by itself. */
  repurchases: (history: RemoteHistory, periods: Period[]) => Promise.all(periods.map((period) => history.during(period).repurchaseRetention())),
  flow: (history: RemoteHistory, period: Period, lapseAfter?: LapseAfter) => history.during(period).customerFlow({ lapseAfter }),
  timeline: async (history: RemoteHistory, grain: Grain) => (await history.timeline(grain)).data,
  flowTimeline: async (history: RemoteHistory, grain: Grain, lapseAfter: LapseAfter) => (await history.flowTimeline(grain, { lapseAfter })).data,
  cohorts: async (history: RemoteHistory, grain: CohortGrain, maxIndex: number, reading: CohortReading, measure: CohortMeasure) =>
    (await history.cohorts({ grain, maxIndex }).table(reading, measure)).data,
  segmentOverview: async (history: RemoteHistory, before: string) => (await history.segmentOverview(before)).data,
  movementTimeline: async (history: RemoteHistory, grain: Grain) => (await history.movementTimeline(grain)).data,
  acquisition: async (history: RemoteHistory, period: Period, costs: MarketingCost[]) => (await history.during(period).acquisition(costs)).data,
  payback: (history: RemoteHistory, acquisitionCost: number, margin: number) => history.payback(acquisitionCost, margin),
  customer: async (history: RemoteHistory, customer: string) => {
    const [assessment, orders] = await Promise.all([history.segments().explain(customer), history.ordersOf(customer)]);
    return assessment && { assessment, orders: orders ?? [] };
  },
  winBack,
} satisfies Record<string, (history: RemoteHistory, ...args: never[]) => Promise<unknown>>;

export type Call = keyof typeof CALLS;
type Tail<F> = F extends (history: RemoteHistory, ...args: infer Args) => unknown ? Args : never;
export type Arguments<N extends Call> = Tail<(typeof CALLS)[N]>;
export type Result<N extends Call> = Awaited<ReturnType<(typeof CALLS)[N]>>;

/** A file that has been read, and a worker that answers questions about it. */
export class Shop {
  readonly #answers = new Map<string, Promise<unknown>>();

  private constructor(
    readonly history: RemoteHistory,
    readonly info: ImportReport,
  ) {}

  /** Reads a file, piece by piece and in a worker, so that the page stays free; an abort ends it at once. */
  static async read(file: Blob, options: ImportOptions, progress: (share: number) => void, signal: AbortSignal): Promise<Shop> {
    signal.throwIfAborted();
    const ready: Promise<Engaged> = warm ?? core.then((module) => ({ worker: engine(module) }));
    warm = undefined;
    const { worker, demo } = await ready;
    if (signal.aborted) worker.terminate();
    const reading = OrderHistory.fromCsv(file, options, { worker, signal, progress: (bytes, total) => progress(bytes / total) });
    // Not before: the worker ends with its last history.
    demo?.free();
    const history = await reading;
    if (!history.import) throw new RegularsError("io", "the file was not read");
    const shop = new Shop(history, history.import);
    // What the page shows first is under way before the page is drawn.
    void shop.ask("report", undefined).catch(() => undefined);
    return shop;
  }

  /** Asks once; the same question again gets the same answer. */
  ask<N extends Call>(name: N, ...args: Arguments<N>): Promise<Result<N>> {
    const key = JSON.stringify([name, ...args]);
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = (CALLS[name] as (history: RemoteHistory, ...args: unknown[]) => Promise<unknown>)(this.history, ...args);
      this.#answers.set(key, answer);
    }
    return answer as Promise<Result<N>>;
  }

  close(): void {
    this.history.free();
  }
}
