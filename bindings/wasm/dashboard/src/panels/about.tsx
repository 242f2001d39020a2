import { Section, Terms } from "../parts";
import * as f from "../format";
import type { Definition, ImportReport, Report } from "regulars";
import { fieldTitle } from "../fields";

const LEFT_OUT: Record<string, string> = { zero_amount: "nothing to pay", fully_refunded: "refunded in full", other_currency: "in another currency", after_observation: "after the end of the books", pending: "not yet paid", authorized: "authorised only" };

export function About({ report, info, definitions, fileName }: { report: Report; info: ImportReport; definitions: Definition[]; fileName: string }) {
  const { summary } = report;
  const rows: [string, string][] = [
    ["File", `${fileName}, read as ${info.source === "csv" ? "a plain CSV" : f.capital(info.source)}`],
    ["Books", `${f.longDay(summary.span.start)} to ${f.longDay(f.addDays(summary.span.end, -1))}, in ${f.code(summary.currency)}${summary.zone ? `, days of ${summary.zone}` : ""}`],
    ["Orders in the file", f.count(summary.given)],
    ...summary.leftOut.map(({ reason, orders }): [string, string] => [`left out: ${LEFT_OUT[reason] ?? f.words(reason)}`, f.count(orders)]),
    ...(summary.repeated > 0 ? [["left out: there twice", f.count(summary.repeated)] as [string, string]] : []),
    ...(summary.creditNotes > 0 ? [["Credit notes", f.count(summary.creditNotes)] as [string, string]] : []),
    ["Orders that count", f.count(summary.orders)],
    ["Purchases (a customer's orders of one day are one)", f.count(summary.purchases)],
    ["Customers", f.count(summary.customers)],
    ["Orders without a known customer", `${f.count(summary.unidentified.numerator)} (${f.percent(summary.unidentified.value)})`],
    ["Net revenue", f.money(f.toNumber(summary.revenue), summary.currency, true)],
  ];
  const notes = [...summary.inferences, ...info.notes].map(({ sentence }) => sentence);
  return (
    <Section id="about" title="About these figures" lead="Nothing is rounded away, guessed or left out without being named here.">
      <div class="pair">
        <dl class="facts">
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <div>
          {notes.length > 0 && (
            <>
              <h3>Taken for granted</h3>
              <ul class="notes">
                {notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </>
          )}
          <h3>Columns</h3>
          <ul class="notes">
            {info.columns.read.map(({ field, column }) => (
              <li key={field + column}>
                {fieldTitle(field)} from <code>{column}</code>
              </li>
            ))}
          </ul>
        </div>
      </div>
      <p class="note">“Likely” beside a share is the range that the true one lies in with 95% confidence (Wilson): the fewer customers, the wider.</p>
      <details class="definitions">
        <summary>All definitions</summary>
        <Terms definitions={definitions} />
      </details>
    </Section>
  );
}
