//! A history in memory into a fitted rule, and into the segment of every customer.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use regulars::{OrderHistory, OutlookOptions, SegmentOptions, SegmentRule};
use regulars_benches::{SEED, Shop, options};

fn segments(c: &mut Criterion) {
    for (name, orders) in [("1M", 1_000_000), ("10M", 10_000_000)] {
        let Ok(history) = OrderHistory::from_columns(&[Shop::generate(orders, SEED).columns()], options())
        else {
            return;
        };
        let Ok(rule) = SegmentRule::fit(&history, &SegmentOptions::default()) else { return };
        let mut group = c.benchmark_group(format!("segments/{name}"));
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(10)
            .throughput(Throughput::Elements(orders as u64));
        group.bench_function("outlook", |b| b.iter(|| history.outlook(&OutlookOptions::default())));
        group.bench_function("fit", |b| b.iter(|| SegmentRule::fit(&history, &SegmentOptions::default())));
        group.bench_function("classify", |b| b.iter_with_large_drop(|| rule.classify(&history)));
        group.bench_function("fit and classify", |b| {
            b.iter(|| SegmentRule::fit(&history, &SegmentOptions::default())?.classify(&history));
        });
        group.finish();
    }
}

/// Every twentieth order is cancelled or paid back: whose they are has to be looked up.
fn with_orders_left_out(c: &mut Criterion) {
    let shop = Shop::generate(10_000_000, SEED);
    let status = |row: usize| match row % 40 {
        0 => "cancelled",
        20 => "refunded",
        _ => "paid",
    };
    let statuses: Vec<&str> = (0..shop.orders()).map(status).collect();
    let statuses = statuses.as_slice();
    let mut orders = shop.columns();
    orders.statuses = Some(&statuses);
    let Ok(history) = OrderHistory::from_columns(&[orders], options()) else { return };
    let Ok(rule) = SegmentRule::fit(&history, &SegmentOptions::default()) else { return };
    let mut group = c.benchmark_group("segments/10M, 5 % left out");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.bench_function("summary", |b| b.iter(|| history.summary()));
    group.bench_function("fit", |b| b.iter(|| SegmentRule::fit(&history, &SegmentOptions::default())));
    group.bench_function("classify", |b| b.iter_with_large_drop(|| rule.classify(&history)));
    group.finish();
}

criterion_group!(benches, segments, with_orders_left_out);
criterion_main!(benches);
