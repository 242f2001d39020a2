/** Segments that no case names, since they take more than one history or leave the module. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Migration, OrderHistory, SegmentRule } from "regulars";

/** Customers who buy every so many days, until a day. */
function shop(): OrderHistory {
  const placedAt: string[] = [];
  const customer: string[] = [];
  const amount: number[] = [];
  for (let who = 0; who < 40; who++) {
    for (let day = who; day < 360 - (who % 4) * 60; day += 20 + (who % 7) * 5) {
      placedAt.push(new Date(Date.UTC(2024, 0, 1) + day * 86_400_000).toISOString().slice(0, 10));
      customer.push(`c${who}`);
      amount.push(10 + (who % 9) * 5);
    }
  }
  return OrderHistory.fromColumns({ placedAt, customer, amount }, { currency: "EUR", observedUntil: "2025-01-01" });
}

test("a rule is kept and applied another day", () => {
  const history = shop();
  const rule = SegmentRule.fit(history, { hysteresis: 0.1 });
  const kept = SegmentRule.from(JSON.stringify(rule));
  const segments = kept.classify(history);
  assert.equal(segments.json, rule.classify(history).json);
  assert.equal(history.segments(kept.data).json, segments.json);
  assert.equal(segments.length, 40);
  assert.equal(segments.counts().reduce((sum, { share }) => sum + share.numerator, 0), 40);

  const earlier = kept.classify(history.observeUntil("2024-10-01"));
  const moved = Migration.between(earlier, kept.classifyAfter(history, earlier));
  assert.equal(moved.rows().reduce((sum, { customers }) => sum + customers!, 0), 40);
  assert.equal(moved.unchanged().numerator, moved.data.rows.reduce((sum, { from }) => sum + (moved.count(from, from as "star") ?? 0), 0));

  // On a page, by the same cuts, with who moved: as a result of its own.
  const overview = kept.overview(history, "2024-10-01");
  assert.equal(history.segmentOverview("2024-10-01", kept.data).json, overview.json);
  assert.deepEqual(overview.data.segments, segments.counts());
  assert.deepEqual(overview.rows().map(({ customersBefore }) => customersBefore), earlier.counts().map(({ share }) => share.numerator));
  const migration = overview.migration()!;
  assert.equal(migration.json, Migration.between(earlier, segments).json);
  assert.equal(migration.count("star", "star"), migration.data.rows[0]!.to[0]!.share.numerator);
  assert.equal(migration.count("stars" as "star", "star"), null);
  assert.equal(kept.overview(history, "2020-01-01").migration(), null);

  const star = segments.rows().find(({ segment }) => segment === "star")!;
  assert.match(segments.explain(star.customer!)!.sentence, /^Star: /);
  const audience = segments.audience("win_back");
  assert.equal(Object.keys(audience.why()).length, audience.length);
  for (const { dueOn } of audience.rows()) assert(dueOn === null || /^20\d\d-\d\d-\d\d$/.test(dueOn), String(dueOn));
  // Without a most, by either word for it.
  const own = (most: number | null) => segments.audience({ id: "own", title: "Own", measure: "returned", trigger: { purchases: [3, most] } });
  assert(own(4294967295).length > 0 && own(4294967295).length > own(3).length);
  for (const none of [null, Infinity]) assert.equal(own(none).json, own(4294967295).json);
  assert(kept.backtest(history, "2024-10-01", { resamples: 20 }).data.scores.some(({ score }) => score === "rule"));
  assert.match(history.reportText(), /customers/);
});
