//! A history in memory into the report, and the two parts of it that look at every customer on their own.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use regulars::{CohortOptions, OrderHistory, ReportOptions, RfmOptions};
use regulars_benches::{SEED, Shop, options};

fn report(c: &mut Criterion) {
    for (name, orders) in [("1M", 1_000_000), ("10M", 10_000_000)] {
        let Ok(history) = OrderHistory::from_columns(&[Shop::generate(orders, SEED).columns()], options())
        else {
            return;
        };
        let mut group = c.benchmark_group(format!("report/{name}"));
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(20)
            .throughput(Throughput::Elements(orders as u64));
        group.bench_function("all of it", |b| b.iter(|| history.report(&ReportOptions::default())));
        group.bench_function("cohorts", |b| b.iter(|| history.cohorts(&CohortOptions::default())));
        group.bench_function("rfm", |b| b.iter(|| history.rfm(&RfmOptions::default())));
        group.finish();
    }
}

criterion_group!(benches, report);
criterion_main!(benches);
