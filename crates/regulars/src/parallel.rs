//! The one place where threads are started.

/// Runs the jobs and returns their results in the jobs' order: each on a thread of its own with the feature
/// `parallel`, else one after the other.
#[cfg(feature = "parallel")]
pub(crate) fn run<T: Send, F: FnOnce() -> T + Send>(mut jobs: Vec<F>) -> Vec<T> {
    // The last job is for the thread that called.
    let Some(own) = jobs.pop() else { return Vec::new() };
    std::thread::scope(|scope| {
        let running: Vec<_> = jobs.into_iter().map(|job| scope.spawn(job)).collect();
        let own = own();
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
pub(crate) fn run<T, F: FnOnce() -> T>(jobs: Vec<F>) -> Vec<T> {
    jobs.into_iter().map(|job| job()).collect()
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
