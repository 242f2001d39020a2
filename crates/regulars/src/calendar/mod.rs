//! Civil time: days of the shop's calendar, periods of them, and the one door where instants become days.

mod day;
mod grain;
mod index;
mod period;
mod zone;

pub(crate) use day::{Day, FIRST_DAY, LAST_DAY, boundary_day, date_of, day_of};
pub use grain::Grain;
pub(crate) use index::PeriodIndex;
pub use period::Period;
pub(crate) use zone::day_on_wall_clock;
pub use zone::{Clock, TimeUnit, Zone};
