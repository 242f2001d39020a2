//! Calls that take the segments of another call, which arguments in JSON cannot hold.

use regulars::{Migration, OrderHistory, SegmentRule, Segments};

use crate::arguments::parsed;
use crate::error::CallError;
use crate::outcome::Outcome;

/// The customers of a history in the segments of a rule, which comes as JSON; with the segments of an earlier day, those
/// stay on their side of a cut who are within the rule's hysteresis of it.
///
/// ```
/// # use regulars::{AmountColumn, Currency, HistoryOptions, KeyColumn, OrderColumns, OrderHistory, TimeColumn};
/// # let mut orders = OrderColumns::new(TimeColumn::Days(&[19_500, 19_530]), AmountColumn::Minor(&[1000, 2000]));
/// # orders.customers = Some(KeyColumn::Numbers(&[1, 2]));
/// # let history = OrderHistory::from_columns(&[orders], HistoryOptions::new(Currency::USD))?;
/// let rule = regulars_calls::call(Some(&history), "segment_rule", "")?.to_json();
/// let before = regulars_calls::classify(&history, &rule, None)?;
/// let after = regulars_calls::classify(&history, &rule, Some(&before))?;
/// let moved = regulars_calls::migration(&before, &after)?;
/// assert_eq!(moved.call("kappa", "")?.to_json(), "1.0"); // nobody moved
/// # Ok::<(), regulars_calls::CallError>(())
/// ```
///
/// # Errors
/// A rule that cannot be read, and what the core says.
pub fn classify(history: &OrderHistory, rule: &str, before: Option<&Outcome>) -> Result<Outcome, CallError> {
    let rule: SegmentRule = parsed("rule", rule)?;
    Ok(Outcome::kept(match before {
        None => rule.classify(history)?,
        Some(before) => rule.classify_after(history, of(before, "after")?)?,
    }))
}

/// Which customers went from which segment to which, between the segments of two calls.
///
/// # Errors
/// A result that is not of segments.
pub fn migration(before: &Outcome, after: &Outcome) -> Result<Outcome, CallError> {
    Ok(Outcome::kept(Migration::between(of(before, "before")?, of(after, "after")?)))
}

fn of<'a>(outcome: &'a Outcome, name: &str) -> Result<&'a Segments, CallError> {
    outcome.segments().ok_or_else(|| CallError::InvalidOption {
        name: name.to_owned(),
        message: "expected the segments of customers".to_owned(),
    })
}
