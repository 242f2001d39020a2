//! The time between a customer's purchases.

use crate::calendar::{Day, LAST_DAY, day_of};
use crate::orders::{OrderHistory, Rows};
use crate::survival::KaplanMeier;

/// How many durations there are of each length in days: position d holds those of d days.
#[derive(Debug, Default)]
struct Tally(Vec<u64>);

impl Tally {
    #[inline]
    fn count(&mut self, days: u32) {
        let at = days as usize;
        if at >= self.0.len() {
            // At most the days from year 1 to 9999.
            self.0.resize(at + 1, 0);
        }
        if let Some(count) = self.0.get_mut(at) {
            *count += 1;
        }
    }

    fn add(&mut self, other: &Tally) {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum += more;
        }
    }
}

/// The gaps between consecutive purchases of one customer, and the one that is still open.
#[derive(Debug, Default)]
struct Gaps {
    closed: Tally,
    /// Days of silence since the last purchase, all of them observed in full.
    open: Tally,
}

impl Gaps {
    fn add(&mut self, other: &Gaps) {
        self.closed.add(&other.closed);
        self.open.add(&other.open);
    }

    fn curve(&self) -> KaplanMeier {
        KaplanMeier::from_counts(&self.closed.0, &self.open.0)
    }
}

/// The days from one day to another that is not before it.
#[inline]
fn days_between(earlier: Day, later: Day) -> u32 {
    u32::try_from(later - earlier).unwrap_or(0)
}

/// The last day that was observed in full.
fn last_observed(history: &OrderHistory) -> Day {
    day_of(history.observed_until()).map_or(LAST_DAY, |end| end - 1)
}

fn count_gaps(gaps: &mut Gaps, rows: Rows<'_>, last_observed: Day) {
    let mut days = rows.purchases().map(|purchase| purchase.day);
    let Some(mut before) = days.next() else { return };
    for day in days {
        gaps.closed.count(days_between(before, day));
        before = day;
    }
    gaps.open.count(days_between(before, last_observed));
}

/// The shop's rhythm: the first day by which 80 % of all purchases have been followed by another of the same customer, by
/// Kaplan–Meier over all gaps, those still open included. `None` where so many never return.
pub(crate) fn rhythm(history: &OrderHistory) -> Option<u32> {
    let last_observed = last_observed(history);
    let mut gaps = Gaps::default();
    for part in history.ledger().fold(Gaps::default, |gaps, _, rows| count_gaps(gaps, rows, last_observed)) {
        gaps.add(&part);
    }
    gaps.curve().quantile(0.8)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::money::{Currency, Money};
    use crate::orders::{HistoryOptions, Order};

    /// A shop whose customers buy on days counted from 2024-01-01, observed before day `until`.
    fn shop(until: u64, customers: &[&[u64]]) -> OrderHistory {
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let orders = customers.iter().zip(1_u64..).flat_map(|(days, who)| {
            days.iter().map(move |&day| {
                let date = start + chrono::Days::new(day);
                Order::new(date, Money::from_minor(100, Currency::USD)).customer(&who.to_string())
            })
        });
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = Some(start + chrono::Days::new(until));
        OrderHistory::from_orders(orders, options).unwrap()
    }

    /// Day 59 is the last that is observed in full. Closed gaps 10, 10, 20; open 39, 39, 59, 59: S(10) = 5/7 and S(20) =
    /// 4/7, and nobody ever returns after more. Over closed gaps alone it would be 20.
    #[test]
    fn the_rhythm_waits_for_those_who_wait() {
        assert_eq!(rhythm(&shop(60, &[&[0, 10, 20], &[0, 20], &[0], &[0]])), None);
        // Closed 10, 10, 10, 10, 40; open 19, 19, 9, 9, 19: ten in all. At risk on day 10: all but the two that leave after day 9, 8; S(10) = 4/8. The three that leave after day 19
        // leave one, who returns on day 40: S(40) = 0. Over closed gaps alone it would be 10.
        let history = shop(60, &[&[0, 40], &[30, 40], &[30, 40], &[40, 50], &[40, 50]]);
        assert_eq!(rhythm(&history), Some(40));
    }

    #[test]
    fn the_rhythm_is_the_first_day_that_reaches_eighty_percent() {
        // Ten gaps of 1 to 10 days that all end on the last observed day: ten are open at 0 and say nothing.
        // Eight of the ten have ended by day 8.
        let days: Vec<[u64; 2]> = (1..=10).map(|gap| [20 - gap, 20]).collect();
        let customers: Vec<&[u64]> = days.iter().map(|days| &days[..]).collect();
        assert_eq!(rhythm(&shop(21, &customers)), Some(8));
    }
}
