use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use js_sys::{Function, Uint8Array};
use regulars::OrderHistory;
use regulars_calls::CallError;
use regulars_import::{ColumnReport, ImportOptions, Note, Source};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::thrown;

/// A history from the bytes that a function of JavaScript gives, and how it was read, as JSON.
///
/// What the function throws is thrown: this is how a reading is cancelled.
pub(crate) fn read(read: Function, options: &ImportOptions) -> Result<(OrderHistory, String), JsValue> {
    let exception = Rc::new(RefCell::new(None));
    let bytes = Bytes { read, exception: Rc::clone(&exception) };
    let import = regulars_import::read_history(bytes, options)
        .map_err(|error| exception.take().unwrap_or_else(|| thrown(CallError::Import(error))))?;
    let notes = import.notes.iter().map(|note| Said { note, sentence: note.to_string() });
    let told = Told { source: import.source, columns: &import.columns, notes: notes.collect() };
    Ok((import.history, serde_json::to_string(&told).unwrap_or_default()))
}

/// How a file was read.
#[derive(Serialize)]
struct Told<'a> {
    source: Source,
    columns: &'a ColumnReport,
    notes: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct Said<'a> {
    #[serde(flatten)]
    note: &'a Note,
    sentence: String,
}

struct Bytes {
    read: Function,
    exception: Rc<RefCell<Option<JsValue>>>,
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[expect(clippy::cast_precision_loss, reason = "a buffer of far less than 2⁵³ bytes")]
        let asked = JsValue::from_f64(buffer.len() as f64);
        let given = self.read.call1(&JsValue::NULL, &asked).map_err(|exception| {
            self.exception.replace(Some(exception));
            io::Error::other("the reading was ended")
        })?;
        let given: Uint8Array = given.dyn_into().map_err(|_| io::Error::other("these are no bytes"))?;
        let length = given.length() as usize;
        let into = buffer.get_mut(..length).ok_or_else(|| io::Error::other("more bytes than asked for"))?;
        given.copy_to(into);
        Ok(length)
    }
}
