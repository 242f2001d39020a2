//! One pass over all customers, in which everything that is asked for is counted.

#![expect(
    clippy::indexing_slicing,
    reason = "positions are made here: a block has an entry for each of its rows, and a place for each of its customers"
)]

use core::ops::Range;

use super::ledger::Ledger;
use crate::calendar::Day;
use crate::parallel;

/// A purchase, which is all that a customer ordered on one day; or a credit note, which is no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Entry {
    pub(crate) day: Day,
    /// How many orders the purchase is made of; 0 for a credit note.
    pub(crate) orders: u32,
    /// What they come to, less refunds.
    pub(crate) net: i64,
}

impl Entry {
    #[inline]
    pub(crate) fn is_purchase(&self) -> bool {
        self.orders > 0
    }
}

/// One customer as a pass shows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shopper<'a> {
    /// Where the customer stands in the ledger.
    pub(crate) place: usize,
    /// In time; of one day, the purchase before the credit notes.
    pub(crate) entries: &'a [Entry],
    /// How many of them are purchases.
    pub(crate) purchases: u32,
    /// Of how many orders these are made.
    pub(crate) orders: u32,
    /// Net revenue, credit notes included.
    pub(crate) net: i64,
}

impl<'a> Shopper<'a> {
    #[inline]
    pub(crate) fn purchases(self) -> impl DoubleEndedIterator<Item = &'a Entry> + Clone {
        self.entries.iter().filter(|entry| entry.is_purchase())
    }

    #[inline]
    pub(crate) fn first_purchase(self) -> Option<Day> {
        self.purchases().next().map(|entry| entry.day)
    }

    #[inline]
    pub(crate) fn last_purchase(self) -> Option<Day> {
        self.purchases().next_back().map(|entry| entry.day)
    }
}

/// What a pass counts: sums, so that neither the order of customers nor the number of threads changes them.
pub(crate) trait Counter: Send {
    /// Counts these customers. A pass shows every customer once, and blocks in the order of the ledger.
    fn look(&mut self, block: &Block);

    /// Adds what another counter of the same kind has counted of the customers after these.
    fn merge(&mut self, other: Self);
}

impl<C: Counter, const N: usize> Counter for [C; N] {
    fn look(&mut self, block: &Block) {
        for counter in self {
            counter.look(block);
        }
    }

    fn merge(&mut self, other: Self) {
        self.iter_mut().zip(other).for_each(|(sum, more)| sum.merge(more));
    }
}

/// Two counters, and so any number, in one pass.
impl<A: Counter, B: Counter> Counter for (A, B) {
    fn look(&mut self, block: &Block) {
        self.0.look(block);
        self.1.look(block);
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
        self.1.merge(other.1);
    }
}

/// Some customers at a time: few enough that every counter finds their entries in the cache.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The places of the customers in the ledger.
    places: Range<usize>,
    /// Of each customer from the number of their first row on; where rows were merged, gaps follow.
    entries: Vec<Entry>,
    /// Of each customer, in the order of the ledger.
    ends: Vec<u32>,
    /// The customers by their number of entries, those with many together.
    groups: [Vec<Stretch>; 16],
}

/// The entries of one customer, and what they come to.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    place: u32,
    start: u32,
    end: u32,
    purchases: u32,
    orders: u32,
    net: i64,
}

const CUSTOMERS_OF_BLOCK: usize = 512;

#[expect(clippy::cast_possible_truncation, reason = "a history of 2³² rows is refused before")]
impl Block {
    /// Shows the customers, those with few entries first: a loop over the entries of each then ends where the processor
    /// expects it.
    #[inline]
    pub(crate) fn for_each(&self, mut look: impl FnMut(Shopper<'_>)) {
        for group in &self.groups {
            for stretch in group {
                look(Shopper {
                    place: stretch.place as usize,
                    entries: &self.entries[stretch.start as usize..stretch.end as usize],
                    purchases: stretch.purchases,
                    orders: stretch.orders,
                    net: stretch.net,
                });
            }
        }
    }

    /// The places of the customers in the ledger.
    pub(crate) fn places(&self) -> Range<usize> {
        self.places.clone()
    }

    fn fill(&mut self, ledger: &Ledger, places: Range<usize>) {
        // The orders of nobody follow the last customer.
        let starts = &ledger.start[places.start..=places.end];
        let rows = starts[0] as usize..starts[places.len()] as usize;
        self.places = places;
        let (stamps, nets) = (&ledger.stamps[rows.clone()], &ledger.nets[rows]);
        self.entries.clear();
        self.entries.extend(stamps.iter().zip(nets).map(|(&stamp, &net)| Entry {
            day: stamp.day(),
            orders: u32::from(stamp.is_purchase()),
            net,
        }));
        self.ends.clear();
        self.ends.extend(starts[1..].iter().map(|start| start - starts[0]));
        let (mut customer, mut merged) = (0, 0);
        for (row, pair) in (starts[0] + 1..).zip(stamps.windows(2)) {
            if pair[0] == pair[1] && pair[0].is_purchase() && row >= merged {
                while starts[customer + 1] <= row {
                    customer += 1;
                }
                merged = starts[customer + 1];
                let start = (starts[customer] - starts[0]) as usize;
                let entries = &mut self.entries[start..self.ends[customer] as usize];
                self.ends[customer] = (start + merge_days(entries)) as u32;
            }
        }
        self.group(starts);
    }

    fn group(&mut self, starts: &[u32]) {
        self.groups.iter_mut().for_each(Vec::clear);
        for ((place, start), &end) in (self.places.start as u32..).zip(starts).zip(&self.ends) {
            let start = start - starts[0];
            let group = ((end - start) as usize).min(self.groups.len() - 1);
            self.groups[group].push(Stretch { place, start, end, purchases: 0, orders: 0, net: 0 });
        }
        for stretch in self.groups.iter_mut().flatten() {
            let (mut purchases, mut orders, mut net) = (0, 0, 0);
            for entry in &self.entries[stretch.start as usize..stretch.end as usize] {
                purchases += u32::from(entry.is_purchase());
                orders += entry.orders;
                net += entry.net;
            }
            *stretch = Stretch { purchases, orders, net, ..*stretch };
        }
    }
}

/// Makes one entry of the purchases of each day, and returns how many entries are left. Purchases of a day come before its
/// credit notes.
fn merge_days(entries: &mut [Entry]) -> usize {
    let mut kept = 0;
    for at in 0..entries.len() {
        let entry = entries[at];
        if kept > 0 && entry.is_purchase() && entries[kept - 1].day == entry.day {
            entries[kept - 1].orders += entry.orders;
            entries[kept - 1].net += entry.net;
        } else {
            entries[kept] = entry;
            kept += 1;
        }
    }
    kept
}

impl Ledger {
    /// Shows every customer to a counter: on each thread to one of its own, which are then merged.
    pub(crate) fn count<C: Counter>(&self, new: impl Fn() -> C + Sync) -> C {
        let new = &new;
        let jobs = self.shares(parallel::threads_for(self.rows())).map(|customers| {
            move || {
                let mut counter = new();
                let mut block = Block::default();
                let mut start = customers.start;
                while start < customers.end {
                    let end = customers.end.min(start + CUSTOMERS_OF_BLOCK);
                    block.fill(self, start..end);
                    counter.look(&block);
                    start = end;
                }
                counter
            }
        });
        let merged = parallel::run(jobs.collect()).into_iter().reduce(|mut sum, more| {
            sum.merge(more);
            sum
        });
        merged.unwrap_or_else(new)
    }
}
