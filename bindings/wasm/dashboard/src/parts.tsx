/** The pieces that panels are made of. */

import * as Plot from "@observablehq/plot";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Arguments, Call, Result, Shop } from "./data";
import { BLANK } from "./format";

/** The answer to a call; the answer before it, while a new one is on its way. */
export function useCall<N extends Call>(shop: Shop, name: N, ...args: Arguments<N>): { value?: Result<N>; error?: Error } {
  const [state, set] = useState<{ value?: Result<N>; error?: Error }>({});
  const key = JSON.stringify(args);
  useEffect(() => {
    let current = true;
    shop.ask(name, ...args).then(
      (value) => current && set({ value }),
      (error: Error) => current && set({ error }),
    );
    return () => {
      current = false;
    };
  }, [shop, name, key]);
  return state;
}

export function Section(props: { id: string; title: string; lead?: ComponentChildren; controls?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section id={props.id} class="section" aria-labelledby={`${props.id}-title`}>
      <header class="section-head">
        <div>
          <h2 id={`${props.id}-title`}>{props.title}</h2>
          {props.lead && <p class="lead">{props.lead}</p>}
        </div>
        {props.controls && <div class="controls">{props.controls}</div>}
      </header>
      {props.children}
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
      <input id={id} type="date" value={value} onInput={(event) => choose(event.currentTarget.value)} />
    </div>
  );
}

export interface Table {
  head: string[];
  rows: (string | number)[][];
}

export function DataTable({ caption, head, rows, most = 400 }: Table & { caption: string; most?: number }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
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
              {row.map((cell, column) => (column === 0 ? <th scope="row">{cell}</th> : <td>{cell}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A chart, drawn anew when its width changes, with its figures as a table beneath. */
export function Chart(props: { label: string; height?: number; plot: Omit<Plot.PlotOptions, "width">; table: Table; legend?: [string, string][] }) {
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
    const narrow = width < 520;
    const chart = Plot.plot({
      marginLeft: 48,
      marginRight: 16,
      marginBottom: 34,
      ...props.plot,
      width,
      height: props.height ?? (narrow ? 240 : 300),
      style: { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible", ...(props.plot.style as object) },
    });
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", props.label);
    // What stands in it is in the label and in the table; read one by one, ticks would only be noise.
    for (const part of chart.children) part.setAttribute("aria-hidden", "true");
    place.current?.replaceChildren(chart);
  });
  return (
    <figure class="chart">
      {props.legend && (
        <ul class="legend">
          {props.legend.map(([name, color]) => (
            <li key={name}>
              <i style={{ background: color }} />
              {name}
            </li>
          ))}
        </ul>
      )}
      <div ref={place} class="plot" style={width === 0 ? { minHeight: `${props.height ?? 300}px` } : undefined} />
      <details class="figures">
        <summary>Figures as a table</summary>
        <DataTable caption={props.label} {...props.table} />
      </details>
    </figure>
  );
}

export function Waiting({ error, height = 240 }: { error?: Error | undefined; height?: number }) {
  if (error) return <p class="note bad">This part could not be worked out: {error.message}.</p>;
  return <div class="waiting" style={{ height: `${height}px` }} aria-busy="true" />;
}

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

/** A value that may not be there. */
export const orBlank = (text: string | null | undefined): string => text ?? BLANK;
