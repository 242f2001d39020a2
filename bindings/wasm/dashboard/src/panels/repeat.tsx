import * as Plot from "@observablehq/plot";
import { Chart, Elsewhere, Empty, Section, tip } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";
import type { Report } from "regulars";

/** How many go on to the next purchase, and how soon. */
export function Repeat({ report: { funnel, secondPurchase, gaps } }: { report: Report }) {
  const steps = funnel.steps.filter(({ next }) => next.denominator > 0).slice(0, 8);
  const everyone = steps[0]?.next.denominator ?? 0;
  const second = steps[0]?.next;
  const third = steps[1]?.next;
  const lead = second && second.value !== null && (
    <>
      <b>{f.percent(second.value, 0)}</b> of first-time buyers have bought a second time
      {third && third.value !== null && (
        <>
          ; of those, <b>{f.percent(third.value, 0)}</b> a third time
        </>
      )}
      .
    </>
  );
  const months = secondPurchase.returnedBy.findLast(({ share, atRisk }) => share !== null && atRisk >= 20);
  const steps2 = secondPurchase.curve.steps.filter(({ atRisk, day }) => atRisk >= 20 && day <= 730);
  const curve = [{ day: 0, share: 0, low: 0, high: 0 }, ...steps2.map(({ day, survival, interval }) => ({ day, share: 1 - survival, low: interval ? 1 - interval.high : 1 - survival, high: interval ? 1 - interval.low : 1 - survival }))];
  return (
    <Section id="repeat" title="From purchase to purchase" lead={lead || undefined} means={["purchase_funnel", "time_to_second_purchase", "time_between_purchases"]}>
      <div class="pair">
        <div>
          <h3>Purchase funnel</h3>
          <table class="funnel">
            <caption class="unseen">How many customers went on to the next purchase</caption>
            <thead>
              <tr>
                <th scope="col">Purchase</th>
                <th scope="col">Customers who got so far</th>
                <th scope="col">Went on</th>
                <th scope="col">in {funnel.withinDays} days</th>
              </tr>
            </thead>
            <tbody>
              {steps.map(({ purchases, next, nextWithin }) => (
                <tr key={purchases}>
                  <th scope="row">{ordinal(purchases)}</th>
                  <td>
                    <span class="bar" style={{ "--share": next.denominator / everyone }} />
                    <span class="count">{f.count(next.denominator)}</span>
                  </td>
                  <td title={`${f.count(next.numerator)} of ${f.count(next.denominator)}`}>
                    <b>{f.percent(next.value, 0)}</b>
                  </td>
                  <td title={`${f.count(nextWithin.numerator)} of ${f.count(nextWithin.denominator)}`}>{f.percent(nextWithin.value, 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <SaveCsv
            name="purchase-funnel"
            what="purchase funnel"
            head={["Purchase", "Customers who got so far", "Went on", `Observed for ${funnel.withinDays} days`, `Went on in ${funnel.withinDays} days`]}
            rows={steps.map(({ purchases, next, nextWithin }) => [purchases, next.denominator, next.numerator, nextWithin.denominator, nextWithin.numerator])}
          />
          <p class="note">“In {funnel.withinDays} days” counts only customers who have been observed for so long.</p>
        </div>
        <div>
          <h3>Time to the second purchase</h3>
          {steps2.length < 2 || secondPurchase.returned === 0 ? (
            <Empty>Too few customers have come back to draw a curve.</Empty>
          ) : (
            <Chart
              name="second-purchase"
              label="Share of customers with a second purchase, by days since the first"
              height={260}
              plot={{
                x: { label: "days since the first purchase", labelAnchor: "center", labelArrow: "none", grid: false },
                y: { grid: true, label: null, tickFormat: (value: number) => f.percent(value, 0), zero: true, ticks: 5 },
                marks: [
                  Plot.areaY(curve, { x: "day", y1: "low", y2: "high", fill: "var(--old)", fillOpacity: 0.16, curve: "step-after" }),
                  Plot.lineY(curve, { x: "day", y: "share", stroke: "var(--old)", strokeWidth: 2, curve: "step-after" }),
                  Plot.ruleY([0]),
                  tip(curve, "day", "share", ({ day, share, low, high }) => `${f.days(day)} after the first purchase\n${f.percent(share)} have come back (likely ${f.percent(low)} – ${f.percent(high)})`),
                ],
              }}
              table={{
                head: ["Days", "Share that came back", "Low (95%)", "High (95%)", "Still waiting"],
                rows: secondPurchase.returnedBy.map(({ days, share, interval, atRisk }) => [days, f.figure.percent(share), f.figure.percent(interval?.low ?? null), f.figure.percent(interval?.high ?? null), f.figure.count(atRisk)]),
              }}
            />
          )}
          <p class="note">
            {months && months.share !== null && `${f.percent(months.share, 0)} within ${f.days(months.days)}. `}
            {gaps.median !== null && `Half of all gaps between purchases are ${f.days(gaps.median)} or shorter. `}
            Customers who have not come back yet count for as long as they have been watched (Kaplan–Meier).
          </p>
          <Elsewhere name="time_to_second_purchase" />
        </div>
      </div>
    </Section>
  );
}

const ordinal = (n: number): string => `${n}${["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? "th"}`;
