use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, LargeStringArray, NullArray,
    RecordBatch, RecordBatchOptions, StringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};
use regulars::{Column, Columns, Values};

use crate::arrow;
use crate::error::Failure;

/// A table in Arrow's memory.
#[pyclass(frozen, eq, module = "regulars._regulars")]
#[derive(PartialEq)]
pub(crate) struct Frame(RecordBatch);

/// A column as Python hands it over or takes it: name, type, cells.
type PlainColumn<'py> = (String, String, Bound<'py, PyAny>);

/// A class and what it is called with to make an object.
type Made<'py> = (Bound<'py, PyAny>, (Bound<'py, PyList>, usize));

impl Frame {
    /// The table of a result.
    pub(crate) fn of_table(table: &dyn Columns) -> Result<Frame, Failure> {
        let columns = table.columns().into_iter().flat_map(Column::plain);
        Frame::new(columns.map(|column| (column.name.to_string(), array(column))).collect(), table.rows())
    }

    fn new(columns: Vec<(String, ArrayRef)>, rows: usize) -> Result<Frame, Failure> {
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, cells)| Field::new(name, cells.data_type().clone(), cells.null_count() > 0))
            .collect();
        let cells = columns.into_iter().map(|(_, cells)| cells).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), cells, &options)
            .map(Frame)
            .map_err(|error| Failure::new("arrow", error))
    }
}

#[pymethods]
impl Frame {
    /// A table of columns, each with its name, its type and its cells, of which `None` is missing.
    #[new]
    #[pyo3(signature = (columns, rows))]
    fn from_lists(py: Python<'_>, columns: Vec<PlainColumn<'_>>, rows: usize) -> PyResult<Frame> {
        let columns = columns
            .into_iter()
            .map(|(name, kind, cells)| {
                let cells: ArrayRef = match kind.as_str() {
                    "int64" => Arc::new(Int64Array::from(cells.extract::<Vec<Option<i64>>>()?)),
                    "uint32" => Arc::new(UInt32Array::from(cells.extract::<Vec<Option<u32>>>()?)),
                    "double" => Arc::new(Float64Array::from(cells.extract::<Vec<Option<f64>>>()?)),
                    "bool" => Arc::new(BooleanArray::from(cells.extract::<Vec<Option<bool>>>()?)),
                    "date" => Arc::new(Date32Array::from(cells.extract::<Vec<Option<i32>>>()?)),
                    "string" => Arc::new(StringArray::from(cells.extract::<Vec<Option<String>>>()?)),
                    "null" => Arc::new(NullArray::new(rows)),
                    "timestamp" | "timestamp_utc" => {
                        let cells = TimestampMicrosecondArray::from(cells.extract::<Vec<Option<i64>>>()?);
                        Arc::new(if kind == "timestamp" { cells } else { cells.with_timezone("UTC") })
                    }
                    _ => return Err(PyTypeError::new_err(format!("column `{name}`: no type `{kind}`"))),
                };
                if cells.len() == rows {
                    Ok((name, cells))
                } else {
                    Err(PyValueError::new_err(format!(
                        "column `{name}` has {} rows, not {rows}",
                        cells.len()
                    )))
                }
            })
            .collect::<PyResult<Vec<_>>>()?;
        Frame::new(columns, rows).map_err(|failure| failure.raise(py))
    }

    /// The names of the columns, each with its type.
    fn schema(&self) -> Vec<(String, &'static str)> {
        self.0.schema().fields().iter().map(|field| (field.name().clone(), kind(field.data_type()))).collect()
    }

    /// The cells of a column from one row to before another; dates as days and times as microseconds since 1970.
    #[pyo3(signature = (name, start=0, stop=None))]
    fn cells<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        start: usize,
        stop: Option<usize>,
    ) -> PyResult<Bound<'py, PyList>> {
        let column = self.0.column_by_name(name).ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
        let stop = stop.unwrap_or(column.len()).min(column.len());
        let column = column.slice(start.min(stop), stop.saturating_sub(start));
        match column.data_type() {
            DataType::Int64 => PyList::new(py, column.as_primitive::<Int64Type>()),
            DataType::UInt32 => PyList::new(py, column.as_primitive::<UInt32Type>()),
            DataType::Float64 => PyList::new(py, column.as_primitive::<Float64Type>()),
            DataType::Boolean => PyList::new(py, column.as_boolean()),
            DataType::Date32 => PyList::new(py, column.as_primitive::<Date32Type>()),
            DataType::Timestamp(..) => PyList::new(py, column.as_primitive::<TimestampMicrosecondType>()),
            DataType::Utf8 => PyList::new(py, column.as_string::<i32>()),
            DataType::LargeUtf8 => PyList::new(py, column.as_string::<i64>()),
            DataType::Null => PyList::new(py, vec![None::<bool>; column.len()]),
            other => Err(PyTypeError::new_err(format!("column `{name}` has the type {other}"))),
        }
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// What makes the same table in another process.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Made<'py>> {
        let (py, frame) = (slf.py(), slf.get());
        let columns = frame
            .schema()
            .into_iter()
            .map(|(name, kind)| {
                let cells = frame.cells(py, &name, 0, None)?;
                Ok((name, kind, cells))
            })
            .collect::<PyResult<Vec<_>>>()?;
        Ok((slf.get_type().into_any(), (PyList::new(py, columns)?, frame.0.num_rows())))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A request for other types may be left unheeded.
        let _ = requested_schema;
        arrow::stream_out(py, self.0.schema(), vec![self.0.clone()])
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        arrow::schema_out(py, &self.0.schema())
    }
}

/// The name of a type in [`Frame::from_lists`].
fn kind(of: &DataType) -> &'static str {
    match of {
        DataType::Int64 => "int64",
        DataType::UInt32 => "uint32",
        DataType::Float64 => "double",
        DataType::Boolean => "bool",
        DataType::Date32 => "date",
        DataType::Null => "null",
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp",
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "timestamp_utc",
        _ => "string",
    }
}

fn array(column: Column<'_>) -> ArrayRef {
    let nulls = column.validity.map(NullBuffer::from);
    match column.values {
        Values::F64(cells) => Arc::new(Float64Array::new(cells.into_owned().into(), nulls)),
        Values::I64(cells) => Arc::new(Int64Array::new(cells.into_owned().into(), nulls)),
        Values::U32(cells) => Arc::new(UInt32Array::new(cells.into_owned().into(), nulls)),
        Values::Bool(cells) => Arc::new(BooleanArray::new(cells.into_owned().into(), nulls)),
        Values::Date(cells) => Arc::new(Date32Array::new(cells.into_owned().into(), nulls)),
        Values::Text(cells) => {
            let is_there = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
            let bytes: usize = cells.iter().map(|cell| cell.len()).sum();
            let cells = cells.iter().enumerate().map(|(row, cell)| is_there(row).then_some(cell.as_ref()));
            // 32-bit offsets are what every consumer knows, as long as they reach.
            if i32::try_from(bytes).is_ok() {
                Arc::new(cells.collect::<StringArray>())
            } else {
                Arc::new(cells.collect::<LargeStringArray>())
            }
        }
        // No such column yet; one of nothing has the wrong length, which is an error.
        _ => Arc::new(BooleanArray::from(Vec::<bool>::new())),
    }
}
