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

criterion_group!(benches, segments);
criterion_main!(benches);
