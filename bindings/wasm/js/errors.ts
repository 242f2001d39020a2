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
    if (code === "panic") return /^capacity overflow/.test(message) ? new RegularsError("out_of_memory", OUT_OF_MEMORY) : internal(message);
    // Columns of `OrderTable` have names in camel case; those of a file are the file's own.
    const named = row === undefined ? column : column?.replace(/_(\w)/g, (_, c: string) => c.toUpperCase());
    return new RegularsError(code, message, {
      ...(row !== undefined && { row }),
      ...(line !== undefined && { line }),
      ...(named !== undefined && { column: named }),
    });
  }
  if (thrown instanceof WebAssembly.RuntimeError) {
    // A panic comes as a text: what runs into `unreachable` without one has asked for memory in vain.
    return /unreachable/i.test(thrown.message) ? new RegularsError("out_of_memory", OUT_OF_MEMORY) : internal(thrown.message);
  }
  if (thrown instanceof RangeError && /memory|allocat/i.test(thrown.message)) {
    return new RegularsError("out_of_memory", OUT_OF_MEMORY);
  }
  // Of wasm-bindgen.
  if (thrown instanceof Error && /^null pointer passed to rust/.test(thrown.message)) {
    return new RegularsError("freed", "this was freed, and is of no more use");
  }
  if (thrown instanceof Error && /^Invalid stale object/.test(thrown.message)) {
    return new RegularsError("freed", "this was lost when the module broke off, and is of no more use: build the history again");
  }
  return thrown;
}

/** Whether the module broke off, and cannot be trusted to go on. */
export function brokeOff(error: unknown): boolean {
  return error instanceof RegularsError && (error.code === "out_of_memory" || error.code === "internal");
}

const OUT_OF_MEMORY =
  "there is no more memory, and all histories in this module were lost: build them again from fewer orders, or read files in a worker (`regulars/worker`), piece by piece";

function internal(message: string): RegularsError {
  return new RegularsError(
    "internal",
    `a mistake of this package (${message}); all histories in this module were lost: build them again, and please report what you did`,
  );
}
