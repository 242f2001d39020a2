use serde::Serialize;

use crate::calendar::Period;
use crate::measure::Figure;
use crate::metrics::{Buying, CustomerFlow, RepurchaseRetention};

/// The ten figures that a report begins with, and the periods that they are of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Headlines {
    /// The period.
    pub period: Period,
    /// Whether observation lasted to its end.
    pub complete: bool,
    /// The equally long period before it; `None` where the history does not hold all of it.
    pub previous: Option<Period>,
    /// Revenue, orders, average order value, customers, new customers, purchase frequency, repeat customer rate, returning
    /// customer rate, repurchase retention, retention rate.
    pub figures: Vec<Headline>,
}

/// A figure beside that of the period before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Headline {
    /// The name of its [`Definition`](crate::Definition).
    pub name: &'static str,
    /// The figure, with its sample and, where it is a rate, its interval.
    pub now: Figure,
    /// That of the period before; `None` where the history does not hold all that it takes. What depends on the past of
    /// customers (new customers, returning customer rate, repurchase retention, retention rate) takes the books of the
    /// time before it too.
    pub before: Option<Figure>,
    /// Of a rate `now` − `before`, where 0.01 is a point; of all others `now` ÷ `before` − 1. `None` where either has no
    /// value, where there is nothing to divide by, and where the period is not [complete](Headlines::complete): a part of a
    /// period is not compared with a whole one.
    pub change: Option<f64>,
}

/// A period as the headlines see it.
pub(super) struct Side<'a> {
    pub(super) buying: &'a Buying,
    /// Whether the books tell who had bought before the period, as far as they are to be believed.
    pub(super) knows_the_past: bool,
    pub(super) flow: Option<&'a CustomerFlow>,
    pub(super) repurchase: Option<&'a RepurchaseRetention>,
}

/// A headline by the name of its definition.
type Of = (&'static str, fn(&Side<'_>) -> Option<Figure>);

const HEADLINES: [Of; 10] = [
    ("revenue", |side| Some(Figure::Money(side.buying.revenue))),
    ("orders", |side| Some(Figure::Count(side.buying.orders))),
    ("average_order_value", |side| Some(Figure::MeanMoney(side.buying.average_order_value))),
    ("customers", |side| Some(Figure::Count(side.buying.customers))),
    ("new_customers", |side| {
        side.knows_the_past.then(|| side.buying.new_customers.map_or(Figure::Unknown, Figure::Count))
    }),
    ("purchase_frequency", |side| Some(Figure::MeanCount(side.buying.purchase_frequency))),
    ("repeat_customer_rate", |side| Some(Figure::Rate(side.buying.repeat_customer_rate))),
    ("returning_customer_rate", |side| {
        side.knows_the_past.then_some(Figure::Rate(side.buying.returning_customer_rate))
    }),
    ("repurchase_retention", |side| side.repurchase.map(|repurchase| Figure::Rate(repurchase.rate))),
    ("retention_rate", |side| side.flow.map(|flow| Figure::Rate(flow.retention_rate))),
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    HEADLINES.into_iter().map(|(name, _)| name)
}

impl Headlines {
    pub(super) fn new(now: &Side<'_>, before: Option<&Side<'_>>) -> Headlines {
        let complete = now.buying.complete;
        let headline = |(name, figure): Of| {
            let (now, before) = (figure(now)?, before.and_then(figure));
            let change = if complete { change(now, before) } else { None };
            Some(Headline { name, now, before, change })
        };
        Headlines {
            period: now.buying.period,
            complete,
            previous: before.map(|before| before.buying.period),
            figures: HEADLINES.into_iter().filter_map(headline).collect(),
        }
    }
}

fn change(now: Figure, before: Option<Figure>) -> Option<f64> {
    let (value, base) = (now.to_f64()?, before?.to_f64()?);
    match now {
        Figure::Rate(_) => Some(value - base),
        _ => (base > 0.0).then(|| value / base - 1.0),
    }
}
