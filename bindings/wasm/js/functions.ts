import { ask, askTable, outcome, periodText, zoneArguments } from "./call.js";
import { KaplanMeier } from "./history.js";
import { instantOf, isDate, snake } from "./json.js";
import { inModule, type Table } from "./results.js";
import type * as t from "./types.js";

/** Formulas on plain counts, and on amounts as decimal text in one currency. */
export const formula = {
  /** (at the end − new) ÷ at the start: `retentionRate({ atStart: 10_000, atEnd: 13_000, new: 5_500 })` is 75 %. */
  retentionRate: (args: { atStart: number; atEnd: number; new: number }): t.Rate => ask("formula.retention_rate", args),
  /** The same where it may exceed 1, since customers came back. */
  retentionRateByHeadcount: (args: { atStart: number; atEnd: number; new: number }): t.Ratio =>
    ask("formula.retention_rate_by_headcount", args),
  /** (with repeat purchases − new) ÷ at the start. */
  retentionRateByRepeatBuyers: (args: { atStart: number; withRepeatPurchases: number; new: number }): t.Ratio =>
    ask("formula.retention_rate_by_repeat_buyers", args),
  /** Lost ÷ at the start. */
  churnRate: (args: { atStart: number; lost: number }): t.Rate => ask("formula.churn_rate", args),
  /** Came back ÷ lapsed at the start. */
  reactivationRate: (args: { lapsedAtStart: number; cameBack: number }): t.Rate => ask("formula.reactivation_rate", args),
  /** Of the buyers of the period before, those who bought now ÷ them. */
  repurchaseRetention: (args: { buyersBefore: number; ofThemNow: number }): t.Rate =>
    ask("formula.repurchase_retention", args),
  /** (before − churned − contraction) ÷ before. */
  grossRevenueRetention: (args: Amounts<"before" | "churned" | "contraction">): t.Ratio<t.Money> =>
    ask("formula.gross_revenue_retention", args),
  /** (before + expansion − churned − contraction) ÷ before. */
  netRevenueRetention: (args: Amounts<"before" | "expansion" | "churned" | "contraction">): t.Ratio<t.Money> =>
    ask("formula.net_revenue_retention", args),
  /** (churned + contraction) ÷ before. */
  revenueChurnRate: (args: Amounts<"before" | "churned" | "contraction">): t.Ratio<t.Money> =>
    ask("formula.revenue_churn_rate", args),
  /** (churned + contraction − expansion) ÷ before. */
  netRevenueChurnRate: (args: Amounts<"before" | "expansion" | "churned" | "contraction">): t.Ratio<t.Money> =>
    ask("formula.net_revenue_churn_rate", args),
  /** (new + expansion + reactivated) ÷ (churned + contraction). */
  quickRatio: (
    args: Amounts<"new" | "expansion" | "reactivated" | "churned" | "contraction">,
  ): t.Ratio<t.Money> => ask("formula.quick_ratio", args),
};

/** Amounts as decimal text, in one currency. */
export type Amounts<Names extends string> = Record<Names, string> & CurrencyArguments;

/** A code of ISO 4217, and how many decimals amounts have where they are finer. */
export interface CurrencyArguments {
  currency: string;
  decimals?: number | undefined;
}

/** Exact money. */
export const money = {
  /** From decimal text, `35.20`. */
  parse: (text: string, currency: string, decimals?: number): t.Money => ask("money.parse", { text, currency, decimals }),
  /** From a number that is meant to have the currency's decimals. */
  fromFloat: (value: number, currency: string, decimals?: number): t.Money =>
    ask("money.from_float", { value, currency, decimals }),
  /** From whole minor units, cents. */
  fromMinor: (minor: number | bigint, currency: string, decimals?: number): t.Money =>
    ask("money.from_minor", { minor, currency, decimals }),
  /** As the nearest number. */
  toNumber: (money: t.Money): number => {
    return ask("money.to_f64", { text: money.amount, currency: money.currency });
  },
};

/** A currency of ISO 4217: its code and decimals. */
export function currency(code: string, decimals?: number): { code: string; decimals: number } {
  return ask("currency", { currency: code, decimals });
}

/** Periods of days. */
export const period = {
  /** `2024`, `2024-Q3`, `2024-05`, `2024-W07`, `2024-05-17`, `2024-01-01/2024-07-01` */
  parse: (text: string): t.Period => ask("period.parse", { text }),
  /** From a day to another, itself no longer in it. A `Date` has to be at midnight UTC: no zone is known here. */
  of: (start: t.DayLike, end: t.DayLike): t.Period => ask("period.new", { start, end }),
  /** The period of the same length before. */
  before: (of: t.PeriodLike): t.Period => ask("period.before", { text: periodText(of) }),
  /** How many days it has. */
  days: (of: t.PeriodLike): number => ask("period.days", { text: periodText(of) }),
  /** Whether a date lies in it. A `Date` has to be at midnight UTC: no zone is known here. */
  contains: (of: t.PeriodLike, date: t.DayLike): boolean => ask("period.contains", { text: periodText(of), date }),
};

/** Sizes of periods. */
export const grain = {
  /** The period around a date. A `Date` has to be at midnight UTC: no zone is known here. */
  periodOf: (grain: t.Grain, date: t.DayLike): t.Period => ask("grain.period_of", { grain, date }),
  /** The periods that a span touches. */
  periods: (grain: t.Grain, span: t.PeriodLike): t.Period[] => ask("grain.periods", { grain, span: periodText(span) }),
};

/** Sizes of cohorts. */
export const cohortGrain = {
  /** `month`, `30-days` */
  parse: (text: string): t.CohortGrain => ask("cohort_grain.parse", { text }),
  /** Of so many days; null for 0. */
  days: (days: number): t.CohortGrain | null => ask("cohort_grain.days", { days }),
};

/** Time zones: by IANA name, or offset such as `+02:00`. */
export const zone = {
  /** The date on which an instant falls. */
  date: (zone: string, instant: string | Date): string =>
    ask("zone.date", { ...zoneArguments(zone), instant: isDate(instant) ? instantOf(instant, "instant") : instant }),
  /** The name in the form that results have. */
  zoneName: (zone: string): string => ask("zone.name", zoneArguments(zone)),
  /** The date of a count of units since 1970-01-01T00:00:00Z. */
  dateOf: (zone: string, value: number | bigint, unit: "second" | "millisecond" | "microsecond" | "nanosecond"): string =>
    ask("clock.date", { ...zoneArguments(zone), value, unit }),
};

/** A customer's key: text trimmed, addresses in lower case; null for blank text, which is nobody. */
export function customerKey(text: string): string | null {
  return ask("customer_key", { text });
}

/** The key of an order's customer: the id, else the address. */
export function orderKey(of: { customer?: string | undefined; email?: string | undefined }): string | null {
  return ask("order.key", of);
}

/** The status that a shop system's word stands for. */
export function orderStatus(text: string): t.OrderStatus {
  return ask("status", { text });
}

/** Which orders count. */
export const policy = {
  /** A preset. */
  preset: (name: t.PolicyName): t.OrderPolicy => ask("policy", { name }),
  /** The preset that it is, or `custom`. */
  nameOf: (policy: Partial<t.OrderPolicy>): t.PolicyName | "custom" => ask("policy.name", { policy }),
  /** A preset under which orders of a status count as well. */
  counting: (name: t.PolicyName, status: t.OrderStatus): t.OrderPolicy => ask("policy.counting", { name, status }),
};

/** A figure's meaning, by its name or as its property is called, `retentionRate`; null where there is none of that name. */
export function definition(name: string): t.Definition | null {
  return ask("definition", { name: snake(name) });
}

/** Every figure's meaning. */
export function definitions(): t.Definition[] {
  return ask("definitions");
}

/** What others have published of a figure, with where and how it was counted; the figure as `definition` takes it. */
export function benchmarks(figure: string): t.Benchmark[] {
  return ask("benchmarks", { figure: snake(figure) });
}

/** The kind of event that a word stands for, such as those of Klaviyo. */
export function eventKind(text: string): t.EventKind {
  return ask("event_kind", { text });
}

/** Things to do for customers, each with whom it is for and the figure that would show that it worked. */
export function playbook(): t.Action[] {
  return ask("playbook");
}

/** What a shop of a stage should weigh most. */
export function stageWeighs(stage: t.Stage): string {
  return ask("shop_stage.weigh", { stage });
}

/** A segment's name for people. */
export function segmentTitle(segment: t.Segment): string {
  return ask("segment.title", { segment });
}

/** Every code that an error of the core can have; those of a file, of arguments and of this package are in `ERROR_CODES` beside them. */
export function errorCodes(): string[] {
  return ask("error.codes");
}

/** A share with Wilson's interval, at a confidence level of 0.95 or another. */
export function rate(numerator: number, denominator: number, level?: number): t.Rate {
  return ask("rate", { numerator, denominator, level });
}

/** One share less another, each as `[numerator, denominator]`, with Newcombe's interval. */
export function rateDifference(
  rate: readonly [numerator: number, denominator: number],
  other: readonly [numerator: number, denominator: number],
  level?: number,
): t.RateDifference {
  return ask("rate_difference", { rate, other, level });
}

/** Wilson's interval alone; null for 0 of 0. */
export function wilson(numerator: number, denominator: number, level: number): t.Interval | null {
  return ask("interval.wilson", { numerator, denominator, level });
}

/** A total over so many: of counts, or of an amount as text with its currency. */
export function average(total: number, count: number): t.Average;
export function average(total: string, count: number, currency: string, decimals?: number): t.Average<t.Money>;
export function average(
  total: number | string,
  count: number,
  currency?: string,
  decimals?: number,
): t.Average | t.Average<t.Money> {
  return ask("average", { total, count, currency, decimals });
}

/** One number over another. */
export function ratio(numerator: number, denominator: number): t.Ratio {
  return ask("ratio", { numerator, denominator });
}

/** The survival curve of durations. */
export function kaplanMeier(durations: t.Durations, level?: number): KaplanMeier {
  return new KaplanMeier(inModule(outcome("kaplan_meier", { durations, level })));
}

/** Whether the curves of groups differ by more than chance; null where that cannot be said. */
export function logRank(groups: readonly t.Durations[]): t.LogRank | null {
  return ask("log_rank", { groups });
}

/** So many times in each unit of time. */
export const frequency = {
  /** The same, checked. */
  of: (frequency: t.Frequency): t.Frequency => ask("frequency", { frequency }),
  /** How many times over a lifespan. */
  over: (frequency: t.Frequency, lifespan: t.Lifespan): number => ask("frequency.over", { frequency, lifespan }),
};

/** Lengths of time. */
export const lifespan = {
  /** The same, checked. */
  of: (lifespan: t.Lifespan): t.Lifespan => ask("lifespan", { lifespan }),
  /** That of a period. */
  ofPeriod: (period: t.PeriodLike): t.Lifespan => ask("lifespan.of", { period: periodText(period) }),
  /** In another unit. */
  inUnits: (lifespan: t.Lifespan, unit: t.Grain): number => ask("lifespan.in_units", { lifespan, unit }),
};

/** Order value × frequency × lifespan. */
export function simpleValue(args: t.ValueArguments): t.SimpleValue {
  return ask("simple_value", args);
}

/** The same times the margin. */
export function marginValue(args: t.ValueArguments & { margin: number }): t.MarginValue {
  return ask("margin_value", args);
}

/** Lifetime value against what a customer cost to win, and when that has come back. */
export function valueToCost(args: t.ValueArguments & { margin: number; acquisitionCost: number }): t.ValueToCost {
  return ask("value_to_cost", args);
}

/** Margins to come at a retention rate, discounted. */
export function discountedValue(
  args: { margin: number; retentionRate: number; every: t.Grain },
  options: t.DiscountOptions = {},
): t.DiscountedValue {
  return ask("discounted_value", { ...args, options });
}

/** How unequally totals in minor units are spread. */
export function concentration(
  totals: ArrayLike<number | bigint>,
  currency: string,
  options: t.ConcentrationOptions = {},
  decimals?: number,
): Table<t.Concentration, t.LorenzColumns> {
  return askTable("concentration", { totals, currency, decimals, options });
}

/** A scenario over so many periods. */
export function simulate(scenario: t.Scenario, periods: number): Table<t.Simulation, t.SimulationColumns> {
  return askTable("simulate", { scenario, periods });
}

/** Two scenarios side by side. */
export function compare(base: t.Scenario, other: t.Scenario, periods: number): Table<t.Comparison, t.ComparisonColumns> {
  return askTable("compare", { base, other, periods });
}

/** What a change of the retention rate would do to the profit of a customer: `profitLift(figures, 0.05)`. */
export function profitLift(
  figures: Pick<t.ProfitFigures, "margin" | "retentionRate"> & Partial<t.ProfitFigures>,
  change: number,
): t.ProfitLift {
  return ask("profit_lift", { ...figures, change });
}

/** The usual names of segments for so many scores: a row for each score of recency, from the worst. */
export function rfmGrid(bins: number): string[][] {
  return ask("rfm_grid", { bins });
}

/** The name in a grid of a score of recency and one of frequency and money; null outside it. */
export function rfmGridName(rows: readonly (readonly string[])[], recency: number, frequencyMonetary: number): string | null {
  return ask("rfm_grid.name", { rows, recency, frequencyMonetary });
}
