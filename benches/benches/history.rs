//! Columns in memory into a history.

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use regulars::{KeyColumn, OrderColumns, OrderHistory};
use regulars_benches::{SEED, Shop, options};

fn build(c: &mut Criterion) {
    for (size, orders) in [("1M", 1_000_000), ("10M", 10_000_000)] {
        let shop = Shop::generate(orders, SEED);
        let mut group = c.benchmark_group(format!("history/{size}"));
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(10)
            .throughput(Throughput::Elements(orders as u64));
        let mut measure = |name: &str, columns: OrderColumns<'_>| {
            let build = |columns| OrderHistory::from_columns(&[columns], options()).map(std::hint::black_box);
            if let Ok(history) = build(columns) {
                eprintln!(
                    "history/{size}/{name}: {:.2} bytes per order, {} customers",
                    history.heap_bytes() as f64 / orders as f64,
                    history.summary().customers,
                );
            }
            // The history is dropped outside of the time taken.
            group.bench_function(name, |b| b.iter_batched(|| columns, build, BatchSize::PerIteration));
        };

        measure("numbers", shop.columns());

        let ids = shop.order_ids();
        let mut columns = shop.columns();
        columns.ids = Some(KeyColumn::Numbers(&ids));
        measure("numbers and order ids", columns);

        let texts = shop.customer_texts();
        let mut columns = shop.columns();
        columns.customers = Some(KeyColumn::Texts(&texts));
        measure("texts", columns);
        group.finish();
    }
}

criterion_group!(benches, build);
criterion_main!(benches);
