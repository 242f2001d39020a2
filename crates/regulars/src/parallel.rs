//! The one place where threads are started.

use core::ops::Range;

/// Does a piece of work on each item and returns the results in the items' order: each on a thread of its own with the
/// feature `parallel`, else one after the other.
#[cfg(feature = "parallel")]
pub(crate) fn map<I: Send, T: Send>(
    items: impl IntoIterator<Item = I>,
    work: impl Fn(I) -> T + Sync,
) -> Vec<T> {
    let mut items: Vec<I> = items.into_iter().collect();
    // The last item is for the thread that called.
    let Some(own) = items.pop() else { return Vec::new() };
    let work = &work;
    std::thread::scope(|scope| {
        let running: Vec<_> = items.into_iter().map(|item| scope.spawn(move || work(item))).collect();
        let own = work(own);
        let mut results: Vec<T> = Vec::with_capacity(running.len() + 1);
        for thread in running {
            match thread.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results.push(own);
        results
    })
}

/// See above.
#[cfg(not(feature = "parallel"))]
pub(crate) fn map<I, T>(items: impl IntoIterator<Item = I>, work: impl Fn(I) -> T) -> Vec<T> {
    let mut results = Vec::new();
    for item in items {
        results.push(work(item));
    }
    results
}

/// The results of [`map`] brought together in the items' order; `None` without items.
#[cfg(feature = "parallel")]
pub(crate) fn reduce<I: Send, T: Send>(
    items: impl IntoIterator<Item = I>,
    work: impl Fn(I) -> T + Sync,
    merge: impl Fn(&mut T, T),
) -> Option<T> {
    let mut results = map(items, work).into_iter();
    let mut sum = results.next()?;
    results.for_each(|more| merge(&mut sum, more));
    Some(sum)
}

/// See above. Where there is one item, the compiler sees that nothing is merged.
#[cfg(not(feature = "parallel"))]
pub(crate) fn reduce<I, T>(
    items: impl IntoIterator<Item = I>,
    work: impl Fn(I) -> T,
    merge: impl Fn(&mut T, T),
) -> Option<T> {
    let mut items = items.into_iter();
    let mut sum = work(items.next()?);
    items.for_each(|item| merge(&mut sum, work(item)));
    Some(sum)
}

/// `rows` rows in as many runs as they are worth threads.
pub(crate) fn runs(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let threads = threads_for(rows);
    let share = rows.div_ceil(threads).max(1);
    (0..threads).map(move |thread| (thread * share).min(rows)..((thread + 1) * share).min(rows))
}

/// How many threads `rows` rows are worth.
#[cfg(feature = "parallel")]
pub(crate) fn threads_for(rows: usize) -> usize {
    const WORTH_A_THREAD: usize = 50_000;
    std::thread::available_parallelism().map_or(1, usize::from).min(rows / WORTH_A_THREAD).max(1)
}

/// See above.
#[cfg(not(feature = "parallel"))]
pub(crate) fn threads_for(_rows: usize) -> usize {
    1
}
