//! Whether the segments would be much the same a month before, or with other cuts.

use chrono::{Months, NaiveDate};
use serde::Serialize;

use super::migration::Migration;
use super::rule::SegmentRule;
use super::segments::Segments;
use crate::error::{Error, Result};
use crate::measure::Rate;
use crate::money::Money;
use crate::orders::OrderHistory;

/// How steady a classification is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stability {
    /// A month before the end of the observation.
    pub before: NaiveDate,
    /// Of the customers with a purchase on both days, those in the same segment.
    pub unchanged: Rate,
    /// Cohen's κ of the two days; see [`Migration::kappa`].
    pub kappa: Option<f64>,
    /// What other cuts would change.
    pub sensitivity: Vec<Sensitivity>,
}

/// What it changes to move one cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Sensitivity {
    /// `value` or `outlook`.
    pub cut: &'static str,
    /// By how much it is moved: −0.1 for a cut that is a tenth lower.
    pub by: f64,
    /// Customers who would be in another segment ÷ customers.
    pub changed: Rate,
}

impl SegmentRule {
    /// How steady the rule's classification of a history is: against that of a month before, and with each cut moved by a
    /// tenth up and down.
    ///
    /// # Errors
    /// [`Error::EmptyPeriod`] where the first order is less than a month old, and as [`classify`](Self::classify).
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, SegmentOptions, SegmentRule};
    /// # let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
    /// # let order = |who: &str, on, usd: i64| Order::new(on, Money::from_minor(100 * usd, Currency::USD)).customer(who);
    /// let orders = [order("ann", day(1, 5), 90), order("ann", day(2, 4), 20), order("bob", day(1, 9), 100)];
    /// let mut options = HistoryOptions::new(Currency::USD);
    /// options.observed_until = Some(day(3, 1));
    /// let history = OrderHistory::from_orders(orders, options)?;
    /// let rule = SegmentRule::fit(&history, &SegmentOptions::default())?;
    /// let stability = rule.stability(&history)?;
    /// // The cut is at 105. At 94.50 Bob would be above it too.
    /// assert_eq!((stability.sensitivity[0].by, stability.sensitivity[0].changed.numerator), (-0.1, 1));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn stability(&self, history: &OrderHistory) -> Result<Stability> {
        let now = self.classify(history)?;
        let out_of_range = || Error::DateOutOfRange { value: now.as_of.to_string() };
        let before = now.as_of.checked_sub_months(Months::new(1)).ok_or_else(out_of_range)?;
        let then = self.classify(&history.observe_until(Some(before))?)?;
        let migration = Migration::between(&then, &now);
        let moved = |value: f64, outlook: f64| {
            let mut rule = self.clone();
            #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
            let minor = libm::round(rule.value_cut.minor() as f64 * (1.0 + value)) as i64;
            rule.value_cut = Money::from_minor(minor, rule.currency);
            rule.outlook_cut = (rule.outlook_cut * (1.0 + outlook)).min(1.0);
            rule.classify(history)
        };
        let changed = |other: &Segments| {
            let pairs = now.segment.iter().zip(&other.segment);
            Rate::of(pairs.filter(|(a, b)| a != b).count() as u64, now.len() as u64)
        };
        let mut sensitivity = Vec::with_capacity(4);
        for by in [-0.1, 0.1] {
            sensitivity.push(Sensitivity { cut: "value", by, changed: changed(&moved(by, 0.0)?) });
        }
        for by in [-0.1, 0.1] {
            sensitivity.push(Sensitivity { cut: "outlook", by, changed: changed(&moved(0.0, by)?) });
        }
        Ok(Stability { before, unchanged: migration.unchanged(), kappa: migration.kappa(), sensitivity })
    }
}
