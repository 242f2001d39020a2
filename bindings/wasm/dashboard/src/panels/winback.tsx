import { useMemo, useState } from "preact/hooks";
import type { Audience, Shop } from "../data";
import { Choice, Empty, Scroll, Section, useCall, Waiting } from "../parts";
import { SaveCsv } from "../csv";
import * as f from "../format";
import type { Segment } from "regulars";
import { SEGMENTS } from "./segments";

const SINCE = [["1", "today"], ["7", "in the last 7 days"], ["30", "in the last 30 days"], ["", "at any time"]] as const;
const WHO = [["", "all"], ["star", "Stars"], ["productive", "Productive"], ["question_mark", "Question marks"]] as const;

interface Row {
  customer: string;
  segment: Segment;
  after: number | undefined;
  due: string | null;
  silent: number;
  purchases: number;
  value: number;
  outlook: number;
}

/** Who has reached the next step of the win-back cascade. */
export function WinBack({ shop }: { shop: Shop }) {
  const [since, chooseSince] = useState<(typeof SINCE)[number][0]>(`${WEEK}`);
  const [who, chooseWho] = useState<(typeof WHO)[number][0]>("");
  const [most, setMost] = useState(15);
  const [done, say] = useState<{ list: Row[]; text: string }>();
  const answer = useCall(shop, "winBack", since === "" ? undefined : Number(since));
  const audience = answer.value;
  const everyone = useMemo(() => (audience ? sorted(rows(audience)) : []), [audience]);
  const list = useMemo(() => everyone.filter(({ segment }) => who === "" || segment === who), [everyone, who]);
  const cells = useMemo(() => list.map(({ customer, segment, silent, after, due, purchases, value, outlook }) => [customer, segment, silent, after ?? null, due, purchases, value, outlook]), [list]);
  const controls = (
    <>
      <Choice label="Became due" value={since} options={SINCE} choose={chooseSince} />
      <Choice label="Segment" value={who} options={WHO} choose={chooseWho} />
    </>
  );
  if (!audience) {
    return (
      <Section id="win-back" title="Due for win-back" controls={controls}>
        <Waiting error={answer.error} height={320} />
      </Section>
    );
  }
  const worth = list.reduce((sum, { value }) => sum + value, 0);
  const steps = audience.action.trigger.stepsDays ?? [];
  return (
    <Section
      id="win-back"
      title="Due for win-back"
      controls={controls}
      means={["rhythm", "outlook"]}
      lead={
        <>
          On {f.longDay(audience.asOf)}, <b>{f.plural(list.length, "customer")}</b> {list.length === 1 ? "has" : "have"} become due for a reminder
          {since === "" ? "" : ` ${SINCE.find(([value]) => value === since)?.[1]}`}
          {list.length > 0 && `; they brought ${f.money(worth, audience.currency)} in the last year`}.
        </>
      }
    >
      {list.length === 0 ? (
        <Empty>Nobody is due. Choose a longer time above.</Empty>
      ) : (
        <>
          <Scroll label="Customers due for win-back">
            <table class="data plain people">
              <caption class="unseen">Customers due for win-back</caption>
              <thead>
                <tr>
                  <th scope="col">Customer</th>
                  <th scope="col">Segment</th>
                  <th scope="col">Silent for</th>
                  <th scope="col">Reminder due</th>
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
              name={`win-back-${audience.asOf}`}
              what="customers due for win-back"
              look="second"
              head={["customer", "segment", "silent_days", "step_days", "due_since", "purchases", `value_last_365_days_${f.code(audience.currency)}`, "outlook"]}
              rows={cells}
            />
            <span role="status" class="faint">
              {done?.list === list && done.text}
            </span>
          </p>
        </>
      )}
      <p class="note">
        Reminders go out {steps.map((days) => f.days(days)).join(", ").replace(/, ([^,]*)$/, " and $1")} after the last purchase, to customers who are due, late or lapsed by the rhythm of others like them. “Comes back” is the share of
        customers like this one, silent for as long, who bought again within the shop's own horizon. Problems are left out: the effort is better spent on others.
      </p>
    </Section>
  );
}

/** The days that are looked at first. */
export const WEEK = 7;

/** What the customers of a list brought in the last year. */
export const worthOf = (audience: Audience): number => audience.value.reduce((sum, value) => sum + value, 0);

function rows(audience: Audience): Row[] {
  const steps = audience.action.trigger.stepsDays ?? [];
  return audience.keys.map(
    (customer, at): Row => ({
      customer,
      segment: audience.segment[at] ?? "problem",
      after: steps[(audience.step[at] ?? 0) - 1],
      due: audience.dueOn[at] ?? null,
      silent: audience.silenceDays[at] ?? 0,
      purchases: audience.purchases[at] ?? 0,
      value: audience.value[at] ?? 0,
      outlook: audience.outlook[at] ?? 0,
    }),
  );
}

/** The best segment first, and in it who brought the most. */
function sorted(list: Row[]): Row[] {
  const order = new Map(Object.keys(SEGMENTS).map((segment, at) => [segment, at]));
  const place = ({ segment }: Row) => order.get(segment) ?? 9;
  return list.sort((a, b) => place(a) - place(b) || b.value - a.value || (a.customer < b.customer ? -1 : 1));
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
