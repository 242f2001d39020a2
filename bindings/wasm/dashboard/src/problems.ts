/** What a problem with a file means for the person who dropped it: what is wrong, and what to do. The place stands beside it. */

import { formatsOf } from "./dates";
import type { ReadOptions } from "./fields";
import * as f from "./format";
import { NOTHING, type Seen } from "./peek";
import type { Asked } from "./settings";

export interface Problem {
  title: string;
  advice: string;
  /** Says all that the core's sentence does. */
  plain?: true;
  /** Settings that may mend it: all of them, or those that are asked for first. */
  settings?: true | Asked[];
  /** Each is one click that mends it, the likeliest first. */
  fixes?: { label: string; options: ReadOptions }[];
}

const CSV = "Export the orders again as CSV. In a spreadsheet: File → Save as → CSV UTF-8.";
const MAP = "Say below which column is which.";
const AGAIN = "Export the orders again and drop the file as it comes, without opening and saving it in a spreadsheet.";

/** A problem of what was dropped, before anything is read. */
export const problem = (code: "several_files" | "folder", message: string) => Object.assign(new Error(message), { code });

const KNOWN: Record<string, Problem> = {
  empty_file: { title: "The file is empty", advice: "There is not a single line in it. Check that the export has finished, and that it covers a period with orders." },
  no_orders: { title: "There are no orders in this file", advice: "It has a header and nothing below it. Check the period and the filters of the export." },
  not_csv: { title: "This is not a CSV file", advice: CSV },
  utf16: { title: "The text is in UTF-16", advice: "Some spreadsheets save text so. It can be read all the same.", fixes: [{ label: "Read it as UTF-16", options: { encoding: "utf-16" } }] },
  not_utf8: {
    title: "The text is not readable as UTF-8",
    advice: `It was saved in an older encoding, most often Windows-1252 (Western Europe); of others, accented letters come out wrong. Where that matters: ${CSV}`,
    fixes: [{ label: "Read it as Windows-1252", options: { encoding: "windows-1252" } }],
  },
  several_files: { title: "These are several files", advice: "Drop one at a time. Of an export that came in parts, put the rows of all under one header: orders that come twice are counted once where the file has order numbers." },
  folder: { title: "This is a folder", advice: "Open it and drop the file with the orders." },
  missing_columns: { title: "The columns have names that are not known here", advice: `An order needs a day and an amount. ${MAP}`, plain: true, settings: true },
  missing_customer: { title: "No column says who ordered", advice: `Retention needs to know customers again: by an id or an e-mail address. ${MAP}`, plain: true, settings: true },
  unknown_column: { title: "A column that was named is not in this file", advice: MAP, settings: true },
  ambiguous_column: { title: "Two columns have the same name", advice: "Rename or remove one of them, or name another column below.", settings: true },
  missing_currency: { title: "Which currency are these amounts in?", advice: "The file does not say. Choose it below and read the file again.", plain: true, settings: ["currency"] },
  mixed_currencies: {
    title: "There are orders in more than one currency",
    advice: "Amounts in different currencies are never summed. Convert them before, or leave out all orders that are not in the shop's currency; how many that are will be shown.",
    settings: true,
    fixes: [{ label: "Leave other currencies out", options: { otherCurrencies: "leave_out" } }],
  },
  invalid_date: { title: "A date cannot be read", advice: "It is written in no way that is known here. Mend it or take its line out of the file; where all dates are written so, choose below how.", settings: ["dateFormat"] },
  history_starts_late: { title: "There are orders before the day on which the books are said to begin", advice: "Choose an earlier day, or none.", settings: ["historyStarts"] },
  invalid_date_format: { title: "This date format is not known", advice: "Choose one below.", settings: ["dateFormat"] },
  invalid_amount: { title: "An amount is not a number", advice: "Check that line, say below whether a comma stands before the decimals, or name another column for the amount.", settings: true },
  amount_too_fine: {
    title: "An amount has more decimals than the currency",
    advice: "Nothing is rounded silently. If it is right, keep more decimals; if a point parts thousands there, take it out of the file.",
    settings: true,
    fixes: [{ label: "Keep four decimals", options: { decimals: 4 } }],
  },
  unknown_status: { title: "A status that is not known", advice: "Name another column for the status below, or none.", settings: true },
  woocommerce_analytics: { title: "This export does not say who ordered", advice: "It is the CSV of WooCommerce → Analytics → Orders, which has neither customer ids nor e-mail addresses. Export the orders with an order export plugin that writes billing_email or customer_id." },
  incomplete_export: { title: "Columns of the Shopify export are missing", advice: AGAIN },
  orphan_line: { title: "The lines of an order do not stand together", advice: `The export was sorted or filtered. ${AGAIN}` },
  unequal_fields: { title: "A line has more or fewer fields than the header", advice: `Most often a spreadsheet or an editor changed the file. ${AGAIN}` },
  unclosed_quote: { title: "The file seems to be cut off", advice: `It ends in the middle of a quoted text. ${AGAIN}` },
  record_too_long: { title: "A line is too long to be an order", advice: `A quote in it may never be closed. ${AGAIN}` },
  duplicate_order: { title: "One order number stands for two orders", advice: "The file has the same order twice with different content. Export it again, or name another column for the order number below.", settings: true },
  too_many_orders: { title: "There are more orders than one history can hold", advice: "Split the file by period and look at the parts." },
  out_of_memory: { title: "This browser ran out of memory", advice: "A page can use 4 GB at most. Export a shorter period, or fewer columns; or use the command line or the Python package, which have no such limit." },
  internal: { title: "This page made a mistake", advice: "The file may well be right. Please report the text above, and what the file looks like; another export may work meanwhile." },
  worker_failed: { title: "Reading broke off", advice: "Most often the browser ran out of memory. Close other pages, or export a shorter period, and drop the file again." },
  io: { title: "The file could not be read", advice: "It may have been moved, changed or locked meanwhile. Drop it again." },
  freed: { title: "The figures are no longer in memory", advice: "The browser ran out of it, or gave it to another page. Drop the file again; where that does not help, export a shorter period." },
  stopped: { title: "Reading was stopped", advice: "Drop the file again to start anew." },
};

/** What broke while the report was open, in a sentence for people; nothing where it is the question that was wrong. */
export function broken(error: { code?: string }): string | undefined {
  if (!["freed", "out_of_memory", "internal", "worker_failed"].includes(error.code ?? "")) return undefined;
  const { title, advice } = explain(error);
  return `${title}. ${advice}`;
}

type Failure = { code?: string; message?: string; line?: number | undefined; column?: string | undefined };

/** What the core quotes of a cell. */
const quoted = ({ message = "" }: Failure): string | undefined => /^line \d+, column `.*?`: `(.*?)` /s.exec(message)?.[1];

/** Where it is and what stands there, where the core says so; else its own sentence. What it advises is for who writes programs. */
export function detail(error: Failure): string {
  const value = quoted(error);
  if (error.line === undefined || error.column === undefined) return error.message ?? "";
  return `Line ${f.count(error.line)}, column “${error.column}”${value === undefined ? "" : `: “${value}”`}`;
}

/** An error without a code is none of the core's: the browser could not read the file. */
export function explain(error: Failure, { dates }: Seen = NOTHING): Problem {
  const known = KNOWN[error.code ?? "io"];
  const value = quoted(error) ?? "";
  if (known && error.code === "invalid_date") {
    const formats = formatsOf(value, dates);
    const fixes = formats.map(({ format, shown }) => ({ label: `Dates have ${shown}`, options: { dateFormat: format } }));
    if (formats.length === 1) return { ...known, title: "Dates do not begin with the year", advice: `In this file they have ${formats[0]?.shown}. One click reads them so.`, fixes };
    if (formats.length > 1) return { ...known, title: "A date is written in a way that could mean two things", advice: "Which stands first in this file, the day or the month?", fixes };
  }
  // One click, where what stands before the last two digits leaves little doubt.
  if (known && error.code === "invalid_amount" && /^-?[\d.]+,\d{1,2}$/.test(value)) return { ...known, fixes: [{ label: "A comma stands before the decimals", options: { decimalComma: true } }] };
  return known ?? { title: "The file could not be read", advice: "Check the place that is named here, or how the columns were taken.", settings: true };
}
