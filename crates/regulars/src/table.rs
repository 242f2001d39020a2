//! The one way in which tables leave the core.

use std::borrow::Cow;

use chrono::NaiveDate;

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Values<'a> {
    /// Numbers with decimals.
    F64(Cow<'a, [f64]>),
    /// Whole numbers; minor units where the column's name ends in `_minor`.
    I64(Cow<'a, [i64]>),
    /// Small whole numbers.
    U32(Cow<'a, [u32]>),
    /// Yes or no.
    Bool(Cow<'a, [bool]>),
    /// Days since 1970-01-01.
    Date(Cow<'a, [i32]>),
    /// Text.
    Text(Vec<Cow<'a, str>>),
}

/// A named column of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Column<'a> {
    /// Its name, in snake case.
    pub name: &'static str,
    /// Its cells.
    pub values: Values<'a>,
    /// Which cells are there; all of them where this is `None`. A cell that is not holds 0 or nothing.
    pub validity: Option<Vec<bool>>,
}

/// A result with one row per period, customer or cell. Bindings export it through this trait alone, so a new metric
/// needs no conversion code.
///
/// ```
/// # use chrono::NaiveDate;
/// # use regulars::{Columns, Currency, Grain, HistoryOptions, Money, Order, OrderHistory};
/// # let day = NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
/// # let orders = [Order::new(day, Money::from_minor(1, Currency::USD)).customer("ann")];
/// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
/// let timeline = history.timeline(Grain::Month)?;
/// let names: Vec<_> = timeline.columns().iter().map(|column| column.name).collect();
/// assert_eq!(names[..3], ["start", "end", "complete"]);
/// # Ok::<(), regulars::Error>(())
/// ```
pub trait Columns {
    /// The number of rows.
    fn rows(&self) -> usize;

    /// The columns, all of that length.
    fn columns(&self) -> Vec<Column<'_>>;
}

impl Column<'_> {
    pub(crate) fn f64(name: &'static str, cells: impl Iterator<Item = Option<f64>>) -> Column<'static> {
        let (values, validity): (Vec<f64>, Vec<bool>) =
            cells.map(|cell| (cell.unwrap_or(0.0), cell.is_some())).unzip();
        let validity = validity.contains(&false).then_some(validity);
        Column { name, values: Values::F64(values.into()), validity }
    }

    pub(crate) fn i64(name: &'static str, cells: impl Iterator<Item = i64>) -> Column<'static> {
        Column { name, values: Values::I64(cells.collect::<Vec<_>>().into()), validity: None }
    }

    pub(crate) fn bool(name: &'static str, cells: impl Iterator<Item = bool>) -> Column<'static> {
        Column { name, values: Values::Bool(cells.collect::<Vec<_>>().into()), validity: None }
    }

    pub(crate) fn date(name: &'static str, cells: impl Iterator<Item = NaiveDate>) -> Column<'static> {
        let days = cells.map(crate::calendar::boundary_day);
        Column { name, values: Values::Date(days.collect::<Vec<_>>().into()), validity: None }
    }
}
