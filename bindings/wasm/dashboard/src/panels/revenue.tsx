import * as Plot from "@observablehq/plot";
import type { Shop } from "../data";
import { Chart, Elsewhere, Section, tip, useCall, Waiting } from "../parts";
import * as f from "../format";
import type { Grain, Period, Report } from "regulars";

/** New against returning revenue, period by period. */
export function Revenue({ shop, report, grain }: { shop: Shop; report: Report; grain: Grain }) {
  const { value: timeline, error, pending } = useCall(shop, "timeline", grain);
  if (!timeline) {
    return (
      <Section id="revenue" title="New against returning revenue">
        <Waiting error={error} height={360} />
      </Section>
    );
  }
  const currency = report.summary.currency;
  const parts = [
    ["first", "First purchases", "var(--new)"],
    ["warmUp", "First or later, before the books can tell", "var(--line-2)"],
    ["later", "Later purchases", "var(--old)"],
    ["unidentified", "No customer known", "var(--nobody)"],
  ] as const;
  const shown = parts.filter(([key]) => timeline.periods.some(({ revenueSplit }) => f.toNumber(revenueSplit[key].revenue) !== 0));
  const bars = timeline.periods.flatMap(({ period, complete, revenueSplit }) =>
    shown.map(([key, , color]) => ({ period: f.day(period.start), color, complete, value: f.toNumber(revenueSplit[key].revenue) })),
  );
  const told = ({ period, revenueSplit }: (typeof timeline.periods)[number]) =>
    [f.period(period), ...shown.map(([key, name]) => [name, revenueSplit[key]] as const).reverse().map(([name, { revenue, share }]) => `${name}: ${f.money(f.toNumber(revenue), currency)}${share === null ? "" : ` (${f.percent(share, 0)})`}`)].join("\n");
  const { later, total, warmUp } = report.current.revenueSplit;
  // Of what is not known to be a first purchase or a later one, some may be later.
  const least = warmUp.orders > 0;
  const earlier = report.previous?.reachesBack && !least && report.previous.revenueSplit.warmUp.orders === 0 ? report.previous.revenueSplit.later.share : undefined;
  const lead = total.orders > 0 && later.share !== null && (
    <>
      Customers who had bought before brought {least && "at least "}<b>{f.percent(later.share, 0)}</b> of revenue in {f.period(report.current.period, true)}
      {earlier != null && <>, after {f.percent(earlier, 0)} in the period before</>}.
    </>
  );
  const every = timeline.grain === "year" ? "year" : timeline.grain;
  const cut = timeline.periods.filter(({ complete }) => !complete).length;
  return (
    <Section id="revenue" title="New against returning revenue" lead={lead || undefined} means={["revenue", "revenue_split"]} pending={pending}>
      <Chart
        name="revenue"
        label={`Net revenue by ${every} of first and of later purchases`}
        legend={shown.map(([, name, color]) => [name, color])}
        plot={(width) => ({
          x: band(timeline.periods, width),
          y: { grid: true, label: null, tickFormat: (value: number) => f.moneyShort(value, currency), nice: true },
          marks: [
            Plot.barY(bars, { x: "period", y: "value", fill: "color", fillOpacity: (bar: { complete: boolean }) => (bar.complete ? 1 : 0.45), insetLeft: 1, insetRight: 1, rx: 1.5 }),
            Plot.ruleY([0]),
            tip(timeline.periods, ({ period }) => f.day(period.start), ({ revenueSplit }) => Math.max(0, f.toNumber(revenueSplit.total.revenue)), told),
          ],
        })}
        table={{
          head: ["Period", ...shown.map(([, name]) => name), "Net revenue", "Share of later purchases"],
          rows: timeline.periods.map(({ period, complete, revenueSplit }) => [
            f.period(period) + (complete ? "" : " (incomplete)"),
            ...shown.map(([key]) => f.figure.money(f.toNumber(revenueSplit[key].revenue), currency, true)),
            f.figure.money(f.toNumber(revenueSplit.total.revenue), currency, true),
            f.figure.percent(revenueSplit.later.share),
          ]),
        }}
      />
      <Elsewhere name="revenue_split" />
      {cut > 0 && <p class="note">Pale: not observed to its end, so too low.</p>}
    </Section>
  );
}

/** The axis of a chart by periods, so wide: with as many names as can be read, and of a few the bars are not as wide as the page. */
export function band(periods: readonly { period: Period }[], width: number) {
  const step = Math.ceil(periods.length / Math.max(1, Math.floor(width / 110)));
  const named = new Map(periods.filter((_, at) => at % step === 0).map(({ period }) => [f.day(period.start).getTime(), f.period(period)]));
  return {
    type: "band" as const,
    domain: periods.map(({ period }) => f.day(period.start)),
    ticks: [...named.keys()].map((time) => new Date(time)),
    tickFormat: (date: Date): string => named.get(date.getTime()) ?? "",
    label: null,
    padding: periods.length < 8 ? 1 - periods.length / 10 : 0.1,
  };
}
