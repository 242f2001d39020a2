//! Which definition each figure of a report has.

use std::collections::BTreeMap;

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

/// The names of definitions by keys.
type Names = &'static [(&'static str, &'static str)];

const SUMMARY: Names = &[
    ("given", "summary.given"),
    ("orders", "orders"),
    ("purchases", "purchases"),
    ("customers", "customers"),
    ("prospects", "summary.prospects"),
    ("creditNotes", "summary.credit_notes"),
    ("repeated", "summary.repeated"),
    ("superseded", "summary.superseded"),
    ("leftOut", "summary.left_out"),
    ("unidentified", "summary.unidentified"),
    ("revenue", "revenue"),
    ("inferences", "summary.inferences"),
];

const BUYING: Names = &[
    ("customers", "customers"),
    ("newCustomers", "new_customers"),
    ("purchases", "purchases"),
    ("orders", "orders"),
    ("revenue", "revenue"),
    ("repeatCustomerRate", "repeat_customer_rate"),
    ("returningCustomerRate", "returning_customer_rate"),
    ("existingCustomerShare", "existing_customer_share"),
    ("purchaseFrequency", "purchase_frequency"),
    ("averageOrderValue", "average_order_value"),
    ("averageRevenuePerCustomer", "average_revenue_per_customer"),
    ("revenueSplit", "revenue_split"),
];

const FLOW: Names = &[
    ("lapseAfter", "customer_flow.lapse_after"),
    ("atStart", "customer_flow.at_start"),
    ("new", "customer_flow.new"),
    ("reactivated", "customer_flow.reactivated"),
    ("churned", "customer_flow.churned"),
    ("atEnd", "customer_flow.at_end"),
    ("lapsedAtStart", "customer_flow.lapsed_at_start"),
    ("newAndGone", "customer_flow.new_and_gone"),
    ("backAndGone", "customer_flow.back_and_gone"),
    ("lapsedAndBack", "customer_flow.lapsed_and_back"),
    ("reactivatedInWarmUp", "customer_flow.reactivated_in_warm_up"),
    ("retentionRate", "retention_rate"),
    ("retentionRateByHeadcount", "retention_rate_by_headcount"),
    ("churnRate", "churn_rate"),
    ("reactivationRate", "reactivation_rate"),
];

const MOVEMENTS: Names = &[
    ("before", "revenue_movements.before"),
    ("now", "revenue_movements.now"),
    ("change", "revenue_movements.change"),
    ("new", "revenue_movements.new"),
    ("expansion", "revenue_movements.expansion"),
    ("contraction", "revenue_movements.contraction"),
    ("churned", "revenue_movements.churned"),
    ("reactivated", "revenue_movements.reactivated"),
    ("grossRevenueRetention", "gross_revenue_retention"),
    ("netRevenueRetention", "net_revenue_retention"),
    ("revenueChurnRate", "revenue_churn_rate"),
    ("quickRatio", "quick_ratio"),
];

/// The sections of a report, in their order; those without figures of their own are left out.
const SECTIONS: &[(&str, Names)] = &[
    ("summary", SUMMARY),
    ("current", BUYING),
    ("previous", BUYING),
    ("timeline", BUYING),
    ("flow", FLOW),
    ("flowTimeline", FLOW),
    ("repurchase", &[("rate", "repurchase_retention")]),
    ("movements", MOVEMENTS),
    ("movementTimeline", MOVEMENTS),
    (
        "secondPurchase",
        &[
            ("customers", "time_to_second_purchase.customers"),
            ("returned", "time_to_second_purchase.returned"),
            ("leftOut", "timing.left_out"),
            ("returnedBy", "time_to_second_purchase"),
            ("median", "time_to_second_purchase"),
            ("curve", "time_to_second_purchase"),
        ],
    ),
    (
        "gaps",
        &[
            ("customers", "customers"),
            ("oneTimeCustomers", "one_time_customers"),
            ("gaps", "time_between_purchases.gaps"),
            ("mean", "time_between_purchases"),
            ("median", "time_between_purchases"),
            ("p80", "time_between_purchases"),
            ("p90", "time_between_purchases"),
            ("correctedMedian", "time_between_purchases"),
            ("correctedP80", "time_between_purchases"),
            ("correctedP90", "time_between_purchases"),
            ("histogram", "time_between_purchases.gaps"),
            ("curve", "time_between_purchases"),
        ],
    ),
    (
        "funnel",
        &[("withinDays", "purchase_funnel"), ("steps", "purchase_funnel"), ("leftOut", "timing.left_out")],
    ),
    ("cohorts", &[("size", "cohorts.size"), ("cells", "returned_in"), ("pooled", "returned_in")]),
    (
        "cohortValues",
        &[("size", "cohorts.size"), ("cells", "revenue_per_customer"), ("pooled", "revenue_per_customer")],
    ),
    (
        "concentration",
        &[
            ("customers", "customers"),
            ("revenue", "concentration"),
            ("floored", "concentration"),
            ("flooredRevenue", "concentration"),
            ("top", "concentration"),
            ("fewest", "concentration"),
            ("gini", "gini"),
            ("lorenz", "concentration.lorenz"),
        ],
    ),
    (
        "rfm",
        &[
            ("bins", "rfm"),
            ("recency", "recency"),
            ("frequency", "frequency"),
            ("monetary", "monetary"),
            ("segments", "rfm"),
            ("cells", "rfm"),
        ],
    ),
    (
        "returns",
        &[
            ("byOrders", "returns"),
            ("byValue", "returns"),
            ("creditNotes", "summary.credit_notes"),
            ("byValueWithCreditNotes", "returns"),
            ("boughtAgainAfterReturn", "bought_again_after_return"),
            ("boughtAgainWithoutReturn", "bought_again_without_return"),
        ],
    ),
    (
        "value",
        &[
            ("revenue", "historic_value"),
            ("margin", "historic_value"),
            ("ordersWithCost", "orders_with_cost"),
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
        let by_key = |names: Names| names.iter().copied().collect::<BTreeMap<_, _>>();
        let figures: BTreeMap<_, _> =
            SECTIONS.iter().map(|&(section, names)| (section, by_key(names))).collect();
        let headlines = super::headline::names().filter_map(Definition::of);
        let of_figures = figures.values().flat_map(BTreeMap::values).filter_map(|name| Definition::of(name));
        let texts: BTreeMap<_, _> = of_figures.chain(headlines).map(|text| (text.name, text)).collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("figures", &figures)?;
        map.serialize_entry("texts", &texts)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_defined() {
        for (section, names) in SECTIONS {
            for (key, name) in *names {
                assert!(Definition::of(name).is_some(), "{section}.{key}: {name}");
            }
        }
        assert!(super::super::headline::names().all(|name| Definition::of(name).is_some()));
    }
}
