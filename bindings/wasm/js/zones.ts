/** A zone by its clock's transitions: from which second of Unix time on which offset holds, in seconds. */
export interface ZoneTable {
  name: string;
  transitions: [number, number][];
}

/** Orders lie in these years. */
const FIRST = Date.UTC(1900, 0, 1) / 1000;
const LAST = Date.UTC(2100, 0, 1) / 1000;

/** No zone changes its clock there and back within so many seconds: Ramadan is the shortest season. */
const STEP = 20 * 86_400;

const tables = new Map<string, ZoneTable | undefined>();

/**
 * The zone as the module takes it. The module has no zone database, since the host has one: its transitions are found by
 * asking `Intl`. A name that `Intl` does not know, or an offset, is left to the module.
 */
export function zoneTable(name: string): ZoneTable | undefined {
  if (!tables.has(name)) tables.set(name, find(name));
  return tables.get(name);
}

function find(name: string): ZoneTable | undefined {
  const offset = /^(UTC|utc|Z|[+-].*|)$/.test(name.trim()) ? undefined : offsets(name);
  if (offset === undefined) return undefined;
  const transitions: [number, number][] = [];
  let before = offset(FIRST);
  transitions.push([FIRST, before]);
  for (let from = FIRST; from < LAST; from += STEP) {
    const after = offset(from + STEP);
    if (after === before) continue;
    let [low, high] = [from, from + STEP];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle) === before) low = middle;
      else high = middle;
    }
    transitions.push([high, after]);
    before = after;
  }
  return { name, transitions };
}

/** Seconds east of UTC at a second of Unix time. */
function offsets(name: string): ((second: number) => number) | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
  // `Intl` takes names in any case, Rust and Python do not.
  const known = format.resolvedOptions().timeZone;
  if (known !== name && known.toLowerCase() === name.toLowerCase()) return undefined;
  return (second) => {
    // `5/17/2024, 09:30:00`
    const [month, day, year, hour, minute, rest] = format.format(second * 1000).match(/\d+/g)!.map(Number) as [
      number, number, number, number, number, number,
    ];
    return Date.UTC(year, month - 1, day, hour, minute, rest) / 1000 - second;
  };
}
