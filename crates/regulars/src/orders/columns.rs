use chrono::NaiveDate;

use super::key::{CustomerKey, KeyRef};
use super::order::Moment;
use super::policy::OrderStatus;
use crate::calendar::{Clock, Day, TimeUnit, day_of, day_on_wall_clock};
use crate::error::{Error, Result};
use crate::money::{Currency, Money, minor_from_decimal, minor_from_float, minor_from_text};

/// A column of text, of which cells may be missing. Any table can stand behind it without being copied.
///
/// ```
/// use regulars::Strings;
///
/// let names = ["ann", "bob"];
/// let column: &dyn Strings = &names.as_slice();
/// assert_eq!(column.get(1), Some("bob"));
/// assert_eq!(column.get(2), None);
/// ```
pub trait Strings: Sync {
    /// The number of cells.
    fn len(&self) -> usize;

    /// The text of a cell, `None` where it is missing.
    fn get(&self, row: usize) -> Option<&str>;

    /// Whether there is no cell.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

macro_rules! strings {
    ($($cell:ty, $get:expr;)+) => {$(
        impl Strings for &[$cell] {
            fn len(&self) -> usize {
                <[$cell]>::len(self)
            }

            fn get(&self, row: usize) -> Option<&str> {
                <[$cell]>::get(self, row).and_then($get)
            }
        }
    )+};
}

strings! {
    &str, |cell| Some(*cell);
    String, |cell| Some(cell.as_str());
    Option<&str>, |cell| *cell;
    Option<String>, |cell| cell.as_deref();
}

/// A column of customers or of order ids.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum KeyColumn<'a> {
    /// Numbers, none missing.
    Numbers(&'a [i64]),
    /// Numbers, missing where `present` is false.
    NullableNumbers {
        /// The numbers.
        numbers: &'a [i64],
        /// Whether each is there.
        present: &'a [bool],
    },
    /// Text; a missing or empty cell is nobody.
    Texts(&'a dyn Strings),
    /// Positions in a list of distinct texts, as data frames keep categories. `u32::MAX` is nobody.
    Codes {
        /// The positions.
        codes: &'a [u32],
        /// The texts.
        values: &'a dyn Strings,
    },
    /// Keys as the rest of the crate knows them.
    Keys(&'a [Option<CustomerKey>]),
}

/// That every code but `u32::MAX` has a text.
pub(crate) fn check_codes(codes: &[u32], values: &dyn Strings, column: &'static str) -> Result<()> {
    let entries = values.len();
    let outside = |&code: &u32| code != u32::MAX && code as usize >= entries;
    match (0..).zip(codes).find(|(_, code)| outside(code)) {
        Some((row, &code)) => Err(Error::InvalidDictionaryCode { code, entries }.at(row, column)),
        None => Ok(()),
    }
}

/// Who a row is about: the customer's id, else the address, else nobody.
#[inline]
pub(crate) fn key_of<'c>(
    customers: Option<&'c KeyColumn<'_>>,
    emails: Option<&'c KeyColumn<'_>>,
    row: usize,
) -> Option<KeyRef<'c>> {
    customers.and_then(|column| column.get(row)).or_else(|| emails.and_then(|column| column.get(row)))
}

impl KeyColumn<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            KeyColumn::Numbers(numbers) | KeyColumn::NullableNumbers { numbers, .. } => numbers.len(),
            KeyColumn::Texts(texts) => texts.len(),
            KeyColumn::Codes { codes, .. } => codes.len(),
            KeyColumn::Keys(keys) => keys.len(),
        }
    }

    /// The length of a part that is not `expected`.
    pub(crate) fn uneven(&self, expected: usize) -> Option<usize> {
        match self {
            KeyColumn::NullableNumbers { present, .. } if present.len() != expected => Some(present.len()),
            _ => Some(self.len()).filter(|&len| len != expected),
        }
    }

    /// Whether every key of it is a number, which its hash is as good as.
    pub(crate) fn has_numbers_alone(&self) -> bool {
        match self {
            KeyColumn::Numbers(numbers) | KeyColumn::NullableNumbers { numbers, .. } => {
                // The one number that is kept as text.
                numbers.iter().all(|&number| number != i64::MIN)
            }
            _ => false,
        }
    }

    /// That every code has a text.
    pub(crate) fn check_codes(&self, column: &'static str) -> Result<()> {
        match self {
            KeyColumn::Codes { codes, values } => check_codes(codes, *values, column),
            _ => Ok(()),
        }
    }

    /// The key of a row; `None` is nobody, and so is a code outside its list, which [`OrderColumns::check`] refuses.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<KeyRef<'_>> {
        let number = |number: &i64| KeyRef::from_number(*number);
        match self {
            KeyColumn::Numbers(numbers) => numbers.get(row).map(number),
            KeyColumn::NullableNumbers { numbers, present } => {
                numbers.get(row).filter(|_| present.get(row) == Some(&true)).map(number)
            }
            KeyColumn::Texts(texts) => texts.get(row).and_then(KeyRef::new),
            KeyColumn::Codes { codes, values } => {
                let code = usize::try_from(*codes.get(row)?).ok()?;
                values.get(code).and_then(KeyRef::new)
            }
            KeyColumn::Keys(keys) => keys.get(row)?.as_ref().map(CustomerKey::borrow),
        }
    }
}

/// A column of amounts.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum AmountColumn<'a> {
    /// Whole minor units (cents).
    Minor(&'a [i64]),
    /// Whole minor units of which some are missing.
    NullableMinor(&'a [Option<i64>]),
    /// Decimal text such as `35.20`.
    Texts(&'a dyn Strings),
    /// Floats that stand for amounts with so many decimals. NaN is a missing value.
    Floats {
        /// The floats.
        values: &'a [f64],
        /// The decimals that they mean.
        decimals: u8,
    },
    /// Decimals as Arrow's `decimal128` keeps them: each number is the amount times 10 to the power of `scale`. They are
    /// exact, so that one finer than the minor unit is an error however near it is to a whole one.
    Decimals {
        /// The numbers.
        values: &'a [i128],
        /// Which power of 10 they were multiplied by; where it is negative they were divided.
        scale: i8,
    },
    /// A column of any kind, missing where `present` is false.
    Nullable {
        /// The amounts; what stands where none is present does not matter.
        values: &'a AmountColumn<'a>,
        /// Whether each is there.
        present: &'a [bool],
    },
}

impl AmountColumn<'_> {
    fn len(&self) -> usize {
        match self {
            AmountColumn::Minor(minor) => minor.len(),
            AmountColumn::NullableMinor(minor) => minor.len(),
            AmountColumn::Texts(texts) => texts.len(),
            AmountColumn::Floats { values, .. } => values.len(),
            AmountColumn::Decimals { values, .. } => values.len(),
            AmountColumn::Nullable { values, .. } => values.len(),
        }
    }

    /// The length of a part that is not `expected`.
    fn uneven(&self, expected: usize) -> Option<usize> {
        match self {
            AmountColumn::Nullable { present, .. } if present.len() != expected => Some(present.len()),
            AmountColumn::Nullable { values, .. } => values.uneven(expected),
            _ => Some(self.len()).filter(|&len| len != expected),
        }
    }

    /// The minor units of a row, `None` where the cell is missing.
    #[inline]
    pub(super) fn get(&self, row: usize, currency: Currency) -> Result<Option<i64>> {
        match self {
            AmountColumn::Minor(minor) => Ok(minor.get(row).copied()),
            AmountColumn::NullableMinor(minor) => Ok(minor.get(row).copied().flatten()),
            AmountColumn::Texts(texts) => match texts.get(row).filter(|text| !text.trim().is_empty()) {
                Some(text) => minor_from_text(text, currency).map(Some),
                None => Ok(None),
            },
            AmountColumn::Floats { values, decimals } => {
                let value = values.get(row).copied().unwrap_or(f64::NAN);
                if value.is_nan() {
                    return Ok(None);
                }
                let meant = currency.with_decimals(*decimals)?;
                let amount = Money::from_minor(minor_from_float(value, meant)?, meant);
                amount.minor_with(currency.decimals()).map(Some)
            }
            AmountColumn::Decimals { values, scale } => {
                let minor = |&value| minor_from_decimal(value, i16::from(*scale), currency.decimals());
                values.get(row).map(minor).transpose()
            }
            AmountColumn::Nullable { values, present } => match present.get(row) {
                Some(true) => values.get(row, currency),
                _ => Ok(None),
            },
        }
    }
}

/// A column of moments.
///
/// ```
/// use regulars::{AmountColumn, Currency, HistoryOptions, OrderColumns, OrderHistory, TimeColumn};
///
/// let amounts = AmountColumn::Minor(&[1000, 2000]);
/// let mut orders = OrderColumns::new(TimeColumn::Days(&[19_500, 19_530]), amounts);
/// let refunds = AmountColumn::Minor(&[300, 0]);
/// orders.refunded = Some(AmountColumn::Nullable { values: &refunds, present: &[true, false] });
/// let days = TimeColumn::Days(&[19_510, 0]);
/// orders.refunded_on = Some(TimeColumn::Nullable { values: &days, present: &[true, false] });
/// let history = OrderHistory::from_columns(&[orders], HistoryOptions::new(Currency::USD))?;
/// assert_eq!(history.summary().revenue.minor(), 2700);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum TimeColumn<'a> {
    /// Instants, as counts since 1970-01-01T00:00:00Z.
    Instants {
        /// The counts.
        values: &'a [i64],
        /// What they count.
        unit: TimeUnit,
    },
    /// The shop's wall clock, as counts since its 1970-01-01T00:00: what a timestamp without a zone is.
    WallClock {
        /// The counts.
        values: &'a [i64],
        /// What they count.
        unit: TimeUnit,
    },
    /// Days since 1970-01-01.
    Days(&'a [i32]),
    /// Dates.
    Dates(&'a [NaiveDate]),
    /// Moments of either kind, of which some may be missing.
    Moments(&'a [Option<Moment>]),
    /// A column of any kind, missing where `present` is false.
    Nullable {
        /// The moments; what stands where none is present does not matter.
        values: &'a TimeColumn<'a>,
        /// Whether each is there.
        present: &'a [bool],
    },
}

impl TimeColumn<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            TimeColumn::Instants { values, .. } | TimeColumn::WallClock { values, .. } => values.len(),
            TimeColumn::Days(days) => days.len(),
            TimeColumn::Dates(dates) => dates.len(),
            TimeColumn::Moments(moments) => moments.len(),
            TimeColumn::Nullable { values, .. } => values.len(),
        }
    }

    /// The length of a part that is not `expected`.
    pub(crate) fn uneven(&self, expected: usize) -> Option<usize> {
        match self {
            TimeColumn::Nullable { present, .. } if present.len() != expected => Some(present.len()),
            TimeColumn::Nullable { values, .. } => values.uneven(expected),
            _ => Some(self.len()).filter(|&len| len != expected),
        }
    }

    /// The civil day of a row, `None` where the cell is missing.
    #[inline]
    pub(crate) fn get(&self, row: usize, clock: &mut Clock<'_>) -> Result<Option<Day>> {
        match self {
            TimeColumn::Instants { values, unit } => {
                values.get(row).map(|&value| clock.day(value, *unit)).transpose()
            }
            TimeColumn::WallClock { values, unit } => {
                values.get(row).map(|&value| day_on_wall_clock(value, *unit)).transpose()
            }
            TimeColumn::Days(days) => match days.get(row) {
                Some(&day) if (crate::calendar::FIRST_DAY..=crate::calendar::LAST_DAY).contains(&day) => {
                    Ok(Some(day))
                }
                Some(&day) => Err(Error::DateOutOfRange { value: format!("day {day} since 1970-01-01") }),
                None => Ok(None),
            },
            TimeColumn::Dates(dates) => dates.get(row).map(|&date| day_of(date)).transpose(),
            TimeColumn::Moments(moments) => match moments.get(row).copied().flatten() {
                None => Ok(None),
                Some(Moment::Day(date)) => day_of(date).map(Some),
                Some(Moment::Instant(instant)) => clock.day(instant.timestamp(), TimeUnit::Second).map(Some),
            },
            TimeColumn::Nullable { values, present } => match present.get(row) {
                Some(true) => values.get(row, clock),
                _ => Ok(None),
            },
        }
    }

    /// Whether the zone decides on which day a row falls.
    pub(super) fn needs_zone(&self, row: usize) -> bool {
        match self {
            TimeColumn::Instants { .. } => true,
            TimeColumn::Moments(moments) => matches!(moments.get(row), Some(Some(Moment::Instant(_)))),
            TimeColumn::Nullable { values, present } => {
                present.get(row) == Some(&true) && values.needs_zone(row)
            }
            _ => false,
        }
    }
}

/// Orders as columns of equal length, the quickest way into a history. Only the moment and the amount are needed.
///
/// ```
/// use regulars::{AmountColumn, Currency, HistoryOptions, KeyColumn, OrderColumns, OrderHistory, TimeColumn};
///
/// let mut orders = OrderColumns::new(TimeColumn::Days(&[19_500, 19_530, 19_560]), AmountColumn::Minor(&[1000, 2000, 500]));
/// orders.customers = Some(KeyColumn::Numbers(&[1, 2, 1]));
/// let history = OrderHistory::from_columns(&[orders], HistoryOptions::new(Currency::USD))?;
/// assert_eq!(history.summary().customers, 2);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct OrderColumns<'a> {
    /// When each order was placed.
    pub placed_at: TimeColumn<'a>,
    /// Net sales before refunds, see [`Order::amount`](crate::Order::amount).
    pub amounts: AmountColumn<'a>,
    /// Who bought, by the shop's id.
    pub customers: Option<KeyColumn<'a>>,
    /// Who bought, by e-mail address, for rows without a customer id.
    pub emails: Option<KeyColumn<'a>>,
    /// The shop's numbers of the orders.
    pub ids: Option<KeyColumn<'a>>,
    /// What became of the orders, in words that [`OrderStatus`] reads; a missing cell is a paid order.
    pub statuses: Option<&'a dyn Strings>,
    /// The currencies, as codes of ISO 4217; a missing cell is the history's currency.
    pub currencies: Option<&'a dyn Strings>,
    /// How much was paid back.
    pub refunded: Option<AmountColumn<'a>>,
    /// When it was paid back, or the order cancelled.
    pub refunded_on: Option<TimeColumn<'a>>,
    /// What the goods cost the shop.
    pub costs: Option<AmountColumn<'a>>,
    /// The discounts that the amounts already have taken off.
    pub discounts: Option<AmountColumn<'a>>,
    /// Through which channels the orders came.
    pub channels: Option<&'a dyn Strings>,
    /// Statuses that need no reading, for [`HistoryBuilder`](crate::HistoryBuilder).
    pub(super) known_statuses: Option<&'a [OrderStatus]>,
    /// Currencies that need no reading, likewise.
    pub(super) known_currencies: Option<&'a [Currency]>,
}

impl core::fmt::Debug for OrderColumns<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OrderColumns").field("rows", &self.len()).finish_non_exhaustive()
    }
}

macro_rules! opaque_debug {
    ($($column:ident)+) => {$(
        impl core::fmt::Debug for $column<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($column)).field("rows", &self.len()).finish_non_exhaustive()
            }
        }
    )+};
}

opaque_debug!(KeyColumn AmountColumn TimeColumn);

impl<'a> OrderColumns<'a> {
    /// Orders with nothing but a moment and an amount; set the fields of what else is known.
    pub fn new(placed_at: TimeColumn<'a>, amounts: AmountColumn<'a>) -> OrderColumns<'a> {
        OrderColumns {
            placed_at,
            amounts,
            customers: None,
            emails: None,
            ids: None,
            statuses: None,
            currencies: None,
            refunded: None,
            refunded_on: None,
            costs: None,
            discounts: None,
            channels: None,
            known_statuses: None,
            known_currencies: None,
        }
    }

    /// The number of orders.
    pub fn len(&self) -> usize {
        self.placed_at.len()
    }

    /// Whether there is no order.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// That all columns are of one length and every code has a text.
    pub(super) fn check(&self) -> Result<()> {
        let expected = self.len();
        let strings = |column: Option<&dyn Strings>| column.map(Strings::len).filter(|&len| len != expected);
        let keys = |column: Option<KeyColumn<'_>>| column.and_then(|column| column.uneven(expected));
        let amounts = |column: Option<AmountColumn<'_>>| column.and_then(|column| column.uneven(expected));
        let moments = |column: Option<TimeColumn<'_>>| column.and_then(|column| column.uneven(expected));
        let uneven = [
            ("placed_at", moments(Some(self.placed_at))),
            ("amount", amounts(Some(self.amounts))),
            ("customer", keys(self.customers)),
            ("email", keys(self.emails)),
            ("order_id", keys(self.ids)),
            ("status", strings(self.statuses)),
            ("currency", strings(self.currencies)),
            ("refunded", amounts(self.refunded)),
            ("refunded_on", moments(self.refunded_on)),
            ("cost", amounts(self.costs)),
            ("discount", amounts(self.discounts)),
            ("channel", strings(self.channels)),
        ];
        for (column, rows) in uneven {
            if let Some(rows) = rows {
                return Err(Error::UnequalColumns { column, rows, expected });
            }
        }
        for (column, keys) in [("customer", self.customers), ("email", self.emails), ("order_id", self.ids)] {
            keys.map_or(Ok(()), |keys| keys.check_codes(column))?;
        }
        Ok(())
    }

    /// Who placed the order of a row.
    #[inline]
    pub(super) fn key(&self, row: usize) -> Option<KeyRef<'_>> {
        key_of(self.customers.as_ref(), self.emails.as_ref(), row)
    }

    #[inline]
    pub(super) fn status(&self, row: usize) -> Result<OrderStatus> {
        if let Some(known) = self.known_statuses {
            return Ok(known.get(row).copied().unwrap_or(OrderStatus::Paid));
        }
        match self.statuses.and_then(|column| column.get(row)).filter(|text| !text.trim().is_empty()) {
            Some(text) => text.parse(),
            None => Ok(OrderStatus::Paid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Zone;
    use crate::{HistoryOptions, OrderHistory};

    const DAY: i64 = 86_400;

    #[track_caller]
    fn refuses(orders: &OrderColumns<'_>, expected: &Error) {
        let error =
            OrderHistory::from_columns(core::slice::from_ref(orders), HistoryOptions::new(Currency::USD))
                .unwrap_err();
        assert_eq!(&error, expected);
    }

    /// Every kind of moment under a mask, with values where the mask has none that would be errors.
    #[test]
    fn what_is_not_present_is_not_read() {
        let zone: Zone = "+13:00".parse().unwrap();
        let dates = [NaiveDate::MAX, NaiveDate::from_ymd_opt(1970, 1, 3).unwrap()];
        let moments = dates.map(|date| Some(Moment::Day(date)));
        let unit = TimeUnit::Second;
        let columns = [
            (TimeColumn::Instants { values: &[i64::MAX, 2 * DAY - 1], unit }, true),
            (TimeColumn::WallClock { values: &[i64::MIN, 2 * DAY], unit }, false),
            (TimeColumn::Days(&[i32::MIN, 2]), false),
            (TimeColumn::Dates(&dates), false),
            (TimeColumn::Moments(&moments), false),
        ];
        for (values, needs_zone) in columns {
            assert_eq!(values.get(0, &mut Clock::new(&zone)).unwrap_err().code(), "date_out_of_range");
            let column = TimeColumn::Nullable { values: &values, present: &[false, true] };
            let days: Vec<_> = (0..3).map(|row| column.get(row, &mut Clock::new(&zone)).unwrap()).collect();
            assert_eq!(days, [None, Some(2), None], "{values:?}");
            assert_eq!((column.needs_zone(0), column.needs_zone(1)), (false, needs_zone));
        }
    }

    #[test]
    fn a_missing_day_or_amount_is_an_error_with_its_row() {
        let (days, amounts) = (TimeColumn::Days(&[1, 2, 3]), AmountColumn::Minor(&[5, 6, 7]));
        let present = &[true, true, false];
        let dated = OrderColumns::new(TimeColumn::Nullable { values: &days, present }, amounts);
        refuses(&dated, &Error::MissingValue.at(2, "placed_at"));
        let floats = AmountColumn::Floats { values: &[1.0, 2.0, 3.001], decimals: 2 };
        for values in [amounts, floats] {
            let paid = OrderColumns::new(days, AmountColumn::Nullable { values: &values, present });
            refuses(&paid, &Error::MissingValue.at(2, "amount"));
        }
    }

    #[test]
    fn masks_have_the_length_of_their_column() {
        let (days, amounts) = (TimeColumn::Days(&[1, 2]), AmountColumn::Minor(&[5, 6]));
        let present = &[true, true, true];
        let uneven = |column| Error::UnequalColumns { column, rows: 3, expected: 2 };
        let orders = OrderColumns::new(TimeColumn::Nullable { values: &days, present }, amounts);
        refuses(&orders, &uneven("placed_at"));
        let orders = OrderColumns::new(days, AmountColumn::Nullable { values: &amounts, present });
        refuses(&orders, &uneven("amount"));
        let mut orders = OrderColumns::new(days, amounts);
        orders.customers = Some(KeyColumn::NullableNumbers { numbers: &[1, 2], present });
        refuses(&orders, &uneven("customer"));
    }

    #[test]
    fn decimals_of_a_table_are_exact() {
        let yen = Currency::new("JPY").unwrap();
        let read = |value, scale, currency| {
            let column = AmountColumn::Decimals { values: &[value], scale };
            column.get(0, currency).map_err(|error| error.to_string())
        };
        assert_eq!(read(3520, 2, Currency::USD), Ok(Some(3520)));
        assert_eq!(read(-35_200_000, 6, Currency::USD), Ok(Some(-3520)));
        assert_eq!(read(35, 0, Currency::USD), Ok(Some(3500)));
        assert_eq!(read(35, -2, yen), Ok(Some(3500)));
        assert_eq!(read(0, i8::MIN, yen), Ok(Some(0)));
        assert_eq!(read(0, i8::MAX, yen), Ok(Some(0)));
        assert_eq!(read(i128::from(i64::MIN) * 10, 3, Currency::USD), Ok(Some(i64::MIN)));
        let too_fine =
            "is finer than 2 decimals: name more in `decimals`, or round it; nothing is rounded silently";
        assert_eq!(read(-14_299_999, 6, Currency::USD), Err(format!("`-14.299999` {too_fine}")));
        assert_eq!(read(5, 3, Currency::USD), Err(format!("`0.005` {too_fine}")));
        let zeros = "0".repeat(126);
        assert_eq!(read(1, 127, Currency::USD), Err(format!("`0.{zeros}1` {too_fine}")));
        for (value, scale) in [(i128::MAX, 2), (i128::MIN, 2), (1, -17), (1, i8::MIN)] {
            let column = AmountColumn::Decimals { values: &[value], scale };
            assert_eq!(column.get(0, Currency::USD).unwrap_err().code(), "amount_out_of_range");
        }
    }
}
