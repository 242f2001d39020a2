/** Every code that an error can have. */
export const ERROR_CODES = [
  // Of orders, options and figures.
  "unknown_currency", "mixed_currencies", "too_many_decimals", "invalid_amount", "amount_too_fine", "amount_out_of_range",
  "negative_amount", "sum_out_of_range", "invalid_date", "date_out_of_range", "unknown_zone", "invalid_period", "empty_period",
  "too_many_periods", "invalid_grain", "invalid_cohort_grain", "unknown_cohort_reading", "unknown_cohort_measure",
  "undefined_cohort_table", "too_many_cohort_cells", "invalid_rfm_bins", "invalid_rfm_breaks", "invalid_rfm_grid",
  "invalid_level", "invalid_rate", "invalid_argument", "invalid_tenure", "unknown_status", "unknown_policy",
  "unknown_event_kind", "unknown_segment", "unknown_action", "not_yet_observed", "nothing_observed", "history_starts_late",
  "no_costs", "missing_value", "unequal_columns", "invalid_dictionary_code", "no_orders", "too_many_orders", "too_many_events", "duplicate_order", "duplicate_customer",
  "options_differ",
  // Of a file.
  "io", "empty_file", "not_csv", "utf16", "not_utf8", "missing_columns", "missing_customer", "incomplete_export",
  "unknown_column", "ambiguous_column", "woocommerce_analytics", "unequal_fields", "unclosed_quote", "record_too_long",
  "orphan_line", "missing_currency", "invalid_date_format",
  // Of arguments.
  "unknown_call", "missing_argument", "unknown_argument", "invalid_option",
  // Of this package: what was freed, no call of `init`, a module or a worker that does not run, the end of memory, a mistake.
  "freed", "not_initialised", "not_loaded", "worker_failed", "out_of_memory", "internal",
] as const;

/** A code of an error, one of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * What went wrong, as data: a stable `code`, which is the same in Rust and Python, one sentence for people, and the place
 * where that is known.
 */
export class RegularsError extends Error {
  override readonly name = "RegularsError";
  /** A stable name of the kind of error, such as `unknown_currency`. */
  readonly code: ErrorCode;
  /** The row of the columns, counted from 0, over all chunks. */
  readonly row: number | undefined;
  /** The line of the file, counted from 1, on which the record begins. */
  readonly line: number | undefined;
  /** The column, by its name in `OrderTable` or in the header of the file. */
  readonly column: string | undefined;

  constructor(code: ErrorCode, message: string, place: { row?: number; line?: number; column?: string; cause?: unknown } = {}) {
    super(message, "cause" in place ? { cause: place.cause } : undefined);
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
      code: ErrorCode | "panic";
      message: string;
      row?: number;
      line?: number;
      column?: string;
    };
    if (code === "panic") return /^capacity overflow/.test(message) ? new RegularsError("out_of_memory", OUT_OF_MEMORY) : internal(message);
    // Columns of `OrderTable` have names in camel case; those of a file are the file's own.
    const named = row === undefined ? column : column && camel(column);
    return new RegularsError(code, spelled(code, message, row === undefined ? undefined : column), {
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

/** Options that messages name as they are called in Rust. */
const OPTIONS = /\b(date_format|decimal_comma|max_index|observed_until|history_starts|warm_up_days|other_currencies|repeated_ids)\b/g;

/** Errors whose messages have options between backticks. Those of others have there what is the user's own: names of columns, and cells. */
const QUOTING: readonly ErrorCode[] = ["mixed_currencies", "nothing_observed", "options_differ"];

/** A message with the names of options, and of the column of `OrderTable` that it is about, as they are called here. */
function spelled(code: ErrorCode, message: string, column: string | undefined): string {
  const spell = (part: string, at: number) => (at % 2 === 0 || QUOTING.includes(code) ? part.replace(OPTIONS, camel) : part);
  const options = message.split("`").map(spell).join("`");
  return column === undefined ? options : options.replace(`\`${column}\``, `\`${camel(column)}\``);
}

/** `first_revenue_minor` as `firstRevenueMinor`. */
export function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
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
