//! A seeded generator of a shop's orders.
//!
//! Customers buy as BG/NBD has it (Fader, Hardie, Lee 2005), with the parameters that were published for CDNOW: each has
//! a rate of purchase of their own, drawn from a Gamma distribution, and drops out after each repeat order with a
//! probability of their own, drawn from a Beta distribution. They spend as Gamma-Gamma has it (Fader, Hardie 2005).
//! New customers come over four years, more of them from year to year; both they and repeat orders follow a simple
//! season of months and weekdays. Rows are in order of the day and in random order within it, customer ids are distinct
//! numbers spread over 62 bits, and amounts are at least one cent, so that every row is a purchase.
//!
//! ```
//! let shop = regulars_benches::Shop::generate(1_000, 7);
//! assert_eq!(shop.days.len(), 1_000);
//! assert!(shop.days.is_sorted());
//! assert_eq!(shop, regulars_benches::Shop::generate(1_000, 7));
//! ```

mod season;
mod texts;

use rand::RngExt;
use rand::SeedableRng;
use rand_distr::{Beta, Distribution, Exp1, Gamma};
use rand_pcg::Pcg64;
use regulars::{AmountColumn, Currency, HistoryOptions, KeyColumn, OrderColumns, TimeColumn};

use season::Season;
pub use texts::Texts;

/// The seed that every measurement uses unless it is told another.
pub const SEED: u64 = 20_240_229;

/// The rate of purchase per week: shape and rate of a Gamma distribution.
const PURCHASE: (f64, f64) = (0.243, 4.414);
/// The probability of dropping out after a repeat order: a Beta distribution.
const DROPOUT: (f64, f64) = (0.793, 2.426);
/// The shape of the Gamma distribution of one customer's amounts.
const AMOUNT: f64 = 6.25;
/// The rate of that distribution, over customers: shape and rate of a Gamma distribution again.
const SPEND: (f64, f64) = (3.74, 15.44);

/// Orders as columns of equal length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shop {
    /// Who bought.
    pub customers: Vec<i64>,
    /// When, in days since 1970-01-01.
    pub days: Vec<i32>,
    /// For how much, in cents.
    pub amounts: Vec<i64>,
}

/// An order before it has its place.
#[derive(Clone, Copy)]
struct Draft {
    customer: u32,
    day: u32,
    cents: u32,
}

impl Shop {
    /// So many orders of as many customers as it takes, which is about a third. The last customer may be cut short.
    pub fn generate(orders: usize, seed: u64) -> Shop {
        let season = Season::new();
        let mut rng = Pcg64::seed_from_u64(seed);
        let drafts = drafts(orders, &season, &mut rng);

        // Counting sort by day; drafts of one day keep their order.
        let mut places = vec![0_usize; season.days() + 1];
        for draft in &drafts {
            if let Some(count) = places.get_mut(draft.day as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for place in &mut places {
            sum += *place;
            *place = sum;
        }
        let starts = places.clone();
        let mut shop = Shop {
            customers: vec![0; drafts.len()],
            days: vec![0; drafts.len()],
            amounts: vec![0; drafts.len()],
        };
        for draft in drafts {
            let Some(place) = places.get_mut(draft.day as usize) else { continue };
            let row = *place;
            *place += 1;
            if let (Some(customer), Some(day), Some(amount)) =
                (shop.customers.get_mut(row), shop.days.get_mut(row), shop.amounts.get_mut(row))
            {
                *customer = customer_id(draft.customer);
                *day = season::civil(draft.day);
                *amount = i64::from(draft.cents);
            }
        }
        // Customers of one day came in no order of theirs.
        for (&start, &end) in starts.iter().zip(starts.iter().skip(1)) {
            for row in (start + 1..end).rev() {
                let other = rng.random_range(start..=row);
                shop.customers.swap(row, other);
                shop.amounts.swap(row, other);
            }
        }
        shop
    }

    /// The number of orders.
    pub fn orders(&self) -> usize {
        self.customers.len()
    }

    /// The columns as regulars takes them.
    pub fn columns(&self) -> OrderColumns<'_> {
        let mut columns = OrderColumns::new(TimeColumn::Days(&self.days), AmountColumn::Minor(&self.amounts));
        columns.customers = Some(KeyColumn::Numbers(&self.customers));
        columns
    }

    /// The customers as text, one cell per order: e-mail addresses for about a third of them, `cus_...` for the others.
    pub fn customer_texts(&self) -> Texts {
        Texts::of_customers(&self.customers)
    }

    /// Numbers of the orders as a shop system gives them: ascending with gaps.
    pub fn order_ids(&self) -> Vec<i64> {
        let mut id = 4_500_000_000_000;
        let step = |&customer: &i64| {
            id += 1 + (customer & 0xfff);
            id
        };
        self.customers.iter().map(step).collect()
    }
}

/// The options of every measurement: dollars, and the defaults.
pub fn options() -> HistoryOptions {
    HistoryOptions::new(Currency::USD)
}

/// Orders customer by customer.
fn drafts(orders: usize, season: &Season, rng: &mut Pcg64) -> Vec<Draft> {
    let mut drafts = Vec::with_capacity(orders);
    let (Ok(rates), Ok(dropouts), Ok(spends), Ok(amounts)) = (
        Gamma::new(PURCHASE.0, 1.0 / PURCHASE.1),
        Beta::new(DROPOUT.0, DROPOUT.1),
        Gamma::new(SPEND.0, 1.0 / SPEND.1),
        Gamma::new(AMOUNT, 1.0),
    ) else {
        return drafts;
    };
    for customer in 0.. {
        let (rate, dropout, spend) = (rates.sample(rng), dropouts.sample(rng), spends.sample(rng));
        let mut clock = season.first_order(rng.random());
        let mut alive = true;
        while let Some(day) = season.day(clock).filter(|_| alive) {
            if drafts.len() == orders {
                return drafts;
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an amount is not negative, and beyond 2³² cents it saturates"
            )]
            let cents = ((amounts.sample(rng) / spend * 100.0).round() as u32).max(1);
            // Nobody drops out on the first order.
            alive = drafts.last().is_none_or(|last: &Draft| last.customer != customer)
                || rng.random::<f64>() >= dropout;
            drafts.push(Draft { customer, day, cents });
            let gap: f64 = Exp1.sample(rng);
            clock += gap / rate;
        }
    }
    drafts
}

/// Distinct numbers for distinct customers, spread over 62 bits: each step is one to one in those bits.
fn customer_id(customer: u32) -> i64 {
    const MASK: i64 = (1 << 62) - 1;
    let mut id = (i64::from(customer) + 1).wrapping_mul(0x2545_f491_4f6c_dd1d) & MASK;
    id ^= id >> 29;
    id = id.wrapping_mul(0x1b87_3593_cc9e_2d51) & MASK;
    id ^ (id >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_as_many_and_as_loyal_as_the_parameters_make_them() {
        let shop = Shop::generate(200_000, SEED);
        assert!(shop.amounts.iter().all(|&cents| cents > 0));
        let mut orders = shop.customers.clone();
        orders.sort_unstable();
        let counts: Vec<usize> = orders.chunk_by(|a, b| a == b).map(<[i64]>::len).collect();
        let of_all = |count: usize| count as f64 / counts.len() as f64;
        assert!((0.32..0.36).contains(&(counts.len() as f64 / 200_000.0)), "{} customers", counts.len());
        let once = of_all(counts.iter().filter(|&&count| count == 1).count());
        assert!((0.5..0.65).contains(&once), "{once} bought once");
        // The mean of Gamma-Gamma: p γ ÷ (q − 1).
        let mean = shop.amounts.iter().sum::<i64>() as f64 / 200_000.0;
        assert!((3_400.0..3_640.0).contains(&mean), "{mean} cents");
    }

    #[test]
    fn no_two_customers_share_a_number() {
        let mut ids: Vec<i64> =
            (0..1_000_000).chain(u32::MAX - 1_000_000..=u32::MAX).map(customer_id).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids[0] >= 0);
    }
}
