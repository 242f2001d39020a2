/**
 * What went wrong, as data: a stable `code`, which is the same in Rust and Python, one sentence for people, and the place
 * where that is known.
 */
export class RegularsError extends Error {
  override readonly name = "RegularsError";
  /** A stable name of the kind of error, such as `unknown_currency`. */
  readonly code: string;
  /** The row of the columns, counted from 0. */
  readonly row: number | undefined;
  /** The line of the file, counted from 1, on which the record begins. */
  readonly line: number | undefined;
  /** The column, by its name in `OrderTable` or in the header of the file. */
  readonly column: string | undefined;

  constructor(code: string, message: string, place: { row?: number; line?: number; column?: string } = {}) {
    super(message);
    this.code = code;
    this.row = place.row;
    this.line = place.line;
    this.column = place.column;
  }
}

/** The error behind what the module has thrown: text, where it is one of its own. */
export function asError(thrown: unknown): unknown {
  if (typeof thrown === "string") {
    const { code, message, row, line, column } = JSON.parse(thrown) as {
      code: string;
      message: string;
      row?: number;
      line?: number;
      column?: string;
    };
    // Columns of `OrderTable` have names in camel case; those of a file are the file's own.
    const named = row === undefined ? column : column?.replace(/_(\w)/g, (_, c: string) => c.toUpperCase());
    return new RegularsError(code, message, {
      ...(row !== undefined && { row }),
      ...(line !== undefined && { line }),
      ...(named !== undefined && { column: named }),
    });
  }
  if (thrown instanceof WebAssembly.RuntimeError) {
    return new RegularsError(
      "out_of_memory",
      `the module broke off (${thrown.message}), most often for want of memory: free histories that are no longer needed, or work on fewer orders`,
    );
  }
  return thrown;
}

/** Runs something that calls the module. */
export function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw asError(thrown);
  }
}
