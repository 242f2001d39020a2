//! What is computed from a history, one file per family of metrics.

mod buying;
mod definition;
mod window;

pub use buying::{Buying, RevenuePart, RevenueSplit, Timeline};
pub use definition::Definition;
pub use window::Window;
