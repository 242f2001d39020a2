import type { ComponentChildren } from "preact";
import type { Headlines, Rate, Report } from "regulars";
import type { Shop } from "../data";
import { useCall } from "../parts";
import * as f from "../format";
import { MOVES } from "./movements";
import { lastDay, split, WEEK, worthOf } from "./winback";

/** The three things that matter first: what came in and why, whether people come back, and what to do today. */
export function Brief({ shop, report }: { shop: Shop; report: Report }) {
  return (
    <ol class="brief" aria-label="In short">
      <Came report={report} />
      <Stay report={report} />
      <Today shop={shop} currency={report.summary.currency} />
    </ol>
  );
}

function Item({ name, value, to, link, children }: { name: string; value: string; to: string; link: string; children: ComponentChildren }) {
  return (
    <li>
      <h2>{name}</h2>
      <p class="value">{value}</p>
      <p>{children}</p>
      <a href={`#${to}`}>{link}</a>
    </li>
  );
}

const headline = (report: Report, name: string): Headlines["figures"][number] | undefined => report.headlines.figures.find((figure) => figure.name === name);

function Came({ report }: { report: Report }) {
  const { current, movements, summary } = report;
  const money = (value: number) => f.money(value, summary.currency, false);
  const change = headline(report, "revenue")?.change ?? null;
  const moved = MOVES.map(([key, sign, name]) => ({ name: name.toLowerCase(), by: sign * f.toNumber(movements[key]) })).sort((a, b) => b.by - a.by);
  const [most, least] = [moved[0], moved.at(-1)];
  const told = movements.reachesBack && most && least;
  return (
    <Item name="Revenue" value={money(f.toNumber(current.revenue))} to={told ? "movements" : "revenue"} link={told ? "What moved it" : "Period by period"}>
      {change !== null ? (
        <>
          <b>{f.signedPercent(change)}</b> on {f.period(movements.previous, true)}.
        </>
      ) : (
        <>
          In {f.period(current.period, true)}; {report.headlines.complete ? "nothing before to compare with" : "not over, and so not compared"}.
        </>
      )}
      {told && most.by > 0 && <> The largest gain: {DID[most.name] ?? most.name}, {money(most.by)}.</>}
      {told && least.by < 0 && <> The largest loss: {DID[least.name] ?? least.name}, {money(-least.by)}.</>}
    </Item>
  );
}

const DID: Record<string, string> = { "came back": "customers who came back", "spent more": "customers who spent more", "spent less": "customers who spent less", "did not buy": "customers who did not buy again" };

function Stay({ report }: { report: Report }) {
  const again = headline(report, "repurchase_retention");
  const second = report.secondPurchase.returnedBy.findLast(({ share, atRisk, days }) => share !== null && atRisk >= 20 && days <= 365);
  const rate = again?.now as Rate | undefined;
  if (report.repurchase.reachesBack && rate && rate.value !== null && rate.denominator > 0) {
    const before = report.headlines.complete ? (again?.before as Rate | null | undefined)?.value : null;
    const unclear = before != null && rate.interval !== null && before >= rate.interval.low && before <= rate.interval.high;
    return (
      <Item name="Loyalty" value={f.percent(rate.value, 0)} to="flow" link="Who stays, who leaves">
        of the {f.plural(rate.denominator, "buyer")} of {f.period(report.repurchase.previous, true)} bought again{rate.smallN && ", a small sample"}
        {before == null ? "." : unclear ? `: no clear change from ${f.percent(before, 0)}.` : `, ${rate.value > before ? "up" : "down"} from ${f.percent(before, 0)}.`}
        {second && second.share !== null && ` Of new customers, ${f.percent(second.share, 0)} come back within ${second.days === 365 ? "a year" : f.days(second.days)}.`}
      </Item>
    );
  }
  const repeat = report.current.repeatCustomerRate;
  return (
    <Item name="Loyalty" value={f.percent(repeat.value, 0)} to="repeat" link="From purchase to purchase">
      {repeat.value === null ? "There are no customers in this period." : `of ${f.plural(repeat.denominator, "customer")} bought more than once${repeat.smallN ? ": a small sample" : ""}.`}
      {second && second.share !== null && ` Of new customers, ${f.percent(second.share, 0)} come back within ${second.days === 365 ? "a year" : f.days(second.days)}.`}
    </Item>
  );
}

function Today({ shop, currency }: { shop: Shop; currency: string }) {
  const due = useCall(shop, "winBack", WEEK).value;
  if (!due) return <Item name="To do" value="…" to="win-back" link="The list">Looking for customers to write to.</Item>;
  const { late, due: soon } = split(due);
  const on = f.longDay(lastDay(due));
  return (
    <Item name="To do" value={late.length === 0 ? "Nobody late" : f.plural(late.length, "customer")} to="win-back" link={late.length === 0 ? "Look further back" : "The list, to copy or save"}>
      {late.length === 0
        ? `Nobody who stays away for longer than usual reached a step of the reminders in the week to ${on}.`
        : `to win back: away for longer than usual, with a step of the reminders reached in the week to ${on}, and ${f.money(worthOf(due, late), currency, false)} brought in the last year.`}
      {soon.length > 0 && ` A reminder will do for ${f.count(soon.length)} more.`}
    </Item>
  );
}
