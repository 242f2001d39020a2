//! Everything at once, as one value that prints itself.

mod text;

use chrono::{Datelike, Months};
use serde::{Deserialize, Serialize};

use crate::calendar::{Grain, Period};
use crate::cohort::{CohortMeasure, CohortOptions, CohortReading, CohortTable};
use crate::error::Result;
use crate::metrics::{
    Buying, Concentration, ConcentrationOptions, CustomerFlow, LapseAfter, PurchaseFunnel,
    PurchaseFunnelOptions, RepurchaseRetention, RevenueMovements, TimeBetweenPurchases,
    TimeBetweenPurchasesOptions, TimeToSecondPurchase, TimeToSecondPurchaseOptions, Timeline,
};
use crate::orders::{OrderHistory, Summary};
use crate::rfm::{RfmOptions, RfmSegment};

/// What a report is to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReportOptions {
    /// The period of the headline figures. Left out, the last 12, 6, 3 or 1 complete months, the most of which the
    /// history holds twice; where it does not hold two months, all of it.
    pub period: Option<Period>,
    /// The periods of the timeline.
    pub grain: Grain,
    /// How long after their last purchase customers are still called active.
    pub lapse_after: LapseAfter,
    /// The last index of the cohorts that is followed.
    pub cohort_index: u32,
}

impl Default for ReportOptions {
    fn default() -> ReportOptions {
        ReportOptions {
            period: None,
            grain: Grain::Month,
            lapse_after: LapseAfter::default(),
            cohort_index: 12,
        }
    }
}

/// What a history has to say: what it holds and what it left out, headline figures beside those of the period before,
/// and a timeline. It displays as text for a terminal and serialises as the JSON that pages are made from.
///
/// ```
/// use chrono::NaiveDate;
/// use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, ReportOptions};
///
/// let order = |month, customer| {
///     let day = NaiveDate::from_ymd_opt(2024, month, 7).unwrap();
///     Order::new(day, Money::from_minor(2500, Currency::USD)).customer(customer)
/// };
/// let orders = [order(1, "ann"), order(1, "bob"), order(2, "ann"), order(3, "ann")];
/// let mut options = HistoryOptions::new(Currency::USD);
/// options.observed_until = NaiveDate::from_ymd_opt(2024, 4, 1);
/// let report = OrderHistory::from_orders(orders, options)?.report(&ReportOptions::default())?;
/// assert_eq!(report.current.period, "2024-03".parse()?);
/// assert_eq!(report.previous.unwrap().period, "2024-02".parse()?);
/// println!("{report}");
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// The version of this form. It rises when a field changes its meaning or goes away.
    pub version: u32,
    /// What the history holds and what it left out.
    pub summary: Summary,
    /// The metrics of buying over the whole history.
    pub whole: Buying,
    /// The same in the period of the headlines.
    pub current: Buying,
    /// The same in as many months, or days, before it, where the history holds all of them.
    pub previous: Option<Buying>,
    /// The same, period by period; by year, where the history is longer than a century.
    pub timeline: Timeline,
    /// Who came, stayed and left in the period of the headlines.
    pub flow: CustomerFlow,
    /// Buyers of the period before who bought again in that of the headlines.
    pub repurchase: RepurchaseRetention,
    /// What their revenue did from the period before to that of the headlines.
    pub movements: RevenueMovements,
    /// How soon a first purchase is followed by a second.
    pub second_purchase: TimeToSecondPurchase,
    /// How long customers take from purchase to purchase.
    pub gaps: TimeBetweenPurchases,
    /// How many customers go on to the next purchase.
    pub funnel: PurchaseFunnel,
    /// Customers by the month of their first purchase: the share that bought again in each month since. By year, where the
    /// history is longer than a century.
    pub cohorts: CohortTable,
    /// How much of the revenue few customers bring.
    pub concentration: Concentration,
    /// Customers by recency, frequency and monetary value.
    pub rfm: Vec<RfmSegment>,
}

impl OrderHistory {
    /// The report on this history.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`](crate::Error::DateOutOfRange) where a period, or the one before it, would leave the years
    /// 1 to 9999; [`Error::TooManyCohortCells`](crate::Error::TooManyCohortCells) beyond all use of
    /// [`cohort_index`](ReportOptions::cohort_index).
    pub fn report(&self, options: &ReportOptions) -> Result<Report> {
        let span = self.span();
        let (current, previous) = match options.period {
            Some(period) => (period, period.before().filter(|previous| previous.start() >= span.start())),
            None => latest_months(span).map_or((span, None), |(current, previous)| (current, Some(previous))),
        };
        let buying = |period| self.during(period).map(|window| *window.buying());
        let window = self.during(current)?;
        // A date with a wrong year must not make tables of a hundred thousand months.
        let long = span.days() > A_LONG_HISTORY;
        let grain = if long { Grain::Year } else { Grain::Month };
        let cohorts = CohortOptions { max_index: Some(options.cohort_index), ..CohortOptions::by(grain) };
        Ok(Report {
            version: 1,
            summary: self.summary(),
            whole: buying(span)?,
            current: *window.buying(),
            previous: previous.map(buying).transpose()?,
            timeline: self.timeline(if long { Grain::Year } else { options.grain })?,
            flow: window.customer_flow(&options.lapse_after.into()),
            repurchase: window.repurchase_retention()?,
            movements: window.revenue_movements()?,
            second_purchase: self.time_to_second_purchase(&TimeToSecondPurchaseOptions::default())?,
            gaps: self.time_between_purchases(&TimeBetweenPurchasesOptions::default()),
            funnel: self.purchase_funnel(&PurchaseFunnelOptions::default()),
            cohorts: self.cohorts(&cohorts)?.table(CohortReading::ReturnedIn, CohortMeasure::Rate)?,
            concentration: self.concentration(&ConcentrationOptions::default())?,
            rfm: self.rfm(&RfmOptions::default())?.groups.segments,
        })
    }
}

/// A century, in days.
const A_LONG_HISTORY: i64 = 36_525;

/// The latest complete months that a span holds twice: the later of them, and those before.
fn latest_months(span: Period) -> Option<(Period, Period)> {
    let end = span.end().with_day(1)?;
    [12, 6, 3, 1].into_iter().find_map(|months| {
        let middle = end.checked_sub_months(Months::new(months))?;
        let start = middle.checked_sub_months(Months::new(months))?;
        (start >= span.start()).then_some(())?;
        Some((Period::new(middle, end).ok()?, Period::new(start, middle).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn headlines_take_the_most_months_that_are_there_twice() {
        let months = |span| latest_months(period(span)).map(|(current, _)| current.to_string());
        assert_eq!(months("1997-01-01/1998-07-01").as_deref(), Some("1998-01-01/1998-07-01"));
        assert_eq!(months("2022-01-01/2024-01-01").as_deref(), Some("2023-01-01/2024-01-01"));
        assert_eq!(months("2022-01-02/2024-01-31").as_deref(), Some("2023-07-01/2024-01-01"));
        assert_eq!(months("2024-01-15/2024-03-10"), None);
    }
}
