/** The texts of the definitions stand in the types too, where an editor shows them. `UPDATE_SNAPSHOTS=1` writes them there. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { definitions } from "regulars";

/** The interfaces whose properties are figures, and what stands before their names among the definitions. */
const FIGURES: Record<string, string[]> = {
  Summary: ["summary."],
  Buying: [""],
  TimelineColumns: [""],
  CustomerFlow: ["customer_flow.", ""],
  FlowTimelineColumns: ["customer_flow.", ""],
  RevenueMovements: ["revenue_movements.", ""],
  MovementTimelineColumns: ["revenue_movements.", ""],
  TimeBetweenPurchases: ["time_between_purchases.", ""],
  TimeToSecondPurchase: ["time_to_second_purchase.", "timing."],
  CohortCell: [""],
  CohortColumns: ["cohorts.", ""],
  RfmColumns: [""],
  Concentration: ["concentration.", ""],
  Returns: [""],
  HistoricValue: [""],
  Acquisition: [""],
  Referrals: [""],
  Engagement: [""],
};
/** Names of many things. Their definitions are those of the figures of a period, and of no other interface. */
const OF_A_PERIOD = ["customers", "newCustomers", "purchases", "orders", "revenue"];

test("properties that are figures have the texts of their definitions", () => {
  const file = new URL("../../js/types.ts", import.meta.url);
  const source = readFileSync(file, "utf8");
  const texts = new Map(definitions().map(({ name, title, formula }) => [name, `/** ${title}: ${formula}. */`]));
  const lines: string[] = [];
  let [within, found] = ["", 0];
  for (const line of source.split("\n")) {
    within = /^export interface (\w+)/.exec(line)?.[1] ?? within;
    const [, indent, property] = /^( +)(\w+)\??: /.exec(line) ?? [];
    const name = property?.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const general = OF_A_PERIOD.includes(property!) && !["Buying", "TimelineColumns"].includes(within);
    const text = FIGURES[within]?.filter((prefix) => prefix !== "" || !general).map((prefix) => texts.get(`${prefix}${name}`)).find((text) => text !== undefined);
    const above = /^ +(\/\*\* .* \*\/|\*\/)$/.exec(lines.at(-1)!)?.[1];
    // What is said there of a property in other words holds too.
    if (text !== undefined && (above === undefined || above.startsWith(text.slice(0, text.indexOf(":") + 1)))) {
      if (above !== undefined) lines.pop();
      lines.push(`${indent}${text}`);
      found++;
    }
    lines.push(line);
  }
  assert(found > 70, `${found} properties`);
  if (process.env["UPDATE_SNAPSHOTS"]) writeFileSync(file, lines.join("\n"));
  else assert.equal(source, lines.join("\n"), "run the tests with UPDATE_SNAPSHOTS=1");
});
