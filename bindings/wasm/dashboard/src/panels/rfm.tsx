import { Scroll, Section } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";
import type { Report } from "regulars";

/** Customers by recency, frequency and money: who the grid calls what, how many they are and what they bring. */
export function RfmGrid({ report }: { report: Report }) {
  const { rfm } = report;
  const currency = report.summary.currency;
  // Frequency and money together are the mean of both scores, halves rounded up, as in the names of the grid.
  const customers = (r: number, fm: number) => rfm.cells.reduce((sum, cell) => (cell.r === r && Math.ceil((cell.f + cell.m) / 2) === fm ? sum + cell.customers : sum), 0);
  const scores = Array.from({ length: rfm.bins }, (_, at) => at + 1);
  const revenue = rfm.segments.reduce((sum, segment) => sum + f.toNumber(segment.revenue), 0);
  const best = [...rfm.segments].sort((a, b) => f.toNumber(b.revenue) - f.toNumber(a.revenue));
  const first = best[0];
  const most = Math.max(1, ...scores.flatMap((r) => scores.map((fm) => customers(r, fm))));
  const lead = first && first.share.value !== null && revenue > 0 && (
    <>
      {f.plural(first.share.numerator, "customer")} ({f.percent(first.share.value, 0)}) are <b>{first.name}</b> and bring {f.percent(f.toNumber(first.revenue) / revenue, 0)} of the revenue.
    </>
  );
  return (
    <Section id="rfm" title="Recency, frequency, money" lead={lead || undefined} means={["recency", "frequency", "monetary"]}>
      <div class="pair uneven">
        <Scroll label="RFM grid">
          <table class="grid">
            <caption class="unseen">Customers and the name of their segment, by score of recency and by the mean score of frequency and money</caption>
            <thead>
              <tr>
                <th scope="col">
                  <span class="unseen">Recency</span>
                </th>
                {scores.map((score) => (
                  <th key={score} scope="col">
                    <span class="unseen">frequency and money </span>
                    {score}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...scores].reverse().map((r) => (
                <tr key={r}>
                  <th scope="row">
                    <span class="unseen">recency </span>
                    {r}
                  </th>
                  {scores.map((fm) => (
                    <td key={fm} style={{ "--heat": `${Math.round((customers(r, fm) / most) * 100)}%` }}>
                      <b>{f.count(customers(r, fm))}</b>
                      <span>{rfm.grid[r - 1]?.[fm - 1]}</span>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <p class="axes" aria-hidden="true">
            <span>↑ bought more recently</span>
            <span>bought more often and for more →</span>
          </p>
          <SaveCsv
            name="rfm-grid"
            what="RFM grid"
            head={["Recency", "Frequency and money", "Segment", "Customers"]}
            rows={scores.flatMap((r) => scores.map((fm) => [r, fm, rfm.grid[r - 1]?.[fm - 1] ?? null, customers(r, fm)]))}
          />
        </Scroll>
        <div>
          <table class="data plain">
            <caption class="unseen">Segments by revenue</caption>
            <thead>
              <tr>
                <th scope="col">Segment</th>
                <th scope="col">Customers</th>
                <th scope="col">Share</th>
                <th scope="col">Revenue</th>
              </tr>
            </thead>
            <tbody>
              {best.map((segment) => (
                <tr key={segment.name}>
                  <th scope="row">{segment.name}</th>
                  <td>{f.count(segment.share.numerator)}</td>
                  <td>{f.percent(segment.share.value, 0)}</td>
                  <td>{f.money(f.toNumber(segment.revenue), currency, false)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <SaveCsv
            name="rfm-segments"
            what="segments by revenue"
            head={["Segment", "Customers", "Share", "Revenue"]}
            rows={best.map(({ name, share, revenue }) => [name, share.numerator, share.value, f.figure.money(f.toNumber(revenue), currency)])}
          />
        </div>
      </div>
      <p class="note">
        Customers are scored from 1 to {rfm.bins} against each other as of {f.longDay(f.addDays(rfm.asOf, -1))}; equal customers get equal scores. The stronger its colour, the more customers are in a field.
      </p>
    </Section>
  );
}
