/** What the core says of segments: calls that the package does not spell yet. */

import type { Money, Rate } from "regulars";

export type SegmentName = "star" | "productive" | "question_mark" | "problem";
export interface SegmentCount {
  segment: SegmentName;
  share: Rate;
  value: Money;
  valueShare: number | null;
  immature: number;
}
export interface Assessment {
  customer: string;
  segment: SegmentName;
  value: Money;
  valueCut: Money;
  valueDays: number | null;
  outlook: number;
  outlookCut: number;
  horizonDays: number;
  purchases: number;
  silenceDays: number;
}
export interface Migration {
  before: string;
  after: string;
  rows: { from: string; customers: number; to: { to: string; share: Rate }[] }[];
}
export interface SegmentOverview {
  asOf: string;
  stage: { stage: string; weigh: string };
  segments: SegmentCount[];
  before: SegmentCount[] | null;
  migration: Migration | null;
  examples: Assessment[];
}
/** What is to be done for whom; as far as the page reads it. */
export interface Action {
  id: string;
  title: string;
  trigger: { stepsDays: number[] | null };
}
/** The customers that an action is for: one list per column, one entry per customer. */
export interface Audience {
  action: Action;
  asOf: string;
  currency: string;
  keys: string[];
  segment: SegmentName[];
  step: number[];
  dueOn: (string | null)[];
  valueMinor: number[];
  outlook: number[];
  purchases: number[];
  silenceDays: number[];
}
