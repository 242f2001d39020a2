//! Who stays, leaves and comes back: the flow of customers through a period.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::{Day, Grain, Period, PeriodIndex, boundary_day, date_of, day_of};
use crate::error::{Error, Result};
use crate::measure::{Rate, Ratio};
use crate::metrics::Window;
use crate::orders::{Block, Counter, OrderHistory, Shopper};
use crate::table::{Column, Columns};

/// How long after their last purchase customers are still called active.
///
/// As JSON: `{"days": 90}`, `{"months": 3}` or `"from_rhythm"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LapseAfter {
    /// A number of days: active at the start of day `t` with a purchase on one of that many days before it.
    Days(u32),
    /// A number of calendar months: active at the start of day `t` with a purchase on or after the same day of the month
    /// that many months earlier, or on or after the last day of that month where it is too short.
    Months(u32),
    /// The number of days within which 80 % of purchases are followed by the next, estimated from all gaps of this
    /// history with those still open (Kaplan–Meier), at least 30 and at most 730.
    ///
    /// It is estimated from the whole history, so it moves as the history grows, and past periods with it. To keep it,
    /// pass on the number of days that a result says it took.
    FromRhythm,
}

impl Default for LapseAfter {
    fn default() -> LapseAfter {
        LapseAfter::Days(90)
    }
}

impl LapseAfter {
    /// Refuses a window of no days, in which nobody is ever active.
    pub(crate) fn check(self) -> Result<()> {
        match self {
            LapseAfter::Days(0) | LapseAfter::Months(0) => {
                Err(Error::InvalidArgument { name: "lapse_after", value: 0.0, expected: "at least 1" })
            }
            _ => Ok(()),
        }
    }

    /// The first day of the window before a boundary in which a purchase keeps a customer active there.
    fn reach(self, boundary: Day) -> Day {
        match self {
            LapseAfter::Months(months) => date_of(boundary)
                .checked_sub_months(Months::new(months))
                .and_then(|date| day_of(date).ok())
                .unwrap_or(Day::MIN),
            LapseAfter::Days(days) => i32::try_from(days).map_or(Day::MIN, |d| boundary.saturating_sub(d)),
            LapseAfter::FromRhythm => boundary.saturating_sub(LONGEST),
        }
    }

    /// With the rhythm of a history in place of [`LapseAfter::FromRhythm`].
    fn resolved(self, history: &OrderHistory) -> LapseAfter {
        match self {
            LapseAfter::FromRhythm => {
                let longest = LONGEST.unsigned_abs();
                LapseAfter::Days(super::rhythm(history).unwrap_or(longest).clamp(30, longest))
            }
            named => named,
        }
    }
}

/// The bounds of what is taken from a rhythm: a month, below which every shop would lose its customers between two
/// paydays, and two years.
const LONGEST: i32 = 730;

/// What to count as active.
///
/// ```
/// use regulars::{FlowOptions, LapseAfter};
///
/// assert_eq!(FlowOptions::default().lapse_after, LapseAfter::Days(90));
/// let half_a_year = FlowOptions::from(LapseAfter::Months(6));
/// assert_eq!(half_a_year.lapse_after, LapseAfter::Months(6));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FlowOptions {
    /// How long after their last purchase customers are still called active; 90 days unless told otherwise.
    pub lapse_after: LapseAfter,
}

impl From<LapseAfter> for FlowOptions {
    fn from(lapse_after: LapseAfter) -> FlowOptions {
        FlowOptions { lapse_after }
    }
}

/// How the active customers of the start of a period became those of its end.
///
/// The books close: `at_start + new + reactivated − churned = at_end`. Each customer is looked at on both days, and
/// what happens between them is named apart: `new_and_gone`, `back_and_gone`, `lapsed_and_back`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerFlow {
    /// The period.
    pub period: Period,
    /// Whether observation lasted to its end.
    pub complete: bool,
    /// The day at whose start the end is counted: the period's end, or that of the observation where it is earlier.
    /// Whoever may still buy in the rest of the period is not yet called lapsed.
    pub until: NaiveDate,
    /// Whether the books reach back as far as `lapse_after` before the period. Where not, customers who bought before the
    /// books began are missing in `at_start`, and nobody can have lapsed yet.
    pub reaches_back: bool,
    /// What was taken for active, in days where it came from the rhythm.
    pub lapse_after: LapseAfter,
    /// Customers active at the start.
    pub at_start: u64,
    /// Active at the end, whose first purchase ever lies in the period.
    pub new: u64,
    /// Lapsed at the start and active at the end.
    pub reactivated: u64,
    /// Active at the start and lapsed at the end.
    pub churned: u64,
    /// Customers active at the end.
    pub at_end: u64,
    /// Customers who had bought before the start and were no longer active there.
    pub lapsed_at_start: u64,
    /// First purchase ever in the period, and lapsed by its end. Not in `new`, nor in `churned`.
    pub new_and_gone: u64,
    /// Lapsed at the start, bought in the period and lapsed again by its end. Not in `reactivated`.
    pub back_and_gone: u64,
    /// Of those active at the start and at the end, those who had lapsed in between. Not in `churned`, nor in `reactivated`.
    pub lapsed_and_back: u64,
    /// Of the `reactivated`, those whose first known purchase lies in the period but who are not called new because the
    /// books were warming up ([`history_starts`](crate::HistoryOptions::history_starts)).
    pub reactivated_in_warm_up: u64,
    /// Of the customers active at the start, those active at the end ÷ `at_start`.
    pub retention_rate: Rate,
    /// (`at_end` − `new`) ÷ `at_start`, the textbook formula on headcounts. Reactivated customers inflate it: it may
    /// exceed 1. Prefer `retention_rate`.
    pub retention_rate_by_headcount: Ratio<u64>,
    /// `churned` ÷ `at_start` = 1 − `retention_rate`.
    pub churn_rate: Rate,
    /// Of the customers lapsed at the start, those active at the end ÷ `lapsed_at_start`. Those of the warm-up are not
    /// among them.
    pub reactivation_rate: Rate,
}

/// The flow of customers, period by period: what is `at_end` of one is `at_start` of the next.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FlowTimeline {
    /// The size of the periods.
    pub grain: Grain,
    /// The periods, which follow each other without a gap.
    pub periods: Vec<CustomerFlow>,
}

impl Columns for FlowTimeline {
    fn rows(&self) -> usize {
        self.periods.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.periods.iter();
        #[expect(clippy::cast_possible_wrap, reason = "a history holds fewer than 2³² orders")]
        let count = |name, of: fn(&CustomerFlow) -> u64| Column::i64(name, all().map(move |p| of(p) as i64));
        let value = |name, of: fn(&CustomerFlow) -> Option<f64>| Column::f64(name, all().map(of));
        vec![
            Column::date("start", all().map(|p| p.period.start())),
            Column::date("end", all().map(|p| p.period.end())),
            Column::bool("complete", all().map(|p| p.complete)),
            Column::bool("reaches_back", all().map(|p| p.reaches_back)),
            count("at_start", |p| p.at_start),
            count("new", |p| p.new),
            count("reactivated", |p| p.reactivated),
            count("churned", |p| p.churned),
            count("at_end", |p| p.at_end),
            count("lapsed_at_start", |p| p.lapsed_at_start),
            count("new_and_gone", |p| p.new_and_gone),
            count("back_and_gone", |p| p.back_and_gone),
            count("lapsed_and_back", |p| p.lapsed_and_back),
            count("reactivated_in_warm_up", |p| p.reactivated_in_warm_up),
            value("retention_rate", |p| p.retention_rate.value),
            value("retention_rate_by_headcount", |p| p.retention_rate_by_headcount.value),
            value("churn_rate", |p| p.churn_rate.value),
            value("reactivation_rate", |p| p.reactivation_rate.value),
        ]
    }
}

impl Window<'_> {
    /// How the active customers of the period's start became those of its end, with retention, churn and reactivation.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where customers lapse at once.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// use regulars::{FlowOptions, LapseAfter};
    ///
    /// # let order = |who: &str, m| {
    /// #     let date = NaiveDate::from_ymd_opt(2024, m, 10).unwrap();
    /// #     Order::new(date, Money::from_minor(1000, Currency::USD)).customer(who)
    /// # };
    /// // Ann buys in January and May, Bob in January, Cid in June.
    /// # let orders = [order("ann", 1), order("ann", 5), order("bob", 1), order("cid", 6)];
    /// # let mut options = HistoryOptions::new(Currency::USD);
    /// # options.observed_until = NaiveDate::from_ymd_opt(2024, 7, 1);
    /// # let history = OrderHistory::from_orders(orders, options)?;
    /// let flow = history.during("2024-Q2")?.customer_flow(&FlowOptions::from(LapseAfter::Months(3)))?;
    /// assert_eq!((flow.at_start, flow.new, flow.reactivated, flow.churned, flow.at_end), (2, 1, 0, 1, 2));
    /// assert_eq!(flow.retention_rate.value, Some(0.5));
    /// assert_eq!(flow.lapsed_and_back, 1); // Ann: over three months from January to May
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn customer_flow(&self, options: &FlowOptions) -> Result<CustomerFlow> {
        options.lapse_after.check()?;
        let (history, periods) = (self.history(), [self.period()]);
        let plan = FlowPlan::new(history, &periods, options.lapse_after);
        Ok(plan.finish(history.ledger().count(|| plan.counter())).remove(0))
    }
}

impl OrderHistory {
    /// The flow of customers for every period of a grain, from that of the first order to that in which observation ends,
    /// in one scan. The last one may be incomplete, and is flagged then.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`](crate::Error::DateOutOfRange) where a period would leave the years 1 to 9999;
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) where customers lapse at once.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, FlowOptions, Grain, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |m| NaiveDate::from_ymd_opt(2024, m, 7).unwrap();
    /// # let orders = [1, 6].map(|m| Order::new(day(m), Money::from_minor(1000, Currency::USD)).customer("ann"));
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// // Ann buys in January and in June.
    /// let months = history.flow_timeline(Grain::Month, &FlowOptions::default())?.periods;
    /// let active: Vec<u64> = months.iter().map(|month| month.at_end).collect();
    /// assert_eq!(active, [1, 1, 1, 0, 0, 1]);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn flow_timeline(&self, grain: Grain, options: &FlowOptions) -> Result<FlowTimeline> {
        options.lapse_after.check()?;
        let periods = grain.periods(self.span())?;
        let plan = FlowPlan::new(self, &periods, options.lapse_after);
        let flows = plan.finish(self.ledger().count(|| plan.counter()));
        Ok(FlowTimeline { grain, periods: flows })
    }

    /// Whether the books are believed to hold everything from a day on.
    pub(crate) fn books_reach(&self, day: Day) -> bool {
        boundary_day(self.books_start()) <= day
    }
}

/// Where a day stands among the boundaries of consecutive periods.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// How many boundaries are not after the day: the number of its period, which ends at the boundary of this number; 0
    /// before the first period.
    number: u32,
    /// The first boundary at which a last purchase on this day no longer makes active.
    lapses: u32,
    /// The day before which the purchase before has to lie for the customer to have lapsed in between.
    reach: Day,
}

/// What is asked of a pass: the flow of customers through each of several consecutive periods.
#[derive(Debug)]
pub(crate) struct FlowPlan<'a> {
    history: &'a OrderHistory,
    periods: &'a [Period],
    lapse_after: LapseAfter,
    new_from: Day,
    /// Where the periods begin and end. Past the end of the observation nothing is known: a boundary there is moved to it.
    boundaries: Vec<Day>,
    base: Day,
    /// Of every day of the history before the last boundary.
    places: Vec<Place>,
}

impl<'a> FlowPlan<'a> {
    pub(crate) fn new(
        history: &'a OrderHistory,
        periods: &'a [Period],
        lapse_after: LapseAfter,
    ) -> FlowPlan<'a> {
        let lapse_after = lapse_after.resolved(history);
        let span = history.days();
        let start = periods.first().map(Period::start);
        let boundaries: Vec<Day> = start
            .into_iter()
            .chain(periods.iter().map(Period::end))
            .map(|date| boundary_day(date).min(span.end))
            .collect();
        let days = span.start..boundaries.last().copied().unwrap_or(span.start);
        let reaches = boundaries.iter().map(|&boundary| lapse_after.reach(boundary)).collect();
        let periods_of = PeriodIndex::new(boundaries.clone(), days.clone());
        let lapses = PeriodIndex::new(reaches, days.clone());
        #[expect(clippy::cast_possible_truncation, reason = "there are fewer boundaries than days")]
        let place = |day| Place {
            number: periods_of.number(day) as u32,
            lapses: lapses.number(day) as u32,
            reach: lapse_after.reach(day),
        };
        FlowPlan {
            history,
            periods,
            lapse_after,
            new_from: history.new_customers_from(),
            base: span.start,
            places: days.map(place).collect(),
            boundaries,
        }
    }

    /// How long customers are called active, in days where that came from the rhythm.
    pub(crate) fn lapse_after(&self) -> LapseAfter {
        self.lapse_after
    }

    pub(crate) fn counter(&self) -> FlowCounter<'_> {
        FlowCounter { plan: self, moves: vec![Moves::default(); self.boundaries.len() + 1] }
    }

    pub(crate) fn finish(&self, counter: FlowCounter<'_>) -> Vec<CustomerFlow> {
        let mut moves = counter.moves.into_iter();
        let before = moves.next().unwrap_or_default();
        let (mut at_start, mut known) = (before.active_at_end(), before.met);
        let periods = self.periods.iter().zip(self.boundaries.windows(2)).zip(moves);
        periods
            .map(|((&period, bounds), moves)| {
                let until = bounds.last().copied().unwrap_or_default();
                let is_seen = bounds.first().is_some_and(|&start| start < until);
                let flow = CustomerFlow::new(self, period, until, is_seen, [at_start, known], &moves);
                (at_start, known) = (flow.at_end, known + moves.met);
                flow
            })
            .collect()
    }
}

/// How a customer came into a period: as what the first purchase in it found them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    New,
    InWarmUp,
    Lapsed,
    Active,
}

/// What happens in one period.
#[derive(Debug, Clone, Copy, Default)]
struct Moves {
    /// Customers with a purchase in it by how they came, whether they are active at its end, and whether they lapsed
    /// between two purchases.
    visits: [u32; 16],
    /// Customers without a purchase in it, active at its start and no longer at its end.
    lapsed: u32,
    /// Customers whose first purchase lies in it.
    met: u64,
}

/// A customer's purchases in one period.
#[derive(Debug, Clone, Copy)]
struct Visit {
    number: u32,
    came: Came,
    /// Whether the customer lapsed between two of them, or before the first.
    lapsed: bool,
    last: Day,
    lapses: u32,
}

impl Moves {
    #[expect(clippy::indexing_slicing, reason = "4 × 2 × 2 is 16")]
    fn visitors(&self, came: Came, active: bool) -> u64 {
        let at = (came as usize) << 2 | usize::from(active) << 1;
        u64::from(self.visits[at]) + u64::from(self.visits[at + 1])
    }

    /// Active at the start and at the end, and not all the time.
    #[expect(clippy::indexing_slicing, reason = "4 × 2 × 2 is 16")]
    fn lapsed_and_back(&self) -> u64 {
        self.visits[(Came::Active as usize) << 2 | 0b11].into()
    }

    /// Customers who come into sight in it and are active at its end: of the days before the first period, all that are
    /// active at its start.
    fn active_at_end(&self) -> u64 {
        [Came::New, Came::InWarmUp, Came::Lapsed, Came::Active]
            .map(|came| self.visitors(came, true))
            .iter()
            .sum()
    }

    fn add(&mut self, other: &Moves) {
        self.visits.iter_mut().zip(other.visits).for_each(|(sum, more)| *sum += more);
        self.lapsed += other.lapsed;
        self.met += other.met;
    }
}

/// What happens in every period, and before the first.
#[derive(Debug)]
pub(crate) struct FlowCounter<'a> {
    plan: &'a FlowPlan<'a>,
    moves: Vec<Moves>,
}

impl Counter for FlowCounter<'_> {
    fn look(&mut self, block: &Block) {
        block.for_each_crowd(|shopper| self.follow(shopper));
    }

    fn merge(&mut self, other: Self) {
        self.moves.iter_mut().zip(&other.moves).for_each(|(sum, more)| sum.add(more));
    }
}

impl FlowCounter<'_> {
    /// Every purchase may end the visit before it: that it does is a number to be counted and no branch, which the
    /// processor could not foresee.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers and lapses count boundaries, and there is one more of moves; places are those of days before \
                  the last boundary"
    )]
    fn follow(&mut self, shopper: Shopper<'_>) {
        let plan = self.plan;
        let places = &plan.places[..];
        let mut purchases = shopper.purchases().map_while(|entry| {
            #[expect(clippy::cast_sign_loss, reason = "no entry lies before the span")]
            let offset = (entry.day - plan.base) as usize;
            places.get(offset).map(|&place| (entry.day, place))
        });
        let Some((first, place)) = purchases.next() else { return };
        self.moves[place.number as usize].met += u64::from(shopper.customers);
        let came = if first >= plan.new_from { Came::New } else { Came::InWarmUp };
        let mut visit =
            Visit { number: place.number, came, lapsed: false, last: first, lapses: place.lapses };
        for (day, place) in purchases {
            let over = place.number != visit.number;
            self.close(visit, place.number, u32::from(over));
            let found = if visit.lapses >= place.number { Came::Active } else { Came::Lapsed };
            visit = Visit {
                number: place.number,
                came: if over { found } else { visit.came },
                lapsed: visit.last < place.reach || (!over && visit.lapsed),
                last: day,
                lapses: place.lapses,
            };
        }
        #[expect(clippy::cast_possible_truncation, reason = "there are fewer boundaries than days")]
        let none = plan.boundaries.len() as u32;
        self.close(visit, none, shopper.customers);
    }

    /// A visit that is over for so many `customers`: the next purchase, if any, precedes the boundary `next` and none before
    /// it.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "see `follow`")]
    fn close(&mut self, visit: Visit, next: u32, customers: u32) {
        let active = visit.lapses > visit.number;
        let kind = (visit.came as usize) << 2 | usize::from(active) << 1 | usize::from(visit.lapsed);
        self.moves[visit.number as usize].visits[kind & 15] += customers;
        // Lapsed at that boundary, and so in the period before it.
        let lapses = u32::from(active) & u32::from(visit.lapses < next);
        self.moves[visit.lapses as usize].lapsed += customers * lapses;
    }
}

impl CustomerFlow {
    fn new(
        plan: &FlowPlan<'_>,
        period: Period,
        until: Day,
        is_seen: bool,
        [at_start, known]: [u64; 2],
        moves: &Moves,
    ) -> CustomerFlow {
        let (history, lapse_after) = (plan.history, plan.lapse_after);
        let new = moves.visitors(Came::New, true);
        let warm_up = moves.visitors(Came::InWarmUp, true);
        let reactivated = moves.visitors(Came::Lapsed, true) + warm_up;
        let churned = u64::from(moves.lapsed) + moves.visitors(Came::Active, false);
        let at_end = at_start + new + reactivated - churned;
        let lapsed_at_start = known - at_start;
        // Of a period of which no day has been observed there is nothing to say yet.
        let of = |count: u64| if is_seen { count } else { 0 };
        CustomerFlow {
            period,
            complete: period.end() <= history.observed_until(),
            until: date_of(until),
            reaches_back: history.books_reach(lapse_after.reach(boundary_day(period.start()))),
            lapse_after,
            at_start,
            new,
            reactivated,
            churned,
            at_end,
            lapsed_at_start,
            new_and_gone: moves.visitors(Came::New, false),
            back_and_gone: moves.visitors(Came::Lapsed, false) + moves.visitors(Came::InWarmUp, false),
            lapsed_and_back: moves.lapsed_and_back(),
            reactivated_in_warm_up: warm_up,
            retention_rate: Rate::of(of(at_start - churned), of(at_start)),
            retention_rate_by_headcount: if warm_up == 0 {
                Ratio::new(of(at_end - new), of(at_start))
            } else {
                Ratio::new(0, 0)
            },
            churn_rate: Rate::of(of(churned), of(at_start)),
            reactivation_rate: Rate::of(of(reactivated - warm_up), of(lapsed_at_start)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, HistoryOptions, Money, Order};

    /// Who buys when, observed until a day.
    fn shop(until: &str, purchases: &[(&str, &[&str])]) -> OrderHistory {
        shop_under(until, purchases, |_| {})
    }

    fn shop_under(
        until: &str,
        purchases: &[(&str, &[&str])],
        set: impl Fn(&mut HistoryOptions),
    ) -> OrderHistory {
        let mut options = HistoryOptions::new(Currency::EUR);
        options.observed_until = Some(until.parse().unwrap());
        set(&mut options);
        let orders = purchases.iter().flat_map(|(who, days)| {
            days.iter().map(|day| {
                let date: NaiveDate = day.parse().unwrap();
                Order::new(date, Money::from_minor(1000, Currency::EUR)).customer(who)
            })
        });
        OrderHistory::from_orders(orders, options).unwrap()
    }

    fn flow(history: &OrderHistory, period: &str, lapse_after: LapseAfter) -> CustomerFlow {
        history.during(period).unwrap().customer_flow(&lapse_after.into()).unwrap()
    }

    fn at_start(history: &OrderHistory, day: &str, lapse_after: LapseAfter) -> u64 {
        flow(history, day, lapse_after).at_start
    }

    /// With 30 days, 1 March looks back to 31 January, and 1 April to 2 March.
    fn march() -> OrderHistory {
        shop(
            "2024-06-01",
            &[
                ("stays", &["2024-02-20", "2024-03-10"]),
                ("churns", &["2024-02-10"]),
                ("churns, active on the first day of all", &["2024-01-31"]),
                ("new", &["2024-03-05", "2024-03-28"]),
                ("new and gone", &["2024-03-01"]),
                ("reactivated", &["2024-01-01", "2024-03-20"]),
                ("back and gone", &["2024-01-01", "2024-03-01"]),
                ("lapsed and back", &["2024-02-01", "2024-03-15"]),
                ("long gone", &["2024-01-01"]),
                ("lapsed a day ago", &["2024-01-30"]),
                ("not there yet", &["2024-04-01"]),
            ],
        )
    }

    /// At the start: stays, both that churn, lapsed and back. At the end: stays, new, reactivated, lapsed and back.
    /// Lapsed at the start: reactivated, back and gone, long gone, lapsed a day ago.
    #[test]
    fn the_books_of_a_month_close() {
        let flow = flow(&march(), "2024-03", LapseAfter::Days(30));
        assert_eq!((flow.at_start, flow.new, flow.reactivated, flow.churned, flow.at_end), (4, 1, 1, 2, 4));
        assert_eq!((flow.new_and_gone, flow.back_and_gone, flow.lapsed_and_back), (1, 1, 1));
        assert_eq!(flow.lapsed_at_start, 4);
        let parts = |rate: Rate| (rate.numerator, rate.denominator, rate.value);
        assert_eq!(parts(flow.retention_rate), (2, 4, Some(0.5)));
        assert_eq!(parts(flow.churn_rate), (2, 4, Some(0.5)));
        assert_eq!(parts(flow.reactivation_rate), (1, 4, Some(0.25)));
        assert!(flow.complete && flow.reaches_back);
    }

    /// (4 − 1) ÷ 4: who came back counts as if they had stayed.
    #[test]
    fn the_textbook_formula_is_inflated_by_who_came_back() {
        let flow = flow(&march(), "2024-03", LapseAfter::Days(30));
        assert_eq!(flow.retention_rate_by_headcount.value, Some(0.75));
        assert_ne!(flow.retention_rate_by_headcount.value, flow.retention_rate.value);
    }

    /// January: both of 1 January are no longer active on 1 February, 31 days later, and the other two are. May begins 30
    /// days after 1 April.
    #[test]
    fn the_end_of_a_month_is_the_start_of_the_next() {
        let history = march();
        let months = history.flow_timeline(Grain::Month, &LapseAfter::Days(30).into()).unwrap();
        let of = |of: fn(&CustomerFlow) -> u64| months.periods.iter().map(of).collect::<Vec<_>>();
        // Until the end of January six had bought; in February stays, churns, and lapsed and back joined.
        assert_eq!(of(|m| m.at_start), [0, 2, 4, 4, 1]);
        assert_eq!(of(|m| m.at_end), [2, 4, 4, 1, 0]);
        assert_eq!(of(|m| m.new), [2, 3, 1, 1, 0]);
        assert_eq!(of(|m| m.new_and_gone), [3, 0, 1, 0, 0]);
        assert_eq!(of(|m| m.churned), [0, 1, 2, 4, 1]);
        assert_eq!(of(|m| m.lapsed_at_start), [0, 3, 4, 6, 10]);
        for month in &months.periods {
            let alone =
                history.during(month.period).unwrap().customer_flow(&LapseAfter::Days(30).into()).unwrap();
            assert_eq!(*month, alone);
        }
        assert!(months.columns().iter().all(|column| column.name != "start" || months.rows() == 5));
    }

    #[test]
    fn active_is_who_bought_at_most_so_many_days_back_and_before_the_day() {
        let history = shop("2024-06-01", &[("ann", &["2024-03-01"])]);
        let active = |day| at_start(&history, day, LapseAfter::Days(90));
        assert_eq!(["2024-02-29", "2024-03-01", "2024-03-02"].map(active), [0, 0, 1]);
        // 1 March + 90 days = 30 May.
        assert_eq!(["2024-05-30", "2024-05-31"].map(active), [1, 0]);
        let a_day = |day| at_start(&history, day, LapseAfter::Days(1));
        assert_eq!(["2024-03-02", "2024-03-03"].map(a_day), [1, 0]);
        // Nobody would ever be active.
        let refused = history.during("2024-03-02").unwrap().customer_flow(&LapseAfter::Days(0).into());
        assert_eq!(refused.unwrap_err().code(), "invalid_argument");
        assert_eq!(at_start(&history, "2024-05-31", LapseAfter::Days(u32::MAX)), 1);
        assert_eq!(at_start(&history, "2024-05-31", LapseAfter::Months(u32::MAX)), 1);
    }

    /// Three months before 1 April is 1 January, 91 days. Months are not 30 days.
    #[test]
    fn months_are_those_of_the_calendar() {
        let one = |day: &'static str| shop("2024-12-31", &[("ann", &[day])]);
        let three = LapseAfter::Months(3);
        assert_eq!(at_start(&one("2024-01-01"), "2024-04-01", three), 1);
        assert_eq!(at_start(&one("2023-12-31"), "2024-04-01", three), 0);
        assert_eq!(at_start(&one("2024-01-01"), "2024-04-01", LapseAfter::Days(90)), 0);
        // Where the month is too short, its last day: 31 May → 29 February, 31 March → 29 February.
        assert_eq!(at_start(&one("2024-02-29"), "2024-05-31", three), 1);
        assert_eq!(at_start(&one("2024-02-28"), "2024-05-31", three), 0);
        assert_eq!(at_start(&one("2024-02-29"), "2024-03-31", LapseAfter::Months(1)), 1);
        assert_eq!(at_start(&one("2024-02-29"), "2024-04-01", LapseAfter::Months(1)), 0);
        assert_eq!(at_start(&one("2023-02-28"), "2023-03-31", LapseAfter::Months(1)), 1);
    }

    /// On 21 March, ann bought 71 days ago. By 1 April it would be 82, but nobody knows yet whether she comes back.
    #[test]
    fn nobody_churns_in_days_that_have_not_come() {
        let history = shop("2024-03-21", &[("ann", &["2024-01-10"]), ("bob", &["2024-03-20"])]);
        let quarter = flow(&history, "2024-02-01/2024-04-01", LapseAfter::Days(80));
        assert_eq!((quarter.complete, quarter.until.to_string().as_str()), (false, "2024-03-21"));
        assert_eq!((quarter.at_start, quarter.new, quarter.churned, quarter.at_end), (1, 1, 0, 2));

        let future = flow(&history, "2025", LapseAfter::Days(80));
        assert_eq!((future.at_start, future.churned, future.at_end), (2, 0, 2));
        assert_eq!((future.retention_rate.value, future.churn_rate.value), (None, None));
        assert_eq!(future.reactivation_rate.value, None);
    }

    #[test]
    fn nobody_is_in_figures_of_nobody() {
        let history = shop("2024-06-01", &[("ann", &["2024-01-10"])]);
        let before = flow(&history, "2023", LapseAfter::default());
        assert_eq!((before.at_start, before.at_end), (0, 0));
        assert_eq!((before.retention_rate.value, before.retention_rate_by_headcount.value), (None, None));
    }

    /// Books from 2024-01-01 with 60 days of warm-up: who is first seen in January may have bought before. They are not
    /// called new, and not taken for lapsed customers of whom we knew.
    #[test]
    fn customers_first_seen_in_the_warm_up_are_not_new() {
        let history = shop_under(
            "2024-06-01",
            &[
                ("ann", &["2024-01-20"]),
                ("bob", &["2024-03-05"]),
                ("cid", &["2024-01-02"]),
                ("dee", &["2024-01-01", "2024-01-25"]),
            ],
            |options| {
                options.history_starts = Some("2024-01-01".parse().unwrap());
                options.warm_up_days = 60;
            },
        );
        let january = flow(&history, "2024-01", LapseAfter::Days(20));
        assert_eq!(
            (january.at_start, january.new, january.reactivated, january.churned, january.at_end),
            (0, 0, 2, 0, 2)
        );
        assert_eq!((january.reactivated_in_warm_up, january.back_and_gone, january.new_and_gone), (2, 1, 0));
        assert_eq!((january.reactivation_rate.numerator, january.reactivation_rate.denominator), (0, 0));
        assert!(!january.reaches_back);
        let march = flow(&history, "2024-03-01/2024-03-10", LapseAfter::Days(20));
        assert_eq!((march.new, march.reactivated, march.reaches_back), (1, 0, true));
    }

    /// 20 days before 21 January is 1 January, the first day of the books.
    #[test]
    fn a_start_too_close_to_the_first_day_of_the_books_is_flagged() {
        let history = shop("2024-06-01", &[("ann", &["2024-01-01"])]);
        let reaches = |day| flow(&history, day, LapseAfter::Days(20)).reaches_back;
        assert_eq!(["2024-01-20", "2024-01-21"].map(reaches), [false, true]);
    }

    #[test]
    fn credit_notes_keep_nobody_active() {
        let euro = |minor| Money::from_minor(minor, Currency::EUR);
        let day = |m| NaiveDate::from_ymd_opt(2024, m, 1).unwrap();
        let orders = [
            Order::new(day(1), euro(500)).customer("ann"),
            Order::new(day(5), euro(-500)).customer("ann"),
            Order::new(day(5), euro(-500)).customer("bob"),
            Order::new(day(5), euro(500)),
        ];
        let mut options = HistoryOptions::new(Currency::EUR);
        options.observed_until = Some(day(7));
        let history = OrderHistory::from_orders(orders, options).unwrap();
        let may = flow(&history, "2024-05", LapseAfter::Days(60));
        assert_eq!(
            (may.at_start, may.at_end, may.reactivated, may.new, may.lapsed_at_start),
            (0, 0, 0, 0, 1)
        );
    }

    /// Each of ten customers comes back after 40 days, on the last day observed: the survival curve falls to 0 there.
    #[test]
    fn the_rhythm_of_the_shop_takes_the_place_of_a_number() {
        let names: Vec<String> = (0..10).map(|i| format!("customer {i}")).collect();
        let purchases = |days: &'static [&'static str]| -> Vec<(&str, &[&str])> {
            names.iter().map(|name| (name.as_str(), days)).collect()
        };
        let taken = |days| {
            let history = shop("2024-02-11", &purchases(days));
            flow(&history, "2024-02", LapseAfter::FromRhythm).lapse_after
        };
        assert_eq!(taken(&["2024-01-01", "2024-02-10"]), LapseAfter::Days(40));
        // At least 30, and at most 730 where 80 % never return.
        assert_eq!(taken(&["2024-02-01", "2024-02-10"]), LapseAfter::Days(30));
        assert_eq!(taken(&["2024-02-01"]), LapseAfter::Days(730));
    }

    #[test]
    fn options_read_as_json() {
        let read = |json: &str| serde_json::from_str::<FlowOptions>(json).map(|options| options.lapse_after);
        assert_eq!(read("{}").unwrap(), LapseAfter::Days(90));
        assert_eq!(read(r#"{"lapseAfter": {"days": 60}}"#).unwrap(), LapseAfter::Days(60));
        assert_eq!(read(r#"{"lapseAfter": {"months": 3}}"#).unwrap(), LapseAfter::Months(3));
        assert_eq!(read(r#"{"lapseAfter": "from_rhythm"}"#).unwrap(), LapseAfter::FromRhythm);
        assert!(read(r#"{"lapseAfter": {"weeks": 3}}"#).is_err());
        assert!(read(r#"{"lapse": 90}"#).is_err());
    }

    #[test]
    fn the_longest_period_is_no_larger_than_the_books() {
        let history = march();
        let all = flow(&history, "0001-01-01/9999-12-31", LapseAfter::Months(2));
        // On 1 June, two months back is 1 April.
        assert_eq!((all.at_start, all.new, all.at_end, all.new_and_gone), (0, 1, 1, 10));
        let last = flow(&history, "9999", LapseAfter::Months(2));
        assert_eq!((last.at_start, last.complete), (1, false));
    }
}
