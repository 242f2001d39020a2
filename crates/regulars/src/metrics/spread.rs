//! How many have each value: what quantiles, thresholds and shares are read from without sorting.

use crate::orders::{Block, Counter};

/// How many there are of each small number, such as a number of days.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tally(pub(crate) Vec<u64>);

impl Tally {
    #[inline]
    pub(crate) fn count(&mut self, number: u32) {
        self.count_times(number, 1);
    }

    #[inline]
    pub(crate) fn count_times(&mut self, number: u32, times: u32) {
        let at = number as usize;
        if at >= self.0.len() {
            // At most as many as a history has days, or a customer purchases.
            self.0.resize(at + 1, 0);
        }
        if let Some(count) = self.0.get_mut(at) {
            *count += u64::from(times);
        }
    }

    pub(crate) fn add(&mut self, other: &Tally) {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum += more;
        }
    }

    /// Every number up to the largest that occurs and how often, in ascending order.
    pub(crate) fn ascending(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> + ExactSizeIterator {
        #[expect(clippy::cast_possible_truncation, reason = "only numbers of 32 bits are counted")]
        self.0.iter().enumerate().map(|(number, &count)| (number as u32, count))
    }
}

/// Totals below this, in minor units, are counted one by one in a table.
const SMALL: usize = 1 << 16;

/// How many customers have each total. Most totals are small numbers, which need no sorting.
#[derive(Debug)]
pub(crate) struct Spread {
    small: Vec<u32>,
    others: Vec<i64>,
}

impl Default for Spread {
    fn default() -> Spread {
        Spread { small: vec![0; SMALL], others: Vec::new() }
    }
}

impl Spread {
    #[inline]
    pub(crate) fn add(&mut self, total: i64) {
        match usize::try_from(total).ok().and_then(|total| self.small.get_mut(total)) {
            Some(count) => *count += 1,
            None => self.others.push(total),
        }
    }

    /// Every total that occurs and how often, in ascending order.
    pub(crate) fn ascending(mut self) -> Vec<(i64, u64)> {
        self.others.sort_unstable();
        let small = (0..).zip(self.small).filter(|&(_, count)| count > 0);
        let small = small.map(|(total, count)| (total, u64::from(count)));
        let (low, high) = self.others.split_at(self.others.partition_point(|&total| total < 0));
        runs(low).chain(small).chain(runs(high)).collect()
    }
}

fn runs(ascending: &[i64]) -> impl Iterator<Item = (i64, u64)> {
    ascending.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, run.len() as u64)))
}

impl FromIterator<i64> for Spread {
    fn from_iter<T: IntoIterator<Item = i64>>(totals: T) -> Spread {
        let mut spread = Spread::default();
        totals.into_iter().for_each(|total| spread.add(total));
        spread
    }
}

/// The net revenue of customers with a purchase.
impl Counter for Spread {
    fn look(&mut self, block: &Block) {
        block.for_each(|shopper| {
            if shopper.purchases > 0 {
                self.add(shopper.net);
            }
        });
    }

    fn merge(&mut self, other: Spread) {
        self.small.iter_mut().zip(other.small).for_each(|(sum, more)| *sum += more);
        self.others.extend(other.others);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_ascend_however_they_came() {
        let edge = i64::try_from(SMALL).unwrap();
        let totals = [edge, 5, -3, i64::MAX, 0, -3, edge - 1, 5, edge, i64::MIN, 5];
        let mut sorted = totals.to_vec();
        sorted.sort_unstable();
        for cut in 0..=totals.len() {
            let (left, right) = totals.split_at(cut);
            let mut spread: Spread = left.iter().copied().collect();
            spread.merge(right.iter().copied().collect());
            let ascending = spread.ascending();
            assert!(ascending.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let all: Vec<i64> = ascending
                .iter()
                .flat_map(|&(total, count)| core::iter::repeat_n(total, usize::try_from(count).unwrap()))
                .collect();
            assert_eq!(all, sorted);
        }
    }
}
