//! What the tests share: orders as plain data, random ones, and every figure a second time, computed the slow and
//! obvious way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "helpers of tests fail loudly"
)]

mod random;
mod raw;
mod reference;

pub use random::{many_orders, options, orders};
pub use raw::{Placed, RawOrder, columns_of, date, history_of};
pub use reference::{Figures, Reference, key};

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
