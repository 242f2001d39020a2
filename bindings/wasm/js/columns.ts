import { RegularsError } from "./errors.js";
import { core } from "./module.js";
import type { AmountColumn, EventTable, KeyColumn, OrderTable, TextColumn, TimeColumn } from "./types.js";
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

/** Orders as columns in the module's memory, a chunk after the other. Who asks for them hands them on to the module, which frees them. */
export function orderColumns(orders: OrderTable | readonly OrderTable[]): Columns[] {
  return [orders].flat().map((table) => intoModule(table as OrderTable, ORDERS));
}

/** The same of events. */
export function eventColumns(events: EventTable | readonly EventTable[]): Columns[] {
  return [events].flat().map((table) => intoModule(table as EventTable, EVENTS));
}

function intoModule(table: OrderTable | EventTable, shape: Shape): Columns {
  const { needed, times: instants, amounts: money, keys: names, texts: words, values: numbers, how } = shape;
  const known = [...instants, ...money, ...names, ...words, ...numbers, ...how];
  for (const name of Object.keys(table)) {
    if (!known.includes(name)) {
      throw new RegularsError("unknown_argument", `there is no column \`${name}\`: there are ${known.join(", ")}`);
    }
  }
  const given = table as unknown as Record<string, never>;
  for (const name of needed) {
    if (given[name] === undefined) throw new RegularsError("missing_argument", `the column \`${name}\` is missing`);
  }
  const columns = new (core().Columns)();
  try {
    for (const name of instants) if (given[name]) times(columns, name, given[name], table.timeUnit ?? "ms");
    for (const name of money) if (given[name]) amounts(columns, name, given[name], table as OrderTable);
    for (const name of names) if (given[name]) keys(columns, name, given[name]);
    for (const name of words) if (given[name]) texts(columns, name, given[name]);
    for (const name of numbers) if (given[name]) columns.values(floats(name, given[name]));
  } catch (error) {
    // After anything else the module may have broken off, and its memory goes as a whole.
    if (error instanceof RegularsError) columns.free();
    throw error;
  }
  return columns;
}

function times(columns: Columns, name: string, column: TimeColumn, unit: string): void {
  if (column instanceof Int32Array) return columns.days(name, column);
  if (column instanceof BigInt64Array) return columns.instants(name, column, unit);
  if (column instanceof Float64Array) return columns.milliseconds(name, column);
  if (isEncoded(column) || kind(column) === "string") return texts(columns, name, column as TextColumn);
  const cells = Float64Array.from(column as ArrayLike<Date | number | null>, (cell, row) => {
    if (cell === null || cell === undefined) return NaN;
    const count = Number(cell);
    if (Number.isNaN(count)) throw wrong(name, row, cell, "a date");
    return count;
  });
  columns.milliseconds(name, cells);
}

function amounts(columns: Columns, name: string, column: AmountColumn, how: OrderTable): void {
  if (column instanceof BigInt64Array) return columns.whole(name, column);
  const of = isEncoded(column) ? "string" : kind(column);
  if (of === "bigint" || (of === undefined && !ArrayBuffer.isView(column)) || how.amountUnit === "minor") {
    return whole(columns, name, column as ArrayLike<bigint | number | null>);
  }
  if (of === "string") return texts(columns, name, column as TextColumn);
  columns.floats(name, floats(name, column as ArrayLike<number | null>), how.decimals);
}

function keys(columns: Columns, name: string, column: KeyColumn): void {
  if (column instanceof BigInt64Array) return columns.whole(name, column);
  const of = isEncoded(column) ? "string" : kind(column);
  if (of === "string" || (of === undefined && !ArrayBuffer.isView(column))) return texts(columns, name, column as TextColumn);
  whole(columns, name, column as ArrayLike<bigint | number | null>);
}

/** Whole numbers, of which some may be missing. */
function whole(columns: Columns, name: string, column: ArrayLike<bigint | number | null>): void {
  const numbers = new BigInt64Array(column.length);
  const present = new Uint8Array(column.length).fill(1);
  let missing = false;
  for (let row = 0; row < column.length; row++) {
    const cell = column[row];
    if (cell === null || cell === undefined || Number.isNaN(cell)) {
      present[row] = 0;
      missing = true;
    } else if (typeof cell === "bigint" ? BigInt.asIntN(64, cell) === cell : Number.isSafeInteger(cell)) {
      numbers[row] = BigInt(cell);
    } else {
      throw wrong(name, row, cell, "a whole number that is exact");
    }
  }
  columns.whole(name, numbers, missing ? present : undefined);
}

/**
 * Texts, each distinct one once: the module reads a million customers five times as fast this way as one by one.
 */
function texts(columns: Columns, name: string, column: TextColumn): void {
  let codes: Uint32Array;
  let values: readonly string[];
  if (isEncoded(column)) {
    ({ codes, values } = column);
  } else {
    const places = new Map<string, number>();
    codes = new Uint32Array(column.length);
    for (let row = 0; row < column.length; row++) {
      const cell = column[row];
      if (cell === null || cell === undefined) {
        codes[row] = NONE;
        continue;
      }
      const text = typeof cell === "string" ? cell : String(cell);
      let place = places.get(text);
      if (place === undefined) {
        place = places.size;
        places.set(text, place);
      }
      codes[row] = place;
    }
    values = [...places.keys()];
  }
  columns.texts(name, codes, values.join("\n"), Uint32Array.from(values, (text) => text.length));
}

function isEncoded(column: unknown): column is { codes: Uint32Array; values: readonly string[] } {
  return typeof column === "object" && column !== null && "codes" in column && "values" in column;
}

/** The type of the cells, by the first that is there. */
function kind(column: ArrayLike<unknown>): string | undefined {
  for (let row = 0; row < column.length; row++) {
    const cell = column[row];
    if (cell !== null && cell !== undefined) return typeof cell;
  }
  return undefined;
}

/** Numbers, NaN where there is none. */
function floats(name: string, column: ArrayLike<number | null>): Float64Array {
  if (column instanceof Float64Array) return column;
  return Float64Array.from(column, (cell, row) => {
    if (cell === null || cell === undefined) return NaN;
    if (typeof cell !== "number") throw wrong(name, row, cell, "a number");
    return cell;
  });
}

function wrong(column: string, row: number, cell: unknown, expected: string): RegularsError {
  const message = `row ${row}, column \`${column}\`: \`${String(cell)}\` is not ${expected}`;
  return new RegularsError("invalid_argument", message, { row, column });
}
