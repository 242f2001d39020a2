//! Every buyer of a history in exactly one segment.

use core::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use super::assessment::{Assessment, Flag, Reason, Segment};
use super::buyers::{Buyer, Buyers, mean_gap};
use super::rule::{SegmentRule, ValueBasis};
use crate::calendar::date_of;
use crate::error::{Error, Result};
use crate::measure::Rate;
use crate::money::Money;
use crate::orders::{CustomerKey, KeyVec, OrderHistory, Rows};
use crate::parallel;
use crate::table::{Column, Columns, Values};
use crate::words::{grouped, units};

/// The segments of all buyers of a history on one day, each with the figures that led there.
///
/// As [`Columns`] it has one row per buyer, in the order in which the history keeps them: that of their keys' hashes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Segments {
    /// The day on which observation ends: the segments are those of the morning of that day.
    pub as_of: NaiveDate,
    /// The rule that was applied.
    pub rule: SegmentRule,
    #[serde(skip)]
    pub(super) books_start: NaiveDate,
    pub(super) keys: KeyVec,
    /// Which of the four.
    pub segment: Vec<Segment>,
    /// What decided.
    pub reason: Vec<Reason>,
    /// What is to be kept in mind, a bit for each flag; [`flags`](Self::flags) reads them.
    #[serde(rename = "flagBits")]
    pub(super) flag_bits: Vec<u8>,
    /// x, in minor units.
    pub value_minor: Vec<i64>,
    /// y.
    pub outlook: Vec<f64>,
    /// Purchases so far.
    pub purchases: Vec<u32>,
    /// Days from the first purchase to the last.
    pub span_days: Vec<u32>,
    /// Days from the last purchase to the last day that was observed.
    pub silence_days: Vec<u32>,
    /// Those of whom there is more to say, by row.
    #[serde(skip)]
    pub(super) notes: Vec<Note>,
    pub(super) prospects: KeyVec,
}

/// Returns, complaints and referrals of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Note {
    pub(super) row: u32,
    pub(super) orders: u32,
    pub(super) sold: i64,
    pub(super) returned: i64,
    pub(super) complaints: u32,
    pub(super) referrals: u32,
}

/// On which sides of the cuts a customer stood before.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held {
    No,
    At { valuable: bool, lively: bool },
}

/// The customers of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SegmentCount {
    /// The segment.
    pub segment: Segment,
    /// Its customers ÷ all buyers.
    pub share: Rate,
    /// The sum of their values: net revenue, or contribution, in the window.
    pub value: Money,
    /// That sum ÷ the sum over all buyers; `None` where that is not above 0.
    pub value_share: Option<f64>,
    /// Of them, those to be kept in mind as too new to tell.
    pub immature: u64,
}

/// What one thread finds.
#[derive(Default)]
struct Part {
    customer: Vec<u32>,
    segment: Vec<Segment>,
    reason: Vec<Reason>,
    flag_bits: Vec<u8>,
    value_minor: Vec<i64>,
    outlook: Vec<f64>,
    purchases: Vec<u32>,
    span_days: Vec<u32>,
    silence_days: Vec<u32>,
    notes: Vec<Note>,
}

impl Part {
    fn with_capacity(customers: usize) -> Part {
        Part {
            customer: Vec::with_capacity(customers),
            segment: Vec::with_capacity(customers),
            reason: Vec::with_capacity(customers),
            flag_bits: Vec::with_capacity(customers),
            value_minor: Vec::with_capacity(customers),
            outlook: Vec::with_capacity(customers),
            purchases: Vec::with_capacity(customers),
            span_days: Vec::with_capacity(customers),
            silence_days: Vec::with_capacity(customers),
            notes: Vec::new(),
        }
    }

    fn append(&mut self, mut more: Part) {
        #[expect(clippy::cast_possible_truncation, reason = "a history numbers its rows in 32 bits")]
        let rows = self.customer.len() as u32;
        self.notes.extend(more.notes.iter().map(|note| Note { row: note.row + rows, ..*note }));
        self.customer.append(&mut more.customer);
        self.segment.append(&mut more.segment);
        self.reason.append(&mut more.reason);
        self.flag_bits.append(&mut more.flag_bits);
        self.value_minor.append(&mut more.value_minor);
        self.outlook.append(&mut more.outlook);
        self.purchases.append(&mut more.purchases);
        self.span_days.append(&mut more.span_days);
        self.silence_days.append(&mut more.silence_days);
    }
}

impl Segments {
    pub(super) fn of(
        rule: &SegmentRule,
        history: &OrderHistory,
        before: Option<&Segments>,
    ) -> Result<Segments> {
        let (found, expected) = (history.options().currency, rule.currency);
        if found != expected {
            return Err(Error::MixedCurrencies { expected, found });
        }
        let ledger = history.ledger();
        let held = before.map(|before| before.sides(&ledger.keys));
        let new_from = history.new_customers_from();
        let less_costs = rule.value == ValueBasis::Contribution;
        let buyers = Buyers::new(history, rule.options.window_days, less_costs);
        let look = |part: &mut Part, buyer: Buyer, rows: Rows<'_>| {
            let first = rows.stamps.iter().find(|stamp| stamp.is_purchase()).map(|stamp| stamp.day());
            let held = held.as_ref().and_then(|held| held.get(buyer.customer as usize));
            let held = held.copied().unwrap_or(Held::No);
            let (segment, reason, flags, outlook) =
                rule.judge(&buyer, first.is_some_and(|first| first < new_from), held);
            if buyer.returned > 0 || buyer.complaints > 0 || buyer.referrals > 0 {
                let Buyer { orders, sold, returned, complaints, referrals, .. } = buyer;
                #[expect(clippy::cast_possible_truncation, reason = "a history numbers its rows in 32 bits")]
                let row = part.customer.len() as u32;
                part.notes.push(Note { row, orders, sold, returned, complaints, referrals });
            }
            part.customer.push(buyer.customer);
            part.segment.push(segment);
            part.reason.push(reason);
            part.flag_bits.push(flags);
            part.value_minor.push(buyer.value);
            part.outlook.push(outlook);
            part.purchases.push(buyer.purchases);
            part.span_days.push(buyer.span);
            part.silence_days.push(buyer.silence);
        };
        // Threads have about as many orders each, and so about as many customers.
        let share = ledger.customers() / parallel::threads_for(ledger.rows());
        let new = || Part::with_capacity(share + share / 16);
        let mut parts = buyers.fold(new, look).into_iter();
        let mut all = parts.next().unwrap_or_default();
        for part in parts {
            all.append(part);
        }
        let keys = if all.customer.len() == ledger.customers() {
            ledger.keys.clone()
        } else {
            ledger.keys.select(all.customer.iter().map(|&customer| customer as usize))
        };
        let prospects = history.prospects(keys.len() as u64);
        Ok(Segments {
            as_of: history.observed_until(),
            rule: rule.clone(),
            books_start: history.books_start(),
            keys,
            segment: all.segment,
            reason: all.reason,
            flag_bits: all.flag_bits,
            value_minor: all.value_minor,
            outlook: all.outlook,
            purchases: all.purchases,
            span_days: all.span_days,
            silence_days: all.silence_days,
            notes: all.notes,
            prospects,
        })
    }

    /// For each of these customers, on which sides of the cuts they stand here.
    fn sides(&self, customers: &KeyVec) -> Vec<Held> {
        let mut held = vec![Held::No; customers.len()];
        KeyVec::join(customers, &self.keys, |place, row| {
            let (Some(place), Some(row)) = (place, row) else { return };
            let side = match self.reason.get(row) {
                Some(Reason::Thriving) => Held::At { valuable: true, lively: true },
                Some(Reason::Fading) => Held::At { valuable: true, lively: false },
                Some(Reason::Promising) => Held::At { valuable: false, lively: true },
                Some(Reason::Dormant) => Held::At { valuable: false, lively: false },
                // The override says nothing of sides.
                Some(Reason::Dissatisfied | Reason::Costly) | None => Held::No,
            };
            if let Some(held) = held.get_mut(place) {
                *held = side;
            }
        });
        held
    }

    /// How many buyers.
    pub fn len(&self) -> usize {
        self.segment.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.segment.is_empty()
    }

    /// Who stands in a row.
    pub fn key(&self, row: usize) -> Option<CustomerKey> {
        self.keys.key(row)
    }

    /// Those who are known and have no purchase: outside the four. Known are those with an order, counted or not, a credit
    /// note, or facts; with the buyers they are all whom the history names.
    pub fn prospects(&self) -> u64 {
        self.prospects.len() as u64
    }

    /// What is to be kept in mind about a row.
    pub fn flags(&self, row: usize) -> impl Iterator<Item = Flag> + use<> {
        Flag::of(self.flag_bits.get(row).copied().unwrap_or(0))
    }

    /// The four segments, best first: customers, value, and their shares.
    pub fn counts(&self) -> Vec<SegmentCount> {
        let mut sums = [(0_u64, 0_i128, 0_u64); 4];
        let rows = self.segment.iter().zip(&self.value_minor).zip(&self.flag_bits);
        for ((segment, &value), flags) in rows {
            if let Some(sum) = sums.get_mut(segment.place()) {
                sum.0 += 1;
                sum.1 += i128::from(value);
                sum.2 += u64::from(flags & Flag::Immature.bit() != 0);
            }
        }
        let all: i128 = sums.iter().map(|sum| sum.1).sum();
        let count = |(segment, (customers, value, immature)): (Segment, (u64, i128, u64))| SegmentCount {
            segment,
            share: Rate::of(customers, self.len() as u64),
            value: Money::from_minor(
                i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX }),
                self.rule.currency,
            ),
            value_share: (all > 0).then(|| value as f64 / all as f64),
            immature,
        };
        Segment::ALL.into_iter().zip(sums).map(count).collect()
    }

    /// One customer's segment, and why; it displays as a sentence. `None` for somebody without a purchase.
    pub fn explain(&self, customer: &CustomerKey) -> Option<Assessment> {
        self.assessment(self.keys.find(&customer.borrow())?)
    }

    /// The same for a row.
    pub fn assessment(&self, row: usize) -> Option<Assessment> {
        let rule = &self.rule;
        let value = Money::from_minor(*self.value_minor.get(row)?, rule.currency);
        let outlook = *self.outlook.get(row)?;
        let note = self.note(row).unwrap_or_default();
        let distance = value.minor().saturating_sub(rule.value_cut.minor());
        Some(Assessment {
            customer: self.keys.key(row)?,
            segment: *self.segment.get(row)?,
            reason: *self.reason.get(row)?,
            value,
            value_cut: rule.value_cut,
            value_distance: Money::from_minor(distance, rule.currency),
            value_basis: rule.value,
            value_days: rule.options.window_days,
            outlook,
            outlook_cut: rule.outlook_cut,
            outlook_distance: outlook - rule.outlook_cut,
            horizon_days: rule.outlook.horizon_days,
            purchases: *self.purchases.get(row)?,
            mean_gap_days: self.mean_gap(row),
            silence_days: *self.silence_days.get(row)?,
            refund_share: (note.sold > 0 && note.returned > 0)
                .then(|| note.returned as f64 / note.sold as f64),
            orders: note.orders,
            complaints: note.complaints,
            flags: self.flags(row).collect(),
        })
    }

    /// Days between the purchases of a row, on average; `None` for a single purchase.
    pub(super) fn mean_gap(&self, row: usize) -> Option<f64> {
        mean_gap(*self.purchases.get(row)?, *self.span_days.get(row)?)
    }

    pub(super) fn note(&self, row: usize) -> Option<Note> {
        let at = self.notes.binary_search_by_key(&row, |note| note.row as usize).ok()?;
        self.notes.get(at).copied()
    }

    /// The day of the last purchase of a row.
    pub(super) fn last_purchase(&self, row: usize) -> Option<NaiveDate> {
        let silence = i32::try_from(*self.silence_days.get(row)?).ok()?;
        Some(date_of(crate::calendar::boundary_day(self.as_of) - 1 - silence))
    }
}

impl SegmentCount {
    /// The line above those of segments.
    pub(super) fn header() -> String {
        format!("{:<14}{:>10}{:>9}{:>18}{:>9}", "", "customers", "share", "value", "share")
    }
}

/// A line of a table: customers and their share, value and its share.
impl fmt::Display for SegmentCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent =
            |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        write!(
            f,
            "{:<14}{:>10}{:>9}{:>18}{:>9}",
            self.segment,
            grouped(self.share.numerator.into()),
            percent(self.share.value),
            format!("{} {}", units(self.value), self.value.currency()),
            percent(self.value_share)
        )
    }
}

/// The four segments as lines of a table.
impl fmt::Display for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", SegmentCount::header())?;
        self.counts().iter().try_for_each(|count| writeln!(f, "{count}"))
    }
}

impl Columns for Segments {
    fn rows(&self) -> usize {
        self.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let rows = 0..self.len();
        let text = |names: Vec<&'static str>| Values::Text(names.into_iter().map(Into::into).collect());
        let flags = |row| self.flags(row).map(Flag::name).collect::<Vec<_>>().join(",");
        let money = |&minor: &i64| Money::from_minor(minor, self.rule.currency);
        vec![
            Column::new("customer", Values::Text(rows.clone().map(|row| self.keys.text(row)).collect())),
            Column::new("segment", text(self.segment.iter().map(|segment| segment.name()).collect())),
            Column::money("value", self.value_minor.iter().map(money)),
            Column::new("outlook", Values::F64(self.outlook.as_slice().into())),
            Column::money("value_cut", rows.clone().map(|_| self.rule.value_cut)),
            Column::new("outlook_cut", Values::F64(vec![self.rule.outlook_cut; self.len()].into())),
            Column::new("reason", text(self.reason.iter().map(|reason| reason.name()).collect())),
            Column::new("flags", Values::Text(rows.clone().map(|row| flags(row).into()).collect())),
            Column::new("purchases", Values::U32(self.purchases.as_slice().into())),
            Column::f64("mean_gap_days", rows.map(|row| self.mean_gap(row))),
            Column::new("silence_days", Values::U32(self.silence_days.as_slice().into())),
        ]
    }
}
