use core::fmt;

use serde::Serialize;

use super::headline::Headlines;
use crate::calendar::Period;
use crate::metrics::{Buying, Timeline};

/// What to mind when reading a report. It displays as a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remark {
    /// There are no orders at all for a year or longer, and then some again: a date may be wrong.
    LongSilence {
        /// The time without an order, in periods of the timeline.
        period: Period,
    },
    /// There are no orders in the period of the headlines.
    NoOrders {
        /// The period.
        period: Period,
    },
    /// Observation ends before the period of the headlines does.
    Incomplete {
        /// The period.
        period: Period,
    },
    /// The shop is older than its books, and the period of the headlines begins while they were warming up.
    WarmUp {
        /// From the day on which the books begin to that from which on first purchases are believed.
        period: Period,
    },
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::LongSilence { period } => write!(
                f,
                "From {} on there is no order until {}: is a date wrong?",
                period.start(),
                period.end()
            ),
            Remark::NoOrders { .. } => f.write_str("There is no order in this period."),
            Remark::Incomplete { .. } => f.write_str(
                "This period is not over: its figures will grow, and are not compared with those of a whole one.",
            ),
            Remark::WarmUp { period } => write!(
                f,
                "The books begin on {}, later than the shop: who first buys before {} may have bought before, and nobody \
                 knows whether they are new.",
                period.start(),
                period.end()
            ),
        }
    }
}

/// The days of a year.
const LONG: i64 = 365;

pub(super) fn remarks(timeline: &Timeline, headlines: &Headlines, warm_up: Option<Period>) -> Vec<Remark> {
    let is_silent = |buying: &Buying| buying.orders == 0;
    let runs = timeline.periods.chunk_by(|a, b| is_silent(a) == is_silent(b));
    let silences = runs.filter(|run| run.first().is_some_and(is_silent));
    let last = timeline.periods.last().map(|last| last.period.end());
    let mut remarks: Vec<Remark> = silences
        .filter_map(|run| Period::new(run.first()?.period.start(), run.last()?.period.end()).ok())
        // One that lasts until the end of the observation is no gap.
        .filter(|silence| silence.days() >= LONG && Some(silence.end()) != last)
        .map(|period| Remark::LongSilence { period })
        .collect();
    let period = headlines.period;
    let orders = headlines.figures.iter().find(|figure| figure.name == "orders");
    if orders.is_some_and(|orders| orders.now.to_f64() == Some(0.0)) {
        remarks.push(Remark::NoOrders { period });
    }
    if !headlines.complete {
        remarks.push(Remark::Incomplete { period });
    }
    let warm_up = warm_up.filter(|warm_up| period.start() < warm_up.end());
    remarks.extend(warm_up.map(|period| Remark::WarmUp { period }));
    remarks
}
