//! The small values that results are made of: a share of a count, a mean of a sum, one amount against another, an
//! interval.

mod average;
mod interval;
mod rate;
mod ratio;

pub use average::{Average, Total};
pub use interval::Interval;
pub use rate::Rate;
pub use ratio::Ratio;
