//! What can go wrong, as data.

use chrono::NaiveDate;

use crate::money::Currency;

/// What can go wrong in this crate: a value with the facts in it, a stable [`code`](Error::code) for programs
/// and one line of prose for people.
///
/// Rows are counted from 0, as the slices and data frames that they come from count them.
///
/// ```
/// use regulars::{Currency, Error, Money};
///
/// let error = Money::parse("12.345", Currency::USD).unwrap_err();
/// assert_eq!(error.code(), "amount_too_fine");
/// assert_eq!(error.to_string(), "`12.345` is finer than 2 decimals: name more in `decimals`, or round it; nothing is rounded silently");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A three-letter code that ISO 4217 does not list.
    #[error("`{code}` is not a currency of ISO 4217")]
    UnknownCurrency {
        /// The code as given.
        code: String,
    },
    /// An order in another currency than the history's.
    #[error(
        "found {found} among amounts in {expected}: convert it first; an order can also be left out (`other_currencies`: `leave_out`)"
    )]
    MixedCurrencies {
        /// The currency of the history.
        expected: Currency,
        /// The currency of the order.
        found: Currency,
    },
    /// A number of decimals that money cannot have.
    #[error("`decimals` can be at most {most} here, not {decimals}")]
    TooManyDecimals {
        /// The number asked for.
        decimals: u8,
        /// The most that this place can hold.
        most: u8,
    },
    /// Text, or a float, that is no finite decimal number.
    #[error("`{value}` is not a decimal number such as `1234.50`")]
    InvalidAmount {
        /// The value as given.
        value: String,
    },
    /// An amount with more decimals than the currency has.
    #[error(
        "`{value}` is finer than {decimals} decimals: name more in `decimals`, or round it; nothing is rounded silently"
    )]
    AmountTooFine {
        /// The value as given.
        value: String,
        /// The decimals that there are.
        decimals: u8,
    },
    /// An amount, or a sum of amounts, beyond 64-bit minor units.
    #[error("`{value}` is beyond the range of 64-bit minor units")]
    AmountOutOfRange {
        /// The value as given.
        value: String,
    },
    /// A negative amount where only a positive one has a meaning.
    #[error("`{value}` is negative")]
    NegativeAmount {
        /// The value as given.
        value: String,
    },
    /// The orders' amounts together leave the range in which their sums are exact.
    #[error("the amounts of these orders sum beyond 64-bit minor units")]
    SumOutOfRange,
    /// Text that is no date.
    #[error("`{value}` is not a date such as `2024-05-17`")]
    InvalidDate {
        /// The value as given.
        value: String,
    },
    /// A date outside the years 1 to 9999.
    #[error("{value} lies outside the years 1 to 9999")]
    DateOutOfRange {
        /// The value as given.
        value: String,
    },
    /// A time zone that is neither an IANA name nor a fixed offset.
    #[error("`{name}` is neither an IANA time zone nor an offset such as `+02:00`")]
    UnknownZone {
        /// The name as given.
        name: String,
    },
    /// Text that names no period.
    #[error(
        "`{value}` is not a period such as `2024`, `2024-Q3`, `2024-05`, `2024-W07`, `2024-05-17` or `2024-01-01/2024-07-01`"
    )]
    InvalidPeriod {
        /// The value as given.
        value: String,
    },
    /// A period that ends where it starts, or before.
    #[error("the period from {start} to {end} holds no day")]
    EmptyPeriod {
        /// Its first day.
        start: NaiveDate,
        /// The day after its last.
        end: NaiveDate,
    },
    /// A span of so many periods that no one can look at them: most often a date with a wrong year.
    #[error(
        "a span of {days} days has more than {most} periods of a {grain}: take a larger grain, or look for a wrong year"
    )]
    TooManyPeriods {
        /// The days of the span.
        days: i64,
        /// The grain.
        grain: String,
        /// The most that there may be.
        most: usize,
    },
    /// Text that names no grain.
    #[error("`{value}` is not one of day, week, week-sun, month, quarter, year")]
    InvalidGrain {
        /// The value as given.
        value: String,
    },
    /// Text that names no size of cohorts.
    #[error("`{value}` is not one of day, week, week-sun, month, quarter, year, or days such as `30-days`")]
    InvalidCohortGrain {
        /// The value as given.
        value: String,
    },
    /// Text that names no reading of cohorts.
    #[error("`{value}` is not one of returned_in, returned_by, returned_from, active_every")]
    UnknownCohortReading {
        /// The name as given.
        value: String,
    },
    /// Text that names no measure of cohorts.
    #[error(
        "`{value}` is not one of customers, rate, rate_of_previous, purchases, revenue, revenue_per_customer, average_order_value"
    )]
    UnknownCohortMeasure {
        /// The name as given.
        value: String,
    },
    /// A measure of cohorts that has no meaning with a reading.
    #[error(
        "cohorts by {reading} have no {measure}: rate_of_previous goes with active_every, purchases and money with returned_in and returned_by"
    )]
    UndefinedCohortTable {
        /// The reading.
        reading: String,
        /// The measure.
        measure: String,
    },
    /// Cohorts with more cells than can be of use.
    #[error(
        "these cohorts have {cells} cells, more than {most}: take a coarser grain, or follow them to a max_index"
    )]
    TooManyCohortCells {
        /// How many cells.
        cells: u64,
        /// The most.
        most: u64,
    },
    /// A number of scores that an RFM analysis cannot have.
    #[error("`bins`, the number of scores, has to be 2 to 10, not {bins}")]
    InvalidRfmBins {
        /// The number as given.
        bins: u8,
    },
    /// Thresholds of scores that are too many or out of order.
    #[error(
        "thresholds of {dimension} are at most {most}, from the worst to the best: days descend, purchases and money ascend"
    )]
    InvalidRfmBreaks {
        /// Which of the three.
        dimension: &'static str,
        /// The most thresholds that there can be.
        most: usize,
    },
    /// A grid of segments that does not name every cell.
    #[error("a grid of segments for {bins} scores has {bins} rows of {bins} names that are not empty")]
    InvalidRfmGrid {
        /// The number of scores.
        bins: usize,
    },
    /// A confidence level outside (0, 1).
    #[error("a confidence level lies between 0 and 1, not at {level}")]
    InvalidLevel {
        /// The level as given.
        level: f64,
    },
    /// More successes than trials.
    #[error("{numerator} of {denominator} is not a share")]
    InvalidRate {
        /// What was counted.
        numerator: u64,
        /// Out of how many.
        denominator: u64,
    },
    /// A number outside the range in which an argument has a meaning.
    #[error("`{name}` has to be {expected}, not {value}")]
    InvalidArgument {
        /// The argument.
        name: &'static str,
        /// Its value as given.
        value: f64,
        /// What it can be.
        expected: &'static str,
    },
    /// A band of months since a first purchase that is empty or begins before month 1.
    #[error("months {first} to {last} since the first purchase are no band: the first month is 1")]
    InvalidTenure {
        /// The first month.
        first: u32,
        /// The last month.
        last: u32,
    },
    /// A status that no shop system that we know writes.
    #[error("`{value}` is not a status of an order that is known here: map it to one of {known}")]
    UnknownStatus {
        /// The status as given.
        value: String,
        /// The names that are read.
        known: String,
    },
    /// A name that no preset of the order policy has.
    #[error("`{value}` is not one of the policies strict, shopify, woocommerce")]
    UnknownPolicy {
        /// The name as given.
        value: String,
    },
    /// A kind of event that is not known here.
    #[error("`{value}` is not a kind of event that is known here: map it to one of {known}, or leave it out")]
    UnknownEventKind {
        /// The kind as given.
        value: String,
        /// The names that are read.
        known: String,
    },
    /// A name that no segment has.
    #[error("`{value}` is not one of the segments star, productive, question_mark, problem")]
    UnknownSegment {
        /// The name as given.
        value: String,
    },
    /// A name that no action of the playbook has.
    #[error("`{value}` is not one of the actions {known}")]
    UnknownAction {
        /// The name as given.
        value: String,
        /// The names of the actions.
        known: String,
    },
    /// What is asked for happens after the end of the observation.
    #[error("this takes what happens before {needed}, and observation ends before {until}")]
    NotYetObserved {
        /// The day until which observation would have to last.
        needed: NaiveDate,
        /// The day on which it ends.
        until: NaiveDate,
    },
    /// Observation ends before the first order, or on its day.
    #[error("`observed_until` is {until}, and the first order is of {first}: nothing would be observed")]
    NothingObserved {
        /// The day of the first order.
        first: NaiveDate,
        /// The day on which observation ends.
        until: NaiveDate,
    },
    /// Contribution is asked for where no order has a cost.
    #[error("the contribution of customers takes the costs of their orders, and no order has one")]
    NoCosts,
    /// No value where one is needed.
    #[error("the value is missing")]
    MissingValue,
    /// Columns of different lengths.
    #[error("column `{column}` has {rows} rows where the others have {expected}")]
    UnequalColumns {
        /// The column that differs.
        column: &'static str,
        /// Its rows.
        rows: usize,
        /// The rows of the first column.
        expected: usize,
    },
    /// A dictionary code without an entry.
    #[error("code {code} points outside a dictionary of {entries} entries")]
    InvalidDictionaryCode {
        /// The code.
        code: u32,
        /// The dictionary's size.
        entries: usize,
    },
    /// No order was given at all.
    #[error("there are no orders")]
    NoOrders,
    /// More rows than one history can number.
    #[error("a history holds at most {most} orders")]
    TooManyOrders {
        /// The most that fit.
        most: u64,
    },
    /// More rows than one log can number.
    #[error("a log holds at most {most} events")]
    TooManyEvents {
        /// The most that fit.
        most: u64,
    },
    /// An order that a policy could count before the day on which the books are said to begin.
    #[error("the books are said to begin on {starts}, and an order was placed on {first}")]
    HistoryStartsLate {
        /// The day that was named.
        starts: NaiveDate,
        /// The day of the first such order.
        first: NaiveDate,
    },
    /// One order id on orders that differ in customer, day, money or facts.
    #[error("order `{id}` is there twice with different content: {first}, and {second}")]
    DuplicateOrder {
        /// The order's id.
        id: String,
        /// What the one says.
        first: String,
        /// What the other says.
        second: String,
    },
    /// Facts on one customer that differ.
    #[error("customer `{customer}` is there twice with different facts")]
    DuplicateCustomer {
        /// The customer's key.
        customer: String,
    },
    /// Two histories that were built under different options cannot become one.
    #[error("the two histories differ in {option}: {left} against {right}")]
    OptionsDiffer {
        /// The option.
        option: &'static str,
        /// Its value in the first.
        left: String,
        /// Its value in the second.
        right: String,
    },
    /// An error of one value, with the place where the value stood.
    #[error("row {row}, column `{column}`: {source}")]
    At {
        /// The row, counted from 0.
        row: u64,
        /// The column.
        column: &'static str,
        /// What is wrong there.
        source: Box<Error>,
    },
}

/// The one list that [`Error::code`] and [`Error::CODES`] are both made from.
macro_rules! codes {
    ($($variant:ident => $code:literal,)+) => {
        impl Error {
            /// Every code that [`Error::code`] can return, in the order of the variants.
            ///
            /// ```
            /// assert!(regulars::Error::CODES.contains(&"mixed_currencies"));
            /// ```
            pub const CODES: &[&'static str] = &[$($code),+];

            /// A stable name of the kind of error, the same in Rust, Python and JavaScript. An error with a place
            /// ([`Error::At`]) has the code of what is wrong there.
            ///
            /// ```
            /// let error = "2024-13".parse::<regulars::Period>().unwrap_err();
            /// assert_eq!(error.code(), "invalid_period");
            /// ```
            pub fn code(&self) -> &'static str {
                match self {
                    $(Error::$variant { .. } => $code,)+
                    Error::At { source, .. } => source.code(),
                }
            }
        }
    };
}

codes! {
    UnknownCurrency => "unknown_currency",
    MixedCurrencies => "mixed_currencies",
    TooManyDecimals => "too_many_decimals",
    InvalidAmount => "invalid_amount",
    AmountTooFine => "amount_too_fine",
    AmountOutOfRange => "amount_out_of_range",
    NegativeAmount => "negative_amount",
    SumOutOfRange => "sum_out_of_range",
    InvalidDate => "invalid_date",
    DateOutOfRange => "date_out_of_range",
    UnknownZone => "unknown_zone",
    InvalidPeriod => "invalid_period",
    EmptyPeriod => "empty_period",
    TooManyPeriods => "too_many_periods",
    InvalidGrain => "invalid_grain",
    InvalidCohortGrain => "invalid_cohort_grain",
    UnknownCohortReading => "unknown_cohort_reading",
    UnknownCohortMeasure => "unknown_cohort_measure",
    UndefinedCohortTable => "undefined_cohort_table",
    TooManyCohortCells => "too_many_cohort_cells",
    InvalidRfmBins => "invalid_rfm_bins",
    InvalidRfmBreaks => "invalid_rfm_breaks",
    InvalidRfmGrid => "invalid_rfm_grid",
    InvalidLevel => "invalid_level",
    InvalidRate => "invalid_rate",
    InvalidArgument => "invalid_argument",
    InvalidTenure => "invalid_tenure",
    UnknownStatus => "unknown_status",
    UnknownPolicy => "unknown_policy",
    UnknownEventKind => "unknown_event_kind",
    UnknownSegment => "unknown_segment",
    UnknownAction => "unknown_action",
    NotYetObserved => "not_yet_observed",
    NothingObserved => "nothing_observed",
    NoCosts => "no_costs",
    MissingValue => "missing_value",
    UnequalColumns => "unequal_columns",
    InvalidDictionaryCode => "invalid_dictionary_code",
    NoOrders => "no_orders",
    TooManyOrders => "too_many_orders",
    TooManyEvents => "too_many_events",
    HistoryStartsLate => "history_starts_late",
    DuplicateOrder => "duplicate_order",
    DuplicateCustomer => "duplicate_customer",
    OptionsDiffer => "options_differ",
}

impl Error {
    /// The same error with its place.
    ///
    /// ```
    /// use regulars::{Currency, Error};
    ///
    /// let error = Currency::new("EURO").unwrap_err().at(3, "currency");
    /// assert_eq!(error.to_string(), "row 3, column `currency`: `EURO` is not a currency of ISO 4217");
    /// ```
    #[must_use]
    pub fn at(self, row: u64, column: &'static str) -> Error {
        Error::At { row, column, source: Box::new(self) }
    }
}

impl From<core::convert::Infallible> for Error {
    fn from(never: core::convert::Infallible) -> Error {
        match never {}
    }
}

/// The crate's result.
pub type Result<T, E = Error> = core::result::Result<T, E>;
