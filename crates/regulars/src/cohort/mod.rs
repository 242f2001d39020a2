//! Customers by the period of their first purchase, and what they do in the periods after it.

mod grain;
mod table;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::grain::CohortGrain;
pub use self::table::{CohortMeasure, CohortReading, CohortRow, CohortTable};
use crate::calendar::{Day, Grain, Period, PeriodIndex, boundary_day, date_of};
use crate::error::{Error, Result};
use crate::money::{Currency, Money};
use crate::orders::{Block, Counter, OrderHistory, Shopper};
use crate::table::{Column, Columns};

/// How [`OrderHistory::cohorts`] makes cohorts.
///
/// ```
/// use regulars::{CohortOptions, Grain};
///
/// let mut options = CohortOptions::by(Grain::Quarter);
/// options.max_index = Some(8);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CohortOptions {
    /// The size of cohorts and periods. Months, unless told otherwise.
    pub grain: CohortGrain,
    /// The last index to follow; as far as observation reaches, where this is `None`.
    pub max_index: Option<u32>,
}

impl CohortOptions {
    /// Cohorts of this size.
    pub fn by(grain: impl Into<CohortGrain>) -> CohortOptions {
        CohortOptions { grain: grain.into(), max_index: None }
    }
}

impl Default for CohortOptions {
    fn default() -> CohortOptions {
        CohortOptions::by(Grain::Month)
    }
}

/// What customers do after their first purchase, by the period of that: all counts of which every reading is made.
///
/// Cohorts follow each other without a gap, those without customers included. The sizes sum to the customers with a
/// believable first purchase, and the revenue of all cells to their net revenue unless
/// [`max_index`](CohortOptions::max_index) cuts rows off.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Cohorts {
    /// The size of cohorts and periods.
    pub grain: CohortGrain,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The day on which observation ends, itself no longer observed.
    pub observed_until: NaiveDate,
    /// The cohorts, in time.
    pub cohorts: Vec<Cohort>,
    /// Customers in no cohort: their first known purchase falls into the warm-up
    /// ([`history_starts`](crate::HistoryOptions::history_starts)), so that nobody knows when they first bought.
    pub warm_up_customers: u64,
    /// Their net revenue.
    pub warm_up_revenue: Money,
}

/// The customers who first bought in one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Cohort {
    /// The period of the first purchase.
    pub period: Period,
    /// Whether observation lasted to its end; new customers may still join a cohort that is incomplete.
    pub complete: bool,
    /// How many customers. No denominator is ever smaller than this.
    pub size: u64,
    /// What they did by index; index 0 is the period of acquisition.
    pub cells: Vec<CohortCell>,
}

/// What the customers of a cohort did in one period. See [`CohortReading`] for the four counts of customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CohortCell {
    /// Whether every customer of the cohort was observed through the whole of the period. What stands in a cell that is
    /// incomplete will grow, and is left out of tables and averages.
    pub complete: bool,
    /// Customers who bought in it.
    pub returned_in: u64,
    /// Customers whose second purchase lies in it or before.
    pub returned_by: u64,
    /// Customers who bought in it or later.
    pub returned_from: u64,
    /// Customers who bought in it and in every period before.
    pub active_every: u64,
    /// Purchases in it.
    pub purchases: u64,
    /// Orders in it.
    pub orders: u64,
    /// Net revenue in it, credit notes of its days included. A credit note from before the first purchase stands in
    /// index 0.
    pub revenue: Money,
}

impl OrderHistory {
    /// Customers by the period of their first purchase, followed from period to period.
    ///
    /// First means first in the whole history, and customers of a warm-up are counted apart. One scan counts everything;
    /// [`Cohorts::table`] reads it.
    ///
    /// # Errors
    /// [`Error::TooManyCohortCells`] where the cohorts of so small a grain have more cells than a table can be of use
    /// with; [`Error::DateOutOfRange`] where a period would leave the years 1 to 9999.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{CohortMeasure, CohortOptions, CohortReading, Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let order = |who: &str, m, d| {
    /// #     let date = NaiveDate::from_ymd_opt(2024, m, d).unwrap();
    /// #     Order::new(date, Money::from_minor(1000, Currency::USD)).customer(who)
    /// # };
    /// // Ann and Bob come in January, and Ann again in February; Cid comes on the last day of February.
    /// let orders = [order("ann", 1, 9), order("bob", 1, 20), order("ann", 2, 2), order("cid", 2, 29)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let cohorts = history.cohorts(&CohortOptions::default())?;
    /// let rates = cohorts.table(CohortReading::ReturnedIn, CohortMeasure::Rate)?;
    /// let row = |i: usize| rates.rows[i].cells.iter().map(|cell| cell.and_then(|value| value.to_f64())).collect::<Vec<_>>();
    /// assert_eq!(row(0), [Some(1.0), Some(0.5)]);
    /// assert_eq!(row(1), [Some(1.0), None]);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn cohorts(&self, options: &CohortOptions) -> Result<Cohorts> {
        let plan = CohortPlan::new(self, options)?;
        Ok(plan.finish(&self.ledger().count(|| plan.counter())))
    }
}

/// The most cells that cohorts may have together: those of four years of daily cohorts.
const MOST_CELLS: u64 = 1 << 20;

/// What is asked of a pass: what cohorts do, and where in the table of cells a day of a customer belongs.
///
/// Cohort c has the indexes 0 to `periods` − 1 − c: a triangle, which is kept row after row.
#[derive(Debug)]
pub(crate) struct CohortPlan<'a> {
    history: &'a OrderHistory,
    grain: CohortGrain,
    periods: Vec<Period>,
    /// First purchases before this day belong to a warm-up.
    new_from: Day,
    /// The periods of the cohorts, and of days since the first purchase where index 0 begins with that.
    cohorts: PeriodIndex,
    since_first: Option<PeriodIndex>,
    /// The first cell of each cohort.
    rows: Vec<u32>,
    /// Indexes that are kept.
    most: usize,
    /// How many cells of the first cohort are complete; each cohort after it has one less.
    complete: usize,
}

impl<'a> CohortPlan<'a> {
    pub(crate) fn new(history: &'a OrderHistory, options: &CohortOptions) -> Result<CohortPlan<'a>> {
        let days = history.days();
        let new_from = history.new_customers_from();
        let first = days.start.max(new_from);
        let until = days.end;
        let (mut periods, mut since_first, mut complete) = (Vec::new(), None, 0);
        match options.grain {
            // Nobody is new.
            _ if first >= until => {}
            CohortGrain::Calendar(grain) => {
                periods = grain.periods(Period::new(date_of(first), date_of(until))?)?;
                complete = periods.iter().filter(|period| boundary_day(period.end()) <= until).count();
            }
            CohortGrain::Days(length) => {
                // A block longer than all time is the whole history.
                let length = i32::try_from(length.get()).unwrap_or(i32::MAX).min(crate::calendar::LAST_DAY);
                let base = days.start + (first - days.start) / length * length;
                let blocks = (until - base + length - 1) / length;
                for start in (0..blocks).map(|block| base + block * length) {
                    periods.push(Period::new(date_of(start), date_of(start.saturating_add(length)))?);
                }
                let blocks = (0..=blocks).map(|block| block.saturating_mul(length)).collect();
                since_first = Some(PeriodIndex::new(blocks, 0..until - base));
                // The last to join the first cohort came `length` − 1 after the base, and their index k ends
                // (k + 1) × `length` later.
                complete = usize::try_from((until - (base + length - 1)) / length).unwrap_or(0);
            }
        }
        let mut plan = CohortPlan {
            history,
            grain: options.grain,
            new_from,
            cohorts: PeriodIndex::of(&periods, days),
            periods,
            since_first,
            rows: Vec::new(),
            most: options.max_index.map_or(usize::MAX, |last| (last as usize).saturating_add(1)),
            complete,
        };
        let mut cells = 0_u64;
        for number in 0..plan.periods.len() {
            plan.rows.push(u32::try_from(cells).unwrap_or(u32::MAX));
            cells += plan.width(number) as u64;
        }
        if cells > MOST_CELLS {
            return Err(Error::TooManyCohortCells { cells, most: MOST_CELLS });
        }
        Ok(plan)
    }

    /// The cells of a cohort.
    fn width(&self, cohort: usize) -> usize {
        (self.periods.len() - cohort).min(self.most)
    }

    pub(crate) fn counter(&self) -> CohortCounter<'_> {
        let cells = (0..self.periods.len()).map(|cohort| self.width(cohort)).sum();
        CohortCounter {
            plan: self,
            cells: vec![Counts::default(); cells],
            warm_up_customers: 0,
            warm_up_revenue: 0,
        }
    }

    pub(crate) fn finish(&self, counter: &CohortCounter<'_>) -> Cohorts {
        let (until, currency) = (self.history.observed_until(), self.history.options().currency);
        let money = |minor| Money::from_minor(minor, currency);
        let mut first = 0;
        let cohorts = (0..)
            .zip(&self.periods)
            .map(|(number, &period)| {
                let counts = counter.cells.get(first..first + self.width(number)).unwrap_or_default();
                first += counts.len();
                let complete_cells = self.complete.saturating_sub(number);
                Cohort::new(period, period.end() <= until, counts, complete_cells, money)
            })
            .collect();
        Cohorts {
            grain: self.grain,
            currency,
            observed_until: until,
            cohorts,
            warm_up_customers: counter.warm_up_customers,
            warm_up_revenue: money(counter.warm_up_revenue),
        }
    }
}

/// What a pass counts in a cell. Customers are counted once each in the cell of their second and of their last
/// purchase and in that which ends their unbroken run; the readings are running sums of these.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    customers: u32,
    second: u32,
    last: u32,
    run_ends: u32,
    purchases: u32,
    orders: u32,
    revenue: i64,
}

#[derive(Debug)]
pub(crate) struct CohortCounter<'a> {
    plan: &'a CohortPlan<'a>,
    cells: Vec<Counts>,
    warm_up_customers: u64,
    warm_up_revenue: i64,
}

impl Counter for CohortCounter<'_> {
    fn look(&mut self, block: &Block) {
        block.for_each_crowd(|shopper| self.follow(shopper));
    }

    fn merge(&mut self, other: Self) {
        for (sum, more) in self.cells.iter_mut().zip(&other.cells) {
            sum.customers += more.customers;
            sum.second += more.second;
            sum.last += more.last;
            sum.run_ends += more.run_ends;
            sum.purchases += more.purchases;
            sum.orders += more.orders;
            sum.revenue += more.revenue;
        }
        self.warm_up_customers += other.warm_up_customers;
        self.warm_up_revenue += other.warm_up_revenue;
    }
}

impl CohortCounter<'_> {
    #[inline]
    fn follow(&mut self, shopper: Shopper<'_>) {
        let plan = self.plan;
        let Some(first) = shopper.first_purchase() else { return };
        if first < plan.new_from {
            self.warm_up_customers += u64::from(shopper.customers);
            self.warm_up_revenue += shopper.net;
            return;
        }
        let number = plan.cohorts.number(first);
        let cohort = number - 1;
        let start = plan.rows.get(cohort).map_or(0, |&cell| cell as usize);
        let Some(cells) = self.cells.get_mut(start..start + plan.width(cohort)) else { return };
        let (index, zero, shift) = match &plan.since_first {
            Some(blocks) => (blocks, first, 1),
            None => (&plan.cohorts, 0, number),
        };

        let mut last = usize::MAX;
        let mut purchases = 0_u32;
        let mut run = 0;
        for entry in shopper.entries {
            let at = index.number(entry.day.max(first) - zero) - shift;
            // Beyond the last index that is kept, a purchase still says that the customer came back later.
            let mut beyond = Counts::default();
            let cell = cells.get_mut(at).unwrap_or(&mut beyond);
            cell.revenue += entry.net;
            if !entry.is_purchase() {
                continue;
            }
            purchases += 1;
            cell.orders += entry.orders;
            cell.purchases += shopper.customers;
            cell.second += u32::from(purchases == 2);
            cell.customers += shopper.customers * u32::from(at != last);
            run += usize::from(at == run + 1);
            last = at;
        }
        let end = cells.len() - 1;
        if let Some(cell) = cells.get_mut(last.min(end)) {
            cell.last += shopper.customers;
        }
        if let Some(cell) = cells.get_mut(run.min(end)) {
            cell.run_ends += shopper.customers;
        }
    }
}

impl Cohort {
    fn new(
        period: Period,
        complete: bool,
        counts: &[Counts],
        complete_cells: usize,
        money: impl Fn(i64) -> Money,
    ) -> Cohort {
        let size: u64 = counts.iter().map(|cell| u64::from(cell.last)).sum();
        let (mut by, mut gone, mut broken) = (0, 0, 0);
        let cells = (0..)
            .zip(counts)
            .map(|(index, cell)| {
                by += u64::from(cell.second);
                let cell_of_table = CohortCell {
                    complete: index < complete_cells,
                    returned_in: cell.customers.into(),
                    returned_by: by,
                    returned_from: size - gone,
                    active_every: size - broken,
                    purchases: cell.purchases.into(),
                    orders: cell.orders.into(),
                    revenue: money(cell.revenue),
                };
                gone += u64::from(cell.last);
                broken += u64::from(cell.run_ends);
                cell_of_table
            })
            .collect();
        Cohort { period, complete, size, cells }
    }
}

impl Columns for Cohorts {
    fn rows(&self) -> usize {
        self.cohorts.iter().map(|cohort| cohort.cells.len()).sum()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || {
            self.cohorts
                .iter()
                .flat_map(|cohort| (0_i64..).zip(&cohort.cells).map(move |cell| (cohort, cell)))
        };
        #[expect(clippy::cast_possible_wrap, reason = "a history holds fewer than 2³² orders")]
        let count = |name, of: fn(&CohortCell) -> u64| {
            Column::i64(name, all().map(move |(_, (_, cell))| of(cell) as i64))
        };
        #[expect(clippy::cast_possible_wrap, reason = "as above")]
        let size = Column::i64("size", all().map(|(cohort, _)| cohort.size as i64));
        vec![
            Column::date("cohort_start", all().map(|(cohort, _)| cohort.period.start())),
            Column::date("cohort_end", all().map(|(cohort, _)| cohort.period.end())),
            size,
            Column::i64("index", all().map(|(_, (index, _))| index)),
            Column::bool("complete", all().map(|(_, (_, cell))| cell.complete)),
            count("returned_in", |cell| cell.returned_in),
            count("returned_by", |cell| cell.returned_by),
            count("returned_from", |cell| cell.returned_from),
            count("active_every", |cell| cell.active_every),
            count("purchases", |cell| cell.purchases),
            count("orders", |cell| cell.orders),
            Column::money("revenue", all().map(|(_, (_, cell))| cell.revenue)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;
    use crate::{Figure, HistoryOptions, Order};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Orders (customer, date, cents), observed until a day.
    fn history(orders: &[(u32, &str, i64)], until: &str) -> OrderHistory {
        let mut options = HistoryOptions::new(Currency::USD);
        options.observed_until = Some(date(until));
        of(orders, options)
    }

    fn of(orders: &[(u32, &str, i64)], options: HistoryOptions) -> OrderHistory {
        let order = |&(who, day, cents): &(u32, &str, i64)| {
            Order::new(date(day), Money::from_minor(cents, Currency::USD)).customer(&who.to_string())
        };
        OrderHistory::from_orders(orders.iter().map(order), options).unwrap()
    }

    fn table(history: &OrderHistory, grain: &str, reading: &str, measure: &str) -> CohortTable {
        let options = CohortOptions::by(grain.parse::<CohortGrain>().unwrap());
        let cohorts = history.cohorts(&options).unwrap();
        cohorts.table(reading.parse().unwrap(), measure.parse().unwrap()).unwrap()
    }

    fn numbers(cells: &[Option<Figure>]) -> Vec<Option<f64>> {
        cells.iter().map(|cell| cell.and_then(Figure::to_f64)).collect()
    }

    /// The first so many cells of a row.
    fn row(
        history: &OrderHistory,
        grain: &str,
        reading: &str,
        measure: &str,
        row: usize,
    ) -> Vec<Option<f64>> {
        numbers(&table(history, grain, reading, measure).rows[row].cells)
    }

    /// Of three users who come on day 0, one returns on day 1 and another on day 5, of seven days observed.
    #[test]
    fn in_a_period_and_from_it_on() {
        let orders = [
            (1, "2024-05-01", 100),
            (2, "2024-05-01", 100),
            (3, "2024-05-01", 100),
            (1, "2024-05-02", 100),
            (2, "2024-05-06", 100),
        ];
        let history = history(&orders, "2024-05-08");
        for grain in ["day", "1-days"] {
            let thirds = |reading| {
                let cells = row(&history, grain, reading, "customers", 0);
                cells.into_iter().map(|cell| cell.unwrap()).collect::<Vec<_>>()
            };
            // 100/33/0/0/0/33/0 and 100/66/33/33/33/33/0 percent of 3.
            assert_eq!(thirds("returned_in"), [3.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
            assert_eq!(thirds("returned_from"), [3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
            assert_eq!(thirds("returned_by"), [0.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0]);
            assert_eq!(thirds("active_every"), [3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
            assert_eq!(row(&history, grain, "returned_from", "rate", 0)[1], Some(2.0 / 3.0));
        }
    }

    /// Of 1000 subscribers 631, 468, 382 and 326 renew: .631 of the first, then 468/631 = .742, 382/468 = .816 and
    /// 326/382 = .853 of those still there.
    #[test]
    fn survivors_survive_better() {
        let renewed = [1000_u32, 631, 468, 382, 326];
        let months = ["2024-01-15", "2024-02-15", "2024-03-15", "2024-04-15", "2024-05-15"];
        let mut orders = Vec::new();
        for (&count, &month) in renewed.iter().zip(&months) {
            orders.extend((0..count).map(|who| (who, month, 1000)));
        }
        let history = history(&orders, "2024-06-01");
        let kept = row(&history, "month", "active_every", "rate_of_previous", 0);
        assert_eq!(kept[0], None);
        let text: Vec<String> = kept[1..].iter().map(|rate| format!("{:.3}", rate.unwrap())).collect();
        assert_eq!(text, ["0.631", "0.742", "0.816", "0.853"]);
        // Against the original customers, not against the survivors.
        assert_eq!(row(&history, "month", "active_every", "rate", 0)[4], Some(0.326));
        // 10 USD for each renewal: (1000 + 631 + 468 + 382 + 326) × 10 ÷ 1000, not ÷ the 326 who are left.
        assert_eq!(row(&history, "month", "returned_in", "revenue_per_customer", 0)[4], Some(28.07));
    }

    /// January: 1 of 1 comes back in the next month; February: 0 of 3; March: 2 new ones, whose April ends after
    /// observation does.
    fn three_cohorts() -> OrderHistory {
        let orders = [
            (1, "2024-01-10", 1000),
            (1, "2024-02-10", 500),
            (2, "2024-02-11", 1000),
            (3, "2024-02-12", 1000),
            (4, "2024-02-29", 1000),
            (5, "2024-03-02", 1000),
            (6, "2024-03-31", 1000),
            (5, "2024-04-02", 700),
        ];
        history(&orders, "2024-04-11")
    }

    #[test]
    fn what_is_not_yet_observed_is_no_zero() {
        let history = three_cohorts();
        let rates = table(&history, "month", "returned_in", "rate");
        let found: Vec<_> = rates.rows.iter().map(|row| numbers(&row.cells)).collect();
        assert_eq!(
            found,
            [
                [Some(1.0), Some(1.0), Some(0.0)],
                [Some(1.0), Some(0.0), None],
                // One of two has come back already; the other still has 20 days of April.
                [Some(1.0), None, None],
                [None, None, None],
            ]
        );
        assert_eq!(rates.rows.iter().map(|row| row.complete).collect::<Vec<_>>(), [true, true, true, false]);
        let cohorts = history.cohorts(&CohortOptions::default()).unwrap();
        let april = cohorts.cohorts[2].cells[1];
        assert_eq!((april.complete, april.returned_in, april.revenue.minor()), (false, 1, 700));
    }

    #[test]
    fn rates_are_pooled_and_not_averaged() {
        let rates = table(&three_cohorts(), "month", "returned_in", "rate");
        let Some(Figure::Rate(rate)) = rates.pooled[1] else { panic!("{:?}", rates.pooled) };
        // (1 + 0) ÷ (1 + 3). The mean of 100 % and 0 % would be 50 %; with the immature March, (1 + 0 + 1) ÷ 6.
        assert_eq!((rate.numerator, rate.denominator, rate.value), (1, 4, Some(0.25)));
        let value = table(&three_cohorts(), "month", "returned_in", "revenue_per_customer");
        // January 15.00 from 1, February 30.00 from 3: 45 ÷ 4, and not (15 + 10) ÷ 2.
        assert_eq!(numbers(&value.pooled)[1], Some(11.25));
        let customers = table(&three_cohorts(), "month", "returned_in", "customers");
        assert_eq!(numbers(&customers.pooled), [Some(2.0), Some(0.5), Some(0.0)]);
    }

    /// Without the first year, its customers look new.
    #[test]
    fn first_in_the_books_is_not_first_ever() {
        let orders = [(1, "2024-01-10", 1000), (1, "2024-03-10", 500), (2, "2024-03-11", 300)];
        let mut options = HistoryOptions::new(Currency::USD);
        options.history_starts = Some(date("2024-01-01"));
        options.warm_up_days = 60;
        // Believed from 2024-03-01 on, as 2024 has a leap day.
        let cohorts = of(&orders, options).cohorts(&CohortOptions::default()).unwrap();
        assert_eq!((cohorts.cohorts.len(), cohorts.cohorts[0].size), (1, 1));
        assert_eq!(cohorts.cohorts[0].cells[0].revenue.minor(), 300);
        assert_eq!((cohorts.warm_up_customers, cohorts.warm_up_revenue.minor()), (1, 1500));
    }

    /// A credit note lowers the cell of its own date; one from before the first purchase, index 0.
    #[test]
    fn credit_notes_lower_the_revenue_of_their_date() {
        let orders = [
            (1, "2024-01-05", -100),
            (1, "2024-02-10", 1000),
            (1, "2024-03-10", -300),
            (2, "2024-03-11", -900),
            (1, "2024-04-01", 1),
        ];
        let history = history(&orders, "2024-05-01");
        assert_eq!(
            row(&history, "month", "returned_in", "revenue", 1),
            [Some(9.0), Some(-3.0), Some(0.01), None]
        );
        assert_eq!(
            row(&history, "month", "returned_by", "revenue", 1),
            [Some(9.0), Some(6.0), Some(6.01), None]
        );
        // A credit note is no purchase, and a customer of nothing else is in no cohort.
        assert_eq!(
            row(&history, "month", "returned_in", "customers", 1)[..3],
            [Some(1.0), Some(0.0), Some(1.0)]
        );
        let sizes: Vec<u64> =
            table(&history, "month", "returned_in", "rate").rows.iter().map(|r| r.size).collect();
        assert_eq!(sizes, [0, 1, 0, 0]);
        // Of no orders there is no value.
        let values = row(&history, "month", "returned_in", "average_order_value", 1);
        assert_eq!(values, [Some(9.0), None, Some(0.01), None]);
    }

    /// Both buy 5 days apart, one early in January and one across its end: the same behaviour in blocks of days, two
    /// different ones in months.
    #[test]
    fn blocks_of_days_give_everybody_the_same_exposure() {
        let orders =
            [(1, "2024-01-01", 100), (1, "2024-01-06", 100), (2, "2024-01-29", 100), (2, "2024-02-03", 100)];
        let history = history(&orders, "2024-03-31");
        assert_eq!(row(&history, "month", "returned_in", "customers", 0)[..2], [Some(2.0), Some(1.0)]);
        let blocks = table(&history, "30-days", "returned_by", "customers");
        assert_eq!(blocks.rows[0].period.to_string(), "2024-01-01/2024-01-31");
        // 90 days are observed. Who joins on the 30th day has had 61 of them, two whole blocks.
        assert_eq!(numbers(&blocks.rows[0].cells), [Some(2.0), Some(2.0)]);
        assert_eq!(numbers(&blocks.rows[1].cells), [Some(0.0), None]);
        let one_day_less = history.observe_until(Some(date("2024-03-29"))).unwrap();
        assert_eq!(table(&one_day_less, "30-days", "returned_by", "customers").pooled.len(), 1);
    }

    #[test]
    fn a_last_index_cuts_cells_off_and_changes_no_other() {
        let history = three_cohorts();
        let whole = history.cohorts(&CohortOptions::default()).unwrap();
        let options = CohortOptions { max_index: Some(1), ..CohortOptions::default() };
        let cut = history.cohorts(&options).unwrap();
        for (whole, cut) in whole.cohorts.iter().zip(&cut.cohorts) {
            assert_eq!((cut.size, &cut.cells[..]), (whole.size, &whole.cells[..whole.cells.len().min(2)]));
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let history = three_cohorts();
        let cohorts = history.cohorts(&CohortOptions::default()).unwrap();
        let code = |reading: &str, measure: &str| {
            let parsed = reading.parse().and_then(|reading| Ok((reading, measure.parse()?)));
            parsed.and_then(|(reading, measure)| cohorts.table(reading, measure)).unwrap_err().code()
        };
        assert_eq!(code("active_every", "revenue"), "undefined_cohort_table");
        assert_eq!(code("returned_in", "rate_of_previous"), "undefined_cohort_table");
        assert_eq!(code("returned", "rate"), "unknown_cohort_reading");
        assert_eq!(code("returned_in", "ltv"), "unknown_cohort_measure");
        let far = date("2024-01-10") + Days::new(1500);
        let long = history.observe_until(Some(far)).unwrap();
        assert_eq!(long.cohorts(&CohortOptions::by(Grain::Day)).unwrap_err().code(), "too_many_cohort_cells");
        for text in ["30", "-3-days", "x-days", ""] {
            assert_eq!(text.parse::<CohortGrain>().unwrap_err().code(), "invalid_cohort_grain", "{text}");
        }
    }

    #[test]
    fn a_table_prints_itself_and_exports_its_cells() {
        let rates = table(&three_cohorts(), "month", "returned_in", "rate");
        let printed = rates.to_string();
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["cohort", "customers", "0", "1", "2"]);
        assert_eq!(lines[3].split_whitespace().collect::<Vec<_>>(), ["2024-02", "3", "█", "100.0", "0.0"]);
        // April has no new customers.
        assert!(lines[5].starts_with("pooled"));
        assert_eq!(Columns::rows(&rates), 12);
        let columns = rates.columns();
        let value = columns.iter().find(|column| column.name == "value").unwrap();
        assert_eq!(value.validity.as_ref().unwrap()[..6], [true, true, true, true, true, false]);
        let cohorts = three_cohorts().cohorts(&CohortOptions::default()).unwrap();
        assert!(cohorts.columns().iter().all(|column| column.validity.is_none()));
        assert_eq!(Columns::rows(&cohorts), 4 + 3 + 2 + 1);
    }
}
