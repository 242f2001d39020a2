//! The Arrow boundary: streams by Arrow's C interface, in Python capsules. The only unsafe code of the project.
#![expect(unsafe_code, reason = "a capsule holds a pointer, whose meaning its name tells")]

use core::fmt;
use std::ffi::CStr;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::types::UInt32Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, RecordBatch, RecordBatchIterator, RecordBatchReader, UInt32Array,
};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

use crate::error::Failure;

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// Takes the stream out of a capsule that `__arrow_c_stream__` returned.
pub(crate) fn stream_in(capsule: &Bound<'_, PyCapsule>) -> PyResult<RecordBatchStreamReader> {
    let refused = |message: &dyn fmt::Display| Failure::new("arrow", message).raise(capsule.py());
    let pointer =
        capsule.pointer_checked(Some(STREAM)).map_err(|_| refused(&"the capsule holds no Arrow stream"))?;
    let pointer: NonNull<FFI_ArrowArrayStream> = pointer.cast();
    // SAFETY: by the PyCapsule interface, a capsule of this name points to an initialised `ArrowArrayStream` that is
    // aligned and lives as long as the capsule, which is borrowed here. The stream is moved out: what is left behind is
    // marked as released, so that neither the capsule's destructor nor a second caller frees or reads it again. The GIL is
    // held, so that nobody else reads it meanwhile.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
    if stream.release().is_none() {
        return Err(refused(&"the Arrow stream was read before"));
    }
    RecordBatchStreamReader::try_new(stream).map_err(|error| refused(&error))
}

/// Puts batches into a capsule for `__arrow_c_stream__` to return. Nothing is copied: the stream shares their memory.
pub(crate) fn stream_out(
    py: Python<'_>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
) -> PyResult<Bound<'_, PyCapsule>> {
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok::<_, ArrowError>), schema);
    // The capsule owns the stream: dropping it calls the release callback, unless a consumer has moved it out and
    // marked it as released.
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

/// A stream whose columns of codes, each named with a table of its codes and their texts, are columns of these texts.
#[pyfunction]
pub(crate) fn with_texts<'py>(
    py: Python<'py>,
    stream: &Bound<'py, PyCapsule>,
    texts: Vec<(String, Bound<'py, PyCapsule>)>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let refused = |error: ArrowError| Failure::new("arrow", error).raise(py);
    let (stream, mut lists) = (stream_in(stream)?, Vec::with_capacity(texts.len()));
    for (name, list) in texts {
        lists.push((name, stream_in(&list)?));
    }
    let (schema, batches) = py.detach(|| decoded(stream, lists)).map_err(refused)?;
    stream_out(py, schema, batches)
}

fn decoded(
    stream: RecordBatchStreamReader,
    lists: Vec<(String, RecordBatchStreamReader)>,
) -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
    let columns =
        lists.into_iter().map(|(name, list)| Ok((stream.schema().index_of(&name)?, Texts::new(list)?)));
    let columns: Vec<(usize, Texts)> = columns.collect::<Result<_, ArrowError>>()?;
    let mut fields: Vec<FieldRef> = stream.schema().fields().iter().cloned().collect();
    for (at, texts) in &columns {
        if let Some(field) = fields.get_mut(*at) {
            let kind =
                DataType::Dictionary(Box::new(DataType::UInt32), Box::new(texts.values.data_type().clone()));
            *field = Arc::new(Field::new(field.name(), kind, true));
        }
    }
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let batches = stream.map(|batch| {
        let mut cells = batch?.columns().to_vec();
        for (at, texts) in &columns {
            if let Some(codes) = cells.get_mut(*at) {
                *codes = texts.under(codes)?;
            }
        }
        RecordBatch::try_new(Arc::clone(&schema), cells)
    });
    let batches = batches.collect::<Result<_, ArrowError>>()?;
    Ok((schema, batches))
}

/// The texts of codes that may have gaps between them.
struct Texts {
    values: ArrayRef,
    /// By code, where its text stands; `None` where they stand in the order of the codes from 0 on.
    places: Option<Vec<u32>>,
}

impl Texts {
    /// Of a table with the codes in its first column and their texts in the second.
    fn new(list: RecordBatchStreamReader) -> Result<Texts, ArrowError> {
        let odd = || ArrowError::SchemaError("no list of codes and texts".to_owned());
        let batches: Vec<RecordBatch> = list.collect::<Result<_, ArrowError>>()?;
        let [batch] = batches.as_slice() else { return Err(odd()) };
        let [codes, values] = batch.columns() else { return Err(odd()) };
        let codes = codes.as_primitive_opt::<UInt32Type>().ok_or_else(odd)?.values();
        if (0..).zip(codes).all(|(place, &code): (u32, &u32)| place == code) {
            return Ok(Texts { values: Arc::clone(values), places: None });
        }
        let size = codes.iter().max().map_or(0, |&most| most as usize + 1);
        let mut places = vec![u32::MAX; size];
        for (place, &code) in (0..).zip(codes) {
            if let Some(known) = places.get_mut(code as usize) {
                *known = place;
            }
        }
        Ok(Texts { values: Arc::clone(values), places: Some(places) })
    }

    /// A column of codes as one of texts. A code without a text is an error.
    fn under(&self, codes: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let codes = codes.as_primitive_opt::<UInt32Type>();
        let codes = codes.ok_or_else(|| ArrowError::SchemaError("no column of codes".to_owned()))?;
        let places: UInt32Array = match &self.places {
            Some(places) => codes.unary(|code| places.get(code as usize).copied().unwrap_or(u32::MAX)),
            None => codes.clone(),
        };
        Ok(Arc::new(DictionaryArray::try_new(places, Arc::clone(&self.values))?))
    }
}

/// The schema of a table in a capsule for `__arrow_c_schema__` to return.
pub(crate) fn schema_out<'py>(py: Python<'py>, schema: &SchemaRef) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(Arc::as_ref(schema))
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    PyCapsule::new_with_value(py, schema, SCHEMA)
}
