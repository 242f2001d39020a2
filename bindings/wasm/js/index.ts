/**
 * Know your regulars: a shop's orders in, customer-retention metrics out, each with its definition, its sample and its
 * uncertainty, where the data are: nothing leaves the page.
 *
 * @packageDocumentation
 */
export { columnsOf } from "./columns.js";
export { ERROR_CODES, RegularsError, type ErrorCode } from "./errors.js";
export * from "./functions.js";
export {
  Audience,
  CohortTable,
  Cohorts,
  CustomerProfiles,
  EventLog,
  KaplanMeier,
  Migration,
  OrderHistory,
  Outlook,
  Rfm,
  SegmentOverview,
  SegmentRule,
  Segments,
  Window,
  type Progress,
} from "./history.js";
export { init, type ModuleSource } from "./module.js";
export { NO_DAY, Table, toJson, type Bits, type Column, type Days, type Minor, type Numbers, type Row, type Texts } from "./results.js";
export type * from "./types.js";
