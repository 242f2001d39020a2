/// <reference lib="esnext.disposable" preserve="true" />
import { camel, RegularsError } from "./errors.js";
import { toText } from "./json.js";
import { attempt, owned, release } from "./module.js";

/** The exact text of plain results. */
const TEXTS = new WeakMap<object, string>();

/**
 * The JSON of a result as the core wrote it: the same bytes in Rust, Python and JavaScript. (`JSON.stringify` writes `1.0`
 * as `1`.) Undefined for what is no result, and for results that are a mere number, text or null.
 */
export function toJson(result: object): string | undefined {
  return result instanceof Table ? result.json : TEXTS.get(result);
}

/** A plain result. */
export function plain<T>(result: { json(): string; free(): void }): T {
  const text = attempt(() => result.json());
  result.free();
  const value = JSON.parse(text) as T;
  if (typeof value === "object" && value !== null) TEXTS.set(value, text);
  return value;
}

/** Whole numbers of money in minor units, exact. */
export type Minor = BigInt64Array;
/** Numbers; NaN is a missing one. */
export type Numbers = Float64Array | Uint32Array;
/** Days since 1970-01-01; {@link NO_DAY} is a missing one. */
export type Days = Int32Array;
/** What stands for a missing day. */
export const NO_DAY = -0x8000_0000;
/** 1 is yes, 0 is no. */
export type Bits = Uint8Array;
/** Texts; null is a missing one. */
export type Texts = (string | null)[];

/** A column of a table. */
export type Column = Minor | Numbers | Days | Bits | Texts;

/** A row of a table with such columns: dates as `2024-05-17`, money in minor units as a number, null for what is missing. */
export type Row<C> = {
  [K in keyof C]: C[K] extends Float64Array
    ? number | null
    : C[K] extends Uint32Array
      ? number
      : C[K] extends BigInt64Array
        ? number
        : C[K] extends Minor | Float64Array
        ? number | null
        : C[K] extends Int32Array
          ? string | null
          : C[K] extends Uint8Array
            ? boolean
            : string | null;
};

/** Where a table's content comes from: the module's memory, or a message of the worker. */
export interface TableSource {
  json(): string;
  columns(): RawColumn[];
  call?(name: string, args: string): TableSource;
  /** The result in the module's memory, where it is there. */
  outcome?: unknown;
  free(): void;
}

/** Name, kind, cells, lengths of texts, validity. */
export type RawColumn = [
  name: string,
  kind: "number" | "minor" | "boolean" | "date" | "text",
  cells: Exclude<Column, Texts> | string,
  lengths: Uint32Array | null,
  validity: Uint8Array | null,
];

/**
 * A result that is a table: `columns` are typed arrays and lists of text, `rows()` are objects, `data` is the whole result
 * as the core has it, with what does not fit into columns.
 *
 * It stands in the module's memory until it is no longer used, or `free()` is called, and is read when it is asked for.
 */
export class Table<Data, Columns> {
  readonly #source: TableSource;
  #json: string | undefined;
  #data: Data | undefined;
  #columns: Columns | undefined;

  /** @internal */
  constructor(source: TableSource) {
    this.#source = source;
  }

  /** The JSON of the whole result, the same bytes in every language. */
  get json(): string {
    return (this.#json ??= attempt(() => this.#source.json()));
  }

  /** The whole result as a plain object. */
  get data(): Data {
    return (this.#data ??= JSON.parse(this.json) as Data);
  }

  /** The columns. */
  get columns(): Columns {
    if (this.#columns === undefined) {
      const columns = attempt(() => this.#source.columns()).map((raw) => [camel(raw[0]), column(raw)]);
      this.#columns = Object.fromEntries(columns) as Columns;
    }
    return this.#columns;
  }

  /** The number of rows. */
  get length(): number {
    return Object.values(this.columns as Record<string, Column>)[0]?.length ?? 0;
  }

  /** The rows, each an object. */
  rows(): Row<Columns>[] {
    const columns = Object.entries(this.columns as Record<string, Column>);
    return Array.from({ length: this.length }, (_, row) => {
      return Object.fromEntries(columns.map(([name, cells]) => [name, cell(cells, row)])) as Row<Columns>;
    });
  }

  /** The rows one after the other. */
  [Symbol.iterator](): Iterator<Row<Columns>> {
    return this.rows()[Symbol.iterator]();
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    return { length: this.length, columns: this.columns };
  }

  /** What `JSON.stringify` takes. */
  toJSON(): Data {
    return this.data;
  }

  /** Gives the memory back at once. What was read already stays. */
  free(): void {
    this.#source.free();
  }

  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  /** A call on the result itself. */
  protected ask<T>(name: string, args: object = {}): T {
    return plain(this.further(name, args));
  }

  /** A call on the result itself that gives a table again. */
  protected further(name: string, args: object): TableSource {
    return attempt(() => {
      if (this.#source.call === undefined) {
        const call = camel(name);
        throw new RegularsError("invalid_argument", `\`${call}\` is asked on the way, before the result leaves its worker: \`await history.….${call}(…)\``);
      }
      return this.#source.call(name, toText(args));
    });
  }

  /**
   * The result in the module's memory.
   * @internal
   */
  get outcome(): unknown {
    return this.#source.outcome;
  }

  /**
   * What a worker sends.
   * @internal
   */
  detach(): { json: string; columns: RawColumn[] } {
    const sent = { json: this.json, columns: attempt(() => this.#source.columns()) };
    this.free();
    return sent;
  }
}

/** A result in the module's memory. */
interface Outcome {
  json(): string;
  columns(): unknown[] | undefined;
  call(name: string, args: string): Outcome;
  free(): void;
}

/** A table in the module's memory. */
export function inModule(outcome: Outcome): TableSource {
  owned(outcome);
  return {
    outcome,
    json: () => outcome.json(),
    columns: () => (outcome.columns() ?? []) as RawColumn[],
    call: (name, args) => inModule(outcome.call(name, args)),
    free: () => release(outcome),
  };
}

function column([, kind, cells, lengths, validity]: RawColumn): Column {
  if (kind !== "text") {
    if (validity && cells instanceof Float64Array) {
      for (let row = 0; row < validity.length; row++) if (validity[row] === 0) cells[row] = NaN;
    }
    return cells as Column;
  }
  let from = 0;
  return Array.from(lengths!, (length, row) => {
    const text = (cells as string).slice(from, (from += length));
    return validity?.[row] === 0 ? null : text;
  });
}

function cell(cells: Column, row: number): unknown {
  const value = cells[row];
  if (cells instanceof Int32Array) {
    if (value === NO_DAY) return null;
    return new Date((value as number) * 86_400_000).toISOString().slice(0, 10);
  }
  if (cells instanceof Uint8Array) return value === 1;
  if (typeof value === "bigint") return Number(value);
  return Number.isNaN(value) ? null : value;
}
