//! The Arrow boundary: streams by Arrow's C interface, in Python capsules. The only unsafe code of the project.
#![expect(unsafe_code, reason = "a capsule holds a pointer, whose meaning its name tells")]

use core::fmt;
use std::ffi::CStr;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchIterator};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, SchemaRef};
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

/// The schema of a table in a capsule for `__arrow_c_schema__` to return.
pub(crate) fn schema_out<'py>(py: Python<'py>, schema: &SchemaRef) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(Arc::as_ref(schema))
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    PyCapsule::new_with_value(py, schema, SCHEMA)
}
