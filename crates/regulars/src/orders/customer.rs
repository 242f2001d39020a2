use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::key::CustomerKey;
use crate::money::Money;

/// What a shop knows of a customer beside the orders. Every fact is optional.
///
/// ```
/// use regulars::{Currency, Customer, CustomerKey, Money};
///
/// let mut ann = Customer::new(CustomerKey::new("ann@example.com").unwrap());
/// ann.channel = Some("newsletter".into());
/// ann.acquisition_cost = Some(Money::from_minor(450, Currency::EUR));
/// assert_eq!(ann.complaints, 0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Customer {
    /// Who it is, under the key that the orders carry.
    pub key: CustomerKey,
    /// The day on which the customer was won, such as the day of signing up.
    #[serde(default)]
    pub acquired_on: Option<NaiveDate>,
    /// What it cost to win the customer.
    #[serde(default)]
    pub acquisition_cost: Option<Money>,
    /// Through which channel the customer came.
    #[serde(default)]
    pub channel: Option<String>,
    /// The customer who referred this one.
    #[serde(default)]
    pub referred_by: Option<CustomerKey>,
    /// How many times the customer has complained.
    #[serde(default)]
    pub complaints: u32,
}

impl Customer {
    /// A customer of whom nothing is known yet.
    pub fn new(key: CustomerKey) -> Customer {
        Customer {
            key,
            acquired_on: None,
            acquisition_cost: None,
            channel: None,
            referred_by: None,
            complaints: 0,
        }
    }
}
