/** Numbers, money, days and periods as people read them. Days are civil: they have no zone, and are printed in none. */

import type { Money, Period } from "regulars";

/** The page speaks English, in the reader's own kind of it. */
export const LOCALE = navigator.languages.find((language) => language.startsWith("en")) ?? "en";

/** A currency may be kept with other decimals than its own: `GBP:4`. */
function kept(currency: string): { currency: string; maximumFractionDigits?: number } {
  const [code = currency, digits] = currency.split(":");
  return digits === undefined ? { currency: code } : { currency: code, maximumFractionDigits: Number(digits) };
}

const formats = new Map<string, Intl.NumberFormat>();
function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat(LOCALE, options);
  formats.set(key, format);
  return format;
}

export const BLANK = "–";
/** With the minus of mathematics: a hyphen is as wide as no sign. */
const text = (value: number, options: Intl.NumberFormatOptions): string => number(options).format(value).replace("-", "−");

export const count = (value: number): string => text(value, {});
export const decimal = (value: number | null, digits = 2): string =>
  value === null ? BLANK : text(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
/** Few are not none, and most are not all. */
export function percent(value: number | null, digits = 1): string {
  if (value === null) return BLANK;
  const options = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  const least = 10 ** -(digits + 2);
  if (value > 0 && value < least / 2) return `<${text(least, options)}`;
  if (value < 1 && value > 1 - least / 2) return `>${text(1 - least, options)}`;
  return text(value, options);
}
const signed = (value: number, options: Intl.NumberFormatOptions): string =>
  text(value, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero", ...options });
export const signedPercent = (value: number): string => signed(value, { style: "percent" });
export const signedPoints = (value: number): string => `${signed(value * 100, {})} points`;

/** A float of it, for charts; the text stays what is exact. */
export const toNumber = (money: Money): number => Number(money.amount);

/** How many decimals a currency has. */
export const decimals = (currency: string): number => number({ style: "currency", ...kept(currency) }).resolvedOptions().maximumFractionDigits ?? 2;

/** From here on nobody reads every digit; what is exact stands beside it. */
const HUGE = 1e8;

/** The code alone, without the decimals that it is kept with. */
export const code = (currency: string): string => kept(currency).currency;

/** Money to its last decimal where that is `exact`; else with cents, or without where they only distract. */
export function money(value: number | null, currency: string, exact?: boolean): string {
  if (value === null) return BLANK;
  const options: Intl.NumberFormatOptions = { style: "currency", currency: code(currency), currencyDisplay: "narrowSymbol" };
  if (exact) return text(value, { ...options, ...kept(currency) });
  if (exact === undefined && Math.abs(value) < 1000) return text(value, options);
  if (Math.abs(value) >= HUGE) return text(value, { ...options, notation: "compact", maximumSignificantDigits: 4 });
  return text(value, { ...options, minimumFractionDigits: 0, maximumFractionDigits: 0 });
}
export const moneyShort = (value: number, currency: string): string =>
  text(value, { style: "currency", currency: code(currency), currencyDisplay: "narrowSymbol", notation: "compact", maximumFractionDigits: 1 });
export const countShort = (value: number): string => text(value, { notation: "compact", maximumFractionDigits: 1 });

export const day = (iso: string): Date => new Date(`${iso}T00:00:00Z`);
export const iso = (date: Date): string => date.toISOString().slice(0, 10);
export function addDays(text: string, days: number): string {
  const date = day(text);
  date.setUTCDate(date.getUTCDate() + days);
  return iso(date);
}
function addMonths(text: string, months: number): string {
  const date = day(text);
  date.setUTCMonth(date.getUTCMonth() + months);
  return iso(date);
}

const dates = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", ...options });
const LONG = dates({ day: "numeric", month: "long", year: "numeric" });
const SHORT = dates({ day: "numeric", month: "short", year: "numeric" });
const MONTH = dates({ month: "long", year: "numeric" });
const SHORT_MONTH = dates({ month: "short", year: "numeric" });
const MONTH_ONLY = dates({ month: "short" });
export const longDay = (text: string): string => LONG.format(day(text));
export const shortDay = (text: string): string => SHORT.format(day(text));

/** `1998`, `Q3 1998`, `March 1998`, `Jan – Jun 1998`, or its first and last day. */
export function period({ start, end }: Period, long = false): string {
  const [from, last] = [day(start), day(addDays(end, -1))];
  const wholeMonths = start.endsWith("-01") && end.endsWith("-01");
  const months = (last.getUTCFullYear() - from.getUTCFullYear()) * 12 + last.getUTCMonth() - from.getUTCMonth() + 1;
  if (wholeMonths && months === 1) return (long ? MONTH : SHORT_MONTH).format(from);
  if (wholeMonths && months === 12 && from.getUTCMonth() === 0) return String(from.getUTCFullYear());
  if (wholeMonths && months === 3 && from.getUTCMonth() % 3 === 0) return `Q${from.getUTCMonth() / 3 + 1} ${from.getUTCFullYear()}`;
  if (wholeMonths && from.getUTCFullYear() === last.getUTCFullYear()) return `${MONTH_ONLY.format(from)} – ${SHORT_MONTH.format(last)}`;
  if (wholeMonths) return `${SHORT_MONTH.format(from)} – ${SHORT_MONTH.format(last)}`;
  // Its thin spaces are missing in many fonts.
  return SHORT.formatRange(from, last).replace(/\s/g, " ");
}

/** The text that the calls take. */
export const periodText = ({ start, end }: Period): string => `${start}/${end}`;

/** The periods of a grain that lie in a span whole, the latest first. */
export function wholePeriods(span: Period, months: number): Period[] {
  const found: Period[] = [];
  const first = day(span.start);
  let start = iso(new Date(Date.UTC(first.getUTCFullYear(), Math.floor(first.getUTCMonth() / months) * months, 1)));
  for (; start < span.end; start = addMonths(start, months)) {
    const end = addMonths(start, months);
    if (end <= span.end) found.push({ start, end });
  }
  return found.reverse();
}

/** The latest whole months that a span holds. */
export function latestMonths(span: Period, months: number): Period | undefined {
  const end = `${span.end.slice(0, 7)}-01`;
  const start = addMonths(end, -months);
  return start >= span.start ? { start, end } : undefined;
}

export const days = (value: number | null): string => (value === null ? BLANK : value === 1 ? "1 day" : `${count(value)} days`);
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** A number in a table: itself, the text that people read, and the unit that only the text carries. */
export interface Figure {
  value: number | null;
  text: string;
  unit?: string;
}
export const figure = {
  count: (value: number): Figure => ({ value, text: count(value) }),
  percent: (value: number | null, digits?: number): Figure => ({ value, text: percent(value, digits) }),
  money: (value: number | null, currency: string, exact?: boolean): Figure => ({ value, text: money(value, currency, exact), unit: code(currency) }),
};

/** `snake_case` as words. */
export const words = (name: string): string => name.replaceAll("_", " ");
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const bytes = (size: number): string =>
  size < 1e6 ? `${count(Math.ceil(size / 1e3))} kB` : size < 1e9 ? `${decimal(size / 1e6, 1)} MB` : `${decimal(size / 1e9, 2)} GB`;
