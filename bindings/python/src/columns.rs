//! Columns of Arrow as columns of orders, borrowed wherever the core can read what Arrow has.

use std::fmt;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type,
    Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array,
    LargeStringArray, PrimitiveArray, RecordBatch, StringArray, StringViewArray, UInt32Array,
};
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use arrow_schema::{DataType, Schema, TimeUnit as ArrowUnit};
use regulars::{
    AmountColumn, Currency, HistoryOptions, KeyColumn, Moment, OrderColumns, Strings, TimeColumn, TimeUnit,
};
use regulars_import::{DateReader, Field, Mapping, Note, meant};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Failure;
use crate::work::Progress;

type Result<T, E = Failure> = core::result::Result<T, E>;

/// How the columns of a table are to be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) columns: Mapping,
    amount_unit: Option<AmountUnit>,
    decimals: Option<u8>,
    date_format: Option<String>,
}

impl Request {
    /// Keeps amounts with as many decimals as they are said to have.
    pub(crate) fn refine(&self, options: &mut HistoryOptions) -> Result<()> {
        if let Some(decimals) = self.decimals.filter(|&decimals| decimals > options.currency.decimals()) {
            options.currency = options.currency.with_decimals(decimals)?;
        }
        Ok(())
    }
}

/// What whole numbers of money count.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AmountUnit {
    Minor,
    Major,
}

const FIELDS: [Field; 12] = [
    Field::Customer,
    Field::Email,
    Field::PlacedAt,
    Field::Amount,
    Field::OrderId,
    Field::Refunded,
    Field::RefundedOn,
    Field::Status,
    Field::Currency,
    Field::Cost,
    Field::Discount,
    Field::Channel,
];

/// Which column of a table is read for which field.
pub(crate) struct Taken {
    read: Vec<(Field, usize, String, bool)>,
    unused: Vec<String>,
}

impl Taken {
    pub(crate) fn new(schema: &Schema, mapping: &Mapping) -> Result<Taken> {
        let header: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let names = || listed(&header);
        if header.is_empty() {
            return Err(no_columns());
        }
        // A column that is named for one field is not guessed to be another.
        let asked: Vec<&str> = FIELDS.iter().filter_map(|&field| mapping.column(field)).collect();
        let free: Vec<&str> = header.iter().copied().filter(|name| !asked.contains(name)).collect();
        let guess = Mapping::guess(&free);
        let mut read = Vec::new();
        for field in FIELDS {
            let (name, guessed) = match mapping.column(field) {
                Some("") => continue,
                Some(name) => (name, false),
                None => match guess.column(field) {
                    Some(name) => (name, true),
                    None => continue,
                },
            };
            let (place, found) = place_of(&header, name, field.name())?;
            read.push((field, place, found.to_owned(), guessed));
        }
        let has = |field: Field| read.iter().any(|(of, ..)| *of == field);
        for field in [Field::PlacedAt, Field::Amount] {
            if !has(field) {
                let other = Mapping::guess(&header).column(field).map(str::to_owned);
                let other = read.iter().find(|(_, _, name, _)| other.as_ref() == Some(name));
                let since = other
                    .map_or(String::new(), |(of, _, name, _)| format!(", since `{name}` is named as {of}"));
                let message = format!(
                    "no column is known as {field}{since}: name it, as in {field}=\"…\"; the columns are {}",
                    names()
                );
                return Err(Failure::new("missing_columns", message).in_column(field.name()));
            }
        }
        let waived = [Field::Customer, Field::Email].map(|field| mapping.column(field)) == [Some(""); 2];
        if !waived && !has(Field::Customer) && !has(Field::Email) {
            let message = format!(
                "no column says who ordered: name it, as in customer=\"…\" or email=\"…\"; the columns are {}",
                names()
            );
            return Err(Failure::new("missing_customer", message).in_column("customer"));
        }
        let unused =
            header.iter().enumerate().filter(|(at, _)| !read.iter().any(|(_, place, ..)| place == at));
        let unused = unused.map(|(_, name)| (*name).to_owned()).collect();
        Ok(Taken { read, unused })
    }

    /// The column that an error of the core is about, by the name that it has in the table.
    pub(crate) fn name_of(&self, field: &str) -> Option<String> {
        self.read.iter().find(|(of, ..)| of.name() == field).map(|(_, _, name, _)| name.clone())
    }

    /// The first cell of the column of currencies that is not empty.
    pub(crate) fn first_currency(&self, batches: &[RecordBatch]) -> Option<String> {
        let (_, place, ..) = self.read.iter().find(|(of, ..)| *of == Field::Currency)?;
        batches.iter().find_map(|batch| {
            let text = Text::new(batch.columns().get(*place)?)?;
            (0..text.len()).find_map(|row| {
                text.get(row).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned)
            })
        })
    }

    /// The columns that were taken for a field because of their names.
    pub(crate) fn guessed(&self) -> impl Iterator<Item = (Field, &str)> {
        self.read
            .iter()
            .filter(|(.., guessed)| *guessed)
            .map(|(field, _, column, _)| (*field, column.as_str()))
    }

    /// What there is to say about a column that was taken for the amounts because of its name.
    pub(crate) fn note(&self) -> Option<String> {
        let (_, column) = self.guessed().find(|(field, _)| *field == Field::Amount)?;
        Note::on_amounts(column).map(|note| note.to_string())
    }

    /// In the form of the importers' report on columns.
    pub(crate) fn report(&self) -> Value {
        let read = self.read.iter().map(|(field, _, column, guessed)| {
            let why = if *guessed { "guessed" } else { "named" };
            json!({"field": field.name(), "column": column, "why": why})
        });
        json!({"read": read.collect::<Vec<_>>(), "unused": self.unused})
    }
}

/// A table of nothing, of which no column can be asked for.
pub(crate) fn no_columns() -> Failure {
    Failure::new("missing_columns", "the table has no columns")
}

/// The names of columns, for people.
pub(crate) fn listed(header: &[&str]) -> String {
    header.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Where the column of a name is, and how the table spells it.
pub(crate) fn place_of<'a>(header: &[&'a str], name: &str, field: &str) -> Result<(usize, &'a str)> {
    let mut places = header.iter().enumerate().filter(|(_, column)| column.trim() == name.trim());
    let Some((place, found)) = places.next() else {
        let meant = match meant(name, header) {
            Some(meant) => format!("did you mean `{meant}`? The columns are"),
            None => "the columns are".to_owned(),
        };
        let message = format!("there is no column `{name}` for {field}: {meant} {}", listed(header));
        return Err(Failure::new("unknown_column", message).in_column(name));
    };
    if places.next().is_some() {
        let message = format!("column `{name}` is there twice: rename or drop one");
        return Err(Failure::new("ambiguous_column", message).in_column(name));
    }
    Ok((place, found))
}

/// A table whose columns can be borrowed.
pub(crate) struct Orders {
    pub(crate) taken: Taken,
    chunks: Vec<Chunk>,
}

impl Orders {
    pub(crate) fn new(
        taken: Taken,
        batches: &[RecordBatch],
        request: &Request,
        options: &HistoryOptions,
        progress: &Progress,
    ) -> Result<Orders> {
        let mut start = 0;
        let mut chunks = Vec::with_capacity(batches.len());
        for batch in batches {
            progress.go_on()?;
            chunks.push(Chunk::new(batch, start, &taken, request, options)?);
            start += batch.num_rows();
        }
        Ok(Orders { taken, chunks })
    }

    /// Hands the columns to a function, since what they borrow lives no longer than this call.
    pub(crate) fn with_columns<T>(&self, then: impl FnOnce(&[OrderColumns<'_>]) -> T) -> T {
        let inner: Vec<Inner<'_>> = self.chunks.iter().map(Inner::new).collect();
        let columns: Vec<OrderColumns<'_>> =
            self.chunks.iter().zip(&inner).map(|(chunk, inner)| chunk.columns(inner)).collect();
        then(&columns)
    }
}

/// One record batch.
struct Chunk {
    placed_at: Nullable<Times>,
    amounts: Nullable<Amounts>,
    customers: Option<Keys>,
    emails: Option<Keys>,
    ids: Option<Keys>,
    statuses: Option<Text>,
    currencies: Option<Text>,
    refunded: Option<Nullable<Amounts>>,
    refunded_on: Option<Nullable<Times>>,
    costs: Option<Nullable<Amounts>>,
    discounts: Option<Nullable<Amounts>>,
    channels: Option<Text>,
}

/// The columns of a chunk that others with missing cells stand on.
struct Inner<'a> {
    placed_at: TimeColumn<'a>,
    amounts: AmountColumn<'a>,
    refunded: Option<AmountColumn<'a>>,
    refunded_on: Option<TimeColumn<'a>>,
    costs: Option<AmountColumn<'a>>,
    discounts: Option<AmountColumn<'a>>,
}

impl<'a> Inner<'a> {
    fn new(chunk: &'a Chunk) -> Inner<'a> {
        let amounts = |column: &'a Option<Nullable<Amounts>>| column.as_ref().map(|c| c.values.column());
        Inner {
            placed_at: chunk.placed_at.values.column(),
            amounts: chunk.amounts.values.column(),
            refunded: amounts(&chunk.refunded),
            refunded_on: chunk.refunded_on.as_ref().map(|c| c.values.column()),
            costs: amounts(&chunk.costs),
            discounts: amounts(&chunk.discounts),
        }
    }
}

impl Chunk {
    fn new(
        batch: &RecordBatch,
        start: usize,
        taken: &Taken,
        request: &Request,
        options: &HistoryOptions,
    ) -> Result<Chunk> {
        let column = |field: Field| {
            let (_, place, name, guessed) = taken.read.iter().find(|(of, ..)| *of == field)?;
            let cells = batch.columns().get(*place)?;
            Some(Place { field: field.name(), name, cells, guessed: *guessed, start })
        };
        let keys = |field| column(field).map(|place| Keys::new(&place)).transpose();
        let texts = |field| column(field).map(|place| Text::required(&place)).transpose();
        let amounts =
            |field| column(field).map(|place| Amounts::new(&place, request, options.currency)).transpose();
        let dates = DateReader::new(request.date_format.as_deref(), options.zone.is_some())?;
        let times = |field| column(field).map(|place| Times::new(&place, &dates)).transpose();
        let missing = || Failure::new("missing_columns", "no column of moments or of amounts");
        Ok(Chunk {
            placed_at: times(Field::PlacedAt)?.ok_or_else(missing)?,
            amounts: amounts(Field::Amount)?.ok_or_else(missing)?,
            customers: keys(Field::Customer)?,
            emails: keys(Field::Email)?,
            ids: keys(Field::OrderId)?,
            statuses: texts(Field::Status)?,
            currencies: texts(Field::Currency)?,
            refunded: amounts(Field::Refunded)?,
            refunded_on: times(Field::RefundedOn)?,
            costs: amounts(Field::Cost)?,
            discounts: amounts(Field::Discount)?,
            channels: texts(Field::Channel)?,
        })
    }

    fn columns<'a>(&'a self, inner: &'a Inner<'a>) -> OrderColumns<'a> {
        fn amounts<'a>(
            column: Option<&'a Nullable<Amounts>>,
            inner: Option<&'a AmountColumn<'a>>,
        ) -> Option<AmountColumn<'a>> {
            column.zip(inner).map(|(column, inner)| nullable_amounts(column, inner))
        }
        let strings = |text: &'a Option<Text>| text.as_ref().map(|text| text as &dyn Strings);
        let mut columns = OrderColumns::new(
            nullable_times(&self.placed_at, &inner.placed_at),
            nullable_amounts(&self.amounts, &inner.amounts),
        );
        columns.customers = self.customers.as_ref().map(Keys::column);
        columns.emails = self.emails.as_ref().map(Keys::column);
        columns.ids = self.ids.as_ref().map(Keys::column);
        columns.statuses = strings(&self.statuses);
        columns.currencies = strings(&self.currencies);
        columns.refunded = amounts(self.refunded.as_ref(), inner.refunded.as_ref());
        columns.refunded_on = self
            .refunded_on
            .as_ref()
            .zip(inner.refunded_on.as_ref())
            .map(|(column, inner)| nullable_times(column, inner));
        columns.costs = amounts(self.costs.as_ref(), inner.costs.as_ref());
        columns.discounts = amounts(self.discounts.as_ref(), inner.discounts.as_ref());
        columns.channels = strings(&self.channels);
        columns
    }
}

/// Values, and which of them are there where some are not.
pub(crate) struct Nullable<T> {
    pub(crate) values: T,
    present: Option<Vec<bool>>,
}

impl<T> Nullable<T> {
    fn new(values: T, cells: &dyn Array) -> Nullable<T> {
        Nullable { values, present: presence(cells) }
    }

    /// Values that know themselves what is missing.
    fn all(values: T) -> Nullable<T> {
        Nullable { values, present: None }
    }
}

fn presence(cells: &dyn Array) -> Option<Vec<bool>> {
    cells.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| nulls.iter().collect())
}

pub(crate) fn nullable_times<'a>(column: &'a Nullable<Times>, values: &'a TimeColumn<'a>) -> TimeColumn<'a> {
    match &column.present {
        Some(present) => TimeColumn::Nullable { values, present },
        None => *values,
    }
}

fn nullable_amounts<'a>(column: &'a Nullable<Amounts>, values: &'a AmountColumn<'a>) -> AmountColumn<'a> {
    match &column.present {
        Some(present) => AmountColumn::Nullable { values, present },
        None => *values,
    }
}

/// A column of a batch, and what it is read for.
pub(crate) struct Place<'a> {
    pub(crate) field: &'static str,
    pub(crate) name: &'a str,
    pub(crate) cells: &'a ArrayRef,
    pub(crate) guessed: bool,
    /// The rows before the batch.
    pub(crate) start: usize,
}

impl Place<'_> {
    pub(crate) fn unsupported(&self, remedy: &str) -> Failure {
        let Place { field, name, cells, guessed, .. } = self;
        let guess = if *guessed {
            format!("; it was guessed by its name: name another, or {field}=\"\" for none")
        } else {
            String::new()
        };
        let message = format!(
            "column `{name}` has the type {}, which is not read as {field}: {remedy}{guess}",
            cells.data_type()
        );
        Failure::new("unsupported_type", message).in_column(name)
    }

    fn cell(&self, row: usize, code: &'static str, what: impl fmt::Display) -> Failure {
        let row = self.start + row;
        let message = format!("row {row}, column `{}`: {what}", self.name);
        Failure::new(code, message).at(row as u64, self.name)
    }

    fn primitive<T: ArrowPrimitiveType>(&self) -> &PrimitiveArray<T> {
        self.cells.as_primitive::<T>()
    }

    /// Whole numbers of any width in 64 bits; `None` where the column holds others.
    pub(crate) fn integers(&self) -> Result<Option<Int64Array>> {
        fn widened<T: ArrowPrimitiveType>(place: &Place<'_>) -> Int64Array
        where
            T::Native: Into<i64>,
        {
            place.primitive::<T>().unary(Into::into)
        }
        Ok(Some(match self.cells.data_type() {
            DataType::Int64 => self.primitive::<Int64Type>().clone(),
            DataType::Int32 => widened::<Int32Type>(self),
            DataType::Int16 => widened::<Int16Type>(self),
            DataType::Int8 => widened::<Int8Type>(self),
            DataType::UInt32 => widened::<UInt32Type>(self),
            DataType::UInt16 => widened::<UInt16Type>(self),
            DataType::UInt8 => widened::<UInt8Type>(self),
            DataType::UInt64 => {
                let cells = self.primitive::<UInt64Type>();
                let beyond =
                    cells.iter().position(|cell| cell.is_some_and(|cell| i64::try_from(cell).is_err()));
                if let Some(row) = beyond {
                    return Err(self.cell(
                        row,
                        "unsupported_type",
                        "the number is beyond 63 bits: cast the column to text",
                    ));
                }
                cells.unary(u64::cast_signed)
            }
            _ => return Ok(None),
        }))
    }

    /// Floats of either width; narrow ones as the decimals that they print as.
    pub(crate) fn floats(&self) -> Option<Float64Array> {
        match self.cells.data_type() {
            DataType::Float64 => Some(self.primitive::<Float64Type>().clone()),
            DataType::Float32 => {
                let wide = |cell: f32| cell.to_string().parse().unwrap_or(f64::NAN);
                Some(self.primitive::<Float32Type>().unary(wide))
            }
            _ => None,
        }
    }
}

/// A column of text in any of Arrow's forms.
pub(crate) enum Text {
    Short(StringArray),
    Long(LargeStringArray),
    View(StringViewArray),
    Codes {
        codes: UInt32Array,
        values: Box<Text>,
    },
    /// Nothing but missing cells.
    Nothing(usize),
}

impl Text {
    fn new(cells: &dyn Array) -> Option<Text> {
        Some(match cells.data_type() {
            DataType::Utf8 => Text::Short(cells.as_string::<i32>().clone()),
            DataType::LargeUtf8 => Text::Long(cells.as_string::<i64>().clone()),
            DataType::Utf8View => Text::View(cells.as_string_view().clone()),
            DataType::Null => Text::Nothing(cells.len()),
            DataType::Dictionary(_, _) => {
                let (codes, values) = dictionary(cells)?;
                Text::Codes { codes, values: Box::new(Text::new(&values)?) }
            }
            _ => return None,
        })
    }

    pub(crate) fn required(place: &Place<'_>) -> Result<Text> {
        Text::new(place.cells).ok_or_else(|| place.unsupported("cast it to text"))
    }
}

impl Strings for Text {
    fn len(&self) -> usize {
        match self {
            Text::Short(cells) => cells.len(),
            Text::Long(cells) => cells.len(),
            Text::View(cells) => cells.len(),
            Text::Codes { codes, .. } => codes.len(),
            Text::Nothing(rows) => *rows,
        }
    }

    #[inline]
    fn get(&self, row: usize) -> Option<&str> {
        fn present(cells: &dyn Array, row: usize) -> bool {
            row < cells.len() && cells.is_valid(row)
        }
        match self {
            Text::Short(cells) => present(cells, row).then(|| cells.value(row)),
            Text::Long(cells) => present(cells, row).then(|| cells.value(row)),
            Text::View(cells) => present(cells, row).then(|| cells.value(row)),
            Text::Codes { codes, values } => {
                present(codes, row).then(|| values.get(codes.value(row).as_usize())).flatten()
            }
            Text::Nothing(_) => None,
        }
    }
}

/// The codes of a dictionary and its values.
fn dictionary(cells: &dyn Array) -> Option<(UInt32Array, ArrayRef)> {
    fn split<K: ArrowDictionaryKeyType>(cells: &dyn Array) -> (UInt32Array, ArrayRef) {
        let dictionary: &DictionaryArray<K> = cells.as_dictionary();
        // A code beyond 32 bits points outside of every dictionary, and so does this.
        let code = |code: K::Native| u32::try_from(code.as_usize()).unwrap_or(u32::MAX);
        (dictionary.keys().unary(code), dictionary.values().clone())
    }
    let DataType::Dictionary(key, _) = cells.data_type() else { return None };
    Some(match key.as_ref() {
        DataType::Int8 => split::<Int8Type>(cells),
        DataType::Int16 => split::<Int16Type>(cells),
        DataType::Int32 => split::<Int32Type>(cells),
        DataType::Int64 => split::<Int64Type>(cells),
        DataType::UInt8 => split::<UInt8Type>(cells),
        DataType::UInt16 => split::<UInt16Type>(cells),
        DataType::UInt32 => {
            let dictionary = cells.as_dictionary::<UInt32Type>();
            (dictionary.keys().clone(), dictionary.values().clone())
        }
        DataType::UInt64 => split::<UInt64Type>(cells),
        _ => return None,
    })
}

/// A column of customers, of e-mail addresses or of order ids.
pub(crate) enum Keys {
    Numbers { numbers: Int64Array, present: Option<Vec<bool>> },
    Texts(Text),
    Codes { codes: ScalarBuffer<u32>, values: Text },
}

impl Keys {
    pub(crate) fn new(place: &Place<'_>) -> Result<Keys> {
        let unsupported = || place.unsupported("cast it to text or to int64");
        if let Some(numbers) = place.integers()? {
            return Ok(Keys::Numbers { present: presence(&numbers), numbers });
        }
        if let Some(floats) = place.floats() {
            return Keys::of_floats(place, &floats);
        }
        let Some((codes, values)) = dictionary(place.cells) else {
            return Text::new(place.cells).map(Keys::Texts).ok_or_else(unsupported);
        };
        let whole = Place { cells: &values, name: place.name, ..*place };
        if let Some(distinct) = whole.integers()? {
            let number = |code: Option<u32>| {
                let code = code?.as_usize();
                (code < distinct.len() && distinct.is_valid(code)).then(|| distinct.value(code))
            };
            let numbers: Int64Array = codes.iter().map(number).collect();
            return Ok(Keys::Numbers { present: presence(&numbers), numbers });
        }
        let values = Text::new(&values).ok_or_else(unsupported)?;
        let codes = match codes.null_count() {
            0 => codes.values().clone(),
            _ => codes.iter().map(|code| code.unwrap_or(u32::MAX)).collect(),
        };
        Ok(Keys::Codes { codes, values })
    }

    /// What pandas makes of whole numbers of which some are missing.
    fn of_floats(place: &Place<'_>, floats: &Float64Array) -> Result<Keys> {
        let mut numbers = Vec::with_capacity(floats.len());
        for (row, cell) in floats.iter().enumerate() {
            numbers.push(match cell.filter(|cell| !cell.is_nan()) {
                None => None,
                Some(cell) => Some(whole(cell).ok_or_else(|| {
                    let what = format!("{cell} is no whole number: cast the column to text or to int64");
                    place.cell(row, "unsupported_type", what)
                })?),
            });
        }
        let numbers = Int64Array::from(numbers);
        Ok(Keys::Numbers { present: presence(&numbers), numbers })
    }

    pub(crate) fn column(&self) -> KeyColumn<'_> {
        match self {
            Keys::Numbers { numbers, present: None } => KeyColumn::Numbers(numbers.values()),
            Keys::Numbers { numbers, present: Some(present) } => {
                KeyColumn::NullableNumbers { numbers: numbers.values(), present }
            }
            Keys::Texts(text) => KeyColumn::Texts(text),
            Keys::Codes { codes, values } => KeyColumn::Codes { codes, values },
        }
    }
}

/// The integer that a float is, as long as floats tell neighbouring integers apart.
fn whole(value: f64) -> Option<i64> {
    let is_whole = value.abs() <= 9_007_199_254_740_992.0 && value.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within ±2⁵³")]
    is_whole.then_some(value as i64)
}

/// A column of amounts.
enum Amounts {
    Minor(Int64Array),
    Decimals { values: Decimal128Array, scale: i8 },
    Floats { values: Float64Array, decimals: u8 },
    Texts(Text),
}

impl Amounts {
    fn new(place: &Place<'_>, request: &Request, currency: Currency) -> Result<Nullable<Amounts>> {
        let minor = request.amount_unit == Some(AmountUnit::Minor);
        let unsupported = || place.unsupported("cast it to decimal, to float or to whole minor units");
        if let Some(numbers) = place.integers()? {
            let Some(unit) = request.amount_unit else {
                let Place { name, cells, .. } = place;
                let message = format!(
                    "column `{name}` has whole numbers ({}): say amount_unit=\"minor\" if they are {}, or amount_unit=\"major\" if they are whole {currency}",
                    cells.data_type(),
                    if currency.decimals() == 2 { "cents" } else { "the smallest units" },
                );
                return Err(Failure::new("missing_amount_unit", message).in_column(name));
            };
            return Ok(match unit {
                AmountUnit::Minor => {
                    Nullable { present: presence(&numbers), values: Amounts::Minor(numbers) }
                }
                AmountUnit::Major => {
                    let values: Decimal128Array = numbers.unary(i128::from);
                    Nullable { present: presence(&values), values: Amounts::Decimals { values, scale: 0 } }
                }
            });
        }
        if let Some(values) = place.floats() {
            if minor {
                return Amounts::minor_of_floats(place, &values);
            }
            let decimals = request.decimals.unwrap_or(currency.decimals());
            return Ok(Nullable { present: presence(&values), values: Amounts::Floats { values, decimals } });
        }
        let (values, scale) = match place.cells.data_type() {
            DataType::Decimal128(_, scale) => (place.primitive::<Decimal128Type>().clone(), *scale),
            DataType::Decimal64(_, scale) => (place.primitive::<Decimal64Type>().unary(i128::from), *scale),
            DataType::Decimal32(_, scale) => (place.primitive::<Decimal32Type>().unary(i128::from), *scale),
            other if minor && *other != DataType::Null => return Err(unsupported()),
            _ => {
                let text = Text::new(place.cells).ok_or_else(unsupported)?;
                return Ok(Nullable::all(Amounts::Texts(text)));
            }
        };
        // Decimals of minor units are larger by the currency's decimals.
        let shift = if minor { currency.decimals() } else { 0 };
        let scale =
            i8::try_from(shift).ok().and_then(|shift| scale.checked_add(shift)).ok_or_else(unsupported)?;
        Ok(Nullable { present: presence(&values), values: Amounts::Decimals { values, scale } })
    }

    /// What pandas makes of minor units of which some are missing.
    fn minor_of_floats(place: &Place<'_>, floats: &Float64Array) -> Result<Nullable<Amounts>> {
        let mut minor = Vec::with_capacity(floats.len());
        for (row, cell) in floats.iter().enumerate() {
            minor.push(match cell.filter(|cell| !cell.is_nan()) {
                None => None,
                Some(cell) => Some(whole(cell).ok_or_else(|| {
                    let what = format!(
                        "{cell} is no whole number of minor units: leave amount_unit out if it is an amount"
                    );
                    place.cell(row, "invalid_amount", what)
                })?),
            });
        }
        let minor = Int64Array::from(minor);
        Ok(Nullable { present: presence(&minor), values: Amounts::Minor(minor) })
    }

    fn column(&self) -> AmountColumn<'_> {
        match self {
            Amounts::Minor(numbers) => AmountColumn::Minor(numbers.values()),
            Amounts::Decimals { values, scale } => {
                AmountColumn::Decimals { values: values.values(), scale: *scale }
            }
            Amounts::Floats { values, decimals } => {
                AmountColumn::Floats { values: values.values(), decimals: *decimals }
            }
            Amounts::Texts(text) => AmountColumn::Texts(text),
        }
    }
}

/// A column of moments.
pub(crate) enum Times {
    Days(Date32Array),
    /// Counts of a unit since 1970: instants, or else what the shop's clock showed.
    Counts {
        values: Int64Array,
        unit: TimeUnit,
        instants: bool,
    },
    Moments(Vec<Option<Moment>>),
}

impl Times {
    pub(crate) fn new(place: &Place<'_>, dates: &DateReader) -> Result<Nullable<Times>> {
        let counts = |values: Int64Array, unit, instants| Nullable {
            present: presence(&values),
            values: Times::Counts { values, unit, instants },
        };
        Ok(match place.cells.data_type() {
            DataType::Date32 => {
                Nullable::new(Times::Days(place.primitive::<Date32Type>().clone()), place.cells)
            }
            DataType::Date64 => {
                counts(place.primitive::<Date64Type>().reinterpret_cast(), TimeUnit::Millisecond, false)
            }
            DataType::Timestamp(unit, zone) => {
                let instants = zone.is_some();
                match unit {
                    ArrowUnit::Second => {
                        let cells = place.primitive::<TimestampSecondType>();
                        counts(cells.reinterpret_cast(), TimeUnit::Second, instants)
                    }
                    ArrowUnit::Millisecond => {
                        let cells = place.primitive::<TimestampMillisecondType>();
                        counts(cells.reinterpret_cast(), TimeUnit::Millisecond, instants)
                    }
                    ArrowUnit::Microsecond => {
                        let cells = place.primitive::<TimestampMicrosecondType>();
                        counts(cells.reinterpret_cast(), TimeUnit::Microsecond, instants)
                    }
                    ArrowUnit::Nanosecond => {
                        let cells = place.primitive::<TimestampNanosecondType>();
                        counts(cells.reinterpret_cast(), TimeUnit::Nanosecond, instants)
                    }
                }
            }
            _ => {
                let remedy = "cast it to a timestamp or a date, or give dates as text";
                let text = Text::new(place.cells).ok_or_else(|| place.unsupported(remedy))?;
                Nullable::all(Times::of_text(place, &text, dates)?)
            }
        })
    }

    fn of_text(place: &Place<'_>, text: &Text, dates: &DateReader) -> Result<Times> {
        let mut moments = Vec::with_capacity(text.len());
        for row in 0..text.len() {
            moments.push(match text.get(row).map(str::trim).filter(|cell| !cell.is_empty()) {
                None => None,
                Some(cell) => Some(dates.read(cell).map_err(|error| {
                    let what = if error.code() == "invalid_date" {
                        format!("{error}: {}", dates.remedy(cell))
                    } else {
                        error.to_string()
                    };
                    place.cell(row, error.code(), what)
                })?),
            });
        }
        Ok(Times::Moments(moments))
    }

    pub(crate) fn column(&self) -> TimeColumn<'_> {
        match self {
            Times::Days(days) => TimeColumn::Days(days.values()),
            Times::Counts { values, unit, instants: true } => {
                TimeColumn::Instants { values: values.values(), unit: *unit }
            }
            Times::Counts { values, unit, instants: false } => {
                TimeColumn::WallClock { values: values.values(), unit: *unit }
            }
            Times::Moments(moments) => TimeColumn::Moments(moments),
        }
    }
}
