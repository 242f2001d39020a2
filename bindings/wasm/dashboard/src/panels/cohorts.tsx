import * as Plot from "@observablehq/plot";
import { useState } from "preact/hooks";
import type { Shop } from "../data";
import { Chart, Choice, Empty, NARROW, Scroll, Section, tip, useCall, Waiting } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";
import type { CohortTableData, CohortValue, Report } from "regulars";

const READINGS = [
  ["returned_in", "bought in that period"],
  ["returned_by", "bought again by then"],
  ["returned_from", "bought then or later"],
  ["active_every", "bought in every period"],
] as const;
type Reading = (typeof READINGS)[number][0];
const MEASURES = [
  ["rate", "share of customers"],
  ["customers", "customers"],
  ["rate_of_previous", "share of the period before"],
  ["purchases", "purchases"],
  ["revenue", "revenue"],
  ["revenue_per_customer", "revenue per customer so far"],
  ["average_order_value", "average order value"],
] as const;
type Measure = (typeof MEASURES)[number][0];
const GRAINS = [["week", "week"], ["month", "month"], ["quarter", "quarter"], ["year", "year"], ["30-days", "30 days"]] as const;
type CohortGrain = (typeof GRAINS)[number][0];

/** Which measure has a meaning with which reading: the core refuses the others. */
const fits = (reading: Reading, measure: Measure): boolean =>
  measure === "rate" || measure === "customers" || (measure === "rate_of_previous" ? reading === "active_every" : reading === "returned_in" || reading === "returned_by");

/** The number in a cell, whatever it is. */
export function cellValue(cell: CohortValue | null): number | null {
  if (cell === null || typeof cell === "number") return cell;
  return "amount" in cell ? f.toNumber(cell) : cell.value;
}

function cellText(cell: CohortValue | null, measure: Measure, currency: string): string {
  const value = cellValue(cell);
  if (value === null) return "";
  if (measure === "rate" || measure === "rate_of_previous") return f.percent(value, 0);
  if (measure === "customers" || measure === "purchases") return f.count(value);
  return f.money(value, currency, false);
}

export function CohortHeatMap({ shop, report }: { shop: Shop; report: Report }) {
  const [reading, chooseReading] = useState<Reading>("returned_in");
  const [measure, chooseMeasure] = useState<Measure>("rate");
  const months = f.day(report.summary.span.end).getTime() - f.day(report.summary.span.start).getTime() > 3.3e9 ? "month" : "week";
  const [grain, chooseGrain] = useState<CohortGrain>(months);
  const table = useCall(shop, "cohorts", grain, 12, reading, measure);
  const third = useCall(shop, "cohorts", "month", 3, "returned_by", "rate");
  return (
    <Section
      id="cohorts"
      title="Cohorts"
      means={READINGS.map(([name]) => name)}
      lead={sentence(third.value, reading === "returned_by" && grain === "month" && measure === "rate")}
      pending={table.pending}
      controls={
        <>
          <Choice label="Cohorts by" value={grain} options={GRAINS} choose={chooseGrain} />
          <Choice
            label="Who"
            value={reading}
            options={READINGS}
            choose={(chosen) => {
              chooseReading(chosen);
              if (!fits(chosen, measure)) chooseMeasure("rate");
            }}
          />
          <Choice label="Show" value={measure} options={MEASURES.filter(([name]) => fits(reading, name))} choose={chooseMeasure} />
        </>
      }
    >
      {table.value ? <HeatMap table={table.value} currency={report.summary.currency} /> : <Waiting error={table.error} height={420} />}
    </Section>
  );
}

/** The latest cohort that has been observed for three months, in words. */
function sentence(table: CohortTableData | undefined, below: boolean) {
  const row = table?.rows.findLast(({ size, cells }) => size > 0 && cells[3] != null);
  const cell = row?.cells[3];
  if (!row || !cell || typeof cell !== "object" || !("numerator" in cell) || cell.value === null) return undefined;
  return (
    <>
      <b>{f.percent(cell.value, 0)}</b> of the {f.plural(row.size, "customer")} who first bought in {f.period(row.period, true)} came back within three months{below ? " (month 3 below)" : ": whoever did counts once, which the table shows under “bought again by then”, by month"}.
      {cell.smallN && " That is a small sample."}
    </>
  );
}

/** So many cohorts have room on the page. */
const MOST = 30;

function HeatMap({ table, currency }: { table: CohortTableData; currency: string }) {
  const measure = table.measure as Measure;
  const all = table.rows.filter(({ size }) => size > 0);
  const rows = all.slice(-MOST);
  if (rows.length === 0) return <Empty>No customer's first purchase lies in these books.</Empty>;
  const width = Math.max(...all.map(({ cells }) => cells.length), 1);
  // In the first period everyone has bought: it would drown the others.
  const skip = table.reading !== "returned_by" && (measure === "rate" || measure === "customers") ? 1 : measure === "rate_of_previous" ? 1 : 0;
  const values = rows.flatMap(({ cells }) => cells.slice(skip).map(cellValue)).filter((value): value is number => value !== null);
  const sorted = [...values].sort((a, b) => a - b);
  // The best cell alone must not make all others pale.
  const high = sorted[Math.floor(sorted.length * 0.97)] || sorted.at(-1) || 1;
  const isMoney = measure === "revenue" || measure === "revenue_per_customer" || measure === "average_order_value";
  const saved = (cells: readonly (CohortValue | null)[]) =>
    Array.from({ length: width }, (_, at) => {
      const value = cellValue(cells[at] ?? null);
      return isMoney ? f.figure.money(value, currency) : value;
    });
  const low = measure === "revenue_per_customer" || measure === "average_order_value" ? (sorted[0] ?? 0) : 0;
  const heat = (value: number) => Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
  const unit = table.grain.replace("30-days", "block");
  return (
    <>
      <Scroll label="Cohort table">
        <table class="heat">
          <caption class="unseen">
            {f.capital(f.words(table.reading))}, {f.words(measure)}, by {table.grain} of the first purchase. Blank cells have not been observed yet.
          </caption>
          <thead>
            <tr aria-hidden="true">
              <td colSpan={2} class="size" />
              <td colSpan={width} class="over">
                {unit}s after the first purchase
              </td>
            </tr>
            <tr>
              <th scope="col">First bought</th>
              <th scope="col" class="size">
                Customers
              </th>
              {Array.from({ length: width }, (_, at) => (
                <th key={at} scope="col">
                  <span class="unseen">{unit} </span>
                  {at}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ period, size, cells }) => (
              <tr key={period.start}>
                <th scope="row">{f.period(period)}</th>
                <td class={size < 30 ? "size few" : "size"}>{f.count(size)}</td>
                {Array.from({ length: width }, (_, at) => {
                  const cell = cells[at] ?? null;
                  const value = cellValue(cell);
                  if (value === null) return <td key={at} class="unobserved" />;
                  const everyone = at < skip;
                  return (
                    <td key={at} class={everyone ? "everyone" : undefined} style={everyone ? undefined : { "--heat": `${(heat(value) * 100).toFixed(0)}%` }} title={title(cell)}>
                      {cellText(cell, measure, currency)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">All together</th>
              <td class="size" />
              {Array.from({ length: width }, (_, at) => (
                <td key={at}>{cellText(table.pooled[at] ?? null, measure, currency)}</td>
              ))}
            </tr>
          </tfoot>
        </table>
      </Scroll>
      <SaveCsv
        name={`cohorts_${table.reading}_${measure}`}
        what="cohort table"
        head={["Cohort", "Customers", ...Array.from({ length: width }, (_, at) => `${unit} ${at}`)]}
        rows={[...all.map(({ period, size, cells }) => [f.period(period), size, ...saved(cells)]), ["All together", null, ...saved(table.pooled)]]}
      />
      <p class="note">
        {all.length > rows.length && `The latest ${rows.length} of ${f.count(all.length)} cohorts: the older ones are in the last line, and in the table that is saved. `}
        {f.capital(unit)} 0 is that of the first purchase. Blank: not everyone in the cohort has been observed for so long. The last line pools customers, not percentages.
        {rows.some(({ size }) => size < 30) && " Cohorts of fewer than 30 customers stand in italics."}
      </p>
    </>
  );
}

function title(cell: CohortValue | null): string | undefined {
  if (cell === null || typeof cell !== "object" || !("numerator" in cell)) return undefined;
  const interval = cell.interval ? `, likely ${f.percent(cell.interval.low)} – ${f.percent(cell.interval.high)}` : "";
  return `${f.count(cell.numerator)} of ${f.count(cell.denominator)}${interval}`;
}

/** What a customer has brought so far, by month since the first purchase. */
export function LifetimeValue({ shop, report }: { shop: Shop; report: Report }) {
  const currency = report.summary.currency;
  const long = f.day(report.summary.span.end).getTime() - f.day(report.summary.span.start).getTime() > 6.4e10;
  const [by, choose] = useState<"month" | "quarter" | "year">(long ? "quarter" : "month");
  const answer = useCall(shop, "cohorts", by, by === "month" ? 18 : by === "quarter" ? 12 : 10, "returned_in", "revenue_per_customer");
  const table = answer.value;
  const rows = table?.rows.filter(({ size }) => size > 0) ?? [];
  const points = rows.flatMap(({ period, size, cells }, row) =>
    cells.flatMap((cell, at) => {
      const value = cellValue(cell);
      return value === null ? [] : [{ cohort: f.period(period), size, row, at, value }];
    }),
  );
  const ends = rows.flatMap((_, row) => points.findLast((point) => point.row === row && point.at > 0) ?? []);
  const steps = Math.max(0, ...points.map(({ at }) => at));
  // So many names as have room; where lines end early, others run through.
  const top = Math.max(1, ...ends.map(({ value }) => value));
  const labelled = (width: number) => {
    const [apart, beside] = width < NARROW ? [0.1, Math.max(3, steps / 3)] : [0.07, Math.max(2, steps / 7)];
    return ends.reduce<typeof ends>((kept, end) => (kept.some((other) => Math.abs(other.value - end.value) < top * apart && Math.abs(other.at - end.at) < beside) || end.at < steps / 2 ? kept : [...kept, end]), []);
  };
  const first = rows[0];
  const [start, end] = [cellValue(first?.cells[0] ?? null), cellValue(first?.cells.findLast((cell) => cell !== null) ?? null)];
  const last = (first?.cells.findLastIndex((cell) => cell !== null) ?? 0) as number;
  const lead = first && start !== null && end !== null && last > 0 && (
    <>
      Customers who first bought in {f.period(first.period, true)} have brought <b>{f.money(end, currency)}</b> each within {f.plural(last, by)}, after {f.money(start, currency)} in the first.
    </>
  );
  const amount = (cell: CohortValue | null | undefined) => (cell == null ? null : f.figure.money(cellValue(cell), currency, true));
  return (
    <Section id="value" title="Lifetime value so far" lead={lead || undefined} controls={<Choice label="Cohorts by" value={by} options={[["month", "month"], ["quarter", "quarter"], ["year", "year"]] as const} choose={choose} />} means={["historic_value"]} pending={answer.pending}>
      {!table ? (
        <Waiting error={answer.error} height={300} />
      ) : steps === 0 ? (
        <Empty>No cohort has been observed beyond its first {by} yet.</Empty>
      ) : (
        <Chart
          name="lifetime-value"
          label={`Net revenue per original customer so far, by ${by} since the first purchase, one line for each cohort`}
          legend={[["Earlier cohorts", "var(--old)"], ["Later cohorts", "var(--new)"]]}
          plot={(width) => ({
            marginRight: 64,
            x: { label: `${by}s since the first purchase`, labelAnchor: "center", labelArrow: "none", ticks: Math.min(steps, 12), tickFormat: "d", domain: [0, Math.max(1, steps)] },
            y: { grid: true, label: null, tickFormat: (value: number) => f.moneyShort(value, currency), zero: true },
            marks: [
              Plot.lineY(points, { x: "at", y: "value", z: "cohort", stroke: ({ row }: { row: number }) => `color-mix(in oklch, var(--new) ${Math.round((100 * row) / Math.max(1, rows.length - 1))}%, var(--old))`, strokeWidth: 1.75 }),
              Plot.dot(points.filter(({ row }) => (rows[row]?.cells.filter((cell) => cell !== null).length ?? 0) === 1), { x: "at", y: "value", r: 2, fill: "var(--new)" }),
              Plot.text(labelled(width), { x: "at", y: "value", text: "cohort", dx: 7, textAnchor: "start", fill: "var(--ink-2)", stroke: "var(--card)", strokeWidth: 4 }),
              tip(points, "at", "value", ({ cohort, size, value, at }) => `${cohort}: ${f.plural(size, "customer")}\n${f.money(value, currency)} each after ${f.plural(at, by)}`, Plot.pointer),
            ],
          })}
          table={{
            head: ["Cohort", "Customers", ...Array.from({ length: steps + 1 }, (_, at) => `${by} ${at}`)],
            rows: [
              ...rows.map(({ period, size, cells }) => [f.period(period), f.figure.count(size), ...Array.from({ length: steps + 1 }, (_, at) => amount(cells[at]))]),
              ["All together", null, ...Array.from({ length: steps + 1 }, (_, at) => amount(table.pooled[at]))],
            ],
          }}
        />
      )}
      <p class="note">Net revenue of all orders so far ÷ everyone who ever belonged to the cohort, those who never came back included.</p>
    </Section>
  );
}
