//! Events in memory into a log, and what surrounds the orders from a finished history.

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use regulars::{
    EventColumns, EventLog, EventOptions, KeyColumn, KindColumn, OrderHistory, Period, TimeColumn,
};
use regulars_benches::{SEED, Shop, Texts, options};

/// Events of a shop's customers, as often as they buy: a third visits, the others e-mails of 400 campaigns.
#[derive(Default)]
struct Events {
    customers: Vec<i64>,
    days: Vec<i32>,
    kinds: Vec<u32>,
    campaigns: Vec<i64>,
    seconds: Vec<f64>,
}

const WORDS: &[&str] = &["email_delivered", "email_opened", "email_clicked", "visit"];

impl Events {
    fn of(shop: &Shop, count: usize) -> Events {
        let mut rng = Pcg64::seed_from_u64(SEED);
        let mut events = Events::default();
        let first = shop.days.first().copied().unwrap_or(0);
        let last = shop.days.last().copied().unwrap_or(0);
        for _ in 0..count {
            let row = rng.random_range(0..shop.orders());
            events.customers.extend(shop.customers.get(row));
            events.days.push(rng.random_range(first..=last));
            events.kinds.push([0, 0, 0, 1, 1, 2, 3, 3, 3].get(rng.random_range(0..9)).copied().unwrap_or(0));
            events.campaigns.push(rng.random_range(0..400));
            events.seconds.push(f64::from(rng.random_range(0..600)));
        }
        events
    }

    fn columns(&self) -> EventColumns<'_> {
        let kinds = KindColumn::Codes { codes: &self.kinds, values: &WORDS };
        let mut columns = EventColumns::new(TimeColumn::Days(&self.days), kinds);
        columns.customers = Some(KeyColumn::Numbers(&self.customers));
        columns.campaigns = Some(KeyColumn::Numbers(&self.campaigns));
        columns.values = Some(&self.seconds);
        columns
    }
}

fn around(c: &mut Criterion) {
    for (size, rows) in [("1M", 1_000_000), ("10M", 10_000_000)] {
        let shop = Shop::generate(rows, SEED);
        let events = Events::of(&shop, rows);
        let Ok(history) = OrderHistory::from_columns(&[shop.columns()], options()) else { return };
        let mut group = c.benchmark_group(format!("around/{size}"));
        group.sampling_mode(SamplingMode::Flat).sample_size(10).throughput(Throughput::Elements(rows as u64));

        let texts = Texts::of_customers(&events.customers);
        let mut by_text = events.columns();
        by_text.customers = Some(KeyColumn::Texts(&texts));
        for (name, columns) in [("log of numbers", events.columns()), ("log of texts", by_text)] {
            let build = |columns| EventLog::from_columns(&[columns], &EventOptions::default());
            group.bench_function(name, |b| b.iter_batched(|| columns, build, BatchSize::PerIteration));
        }
        let Ok(log) = EventLog::from_columns(&[events.columns()], &EventOptions::default()) else { return };
        let Ok(period) = Period::new(history.span().start(), history.span().end()) else { return };
        let Ok(window) = history.during(period) else { return };
        group.bench_function("engagement", |b| b.iter(|| window.engagement(&log)));
        group.bench_function("acquisition", |b| b.iter(|| window.acquisition(&[])));
        group.finish();
    }
}

criterion_group!(benches, around);
criterion_main!(benches);
