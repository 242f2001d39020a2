//! One reading of cohorts by one measure.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Cohort, CohortCell, CohortGrain, Cohorts};
use crate::calendar::Period;
use crate::error::{Error, Result};
use crate::measure::{Average, Figure, Rate};
use crate::money::Money;
use crate::table::{Column, Columns};

/// Which customers of a cohort a table counts at index k.
///
/// As text in snake case: `returned_in`, `returned_by`, `returned_from`, `active_every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CohortReading {
    /// Those who bought in period k ("classic" retention). It may rise again along a row.
    #[default]
    ReturnedIn,
    /// Those whose second purchase lies in period k or before: cumulative, never falls. At index 0 they are those who
    /// bought on two days of the period of acquisition.
    ReturnedBy,
    /// Those who bought in period k or later ("unbounded", "rolling" retention), as far as observed. It never rises along
    /// a row, and what is known of recent periods still grows with every late return.
    ReturnedFrom,
    /// Those who bought in every period up to k: the retention of a subscription.
    ActiveEvery,
}

/// What a table says of the customers that a [`CohortReading`] counts, or of the cohort's purchases.
///
/// Purchases, revenue and average order value are those in period k with [`CohortReading::ReturnedIn`], and those up to
/// the end of period k with [`CohortReading::ReturnedBy`]. With the other readings they have no meaning and are refused.
///
/// As text in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CohortMeasure {
    /// How many customers.
    Customers,
    /// Customers ÷ size of the cohort. The denominator never shrinks to survivors.
    #[default]
    Rate,
    /// Customers ÷ customers at index k − 1: which share of survivors survives a period more. Only with
    /// [`CohortReading::ActiveEvery`]; at index 0 there is none.
    RateOfPrevious,
    /// Purchases.
    Purchases,
    /// Net revenue.
    Revenue,
    /// Net revenue from the first purchase to the end of period k ÷ size of the cohort: lifetime value so far, per
    /// original customer. Cumulative with [`CohortReading::ReturnedIn`] as with [`CohortReading::ReturnedBy`].
    RevenuePerCustomer,
    /// Net revenue ÷ orders.
    AverageOrderValue,
}

macro_rules! names {
    ($type:ident, $error:ident, $($variant:ident => $name:literal,)+) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($type::$variant => $name,)+ })
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<$type> {
                match text {
                    $($name => Ok($type::$variant),)+
                    _ => Err(Error::$error { value: text.to_owned() }),
                }
            }
        }
    };
}

names! { CohortReading, UnknownCohortReading,
    ReturnedIn => "returned_in",
    ReturnedBy => "returned_by",
    ReturnedFrom => "returned_from",
    ActiveEvery => "active_every",
}

names! { CohortMeasure, UnknownCohortMeasure,
    Customers => "customers",
    Rate => "rate",
    RateOfPrevious => "rate_of_previous",
    Purchases => "purchases",
    Revenue => "revenue",
    RevenuePerCustomer => "revenue_per_customer",
    AverageOrderValue => "average_order_value",
}

/// One reading of cohorts by one measure: a row per cohort, a column per index.
///
/// It displays as a table for a terminal, in which rates are shaded.
///
/// As [`Columns`] it has one row per cohort and index up to the last that is complete somewhere: `value` is a share, a
/// number, or money in units of the currency; `numerator` and `denominator` are what it was made of, money in minor
/// units. All three are missing where the cell is not complete.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CohortTable {
    /// Which customers are counted.
    pub reading: CohortReading,
    /// What is said of them.
    pub measure: CohortMeasure,
    /// The size of cohorts and periods.
    pub grain: CohortGrain,
    /// The cohorts, in time.
    pub rows: Vec<CohortRow>,
    /// The mean of each index over the cohorts whose cell there is complete: numerators and denominators summed, then
    /// divided. Counts and revenue are averaged per cohort. `None` where no cell is complete.
    pub pooled: Vec<Option<Figure>>,
}

/// One cohort of a [`CohortTable`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CohortRow {
    /// The period of the first purchase.
    pub period: Period,
    /// Whether observation lasted to its end.
    pub complete: bool,
    /// How many customers.
    pub size: u64,
    /// By index. `None` where the cell is not complete: never 0 for what has not happened yet.
    pub cells: Vec<Option<Figure>>,
}

impl CohortCell {
    fn customers(&self, reading: CohortReading) -> u64 {
        match reading {
            CohortReading::ReturnedIn => self.returned_in,
            CohortReading::ReturnedBy => self.returned_by,
            CohortReading::ReturnedFrom => self.returned_from,
            CohortReading::ActiveEvery => self.active_every,
        }
    }
}

/// The purchases of a cohort in a period or up to its end.
#[derive(Clone, Copy, Default)]
struct Bought {
    purchases: u64,
    orders: u64,
    revenue: i64,
}

impl Bought {
    fn and(self, cell: &CohortCell) -> Bought {
        Bought {
            purchases: self.purchases + cell.purchases,
            orders: self.orders + cell.orders,
            revenue: self.revenue + cell.revenue.minor(),
        }
    }
}

impl Cohorts {
    /// One reading by one measure, as a table of cohorts and indexes.
    ///
    /// # Errors
    /// [`Error::UndefinedCohortTable`] where the measure has no meaning with the reading, see [`CohortMeasure`].
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{CohortMeasure, CohortOptions, CohortReading, Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let order = |who: &str, m| {
    /// #     let date = NaiveDate::from_ymd_opt(2024, m, 31).unwrap();
    /// #     Order::new(date, Money::from_minor(1000, Currency::USD)).customer(who)
    /// # };
    /// # let orders = [order("ann", 1), order("bob", 1), order("ann", 3)];
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let cohorts = history.cohorts(&CohortOptions::default())?;
    /// let value = cohorts.table(CohortReading::ReturnedIn, CohortMeasure::RevenuePerCustomer)?;
    /// let january: Vec<_> = value.rows[0].cells.iter().map(|cell| cell.unwrap().to_f64().unwrap()).collect();
    /// assert_eq!(january, [10.0, 10.0, 15.0]);
    /// assert!(cohorts.table("active_every".parse()?, "revenue".parse()?).is_err());
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn table(&self, reading: CohortReading, measure: CohortMeasure) -> Result<CohortTable> {
        use CohortMeasure::{AverageOrderValue, Purchases, RateOfPrevious, Revenue, RevenuePerCustomer};
        use CohortReading::{ActiveEvery, ReturnedBy, ReturnedIn};
        let defined = match measure {
            CohortMeasure::Customers | CohortMeasure::Rate => true,
            RateOfPrevious => reading == ActiveEvery,
            Purchases | Revenue | RevenuePerCustomer | AverageOrderValue => {
                matches!(reading, ReturnedIn | ReturnedBy)
            }
        };
        if !defined {
            let (reading, measure) = (reading.to_string(), measure.to_string());
            return Err(Error::UndefinedCohortTable { reading, measure });
        }
        let complete = |cohort: &Cohort| cohort.cells.iter().filter(|cell| cell.complete).count();
        let width = self.cohorts.iter().map(complete).max().unwrap_or(0);
        let mut pools = vec![Pool::default(); width];
        let rows = self.cohorts.iter().map(|cohort| {
            let mut before: Option<&CohortCell> = None;
            let mut up_to = Bought::default();
            let mut pools = pools.iter_mut();
            let mut cells: Vec<Option<Figure>> = Vec::with_capacity(width);
            for cell in cohort.cells.iter().take_while(|cell| cell.complete) {
                up_to = up_to.and(cell);
                let bought = if reading == ReturnedBy { up_to } else { Bought::default().and(cell) };
                let customers = cell.customers(reading);
                let value = match measure {
                    CohortMeasure::Customers => Some(Figure::Count(customers)),
                    CohortMeasure::Rate => Some(Figure::Rate(Rate::of(customers, cohort.size))),
                    RateOfPrevious => {
                        before.map(|before| Figure::Rate(Rate::of(customers, before.customers(reading))))
                    }
                    Purchases => Some(Figure::Count(bought.purchases)),
                    Revenue => Some(Figure::Money(self.money(bought.revenue))),
                    RevenuePerCustomer => Some(self.mean(up_to.revenue, cohort.size)),
                    AverageOrderValue => Some(self.mean(bought.revenue, bought.orders)),
                };
                before = Some(cell);
                cells.push(value);
                if let (Some(pool), Some(value)) = (pools.next(), value) {
                    pool.add(value);
                }
            }
            cells.resize(width, None);
            CohortRow { period: cohort.period, complete: cohort.complete, size: cohort.size, cells }
        });
        let rows = rows.collect();
        let pooled = pools.into_iter().map(|pool| self.pooled(measure, pool)).collect();
        Ok(CohortTable { reading, measure, grain: self.grain, rows, pooled })
    }

    fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.currency)
    }

    fn mean(&self, minor: i64, count: u64) -> Figure {
        Figure::MeanMoney(Average::new(self.money(minor), count))
    }

    fn pooled(&self, measure: CohortMeasure, pool: Pool) -> Option<Figure> {
        let count = u64::try_from(pool.numerator).unwrap_or(0);
        (pool.cells > 0).then(|| match measure {
            CohortMeasure::Customers | CohortMeasure::Purchases => {
                Figure::MeanCount(Average::new(count, pool.denominator))
            }
            CohortMeasure::Rate | CohortMeasure::RateOfPrevious => {
                Figure::Rate(Rate::of(count, pool.denominator))
            }
            CohortMeasure::Revenue | CohortMeasure::RevenuePerCustomer | CohortMeasure::AverageOrderValue => {
                self.mean(pool.numerator, pool.denominator)
            }
        })
    }
}

/// The sums of one index over cohorts.
#[derive(Clone, Copy, Default)]
struct Pool {
    cells: u64,
    numerator: i64,
    denominator: u64,
}

impl Pool {
    fn add(&mut self, value: Figure) {
        let (numerator, denominator) = value.parts();
        self.cells += 1;
        self.numerator += numerator;
        self.denominator += denominator;
    }
}

impl Columns for CohortTable {
    fn rows(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).sum()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || {
            self.rows.iter().flat_map(|row| (0_i64..).zip(&row.cells).map(move |(i, &cell)| (row, i, cell)))
        };
        let there: Vec<bool> = all().map(|(_, _, cell)| cell.is_some()).collect();
        let part = |name, of: fn((i64, u64)) -> i64| {
            Column::i64(name, all().map(|(_, _, cell)| cell.map_or(0, |cell| of(cell.parts()))))
                .only(there.clone())
        };
        #[expect(clippy::cast_possible_wrap, reason = "a history holds fewer than 2³² orders")]
        let (size, denominator) = (
            Column::i64("size", all().map(|(row, _, _)| row.size as i64)),
            part("denominator", |(_, denominator)| denominator as i64),
        );
        vec![
            Column::date("cohort_start", all().map(|(row, _, _)| row.period.start())),
            Column::date("cohort_end", all().map(|(row, _, _)| row.period.end())),
            size,
            Column::i64("index", all().map(|(_, index, _)| index)),
            Column::f64("value", all().map(|(_, _, cell)| cell.and_then(Figure::to_f64))),
            part("numerator", |(numerator, _)| numerator),
            denominator,
        ]
    }
}

/// Lines are displayed that are no longer than this, so that a report may indent them.
const DISPLAYED: usize = 98;

impl fmt::Display for CohortTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        // A row without customers says nothing to people; in the table it keeps its place.
        let rows: Vec<(String, String, Vec<String>)> = self
            .rows
            .iter()
            .filter(|row| row.size > 0)
            .map(|row| {
                let size = if row.complete { row.size.to_string() } else { format!("{}…", row.size) };
                (self.grain.label(row.period.start()), size, texts(&row.cells))
            })
            .chain(core::iter::once_with(|| {
                let all = self.rows.iter().map(|row| row.size).sum::<u64>().to_string();
                ("pooled".to_owned(), all, texts(&self.pooled))
            }))
            .collect();
        let cells = rows.iter().flat_map(|(_, _, cells)| cells);
        let width = 1 + cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(6);
        let shown = self.pooled.len().min((DISPLAYED - 19) / width);
        writeln!(f, "{}, {}, by {}", self.reading, self.measure, self.grain)?;
        write!(f, "{:<10}{:>9}", "cohort", "customers")?;
        for index in 0..shown {
            write!(f, "{index:>width$}")?;
        }
        writeln!(f)?;
        for (label, size, cells) in &rows {
            let mut line = format!("{label:<10}{size:>9}");
            cells.iter().take(shown).try_for_each(|cell| write!(line, "{cell:>width$}"))?;
            writeln!(f, "{}", line.trim_end())?;
        }
        if self.rows.iter().any(|row| row.size > 0 && !row.complete) {
            writeln!(f, "…: more may still join the cohort, whose period is not over.")?;
        }
        if self.pooled.len() > shown {
            let last = self.pooled.len() - 1;
            writeln!(f, "Periods 0 to {} of 0 to {last} are shown.", shown - 1)?;
        }
        Ok(())
    }
}

fn texts(cells: &[Option<Figure>]) -> Vec<String> {
    let text = |cell: &Option<Figure>| match cell {
        None => String::new(),
        Some(Figure::Rate(Rate { value: Some(share), .. })) => {
            format!("{} {:>4.1}", shade(*share), 100.0 * share)
        }
        Some(Figure::Count(count)) => count.to_string(),
        Some(value) => value.to_f64().map_or("–".to_owned(), |value| format!("{value:.2}")),
    };
    cells.iter().map(text).collect()
}

/// Darker, the larger the share. Most cells of a shop lie below a fifth, so the lower steps are the smaller ones.
fn shade(share: f64) -> char {
    match share {
        x if x < 0.05 => ' ',
        x if x < 0.2 => '░',
        x if x < 0.4 => '▒',
        x if x < 0.7 => '▓',
        _ => '█',
    }
}
