import { ask, askTable, dayOn, optionsText, outcome, periodText, zoneOf } from "./call.js";
import { eventColumns, orderColumns } from "./columns.js";
import { RegularsError } from "./errors.js";
import { instantOf, isDate, shown, toText } from "./json.js";
import { attempt, core, owned, release, type OfHost } from "./module.js";
import { inModule, Table, type TableSource } from "./results.js";
import type * as t from "./types.js";
import type { History, Log, Outcome } from "./wasm/regulars.js";

/** What browsers have in workers alone. */
declare const FileReaderSync: (new () => { readAsArrayBuffer(file: Blob): ArrayBuffer }) | undefined;

/** Is told how many bytes of how many have been read. What it throws ends the reading, which throws it on. */
export type Progress = (bytes: number, total: number) => void;

/**
 * A shop's orders, each counted once: what everything is computed from.
 *
 * It does not change; `append`, `merge`, `observeUntil` and `withCustomers` give another one. It lives in the module's memory
 * until it is no longer used; `free()` gives the memory back at once.
 */
export class OrderHistory {
  readonly #history: History;
  /** How the file was read, for a history that comes from one. */
  readonly import: t.ImportReport | undefined;

  private constructor(history: History) {
    this.#history = owned(history);
    const report = history.import();
    this.import = report === undefined ? undefined : (JSON.parse(report) as t.ImportReport);
  }

  /** A history of orders in columns, or of several such chunks one after the other. */
  static fromColumns(orders: t.OrderTable | readonly t.OrderTable[], options: t.HistoryOptions): OrderHistory {
    const text = optionsText(options);
    return new OrderHistory(attempt(() => core().History.fromColumns(orderColumns(orders), text)));
  }

  /**
   * A history from the content of a file: Shopify's `orders_export.csv`, an order export of WooCommerce, or any CSV with a row
   * per order. `import` says how it was read.
   */
  static fromCsv(
    content: string | Uint8Array | ArrayBuffer,
    options: t.ImportOptions = {},
    progress?: Progress,
  ): OrderHistory {
    const bytes =
      typeof content === "string"
        ? new TextEncoder().encode(content)
        : content instanceof ArrayBuffer
          ? new Uint8Array(content)
          : content;
    if (!(bytes instanceof Uint8Array)) {
      throw new RegularsError("invalid_option", "`content` is a text or the bytes of a file");
    }
    return OrderHistory.fromReader((from, to) => bytes.subarray(from, to), bytes.length, options, progress);
  }

  /**
   * A history from a file. In a worker it is read piece by piece, in memory that grows with the history alone; elsewhere it is
   * taken into memory first, and the page stands still meanwhile: see `regulars/worker`.
   */
  static async fromFile(file: OfHost<"Blob">, options: t.ImportOptions = {}, progress?: Progress): Promise<OrderHistory> {
    if (typeof FileReaderSync === "undefined") {
      return OrderHistory.fromCsv(await file.arrayBuffer(), options, progress);
    }
    const reader = new FileReaderSync();
    const slice = (from: number, to: number) => new Uint8Array(reader.readAsArrayBuffer(file.slice(from, to)));
    return OrderHistory.fromReader(slice, file.size, options, progress);
  }

  /** Reads in pieces that are large, since each is a trip to the browser, and still many; the module takes them by the 64 KiB. */
  private static fromReader(
    slice: (from: number, to: number) => Uint8Array,
    total: number,
    options: t.ImportOptions,
    progress: Progress | undefined,
  ): OrderHistory {
    const text = optionsText(options);
    const size = Math.min(Math.max(Math.ceil(total / 8), 1 << 20), 1 << 24);
    let [from, given, piece]: [number, number, Uint8Array] = [0, 0, new Uint8Array()];
    const read = (asked: number): Uint8Array => {
      if (given === piece.length && from < total) {
        const to = Math.min(from + size, total);
        [piece, given, from] = [slice(from, to), 0, to];
        progress?.(to, total);
      }
      const bytes = piece.subarray(given, given + asked);
      given += bytes.length;
      return bytes;
    };
    return new OrderHistory(attempt(() => core().History.fromFile(read, text)));
  }

  /** The same history with more orders, under the same options. */
  append(orders: t.OrderTable | readonly t.OrderTable[]): OrderHistory {
    return new OrderHistory(attempt(() => this.#history.append(orderColumns(orders))));
  }

  /** One history of the orders of two. */
  merge(other: OrderHistory): OrderHistory {
    return new OrderHistory(attempt(() => this.#history.merge(other.#history)));
  }

  /** The same orders as they were known on a day, itself no longer observed; null for the day after the last order. */
  observeUntil(date: t.DayLike | null): OrderHistory {
    const text = isDate(date) ? dayOn(this.#history)(date, "date") : (date ?? undefined);
    if (text !== undefined && typeof text !== "string") throw new RegularsError("invalid_date", `${shown(text)} is not a date`);
    return new OrderHistory(attempt(() => this.#history.observeUntil(text)));
  }

  /** The same history with facts on customers. Those without an order become prospects. */
  withCustomers(customers: readonly t.CustomerFacts[]): OrderHistory {
    const text = toText(customers, "customers", dayOn(this.#history));
    return new OrderHistory(attempt(() => this.#history.withCustomers(text)));
  }

  /** The bytes of memory that the orders take. */
  get heapBytes(): number {
    return attempt(() => this.#history.heapBytes());
  }

  /** Gives the memory back at once. The history is of no more use. */
  free(): void {
    release(this.#history);
  }

  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  /** What it holds, what it left out and why, and what was inferred. */
  summary(): t.Summary {
    return this.ask("history.summary");
  }

  /** From the day of the first order to the end of the observation. */
  span(): t.Period {
    return this.ask("history.span");
  }

  /** The day on which observation ends, itself no longer observed. */
  observedUntil(): string {
    return this.ask("history.observed_until");
  }

  /** The rules under which it was built, with their defaults. */
  options(): t.KnownHistoryOptions {
    const options: t.KnownHistoryOptions = this.ask("history.options");
    options.zone = zoneOf(this.#history);
    return options;
  }

  /** Every order that does not count, in order of its day. */
  leftOut(): t.LeftOutOrder[] {
    return this.ask("history.left_out");
  }

  /** The facts on customers that were given. */
  customerFacts(): t.Customer[] {
    return this.ask("history.customers");
  }

  /** The orders and credit notes of one customer, in time. */
  ordersOf(customer: string): t.RecordedOrder[] {
    return this.ask("history.orders_of", { customer });
  }

  /** The figures of one period. */
  during(period: t.PeriodLike): Window {
    return new Window(this.#history, periodText(period, dayOn(this.#history)));
  }

  /** The figures of buying, period by period. */
  timeline(grain: t.Grain): Table<t.Timeline, t.TimelineColumns> {
    return this.askTable("timeline", { grain });
  }

  /** The flow of customers, period by period. */
  flowTimeline(grain: t.Grain, options: t.FlowOptions = {}): Table<t.FlowTimeline, t.FlowTimelineColumns> {
    return this.askTable("flow_timeline", { grain, options });
  }

  /** The movements of revenue, period by period. */
  movementTimeline(grain: t.Grain): Table<t.MovementTimeline, t.MovementTimelineColumns> {
    return this.askTable("movement_timeline", { grain });
  }

  /** Customers by the period of their first purchase, and what became of them. */
  cohorts(options: t.CohortOptions = {}): Cohorts {
    return new Cohorts(inModule(outcome("cohorts", { options }, this.#history)));
  }

  /** Customers scored by recency, frequency and money. */
  rfm(options: t.RfmOptions = {}): Rfm {
    return new Rfm(inModule(outcome("rfm", { options }, this.#history)));
  }

  /** The days between one purchase and the next. */
  timeBetweenPurchases(options: { binDays?: number | undefined } = {}): Table<t.TimeBetweenPurchases, t.GapColumns> {
    return this.askTable("time_between_purchases", { options });
  }

  /** Of the customers with so many purchases, how many went on to the next. */
  purchaseFunnel(
    options: { steps?: number | undefined; withinDays?: number | undefined } = {},
  ): Table<t.PurchaseFunnel, t.PurchaseFunnelColumns> {
    return this.askTable("purchase_funnel", { options });
  }

  /** How soon new customers come back. */
  timeToSecondPurchase(
    options: { days?: readonly number[] | undefined; level?: number | undefined } = {},
  ): Table<t.TimeToSecondPurchase, t.ReturnedByColumns> {
    return this.askTable("time_to_second_purchase", { options });
  }

  /** How unequally customers spend. */
  concentration(options: t.ConcentrationOptions = {}): Table<t.Concentration, t.LorenzColumns> {
    return this.askTable("history.concentration", { options });
  }

  /** What customers spend by months since their first purchase. */
  spendByTenure(options: t.TenureOptions = {}): Table<t.SpendByTenure, t.TenureColumns> {
    return this.askTable("spend_by_tenure", { options });
  }

  /** Spending in some months since the first purchase against others: `tenureRatio([31, 36], [1, 6])`. */
  tenureRatio(band: readonly [first: number, last: number], base: readonly [first: number, last: number]): t.TenureRatio {
    return this.ask("tenure_ratio", { band, base });
  }

  /** What is known of every customer: purchases, revenue, rhythm, how likely they are to buy again, and when. */
  customers(options: t.OutlookOptions = {}): CustomerProfiles {
    return new CustomerProfiles(inModule(outcome("customer_profiles", { options }, this.#history)));
  }

  /** How likely customers are to buy again, by their purchases, their own rhythm and their silence. */
  outlook(options: t.OutlookOptions = {}): Outlook {
    return new Outlook(inModule(outcome("outlook", { options }, this.#history)));
  }

  /** How far the shop has come. */
  stage(): t.ShopStage {
    return this.ask("stage");
  }

  /** Its customers in the segments of a rule that was kept, or of one that is fitted now. */
  segments(by: t.SegmentRuleData | t.SegmentOptions = {}): Segments {
    return ("version" in by ? SegmentRule.from(by) : SegmentRule.fit(this, by)).classify(this);
  }

  /** The segments at a glance, beside those of an earlier day, by a rule that was kept or one that is fitted now. */
  segmentOverview(before: t.DayLike, by: t.SegmentRuleData | t.SegmentOptions = {}): SegmentOverview {
    const asked = "version" in by ? { before, rule: by } : { before, options: by };
    return new SegmentOverview(inModule(outcome("segment_overview", asked, this.#history)));
  }

  /** Who sends goods back, and who buys again after that. */
  returns(): t.Returns {
    return this.ask("returns");
  }

  /** What customers have brought so far. */
  historicValue(): t.HistoricValue {
    return this.ask("historic_value");
  }

  /** What one customer has brought so far; null for one without an order. */
  historicValueOf(customer: string): t.Money | null {
    return this.ask("historic_value_of", { customer });
  }

  /** When an acquisition cost has come back, by what the average customer really brought. */
  payback(acquisitionCost: number, margin: number): t.ObservedPayback {
    return this.ask("payback", { acquisitionCost, margin });
  }

  /** Everything at once. `toJson(report)` is its exact text. */
  report(options: t.ReportOptions = {}): t.Report {
    return this.ask("history.report", { options });
  }

  /** The report as text for a terminal. */
  reportText(options: t.ReportOptions = {}): string {
    return this.ask("history.report.text", { options });
  }

  /**
   * The history in the module's memory.
   * @internal
   */
  get inner(): History {
    return this.#history;
  }

  private ask<T>(name: string, args: object = {}): T {
    return ask(name, args, this.#history);
  }

  private askTable<Data, Columns>(name: string, args: object): Table<Data, Columns> {
    return askTable(name, args, this.#history);
  }
}

/** E-mails, visits and shares, sorted once, to be read beside any history of the same customers. */
export class EventLog {
  readonly #log: Log;
  /** How many events were given, those of nobody and of unknown kinds included. */
  readonly length: number;
  /** How many are of nobody. They are in no figure, since there is no customer whose they were. */
  readonly unidentified: number;
  /** The events that were left out for their kind. */
  readonly unknownKinds: readonly t.UnknownKind[];

  private constructor(log: Log) {
    this.#log = owned(log);
    ({ length: this.length, unidentified: this.unidentified, unknownKinds: this.unknownKinds } = JSON.parse(log.facts()) as EventLog);
  }

  /** A log of events in columns, or of several such chunks one after the other. */
  static fromColumns(events: t.EventTable | readonly t.EventTable[], options: t.EventOptions = {}): EventLog {
    const text = optionsText(options);
    return new EventLog(attempt(() => core().Log.fromColumns(eventColumns(events), text)));
  }

  /** Gives the memory back at once. The log is of no more use. */
  free(): void {
    release(this.#log);
  }

  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  /**
   * The log in the module's memory.
   * @internal
   */
  get inner(): Log {
    return this.#log;
  }
}

/** The figures of one period of a history. */
export class Window {
  readonly #history: History;
  readonly #period: string;

  /** @internal */
  constructor(history: History, period: string) {
    this.#history = history;
    this.#period = period;
    this.period();
  }

  /** Its days. */
  period(): t.Period {
    return this.ask("period");
  }

  /** All figures of buying. */
  buying(): t.Buying {
    return this.ask("buying");
  }

  /** Customers with two or more purchases in the period ÷ customers. */
  repeatCustomerRate(): t.Rate {
    return this.ask("repeat_customer_rate");
  }

  /** Customers who had bought before, in the period or earlier ÷ customers. */
  returningCustomerRate(): t.Rate {
    return this.ask("returning_customer_rate");
  }

  /** Customers who had bought before the period ÷ customers. */
  existingCustomerShare(): t.Rate {
    return this.ask("existing_customer_share");
  }

  /** Purchases ÷ customers. */
  purchaseFrequency(): t.Average {
    return this.ask("purchase_frequency");
  }

  /** Revenue ÷ orders. */
  averageOrderValue(): t.Average<t.Money> {
    return this.ask("average_order_value");
  }

  /** Revenue ÷ customers. */
  averageRevenuePerCustomer(): t.Average<t.Money> {
    return this.ask("average_revenue_per_customer");
  }

  /** Revenue by who brought it. */
  revenueSplit(): t.RevenueSplit {
    return this.ask("revenue_split");
  }

  /** Customers who came, stayed, left and came back. */
  customerFlow(options: t.FlowOptions = {}): t.CustomerFlow {
    return this.ask("customer_flow", { options });
  }

  /** Of those who bought in the period before, how many bought again. */
  repurchaseRetention(): t.RepurchaseRetention {
    return this.ask("repurchase_retention");
  }

  /** What became of the revenue of the period before. */
  revenueMovements(): t.RevenueMovements {
    return this.ask("revenue_movements");
  }

  /** What it costs to win customers and to keep them, by channel. */
  acquisition(costs: readonly t.MarketingCost[] = []): Table<t.Acquisition, t.AcquisitionColumns> {
    return askTable("during.acquisition", { period: this.#period, costs }, this.#history);
  }

  /** Who came by a referral, and who refers. `invitations` is how many were sent. */
  referrals(options: { invitations?: number | null | undefined } = {}): t.Referrals {
    return this.ask("referrals", { options });
  }

  /**
   * What customers do beside buying, and whether those who do it buy again more often. Of many events, or for several periods,
   * make an {@link EventLog}, which has its options already.
   */
  engagement(
    events: readonly t.CustomerEvent[] | EventLog,
    options: t.EventOptions = {},
  ): Table<t.Engagement, t.EngagementColumns> {
    if (events instanceof EventLog) {
      if (Object.keys(options).length > 0) throw new RegularsError("invalid_option", "an `EventLog` has its options already: `EventLog.fromColumns` takes them");
      return new Table(inModule(attempt(() => this.#history.engagement(this.#period, events.inner))));
    }
    const instants = events.map((event) =>
      isDate(event.happened) ? { ...event, happened: instantOf(event.happened, "happened") } : event,
    );
    return askTable("during.engagement", { period: this.#period, events: instants, options }, this.#history);
  }

  /** Order value × frequency in the period × a lifespan; null where nobody bought. */
  simpleValue(lifespan: t.Lifespan): t.SimpleValue | null {
    return this.ask("simple_value", { lifespan });
  }

  /** What a customer brings in profit, at a margin and a retention rate; null where nobody bought. */
  profitFigures(margin: number, retentionRate: number): t.ProfitFigures | null {
    return this.ask("profit_figures", { margin, retentionRate });
  }

  private ask<T>(name: string, args: object = {}): T {
    return ask(`during.${name}`, { period: this.#period, ...args }, this.#history);
  }
}

/** Cohorts: {@link Cohorts.table} gives one reading and measure of them. */
export class Cohorts extends Table<t.CohortData, t.CohortColumns> {
  /** One reading and one measure, as a triangle: by default the share of each cohort that bought in each period. */
  table(reading: t.CohortReading = "returned_in", measure: t.CohortMeasure = "rate"): CohortTable {
    return new CohortTable(this.further("table", { reading, measure }));
  }
}

/** One reading and measure of cohorts. */
export class CohortTable extends Table<t.CohortTableData, t.CohortTableColumns> {
  /** The cells as numbers, row by row; null is what is not observed yet. */
  values(): (number | null)[][] {
    const { value } = this.columns;
    let from = 0;
    return this.data.rows.map(({ cells }) => Array.from(value.subarray(from, (from += cells.length)), (cell) => (Number.isNaN(cell) ? null : cell)));
  }
}

/** Customers scored by recency, frequency and money. */
export class Rfm extends Table<t.RfmData, t.RfmColumns> {
  /** Each customer's figures and scores, by key. */
  customers(): Record<string, t.RfmCustomer> {
    return this.ask("customers");
  }

  /** All but the customers. */
  groups(): t.RfmGroups {
    return this.ask("groups");
  }
}

/** What is known of every customer. */
export class CustomerProfiles extends Table<t.CustomerProfilesData, t.CustomerProfilesColumns> {
  /** What is known of one customer; null for one without a purchase. */
  of(customer: string): t.CustomerProfile | null {
    return this.ask("of", { customer });
  }
}

/** How likely customers are to buy again. It has no rows: `data` is what was learnt. */
export class Outlook extends Table<t.OutlookData, Record<never, never>> {
  /** What is to be expected of a customer with so many purchases, so many days apart in all, and silent for so long. */
  estimate(purchases: number, spanDays: number, silenceDays: number): t.OutlookEstimate {
    return this.ask("estimate", { purchases, spanDays, silenceDays });
  }
}

/**
 * A rule that was kept; what is none is refused here, and not when it is used.
 * @internal
 */
export function keptRule(kept: string | t.SegmentRuleData): t.SegmentRuleData {
  let data: unknown = kept;
  try {
    if (typeof kept === "string") data = JSON.parse(kept);
  } catch (cause) {
    throw new RegularsError("invalid_option", `\`rule\`: this is no JSON: ${(cause as Error).message}`, { cause });
  }
  for (const name of ["version", "options", "currency", "value", "valueCut", "outlookCut", "outlook"]) {
    if (typeof data !== "object" || data === null || !(name in data)) {
      throw new RegularsError("invalid_option", `\`rule\`: this is no rule of segments that was kept: it has no \`${name}\``);
    }
  }
  return data as t.SegmentRuleData;
}

/** A rule that tells customers apart by their value and their outlook. It is data: keep it, and apply it another day. */
export class SegmentRule {
  /** The rule as a plain object. */
  readonly data: t.SegmentRuleData;

  private constructor(data: t.SegmentRuleData) {
    this.data = data;
  }

  /** A rule fitted to a history. */
  static fit(history: OrderHistory, options: t.SegmentOptions = {}): SegmentRule {
    return new SegmentRule(ask("segment_rule", { options }, history.inner));
  }

  /** A rule that was kept, as its JSON or the object in it. */
  static from(kept: string | t.SegmentRuleData): SegmentRule {
    return new SegmentRule(keptRule(kept));
  }

  /** The customers of a history in their segments. */
  classify(history: OrderHistory): Segments {
    return new Segments(inModule(attempt(() => history.inner.classify(toText(this.data)))));
  }

  /** The same, but who is within the rule's hysteresis of a cut stays where they were before. */
  classifyAfter(history: OrderHistory, before: Segments): Segments {
    const classified = attempt(() => history.inner.classifyAfter(toText(this.data), local(before)));
    return new Segments(inModule(classified));
  }

  /** How the rule would have done from a day on. */
  backtest(
    history: OrderHistory,
    at: t.DayLike,
    test: { resamples?: number | undefined; seed?: number | undefined } = {},
  ): Table<t.Backtest, t.BacktestColumns> {
    return askTable("backtest", { rule: this.data, at, test }, history.inner);
  }

  /** The segments at a glance, beside those of an earlier day, by the same cuts. */
  overview(history: OrderHistory, before: t.DayLike): SegmentOverview {
    return history.segmentOverview(before, this.data);
  }

  /** How much its segments changed since a month before, and would change with other cuts. */
  stability(history: OrderHistory): t.Stability {
    return ask("stability", { rule: this.data }, history.inner);
  }

  /** What `JSON.stringify` takes. */
  toJSON(): t.SegmentRuleData {
    return this.data;
  }
}

/** Customers in their segments. */
export class Segments extends Table<t.SegmentsData, t.SegmentsColumns> {
  /** Why a customer is where they are, with a sentence; null for one without a purchase. */
  explain(customer: string): t.Explanation | null {
    return this.ask("explain", { customer });
  }

  /** The segments as a whole. */
  counts(): t.SegmentCount[] {
    return this.ask("counts");
  }

  /** How many are known and have no purchase, be it that all was paid back. */
  prospects(): number {
    return this.ask("prospects");
  }

  /** Each customer's segment, reason and flags, by key. */
  reasons(): Record<string, [t.Segment, t.SegmentReason, t.SegmentFlag[]]> {
    return this.ask("reasons");
  }

  /** Whom an action is for: one of the playbook by its name, or one of your own. */
  audience(action: string | t.OwnAction): Audience {
    return new Audience(this.further("audience", { action: typeof action === "string" ? action : withMost(action) }));
  }
}

/** What stands in the core for no most of a pair. */
const NO_MOST = 0xffff_ffff;

/** An action with the core's word for pairs without a most. */
function withMost(action: t.OwnAction): object {
  const most = (pair: unknown) => (Array.isArray(pair) && (pair[1] === null || pair[1] === Infinity) ? [pair[0], NO_MOST] : pair);
  const trigger = Object.entries(action?.trigger ?? {}).map(([name, value]) => [name, most(value)]);
  return { ...action, trigger: Object.fromEntries(trigger) as object };
}

/** Whom an action is for. */
export class Audience extends Table<t.AudienceData, t.AudienceColumns> {
  /** Why it is for each of them, by key. */
  why(): Record<string, string> {
    return this.ask("why");
  }
}

/** Who went from which segment to which. */
export class Migration extends Table<t.MigrationData, t.MigrationColumns> {
  /** Between the segments of two days. */
  static between(before: Segments, after: Segments): Migration {
    return new Migration(inModule(attempt(() => core().migration(local(before), local(after)))));
  }

  /** How many went from one to the other; null for a name that is not there. */
  count(from: t.Segment | "prospect" | "new", to: t.Segment | "prospect" | "left"): number | null {
    return this.ask("count", { from, to });
  }

  /** Of the customers with a purchase on both days, those in the same segment. */
  unchanged(): t.Rate {
    return this.ask("unchanged");
  }

  /** Cohen's κ: 1 where all are in the same segment, 0 where no more are than by chance. */
  kappa(): number | null {
    return this.ask("kappa");
  }
}

/** The segments at a glance: a row for each. */
export class SegmentOverview extends Table<t.SegmentOverviewData, t.SegmentOverviewColumns> {
  /** Who moved since the earlier day; null where there was none. */
  migration(): Migration | null {
    return this.data.migration === null ? null : new Migration(this.further("migration", {}));
  }
}

/** Segments where they were classified. */
function local(segments: Segments): Outcome {
  if (segments.outcome === undefined) throw new RegularsError("invalid_argument", "these segments left their worker");
  return segments.outcome as Outcome;
}

/** A curve of who still waits. */
export class KaplanMeier extends Table<t.SurvivalCurve, t.SurvivalColumns> {
  /** The share to whom it has not happened by a day; null beyond the last day observed. */
  survival(day: number): number | null {
    return this.ask("survival", { day });
  }

  /** The confidence interval of that share. */
  interval(day: number): t.Interval | null {
    return this.ask("interval", { day });
  }

  /** How many were observed until that day at least. */
  atRisk(day: number): number {
    return this.ask("at_risk", { day });
  }

  /** The day by which it has happened to the share `p`; null where that is not reached. */
  quantile(p: number): number | null {
    return this.ask("quantile", { p });
  }

  /** The day by which it has happened to half. */
  median(): number | null {
    return this.ask("median");
  }
}

/**
 * The kinds of tables by name, for the worker.
 * @internal
 */
export const TABLES: Record<string, new (source: TableSource) => Table<unknown, unknown>> = {
  Table,
  Cohorts,
  CohortTable,
  Rfm,
  CustomerProfiles,
  Outlook,
  Segments,
  Audience,
  Migration,
  SegmentOverview,
  KaplanMeier,
};
