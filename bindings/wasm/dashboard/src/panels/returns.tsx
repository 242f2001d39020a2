import type { Report } from "regulars";
import { Empty, Section, Stat } from "../parts";
import * as f from "../format";

/** What comes back, and whether those customers come back too. */
export function Returns({ report: { returns, summary } }: { report: Report }) {
  const { byOrders, byValue, byValueWithCreditNotes, boughtAgainAfterReturn: after, boughtAgainWithoutReturn: without } = returns;
  if (byOrders.numerator === 0 && returns.creditNotes === 0) {
    return (
      <Section id="returns" title="Returns and refunds">
        <Empty>No order in these books was paid back. If your shop does refund, the file has no column that says so.</Empty>
      </Section>
    );
  }
  const money = (value: number) => f.money(value, summary.currency, false);
  const value = returns.creditNotes > 0 ? byValueWithCreditNotes : byValue;
  // Credit notes that name no order may be of any: none refunded is then not known, not nought.
  const ofOrders = byOrders.numerator > 0;
  return (
    <Section
      id="returns"
      title="Returns and refunds"
      lead={
        <>
          {ofOrders && (
            <>
              <b>{f.percent(byOrders.value)}</b> of orders were paid back in whole or part, and{" "}
            </>
          )}
          <b>{f.percent(value.value)}</b> of what was paid{!ofOrders && " was paid back"}.
        </>
      }
    >
      <ul class="cards four" aria-label="Returns">
        {ofOrders ? (
          <Stat name="refunded_orders" title="Orders with a refund" of="returns" text={f.percent(byOrders.value)} rate={byOrders} />
        ) : (
          <Stat name="refunded_orders" title="Orders with a refund" of="returns" text={f.BLANK} sample="not known: no credit note names its order" />
        )}
        <Stat name="returns" title="Refunded value" text={f.percent(value.value)} sample={`${money(f.toNumber(value.numerator))} of ${money(f.toNumber(value.denominator))}`} />
        <Stat name="bought_again_after_return" text={f.percent(after.value)} rate={after} />
        <Stat name="bought_again_without_return" text={f.percent(without.value)} rate={without} />
      </ul>
      <p class="note">
        Over all of the books, whatever the period above.
        {returns.creditNotes > 0 && ` ${f.plural(returns.creditNotes, "credit note")} that name no order are in the value, not in the orders.`} Who buys often also sends back more often: the last two figures do not say that
        returns make customers loyal, or cost their loyalty.
      </p>
    </Section>
  );
}
