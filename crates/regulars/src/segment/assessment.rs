//! What a customer is, and why: the one place in which figures become a sentence.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::rule::ValueBasis;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::orders::CustomerKey;
use crate::words::{ORDERS, counted, in_words};

/// The four kinds of customers, by value and outlook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Spends much, and is likely to go on.
    Star,
    /// Has spent much, and is not likely to go on: a fading earner.
    Productive,
    /// Spends little, and is likely to go on: may become a star.
    QuestionMark,
    /// Spends little and is not likely to go on, or it did not fit.
    Problem,
}

impl Segment {
    /// All four, best first.
    pub const ALL: [Segment; 4] =
        [Segment::Star, Segment::Productive, Segment::QuestionMark, Segment::Problem];

    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Segment::Star => "star",
            Segment::Productive => "productive",
            Segment::QuestionMark => "question_mark",
            Segment::Problem => "problem",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Segment::Star => "Star",
            Segment::Productive => "Productive",
            Segment::QuestionMark => "Question mark",
            Segment::Problem => "Problem",
        }
    }

    pub(crate) fn of(valuable: bool, lively: bool) -> Segment {
        match (valuable, lively) {
            (true, true) => Segment::Star,
            (true, false) => Segment::Productive,
            (false, true) => Segment::QuestionMark,
            (false, false) => Segment::Problem,
        }
    }

    pub(crate) fn place(self) -> usize {
        match self {
            Segment::Star => 0,
            Segment::Productive => 1,
            Segment::QuestionMark => 2,
            Segment::Problem => 3,
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// Reads its [`name`](Segment::name).
impl FromStr for Segment {
    type Err = Error;

    fn from_str(name: &str) -> Result<Segment> {
        let found = Segment::ALL.into_iter().find(|segment| segment.name() == name);
        found.ok_or_else(|| Error::UnknownSegment { value: name.to_owned() })
    }
}

/// What decided on a segment, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// High value, high outlook: a star.
    Thriving,
    /// High value, low outlook: productive.
    Fading,
    /// Low value, high outlook: a question mark.
    Promising,
    /// Low value, low outlook: a problem, and not the customer's fault. Most one-time buyers of long ago end here.
    Dormant,
    /// A problem because much came back or there were complaints.
    Dissatisfied,
    /// A problem because the customer cost more than they brought.
    Costly,
}

impl Reason {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Thriving => "thriving",
            Reason::Fading => "fading",
            Reason::Promising => "promising",
            Reason::Dormant => "dormant",
            Reason::Dissatisfied => "dissatisfied",
            Reason::Costly => "costly",
        }
    }

    pub(crate) fn of(segment: Segment) -> Reason {
        match segment {
            Segment::Star => Reason::Thriving,
            Segment::Productive => Reason::Fading,
            Segment::QuestionMark => Reason::Promising,
            Segment::Problem => Reason::Dormant,
        }
    }
}

/// What is to be kept in mind about an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flag {
    /// The first purchase is younger than the median gap between purchases: there has hardly been time for a second.
    Immature,
    /// So long a silence, or so few gaps, that the outlook rests on fewer of them than it should.
    ThinOutlook,
    /// The first purchase falls into the warm-up, so that the customer may have bought before.
    WarmUp,
    /// The value is a contribution, and the cost of an order in the window is not known.
    CostUnknown,
    /// On the other side of a cut, but within the hysteresis: the customer stays where they were.
    Held,
}

impl Flag {
    /// All of them.
    pub const ALL: [Flag; 5] =
        [Flag::Immature, Flag::ThinOutlook, Flag::WarmUp, Flag::CostUnknown, Flag::Held];

    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Flag::Immature => "immature",
            Flag::ThinOutlook => "thin_outlook",
            Flag::WarmUp => "warm_up",
            Flag::CostUnknown => "cost_unknown",
            Flag::Held => "held",
        }
    }

    pub(crate) fn bit(self) -> u8 {
        1 << self as u8
    }

    pub(crate) fn of(bits: u8) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| bits & flag.bit() != 0)
    }
}

/// A segment with the figures that it rests on. It displays as a sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Assessment {
    /// Who.
    pub customer: CustomerKey,
    /// Which of the four.
    pub segment: Segment,
    /// What decided, in a word.
    pub reason: Reason,
    /// x: net revenue in the window, or contribution where costs are known.
    pub value: Money,
    /// The cut: from this value on it is high.
    pub value_cut: Money,
    /// Value less cut.
    pub value_distance: Money,
    /// Whether the value is revenue or contribution.
    pub value_basis: ValueBasis,
    /// Over how many trailing days; `None` for all time.
    pub value_days: Option<u32>,
    /// y: the probability of a purchase within the horizon.
    pub outlook: f64,
    /// The cut: from this outlook on it is high.
    pub outlook_cut: f64,
    /// Outlook less cut.
    pub outlook_distance: f64,
    /// H, in days.
    pub horizon_days: u32,
    /// Purchases so far.
    pub purchases: u32,
    /// Days between purchases, on average; `None` for a single purchase.
    pub mean_gap_days: Option<f64>,
    /// Days since the last purchase.
    pub silence_days: u32,
    /// In the window: what went back ÷ what was sold; `None` where nothing went back.
    pub refund_share: Option<f64>,
    /// Orders in the window, those paid back in full included.
    pub orders: u32,
    /// Complaints, where they were given.
    pub complaints: u32,
    /// What is to be kept in mind.
    pub flags: Vec<Flag>,
}

/// How often something happened: `once`, `twice`, `5 times`.
pub(super) fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// `1 day`, `5 days`.
pub(super) fn days(count: u32) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

impl fmt::Display for Assessment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.segment)?;
        match (self.reason, self.refund_share) {
            (Reason::Dissatisfied, Some(share)) if share > 0.0 => {
                let orders = counted(self.orders.into(), ORDERS);
                write!(f, "{} of what {orders} came to went back", percent(share))?;
                if self.complaints > 0 {
                    write!(f, ", and they complained {}", times(self.complaints))?;
                }
                f.write_str("; ")?;
            }
            (Reason::Dissatisfied, _) => write!(f, "complained {}; ", times(self.complaints))?,
            (Reason::Costly, _) => f.write_str("cost more than they brought; ")?,
            _ => {}
        }
        let brought = match self.value_basis {
            ValueBasis::Revenue => "brought",
            ValueBasis::Contribution => "contributed",
        };
        write!(f, "{brought} {}", in_words(self.value))?;
        match self.value_days {
            Some(window) => write!(f, " in the last {}", days(window))?,
            None => f.write_str(" so far")?,
        }
        write!(f, " (high is {} or more), and bought {}", in_words(self.value_cut), times(self.purchases))?;
        match self.mean_gap_days {
            Some(gap) if gap < 1.5 => f.write_str(", every day on average")?,
            Some(gap) => write!(f, ", every {gap:.0} days on average")?,
            None => {}
        }
        let silence = match self.silence_days {
            0 => "who have just bought".to_owned(),
            silence => format!("silent for {}", days(silence)),
        };
        write!(
            f,
            "; customers like this, {silence}, come back within {} in {} of cases (high is {} or more).",
            days(self.horizon_days),
            percent(self.outlook),
            percent(self.outlook_cut)
        )?;
        for flag in &self.flags {
            f.write_str(match flag {
                Flag::Immature => " A customer so new that there has hardly been time for more.",
                Flag::ThinOutlook => {
                    " Too few have been silent for as long: the share is carried on from shorter silences."
                }
                Flag::WarmUp => " May have bought before the books begin.",
                Flag::CostUnknown => " The cost of some orders is not known and was not taken off.",
                Flag::Held => " So close to a cut that they stay where they were.",
            })?;
        }
        Ok(())
    }
}
