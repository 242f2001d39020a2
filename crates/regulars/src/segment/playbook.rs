//! From a segment to what to do: actions as data, each with the customers that it is for today.

use core::fmt;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::assessment::{Reason, Segment, days, times};
use super::outlook::Rhythm;
use super::segments::Segments;
use super::stage::Stage;
use crate::error::{Error, Result};
use crate::money::{Currency, Money};
use crate::orders::{CustomerKey, KeyVec};
use crate::sort;
use crate::table::{Column, Columns, Values};
use crate::words::{CUSTOMERS, counted, grouped, units};

/// What a shop can do for customers, with whom it is for and how to see that it worked. As JSON it can be written by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Action {
    /// Its name in the API, in snake case.
    pub id: String,
    /// What to do.
    pub title: String,
    /// For which segments; for all where there is none.
    #[serde(default)]
    pub segments: Vec<Segment>,
    /// At which stages of a shop it weighs most; at all where there is none.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Who of these segments it is for.
    #[serde(default)]
    pub trigger: Trigger,
    /// The figure that would show that it worked.
    pub measure: String,
}

/// Who an [`Action`] is for: those for whom all that is named here holds. Ranges hold both their ends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Trigger {
    /// Any of these reasons of the segment.
    pub reasons: Option<Vec<Reason>>,
    /// Anywhere here in the rhythm of customers alike.
    pub rhythm: Option<Vec<Rhythm>>,
    /// The number of purchases.
    pub purchases: Option<(u32, u32)>,
    /// Days since the last purchase.
    pub silence_days: Option<(u32, u32)>,
    /// Days since the first purchase.
    pub tenure_days: Option<(u32, u32)>,
    /// The next purchase is expected within this many days.
    pub expected_within_days: Option<u32>,
    /// Whether anything came back within the window of the value.
    pub returned: Option<bool>,
    /// Whether there were complaints.
    pub complained: Option<bool>,
    /// Whether they referred others.
    pub referred: Option<bool>,
    /// A cascade of reminders: how many days after the last purchase each step is due. It is due until the next one is. In
    /// ascending order.
    pub steps_days: Option<Vec<u32>>,
    /// The step was reached within so many days, the last one observed among them, or, where [`rhythm`](Self::rhythm) came
    /// to hold only after the step, that did: whoever works through the list as often gets each customer once a step, except
    /// who comes to it by another segment meanwhile. Left out, everybody stays on the list until the next step.
    pub step_within_days: Option<u32>,
}

const NO_END: u32 = u32::MAX;

/// One line of the table below.
fn action(
    id: &str,
    title: &str,
    segments: &[Segment],
    stages: &[Stage],
    trigger: Trigger,
    measure: &str,
) -> Action {
    let (id, title, measure) = (id.to_owned(), title.to_owned(), measure.to_owned());
    Action { id, title, segments: segments.to_vec(), stages: stages.to_vec(), trigger, measure }
}

impl Action {
    /// The actions that the loyalty literature names, as far as a shop's orders say whom they are for.
    ///
    /// Whom `leave` is for, no other action spends anything on; only referrals are thanked for whoever made them.
    ///
    /// ```
    /// use regulars::Action;
    ///
    /// let actions = Action::standard();
    /// let win_back = actions.iter().find(|action| action.id == "win_back").unwrap();
    /// assert_eq!(win_back.trigger.steps_days.as_ref().unwrap()[..3], [7, 14, 30]);
    /// ```
    #[rustfmt::skip]
    pub fn standard() -> Vec<Action> {
        use Rhythm::{Due, Early, Lapsed, Late};
        use Segment::{Problem, Productive, QuestionMark, Star};
        use Stage::{ConsistentGrowth, Established, GainingTraction, Launched, WellEstablished};
        let all = Trigger::default;
        let first = |from, to| Trigger { purchases: Some((1, 1)), silence_days: Some((from, to)), ..all() };
        let again = |least| Trigger { purchases: Some((least, NO_END)), ..all() };
        let content = || Some(vec![Reason::Thriving, Reason::Fading, Reason::Promising, Reason::Dormant]);
        let with_potential = [Star, Productive, QuestionMark];
        let rhythm = |rhythm: &[Rhythm]| Trigger { rhythm: Some(rhythm.to_vec()), reasons: content(), ..all() };
        vec![
            action("vip_service", "Personal service, early access, events",
                &[Star], &[Established, WellEstablished], all(), "retention rate of the stars"),
            action("gift_card", "A gift card for the next purchase",
                &[Star, QuestionMark], &[ConsistentGrowth, Established], rhythm(&[Due]),
                "share that buys again within the horizon, against those without"),
            action("loyalty_card", "Loyalty card and promotional discounts; little investment",
                &[Productive], &[], all(), "outlook of the segment, a month later"),
            action("account_offer", "Offer a customer account after the first purchase",
                &[], &[Launched, GainingTraction], first(0, 30), "share of orders with a customer id"),
            action("delivery_promise", "Say honestly when the first order will arrive",
                &[], &[Launched, GainingTraction], first(0, 6), "refund rate of first orders"),
            action("thank_you", "Thank-you and follow-up a week after the first order",
                &[], &[Launched, GainingTraction], first(7, 13), "share with a second purchase after 60 days"),
            action("education", "Explain how to get the most of what was bought",
                &[], &[GainingTraction], first(3, 30), "share with a second purchase after 90 days; refund rate"),
            action("second_purchase", "An offer for the second purchase, when it is due",
                &[], &[GainingTraction], Trigger { purchases: Some((1, 1)), ..rhythm(&[Due]) },
                "time to the second purchase"),
            action("loyalty_points", "Points and tiers: a reward at the second purchase or at a spend threshold",
                &[QuestionMark, Star], &[ConsistentGrowth, Established], again(2), "purchase frequency"),
            action("personal_offer", "A personal offer around the expected next purchase",
                &[Star, QuestionMark], &[], Trigger { expected_within_days: Some(7), reasons: content(), ..all() },
                "share that buys again within the horizon, against those without"),
            action("replenishment", "A reminder before what was bought runs out",
                &[], &[Established],
                Trigger { purchases: Some((3, NO_END)), expected_within_days: Some(7), ..rhythm(&[Early, Due]) },
                "time between purchases"),
            action("subscription", "A subscription or a box for those who buy at a steady pace",
                &[Star, QuestionMark], &[Established, WellEstablished],
                Trigger { purchases: Some((4, NO_END)), ..rhythm(&[Early, Due]) },
                "purchase frequency; revenue movements"),
            action("wish_list", "A wish list, and a note when something on it changes",
                &[QuestionMark], &[], rhythm(&[Early, Due]), "share of question marks that become stars"),
            action("pay_later", "Pay later, and more ways to pay",
                &[QuestionMark], &[], all(), "average order value"),
            action("game", "Game elements: progress, badges, challenges",
                &[QuestionMark], &[WellEstablished], again(2), "purchase frequency"),
            action("referral_reward", "A reward for both sides of a referral",
                &[Star], &[ConsistentGrowth], Trigger { returned: Some(false), ..again(2) },
                "new customers by referral"),
            action("thank_referrer", "Thank those who brought others",
                &[], &[ConsistentGrowth], Trigger { referred: Some(true), ..all() },
                "referrals per referring customer"),
            action("shared_values", "Show what the shop stands for, and let customers take part",
                &[Star, Productive], &[WellEstablished], all(), "retention rate"),
            action("community", "A community of customers",
                &[Star], &[WellEstablished], all(), "retention rate of the stars"),
            action("newsletter", "A newsletter of its own for each segment",
                &with_potential, &[GainingTraction, ConsistentGrowth], all(), "revenue per customer by segment"),
            action("fast_help", "Fast help, on several channels",
                &[Star, Productive], &[], Trigger { complained: Some(true), ..all() },
                "share that buys again after a complaint"),
            action("make_good", "Put it right, twice; then leave",
                &[Problem], &[], Trigger { reasons: Some(vec![Reason::Dissatisfied]), ..all() },
                "share that buys again after a return"),
            action("return_credit", "A discount or store credit with a return",
                &with_potential, &[], Trigger { returned: Some(true), ..all() },
                "share that buys again after a return"),
            action("easy_returns", "Make returns easy, and say so",
                &[Star, QuestionMark], &[], Trigger { returned: Some(true), ..all() },
                "share that buys again after a return"),
            action("answer_questions", "Ask what they need, and answer",
                &[QuestionMark], &[GainingTraction], rhythm(&[Late]), "share of question marks that become stars"),
            action("feedback_survey", "A survey among those quiet for more than three months",
                &with_potential, &[Established], Trigger { silence_days: Some((91, 365)), ..all() },
                "share that answers; reactivation rate"),
            action("retargeting", "Social media and retargeting of past buyers",
                &[Productive, QuestionMark], &[ConsistentGrowth], rhythm(&[Late, Lapsed]), "reactivation rate"),
            action("staff_call", "A call, or a letter by hand, before a good customer is gone",
                &[Star, Productive], &[], rhythm(&[Late]), "share of productive customers that become stars"),
            action("win_back", "A cascade of reminders after the last order",
                &with_potential, &[GainingTraction],
                Trigger {
                    steps_days: Some(vec![7, 14, 30, 60, 90, 180, 365]),
                    step_within_days: Some(7),
                    ..rhythm(&[Due, Late, Lapsed])
                },
                "reactivation rate by step"),
            action("leave", "Spend the effort on others",
                &[Problem], &[],
                Trigger {
                    reasons: Some(vec![Reason::Dormant, Reason::Costly]),
                    silence_days: Some((91, NO_END)),
                    ..rhythm(&[Lapsed])
                },
                "cost of marketing per active customer"),
        ]
    }
}

/// The customers that an [`Action`] is for today, those of the highest value first, equal ones in the order of their keys. As
/// [`Columns`] it has one row per customer; it displays its first ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Audience {
    /// What to do.
    pub action: Action,
    /// Today: the customers are as known at the end of the day before.
    pub as_of: NaiveDate,
    /// The currency of the values.
    pub currency: Currency,
    keys: KeyVec,
    /// The segments.
    pub segment: Vec<Segment>,
    /// Which step of a cascade is due, from 1 on; 0 where there is none.
    pub step: Vec<u32>,
    /// On which day that step was reached, or else when the next purchase is expected.
    pub due_on: Vec<Option<NaiveDate>>,
    /// The values, in minor units.
    pub value_minor: Vec<i64>,
    /// The outlooks.
    pub outlook: Vec<f64>,
    /// Purchases so far.
    pub purchases: Vec<u32>,
    /// Days since the last purchase.
    pub silence_days: Vec<u32>,
    /// Where they stand in the rhythm of customers alike.
    pub rhythm: Vec<Option<Rhythm>>,
}

/// What is asked of a customer beside the columns of [`Segments`].
struct Signals {
    rhythm: Option<Rhythm>,
    expected_on: Option<NaiveDate>,
}

impl Segments {
    /// The customers that an action of the standard playbook is for today, by its [`id`](Action::id).
    ///
    /// # Errors
    /// [`Error::UnknownAction`] where it has no action of that name.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, SegmentOptions, SegmentRule};
    /// # let day = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
    /// # let order = |who: &str, on| Order::new(on, Money::from_minor(2000, Currency::USD)).customer(who);
    /// let orders = [order("ann", day(1, 5)), order("ann", day(1, 25)), order("bob", day(1, 9)), order("cid", day(3, 1))];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let segments = SegmentRule::fit(&history, &SegmentOptions::default())?.classify(&history)?;
    /// let win_back = segments.audience("win_back")?;
    /// // Ann is worth much and has been silent for longer than anybody who came back; the step of 30 days is due since 24
    /// // February, within the last seven days. Bob, alike but worth less, is a problem.
    /// assert_eq!((win_back.len(), win_back.step[0], win_back.key(0).unwrap().to_string()), (1, 3, "ann".to_owned()));
    /// assert!(win_back.why(0).unwrap().contains("silent for"));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn audience(&self, action: &str) -> Result<Audience> {
        let actions = Action::standard();
        let found = actions.iter().find(|known| known.id == action);
        found.map(|found| self.audience_of(found)).ok_or_else(|| {
            let known: Vec<&str> = actions.iter().map(|action| action.id.as_str()).collect();
            Error::UnknownAction { value: action.to_owned(), known: known.join(", ") }
        })
    }

    /// The customers that an action of your own is for today.
    pub fn audience_of(&self, action: &Action) -> Audience {
        let mut audience = Audience {
            action: action.clone(),
            as_of: self.as_of,
            currency: self.rule.currency,
            keys: KeyVec::default(),
            segment: Vec::new(),
            step: Vec::new(),
            due_on: Vec::new(),
            value_minor: Vec::new(),
            outlook: Vec::new(),
            purchases: Vec::new(),
            silence_days: Vec::new(),
            rhythm: Vec::new(),
        };
        let met = |row| self.meets(row, action).map(|(signals, step)| (row, signals, step));
        let mut rows: Vec<(usize, Signals, u32)> = (0..self.len()).filter_map(met).collect();
        sort::by(&mut rows, |(a, ..), (b, ..)| {
            let by_value = self.value_minor.get(*b).cmp(&self.value_minor.get(*a));
            by_value.then_with(|| self.keys.get(*a).cmp(&self.keys.get(*b)))
        });
        audience.keys = self.keys.select(rows.iter().map(|&(row, ..)| row));
        for (row, signals, step) in rows {
            let steps = action.trigger.steps_days.as_deref().unwrap_or_default();
            let on_step = step
                .checked_sub(1)
                .and_then(|at| steps.get(at as usize))
                .and_then(|&after| self.last_purchase(row)?.checked_add_days(Days::new(after.into())));
            audience.segment.extend(self.segment.get(row));
            audience.step.push(step);
            audience.due_on.push(on_step.or(signals.expected_on));
            audience.value_minor.extend(self.value_minor.get(row));
            audience.outlook.extend(self.outlook.get(row));
            audience.purchases.extend(self.purchases.get(row));
            audience.silence_days.extend(self.silence_days.get(row));
            audience.rhythm.push(signals.rhythm);
        }
        audience
    }

    /// Whether an action is for a customer: then with which signals, and at which step.
    fn meets(&self, row: usize, action: &Action) -> Option<(Signals, u32)> {
        let trigger = &action.trigger;
        let (&segment, &reason) = (self.segment.get(row)?, self.reason.get(row)?);
        let (&purchases, &span) = (self.purchases.get(row)?, self.span_days.get(row)?);
        let &silence = self.silence_days.get(row)?;
        let within = |range: Option<(u32, u32)>, value: u32| {
            range.is_none_or(|(from, to)| (from..=to).contains(&value))
        };
        let any_of = |wanted: &[Segment]| wanted.is_empty() || wanted.contains(&segment);
        let plain = any_of(&action.segments)
            && trigger.reasons.as_ref().is_none_or(|reasons| reasons.contains(&reason))
            && within(trigger.purchases, purchases)
            && within(trigger.silence_days, silence)
            && within(trigger.tenure_days, span.saturating_add(silence));
        if !plain {
            return None;
        }
        let note = self.note(row).unwrap_or_default();
        let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
        if !is(trigger.returned, note.returned > 0)
            || !is(trigger.complained, note.complaints > 0)
            || !is(trigger.referred, note.referrals > 0)
        {
            return None;
        }
        let estimate = self.rule.outlook.estimate(purchases, span, silence);
        if let Some(wanted) = &trigger.rhythm {
            estimate.rhythm.filter(|rhythm| wanted.contains(rhythm))?;
        }
        if let Some(most) = trigger.expected_within_days {
            let expected = estimate.next?.expected_day;
            Some(expected.saturating_sub(silence)).filter(|&ahead| ahead <= most)?;
        }
        // The step that was reached last; before the first the action is for nobody.
        let step = match trigger.steps_days.as_deref() {
            None => 0,
            Some(steps) => {
                let reached = steps.iter().take_while(|&&days| silence >= days);
                let (step, &after) = (1..).zip(reached).last()?;
                let wanted = trigger.rhythm.as_deref();
                let begun =
                    wanted.and_then(|wanted| self.rule.outlook.since(purchases, span, silence, wanted));
                let fresh = |within: u32| silence - after.max(begun.unwrap_or(0)) < within;
                trigger.step_within_days.is_none_or(fresh).then_some(step)?
            }
        };
        let expected_on = estimate
            .next
            .and_then(|next| self.last_purchase(row)?.checked_add_days(Days::new(next.expected_day.into())));
        Some((Signals { rhythm: estimate.rhythm, expected_on }, step))
    }
}

impl Audience {
    /// How many customers.
    pub fn len(&self) -> usize {
        self.segment.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.segment.is_empty()
    }

    /// Who stands in a row.
    pub fn key(&self, row: usize) -> Option<CustomerKey> {
        self.keys.key(row)
    }

    /// Why the action is for a row, as a sentence.
    pub fn why(&self, row: usize) -> Option<String> {
        let (bought, silent) = (times(*self.purchases.get(row)?), days(*self.silence_days.get(row)?));
        let mut why = format!("Bought {bought} and silent for {silent}");
        if let Some(rhythm) = self.rhythm.get(row)? {
            why += match rhythm {
                Rhythm::Early => ": most customers like this come back later",
                Rhythm::Due => ": the time when customers like this come back",
                Rhythm::Late => ": most customers like this who come back have done so by now",
                Rhythm::Lapsed => ": nearly all customers like this who come back have done so by now",
            };
        }
        let when = match (self.due_on.get(row)?, *self.step.get(row)?) {
            (Some(day), 0) => format!("; expected on {day}, if at all."),
            (Some(day), step) => format!("; step {step} is due since {day}."),
            (None, _) => ".".to_owned(),
        };
        Some(why + &when)
    }
}

/// So many rows are displayed.
const SHOWN: usize = 10;

/// What to do, for how many, and who the first of them are.
impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers = counted(self.len() as u64, CUSTOMERS);
        write!(f, "{}: {customers} on {}", self.action.title, self.as_of)?;
        if self.is_empty() {
            return Ok(());
        }
        let day = if self.action.trigger.steps_days.is_some() { "due on" } else { "expected" };
        write!(f, "\n\n{:<24}{:<14}{:>18}{:>10}{:>8}  {day}", "", "segment", "value", "silent", "step")?;
        let all = self.segment.iter().zip(&self.value_minor).zip(&self.silence_days).zip(&self.step);
        for (row, (((segment, &minor), silent), &step)) in all.enumerate().take(SHOWN) {
            let value = Money::from_minor(minor, self.currency);
            let step = if step == 0 { "–".to_owned() } else { step.to_string() };
            let due = self.due_on.get(row).copied().flatten();
            write!(
                f,
                "\n{:<24}{segment:<14}{:>18}{:>10}{step:>8}  {}",
                self.keys.text(row),
                format!("{} {}", units(value), self.currency),
                days(*silent),
                due.map_or("–".to_owned(), |day| day.to_string())
            )?;
        }
        match self.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n… and {} more", grouped(more as u128)),
        }
    }
}

impl Columns for Audience {
    fn rows(&self) -> usize {
        self.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let rows = 0..self.len();
        let names = self.segment.iter().map(|segment| segment.name().into()).collect();
        let rhythm = |rhythm: &Option<Rhythm>| rhythm.map_or("", Rhythm::name).into();
        let money = |&minor: &i64| Money::from_minor(minor, self.currency);
        let due =
            self.due_on.iter().map(|day| day.map_or(0, crate::calendar::boundary_day)).collect::<Vec<_>>();
        vec![
            Column::new("customer", Values::Text(rows.clone().map(|row| self.keys.text(row)).collect())),
            Column::new("segment", Values::Text(names)),
            Column::new("step", Values::U32(self.step.as_slice().into())),
            Column::new("due_on", Values::Date(due.into()))
                .only(self.due_on.iter().map(Option::is_some).collect()),
            Column::money("value", self.value_minor.iter().map(money)),
            Column::new("outlook", Values::F64(self.outlook.as_slice().into())),
            Column::new("purchases", Values::U32(self.purchases.as_slice().into())),
            Column::new("silence_days", Values::U32(self.silence_days.as_slice().into())),
            Column::new("rhythm", Values::Text(self.rhythm.iter().map(rhythm).collect()))
                .only(self.rhythm.iter().map(Option::is_some).collect()),
            Column::new(
                "why",
                Values::Text(rows.map(|row| self.why(row).unwrap_or_default().into()).collect()),
            ),
        ]
    }
}
