//! The extension module `regulars._regulars`: histories and results of calls as objects, Arrow in and out. All that makes
//! it Python (keywords, typed results, pages, plots) is in `python/regulars`, on top of it.

mod arrow;
mod columns;
mod error;
mod events;
mod frame;
mod history;
mod outcome;
mod work;

use pyo3::prelude::*;

/// Histories and calls, for the package around it.
#[pymodule]
mod _regulars {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::arrow::with_texts;
    #[pymodule_export]
    use crate::events::Log;
    #[pymodule_export]
    use crate::frame::Frame;
    #[pymodule_export]
    use crate::history::History;
    #[pymodule_export]
    use crate::outcome::Outcome;
    #[pymodule_export]
    use crate::outcome::call;
    #[pymodule_export]
    use crate::outcome::migration;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("ERROR_CODES", crate::error::codes())
    }
}
