import type { Bits, Days, Minor, Numbers, Texts } from "./results.js";

// ---------------------------------------------------------------------------------------------------------------- values

/** An exact amount: decimal text with all the decimals of its currency. */
export interface Money {
  amount: string;
  /** A code of ISO 4217; with `:` and the number of decimals, where they are not the currency's own. */
  currency: string;
}

/** From its first day to the day after its last. */
export interface Period {
  /** `2024-05-01` */
  start: string;
  /** `2024-06-01`, itself no longer in the period. */
  end: string;
}

/** The size of periods: weeks start on Monday, those of `week-sun` on Sunday. */
export type Grain = "day" | "week" | "week-sun" | "month" | "quarter" | "year";

/** The size of cohorts: a grain, or a number of days such as `30-days`. */
export type CohortGrain = Grain | `${number}-days`;

/**
 * A period in words, `2024`, `2024-Q3`, `2024-05`, `2024-W07`, `2024-05-17`, `2024-01-01/2024-07-01`, or its days, the last of them
 * no longer in it; a `Date` as in {@link DayLike}.
 */
export type PeriodLike = string | { start: DayLike; end: DayLike };

/**
 * A day, `2024-07-01`. A `Date` at midnight UTC, which `new Date("2024-07-01")` is, means that day; at any other time, as
 * `new Date(2024, 6, 1)` is in most places, the day on which it falls in the zone of the history, and it is an error where no
 * zone was given.
 */
export type DayLike = string | Date;

/** A confidence interval. */
export interface Interval {
  low: number;
  high: number;
  /** How often such intervals hold the true value: 0.95. */
  level: number;
}

/** A share of things counted, with Wilson's interval. */
export interface Rate {
  numerator: number;
  denominator: number;
  /** Null where the denominator is 0. */
  value: number | null;
  interval: Interval | null;
  /** Whether there are fewer than 30 in the denominator, too few to rely on. */
  smallN: boolean;
}

/** One rate less another, with Newcombe's interval. */
export interface RateDifference {
  rate: Rate;
  other: Rate;
  value: number | null;
  interval: Interval | null;
}

/** A sum over so many. */
export interface Average<T = number> {
  total: T;
  count: number;
  /** Null where the count is 0. */
  value: number | null;
}

/** One sum over another. It can be below 0 or above 1. */
export interface Ratio<T = number> {
  numerator: T;
  denominator: T;
  /** Null where the denominator is 0. */
  value: number | null;
}

/** A name in this package and the figure's meaning. */
export interface Definition {
  name: string;
  title: string;
  formula: string;
}

/** What a shop can say of an order's fate. */
export type OrderStatus =
  | "paid"
  | "refunded"
  | "pending"
  | "authorized"
  | "on_hold"
  | "cancelled"
  | "voided"
  | "failed"
  | "test"
  | "draft"
  | "deleted";

/** Which orders count. */
export interface OrderPolicy {
  /** Orders of these statuses do not count. */
  leaveOut: OrderStatus[];
  countZeroAmount: boolean;
  countFullyRefunded: boolean;
  /** The period that a refund is taken off: that of the refund, or that of the order. */
  refundsInPeriods: "refund" | "order";
}

/**
 * Which orders count, by whose rules. `strict`, the default: only what was paid and, at least in part, kept. `shopify`, as Shopify's
 * own reports: everything but test and deleted orders is a sale, and a cancelled order a return on the day it was cancelled.
 * `woocommerce`, as WooCommerce Analytics: the same without orders that are pending, failed or cancelled.
 */
export type PolicyName = "strict" | "shopify" | "woocommerce";

// ----------------------------------------------------------------------------------------------------------------- input

/** A list of text, or the places of each row's text in a list of distinct ones (0xffffffff for none). */
export type TextColumn =
  | readonly (string | null | undefined)[]
  | { codes: Uint32Array; values: readonly string[] };

/** Customers or order numbers: text, or whole numbers. */
export type KeyColumn =
  | TextColumn
  | readonly (number | null | undefined)[]
  | readonly (bigint | null | undefined)[]
  | BigInt64Array
  | Uint32Array
  | Int32Array
  | Float64Array;

/**
 * Amounts: numbers in the currency's main unit (`35.2`); `bigint`s, which are minor units; or decimal text. NaN and null are
 * missing. The cells of a column are of one kind. A negative amount is a credit note.
 */
export type AmountColumn =
  | readonly (number | null | undefined)[]
  | readonly (bigint | null | undefined)[]
  | TextColumn
  | Float64Array
  | BigInt64Array
  | Uint32Array
  | Int32Array;

/**
 * Moments: `Date`s are instants, and so are numbers, which count milliseconds since 1970 unless `timeUnit` says otherwise;
 * `Int32Array` has days since 1970-01-01, and is refused beside a `timeUnit`; text is a date, a time with its offset from UTC, or a time of
 * the shop's clock. The cells of a column are of one kind.
 */
export type TimeColumn =
  | readonly (Date | null | undefined)[]
  | readonly (number | null | undefined)[]
  | readonly (bigint | null | undefined)[]
  | TextColumn
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array;

/** Orders as columns of equal length. Only the moment and the amount are needed. */
export interface OrderTable {
  /** When each order was placed. */
  placedAt: TimeColumn;
  /** Net sales before refunds: after discounts, before tax and shipping. An order with a negative amount is a credit note. */
  amount: AmountColumn;
  /** Who bought, by the shop's id. */
  customer?: KeyColumn | undefined;
  /** Who bought, by e-mail address, for rows without a customer. */
  email?: KeyColumn | undefined;
  /** The shop's numbers of the orders. An order that comes twice counts once. */
  orderId?: KeyColumn | undefined;
  /** What became of the orders, in the shop system's words; a missing cell is a paid order. */
  status?: TextColumn | undefined;
  /** Codes of ISO 4217; a missing cell is the history's currency. */
  currency?: TextColumn | undefined;
  /** How much was paid back. */
  refunded?: AmountColumn | undefined;
  /** When it was paid back, or the order cancelled. */
  refundedOn?: TimeColumn | undefined;
  /** What the goods cost the shop. */
  cost?: AmountColumn | undefined;
  /** The discounts that the amounts already have taken off. */
  discount?: AmountColumn | undefined;
  /** Through which channels the orders came. */
  channel?: TextColumn | undefined;
  /**
   * What moments that are numbers count, by default milliseconds; then a count that falls into 1969 or 1970 is an error, since
   * seconds do.
   */
  timeUnit?: "s" | "ms" | "us" | "ns" | undefined;
  /** `minor` where numbers are whole minor units (cents), `main` where they are main units, `bigint`s too. */
  amountUnit?: "minor" | "main" | undefined;
  /** The decimals that amounts as numbers mean, by default those of the currency. */
  decimals?: number | undefined;
}

/** Under which rules orders become a history. */
export interface HistoryOptions {
  /** The one currency, as a code of ISO 4217; `USD:3` has three decimals. */
  currency: string;
  /** The shop's time zone, `Europe/Berlin` or `+02:00`, in which instants become days. Left out, UTC, and `summary` says so. */
  zone?: string | null | undefined;
  /** Which orders count; by default `strict`. */
  policy?: PolicyName | Partial<OrderPolicy> | undefined;
  /** The day on which observation ends, itself no longer observed. Left out, the day after the last order. */
  observedUntil?: DayLike | null | undefined;
  /** The day on which the books begin, where the shop is older than its books. */
  historyStarts?: DayLike | null | undefined;
  /** How many days from then on a first purchase is not believed to be one; by default 365. */
  warmUpDays?: number | undefined;
  /** What to do with an order in another currency; by default it is an error. */
  otherCurrencies?: "refuse" | "leave_out" | undefined;
  /** What to do with an order whose id has come before with another content; by default it is an error. */
  repeatedIds?: "refuse" | "keep_last" | undefined;
}

/** Which column of a file means what, by the names in its header. What is left open is guessed; "" is no column at all. */
export interface Mapping {
  customer?: string | undefined;
  email?: string | undefined;
  placedAt?: string | undefined;
  amount?: string | undefined;
  orderId?: string | undefined;
  refunded?: string | undefined;
  refundedOn?: string | undefined;
  status?: string | undefined;
  currency?: string | undefined;
  cost?: string | undefined;
  discount?: string | undefined;
  channel?: string | undefined;
  /** The value in the customer column that means nobody: `0` in the exports of WooCommerce. */
  guest?: string | undefined;
}

/** How a file is read, and under which rules its orders become a history. */
export interface ImportOptions extends Omit<Partial<HistoryOptions>, "currency"> {
  /** The one currency, as a code of ISO 4217, where the file does not name it. */
  currency?: string | undefined;
  /** The decimals that amounts are kept with, where they are finer than the currency's. */
  decimals?: number | undefined;
  /** Given, even empty, the file is read as a plain CSV, and no shop system is recognised. */
  mapping?: Mapping | undefined;
  /** How dates are written in a plain CSV: `%d/%m/%Y`. Left out, they begin with the year. */
  dateFormat?: string | undefined;
  /** Whether decimals follow a comma. */
  decimalComma?: boolean | undefined;
  /** What the amount of a Shopify order is: goods after discounts before tax and shipping, or all that was paid. */
  amount?: "net_sales" | "total" | undefined;
}

/** How a file was read. */
export interface ImportReport {
  source: "shopify" | "woo_commerce" | "csv";
  columns: {
    /** The columns that are read. */
    read: { field: string; column: string; why: "named" | "guessed" | "export" }[];
    /** The names of the others. */
    unused: string[];
  };
  /** What was taken from the file, assumed or merged. */
  notes: ({ kind: string; sentence: string } & Record<string, unknown>)[];
}

/** Facts on a customer. */
export interface Customer {
  key: string;
  acquiredOn: string | null;
  acquisitionCost: Money | null;
  channel: string | null;
  referredBy: string | null;
  complaints: number;
}

/** Facts on a customer as they are given; only the key is needed. */
export type CustomerFacts = Pick<Customer, "key"> & Partial<Customer>;

// -------------------------------------------------------------------------------------------------------------- a history

/** Why an order does not count. */
export type LeftOut = OrderStatus | "fully_refunded" | "zero_amount" | "other_currency" | "after_observation";

/** What a history holds, what it left out and why, and what was inferred. */
export interface Summary {
  currency: string;
  policy: PolicyName | "custom";
  zone: string | null;
  span: Period;
  /** The days whose first purchases are not believed to be first ones, where the shop is older than its books. */
  warmUp: Period | null;
  /** Orders given: rows that were given, each in one place: orders that count + credit notes + left out + repeated. */
  given: number;
  orders: number;
  purchases: number;
  customers: number;
  /** Prospects: customers without a purchase who are known by orders that do not count, by credit notes or by facts. */
  prospects: number;
  /** Credit notes: negative amounts that name no order. */
  creditNotes: number;
  /** Repeated orders: orders that came again with the same id and content, counted once. */
  repeated: number;
  /** Superseded orders: earlier states of orders that came again with the same id and other content. */
  superseded: number;
  /** Orders left out: orders that do not count, by reason. */
  leftOut: { reason: LeftOut; orders: number }[];
  /** Orders of nobody: orders without a customer ÷ orders that count. */
  unidentified: Rate;
  revenue: Money;
  /** Inferences: what was inferred because it was not said, with the orders concerned. */
  inferences: Inference[];
}

/** Something that was inferred, and a sentence that says it. */
export type Inference = { sentence: string } & (
  | { kind: "observed_until"; date: string }
  | { kind: "zone_is_utc" }
  | {
      kind:
        | "refunded_in_full"
        | "refunds_capped"
        | "refunds_after_observation"
        | "refunds_not_yet_made"
        | "refunds_without_date";
      orders: number;
    }
);

/** An order that does not count. */
export interface LeftOutOrder {
  reason: LeftOut;
  id: string | null;
  customer: string | null;
  placedOn: string;
  amount: Money;
  refunded: Money;
  refundedOn: string | null;
}

/** An order of a customer as it counts. */
export interface RecordedOrder {
  id: string | null;
  placedOn: string;
  net: Money;
  /** False for a credit note. */
  isPurchase: boolean;
}

/** The options of a history with their defaults. */
export interface KnownHistoryOptions {
  currency: string;
  zone: string | null;
  policy: OrderPolicy;
  observedUntil: string | null;
  historyStarts: string | null;
  warmUpDays: number;
  otherCurrencies: "refuse" | "leave_out";
  repeatedIds: "refuse" | "keep_last";
}

// --------------------------------------------------------------------------------------------------------------- buying

/** One part of the revenue. */
export interface RevenuePart {
  revenue: Money;
  orders: number;
  share: number | null;
}

/** Revenue by who brought it. */
export interface RevenueSplit {
  first: RevenuePart;
  /** First purchases in the books of customers who may have bought before the books begin. */
  warmUp: RevenuePart;
  later: RevenuePart;
  unidentified: RevenuePart;
  credits: RevenuePart;
  total: RevenuePart;
}

/** How customers bought in a period. */
export interface Buying {
  period: Period;
  /** Whether the period was observed to its end. */
  complete: boolean;
  /**
   * Whether the books reach back to the start of the equally long period before. Where not, customers who had bought before the
   * books begin count as new, and figures that depend on the past (new and returning customers) cannot be compared with those of
   * later periods.
   */
  reachesBack: boolean;
  /** Customers: identified customers with a purchase in the period. */
  customers: number;
  /** `null` where there are `warmUpCustomers`. */
  newCustomers: number | null;
  /** Customers of whom nobody knows whether they are new: the books were warming up (`historyStarts`). */
  warmUpCustomers: number;
  /** Purchases: orders that count, a customer's orders of one day being one purchase. */
  purchases: number;
  /** Orders: orders that count, those of nobody included. */
  orders: number;
  /** Net revenue: orders − refunds − credit notes, before tax and shipping. */
  revenue: Money;
  /** Repeat customer rate: customers with ≥ 2 purchases in the period ÷ customers. */
  repeatCustomerRate: Rate;
  /** Returning customer rate: customers with ≥ 2 purchases up to the period's end, whenever the first was ÷ customers; unknown while the books warm up. */
  returningCustomerRate: Rate;
  /** Existing customer share: customers whose first purchase precedes the period ÷ customers; unknown while the books warm up. */
  existingCustomerShare: Rate;
  /** Purchase frequency: purchases ÷ customers. */
  purchaseFrequency: Average;
  /** Average order value: net revenue ÷ orders, a refund taken off its order. */
  averageOrderValue: Average<Money>;
  /** Revenue per customer: net revenue of identified customers ÷ customers, likewise. */
  averageRevenuePerCustomer: Average<Money>;
  /** Revenue split: net revenue of first purchases + those of the warm-up + later ones + nobody + credits = net revenue. */
  revenueSplit: RevenueSplit;
}

/** {@link Buying}, period by period. */
export interface Timeline {
  grain: Grain;
  periods: Buying[];
}

/** The columns of a timeline. */
export interface TimelineColumns {
  start: Days;
  end: Days;
  complete: Bits;
  reachesBack: Bits;
  /** Customers: identified customers with a purchase in the period. */
  customers: Float64Array;
  /** New customers: customers whose first purchase ever lies in the period; unknown while the books warm up. */
  newCustomers: Float64Array;
  /** New or not: customers whose first purchase in the books lies in the period, while the books were warming up. */
  warmUpCustomers: Float64Array;
  /** Purchases: orders that count, a customer's orders of one day being one purchase. */
  purchases: Float64Array;
  /** Orders: orders that count, those of nobody included. */
  orders: Float64Array;
  /** Net revenue: orders − refunds − credit notes, before tax and shipping. */
  revenue: Float64Array;
  revenueMinor: Minor;
  /** Repeat customer rate: customers with ≥ 2 purchases in the period ÷ customers. */
  repeatCustomerRate: Float64Array;
  /** Returning customer rate: customers with ≥ 2 purchases up to the period's end, whenever the first was ÷ customers; unknown while the books warm up. */
  returningCustomerRate: Float64Array;
  /** Existing customer share: customers whose first purchase precedes the period ÷ customers; unknown while the books warm up. */
  existingCustomerShare: Float64Array;
  /** Purchase frequency: purchases ÷ customers. */
  purchaseFrequency: Float64Array;
  /** Average order value: net revenue ÷ orders, a refund taken off its order. */
  averageOrderValue: Float64Array;
  /** Revenue per customer: net revenue of identified customers ÷ customers, likewise. */
  averageRevenuePerCustomer: Float64Array;
  firstRevenue: Float64Array;
  firstRevenueMinor: Minor;
  warmUpRevenue: Float64Array;
  warmUpRevenueMinor: Minor;
  laterRevenue: Float64Array;
  laterRevenueMinor: Minor;
  unidentifiedRevenue: Float64Array;
  unidentifiedRevenueMinor: Minor;
  creditsRevenue: Float64Array;
  creditsRevenueMinor: Minor;
}

// ------------------------------------------------------------------------------------------------------------- retention

/** After how long without a purchase a customer counts as lapsed; `from_rhythm` is the shop's own. */
export type LapseAfter = { days: number } | { months: number } | "from_rhythm";

/** The options of the flow of customers. */
export interface FlowOptions {
  /** By default 90 days. */
  lapseAfter?: LapseAfter | undefined;
}

/** Customers who came, stayed, left and came back in a period: the books close. */
export interface CustomerFlow {
  period: Period;
  complete: boolean;
  /** To which day it was looked, itself no longer. */
  until: string;
  /**
   * Whether the books reach back as far as customers are called active before the period. Where not, customers who bought before
   * the books began are missing in `atStart`, and nobody can have lapsed yet.
   */
  reachesBack: boolean;
  /** Active for: how long after the last purchase a customer is called active. */
  lapseAfter: LapseAfter;
  /** Active at the start: customers whose last purchase before the period lies no longer back than customers are called active. */
  atStart: number;
  /** New and active: first purchase ever in the period, and active at its end. */
  new: number;
  /** Reactivated: lapsed at the start, and active at the end. */
  reactivated: number;
  /** Churned: active at the start, and lapsed at the end. */
  churned: number;
  /** Active at the end: active at start + new + reactivated − churned. */
  atEnd: number;
  /** Lapsed at the start: customers who had bought before the period and were no longer active at its start. */
  lapsedAtStart: number;
  /** New and gone: first purchase ever in the period, and lapsed by its end. */
  newAndGone: number;
  /** Back and gone: lapsed at the start, bought in the period, and lapsed again by its end. */
  backAndGone: number;
  /** Lapsed and back: active at the start and at the end, with a lapse in between. */
  lapsedAndBack: number;
  /** Reactivated in the warm-up: of the reactivated, those whose first known purchase lies in the period but may not be the first. */
  reactivatedInWarmUp: number;
  /** Retention rate: of the customers active at the start, those active at the end ÷ customers active at the start. */
  retentionRate: Rate;
  /** Retention rate by headcount: (customers active at the end − new ones) ÷ customers active at the start. */
  retentionRateByHeadcount: Ratio;
  /** Churn rate: customers active at the start and not at the end ÷ customers active at the start. */
  churnRate: Rate;
  /** Reactivation rate: of the customers lapsed at the start, those active at the end ÷ customers lapsed at the start. */
  reactivationRate: Rate;
}

/** {@link CustomerFlow}, period by period. */
export interface FlowTimeline {
  grain: Grain;
  periods: CustomerFlow[];
}

/** The columns of a timeline of flows. */
export interface FlowTimelineColumns {
  start: Days;
  end: Days;
  complete: Bits;
  reachesBack: Bits;
  /** Active at the start: customers whose last purchase before the period lies no longer back than customers are called active. */
  atStart: Float64Array;
  /** New and active: first purchase ever in the period, and active at its end. */
  new: Float64Array;
  /** Reactivated: lapsed at the start, and active at the end. */
  reactivated: Float64Array;
  /** Churned: active at the start, and lapsed at the end. */
  churned: Float64Array;
  /** Active at the end: active at start + new + reactivated − churned. */
  atEnd: Float64Array;
  /** Lapsed at the start: customers who had bought before the period and were no longer active at its start. */
  lapsedAtStart: Float64Array;
  /** New and gone: first purchase ever in the period, and lapsed by its end. */
  newAndGone: Float64Array;
  /** Back and gone: lapsed at the start, bought in the period, and lapsed again by its end. */
  backAndGone: Float64Array;
  /** Lapsed and back: active at the start and at the end, with a lapse in between. */
  lapsedAndBack: Float64Array;
  /** Reactivated in the warm-up: of the reactivated, those whose first known purchase lies in the period but may not be the first. */
  reactivatedInWarmUp: Float64Array;
  /** Retention rate: of the customers active at the start, those active at the end ÷ customers active at the start. */
  retentionRate: Float64Array;
  /** Retention rate by headcount: (customers active at the end − new ones) ÷ customers active at the start. */
  retentionRateByHeadcount: Float64Array;
  /** Churn rate: customers active at the start and not at the end ÷ customers active at the start. */
  churnRate: Float64Array;
  /** Reactivation rate: of the customers lapsed at the start, those active at the end ÷ customers lapsed at the start. */
  reactivationRate: Float64Array;
}

/** Of those who bought in the period before, how many bought again. */
export interface RepurchaseRetention {
  period: Period;
  previous: Period;
  complete: boolean;
  /** Whether the books reach back to the start of the period before. Where not, its buyers are missing in part. */
  reachesBack: boolean;
  rate: Rate;
}

/** What became of the revenue of the period before. */
export interface RevenueMovements {
  period: Period;
  previous: Period;
  complete: boolean;
  /** Whether the books reach back to the start of the period before. Where not, its buyers are missing in part. */
  reachesBack: boolean;
  /** Revenue before: customers' net revenue of the period before. */
  before: Money;
  /** Revenue now: customers' net revenue of the period. */
  now: Money;
  /** Change of revenue: revenue now − revenue before. */
  change: Money;
  /** New revenue: of customers whose first purchase ever lies in the period. */
  new: Money;
  /** Expansion: what customers with revenue in both periods spend more. */
  expansion: Money;
  /** Contraction: what customers with revenue in both periods spend less. */
  contraction: Money;
  /** Churned revenue: what customers with revenue before and none now spend less. */
  churned: Money;
  /** Reactivated revenue: of customers who bought earlier or, in the warm-up, may have, but had no revenue in the period before. */
  reactivated: Money;
  /** Gross revenue retention: Σ min(now, before) ÷ Σ before, over customers with revenue above 0 before. */
  grossRevenueRetention: Ratio<Money>;
  /** Net revenue retention: Σ now ÷ Σ before, over customers with revenue above 0 before. */
  netRevenueRetention: Ratio<Money>;
  /** Revenue churn rate: (churned + contraction) ÷ Σ before, over customers with revenue above 0 before. */
  revenueChurnRate: Ratio<Money>;
  /** Quick ratio: (new + expansion + reactivated revenue) ÷ (churned + contraction). */
  quickRatio: Ratio<Money>;
}

/** {@link RevenueMovements}, period by period. */
export interface MovementTimeline {
  grain: Grain;
  periods: RevenueMovements[];
}

/** The columns of a timeline of movements. */
export interface MovementTimelineColumns {
  start: Days;
  end: Days;
  complete: Bits;
  reachesBack: Bits;
  /** Revenue before: customers' net revenue of the period before. */
  before: Float64Array;
  beforeMinor: Minor;
  /** Revenue now: customers' net revenue of the period. */
  now: Float64Array;
  nowMinor: Minor;
  /** Change of revenue: revenue now − revenue before. */
  change: Float64Array;
  changeMinor: Minor;
  /** New revenue: of customers whose first purchase ever lies in the period. */
  new: Float64Array;
  newMinor: Minor;
  /** Expansion: what customers with revenue in both periods spend more. */
  expansion: Float64Array;
  expansionMinor: Minor;
  /** Contraction: what customers with revenue in both periods spend less. */
  contraction: Float64Array;
  contractionMinor: Minor;
  /** Churned revenue: what customers with revenue before and none now spend less. */
  churned: Float64Array;
  churnedMinor: Minor;
  /** Reactivated revenue: of customers who bought earlier or, in the warm-up, may have, but had no revenue in the period before. */
  reactivated: Float64Array;
  reactivatedMinor: Minor;
  /** Gross revenue retention: Σ min(now, before) ÷ Σ before, over customers with revenue above 0 before. */
  grossRevenueRetention: Float64Array;
  /** Net revenue retention: Σ now ÷ Σ before, over customers with revenue above 0 before. */
  netRevenueRetention: Float64Array;
  /** Revenue churn rate: (churned + contraction) ÷ Σ before, over customers with revenue above 0 before. */
  revenueChurnRate: Float64Array;
  /** Quick ratio: (new + expansion + reactivated revenue) ÷ (churned + contraction). */
  quickRatio: Float64Array;
}

/** Who sends goods back, and who buys again after that. */
export interface Returns {
  byOrders: Rate;
  byValue: Ratio<Money>;
  creditNotes: number;
  byValueWithCreditNotes: Ratio<Money>;
  /** Bought again after a return: customers who bought on a day after their first return ÷ customers with a return. */
  boughtAgainAfterReturn: Rate;
  /** Bought again without a return: customers without a return who bought on at least two days ÷ customers without a return. */
  boughtAgainWithoutReturn: Rate;
}

// ---------------------------------------------------------------------------------------------------------------- timing

/** A curve of who still waits, with those withdrawn taken into account. */
export interface SurvivalCurve {
  subjects: number;
  events: number;
  steps: SurvivalStep[];
}

/** One day of the curve. */
export interface SurvivalStep {
  day: number;
  atRisk: number;
  events: number;
  censored: number;
  survival: number;
  interval: Interval | null;
}

/** The columns of a curve. */
export interface SurvivalColumns {
  day: Numbers;
  atRisk: Numbers;
  events: Numbers;
  censored: Numbers;
  survival: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

/** Each subject's days, and whether the event happened on the last; or how many of each on every day from 0 on. */
export type Durations = readonly (readonly [day: number, happened: boolean])[] | { events: readonly number[]; censored: readonly number[] };

/** Whether curves differ by more than chance. */
export interface LogRank {
  statistic: number;
  degreesOfFreedom: number;
  pValue: number;
  groups: { subjects: number; observed: number; expected: number }[];
}

/** The days between one purchase and the next. */
export interface TimeBetweenPurchases {
  customers: number;
  /** One-time customers: customers with exactly one purchase so far. */
  oneTimeCustomers: number;
  /** Gaps: purchases − customers; by their length in days. */
  gaps: number;
  mean: Average;
  median: number | null;
  p80: number | null;
  p90: number | null;
  /** With those who wait still taken into account. */
  correctedMedian: number | null;
  correctedP80: number | null;
  correctedP90: number | null;
  histogram: { start: number; end: number; gaps: number }[];
  curve: SurvivalCurve;
}

/** The columns of the histogram. */
export interface GapColumns {
  start: Numbers;
  end: Numbers;
  gaps: Numbers;
}

/** Of the customers with so many purchases, how many went on to the next. */
export interface PurchaseFunnel {
  withinDays: number;
  steps: { purchases: number; next: Rate; nextWithin: Rate }[];
  leftOut: number;
}

/** The columns of the funnel. */
export interface PurchaseFunnelColumns {
  purchases: Numbers;
  customers: Numbers;
  nextCustomers: Numbers;
  next: Float64Array;
  observedCustomers: Numbers;
  nextWithinCustomers: Numbers;
  nextWithin: Float64Array;
}

/** How soon new customers come back. */
export interface TimeToSecondPurchase {
  /** Customers watched: customers whose first purchase is believed to be one. */
  customers: number;
  /** Customers who returned: of the customers watched, those with a second purchase so far. */
  returned: number;
  /** Left out for the warm-up: customers whose first known purchase falls into the warm-up of the books and may not be the first. */
  leftOut: number;
  returnedBy: { days: number; share: number | null; interval: Interval | null; atRisk: number }[];
  median: number | null;
  curve: SurvivalCurve;
}

/** The columns of the shares by days. */
export interface ReturnedByColumns {
  days: Numbers;
  share: Float64Array;
  low: Float64Array;
  high: Float64Array;
  atRisk: Numbers;
}

// ------------------------------------------------------------------------------------------------------------- cohorts

/** The options of cohorts. */
export interface CohortOptions {
  /** By default months. */
  grain?: CohortGrain | undefined;
  /** How many periods after the first each cohort is followed; by default to the end. */
  maxIndex?: number | null | undefined;
}

/**
 * When a customer counts as returned for period k after that of the first purchase. `returned_in`: bought in it ("classic"
 * retention, which may rise again). `returned_by`: the second purchase lies in it or before (it never falls). `returned_from`:
 * bought in it or later, as far as observed ("rolling" retention, which never rises, and for recent periods grows with every late
 * return). `active_every`: bought in every period up to it (the retention of a subscription).
 */
export type CohortReading = "returned_in" | "returned_by" | "returned_from" | "active_every";

/**
 * What stands in a cell. `rate`: customers ÷ size of the cohort. `rate_of_previous`: customers ÷ those of the period before, only
 * with `active_every`. `revenue_per_customer`: net revenue from the first purchase to the end of the period ÷ size of the cohort,
 * lifetime value so far. `average_order_value`: net revenue ÷ orders.
 */
export type CohortMeasure =
  | "customers"
  | "rate"
  | "rate_of_previous"
  | "purchases"
  | "revenue"
  | "revenue_per_customer"
  | "average_order_value";

/** What is counted of a cohort in one period. */
export interface CohortCell {
  complete: boolean;
  /** Returned in period k: customers of a cohort who bought in the k-th period after that of their first purchase. */
  returnedIn: number;
  /** Returned by period k: customers of a cohort whose second purchase lies in period k or before. */
  returnedBy: number;
  /** Returned from period k on: customers of a cohort who bought in period k or later, as far as observed. */
  returnedFrom: number;
  /** Active in every period: customers of a cohort who bought in every period up to k. */
  activeEvery: number;
  purchases: number;
  orders: number;
  revenue: Money;
}

/** Customers by the period of their first purchase, with all that is counted of them. */
export interface CohortData {
  grain: CohortGrain;
  currency: string;
  observedUntil: string;
  cohorts: { period: Period; complete: boolean; size: number; cells: CohortCell[] }[];
  warmUpCustomers: number;
  warmUpRevenue: Money;
}

/** The columns of cohorts: one row per cell. */
export interface CohortColumns {
  cohortStart: Days;
  cohortEnd: Days;
  /** Size of a cohort: customers whose first purchase lies in the period. */
  size: Float64Array;
  index: Float64Array;
  complete: Bits;
  /** Returned in period k: customers of a cohort who bought in the k-th period after that of their first purchase. */
  returnedIn: Float64Array;
  /** Returned by period k: customers of a cohort whose second purchase lies in period k or before. */
  returnedBy: Float64Array;
  /** Returned from period k on: customers of a cohort who bought in period k or later, as far as observed. */
  returnedFrom: Float64Array;
  /** Active in every period: customers of a cohort who bought in every period up to k. */
  activeEvery: Float64Array;
  purchases: Float64Array;
  orders: Float64Array;
  revenue: Float64Array;
  revenueMinor: Minor;
}

/** A cell by its measure: a count, money, a rate or an average. */
export type CohortValue = number | Money | Rate | Average | Average<Money>;

/** One reading and one measure; null is what is not observed yet. */
export interface CohortTableData {
  reading: CohortReading;
  measure: CohortMeasure;
  grain: CohortGrain;
  rows: { period: Period; complete: boolean; size: number; cells: (CohortValue | null)[] }[];
  /** Over all cohorts that have the cell. */
  pooled: (CohortValue | null)[];
}

/** The columns of one reading and measure: one row per cell. */
export interface CohortTableColumns {
  cohortStart: Days;
  cohortEnd: Days;
  size: Float64Array;
  index: Float64Array;
  value: Float64Array;
  numerator: Float64Array;
  denominator: Float64Array;
}

// --------------------------------------------------------------------------------------------------------------------- RFM

/** The options of recency, frequency, monetary. */
export interface RfmOptions {
  /** How many scores there are, 2 to 10; by default 5. */
  bins?: number | undefined;
  /** Which purchases are looked at; by default all. */
  window?: "all" | { days: number } | { period: PeriodLike } | undefined;
  /** Thresholds that are kept rather than found: days, descending. */
  recencyBreaks?: readonly number[] | null | undefined;
  /** Purchases, ascending. */
  frequencyBreaks?: readonly number[] | null | undefined;
  /** Money, ascending. */
  monetaryBreaks?: readonly Money[] | null | undefined;
  /** The names of the segments, see `rfmGrid`. */
  grid?: readonly (readonly string[])[] | null | undefined;
}

/** Thresholds of the scores. */
export interface RfmBreaks {
  recency: number[];
  frequency: number[];
  monetary: Money[];
}

/** A segment with its customers' share and revenue. */
export interface RfmSegment {
  name: string;
  share: Rate;
  revenue: Money;
}

/** Customers by segment and by score. */
export interface RfmGroups {
  period: Period;
  complete: boolean;
  asOf: string;
  bins: number;
  currency: string;
  breaks: RfmBreaks;
  grid: string[][];
  segments: RfmSegment[];
  cells: { r: number; f: number; m: number; customers: number }[];
}

/** Customers scored by recency, frequency and money. */
export interface RfmData extends RfmGroups {
  /** One entry per customer; `segment` is the place in `segments`. */
  customers: {
    keys: string[];
    recency: number[];
    frequency: number[];
    monetaryMinor: number[];
    r: number[];
    f: number[];
    m: number[];
    segment: number[];
  };
}

/** The columns: one row per customer. */
export interface RfmColumns {
  customer: Texts;
  /** Recency: days from the last purchase to the end of the observation. */
  recency: Uint32Array;
  /** Frequency: purchases of a customer. */
  frequency: Uint32Array;
  /** Monetary value: net revenue of a customer. */
  monetary: Float64Array;
  monetaryMinor: Minor;
  r: Uint32Array;
  f: Uint32Array;
  m: Uint32Array;
  segment: Texts;
}

/** One customer's figures and scores. */
export interface RfmCustomer {
  recency: number;
  frequency: number;
  monetaryMinor: number;
  segment: string;
  r: number;
  f: number;
  m: number;
}

// ------------------------------------------------------------------------------------------------ concentration and tenure

/** The options of concentration. */
export interface ConcentrationOptions {
  /** Shares of the customers, best first; by default 0.01, 0.05, 0.1 and 0.2. */
  top?: readonly number[] | undefined;
  /** The share of the revenue whose fewest makers are looked for; by default 0.8. */
  revenueShare?: number | undefined;
}

/** The best customers' share of the revenue. */
export interface TopCustomers {
  asked: number;
  customers: number;
  customerShare: number | null;
  revenue: Money;
  revenueShare: number | null;
}

/** How unequally customers spend. */
export interface Concentration {
  customers: number;
  revenue: Money;
  floored: number;
  flooredRevenue: Money;
  top: TopCustomers[];
  fewest: TopCustomers | null;
  /** Gini coefficient: Σ (2i − n − 1)·xᵢ ÷ (n·Σ xᵢ) over the customers' net revenue x₁ ≤ … ≤ xₙ. */
  gini: number | null;
  /** Lorenz curve: share of the revenue that the customers who bring least bring, by their share of the customers. */
  lorenz: { customerShare: number; revenueShare: number }[];
}

/** The columns of the Lorenz curve. */
export interface LorenzColumns {
  customerShare: Float64Array;
  revenueShare: Float64Array;
}

/** The options of spending by tenure. */
export interface TenureOptions {
  /** By default 1. */
  monthsPerBand?: number | undefined;
}

/** Spending in some months since the first purchase. */
export interface TenureBand {
  firstMonth: number;
  lastMonth: number;
  active: Rate;
  purchases: number;
  revenue: Money;
  revenuePerActiveCustomer: Average<Money>;
  revenuePerOriginalCustomer: Average<Money>;
}

/** What customers spend by months since their first purchase. */
export interface SpendByTenure {
  bands: TenureBand[];
  customers: number;
  unknownTenure: number;
  outside: Money;
}

/** The columns of spending by tenure. */
export interface TenureColumns {
  firstMonth: Numbers;
  lastMonth: Numbers;
  customers: Float64Array;
  activeCustomers: Float64Array;
  activeRate: Float64Array;
  purchases: Float64Array;
  revenue: Float64Array;
  revenueMinor: Minor;
  revenuePerActiveCustomer: Float64Array;
  revenuePerOriginalCustomer: Float64Array;
}

/** Spending in one band of months against another. */
export interface TenureRatio {
  band: TenureBand;
  base: TenureBand;
  perActiveCustomer: number | null;
  perOriginalCustomer: number | null;
}

// ---------------------------------------------------------------------------------------------------------------- value

/** So many times in each unit of time. */
export interface Frequency {
  times: number;
  per: Grain;
}

/** A length of time. */
export interface Lifespan {
  length: number;
  unit: Grain;
}

/** Order value × frequency × lifespan. */
export interface SimpleValue {
  averageOrderValue: number;
  frequency: Frequency;
  lifespan: Lifespan;
  purchases: number;
  value: number;
  complete: boolean;
}

/** The same times the margin. */
export interface MarginValue {
  margin: number;
  lifespan: Lifespan;
  value: number;
}

/** When an acquisition cost has come back. */
export type Payback = { kind: "month"; month: number } | { kind: "not_yet"; observedMonths: number } | { kind: "never" };

/** Lifetime value against what a customer cost to win. */
export interface ValueToCost {
  value: number;
  acquisitionCost: number;
  ratio: number | null;
  payback: Payback;
}

/** What the average customer really brought, month by month. */
export interface ObservedPayback {
  acquisitionCost: number;
  margin: number;
  cumulative: number[];
  payback: Payback;
}

/** What customers have brought so far. */
export interface HistoricValue {
  revenue: Average<Money>;
  margin: Average<Money> | null;
  /** Orders with a cost: customers' orders whose cost is known ÷ customers' orders. */
  ordersWithCost: Rate;
}

/** How future margins are discounted. */
export interface DiscountOptions {
  /** The rate per `per`; by default 0.1. */
  rate?: number | undefined;
  /** By default a year. */
  per?: Grain | undefined;
  /** Whether the first margin comes at once; by default not. */
  firstMargin?: boolean | undefined;
}

/** Margins to come, discounted. */
export interface DiscountedValue {
  margin: number;
  retentionRate: number;
  every: Grain;
  discountRate: number;
  firstMargin: boolean;
  value: number | null;
}

/** Order value, frequency and lifespan, for lifetime values of plain numbers. */
export interface ValueArguments {
  averageOrderValue: number;
  frequency: Frequency;
  lifespan: Lifespan;
}

// ------------------------------------------------------------------------------------------------- what surrounds the orders

/** What was spent to win customers or to keep them. */
export interface MarketingCost {
  period: PeriodLike;
  cost: Money;
  /** The channel that it was spent on; left out, none in particular. */
  channel?: string | null | undefined;
  /** By default winning. */
  aim?: "winning" | "keeping" | undefined;
}

/** What it costs to win customers and to keep them. */
export interface Acquisition {
  period: Period;
  complete: boolean;
  /** No value where there are `warmUpCustomers` ({@link Buying}): nobody knows who is new. */
  newCustomers: number | null;
  cost: Money | null;
  /** Cost per new customer: spent on winning customers ÷ new customers; by channel likewise. */
  costPerNewCustomer: Average<Money> | null;
  channels: { channel: string | null; shareOfNewCustomers: Rate; costPerNewCustomer: Average<Money> | null }[];
  unallocatedCost: Money | null;
  /** Cost per existing customer: spent on keeping customers ÷ buyers of the period who had bought before. */
  costPerExistingCustomer: Average<Money> | null;
  /** Cost of winning to keeping: cost per new customer ÷ cost per existing customer. */
  winningToKeeping: number | null;
  costOutside: Money;
}

/** The columns of acquisition: one row per channel. */
export interface AcquisitionColumns {
  channel: Texts;
  /** NaN where it is not known who is new. */
  newCustomers: Float64Array;
  shareOfNewCustomers: Float64Array;
  /** NaN where no cost of the channel is known. */
  cost: Float64Array;
  /** Whole numbers where every channel has a cost; else floats, NaN where none is known. */
  costMinor: Minor | Float64Array;
  costPerNewCustomer: Float64Array;
}

/** Who came by a referral, and who refers. */
export interface Referrals {
  period: Period;
  complete: boolean;
  /** Share of referred customers: new customers who came by a customer's referral ÷ new customers. */
  referralShare: Rate;
  /** No value where there are `warmUpCustomers` ({@link Buying}), as of all that counts new customers. */
  byLaterCustomer: number | null;
  byUnknown: number | null;
  byThemselves: number | null;
  referringShare: Rate;
  /** Referrals per customer: new customers who came by a referral ÷ customers with a purchase before the period's end. */
  referralsPerCustomer: Average;
  /** Referred customers a day: new customers who came by a referral ÷ days of the period in the books. */
  conversionsPerDay: Average;
  invitationsPerCustomer: Average | null;
  conversion: Rate | null;
  /** Growth factor k: invitations per customer × share of invitations that brought a new customer. */
  growthFactor: number | null;
}

/** What a customer did beside buying. */
export type EventKind = "email_sent" | "email_delivered" | "email_opened" | "email_clicked" | "visit" | "social_share";

/** One thing that a customer did. */
export interface CustomerEvent {
  /** A date, a time with its offset from UTC, or an instant. */
  happened: string | Date;
  kind: EventKind;
  customer?: string | null | undefined;
  campaign?: string | null | undefined;
  /** The seconds of a visit, the number of shares. */
  value?: number | null | undefined;
}

/** Events as columns of equal length. Only the moment and the kind are needed. */
export interface EventTable {
  /** When each event happened. */
  happenedAt: TimeColumn;
  /** What it was, in any word that `eventKind` reads. */
  kind: TextColumn;
  /** Who it was, under the key that the orders carry. */
  customer?: KeyColumn | undefined;
  /** Who it was, by e-mail address, for rows without a customer. */
  email?: KeyColumn | undefined;
  /** Which e-mail it is about. */
  campaign?: KeyColumn | undefined;
  /** The seconds of visits, the numbers of shares; NaN or null where there is none. */
  value?: Float64Array | readonly (number | null)[] | undefined;
  /**
   * What moments that are numbers count, by default milliseconds; then a count that falls into 1969 or 1970 is an error, since
   * seconds do.
   */
  timeUnit?: "s" | "ms" | "us" | "ns" | undefined;
}

/** Events of a kind that is not known here, which were left out. */
export interface UnknownKind {
  kind: string;
  events: number;
}

/** How events are read. */
export interface EventOptions {
  /** The shop's time zone, in which instants become days. */
  zone?: string | null | undefined;
  unknownKinds?: "refuse" | "leave_out" | undefined;
}

/** How many did something, and whether they buy again more often than the others. */
export interface Activity {
  activeShare: Rate;
  repeatCustomerRate: RateDifference;
}

/** What customers do beside buying. */
export interface Engagement {
  period: Period;
  complete: boolean;
  customers: number;
  email: {
    base: EventKind;
    /** E-mail open rate: e-mails to customers that were opened at least once ÷ e-mails delivered. */
    emailOpenRate: Rate;
    /** E-mail click-through rate: e-mails to customers with at least one click ÷ e-mails delivered. */
    emailClickRate: Rate;
    /** Click-to-open rate: e-mails to customers with at least one click ÷ e-mails opened. */
    clickToOpenRate: Rate;
    withoutSending: number;
  };
  /** Visits per customer: customers' visits in the period ÷ customers with a purchase before its end. */
  visitsPerCustomer: Average;
  visitsPerVisitor: Average;
  /** Length of a visit: seconds of customers' visits ÷ visits whose length is known. */
  visitLength: Average;
  visitsWithoutLength: number;
  /** Social shares per customer: customers' shares in the period ÷ customers with a purchase before its end. */
  socialSharesPerCustomer: Average;
  any: Activity;
  byKind: ({ kind: EventKind; events: number } & Activity)[];
  given: number;
  counted: number;
  outsidePeriod: number;
  afterObservation: number;
  notCustomers: number;
  unidentified: number;
  unknownKinds: { kind: string; events: number }[];
}

/** The columns of engagement: one row per kind of event. */
export interface EngagementColumns {
  kind: Texts;
  events: Float64Array;
  activeCustomers: Float64Array;
  activeShare: Float64Array;
  repeatCustomerRate: Float64Array;
  othersRepeatCustomerRate: Float64Array;
  difference: Float64Array;
  differenceLow: Float64Array;
  differenceHigh: Float64Array;
}

/** What others have published of a figure, and how theirs differs. */
export interface Benchmark {
  figure: string;
  low: number | null;
  typical: number | null;
  high: number | null;
  counted: string;
  differs: string;
  source: string;
  year: number | null;
  url: string;
}

// --------------------------------------------------------------------------------------------------------------- segments

/** Star: high value, likely to go on. Productive: high value, fading. Question mark: low value, likely. Problem: neither. */
export type Segment = "star" | "productive" | "question_mark" | "problem";

/** What decided. */
export type SegmentReason = "thriving" | "fading" | "promising" | "dormant" | "dissatisfied" | "costly";

/** What is to be kept in mind. */
export type SegmentFlag = "immature" | "thin_outlook" | "warm_up" | "cost_unknown" | "held";

/** Where a silence stands in the rhythm of customers alike. */
export type Rhythm = "early" | "due" | "late" | "lapsed";

/** Whether the value is revenue or contribution. */
export type ValueBasis = "revenue" | "contribution";

/** What the outlook rests on. */
export interface OutlookOptions {
  /** How many days ahead it looks; by default the 80th percentile of the gaps between purchases. */
  horizonDays?: number | null | undefined;
  /** How many gaps have to last for so long that an estimate may rest on them; by default 20. */
  atRisk?: number | undefined;
  /** From how many ended gaps for each fifth customers are told apart by their own mean gap; by default 50. */
  gapsPerFifth?: number | undefined;
}

/** Which value is high. */
export type ValueCut = "mean" | "median" | { quantile: number } | { revenueShare: number } | { absolute: Money };

/** Which outlook is high. */
export type OutlookCut = "repurchaseRate" | "median" | { quantile: number } | { absolute: number };

/** How customers are told apart. */
export interface SegmentOptions {
  /** Over how many trailing days value is summed, null for all time; by default 365. */
  windowDays?: number | null | undefined;
  /** By default contribution where every order of a customer has a cost, else revenue. */
  value?: ValueBasis | null | undefined;
  /** By default the mean. */
  valueCut?: ValueCut | undefined;
  /** By default the base's own repurchase rate. */
  outlookCut?: OutlookCut | undefined;
  outlook?: OutlookOptions | undefined;
  /** From which share sent back a customer is dissatisfied; by default 0.5. */
  refundShare?: number | undefined;
  /** How many orders it takes to say so; by default 2. */
  refundOrders?: number | undefined;
  /** From how many complaints on a customer is dissatisfied; by default 2. */
  complaints?: number | undefined;
  /** How far beyond a cut a customer has to be to change sides, as a share of it; by default 0. */
  hysteresis?: number | undefined;
}

/** How likely customers are to buy again, as it was learnt from the gaps between purchases. */
export interface OutlookData {
  observedUntil: string;
  horizonDays: number;
  medianGapDays: number | null;
  atRisk: number;
  /** For 1, 2, 3, 4 and more purchases, by the customers' own mean gap: how many gaps ended and stayed open after how many days. */
  strata: { meanGapCuts: number[]; groups: { ended: number[]; open: number[] }[] }[];
}

/** What is to be expected of a customer. */
export interface OutlookEstimate {
  /** Of a purchase within the horizon, 0 to 1. */
  probability: number;
  supported: boolean;
  /** Days from the last purchase to the next, if there is one. */
  next: { fromDay: number; expectedDay: number; toDay: number } | null;
  rhythm: Rhythm | null;
}

/** A rule as it is kept. */
export interface SegmentRuleData {
  version: number;
  options: {
    windowDays: number | null;
    value: ValueBasis | null;
    valueCut: ValueCut;
    outlookCut: OutlookCut;
    outlook: { horizonDays: number | null; atRisk: number; gapsPerFifth: number };
    refundShare: number;
    refundOrders: number;
    complaints: number;
    hysteresis: number;
  };
  currency: string;
  value: ValueBasis;
  valueCut: Money;
  outlookCut: number;
  outlook: OutlookData;
}

/** Customers in their segments: lists with one entry per customer. */
export interface SegmentsData {
  asOf: string;
  rule: SegmentRuleData;
  keys: string[];
  segment: Segment[];
  reason: SegmentReason[];
  flagBits: number[];
  valueMinor: number[];
  outlook: number[];
  purchases: number[];
  spanDays: number[];
  silenceDays: number[];
  prospects: string[];
}

/** The columns of segments: one row per customer. */
export interface SegmentsColumns {
  customer: Texts;
  segment: Texts;
  value: Float64Array;
  valueMinor: Minor;
  outlook: Float64Array;
  valueCut: Float64Array;
  valueCutMinor: Minor;
  outlookCut: Float64Array;
  reason: Texts;
  /** Words with a comma between them. */
  flags: Texts;
  purchases: Uint32Array;
  meanGapDays: Float64Array;
  silenceDays: Uint32Array;
}

/** Why a customer is where they are. */
export interface Assessment {
  customer: string;
  segment: Segment;
  reason: SegmentReason;
  value: Money;
  valueCut: Money;
  valueDistance: Money;
  valueBasis: ValueBasis;
  valueDays: number | null;
  outlook: number;
  outlookCut: number;
  outlookDistance: number;
  horizonDays: number;
  purchases: number;
  meanGapDays: number | null;
  silenceDays: number;
  refundShare: number | null;
  orders: number;
  complaints: number;
  flags: SegmentFlag[];
}

/** The same, and in a sentence. */
export interface Explanation extends Assessment {
  sentence: string;
}

/** A segment as a whole. */
export interface SegmentCount {
  segment: Segment;
  share: Rate;
  value: Money;
  valueShare: number | null;
  immature: number;
}

/** Who went from which segment to which. */
export interface MigrationData {
  before: string;
  after: string;
  rows: {
    from: Segment | "prospect" | "new";
    customers: number;
    to: { to: Segment | "prospect" | "left"; share: Rate }[];
  }[];
  /** What to mind: on the earlier day the books held fewer days than those of which a value is. */
  remarks: { kind: "short_books"; date: string; booksDays: number; windowDays: number; sentence: string }[];
}

/** The columns of a migration: one row per pair. */
export interface MigrationColumns {
  from: Texts;
  to: Texts;
  customers: Float64Array;
  share: Float64Array;
}

/** How a rule would have done. */
export interface Backtest {
  at: string;
  until: string;
  horizonDays: number;
  refitted: boolean;
  active: Rate;
  revenue: Money;
  segments: {
    segment: Segment;
    share: Rate;
    active: Rate;
    revenue: Money;
    revenuePerCustomer: Average<Money>;
    revenuePerCustomerInterval: Interval | null;
    revenueShare: number | null;
    revenueShareInterval: Interval | null;
  }[];
  /** The rule beside simpler ones. */
  scores: { score: string; auc: number | null; brier: number | null; captured: number | null }[];
  calibration: { tenth: number; predicted: number; observed: Rate }[];
}

/** The columns of a backtest: one row per segment. */
export interface BacktestColumns {
  segment: Texts;
  customers: Float64Array;
  share: Float64Array;
  activeCustomers: Float64Array;
  active: Float64Array;
  revenue: Float64Array;
  revenueMinor: Minor;
  revenuePerCustomer: Float64Array;
  low: Float64Array;
  high: Float64Array;
  revenueShare: Float64Array;
}

/** How much a rule's segments changed since a month before, and would change with other cuts. */
export interface Stability {
  before: string;
  unchanged: Rate;
  kappa: number | null;
  sensitivity: { cut: "value" | "outlook"; by: number; changed: Rate }[];
}

/** How far a shop has come. */
export type Stage = "launched" | "gaining_traction" | "consistent_growth" | "established" | "well_established";

/** How far a shop has come, and by which figures. */
export interface ShopStage {
  stage: Stage;
  /** What it should weigh most. */
  weigh: string;
  customers: number;
  days: number;
  repeatPurchases: Rate;
  growth: Ratio | null;
  growthDays: number;
}

/** Whom an action is for: all that is named has to hold. Pairs are the least and the most; 4294967295 is no most at all. */
export interface Trigger {
  reasons: SegmentReason[] | null;
  rhythm: Rhythm[] | null;
  purchases: [number, number] | null;
  silenceDays: [number, number] | null;
  tenureDays: [number, number] | null;
  expectedWithinDays: number | null;
  returned: boolean | null;
  complained: boolean | null;
  referred: boolean | null;
  stepsDays: number[] | null;
  /** The step was reached, or `rhythm` came to hold after it, within so many days. */
  stepWithinDays: number | null;
}

/** Something to do for customers. */
export interface Action {
  id: string;
  title: string;
  /** For which segments; for all where there is none. */
  segments: Segment[];
  /** At which stages it weighs most; at all where there is none. */
  stages: Stage[];
  trigger: Trigger;
  /** The figure that would show that it worked. */
  measure: string;
}

/** An action of your own; what is left out does not restrict it. The most of a pair may be null, or Infinity: none. */
export type OwnAction = Pick<Action, "id" | "title" | "measure"> &
  Partial<Pick<Action, "segments" | "stages">> & { trigger?: { [K in keyof Trigger]?: OwnPair<Trigger[K]> } | undefined };

type OwnPair<T> = T extends [number, number] ? [least: number, most: number | null] : T;

/** Whom an action is for, those of the highest value first: lists with one entry per customer. */
export interface AudienceData {
  action: Action;
  /** Today: the customers are as known at the end of the day before. */
  asOf: string;
  currency: string;
  keys: string[];
  segment: Segment[];
  step: number[];
  dueOn: (string | null)[];
  valueMinor: number[];
  outlook: number[];
  purchases: number[];
  silenceDays: number[];
  rhythm: (Rhythm | null)[];
}

/** The columns of an audience: one row per customer. */
export interface AudienceColumns {
  customer: Texts;
  segment: Texts;
  step: Uint32Array;
  dueOn: Days;
  value: Float64Array;
  valueMinor: Minor;
  outlook: Float64Array;
  purchases: Uint32Array;
  silenceDays: Uint32Array;
  rhythm: Texts;
  why: Texts;
}

/** What is known of a customer. */
export interface CustomerProfile {
  firstPurchase: string;
  lastPurchase: string;
  purchases: number;
  revenue: Money;
  /** Days from one purchase to the next, on average; null after one purchase. */
  meanGapDays: number | null;
  /** Days since the last purchase. */
  silenceDays: number;
  /** How likely another purchase is within the horizon, 0 to 1: 1 − S(silence + H) ÷ S(silence). */
  outlook: number;
  /** Whether enough customers alike were silent as long for the outlook to rest on. */
  outlookSupported: boolean;
  /** Where the silence stands in the rhythm of customers alike. */
  rhythm: Rhythm | null;
  /** The day of the next purchase, if there is one: half of those alike who return have by then. */
  nextExpected: string | null;
  nextFrom: string | null;
  nextTo: string | null;
}

/** What is known of every customer. */
export interface CustomerProfilesData {
  asOf: string;
  currency: string;
  horizonDays: number;
  keys: string[];
  rows: CustomerProfile[];
}

/** The columns: one row per customer. */
export interface CustomerProfilesColumns {
  customer: Texts;
  firstPurchase: Days;
  lastPurchase: Days;
  purchases: Uint32Array;
  revenue: Float64Array;
  revenueMinor: Minor;
  meanGapDays: Float64Array;
  silenceDays: Uint32Array;
  outlook: Float64Array;
  outlookSupported: Bits;
  rhythm: Texts;
  nextFrom: Days;
  nextExpected: Days;
  nextTo: Days;
}

/** The segments at a glance. */
export interface SegmentOverviewData {
  asOf: string;
  stage: ShopStage;
  segments: SegmentCount[];
  before: SegmentCount[] | null;
  migration: MigrationData | null;
  examples: Assessment[];
}

export interface SegmentOverviewColumns {
  segment: Texts;
  customers: Float64Array;
  share: Float64Array;
  value: Float64Array;
  valueMinor: Minor;
  valueShare: Float64Array;
  immature: Float64Array;
  customersBefore: Float64Array;
}

// ------------------------------------------------------------------------------------------------------------- simulation

/** What is simulated. */
export interface Scenario {
  /** Customers at the start. */
  customers: number;
  /** What each spends in a period. */
  spend: number;
  /** The share that stays from one period to the next. */
  retentionRate: number;
  /** New customers in each period; by default none. */
  acquiring?: number | undefined;
}

/** A scenario period by period. */
export interface Simulation {
  scenario: { customers: number; spend: number; retentionRate: number; acquired: number };
  periods: { period: number; customers: number; revenue: number; cumulativeRevenue: number }[];
}

/** The columns of a simulation. */
export interface SimulationColumns {
  period: Numbers;
  customers: Float64Array;
  revenue: Float64Array;
  cumulativeRevenue: Float64Array;
}

/** Two scenarios side by side. */
export interface Comparison {
  base: Simulation;
  other: Simulation;
  difference: number;
  lift: number | null;
}

/** The columns of two scenarios. */
export interface ComparisonColumns {
  period: Numbers;
  baseCustomers: Float64Array;
  baseRevenue: Float64Array;
  baseCumulativeRevenue: Float64Array;
  otherCustomers: Float64Array;
  otherRevenue: Float64Array;
  otherCumulativeRevenue: Float64Array;
}

/** What a customer brings in profit. */
export interface ProfitFigures {
  margin: number;
  retentionRate: number;
  acquisitionCost: number;
  discountRate: number;
}

/** What a change of retention would do to profit. */
export interface ProfitLift {
  retentionChange: number;
  before: number | null;
  after: number | null;
  lift: number | null;
}

// ---------------------------------------------------------------------------------------------------------------- report

/** The options of the report. */
export interface ReportOptions {
  /** By default the last complete period of the grain. */
  period?: PeriodLike | null | undefined;
  /** By default months. */
  grain?: Grain | undefined;
  lapseAfter?: LapseAfter | undefined;
  /** How many periods cohorts are followed; by default 12. */
  cohortIndex?: number | undefined;
}

/** Everything at once. */
export interface Report {
  version: number;
  summary: Summary;
  headlines: Headlines;
  remarks: { kind: "long_silence" | "no_orders" | "incomplete" | "warm_up"; period: Period; sentence: string }[];
  current: Buying;
  previous: Buying | null;
  timeline: Timeline;
  flow: CustomerFlow;
  flowTimeline: FlowTimeline;
  repurchase: RepurchaseRetention;
  movements: RevenueMovements;
  movementTimeline: MovementTimeline;
  secondPurchase: TimeToSecondPurchase;
  gaps: TimeBetweenPurchases;
  funnel: PurchaseFunnel;
  cohorts: CohortTableData;
  cohortValues: CohortTableData;
  concentration: Concentration;
  rfm: RfmGroups;
  returns: Returns;
  value: HistoricValue;
  definitions: {
    /** The names of definitions by section and key of the report. */
    figures: Record<string, Record<string, string>>;
    texts: Record<string, Definition>;
  };
}

/** Ten figures beside those of the period before. */
export interface Headlines {
  period: Period;
  complete: boolean;
  previous: Period | null;
  /** `change` is `null` too where the period is not complete: a part of a period is not compared with a whole one. */
  figures: { name: string; now: CohortValue | null; before: CohortValue | null; change: number | null }[];
}
