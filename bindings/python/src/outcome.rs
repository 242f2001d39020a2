use std::sync::Arc;

use pyo3::prelude::*;

use crate::error::Failure;
use crate::frame::Frame;
use crate::work;

/// The result of a call, kept as the core made it.
#[pyclass(frozen, module = "regulars._regulars")]
pub(crate) struct Outcome {
    pub(crate) result: Arc<regulars_calls::Outcome>,
    /// Whether it may have so many rows that what is made of it is made on a thread that can be left.
    large: bool,
}

impl Outcome {
    pub(crate) fn new(result: regulars_calls::Outcome, large: bool) -> Outcome {
        Outcome { result: Arc::new(result), large }
    }
}

#[pymethods]
impl Outcome {
    /// Its JSON, the same bytes in every language.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        let result = Arc::clone(&self.result);
        work::run(py, self.large, move || result.to_json())
    }

    /// Its table, where it is one.
    fn frame(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
        let result = Arc::clone(&self.result);
        let frame = work::run(py, self.large, move || result.table().map(Frame::of_table).transpose())?;
        frame.map_err(|failure| failure.raise(py))
    }

    /// A call on the result.
    fn call(&self, py: Python<'_>, name: String, arguments: String) -> PyResult<Outcome> {
        let result = Arc::clone(&self.result);
        let called = work::run(py, self.large, move || result.call(&name, &arguments))?;
        called.map(|result| Outcome::new(result, self.large)).map_err(|error| Failure::from(error).raise(py))
    }
}

/// A call that needs no history.
#[pyfunction]
pub(crate) fn call(py: Python<'_>, name: &str, arguments: &str) -> PyResult<Outcome> {
    let called = py.detach(|| regulars_calls::call(None, name, arguments));
    called.map(|result| Outcome::new(result, false)).map_err(|error| Failure::from(error).raise(py))
}

/// Which customers went from which segment to which.
#[pyfunction]
pub(crate) fn migration(py: Python<'_>, before: &Outcome, after: &Outcome) -> PyResult<Outcome> {
    let moved = py.detach(|| regulars_calls::migration(&before.result, &after.result));
    moved.map(|moved| Outcome::new(moved, false)).map_err(|error| Failure::from(error).raise(py))
}
