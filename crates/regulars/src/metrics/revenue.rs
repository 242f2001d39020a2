//! What customers spend in a period beside what they spent in the one before: new, expansion, contraction, churned and
//! reactivated revenue.

use serde::Serialize;

use super::repurchase::previous_of;
use crate::calendar::{Day, Grain, Period, PeriodIndex, boundary_day};
use crate::error::Result;
use crate::measure::Ratio;
use crate::metrics::Window;
use crate::money::Money;
use crate::orders::{Block, Counter, OrderHistory, Shopper};
use crate::table::{Column, Columns};

/// How customers' revenue of one period became that of the next, equally long one.
///
/// Revenue of a customer is the net amount of the orders placed in the period, less credit notes dated in it; a refund
/// belongs to its order. Orders of nobody have no customer and are left out.
///
/// `before + new + reactivated + expansion − contraction − churned = now`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RevenueMovements {
    /// The period.
    pub period: Period,
    /// The one before it, [`Period::before`].
    pub previous: Period,
    /// Whether observation lasted to the period's end. Before that, revenue yet to come is missing in `now` and counts as
    /// lost.
    pub complete: bool,
    /// Whether the books reach back to the start of the previous period.
    pub reaches_back: bool,
    /// Revenue of the previous period.
    pub before: Money,
    /// Revenue of the period.
    pub now: Money,
    /// `now` − `before`.
    pub change: Money,
    /// Of customers whose first purchase ever lies in the period and who were not worth anything before it.
    pub new: Money,
    /// What customers with revenue in both periods spend more.
    pub expansion: Money,
    /// What customers with revenue in both periods spend less, as a positive amount.
    pub contraction: Money,
    /// What customers with revenue before and none now spend less, as a positive amount. It exceeds what they spent where
    /// more goes back to them now than they pay.
    pub churned: Money,
    /// Of all other customers without revenue in the previous period: they had bought earlier, or are first seen in the warm-up
    /// ([`history_starts`](crate::HistoryOptions::history_starts)) and may have. Credit notes to customers with revenue in
    /// neither period are in it, so it may be negative.
    pub reactivated: Money,
    /// Σ min(now, before) ÷ Σ before, over the customers with revenue above 0 before. At most 1; negative only where more
    /// goes back to them than they pay. This base, the denominator of the three rates, is more than `before` where others
    /// had got back more than they paid.
    pub gross_revenue_retention: Ratio<Money>,
    /// Σ now ÷ Σ before, over the same customers. Above 1 where those who stay spend more than those who leave took away.
    pub net_revenue_retention: Ratio<Money>,
    /// (`churned` + `contraction`) ÷ Σ before = 1 − `gross_revenue_retention`.
    pub revenue_churn_rate: Ratio<Money>,
    /// (`new` + `expansion` + `reactivated`) ÷ (`churned` + `contraction`).
    pub quick_ratio: Ratio<Money>,
}

/// The movements of revenue, period by period, each beside the one before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MovementTimeline {
    /// The size of the periods.
    pub grain: Grain,
    /// The periods, which follow each other without a gap.
    pub periods: Vec<RevenueMovements>,
}

impl Columns for MovementTimeline {
    fn rows(&self) -> usize {
        self.periods.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.periods.iter();
        let money = |name, of: fn(&RevenueMovements) -> Money| Column::money(name, all().map(of));
        let value = |name, of: fn(&RevenueMovements) -> Ratio<Money>| {
            Column::f64(name, all().map(move |p| of(p).value))
        };
        vec![
            Column::date("start", all().map(|p| p.period.start())),
            Column::date("end", all().map(|p| p.period.end())),
            Column::bool("complete", all().map(|p| p.complete)),
            Column::bool("reaches_back", all().map(|p| p.reaches_back)),
            money("before", |p| p.before),
            money("now", |p| p.now),
            money("change", |p| p.change),
            money("new", |p| p.new),
            money("expansion", |p| p.expansion),
            money("contraction", |p| p.contraction),
            money("churned", |p| p.churned),
            money("reactivated", |p| p.reactivated),
            value("gross_revenue_retention", |p| p.gross_revenue_retention),
            value("net_revenue_retention", |p| p.net_revenue_retention),
            value("revenue_churn_rate", |p| p.revenue_churn_rate),
            value("quick_ratio", |p| p.quick_ratio),
        ]
    }
}

impl Window<'_> {
    /// How customers' revenue of the equally long period before became that of this one.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`](crate::Error::DateOutOfRange) where the period before would leave the years 1 to 9999.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let order = |who: &str, m, euros: i64| {
    /// #     let date = NaiveDate::from_ymd_opt(2024, m, 10).unwrap();
    /// #     Order::new(date, Money::from_minor(100 * euros, Currency::EUR)).customer(who)
    /// # };
    /// // 100 in January: ann 50, bob 40, cid 10. In February ann spends 60, bob 30, cid nothing, and dee 25.
    /// # let orders = [
    /// #     order("ann", 1, 50), order("bob", 1, 40), order("cid", 1, 10),
    /// #     order("ann", 2, 60), order("bob", 2, 30), order("dee", 2, 25),
    /// # ];
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::EUR))?;
    /// let movements = history.during("2024-02")?.revenue_movements()?;
    /// assert_eq!(movements.new.to_string(), "25.00 EUR");
    /// assert_eq!(movements.gross_revenue_retention.value, Some(0.8));
    /// assert_eq!(movements.net_revenue_retention.value, Some(0.9));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn revenue_movements(&self) -> Result<RevenueMovements> {
        let (history, period) = (self.history(), self.period());
        let previous = previous_of(period)?;
        let periods = [previous, period];
        let plan = MovementPlan::new(history, &periods);
        Ok(plan.finish(&history.ledger().count(|| plan.counter())).remove(0))
    }
}

impl OrderHistory {
    /// The movements of revenue for every period of a grain, each beside the one before, from that of the first order to
    /// that in which observation ends, in one scan. The last one may be incomplete, and is flagged then.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`](crate::Error::DateOutOfRange) where a period would leave the years 1 to 9999.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, Grain, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |m| NaiveDate::from_ymd_opt(2024, m, 7).unwrap();
    /// # let orders = [1, 2].map(|m| Order::new(day(m), Money::from_minor(1000, Currency::USD)).customer("ann"));
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// // Ann spends 10 in January and in February.
    /// let months = history.movement_timeline(Grain::Month)?.periods;
    /// assert_eq!(months[0].new.to_string(), "10.00 USD");
    /// assert_eq!(months[1].net_revenue_retention.value, Some(1.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn movement_timeline(&self, grain: Grain) -> Result<MovementTimeline> {
        let mut periods = grain.periods(self.span())?;
        if let Some(&first) = periods.first() {
            periods.insert(0, previous_of(first)?);
        }
        let plan = MovementPlan::new(self, &periods);
        let movements = plan.finish(&self.ledger().count(|| plan.counter()));
        Ok(MovementTimeline { grain, periods: movements })
    }
}

/// What became of a customer's revenue. Losses and expansion are those of customers with revenue before, so that they are
/// what gross and net retention lack or add; whatever else changes is new or reactivated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Movement {
    New,
    Reactivated,
    Expansion,
    Contraction,
    Churned,
}

impl Movement {
    /// Whether revenue has become less, was there before, is there now, and the customer is new.
    const fn of(answers: [bool; 4]) -> Movement {
        match answers {
            [_, false, _, true] => Movement::New,
            [_, false, _, false] => Movement::Reactivated,
            [_, true, false, _] => Movement::Churned,
            [true, true, true, _] => Movement::Contraction,
            [false, true, true, _] => Movement::Expansion,
        }
    }
}

/// What a pass sums up of a period. No sum overflows: a customer's revenue of two periods is part of a history's amounts,
/// which sum to less than 2⁶³ without their signs.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// Of the customers with entries in the period, by how much revenue differs from that of the period before, by the
    /// answers that [`Movement::of`] takes: in a pass they are a number, to be no branch.
    changes: [i64; 16],
    /// Revenue of the customers without entries in the next period, by whether theirs is positive.
    left: [i64; 2],
    /// Revenue of the customers with revenue alone.
    positive: i64,
}

/// The same, as it is shown.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    revenue: i64,
    positive: i64,
    /// By how much revenue differs from that of the period before, by [`Movement`].
    changes: [i64; 5],
}

impl Totals {
    /// Of the period after another, which the customers with this revenue left.
    fn after(before: &Totals, left: [i64; 2], sums: &Sums) -> Totals {
        let mut changes = [0; 5];
        let mut add = |answers, change| {
            if let Some(sum) = changes.get_mut(Movement::of(answers) as usize) {
                *sum += change;
            }
        };
        for (code, &change) in sums.changes.iter().enumerate() {
            add([8, 4, 2, 1].map(|bit| code & bit != 0), change);
        }
        let [negative, positive] = left;
        add([false, false, false, false], -negative);
        add([true, true, false, false], -positive);
        let change: i64 = changes.iter().sum();
        Totals { revenue: before.revenue + change, positive: sums.positive, changes }
    }

    fn change(&self, movement: Movement) -> i64 {
        self.changes.get(movement as usize).copied().unwrap_or_default()
    }
}

/// What is asked of a pass: the movements from each of several consecutive periods to the next.
#[derive(Debug)]
pub(crate) struct MovementPlan<'a> {
    history: &'a OrderHistory,
    periods: &'a [Period],
    index: PeriodIndex,
    new_from: Day,
}

impl<'a> MovementPlan<'a> {
    pub(crate) fn new(history: &'a OrderHistory, periods: &'a [Period]) -> MovementPlan<'a> {
        MovementPlan {
            history,
            periods,
            index: PeriodIndex::of(periods, history.days()),
            new_from: history.new_customers_from(),
        }
    }

    pub(crate) fn counter(&self) -> MovementCounter<'_> {
        MovementCounter { plan: self, sums: vec![Sums::default(); self.index.len()] }
    }

    /// Each period but the first beside the one before it.
    pub(crate) fn finish(&self, counter: &MovementCounter<'_>) -> Vec<RevenueMovements> {
        let (mut before, mut left) = (Totals::default(), [0; 2]);
        let totals = counter.sums.iter().map(|sums| {
            before = Totals::after(&before, left, sums);
            left = sums.left;
            before
        });
        // Days before the first period have the number 0.
        let totals: Vec<Totals> = totals.skip(1).collect();
        let pairs = self.periods.iter().zip(self.periods.iter().skip(1));
        pairs
            .zip(totals.iter().zip(totals.iter().skip(1)))
            .map(|((&previous, &period), (before, now))| {
                RevenueMovements::new(self.history, previous, period, before, now)
            })
            .collect()
    }
}

#[derive(Debug)]
pub(crate) struct MovementCounter<'a> {
    plan: &'a MovementPlan<'a>,
    sums: Vec<Sums>,
}

impl Counter for MovementCounter<'_> {
    fn look(&mut self, block: &Block) {
        block.for_each_crowd(|shopper| self.follow(shopper));
    }

    fn merge(&mut self, other: Self) {
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            sum.changes.iter_mut().zip(more.changes).for_each(|(sum, more)| *sum += more);
            sum.left.iter_mut().zip(more.left).for_each(|(sum, more)| *sum += more);
            sum.positive += more.positive;
        }
    }
}

/// A customer's revenue of one period.
#[derive(Debug, Clone, Copy)]
struct Spent {
    number: usize,
    net: i64,
}

impl MovementCounter<'_> {
    /// Every entry may be the first of a new period: that it is multiplies what is summed by 1 or 0 and is no branch, which
    /// the processor could not foresee.
    #[inline]
    fn follow(&mut self, shopper: Shopper<'_>) {
        let index = &self.plan.index;
        let first = shopper.first_purchase().filter(|&day| day >= self.plan.new_from);
        let new = first.map_or(usize::MAX, |day| index.number(day));
        let Some((entry, rest)) = shopper.entries.split_first() else { return };
        let mut before = Spent { number: usize::MAX - 1, net: 0 };
        let mut spent = Spent { number: index.number(entry.day), net: entry.net };
        for entry in rest {
            let number = self.plan.index.number(entry.day);
            self.compare(before, spent, number, new);
            let over = number != spent.number;
            before = if over { spent } else { before };
            spent = Spent { number, net: if over { 0 } else { spent.net } + entry.net };
        }
        self.compare(before, spent, usize::MAX, new);
    }

    /// A period in which a customer has entries beside the one before it. The next entry lies in the period `next`, which may
    /// be the same: then nothing counts yet.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "there are sums for every number of a period, four answers make 16, and one makes 2"
    )]
    fn compare(&mut self, before: Spent, spent: Spent, next: usize, new: usize) {
        let earlier = if before.number + 1 == spent.number { before.net } else { 0 };
        let change = spent.net - earlier;
        let answers = [change < 0, earlier > 0, spent.net > 0, spent.number == new];
        let code = answers.iter().fold(0, |code, &answer| code << 1 | usize::from(answer));
        let sums = &mut self.sums[spent.number];
        let over = i64::from(next > spent.number);
        sums.changes[code] += over * change;
        sums.positive += over * spent.net.max(0);
        sums.left[usize::from(spent.net > 0)] += i64::from(next > spent.number + 1) * spent.net;
    }
}

impl RevenueMovements {
    fn new(
        history: &OrderHistory,
        previous: Period,
        period: Period,
        before: &Totals,
        now: &Totals,
    ) -> RevenueMovements {
        let money = |minor| Money::from_minor(minor, history.options().currency);
        let ratio = |part, whole| Ratio::new(money(part), money(whole));
        let base = before.positive;
        let [new, reactivated, expansion] =
            [Movement::New, Movement::Reactivated, Movement::Expansion].map(|movement| now.change(movement));
        let [contraction, churned] =
            [Movement::Contraction, Movement::Churned].map(|movement| -now.change(movement));
        let lost = churned + contraction;
        RevenueMovements {
            period,
            previous,
            complete: period.end() <= history.observed_until(),
            reaches_back: history.books_reach(boundary_day(previous.start())),
            before: money(before.revenue),
            now: money(now.revenue),
            change: money(now.revenue - before.revenue),
            new: money(new),
            expansion: money(expansion),
            contraction: money(contraction),
            churned: money(churned),
            reactivated: money(reactivated),
            gross_revenue_retention: ratio(base - lost, base),
            net_revenue_retention: ratio(base + expansion - lost, base),
            revenue_churn_rate: ratio(lost, base),
            quick_ratio: ratio(new + expansion + reactivated, lost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, HistoryOptions, Order};
    use chrono::NaiveDate;

    /// What customers pay, in units of minor money, on days of 2024.
    fn shop(orders: &[(&str, &str, i64)], set: impl Fn(&mut HistoryOptions)) -> OrderHistory {
        let mut options = HistoryOptions::new(Currency::EUR);
        options.observed_until = NaiveDate::from_ymd_opt(2024, 6, 1);
        set(&mut options);
        let orders = orders.iter().map(|(who, day, minor)| {
            let date: NaiveDate = format!("2024-{day}").parse().unwrap();
            let order = Order::new(date, Money::from_minor(*minor, Currency::EUR));
            if who.is_empty() { order } else { order.customer(who) }
        });
        OrderHistory::from_orders(orders, options).unwrap()
    }

    fn february(orders: &[(&str, &str, i64)]) -> RevenueMovements {
        shop(orders, |_| {}).during("2024-02").unwrap().revenue_movements().unwrap()
    }

    /// New, expansion, contraction, churned, reactivated.
    fn parts(m: &RevenueMovements) -> [i64; 5] {
        let sum = m.new.minor() + m.expansion.minor() + m.reactivated.minor()
            - m.contraction.minor()
            - m.churned.minor();
        assert_eq!((sum, m.now.minor() - m.before.minor()), (m.change.minor(), m.change.minor()));
        [m.new, m.expansion, m.contraction, m.churned, m.reactivated].map(|money| money.minor())
    }

    /// Of 100: churned 10, contraction 10, expansion 10. Gross, 80 of 100 are left; net, 90.
    #[test]
    fn a_hundred_of_which_ten_churn_ten_contract_and_ten_expand() {
        let m = february(&[
            ("stays", "01-01", 40),
            ("stays", "02-29", 40),
            ("churns", "01-31", 10),
            ("contracts", "01-05", 30),
            ("contracts", "02-05", 20),
            ("expands", "01-05", 20),
            ("expands", "02-05", 15),
            ("expands", "02-06", 15),
        ]);
        assert_eq!(parts(&m), [0, 10, 10, 10, 0]);
        assert_eq!(m.gross_revenue_retention.value, Some(0.8));
        assert_eq!(m.revenue_churn_rate.value, Some(0.2));
        assert_eq!(m.net_revenue_retention.value, Some(0.9));
    }

    #[test]
    fn twenty_eight_gained_against_eight_lost() {
        let m = february(&[
            ("expands", "01-05", 10),
            ("expands", "02-05", 18),
            ("churns", "01-05", 5),
            ("contracts", "01-05", 6),
            ("contracts", "02-05", 3),
            ("new", "02-05", 20),
        ]);
        assert_eq!(parts(&m), [20, 8, 3, 5, 0]);
        assert_eq!(m.quick_ratio.value, Some(3.5));
    }

    /// Revenue of new customers is no retention: with it, net retention would be 130 %.
    #[test]
    fn new_customers_are_not_retained_ones() {
        let m = february(&[("ann", "01-05", 10), ("ann", "02-05", 8), ("bob", "02-06", 5)]);
        assert_eq!(m.net_revenue_retention.value, Some(0.8));
        assert_ne!(m.net_revenue_retention.value, Some(1.3));
    }

    #[test]
    fn who_bought_before_the_previous_period_is_reactivated() {
        let orders = [("ann", "01-05", 10), ("ann", "03-05", 7), ("bob", "03-06", 5), ("", "03-07", 99)];
        let march = |history: OrderHistory| history.during("2024-03").unwrap().revenue_movements().unwrap();
        let m = march(shop(&orders, |_| {}));
        assert_eq!(parts(&m), [5, 0, 0, 0, 7]);
        // Nothing before: nothing to retain, and nothing lost.
        assert_eq!((m.gross_revenue_retention.value, m.quick_ratio.value), (None, None));
        // In the warm-up, bob may have bought before.
        let m = march(shop(&orders, |options| {
            options.history_starts = NaiveDate::from_ymd_opt(2024, 1, 1);
            options.warm_up_days = 90;
        }));
        assert_eq!(parts(&m), [0, 0, 0, 0, 12]);
    }

    /// Ann gets 4 back in February after 10 in January: churned 14, and retention is (10 − 14) ÷ 10. Bob, −3 before and 5
    /// now, is no customer of January: 8 more. Cid gets 2 back, then 6: 4 less. Dee, new, gets back more than she paid.
    #[test]
    fn what_goes_back_breaks_no_sum() {
        let m = february(&[
            ("ann", "01-05", 10),
            ("ann", "02-05", -4),
            ("bob", "01-05", -3),
            ("bob", "02-05", 5),
            ("cid", "01-05", -2),
            ("cid", "02-05", -6),
            ("dee", "02-05", 5),
            ("dee", "02-06", -6),
        ]);
        // Bob has no purchase before February, so that he is new there.
        assert_eq!(parts(&m), [8 - 1, 0, 0, 14, -4]);
        assert_eq!((m.before.minor(), m.now.minor()), (5, -6));
        assert_eq!(m.gross_revenue_retention.value, Some(-0.4));
        assert_eq!(m.net_revenue_retention.value, Some(-0.4));
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let half = 1_i64 << 62;
        let m = february(&[("ann", "01-05", half), ("ann", "02-05", 1 - half)]);
        assert_eq!(parts(&m), [0, 0, 0, i64::MAX, 0]);
        let m = february(&[("ann", "01-05", 1 - half), ("ann", "02-05", half)]);
        assert_eq!(parts(&m), [i64::MAX, 0, 0, 0, 0]);
    }

    /// January: ann 10, bob 5. February: ann 4. March: nobody. April: bob 6. May: nobody.
    #[test]
    fn every_month_stands_beside_the_one_before() {
        let history = shop(
            &[("ann", "01-05", 10), ("bob", "01-05", 5), ("ann", "02-05", 4), ("bob", "04-05", 6)],
            |_| {},
        );
        let months = history.movement_timeline(Grain::Month).unwrap();
        let found: Vec<_> = months.periods.iter().map(parts).collect();
        assert_eq!(
            found,
            [[15, 0, 0, 0, 0], [0, 0, 6, 5, 0], [0, 0, 0, 4, 0], [0, 0, 0, 0, 6], [0, 0, 0, 6, 0]]
        );
        for month in &months.periods {
            assert_eq!(history.during(month.period).unwrap().revenue_movements().unwrap(), *month);
        }
        let flags: Vec<_> = months.periods.iter().map(|m| m.reaches_back).collect();
        // The books begin on 5 January.
        assert_eq!(flags, [false, false, true, true, true]);
        assert_eq!(months.rows(), 5);
    }

    /// A month is compared with a month, a quarter with a quarter, 30 days with 30 days.
    #[test]
    fn the_period_before_is_equally_long() {
        let history = shop(&[("ann", "01-30", 10), ("ann", "01-31", 1), ("ann", "03-01", 4)], |_| {});
        let before =
            |period: &str| history.during(period).unwrap().revenue_movements().unwrap().before.minor();
        assert_eq!(before("2024-03"), 0);
        assert_eq!(before("2024-02"), 11);
        assert_eq!(before("2024-03-01/2024-03-31"), 1);
        assert_eq!(before("2024-Q2"), 15);
        let first = history.during("0001").unwrap().revenue_movements();
        assert_eq!(first.map_err(|error| error.code()), Err("date_out_of_range"));
    }

    #[test]
    fn a_refund_belongs_to_its_order() {
        let date = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
        let mut order = Order::new(date(1, 5), Money::from_minor(10, Currency::EUR)).customer("ann");
        order = order.refunded(Money::from_minor(4, Currency::EUR));
        order = order.refunded_on(date(2, 5));
        let mut options = HistoryOptions::new(Currency::EUR);
        options.observed_until = Some(date(3, 1));
        let history = OrderHistory::from_orders([order], options).unwrap();
        let m = history.during("2024-02").unwrap().revenue_movements().unwrap();
        assert_eq!((m.before.minor(), m.now.minor(), m.churned.minor()), (6, 0, 6));
    }

    #[test]
    fn an_incomplete_period_is_flagged() {
        let history = shop(&[("ann", "05-05", 10)], |_| {});
        assert!(history.during("2024-05").unwrap().revenue_movements().unwrap().complete);
        assert!(!history.during("2024-06").unwrap().revenue_movements().unwrap().complete);
    }
}
