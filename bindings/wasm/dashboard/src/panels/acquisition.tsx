import * as Plot from "@observablehq/plot";
import { useId, useState } from "preact/hooks";
import type { Acquisition as Figures, MarketingCost, Report } from "regulars";
import type { Shop } from "../data";
import { Chart, Empty, Failed, NARROW, Scroll, Section, tip, useCall, Waiting } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";

/** What it may cost to win a customer, and through which channel they came. */
export function Acquisition({ shop, report }: { shop: Shop; report: Report }) {
  const { currency } = report.summary;
  const { revenue, margin: earned } = report.value;
  const [cost, setCost] = useState<number | undefined>();
  const [margin, setMargin] = useState(() => (earned?.value && revenue.value ? Math.min(95, Math.max(5, Math.round((100 * earned.value) / revenue.value))) : 50));
  const answer = useCall(shop, "payback", cost ?? 0, margin / 100);
  const paid = answer.value;
  const bare = useCall(shop, "acquisition", report.current.period, []);
  const lead = cost === undefined ? (
    <>Say below what it costs you to win a customer, and see after how many months that is earned back.</>
  ) : paid && paid.cumulative.length > 0 && (
    <>
      A customer who costs {f.money(paid.acquisitionCost, currency)} to win{" "}
      {paid.payback.kind === "month" ? (
        paid.payback.month <= 1 ? (
          <>
            has paid for it <b>within the first month</b>
          </>
        ) : (
          <>
            has paid for it <b>by month {paid.payback.month}</b>
          </>
        )
      ) : paid.payback.kind === "not_yet" ? (
        <>
          has <b>not paid for it yet</b> in the {f.plural(paid.payback.observedMonths, "month")} that were observed
        </>
      ) : (
        <b>never pays for it</b>
      )}
      , if {f.percent(paid.margin, 0)} of revenue stays after goods and shipping.
    </>
  );
  const line = paid ? paid.cumulative.slice(0, 36).map((value, at) => ({ month: at + 1, value })) : [];
  const reached = cost !== undefined && paid?.payback.kind === "month" ? line[paid.payback.month - 1] : undefined;
  return (
    <Section id="payback" title="What a new customer may cost" lead={lead || undefined} means={["payback", "cost_per_new_customer"]} pending={answer.pending || bare.pending}>
      <div class="pair uneven">
        {!paid ? (
          <Waiting error={answer.error} height={300} />
        ) : line.length < 2 ? (
          <Empty>The books are too short: no customer has been observed for two months yet.</Empty>
        ) : (
          <Chart
            name="payback"
            label="Margin that the average customer has brought by each month since the first purchase, against what it cost to win them"
            height={300}
            legend={[[`Margin per customer so far, ${margin}% of revenue`, "var(--old)"], ...(cost === undefined ? [] : [["Cost to win one", "var(--lost)", "dashed"] as [string, string, "dashed"]])]}
            plot={(width) => ({
              x: { label: "month since the first purchase", labelAnchor: "center", labelArrow: "none", ticks: Math.min(width < NARROW ? 6 : 12, line.length), tickFormat: "d" },
              y: { grid: true, label: null, tickFormat: (value: number) => f.moneyShort(value, currency), zero: true, ticks: 5 },
              marks: [
                Plot.ruleY([0]),
                Plot.ruleY(cost === undefined ? [] : [cost], { stroke: "var(--lost)", strokeWidth: 1.75, strokeDasharray: "5 4" }),
                Plot.areaY(line, { x: "month", y: "value", fill: "var(--old)", fillOpacity: 0.1 }),
                Plot.lineY(line, { x: "month", y: "value", stroke: "var(--old)", strokeWidth: 2.25 }),
                ...(reached ? [Plot.dot([reached], { x: "month", y: "value", fill: "var(--old)", r: 5 })] : []),
                tip(line, "month", "value", ({ month, value }) => `${f.plural(month, "month")}\n${f.money(value, currency)} margin per customer`),
              ],
            })}
            table={{ head: ["By the end of month", "Margin per customer so far"], rows: line.map(({ month, value }) => [month, f.figure.money(value, currency, true)]) }}
          />
        )}
        <form class="sliders" onSubmit={(event) => event.preventDefault()}>
          <Amount label={`Cost to win a customer, ${f.code(currency)}`} value="" set={(text) => setCost(amount(text))} />
          <Margin value={margin} set={setMargin} />
          <p class="note">
            {earned?.value ? "The margin is the one of the orders whose cost of goods the file tells. " : "The file does not tell the margin: 50% is only where the slider stands, put in your own. "}
            Months are those since each customer's first purchase, and every month counts all customers who were observed through it, whether they bought or not.
          </p>
        </form>
      </div>
      {bare.value && bare.value.newCustomers !== null && bare.value.channels.some(({ channel }) => channel !== null) && <Channels key={f.periodText(report.current.period)} shop={shop} report={report} bare={bare.value} />}
    </Section>
  );
}

/** New customers by channel, and what each cost, where somebody says what was spent. */
function Channels({ shop, report, bare }: { shop: Shop; report: Report; bare: Figures }) {
  const { current, summary } = report;
  const [spent, setSpent] = useState<Record<string, string>>({});
  const costs = Object.entries(spent).flatMap(([channel, text]): MarketingCost[] => {
    const value = amount(text);
    return value === undefined ? [] : [{ period: current.period, cost: { amount: value.toFixed(f.decimals(summary.currency)), currency: summary.currency }, channel }];
  });
  const answer = useCall(shop, "acquisition", current.period, costs);
  const figures = answer.value ?? bare;
  const channels = [...figures.channels].sort((a, b) => Number(a.channel === null) - Number(b.channel === null) || b.shareOfNewCustomers.numerator - a.shareOfNewCustomers.numerator).slice(0, 30);
  const most = Math.max(...channels.map(({ shareOfNewCustomers }) => shareOfNewCustomers.numerator), 1);
  const each = figures.costPerNewCustomer;
  return (
    <div class="above" id="channels">
      <h3>Where the {f.plural(figures.newCustomers ?? 0, "new customer")} of {f.period(figures.period, true)} came from</h3>
      <Scroll label="New customers by channel">
        <table class="data plain channels">
          <caption class="unseen">New customers by channel, and what it cost to win one</caption>
          <thead>
            <tr>
              <th scope="col">Channel</th>
              <th scope="col">New customers</th>
              <th scope="col">Share</th>
              <th scope="col" class="roomy">
                Likely
              </th>
              <th scope="col">Spent on it, {f.code(summary.currency)}</th>
              <th scope="col">Cost per new customer</th>
            </tr>
          </thead>
          <tbody>
            {channels.map(({ channel, shareOfNewCustomers: share, costPerNewCustomer }) => (
              <tr key={channel ?? "unknown"}>
                <th scope="row" title={channel ?? undefined}>{channel ?? <span class="faint">not known</span>}</th>
                <td class="barred">
                  <span class="bar" style={{ width: `${(60 * share.numerator) / most}%` }} />
                  {f.count(share.numerator)}
                </td>
                <td>{f.percent(share.value)}</td>
                <td class="faint roomy">{share.interval ? `${f.percent(share.interval.low)} – ${f.percent(share.interval.high)}` : f.BLANK}</td>
                <td>{channel !== null && <input type="text" inputMode="decimal" autoComplete="off" aria-label={`Spent on ${channel}`} value={spent[channel] ?? ""} onInput={(event) => setSpent({ ...spent, [channel]: event.currentTarget.value })} />}</td>
                <td>{costPerNewCustomer ? <b>{f.money(costPerNewCustomer.value, summary.currency)}</b> : f.BLANK}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <SaveCsv
        name="channels"
        what="new customers by channel"
        head={["Channel", "New customers", "Share", "Low", "High", "Cost per new customer"]}
        rows={channels.map(({ channel, shareOfNewCustomers: { numerator, value, interval }, costPerNewCustomer: each }) => [channel, numerator, value, interval?.low ?? null, interval?.high ?? null, each && f.figure.money(each.value, summary.currency)])}
      />
      {answer.error && <Failed error={answer.error} />}
      <p class="note">
        A customer's channel is that of the first purchase. {each ? `All that was spent ÷ all new customers: ${f.money(each.value, summary.currency)}.` : "Say what was spent on a channel in this period to see what a customer from there cost."}
      </p>
    </div>
  );
}

/** What someone typed as an amount: nothing, or a number of at least 0. */
function amount(text: string): number | undefined {
  const value = Number(text.trim().replace(/[\s']/g, "").replace(/,(?=\d{3}(\D|$))/g, "").replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) || value < 0 || value > 1e12 ? undefined : value;
}

function Amount({ label, value, set }: { label: string; value: string; set: (text: string) => void }) {
  const id = useId();
  const [text, write] = useState(value);
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={text}
        onInput={(event) => {
          write(event.currentTarget.value);
          set(event.currentTarget.value);
        }}
      />
    </div>
  );
}

function Margin({ value, set }: { value: number; set: (value: number) => void }) {
  const id = useId();
  return (
    <div class="slider">
      <label for={id}>Margin</label>
      <span class="reading" aria-hidden="true">
        {value}% of revenue
      </span>
      <input id={id} type="range" min={5} max={95} value={value} aria-valuetext={`${value}% of revenue`} onInput={(event) => set(event.currentTarget.valueAsNumber)} />
    </div>
  );
}
