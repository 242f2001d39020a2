import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { Shop } from "./data";
import * as f from "./format";
import { About } from "./panels/about";
import { Acquisition } from "./panels/acquisition";
import { Brief } from "./panels/brief";
import { CohortHeatMap, LifetimeValue } from "./panels/cohorts";
import { ConcentrationCurve } from "./panels/concentration";
import { CustomerFlow } from "./panels/flow";
import { Headlines } from "./panels/headlines";
import { Movements } from "./panels/movements";
import { Repeat } from "./panels/repeat";
import { Returns } from "./panels/returns";
import { Revenue } from "./panels/revenue";
import { RfmGrid } from "./panels/rfm";
import { Segments } from "./panels/segments";
import { WinBack } from "./panels/winback";
import { WhatIf } from "./panels/whatif";
import { Choice, DayChoice, Failed, Guard, Texts, useCall, Waiting } from "./parts";
import type { Grain, Period, Report } from "regulars";

const PARTS = [
  ["Now", [["headlines", "Headlines"], ["revenue", "Revenue"], ["movements", "What moved it"]]],
  ["Loyalty", [["flow", "Customer flow"], ["cohorts", "Cohorts"], ["repeat", "Repeat purchases"], ["returns", "Returns"]]],
  ["Worth", [["value", "Lifetime value"], ["payback", "Cost to win"], ["concentration", "Concentration"]]],
  ["Who", [["rfm", "RFM"], ["segments", "Segments"], ["customer", "One customer"]]],
  ["To do", [["win-back", "Whom to write to"], ["what-if", "What if"], ["about", "About the figures"]]],
] as const;

export function ReportPage({ shop, fileName }: { shop: Shop; fileName: string }) {
  const [period, setPeriod] = useState<Period | undefined>();
  const [grain, setGrain] = useState<Grain>("month");
  const definitions = useCall(shop, "definitions").value;
  const benchmarks = useCall(shop, "benchmarks").value;
  const texts = useMemo(() => ({ definitions: new Map(definitions?.map((definition) => [definition.name, definition])), benchmarks: benchmarks ?? [] }), [definitions, benchmarks]);
  const answer = useCall(shop, "report", period);
  const [latest, setLatest] = useState<Report>();
  useEffect(() => {
    if (answer.value && !answer.pending && !period) setLatest(answer.value);
  }, [answer.value, answer.pending, period]);
  // A period that cannot be worked out leaves the page as it was, with its controls.
  const shown = useRef<Report | undefined>(undefined);
  const report = (shown.current = answer.value ?? shown.current);
  // What had the focus is gone with the page before.
  const title = useRef<HTMLHeadingElement>(null);
  const drawn = Boolean(report && definitions);
  useEffect(() => title.current?.focus({ preventScroll: true }), [drawn]);
  if (!report || !definitions) {
    return (
      <main id="main" class="report" tabIndex={-1}>
        <Waiting error={answer.error} height={600} />
      </main>
    );
  }
  const { current, previous, summary } = report;
  const panels = [
    ["Revenue", <Revenue shop={shop} report={report} grain={grain} />],
    ["What moved revenue", <Movements shop={shop} report={report} grain={grain} />],
    ["Customer flow", <CustomerFlow shop={shop} report={report} grain={grain} />],
    ["Cohorts", <CohortHeatMap shop={shop} report={report} />],
    ["From purchase to purchase", <Repeat report={report} />],
    ["Returns", <Returns report={report} />],
    ["Lifetime value so far", <LifetimeValue shop={shop} report={report} />],
    ["What a new customer may cost", <Acquisition shop={shop} report={report} />],
    ["Concentration of revenue", <ConcentrationCurve report={report} />],
    ["Recency, frequency, money", <RfmGrid report={report} />],
    ["Segments", <Segments shop={shop} report={report} />],
    ["Whom to write to", <WinBack shop={shop} />],
    ["What if", <WhatIf shop={shop} report={report} />],
    ["About these figures", <About report={report} info={shop.info} definitions={definitions} fileName={fileName} />],
  ] as const;
  return (
    <Texts.Provider value={texts}>
    <div class="report">
      <Contents />
      <main id="main" tabIndex={-1} aria-busy={answer.pending}>
        <section id="headlines" class="section first" aria-labelledby="headlines-title">
          <header class="section-head">
            <div>
              <p class="eyebrow">
                {f.plural(summary.orders, "order")} of {f.plural(summary.customers, "customer")}, {f.shortDay(summary.span.start)} to {f.shortDay(f.addDays(summary.span.end, -1))}
              </p>
              <h1 id="headlines-title" ref={title} tabIndex={-1}>{f.period(current.period, true)}</h1>
              <p class="lead">
                {previous ? `Compared with ${f.period(previous.period, true)}, the same length of time before.` : "There is no equally long period before it in the books to compare with."}
              </p>
            </div>
            <div class="controls">
              <PeriodChoice span={summary.span} latest={latest?.current.period} period={period} choose={setPeriod} />
              <Choice label="Charts by" value={grain} options={[["week", "week"], ["month", "month"], ["quarter", "quarter"], ["year", "year"]] as const} choose={setGrain} />
            </div>
          </header>
          {report.remarks.map(
            ({ kind, sentence }) => (
              <p key={sentence} class={kind === "long_silence" ? "note bad" : "note"}>
                {sentence}
              </p>
            ),
          )}
          {answer.error && <Failed error={answer.error} />}
          <Guard title="In short">
            <Brief shop={shop} report={report} />
          </Guard>
          <Guard title="Headline figures">
            <Headlines shop={shop} report={report} />
          </Guard>
        </section>
        {panels.map(([title, panel]) => (
          <Guard key={title} title={title}>
            {panel}
          </Guard>
        ))}
      </main>
    </div>
    </Texts.Provider>
  );
}

/** The sections, with the one that is being read marked. */
function Contents() {
  const [current, set] = useState<string>("headlines");
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && set(entry.target.id)), { rootMargin: "-20% 0px -70%" });
    // Some sections come only with their figures. To observe one again changes nothing.
    const main = document.querySelector("main")!;
    const observe = () => main.querySelectorAll(":scope > section").forEach((section) => watch.observe(section));
    observe();
    const arrivals = new MutationObserver(observe);
    arrivals.observe(main, { childList: true });
    return () => {
      watch.disconnect();
      arrivals.disconnect();
    };
  }, []);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where the sections stand in a line, it may be out of sight.
    const link = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (nav.current && link) nav.current.scrollLeft = link.offsetLeft - 24;
  }, [current]);
  return (
    <nav ref={nav} class="contents" aria-label="Sections">
      <ol>
        {PARTS.map(([group, parts]) => (
          <li key={group}>
            <span class="group">{group}</span>
            <ol>
              {parts.map(([id, title]) => (
                <li key={id}>
                  <a href={`#${id}`} aria-current={id === current ? "true" : undefined}>
                    {title}
                  </a>
                </li>
              ))}
            </ol>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function PeriodChoice({ span, latest, period, choose }: { span: Period; latest: Period | undefined; period: Period | undefined; choose: (period: Period | undefined) => void }) {
  const id = useId();
  const [custom, setCustom] = useState<Period | undefined>();
  const groups = useMemo(
    () =>
      [
        ["Years", f.wholePeriods(span, 12)],
        ["Quarters", f.wholePeriods(span, 3)],
        ["Months", f.wholePeriods(span, 1)],
      ] as const,
    [span.start, span.end],
  );
  const recent = [12, 6, 3].flatMap((months) => {
    const found = f.latestMonths(span, months);
    return found ? [[months, found] as const] : [];
  });
  const pick = (value: string) => {
    if (value === "custom") return setCustom(period ?? latest ?? span);
    setCustom(undefined);
    if (value === "") return choose(undefined);
    const [start = "", end = ""] = value.split("/");
    choose({ start, end });
  };
  const edit = (changed: Partial<Period>) => {
    const next = { ...(custom ?? span), ...changed };
    setCustom(next);
    if (next.start && next.end && next.start < next.end) choose(next);
  };
  return (
    <>
      <div class="choice">
        <label for={id}>Period</label>
        <select id={id} value={custom ? "custom" : period ? f.periodText(period) : ""} onChange={(event) => pick(event.currentTarget.value)}>
          <option value="">{latest ? `Latest: ${f.period(latest)}` : "Latest"}</option>
          {recent.map(([months, found]) => (
            <option key={months} value={f.periodText(found)}>
              Last {months} months: {f.period(found)}
            </option>
          ))}
          <option value={f.periodText(span)}>All of it</option>
          <option value="custom">From … to …</option>
          {groups.map(
            ([name, periods]) =>
              periods.length > 0 && (
                <optgroup key={name} label={name}>
                  {periods.map((found) => (
                    <option key={found.start} value={f.periodText(found)}>
                      {f.period(found, true)}
                    </option>
                  ))}
                </optgroup>
              ),
          )}
        </select>
      </div>
      {custom && (
        <>
          <DayChoice label="From" value={custom.start} choose={(start) => edit({ start })} />
          <DayChoice label="To (last day)" value={f.addDays(custom.end, -1)} choose={(day) => day && edit({ end: f.addDays(day, 1) })} />
          {custom.start >= custom.end && (
            <p class="note bad" role="alert">
              The first day lies after the last.
            </p>
          )}
        </>
      )}
    </>
  );
}
