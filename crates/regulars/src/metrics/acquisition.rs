//! What it costs to win customers, by channel, and to keep them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::window::Window;
use crate::calendar::{Day, Period};
use crate::error::{Error, Result};
use crate::measure::{Average, Rate};
use crate::money::Money;
use crate::orders::{Ledger, OrderHistory};
use crate::table::{Column, Columns, Values};

/// What marketing money is spent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MarketingAim {
    /// To win new customers.
    #[default]
    Winning,
    /// To keep the customers that there are.
    Keeping,
}

/// Money that was spent on marketing in a period.
///
/// ```
/// use regulars::{Currency, MarketingCost, Money};
///
/// let mut ads = MarketingCost::new("2024-05".parse()?, Money::parse("900", Currency::USD)?);
/// ads.channel = Some("search".into());
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct MarketingCost {
    /// When it was spent, evenly over the days.
    pub period: Period,
    /// How much.
    pub cost: Money,
    /// For which channel, in the spelling of the orders. Left out or empty, for all of them together.
    #[serde(default)]
    pub channel: Option<String>,
    /// What for.
    #[serde(default)]
    pub aim: MarketingAim,
}

impl MarketingCost {
    /// Money spent on winning customers through all channels together.
    pub fn new(period: Period, cost: Money) -> MarketingCost {
        MarketingCost { period, cost, channel: None, aim: MarketingAim::default() }
    }
}

/// New customers of a period by the channel through which they came, and what they cost.
///
/// The channel of a customer is the one that the [facts](crate::Customer::channel) on them name, else that of the first
/// purchase; of several orders of that day, that of the largest one that has a channel, of equal ones the last by name.
///
/// Nothing is lost between the rows and the whole: `new_customers` is the sum over `channels`, and `cost` that of their
/// costs and `unallocated_cost`.
///
/// Where a period has [`warm_up_customers`](crate::Buying::warm_up_customers), nobody knows who is new and who had bought
/// before: the costs are there, and nothing that is a number of new or of existing customers, or divided by one, has a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Acquisition {
    /// The period.
    pub period: Period,
    /// Whether it was observed to its end. The costs of an incomplete period count in full all the same.
    pub complete: bool,
    /// Customers whose first purchase ever lies in the period; `None` where there are
    /// [`warm_up_customers`](crate::Buying::warm_up_customers).
    pub new_customers: Option<u64>,
    /// What was spent on winning customers; `None` where no such cost was given, which is not 0.
    pub cost: Option<Money>,
    /// All that was spent on winning ÷ all new customers, those who came by themselves included.
    pub cost_per_new_customer: Option<Average<Money>>,
    /// Every channel with a new customer or a cost, by name; new customers whose channel is not known come last. Where it is
    /// not known who is new, those with a cost.
    pub channels: Vec<ChannelAcquisition>,
    /// What was spent on winning through no channel in particular. It is in the whole, and in no channel.
    pub unallocated_cost: Option<Money>,
    /// What was spent on keeping customers ÷ buyers of the period who had bought before; `None` where no such cost was
    /// given.
    pub cost_per_existing_customer: Option<Average<Money>>,
    /// How many times as much it costs to win a customer as to keep one: cost per new ÷ cost per existing customer. `None`
    /// where either has no value, or keeping cost nothing.
    pub winning_to_keeping: Option<f64>,
    /// Costs that were given but fall on days outside the period.
    pub cost_outside: Money,
}

/// The new customers of one channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChannelAcquisition {
    /// The channel; `None` for customers whose channel is not known.
    pub channel: Option<String>,
    /// New customers who came through it ÷ all new customers.
    pub share_of_new_customers: Rate,
    /// What was spent on it ÷ new customers who came through it: no value where nobody came. `None` where no cost was given
    /// for it.
    pub cost_per_new_customer: Option<Average<Money>>,
}

/// Sums of costs by what they are for.
#[derive(Debug, Default)]
struct Costs<'a> {
    by_channel: BTreeMap<&'a str, i64>,
    unallocated: Option<i64>,
    keeping: Option<i64>,
    outside: i64,
}

impl<'a> Costs<'a> {
    fn new(costs: &'a [MarketingCost], history: &OrderHistory, period: Period) -> Result<Costs<'a>> {
        let currency = history.options().currency;
        let mut sums = Costs::default();
        let mut magnitude: u64 = 0;
        for (row, cost) in (0..).zip(costs) {
            let at = |error: Error| error.at(row, "cost");
            let found = cost.cost.currency();
            if found.code() != currency.code() {
                return Err(at(Error::MixedCurrencies { expected: currency, found }));
            }
            let minor = cost.cost.minor_with(currency.decimals()).map_err(at)?;
            if minor < 0 {
                return Err(at(Error::NegativeAmount { value: cost.cost.decimal() }));
            }
            // Every sum is at most this one.
            magnitude = magnitude
                .checked_add(minor.unsigned_abs())
                .filter(|&sum| i64::try_from(sum).is_ok())
                .ok_or(Error::SumOutOfRange)?;
            let within = share_within(minor, cost.period, period);
            sums.outside += minor - within;
            if overlap(cost.period, period).is_none() {
                continue;
            }
            match (cost.aim, cost.channel.as_deref().map(str::trim).filter(|name| !name.is_empty())) {
                (MarketingAim::Keeping, _) => *sums.keeping.get_or_insert(0) += within,
                (MarketingAim::Winning, Some(name)) => *sums.by_channel.entry(name).or_default() += within,
                (MarketingAim::Winning, None) => *sums.unallocated.get_or_insert(0) += within,
            }
        }
        Ok(sums)
    }

    /// What was spent on winning.
    fn winning(&self) -> Option<i64> {
        let channels = (!self.by_channel.is_empty()).then(|| self.by_channel.values().sum::<i64>());
        match (channels, self.unallocated) {
            (None, None) => None,
            (channels, unallocated) => Some(channels.unwrap_or(0) + unallocated.unwrap_or(0)),
        }
    }
}

/// The days of `whole` that lie in `part`, counted from the first day of `whole`.
fn overlap(whole: Period, part: Period) -> Option<(i64, i64)> {
    let from = (part.start().max(whole.start()) - whole.start()).num_days();
    let to = (part.end().min(whole.end()) - whole.start()).num_days();
    (from < to).then_some((from, to))
}

/// How much of an amount that is spent evenly over `whole` falls on the days of `part`. Up to a day falls the whole number
/// of minor units below the even share, so that periods that follow each other share the amount without a rest.
fn share_within(minor: i64, whole: Period, part: Period) -> i64 {
    let up_to = |days: i64| i128::from(minor) * i128::from(days) / i128::from(whole.days());
    let (from, to) = overlap(whole, part).unwrap_or((0, 0));
    // At most `minor`.
    i64::try_from(up_to(to) - up_to(from)).unwrap_or(0)
}

/// New customers by the number of their channel; those of no channel come last.
struct Arrivals {
    by_channel: Vec<u64>,
}

impl Arrivals {
    fn of(&mut self, channel: Option<usize>) -> Option<&mut u64> {
        match channel {
            Some(channel) => self.by_channel.get_mut(channel),
            None => self.by_channel.last_mut(),
        }
    }
}

/// The channel of the largest order of a customer's first day, as its number in the ledger.
fn first_channel(ledger: &Ledger, customer: usize, first: Day) -> Option<usize> {
    let channels = ledger.facts.channels.as_ref()?;
    let (rows, codes) = (ledger.of(customer), channels.codes.get(ledger.range(customer))?);
    let of_first_day = rows.stamps.iter().zip(rows.nets).zip(codes).filter_map(|((stamp, net), &code)| {
        let code = usize::try_from(code).ok().filter(|&code| code < channels.names.len())?;
        (stamp.is_purchase() && stamp.day() == first).then_some((net, code))
    });
    // Names ascend with their numbers.
    of_first_day.max().map(|(_, code)| code)
}

impl Window<'_> {
    /// New customers by channel, and what it costs to win and to keep customers.
    ///
    /// # Errors
    /// With the row of the cost, [`Error::MixedCurrencies`] where it is in another currency than the history,
    /// [`Error::NegativeAmount`] and [`Error::AmountTooFine`]; [`Error::SumOutOfRange`] where costs sum beyond 64 bits.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, MarketingCost, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let usd = |minor| Money::from_minor(minor, Currency::USD);
    /// # let order = |customer, d, channel| Order::new(day(d), usd(5000)).customer(customer).channel(channel);
    /// let orders = [order("ann", 1, "search"), order("bob", 2, "friends"), order("cem", 9, "search")];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let mut ads = MarketingCost::new("2024-05".parse()?, usd(1800));
    /// ads.channel = Some("search".into());
    /// let may = history.during("2024-05")?.acquisition(&[ads])?;
    /// assert_eq!(may.cost_per_new_customer.unwrap().value, Some(6.0));
    /// assert_eq!(may.channels[1].cost_per_new_customer.unwrap().value, Some(9.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn acquisition(&self, costs: &[MarketingCost]) -> Result<Acquisition> {
        let (history, period) = (self.history(), self.period());
        let costs = Costs::new(costs, history, period)?;
        let ledger = history.ledger();
        let names = ledger.facts.channels.as_ref().map_or(&[][..], |channels| &channels.names);
        let believed = self.days_of_new_customers();
        let (known, days) = (believed.is_some(), believed.unwrap_or_default());
        let new = || Arrivals { by_channel: vec![0; names.len() + 1] };
        let parts = ledger.fold(new, |arrivals, customer, rows| {
            let Some(first) = rows.first_purchase().filter(|first| days.contains(first)) else { return };
            if let Some(count) = arrivals.of(first_channel(ledger, customer, first)) {
                *count += 1;
            }
        });
        let mut arrivals = new();
        for part in parts {
            arrivals.by_channel.iter_mut().zip(part.by_channel).for_each(|(sum, more)| *sum += more);
        }
        // Facts on customers know better.
        let mut by_fact: BTreeMap<&str, u64> = BTreeMap::new();
        for facts in history.customers() {
            let Some(name) = facts.channel.as_deref().map(str::trim).filter(|name| !name.is_empty()) else {
                continue;
            };
            let Some(customer) = history.place_of(&facts.key) else { continue };
            let Some(first) = ledger.of(customer).first_purchase().filter(|first| days.contains(first))
            else {
                continue;
            };
            if let Some(count) = arrivals.of(first_channel(ledger, customer, first)) {
                *count -= 1;
            }
            *by_fact.entry(name).or_default() += 1;
        }

        let mut by_name = by_fact;
        let nameless = core::iter::once("");
        for (name, count) in names.iter().map(|name| name.trim()).chain(nameless).zip(&arrivals.by_channel) {
            *by_name.entry(name).or_default() += count;
        }
        let new_customers = by_name.values().sum::<u64>();
        let unknown = by_name.get("").copied().unwrap_or(0);
        for name in costs.by_channel.keys() {
            by_name.entry(name).or_default();
        }
        let money = |minor| Money::from_minor(minor, history.options().currency);
        let row = |channel: Option<&str>, count: u64| ChannelAcquisition {
            channel: channel.map(str::to_owned),
            share_of_new_customers: Rate::of(count, new_customers),
            cost_per_new_customer: channel
                .and_then(|name| costs.by_channel.get(name))
                .map(|&cost| Average::new(money(cost), count)),
        };
        let shown =
            |name: &str, count| !name.is_empty() && (count > 0 || costs.by_channel.contains_key(name));
        let rows = by_name.iter().filter(|&(name, &count)| shown(name, count));
        let mut channels: Vec<_> = rows.map(|(name, &count)| row(Some(name), count)).collect();
        if unknown > 0 {
            channels.push(row(None, unknown));
        }
        let buying = self.buying();
        let existing = if known { buying.customers - new_customers } else { 0 };
        let cost = costs.winning().map(money);
        let cost_per_new_customer = cost.map(|cost| Average::new(cost, new_customers));
        let cost_per_existing_customer = costs.keeping.map(|cost| Average::new(money(cost), existing));
        let value = |average: Option<Average<Money>>| average.and_then(|average| average.value);
        let (winning, keeping) = (value(cost_per_new_customer), value(cost_per_existing_customer));
        Ok(Acquisition {
            period,
            complete: buying.complete,
            new_customers: known.then_some(new_customers),
            cost,
            cost_per_new_customer,
            channels,
            unallocated_cost: costs.unallocated.map(money),
            cost_per_existing_customer,
            winning_to_keeping: winning.zip(keeping.filter(|&keeping| keeping > 0.0)).map(|(w, k)| w / k),
            cost_outside: money(costs.outside),
        })
    }
}

/// One row per channel.
impl Columns for Acquisition {
    fn rows(&self) -> usize {
        self.channels.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.channels.iter();
        let known: Vec<bool> = all().map(|row| row.channel.is_some()).collect();
        let costs = || all().map(|row| row.cost_per_new_customer);
        let given: Vec<bool> = costs().map(|cost| cost.is_some()).collect();
        let names = all().map(|row| row.channel.as_deref().unwrap_or("").into()).collect();
        let nothing = Money::from_minor(0, self.cost_outside.currency());
        let cost = costs().map(|cost| cost.map_or(nothing, |cost| cost.total));
        #[expect(clippy::cast_possible_wrap, reason = "a history holds fewer than 2³² customers")]
        let new = all().map(|row| row.share_of_new_customers.numerator as i64);
        vec![
            Column::new("channel", Values::Text(names)).only(known),
            Column::i64("new_customers", new).only(vec![self.new_customers.is_some(); self.rows()]),
            Column::f64("share_of_new_customers", all().map(|row| row.share_of_new_customers.value)),
            Column::money("cost", cost).only(given),
            Column::f64("cost_per_new_customer", costs().map(|cost| cost.and_then(|cost| cost.value))),
        ]
    }
}
