/** The pieces that panels are made of. */

import * as Plot from "@observablehq/plot";
import type { Benchmark, Definition, Rate } from "regulars";
import { Component, createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { type Cell, SaveCsv, type Table } from "./csv";
import type { Arguments, Call, Result, Shop } from "./data";
import * as f from "./format";
import { broken } from "./problems";

/** The answer to a call, and what was `asked`: while a new answer is on its way, both are those before it, and `pending`. */
export function useCall<N extends Call>(shop: Shop, name: N, ...args: Arguments<N>): { asked?: Arguments<N>; value?: Result<N>; error?: Error; pending: boolean } {
  const [state, set] = useState<{ key?: string; asked?: Arguments<N>; value?: Result<N>; error?: Error }>({});
  const key = JSON.stringify(args);
  useEffect(() => {
    let current = true;
    shop.ask(name, ...args).then(
      (value) => current && set({ key, asked: args, value }),
      (error: Error) => current && set({ key, asked: args, error }),
    );
    return () => {
      current = false;
    };
  }, [shop, name, key]);
  return { ...state, pending: state.key !== key };
}

/** A part of the page with its sentence; `means` names the definitions of what stands in it. While `pending`, what stands there is of an earlier question. */
export function Section(props: { id: string; title: string; lead?: ComponentChildren; controls?: ComponentChildren; means?: string[]; pending?: boolean | undefined; children: ComponentChildren }) {
  return (
    <section id={props.id} class="section" aria-labelledby={`${props.id}-title`} aria-busy={props.pending ?? false}>
      <header class="section-head">
        <div>
          <h2 id={`${props.id}-title`}>{props.title}</h2>
          {props.lead && <p class="lead">{props.lead}</p>}
        </div>
        {props.controls && <div class="controls">{props.controls}</div>}
      </header>
      {props.children}
      {props.means && <Meanings names={props.means} of={props.title} />}
    </section>
  );
}

export function Choice<T extends string>(props: { label: string; value: T; options: readonly (readonly [T, string])[]; choose: (value: T) => void }) {
  const id = useId();
  return (
    <div class="choice">
      <label for={id}>{props.label}</label>
      <select id={id} value={props.value} onChange={(event) => props.choose(event.currentTarget.value as T)}>
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A day to choose; blank where none is. */
export function DayChoice({ label, value, choose }: { label: string; value: string; choose: (day: string) => void }) {
  const id = useId();
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <input id={id} type="date" max="9999-12-31" value={value} onInput={({ currentTarget: { validity, value } }) => validity.valid && choose(value)} />
    </div>
  );
}

/** What may be wider than the screen: it scrolls by itself, and says so while there is more to its right. */
export function Scroll({ label, tall = false, children }: { label: string; tall?: boolean; children: ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState(false);
  const look = () => {
    const element = place.current;
    if (element) setMore(element.scrollWidth - element.clientWidth - element.scrollLeft > 8);
  };
  useEffect(() => {
    const watch = new ResizeObserver(look);
    if (place.current) watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  useEffect(look);
  return (
    <div class={more ? "scroll-frame more" : "scroll-frame"}>
      <div ref={place} class={tall ? "scroll tall" : "scroll"} tabIndex={0} role="region" aria-label={label} onScroll={look}>
        {children}
      </div>
      <p class="hint" aria-hidden="true">
        more columns →
      </p>
    </div>
  );
}

const shown = (cell: Cell): string | number | null => (typeof cell === "object" && cell !== null ? cell.text : cell);

/** A table of figures, to read and to save. */
export function DataTable({ name, caption, head, rows, most = 400 }: Table & { name: string; caption: string; most?: number }) {
  return (
    <>
    <Scroll label={caption} tall>
      <table class="data">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (column === 0 ? <th scope="row">{shown(cell)}</th> : <td>{shown(cell)}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
      <SaveCsv name={name} what={caption} head={head} rows={rows} />
    </>
  );
}

/** What a point of a chart says while the pointer is near it, or in its column. */
export function tip<T>(points: readonly T[], x: keyof T | ((point: T) => Date), y: keyof T | ((point: T) => number), title: (point: T) => string, near: typeof Plot.pointer = Plot.pointerX): Plot.Tip {
  return Plot.tip(points as T[], near({ x: x as string, y: y as string, title: title as (point: unknown) => string, lineHeight: 1.4, textPadding: 10, lineWidth: innerWidth < 640 ? 13 : Infinity }));
}

type Drawing = Omit<Plot.PlotOptions, "width">;
/** Below so many pixels a chart has room for little beside its lines. */
export const NARROW = 520;
/** Between the margins of A4, in pixels of CSS. */
const PAPER = 690;

/** A chart, drawn anew when its width changes, with its figures as a table beneath. */
export function Chart(props: { name: string; label: string; height?: number; plot: Drawing | ((width: number) => Drawing); table: Table; legend?: [name: string, color: string, dashed?: "dashed"][] }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (width === 0) return;
    draw(width);
    // Shrunk to the paper, the letters of a chart could not be read.
    const print = () => draw((PAPER * (place.current?.clientWidth ?? width)) / (document.querySelector("main")?.clientWidth ?? width));
    const back = () => draw(width);
    addEventListener("beforeprint", print);
    addEventListener("afterprint", back);
    return () => {
      removeEventListener("beforeprint", print);
      removeEventListener("afterprint", back);
    };
  });
  function draw(width: number) {
    const plot = typeof props.plot === "function" ? props.plot(width) : props.plot;
    const chart = Plot.plot({
      marginLeft: 48,
      marginRight: 16,
      marginBottom: 34,
      ...plot,
      width,
      height: props.height ?? (width < NARROW ? 240 : 300),
      style: { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible", ...(plot.style as object) },
    });
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", props.label);
    // What stands in it is in the label and in the table; read one by one, ticks would only be noise.
    for (const part of chart.children) part.setAttribute("aria-hidden", "true");
    place.current?.replaceChildren(chart);
  }
  return (
    <figure class="chart">
      {props.legend && (
        <ul class="legend">
          {props.legend.map(([name, color, dashed]) => (
            <li key={name}>
              <i class={dashed} style={{ color }} />
              {name}
            </li>
          ))}
        </ul>
      )}
      <div ref={place} class="plot" style={width === 0 ? { minHeight: `${props.height ?? 300}px` } : undefined} />
      <details class="figures">
        <summary>Figures as a table</summary>
        <DataTable name={props.name} caption={props.label} {...props.table} />
      </details>
    </figure>
  );
}

export function Waiting({ error, height = 240 }: { error?: Error | undefined; height?: number }) {
  if (error) return <Failed error={error} />;
  return <div class="waiting" style={{ height: `${height}px` }} aria-busy="true" />;
}

/** Why a part is not there, in words for people where there are some. */
export function Failed({ error }: { error: Error & { code?: string } }) {
  return (
    <p class="note bad" role="alert">
      This part could not be worked out: {error.message}. {broken(error)}
    </p>
  );
}

/** A part of the page that may fail alone, until the page is drawn anew. */
export class Guard extends Component<{ title: string; children: ComponentChildren }, { failed?: { error: Error; drawing: ComponentChildren } | undefined }> {
  override componentDidCatch(error: Error) {
    this.setState({ failed: { error, drawing: this.props.children } });
  }

  render() {
    const [{ title, children }, { failed }] = [this.props, this.state];
    if (!failed || failed.drawing !== children) return children;
    return (
      <section class="section" aria-label={title}>
        <h2>{title}</h2>
        <Failed error={failed.error} />
        <button type="button" class="second" onClick={() => this.setState({ failed: undefined })}>
          Try again
        </button>
      </section>
    );
  }
}

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

/** A value that may not be there. */
export const orBlank = (text: string | null | undefined): string => text ?? f.BLANK;

/** What every figure means, and what others have published of it. */
export const Texts = createContext<{ definitions: Map<string, Definition>; benchmarks: Benchmark[] }>({ definitions: new Map(), benchmarks: [] });
export const useTitle = (name: string): string => useContext(Texts).definitions.get(name)?.title ?? f.capital(f.words(name));

/** The definition of a figure, to unfold. */
export function What({ name, rate }: { name: string; rate?: Rate | undefined }) {
  const definition = useContext(Texts).definitions.get(name);
  const interval = rate?.interval;
  if (!definition) return null;
  return (
    <details class="what">
      <summary>
        What is this?<span class="unseen"> {definition.title}</span>
      </summary>
      <p>{f.capital(definition.formula)}.</p>
      {interval && <p>Beside it stands the range that the true share lies in with {f.percent(interval.level, 0)} confidence (Wilson).</p>}
    </details>
  );
}

/** How the figures of a section are worked out, to unfold. */
function Meanings({ names, of }: { names: string[]; of: string }) {
  const { definitions } = useContext(Texts);
  const known = names.flatMap((name) => definitions.get(name) ?? []);
  return (
    <details class="what">
      <summary>
        How this is worked out<span class="unseen">: {of}</span>
      </summary>
      <Terms definitions={known} />
    </details>
  );
}

/** Definitions, each under its title. */
export const Terms = ({ definitions }: { definitions: Definition[] }) => (
  <dl>
    {definitions.map(({ name, title, formula }) => (
      <div key={name}>
        <dt>{title}</dt>
        <dd>{formula}</dd>
      </div>
    ))}
  </dl>
);

/** What the published shares are shares of, where that is not the period that was chosen. */
const COUNTS: Record<string, string> = {
  repeat_customer_rate: " over all that a shop has ever sold",
  revenue_split: " of revenue from later purchases",
  time_to_second_purchase: " within a year",
  returns: " of online sales in a year",
};

/** What others have published, with what it counts and who says so: context, never a verdict. */
export function Elsewhere({ name }: { name: string }) {
  const { benchmarks, definitions } = useContext(Texts);
  const found = benchmarks.filter(({ figure }) => figure === name);
  if (found.length === 0) return null;
  return (
    <details class="what elsewhere">
      <summary>
        Elsewhere: {found.map(published).join(", ")}
        {COUNTS[name]}
        <span class="unseen"> {definitions.get(name)?.title}</span>
      </summary>
      {found.map((benchmark) => (
        <p key={benchmark.source}>
          <b>{f.capital(published(benchmark))}</b>: {benchmark.counted}. Not the same as here: {benchmark.differs}.{" "}
          <a href={benchmark.url} target="_blank" rel="noreferrer">
            {benchmark.source}
            {benchmark.year !== null && `, ${benchmark.year}`}
          </a>
          .
        </p>
      ))}
    </details>
  );
}

function published({ low, typical, high }: Benchmark): string {
  const of = (value: number | null) => f.percent(value, 0);
  const range = low !== null && high !== null ? `${f.decimal(100 * low, 0)}–${of(high)}` : low !== null ? `${of(low)}+` : high !== null ? `up to ${of(high)}` : "";
  return typical === null ? range : range === "" ? of(typical) : `${of(typical)} (${range})`;
}

/** Where the true share lies, most likely. */
export const Interval = ({ low, high }: { low: number; high: number }) => (
  <span class="interval">
    likely {f.percent(low)} – {f.percent(high)}
  </span>
);

/** At the foot of a card: the definition, and the context. */
export const Meaning = ({ name, of = name, rate }: { name: string; of?: string; rate?: Rate | undefined }) => (
  <div class="foot">
    <What name={of} rate={rate} />
    <Elsewhere name={name} />
  </div>
);

/** A figure with its name, its sample and its meaning. */
export function Stat({ name, title, text, sample, rate, of = name }: { name: string; title?: string; text: string; sample?: string; rate?: Rate; of?: string }) {
  const known = useTitle(name);
  return (
    <li class="card" data-figure={name}>
      <h3>{title ?? known}</h3>
      <p class="value">{text}</p>
      <p class="sample">
        {rate?.interval && (
          <Interval {...rate.interval} />
        )}
        {sample ?? (rate && `${f.count(rate.numerator)} of ${f.count(rate.denominator)}`)}
        {rate?.smallN && rate.denominator > 0 && <strong class="small-n">small sample</strong>}
      </p>
      <Meaning name={name} of={of} rate={rate} />
    </li>
  );
}
