/** A file's figures in Node: `node node.js orders_export.csv Europe/Berlin`, and for a file that does not name it, the currency behind. */
import { readFileSync } from "node:fs";
import { OrderHistory, RegularsError } from "regulars";

const [path, zone, currency] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: node node.js FILE [ZONE [CURRENCY]]");
try {
  const history = OrderHistory.fromCsv(readFileSync(path), { zone, currency });
  for (const { sentence } of history.import?.notes ?? []) console.log(sentence);
  const { customers, orders, revenue } = history.summary();
  console.log(`${customers} customers, ${orders} orders, ${revenue.amount} ${revenue.currency}`);
  console.table(history.timeline("quarter").rows().map(({ start, customers, repeatCustomerRate }) => ({ start, customers, repeatCustomerRate })));
  console.table(history.rfm().data.segments.map(({ name, share }) => ({ name, customers: share.numerator })));
} catch (error) {
  if (!(error instanceof RegularsError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
