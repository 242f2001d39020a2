//! The small values that results are made of: a share of a count, a mean of a sum, one amount against another, an
//! interval.

mod average;
mod difference;
mod figure;
mod interval;
mod rate;
mod ratio;

pub use average::{Average, Total};
pub use difference::RateDifference;
pub use figure::Figure;
pub use interval::Interval;
pub use rate::Rate;
pub use ratio::Ratio;

/// That a float which was read is the one that its parts give, but for a last digit that readers of JSON may lose. What
/// is kept is what the parts give.
fn agrees(field: &str, given: Option<f64>, read: Option<f64>) -> Result<(), String> {
    let near = match (given, read) {
        (Some(given), Some(read)) => (given - read).abs() <= 1e-12 * given.abs(),
        (given, read) => given == read,
    };
    if near { Ok(()) } else { Err(format!("`{field}` is {read:?} where its parts give {given:?}")) }
}
