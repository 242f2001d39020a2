import { useMemo, useState } from "preact/hooks";
import type { Audience, Shop } from "../data";
import { Choice, Empty, Scroll, Section, useCall, Waiting } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";
import type { Rhythm, Segment } from "regulars";
import { SEGMENTS } from "./segments";

const SINCE = [["1", "today"], ["7", "in the last 7 days"], ["30", "in the last 30 days"], ["", "at any time"]] as const;
const NEED = [["late", "late or lapsed: win back"], ["due", "due about now: remind"], ["", "all of them"]] as const;
/** Where customers stand in their rhythm, those first for whom it is high time and not too late. */
const RHYTHM: Partial<Record<Rhythm, string>> = { late: "late", lapsed: "lapsed", due: "due now" };
const WHO = [["", "all"], ["star", "Stars"], ["productive", "Productive"], ["question_mark", "Question marks"]] as const;

interface Row {
  customer: string;
  segment: Segment;
  rhythm: Rhythm | null;
  after: number | undefined;
  due: string | null;
  silent: number;
  purchases: number;
  value: number;
  outlook: number;
}

/** Who has reached the next step of the win-back cascade: those who are late, and those whom a reminder will do for. */
export function WinBack({ shop }: { shop: Shop }) {
  const [since, chooseSince] = useState<(typeof SINCE)[number][0]>(`${WEEK}`);
  const [need, chooseNeed] = useState<(typeof NEED)[number][0]>("late");
  const [who, chooseWho] = useState<(typeof WHO)[number][0]>("");
  const [most, setMost] = useState(15);
  const [done, say] = useState<{ list: Row[]; text: string }>();
  const answer = useCall(shop, "winBack", since === "" ? undefined : Number(since));
  const audience = answer.value;
  const everyone = useMemo(() => (audience ? sorted(rows(audience)) : []), [audience]);
  const list = useMemo(() => everyone.filter((row) => (need === "" || needs(row) === need) && (who === "" || row.segment === who)), [everyone, need, who]);
  const others = useMemo(() => everyone.filter((row) => needs(row) === "due").length, [everyone]);
  const cells = useMemo(() => list.map(({ customer, segment, rhythm, silent, after, due, purchases, value, outlook }) => [customer, segment, rhythm, silent, after ?? null, due, purchases, value, outlook]), [list]);
  const controls = (
    <>
      <Choice label="Who are" value={need} options={NEED} choose={chooseNeed} />
      <Choice label="Reached a step" value={since} options={SINCE} choose={chooseSince} />
      <Choice label="Segment" value={who} options={WHO} choose={chooseWho} />
    </>
  );
  if (!audience) {
    return (
      <Section id="win-back" title={TITLE} controls={controls}>
        <Waiting error={answer.error} height={320} />
      </Section>
    );
  }
  const worth = list.reduce((sum, { value }) => sum + value, 0);
  const steps = audience.action.trigger.stepsDays ?? [];
  // Of the list that stands here, not of one that is on its way.
  const within = SINCE.find(([value]) => value !== "" && value === String(answer.asked?.[0]))?.[1];
  return (
    <Section
      id="win-back"
      title={TITLE}
      pending={answer.pending}
      controls={controls}
      means={["rhythm", "outlook"]}
      lead={
        <>
          <b>{f.plural(list.length, "customer")}</b> {list.length === 1 ? "has" : "have"} {STAND[need]} as of {f.longDay(lastDay(audience))}, and reached a step of the reminders
          {within && ` ${within}`}
          {list.length > 0 && `; they brought ${f.money(worth, audience.currency, false)} in the last year`}.
          {need === "late" && others > 0 && ` For ${f.count(others)} more it is about time to buy again: a reminder will do.`}
        </>
      }
    >
      {list.length === 0 ? (
        <Empty>Nobody did. Choose a longer time, or others, above.</Empty>
      ) : (
        <>
          <Scroll label="Customers to write to">
            <table class="data plain people">
              <caption class="unseen">Customers to write to</caption>
              <thead>
                <tr>
                  <th scope="col">Customer</th>
                  <th scope="col">Segment</th>
                  <th scope="col">By their rhythm</th>
                  <th scope="col">Silent for</th>
                  <th scope="col">Step reached</th>
                  <th scope="col">Purchases</th>
                  <th scope="col">Last year</th>
                  <th scope="col">Comes back</th>
                </tr>
              </thead>
              <tbody>
                {list.slice(0, most).map((row) => (
                  <tr key={row.customer}>
                    <th scope="row" title={row.customer}>
                      {row.customer}
                    </th>
                    <td>
                      <span class={`dot ${row.segment}`} /> {SEGMENTS[row.segment].one}
                    </td>
                    <td>{row.rhythm ? RHYTHM[row.rhythm] : f.BLANK}</td>
                    <td>{f.days(row.silent)}</td>
                    <td>
                      {row.after !== undefined && `after ${f.days(row.after)}`}
                      {row.due && <span class="faint">, {f.shortDay(row.due)}</span>}
                    </td>
                    <td>{f.count(row.purchases)}</td>
                    <td>{f.money(row.value, audience.currency)}</td>
                    <td>{f.percent(row.outlook, 0)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <p class="buttons left">
            {list.length > most && (
              <button type="button" class="second" onClick={() => setMost(most + 100)}>
                Show more of {f.count(list.length)}
              </button>
            )}
            <button type="button" class="second" onClick={() => copy(list.map(({ customer }) => customer).join("\n")).then((worked) => say({ list, text: worked ? `${f.plural(list.length, "customer")} copied.` : "The browser does not let the page copy: save the list instead." }))}>
              Copy the customers
            </button>
            <SaveCsv
              name={`win-back-${lastDay(audience)}`}
              what="customers to write to"
              look="second"
              head={["customer", "segment", "rhythm", "silent_days", "step_days", "due_since", "purchases", `value_last_365_days_${f.code(audience.currency)}`, "outlook"]}
              rows={cells}
            />
            <span role="status" class="faint">
              {done?.list === list && done.text}
            </span>
          </p>
        </>
      )}
      <p class="note">
        Reminders go out {steps.map((days) => f.days(days)).join(", ").replace(/, ([^,]*)$/, " and $1")} after the last purchase, once a step. Due: of others like them who came back, a quarter had by then. Late: three quarters had. Lapsed: 95% had. “Comes back” is the share of
        customers like this one, silent for as long, who bought again within the shop's own horizon. Problems are left out: the effort is better spent on others.
      </p>
    </Section>
  );
}

/** The days that are looked at first. */
export const WEEK = 7;

/** Whom it takes to win back, and for whom a reminder will do. */
const needs = ({ rhythm }: { rhythm: Rhythm | null }): "late" | "due" => (rhythm === "late" || rhythm === "lapsed" ? "late" : "due");

/** Where they stand in the list. */
export function split(audience: Audience): { late: number[]; due: number[] } {
  const of = (need: "late" | "due") => audience.rhythm.flatMap((rhythm, at) => (needs({ rhythm }) === need ? [at] : []));
  return { late: of("late"), due: of("due") };
}

/** The day that the list is of: the last of the books. */
export const lastDay = (audience: Audience): string => f.addDays(audience.asOf, -1);

const TITLE = "Whom to write to";
const STAND = { late: "stayed away for longer than usual", due: "come to the time when others like them buy again", "": "come to that time or beyond it" } as const;

/** What the customers of a list brought in the last year. */
export const worthOf = (audience: Audience, places: number[]): number => places.reduce((sum, at) => sum + (audience.value[at] ?? 0), 0);

function rows(audience: Audience): Row[] {
  const steps = audience.action.trigger.stepsDays ?? [];
  return audience.keys.map(
    (customer, at): Row => ({
      customer,
      segment: audience.segment[at] ?? "problem",
      rhythm: audience.rhythm[at] ?? null,
      after: steps[(audience.step[at] ?? 0) - 1],
      due: audience.dueOn[at] ?? null,
      silent: audience.silenceDays[at] ?? 0,
      purchases: audience.purchases[at] ?? 0,
      value: audience.value[at] ?? 0,
      outlook: audience.outlook[at] ?? 0,
    }),
  );
}

/** The late first, then the lapsed, then those who are due; among them whoever brought the most, which is the order they come in. */
function sorted(list: Row[]): Row[] {
  const order = Object.keys(RHYTHM);
  const place = ({ rhythm }: Row) => order.indexOf(rhythm ?? "");
  return list.sort((a, b) => place(a) - place(b));
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
