import { Fragment, type JSX } from "preact";
import { useState } from "preact/hooks";
import { Choice, DayChoice, Scroll } from "./parts";
import type { ImportReport, Mapping } from "regulars";
import { FIELD_TITLES, FIELDS, type Field, fieldName, fieldTitle, type ReadOptions } from "./fields";

const COMMON = ["USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "PLN"];
const currencies = [...new Set([...COMMON, ...Intl.supportedValuesOf("currency")])];
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zones = [...new Set([here, "UTC", ...Intl.supportedValuesOf("timeZone")])];
const names = new Intl.DisplayNames("en", { type: "currency" });

const FORMATS = [
  ["", "year first: 2024-05-17"], ["%d/%m/%Y", "day first: 17/05/2024"], ["%m/%d/%Y", "month first: 05/17/2024"], ["%d.%m.%Y", "17.05.2024"], ["%d-%m-%Y", "17-05-2024"],
  ["%d/%m/%y", "17/05/24"], ["%m/%d/%y", "05/17/24"], ["%d/%m/%Y %H:%M", "17/05/2024 14:30"], ["%m/%d/%Y %H:%M", "05/17/2024 14:30"], ["%d.%m.%Y %H:%M", "17.05.2024 14:30"],
] as const;

/** What can be chosen: what is chosen already, too. */
const formats = (chosen = ""): readonly (readonly [string, string])[] => (FORMATS.some(([format]) => format === chosen) ? FORMATS : [...FORMATS, [chosen, chosen]]);

/** Why a column was taken for something. */
const WHY = { named: "as you said", guessed: "by its name", export: "part of this export" } as const;

/** What was taken for what, and why. */
export function AsRead({ info }: { info: ImportReport }) {
  const { read, unused } = info.columns;
  return (
    <>
      <p class="note">{info.source === "csv" ? "As a plain CSV with an order a row." : `As an order export of ${info.source === "shopify" ? "Shopify" : "WooCommerce"}.`}</p>
      <Scroll label="Columns as they were read">
        <table class="data plain read">
          <caption class="unseen">What was taken from which column, and why</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Column in the file</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {read.map(({ field, column, why }) => (
              <tr key={field + column}>
                <th scope="row">{fieldTitle(field)}</th>
                <td>
                  <code>{column}</code>
                </td>
                <td>{WHY[why]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {unused.length > 0 && (
        <p class="note">
          Not used: {unused.slice(0, 40).join(", ")}
          {unused.length > 40 && ` and ${unused.length - 40} more`}.
        </p>
      )}
      {info.notes.map(({ sentence }) => (
        <p key={sentence} class="note">
          {sentence}
        </p>
      ))}
    </>
  );
}

/** A setting by its option. */
export type Asked = keyof Omit<ReadOptions, "mapping" | "encoding">;

/**
 * How the file is to be read; where one thing is asked `first`, the rest is folded away. A mapping is only handed over where someone
 * chose a column: it makes every file a plain CSV.
 */
export function Settings(props: { header: string[]; info?: ImportReport | undefined; options: ReadOptions; read: (options: ReadOptions) => void; first?: Asked[] | undefined; openColumns?: boolean }) {
  const { header, info } = props;
  const [options, set] = useState(props.options);
  const [mapping, map] = useState<Mapping>(props.options.mapping ?? {});
  const change = <K extends keyof ReadOptions>(key: K, value: ReadOptions[K] | "" | undefined) => {
    const { [key]: _, ...rest } = options;
    set(value === "" || value === undefined ? rest : { ...rest, [key]: value });
  };
  const taken = (field: Field) => info?.columns.read.find((column) => column.field === fieldName(field))?.column;
  const fields: Partial<Record<Asked, JSX.Element>> = {
    currency: <Choice label="Currency" value={options.currency ?? ""} options={[["", "as the file says"], ...currencies.map((code) => [code, `${code} ${names.of(code) ?? ""}`] as const)]} choose={(value) => change("currency", value)} />,
    zone: <Choice label="Time zone of the shop" value={options.zone ?? ""} options={[["", "dates as they are written"], ...zones.map((zone) => [zone, zone.replaceAll("_", " ")] as const)]} choose={(value) => change("zone", value)} />,
    otherCurrencies: <Choice label="Orders in other currencies" value={options.otherCurrencies ?? "refuse"} options={[["refuse", "stop and say so"], ["leave_out", "leave them out"]] as const} choose={(value) => change("otherCurrencies", value)} />,
    policy: (
      <Choice
        label="Which orders count"
        value={options.policy ?? "strict"}
        options={[["strict", "paid, and not paid back"], ["shopify", "as Shopify counts them"], ["woocommerce", "as WooCommerce counts them"]] as const}
        choose={(value) => change("policy", value)}
      />
    ),
    dateFormat: <Choice label="Dates are written" value={options.dateFormat ?? ""} options={formats(options.dateFormat)} choose={(value) => change("dateFormat", value)} />,
    decimalComma: (
      <Choice
        label="Decimals follow"
        value={options.decimalComma === undefined ? "" : options.decimalComma ? "comma" : "point"}
        options={[["", "as it seems"], ["point", "a point: 1,234.50"], ["comma", "a comma: 1.234,50"]] as const}
        choose={(value) => change("decimalComma", value === "" ? undefined : value === "comma")}
      />
    ),
    decimals: (
      <Choice
        label="Decimals of amounts"
        value={options.decimals === undefined ? "" : String(options.decimals)}
        options={[["", "as the currency has"], ...["2", "3", "4", "6"].map((digits) => [digits, digits] as const)]}
        choose={(value) => change("decimals", value === "" ? undefined : Number(value))}
      />
    ),
    historyStarts: <DayChoice label="Shop is older: its books begin on" value={options.historyStarts ?? ""} choose={(day) => change("historyStarts", day)} />,
    observedUntil: <DayChoice label="Books are complete until, not counting" value={options.observedUntil ?? ""} choose={(day) => change("observedUntil", day)} />,
  };
  const asked = (name: string) => props.first === undefined || props.first.includes(name as Asked);
  const shown = (first: boolean) => (
    <div class="fields">
      {Object.entries(fields).map(([name, field]) => asked(name) === first && <Fragment key={name}>{field}</Fragment>)}
    </div>
  );
  return (
    <form
      class="settings"
      onSubmit={(event) => {
        event.preventDefault();
        const { mapping: _, ...rest } = options;
        props.read(Object.keys(mapping).length > 0 ? { ...rest, mapping } : rest);
      }}
    >
      {shown(true)}
      {props.first && (
        <details>
          <summary>Other settings</summary>
          {shown(false)}
        </details>
      )}
      {header.length > 0 && (
        <details open={props.openColumns ?? false}>
          <summary>Columns</summary>
          <div class="fields">
            {FIELDS.map((field) => (
              <Choice
                key={field}
                label={FIELD_TITLES[field]}
                value={mapping[field] === undefined ? "*" : `=${mapping[field]}`}
                options={[["*", taken(field) ? `${taken(field)} (taken)` : "by its name"], ["=", "none"], ...header.map((name) => [`=${name}`, name] as const)]}
                choose={(value) => {
                  const { [field]: _, ...rest } = mapping;
                  map(value === "*" ? rest : { ...rest, [field]: value.slice(1) });
                }}
              />
            ))}
          </div>
        </details>
      )}
      <button type="submit" class="primary">
        Read the file{info ? " again" : ""}
      </button>
    </form>
  );
}
