import type { Average, Buying, CohortValue, Headlines as Figures, Money, Rate, Report } from "regulars";
import type { Shop } from "../data";
import { Interval, Meaning, useCall, useTitle } from "../parts";
import * as f from "../format";

/** What a card needs to know of a figure, whatever it is made of. */
interface Figure {
  value: number | null;
  text: string;
  /** What it was made from. */
  sample: string;
  rate?: Rate;
}

type Headline = Figures["figures"][number];

/** What is counted below the line of an average. */
const OF: Record<string, string> = { average_order_value: "order", average_revenue_per_customer: "customer", purchase_frequency: "customer" };

/** Rates of whom the books would have to know from before they begin. */
const LATE: Record<string, (report: Report) => boolean> = {
  returning_customer_rate: ({ current }) => current.warmUpCustomers > 0,
  repurchase_retention: ({ repurchase }) => !repurchase.reachesBack,
  retention_rate: ({ flow }) => !flow.reachesBack,
};

function figure(name: string, value: CohortValue | null, report: Report): Figure {
  const { current } = report;
  if (value === null) return { value: null, text: "–", sample: "not known: the shop is older than its books" };
  if (typeof value === "number") {
    const sample = name === "customers" ? f.plural(current.purchases, "purchase") : name === "new_customers" ? `of ${f.plural(current.customers, "customer")}` : name === "orders" ? `${f.plural(current.purchases, "purchase")} by known customers` : "";
    return { value, text: f.count(value), sample };
  }
  if ("amount" in value) return { value: f.toNumber(value), text: f.money(f.toNumber(value), value.currency), sample: `exactly ${f.money(f.toNumber(value), value.currency, true)}` };
  if ("numerator" in value) {
    const sample = value.denominator === 0 ? (LATE[name]?.(report) ? "not known: the books begin too late" : "nobody to count") : `${f.count(value.numerator)} of ${f.count(value.denominator)}`;
    return { value: value.value, text: f.percent(value.value), sample, rate: value };
  }
  const { total, count } = value as Average<number | Money>;
  const over = f.plural(count, OF[name] ?? "customer");
  return typeof total === "number"
    ? { value: value.value, text: f.decimal(value.value), sample: `${f.plural(total, "purchase")} by ${over}` }
    : { value: value.value, text: f.money(value.value, total.currency), sample: `${f.money(f.toNumber(total), total.currency, true)} over ${over}` };
}

/** The figures of the timeline that are headlines too, by the name of their definition. */
const MONTHLY: Record<string, (month: Buying) => number | null> = {
  revenue: (month) => f.toNumber(month.revenue),
  orders: (month) => month.orders,
  average_order_value: (month) => month.averageOrderValue.value,
  customers: (month) => month.customers,
  new_customers: (month) => month.newCustomers,
  purchase_frequency: (month) => month.purchaseFrequency.value,
  repeat_customer_rate: (month) => month.repeatCustomerRate.value,
  returning_customer_rate: (month) => month.returningCustomerRate.value,
};

function trend(name: string, report: Report): (number | null)[] {
  const monthly = MONTHLY[name];
  if (monthly) return report.timeline.periods.filter(({ complete }) => complete).slice(-18).map(monthly);
  if (name !== "retention_rate") return [];
  const flows = report.flowTimeline.periods.filter(({ complete, reachesBack }) => complete && reachesBack);
  return flows.slice(-18).map(({ retentionRate }) => retentionRate.value);
}

/** The share of the buyers of a month who bought in the next one, for as many months as the others show. */
function Repurchases({ shop, report }: { shop: Shop; report: Report }) {
  const months = report.timeline.periods.filter(({ complete, reachesBack }) => complete && reachesBack).slice(-18);
  const answer = useCall(shop, "repurchases", months.map(({ period }) => period));
  return <Spark values={(answer.value ?? []).map(({ rate }) => rate.value)} />;
}

export function Headlines({ shop, report }: { shop: Shop; report: Report }) {
  return (
    <ul class="cards" aria-label="Headline figures">
      {report.headlines.figures.map((headline) => (
        <Card key={headline.name} shop={shop} headline={headline} report={report} />
      ))}
    </ul>
  );
}

function Card({ shop, headline, report }: { shop: Shop; headline: Headline; report: Report }) {
  const title = useTitle(headline.name);
  const now = figure(headline.name, headline.now, report);
  const before = headline.before === null ? undefined : figure(headline.name, headline.before, report);
  const interval = now.rate?.interval;
  return (
    <li class="card" data-figure={headline.name}>
      <h3>{title}</h3>
      <p class="value">{now.text}</p>
      <Change now={now} before={before} change={headline.change} compares={report.previous !== null} complete={report.headlines.complete} />
      <p class="sample">
        {interval && <Interval {...interval} />}
        {now.sample}
        {now.rate?.smallN && now.rate.denominator > 0 && <strong class="small-n">small sample</strong>}
      </p>
      {headline.name === "repurchase_retention" ? <Repurchases shop={shop} report={report} /> : <Spark values={trend(headline.name, report)} />}
      <Meaning name={headline.name} rate={now.rate} />
    </li>
  );
}

/** The change, and whether it says anything: a rate that was within today's interval before has not clearly changed. */
function Change({ now, before, change, compares, complete }: { now: Figure; before: Figure | undefined; change: number | null; compares: boolean; complete: boolean }) {
  // Where the period before is in the books, what came before that may not be.
  if (before?.value == null) return <p class="change none">{compares && !before ? `${f.BLANK} the books begin too late to compare` : "nothing before"}</p>;
  if (!complete) return <p class="change none">{before.text} before, in a whole period</p>;
  if (now.text === before.text) return <p class="change none">as before</p>;
  if (change === null) return <p class="change none">from {before.text}</p>;
  const interval = now.rate?.interval;
  const unclear = Boolean(interval && before.value >= interval.low && before.value <= interval.high);
  return (
    <p class={`change ${unclear ? "none" : change > 0 ? "up" : "down"}`}>
      <span aria-hidden="true">{change > 0 ? "▲" : "▼"}</span> {now.rate ? f.signedPoints(change) : f.signedPercent(change)} <span class="before">from {before.text}</span>
      {unclear && <span class="before"> · not a clear change</span>}
    </p>
  );
}

function Spark({ values }: { values: (number | null)[] }) {
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 3) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const [width, height] = [100, 26];
  const x = (at: number) => (at / (values.length - 1)) * width;
  const y = (value: number) => height - 2 - ((value - low) / (high - low || 1)) * (height - 4);
  let path = "";
  values.forEach((value, at) => {
    if (value !== null) path += `${path === "" || values[at - 1] == null ? "M" : "L"}${x(at).toFixed(1)},${y(value).toFixed(1)}`;
  });
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
