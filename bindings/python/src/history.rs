use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyCapsule;
use regulars::{Currency, HistoryOptions, OrderColumns, OrderHistory};
use regulars_calls::CallError;
use regulars_import::{Import, ImportOptions, Note, Why, read_history};
use serde_json::{Map, Value, json};

use crate::arrow;
use crate::columns::{Orders, Request, Taken};
use crate::error::Failure;
use crate::events::Log;
use crate::outcome::Outcome;
use crate::work::{self, Progress};

/// From how many bytes on a history is so large that its calls are made on a thread that can be left.
const LARGE: usize = 16 << 20;

/// A shop's orders.
#[pyclass(frozen, eq, module = "regulars._regulars")]
#[derive(PartialEq)]
pub(crate) struct History(Arc<OrderHistory>);

/// A history, and what its columns were taken for, as JSON.
type Built = (History, String);

#[pymethods]
impl History {
    /// The history of the orders in an Arrow stream.
    #[staticmethod]
    #[pyo3(signature = (stream, request, options, report=None))]
    fn from_stream(
        py: Python<'_>,
        stream: &Bound<'_, PyCapsule>,
        request: &str,
        options: &str,
        report: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Built> {
        let rules = Rules::Named(options.to_owned());
        of_stream(py, stream, request, rules, report, OrderHistory::from_columns)
    }

    /// The history of the orders in a file, or in its bytes.
    #[staticmethod]
    #[pyo3(signature = (source, options, report=None))]
    fn from_csv(
        py: Python<'_>,
        source: Source,
        options: &str,
        report: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Built> {
        let options = regulars_calls::import_options(options);
        let options = options.map_err(|error| Failure::from(error).raise(py))?;
        let read = work::long(py, report, move |progress| source.read(&options, progress))?;
        let Import { history, source, columns, notes, .. } = read.map_err(|failure| failure.raise(py))?;
        let guessed = columns.read.iter().filter(|column| column.why == Why::Guessed);
        let guessed = guessed.map(|column| guess(column.field.name(), &column.column));
        let notes: Vec<String> = guessed.chain(notes.iter().map(ToString::to_string)).collect();
        let told = json!({"source": source, "columns": columns, "notes": notes});
        Ok((History::new(history), told.to_string()))
    }

    /// The same history with the orders in an Arrow stream.
    #[pyo3(signature = (stream, request, report=None))]
    fn append(
        &self,
        py: Python<'_>,
        stream: &Bound<'_, PyCapsule>,
        request: &str,
        report: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Built> {
        let history = Arc::clone(&self.0);
        let rules = Rules::Kept(Box::new(history.options().clone()));
        of_stream(py, stream, request, rules, report, move |columns, _| history.append_columns(columns))
    }

    /// One history of the orders of two.
    fn merge(&self, py: Python<'_>, other: &History) -> PyResult<History> {
        let other = Arc::clone(&other.0);
        self.then(py, move |history| Ok(history.merge(&other)?))
    }

    /// The same orders, observed until another day.
    #[pyo3(signature = (end))]
    fn observe_until(&self, py: Python<'_>, end: Option<String>) -> PyResult<History> {
        let end = end
            .map(|end| end.parse().map_err(|_| Failure::from(regulars::Error::InvalidDate { value: end })));
        let end = end.transpose().map_err(|failure| failure.raise(py))?;
        self.then(py, move |history| Ok(history.observe_until(end)?))
    }

    /// The same history with facts on customers, which come as JSON.
    fn with_customers(&self, py: Python<'_>, customers: String) -> PyResult<History> {
        self.then(py, move |history| {
            let customers = regulars_calls::customers(&customers)?;
            Ok(history.clone().with_customers(customers)?)
        })
    }

    /// A call about the history, or on the result of one.
    fn call(&self, py: Python<'_>, name: String, arguments: String) -> PyResult<Outcome> {
        let history = Arc::clone(&self.0);
        let called =
            work::run(py, self.is_large(), move || regulars_calls::call(Some(&history), &name, &arguments))?;
        self.outcome(py, called)
    }

    /// What customers did in a period beside buying.
    fn engagement(&self, py: Python<'_>, period: String, log: &Log) -> PyResult<Outcome> {
        let (history, log) = (Arc::clone(&self.0), Arc::clone(&log.0));
        let called =
            work::run(py, self.is_large(), move || regulars_calls::engagement(&history, &period, &log))?;
        self.outcome(py, called)
    }

    /// The customers in the segments of a rule, which comes as JSON.
    #[pyo3(signature = (rule, before=None))]
    fn classify(&self, py: Python<'_>, rule: String, before: Option<&Outcome>) -> PyResult<Outcome> {
        let (history, before) = (Arc::clone(&self.0), before.map(|before| Arc::clone(&before.result)));
        let classified = work::run(py, self.is_large(), move || {
            regulars_calls::classify(&history, &rule, before.as_deref())
        })?;
        self.outcome(py, classified)
    }

    /// How many bytes of memory it takes.
    fn __sizeof__(&self) -> usize {
        self.0.heap_bytes()
    }
}

impl History {
    fn new(history: OrderHistory) -> History {
        History(Arc::new(history))
    }

    fn is_large(&self) -> bool {
        self.0.heap_bytes() >= LARGE
    }

    fn outcome(
        &self,
        py: Python<'_>,
        called: Result<regulars_calls::Outcome, CallError>,
    ) -> PyResult<Outcome> {
        called
            .map(|result| Outcome::new(result, self.is_large()))
            .map_err(|error| Failure::from(error).raise(py))
    }

    /// Another history made from this one.
    fn then(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&OrderHistory) -> Result<OrderHistory, Failure> + Send + 'static,
    ) -> PyResult<History> {
        let history = Arc::clone(&self.0);
        let made = work::run(py, self.is_large(), move || work(&history))?;
        made.map(History::new).map_err(|failure| failure.raise(py))
    }
}

/// Under which rules orders become a history.
enum Rules {
    /// Those of a history that there is.
    Kept(Box<HistoryOptions>),
    /// JSON, which may leave the currency to the table.
    Named(String),
}

impl Rules {
    fn of_table(
        self,
        schema: &SchemaRef,
        batches: &[RecordBatch],
        request: &mut Request,
    ) -> Result<(HistoryOptions, Taken, Option<String>), Failure> {
        let text = match self {
            Rules::Kept(options) => return Ok((*options, Taken::new(schema, &request.columns)?, None)),
            Rules::Named(text) => text,
        };
        let mut options: Map<String, Value> =
            serde_json::from_str(&text).map_err(|error| Failure::new("invalid_option", error))?;
        // What is the name of a column is no code.
        let is_column = |value: &Value| value.as_str().is_some_and(|name| schema.index_of(name).is_ok());
        if request.columns.currency.is_none() && options.get("currency").is_some_and(is_column) {
            request.columns.currency =
                options.remove("currency").and_then(|name| name.as_str().map(str::to_owned));
        }
        let taken = Taken::new(schema, &request.columns)?;
        let mut note = None;
        if let Some(code) = options.get("currency").and_then(Value::as_str) {
            // Refused under its own code, and not as an option that cannot be read.
            Currency::new(code.split(':').next().unwrap_or_default())?;
        } else {
            let Some(code) = taken.first_currency(batches) else {
                let message =
                    "nothing says which currency the amounts are in: name it, as in currency=\"EUR\"";
                return Err(Failure::new("missing_currency", message));
            };
            note = Some(Note::CurrencyFromFile { currency: Currency::new(&code)? }.to_string());
            options.insert("currency".to_owned(), Value::String(code));
        }
        let mut options = regulars_calls::history_options(&Value::Object(options).to_string())?;
        request.refine(&mut options)?;
        Ok((options, taken, note))
    }
}

fn of_stream(
    py: Python<'_>,
    stream: &Bound<'_, PyCapsule>,
    request: &str,
    rules: Rules,
    report: Option<&Bound<'_, PyAny>>,
    build: impl FnOnce(&[OrderColumns<'_>], HistoryOptions) -> regulars::Result<OrderHistory> + Send + 'static,
) -> PyResult<Built> {
    let stream = arrow::stream_in(stream)?;
    let request = regulars_calls::options::<Request>(request);
    let mut request = request.map_err(|error| Failure::from(error).raise(py))?;
    let answer = work::long(py, report, move |progress| {
        let (schema, batches) = batches(stream, progress)?;
        let (options, taken, note) = rules.of_table(&schema, &batches, &mut request)?;
        let orders = Orders::new(taken, &batches, &request, &options, progress)?;
        progress.go_on()?;
        let history = orders
            .with_columns(|columns| build(columns, options))
            .map_err(|error| Failure::of(&error, |field| orders.taken.name_of(field)))?;
        let guesses = orders.taken.guessed().map(|(field, column)| guess(field.name(), column));
        let notes: Vec<String> = guesses.chain(orders.taken.note()).chain(note).collect();
        let told = json!({"source": "table", "columns": orders.taken.report(), "notes": notes});
        Ok((history, told.to_string()))
    })?;
    let (history, told) = answer.map_err(|failure: Failure| failure.raise(py))?;
    Ok((History::new(history), told))
}

/// All batches of a stream.
pub(crate) fn batches(
    stream: impl RecordBatchReader,
    progress: &Progress,
) -> Result<(SchemaRef, Vec<RecordBatch>), Failure> {
    let schema = stream.schema();
    let mut batches = Vec::new();
    for batch in stream {
        let batch = batch.map_err(|error| Failure::new("arrow", error))?;
        progress.add(batch.num_rows() as u64);
        progress.go_on()?;
        batches.push(batch);
    }
    Ok((schema, batches))
}

fn guess(field: &str, column: &str) -> String {
    format!("{field} is taken from the column `{column}`, by its name.")
}

/// Where a file is.
#[derive(FromPyObject)]
enum Source {
    Bytes(PyBackedBytes),
    Path(PathBuf),
}

impl Source {
    fn read(self, options: &ImportOptions, progress: &Progress) -> Result<Import, Failure> {
        match self {
            Source::Bytes(bytes) => {
                let source = Watched { source: io::Cursor::new(bytes), progress };
                Ok(read_history(source, options)?)
            }
            Source::Path(path) => {
                let named = |error| Failure::new("io", format!("{}: {error}", path.display()));
                let source = File::open(&path).map_err(named)?;
                Ok(read_history(Watched { source, progress }, options)?)
            }
        }
    }
}

/// A file that tells how far it was read, and ends where nobody wants it any more.
struct Watched<'a, R> {
    source: R,
    progress: &'a Progress,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.source.read(buffer)?;
        if self.progress.add(bytes as u64) { Ok(bytes) } else { Err(io::Error::other("stopped")) }
    }
}
