//! The figures of a history, computed as their definitions read, customer by customer and day by day.
//!
//! Nothing here is shared with the core: keys are text, days come from the zone database itself, the books are maps,
//! and every period is computed on its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use regulars::{Buying, HistoryOptions, OrderStatus, RefundDate, Summary};

use crate::raw::{Placed, RawOrder, date};

/// One order that was looked at.
#[derive(Debug, Clone)]
struct Entry {
    who: Option<String>,
    day: NaiveDate,
    /// Before refunds.
    amount: i64,
    back: i64,
    back_on: Option<NaiveDate>,
    kind: Kind,
    channel: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Purchase,
    CreditNote,
    /// Left out, but its money came and went.
    PaidBack,
    LeftOut,
}

/// All orders of a history, each classified.
#[derive(Debug)]
pub struct Reference {
    entries: Vec<Entry>,
    options: HistoryOptions,
    given: u64,
    repeated: u64,
    until: NaiveDate,
    first: NaiveDate,
}

/// What a period comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    customers: u64,
    new: u64,
    warm_up: u64,
    repeat: u64,
    returning: u64,
    purchases: u64,
    first: (i64, u64),
    in_warm_up: (i64, u64),
    later: (i64, u64),
    unidentified: (i64, u64),
    credits: (i64, u64),
}

/// Trimmed; an address in lower case; nobody where nothing is left.
pub fn key(text: Option<&String>) -> Option<String> {
    let text = text?.trim();
    match text {
        "" => None,
        address if address.contains('@') => Some(address.to_lowercase()),
        id => Some(id.to_owned()),
    }
}

fn day_of(placed: Placed, zone: Option<&str>) -> NaiveDate {
    let instant = match placed {
        Placed::Day(day) => return date(day),
        Placed::Second(second) => DateTime::from_timestamp(second, 0).unwrap(),
    };
    match zone {
        None => instant.date_naive(),
        Some(offset) if offset.starts_with(['+', '-']) => {
            instant.with_timezone(&offset.parse::<FixedOffset>().unwrap()).date_naive()
        }
        Some(name) => instant.with_timezone(&name.parse::<chrono_tz::Tz>().unwrap()).date_naive(),
    }
}

impl Reference {
    /// Looks at every order, once each. A refund made on or after a named end of the observation is not yet made.
    pub fn new(orders: &[RawOrder], options: &HistoryOptions) -> Reference {
        use OrderStatus::{Cancelled, Deleted, Draft, Failed, Refunded, Test, Voided};
        let zone = options.zone.as_ref().map(ToString::to_string);
        let policy = &options.policy;
        let mut seen = BTreeSet::new();
        let mut entries = Vec::new();
        let mut repeated = 0;
        for order in orders {
            if let Some(id) = key(order.id.as_ref()) {
                if !seen.insert(id) {
                    repeated += 1;
                    continue;
                }
            }
            let all = order.amount.max(0);
            let back = match order.status {
                Cancelled | Voided | Failed => all,
                Refunded => order.refunded.unwrap_or(all).min(all),
                _ => order.refunded.unwrap_or(0).min(all),
            };
            let ahead = |end| order.refunded_on.is_some_and(|on| date(on) >= end);
            let back = if options.observed_until.is_some_and(ahead) { 0 } else { back };
            let kind = if [Test, Draft, Deleted].contains(&order.status)
                || policy.leave_out.contains(&order.status)
                || (order.amount == 0 && !policy.count_zero_amount)
            {
                Kind::LeftOut
            } else if order.amount < 0 {
                Kind::CreditNote
            } else if order.amount > 0 && back == order.amount && !policy.count_fully_refunded {
                Kind::PaidBack
            } else {
                Kind::Purchase
            };
            entries.push(Entry {
                who: key(order.customer.as_ref()).or_else(|| key(order.email.as_ref())),
                day: day_of(order.placed, zone.as_deref()),
                amount: order.amount,
                back,
                back_on: order.refunded_on.map(date).filter(|_| back > 0),
                kind,
                channel: order.channel.clone().filter(|name| !name.is_empty()),
            });
        }
        let days = || entries.iter().map(|entry| entry.day);
        let first = days().min().unwrap();
        let until = options.observed_until.unwrap_or_else(|| days().max().unwrap().succ_opt().unwrap());
        let options = options.clone();
        Reference { given: orders.len() as u64, entries, options, repeated, until, first }
    }

    fn observed(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.day < self.until)
    }

    /// Orders, those paid back in full included: who, on which day, cents before refunds, cents paid back, and when.
    pub fn sold(&self) -> impl Iterator<Item = (Option<&str>, NaiveDate, i64, i64, Option<NaiveDate>)> {
        let sold = self.observed().filter(|entry| matches!(entry.kind, Kind::Purchase | Kind::PaidBack));
        sold.map(|e| (e.who.as_deref(), e.day, e.amount, e.back, e.back_on))
    }

    /// Purchases of somebody: who, on which day, cents after refunds, and through which channel.
    pub fn bought(&self) -> impl Iterator<Item = (&str, NaiveDate, i64, Option<&str>)> {
        let bought = self.observed().filter(|entry| entry.kind == Kind::Purchase);
        bought.filter_map(|e| Some((e.who.as_deref()?, e.day, e.amount - e.back, e.channel.as_deref())))
    }

    /// The days of each customer's purchases.
    pub fn occasions(&self) -> BTreeMap<&str, BTreeSet<NaiveDate>> {
        let mut occasions: BTreeMap<&str, BTreeSet<NaiveDate>> = BTreeMap::new();
        for entry in self.observed().filter(|entry| entry.kind == Kind::Purchase) {
            if let Some(who) = &entry.who {
                occasions.entry(who).or_default().insert(entry.day);
            }
        }
        occasions
    }

    /// Everybody with an order, counted or not, or a credit note.
    pub fn named(&self) -> BTreeSet<&str> {
        self.observed().filter_map(|entry| entry.who.as_deref()).collect()
    }

    /// Each customer's rows in time: the day, the net amount, and whether it is an order that counts or a credit note.
    pub fn books(&self) -> BTreeMap<&str, Vec<(NaiveDate, i64, bool)>> {
        let mut books: BTreeMap<&str, Vec<(NaiveDate, i64, bool)>> = BTreeMap::new();
        for entry in self.observed().filter(|e| matches!(e.kind, Kind::Purchase | Kind::CreditNote)) {
            if let Some(who) = &entry.who {
                let row = (entry.day, entry.amount - entry.back, entry.kind == Kind::Purchase);
                books.entry(who).or_default().push(row);
            }
        }
        for rows in books.values_mut() {
            rows.sort_unstable();
        }
        books
    }

    /// Whether a first purchase on this day is believed to be one.
    pub fn believes(&self, first: NaiveDate) -> bool {
        let books = self.options.history_starts;
        books.is_none_or(|books| (first - books).num_days() >= i64::from(self.options.warm_up_days))
    }

    /// The figures of the days from `start` up to but without `end`.
    pub fn during(&self, start: NaiveDate, end: NaiveDate) -> Figures {
        let within = |day: NaiveDate| start <= day && day < end;
        let believed = |first: NaiveDate| self.believes(first);
        let occasions = self.occasions();
        let mut figures = Figures::default();
        for days in occasions.values() {
            let first = *days.first().unwrap();
            let here = days.iter().filter(|&&day| within(day)).count();
            if here == 0 {
                continue;
            }
            figures.customers += 1;
            figures.purchases += here as u64;
            figures.new += u64::from(within(first) && believed(first));
            figures.warm_up += u64::from(within(first) && !believed(first));
            figures.repeat += u64::from(here >= 2);
            figures.returning += u64::from(days.iter().filter(|&&day| day < end).count() >= 2);
        }
        for entry in self.observed() {
            let first =
                entry.who.as_deref().and_then(|who| occasions.get(who)).map(|days| *days.first().unwrap());
            let part = match (&entry.who, entry.kind) {
                (_, Kind::LeftOut) => continue,
                (None, _) => &mut figures.unidentified,
                (Some(_), Kind::CreditNote | Kind::PaidBack) => &mut figures.credits,
                (Some(_), Kind::Purchase) if first == Some(entry.day) && believed(entry.day) => {
                    &mut figures.first
                }
                (Some(_), Kind::Purchase) if first == Some(entry.day) => &mut figures.in_warm_up,
                (Some(_), Kind::Purchase) => &mut figures.later,
            };
            part.1 += u64::from(entry.kind == Kind::Purchase && within(entry.day));
            let back_on = match self.options.policy.refunds_in_periods {
                RefundDate::Refund => entry.back_on.unwrap_or(entry.day),
                _ => entry.day,
            };
            part.0 += if within(entry.day) { entry.amount } else { 0 };
            part.0 -= if within(back_on) { entry.back } else { 0 };
        }
        figures
    }

    /// That a period of the core says the same.
    #[track_caller]
    pub fn check_buying(&self, buying: &Buying) {
        let period = buying.period;
        let expected = self.during(period.start(), period.end());
        let split = &buying.revenue_split;
        let part = |part: &regulars::RevenuePart| (part.revenue.minor(), part.orders);
        let found = Figures {
            customers: buying.customers,
            new: buying.new_customers.unwrap_or(expected.new),
            warm_up: buying.warm_up_customers,
            repeat: buying.repeat_customer_rate.numerator,
            returning: if expected.warm_up > 0 {
                expected.returning
            } else {
                buying.returning_customer_rate.numerator
            },
            purchases: buying.purchases,
            first: part(&split.first),
            in_warm_up: part(&split.warm_up),
            later: part(&split.later),
            unidentified: part(&split.unidentified),
            credits: part(&split.credits),
        };
        assert_eq!(found, expected, "{period}");
        assert_eq!(buying.complete, period.end() <= self.until, "{period}");

        let of_customers = expected.first.0 + expected.in_warm_up.0 + expected.later.0 + expected.credits.0;
        let revenue = of_customers + expected.unidentified.0;
        let orders = expected.first.1
            + expected.in_warm_up.1
            + expected.later.1
            + expected.unidentified.1
            + expected.credits.1;
        assert_eq!((buying.revenue.minor(), buying.orders), (revenue, orders), "{period}");
        assert_eq!(part(&split.total), (revenue, orders), "{period}");

        let n = expected.customers;
        let share = |part: u64| (n > 0).then(|| part as f64 / n as f64);
        // Whoever may have bought before the books begin leaves open what depends on it.
        let known = expected.warm_up == 0;
        assert_eq!(buying.new_customers.is_some(), known, "{period}");
        for (rate, part, known) in [
            (buying.repeat_customer_rate, expected.repeat, true),
            (buying.returning_customer_rate, expected.returning, known),
            (buying.existing_customer_share, n - expected.new, known),
        ] {
            let (part, n, value) = if known { (part, n, share(part)) } else { (0, 0, None) };
            assert_eq!((rate.numerator, rate.denominator, rate.value), (part, n, value), "{period}");
            assert_eq!(rate.small_n, n < 30);
        }
        let books = self.options.history_starts.unwrap_or(self.first);
        assert_eq!(
            buying.reaches_back,
            period.before().is_some_and(|before| books <= before.start()),
            "{period}"
        );
        assert_eq!(buying.purchase_frequency.value, share(expected.purchases));
        let mean = |cents: i64, of: u64| (of > 0).then(|| cents as f64 / 100.0 / of as f64);
        // Refunds are taken off their orders here, whenever they were paid.
        let placed =
            || self.observed().filter(|entry| entry.kind != Kind::LeftOut && period.contains(entry.day));
        let net = |entry: &Entry| entry.amount - entry.back;
        let of_known = placed().filter(|entry| entry.who.is_some()).map(net).sum();
        assert_eq!(buying.average_order_value.value, mean(placed().map(net).sum(), orders));
        assert_eq!(buying.average_revenue_per_customer.value, mean(of_known, n));
        for of in [split.first, split.warm_up, split.later, split.unidentified, split.credits, split.total] {
            let share = (revenue > 0).then(|| of.revenue.minor() as f64 / revenue as f64);
            assert_eq!(of.share, share, "{period}");
        }
    }

    /// That the summary of the core says the same.
    #[track_caller]
    pub fn check_summary(&self, summary: &Summary) {
        let occasions = self.occasions();
        let count = |kind| self.observed().filter(|entry| entry.kind == kind).count() as u64;
        let nobody = self.observed().filter(|e| e.kind == Kind::Purchase && e.who.is_none()).count() as u64;
        let counted = |kind| matches!(kind, Kind::Purchase | Kind::CreditNote);
        let revenue: i64 = self.observed().filter(|e| counted(e.kind)).map(|e| e.amount - e.back).sum();
        let left_out = self.entries.iter().filter(|e| !counted(e.kind) || e.day >= self.until).count() as u64;
        assert_eq!(summary.given, self.given);
        assert_eq!(summary.repeated, self.repeated);
        assert_eq!(summary.orders, count(Kind::Purchase));
        assert_eq!(summary.credit_notes, count(Kind::CreditNote));
        assert_eq!(summary.left_out.iter().map(|l| l.orders).sum::<u64>(), left_out);
        assert_eq!(summary.customers, occasions.len() as u64);
        assert_eq!(summary.purchases, occasions.values().map(|days| days.len() as u64).sum::<u64>());
        assert_eq!(
            (summary.unidentified.numerator, summary.unidentified.denominator),
            (nobody, summary.orders)
        );
        assert_eq!(summary.revenue.minor(), revenue);
        assert_eq!((summary.span.start(), summary.span.end()), (self.first, self.until));
    }

    /// The first day and the day after the last.
    pub fn span(&self) -> (NaiveDate, NaiveDate) {
        (self.first, self.until)
    }

    /// The first days of the periods of a grain that cover the history, and the day after the last.
    pub fn bounds(&self, grain: &str) -> Vec<NaiveDate> {
        let starts = |day: NaiveDate| match grain {
            "day" => true,
            "week" => day.weekday() == chrono::Weekday::Mon,
            "week-sun" => day.weekday() == chrono::Weekday::Sun,
            "month" => day.day() == 1,
            "quarter" => day.day() == 1 && day.month() % 3 == 1,
            "year" => day.day() == 1 && day.month() == 1,
            _ => panic!("{grain}"),
        };
        let mut day = self.first;
        while !starts(day) {
            day = day.pred_opt().unwrap();
        }
        let mut bounds = vec![day];
        while day < self.until {
            day = day.succ_opt().unwrap();
            if starts(day) {
                bounds.push(day);
            }
        }
        // The last period ends where the next would start.
        while !starts(day) {
            day = day.succ_opt().unwrap();
            if starts(day) {
                bounds.push(day);
            }
        }
        bounds
    }

    /// The sum of all refunds whose booking leaves the days from `start` to `end`.
    pub fn refunds_outside(&self, start: NaiveDate, end: NaiveDate) -> bool {
        self.entries.iter().filter_map(|entry| entry.back_on).any(|day| day < start || end <= day)
    }
}
