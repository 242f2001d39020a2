//! Cohorts against a computation that asks of every customer, period by period, what the readings ask, and what must hold
//! for any of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use regulars::{
    Cohort, CohortCell, CohortGrain, CohortMeasure, CohortOptions, CohortReading, CohortTable, Cohorts,
    Figure, HistoryOptions, OrderHistory,
};
use regulars_tests::{Reference, history_of, many_orders, options, orders};

const GRAINS: [&str; 9] =
    ["day", "week", "week-sun", "month", "quarter", "year", "1-days", "7-days", "30-days"];

/// A customer's orders and credit notes: the day, the cents, whether it is a purchase.
type Book = Vec<(NaiveDate, i64, bool)>;

/// A half-open range of days.
type Span = (NaiveDate, NaiveDate);

fn believed(first: NaiveDate, options: &HistoryOptions) -> bool {
    let books = options.history_starts;
    books.is_none_or(|books| (first - books).num_days() >= i64::from(options.warm_up_days))
}

fn first(book: &Book) -> Option<NaiveDate> {
    book.iter().filter(|row| row.2).map(|row| row.0).min()
}

fn within(day: NaiveDate, (start, end): Span) -> bool {
    start <= day && day < end
}

/// The period of index k for a customer.
fn period(cohort: Span, k: usize, bounds: &[NaiveDate], block: Option<u64>, first: NaiveDate) -> Span {
    if let Some(days) = block {
        return (first + Days::new(days * k as u64), first + Days::new(days * (k as u64 + 1)));
    }
    let number = bounds.iter().position(|&bound| bound == cohort.0).unwrap() + k;
    (bounds[number], bounds[number + 1])
}

fn purchases(book: &Book, span: Span) -> u64 {
    let mut days: Vec<NaiveDate> = book.iter().filter(|r| r.2 && within(r.0, span)).map(|r| r.0).collect();
    days.sort_unstable();
    days.dedup();
    days.len() as u64
}

/// That every cell is what its definition reads, and that tables are made of cells as they say.
fn check(cohorts: &Cohorts, reference: &Reference, options: &HistoryOptions) {
    let (origin, until) = reference.span();
    let books: Vec<Book> = reference.books().into_values().filter(|book| first(book).is_some()).collect();
    let (ours, warm_up): (Vec<&Book>, Vec<&Book>) =
        books.iter().partition(|book| believed(first(book).unwrap(), options));
    let sum = |books: &[&Book]| books.iter().flat_map(|book| book.iter()).map(|row| row.1).sum::<i64>();
    assert_eq!(cohorts.warm_up_customers, warm_up.len() as u64);
    assert_eq!(cohorts.warm_up_revenue.minor(), sum(&warm_up));

    let grain = cohorts.grain.to_string();
    let block: Option<u64> = grain.strip_suffix("-days").map(|days| days.parse().unwrap());
    let bounds = if block.is_none() { reference.bounds(&grain) } else { Vec::new() };
    let mut size = 0;
    let mut revenue = 0;
    for cohort in &cohorts.cohorts {
        let span = (cohort.period.start(), cohort.period.end());
        if let Some(days) = block {
            assert_eq!((span.0 - origin).num_days() % i64::try_from(days).unwrap(), 0);
            assert_eq!(span.1, span.0 + Days::new(days));
        }
        let members: Vec<&Book> =
            ours.iter().copied().filter(|book| within(first(book).unwrap(), span)).collect();
        assert_eq!((cohort.size, cohort.complete), (members.len() as u64, span.1 <= until));
        size += cohort.size;
        for (k, cell) in cohort.cells.iter().enumerate() {
            let of = |k: usize, book: &Book| period(span, k, &bounds, block, first(book).unwrap());
            let count = |is: &dyn Fn(&Book) -> bool| members.iter().filter(|book| is(book)).count() as u64;
            let bought_in = |k: usize, book: &Book| purchases(book, of(k, book)) > 0;
            assert_eq!(cell.returned_in, count(&|book| bought_in(k, book)));
            let up_to = |book: &Book| (NaiveDate::MIN, of(k, book).1);
            assert_eq!(cell.returned_by, count(&|book| purchases(book, up_to(book)) >= 2));
            let from = |book: &Book| (of(k, book).0, NaiveDate::MAX);
            assert_eq!(cell.returned_from, count(&|book| purchases(book, from(book)) > 0));
            assert_eq!(cell.active_every, count(&|book| (0..=k).all(|k| bought_in(k, book))));
            assert_eq!(cell.purchases, members.iter().map(|book| purchases(book, of(k, book))).sum::<u64>());
            let rows: Vec<_> = members
                .iter()
                .flat_map(|book| {
                    let (start, end) = of(k, book);
                    let start = if k == 0 { NaiveDate::MIN } else { start };
                    book.iter().filter(move |row| within(row.0, (start, end)))
                })
                .collect();
            assert_eq!(cell.orders, rows.iter().filter(|row| row.2).count() as u64);
            assert_eq!(cell.revenue.minor(), rows.iter().map(|row| row.1).sum::<i64>());
            revenue += cell.revenue.minor();
            // The last who could have joined.
            let last = span.1.pred_opt().unwrap();
            assert_eq!(cell.complete, period(span, k, &bounds, block, last).1 <= until, "{grain} {k}");
        }
    }
    // Nobody is left over, and no money.
    assert_eq!((size, revenue), (ours.len() as u64, sum(&ours)));
    check_tables(cohorts);
}

fn numbers(table: &CohortTable) -> Vec<Vec<Option<f64>>> {
    let number = |cell: &Option<Figure>| cell.map(|cell| cell.to_f64().unwrap_or(f64::NAN));
    let rows = table.rows.iter().map(|row| &row.cells).chain([&table.pooled]);
    rows.map(|cells| cells.iter().map(number).collect()).collect()
}

/// The same cells have a value, the same have none for want of a denominator (NaN), and values agree to 1e-12.
#[track_caller]
fn same(found: &[Vec<Option<f64>>], expected: &[Vec<Option<f64>>]) {
    assert_eq!(found.len(), expected.len());
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.len(), expected.len());
        for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
            let same = match (found, expected) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs() || (a.is_nan() && b.is_nan()),
                (a, b) => a == b,
            };
            assert!(same, "row {row}, index {k}: {found:?} is not {expected:?}");
        }
    }
}

/// A table from numerators and denominators of every cell that is complete.
fn expected(cohorts: &Cohorts, part: impl Fn(&Cohort, usize) -> Option<(f64, f64)>) -> Vec<Vec<Option<f64>>> {
    let complete = |cohort: &Cohort| cohort.cells.iter().filter(|cell| cell.complete).count();
    let width = cohorts.cohorts.iter().map(complete).max().unwrap_or(0);
    let mut pool = vec![(0.0, 0.0, false); width];
    let mut rows = Vec::new();
    for cohort in &cohorts.cohorts {
        let mut row = vec![None; width];
        for k in (0..cohort.cells.len()).filter(|&k| cohort.cells[k].complete) {
            if let Some((numerator, denominator)) = part(cohort, k) {
                row[k] = Some(if denominator == 0.0 { f64::NAN } else { numerator / denominator });
                pool[k] = (pool[k].0 + numerator, pool[k].1 + denominator, true);
            }
        }
        rows.push(row);
    }
    let mean = |(n, d, any): (f64, f64, bool)| any.then(|| if d == 0.0 { f64::NAN } else { n / d });
    rows.push(pool.into_iter().map(mean).collect());
    rows
}

fn check_tables(cohorts: &Cohorts) {
    use CohortMeasure::{
        AverageOrderValue, Customers, Purchases, Rate, RateOfPrevious, Revenue, RevenuePerCustomer,
    };
    use CohortReading::{ActiveEvery, ReturnedBy, ReturnedFrom, ReturnedIn};
    let table = |reading, measure| numbers(&cohorts.table(reading, measure).unwrap());
    let count = |cell: &CohortCell, reading| match reading {
        ReturnedIn => cell.returned_in,
        ReturnedBy => cell.returned_by,
        ReturnedFrom => cell.returned_from,
        _ => cell.active_every,
    } as f64;
    for reading in [ReturnedIn, ReturnedBy, ReturnedFrom, ActiveEvery] {
        let customers = expected(cohorts, |cohort, k| Some((count(&cohort.cells[k], reading), 1.0)));
        same(&table(reading, Customers), &customers);
        let rates =
            expected(cohorts, |cohort, k| Some((count(&cohort.cells[k], reading), cohort.size as f64)));
        same(&table(reading, Rate), &rates);
        assert!(rates.iter().flatten().flatten().all(|rate| rate.is_nan() || (0.0..=1.0).contains(rate)));
    }
    let kept = expected(cohorts, |cohort, k| {
        let at = |k: usize| cohort.cells[k].active_every as f64;
        Some((at(k), at(k.checked_sub(1)?)))
    });
    same(&table(ActiveEvery, RateOfPrevious), &kept);
    let cents = |cohort: &Cohort, k: std::ops::RangeInclusive<usize>| {
        cohort.cells[k].iter().map(|cell| cell.revenue.minor()).sum::<i64>() as f64
    };
    for (reading, from) in [(ReturnedIn, None), (ReturnedBy, Some(0))] {
        let of = |k: usize| from.unwrap_or(k)..=k;
        let bought = |cohort: &Cohort, k| cohort.cells[of(k)].iter().map(|c| c.purchases).sum::<u64>();
        same(&table(reading, Purchases), &expected(cohorts, |c, k| Some((bought(c, k) as f64, 1.0))));
        let money = |measure, part: &dyn Fn(&Cohort, usize) -> (f64, f64)| {
            let expected = expected(cohorts, |c, k| Some((part(c, k).0, 100.0 * part(c, k).1)));
            same(&table(reading, measure), &expected);
        };
        money(Revenue, &|c, k| (cents(c, of(k)), 1.0));
        money(RevenuePerCustomer, &|c, k| (cents(c, 0..=k), c.size as f64));
        let orders = |c: &Cohort, k| c.cells[of(k)].iter().map(|c| c.orders).sum::<u64>() as f64;
        money(AverageOrderValue, &|c, k| (cents(c, of(k)), orders(c, k)));
    }
}

fn cohorts(history: &OrderHistory, grain: &str) -> Cohorts {
    history.cohorts(&CohortOptions::by(grain.parse::<CohortGrain>().unwrap())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_cell_is_what_it_is_called(orders in orders(40), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let reference = Reference::new(&orders, &options);
        for grain in GRAINS {
            check(&cohorts(&history, grain), &reference, &options);
        }
    }

    #[test]
    fn readings_keep_to_each_other(orders in orders(60), options in options()) {
        let history = history_of(&orders, &options).unwrap();
        for grain in GRAINS {
            for cohort in &cohorts(&history, grain).cohorts {
                let cells = &cohort.cells;
                prop_assert_eq!(cells[0].returned_in, cohort.size);
                for cell in cells {
                    prop_assert!(cell.active_every <= cell.returned_in && cell.returned_in <= cell.returned_from);
                    prop_assert!(cell.returned_from <= cohort.size && cell.returned_by <= cohort.size);
                }
                for pair in cells.windows(2) {
                    prop_assert!(pair[0].returned_by <= pair[1].returned_by);
                    prop_assert!(pair[0].returned_from >= pair[1].returned_from);
                    prop_assert!(pair[0].active_every >= pair[1].active_every);
                    // Once a cell is not complete, no later one is.
                    prop_assert!(pair[0].complete || !pair[1].complete);
                }
            }
        }
    }

    /// What was complete then says the same now, but for `returned_from`, which looks ahead, and for refunds made since.
    #[test]
    fn complete_cells_do_not_drift(orders in orders(40), after in 1_u64..130, options in options()) {
        let history = history_of(&orders, &options).unwrap();
        let end = history.span().start() + Days::new(after);
        prop_assume!(end <= history.observed_until());
        let orders: Vec<_> = orders.into_iter().map(|order| order.refunded_before(end)).collect();
        let history = history_of(&orders, &options).unwrap();
        let then = history.observe_until(Some(end)).unwrap();
        for grain in GRAINS {
            let now = cohorts(&history, grain);
            for (before, after) in cohorts(&then, grain).cohorts.iter().zip(&now.cohorts) {
                prop_assert_eq!(before.period, after.period);
                for (before, after) in before.cells.iter().zip(&after.cells).filter(|cells| cells.0.complete) {
                    let mut after = *after;
                    after.returned_from = before.returned_from;
                    prop_assert_eq!(*before, after);
                }
            }
        }
    }
}

/// Enough orders for every thread to have some.
#[test]
fn a_larger_shop_is_counted_the_same() {
    let orders = many_orders(120_000);
    let mut options = HistoryOptions::new(regulars::Currency::USD);
    options.history_starts = NaiveDate::from_ymd_opt(2022, 1, 8);
    options.warm_up_days = 100;
    let history = history_of(&orders, &options).unwrap();
    let reference = Reference::new(&orders, &options);
    for grain in ["quarter", "180-days"] {
        check(&cohorts(&history, grain), &reference, &options);
    }
}
