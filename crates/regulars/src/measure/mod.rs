//! The small values that results are made of: a share of a count, a mean of a sum, an interval.

mod average;
mod interval;
mod rate;

pub use average::{Average, Total};
pub use interval::Interval;
pub use rate::Rate;
