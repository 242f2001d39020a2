//! What every number means, a page per family, with the choices that were made and why.

#[doc = include_str!("orders.md")]
pub mod orders {}

#[doc = include_str!("buying.md")]
pub mod buying {}

#[doc = include_str!("retention.md")]
pub mod retention {}

#[doc = include_str!("concentration.md")]
pub mod concentration {}

#[doc = include_str!("tenure.md")]
pub mod tenure {}

#[doc = include_str!("timing.md")]
pub mod timing {}

#[doc = include_str!("cohorts.md")]
pub mod cohorts {}

#[doc = include_str!("value.md")]
pub mod value {}

#[doc = include_str!("whatif.md")]
pub mod whatif {}

#[doc = include_str!("rfm.md")]
pub mod rfm {}

#[doc = include_str!("report.md")]
pub mod report {}

#[doc = include_str!("returns.md")]
pub mod returns {}

#[doc = include_str!("acquisition.md")]
pub mod acquisition {}

#[doc = include_str!("engagement.md")]
pub mod engagement {}

#[doc = include_str!("benchmarks.md")]
pub mod benchmarks {}

#[doc = include_str!("outlook.md")]
pub mod outlook {}

#[doc = include_str!("segments.md")]
pub mod segments {}
