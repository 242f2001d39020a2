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

/// One customer as a pass shows them; or a crowd, see [`Block::for_each_crowd`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shopper<'a> {
    /// How many they are.
    pub(crate) customers: u32,
    /// Where the customer stands in the ledger; of a crowd, nowhere.
    pub(crate) place: usize,
    /// In time; of one day, the purchase before the credit notes.
    pub(crate) entries: &'a [Entry],
    /// How many of them are purchases; of a crowd, how many were.
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
    /// Counts these customers. A pass shows every customer once, in blocks in the order of the ledger, of which the last has the
    /// crowds alone: what asks for crowds once has to ask for them always.
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
    /// The customers by their number of entries, those with many together. First those who are in crowds.
    groups: [Vec<Stretch>; 16],
    /// The crowds of all customers, in a block of their own.
    crowds: Vec<Stretch>,
}

/// The entries of one customer or crowd, and what they come to.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    customers: u32,
    place: u32,
    start: u32,
    end: u32,
    purchases: u32,
    orders: u32,
    net: i64,
}

/// How many customers bought once, and what they bought, by day.
#[derive(Debug)]
struct Crowds(Vec<(u32, Entry)>);

impl Crowds {
    /// Days apart by a multiple of this share a place, which the first of them to come keeps: eleven years.
    const DAYS: usize = 4096;

    fn new() -> Crowds {
        Crowds(vec![Default::default(); Crowds::DAYS])
    }

    /// Counts the customer of a single entry in, unless that is no purchase, one without revenue, whose movement would be
    /// another, or of a day whose place is taken.
    #[inline]
    #[expect(clippy::cast_sign_loss, reason = "a remainder of bits")]
    fn take(&mut self, entry: &Entry) -> bool {
        let (customers, sum) = &mut self.0[entry.day as u32 as usize % Crowds::DAYS];
        let alike = entry.is_purchase() && entry.net > 0 && (*customers == 0 || sum.day == entry.day);
        if alike {
            *customers += 1;
            *sum = Entry { day: entry.day, orders: sum.orders + entry.orders, net: sum.net + entry.net };
        }
        alike
    }
}

const CUSTOMERS_OF_BLOCK: usize = 512;

#[expect(clippy::cast_possible_truncation, reason = "a history of 2³² rows is refused before")]
impl Block {
    /// Shows the customers, those with few entries first: a loop over the entries of each then ends where the processor
    /// expects it.
    #[inline]
    pub(crate) fn for_each(&self, look: impl FnMut(Shopper<'_>)) {
        self.show(self.groups.iter(), look);
    }

    /// The same for sums to which it does not matter who bought: all who bought once, on the same day, and paid for it are
    /// shown as one crowd, of each thread. That is more than half of most shops' customers. A crowd has one entry, the sum
    /// of theirs, and no place.
    #[inline]
    pub(crate) fn for_each_crowd(&self, look: impl FnMut(Shopper<'_>)) {
        self.show(self.groups[1..].iter().chain([&self.crowds]), look);
    }

    #[inline]
    fn show<'a>(&'a self, groups: impl Iterator<Item = &'a Vec<Stretch>>, mut look: impl FnMut(Shopper<'a>)) {
        for group in groups {
            for stretch in group {
                look(Shopper {
                    customers: stretch.customers,
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

    fn fill(&mut self, ledger: &Ledger, places: Range<usize>, crowds: &mut Crowds) {
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
        self.group(starts, crowds);
    }

    fn group(&mut self, starts: &[u32], crowds: &mut Crowds) {
        self.groups.iter_mut().for_each(Vec::clear);
        for ((place, start), &end) in (self.places.start as u32..).zip(starts).zip(&self.ends) {
            let start = start - starts[0];
            let group = ((end - start) as usize).min(self.groups.len() - 1);
            let stretch = Stretch { customers: 1, place, start, end, purchases: 0, orders: 0, net: 0 };
            self.groups[group].push(stretch);
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
        let [in_crowds, single, ..] = &mut self.groups;
        core::mem::swap(in_crowds, single);
        in_crowds.retain(|stretch| {
            let taken = crowds.take(&self.entries[stretch.start as usize]);
            if !taken {
                single.push(*stretch);
            }
            taken
        });
    }

    /// The crowds, when all customers have been shown.
    fn gather(&mut self, crowds: &Crowds) {
        self.places.start = self.places.end;
        self.groups.iter_mut().for_each(Vec::clear);
        self.entries.clear();
        for &(customers, sum) in crowds.0.iter().filter(|(customers, _)| *customers > 0) {
            let start = self.entries.len() as u32;
            let Entry { orders, net, .. } = sum;
            self.entries.push(sum);
            self.crowds.push(Stretch {
                customers,
                place: u32::MAX,
                start,
                end: start + 1,
                purchases: customers,
                orders,
                net,
            });
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
        let shares = self.shares(parallel::threads_for(self.rows()));
        let counted = |customers| {
            let mut counter = new();
            self.show(customers, &mut |block| counter.look(block));
            counter
        };
        parallel::reduce(shares, counted, C::merge).unwrap_or_else(&new)
    }

    /// Shows customers block by block, and their crowds at the end.
    fn show(&self, customers: Range<usize>, see: &mut dyn FnMut(&Block)) {
        let (mut block, mut crowds) = (Block::default(), Crowds::new());
        let mut start = customers.start;
        while start < customers.end {
            let end = customers.end.min(start + CUSTOMERS_OF_BLOCK);
            block.fill(self, start..end, &mut crowds);
            see(&block);
            start = end;
        }
        block.gather(&crowds);
        see(&block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, HistoryOptions, Money, Order, OrderHistory};

    /// Customers, purchases, orders and net revenue of all that are shown, and how many times something is.
    #[derive(Debug, Default)]
    struct Seen {
        alone: [i64; 5],
        in_crowds: [i64; 5],
        places: Vec<usize>,
    }

    impl Counter for Seen {
        fn look(&mut self, block: &Block) {
            let add = |sums: &mut [i64; 5], shopper: Shopper<'_>| {
                let net: i64 = shopper.entries.iter().map(|entry| entry.net).sum();
                assert_eq!(net, shopper.net);
                let [customers, purchases, orders] =
                    [shopper.customers, shopper.purchases, shopper.orders].map(i64::from);
                let more = [customers, purchases, orders, net, 1];
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            };
            block.for_each(|shopper| {
                add(&mut self.alone, shopper);
                self.places.push(shopper.place);
            });
            block.for_each_crowd(|shopper| add(&mut self.in_crowds, shopper));
        }

        fn merge(&mut self, other: Seen) {
            let sums = [(&mut self.alone, other.alone), (&mut self.in_crowds, other.in_crowds)];
            for (sums, more) in sums {
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
            self.places.extend(other.places);
        }
    }

    /// On 2024-05-01 ann, bob and cid (two orders) are a crowd, and dee is one a day later. Eve has a credit note alone, fay
    /// bought for nothing, gus twice: they are shown each. So is hal, 4096 days before ann; or, if he comes first, her crowd is.
    #[test]
    fn a_crowd_stands_for_its_customers() {
        let order = |who: &str, day: &str, minor| {
            let date: chrono::NaiveDate = day.parse().unwrap();
            Order::new(date, Money::from_minor(minor, Currency::EUR)).customer(who)
        };
        let orders = [
            order("ann", "2024-05-01", 1),
            order("bob", "2024-05-01", 20),
            order("cid", "2024-05-01", 300),
            order("cid", "2024-05-01", 4000),
            order("dee", "2024-05-02", 50_000),
            order("eve", "2024-05-01", -7),
            order("fay", "2024-05-01", 0),
            order("gus", "2024-05-01", 600_000),
            order("gus", "2024-05-02", 7_000_000),
            order("hal", "2013-02-12", 80_000_000),
        ];
        let seen_of = |orders: &[Order]| {
            let mut options = HistoryOptions::new(Currency::EUR);
            options.policy.count_zero_amount = true;
            let history = OrderHistory::from_orders(orders.to_vec(), options).unwrap();
            history.ledger().count(Seen::default)
        };
        let mut seen = seen_of(&orders);
        let [sums @ .., shown] = seen.alone;
        assert_eq!((sums, shown), ([8, 8, 9, 87_654_314], 8));
        let [sums @ .., shown] = seen.in_crowds;
        assert_eq!(sums, [8, 8, 9, 87_654_314]);
        assert!([6, 8].contains(&shown), "{shown}");
        seen.places.sort_unstable();
        assert_eq!(seen.places, (0..8).collect::<Vec<_>>());
        // Without hal: the crowd, dee, eve, fay and gus.
        let (without_hal, _) = orders.split_at(9);
        assert_eq!(seen_of(without_hal).in_crowds, [7, 7, 8, 7_654_314, 5]);
    }
}
