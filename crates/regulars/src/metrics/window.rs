use core::ops::Range;
use std::sync::OnceLock;

use super::buying::{Buying, RevenueSplit, buying_in};
use crate::calendar::{Day, Grain, Period, boundary_day};
use crate::error::{Error, Result};
use crate::measure::{Average, Rate};
use crate::metrics::Timeline;
use crate::money::Money;
use crate::orders::OrderHistory;

impl OrderHistory {
    /// A look at one period: a [`Period`], its text such as `"2024-Q3"`, or two dates.
    ///
    /// # Errors
    /// Where the text names no period.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let orders = [1, 9].map(|d| Order::new(day(d), Money::from_minor(1000, Currency::USD)).customer("ann"));
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let may = history.during("2024-05")?;
    /// assert_eq!(may.purchase_frequency().value, Some(2.0));
    /// assert_eq!(history.during((day(1), day(2)))?.purchase_frequency().value, Some(1.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn during<P>(&self, period: P) -> Result<Window<'_>>
    where
        P: TryInto<Period>,
        Error: From<P::Error>,
    {
        let period = period.try_into()?;
        Ok(Window { history: self, period, buying: OnceLock::new() })
    }

    /// The metrics of buying for every period of a grain, from that of the first order to that in which observation
    /// ends. The last one may be incomplete, and is flagged then.
    ///
    /// # Errors
    /// [`Error::DateOutOfRange`] where a period would leave the years 1 to 9999.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, Grain, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |m| NaiveDate::from_ymd_opt(2024, m, 7).unwrap();
    /// # let orders = [1, 3].map(|m| Order::new(day(m), Money::from_minor(1000, Currency::USD)).customer("ann"));
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let timeline = history.timeline(Grain::Month)?;
    /// let customers: Vec<u64> = timeline.periods.iter().map(|month| month.customers).collect();
    /// assert_eq!(customers, [1, 0, 1]);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn timeline(&self, grain: Grain) -> Result<Timeline> {
        let periods = grain.periods(self.span())?;
        Ok(Timeline { grain, periods: buying_in(self, &periods) })
    }
}

/// One period of a history. Its metrics are computed together when the first of them is asked for.
#[derive(Debug)]
pub struct Window<'a> {
    history: &'a OrderHistory,
    period: Period,
    buying: OnceLock<Buying>,
}

impl Window<'_> {
    pub(super) fn history(&self) -> &OrderHistory {
        self.history
    }

    /// The period.
    pub fn period(&self) -> Period {
        self.period
    }

    /// The days on which a first purchase makes a new customer: those of the period, or `None` where it has warm-up customers,
    /// of whom nobody knows whether they are new.
    pub(super) fn days_of_new_customers(&self) -> Option<Range<Day>> {
        let days = boundary_day(self.period.start())..boundary_day(self.period.end());
        (self.buying().warm_up_customers == 0).then_some(days)
    }

    /// All metrics of buying.
    pub fn buying(&self) -> &Buying {
        self.buying.get_or_init(|| {
            let mut buying = buying_in(self.history, &[self.period]);
            buying.remove(0)
        })
    }

    /// Customers with at least two purchases in the period ÷ customers with at least one.
    ///
    /// See [`Buying::repeat_customer_rate`].
    pub fn repeat_customer_rate(&self) -> Rate {
        self.buying().repeat_customer_rate
    }

    /// Buyers of the period with at least two purchases up to its end, whenever the first was ÷ buyers.
    ///
    /// See [`Buying::returning_customer_rate`].
    pub fn returning_customer_rate(&self) -> Rate {
        self.buying().returning_customer_rate
    }

    /// Buyers whose first purchase precedes the period ÷ buyers.
    ///
    /// See [`Buying::existing_customer_share`].
    pub fn existing_customer_share(&self) -> Rate {
        self.buying().existing_customer_share
    }

    /// Purchases ÷ customers.
    ///
    /// See [`Buying::purchase_frequency`].
    pub fn purchase_frequency(&self) -> Average<u64> {
        self.buying().purchase_frequency
    }

    /// Net revenue ÷ orders.
    ///
    /// See [`Buying::average_order_value`].
    pub fn average_order_value(&self) -> Average<Money> {
        self.buying().average_order_value
    }

    /// Net revenue of identified customers ÷ customers.
    ///
    /// See [`Buying::average_revenue_per_customer`].
    pub fn average_revenue_per_customer(&self) -> Average<Money> {
        self.buying().average_revenue_per_customer
    }

    /// Revenue and orders by first purchases, later purchases, credits and nobody.
    ///
    /// See [`Buying::revenue_split`].
    pub fn revenue_split(&self) -> RevenueSplit {
        self.buying().revenue_split
    }
}
