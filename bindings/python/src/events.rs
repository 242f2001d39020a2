use std::sync::Arc;

use arrow_array::{Array, Float64Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use regulars::{EventColumns, EventLog, KindColumn, TimeColumn};
use regulars_import::DateReader;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::arrow;
use crate::columns::{Keys, Nullable, Place, Text, Times, listed, no_columns, nullable_times, place_of};
use crate::error::Failure;
use crate::history::batches;
use crate::work;

type Result<T, E = Failure> = core::result::Result<T, E>;

/// What customers did beside buying.
#[pyclass(frozen, module = "regulars._regulars")]
pub(crate) struct Log(pub(crate) Arc<EventLog>);

#[pymethods]
impl Log {
    /// The log of the events in an Arrow stream, and what its columns were taken for, as JSON.
    #[staticmethod]
    #[pyo3(signature = (stream, request, options, report=None))]
    fn from_stream(
        py: Python<'_>,
        stream: &Bound<'_, PyCapsule>,
        request: &str,
        options: &str,
        report: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Log, String)> {
        let stream = arrow::stream_in(stream)?;
        let raise = |failure: Failure| failure.raise(py);
        let request: Request = regulars_calls::options(request).map_err(|error| raise(error.into()))?;
        let options = regulars_calls::event_options(options).map_err(|error| raise(error.into()))?;
        let built = work::long(py, report, move |progress| {
            let (schema, batches) = batches(stream, progress)?;
            let taken = Taken::new(&schema, &request)?;
            let dates = DateReader::new(request.date_format.as_deref(), options.zone.is_some())?;
            let mut start = 0;
            let mut chunks = Vec::with_capacity(batches.len());
            for batch in &batches {
                progress.go_on()?;
                chunks.push(Chunk::new(batch, start, &taken, &dates)?);
                start += batch.num_rows();
            }
            let moments: Vec<TimeColumn<'_>> =
                chunks.iter().map(|chunk| chunk.happened_at.values.column()).collect();
            let columns: Vec<EventColumns<'_>> =
                chunks.iter().zip(&moments).map(|(chunk, moments)| chunk.columns(moments)).collect();
            progress.go_on()?;
            let log = EventLog::from_columns(&columns, &options)
                .map_err(|error| Failure::of(&error, |field| taken.name_of(field)))?;
            let told = json!({
                "columns": taken.report(), "events": log.len(), "unidentified": log.unidentified(),
                "unknownKinds": log.unknown_kinds(),
            });
            Ok::<_, Failure>((log, told.to_string()))
        })?;
        let (log, told) = built.map_err(raise)?;
        Ok((Log(Arc::new(log)), told))
    }
}

/// How the columns of a table are to be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    columns: Mapping,
    date_format: Option<String>,
}

/// Which column means what. What is left out is read from the column of that very name, if there is one; an empty name is no
/// column at all.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Mapping {
    happened_at: Option<String>,
    kind: Option<String>,
    customer: Option<String>,
    email: Option<String>,
    campaign: Option<String>,
    value: Option<String>,
}

/// A field that is read, and from where.
struct Read {
    field: &'static str,
    place: usize,
    column: String,
    guessed: bool,
}

/// Which column of a table is read for which field.
struct Taken {
    read: Vec<Read>,
    unused: Vec<String>,
}

impl Taken {
    fn new(schema: &Schema, request: &Request) -> Result<Taken> {
        let header: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        if header.is_empty() {
            return Err(no_columns());
        }
        let columns = &request.columns;
        let fields = [
            ("happened_at", &columns.happened_at),
            ("kind", &columns.kind),
            ("customer", &columns.customer),
            ("email", &columns.email),
            ("campaign", &columns.campaign),
            ("value", &columns.value),
        ];
        let mut read = Vec::new();
        for (field, named) in fields {
            let name = match named.as_deref() {
                Some("") => continue,
                Some(name) => name,
                None if header.contains(&field) => field,
                None => continue,
            };
            let (place, column) = place_of(&header, name, field)?;
            read.push(Read { field, place, column: column.to_owned(), guessed: named.is_none() });
        }
        let has = |field: &str| read.iter().any(|read: &Read| read.field == field);
        for field in ["happened_at", "kind"] {
            if !has(field) {
                let message = format!(
                    "no column is known as {field}: name it, as in {field}=\"…\"; the columns are {}",
                    listed(&header)
                );
                return Err(Failure::new("missing_columns", message).in_column(field));
            }
        }
        if !has("customer") && !has("email") {
            let message = format!(
                "no column says whose the events are: name it, as in customer=\"…\" or email=\"…\"; the columns are {}",
                listed(&header)
            );
            return Err(Failure::new("missing_customer", message).in_column("customer"));
        }
        let is_read = |at: &usize| read.iter().any(|read| read.place == *at);
        let unused = header.iter().enumerate().filter(|(at, _)| !is_read(at));
        let unused = unused.map(|(_, name)| (*name).to_owned()).collect();
        Ok(Taken { read, unused })
    }

    fn name_of(&self, field: &str) -> Option<String> {
        self.read.iter().find(|read| read.field == field).map(|read| read.column.clone())
    }

    /// In the form of the importers' report on columns.
    fn report(&self) -> Value {
        let read = self.read.iter().map(|Read { field, column, guessed, .. }| {
            json!({"field": field, "column": column, "why": if *guessed { "guessed" } else { "named" }})
        });
        json!({"read": read.collect::<Vec<_>>(), "unused": self.unused})
    }
}

/// One record batch.
struct Chunk {
    happened_at: Nullable<Times>,
    kinds: Text,
    customers: Option<Keys>,
    emails: Option<Keys>,
    campaigns: Option<Keys>,
    /// NaN where there is none.
    values: Option<Float64Array>,
}

impl Chunk {
    fn new(batch: &RecordBatch, start: usize, taken: &Taken, dates: &DateReader) -> Result<Chunk> {
        let column = |name: &str| {
            let Read { field, place, column, guessed } = taken.read.iter().find(|read| read.field == name)?;
            let cells = batch.columns().get(*place)?;
            Some(Place { field, name: column, cells, guessed: *guessed, start })
        };
        let keys = |field| column(field).map(|place| Keys::new(&place)).transpose();
        let missing = || Failure::new("missing_columns", "no column of moments or of kinds");
        Ok(Chunk {
            happened_at: Times::new(&column("happened_at").ok_or_else(missing)?, dates)?,
            kinds: Text::required(&column("kind").ok_or_else(missing)?)?,
            customers: keys("customer")?,
            emails: keys("email")?,
            campaigns: keys("campaign")?,
            values: column("value")
                .filter(|place| *place.cells.data_type() != DataType::Null)
                .map(|place| numbers(&place))
                .transpose()?,
        })
    }

    fn columns<'a>(&'a self, moments: &'a TimeColumn<'a>) -> EventColumns<'a> {
        let happened_at = nullable_times(&self.happened_at, moments);
        let mut columns = EventColumns::new(happened_at, self.kinds.kinds());
        columns.customers = self.customers.as_ref().map(Keys::column);
        columns.emails = self.emails.as_ref().map(Keys::column);
        columns.campaigns = self.campaigns.as_ref().map(Keys::column);
        columns.values = self.values.as_ref().map(|values| values.values().as_ref());
        columns
    }
}

impl Text {
    fn kinds(&self) -> KindColumn<'_> {
        match self {
            Text::Codes { codes, values } if codes.null_count() == 0 => {
                KindColumn::Codes { codes: codes.values(), values: values.as_ref() }
            }
            text => KindColumn::Texts(text),
        }
    }
}

/// Seconds and numbers of shares as floats, NaN for what is missing.
fn numbers(place: &Place<'_>) -> Result<Float64Array> {
    let floats = if let Some(floats) = place.floats() {
        floats
    } else {
        let whole = place.integers()?.ok_or_else(|| place.unsupported("cast it to a number"))?;
        whole.unary(|cell| cell as f64)
    };
    if floats.null_count() == 0 {
        return Ok(floats);
    }
    Ok(floats.iter().map(|cell| Some(cell.unwrap_or(f64::NAN))).collect())
}
