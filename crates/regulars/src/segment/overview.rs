//! The segments of today on a page: how large, what they bring, what changed, and one customer of each.

use core::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use super::assessment::{Assessment, Segment};
use super::migration::Migration;
use super::rule::{SegmentOptions, SegmentRule};
use super::segments::{SegmentCount, Segments};
use super::stage::ShopStage;
use crate::error::Result;
use crate::orders::OrderHistory;

/// The segments on a page. It displays as text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SegmentOverview {
    /// The day of the segments.
    pub as_of: NaiveDate,
    /// How far the shop has come.
    pub stage: ShopStage,
    /// The four segments, best first.
    pub segments: Vec<SegmentCount>,
    /// The same by the same rule on an earlier day, where the history goes back as far.
    pub before: Option<Vec<SegmentCount>>,
    /// Who moved since then.
    pub migration: Option<Migration>,
    /// One customer of each segment that has any: the one in the middle by value.
    pub examples: Vec<Assessment>,
}

impl OrderHistory {
    /// Fits a rule to this history and shows the segments of its last day beside those of an earlier one, by the same cuts.
    ///
    /// # Errors
    /// As [`SegmentRule::fit`].
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, SegmentOptions};
    /// # let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
    /// # let order = |who: &str, on| Order::new(on, Money::from_minor(2000, Currency::USD)).customer(who);
    /// let orders = [order("ann", day(1, 5)), order("ann", day(1, 25)), order("bob", day(1, 9)), order("cid", day(3, 1))];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let overview = history.segment_overview(&SegmentOptions::default(), day(2, 1))?;
    /// assert_eq!(overview.migration.as_ref().unwrap().rows[5].customers, 1); // Cid is new
    /// println!("{overview}");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn segment_overview(&self, options: &SegmentOptions, before: NaiveDate) -> Result<SegmentOverview> {
        let rule = SegmentRule::fit(self, options)?;
        let segments = rule.classify(self)?;
        // Before the first order there was nobody, and what is not yet over has no earlier day.
        let then = self.observe_until(Some(before)).ok().filter(|_| before < self.observed_until());
        let then = then.map(|then| rule.classify(&then)).transpose()?;
        Ok(SegmentOverview {
            as_of: self.observed_until(),
            stage: self.stage(),
            segments: segments.counts(),
            before: then.as_ref().map(Segments::counts),
            migration: then.as_ref().map(|then| Migration::between(then, &segments)),
            examples: Segment::ALL.into_iter().filter_map(|segment| example(&segments, segment)).collect(),
        })
    }
}

/// The customer in the middle of a segment by value, the first of equal ones.
fn example(segments: &Segments, segment: Segment) -> Option<Assessment> {
    let of_segment = segments.segment.iter().zip(&segments.value_minor).enumerate();
    let mut rows: Vec<(i64, usize)> =
        of_segment.filter(|(_, (own, _))| **own == segment).map(|(row, (_, &value))| (value, row)).collect();
    let middle = rows.len().checked_sub(1)? / 2;
    let (_, &mut (_, row), _) = rows.select_nth_unstable(middle);
    segments.assessment(row)
}

impl fmt::Display for SegmentOverview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent =
            |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        let since = self.migration.as_ref().map(|migration| migration.before);
        write!(f, "{:<14}{:>10}{:>9}{:>18}{:>9}", "", "customers", "share", "value", "share")?;
        match since {
            Some(day) => writeln!(f, "{:>26}", format!("customers on {day}"))?,
            None => writeln!(f)?,
        }
        for (at, count) in self.segments.iter().enumerate() {
            write!(
                f,
                "{:<14}{:>10}{:>9}{:>18}{:>9}",
                count.segment,
                count.share.numerator,
                percent(count.share.value),
                count.value.to_string(),
                percent(count.value_share)
            )?;
            match self.before.as_ref().and_then(|before| before.get(at)) {
                Some(before) => writeln!(f, "{:>26}", before.share.numerator)?,
                None => writeln!(f)?,
            }
        }
        if let Some(migration) = &self.migration {
            writeln!(f, "\nSince {}, by the same cuts:\n{migration}", migration.before)?;
        }
        for example in &self.examples {
            writeln!(f, "Customer {}. {example}", example.customer)?;
        }
        write!(f, "\nThe shop is {}", self.stage)
    }
}
