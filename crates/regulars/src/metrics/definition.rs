use serde::Serialize;

/// What a figure means, to be printed beside it.
///
/// ```
/// use regulars::Definition;
///
/// let definition = Definition::of("repeat_customer_rate").unwrap();
/// assert_eq!(definition.title, "Repeat customer rate");
/// assert_eq!(definition.formula, "customers with ≥ 2 purchases in the period ÷ customers");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Definition {
    /// The name of the figure in the API, in snake case; after the call that it is a part of, where other calls have a
    /// figure of that name too.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// How it is computed.
    pub formula: &'static str,
}

impl Definition {
    /// All of them, in the order of a report.
    pub const ALL: &[Definition] = &DEFINITIONS;

    /// The definition of a figure by its name in the API.
    pub fn of(name: &str) -> Option<&'static Definition> {
        Definition::ALL.iter().find(|definition| definition.name == name)
    }
}

// Not in the constant itself, of which every crate that uses it has a copy.
static DEFINITIONS: [Definition; 103] = [
    Definition {
        name: "customers",
        title: "Customers",
        formula: "identified customers with a purchase in the period",
    },
    Definition {
        name: "new_customers",
        title: "New customers",
        formula: "customers whose first purchase ever lies in the period; unknown while the books warm up",
    },
    Definition {
        name: "warm_up_customers",
        title: "New or not",
        formula: "customers whose first purchase in the books lies in the period, while the books were warming up",
    },
    Definition {
        name: "purchases",
        title: "Purchases",
        formula: "orders that count, a customer's orders of one day being one purchase",
    },
    Definition { name: "orders", title: "Orders", formula: "orders that count, those of nobody included" },
    Definition {
        name: "revenue",
        title: "Net revenue",
        formula: "orders − refunds − credit notes, before tax and shipping",
    },
    Definition {
        name: "repeat_customer_rate",
        title: "Repeat customer rate",
        formula: "customers with ≥ 2 purchases in the period ÷ customers",
    },
    Definition {
        name: "returning_customer_rate",
        title: "Returning customer rate",
        formula: "customers with ≥ 2 purchases up to the period's end, whenever the first was ÷ customers; unknown while the books warm up",
    },
    Definition {
        name: "existing_customer_share",
        title: "Existing customer share",
        formula: "customers whose first purchase precedes the period ÷ customers; unknown while the books warm up",
    },
    Definition { name: "purchase_frequency", title: "Purchase frequency", formula: "purchases ÷ customers" },
    Definition {
        name: "average_order_value",
        title: "Average order value",
        formula: "net revenue ÷ orders, a refund taken off its order",
    },
    Definition {
        name: "average_revenue_per_customer",
        title: "Revenue per customer",
        formula: "net revenue of identified customers ÷ customers, likewise",
    },
    Definition {
        name: "revenue_split",
        title: "Revenue split",
        formula: "net revenue of first purchases + those of the warm-up + later ones + nobody + credits = net revenue",
    },
    Definition {
        name: "customer_flow",
        title: "Customer flow",
        formula: "active at start + new + reactivated − churned = active at end",
    },
    Definition {
        name: "retention_rate",
        title: "Retention rate",
        formula: "of the customers active at the start, those active at the end ÷ customers active at the start",
    },
    Definition {
        name: "retention_rate_by_headcount",
        title: "Retention rate by headcount",
        formula: "(customers active at the end − new ones) ÷ customers active at the start",
    },
    Definition {
        name: "churn_rate",
        title: "Churn rate",
        formula: "customers active at the start and not at the end ÷ customers active at the start",
    },
    Definition {
        name: "reactivation_rate",
        title: "Reactivation rate",
        formula: "of the customers lapsed at the start, those active at the end ÷ customers lapsed at the start",
    },
    Definition {
        name: "repurchase_retention",
        title: "Repurchase retention",
        formula: "buyers of the previous period who buy in this one ÷ buyers of the previous period",
    },
    Definition {
        name: "revenue_movements",
        title: "Revenue movements",
        formula: "new + reactivated + expansion − contraction − churned = change of customers' net revenue",
    },
    Definition {
        name: "gross_revenue_retention",
        title: "Gross revenue retention",
        formula: "Σ min(now, before) ÷ Σ before, over customers with revenue above 0 before",
    },
    Definition {
        name: "net_revenue_retention",
        title: "Net revenue retention",
        formula: "Σ now ÷ Σ before, over customers with revenue above 0 before",
    },
    Definition {
        name: "revenue_churn_rate",
        title: "Revenue churn rate",
        formula: "(churned + contraction) ÷ Σ before, over customers with revenue above 0 before",
    },
    Definition {
        name: "quick_ratio",
        title: "Quick ratio",
        formula: "(new + expansion + reactivated revenue) ÷ (churned + contraction)",
    },
    Definition {
        name: "concentration",
        title: "Concentration of revenue",
        formula: "net revenue of the best ⌈n·p⌉ of n customers ÷ net revenue of all, totals below 0 taken as 0",
    },
    Definition {
        name: "gini",
        title: "Gini coefficient",
        formula: "Σ (2i − n − 1)·xᵢ ÷ (n·Σ xᵢ) over the customers' net revenue x₁ ≤ … ≤ xₙ",
    },
    Definition {
        name: "spend_by_tenure",
        title: "Spend by tenure",
        formula: "net revenue in a month since the first purchase ÷ customers who bought in it, and ÷ customers observed through it",
    },
    Definition {
        name: "time_between_purchases",
        title: "Time between purchases",
        formula: "days from one purchase of a customer to the next; corrected by Kaplan–Meier for those still waiting",
    },
    Definition {
        name: "purchase_funnel",
        title: "Purchase funnel",
        formula: "customers with ≥ k + 1 purchases ÷ customers with ≥ k; within d days, of those observed for d days",
    },
    Definition {
        name: "time_to_second_purchase",
        title: "Time to second purchase",
        formula: "share of customers with a second purchase by so many days after the first, by Kaplan–Meier",
    },
    Definition {
        name: "historic_value",
        title: "Historic value",
        formula: "net revenue of customers with a purchase so far ÷ these customers",
    },
    Definition {
        name: "simple_value",
        title: "Simple lifetime value",
        formula: "average order value × purchases per customer and unit of time × lifespan",
    },
    Definition {
        name: "margin_value",
        title: "Lifetime value on margin",
        formula: "simple lifetime value × contribution margin; ÷ acquisition cost = LTV : CAC",
    },
    Definition {
        name: "payback",
        title: "Month of payback",
        formula: "first month since the first purchase by whose end Σ revenue per original customer × margin ≥ acquisition cost",
    },
    Definition {
        name: "discounted_value",
        title: "Discounted lifetime value",
        formula: "m·r ÷ (1 + d − r), with the first margin m·(1 + d) ÷ (1 + d − r)",
    },
    Definition {
        name: "simulate",
        title: "Simulation",
        formula: "customers of the period before × retention rate + new customers; revenue = customers × spend",
    },
    Definition {
        name: "profit_lift",
        title: "Profit lift",
        formula: "profit per customer after a change of retention ÷ before − 1; profit = m·(1 + d) ÷ (1 + d − r) − acquisition cost",
    },
    Definition {
        name: "returns",
        title: "Refund rate",
        formula: "orders of which money was paid back ÷ orders; what was paid back ÷ amounts of orders before refunds",
    },
    Definition {
        name: "bought_again_after_return",
        title: "Bought again after a return",
        formula: "customers who bought on a day after their first return ÷ customers with a return",
    },
    Definition {
        name: "cost_per_new_customer",
        title: "Cost per new customer",
        formula: "spent on winning customers ÷ new customers; by channel likewise",
    },
    Definition {
        name: "cost_per_existing_customer",
        title: "Cost per existing customer",
        formula: "spent on keeping customers ÷ buyers of the period who had bought before",
    },
    Definition {
        name: "winning_to_keeping",
        title: "Cost of winning to keeping",
        formula: "cost per new customer ÷ cost per existing customer",
    },
    Definition {
        name: "referral_share",
        title: "Share of referred customers",
        formula: "new customers who came by a customer's referral ÷ new customers",
    },
    Definition {
        name: "referrals_per_customer",
        title: "Referrals per customer",
        formula: "new customers who came by a referral ÷ customers with a purchase before the period's end",
    },
    Definition {
        name: "conversions_per_day",
        title: "Referred customers a day",
        formula: "new customers who came by a referral ÷ days of the period in the books",
    },
    Definition {
        name: "growth_factor",
        title: "Growth factor k",
        formula: "invitations per customer × share of invitations that brought a new customer",
    },
    Definition {
        name: "email_open_rate",
        title: "E-mail open rate",
        formula: "e-mails to customers that were opened at least once ÷ e-mails delivered",
    },
    Definition {
        name: "email_click_rate",
        title: "E-mail click-through rate",
        formula: "e-mails to customers with at least one click ÷ e-mails delivered",
    },
    Definition {
        name: "click_to_open_rate",
        title: "Click-to-open rate",
        formula: "e-mails to customers with at least one click ÷ e-mails opened",
    },
    Definition {
        name: "visits_per_customer",
        title: "Visits per customer",
        formula: "customers' visits in the period ÷ customers with a purchase before its end",
    },
    Definition {
        name: "visit_length",
        title: "Length of a visit",
        formula: "seconds of customers' visits ÷ visits whose length is known",
    },
    Definition {
        name: "social_shares_per_customer",
        title: "Social shares per customer",
        formula: "customers' shares in the period ÷ customers with a purchase before its end",
    },
    Definition {
        name: "active_share",
        title: "Share of active customers",
        formula: "customers with an event of the kind in the period ÷ customers with a purchase before its end",
    },
    Definition {
        name: "engagement",
        title: "Repeat rate of the engaged",
        formula: "repeat customer rate of buyers with an event in the period − that of buyers without one",
    },
    Definition {
        name: "returned_in",
        title: "Returned in period k",
        formula: "customers of a cohort who bought in the k-th period after that of their first purchase",
    },
    Definition {
        name: "returned_by",
        title: "Returned by period k",
        formula: "customers of a cohort whose second purchase lies in period k or before",
    },
    Definition {
        name: "returned_from",
        title: "Returned from period k on",
        formula: "customers of a cohort who bought in period k or later, as far as observed",
    },
    Definition {
        name: "active_every",
        title: "Active in every period",
        formula: "customers of a cohort who bought in every period up to k",
    },
    Definition {
        name: "recency",
        title: "Recency",
        formula: "days from the last purchase to the end of the observation",
    },
    Definition { name: "frequency", title: "Frequency", formula: "purchases of a customer" },
    Definition { name: "monetary", title: "Monetary value", formula: "net revenue of a customer" },
    Definition {
        name: "outlook",
        title: "Outlook",
        formula: "1 − S(silence + H) ÷ S(silence), S by Kaplan–Meier over gaps after as many purchases, at a like pace",
    },
    Definition {
        name: "rhythm",
        title: "Rhythm",
        formula: "of those alike who return, the share that has after as long: early < 25 % ≤ due < 75 % ≤ late < 95 % ≤ lapsed",
    },
    Definition {
        name: "segments",
        title: "Segments",
        formula: "value × outlook, each high from a cut on: star, productive, question mark, problem",
    },
    Definition {
        name: "kappa",
        title: "Cohen's kappa",
        formula: "(agreement − agreement by chance) ÷ (1 − agreement by chance)",
    },
    Definition {
        name: "summary.given",
        title: "Orders given",
        formula: "rows that were given, each in one place: orders that count + credit notes + left out + repeated",
    },
    Definition {
        name: "summary.prospects",
        title: "Prospects",
        formula: "customers without a purchase who are known by orders that do not count, by credit notes or by facts",
    },
    Definition {
        name: "summary.credit_notes",
        title: "Credit notes",
        formula: "negative amounts that name no order",
    },
    Definition {
        name: "summary.repeated",
        title: "Repeated orders",
        formula: "orders that came again with the same id and content, counted once",
    },
    Definition {
        name: "summary.superseded",
        title: "Superseded orders",
        formula: "earlier states of orders that came again with the same id and other content",
    },
    Definition {
        name: "summary.left_out",
        title: "Orders left out",
        formula: "orders that do not count, by reason",
    },
    Definition {
        name: "summary.unidentified",
        title: "Orders of nobody",
        formula: "orders without a customer ÷ orders that count",
    },
    Definition {
        name: "summary.inferences",
        title: "Inferences",
        formula: "what was inferred because it was not said, with the orders concerned",
    },
    Definition {
        name: "one_time_customers",
        title: "One-time customers",
        formula: "customers with exactly one purchase so far",
    },
    Definition {
        name: "timing.left_out",
        title: "Left out for the warm-up",
        formula: "customers whose first known purchase falls into the warm-up of the books and may not be the first",
    },
    Definition {
        name: "customer_flow.lapse_after",
        title: "Active for",
        formula: "how long after the last purchase a customer is called active",
    },
    Definition {
        name: "customer_flow.at_start",
        title: "Active at the start",
        formula: "customers whose last purchase before the period lies no longer back than customers are called active",
    },
    Definition {
        name: "customer_flow.new",
        title: "New and active",
        formula: "first purchase ever in the period, and active at its end",
    },
    Definition {
        name: "customer_flow.reactivated",
        title: "Reactivated",
        formula: "lapsed at the start, and active at the end",
    },
    Definition {
        name: "customer_flow.churned",
        title: "Churned",
        formula: "active at the start, and lapsed at the end",
    },
    Definition {
        name: "customer_flow.at_end",
        title: "Active at the end",
        formula: "active at start + new + reactivated − churned",
    },
    Definition {
        name: "customer_flow.lapsed_at_start",
        title: "Lapsed at the start",
        formula: "customers who had bought before the period and were no longer active at its start",
    },
    Definition {
        name: "customer_flow.new_and_gone",
        title: "New and gone",
        formula: "first purchase ever in the period, and lapsed by its end",
    },
    Definition {
        name: "customer_flow.back_and_gone",
        title: "Back and gone",
        formula: "lapsed at the start, bought in the period, and lapsed again by its end",
    },
    Definition {
        name: "customer_flow.lapsed_and_back",
        title: "Lapsed and back",
        formula: "active at the start and at the end, with a lapse in between",
    },
    Definition {
        name: "customer_flow.reactivated_in_warm_up",
        title: "Reactivated in the warm-up",
        formula: "of the reactivated, those whose first known purchase lies in the period but may not be the first",
    },
    Definition {
        name: "revenue_movements.before",
        title: "Revenue before",
        formula: "customers' net revenue of the period before",
    },
    Definition {
        name: "revenue_movements.now",
        title: "Revenue now",
        formula: "customers' net revenue of the period",
    },
    Definition {
        name: "revenue_movements.change",
        title: "Change of revenue",
        formula: "revenue now − revenue before",
    },
    Definition {
        name: "revenue_movements.new",
        title: "New revenue",
        formula: "of customers whose first purchase ever lies in the period",
    },
    Definition {
        name: "revenue_movements.expansion",
        title: "Expansion",
        formula: "what customers with revenue in both periods spend more",
    },
    Definition {
        name: "revenue_movements.contraction",
        title: "Contraction",
        formula: "what customers with revenue in both periods spend less",
    },
    Definition {
        name: "revenue_movements.churned",
        title: "Churned revenue",
        formula: "what customers with revenue before and none now spend less",
    },
    Definition {
        name: "revenue_movements.reactivated",
        title: "Reactivated revenue",
        formula: "of customers who bought earlier or, in the warm-up, may have, but had no revenue in the period before",
    },
    Definition {
        name: "time_to_second_purchase.customers",
        title: "Customers watched",
        formula: "customers whose first purchase is believed to be one",
    },
    Definition {
        name: "time_to_second_purchase.returned",
        title: "Customers who returned",
        formula: "of the customers watched, those with a second purchase so far",
    },
    Definition {
        name: "time_between_purchases.gaps",
        title: "Gaps",
        formula: "purchases − customers; by their length in days",
    },
    Definition {
        name: "cohorts.size",
        title: "Size of a cohort",
        formula: "customers whose first purchase lies in the period",
    },
    Definition {
        name: "revenue_per_customer",
        title: "Revenue per original customer",
        formula: "net revenue up to the end of period k ÷ size of the cohort",
    },
    Definition {
        name: "concentration.lorenz",
        title: "Lorenz curve",
        formula: "share of the revenue that the customers who bring least bring, by their share of the customers",
    },
    Definition {
        name: "rfm",
        title: "RFM score",
        formula: "1 + ⌊bins × share of customers who are strictly worse⌋ of recency, frequency and monetary value; a grid of scores names the segments",
    },
    Definition {
        name: "bought_again_without_return",
        title: "Bought again without a return",
        formula: "customers without a return who bought on at least two days ÷ customers without a return",
    },
    Definition {
        name: "orders_with_cost",
        title: "Orders with a cost",
        formula: "customers' orders whose cost is known ÷ customers' orders",
    },
];
