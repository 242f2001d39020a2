import { RegularsError } from "./errors.js";

/**
 * A value as JSON, as `JSON.stringify` but exact: a `bigint` is a whole number, a `Date` its date in UTC, typed arrays are
 * lists, and a number that is not finite is an error instead of `null`.
 */
export function toText(value: unknown, name = "a value"): string {
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
      if (value instanceof Date) return JSON.stringify(isoDate(value, name));
      if (Array.isArray(value) || ArrayBuffer.isView(value)) {
        const cells = Array.from(value as unknown as ArrayLike<unknown>, (cell) => toText(cell ?? null, name));
        return `[${cells.join(",")}]`;
      }
      return `{${Object.entries(value)
        .filter(([, cell]) => cell !== undefined)
        .map(([key, cell]) => `${JSON.stringify(key)}:${toText(cell, key)}`)
        .join(",")}}`;
    default:
      throw new RegularsError("invalid_option", `\`${name}\`: a ${typeof value} is no value`);
  }
}

function isoDate(date: Date, name: string): string {
  if (Number.isNaN(date.getTime())) throw new RegularsError("invalid_option", `\`${name}\`: this is no date`);
  return date.toISOString().slice(0, 10);
}

/** `first_revenue_minor` as `firstRevenueMinor`. */
export function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
