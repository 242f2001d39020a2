import { RegularsError } from "./errors.js";

/** The day that a `Date` stands for, as `2024-07-01`; `name` is what it was given for. */
export type DayOf = (date: Date, name: string) => string;

/**
 * A value as JSON, as `JSON.stringify` but exact: a `bigint` is a whole number, a `Date` its day, typed arrays are lists, and a
 * number that is not finite is an error instead of `null`.
 */
export function toText(value: unknown, name = "a value", day: DayOf = dayOf): string {
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "number":
      if (!Number.isFinite(value)) throw new RegularsError("invalid_option", `\`${name}\`: ${value} is not a number`);
      return String(value);
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (isDate(value)) return JSON.stringify(day(value, name));
      if (Array.isArray(value) || ArrayBuffer.isView(value)) {
        const cells = Array.from(value as unknown as ArrayLike<unknown>, (cell) => toText(cell ?? null, name, day));
        return `[${cells.join(",")}]`;
      }
      return `{${Object.entries(value)
        .filter(([, cell]) => cell !== undefined)
        .map(([key, cell]) => `${JSON.stringify(key)}:${toText(cell, key, day)}`)
        .join(",")}}`;
    default:
      throw new RegularsError("invalid_option", `\`${name}\`: a ${typeof value} is no value`);
  }
}

/**
 * The day that a `Date` stands for where no zone is known: at midnight UTC, which `new Date("2024-07-01")` is, that day. Any other
 * is an instant, and on which day it falls is not guessed.
 */
export function dayOf(date: Date, name: string): string {
  const instant = instantOf(date, name);
  const [day, time] = instant.split("T") as [string, string];
  if (time === "00:00:00.000Z") return day;
  const message = `\`${name}\`: on which day ${instant} falls, a zone says, and none is given: give the day as text, as in "${day}", or the option \`zone\``;
  throw new RegularsError("invalid_option", message);
}

/** An instant as text. */
export function instantOf(date: Date, name: string): string {
  if (Number.isNaN(date.getTime())) throw new RegularsError("invalid_option", `\`${name}\`: this is no date`);
  return date.toISOString();
}

/** A `Date`, also of another frame. */
export function isDate(value: unknown): value is Date {
  return value instanceof Date || Object.prototype.toString.call(value) === "[object Date]";
}

/** A value in a message. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `\`${value.length > 60 ? `${value.slice(0, 60)}…` : value}\``;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null && !isDate(value)) return "an object";
  return typeof value === "function" || typeof value === "symbol" ? `a ${typeof value}` : `\`${String(value)}\``;
}

/** `retentionRate` as `retention_rate`. */
export function snake(name: string): string {
  return typeof name === "string" ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name;
}
