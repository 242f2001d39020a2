import { RegularsError } from "./errors.js";
import { isDate, shown } from "./json.js";
import { core } from "./module.js";
import type { EventTable, OrderTable } from "./types.js";
import type { Columns } from "./wasm/regulars.js";

/** Which columns a table has, by how they are read. */
interface Shape {
  needed: readonly string[];
  times: readonly string[];
  amounts: readonly string[];
  keys: readonly string[];
  texts: readonly string[];
  /** Plain numbers: the values of events. */
  values: readonly string[];
  /** How columns of numbers are to be read. */
  how: readonly string[];
}
const ORDERS: Shape = {
  needed: ["placedAt", "amount"],
  times: ["placedAt", "refundedOn"],
  amounts: ["amount", "refunded", "cost", "discount"],
  keys: ["customer", "email", "orderId"],
  texts: ["status", "currency", "channel"],
  values: [],
  how: ["timeUnit", "amountUnit", "decimals"],
};
const EVENTS: Shape = {
  needed: ["happenedAt", "kind"],
  times: ["happenedAt"],
  amounts: [],
  keys: ["customer", "email", "campaign"],
  texts: ["kind"],
  values: ["value"],
  how: ["timeUnit"],
};

/** What stands for a missing cell among the places of distinct texts. */
const NONE = 0xffff_ffff;

/**
 * Orders as columns in the module's memory, a chunk after the other. Who asks for them hands them on to the module, which frees them.
 * @internal
 */
export function orderColumns(orders: OrderTable | readonly OrderTable[]): Columns[] {
  return chunks(orders, ORDERS);
}

/**
 * The same of events.
 * @internal
 */
export function eventColumns(events: EventTable | readonly EventTable[]): Columns[] {
  return chunks(events, EVENTS);
}

/**
 * Rows as the columns that `fromColumns` and `append` take: `OrderHistory.fromColumns(columnsOf(rows), { currency: "EUR" })`. What
 * a row has not is missing in its columns.
 */
export function columnsOf<Row extends object>(rows: readonly Row[]): { [K in keyof Row]: Row[K][] } {
  const names = new Set<keyof Row>();
  if (!Array.isArray(rows)) throw new RegularsError("invalid_argument", `${shown(rows)} is no list of rows`);
  for (const [row, cells] of rows.entries()) {
    if (typeof cells !== "object" || cells === null) throw new RegularsError("invalid_argument", `row ${row}: ${shown(cells)} is no row: an object of cells is expected`, { row });
    for (const name of Object.keys(cells)) names.add(name as keyof Row);
  }
  return Object.fromEntries([...names].map((name) => [name, rows.map((row) => row[name])])) as { [K in keyof Row]: Row[K][] };
}

function chunks(tables: object, shape: Shape): Columns[] {
  let before = 0;
  return [tables].flat().map((table: unknown) => {
    const chunk = check(table, shape);
    const columns = intoModule(chunk, shape, before);
    before += lengthOf(chunk[shape.needed[0]!]!);
    return columns;
  });
}

/** How the numbers of a table are to be read. */
interface How {
  timeUnit?: "s" | "ms" | "us" | "ns";
  amountUnit?: "minor" | "main";
  decimals?: number;
}
const UNITS: Record<string, readonly unknown[]> = { timeUnit: ["s", "ms", "us", "ns"], amountUnit: ["minor", "main"] };

type List = ArrayLike<unknown>;
type Encoded = { codes: Uint32Array; values: readonly string[] };

/** A table of which every column is there that has to be, and every one is a list; missing columns are left out. */
type Checked = How & Record<string, List | Encoded>;

function check(table: unknown, { needed, times, amounts, keys, texts, values, how }: Shape): Checked {
  if (typeof table !== "object" || table === null) {
    throw new RegularsError("invalid_argument", `${shown(table)} is no table: an object of columns is expected`);
  }
  const columns = [...times, ...amounts, ...keys, ...texts, ...values];
  const known = [...columns, ...how];
  const given = Object.entries(table).filter(([, cells]) => cells !== undefined && cells !== null);
  for (const name of Object.keys(table)) {
    if (!known.includes(name)) {
      throw new RegularsError("unknown_argument", `there is no column \`${name}\`: there are ${known.join(", ")}`);
    }
  }
  for (const [name, value] of given) {
    if (columns.includes(name)) {
      if (isEncoded(value) || Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value)) continue;
      const message = `column \`${name}\`: ${shown(value)} is no list of cells, one for each row: \`columnsOf(rows)\` makes columns of rows`;
      throw new RegularsError("invalid_argument", message, { column: name });
    }
    const fits = UNITS[name]?.includes(value) ?? (Number.isInteger(value) && value >= 0 && value <= 12);
    if (!fits) {
      const expected = UNITS[name] === undefined ? "a whole number from 0 to 12" : `one of ${UNITS[name].map((unit) => `"${unit}"`).join(", ")}`;
      throw new RegularsError("invalid_option", `\`${name}\`: expected ${expected}, not ${shown(value)}`);
    }
  }
  for (const name of needed) {
    if (!given.some(([column]) => column === name)) throw new RegularsError("missing_argument", `the column \`${name}\` is missing`);
  }
  return Object.fromEntries(given) as Checked;
}

function intoModule(table: Checked, shape: Shape, before: number): Columns {
  const columns = new (core().Columns)(before);
  const each = (names: readonly string[], fill: (column: Column) => void) => {
    for (const name of names) if (table[name] !== undefined) fill({ into: columns, name, cells: table[name], before });
  };
  try {
    each(shape.times, (column) => times(column, table));
    each(shape.amounts, (column) => amounts(column, table));
    each(shape.keys, keys);
    each(shape.texts, texts);
    each(shape.values, (column) => {
      kind(column, "number");
      columns.values(floats(column));
    });
  } catch (error) {
    // After anything else the module may have broken off, and its memory goes as a whole.
    if (error instanceof RegularsError) columns.free();
    throw error;
  }
  return columns;
}

/** A column on its way into the module. */
interface Column {
  into: Columns;
  name: string;
  cells: List | Encoded;
  /** How many rows the chunks before have: rows are counted over all of them. */
  before: number;
}

/** What a cell can be. Those of one column are of one kind, or what they mean would hang on which stands first. */
type Kind = "text" | "number" | "bigint" | "Date";

/** Milliseconds per unit, and units per millisecond, of which one is 1. */
const SCALE = { s: [1000, 1], ms: [1, 1], us: [1, 1e3], ns: [1, 1e6] } as const;
/** Beyond it no calendar has dates. */
const MOST_MILLISECONDS = 8.2e15;
const YEAR = 365 * 86_400_000;

function times(column: Column, { timeUnit }: How): void {
  const { into, name, cells } = column;
  if (cells instanceof Int32Array) {
    if (timeUnit === undefined) return into.days(name, cells);
    throw unfit(column, "days since 1970, as those of every `Int32Array`, which no `timeUnit` changes: give a list or a `Float64Array` of what it counts, or days as text");
  }
  const of = kind(column, "Date", "number", "bigint", "text");
  if (of === "text") return texts(column);
  const counts = cells as ArrayLike<Date | number | bigint | null>;
  const [times, per] = SCALE[timeUnit ?? "ms"];
  const read = (row: number): number => {
    const cell = counts[row];
    if (cell === null || cell === undefined || (of === "number" && Number.isNaN(cell))) return NaN;
    if (of === "Date") {
      if (Number.isNaN(Number(cell))) throw wrong(column, row, "is no date");
      return Number(cell);
    }
    const milliseconds = (Number(cell) * times) / per;
    if (Math.abs(milliseconds) > MOST_MILLISECONDS) throw wrong(column, row, "is no date");
    if (timeUnit === undefined && Math.abs(milliseconds) < YEAR) {
      throw wrong(column, row, 'is a day around 1970, if it counts milliseconds: say what it counts, as in `timeUnit: "s"`');
    }
    return typeof cell === "bigint" && !(cells instanceof BigInt64Array) ? wholeMilliseconds(cell, times, per) : milliseconds;
  };
  if (cells instanceof BigInt64Array) {
    // Only looked at: the module keeps what is finer than a millisecond.
    for (let row = 0; row < cells.length; row++) read(row);
    return into.instants(name, cells, timeUnit ?? "ms");
  }
  into.milliseconds(name, Float64Array.from(counts, (_, row) => read(row)));
}

/** Rounded down: as a float, the end of a day would be the start of the next. */
function wholeMilliseconds(count: bigint, times: number, per: number): number {
  const [scaled, by] = [count * BigInt(times), BigInt(per)];
  const over = ((scaled % by) + by) % by;
  return Number((scaled - over) / by);
}

function amounts(column: Column, { amountUnit, decimals }: How): void {
  const of = kind(column, "number", "bigint", "text");
  const unit = amountUnit ?? (of === "bigint" ? "minor" : "main");
  if (of === "text" && unit === "main") return texts(column);
  if (unit === "main") return column.into.floats(column.name, floats(column), decimals);
  if (of === "text") throw unfit(column, "texts, which are in main units, not in minor ones");
  if (decimals !== undefined) {
    const message = `\`decimals\`: \`${column.name}\` is in minor units, of which the history's currency says what they are, as in \`USD:3\``;
    throw new RegularsError("invalid_option", message);
  }
  whole(column);
}

function keys(column: Column): void {
  const of = kind(column, "text", "number", "bigint");
  if (of === "text" || of === undefined) return texts(column);
  whole(column);
}

/** Whole numbers, of which some may be missing. */
function whole(column: Column): void {
  const cells = column.cells as List;
  if (cells instanceof BigInt64Array) return column.into.whole(column.name, cells);
  const numbers = new BigInt64Array(cells.length);
  const present = new Uint8Array(cells.length).fill(1);
  let missing = false;
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row] as bigint | number | null | undefined;
    if (cell === null || cell === undefined || Number.isNaN(cell)) {
      present[row] = 0;
      missing = true;
    } else if (typeof cell === "bigint" ? BigInt.asIntN(64, cell) === cell : Number.isSafeInteger(cell)) {
      numbers[row] = BigInt(cell);
    } else {
      throw wrong(column, row, "is not a whole number that is exact");
    }
  }
  column.into.whole(column.name, numbers, missing ? present : undefined);
}

/**
 * Texts, each distinct one once: the module reads a million customers five times as fast this way as one by one.
 */
function texts(column: Column): void {
  let codes: Uint32Array;
  let values: readonly string[];
  if (isEncoded(column.cells)) {
    ({ codes, values } = column.cells);
    if (!(codes instanceof Uint32Array) || !Array.isArray(values) || values.some((text) => typeof text !== "string")) {
      throw unfit(column, "not places in a `Uint32Array` and texts in a list");
    }
  } else {
    kind(column, "text");
    const cells = column.cells as ArrayLike<string | null | undefined>;
    const places = new Map<string, number>();
    codes = new Uint32Array(cells.length);
    for (let row = 0; row < cells.length; row++) {
      const text = cells[row];
      if (text === null || text === undefined) {
        codes[row] = NONE;
        continue;
      }
      let place = places.get(text);
      if (place === undefined) {
        place = places.size;
        places.set(text, place);
      }
      codes[row] = place;
    }
    values = [...places.keys()];
  }
  column.into.texts(column.name, codes, values.join("\n"), Uint32Array.from(values, (text) => text.length));
}

function isEncoded(cells: unknown): cells is Encoded {
  return typeof cells === "object" && cells !== null && "codes" in cells && "values" in cells;
}

function lengthOf(cells: List | Encoded): number {
  return isEncoded(cells) ? cells.codes.length : cells.length;
}

/** Of which kind the cells of a column are, among those that it takes; undefined where all are missing. */
function kind(column: Column, ...takes: Kind[]): Kind | undefined {
  const { cells } = column;
  if (isEncoded(cells) || ArrayBuffer.isView(cells)) {
    const of = isEncoded(cells) ? "text" : cells instanceof BigInt64Array || cells instanceof BigUint64Array ? "bigint" : "number";
    if (takes.includes(of)) return of;
    throw unfit(column, `${of}s, not ${takes.map((one) => `${one}s`).join(" or ")}`);
  }
  let first: { row: number; of: Kind } | undefined;
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === null || cell === undefined) continue;
    const of = kindOf(cell);
    if (of === undefined || !takes.includes(of)) throw wrong(column, row, `is not ${takes.map((one) => IN_WORDS[one]).join(" or ")}`);
    first ??= { row, of };
    if (of !== first.of) {
      throw wrong(column, row, `is ${IN_WORDS[of]}, but row ${column.before + first.row} has ${IN_WORDS[first.of]}: cells of one column are of one kind`);
    }
  }
  return first?.of;
}

const IN_WORDS: Record<Kind, string> = { text: "a text", number: "a number", bigint: "a bigint", Date: "a Date" };

function kindOf(cell: unknown): Kind | undefined {
  switch (typeof cell) {
    case "string":
      return "text";
    case "number":
    case "bigint":
      return typeof cell as "number" | "bigint";
    default:
      return isDate(cell) ? "Date" : undefined;
  }
}

/** Numbers, NaN where there is none. */
function floats(column: Column): Float64Array {
  if (column.cells instanceof Float64Array) return column.cells;
  return Float64Array.from(column.cells as ArrayLike<number | bigint | null>, (cell, row) => {
    if (cell === null || cell === undefined) return NaN;
    const number = Number(cell);
    if (typeof cell === "bigint" && !Number.isSafeInteger(number)) throw wrong(column, row, "is too large to be exact as a number");
    return number;
  });
}

function unfit({ name }: Column, what: string): RegularsError {
  return new RegularsError("invalid_argument", `column \`${name}\`: its cells are ${what}`, { column: name });
}

function wrong({ name, cells, before }: Column, row: number, what: string): RegularsError {
  const message = `row ${before + row}, column \`${name}\`: ${shown((cells as List)[row])} ${what}`;
  return new RegularsError("invalid_argument", message, { row: before + row, column: name });
}
