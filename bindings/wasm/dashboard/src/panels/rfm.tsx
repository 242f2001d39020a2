import type { Shop } from "../data";
import { Section, useCall, Waiting } from "../parts";
import * as f from "../format";
import type { Report } from "regulars";

/** The scores of the report. */
const BINS = 5;

/** Customers by recency, frequency and money: who the grid calls what, and what they bring. */
export function RfmGrid({ shop, report }: { shop: Shop; report: Report }) {
  const answer = useCall(shop, "rfmGrid", BINS);
  const grid = answer.value;
  if (!grid) {
    return (
      <Section id="rfm" title="Recency, frequency, money">
        <Waiting error={answer.error} height={360} />
      </Section>
    );
  }
  const currency = report.summary.currency;
  const segments = new Map(report.rfm.map((segment) => [segment.name, segment]));
  const revenue = report.rfm.reduce((sum, segment) => sum + f.toNumber(segment.revenue), 0);
  const best = [...report.rfm].sort((a, b) => f.toNumber(b.revenue) - f.toNumber(a.revenue));
  const first = best[0];
  const most = Math.max(...report.rfm.map(({ share }) => share.value ?? 0), 0.01);
  const lead = first && first.share.value !== null && revenue > 0 && (
    <>
      {f.plural(first.share.numerator, "customer")} ({f.percent(first.share.value, 0)}) are <b>{first.name}</b> and bring {f.percent(f.toNumber(first.revenue) / revenue, 0)} of the revenue.
    </>
  );
  return (
    <Section id="rfm" title="Recency, frequency, money" lead={lead || undefined}>
      <div class="pair uneven">
        <div class="scroll" tabIndex={0} role="region" aria-label="RFM grid">
          <table class="grid">
            <caption class="unseen">Names of the segments by score of recency and by the mean score of frequency and money</caption>
            <thead>
              <tr>
                <th scope="col">
                  <span class="unseen">Recency</span>
                </th>
                {Array.from({ length: BINS }, (_, at) => (
                  <th key={at} scope="col">
                    <span class="unseen">frequency and money </span>
                    {at + 1}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...grid].reverse().map((row, at) => (
                <tr key={at}>
                  <th scope="row">
                    <span class="unseen">recency </span>
                    {BINS - at}
                  </th>
                  {row.map((name, column) => {
                    const share = segments.get(name)?.share.value ?? 0;
                    return (
                      <td key={column} style={{ "--heat": `${Math.round((share / most) * 100)}%` }}>
                        {name}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
          <p class="axes" aria-hidden="true">
            <span>↑ bought more recently</span>
            <span>bought more often and for more →</span>
          </p>
        </div>
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
        </div>
      </div>
      <p class="note">
        Customers are scored from 1 to {BINS} against each other as of {f.shortDay(f.addDays(report.summary.span.end, -1))}; equal customers get equal scores. The darker a name, the more customers have it.
      </p>
    </Section>
  );
}
