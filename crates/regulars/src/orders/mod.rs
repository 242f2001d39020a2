//! From a shop's orders to a history that counts each of them once.
//!
//! The way of an order: [`Order`] or [`OrderColumns`] → [`OrderPolicy`] decides what it counts as → `Ledger` sorts it
//! under its customer → [`OrderHistory`].

mod build;
mod columns;
mod customer;
mod dictionary;
mod history;
mod key;
mod ledger;
mod options;
mod order;
mod pass;
mod policy;
mod summary;

pub(crate) use build::bits_for;
pub use columns::{AmountColumn, KeyColumn, OrderColumns, Strings, TimeColumn};
pub(crate) use columns::{check_codes, key_of};
pub use customer::Customer;
pub use history::{HistoryBuilder, OrderHistory, RecordedOrder};
#[cfg(test)]
pub(crate) use key::colliding_keys;
pub use key::{CustomerKey, OrderId};
pub(crate) use key::{KeyRef, KeyVec, KeyWords, number_of_hash, spread};
pub(crate) use ledger::{Ledger, NO_AMOUNT, Rows, Stamp};
pub use options::{HistoryOptions, OtherCurrencies, RepeatedIds};
pub use order::{Moment, Order};
pub(crate) use pass::{Block, Counter, Shopper};
pub use policy::{LeftOut, LeftOutOrder, OrderPolicy, OrderStatus, RefundDate};
pub use summary::{Inference, LeftOutCount, Summary};
pub(crate) use summary::{SummaryCounter, summarize};
