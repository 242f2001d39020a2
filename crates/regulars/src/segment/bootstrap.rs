//! Samples of customers, drawn with replacement from all of them.
//!
//! Most customers brought nothing in the days that are looked at, and those are alike: how many of them a sample has is one
//! number, drawn at once. Only who brought something is drawn one by one. The samples have the distribution that they would have
//! if everybody was drawn so.

use super::assessment::Segment;
use crate::orders::spread;

/// The generator of Steele, Lea and Flood (2014), `SplitMix64`: a counter whose bits are mixed.
pub(super) struct SplitMix64(pub(super) u64);

impl SplitMix64 {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        spread(self.0)
    }

    /// A number below `count`: the upper half of a 64 × 64 bit product. It is uniform but for a part of `count` ÷ 2⁶⁴.
    fn below(&mut self, count: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "less than `count`")]
        let index = ((u128::from(self.bits()) * count as u128) >> 64) as usize;
        index
    }

    /// How many of so many coins show heads.
    fn heads(&mut self, coins: usize) -> usize {
        let whole: usize = (0..coins / 64).map(|_| self.bits().count_ones() as usize).sum();
        let rest = self.bits() & ((1 << (coins % 64)) - 1);
        whole + rest.count_ones() as usize
    }

    /// How many of so many trials succeed, each with the probability `part` ÷ `whole`: a binomial number.
    ///
    /// A trial is a number between 0 and 1 that succeeds below that quotient. Their binary digits are compared from the first on,
    /// and all trials that are still equal toss a coin for the next one.
    fn successes(&mut self, mut trials: usize, part: usize, whole: usize) -> usize {
        let (mut rest, whole) = (part as u128, whole as u128);
        let mut successes = 0;
        while trials > 0 && rest > 0 {
            rest *= 2;
            let ones = self.heads(trials);
            if rest >= whole {
                rest -= whole;
                successes += trials - ones;
                trials = ones;
            } else {
                trials -= ones;
            }
        }
        successes
    }
}

/// The customers of one segment.
#[derive(Debug, Default)]
struct Group {
    /// How many brought nothing.
    quiet: usize,
    /// What each of the others brought.
    revenues: Vec<i64>,
}

/// The customers of all segments.
#[derive(Debug, Default)]
pub(super) struct Population([Group; 4]);

/// What a sample has of one segment.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Drawn {
    pub(super) customers: usize,
    pub(super) revenue: i128,
}

impl Population {
    pub(super) fn of(customers: impl Iterator<Item = (Segment, i64)>) -> Population {
        let mut population = Population::default();
        for (segment, revenue) in customers {
            if let Some(group) = population.0.get_mut(segment.place()) {
                match revenue {
                    0 => group.quiet += 1,
                    _ => group.revenues.push(revenue),
                }
            }
        }
        population
    }

    /// As many customers as there are, by segment.
    pub(super) fn sample(&self, random: &mut SplitMix64) -> [Drawn; 4] {
        let mut members: usize = self.0.iter().map(|group| group.quiet + group.revenues.len()).sum();
        let mut trials = members;
        let mut draw = |random: &mut SplitMix64, part: usize| {
            let drawn = random.successes(trials, part, members);
            trials -= drawn;
            members -= part;
            drawn
        };
        let mut sample = [Drawn::default(); 4];
        // The last segment mostly has the most customers: after it few are left to be drawn.
        for (group, drawn) in self.0.iter().zip(&mut sample).rev() {
            let quiet = draw(random, group.quiet);
            let others = draw(random, group.revenues.len());
            let revenues = (0..others).filter_map(|_| group.revenues.get(random.below(group.revenues.len())));
            *drawn = Drawn {
                customers: quiet + others,
                revenue: revenues.map(|&revenue| i128::from(revenue)).sum(),
            };
        }
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the probabilities of the binomial distribution, by the chi-squared statistic; its 99.9 % quantile with five
    /// degrees of freedom is 20.5.
    #[test]
    fn successes_are_binomial() {
        const DRAWS: u32 = 20_000;
        let mut random = SplitMix64(1);
        for (part, whole) in [(3_u32, 7_u32), (1, 2), (1, 1_000), (999, 1_000), (5, 64)] {
            let mut found = [0_u32; 6];
            for _ in 0..DRAWS {
                found[random.successes(5, part as usize, whole as usize)] += 1;
            }
            let p = f64::from(part) / f64::from(whole);
            let chi_squared: f64 = (0..)
                .zip([1.0, 5.0, 10.0, 10.0, 5.0, 1.0])
                .zip(found)
                .map(|((k, ways), found)| {
                    let expected = f64::from(DRAWS) * ways * p.powi(k) * (1.0 - p).powi(5 - k);
                    // Cells in which nothing is to be expected would weigh without measure.
                    if expected < 1.0 { 0.0 } else { (f64::from(found) - expected).powi(2) / expected }
                })
                .sum();
            assert!(chi_squared < 20.5, "{part} of {whole}: {found:?}");
        }
    }

    #[test]
    fn what_is_certain_is_no_chance() {
        let mut random = SplitMix64(9);
        assert_eq!(random.successes(1_000, 0, 3), 0);
        assert_eq!(random.successes(1_000, 3, 3), 1_000);
        assert_eq!(random.successes(0, 1, 2), 0);
    }

    /// Beside samples of which every customer is drawn alone: mean and variance of the revenue of a segment.
    #[test]
    fn a_sample_is_one_of_customers_drawn_one_by_one() {
        let customers: Vec<(Segment, i64)> = (0..400)
            .map(|i: i64| {
                let segment = Segment::ALL[usize::from(i % 7 > 1) + usize::from(i % 3 > 0)];
                (segment, if i % 5 < 3 { 0 } else { 10 + i % 13 })
            })
            .collect();
        let population = Population::of(customers.iter().copied());
        let mut random = SplitMix64(3);
        let spread = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64)
        };
        for (place, segment) in Segment::ALL.into_iter().enumerate() {
            let (mut quick, mut slow, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..4_000 {
                let sample = population.sample(&mut random);
                assert_eq!(sample.iter().map(|drawn| drawn.customers).sum::<usize>(), customers.len());
                quick.push(sample[place].revenue as f64);
                sizes.push(sample[place].customers as f64);
                let drawn = (0..customers.len()).map(|_| customers[random.below(customers.len())]);
                slow.push(drawn.filter(|own| own.0 == segment).map(|own| own.1 as f64).sum());
            }
            let ((mean, variance), (slow_mean, slow_variance)) = (spread(&quick), spread(&slow));
            // Six standard errors of a difference of means, and of variances by the normal distribution.
            assert!((mean - slow_mean).abs() <= 6.0 * (2.0 * slow_variance / 4_000.0).sqrt(), "{segment}");
            assert!(
                (variance / slow_variance.max(1e-9) - 1.0).abs() < 0.2 || slow_variance == 0.0,
                "{segment}"
            );
            let size = customers.iter().filter(|own| own.0 == segment).count() as f64;
            assert!((spread(&sizes).0 - size).abs() <= 6.0 * (size / 4_000.0).sqrt(), "{segment}");
        }
    }
}
