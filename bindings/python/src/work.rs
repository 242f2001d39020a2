use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::error::Failure;

/// How often the waiting thread looks for Ctrl-C and tells how far the work is.
const LOOK: Duration = Duration::from_millis(50);

/// What the one who works and the one who waits tell each other.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    done: AtomicU64,
    stop: AtomicBool,
}

impl Progress {
    /// So much more is done; whether to go on.
    pub(crate) fn add(&self, more: u64) -> bool {
        self.done.fetch_add(more, Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }

    /// Ends work that nobody waits for any more.
    pub(crate) fn go_on(&self) -> Result<(), Failure> {
        if self.add(0) { Ok(()) } else { Err(Failure::new("io", "stopped")) }
    }
}

/// Does long work on a thread of its own, while this one waits without the GIL and looks for signals. After Ctrl-C it
/// returns at once: work in steps stops at its next one, and what is under way in one step runs out with nobody to
/// take its result.
pub(crate) fn long<T: Send + 'static>(
    py: Python<'_>,
    report: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Progress) -> T + Send + 'static,
) -> PyResult<T> {
    let progress = Arc::new(Progress::default());
    let (tell, told) = channel();
    let theirs = Arc::clone(&progress);
    thread::Builder::new().name("regulars".to_owned()).spawn(move || {
        // Nobody listens after Ctrl-C.
        let _ = tell.send(work(&theirs));
    })?;
    // A receiver is not shared between threads, but this one stays where it is.
    let told = std::sync::Mutex::new(told);
    loop {
        let answer = py.detach(|| match told.lock() {
            Ok(told) => told.recv_timeout(LOOK),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        });
        let done = progress.done.load(Ordering::Relaxed);
        let looked = py.check_signals().and_then(|()| match report {
            Some(report) => report.call1((done,)).map(drop),
            None => Ok(()),
        });
        match answer {
            Ok(result) => {
                looked?;
                return Ok(result);
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(error) = looked {
                    progress.stop.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the work ended without a result"));
            }
        }
    }
}

/// Does work without the GIL, on a thread of its own where it may take long.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    may_take_long: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    if may_take_long { long(py, None, |_| work()) } else { Ok(py.detach(work)) }
}
