use std::sync::Arc;

use pyo3::prelude::*;

use crate::error::Failure;
use crate::frame::Frame;

/// The result of a call, kept as the core made it.
#[pyclass(frozen, module = "regulars._regulars")]
pub(crate) struct Outcome(pub(crate) Arc<regulars_calls::Outcome>);

impl Outcome {
    pub(crate) fn new(outcome: regulars_calls::Outcome) -> Outcome {
        Outcome(Arc::new(outcome))
    }
}

#[pymethods]
impl Outcome {
    /// Its JSON, the same bytes in every language.
    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_json())
    }

    /// Its table, where it is one.
    fn frame(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
        let frame = py.detach(|| self.0.table().map(Frame::of_table).transpose());
        frame.map_err(|failure| failure.raise(py))
    }

    /// A call on the result.
    fn call(&self, py: Python<'_>, name: &str, arguments: &str) -> PyResult<Outcome> {
        let called = py.detach(|| self.0.call(name, arguments));
        called.map(Outcome::new).map_err(|error| Failure::from(error).raise(py))
    }
}

/// A call that needs no history.
#[pyfunction]
pub(crate) fn call(py: Python<'_>, name: &str, arguments: &str) -> PyResult<Outcome> {
    let called = py.detach(|| regulars_calls::call(None, name, arguments));
    called.map(Outcome::new).map_err(|error| Failure::from(error).raise(py))
}

/// Which customers went from which segment to which.
#[pyfunction]
pub(crate) fn migration(py: Python<'_>, before: &Outcome, after: &Outcome) -> PyResult<Outcome> {
    let moved = py.detach(|| regulars_calls::migration(&before.0, &after.0));
    moved.map(Outcome::new).map_err(|error| Failure::from(error).raise(py))
}
