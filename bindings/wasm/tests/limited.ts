/** The module with less memory than it asks for, so that its end comes soon. */

/** The bytes of a module whose memory grows to so many MiB at most. */
export function limited(module: Uint8Array, mebibytes: number): Uint8Array<ArrayBuffer> {
  let at = 8;
  const number = (): number => {
    for (let [value, shift] = [0, 0]; ; shift += 7) {
      const byte = module[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
  while (at < module.length) {
    const start = at;
    const section = module[at++]!;
    const length = number();
    const end = at + length;
    if (section === 5) {
      const [count, flags, least] = [number(), number(), number()];
      if (count !== 1 || flags !== 0) throw new Error(`${count} memories, flags ${flags}`);
      const content = [1, 1, ...leb(least), ...leb(mebibytes * 16)];
      return Uint8Array.from([...module.subarray(0, start), 5, ...leb(content.length), ...content, ...module.subarray(end)]);
    }
    at = end;
  }
  throw new Error("a module without memory");
}

/** A file of so many orders, each of another customer. */
export function customers(orders: number): string {
  const lines = ["customer,date,amount,currency"];
  for (let at = 0; at < orders; at++) lines.push(`customer-with-a-long-name-${at},2024-05-${10 + (at % 20)},3.00,EUR`);
  return lines.join("\n");
}

/** What happens when the module of `regulars`, limited to a few MiB, is given more than it can hold, again and again. */
export async function fill(regulars: typeof import("regulars"), module: Uint8Array) {
  const { init, OrderHistory, RegularsError, toJson } = regulars;
  await init(limited(module, 12));
  const report = () => toJson(OrderHistory.fromCsv(customers(100)).report());
  const said = (work: () => unknown): string => {
    try {
      return `gave ${String(work())}`;
    } catch (error) {
      return error instanceof RegularsError ? `${error.code}: ${error.message}` : `not ours: ${String(error)}`;
    }
  };
  const before = report();
  const large = customers(300_000);
  const cells = Array.from({ length: 300_000 }, (_, at) => at);
  const columns = {
    customer: cells.map((at) => `customer-with-a-long-name-${at}`), placedAt: cells.map(() => "2024-05-17"), amount: cells.map(() => 3),
  };
  const rounds = [];
  // More than once: what the first one took has to be given back.
  for (const grow of [() => OrderHistory.fromCsv(large), () => OrderHistory.fromColumns(columns, { currency: "EUR" })]) {
    for (let round = 0; round < 2; round++) {
      const history = OrderHistory.fromCsv(customers(10));
      const [read, unread] = [history.timeline("month"), history.rfm()];
      const rows = JSON.stringify(read.rows());
      const full = said(grow);
      const stale = [said(() => history.summary()), said(() => unread.rows()), said(() => OrderHistory.fromCsv(customers(3)).merge(history))];
      // A new one where the old one stood, which freeing the old one must not touch.
      const next = OrderHistory.fromCsv(customers(10));
      const text = toJson(next.report());
      for (const lost of [history, read, unread]) lost.free();
      rounds.push({ full, stale, kept: JSON.stringify(read.rows()) === rows, same: toJson(next.report()) === text && report() === before });
    }
  }
  const freed = OrderHistory.fromCsv(customers(3));
  freed.free();
  freed.free();
  return { rounds, freed: said(() => freed.summary()) };
}
