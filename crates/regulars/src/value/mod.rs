//! What a customer is worth: four figures that all go by the name of lifetime value, each under a name of its own.

mod discounted;
mod historic;
mod payback;
mod simple;

pub use self::discounted::{DiscountOptions, DiscountedValue};
pub use self::historic::HistoricValue;
pub(crate) use self::historic::ValueCounter;
pub use self::payback::{ObservedPayback, Payback};
pub use self::simple::{Frequency, Lifespan, MarginValue, SimpleValue, ValueToCost};
use crate::error::{Error, Result};

/// The largest argument. No product of a few of them leaves the range of floats.
const MOST: f64 = 1e15;

pub(crate) fn finite(name: &'static str, value: f64) -> Result<f64> {
    let expected = "a number between -10^15 and 10^15";
    if value.abs() <= MOST { Ok(value) } else { Err(Error::InvalidArgument { name, value, expected }) }
}

pub(crate) fn at_least_0(name: &'static str, value: f64) -> Result<f64> {
    let expected = "a number between 0 and 10^15";
    if (0.0..=MOST).contains(&value) {
        Ok(value)
    } else {
        Err(Error::InvalidArgument { name, value, expected })
    }
}

pub(crate) fn share(name: &'static str, value: f64) -> Result<f64> {
    let expected = "between 0 and 1";
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::InvalidArgument { name, value, expected })
    }
}

pub(crate) fn at_most_1(name: &'static str, value: f64) -> Result<f64> {
    let expected = "finite and at most 1";
    if value.is_finite() && value <= 1.0 {
        Ok(value)
    } else {
        Err(Error::InvalidArgument { name, value, expected })
    }
}

/// 1 − r + d: by how much the worth of customers shrinks from one period to the next. `None` where that is nothing but
/// rounding, since what they bring then sums without bound.
pub(crate) fn shrinkage(retention_rate: f64, discount_rate: f64) -> Option<f64> {
    let shrinkage = 1.0 - retention_rate + discount_rate;
    (shrinkage > 1e-12).then_some(shrinkage)
}

/// For tests: equal but for rounding.
#[cfg(test)]
#[track_caller]
pub(crate) fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} for {expected}");
}
