#![expect(
    clippy::indexing_slicing,
    reason = "row and customer numbers are made here: `start` ascends from 0 to the number of rows, and every column \
              has that many"
)]

use core::cmp::Ordering;
use core::ops::Range;
use std::collections::BTreeSet;

use super::key::{KeyRef, KeyVec};
use crate::calendar::{Day, FIRST_DAY};
use crate::{parallel, sort};

/// The day of an order and whether it is a purchase, in one number that sorts by day, purchases first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u32);

impl Stamp {
    #[inline]
    pub(super) fn new(day: Day, purchase: bool) -> Stamp {
        // Days reach from `FIRST_DAY` to `LAST_DAY`, less than 2²² apart.
        #[expect(clippy::cast_sign_loss, reason = "`day` is at least FIRST_DAY")]
        let days = (day - FIRST_DAY) as u32;
        Stamp(days << 1 | u32::from(!purchase))
    }

    /// A column to be written over. Memory that the system hands out is zero, so that no page of it is touched before.
    pub(super) fn zeros(rows: usize) -> Vec<Stamp> {
        vec![0; rows].into_iter().map(Stamp).collect()
    }

    #[inline]
    pub(crate) fn day(self) -> Day {
        #[expect(clippy::cast_possible_wrap, reason = "31 bits")]
        let days = (self.0 >> 1) as i32;
        days + FIRST_DAY
    }

    /// Whether it is a purchase and not a credit note.
    #[inline]
    pub(crate) fn is_purchase(self) -> bool {
        self.0 & 1 == 0
    }
}

/// A fact that a row does not have, in a column of amounts. No amount has this value: sums of magnitudes are checked.
pub(crate) const NO_AMOUNT: i64 = i64::MIN;
/// A row without a channel.
pub(super) const NO_CHANNEL: u32 = u32::MAX;

/// Money that went back on an order of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refund {
    /// The row of the order.
    pub(crate) row: u32,
    pub(crate) amount: i64,
    /// On which day, where that is known.
    pub(crate) day: Option<Day>,
}

/// Optional facts by row. A column is there exactly when a row has the fact, so that equal orders make equal ledgers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Facts {
    pub(super) ids: Option<KeyVec>,
    pub(crate) costs: Option<Vec<i64>>,
    pub(crate) discounts: Option<Vec<i64>>,
    pub(crate) channels: Option<Channels>,
    /// In ascending order of the row.
    pub(crate) refunds: Vec<Refund>,
}

/// A column of names: positions in an ascending list of those that occur.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Channels {
    pub(crate) codes: Vec<u32>,
    pub(crate) names: Vec<Box<str>>,
}

/// All facts of one row, in the order in which rows of one customer, day and amount are sorted.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FactsOfRow<'a> {
    pub(super) id: Option<KeyRef<'a>>,
    pub(super) cost: Option<i64>,
    pub(super) discount: Option<i64>,
    pub(super) channel: Option<&'a str>,
    pub(super) refunded: i64,
    pub(super) refunded_on: Option<Day>,
}

/// Orders sorted by customer, then day, then amount less all refunds, then facts; those of nobody come last.
///
/// Customers stand in the order of their keys' hashes, which is the same whichever way the orders came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) keys: KeyVec,
    /// The first row of each customer, and of the orders of nobody.
    pub(super) start: Vec<u32>,
    pub(super) stamps: Vec<Stamp>,
    pub(super) nets: Vec<i64>,
    pub(crate) facts: Facts,
    /// Refunds that were not yet made when observation ended, in ascending order of the row. Amounts are without them.
    pub(super) pending: Vec<Refund>,
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger {
            keys: KeyVec::default(),
            start: vec![0],
            stamps: Vec::new(),
            nets: Vec::new(),
            facts: Facts::default(),
            pending: Vec::new(),
        }
    }
}

/// The orders of one customer, or of nobody, in time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) stamps: &'a [Stamp],
    pub(crate) nets: &'a [i64],
}

/// A customer's orders of one day: one purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Purchase {
    pub(crate) day: Day,
    /// What its orders come to, less refunds.
    pub(crate) net: i64,
    pub(crate) orders: u32,
}

impl<'a> Rows<'a> {
    /// The day of the first purchase.
    #[inline]
    pub(crate) fn first_purchase(self) -> Option<Day> {
        self.stamps.iter().find(|stamp| stamp.is_purchase()).map(|stamp| stamp.day())
    }

    /// The purchases, in time; credit notes are none.
    #[inline]
    pub(crate) fn purchases(self) -> impl Iterator<Item = Purchase> + use<'a> {
        let mut rows = self.stamps.iter().zip(self.nets).filter(|(stamp, _)| stamp.is_purchase()).peekable();
        core::iter::from_fn(move || {
            let (stamp, &net) = rows.next()?;
            let mut purchase = Purchase { day: stamp.day(), net, orders: 1 };
            while let Some((_, &net)) = rows.next_if(|(stamp, _)| stamp.day() == purchase.day) {
                purchase.net += net;
                purchase.orders += 1;
            }
            Some(purchase)
        })
    }
}

impl Ledger {
    pub(crate) fn customers(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn rows(&self) -> usize {
        self.stamps.len()
    }

    /// The rows of a customer; of nobody, where `customer` is the number of customers.
    #[inline]
    pub(crate) fn range(&self, customer: usize) -> Range<usize> {
        let start = self.start[customer] as usize;
        let end = self.start.get(customer + 1).map_or(self.stamps.len(), |&end| end as usize);
        start..end
    }

    #[inline]
    pub(crate) fn of(&self, customer: usize) -> Rows<'_> {
        let range = self.range(customer);
        Rows { stamps: &self.stamps[range.clone()], nets: &self.nets[range] }
    }

    pub(crate) fn stamp(&self, row: u32) -> Option<Stamp> {
        self.stamps.get(row as usize).copied()
    }

    /// Looks at the rows of one customer after the other, where [`count`](Ledger::count) shows them out of their order: on
    /// each thread into a value of its own, which are returned in the order of the customers. Results that are sums do
    /// not depend on how many there are.
    pub(crate) fn fold<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        look: impl Fn(&mut T, usize, Rows<'_>) + Sync,
    ) -> Vec<T> {
        parallel::map(self.shares(parallel::threads_for(self.rows())), |customers| {
            let mut value = new();
            for customer in customers {
                look(&mut value, customer, self.of(customer));
            }
            value
        })
    }

    /// The customers in `shares` runs of about equally many rows.
    pub(super) fn shares(&self, shares: usize) -> impl Iterator<Item = Range<usize>> {
        let identified = self.range(self.customers()).start;
        let bound = move |share: usize| {
            let row = identified * share / shares;
            self.start[..self.customers()].partition_point(|&start| (start as usize) < row)
        };
        (0..shares).map(move |share| {
            bound(share)..if share + 1 == shares { self.customers() } else { bound(share + 1) }
        })
    }

    /// The orders of nobody.
    pub(crate) fn unidentified(&self) -> Rows<'_> {
        self.of(self.customers())
    }

    /// The customer that a row belongs to; the number of customers for an order of nobody.
    pub(crate) fn customer_of(&self, row: u32) -> usize {
        self.start.partition_point(|&start| start <= row).saturating_sub(1)
    }

    /// Whether nothing is left of an order because money went back on it.
    pub(super) fn is_paid_back(&self, row: usize) -> bool {
        self.nets[row] == 0 && self.facts_of(row).refunded > 0
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let facts = &self.facts;
        self.keys.heap_bytes()
            + 4 * self.start.len()
            + 4 * self.stamps.len()
            + 8 * self.nets.len()
            + facts.ids.as_ref().map_or(0, KeyVec::heap_bytes)
            + facts.costs.as_ref().map_or(0, |c| 8 * c.len())
            + facts.discounts.as_ref().map_or(0, |c| 8 * c.len())
            + facts.channels.as_ref().map_or(0, |c| 4 * c.codes.len())
            + size_of::<Refund>() * (facts.refunds.len() + self.pending.len())
    }

    pub(super) fn facts_of(&self, row: usize) -> FactsOfRow<'_> {
        let facts = &self.facts;
        let amount = |column: &Option<Vec<i64>>| column.as_ref().map(|c| c[row]).filter(|&a| a != NO_AMOUNT);
        let channel = facts.channels.as_ref().and_then(|c| c.names.get(c.codes[row] as usize));
        let refund =
            facts.refunds.binary_search_by_key(&row, |r| r.row as usize).ok().map(|at| facts.refunds[at]);
        FactsOfRow {
            id: facts.ids.as_ref().and_then(|ids| ids.get(row)),
            cost: amount(&facts.costs),
            discount: amount(&facts.discounts),
            channel: channel.map(AsRef::as_ref),
            refunded: refund.map_or(0, |r| r.amount),
            refunded_on: refund.and_then(|r| r.day),
        }
    }

    /// One ledger of the rows of two. An order that both hold, by its id, is kept once; returns how many were.
    pub(super) fn merge(left: &Ledger, right: &Ledger) -> (Ledger, u64) {
        let mut plan = Plan::new([left, right]);
        KeyVec::join(&left.keys, &right.keys, |l, r| match (l, r) {
            (Some(l), Some(r)) => plan.customer(0, l).interleave(left.range(l), right.range(r)),
            (Some(l), None) => plan.customer(0, l).run(0, left.range(l)),
            (None, Some(r)) => plan.customer(1, r).run(1, right.range(r)),
            (None, None) => {}
        });
        plan.nobody().interleave(left.range(left.customers()), right.range(right.customers()));
        let dropped = plan.dropped;
        (plan.carry_out(), dropped)
    }

    /// The ledger split at a day: rows before it, less those in the ascending list `out`; and all others.
    pub(super) fn split(&self, day: Day, out: &[u32]) -> (Ledger, Ledger) {
        let (mut before, mut others) = (Plan::new([self, self]), Plan::new([self, self]));
        for customer in 0..=self.customers() {
            let range = self.range(customer);
            let cut = range.start + self.stamps[range.clone()].partition_point(|stamp| stamp.day() < day);
            let from = out.partition_point(|&row| (row as usize) < range.start);
            let out = out[from..].iter().map(|&row| row as usize).take_while(|&row| row < cut);
            let apart = out.clone().count();
            for (plan, rows) in
                [(&mut before, cut - range.start - apart), (&mut others, range.end - cut + apart)]
            {
                if customer == self.customers() {
                    plan.nobody();
                } else if rows > 0 {
                    plan.customer(0, customer);
                }
            }
            let mut next = range.start;
            for row in out {
                before.run(0, next..row);
                others.run(0, row..row + 1);
                next = row + 1;
            }
            before.run(0, next..cut);
            others.run(0, cut..range.end);
        }
        (before.carry_out(), others.carry_out())
    }

    /// Takes refunds made on or after a day for not yet made. Rows stay where they are.
    pub(super) fn postpone(&mut self, day: Day) {
        let refunds = core::mem::take(&mut self.facts.refunds);
        let (pending, made) = refunds.into_iter().partition(|refund| refund.day.is_some_and(|on| on >= day));
        (self.pending, self.facts.refunds) = (pending, made);
        for refund in &self.pending {
            self.nets[refund.row as usize] += refund.amount;
        }
    }

    /// Takes back what [`postpone`](Self::postpone) did.
    pub(super) fn make_pending(&mut self) {
        for refund in &self.pending {
            self.nets[refund.row as usize] -= refund.amount;
        }
        self.facts.refunds.append(&mut self.pending);
        sort::by(&mut self.facts.refunds, |a, b| a.row.cmp(&b.row));
    }
}

/// A run of rows of one of two ledgers.
#[derive(Debug, Clone)]
struct Run {
    side: usize,
    rows: Range<usize>,
}

/// A new ledger as a list of runs of rows of two others. It is made once, by looking at days, amounts and facts, and
/// then carried out column by column.
#[derive(Debug)]
struct Plan<'a> {
    sides: [&'a Ledger; 2],
    keys: KeyVec,
    start: Vec<u32>,
    runs: Vec<Run>,
    rows: usize,
    dropped: u64,
}

impl<'a> Plan<'a> {
    fn new(sides: [&'a Ledger; 2]) -> Plan<'a> {
        Plan { sides, keys: KeyVec::default(), start: Vec::new(), runs: Vec::new(), rows: 0, dropped: 0 }
    }

    /// What follows are the rows of this customer.
    fn customer(&mut self, side: usize, customer: usize) -> &mut Self {
        self.keys.extend(&self.sides[side].keys, customer..customer + 1);
        self.nobody()
    }

    /// What follows are the rows of nobody.
    fn nobody(&mut self) -> &mut Self {
        #[expect(clippy::cast_possible_truncation, reason = "a history of more rows is refused before")]
        self.start.push(self.rows as u32);
        self
    }

    fn run(&mut self, side: usize, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        self.rows += rows.len();
        match self.runs.last_mut() {
            Some(last) if last.side == side && last.rows.end == rows.start => last.rows.end = rows.end,
            _ => self.runs.push(Run { side, rows }),
        }
    }

    /// The rows of one customer on both sides, in order.
    fn interleave(&mut self, left: Range<usize>, right: Range<usize>) {
        let [a, b] = self.sides;
        let (mut l, mut r) = (left.start, right.start);
        while l < left.end && r < right.end {
            let order = (a.stamps[l], a.nets[l])
                .cmp(&(b.stamps[r], b.nets[r]))
                .then_with(|| a.facts_of(l).cmp(&b.facts_of(r)));
            if order == Ordering::Equal && a.facts_of(l).id.is_some() {
                self.dropped += 1;
                r += 1;
            } else if order == Ordering::Greater {
                self.run(1, r..r + 1);
                r += 1;
            } else {
                self.run(0, l..l + 1);
                l += 1;
            }
        }
        self.run(0, l..left.end);
        self.run(1, r..right.end);
    }

    fn carry_out(mut self) -> Ledger {
        self.keys.settle();
        let stamps = self.column(|ledger| &ledger.stamps);
        let nets = self.column(|ledger| &ledger.nets);
        let facts = Facts {
            ids: self.ids(),
            costs: self.amounts(|facts| facts.costs.as_deref()),
            discounts: self.amounts(|facts| facts.discounts.as_deref()),
            channels: self.channels(),
            refunds: self.refunds(),
        };
        Ledger { keys: self.keys, start: self.start, stamps, nets, facts, pending: Vec::new() }
    }

    fn column<T: Copy + 'a>(&self, column: impl Fn(&'a Ledger) -> &'a [T]) -> Vec<T> {
        let mut out = Vec::with_capacity(self.rows);
        for run in &self.runs {
            out.extend_from_slice(&column(self.sides[run.side])[run.rows.clone()]);
        }
        out
    }

    fn amounts(&self, column: impl Fn(&'a Facts) -> Option<&'a [i64]>) -> Option<Vec<i64>> {
        let columns = self.sides.map(|side| column(&side.facts));
        if columns.iter().all(Option::is_none) {
            return None;
        }
        let mut out = Vec::with_capacity(self.rows);
        for run in &self.runs {
            match columns[run.side] {
                Some(column) => out.extend_from_slice(&column[run.rows.clone()]),
                None => out.resize(out.len() + run.rows.len(), NO_AMOUNT),
            }
        }
        settled(out)
    }

    fn ids(&self) -> Option<KeyVec> {
        if self.sides.iter().all(|side| side.facts.ids.is_none()) {
            return None;
        }
        let mut out = KeyVec::default();
        for run in &self.runs {
            match &self.sides[run.side].facts.ids {
                Some(ids) => out.extend(ids, run.rows.clone()),
                None => run.rows.clone().for_each(|_| out.push(None)),
            }
        }
        out.settle();
        (0..out.len()).any(|row| out.get(row).is_some()).then_some(out)
    }

    fn channels(&self) -> Option<Channels> {
        let names = self.runs.iter().flat_map(|run| {
            let channels = self.sides[run.side].facts.channels.as_ref();
            run.rows.clone().map(move |row| channels.and_then(|c| c.names.get(c.codes[row] as usize)))
        });
        if self.sides.iter().all(|side| side.facts.channels.is_none()) {
            return None;
        }
        Channels::new(names.map(|name| name.map(AsRef::as_ref)))
    }

    fn refunds(&self) -> Vec<Refund> {
        let mut out = Vec::new();
        let mut first = 0;
        for run in &self.runs {
            let refunds = &self.sides[run.side].facts.refunds;
            let from = refunds.partition_point(|refund| (refund.row as usize) < run.rows.start);
            for refund in refunds[from..].iter().take_while(|refund| (refund.row as usize) < run.rows.end) {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a history of more rows is refused before"
                )]
                let row = (refund.row as usize - run.rows.start + first) as u32;
                out.push(Refund { row, ..*refund });
            }
            first += run.rows.len();
        }
        out
    }
}

impl Channels {
    /// A column of these names, `None` where there is none in it.
    pub(super) fn new<'a>(column: impl Iterator<Item = Option<&'a str>> + Clone) -> Option<Channels> {
        let mut distinct: BTreeSet<&str> = BTreeSet::new();
        // One by one: collected they would all be sorted first.
        distinct.extend(column.clone().flatten());
        let names: Vec<Box<str>> = distinct.into_iter().map(Into::into).collect();
        let code = |name: Option<&str>| {
            let place = name.and_then(|name| names.binary_search_by(|known| known.as_ref().cmp(name)).ok());
            place.and_then(|place| u32::try_from(place).ok()).unwrap_or(NO_CHANNEL)
        };
        let codes = column.map(code).collect();
        (!names.is_empty()).then_some(Channels { codes, names })
    }
}

/// A column of amounts, `None` where no row has one.
pub(super) fn settled(column: Vec<i64>) -> Option<Vec<i64>> {
    column.iter().any(|&amount| amount != NO_AMOUNT).then_some(column)
}
