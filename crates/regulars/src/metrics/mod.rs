//! What is computed from a history, one file per family of metrics.

mod buying;
mod concentration;
mod definition;
mod tenure;
mod timing;
mod window;

pub use buying::{Buying, RevenuePart, RevenueSplit, Timeline};
pub use concentration::{Concentration, ConcentrationOptions, LorenzPoint, TopCustomers};
pub use definition::Definition;
pub use tenure::{SpendByTenure, TenureBand, TenureOptions, TenureRatio};
#[allow(unused_imports, reason = "the metrics that measure lapse by it are on their way")]
pub(crate) use timing::rhythm;
pub use window::Window;
