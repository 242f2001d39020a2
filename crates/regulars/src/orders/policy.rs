use core::fmt;
use core::str::FromStr;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::key::{CustomerKey, OrderId};
use crate::error::{Error, Result};
use crate::money::Money;
use crate::text_form::{TextForm, TextOr};

/// What became of an order, in the words that shop systems share. A partly refunded order is [`Paid`](Self::Paid) with
/// a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderStatus {
    /// Paid, in whole or with a part refunded.
    Paid,
    /// Refunded. Without an amount of the refund, refunded in full.
    Refunded,
    /// Not paid yet, or not in full.
    Pending,
    /// Authorised but not captured.
    Authorized,
    /// On hold.
    OnHold,
    /// Cancelled.
    Cancelled,
    /// Voided before the money was captured.
    Voided,
    /// The payment failed.
    Failed,
    /// A test of the shop's owner.
    Test,
    /// A draft or an abandoned checkout.
    Draft,
    /// Deleted.
    Deleted,
}

/// The words of shop systems for each status, in lower case with single underscores.
const WORDS: [(OrderStatus, &[&str]); 11] = [
    (
        OrderStatus::Paid,
        &[
            "paid",
            "partially_refunded",
            "partly_refunded",
            "completed",
            "complete",
            "processing",
            "fulfilled",
            "shipped",
            "closed",
        ],
    ),
    (OrderStatus::Refunded, &["refunded"]),
    (OrderStatus::Pending, &["pending", "pending_payment", "partially_paid", "unpaid", "expired"]),
    (OrderStatus::Authorized, &["authorized", "authorised"]),
    (OrderStatus::OnHold, &["on_hold"]),
    (OrderStatus::Cancelled, &["cancelled", "canceled"]),
    (OrderStatus::Voided, &["voided"]),
    (OrderStatus::Failed, &["failed"]),
    (OrderStatus::Test, &["test"]),
    (OrderStatus::Draft, &["draft", "checkout_draft", "auto_draft"]),
    (OrderStatus::Deleted, &["deleted", "trash", "trashed"]),
];

/// Reads the words of Shopify, WooCommerce (with or without `wc-`) and common others, in any case.
impl FromStr for OrderStatus {
    type Err = Error;

    fn from_str(text: &str) -> Result<OrderStatus> {
        let word = text.trim().to_lowercase().replace([' ', '-'], "_");
        let word = word.strip_prefix("wc_").unwrap_or(&word);
        WORDS.iter().find(|(_, words)| words.contains(&word)).map(|&(status, _)| status).ok_or_else(|| {
            let known: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.iter().copied()).collect();
            Error::UnknownStatus { value: text.to_owned(), known: known.join(", ") }
        })
    }
}

/// To which day a period's revenue books a refund whose date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefundDate {
    /// The day of the refund.
    Refund,
    /// The day of the order.
    Order,
}

/// Which orders count, as a value that every result can name.
///
/// | order | `strict` | `shopify` | `woocommerce` |
/// |---|---|---|---|
/// | paid, partly refunded | counts, net of the refund | same | same |
/// | fully refunded | no purchase, nets to 0 | purchase of 0 | purchase of 0 |
/// | cancelled, voided, failed | left out | a sale on its day and a return on its cancel day | cancelled and failed left out |
/// | pending, authorised, on hold | left out | counts | pending left out |
/// | zero amount | no purchase | purchase of 0 | purchase of 0 |
/// | test, draft, deleted | left out | left out | left out |
///
/// A negative amount is a credit note under every policy: it lowers its customer's revenue on its own day and is never
/// a purchase.
///
/// ```
/// use regulars::{OrderPolicy, OrderStatus};
///
/// let policy = OrderPolicy::strict().counting(OrderStatus::Pending);
/// assert_eq!(policy.name(), "custom");
/// assert_eq!("shopify".parse::<OrderPolicy>()?.name(), "shopify");
/// # Ok::<(), regulars::Error>(())
/// ```
/// In JSON it is an object of its fields, those left out as in `strict`; the name of a preset is read as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "TextOr<Fields>")]
#[non_exhaustive]
pub struct OrderPolicy {
    /// The statuses whose orders are left out; test, draft and deleted always are.
    pub leave_out: BTreeSet<OrderStatus>,
    /// Whether an order over nothing (a sample, an exchange, a warranty case) is a purchase.
    pub count_zero_amount: bool,
    /// Whether an order that was paid back in full is a purchase.
    pub count_fully_refunded: bool,
    /// To which day a period's revenue books a refund whose date is known. Figures of customers and cohorts book it to
    /// its order.
    pub refunds_in_periods: RefundDate,
}

impl Default for OrderPolicy {
    fn default() -> OrderPolicy {
        OrderPolicy::strict()
    }
}

impl OrderPolicy {
    /// Only orders that were paid and, at least in part, kept. The default.
    pub fn strict() -> OrderPolicy {
        use OrderStatus::{Authorized, Cancelled, Failed, OnHold, Pending, Voided};
        OrderPolicy {
            leave_out: BTreeSet::from([Pending, Authorized, OnHold, Cancelled, Voided, Failed]),
            count_zero_amount: false,
            count_fully_refunded: false,
            refunds_in_periods: RefundDate::Refund,
        }
    }

    /// The way of Shopify's own reports: everything but test and deleted orders is a sale, and a cancelled order is a
    /// return on its cancel day.
    pub fn shopify() -> OrderPolicy {
        OrderPolicy {
            leave_out: BTreeSet::new(),
            count_zero_amount: true,
            count_fully_refunded: true,
            refunds_in_periods: RefundDate::Refund,
        }
    }

    /// The way of WooCommerce Analytics, whose settings leave out pending, failed and cancelled orders.
    pub fn woocommerce() -> OrderPolicy {
        use OrderStatus::{Cancelled, Failed, Pending};
        OrderPolicy { leave_out: BTreeSet::from([Pending, Cancelled, Failed]), ..OrderPolicy::shopify() }
    }

    /// The same policy, but orders of a status count.
    #[must_use]
    pub fn counting(mut self, status: OrderStatus) -> OrderPolicy {
        self.leave_out.remove(&status);
        self
    }

    /// The preset that it is, or `custom`.
    pub fn name(&self) -> &'static str {
        PRESETS.iter().find(|(_, preset)| preset() == *self).map_or("custom", |(name, _)| name)
    }

    /// Whether an order that is given like this counts, and how much of it was paid back.
    ///
    /// Nothing is paid back beyond the amount: what a refund has more (tax, shipping, goodwill) is no net sales.
    pub(super) fn judge(&self, status: OrderStatus, amount: i64, refunded: Option<i64>) -> Judgement {
        let whole = amount.max(0);
        let refunded = match status {
            OrderStatus::Cancelled | OrderStatus::Voided | OrderStatus::Failed => whole,
            OrderStatus::Refunded => refunded.unwrap_or(whole),
            _ => refunded.unwrap_or(0),
        };
        let back = refunded.min(whole);
        let standing = if NEVER.contains(&status) || self.leave_out.contains(&status) {
            Standing::LeftOut(LeftOut::from(status))
        } else if amount < 0 {
            Standing::CreditNote
        } else if amount == 0 && !self.count_zero_amount {
            Standing::LeftOut(LeftOut::ZeroAmount)
        } else if amount > 0 && back == amount && !self.count_fully_refunded {
            Standing::LeftOut(LeftOut::FullyRefunded)
        } else {
            Standing::Counts
        };
        Judgement { standing, refunded: back, capped: refunded > back }
    }
}

/// What no policy counts.
pub(super) const NEVER: [OrderStatus; 3] = [OrderStatus::Test, OrderStatus::Draft, OrderStatus::Deleted];

/// The presets by name.
type Preset = (&'static str, fn() -> OrderPolicy);

/// What [`OrderPolicy`] is read from beside the name of a preset.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    leave_out: Option<BTreeSet<OrderStatus>>,
    count_zero_amount: Option<bool>,
    count_fully_refunded: Option<bool>,
    refunds_in_periods: Option<RefundDate>,
}

impl TextForm for Fields {
    const EXPECTED: &'static str =
        "a policy by its name, such as `strict`, or an object of the fields that differ from it";
}

impl TryFrom<TextOr<Fields>> for OrderPolicy {
    type Error = Error;

    fn try_from(json: TextOr<Fields>) -> Result<OrderPolicy> {
        let fields = match json {
            TextOr::Text(name) => return name.parse(),
            TextOr::Fields(fields) => fields,
        };
        let strict = OrderPolicy::strict();
        Ok(OrderPolicy {
            leave_out: fields.leave_out.unwrap_or(strict.leave_out),
            count_zero_amount: fields.count_zero_amount.unwrap_or(strict.count_zero_amount),
            count_fully_refunded: fields.count_fully_refunded.unwrap_or(strict.count_fully_refunded),
            refunds_in_periods: fields.refunds_in_periods.unwrap_or(strict.refunds_in_periods),
        })
    }
}

const PRESETS: [Preset; 3] = [
    ("strict", OrderPolicy::strict),
    ("shopify", OrderPolicy::shopify),
    ("woocommerce", OrderPolicy::woocommerce),
];

impl FromStr for OrderPolicy {
    type Err = Error;

    fn from_str(name: &str) -> Result<OrderPolicy> {
        PRESETS
            .iter()
            .find(|(preset, _)| *preset == name)
            .map(|(_, preset)| preset())
            .ok_or_else(|| Error::UnknownPolicy { value: name.to_owned() })
    }
}

/// What the policy says of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) standing: Standing,
    /// How much of the amount was paid back, at most the amount.
    pub(super) refunded: i64,
    /// Whether more was paid back than the amount.
    pub(super) capped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Counts,
    CreditNote,
    LeftOut(LeftOut),
}

/// Why an order does not count as a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeftOut {
    /// Paid, and left out by a policy of your own.
    Paid,
    /// Marked as refunded, and left out by a policy of your own: no purchase and no money.
    Refunded,
    /// Not paid yet, or not in full.
    Pending,
    /// Authorised but not captured.
    Authorized,
    /// On hold.
    OnHold,
    /// Cancelled.
    Cancelled,
    /// Voided before the money was captured.
    Voided,
    /// The payment failed.
    Failed,
    /// Paid back in full: no purchase, and nets to 0.
    FullyRefunded,
    /// Over nothing: a sample, an exchange, a warranty case.
    ZeroAmount,
    /// A test of the shop's owner.
    Test,
    /// A draft or an abandoned checkout.
    Draft,
    /// Deleted.
    Deleted,
    /// In another currency than the history's.
    OtherCurrency,
    /// Placed on or after the end of the observation. It takes precedence over every other reason: what
    /// became of these orders is not known yet.
    AfterObservation,
}

impl From<OrderStatus> for LeftOut {
    fn from(status: OrderStatus) -> LeftOut {
        match status {
            OrderStatus::Paid => LeftOut::Paid,
            OrderStatus::Refunded => LeftOut::Refunded,
            OrderStatus::Pending => LeftOut::Pending,
            OrderStatus::Authorized => LeftOut::Authorized,
            OrderStatus::OnHold => LeftOut::OnHold,
            OrderStatus::Cancelled => LeftOut::Cancelled,
            OrderStatus::Voided => LeftOut::Voided,
            OrderStatus::Failed => LeftOut::Failed,
            OrderStatus::Test => LeftOut::Test,
            OrderStatus::Draft => LeftOut::Draft,
            OrderStatus::Deleted => LeftOut::Deleted,
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LeftOut::Paid => "paid",
            LeftOut::Refunded => "refunded",
            LeftOut::Pending => "pending",
            LeftOut::Authorized => "authorized",
            LeftOut::OnHold => "on hold",
            LeftOut::Cancelled => "cancelled",
            LeftOut::Voided => "voided",
            LeftOut::Failed => "failed",
            LeftOut::FullyRefunded => "fully refunded",
            LeftOut::ZeroAmount => "zero amount",
            LeftOut::Test => "test",
            LeftOut::Draft => "draft",
            LeftOut::Deleted => "deleted",
            LeftOut::OtherCurrency => "other currency",
            LeftOut::AfterObservation => "after the end of observation",
        })
    }
}

/// An order that does not count, kept so that nothing is lost without a trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LeftOutOrder {
    /// Why it does not count.
    pub reason: LeftOut,
    /// The shop's number of the order.
    pub id: Option<OrderId>,
    /// Who placed it.
    pub customer: Option<CustomerKey>,
    /// The day on which it was placed.
    pub placed_on: NaiveDate,
    /// Its amount before refunds.
    pub amount: Money,
    /// How much of it was paid back.
    pub refunded: Money,
    /// On which day it was paid back, where that is known.
    pub refunded_on: Option<NaiveDate>,
}

impl LeftOutOrder {
    /// What two left-out orders are sorted by: every fact.
    pub(super) fn rank(&self) -> impl Ord {
        (
            self.placed_on,
            self.reason,
            &self.id,
            &self.customer,
            self.amount.currency(),
            self.amount.minor(),
            self.refunded.minor(),
            self.refunded_on,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderStatus::*;

    #[track_caller]
    fn judged(
        policy: &OrderPolicy,
        status: OrderStatus,
        amount: i64,
        refunded: Option<i64>,
    ) -> (Standing, i64) {
        let judgement = policy.judge(status, amount, refunded);
        (judgement.standing, amount - judgement.refunded)
    }

    /// The table of which orders count, line by line.
    #[test]
    fn strict_is_the_table() {
        let strict = OrderPolicy::strict();
        let out = |reason| Standing::LeftOut(reason);
        assert_eq!(judged(&strict, Paid, 100, None), (Standing::Counts, 100));
        assert_eq!(judged(&strict, Paid, 100, Some(30)), (Standing::Counts, 70));
        assert_eq!(judged(&strict, Paid, 100, Some(100)), (out(LeftOut::FullyRefunded), 0));
        assert_eq!(judged(&strict, Paid, 100, Some(120)), (out(LeftOut::FullyRefunded), 0));
        assert_eq!(judged(&strict, Refunded, 100, None), (out(LeftOut::FullyRefunded), 0));
        assert_eq!(judged(&strict, Refunded, 100, Some(60)), (Standing::Counts, 40));
        for (status, reason) in [
            (Cancelled, LeftOut::Cancelled),
            (Voided, LeftOut::Voided),
            (Failed, LeftOut::Failed),
            (Pending, LeftOut::Pending),
            (Authorized, LeftOut::Authorized),
            (OnHold, LeftOut::OnHold),
            (Test, LeftOut::Test),
            (Draft, LeftOut::Draft),
            (Deleted, LeftOut::Deleted),
        ] {
            assert_eq!(judged(&strict, status, 100, None).0, out(reason));
        }
        assert_eq!(judged(&strict, Paid, 0, None).0, out(LeftOut::ZeroAmount));
        assert_eq!(judged(&strict, Paid, -100, None), (Standing::CreditNote, -100));
        assert_eq!(judged(&strict, Cancelled, -100, None).0, out(LeftOut::Cancelled));
    }

    #[test]
    fn shopify_sells_and_returns_what_is_cancelled() {
        let shopify = OrderPolicy::shopify();
        assert_eq!(judged(&shopify, Cancelled, 100, None), (Standing::Counts, 0));
        assert_eq!(judged(&shopify, Pending, 100, None), (Standing::Counts, 100));
        assert_eq!(judged(&shopify, Paid, 0, None), (Standing::Counts, 0));
        for status in [Test, Draft, Deleted] {
            assert!(matches!(judged(&shopify, status, 100, None).0, Standing::LeftOut(_)));
        }
    }

    #[test]
    fn woocommerce_goes_by_a_list_of_statuses() {
        let woocommerce = OrderPolicy::woocommerce();
        assert_eq!(judged(&woocommerce, OnHold, 100, None), (Standing::Counts, 100));
        assert_eq!(judged(&woocommerce, Pending, 100, None).0, Standing::LeftOut(LeftOut::Pending));
    }

    #[test]
    fn words_of_shops_are_read() {
        for (text, status) in [
            ("paid", Paid),
            ("Partially_Refunded", Paid),
            ("wc-completed", Paid),
            ("On hold", OnHold),
            ("canceled", Cancelled),
        ] {
            assert_eq!(text.parse(), Ok(status));
        }
        assert_eq!("lost".parse::<OrderStatus>().unwrap_err().code(), "unknown_status");
    }

    #[test]
    fn presets_have_names_and_survive_json() {
        for name in ["strict", "shopify", "woocommerce"] {
            let policy: OrderPolicy = name.parse().unwrap();
            assert_eq!(policy.name(), name);
            let json = serde_json::to_string(&policy).unwrap();
            assert_eq!(serde_json::from_str::<OrderPolicy>(&json).unwrap(), policy);
            assert_eq!(serde_json::from_str::<OrderPolicy>(&format!("\"{name}\"")).unwrap(), policy);
        }
    }
}
