//! What is computed from a history, one file per family of metrics.

mod buying;
mod definition;
mod timing;
mod window;

pub use buying::{Buying, RevenuePart, RevenueSplit, Timeline};
pub use definition::Definition;
#[allow(unused_imports, reason = "the metrics that measure lapse by it are on their way")]
pub(crate) use timing::rhythm;
pub use window::Window;
