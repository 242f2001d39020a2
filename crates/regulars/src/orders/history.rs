use chrono::NaiveDate;

use super::build::{Part, build, duplicate_id};
use super::columns::{AmountColumn, OrderColumns, Strings, TimeColumn};
use super::customer::Customer;
use super::key::{CustomerKey, KeyRef, KeyVec, OrderId};
use super::ledger::{Ledger, Refund, Stamp};
use super::options::HistoryOptions;
use super::order::{Moment, Order};
use super::policy::{LeftOut, LeftOutOrder, NEVER, OrderStatus};
use super::summary::{Inference, Summary, SummaryCounter, summarize};
use crate::calendar::{Day, LAST_DAY, Period, Zone, boundary_day, date_of, day_of};
use crate::error::{Error, Result};
use crate::money::{Currency, Money};
use crate::sort;

/// A shop's orders, each counted once, sorted by customer and day: what every metric is computed from.
///
/// It depends on the set of orders and the options alone. The order of rows, chunks, threads, and whether orders came
/// at once, were appended or merged change nothing, to the last byte.
///
/// ```
/// use chrono::NaiveDate;
/// use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
/// let usd = |cents| Money::from_minor(cents, Currency::USD);
/// let orders = [
///     Order::new(day(1), usd(3000)).customer("ann"),
///     Order::new(day(9), usd(2500)).customer("bob"),
///     Order::new(day(20), usd(4500)).customer("ann"),
/// ];
/// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
/// let summary = history.summary();
/// assert_eq!((summary.customers, summary.purchases), (2, 3));
/// assert_eq!(history.during("2024-05")?.repeat_customer_rate().value, Some(0.5));
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OrderHistory {
    options: HistoryOptions,
    span: Period,
    ledger: Ledger,
    /// Orders that would count had observation ended on another day, kept so that the end can be moved: those placed on or
    /// after it, and those that had been paid back in full by then.
    beyond: Ledger,
    /// In order of the day, those placed after the observation last.
    left_out: Vec<LeftOutOrder>,
    tally: super::build::Tally,
    /// In ascending order of the key.
    customers: Vec<Customer>,
}

impl OrderHistory {
    /// A history of orders that come one by one. For files larger than memory, see [`HistoryBuilder`].
    ///
    /// # Errors
    /// [`Error::NoOrders`] where there are none; [`Error::HistoryStartsLate`] where one that a policy could count comes
    /// before the books are said to begin; [`Error::DuplicateOrder`] where one id stands on orders that differ; and
    /// whatever is wrong with an order, with its row.
    pub fn from_orders(
        orders: impl IntoIterator<Item = Order>,
        options: HistoryOptions,
    ) -> Result<OrderHistory> {
        let mut builder = HistoryBuilder::new(options);
        for order in orders {
            builder.push(order)?;
        }
        builder.finish()
    }

    /// A history of orders in columns, in one or more chunks whose rows are counted on from chunk to chunk.
    ///
    /// # Errors
    /// As [`OrderHistory::from_orders`], and [`Error::UnequalColumns`].
    pub fn from_columns(chunks: &[OrderColumns<'_>], options: HistoryOptions) -> Result<OrderHistory> {
        let part = build(chunks, &options)?;
        OrderHistory::settle(part, options, Vec::new())
    }

    /// The same history with more orders, under the same options.
    ///
    /// # Errors
    /// As [`OrderHistory::from_orders`]. An order whose id is known counts once if it is the same, and is an error if it
    /// differs, unless the [last one holds](crate::RepeatedIds::KeepLast).
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let first = Order::new(day(1), usd(3000)).customer("ann");
    /// let second = Order::new(day(9), usd(2500)).customer("bob");
    /// let options = HistoryOptions::new(Currency::USD);
    /// let history = OrderHistory::from_orders([first.clone()], options.clone())?;
    /// assert_eq!(history.append([second.clone()])?, OrderHistory::from_orders([second, first], options)?);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn append(&self, orders: impl IntoIterator<Item = Order>) -> Result<OrderHistory> {
        let mut builder = HistoryBuilder::new(self.options.clone());
        for order in orders {
            builder.push(order)?;
        }
        self.with_part(builder.into_part()?)
    }

    /// The same history with more orders in columns, under the same options.
    ///
    /// # Errors
    /// As [`OrderHistory::append`], and [`Error::UnequalColumns`].
    ///
    /// ```
    /// # use regulars::{AmountColumn, Currency, HistoryOptions, OrderColumns, OrderHistory, TimeColumn};
    /// let orders = |days| OrderColumns::new(TimeColumn::Days(days), AmountColumn::Minor(&[1000]));
    /// let history = OrderHistory::from_columns(&[orders(&[19_500])], HistoryOptions::new(Currency::USD))?;
    /// assert_eq!(history.append_columns(&[orders(&[19_530])])?.summary().orders, 2);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn append_columns(&self, chunks: &[OrderColumns<'_>]) -> Result<OrderHistory> {
        self.with_part(build(chunks, &self.options)?)
    }

    fn with_part(&self, more: Part) -> Result<OrderHistory> {
        let part = self.to_part().followed_by(more, &self.options)?;
        OrderHistory::settle(part, self.options.clone(), self.customers.clone())
    }

    /// One history of the orders of two.
    ///
    /// Where both name the end of their observation, the later one holds.
    ///
    /// # Errors
    /// [`Error::OptionsDiffer`] where the two were built under different options, [`Error::DuplicateOrder`] and
    /// [`Error::DuplicateCustomer`] where they contradict each other.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// let order = |id: &str, d| Order::new(day(d), usd(3000)).customer("ann").id(id);
    /// let options = HistoryOptions::new(Currency::USD);
    /// let may = OrderHistory::from_orders([order("1", 1), order("2", 9)], options.clone())?;
    /// let overlap = OrderHistory::from_orders([order("2", 9), order("3", 20)], options)?;
    /// assert_eq!(may.merge(&overlap)?.summary().orders, 3);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn merge(&self, other: &OrderHistory) -> Result<OrderHistory> {
        let mut options = self.options.clone();
        options.observed_until = match (self.options.observed_until, other.options.observed_until) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) if a == b => a,
            (a, b) => {
                let text =
                    |date: Option<NaiveDate>| date.map_or("inferred".to_owned(), |date| date.to_string());
                return Err(Error::OptionsDiffer { option: "observed_until", left: text(a), right: text(b) });
            }
        };
        same_options(&self.options, &other.options)?;
        let part = self.to_part().merge(other.to_part())?;
        let history = OrderHistory::settle(part, options, self.customers.clone())?;
        history.with_customers(other.customers.iter().cloned())
    }

    /// The same orders, observed until another day; `None` for the day after the last order.
    ///
    /// It is the history as it was known on that day: orders placed and refunds made on or after it do not count, and come
    /// back when the end moves on. Where no end is named, refunds made after the last order are taken off all the same.
    ///
    /// # Errors
    /// [`Error::NothingObserved`] where observation would end before the first order.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |cents| Money::from_minor(cents, Currency::USD);
    /// # let orders = [1, 9, 20].map(|d| Order::new(day(d), usd(3000)).customer("ann"));
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let then = history.observe_until(Some(day(10)))?;
    /// assert_eq!(then.summary().orders, 2);
    /// assert_eq!(then.observe_until(None)?, history);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn observe_until(&self, end: Option<NaiveDate>) -> Result<OrderHistory> {
        let options = HistoryOptions { observed_until: end, ..self.options.clone() };
        OrderHistory::settle(self.to_part(), options, self.customers.clone())
    }

    /// The same history with facts on customers. Those without an order become prospects.
    ///
    /// # Errors
    /// [`Error::DuplicateCustomer`] where one customer comes with facts that differ.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, Customer, CustomerKey, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = NaiveDate::from_ymd_opt(2024, 5, 1).unwrap();
    /// # let orders = [Order::new(day, Money::from_minor(1, Currency::USD)).customer("ann")];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let history = history.with_customers([Customer::new(CustomerKey::new("bob").unwrap())])?;
    /// assert_eq!(history.summary().prospects, 1);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn with_customers(mut self, customers: impl IntoIterator<Item = Customer>) -> Result<OrderHistory> {
        self.customers.extend(customers);
        sort::by(&mut self.customers, |a, b| a.key.cmp(&b.key));
        self.customers.dedup_by(|b, a| a == b);
        let twice = self.customers.iter().zip(self.customers.iter().skip(1)).find(|(a, b)| a.key == b.key);
        match twice {
            Some((customer, _)) => Err(Error::DuplicateCustomer { customer: customer.key.to_string() }),
            None => Ok(self),
        }
    }

    /// The rules under which it was built.
    pub fn options(&self) -> &HistoryOptions {
        &self.options
    }

    /// From the day of the first order given to the end of the observation.
    pub fn span(&self) -> Period {
        self.span
    }

    /// The day on which observation ends, itself no longer observed: the one that was named, else the day after the last
    /// order.
    pub fn observed_until(&self) -> NaiveDate {
        self.span.end()
    }

    /// What it holds, what it left out and why, and what was inferred.
    pub fn summary(&self) -> Summary {
        summarize(self, self.ledger.count(SummaryCounter::default))
    }

    /// Every order that does not count, in order of its day. Of orders placed on or after the end of the observation nothing
    /// is known yet, and so no reason of their own: they are [counted](Summary::left_out) and not listed.
    pub fn left_out(&self) -> &[LeftOutOrder] {
        self.left_out_by_the_end().0
    }

    /// Orders that do not count, and those of them that come after the end of the observation.
    fn left_out_by_the_end(&self) -> (&[LeftOutOrder], &[LeftOutOrder]) {
        let end = self.observed_until();
        self.left_out.split_at(self.left_out.partition_point(|order| order.placed_on < end))
    }

    /// How many orders were placed on or after the end of the observation, whether or not they would count.
    pub(super) fn after_observation(&self) -> u64 {
        let end = boundary_day(self.observed_until());
        let would_count = self.beyond.stamps.iter().filter(|stamp| stamp.day() >= end).count();
        (would_count + self.left_out_by_the_end().1.len()) as u64
    }

    /// The facts on customers, in order of their keys.
    pub fn customers(&self) -> &[Customer] {
        &self.customers
    }

    /// The orders and credit notes of one customer within the observation, in time.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, CustomerKey, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let orders = [9, 1].map(|d| Order::new(day(d), Money::from_minor(100, Currency::USD)).email("ann@example.com"));
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let ann = history.orders_of(&CustomerKey::new("Ann@Example.com").unwrap());
    /// assert_eq!(ann.iter().map(|order| order.placed_on).collect::<Vec<_>>(), [day(1), day(9)]);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn orders_of(&self, customer: &CustomerKey) -> Vec<RecordedOrder> {
        let Some(customer) = self.place_of(customer) else { return Vec::new() };
        let rows = self.ledger.of(customer);
        let recorded =
            rows.stamps.iter().zip(rows.nets).zip(self.ledger.range(customer)).map(|((stamp, net), row)| {
                RecordedOrder {
                    id: self.ledger.facts_of(row).id.map(super::key::KeyRef::into_owned),
                    placed_on: date_of(stamp.day()),
                    net: Money::from_minor(*net, self.options.currency),
                    is_purchase: stamp.is_purchase(),
                }
            });
        recorded.collect()
    }

    /// Its days, for a [`PeriodIndex`](crate::calendar::PeriodIndex): every row lies in them.
    pub(crate) fn days(&self) -> core::ops::Range<Day> {
        boundary_day(self.span.start())..boundary_day(self.span.end())
    }

    /// The bytes of memory that the orders take, facts and those left out included.
    pub fn heap_bytes(&self) -> usize {
        let days = [&self.tally.refunded_without_amount, &self.tally.refunded_beyond_amount];
        self.ledger.heap_bytes()
            + self.beyond.heap_bytes()
            + size_of_val(self.left_out.as_slice())
            + days.map(|days| size_of_val(days.as_slice())).iter().sum::<usize>()
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Where a customer stands in the ledger.
    pub(crate) fn place_of(&self, customer: &CustomerKey) -> Option<usize> {
        self.ledger.keys.find(&customer.borrow())
    }

    /// Those who are known by the end of the observation and have no purchase: by credit notes, by orders that do not count,
    /// or by facts, unless they were won only later. `buyers` is how many have one.
    pub(crate) fn prospects(&self, buyers: u64) -> KeyVec {
        let (keys, end) = (&self.ledger.keys, self.observed_until());
        // Most often everybody in the ledger buys.
        let all_buy = buyers == keys.len() as u64;
        let in_ledger = (0..if all_buy { 0 } else { keys.len() })
            .filter(|&place| self.ledger.of(place).first_purchase().is_none())
            .filter_map(|place| keys.get(place));
        let of_orders = self.left_out().iter().filter_map(|order| order.customer.as_ref());
        let of_facts = self.customers.iter().filter(|facts| facts.acquired_on.is_none_or(|day| day < end));
        let named = of_orders.chain(of_facts.map(|facts| &facts.key)).map(CustomerKey::borrow);
        let named: Vec<KeyRef<'_>> = named.collect();
        let places = keys.find_all(&named);
        let apart = named.into_iter().zip(places).filter(|(_, place)| place.is_none()).map(|(key, _)| key);
        KeyVec::in_order(in_ledger.chain(apart))
    }

    pub(super) fn tally(&self) -> &super::build::Tally {
        &self.tally
    }

    /// The day on which the books begin: the one that was named, else that of the first order given.
    pub(crate) fn books_start(&self) -> NaiveDate {
        self.options.history_starts.unwrap_or(self.span.start())
    }

    /// The first day on which a first purchase is believed to be one.
    pub(crate) fn new_customers_from(&self) -> Day {
        let starts = self.options.history_starts.and_then(|date| day_of(date).ok());
        let days = i32::try_from(self.options.warm_up_days).unwrap_or(i32::MAX);
        starts.map_or(Day::MIN, |day| day.saturating_add(days))
    }

    /// From the day on which the books begin to [`new_customers_from`](Self::new_customers_from), where the shop is older. It
    /// ends on 9999-12-31 at the latest: not every language has a date for the day after.
    pub(crate) fn warm_up(&self) -> Option<Period> {
        Period::new(self.options.history_starts?, date_of(self.new_customers_from().min(LAST_DAY))).ok()
    }

    fn to_part(&self) -> Part {
        let mut ledger = self.ledger.clone();
        ledger.make_pending();
        if self.beyond.rows() > 0 {
            // An order lies on one side of the end of the observation, so none is there twice.
            ledger = Ledger::merge(&ledger, &self.beyond).0;
        }
        let in_ledger =
            |order: &LeftOutOrder| order.reason == LeftOut::FullyRefunded && order.refunded_on.is_some();
        let left_out = self.left_out.iter().filter(|order| !in_ledger(order)).cloned().collect();
        Part { ledger, left_out, tally: self.tally.clone() }
    }

    /// The end of every way to build a history.
    fn settle(mut part: Part, options: HistoryOptions, customers: Vec<Customer>) -> Result<OrderHistory> {
        let Some((first, last)) = part.tally.span else { return Err(Error::NoOrders) };
        let end = options.observed_until.unwrap_or_else(|| date_of(last.saturating_add(1)));
        let first = date_of(first);
        if end <= first {
            return Err(Error::NothingObserved { first, until: end });
        }
        let span = Period::new(first, end)?;
        if let Some(starts) = options.history_starts {
            day_of(starts)?;
            let decisive = if starts > first { first_that_could_count(&part) } else { None };
            if let Some(first) = decisive.filter(|&first| starts > first) {
                return Err(Error::HistoryStartsLate { starts, first });
            }
        }
        part.tally.refunded_without_amount.sort_unstable();
        part.tally.refunded_beyond_amount.sort_unstable();
        sort::by(&mut part.left_out, |a, b| a.rank().cmp(&b.rank()));
        let before = part.left_out.len();
        part.left_out.dedup_by(|b, a| a.id.is_some() && a == b);
        part.tally.repeated += (before - part.left_out.len()) as u64;
        refuse_contradictions(&part, &options)?;

        let end = options.observed_until.map_or(Day::MAX, boundary_day);
        let paid_back = paid_back_before(end, &part.ledger, &options);
        let mut left_out = part.left_out;
        left_out.extend(paid_back.iter().map(|&refund| fully_refunded(&part.ledger, refund, &options)));
        sort::by(&mut left_out, |a, b| a.rank().cmp(&b.rank()));
        let (mut ledger, beyond) = if paid_back.is_empty() && options.observed_until.is_none() {
            (part.ledger, Ledger::default())
        } else {
            let rows: Vec<u32> = paid_back.iter().map(|refund| refund.row).collect();
            part.ledger.split(end, &rows)
        };
        ledger.postpone(end);
        Ok(OrderHistory { options, span, ledger, beyond, left_out, tally: part.tally, customers })
    }

    pub(super) fn inferences(&self) -> Vec<Inference> {
        let tally = &self.tally;
        let mut inferences = Vec::new();
        if self.options.observed_until.is_none() {
            inferences.push(Inference::ObservedUntil { date: self.observed_until() });
        }
        if tally.instants && self.options.zone.is_none() {
            inferences.push(Inference::ZoneIsUtc);
        }
        let end = boundary_day(self.observed_until());
        let before_end = |days: &[Day]| days.partition_point(|&day| day < end) as u64;
        let in_full = before_end(&tally.refunded_without_amount);
        if in_full > 0 {
            inferences.push(Inference::RefundedInFull { orders: in_full });
        }
        let capped = before_end(&tally.refunded_beyond_amount);
        if capped > 0 {
            inferences.push(Inference::RefundsCapped { orders: capped });
        }
        let counted = self.ledger.facts.refunds.iter().map(|refund| refund.day);
        let in_full = self.left_out().iter().filter(|order| order.reason == LeftOut::FullyRefunded);
        let in_full = in_full.map(|order| order.refunded_on.and_then(|date| day_of(date).ok()));
        let (mut undated, mut after) = (0, 0);
        for day in counted.chain(in_full) {
            undated += u64::from(day.is_none());
            after += u64::from(day.is_some_and(|day| day >= end));
        }
        if after > 0 {
            inferences.push(Inference::RefundsAfterObservation { orders: after });
        }
        if !self.ledger.pending.is_empty() {
            inferences.push(Inference::RefundsNotYetMade { orders: self.ledger.pending.len() as u64 });
        }
        if undated > 0 {
            inferences.push(Inference::RefundsWithoutDate { orders: undated });
        }
        inferences
    }
}

/// The day of the first order that counts under this policy or another: one that no policy counts, such as a test, says
/// nothing on when the books begin.
fn first_that_could_count(part: &Part) -> Option<NaiveDate> {
    let never = NEVER.map(LeftOut::from);
    let left_out = part.left_out.iter().filter(|order| !never.contains(&order.reason));
    let counted = part.ledger.stamps.iter().map(|stamp| stamp.day()).min();
    left_out.map(|order| order.placed_on).chain(counted.map(date_of)).min()
}

/// The refunds that leave nothing of an order which was placed before a day and paid back by then, where the policy does
/// not count it.
fn paid_back_before(end: Day, ledger: &Ledger, options: &HistoryOptions) -> Vec<Refund> {
    if options.policy.count_fully_refunded {
        return Vec::new();
    }
    let before = |refund: &&Refund| {
        ledger.stamp(refund.row).is_some_and(|stamp| stamp.day() < end)
            && refund.day.is_some_and(|day| day < end)
    };
    let refunds = ledger.facts.refunds.iter();
    refunds.filter(|refund| ledger.is_paid_back(refund.row as usize)).filter(before).copied().collect()
}

/// An order of the ledger, left out because all of it was paid back.
fn fully_refunded(ledger: &Ledger, refund: Refund, options: &HistoryOptions) -> LeftOutOrder {
    let amount = Money::from_minor(refund.amount, options.currency);
    LeftOutOrder {
        reason: LeftOut::FullyRefunded,
        id: ledger.facts_of(refund.row as usize).id.map(super::key::KeyRef::into_owned),
        customer: ledger.keys.key(ledger.customer_of(refund.row)),
        placed_on: date_of(ledger.stamp(refund.row).map_or(0, Stamp::day)),
        amount,
        refunded: amount,
        refunded_on: refund.day.map(date_of),
    }
}

/// That one id does not stand on orders that differ. Orders that are the same to the last fact were merged before.
fn refuse_contradictions(part: &Part, options: &HistoryOptions) -> Result<()> {
    let ledger = &part.ledger;
    let Some((id, first, second)) = duplicate_id(part.ids(), part.weight()) else { return Ok(()) };
    let describe = |at: usize| {
        let left_out = at.checked_sub(ledger.rows()).and_then(|at| part.left_out.get(at));
        let (key, day, money, state) = if let Some(order) = left_out {
            (order.customer.clone(), order.placed_on, order.amount, order.reason.to_string())
        } else {
            let row = u32::try_from(at).unwrap_or(u32::MAX);
            let customer = ledger.keys.get(ledger.customer_of(row)).map(super::key::KeyRef::into_owned);
            let day = ledger.stamps.get(at).map_or(0, |stamp| stamp.day());
            let (minor, state) = if ledger.is_paid_back(at) && !options.policy.count_fully_refunded {
                (ledger.facts_of(at).refunded, LeftOut::FullyRefunded.to_string())
            } else {
                (ledger.nets.get(at).copied().unwrap_or(0), "counted".to_owned())
            };
            (customer, date_of(day), Money::from_minor(minor, options.currency), state)
        };
        let key = key.map_or("nobody".to_owned(), |key| key.to_string());
        format!("{money} by {key} on {day} ({state})")
    };
    Err(Error::DuplicateOrder { id: id.to_string(), first: describe(first), second: describe(second) })
}

fn same_options(left: &HistoryOptions, right: &HistoryOptions) -> Result<()> {
    let text = |o: &HistoryOptions| {
        let policy = format!("{:?}", o.policy);
        // Two tables of transitions may bear one name.
        let zone = o.zone.as_ref().map_or("none".to_owned(), Zone::describe);
        let starts = o.history_starts.map_or("none".to_owned(), |date| date.to_string());
        [
            ("currency", format!("{:?}", o.currency)),
            ("zone", zone),
            ("policy", policy),
            ("history_starts", starts),
            ("warm_up_days", o.warm_up_days.to_string()),
            ("other_currencies", format!("{:?}", o.other_currencies)),
            ("repeated_ids", format!("{:?}", o.repeated_ids)),
        ]
    };
    for ((option, left), (_, right)) in text(left).into_iter().zip(text(right)) {
        if left != right {
            return Err(Error::OptionsDiffer { option, left, right });
        }
    }
    Ok(())
}

/// An order as a history keeps it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordedOrder {
    /// The shop's number of the order, where it was given.
    pub id: Option<OrderId>,
    /// The day on which it was placed.
    pub placed_on: NaiveDate,
    /// Its amount less refunds.
    pub net: Money,
    /// Whether it is a purchase and not a credit note.
    pub is_purchase: bool,
}

/// Orders one by one into a history, in memory that grows with the history alone.
///
/// Orders are collected by the quarter million, each such batch is built, and batches of like size are merged.
///
/// ```
/// use regulars::{Currency, HistoryBuilder, HistoryOptions, Money, Order};
///
/// let mut builder = HistoryBuilder::new(HistoryOptions::new(Currency::USD));
/// for (day, cents) in [(1, 500), (2, 700)] {
///     let date = chrono::NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
///     builder.push(Order::new(date, Money::from_minor(cents, Currency::USD)).customer("ann"))?;
/// }
/// assert_eq!(builder.finish()?.summary().orders, 2);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug)]
pub struct HistoryBuilder {
    options: HistoryOptions,
    batch: Batch,
    /// Built batches, each at least twice the weight of the next.
    parts: Vec<Part>,
    /// Rows in `parts`.
    rows: u64,
    /// What went wrong first. Orders of its batch are lost with it, so that there is no history without them.
    failed: Option<Error>,
}

impl HistoryBuilder {
    /// Large enough to sort quickly, small enough to be forgotten.
    const BATCH: usize = 1 << 18;

    /// No orders yet.
    pub fn new(options: HistoryOptions) -> HistoryBuilder {
        HistoryBuilder { options, batch: Batch::default(), parts: Vec::new(), rows: 0, failed: None }
    }

    /// How many orders were pushed.
    pub fn len(&self) -> u64 {
        self.rows + self.batch.amounts.len() as u64
    }

    /// Whether no order was pushed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes one order.
    ///
    /// # Errors
    /// What is wrong with this order or, at the end of a batch, with one of the batch. Every later call returns the same
    /// error: a history that lacks orders is none.
    pub fn push(&mut self, order: Order) -> Result<()> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let row = self.len();
        let mut pushed = self.batch.push(order, self.options.currency, row);
        if pushed.is_ok() && self.batch.amounts.len() == Self::BATCH {
            pushed = self.build_batch();
        }
        self.failed = pushed.clone().err();
        pushed
    }

    /// The history of all orders that were pushed.
    ///
    /// # Errors
    /// As [`OrderHistory::from_orders`].
    pub fn finish(self) -> Result<OrderHistory> {
        let options = self.options.clone();
        OrderHistory::settle(self.into_part()?, options, Vec::new())
    }

    fn into_part(mut self) -> Result<Part> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.build_batch()?;
        let mut parts = self.parts.into_iter().rev();
        let Some(smallest) = parts.next() else { return Ok(Part::default()) };
        parts.try_fold(smallest, |whole, part| part.followed_by(whole, &self.options))
    }

    fn build_batch(&mut self) -> Result<()> {
        let batch = core::mem::take(&mut self.batch);
        if batch.amounts.is_empty() {
            return Ok(());
        }
        let first = self.rows;
        let mut part =
            batch.with_columns(|columns| build(&[columns], &self.options)).map_err(|error| match error {
                Error::At { row, column, source } => Error::At { row: row + first, column, source },
                other => other,
            })?;
        self.rows += batch.amounts.len() as u64;
        while let Some(last) = self.parts.pop() {
            if last.weight() >= 2 * part.weight() {
                self.parts.push(last);
                break;
            }
            part = last.followed_by(part, &self.options)?;
        }
        self.parts.push(part);
        Ok(())
    }
}

/// Orders as columns of their own. All but the first four are empty until an order comes that has a cell of its own there.
#[derive(Debug, Default)]
struct Batch {
    keys: KeyVec,
    ids: KeyVec,
    placed: Vec<Option<Moment>>,
    amounts: Vec<i64>,
    currencies: Vec<Currency>,
    statuses: Vec<OrderStatus>,
    refunded: Vec<Option<i64>>,
    refunded_on: Vec<Option<Moment>>,
    costs: Vec<Option<i64>>,
    discounts: Vec<Option<i64>>,
    channels: Vec<Option<String>>,
}

impl Batch {
    fn push(&mut self, order: Order, history: Currency, row: u64) -> Result<()> {
        let currency = order.amount.currency();
        let known = currency.code() == history.code();
        let decimals = if known { history.decimals() } else { currency.decimals() };
        let minor = |money: Money, column| {
            if money.currency().code() != currency.code() {
                let error = Error::MixedCurrencies { expected: currency, found: money.currency() };
                return Err(error.at(row, column));
            }
            money.minor_with(decimals).map_err(|error| error.at(row, column))
        };
        let optional = |money: Option<Money>, column| money.map(|money| minor(money, column)).transpose();
        let amount = minor(order.amount, "amount")?;
        let rows = self.amounts.len();
        put(&mut self.refunded, rows, None, optional(order.refunded, "refunded")?);
        put(&mut self.costs, rows, None, optional(order.cost, "cost")?);
        put(&mut self.discounts, rows, None, optional(order.discount, "discount")?);
        put(&mut self.currencies, rows, history, if known { history } else { currency });
        put(&mut self.statuses, rows, OrderStatus::Paid, order.status);
        put(&mut self.refunded_on, rows, None, order.refunded_on);
        put(&mut self.channels, rows, None, order.channel);
        self.keys.push(order.customer.or(order.email).as_ref().map(CustomerKey::borrow).as_ref());
        self.ids.push(order.id.as_ref().map(CustomerKey::borrow).as_ref());
        self.placed.push(Some(order.placed));
        self.amounts.push(amount);
        Ok(())
    }

    fn with_columns<T>(&self, use_them: impl FnOnce(OrderColumns<'_>) -> T) -> T {
        fn given<T>(column: &[T]) -> Option<&[T]> {
            (!column.is_empty()).then_some(column)
        }
        let channels = self.channels.as_slice();
        let present = [self.keys.present(), self.ids.present()];
        let mut columns =
            OrderColumns::new(TimeColumn::Moments(&self.placed), AmountColumn::Minor(&self.amounts));
        columns.customers = self.keys.column(&present[0]);
        columns.ids = self.ids.column(&present[1]);
        columns.known_statuses = given(&self.statuses);
        columns.known_currencies = given(&self.currencies);
        columns.refunded = given(&self.refunded).map(AmountColumn::NullableMinor);
        columns.refunded_on = given(&self.refunded_on).map(TimeColumn::Moments);
        columns.costs = given(&self.costs).map(AmountColumn::NullableMinor);
        columns.discounts = given(&self.discounts).map(AmountColumn::NullableMinor);
        columns.channels = given(channels).map(|_| &channels as &dyn Strings);
        use_them(columns)
    }
}

/// Puts a cell into a column that is empty as long as all its cells are the `usual` one.
fn put<T: Clone + PartialEq>(column: &mut Vec<T>, rows: usize, usual: T, cell: T) {
    if !column.is_empty() || cell != usual {
        column.resize(rows, usual);
        column.push(cell);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::columns::KeyColumn;
    use super::super::dictionary::Dictionary;
    use super::super::key::colliding_keys;
    use super::super::options::OtherCurrencies;
    use super::*;

    fn order(key: &CustomerKey, day: u32) -> Order {
        let date = NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
        let mut order = Order::new(date, Money::from_minor(100, Currency::USD));
        order.customer = Some(key.clone());
        order
    }

    /// Customers stand by the hashes of their keys, and two keys may share one.
    #[test]
    fn keys_that_collide_stay_apart() {
        let keys = colliding_keys();
        let orders: Vec<Order> = (1..10).map(|day| order(&keys[day as usize % 3], day)).collect();
        let options = HistoryOptions::new(Currency::USD);
        let history = OrderHistory::from_orders(orders.clone(), options.clone()).unwrap();
        assert_eq!(history.summary().customers, 3);
        for key in &keys {
            assert_eq!(history.orders_of(key).len(), 3, "{key}");
        }
        let parts = keys.clone().map(|key| {
            let own = orders.iter().filter(|order| order.customer.as_ref() == Some(&key)).cloned();
            OrderHistory::from_orders(own, options.clone()).unwrap()
        });
        let [a, b, c] = &parts;
        assert_eq!(c.merge(a).unwrap().merge(b).unwrap(), history);
    }

    #[test]
    fn order_ids_that_collide_are_two_orders() {
        let ids = colliding_keys();
        let orders = ids.iter().map(|id| {
            let mut order = order(&CustomerKey::from(1), 1);
            order.id = Some(id.clone());
            order
        });
        let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD)).unwrap();
        assert_eq!(history.summary().orders, 3);
    }

    /// However the lists of codes are made, and whether or not rows are looked at one by one.
    #[test]
    fn codes_are_their_texts() {
        let [one, other, number] = colliding_keys().map(|key| key.to_string());
        let texts =
            ["ann@x.com", "7", "", "0", "cus_B", "Ann@X.com", " 7 ", "007", "never"].map(str::to_owned);
        let collide = [&texts[..7], &[one.clone(), other]].concat();
        let collides_with_number = [&texts[..7], &[one, number]].concat();
        let zero = "0".to_owned();
        for lists in [[&texts[..], &texts[..8]], [&collide, &texts], [&collides_with_number, &[zero]]] {
            let codes = lists.map(|list| {
                let all = u32::try_from(list.len()).unwrap();
                (0..40).map(|row| if row == 9 { u32::MAX } else { row * row % all }).collect::<Vec<u32>>()
            });
            let spelt = [0, 1].map(|chunk: usize| {
                let text = |&code: &u32| lists[chunk].get(code as usize).cloned();
                codes[chunk].iter().map(text).collect::<Vec<Option<String>>>()
            });
            let days: Vec<i32> = (19_000..19_040).collect();
            let amounts: Vec<i64> = (-1..39).collect();
            let statuses: &[OrderStatus] = &[OrderStatus::Paid; 40];
            for statuses in [None, Some(statuses)] {
                let history = |customers: [KeyColumn<'_>; 2]| {
                    let chunks = customers.map(|customers| {
                        let mut chunk =
                            OrderColumns::new(TimeColumn::Days(&days), AmountColumn::Minor(&amounts));
                        chunk.customers = Some(customers);
                        chunk.known_statuses = statuses;
                        chunk
                    });
                    OrderHistory::from_columns(&chunks, HistoryOptions::new(Currency::USD)).unwrap()
                };
                let values = lists.map(|list| list as &[String]);
                let cells = [spelt[0].as_slice(), spelt[1].as_slice()];
                let by_codes =
                    history([0, 1].map(|chunk: usize| KeyColumn::Codes {
                        codes: &codes[chunk],
                        values: &values[chunk],
                    }));
                assert_eq!(by_codes, history([0, 1].map(|chunk: usize| KeyColumn::Texts(&cells[chunk]))));
                assert!(by_codes.orders_of(&CustomerKey::new("7").unwrap()).len() > 1 || lists[1].len() == 1);
            }
        }
    }

    /// Enough rows for several partitions and threads, in every order and kind of column.
    #[test]
    fn many_texts_are_one_history_however_they_come() {
        many_texts_are_one_history(false);
    }

    #[test]
    fn many_texts_of_which_some_share_a_hash_are_one_history_however_they_come() {
        many_texts_are_one_history(true);
    }

    fn many_texts_are_one_history(colliding: bool) {
        const ROWS: usize = 210_000;
        let [one, other, number] = colliding_keys().map(|key| key.to_string());
        let text = |row: usize| match row % 13 {
            0 => None,
            1 => Some(one.clone()),
            2 if colliding => Some(other.clone()),
            3 if colliding => Some(number.clone()),
            4 => Some(format!(" Ann{}@Example.com ", row % 1009)),
            5 => Some(format!("ann{}@example.com", row % 1009)),
            _ => Some(format!("cus_{:0>1$}", row % 50_021, row % 7)),
        };
        let texts: Vec<Option<String>> = (0..ROWS).map(text).collect();
        let days: Vec<i32> = (0..).take(ROWS).map(|row| 19_000 + row * 7 % 365).collect();
        let amounts: Vec<i64> = (0..).take(ROWS).map(|row| row * 31 % 997 * 2 - 3).collect();
        let ids: Vec<i64> = (0..).take(ROWS).collect();
        let mut list: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
        list.sort_unstable();
        list.dedup();
        let code = |text: &str| u32::try_from(list.binary_search(&text).unwrap()).unwrap();
        let codes: Vec<u32> = texts.iter().map(|text| text.as_deref().map_or(u32::MAX, code)).collect();
        let reversed = |rows: &[i64]| -> Vec<i64> { rows.iter().rev().copied().collect() };
        let back: Vec<Option<String>> = texts.iter().rev().cloned().collect();
        let days_back: Vec<i32> = days.iter().rev().copied().collect();
        let (amounts_back, ids_back) = (reversed(&amounts), reversed(&ids));
        let (all, first, rest, back, list) =
            (texts.as_slice(), &texts[..70_001], &texts[70_001..], back.as_slice(), list.as_slice());
        for with_ids in [false, true] {
            let of = |customers, days, amounts, ids| {
                let mut columns = OrderColumns::new(TimeColumn::Days(days), AmountColumn::Minor(amounts));
                columns.customers = Some(customers);
                columns.ids = with_ids.then_some(KeyColumn::Numbers(ids));
                columns
            };
            let history = |chunks: &[OrderColumns<'_>]| {
                OrderHistory::from_columns(chunks, HistoryOptions::new(Currency::USD)).unwrap()
            };
            let whole = history(&[of(KeyColumn::Texts(&all), &days, &amounts, &ids)]);
            let keys = all.iter().flatten().filter_map(|text| CustomerKey::new(text));
            assert_eq!(whole.ledger.keys.len(), keys.collect::<BTreeSet<_>>().len());
            let by_code = of(KeyColumn::Codes { codes: &codes, values: &list }, &days, &amounts, &ids);
            assert_eq!(Dictionary::new(&[by_code]).is_none(), colliding);
            assert!(whole == history(&[by_code]));
            assert!(whole == history(&[of(KeyColumn::Texts(&back), &days_back, &amounts_back, &ids_back)]));
            let (start, end) = (..70_001, 70_001..);
            let codes = KeyColumn::Codes { codes: &codes[end.clone()], values: &list };
            let first = of(KeyColumn::Texts(&first), &days[start], &amounts[start], &ids[start]);
            let rest_of =
                |customers| of(customers, &days[end.clone()], &amounts[end.clone()], &ids[end.clone()]);
            assert!(whole == history(&[first, rest_of(codes)]));
            let rest = history(&[rest_of(KeyColumn::Texts(&rest))]);
            assert!(whole == history(&[first]).merge(&rest).unwrap());
        }
    }

    /// A history that lacks orders is none.
    #[test]
    fn after_an_error_a_builder_gives_no_history() {
        let mut builder = HistoryBuilder::new(HistoryOptions::new(Currency::USD));
        builder.push(order(&CustomerKey::from(1), 1)).unwrap();
        let mut other = order(&CustomerKey::from(2), 2);
        other.amount = Money::from_minor(100, Currency::EUR);
        other.cost = Some(Money::from_minor(1, Currency::JPY));
        let error = builder.push(other).unwrap_err();
        assert_eq!(builder.push(order(&CustomerKey::from(3), 3)), Err(error.clone()));
        assert_eq!(builder.finish().map(|_| ()), Err(error));
    }

    #[test]
    fn orders_that_are_left_out_may_have_coarser_amounts() {
        let columns = |values| {
            let amounts = AmountColumn::Floats { values, decimals: 2 };
            let mut columns = OrderColumns::new(TimeColumn::Days(&[19_000, 19_001]), amounts);
            columns.customers = Some(KeyColumn::Numbers(&[1, 2]));
            columns
        };
        let codes: &[&str] = &["USD", "JPY"];
        let mut options = HistoryOptions::new(Currency::USD);
        options.other_currencies = OtherCurrencies::LeaveOut;
        let values = [10.5, 1000.0];
        let mut orders = columns(&values);
        orders.currencies = Some(&codes);
        let history = OrderHistory::from_columns(&[orders], options).unwrap();
        assert_eq!(
            history.left_out().iter().map(|order| order.reason).collect::<Vec<_>>(),
            [LeftOut::OtherCurrency]
        );
        assert_eq!(history.summary().orders, 1);
    }

    #[test]
    fn a_status_that_is_left_out_is_the_reason_and_has_no_money() {
        let mut options = HistoryOptions::new(Currency::USD);
        options.policy.leave_out.insert(OrderStatus::Refunded);
        let mut refunded = order(&CustomerKey::from(1), 1);
        refunded.status = OrderStatus::Refunded;
        refunded.refunded_on = Some(Moment::Day(NaiveDate::from_ymd_opt(2024, 6, 1).unwrap()));
        let orders = [refunded, order(&CustomerKey::from(2), 2)];
        let history = OrderHistory::from_orders(orders, options).unwrap();
        assert_eq!(history.left_out().first().map(|order| order.reason), Some(LeftOut::Refunded));
        assert_eq!(history.during("2024-05").unwrap().buying().revenue.minor(), 100);
    }

    /// Orders of which no status is given are paid, whether the column is there or not.
    #[test]
    fn paid_orders_that_are_left_out_are_left_out_however_they_come() {
        let mut options = HistoryOptions::new(Currency::USD);
        options.policy.leave_out.insert(OrderStatus::Paid);
        let orders = [order(&CustomerKey::from(1), 1), order(&CustomerKey::from(2), 2)];
        let found = OrderHistory::from_orders(orders, options.clone()).unwrap();
        let given: &[Option<&str>] = &[None, Some("paid")];
        for statuses in [false, true] {
            let mut orders =
                OrderColumns::new(TimeColumn::Days(&[19_000, 19_001]), AmountColumn::Minor(&[100, 100]));
            orders.customers = Some(KeyColumn::Numbers(&[1, 2]));
            orders.statuses = if statuses { Some(&given) } else { None };
            let history = OrderHistory::from_columns(&[orders], options.clone()).unwrap();
            assert_eq!(history.summary().orders, 0);
            assert_eq!(history.left_out().len(), 2);
        }
        assert_eq!(found.summary().orders, 0);
        assert!(found.left_out().iter().all(|order| order.reason == LeftOut::Paid));
    }
}
