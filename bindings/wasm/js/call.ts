import { RegularsError } from "./errors.js";
import { dayOf, instantOf, isDate, shown, toText, type DayOf } from "./json.js";
import { attempt, core } from "./module.js";
import { inModule, plain, Table } from "./results.js";
import type { PeriodLike } from "./types.js";
import type { History, Outcome } from "./wasm/regulars.js";
import { zoneTable } from "./zones.js";

/** A call by its name in the core, on a history or on its arguments alone. */
export function outcome(name: string, args: object = {}, history?: History): Outcome {
  const options = (args as { options?: object | undefined }).options;
  const given = options === undefined ? args : { ...args, options: withZone(options) };
  const text = toText(given, "arguments", history && dayOn(history));
  return attempt(() => (history ? history.call(name, text) : core().call(name, text)));
}

/** The same, for a plain result. */
export function ask<T>(name: string, args: object = {}, history?: History): T {
  return plain<T>(outcome(name, args, history));
}

/** The same, for a result that is a table. */
export function askTable<Data, Columns>(name: string, args: object = {}, history?: History): Table<Data, Columns> {
  return new Table<Data, Columns>(inModule(outcome(name, args, history)));
}

/**
 * The day that a `Date` stands for: at midnight UTC, which `new Date("2024-07-01")` is, that day; at any other time the day on
 * which it falls in the zone, and without one it is refused.
 */
function dayIn(zone: () => string | null | undefined): DayOf {
  let known: { zone: string | null | undefined } | undefined;
  return (date, name) => {
    if (date.getTime() % 86_400_000 === 0) return dayOf(date, name);
    known ??= { zone: zone() };
    if (typeof known.zone !== "string") return dayOf(date, name);
    return ask("zone.date", { ...zoneArguments(known.zone), instant: instantOf(date, name) });
  };
}

/** The same in the zone of a history, which is asked for it once, if at all. */
export function dayOn(history: History): DayOf {
  return dayIn(() => zoneOf(history));
}

/** The zone of a history by its name: the module knows it by its transitions. */
export function zoneOf(history: History): string | null {
  const { zone } = ask<{ zone: string | null | { name: string } }>("history.options", {}, history);
  return typeof zone === "object" && zone !== null ? zone.name : zone;
}

/** A period as the core reads it. */
export function periodText(period: PeriodLike, day: DayOf = dayOf): string {
  if (typeof period === "string") return period;
  const { start, end } = (period ?? {}) as { start?: unknown; end?: unknown };
  const text = (date: unknown, name: string) => (isDate(date) ? day(date, name) : date);
  const [from, to] = [text(start, "start"), text(end, "end")];
  if (typeof from === "string" && typeof to === "string") return `${from}/${to}`;
  throw new RegularsError("invalid_period", `${shown(period)} is no period: a text such as \`2024-05\` is expected, or its \`start\` and \`end\``);
}

/** A zone among arguments, with its transitions. */
export function zoneArguments(zone: string): { zone: string; transitions?: [number, number][] } {
  const transitions = zoneTable(zone)?.transitions;
  return transitions === undefined ? { zone } : { zone, transitions };
}

/** Options of a history or a log as the module takes them. */
export function optionsText(options: object): string {
  const given = withZone(options);
  return toText(given, "options", dayIn(() => (options as { zone?: string | null }).zone));
}

/** Options with the zone as the module takes it. */
function withZone(options: object): object {
  if (typeof options !== "object" || options === null) {
    throw new RegularsError("invalid_option", "`options` is an object");
  }
  const zone = (options as { zone?: unknown }).zone;
  const table = typeof zone === "string" ? zoneTable(zone) : undefined;
  return table === undefined ? options : { ...options, zone: table };
}
