//! One row per customer: what is known of each, and what is to be expected.

use chrono::NaiveDate;
use serde::Serialize;

use super::buyers::{Buyer, Buyers};
use super::outlook::{OutlookEstimate, OutlookOptions, Rhythm};
use crate::calendar::{Day, boundary_day, date_of};
use crate::error::Result;
use crate::money::{Currency, Money};
use crate::orders::{CustomerKey, KeyVec, OrderHistory, Rows};
use crate::table::{Column, Columns, Values};

/// What is known of every buyer, and when the next purchase is to be expected.
///
/// As [`Columns`] it has one row per buyer, in the order in which the history keeps them: that of their keys' hashes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerProfiles {
    /// The day on which observation ends.
    pub as_of: NaiveDate,
    /// The currency of the revenue.
    pub currency: Currency,
    /// H, in days.
    pub horizon_days: u32,
    keys: KeyVec,
    rows: Vec<CustomerProfile>,
}

/// What is known of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerProfile {
    /// The day of the first purchase.
    pub first_purchase: NaiveDate,
    /// The day of the last purchase.
    pub last_purchase: NaiveDate,
    /// Purchases so far.
    pub purchases: u32,
    /// Net revenue so far.
    pub revenue: Money,
    /// Days between purchases, on average; `None` for a single purchase.
    pub mean_gap_days: Option<f64>,
    /// Days from the last purchase to the last day that was observed.
    pub silence_days: u32,
    /// The probability of a purchase within the horizon.
    pub outlook: f64,
    /// Whether enough customers were silent for as long to say so.
    pub outlook_supported: bool,
    /// Where the silence stands in the rhythm of customers alike; `None` where none of them has returned.
    pub rhythm: Option<Rhythm>,
    /// When the next purchase is expected, if there is one: the day by which half of the customers alike who did return after
    /// as long had done so. `None` where none was seen to.
    pub next_expected: Option<NaiveDate>,
    /// The same for a quarter.
    pub next_from: Option<NaiveDate>,
    /// The same for three quarters.
    pub next_to: Option<NaiveDate>,
}

impl OrderHistory {
    /// A table of all buyers: first and last purchase, revenue, pace, outlook, and when the next purchase is to be expected.
    ///
    /// # Errors
    /// As [`outlook`](OrderHistory::outlook).
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, CustomerKey, HistoryOptions, Money, Order, OrderHistory, OutlookOptions, Rhythm};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |who, d| Order::new(day(d), Money::from_minor(1000, Currency::USD)).customer(who);
    /// let orders = [order("ann", 1), order("ann", 11), order("bob", 3), order("bob", 15), order("cid", 12)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let profiles = history.customer_profiles(&OutlookOptions::default())?;
    /// let cid = profiles.of(&CustomerKey::new("cid").unwrap()).unwrap();
    /// assert_eq!((cid.purchases, cid.silence_days), (1, 3));
    /// // After a purchase others took 10 and 12 days.
    /// assert_eq!((cid.rhythm, cid.next_expected), (Some(Rhythm::Early), Some(day(22))));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn customer_profiles(&self, options: &OutlookOptions) -> Result<CustomerProfiles> {
        let outlook = self.outlook(options)?;
        let currency = self.options().currency;
        let last_day = self.days().end - 1;
        let buyers = Buyers::new(self, None, false);
        let look = |parts: &mut Vec<(u32, CustomerProfile)>, buyer: Buyer, _: Rows<'_>| {
            let ago = |days: u32| last_day.saturating_sub(Day::try_from(days).unwrap_or(Day::MAX));
            let last = ago(buyer.silence);
            let OutlookEstimate { probability, supported, next, rhythm } =
                outlook.estimate(buyer.purchases, buyer.span, buyer.silence);
            let after = |days: u32| date_of(last.saturating_add(Day::try_from(days).unwrap_or(Day::MAX)));
            let profile = CustomerProfile {
                first_purchase: date_of(ago(buyer.tenure())),
                last_purchase: date_of(last),
                purchases: buyer.purchases,
                revenue: Money::from_minor(buyer.value, currency),
                mean_gap_days: buyer.mean_gap(),
                silence_days: buyer.silence,
                outlook: probability,
                outlook_supported: supported,
                rhythm,
                next_expected: next.map(|next| after(next.expected_day)),
                next_from: next.map(|next| after(next.from_day)),
                next_to: next.map(|next| after(next.to_day)),
            };
            parts.push((buyer.customer, profile));
        };
        let rows = buyers.fold(Vec::new, look).concat();
        Ok(CustomerProfiles {
            as_of: self.observed_until(),
            currency,
            horizon_days: outlook.horizon_days,
            keys: self.ledger().keys.select(rows.iter().map(|row| row.0 as usize)),
            rows: rows.into_iter().map(|row| row.1).collect(),
        })
    }
}

impl CustomerProfiles {
    /// How many buyers.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Who stands in a row.
    pub fn key(&self, row: usize) -> Option<CustomerKey> {
        self.keys.key(row)
    }

    /// What is known of a row.
    pub fn profile(&self, row: usize) -> Option<&CustomerProfile> {
        self.rows.get(row)
    }

    /// What is known of a customer; `None` for somebody without a purchase.
    pub fn of(&self, customer: &CustomerKey) -> Option<&CustomerProfile> {
        self.profile(self.keys.find(&customer.borrow())?)
    }
}

impl Columns for CustomerProfiles {
    fn rows(&self) -> usize {
        self.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.rows.iter();
        let dates = |name, of: fn(&CustomerProfile) -> Option<NaiveDate>| {
            let there: Vec<bool> = all().map(|row| of(row).is_some()).collect();
            let days: Vec<Day> = all().map(|row| of(row).map_or(0, boundary_day)).collect();
            Column::new(name, Values::Date(days.into())).only(there)
        };
        let counts = |of: fn(&CustomerProfile) -> u32| Values::U32(all().map(of).collect::<Vec<_>>().into());
        let known: Vec<bool> = all().map(|row| row.rhythm.is_some()).collect();
        let rhythm = all().map(|row| row.rhythm.map_or("", Rhythm::name).into()).collect();
        let keys = (0..self.len()).map(|row| self.keys.text(row)).collect();
        vec![
            Column::new("customer", Values::Text(keys)),
            Column::date("first_purchase", all().map(|row| row.first_purchase)),
            Column::date("last_purchase", all().map(|row| row.last_purchase)),
            Column::new("purchases", counts(|row| row.purchases)),
            Column::money("revenue", all().map(|row| row.revenue)),
            Column::f64("mean_gap_days", all().map(|row| row.mean_gap_days)),
            Column::new("silence_days", counts(|row| row.silence_days)),
            Column::f64("outlook", all().map(|row| Some(row.outlook))),
            Column::bool("outlook_supported", all().map(|row| row.outlook_supported)),
            Column::new("rhythm", Values::Text(rhythm)).only(known),
            dates("next_from", |row| row.next_from),
            dates("next_expected", |row| row.next_expected),
            dates("next_to", |row| row.next_to),
        ]
    }
}
