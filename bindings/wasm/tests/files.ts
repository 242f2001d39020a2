import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parseExactly, type Found } from "./run.js";

/** The fixtures, from where the compiled tests stand. */
const folder = new URL("../../../../tests/fixtures/", import.meta.url);

/** The texts of the files of cases by name. */
export function read(): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "snapshots.json");
  return Object.fromEntries(names.sort().map((name) => [name.slice(0, -5), readFileSync(new URL(name, folder), "utf8")]));
}

/** The exact text that Rust gives for each case. */
export const snapshots: Record<string, string> = JSON.parse(readFileSync(new URL("snapshots.json", folder), "utf8"));

/** That every case gives what Rust gives: the same bytes, or the same value where a result has no text of its own. */
export function holdTo(found: Found[]): void {
  const failures: string[] = [];
  for (const { place, text, value, columns } of found) {
    const expected = snapshots[place];
    assert(expected !== undefined, `${place} has no snapshot`);
    if (text !== undefined) {
      // Columns and options are called here as this package calls them.
      if (text !== (expected.startsWith('{"error":') ? expected.replace(/column `\w+`|\b(date_format|decimal_comma|max_index|observed_until|history_starts|warm_up_days|other_currencies|repeated_ids)\b/g, camel) : expected)) failures.push(`${place}:\n  expected ${expected}\n  found    ${text}`);
      continue;
    }
    let parsed = parseExactly(expected);
    if (columns) parsed = Object.fromEntries(Object.entries(parsed).map(([name, cells]) => [camel(name), cells]));
    try {
      assert.deepStrictEqual(value, parsed);
    } catch (error) {
      failures.push(`${place}: ${(error as Error).message}`);
    }
  }
  assert.deepEqual(failures, [], failures.join("\n"));
  const places = new Set(found.map(({ place }) => place));
  assert.deepEqual(Object.keys(snapshots).filter((place) => !places.has(place)), [], "cases that did not run");
}

/** What `fill` has to have seen. */
export function holdToEnd({ rounds, freed }: Awaited<ReturnType<typeof import("./limited.js").fill>>): void {
  assert.equal(rounds.length, 4);
  for (const { full, stale, kept, same } of rounds) {
    assert.match(full, /^out_of_memory: .*build them again from fewer orders/);
    for (const said of stale) assert.match(said, /^freed: .*build the history again/);
    assert(kept && same);
  }
  assert.match(freed, /^freed: this was freed/);
}

export function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
