//! The present value of a margin that comes back as long as the customer is kept.

use serde::{Deserialize, Serialize};

use super::simple::size;
use super::{MOST, at_least_0, finite, share, shrinkage};
use crate::calendar::Grain;
use crate::error::{Error, Result};

/// How a [`DiscountedValue`] discounts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DiscountOptions {
    /// The rate of discount for one `per`, compounded; 0 or more.
    pub rate: f64,
    /// The time that the rate is for.
    pub per: Grain,
    /// Whether the margin of the first period, which needs no retention and no discount, is in the value.
    pub first_margin: bool,
}

impl Default for DiscountOptions {
    /// 10 % a year, without the first margin.
    fn default() -> DiscountOptions {
        DiscountOptions { rate: 0.1, per: Grain::Year, first_margin: false }
    }
}

/// The present value of a margin that comes back as long as the customer is kept: m·r ÷ (1 + d − r).
///
/// With the first margin: m + m·r ÷ (1 + d − r) = m·(1 + d) ÷ (1 + d − r). It takes retention for constant. Where it rises with
/// the age of a customer, as it mostly does, the value is too low for those who stayed.
///
/// Source: S. Gupta and D. R. Lehmann, "Customers as assets", Journal of Interactive Marketing 17 (2003).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscountedValue {
    /// m: what a customer brings in a period, in units of the currency.
    pub margin: f64,
    /// r: the share of customers kept from one period to the next.
    pub retention_rate: f64,
    /// The length of a period.
    pub every: Grain,
    /// d: the discount for one period, (1 + rate)^(period ÷ time of the rate) − 1.
    pub discount_rate: f64,
    /// Whether the first margin is in it.
    pub first_margin: bool,
    /// The value in units of the currency; `None` where nobody leaves and nothing is discounted, for then it is without
    /// bound.
    pub value: Option<f64>,
}

impl DiscountedValue {
    /// Of a margin for each period and the share of customers kept from one to the next. The discount may be for another
    /// time than a period; it is converted by compounding.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the margin is not finite, the retention rate not between 0 and 1, or the rate of
    /// discount negative or without bound when compounded over a period.
    ///
    /// ```
    /// use regulars::{DiscountOptions, DiscountedValue, Grain};
    ///
    /// let mut options = DiscountOptions::default();
    /// let without = DiscountedValue::new(100.0, 0.8, Grain::Year, &options)?.value.unwrap();
    /// options.first_margin = true;
    /// let with = DiscountedValue::new(100.0, 0.8, Grain::Year, &options)?.value.unwrap();
    /// assert_eq!(format!("{without:.2} {with:.2}"), "266.67 366.67");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn new(
        margin: f64,
        retention_rate: f64,
        every: Grain,
        options: &DiscountOptions,
    ) -> Result<DiscountedValue> {
        let margin = finite("margin", margin)?;
        let r = share("retention_rate", retention_rate)?;
        let rate = at_least_0("rate", options.rate)?;
        let d = if every == options.per {
            rate
        } else {
            libm::expm1(libm::log1p(rate) * (size(every) / size(options.per)))
        };
        if d > MOST {
            let expected = "a rate that compounds to at most 10^15 in one period";
            return Err(Error::InvalidArgument { name: "rate", value: rate, expected });
        }
        let first = if options.first_margin { margin } else { 0.0 };
        Ok(DiscountedValue {
            margin,
            retention_rate: r,
            every,
            discount_rate: d,
            first_margin: options.first_margin,
            value: shrinkage(r, d).map(|shrinkage| first + margin * r / shrinkage),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::near;
    use super::*;

    /// m = 100, r = .8, d = .1: 80 ÷ .3 = 266.67, with the first margin 366.67.
    #[test]
    fn discounted_value_with_and_without_the_first_margin() {
        let value = |r, d, first_margin| {
            let options = DiscountOptions { rate: d, first_margin, ..DiscountOptions::default() };
            DiscountedValue::new(100.0, r, Grain::Year, &options).unwrap().value
        };
        near(value(0.8, 0.1, false).unwrap(), 800.0 / 3.0);
        near(value(0.8, 0.1, true).unwrap(), 1100.0 / 3.0);
        assert_eq!(value(0.0, 0.1, true), Some(100.0));
        // Everyone stays and money keeps its worth: a value without horizon is none.
        assert_eq!(value(1.0, 0.0, false), None);
        assert_eq!(value(1.0, 1e-300, false), None);
        // The formula is the sum of the margins to come.
        let sum: f64 = (1..2000).map(|t| 100.0 * libm::pow(0.8 / 1.1, f64::from(t))).sum();
        near(value(0.8, 0.1, false).unwrap(), sum);
    }

    /// A discount of 21 % in two years is 10 % a year; one of 10 % a year is 0.797 % a month and not a twelfth of it.
    #[test]
    fn a_discount_is_converted_by_compounding() {
        let value = DiscountedValue::new(1.0, 0.5, Grain::Month, &DiscountOptions::default()).unwrap();
        near(value.discount_rate, 0.007_974_140_428_903_764);
        let options = DiscountOptions { rate: 0.01, per: Grain::Month, first_margin: false };
        let value = DiscountedValue::new(1.0, 0.5, Grain::Year, &options).unwrap();
        near(value.discount_rate, 0.126_825_030_131_969_7);
        for (r, d) in [(1.2, 0.1), (-0.1, 0.1), (0.5, -0.1), (f64::NAN, 0.1)] {
            let options = DiscountOptions { rate: d, ..DiscountOptions::default() };
            let error = DiscountedValue::new(1.0, r, Grain::Year, &options).unwrap_err();
            assert_eq!(error.code(), "invalid_argument");
        }
    }

    /// A day at 10¹⁵ compounds within a year to more than a float can hold.
    #[test]
    fn a_discount_beyond_all_floats_is_refused() {
        let options = DiscountOptions { rate: 1e15, per: Grain::Day, first_margin: false };
        let error = DiscountedValue::new(1.0, 0.5, Grain::Year, &options).unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        let options = DiscountOptions { rate: 0.05, ..options };
        assert!(DiscountedValue::new(1.0, 0.5, Grain::Year, &options).unwrap().discount_rate.is_finite());
    }
}
