//! How far a shop has come, by its own figures.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::assessment::days;
use crate::calendar::{Day, boundary_day};
use crate::measure::{Rate, Ratio};
use crate::orders::{OrderHistory, Rows};
use crate::words::{CUSTOMERS, counted};

/// How far a shop has come, and so what deserves most of its effort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Fewer than 100 customers, or less than 90 days of orders.
    Launched,
    /// Less than a year of orders, or fewer than a fifth of the last year's purchases are repeat purchases.
    GainingTraction,
    /// More than a tenth more purchases than in the time before.
    ConsistentGrowth,
    /// None of the others.
    Established,
    /// Three years of orders, and at least half of the last year's purchases are repeat purchases.
    WellEstablished,
}

impl Stage {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Launched => "launched",
            Stage::GainingTraction => "gaining_traction",
            Stage::ConsistentGrowth => "consistent_growth",
            Stage::Established => "established",
            Stage::WellEstablished => "well_established",
        }
    }

    /// What a shop of this stage should weigh most.
    pub fn weigh(self) -> &'static str {
        match self {
            Stage::Launched => "acquisition first: find the first customers, and learn from each of them",
            Stage::GainingTraction => {
                "automated e-mail: the first thank-you, the second purchase, the win-back"
            }
            Stage::ConsistentGrowth => "referral and loyalty programmes: let those who stay bring others",
            Stage::Established => "purchase frequency and lifetime value of the customers that are there",
            Stage::WellEstablished => "depth: services for the best, community, what no newcomer can copy",
        }
    }
}

/// The [`Stage`] of a shop with the figures that it follows from. It displays as a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ShopStage {
    /// The stage.
    pub stage: Stage,
    /// What a shop of this stage should weigh most.
    pub weigh: &'static str,
    /// Customers with a purchase.
    pub customers: u64,
    /// Days from the first purchase to the end of the observation.
    pub days: u32,
    /// Of the purchases of the last 365 days, those that were not their customer's first ÷ all.
    pub repeat_purchases: Rate,
    /// Purchases of the last 365 days ÷ those of the 365 days before; of 182 days each, where there are not so many.
    /// Against how many, tells [`growth_days`](Self::growth_days). `None` where there are fewer than twice 182 days.
    pub growth: Option<Ratio<u64>>,
    /// Over how many days growth is measured.
    pub growth_days: u32,
}

#[derive(Debug, Clone, Copy)]
struct Counts {
    customers: u64,
    first: Day,
    year: u64,
    repeat: u64,
    year_before: u64,
    half: u64,
    half_before: u64,
}

const YEAR: Day = 365;
const HALF: Day = 182;

impl OrderHistory {
    /// How far the shop has come, by its own figures, and what that asks for.
    ///
    /// The stages are those of the trade; the numbers that part them are ours, and stand at [`Stage`].
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, Stage};
    /// # let day = NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
    /// # let orders = [Order::new(day, Money::from_minor(1, Currency::USD)).customer("ann")];
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let stage = history.stage();
    /// assert_eq!((stage.stage, stage.customers), (Stage::Launched, 1));
    /// println!("{stage}");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn stage(&self) -> ShopStage {
        let end = boundary_day(self.observed_until());
        let empty =
            Counts { customers: 0, first: end, year: 0, repeat: 0, year_before: 0, half: 0, half_before: 0 };
        let look = |counts: &mut Counts, _, rows: Rows<'_>| {
            let mut earlier = false;
            for purchase in rows.purchases() {
                let ago = end.saturating_sub(purchase.day);
                counts.customers += u64::from(!earlier);
                counts.first = counts.first.min(purchase.day);
                counts.year += u64::from(ago <= YEAR);
                counts.repeat += u64::from(ago <= YEAR && earlier);
                counts.year_before += u64::from(ago > YEAR && ago <= 2 * YEAR);
                counts.half += u64::from(ago <= HALF);
                counts.half_before += u64::from(ago > HALF && ago <= 2 * HALF);
                earlier = true;
            }
        };
        let mut counts = empty;
        for part in self.ledger().fold(|| empty, look) {
            counts.customers += part.customers;
            counts.first = counts.first.min(part.first);
            counts.year += part.year;
            counts.repeat += part.repeat;
            counts.year_before += part.year_before;
            counts.half += part.half;
            counts.half_before += part.half_before;
        }
        let age = end.saturating_sub(counts.first);
        let repeat_purchases = Rate::of(counts.repeat, counts.year);
        let (now, before, growth_days) = if age >= 2 * YEAR {
            (counts.year, counts.year_before, YEAR)
        } else {
            (counts.half, counts.half_before, HALF)
        };
        let growth = (age >= 2 * growth_days).then(|| Ratio::new(now, before));
        let repeats = repeat_purchases.value.unwrap_or(0.0);
        let stage = if counts.customers < 100 || age < 90 {
            Stage::Launched
        } else if age < YEAR || repeats < 0.2 {
            Stage::GainingTraction
        } else if age >= 3 * YEAR && repeats >= 0.5 {
            Stage::WellEstablished
        } else if growth.and_then(|growth| growth.value).is_some_and(|growth| growth > 1.1) {
            Stage::ConsistentGrowth
        } else {
            Stage::Established
        };
        ShopStage {
            stage,
            weigh: stage.weigh(),
            customers: counts.customers,
            days: u32::try_from(age).unwrap_or(0),
            repeat_purchases,
            growth,
            growth_days: growth_days.unsigned_abs(),
        }
    }
}

impl fmt::Display for ShopStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} in {}",
            self.stage.name().replace('_', " "),
            counted(self.customers, CUSTOMERS),
            days(self.days)
        )?;
        let repeats = &self.repeat_purchases;
        match repeats.value {
            None => f.write_str(", no purchase in the last year")?,
            Some(_) if repeats.numerator == repeats.denominator => {
                f.write_str(", no new customer in the last year")?;
            }
            Some(share) => {
                write!(f, ", {:.0} % of the last year's purchases are repeat purchases", 100.0 * share)?;
            }
        }
        if let Some(growth) = self.growth.and_then(|growth| growth.value) {
            let change = if growth < 1.0 { "fewer" } else { "more" };
            write!(
                f,
                ", {:.0} % {change} purchases in the last {1} days than in the {1} before",
                100.0 * (growth - 1.0).abs(),
                self.growth_days
            )?;
        }
        write!(f, "). Put the most effort into {}.", self.weigh)
    }
}
