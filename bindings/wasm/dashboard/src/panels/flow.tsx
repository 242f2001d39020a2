import * as Plot from "@observablehq/plot";
import { useState } from "preact/hooks";
import type { Shop } from "../data";
import { Chart, Choice, Section, tip, useCall, Waiting } from "../parts";
import * as f from "../format";
import type { Grain, LapseAfter, Report } from "regulars";
import { band } from "./revenue";

const LAPSES = [["30", "30 days"], ["60", "60 days"], ["90", "90 days"], ["180", "180 days"], ["365", "a year"], ["from_rhythm", "the shop's own rhythm"]] as const;

/** Who came, stayed and left. */
export function CustomerFlow({ shop, report, grain }: { shop: Shop; report: Report; grain: Grain }) {
  const [lapse, choose] = useState<(typeof LAPSES)[number][0]>("90");
  const lapseAfter: LapseAfter = lapse === "from_rhythm" ? lapse : { days: Number(lapse) };
  const timeline = useCall(shop, "flowTimeline", grain, lapseAfter);
  const now = useCall(shop, "flow", report.current.period, lapseAfter);
  const flow = now.value;
  const days = flow && typeof flow.lapseAfter === "object" && "days" in flow.lapseAfter ? flow.lapseAfter.days : undefined;
  const rate = flow?.retentionRate;
  const lead = flow && rate && rate.value !== null && (
    <>
      Of the {f.plural(rate.denominator, "customer")} active on {f.longDay(flow.period.start)}, <b>{f.percent(rate.value, 0)}</b> still were at the end; {f.plural(flow.reactivated - flow.reactivatedInWarmUp, "lapsed customer")} came
      back{!nobodyKnown(flow) && <>, and {f.plural(flow.new, "new one")} stayed</>}
      {flow.reactivatedInWarmUp > 0 && <>; whether {f.count(flow.reactivatedInWarmUp)} more are new, or came back, is not known</>}.
    </>
  );
  return (
    <Section id="flow" title="Customer flow" lead={lead || undefined} controls={<Choice label="Lapsed after" value={lapse} options={LAPSES} choose={choose} />} means={["customer_flow", "retention_rate", "churn_rate", "reactivation_rate"]} pending={now.pending || timeline.pending}>
      {flow ? (
        <Balance
          label={`Customers in ${f.period(flow.period)}`}
          parts={[
            { text: f.count(flow.atStart), name: "active at start" },
            ...(nobodyKnown(flow) ? [] : [{ sign: "+", text: f.count(flow.new), name: "new", tone: "new" }]),
            { sign: "+", text: f.count(flow.reactivated - flow.reactivatedInWarmUp), name: "came back", tone: "old" },
            ...(flow.reactivatedInWarmUp > 0 ? [{ sign: "+", text: f.count(flow.reactivatedInWarmUp), name: "new or not: not known" }] : []),
            { sign: "−", text: f.count(flow.churned), name: "lapsed", tone: "lost" },
            { sign: "=", text: f.count(flow.atEnd), name: flow.complete ? "active at end" : `active on ${f.shortDay(flow.until)}` },
          ]}
        />
      ) : (
        <Waiting error={now.error} height={70} />
      )}
      {timeline.value ? <Bars periods={timeline.value.periods} /> : <Waiting error={timeline.error} height={300} />}
      <p class="note">
        Active: bought within the last {days ? f.days(days) : "days chosen above"}. Lapsed: no longer.
        {flow && !flow.reachesBack && " The books do not reach back so far before this period: who was active at its start is not fully known."}
        {flow && flow.reactivatedInWarmUp > 0 && " New or not: the shop is older than its books, which do not say whether someone had bought before them."}
      </p>
    </Section>
  );
}

/** Whether none of those who may be new is known to be: nought would say that nobody is. */
const nobodyKnown = (flow: { new: number; reactivatedInWarmUp: number }): boolean => flow.new === 0 && flow.reactivatedInWarmUp > 0;

function Bars({ periods }: { periods: { period: { start: string; end: string }; complete: boolean; new: number; reactivated: number; reactivatedInWarmUp: number; churned: number; atEnd: number; retentionRate: { value: number | null }; reachesBack: boolean }[] }) {
  const bars = periods.flatMap((flow) => {
    const at = { period: f.day(flow.period.start), complete: flow.complete };
    return [
      { ...at, value: flow.new, color: "var(--new)" },
      { ...at, value: flow.reactivated - flow.reactivatedInWarmUp, color: "var(--old)" },
      { ...at, value: flow.reactivatedInWarmUp, color: "var(--line-2)" },
      { ...at, value: -flow.churned, color: "var(--lost)" },
    ];
  });
  const unknown = periods.some(({ reactivatedInWarmUp }) => reactivatedInWarmUp > 0);
  // There is no half a customer.
  const most = Math.max(...periods.map(({ new: won, reactivated, atEnd }) => Math.max(won + reactivated, atEnd)));
  const least = Math.max(...periods.map(({ churned }) => churned));
  const whole = most + least < 8 && { ticks: Array.from({ length: most + least + 1 }, (_, at) => at - least) };
  return (
    <Chart
      name="customer-flow"
      label="Customers who were won, came back and lapsed, and how many were active at the end"
      legend={[["New", "var(--new)"], ["Came back", "var(--old)"], ...(unknown ? [["New or not: not known", "var(--line-2)"] as [string, string]] : []), ["Lapsed", "var(--lost)"], ["Active at the end", "var(--ink)"]]}
      plot={(width) => ({
        x: band(periods, width),
        y: { grid: true, label: null, tickFormat: (value: number) => f.countShort(Math.abs(value)), ...whole },
        marks: [
          Plot.barY(bars, { x: "period", y: "value", fill: "color", fillOpacity: (bar: { complete: boolean }) => (bar.complete ? 1 : 0.45), insetLeft: 1, insetRight: 1, rx: 1.5 }),
          Plot.ruleY([0]),
          Plot.lineY(periods, { x: ({ period }) => f.day(period.start), y: "atEnd", stroke: "var(--ink)", strokeWidth: 1.75, curve: "monotone-x" }),
          tip(periods, ({ period }) => f.day(period.start), "atEnd", (flow) => `${f.period(flow.period)}\n${nobodyKnown(flow) ? "" : `${f.count(flow.new)} new, `}${f.count(flow.reactivated - flow.reactivatedInWarmUp)} came back, ${flow.reactivatedInWarmUp > 0 ? `${f.count(flow.reactivatedInWarmUp)} new or not, ` : ""}${f.count(flow.churned)} lapsed\n${f.count(flow.atEnd)} active at the end`),
        ],
      })}
      table={{
        head: ["Period", "New", "Came back", ...(unknown ? ["New or not: not known"] : []), "Lapsed", "Active at end", "Retention rate"],
        rows: periods.map((flow) => [f.period(flow.period) + (flow.complete ? "" : " (incomplete)"), nobodyKnown(flow) ? { value: null, text: f.BLANK } : f.figure.count(flow.new), ...[flow.reactivated - flow.reactivatedInWarmUp, ...(unknown ? [flow.reactivatedInWarmUp] : []), flow.churned, flow.atEnd].map(f.figure.count), f.figure.percent(flow.reachesBack ? flow.retentionRate.value : null)]),
      }}
    />
  );
}

/** Numbers that sum up, in a line. */
function Balance({ label, parts }: { label: string; parts: { sign?: string; text: string; name: string; tone?: string }[] }) {
  return (
    <ol class="balance" aria-label={label}>
      {parts.map(({ sign, text, name, tone }) => (
        <li key={name} class={tone}>
          <span class="amount">
            {sign && <span class="sign">{sign} </span>}
            {text}
          </span>
          <span class="name">{name}</span>
        </li>
      ))}
    </ol>
  );
}
