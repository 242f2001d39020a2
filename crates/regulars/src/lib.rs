//! placeholder
#![forbid(unsafe_code)]
mod calendar;
mod error;
mod measure;
mod metrics;
mod money;
mod numeric;
mod orders;
mod parallel;
mod report;
mod table;

pub use calendar::{Clock, Grain, Period, TimeUnit, Zone};
pub use error::{Error, Result};
pub use measure::{Average, Interval, Rate, Total};
pub use metrics::{Buying, Definition, RevenuePart, RevenueSplit, Timeline, Window};
pub use money::{Currency, Money};
pub use orders::{
    AmountColumn, Customer, CustomerKey, HistoryBuilder, HistoryOptions, Inference, KeyColumn, LeftOut,
    LeftOutCount, LeftOutOrder, Moment, Order, OrderColumns, OrderHistory, OrderPolicy, OrderStatus,
    OtherCurrencies, RecordedOrder, RefundDate, Strings, Summary, TimeColumn,
};
pub use report::{Report, ReportOptions};
pub use table::{Column, Columns, Values};
