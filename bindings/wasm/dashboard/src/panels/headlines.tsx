import { useCall } from "../parts";
import type { Shop } from "../data";
import * as f from "../format";
import type { Average, Buying, CustomerFlow, Definition, Money, Rate, Ratio, Report, RevenueMovements } from "regulars";

/** What a card needs to know of a figure, whatever it is made of. */
interface Figure {
  value: number | null;
  text: string;
  /** The exact figure, or what it was made from. */
  sample: string;
  rate?: Rate;
}

interface Sources {
  buying: Buying;
  flow?: CustomerFlow | undefined;
  movements?: RevenueMovements | undefined;
}

interface Headline {
  name: string;
  read: (sources: Sources) => Figure | undefined;
  /** Which way is good; 0 where neither is. */
  good: 1 | 0 | -1;
  /** The same by month, where the timeline has it. */
  month?: (buying: Buying) => number | null;
}

const counted = (value: number, sample: string): Figure => ({ value, text: f.count(value), sample });
const rate = (value: Rate): Figure => ({
  value: value.value,
  text: f.percent(value.value),
  sample: value.denominator === 0 ? "nobody to count" : `${f.count(value.numerator)} of ${f.count(value.denominator)}`,
  rate: value,
});
const money = (total: Money, value = f.toNumber(total)): Figure => ({ value, text: f.money(value, total.currency), sample: `exactly ${f.money(f.toNumber(total), total.currency, true)}` });
const average = ({ total, count, value }: Average<Money>, of: string): Figure => ({
  value,
  text: f.money(value, total.currency),
  sample: `${f.money(f.toNumber(total), total.currency, true)} over ${f.plural(count, of)}`,
});
const ratio = ({ numerator, denominator, value }: Ratio<Money>): Figure => ({
  value,
  text: f.percent(value),
  sample: value === null ? "nothing to compare with" : `${f.money(f.toNumber(numerator), numerator.currency)} of ${f.money(f.toNumber(denominator), denominator.currency)}`,
});

const HEADLINES: Headline[] = [
  { name: "revenue", read: ({ buying }) => money(buying.revenue), good: 1, month: (b) => f.toNumber(b.revenue) },
  { name: "customers", read: ({ buying }) => counted(buying.customers, f.plural(buying.purchases, "purchase")), good: 1, month: (b) => b.customers },
  { name: "new_customers", read: ({ buying }) => counted(buying.newCustomers, `of ${f.plural(buying.customers, "customer")}`), good: 1, month: (b) => b.newCustomers },
  { name: "repeat_customer_rate", read: ({ buying }) => rate(buying.repeatCustomerRate), good: 1, month: (b) => b.repeatCustomerRate.value },
  { name: "returning_customer_rate", read: ({ buying }) => rate(buying.returningCustomerRate), good: 1, month: (b) => b.returningCustomerRate.value },
  { name: "retention_rate", read: ({ flow }) => flow && rate(flow.retentionRate), good: 1 },
  { name: "net_revenue_retention", read: ({ movements }) => movements && ratio(movements.netRevenueRetention), good: 1 },
  { name: "purchase_frequency", read: ({ buying: { purchaseFrequency: { total, count, value } } }) => ({ value, text: f.decimal(value), sample: `${f.plural(total, "purchase")} by ${f.plural(count, "customer")}` }), good: 1, month: (b) => b.purchaseFrequency.value },
  { name: "average_order_value", read: ({ buying }) => average(buying.averageOrderValue, "order"), good: 1, month: (b) => b.averageOrderValue.value },
  { name: "average_revenue_per_customer", read: ({ buying }) => average(buying.averageRevenuePerCustomer, "customer"), good: 1, month: (b) => b.averageRevenuePerCustomer.value },
];

export function Headlines({ shop, report, definitions }: { shop: Shop; report: Report; definitions: Map<string, Definition> }) {
  const { current, previous } = report;
  // A call needs a period, whether there is one before or not.
  const before = previous ?? current;
  const flow = useCall(shop, "flow", before.period).value;
  const movements = useCall(shop, "movements", before.period).value;
  const months = report.timeline.periods.filter((month) => month.complete).slice(-18);
  return (
    <ul class="cards" aria-label="Headline figures">
      {HEADLINES.map((headline) => {
        const now = headline.read({ buying: current, flow: report.flow.reachesBack ? report.flow : undefined, movements: report.movements.reachesBack ? report.movements : undefined });
        const then = previous
          ? headline.read({ buying: previous, flow: flow?.reachesBack ? flow : undefined, movements: movements?.reachesBack ? movements : undefined })
          : undefined;
        const trend = headline.month ? months.map(headline.month) : [];
        return <Card key={headline.name} headline={headline} definition={definitions.get(headline.name)} now={now} then={then} trend={trend} />;
      })}
    </ul>
  );
}

function Card({ headline, definition, now, then, trend }: { headline: Headline; definition: Definition | undefined; now: Figure | undefined; then: Figure | undefined; trend: (number | null)[] }) {
  const interval = now?.rate?.interval;
  return (
    <li class="card" data-figure={headline.name}>
      <h3>{definition?.title ?? f.capital(f.words(headline.name))}</h3>
      <p class="value">{now ? now.text : f.BLANK}</p>
      <Change now={now} then={then} good={headline.good} />
      <p class="sample">
        {interval && (
          <span class="interval">
            {f.percent(interval.low)} – {f.percent(interval.high)}
          </span>
        )}
        {now ? now.sample : "the books do not reach back far enough"}
        {now?.rate?.smallN && now.rate.denominator > 0 && <strong class="small-n">small sample</strong>}
      </p>
      <Spark values={trend} />
      <details class="what">
        <summary>
          What is this?<span class="unseen"> {definition?.title}</span>
        </summary>
        <p>{definition?.formula}.</p>
        {interval && <p>Beside it stands the range that the true share lies in with {f.percent(interval.level, 0)} confidence (Wilson).</p>}
      </details>
    </li>
  );
}

/** The change, and whether it says anything: a rate that was within today's interval before has not clearly changed. */
function Change({ now, then, good }: { now: Figure | undefined; then: Figure | undefined; good: number }) {
  if (now?.value == null || then?.value == null) return <p class="change none">nothing before to compare with</p>;
  const difference = now.value - then.value;
  if (now.text === then.text) return <p class="change none">as before</p>;
  const share = now.rate || now.text.endsWith("%");
  const text = share ? f.signedPoints(difference) : then.value === 0 ? `${f.BLANK}` : f.signedPercent(difference / Math.abs(then.value));
  const interval = now.rate?.interval;
  const unclear = Boolean(interval && then.value >= interval.low && then.value <= interval.high);
  const mood = unclear || good === 0 ? "none" : difference * good > 0 ? "up" : "down";
  const arrow = difference > 0 ? "▲" : "▼";
  return (
    <p class={`change ${mood}`}>
      <span aria-hidden="true">{arrow}</span> {text} <span class="before">from {then.text}</span>
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
