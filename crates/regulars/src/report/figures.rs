//! Which definition each figure of a report has.

use std::collections::BTreeSet;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::metrics::Definition;

/// Which [`Definition`] each figure of a report has, so that a page can answer "what is this?".
///
/// A figure is found by the way to it in the JSON of the report, list positions left out: the section, which is the first
/// key, and the first of the keys after it that the section defines. Headlines name their definition themselves.
///
/// As JSON: `figures` has the names of the definitions by section and key, `texts` the definitions by name.
///
/// ```
/// use regulars::ReportDefinitions;
///
/// let definitions = ReportDefinitions::default();
/// // flowTimeline.periods[7].retentionRate.numerator
/// let definition = definitions.of("flowTimeline", &["periods", "retentionRate", "numerator"]).unwrap();
/// assert_eq!(definition.name, "retention_rate");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReportDefinitions;

/// The names of definitions by keys, in the order of the keys.
type Names = &'static [(&'static str, &'static str)];

const SUMMARY: Names = &[
    ("creditNotes", "summary.credit_notes"),
    ("customers", "customers"),
    ("given", "summary.given"),
    ("inferences", "summary.inferences"),
    ("leftOut", "summary.left_out"),
    ("orders", "orders"),
    ("prospects", "summary.prospects"),
    ("purchases", "purchases"),
    ("repeated", "summary.repeated"),
    ("revenue", "revenue"),
    ("superseded", "summary.superseded"),
    ("unidentified", "summary.unidentified"),
];

const BUYING: Names = &[
    ("averageOrderValue", "average_order_value"),
    ("averageRevenuePerCustomer", "average_revenue_per_customer"),
    ("customers", "customers"),
    ("existingCustomerShare", "existing_customer_share"),
    ("newCustomers", "new_customers"),
    ("orders", "orders"),
    ("purchaseFrequency", "purchase_frequency"),
    ("purchases", "purchases"),
    ("repeatCustomerRate", "repeat_customer_rate"),
    ("returningCustomerRate", "returning_customer_rate"),
    ("revenue", "revenue"),
    ("revenueSplit", "revenue_split"),
    ("warmUpCustomers", "warm_up_customers"),
];

const FLOW: Names = &[
    ("atEnd", "customer_flow.at_end"),
    ("atStart", "customer_flow.at_start"),
    ("backAndGone", "customer_flow.back_and_gone"),
    ("churnRate", "churn_rate"),
    ("churned", "customer_flow.churned"),
    ("lapseAfter", "customer_flow.lapse_after"),
    ("lapsedAndBack", "customer_flow.lapsed_and_back"),
    ("lapsedAtStart", "customer_flow.lapsed_at_start"),
    ("new", "customer_flow.new"),
    ("newAndGone", "customer_flow.new_and_gone"),
    ("reactivated", "customer_flow.reactivated"),
    ("reactivatedInWarmUp", "customer_flow.reactivated_in_warm_up"),
    ("reactivationRate", "reactivation_rate"),
    ("retentionRate", "retention_rate"),
    ("retentionRateByHeadcount", "retention_rate_by_headcount"),
];

const MOVEMENTS: Names = &[
    ("before", "revenue_movements.before"),
    ("change", "revenue_movements.change"),
    ("churned", "revenue_movements.churned"),
    ("contraction", "revenue_movements.contraction"),
    ("expansion", "revenue_movements.expansion"),
    ("grossRevenueRetention", "gross_revenue_retention"),
    ("netRevenueRetention", "net_revenue_retention"),
    ("new", "revenue_movements.new"),
    ("now", "revenue_movements.now"),
    ("quickRatio", "quick_ratio"),
    ("reactivated", "revenue_movements.reactivated"),
    ("revenueChurnRate", "revenue_churn_rate"),
];

/// The sections of a report, in the order of their names; those without figures of their own are left out.
const SECTIONS: &[(&str, Names)] = &[
    (
        "cohortValues",
        &[("cells", "revenue_per_customer"), ("pooled", "revenue_per_customer"), ("size", "cohorts.size")],
    ),
    ("cohorts", &[("cells", "returned_in"), ("pooled", "returned_in"), ("size", "cohorts.size")]),
    (
        "concentration",
        &[
            ("customers", "customers"),
            ("fewest", "concentration"),
            ("floored", "concentration"),
            ("flooredRevenue", "concentration"),
            ("gini", "gini"),
            ("lorenz", "concentration.lorenz"),
            ("revenue", "concentration"),
            ("top", "concentration"),
        ],
    ),
    ("current", BUYING),
    ("flow", FLOW),
    ("flowTimeline", FLOW),
    (
        "funnel",
        &[("leftOut", "timing.left_out"), ("steps", "purchase_funnel"), ("withinDays", "purchase_funnel")],
    ),
    (
        "gaps",
        &[
            ("correctedMedian", "time_between_purchases"),
            ("correctedP80", "time_between_purchases"),
            ("correctedP90", "time_between_purchases"),
            ("curve", "time_between_purchases"),
            ("customers", "customers"),
            ("gaps", "time_between_purchases.gaps"),
            ("histogram", "time_between_purchases.gaps"),
            ("mean", "time_between_purchases"),
            ("median", "time_between_purchases"),
            ("oneTimeCustomers", "one_time_customers"),
            ("p80", "time_between_purchases"),
            ("p90", "time_between_purchases"),
        ],
    ),
    ("movementTimeline", MOVEMENTS),
    ("movements", MOVEMENTS),
    ("previous", BUYING),
    ("repurchase", &[("rate", "repurchase_retention")]),
    (
        "returns",
        &[
            ("boughtAgainAfterReturn", "bought_again_after_return"),
            ("boughtAgainWithoutReturn", "bought_again_without_return"),
            ("byOrders", "returns"),
            ("byValue", "returns"),
            ("byValueWithCreditNotes", "returns"),
            ("creditNotes", "summary.credit_notes"),
        ],
    ),
    (
        "rfm",
        &[
            ("bins", "rfm"),
            ("cells", "rfm"),
            ("frequency", "frequency"),
            ("monetary", "monetary"),
            ("recency", "recency"),
            ("segments", "rfm"),
        ],
    ),
    (
        "secondPurchase",
        &[
            ("curve", "time_to_second_purchase"),
            ("customers", "time_to_second_purchase.customers"),
            ("leftOut", "timing.left_out"),
            ("median", "time_to_second_purchase"),
            ("returned", "time_to_second_purchase.returned"),
            ("returnedBy", "time_to_second_purchase"),
        ],
    ),
    ("summary", SUMMARY),
    ("timeline", BUYING),
    (
        "value",
        &[
            ("margin", "historic_value"),
            ("ordersWithCost", "orders_with_cost"),
            ("revenue", "historic_value"),
        ],
    ),
];

impl ReportDefinitions {
    /// The definition of a figure by its section and the keys on the way to it.
    pub fn of(self, section: &str, keys: &[&str]) -> Option<&'static Definition> {
        let (_, names) = SECTIONS.iter().find(|(name, _)| *name == section)?;
        let name = keys.iter().find_map(|key| names.iter().find(|(known, _)| known == key))?.1;
        Definition::of(name)
    }
}

impl Serialize for ReportDefinitions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let figures: Vec<_> = SECTIONS.iter().map(|&(section, names)| (section, Entries(names))).collect();
        let of_figures = SECTIONS.iter().flat_map(|(_, names)| *names).map(|&(_, name)| name);
        let mut texts: BTreeSet<&str> = BTreeSet::new();
        texts.extend(of_figures.chain(super::headline::names()));
        let texts: Vec<_> = texts.into_iter().map(|name| (name, Definition::of(name))).collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("figures", &Entries(&figures))?;
        map.serialize_entry("texts", &Entries(&texts))?;
        map.end()
    }
}

/// A map in JSON.
struct Entries<'a, T>(&'a [(&'static str, T)]);

impl<T: Serialize> Serialize for Entries<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_defined() {
        assert!(SECTIONS.is_sorted_by_key(|(section, _)| section));
        for (section, names) in SECTIONS {
            assert!(names.is_sorted_by_key(|(key, _)| key), "{section}");
            for (key, name) in *names {
                assert!(Definition::of(name).is_some(), "{section}.{key}: {name}");
            }
        }
        assert!(super::super::headline::names().all(|name| Definition::of(name).is_some()));
    }
}
