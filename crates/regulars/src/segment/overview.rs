//! The segments of today on a page: how large, what they bring, what changed, and one customer of each.

use core::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use super::assessment::{Assessment, Segment};
use super::migration::Migration;
use super::rule::{SegmentRule, nth};
use super::segments::{SegmentCount, Segments};
use super::stage::ShopStage;
use crate::error::Result;
use crate::orders::OrderHistory;
use crate::table::{Column, Columns, Values};
use crate::words::{grouped, write_wrapped};

/// The segments on a page. It displays as text; as [`Columns`] it has one row per segment.
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
    /// The same by the same rule on an earlier day; `None` where that is not after the first order and before today.
    pub before: Option<Vec<SegmentCount>>,
    /// Who moved since then.
    pub migration: Option<Migration>,
    /// One customer of each segment that has any: the one in the middle by value.
    pub examples: Vec<Assessment>,
}

impl SegmentRule {
    /// The segments of the last day of a history beside those of an earlier one, by this rule's cuts on both.
    ///
    /// # Errors
    /// As [`classify`](Self::classify).
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, SegmentOptions, SegmentRule};
    /// # let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
    /// # let order = |who: &str, on| Order::new(on, Money::from_minor(2000, Currency::USD)).customer(who);
    /// let orders = [order("ann", day(1, 5)), order("ann", day(1, 25)), order("bob", day(1, 9)), order("cid", day(3, 1))];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let rule = SegmentRule::fit(&history, &SegmentOptions::default())?;
    /// let overview = rule.overview(&history, day(2, 1))?;
    /// assert_eq!(overview.migration.as_ref().unwrap().rows[5].customers, 1); // Cid is new
    /// println!("{overview}");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn overview(&self, history: &OrderHistory, before: NaiveDate) -> Result<SegmentOverview> {
        let segments = self.classify(history)?;
        // Before the first order there was nobody, and what is not yet over has no earlier day.
        let then = if history.span().start() < before && before < history.observed_until() {
            Some(self.classify(&history.observe_until(Some(before))?)?)
        } else {
            None
        };
        Ok(SegmentOverview {
            as_of: history.observed_until(),
            stage: history.stage(),
            segments: segments.counts(),
            before: then.as_ref().map(Segments::counts),
            migration: then.as_ref().map(|then| Migration::between(then, &segments)),
            examples: Segment::ALL.into_iter().filter_map(|segment| example(&segments, segment)).collect(),
        })
    }
}

/// The customer in the middle of a segment by value, the first of equal ones.
fn example(segments: &Segments, segment: Segment) -> Option<Assessment> {
    let of_segment = || {
        let rows = segments.segment.iter().zip(&segments.value_minor).enumerate();
        rows.filter(|(_, (own, _))| **own == segment).map(|(row, (_, &value))| (value, row))
    };
    let mut values: Vec<i64> = of_segment().map(|(value, _)| value).collect();
    let middle = values.len().checked_sub(1)? / 2;
    let value = nth(&mut values, middle, i64::cmp)?;
    let lower = of_segment().filter(|&(other, _)| other < value).count();
    let (_, row) = of_segment().filter(|&(other, _)| other == value).nth(middle - lower)?;
    segments.assessment(row)
}

/// Lines of at most 100 columns, as those of the report.
impl fmt::Display for SegmentOverview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SEGMENTS  on {}\n", self.as_of)?;
        let since = self.migration.as_ref().map(|migration| format!("customers on {}", migration.before));
        writeln!(
            f,
            "{}",
            format!("  {}{:>26}", SegmentCount::header(), since.unwrap_or_default()).trim_end()
        )?;
        for (at, count) in self.segments.iter().enumerate() {
            let before = self.before.as_ref().and_then(|before| before.get(at));
            let before = before.map_or(String::new(), |before| grouped(before.share.numerator.into()));
            writeln!(f, "{}", format!("  {count}{before:>26}").trim_end())?;
        }
        writeln!(f)?;
        write_wrapped(
            f,
            "  ",
            "Stars are worth much and likely to come back. The productive are worth much and not likely to; question marks \
             are worth less and likely to. Problems are neither, or much of what they bought came back, they complained, or \
             they cost more than they brought.",
        )?;
        if let Some(migration) = &self.migration {
            writeln!(f, "\n  Who moved since {}, by the same cuts\n", migration.before)?;
            migration.to_string().lines().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        writeln!(f)?;
        for example in &self.examples {
            write_wrapped(f, "  - ", &format!("Customer {}. {example}", example.customer))?;
        }
        writeln!(f)?;
        write_wrapped(f, "  ", &format!("The stage of the shop: {}", self.stage))
    }
}

/// Four rows, one per segment.
impl Columns for SegmentOverview {
    fn rows(&self) -> usize {
        self.segments.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.segments.iter();
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let names = all().map(|own| own.segment.name().into()).collect();
        let before = self.before.as_deref().unwrap_or_default();
        let then = (0..self.rows()).map(|at| before.get(at).map_or(0, |then| count(then.share.numerator)));
        vec![
            Column::new("segment", Values::Text(names)),
            Column::i64("customers", all().map(|own| count(own.share.numerator))),
            Column::f64("share", all().map(|own| own.share.value)),
            Column::money("value", all().map(|own| own.value)),
            Column::f64("value_share", all().map(|own| own.value_share)),
            Column::i64("immature", all().map(|own| count(own.immature))),
            Column::i64("customers_before", then).only(vec![!before.is_empty(); self.rows()]),
        ]
    }
}
