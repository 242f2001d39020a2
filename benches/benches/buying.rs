//! A history in memory into the metrics of buying.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use regulars::{Grain, OrderHistory};
use regulars_benches::{SEED, Shop, options};

fn buying(c: &mut Criterion) {
    for (name, orders) in [("1M", 1_000_000), ("10M", 10_000_000)] {
        let Ok(history) = OrderHistory::from_columns(&[Shop::generate(orders, SEED).columns()], options())
        else {
            return;
        };
        let mut group = c.benchmark_group(format!("buying/{name}"));
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(20)
            .throughput(Throughput::Elements(orders as u64));
        for grain in [Grain::Month, Grain::Day] {
            group.bench_function(format!("timeline by {grain:?}").to_lowercase(), |b| {
                b.iter(|| history.timeline(grain));
            });
        }
        group.bench_function("one quarter", |b| {
            b.iter(|| history.during("2024-Q3").map(|quarter| *quarter.buying()));
        });
        group.finish();
    }
}

criterion_group!(benches, buying);
criterion_main!(benches);
