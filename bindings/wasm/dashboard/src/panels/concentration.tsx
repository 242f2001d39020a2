import * as Plot from "@observablehq/plot";
import { Chart, Empty, Section, tip } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";
import type { Report } from "regulars";

/** How much of the revenue few customers bring. */
export function ConcentrationCurve({ report: { concentration, summary } }: { report: Report }) {
  const { top, fewest, gini, lorenz } = concentration;
  // The best first, which is how the question is asked.
  const curve = lorenz.map(({ customerShare, revenueShare }) => ({ customers: 1 - customerShare, revenue: 1 - revenueShare })).reverse();
  const fifth = top.find(({ asked }) => asked === 0.2);
  const lead = fifth && (
    <>
      {concentration.customers < 30 ? `The best ${fifth.customers === 1 ? "customer" : `${fifth.customers} customers`} of ${concentration.customers}` : "The best fifth of customers"} {concentration.customers < 30 && fifth.customers === 1 ? "brings" : "bring"} <b>{f.percent(fifth.revenueShare, 0)}</b> of the revenue
      {fewest && (
        <>
          ; it takes <b>{f.percent(fewest.customerShare, 0)}</b> of them to make {f.percent(fewest.asked, 0)}
        </>
      )}
      .
    </>
  );
  return (
    <Section id="concentration" title="Concentration of revenue" lead={lead} means={["concentration", "gini"]}>
      {curve.length < 3 ? (
        <Empty>There are too few customers with revenue to draw a curve.</Empty>
      ) : (
        <div class="pair uneven">
          <Chart
            name="concentration"
            label="Share of revenue by share of customers, the best first"
            height={320}
            plot={{
              x: { label: "share of customers, the best first", labelAnchor: "center", labelArrow: "none", tickFormat: (value: number) => f.percent(value, 0), domain: [0, 1], ticks: 5 },
              y: { grid: true, label: null, tickFormat: (value: number) => f.percent(value, 0), domain: [0, 1], ticks: 5 },
              marks: [
                Plot.line([[0, 0], [1, 1]], { stroke: "var(--ink-3)", strokeDasharray: "3,4" }),
                Plot.areaY(curve, { x: "customers", y: "revenue", fill: "var(--old)", fillOpacity: 0.12 }),
                Plot.lineY(curve, { x: "customers", y: "revenue", stroke: "var(--old)", strokeWidth: 2.25 }),
                Plot.dot(top, { x: "customerShare", y: "revenueShare", fill: "var(--card)", stroke: "var(--old)", strokeWidth: 2, r: 4 }),
                tip(curve, "customers", "revenue", ({ customers, revenue }) => `The best ${f.percent(customers, 0)} of customers\nbring ${f.percent(revenue, 0)} of the revenue`),
              ],
            }}
            table={{ head: ["Customers, the best first", "Revenue"], rows: curve.filter((_, at) => at % 5 === 0).map(({ customers, revenue }) => [f.figure.percent(customers, 0), f.figure.percent(revenue)]) }}
          />
          <div>
            <table class="data plain">
              <caption class="unseen">Revenue of the best customers</caption>
              <thead>
                <tr>
                  <th scope="col">The best</th>
                  <th scope="col">Customers</th>
                  <th scope="col">Revenue</th>
                  <th scope="col">Share</th>
                </tr>
              </thead>
              <tbody>
                {top.map(({ asked, customers, revenue, revenueShare }) => (
                  <tr key={asked}>
                    <th scope="row">{f.percent(asked, 0)}</th>
                    <td>{f.count(customers)}</td>
                    <td>{f.money(f.toNumber(revenue), summary.currency)}</td>
                    <td>{f.percent(revenueShare, 1)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <SaveCsv
              name="best-customers"
              what="revenue of the best customers"
              head={["The best", "Customers", "Revenue", "Share"]}
              rows={top.map(({ asked, customers, revenue, revenueShare }) => [asked, customers, f.figure.money(f.toNumber(revenue), summary.currency), revenueShare])}
            />
            <p class="note">
              Gini coefficient {f.decimal(gini)}: 0 where all customers bring the same, 1 where one brings all. On the dashed line everyone would bring the same.
            </p>
          </div>
        </div>
      )}
    </Section>
  );
}
