//! Customers whom customers bring.

use serde::{Deserialize, Serialize};

use super::window::Window;
use crate::calendar::{Period, boundary_day};
use crate::error::Result;
use crate::measure::{Average, Rate};

/// What is known of invitations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReferralOptions {
    /// How many invitations customers sent in the period. Left out, nothing is said of invitations.
    pub invitations: Option<u64>,
}

/// New customers of a period who came by a customer's referral, as the [facts](crate::Customer::referred_by) on them say.
///
/// A referral counts where its author is a customer: somebody else, who had bought by the day on which the referred customer
/// first did. All others are named apart: the new customers are those `by_referral`, `by_later_customer`, `by_unknown`,
/// `by_themselves`, and those of whom no referral is known. Where a period has
/// [`warm_up_customers`](crate::Buying::warm_up_customers), nobody knows who is new, and nothing that counts new customers has a
/// value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Referrals {
    /// The period.
    pub period: Period,
    /// Whether it was observed to its end.
    pub complete: bool,
    /// New customers who came by a customer's referral ÷ new customers.
    pub referral_share: Rate,
    /// New customers by whose name the one stands who first bought on a later day.
    pub by_later_customer: Option<u64>,
    /// New customers by whose name a key stands that has no purchase in the books: somebody who never bought, or bought
    /// before the books begin, or is known to them under another key.
    pub by_unknown: Option<u64>,
    /// New customers who are said to have referred themselves.
    pub by_themselves: Option<u64>,
    /// Customers who referred a new one ÷ customers with a purchase before the period's end.
    pub referring_share: Rate,
    /// New customers who came by a referral ÷ customers with a purchase before the period's end.
    pub referrals_per_customer: Average<u64>,
    /// New customers who came by a referral ÷ days of the period that lie in the books.
    pub conversions_per_day: Average<u64>,
    /// Invitations ÷ customers with a purchase before the period's end.
    pub invitations_per_customer: Option<Average<u64>>,
    /// New customers who came by a referral ÷ invitations.
    pub conversion: Option<Rate>,
    /// k = invitations per customer × conversion: new customers whom a customer brings. Above 1 each brings more than one.
    /// The invitations cancel out, so that it is `referrals_per_customer`; what they add is which of the two factors is low.
    pub growth_factor: Option<f64>,
}

impl Window<'_> {
    /// New customers who came by a customer's referral.
    ///
    /// # Errors
    /// [`Error::InvalidRate`](crate::Error::InvalidRate) where fewer invitations are named than customers came by a referral.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, Customer, CustomerKey, HistoryOptions, Money, Order, OrderHistory, ReferralOptions};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |key, d| Order::new(day(d), Money::from_minor(100, Currency::USD)).customer(key);
    /// # let history = OrderHistory::from_orders([order("ann", 1), order("bob", 9)], HistoryOptions::new(Currency::USD))?;
    /// let mut bob = Customer::new(CustomerKey::new("bob").unwrap());
    /// bob.referred_by = CustomerKey::new("ann");
    /// let history = history.with_customers([bob])?;
    /// let may = history.during("2024-05")?.referrals(&ReferralOptions::default())?;
    /// assert_eq!(may.referral_share.value, Some(0.5));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn referrals(&self, options: &ReferralOptions) -> Result<Referrals> {
        let (history, period) = (self.history(), self.period());
        let ledger = history.ledger();
        let end = boundary_day(period.end());
        let believed = self.days_of_new_customers();
        let (known, new) = (believed.is_some(), believed.unwrap_or_default());
        let first = |key| history.place_of(key).and_then(|at| Some((at, ledger.of(at).first_purchase()?)));

        let (mut referred, mut by_later_customer, mut by_unknown, mut by_themselves) = (0, 0, 0, 0);
        let mut authors: Vec<usize> = Vec::new();
        for facts in history.customers() {
            let Some(author) = &facts.referred_by else { continue };
            let Some((customer, came)) = first(&facts.key).filter(|(_, day)| new.contains(day)) else {
                continue;
            };
            match first(author) {
                _ if *author == facts.key => by_themselves += 1,
                None => by_unknown += 1,
                Some((_, bought)) if bought > came => by_later_customer += 1,
                Some((at, _)) => {
                    debug_assert!(at != customer, "one key, one customer");
                    referred += 1;
                    authors.push(at);
                }
            }
        }
        authors.sort_unstable();
        authors.dedup();
        let parts = ledger.fold(
            || [0_u64; 2],
            |[customers, came], _, rows| {
                let Some(first) = rows.first_purchase() else { return };
                *customers += u64::from(first < end);
                *came += u64::from(new.contains(&first));
            },
        );
        let [customers, new_customers] =
            parts.into_iter().fold([0; 2], |[a, b], [customers, new]| [a + customers, b + new]);
        let days = period.end().min(history.span().end()) - period.start().max(history.span().start());
        let days = u64::try_from(days.num_days()).unwrap_or(0);
        // Out of none there is no rate.
        let out_of = |all: u64| if known { all } else { 0 };
        let conversion = options.invitations.map(|sent| Rate::new(referred, out_of(sent))).transpose()?;
        let invitations_per_customer = options.invitations.map(|sent| Average::new(sent, customers));
        let value = invitations_per_customer.and_then(|average| average.value);
        Ok(Referrals {
            period,
            complete: self.buying().complete,
            referral_share: Rate::of(referred, new_customers),
            by_later_customer: known.then_some(by_later_customer),
            by_unknown: known.then_some(by_unknown),
            by_themselves: known.then_some(by_themselves),
            referring_share: Rate::of(authors.len() as u64, out_of(customers)),
            referrals_per_customer: Average::new(referred, out_of(customers)),
            conversions_per_day: Average::new(referred, out_of(days)),
            invitations_per_customer,
            conversion,
            growth_factor: value.zip(conversion.and_then(|rate| rate.value)).map(|(each, rate)| each * rate),
        })
    }
}
