import * as Plot from "@observablehq/plot";
import type { Money, Ratio, Report, RevenueMovements } from "regulars";
import { Chart, DataTable, Empty, Failed, NARROW, Section, Stat, useCall } from "../parts";
import type { Shop } from "../data";
import * as f from "../format";
import type { Grain } from "regulars";

/** Every movement as it enters the sum, in the order in which it is told. */
export const MOVES = [
  ["new", 1, "New customers", "var(--new)"],
  ["reactivated", 1, "Came back", "var(--old)"],
  ["expansion", 1, "Spent more", "var(--old)"],
  ["contraction", -1, "Spent less", "var(--lost)"],
  ["churned", -1, "Did not buy", "var(--lost)"],
] as const;

/** What revenue gained and lost from one period to the next, by what customers did. */
export function Movements({ shop, report, grain }: { shop: Shop; report: Report; grain: Grain }) {
  const { movements, summary } = report;
  const { currency } = summary;
  const { value: timeline, error } = useCall(shop, "movementTimeline", grain);
  const money = (amount: Money) => f.money(f.toNumber(amount), currency, false);
  const figure = (amount: Money, sign = 1): f.Figure => f.figure.money(sign * f.toNumber(amount), currency, false);
  const [now, before] = [f.period(movements.period, true), f.period(movements.previous, true)];
  if (!movements.reachesBack) {
    return (
      <Section id="movements" title="What moved revenue">
        <Empty>This compares a period with the one before it, and the books do not hold that: choose a shorter or a later period above.</Empty>
      </Section>
    );
  }
  if (f.toNumber(movements.before) === 0 && f.toNumber(movements.now) === 0) {
    return (
      <Section id="movements" title="What moved revenue">
        <Empty>No customer that is known brought revenue in {before} or {now}.</Empty>
      </Section>
    );
  }
  const { netRevenueRetention: net, grossRevenueRetention: gross, revenueChurnRate: churn, quickRatio: quick } = movements;
  const lead = net.value !== null && (
    <>
      Who bought in {before} brought {money(net.denominator)} then and {money(net.numerator)} in {now}: <b>{f.percent(net.value, 0)}</b> of it.
    </>
  );
  const ratio = ({ numerator, denominator }: Ratio<Money>) => `${money(numerator)} of ${money(denominator)}`;
  return (
    <Section id="movements" title="What moved revenue" lead={lead || undefined} means={["revenue_movements"]}>
      <div class="pair uneven">
        <Waterfall movements={movements} currency={currency} before={before} now={now} />
        <ul class="cards two" aria-label="Revenue retention">
          <Stat name="net_revenue_retention" text={f.percent(net.value)} sample={ratio(net)} />
          <Stat name="gross_revenue_retention" text={f.percent(gross.value)} sample={ratio(gross)} />
          <Stat name="revenue_churn_rate" text={f.percent(churn.value)} sample={ratio(churn)} />
          <Stat name="quick_ratio" text={f.decimal(quick.value)} sample={`${money(quick.numerator)} gained, ${money(quick.denominator)} lost`} />
        </ul>
      </div>
      {timeline && (
        <details class="figures apart">
          <summary>Period by period</summary>
          <DataTable
            name="movements-by-period"
            caption="Movements of revenue, period by period"
            head={["Period", "Before", ...MOVES.map(([, , name]) => name), "Now", "Net retention"]}
            rows={timeline.periods
              .filter(({ reachesBack }) => reachesBack)
              .map((moved) => [
                f.period(moved.period) + (moved.complete ? "" : " (incomplete)"),
                figure(moved.before),
                ...MOVES.map(([key, sign]) => figure(moved[key], sign)),
                figure(moved.now),
                f.figure.percent(moved.netRevenueRetention.value),
              ])}
          />
        </details>
      )}
      {error && <Failed error={error} />}
      <p class="note">
        {f.toNumber(net.denominator) > f.toNumber(movements.before) &&
          `The ${money(net.denominator)} above are ${f.money(f.toNumber(net.denominator) - f.toNumber(movements.before), currency, false)} more than the bar of ${before} (${money(movements.before)}): customers who got back more than they paid in it lower the bar, and are not among those whose revenue could be kept. `}
        {summary.unidentified.numerator > 0 && "Orders without a known customer are not in it, so the sums differ from net revenue by theirs. "}A retailer's customers need not buy in every period: below 100% is usual.
        {!movements.complete && " This period is not over: who has not bought yet may still do so."}
      </p>
    </Section>
  );
}

function Waterfall({ movements, currency, before, now }: { movements: RevenueMovements; currency: string; before: string; now: string }) {
  let level = f.toNumber(movements.before);
  const money = (value: number) => f.money(value, currency, false);
  const start = { name: before, from: 0, to: level, amount: level, color: "var(--nobody)", text: money(level) };
  const steps = MOVES.map(([key, sign, name, color]) => {
    const by = sign * f.toNumber(movements[key]);
    const from = level;
    level += by;
    return { name, from, to: level, amount: by, color, text: `${by > 0 ? "+" : by < 0 ? "−" : ""}${money(Math.abs(by))}` };
  });
  const bars = [start, ...steps, { name: now, from: 0, to: f.toNumber(movements.now), amount: f.toNumber(movements.now), color: "var(--nobody)", text: money(f.toNumber(movements.now)) }];
  const links = bars.slice(0, -1).map(({ to, name }, at) => ({ to, name, next: bars[at + 1]?.name ?? name }));
  return (
    <Chart
      name="movements"
      label={`Revenue of known customers from ${before} to ${now}, step by step`}
      height={320}
      plot={(width) => ({
        marginLeft: Math.min(130, 16 + 7 * Math.max(...bars.map(({ name }) => name.length))),
        marginRight: 24,
        x: { grid: true, label: null, tickFormat: (value: number) => f.moneyShort(value, currency), ticks: width < NARROW ? 2 : 5, insetRight: 66 },
        y: { type: "band", domain: bars.map(({ name }) => name), label: null, padding: 0.28, tickSize: 0 },
        marks: [
          Plot.barX(bars, { y: "name", x1: "from", x2: "to", fill: "color", rx: 2 }),
          Plot.link(links, { x: "to", y1: "name", y2: "next", stroke: "var(--line-2)" }),
          Plot.text(bars, { y: "name", x: (bar: { from: number; to: number }) => Math.max(bar.from, bar.to), text: "text", textAnchor: "start", dx: 6, fill: "var(--ink-2)" }),
          Plot.ruleX([0]),
        ],
      })}
      table={{ head: ["Step", "Amount"], rows: bars.map(({ name, amount }) => [name, f.figure.money(amount, currency, false)]) }}
    />
  );
}
