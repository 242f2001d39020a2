//! The WebAssembly module inside the npm package `regulars`: orders in as typed arrays or as the bytes of a file, calls by
//! name, results out as JSON text or as typed arrays.
//!
//! What JavaScript users see is written in TypeScript, in `js/`. This crate is what TypeScript cannot be, and no more:
//! memory that both sides share a view of, and the calls of `regulars-calls`. Its names are not for users.

#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::missing_errors_doc,
    clippy::needless_pass_by_value,
    reason = "what is exported here is called from `js/` alone, where it is documented"
)]

mod columns;
mod error;
mod file;
mod outcome;

use regulars::{EventLog, OrderHistory, UnknownKind};
use regulars_calls::CallError;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use columns::Columns;
use error::thrown;
use outcome::Outcome;

/// Makes panics errors of JavaScript: without it they cannot be told from the end of memory.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_val(error::panicked(panic))));
}

/// A call that needs no history.
#[wasm_bindgen]
pub fn call(name: &str, arguments: &str) -> Result<Outcome, JsValue> {
    Ok(Outcome::of(regulars_calls::call(None, name, arguments).map_err(thrown)?))
}

/// Who went from which segment to which.
#[wasm_bindgen]
pub fn migration(before: &Outcome, after: &Outcome) -> Result<Outcome, JsValue> {
    Ok(Outcome::of(regulars_calls::migration(before.inner(), after.inner()).map_err(thrown)?))
}

/// A log of events in the module's memory.
#[wasm_bindgen]
pub struct Log(EventLog);

#[wasm_bindgen]
impl Log {
    #[wasm_bindgen(js_name = fromColumns)]
    pub fn from_columns(chunks: Vec<Columns>, options: &str) -> Result<Log, JsValue> {
        let options = regulars_calls::event_options(options).map_err(thrown)?;
        let chunks = chunks.iter().map(Columns::events).collect::<Result<Vec<_>, _>>();
        let log = chunks.and_then(|chunks| EventLog::from_columns(&chunks, &options));
        log.map(Log).map_err(|error| thrown(CallError::Core(error)))
    }

    /// What it holds and what it left out, as JSON.
    pub fn facts(&self) -> String {
        let Log(log) = self;
        let facts =
            Facts { length: log.len(), unidentified: log.unidentified(), unknown_kinds: log.unknown_kinds() };
        serde_json::to_string(&facts).unwrap_or_default()
    }
}

/// What a log of events holds and what it left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts<'a> {
    length: u64,
    unidentified: u64,
    unknown_kinds: &'a [UnknownKind],
}

/// An order history in the module's memory.
#[wasm_bindgen]
pub struct History {
    history: OrderHistory,
    /// How a file was read, as JSON.
    import: Option<String>,
}

impl History {
    fn new(history: regulars::Result<OrderHistory>) -> Result<History, JsValue> {
        let history = history.map_err(|error| thrown(CallError::Core(error)))?;
        Ok(History { history, import: None })
    }
}

#[wasm_bindgen]
impl History {
    #[wasm_bindgen(js_name = fromColumns)]
    pub fn from_columns(chunks: Vec<Columns>, options: &str) -> Result<History, JsValue> {
        let options = regulars_calls::history_options(options).map_err(thrown)?;
        let chunks = chunks.iter().map(|chunk| chunk.orders(options.currency)).collect::<Result<Vec<_>, _>>();
        History::new(chunks.and_then(|chunks| OrderHistory::from_columns(&chunks, options.clone())))
    }

    /// Reads a file through a function: given a number, it returns that many bytes or fewer, and none at the end.
    #[wasm_bindgen(js_name = fromFile)]
    pub fn from_file(read: js_sys::Function, options: &str) -> Result<History, JsValue> {
        let options = regulars_calls::import_options(options).map_err(thrown)?;
        file::read(read, &options).map(|(history, import)| History { history, import: Some(import) })
    }

    pub fn import(&self) -> Option<String> {
        self.import.clone()
    }

    pub fn append(&self, chunks: Vec<Columns>) -> Result<History, JsValue> {
        let currency = self.history.options().currency;
        let chunks = chunks.iter().map(|chunk| chunk.orders(currency)).collect::<Result<Vec<_>, _>>();
        History::new(chunks.and_then(|chunks| self.history.append_columns(&chunks)))
    }

    pub fn merge(&self, other: &History) -> Result<History, JsValue> {
        History::new(self.history.merge(&other.history))
    }

    #[wasm_bindgen(js_name = observeUntil)]
    pub fn observe_until(&self, date: Option<String>) -> Result<History, JsValue> {
        let date = date.map(|date| columns::date(&date)).transpose();
        History::new(date.and_then(|date| self.history.observe_until(date)))
    }

    #[wasm_bindgen(js_name = withCustomers)]
    pub fn with_customers(&self, customers: &str) -> Result<History, JsValue> {
        let customers = regulars_calls::customers(customers).map_err(thrown)?;
        History::new(self.history.clone().with_customers(customers))
    }

    pub fn call(&self, name: &str, arguments: &str) -> Result<Outcome, JsValue> {
        Ok(Outcome::of(regulars_calls::call(Some(&self.history), name, arguments).map_err(thrown)?))
    }

    /// The call `during.engagement` by a log of events.
    pub fn engagement(&self, period: &str, log: &Log) -> Result<Outcome, JsValue> {
        Ok(Outcome::of(regulars_calls::engagement(&self.history, period, &log.0).map_err(thrown)?))
    }

    /// The segments of a rule, which comes as JSON.
    pub fn classify(&self, rule: &str) -> Result<Outcome, JsValue> {
        Ok(Outcome::of(regulars_calls::classify(&self.history, rule, None).map_err(thrown)?))
    }

    /// The same with the segments of an earlier day.
    #[wasm_bindgen(js_name = classifyAfter)]
    pub fn classify_after(&self, rule: &str, before: &Outcome) -> Result<Outcome, JsValue> {
        let before = Some(before.inner());
        Ok(Outcome::of(regulars_calls::classify(&self.history, rule, before).map_err(thrown)?))
    }

    #[wasm_bindgen(js_name = heapBytes)]
    pub fn heap_bytes(&self) -> usize {
        self.history.heap_bytes()
    }
}
