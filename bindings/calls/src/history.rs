//! The calls about a history.

use chrono::NaiveDate;
use regulars::{
    BacktestOptions, CustomerKey, Event, EventLog, MarketingCost, Migration, OrderHistory, Period,
    SegmentRule,
};

use crate::arguments::Arguments;
use crate::error::CallError;
use crate::outcome::Outcome;
use crate::plain::lifespan;

/// The call of this name; `None` where there is none.
pub(crate) fn call(
    history: &OrderHistory,
    name: &str,
    arguments: &mut Arguments,
) -> Result<Option<Outcome>, CallError> {
    if let Some(name) = name.strip_prefix("during.") {
        return during(history, name, arguments);
    }
    Ok(Some(match name {
        "history.summary" => Outcome::plain(history.summary()),
        "history.span" => Outcome::plain(history.span()),
        "history.observed_until" => Outcome::plain(history.observed_until()),
        "history.left_out" => Outcome::plain(history.left_out()),
        "history.customers" => Outcome::plain(history.customers()),
        "history.options" => Outcome::plain(history.options()),
        "history.orders_of" => {
            Outcome::plain(customer(arguments)?.map(|key| history.orders_of(&key)).unwrap_or_default())
        }
        "history.report" => Outcome::kept(history.report(&arguments.options()?)?),
        "history.concentration" => Outcome::tabular(history.concentration(&arguments.options()?)?),
        "timeline" => Outcome::tabular(history.timeline(arguments.parsed("grain")?)?),
        "flow_timeline" => {
            Outcome::tabular(history.flow_timeline(arguments.parsed("grain")?, &arguments.options()?)?)
        }
        "movement_timeline" => Outcome::tabular(history.movement_timeline(arguments.parsed("grain")?)?),
        "time_between_purchases" => Outcome::tabular(history.time_between_purchases(&arguments.options()?)),
        "purchase_funnel" => Outcome::tabular(history.purchase_funnel(&arguments.options()?)),
        "time_to_second_purchase" => {
            Outcome::tabular(history.time_to_second_purchase(&arguments.options()?)?)
        }
        "cohorts" => Outcome::kept(history.cohorts(&arguments.options()?)?),
        "rfm" => Outcome::kept(history.rfm(&arguments.options()?)?),
        "spend_by_tenure" => Outcome::tabular(history.spend_by_tenure(&arguments.options()?)),
        "tenure_ratio" => {
            let (band, base): ([u32; 2], [u32; 2]) = (arguments.take("band")?, arguments.take("base")?);
            let months = |[first, last]: [u32; 2]| first..=last;
            Outcome::plain(history.tenure_ratio(months(band), months(base))?)
        }
        "returns" => Outcome::plain(history.returns()),
        "historic_value" => Outcome::plain(history.historic_value()),
        "historic_value_of" => {
            Outcome::plain(customer(arguments)?.and_then(|key| history.historic_value_of(&key)))
        }
        "payback" => {
            let cost = arguments.take("acquisitionCost")?;
            Outcome::plain(history.payback(cost, arguments.take("margin")?)?)
        }
        "outlook" => Outcome::kept(history.outlook(&arguments.options()?)?),
        "customer_profiles" => Outcome::kept(history.customer_profiles(&arguments.options()?)?),
        "stage" => Outcome::plain(history.stage()),
        "segment_rule" => Outcome::plain(rule(history, arguments)?),
        "segments" => {
            let rule = rule(history, arguments)?;
            // On which sides customers stood before, for the hysteresis.
            match arguments.optional::<NaiveDate>("after")? {
                None => Outcome::kept(rule.classify(history)?),
                Some(day) => {
                    let before = rule.classify(&history.observe_until(Some(day))?)?;
                    Outcome::kept(rule.classify_after(history, &before)?)
                }
            }
        }
        "migration" => {
            let (rule, before) = (rule(history, arguments)?, arguments.take::<NaiveDate>("before")?);
            let before = rule.classify(&history.observe_until(Some(before))?)?;
            Outcome::kept(Migration::between(&before, &rule.classify(history)?))
        }
        "backtest" => {
            let (rule, at) = (rule(history, arguments)?, arguments.take("at")?);
            let test = arguments.optional::<BacktestOptions>("test")?.unwrap_or_default();
            Outcome::tabular(rule.backtest(history, at, &test)?)
        }
        "stability" => Outcome::plain(rule(history, arguments)?.stability(history)?),
        "segment_overview" => {
            let (rule, before) = (rule(history, arguments)?, arguments.take("before")?);
            Outcome::kept(rule.overview(history, before)?)
        }
        _ => return Ok(None),
    }))
}

/// A rule that was kept, else one that is fitted to the history.
fn rule(history: &OrderHistory, arguments: &mut Arguments) -> Result<SegmentRule, CallError> {
    match arguments.optional("rule")? {
        Some(rule) => Ok(rule),
        None => Ok(SegmentRule::fit(history, &arguments.options()?)?),
    }
}

/// The customer that a text names; blank text names nobody.
fn customer(arguments: &mut Arguments) -> Result<Option<CustomerKey>, CallError> {
    Ok(CustomerKey::new(&arguments.take::<String>("customer")?))
}

fn during(
    history: &OrderHistory,
    name: &str,
    arguments: &mut Arguments,
) -> Result<Option<Outcome>, CallError> {
    let window = history.during(arguments.parsed::<Period>("period")?)?;
    Ok(Some(match name {
        "period" => Outcome::plain(window.period()),
        "buying" => Outcome::plain(window.buying()),
        "repeat_customer_rate" => Outcome::plain(window.repeat_customer_rate()),
        "returning_customer_rate" => Outcome::plain(window.returning_customer_rate()),
        "existing_customer_share" => Outcome::plain(window.existing_customer_share()),
        "purchase_frequency" => Outcome::plain(window.purchase_frequency()),
        "average_order_value" => Outcome::plain(window.average_order_value()),
        "average_revenue_per_customer" => Outcome::plain(window.average_revenue_per_customer()),
        "revenue_split" => Outcome::plain(window.revenue_split()),
        "customer_flow" => Outcome::plain(window.customer_flow(&arguments.options()?)?),
        "repurchase_retention" => Outcome::plain(window.repurchase_retention()?),
        "revenue_movements" => Outcome::plain(window.revenue_movements()?),
        "acquisition" => {
            let costs: Vec<MarketingCost> = arguments.optional("costs")?.unwrap_or_default();
            Outcome::tabular(window.acquisition(&costs)?)
        }
        "referrals" => Outcome::plain(window.referrals(&arguments.options()?)?),
        "engagement" => {
            let events: Vec<Event> = arguments.take("events")?;
            Outcome::tabular(window.engagement(&EventLog::from_events(events, &arguments.options()?)?))
        }
        "simple_value" => Outcome::plain(window.simple_value(lifespan(arguments)?)),
        "profit_figures" => {
            let margin = arguments.take("margin")?;
            Outcome::plain(window.profit_figures(margin, arguments.take("retentionRate")?)?)
        }
        _ => return Ok(None),
    }))
}
