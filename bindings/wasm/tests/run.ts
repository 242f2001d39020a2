/** Runs the cases of `tests/fixtures`, in Node and in a browser alike. */
import { NO_DAY, OrderHistory, RegularsError, Table, toJson, type OrderTable } from "regulars";
import { spellings } from "./spellings.js";

/* eslint-disable @typescript-eslint/no-explicit-any */

export interface Case {
  name: string;
  call: string;
  arguments?: Record<string, unknown>;
  options?: any;
  input?: unknown;
  then?: Record<string, unknown>[];
}

export interface File {
  inputs?: Record<string, unknown>;
  cases: Case[];
}

export interface Found {
  place: string;
  call: string;
  /** The text of the result; of an error, its code and message; undefined for what has no text. */
  text?: string | undefined;
  /** A result that has no text: a number, a text, null, columns. */
  value?: unknown;
  /** The constructors of the columns. */
  columns?: Record<string, string>;
}

/** JSON in which whole numbers beyond 2⁵³ are `bigint`s. */
export function parseExactly(text: string): any {
  const marked = text.replace(/([:[,]\s*)(-?\d{16,})(?=\s*[,\]}])/g, '$1{"$whole": "$2"}');
  return JSON.parse(marked, (_, value) => (value?.$whole === undefined ? value : BigInt(value.$whole)));
}

/** Every case of the files, by their names and texts. */
export function runAll(files: Record<string, string>): Found[] {
  return Object.entries(files).flatMap(([name, text]) => {
    const file: File = parseExactly(text);
    return file.cases.map((one) => ({ place: `${name}/${one.name}`, call: one.call, ...run(file, one) }));
  });
}

function run(file: File, one: Case): Omit<Found, "place" | "call"> {
  let result: unknown;
  const [, call, columns] = /^(.*?)(\.columns)?$/.exec(one.call)!;
  try {
    const args: any = { ...one.arguments };
    const history = one.options === undefined ? undefined : historyOf(file, one);
    if (call === "rfm.again") {
      args.options = before(history!, args.observedUntil);
      result = history!.rfm(args.options);
    } else {
      const spelling = (spellings as Record<string, (args: any, history: any) => unknown>)[call!];
      if (spelling === undefined) throw new Error(`no spelling of \`${call}\``);
      result = spelling(args, history);
    }
    // The text is made now, so that it is made at all.
    if (result instanceof Table) void result.json;
  } catch (error) {
    if (!(error instanceof RegularsError)) throw error;
    return { text: JSON.stringify({ error: error.code, message: error.message }) };
  }
  if (columns) {
    const entries = Object.entries((result as Table<unknown, Record<string, any>>).columns);
    return {
      value: Object.fromEntries(entries.map(([name, cells]) => [name, Array.from(cells, plainCell(cells))])),
      columns: Object.fromEntries(entries.map(([name, cells]) => [name, cells.constructor.name])),
    };
  }
  const text = typeof result === "object" && result !== null ? toJson(result) : undefined;
  return text === undefined ? { value: result } : { text };
}

/** A cell as JSON has it. */
function plainCell(cells: unknown): (cell: any) => unknown {
  if (cells instanceof Uint8Array) return (cell) => cell === 1;
  if (cells instanceof Int32Array) return (cell) => (cell === NO_DAY ? null : cell);
  return (cell) => (typeof cell === "bigint" ? Number(cell) : Number.isNaN(cell) ? null : cell);
}

/** The scores of today by the thresholds of an earlier day. */
function before(history: OrderHistory, observedUntil: string): object {
  const { recency, frequency, monetary } = history.observeUntil(observedUntil).rfm().groups().breaks;
  return { recencyBreaks: recency, frequencyBreaks: frequency, monetaryBreaks: monetary };
}

function historyOf(file: File, one: Case): OrderHistory {
  const named = (input: unknown): any => (typeof input === "string" ? file.inputs![input] : input);
  const tables = (input: unknown): OrderTable[] => [named(input)].flat().map(table);
  let history = OrderHistory.fromColumns(tables(one.input), one.options);
  for (const step of one.then ?? []) {
    for (const [name, value] of Object.entries(step)) {
      switch (name) {
        case "append":
          history = history.append(tables(value));
          break;
        case "merge":
          history = history.merge(OrderHistory.fromColumns(tables(value), one.options));
          break;
        case "mergeUnder": {
          const { warmUpDays = 365 } = one.options;
          history = history.merge(OrderHistory.fromColumns(tables(value), { ...one.options, warmUpDays: warmUpDays + 1 }));
          break;
        }
        case "observeUntil":
          history = history.observeUntil(value as string | null);
          break;
        case "customers":
          history = history.withCustomers(value as any[]);
          break;
        default:
          throw new Error(`step \`${name}\``);
      }
    }
  }
  return history;
}

/** The columns of a fixture under the names of this package. */
function table(input: any): OrderTable {
  const { placedAt, amounts, amountDecimals, customers, emails, ids, statuses, currencies, refunded, refundedOn, costs, discounts, channels, ...other } = input;
  if (Object.keys(other).length > 0) throw new Error(`columns ${Object.keys(other)}`);
  return {
    placedAt,
    amount: amountDecimals === undefined ? cells(amounts) : amounts,
    decimals: amountDecimals,
    customer: customers && cells(customers),
    email: emails,
    orderId: ids && cells(ids),
    status: statuses,
    currency: currencies,
    refunded: refunded && cells(refunded),
    refundedOn,
    cost: costs && cells(costs),
    discount: discounts && cells(discounts),
    channel: channels,
  };
}

/** Whole numbers, else text. */
function cells(column: any[]): any {
  const whole = column.every((cell) => cell === null || typeof cell === "bigint" || Number.isInteger(cell));
  return column.map((cell) => (cell === null ? null : whole ? BigInt(cell) : String(cell)));
}
