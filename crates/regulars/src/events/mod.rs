//! What customers do beside buying, from rows or columns into a log sorted by customer.

mod columns;
mod event;
mod log;

pub use columns::{EventColumns, KindColumn};
pub use event::{Event, EventKind, EventOptions, UnknownKinds};
pub use log::{EventLog, UnknownKind};
pub(crate) use log::{Events, NO_VALUE};
