/** What a page and its worker send each other. */
import type { ErrorCode } from "./errors.js";
import type { EventLog } from "./history.js";
import type { RawColumn } from "./results.js";
import type * as t from "./types.js";

/** An argument: a value, or what is in the worker, by its number; with a path, a result on its way. */
export type Argument = { value: unknown } | { kept: number; path?: Path };

/**
 * Calls one after the other, by their names; without arguments it is a property. With `of` it is a call of that rule, or of a class
 * itself, and what stands before is its first argument.
 */
export type Path = { name: string; args?: Argument[]; of?: Owner }[];

/** Whose call it is, where it is not one of what stands before. */
export type Owner = t.SegmentRuleData | "SegmentRule" | "Migration";

/** What the page sends. A history or a log has the number of the request that made it. */
export type ToWorker =
  | { id: number; open: Opened; args: unknown[] }
  | { id: number; kept: number; path: Path }
  | { free: number };

/** How a history or a log is brought into a worker. */
export type Opened = "fromColumns" | "fromCsv" | "fromFile" | "events";

/** What the worker sends. */
export type FromWorker =
  | { id: number; progress: [bytes: number, total: number] }
  | { id: number; error: { code: ErrorCode; message: string; row?: number; line?: number; column?: string } | string }
  | { id: number; history: t.ImportReport | undefined }
  | { id: number; events: LogFacts }
  | { id: number; result: unknown }
  | { id: number; json: string }
  | { id: number; table: { kind: string; json: string; columns: RawColumn[] } };

/** What a log of events holds. */
export type LogFacts = Pick<EventLog, "length" | "unidentified" | "unknownKinds">;
