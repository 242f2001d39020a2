import { useId, useState } from "preact/hooks";
import type { Shop } from "../data";
import { Failed, Scroll, Section, useCall, Waiting } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";
import type { Assessment, MigrationData, RecordedOrder, Report, Segment, SegmentCount, SegmentOverviewData } from "regulars";

export const SEGMENTS: Record<Segment, { one: string; title: string; who: string; todo: string }> = {
  star: { one: "Star", title: "Stars", who: "spend much and are likely to go on", todo: "Keep them: personal service, early access." },
  productive: { one: "Productive", title: "Productive", who: "have spent much, but are not likely to come back", todo: "A loyalty card, a discount; little investment." },
  question_mark: { one: "Question mark", title: "Question marks", who: "spend little yet and are likely to come back", todo: "Win them over: a personal offer, a gift card." },
  problem: { one: "Problem", title: "Problems", who: "spend little and are not likely to come back, or it did not fit", todo: "Put right what went wrong; spend the effort on the others." },
};

/** By value (up) and outlook (right), as the matrix is drawn. */
const MATRIX: Segment[] = ["productive", "star", "problem", "question_mark"];

export function Segments({ shop, report }: { shop: Shop; report: Report }) {
  const { start } = report.current.period;
  const answer = useCall(shop, "segmentOverview", start);
  const overview = answer.value;
  if (!overview) {
    return (
      <Section id="segments" title="Segments by value and outlook">
        <Waiting error={answer.error} height={420} />
      </Section>
    );
  }
  const star = overview.segments.find(({ segment }) => segment === "star");
  const stayed = overview.migration?.rows.find(({ from }) => from === "star")?.to.find(({ to }) => to === "star")?.share;
  const lead = star && star.share.value !== null && (
    <>
      <b>{f.percent(star.share.value, 0)}</b> of customers are stars{star.valueShare !== null && <> and brought {f.percent(star.valueShare, 0)} of the last year's revenue</>}.
      {overview.migration && stayed && stayed.value !== null && (
        <>
          {" "}
          Of those who were stars on {f.longDay(overview.migration.before)}, {f.percent(stayed.value, 0)} still are.
        </>
      )}
    </>
  );
  return (
    <>
      <Section id="segments" title="Segments by value and outlook" lead={lead || undefined} means={["segments", "outlook"]} pending={answer.pending}>
        <Matrix overview={overview} />
        <SaveCsv
          name="segments"
          what="segments"
          head={["Segment", "Customers", "Share of customers", "Value", "Share of value"]}
          rows={overview.segments.map(({ segment, share, value, valueShare }) => [SEGMENTS[segment].title, share.numerator, share.value, f.figure.money(f.toNumber(value), value.currency), valueShare])}
        />
        {overview.migration && <MigrationTable migration={overview.migration} />}
        <p class="note">
          Value: revenue of the last 365 days, where {f.money(f.toNumber(overview.examples[0]?.valueCut ?? report.summary.revenue), report.summary.currency)} or more is high. Outlook: how many of the shop's own customers with as many
          purchases and as long a silence bought again within {f.days(overview.examples[0]?.horizonDays ?? null)}; {f.percent(overview.examples[0]?.outlookCut ?? null, 0)} or more is high. Someone who has stayed away for long
          is not to blame for being called a problem: it says where effort is spent in vain.
        </p>
      </Section>
      <Explain shop={shop} examples={overview.examples} currency={report.summary.currency} />
    </>
  );
}

function Matrix({ overview }: { overview: SegmentOverviewData }) {
  const count = (name: Segment, counts: SegmentCount[] | null) => counts?.find(({ segment }) => segment === name);
  return (
    <div class="matrix-frame">
      <p class="axis-y" aria-hidden="true">
        value →
      </p>
      <ul class="matrix">
        {MATRIX.map((name) => {
          const now = count(name, overview.segments);
          const then = count(name, overview.before);
          const { title, who, todo } = SEGMENTS[name];
          return (
            <li key={name} class={name} data-segment={name}>
              <h3>{title}</h3>
              <p class="value">
                {f.count(now?.share.numerator ?? 0)} <span>{f.percent(now?.share.value ?? null, 0)} of customers</span>
              </p>
              <p class="brought">
                brought {now ? f.money(f.toNumber(now.value), now.value.currency, false) : f.BLANK}
                {now?.valueShare != null && `, ${f.percent(now.valueShare, 0)} of all`}
                {then && (
                  <span class="faint">
                    {" "}
                    · {f.count(then.share.numerator)} on {f.shortDay(overview.migration?.before ?? overview.asOf)}
                  </span>
                )}
              </p>
              <p class="who">They {who}.</p>
              <p class="todo">{todo}</p>
            </li>
          );
        })}
      </ul>
      <p class="axis-x" aria-hidden="true">
        outlook →
      </p>
    </div>
  );
}

const PLACES = ["star", "productive", "question_mark", "problem"] as const;
const name = (place: string): string => (place in SEGMENTS ? SEGMENTS[place as Segment].title : f.capital(f.words(place)));

function MigrationTable({ migration }: { migration: MigrationData }) {
  const rows = migration.rows.filter(({ from, customers }) => customers > 0 && (from in SEGMENTS || from === "new"));
  return (
    <>
      <h3 class="above">Who moved since {f.longDay(migration.before)}</h3>
      <Scroll label="Migration between segments">
        <table class="heat migration">
          <caption class="unseen">Of the customers in each segment then, the share that is in each segment now</caption>
          <thead>
            <tr>
              <th scope="col">then</th>
              <th scope="col" class="size">
                Customers
              </th>
              {PLACES.map((place) => (
                <th key={place} scope="col">
                  <span class="unseen">now </span>
                  {name(place)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ from, customers, to }) => (
              <tr key={from}>
                <th scope="row">{from === "new" ? "Won since" : name(from)}</th>
                <td class="size">{f.count(customers)}</td>
                {PLACES.map((place) => {
                  const share = to.find((cell) => cell.to === place)?.share;
                  return (
                    <td key={place} style={{ "--heat": `${Math.round((share?.value ?? 0) * 100)}%` }} title={share ? `${f.count(share.numerator)} of ${f.count(share.denominator)}` : undefined}>
                      {f.percent(share?.value ?? null, 0)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <SaveCsv
        name="migration"
        what="migration between segments"
        head={["Then", "Customers", ...PLACES.map(name)]}
        rows={rows.map(({ from, customers, to }) => [from === "new" ? "Won since" : name(from), customers, ...PLACES.map((place) => to.find((cell) => cell.to === place)?.share.numerator ?? null)])}
      />
      {migration.remarks.map(({ sentence }) => (
        <p key={sentence} class="note">
          {sentence}
        </p>
      ))}
    </>
  );
}

function Explain({ shop, examples, currency }: { shop: Shop; examples: Assessment[]; currency: string }) {
  const id = useId();
  const [typed, type] = useState("");
  const [asked, ask] = useState(examples[0]?.customer ?? "");
  const { value: found, error, pending } = useCall(shop, "customer", asked);
  return (
    <Section id="customer" title="Any customer, explained">
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim()) ask(typed.trim());
        }}
      >
        <div class="choice">
          <label for={id}>Customer id or e-mail address</label>
          <input id={id} type="search" value={typed} onInput={(event) => type(event.currentTarget.value)} autocomplete="off" spellcheck={false} />
        </div>
        <button type="submit" class="primary">
          Explain
        </button>
        <p class="examples">
          <span class="faint">or one from the middle of each segment:</span>
          {examples.map(({ customer, segment }) => (
            <button key={customer} type="button" class={`chip ${segment}`} aria-pressed={customer === asked} onClick={() => (type(customer), ask(customer))}>
              {customer}
            </button>
          ))}
        </p>
      </form>
      {error && <Failed error={error} />}
      <div class="explained" aria-live="polite" aria-busy={pending}>
        {found ? (
          <div class="pair uneven">
            <div>
              <p class={`badge ${found.assessment.segment}`}>{SEGMENTS[found.assessment.segment].one}</p>
              <h3 class="key">{found.assessment.customer}</h3>
              <p class="sentence">{found.assessment.sentence}</p>
            </div>
            <Orders orders={found.orders} currency={currency} />
          </div>
        ) : (
          found === null && asked !== "" && <p class="empty">Nobody called “{asked}” has a purchase in these books.</p>
        )}
      </div>
    </Section>
  );
}

function Orders({ orders, currency }: { orders: RecordedOrder[]; currency: string }) {
  const latest = [...orders].reverse();
  return (
    <div>
    <Scroll label="Orders of this customer" tall>
      <table class="data plain">
        <caption class="unseen">Orders of this customer, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            {orders.some(({ id }) => id !== null) && <th scope="col">Order</th>}
            <th scope="col">Net</th>
          </tr>
        </thead>
        <tbody>
          {latest.slice(0, 60).map(({ id, placedOn, net, isPurchase }, at) => (
            <tr key={at}>
              <th scope="row">{f.shortDay(placedOn)}</th>
              {orders.some((order) => order.id !== null) && <td>{id}</td>}
              <td>
                {!isPurchase && <span class="faint">credit note </span>}
                {f.money(Number(net.amount), currency, true)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
    <SaveCsv name="orders" what="orders of this customer" head={["Date", "Order", "Net", "Kind"]} rows={latest.map(({ id, placedOn, net, isPurchase }) => [placedOn, id, f.figure.money(Number(net.amount), currency), isPurchase ? "order" : "credit note"])} />
    </div>
  );
}
