//! Everything at once, as one value that prints itself.

mod figures;
mod headline;
mod remark;
mod text;

use chrono::{Datelike, Months};
use serde::{Deserialize, Serialize};

pub use self::figures::ReportDefinitions;
use self::headline::Side;
pub use self::headline::{Headline, Headlines};
pub use self::remark::Remark;
use crate::calendar::{Grain, Period, boundary_day};
use crate::cohort::{CohortMeasure, CohortOptions, CohortPlan, CohortReading, CohortTable};
use crate::error::Result;
use crate::metrics::{
    Buying, BuyingPlan, Concentration, ConcentrationOptions, CustomerFlow, FlowPlan, FlowTimeline,
    LapseAfter, MovementPlan, MovementTimeline, PurchaseFunnel, PurchaseFunnelOptions, RepurchasePlan,
    RepurchaseRetention, ReturnPlan, Returns, RevenueMovements, TimeBetweenPurchases,
    TimeBetweenPurchasesOptions, TimeToSecondPurchase, TimeToSecondPurchaseOptions, Timeline, Timing,
    previous_of,
};
use crate::orders::{OrderHistory, Summary, SummaryCounter, summarize};
use crate::rfm::{RfmGroups, RfmOptions, RfmPlan};
use crate::value::{HistoricValue, ValueCounter};
use crate::words::with_sentences;

/// What a report is to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReportOptions {
    /// The period of the headline figures. Left out, the last 12, 6, 3 or 1 complete months, the most of which the
    /// history holds twice; where it does not hold two months, all of it.
    pub period: Option<Period>,
    /// The periods of the timelines.
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

/// What a history has to say: what it holds and what it left out, ten headline figures beside those of the period before,
/// timelines, who stays, who comes back and when, cohorts, the best customers and those that slip away, returns and value.
/// It displays as text for a terminal and serialises as the JSON that pages are made from.
///
/// See [the guide](crate::guide::report).
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
/// assert_eq!(report.previous.as_ref().unwrap().period, "2024-02".parse()?);
/// let revenue = &report.headlines.figures[0];
/// assert_eq!((revenue.name, revenue.now.to_f64(), revenue.change), ("revenue", Some(25.0), Some(0.0)));
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
    /// Ten figures of the period of the headlines, beside those of the period before.
    pub headlines: Headlines,
    /// What to mind when reading. In JSON each also has its `sentence`.
    #[serde(serialize_with = "with_sentences")]
    pub remarks: Vec<Remark>,
    /// The metrics of buying in the period of the headlines.
    pub current: Buying,
    /// The same in as many months, or days, before it, where the history holds all of them.
    pub previous: Option<Buying>,
    /// The same, period by period; by year, where the history is longer than a century.
    pub timeline: Timeline,
    /// Who came, stayed and left in the period of the headlines.
    pub flow: CustomerFlow,
    /// The same, period by period.
    pub flow_timeline: FlowTimeline,
    /// Buyers of the period before who bought again in that of the headlines.
    pub repurchase: RepurchaseRetention,
    /// What their revenue did from the period before to that of the headlines.
    pub movements: RevenueMovements,
    /// The same, period by period.
    pub movement_timeline: MovementTimeline,
    /// How soon a first purchase is followed by a second.
    pub second_purchase: TimeToSecondPurchase,
    /// How long customers take from purchase to purchase.
    pub gaps: TimeBetweenPurchases,
    /// How many customers go on to the next purchase.
    pub funnel: PurchaseFunnel,
    /// Customers by the month of their first purchase: the share that bought again in each month since. By year, where the
    /// history is longer than a century.
    pub cohorts: CohortTable,
    /// The same cohorts: net revenue so far ÷ all who ever joined, by months since the first purchase.
    pub cohort_values: CohortTable,
    /// How much of the revenue few customers bring.
    pub concentration: Concentration,
    /// Customers by recency, frequency and monetary value.
    pub rfm: RfmGroups,
    /// What comes back, and whether the customers do.
    pub returns: Returns,
    /// What customers have been worth so far.
    pub value: HistoricValue,
    /// Which definition each figure has.
    pub definitions: ReportDefinitions,
}

impl OrderHistory {
    /// The report on this history, in one pass over its orders; in two where
    /// [`lapse_after`](ReportOptions::lapse_after) comes from the rhythm, which has to be known before.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`](crate::Error::DateOutOfRange) where a period, or the one before it, would leave the years
    /// 1 to 9999; [`Error::TooManyPeriods`](crate::Error::TooManyPeriods) of too small a grain;
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) where customers lapse at once;
    /// [`Error::TooManyCohortCells`](crate::Error::TooManyCohortCells) beyond all use of
    /// [`cohort_index`](ReportOptions::cohort_index).
    #[expect(
        clippy::indexing_slicing,
        reason = "a plan gives a result for each of its periods, or each but the first"
    )]
    pub fn report(&self, options: &ReportOptions) -> Result<Report> {
        options.lapse_after.check()?;
        let span = self.span();
        // Where nothing but what no policy counts, such as a test, was observed, they may begin after it.
        let books = Period::new(self.books_start(), span.end()).unwrap_or(span);
        let (current, held_before) = match options.period {
            Some(period) => {
                let held = |previous: &Period| self.books_reach(boundary_day(previous.start()));
                (period, period.before().filter(held))
            }
            None => {
                latest_months(books).map_or((span, None), |(current, previous)| (current, Some(previous)))
            }
        };
        let previous = previous_of(current)?;
        let pair = [previous, current];
        let three: Vec<Period> = previous.before().into_iter().chain(pair).collect();
        // A date with a wrong year must not make tables of a hundred thousand months.
        let long = span.days() > A_LONG_HISTORY;
        let grain = if long { Grain::Year } else { options.grain };
        let periods = grain.periods(span)?;
        let before_first = periods.first().map(|&first| previous_of(first)).transpose()?;
        let beside: Vec<Period> = before_first.into_iter().chain(periods.iter().copied()).collect();
        let cohort_grain = if long { Grain::Year } else { Grain::Month };
        let cohort_options =
            CohortOptions { max_index: Some(options.cohort_index), ..CohortOptions::by(cohort_grain) };

        let buying = [BuyingPlan::new(self, &pair), BuyingPlan::new(self, &periods)];
        let flow = FlowPlan::new(self, &periods, options.lapse_after);
        let flows = [FlowPlan::new(self, &pair, flow.lapse_after()), flow];
        let movements = [MovementPlan::new(self, &pair), MovementPlan::new(self, &beside)];
        let repurchase_plan = RepurchasePlan::new(self, &three);
        let cohorts = CohortPlan::new(self, &cohort_options)?;
        let rfm = RfmPlan::new(self, &RfmOptions::default())?;
        let returns = ReturnPlan::new(self);
        let funnel = PurchaseFunnelOptions::default();

        let counted = self.ledger().count(|| {
            let buying = buying.each_ref().map(BuyingPlan::counter);
            let flows = flows.each_ref().map(FlowPlan::counter);
            let movements = movements.each_ref().map(MovementPlan::counter);
            let periods = (buying, (flows, (movements, repurchase_plan.counter())));
            let customers = (Timing::new(self, &funnel), (cohorts.counter(), rfm.counter()));
            (periods, (customers, (SummaryCounter::default(), (ValueCounter::default(), returns.counter()))))
        });
        let (by_period, (by_customer, (summary, (value, return_books)))) = counted;
        let (buying_counts, (flow_counts, (movement_counts, repurchases))) = by_period;
        let (timing, (cohort_cells, mut rfm_counts)) = by_customer;

        let [pair_counts, counts] = buying_counts;
        let (in_pair, in_timeline) = (buying[0].finish(pair_counts), buying[1].finish(counts));
        let [pair_counts, counts] = flow_counts;
        let (flow_pair, flow_timeline) = (flows[0].finish(pair_counts), flows[1].finish(counts));
        let [pair_counts, counts] = movement_counts;
        let (movement_pair, movement_timeline) =
            (movements[0].finish(&pair_counts), movements[1].finish(&counts));
        let repurchases = repurchase_plan.finish(&repurchases);
        // Net revenue of all time, which both look at.
        let spread = rfm_counts.spread().ascending();
        let scores = rfm.scores(&rfm_counts, &spread);
        let cohorts = cohorts.finish(&cohort_cells);
        let timeline = Timeline { grain, periods: in_timeline };
        let (repurchase, repurchase_before) = match &repurchases[..] {
            [before, now] => (now, Some(before)),
            all => (&all[0], None),
        };
        let now = Side {
            buying: &in_pair[1],
            knows_the_past: true,
            flow: Some(&flow_pair[1]),
            repurchase: Some(repurchase),
        };
        let before = Side {
            buying: &in_pair[0],
            knows_the_past: in_pair[0].reaches_back,
            flow: Some(&flow_pair[0]).filter(|flow| flow.reaches_back),
            repurchase: repurchase_before.filter(|repurchase| repurchase.reaches_back),
        };
        let headlines = Headlines::new(&now, held_before.map(|_| &before));
        Ok(Report {
            version: 1,
            remarks: remark::remarks(&timeline, &headlines, self.warm_up()),
            summary: summarize(self, summary),
            headlines,
            current: in_pair[1],
            previous: held_before.and_then(|_| in_pair.first().copied()),
            timeline,
            flow: flow_pair[1],
            flow_timeline: FlowTimeline { grain, periods: flow_timeline },
            repurchase: *repurchase,
            movements: movement_pair[0],
            movement_timeline: MovementTimeline { grain, periods: movement_timeline },
            second_purchase: timing.second(&TimeToSecondPurchaseOptions::default())?,
            gaps: timing.between(&TimeBetweenPurchasesOptions::default()),
            funnel: timing.funnel(),
            cohorts: cohorts.table(CohortReading::ReturnedIn, CohortMeasure::Rate)?,
            cohort_values: cohorts.table(CohortReading::ReturnedBy, CohortMeasure::RevenuePerCustomer)?,
            concentration: Concentration::of_spread(
                &spread,
                self.options().currency,
                &ConcentrationOptions::default(),
            )?,
            rfm: rfm.groups(&rfm_counts, &scores),
            returns: returns.finish(return_books),
            value: value.finish(self),
            definitions: ReportDefinitions::default(),
        })
    }
}

/// A century, in days.
const A_LONG_HISTORY: i64 = 36_525;

/// The latest complete months that the books hold twice: the later of them, and those before.
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
