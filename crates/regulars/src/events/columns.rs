use core::fmt;

use super::event::EventKind;
use crate::error::{Error, Result};
use crate::orders::{KeyColumn, KeyRef, Strings, TimeColumn, check_codes, key_of};

/// A column of kinds of events.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum KindColumn<'a> {
    /// In words that [`EventKind`] reads.
    Texts(&'a dyn Strings),
    /// Positions in a list of distinct words, as data frames keep categories.
    Codes {
        /// The positions.
        codes: &'a [u32],
        /// The words.
        values: &'a dyn Strings,
    },
    /// Kinds that need no reading.
    Kinds(&'a [EventKind]),
}

/// A kind as it stands in a column.
pub(super) enum Given<'a> {
    Kind(EventKind),
    Word(&'a str),
}

impl KindColumn<'_> {
    fn len(&self) -> usize {
        match self {
            KindColumn::Texts(texts) => texts.len(),
            KindColumn::Codes { codes, .. } => codes.len(),
            KindColumn::Kinds(kinds) => kinds.len(),
        }
    }

    pub(super) fn get(&self, row: usize) -> Option<Given<'_>> {
        match self {
            KindColumn::Texts(texts) => texts.get(row).map(Given::Word),
            KindColumn::Codes { codes, values } => {
                values.get(usize::try_from(*codes.get(row)?).ok()?).map(Given::Word)
            }
            KindColumn::Kinds(kinds) => kinds.get(row).copied().map(Given::Kind),
        }
    }
}

impl fmt::Debug for KindColumn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KindColumn").field("rows", &self.len()).finish_non_exhaustive()
    }
}

/// Events as columns of equal length, the quickest way into an [`EventLog`](crate::EventLog).
///
/// ```
/// use regulars::{EventColumns, EventKind, EventLog, EventOptions, KeyColumn, KindColumn, TimeColumn};
///
/// let kinds = KindColumn::Kinds(&[EventKind::Visit, EventKind::Visit]);
/// let mut events = EventColumns::new(TimeColumn::Days(&[19_500, 19_502]), kinds);
/// events.customers = Some(KeyColumn::Numbers(&[1, 1]));
/// events.values = Some(&[30.0, f64::NAN]);
/// assert_eq!(EventLog::from_columns(&[events], &EventOptions::default())?.len(), 2);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EventColumns<'a> {
    /// When each event happened.
    pub happened_at: TimeColumn<'a>,
    /// What it was.
    pub kinds: KindColumn<'a>,
    /// Who it was, by the shop's id.
    pub customers: Option<KeyColumn<'a>>,
    /// Who it was, by e-mail address, for rows without a customer id.
    pub emails: Option<KeyColumn<'a>>,
    /// Which e-mail it is about, see [`Event::campaign`](crate::Event::campaign).
    pub campaigns: Option<KeyColumn<'a>>,
    /// Seconds of visits and numbers of shares, see [`Event::value`](crate::Event::value). NaN is a missing value.
    pub values: Option<&'a [f64]>,
}

impl<'a> EventColumns<'a> {
    /// Events of nobody of which nothing else is known; set the fields of what else is known.
    pub fn new(happened_at: TimeColumn<'a>, kinds: KindColumn<'a>) -> EventColumns<'a> {
        EventColumns { happened_at, kinds, customers: None, emails: None, campaigns: None, values: None }
    }

    /// The number of events.
    pub fn len(&self) -> usize {
        self.happened_at.len()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// That all columns are of one length and every code has a text.
    pub(super) fn check(&self) -> Result<()> {
        let expected = self.len();
        let keys = [("customer", self.customers), ("email", self.emails), ("campaign", self.campaigns)];
        let other = |len: usize| Some(len).filter(|&len| len != expected);
        let mut uneven = vec![
            ("happened_at", self.happened_at.uneven(expected)),
            ("kind", other(self.kinds.len())),
            ("value", self.values.and_then(|values| other(values.len()))),
        ];
        uneven.extend(keys.map(|(name, keys)| (name, keys.and_then(|keys| keys.uneven(expected)))));
        for (column, rows) in uneven {
            if let Some(rows) = rows {
                return Err(Error::UnequalColumns { column, rows, expected });
            }
        }
        for (name, keys) in keys {
            keys.map_or(Ok(()), |keys| keys.check_codes(name))?;
        }
        match self.kinds {
            KindColumn::Codes { codes, values } => check_codes(codes, values, "kind"),
            _ => Ok(()),
        }
    }

    /// Who it was.
    #[inline]
    pub(super) fn key(&self, row: usize) -> Option<KeyRef<'_>> {
        key_of(self.customers.as_ref(), self.emails.as_ref(), row)
    }
}
