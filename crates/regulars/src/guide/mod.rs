//! What every number means, a page per family, with the choices that were made and why.
//!
//! Read [orders] first: it says what counts, as what, and on which day. Everything else rests on it.
//!
//! | question | page |
//! |---|---|
//! | Which orders count, for whom and when? | [orders] |
//! | Who buys, how often, for how much? | [buying] |
//! | Who stays, leaves and comes back, and with how much money? | [retention] |
//! | How do the customers of one month fare beside those of another? | [cohorts] |
//! | How long until they buy again? | [timing], and for each customer [outlook] |
//! | What is a customer worth? | [value], by age [tenure], under assumptions [whatif] |
//! | Who are the best, and who is slipping away? | [rfm], [concentration], [segments] |
//! | What is returned? What does a new customer cost? What else do customers do? | [returns], [acquisition], [engagement] |
//! | What have other shops published? | [benchmarks] |
//! | All at once? | [report] |
//!
//! # Words that are used on every page
//!
//! - An *order* is a row of the shop's books. A *purchase* is all that one customer ordered on one day, as far as it counts.
//! - *Nobody* is whoever placed an order without customer id or e-mail address. Such an order is unidentified: it counts in
//!   revenue and in orders, and never in a number of customers.
//! - A *buyer* of a period is a customer with a purchase in it. A *new* customer is one whose first purchase ever lies in it.
//! - The *books* are the orders that were given. They are *observed until* a day, the first that is not observed any more;
//!   a period that runs past it is *incomplete*.
//! - The *warm-up* is the time after the first day of books that are younger than the shop. Who is first seen in it may have
//!   bought before, and is not called new.
//! - A customer is *active* on a day if the last purchase before it is recent enough, and *lapsed* if not.
//! - A *gap* is the time between two purchases of a customer; the last one is *open* until there is another purchase.
//! - A *rate* is a share of a count, with numerator, denominator and interval. Out of none it has no value.

#[doc = include_str!("orders.md")]
pub mod orders {}

#[doc = include_str!("buying.md")]
pub mod buying {}

#[doc = include_str!("retention.md")]
pub mod retention {}

#[doc = include_str!("concentration.md")]
pub mod concentration {}

#[doc = include_str!("tenure.md")]
pub mod tenure {}

#[doc = include_str!("timing.md")]
pub mod timing {}

#[doc = include_str!("cohorts.md")]
pub mod cohorts {}

#[doc = include_str!("value.md")]
pub mod value {}

#[doc = include_str!("whatif.md")]
pub mod whatif {}

#[doc = include_str!("rfm.md")]
pub mod rfm {}

#[doc = include_str!("report.md")]
pub mod report {}

#[doc = include_str!("returns.md")]
pub mod returns {}

#[doc = include_str!("acquisition.md")]
pub mod acquisition {}

#[doc = include_str!("engagement.md")]
pub mod engagement {}

#[doc = include_str!("benchmarks.md")]
pub mod benchmarks {}

#[doc = include_str!("outlook.md")]
pub mod outlook {}

#[doc = include_str!("segments.md")]
pub mod segments {}
