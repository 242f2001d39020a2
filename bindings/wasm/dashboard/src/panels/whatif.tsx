import * as Plot from "@observablehq/plot";
import { useId, useState } from "preact/hooks";
import type { Shop } from "../data";
import { Chart, Empty, Section, tip, useCall, Waiting } from "../parts";
import * as f from "../format";
import type { Report } from "regulars";

/** Sliders on the shop's own figures. One period is as long as the one that was chosen above. */
export function WhatIf({ shop, report }: { shop: Shop; report: Report }) {
  const { current, repurchase, summary } = report;
  const kept = repurchase.reachesBack ? repurchase.rate.value : null;
  const spend = current.averageRevenuePerCustomer.value;
  if (kept === null || spend === null || spend < 0) {
    return (
      <Section id="what-if" title="What if">
        <Empty>This needs a period with customers, and one before it in the books: choose a shorter or a later one.</Empty>
      </Section>
    );
  }
  if (current.newCustomers === null) {
    return (
      <Section id="what-if" title="What if">
        <Empty>This needs to know who is new, and in {f.period(current.period)} nobody does: the books begin too late. Choose a later period.</Empty>
      </Section>
    );
  }
  return <Sliders key={f.periodText(current.period)} shop={shop} currency={summary.currency} customers={current.customers} kept={kept} spend={spend} won={current.newCustomers} period={f.period(current.period)} />;
}

function Sliders({ shop, currency, customers, kept, spend, won, period }: { shop: Shop; currency: string; customers: number; kept: number; spend: number; won: number; period: string }) {
  const [points, setPoints] = useState(0);
  const [more, setMore] = useState(0);
  const [spent, setSpent] = useState(0);
  const [periods, setPeriods] = useState(8);
  const retentionRate = Math.min(1, Math.max(0, kept + points / 100));
  const base = { customers, spend, retentionRate: kept, acquiring: won };
  const other = { customers, spend: spend * (1 + spent / 100), retentionRate, acquiring: won * (1 + more / 100) };
  const answer = useCall(shop, "compare", base, other, periods);
  const comparison = answer.value;
  const moved = points !== 0 || more !== 0 || spent !== 0;
  const lines = comparison
    ? [comparison.base, comparison.other].slice(0, moved ? 2 : 1).flatMap((projection, at) => projection.periods.map((point) => ({ ...point, name: at === 0 ? "as it is" : "with the changes", changed: at === 1 })))
    : [];
  const lead = !moved ? (
    <>Move a slider: what would revenue be if more customers stayed, if more came, or if each spent more?</>
  ) : comparison && (
    <>
      With these changes, revenue over {f.plural(periods, "period")} would be <b>{f.money(comparison.other.periods.at(-1)?.cumulativeRevenue ?? 0, currency)}</b>
      {comparison.lift !== null && (
        <>
          , <b>{f.signedPercent(comparison.lift)}</b> against going on as in {period}
        </>
      )}
      .
    </>
  );
  return (
    <Section id="what-if" title="What if" lead={lead} means={["simulate"]}>
      <div class="pair uneven">
        {comparison ? (
          <Chart
            name="what-if"
            label="Revenue by period, as it is and with the changes"
            height={300}
            legend={moved ? [["With the changes", "var(--old)"], ["As it is", "var(--ink-3)", "dashed"]] : [["As it is", "var(--ink-3)", "dashed"]]}
            plot={{
              x: { label: `periods as long as ${period}`, labelAnchor: "center", labelArrow: "none", ticks: Math.min(periods, 12), tickFormat: "d" },
              y: { grid: true, label: null, tickFormat: (value: number) => f.moneyShort(value, currency), zero: true, ticks: 6 },
              marks: [
                Plot.lineY(lines.filter(({ changed }) => !changed), { x: "period", y: "revenue", stroke: "var(--ink-3)", strokeWidth: 2.25, strokeDasharray: "5 4" }),
                Plot.lineY(lines.filter(({ changed }) => changed), { x: "period", y: "revenue", stroke: "var(--old)", strokeWidth: 2.25 }),
                Plot.dot(lines, { x: "period", y: "revenue", fill: ({ changed }: { changed: boolean }) => (changed ? "var(--old)" : "var(--ink-3)"), r: 2.5 }),
                Plot.ruleY([0]),
                tip(lines, "period", "revenue", ({ period, name, revenue, customers }) => `Period ${period}, ${name}\n${f.money(revenue, currency)} from ${f.count(Math.round(customers))} customers`, Plot.pointer),
              ],
            }}
            table={{
              head: ["Period", "Revenue as it is", "Revenue with the changes", "Customers as it is", "Customers with the changes"],
              rows: comparison.base.periods.map((point, at) => {
                const changed = comparison.other.periods[at] ?? point;
                return [point.period, f.figure.money(point.revenue, currency), f.figure.money(changed.revenue, currency), f.figure.count(Math.round(point.customers)), f.figure.count(Math.round(changed.customers))];
              }),
            }}
          />
        ) : (
          <Waiting error={answer.error} height={300} />
        )}
        <form class="sliders" onSubmit={(event) => event.preventDefault()}>
          <Slider label="Customers kept" value={points} low={-10} high={20} set={setPoints} text={against(f.percent(retentionRate), f.percent(kept))} />
          <Slider label="New customers" value={more} low={-50} high={100} step={5} set={setMore} text={against(f.count(Math.round(other.acquiring)), f.count(won))} />
          <Slider label="Spend per customer" value={spent} low={-30} high={50} set={setSpent} text={against(f.money(other.spend, currency), f.money(spend, currency))} />
          <Slider label="Periods" value={periods} low={2} high={24} set={setPeriods} text={f.plural(periods, "period")} />
          <button
            type="button"
            class="second"
            disabled={!moved}
            onClick={() => {
              setPoints(0);
              setMore(0);
              setSpent(0);
            }}
          >
            Back to how it is
          </button>
        </form>
      </div>
      <p class="note">
        No forecast: it starts from {period}'s {f.plural(customers, "customer")}, {f.money(spend, currency)} each, {f.percent(kept)} of whom buy in the next period, and {f.count(won)} new ones. Every customer is
        kept at the same rate, and nothing that is done to raise it costs anything.
      </p>
    </Section>
  );
}

const against = (changed: string, as: string): string => (changed === as ? `${as}, as it is` : `${changed} instead of ${as}`);

function Slider({ label, value, low, high, step = 1, set, text }: { label: string; value: number; low: number; high: number; step?: number; set: (value: number) => void; text: string }) {
  const id = useId();
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <span class="reading" aria-hidden="true">
        {text}
      </span>
      <input id={id} type="range" min={low} max={high} step={step} value={value} aria-valuetext={text} onInput={(event) => set(event.currentTarget.valueAsNumber)} />
    </div>
  );
}
