import { RegularsError } from "./errors.js";
import { toText } from "./json.js";
import { attempt, core } from "./module.js";
import { inModule, plain, Table } from "./results.js";
import type { PeriodLike } from "./types.js";
import type { History, Outcome } from "./wasm/regulars.js";
import { zoneTable } from "./zones.js";

/** A call by its name in the core, on a history or on its arguments alone. */
export function outcome(name: string, args: object = {}, history?: History): Outcome {
  const options = (args as { options?: object | undefined }).options;
  const text = toText(options === undefined ? args : { ...args, options: withZone(options) });
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

/** A period as the core reads it. */
export function periodText(period: PeriodLike): string {
  return typeof period === "string" ? period : `${period.start}/${period.end}`;
}

/** A zone among arguments, with its transitions. */
export function zoneArguments(zone: string): { zone: string; transitions?: [number, number][] } {
  const transitions = zoneTable(zone)?.transitions;
  return transitions === undefined ? { zone } : { zone, transitions };
}

/** Options with the zone as the module takes it. */
export function withZone(options: object): object {
  if (typeof options !== "object" || options === null) {
    throw new RegularsError("invalid_option", "`options` is an object");
  }
  const zone = (options as { zone?: unknown }).zone;
  const table = typeof zone === "string" ? zoneTable(zone) : undefined;
  return table === undefined ? options : { ...options, zone: table };
}
