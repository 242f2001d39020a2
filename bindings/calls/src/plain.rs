//! The calls that need no history.

use chrono::{DateTime, NaiveDate, Utc};
use regulars::{
    Action, Average, Benchmark, Clock, CohortGrain, Concentration, Currency, CustomerKey, Definition,
    DiscountedValue, Error, EventKind, Frequency, Grain, Interval, KaplanMeier, Lifespan, LogRank, Money,
    Order, OrderPolicy, OrderStatus, Period, ProfitFigures, Rate, RateDifference, Ratio, RfmGrid, Scenario,
    Segment, SimpleValue, Stage, TimeUnit, Zone, formula,
};
use serde::{Deserialize, Serialize};

use crate::arguments::{Arguments, refused};
use crate::error::CallError;
use crate::outcome::Outcome;

type Result<T, E = CallError> = core::result::Result<T, E>;

/// The call of this name; `None` where it needs a history or there is none.
pub(crate) fn call(name: &str, arguments: &mut Arguments) -> Result<Option<Outcome>> {
    if let Some(name) = name.strip_prefix("formula.") {
        return formula(name, arguments);
    }
    if let Some(outcome) = of_values(name, arguments)? {
        return Ok(Some(outcome));
    }
    of_numbers(name, arguments)
}

/// Money, days, names: what orders are made of.
fn of_values(name: &str, arguments: &mut Arguments) -> Result<Option<Outcome>> {
    Ok(Some(match name {
        "currency" => {
            let currency = currency(arguments)?;
            Outcome::plain(CurrencyFacts { code: currency.code(), decimals: currency.decimals() })
        }
        "money.parse" => Outcome::plain(money("text", arguments)?),
        "money.to_f64" => Outcome::plain(money("text", arguments)?.to_f64()),
        "money.from_float" => {
            Outcome::plain(Money::from_float(arguments.take("value")?, currency(arguments)?)?)
        }
        "money.from_minor" => {
            Outcome::plain(Money::from_minor(arguments.take("minor")?, currency(arguments)?))
        }
        "period.parse" => Outcome::plain(arguments.parsed::<Period>("text")?),
        "period.new" => {
            let start: NaiveDate = arguments.take("start")?;
            Outcome::plain(Period::new(start, arguments.take("end")?)?)
        }
        "period.before" => Outcome::plain(arguments.parsed::<Period>("text")?.before()),
        "period.days" => Outcome::plain(arguments.parsed::<Period>("text")?.days()),
        "period.contains" => {
            Outcome::plain(arguments.parsed::<Period>("text")?.contains(arguments.take("date")?))
        }
        "grain.period_of" => {
            Outcome::plain(arguments.parsed::<Grain>("grain")?.period_of(arguments.take("date")?)?)
        }
        "grain.periods" => {
            Outcome::plain(arguments.parsed::<Grain>("grain")?.periods(arguments.parsed("span")?)?)
        }
        "zone.date" => Outcome::plain(zone(arguments)?.date(arguments.take::<DateTime<Utc>>("instant")?)?),
        "zone.name" => Outcome::plain(zone(arguments)?.name()),
        "clock.date" => {
            let zone = zone(arguments)?;
            let unit: Unit = arguments.take("unit")?;
            Outcome::plain(Clock::new(&zone).date(arguments.take("value")?, unit.into())?)
        }
        "customer_key" => Outcome::plain(CustomerKey::new(&arguments.take::<String>("text")?)),
        "order.key" => {
            let mut order = Order::new(NaiveDate::default(), Money::from_minor(1, Currency::USD));
            if let Some(customer) = arguments.optional::<String>("customer")? {
                order = order.customer(&customer);
            }
            if let Some(email) = arguments.optional::<String>("email")? {
                order = order.email(&email);
            }
            Outcome::plain(order.key().cloned())
        }
        "status" => Outcome::plain(arguments.parsed::<OrderStatus>("text")?),
        "policy" => Outcome::plain(arguments.parsed::<OrderPolicy>("name")?),
        "policy.name" => Outcome::plain(arguments.take::<OrderPolicy>("policy")?.name()),
        "policy.counting" => {
            Outcome::plain(arguments.parsed::<OrderPolicy>("name")?.counting(arguments.parsed("status")?))
        }
        "definition" => Outcome::plain(Definition::of(&arguments.take::<String>("name")?)),
        "benchmarks" => Outcome::plain(Benchmark::of(&arguments.take::<String>("figure")?)),
        "event_kind" => Outcome::plain(arguments.parsed::<EventKind>("text")?),
        "definitions" => Outcome::plain(Definition::ALL),
        "error.codes" => Outcome::plain(Error::CODES),
        "cohort_grain.parse" => Outcome::plain(arguments.parsed::<CohortGrain>("text")?),
        "cohort_grain.days" => Outcome::plain(CohortGrain::days(arguments.take("days")?)),
        _ => return Ok(None),
    }))
}

/// Rates, values, survival and simulation on plain numbers.
fn of_numbers(name: &str, arguments: &mut Arguments) -> Result<Option<Outcome>> {
    Ok(Some(match name {
        "rate" => {
            let (numerator, denominator) = (arguments.take("numerator")?, arguments.take("denominator")?);
            Outcome::plain(match arguments.optional("level")? {
                Some(level) => Rate::with_level(numerator, denominator, level)?,
                None => Rate::new(numerator, denominator)?,
            })
        }
        "rate_difference" => {
            let rate = |[numerator, denominator]: [u64; 2], level: Option<f64>| match level {
                Some(level) => Rate::with_level(numerator, denominator, level),
                None => Rate::new(numerator, denominator),
            };
            let level = arguments.optional("level")?;
            let (one, other) =
                (rate(arguments.take("rate")?, level)?, rate(arguments.take("other")?, level)?);
            Outcome::plain(RateDifference::between(one, other))
        }
        "interval.wilson" => {
            let (numerator, denominator) = (arguments.take("numerator")?, arguments.take("denominator")?);
            Outcome::plain(Interval::wilson(numerator, denominator, arguments.take("level")?)?)
        }
        "average" if arguments.has("currency") => {
            let total = money("total", arguments)?;
            Outcome::plain(Average::new(total, arguments.take("count")?))
        }
        "average" => Outcome::plain(Average::new(arguments.take::<u64>("total")?, arguments.take("count")?)),
        "ratio" => {
            let numerator: i64 = arguments.take("numerator")?;
            Outcome::plain(Ratio::new(numerator, arguments.take("denominator")?))
        }
        "kaplan_meier" => {
            let curve = arguments.take::<Durations>("durations")?.curve();
            Outcome::kept(match arguments.optional("level")? {
                Some(level) => curve.with_level(level)?,
                None => curve,
            })
        }
        "log_rank" => {
            let groups: Vec<Durations> = arguments.take("groups")?;
            let groups: Vec<KaplanMeier> = groups.into_iter().map(Durations::curve).collect();
            Outcome::plain(LogRank::of(&groups))
        }
        "frequency" => Outcome::plain(frequency(arguments)?),
        "frequency.over" => Outcome::plain(frequency(arguments)?.over(lifespan(arguments)?)),
        "lifespan" => Outcome::plain(lifespan(arguments)?),
        "lifespan.in_units" => Outcome::plain(lifespan(arguments)?.in_units(arguments.parsed("unit")?)),
        "lifespan.of" => Outcome::plain(Lifespan::of(arguments.parsed("period")?)),
        "simple_value" => Outcome::plain(simple_value(arguments)?),
        "margin_value" => Outcome::plain(simple_value(arguments)?.with_margin(arguments.take("margin")?)?),
        "value_to_cost" => {
            let value = simple_value(arguments)?.with_margin(arguments.take("margin")?)?;
            Outcome::plain(value.against(arguments.take("acquisitionCost")?)?)
        }
        "discounted_value" => {
            let (margin, rate) = (arguments.take("margin")?, arguments.take("retentionRate")?);
            let every = arguments.parsed("every")?;
            Outcome::plain(DiscountedValue::new(margin, rate, every, &arguments.options()?)?)
        }
        "concentration" => {
            let totals: Vec<i64> = arguments.take("totals")?;
            Outcome::tabular(Concentration::of_minor(totals, currency(arguments)?, &arguments.options()?)?)
        }
        "simulate" => {
            let scenario = arguments.take::<ScenarioJson>("scenario")?.scenario()?;
            Outcome::tabular(scenario.simulate(arguments.take("periods")?))
        }
        "compare" => {
            let base = arguments.take::<ScenarioJson>("base")?.scenario()?;
            let other = arguments.take::<ScenarioJson>("other")?.scenario()?;
            Outcome::tabular(base.compare(&other, arguments.take("periods")?))
        }
        "profit_lift" => {
            let mut figures =
                ProfitFigures::new(arguments.take("margin")?, arguments.take("retentionRate")?)?;
            figures.acquisition_cost = arguments.optional("acquisitionCost")?.unwrap_or_default();
            figures.discount_rate = arguments.optional("discountRate")?.unwrap_or_default();
            Outcome::plain(figures.lift(arguments.take("change")?)?)
        }
        "playbook" => Outcome::plain(Action::standard()),
        "shop_stage.weigh" => Outcome::plain(arguments.take::<Stage>("stage")?.weigh()),
        "segment.title" => Outcome::plain(arguments.parsed::<Segment>("segment")?.title()),
        "rfm_grid" => Outcome::plain(RfmGrid::standard(arguments.take("bins")?)),
        "rfm_grid.name" => {
            let grid = RfmGrid::new(arguments.take::<Vec<Vec<String>>>("rows")?);
            let score = grid.name(arguments.take("recency")?, arguments.take("frequencyMonetary")?);
            Outcome::plain(score.map(ToOwned::to_owned))
        }
        _ => return Ok(None),
    }))
}

/// The formulas on plain counts, and on amounts in one currency.
fn formula(name: &str, arguments: &mut Arguments) -> Result<Option<Outcome>> {
    let mut count = |name: &str| arguments.take::<u64>(name);
    let of_counts = match name {
        "retention_rate" => {
            Outcome::plain(formula::retention_rate(count("atStart")?, count("atEnd")?, count("new")?)?)
        }
        "retention_rate_by_headcount" => Outcome::plain(formula::retention_rate_by_headcount(
            count("atStart")?,
            count("atEnd")?,
            count("new")?,
        )?),
        "retention_rate_by_repeat_buyers" => Outcome::plain(formula::retention_rate_by_repeat_buyers(
            count("atStart")?,
            count("withRepeatPurchases")?,
            count("new")?,
        )?),
        "churn_rate" => Outcome::plain(formula::churn_rate(count("atStart")?, count("lost")?)?),
        "reactivation_rate" => {
            Outcome::plain(formula::reactivation_rate(count("lapsedAtStart")?, count("cameBack")?)?)
        }
        "repurchase_retention" => {
            Outcome::plain(formula::repurchase_retention(count("buyersBefore")?, count("ofThemNow")?)?)
        }
        _ => return of_amounts(name, arguments),
    };
    Ok(Some(of_counts))
}

fn of_amounts(name: &str, arguments: &mut Arguments) -> Result<Option<Outcome>> {
    let currency = currency(arguments)?;
    let mut amount = |name: &str| -> Result<Money> {
        let text: String = arguments.take(name)?;
        Ok(Money::parse(&text, currency)?)
    };
    Ok(Some(Outcome::plain(match name {
        "gross_revenue_retention" => {
            formula::gross_revenue_retention(amount("before")?, amount("churned")?, amount("contraction")?)?
        }
        "net_revenue_retention" => formula::net_revenue_retention(
            amount("before")?,
            amount("expansion")?,
            amount("churned")?,
            amount("contraction")?,
        )?,
        "revenue_churn_rate" => {
            formula::revenue_churn_rate(amount("before")?, amount("churned")?, amount("contraction")?)?
        }
        "net_revenue_churn_rate" => formula::net_revenue_churn_rate(
            amount("before")?,
            amount("expansion")?,
            amount("churned")?,
            amount("contraction")?,
        )?,
        "quick_ratio" => formula::quick_ratio(
            amount("new")?,
            amount("expansion")?,
            amount("reactivated")?,
            amount("churned")?,
            amount("contraction")?,
        )?,
        _ => return Ok(None),
    })))
}

/// `"currency"`, and `"decimals"` where amounts are finer than it.
fn currency(arguments: &mut Arguments) -> Result<Currency> {
    let currency: Currency = arguments.parsed("currency")?;
    Ok(match arguments.optional("decimals")? {
        Some(decimals) => currency.with_decimals(decimals)?,
        None => currency,
    })
}

fn money(name: &str, arguments: &mut Arguments) -> Result<Money> {
    Ok(Money::parse(&arguments.take::<String>(name)?, currency(arguments)?)?)
}

/// `"zone"`, with `"transitions"` where the host knows them and the core does not.
fn zone(arguments: &mut Arguments) -> Result<Zone> {
    match arguments.optional::<Vec<(i64, i32)>>("transitions")? {
        Some(transitions) => Zone::from_transitions(&arguments.take::<String>("zone")?, &transitions)
            .map_err(|source| refused("zone", source)),
        None => arguments.parsed("zone"),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl From<Unit> for TimeUnit {
    fn from(unit: Unit) -> TimeUnit {
        match unit {
            Unit::Second => TimeUnit::Second,
            Unit::Millisecond => TimeUnit::Millisecond,
            Unit::Microsecond => TimeUnit::Microsecond,
            Unit::Nanosecond => TimeUnit::Nanosecond,
        }
    }
}

#[derive(Serialize)]
struct CurrencyFacts<'a> {
    code: &'a str,
    decimals: u8,
}

/// Durations of a survival curve.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected pairs of a day and whether the event happened on it, or `events` and `censored` by day"
)]
enum Durations {
    /// Pairs of a day and whether the event happened on it.
    Pairs(Vec<(u32, bool)>),
    /// How many events and withdrawals there were on each day from day 0 on.
    Counts { events: Vec<u64>, censored: Vec<u64> },
}

impl Durations {
    fn curve(self) -> KaplanMeier {
        match self {
            Durations::Pairs(durations) => KaplanMeier::from_durations(durations),
            Durations::Counts { events, censored } => KaplanMeier::from_counts(&events, &censored),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LifespanJson {
    length: f64,
    unit: Grain,
}

pub(crate) fn lifespan(arguments: &mut Arguments) -> Result<Lifespan> {
    let LifespanJson { length, unit } = arguments.take("lifespan")?;
    Ok(Lifespan::new(length, unit)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrequencyJson {
    times: f64,
    per: Grain,
}

fn frequency(arguments: &mut Arguments) -> Result<Frequency> {
    let FrequencyJson { times, per } = arguments.take("frequency")?;
    Ok(Frequency::new(times, per)?)
}

fn simple_value(arguments: &mut Arguments) -> Result<SimpleValue> {
    let (frequency, lifespan) = (frequency(arguments)?, lifespan(arguments)?);
    Ok(SimpleValue::new(arguments.take("averageOrderValue")?, frequency, lifespan)?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScenarioJson {
    customers: f64,
    spend: f64,
    retention_rate: f64,
    #[serde(default)]
    acquiring: Option<f64>,
}

impl ScenarioJson {
    fn scenario(self) -> Result<Scenario> {
        let scenario = Scenario::new(self.customers, self.spend, self.retention_rate)?;
        Ok(match self.acquiring {
            Some(customers) => scenario.acquiring(customers)?,
            None => scenario,
        })
    }
}
