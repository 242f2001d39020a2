//! The one way in which tables leave the core.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::money::Money;

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Values<'a> {
    /// Numbers with decimals.
    F64(Cow<'a, [f64]>),
    /// Whole numbers; minor units where the column's name ends in `_minor`.
    I64(Cow<'a, [i64]>),
    /// Amounts; [`Column::plain`] has them as numbers.
    Money(Vec<Money>),
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
    pub name: Cow<'static, str>,
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
/// let names: Vec<_> = timeline.columns().iter().map(|column| column.name.clone()).collect();
/// assert_eq!(names[..3], ["start", "end", "complete"]);
/// # Ok::<(), regulars::Error>(())
/// ```
pub trait Columns {
    /// The number of rows.
    fn rows(&self) -> usize;

    /// The columns, all of that length.
    fn columns(&self) -> Vec<Column<'_>>;
}

/// Collects through one function for each type of cell: a loop for each column is code that browsers load.
fn list<T>(mut cells: impl Iterator<Item = T>) -> Vec<T> {
    fn fill<T>(mut list: Vec<T>, next: &mut dyn FnMut() -> Option<T>) -> Vec<T> {
        while let Some(cell) = next() {
            list.push(cell);
        }
        list
    }
    fill(Vec::with_capacity(cells.size_hint().0), &mut || cells.next())
}

impl<'a> Column<'a> {
    pub(crate) fn new(name: &'static str, values: Values<'a>) -> Column<'a> {
        Column { name: name.into(), values, validity: None }
    }

    /// The same column with cells only where they are there.
    pub(crate) fn only(self, there: Vec<bool>) -> Column<'a> {
        Column { validity: there.contains(&false).then_some(there), ..self }
    }

    pub(crate) fn f64(name: &'static str, cells: impl Iterator<Item = Option<f64>>) -> Column<'static> {
        let cells = list(cells);
        let there = cells.iter().map(Option::is_some).collect();
        let values: Vec<f64> = cells.into_iter().map(Option::unwrap_or_default).collect();
        Column::new(name, Values::F64(values.into())).only(there)
    }

    pub(crate) fn i64(name: &'static str, cells: impl Iterator<Item = i64>) -> Column<'static> {
        Column::new(name, Values::I64(list(cells).into()))
    }

    pub(crate) fn bool(name: &'static str, cells: impl Iterator<Item = bool>) -> Column<'static> {
        Column::new(name, Values::Bool(list(cells).into()))
    }

    pub(crate) fn date(name: &'static str, cells: impl Iterator<Item = NaiveDate>) -> Column<'static> {
        Column::new(name, Values::Date(list(cells.map(crate::calendar::boundary_day)).into()))
    }

    pub(crate) fn money(name: &'static str, cells: impl Iterator<Item = Money>) -> Column<'static> {
        Column::new(name, Values::Money(list(cells)))
    }

    /// The column for readers that have numbers and no money: amounts become floats in units of the currency, good for
    /// charts, followed by the exact minor units in a column of the same name and `_minor`. Other columns stay what they
    /// are.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Column, Columns, Currency, Grain, HistoryOptions, Money, Order, OrderHistory, Values};
    /// # let day = NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
    /// # let orders = [Order::new(day, Money::from_minor(1050, Currency::USD)).customer("ann")];
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let timeline = history.timeline(Grain::Month)?;
    /// let columns: Vec<Column> = timeline.columns().into_iter().flat_map(Column::plain).collect();
    /// let of = |name| &columns.iter().find(|column| column.name == name).unwrap().values;
    /// assert_eq!(of("revenue"), &Values::F64(vec![10.5].into()));
    /// assert_eq!(of("revenue_minor"), &Values::I64(vec![1050].into()));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn plain(self) -> impl Iterator<Item = Column<'a>> {
        let Column { name, values, validity } = self;
        let (values, exact) = match values {
            Values::Money(cells) => {
                let units: Vec<f64> = cells.iter().map(Money::to_f64).collect();
                let minor: Vec<i64> = cells.iter().map(Money::minor).collect();
                let (name, values) = (format!("{name}_minor").into(), Values::I64(minor.into()));
                let exact = Column { name, values, validity: validity.clone() };
                (Values::F64(units.into()), Some(exact))
            }
            values => (values, None),
        };
        core::iter::once(Column { name, values, validity }).chain(exact)
    }
}
