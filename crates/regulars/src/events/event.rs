use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::calendar::Zone;
use crate::error::{Error, Result};
use crate::orders::{CustomerKey, Moment};

/// What happened between a customer and the shop, beside orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// An e-mail was sent.
    EmailSent,
    /// An e-mail was delivered: sent, and not returned.
    EmailDelivered,
    /// An e-mail was opened.
    EmailOpened,
    /// A link in an e-mail was clicked.
    EmailClicked,
    /// A visit to the shop, also called a session.
    Visit,
    /// Something of the shop was shared on a social network.
    SocialShare,
}

impl EventKind {
    /// All of them, in their order.
    pub(crate) const ALL: [EventKind; 6] = [
        EventKind::EmailSent,
        EventKind::EmailDelivered,
        EventKind::EmailOpened,
        EventKind::EmailClicked,
        EventKind::Visit,
        EventKind::SocialShare,
    ];

    /// Whether it is the customer who acts, as opposed to the shop that sends.
    pub(crate) fn is_engagement(self) -> bool {
        !matches!(self, EventKind::EmailSent | EventKind::EmailDelivered)
    }
}

/// The words for each kind, in lower case with single underscores; the first is its name.
const WORDS: [(EventKind, &[&str]); 6] = [
    (EventKind::EmailSent, &["email_sent", "sent", "send"]),
    (EventKind::EmailDelivered, &["email_delivered", "delivered", "received_email"]),
    (EventKind::EmailOpened, &["email_opened", "email_open", "opened_email", "opened", "open"]),
    (EventKind::EmailClicked, &["email_clicked", "email_click", "clicked_email", "clicked", "click"]),
    (EventKind::Visit, &["visit", "session", "session_start"]),
    (EventKind::SocialShare, &["social_share", "share", "shared"]),
];

/// Its name, as in JSON.
impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = WORDS.iter().find(|(kind, _)| kind == self).and_then(|(_, words)| words.first());
        f.pad(name.unwrap_or(&""))
    }
}

/// Reads the words that mail and web analytics write, in any case.
impl FromStr for EventKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<EventKind> {
        let word = text.trim().to_lowercase().replace([' ', '-'], "_");
        WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|&(kind, _)| kind).ok_or_else(
            || {
                let known: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.iter().copied()).collect();
                Error::UnknownEventKind { value: text.to_owned(), known: known.join(", ") }
            },
        )
    }
}

/// Something that happened between a customer and the shop.
///
/// ```
/// use chrono::NaiveDate;
/// use regulars::{Event, EventKind};
///
/// let day = NaiveDate::from_ymd_opt(2024, 5, 17).unwrap();
/// let visit = Event::new(day, EventKind::Visit).customer("ann@example.com").value(95.0);
/// assert_eq!(visit.customer.unwrap().to_string(), "ann@example.com");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Event {
    /// When it happened.
    pub happened: Moment,
    /// What it was.
    pub kind: EventKind,
    /// Who it was, under the key that the orders carry; nobody where the person is not known.
    #[serde(default)]
    pub customer: Option<CustomerKey>,
    /// Which e-mail it is about: the campaign, or the message of a flow. With it, a customer's opens of one e-mail count
    /// once, and are told from those of the next.
    #[serde(default)]
    pub campaign: Option<CustomerKey>,
    /// Of a visit how many seconds it lasted, kept to the second; of shares how many they were, one where this is missing.
    /// It has no meaning for e-mails and is not read.
    #[serde(default)]
    pub value: Option<f64>,
}

impl Event {
    /// An event of nobody of which nothing else is known.
    pub fn new(happened: impl Into<Moment>, kind: EventKind) -> Event {
        Event { happened: happened.into(), kind, customer: None, campaign: None, value: None }
    }

    /// Sets who it was; empty text is nobody.
    #[must_use]
    pub fn customer(mut self, key: &str) -> Event {
        self.customer = CustomerKey::new(key);
        self
    }

    /// Sets which e-mail it is about; empty text is none.
    #[must_use]
    pub fn campaign(mut self, key: &str) -> Event {
        self.campaign = CustomerKey::new(key);
        self
    }

    /// Sets the seconds of a visit, or the number of shares.
    #[must_use]
    pub fn value(mut self, value: f64) -> Event {
        self.value = Some(value);
        self
    }
}

/// What to do with an event of a kind that is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnknownKinds {
    /// An error that names the row.
    #[default]
    Refuse,
    /// Leave the event out, and count it under its name.
    LeaveOut,
}

/// Under which rules events become a log.
///
/// ```
/// use regulars::{EventOptions, UnknownKinds};
///
/// let mut options = EventOptions::default();
/// options.zone = Some("Europe/Berlin".parse()?);
/// options.unknown_kinds = UnknownKinds::LeaveOut;
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EventOptions {
    /// The time zone in which instants become days: the shop's. Left out, UTC.
    pub zone: Option<Zone>,
    /// What to do with an event of another kind than [`EventKind`] has.
    pub unknown_kinds: UnknownKinds,
}
