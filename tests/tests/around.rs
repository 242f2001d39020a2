//! Acquisition, referrals and engagement beside computations that read as the definitions do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use regulars::{
    Average, Columns, Currency, Customer, CustomerKey, Engagement, Event, EventColumns, EventKind, EventLog,
    EventOptions, HistoryOptions, Interval, KeyColumn, KindColumn, MarketingAim, MarketingCost, Money,
    OrderHistory, Period, Rate, RateDifference, ReferralOptions, Strings, TimeColumn, UnknownKinds,
};
use regulars_tests::{Placed, RawOrder, Reference, date, history_of, key, many_orders, options, orders};

/// The days on which the random orders lie, and some around them.
const FIRST: i32 = 19_711;
const DAYS: std::ops::Range<i32> = FIRST - 20..FIRST + 180;
const KEYS: [&str; 10] = [
    "1",
    "2",
    "3",
    "42",
    "0042",
    "cus_A",
    "ann@example.com",
    "Ann@Example.com ",
    "bob@x.org",
    "nobody-known",
];

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn period() -> impl Strategy<Value = Period> {
    (DAYS, 1_i32..120).prop_map(|(start, days)| Period::new(date(start), date(start + days)).unwrap())
}

/// Orders, options and what they come to, where there is a history of them. In half of them all orders fall on a few days,
/// so that people meet on their first one and have several orders of it.
fn shop() -> impl Strategy<Value = (OrderHistory, Reference)> {
    (orders(60), options(), any::<bool>()).prop_filter_map("no history", |(mut orders, options, crowded)| {
        for order in orders.iter_mut().filter(|_| crowded) {
            if let Placed::Day(day) = order.placed {
                order.placed = Placed::Day(FIRST + (day - FIRST) % 6);
            }
            order.channel = Some(
                ["web", "shop", "search", ""][usize::try_from(order.amount.unsigned_abs() % 4).unwrap()]
                    .to_owned(),
            );
        }
        let history = history_of(&orders, &options).ok()?;
        Some((history, Reference::new(&orders, &options)))
    })
}

fn who(text: &str) -> String {
    key(Some(&text.to_owned())).unwrap()
}

/// The first purchase of everybody who has one.
fn first_purchases(reference: &Reference) -> BTreeMap<&str, NaiveDate> {
    reference.occasions().iter().map(|(who, days)| (*who, *days.first().unwrap())).collect()
}

// Acquisition.

fn cost() -> impl Strategy<Value = MarketingCost> {
    let channel = weighted(0.8, select(&["web", "shop", " web", "radio", ""][..]));
    (period(), 0_i64..5_000, channel, any::<bool>()).prop_map(|(period, minor, channel, keeping)| {
        let mut cost = MarketingCost::new(period, usd(minor));
        cost.channel = channel.map(str::to_owned);
        cost.aim = if keeping { MarketingAim::Keeping } else { MarketingAim::Winning };
        cost
    })
}

/// What of a cost is spent on each day: cent by cent, each on the first day by which it is due.
fn spent_on_days(cost: &MarketingCost) -> Vec<(NaiveDate, i64)> {
    let days = cost.period.days();
    let mut left = cost.cost.minor();
    let mut spent = Vec::new();
    for (day, at) in cost.period.start().iter_days().zip(1..=days) {
        // The cents that may be left after this day: so many that the rest is not more than an even share.
        let mut today = 0;
        while (cost.cost.minor() - (left - today) + 1) * days <= cost.cost.minor() * at {
            today += 1;
        }
        left -= today;
        spent.push((day, today));
    }
    assert_eq!(left, 0);
    spent
}

type ChannelRow = (Option<String>, u64, Option<i64>);

/// Whether nobody knows who of the buyers of a period is new.
fn warms_up(reference: &Reference, period: Period) -> bool {
    first_purchases(reference).values().any(|&first| period.contains(first) && !reference.believes(first))
}

/// Rows, new customers, spent on winning, through no channel, on keeping, and outside the period.
fn acquired(
    reference: &Reference,
    facts: &BTreeMap<String, String>,
    costs: &[MarketingCost],
    period: Period,
) -> (Vec<ChannelRow>, u64, Option<i64>, Option<i64>, Option<i64>, i64) {
    let mut rows: BTreeMap<(bool, String), (u64, Option<i64>)> = BTreeMap::new();
    let mut new = 0;
    for (who, first) in first_purchases(reference) {
        if !period.contains(first) || warms_up(reference, period) {
            continue;
        }
        new += 1;
        let of_that_day = reference.bought().filter(|(w, day, ..)| *w == who && *day == first);
        let largest = of_that_day.filter_map(|(_, _, net, channel)| Some((net, channel?.to_owned()))).max();
        let channel = facts.get(who).cloned().or(largest.map(|(_, channel)| channel));
        rows.entry((channel.is_none(), channel.unwrap_or_default())).or_default().0 += 1;
    }
    let (mut winning, mut nowhere, mut keeping, mut outside) = (None, None, None, 0);
    for cost in costs {
        let spent = spent_on_days(cost);
        let within: i64 = spent.iter().filter(|(day, _)| period.contains(*day)).map(|(_, cents)| cents).sum();
        outside += cost.cost.minor() - within;
        if !spent.iter().any(|(day, _)| period.contains(*day)) {
            continue;
        }
        if cost.aim == MarketingAim::Keeping {
            *keeping.get_or_insert(0) += within;
            continue;
        }
        *winning.get_or_insert(0) += within;
        match cost.channel.as_deref().unwrap_or("").trim() {
            "" => *nowhere.get_or_insert(0) += within,
            name => *rows.entry((false, name.to_owned())).or_default().1.get_or_insert(0) += within,
        }
    }
    let rows = rows.into_iter().map(|((unknown, name), (new, cost))| ((!unknown).then_some(name), new, cost));
    (rows.collect(), new, winning, nowhere, keeping, outside)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn acquisition_is_that_of_the_obvious_computation(
        (history, reference) in shop(),
        costs in vec(cost(), 0..8),
        facts in vec((select(&KEYS[..]), select(&["web", "friends", "  "][..])), 0..4),
        period in period(),
    ) {
        let facts: BTreeMap<String, &str> = facts.into_iter().map(|(key, channel)| (who(key), channel)).collect();
        let known = facts.iter().map(|(key, channel)| {
            let mut customer = Customer::new(CustomerKey::new(key).unwrap());
            customer.channel = Some((*channel).to_owned());
            customer
        });
        let history = history.with_customers(known).unwrap();
        let told = facts.into_iter().filter(|(_, channel)| !channel.trim().is_empty());
        let told = told.map(|(key, channel)| (key, channel.to_owned())).collect();
        let found = history.during(period).unwrap().acquisition(&costs).unwrap();
        let (rows, new, winning, nowhere, keeping, outside) = acquired(&reference, &told, &costs, period);

        let found_rows: Vec<ChannelRow> = found.channels.iter().map(|row| {
            prop_assert_eq!(row.share_of_new_customers.denominator, new);
            let count = row.share_of_new_customers.numerator;
            if let Some(cost) = row.cost_per_new_customer {
                prop_assert_eq!(cost.count, count);
            }
            Ok((row.channel.clone(), count, row.cost_per_new_customer.map(|cost| cost.total.minor())))
        }).collect::<Result<_, TestCaseError>>()?;
        prop_assert_eq!(found_rows, rows);
        let known = !warms_up(&reference, period);
        prop_assert_eq!(found.new_customers, known.then_some(new));
        let per = |cost: Option<i64>, count| cost.map(|cost| Average::new(usd(cost), count));
        prop_assert_eq!(found.cost.map(|cost| cost.minor()), winning);
        prop_assert_eq!(found.cost_per_new_customer, per(winning, new));
        prop_assert_eq!(found.unallocated_cost.map(|cost| cost.minor()), nowhere);
        prop_assert_eq!(found.cost_outside.minor(), outside);
        let occasions = reference.occasions();
        let buyers = occasions.values().filter(|days| days.iter().any(|day| period.contains(*day))).count() as u64;
        prop_assert_eq!(found.cost_per_existing_customer, per(keeping, if known { buyers - new } else { 0 }));
        prop_assert_eq!(history.during(period).unwrap().buying().new_customers, found.new_customers);

        // Nothing is lost.
        let rows = || found.channels.iter();
        prop_assert_eq!(rows().map(|row| row.share_of_new_customers.numerator).sum::<u64>(), new);
        let spent = rows().filter_map(|row| row.cost_per_new_customer).map(|cost| cost.total.minor()).sum::<i64>();
        prop_assert_eq!(spent + nowhere.unwrap_or(0), winning.unwrap_or(0));
        let given: i64 = costs.iter().map(|cost| cost.cost.minor()).sum();
        prop_assert_eq!(winning.unwrap_or(0) + keeping.unwrap_or(0) + outside, given);
        for column in found.columns() {
            let cells = column.validity.map_or(found.rows(), |there| there.len());
            prop_assert_eq!(cells, found.rows());
        }
    }

    /// Periods that follow each other share every cost and every new customer.
    #[test]
    fn acquisition_of_the_months_is_that_of_the_year(
        (history, _) in shop(), costs in vec(cost(), 0..6),
    ) {
        let of = |text: &str| {
            let found = history.during(text).unwrap().acquisition(&costs).unwrap();
            (found.new_customers, found.cost.map_or(0, |cost| cost.minor()))
        };
        let months = (1..=12).map(|month| of(&format!("2024-{month:02}")));
        let sum = months.fold((Some(0), 0), |(new, cost), (n, c)| (new.zip(n).map(|(new, n)| new + n), cost + c));
        prop_assert_eq!(sum, of("2024"));
    }

    #[test]
    fn referrals_are_those_of_the_obvious_computation(
        (history, reference) in shop(),
        facts in vec((select(&KEYS[..]), weighted(0.9, select(&KEYS[..]))), 0..10),
        period in period(),
        invitations in weighted(0.5, 0_u64..20),
    ) {
        let facts: BTreeMap<String, Option<String>> =
            facts.into_iter().map(|(key, by)| (who(key), by.map(who))).collect();
        let known = facts.iter().map(|(key, by)| {
            let mut customer = Customer::new(CustomerKey::new(key).unwrap());
            customer.referred_by = by.as_ref().and_then(|by| CustomerKey::new(by));
            customer
        });
        let history = history.with_customers(known).unwrap();
        let first = first_purchases(&reference);
        let known = !warms_up(&reference, period);
        let new = |day: &NaiveDate| period.contains(*day) && known;
        let (mut referred, mut later, mut unknown, mut selves) = (0, 0, 0, 0);
        let mut authors = BTreeSet::new();
        for (key, by) in &facts {
            let (Some(came), Some(by)) = (first.get(key.as_str()).filter(|day| new(day)), by) else { continue };
            match first.get(by.as_str()) {
                _ if by == key => selves += 1,
                None => unknown += 1,
                Some(bought) if bought > came => later += 1,
                Some(_) => {
                    referred += 1;
                    authors.insert(by);
                }
            }
        }
        let mut options = ReferralOptions::default();
        options.invitations = invitations;
        let found = history.during(period).unwrap().referrals(&options);
        if invitations.is_some_and(|sent| sent < referred) {
            prop_assert_eq!(found.unwrap_err().code(), "invalid_rate");
            return Ok(());
        }
        let found = found.unwrap();
        let news = first.values().filter(|day| new(day)).count() as u64;
        let customers = first.values().filter(|day| **day < period.end()).count() as u64;
        let span = reference.span();
        let days = period.start().iter_days().take_while(|day| *day < period.end());
        let days = days.filter(|day| span.0 <= *day && *day < span.1).count() as u64;
        prop_assert_eq!(found.referral_share, Rate::new(referred, news).unwrap());
        let apart = [found.by_later_customer, found.by_unknown, found.by_themselves];
        prop_assert_eq!(apart, [later, unknown, selves].map(|count| known.then_some(count)));
        let of = |all| if known { all } else { 0 };
        prop_assert_eq!(found.referring_share, Rate::new(authors.len() as u64, of(customers)).unwrap());
        prop_assert_eq!(found.referrals_per_customer, Average::new(referred, of(customers)));
        prop_assert_eq!(found.conversions_per_day, Average::new(referred, of(days)));
        prop_assert_eq!(found.conversion, invitations.map(|sent| Rate::new(referred, of(sent)).unwrap()));
        prop_assert_eq!(found.invitations_per_customer, invitations.map(|sent| Average::new(sent, customers)));
        match (found.growth_factor, found.referrals_per_customer.value) {
            (Some(k), Some(per)) => prop_assert!((k - per).abs() <= 1e-12, "{} {}", k, per),
            (k, per) => prop_assert!(k.is_none() && (per.is_none() || invitations.unwrap_or(0) == 0)),
        }
    }
}

// Engagement.

#[derive(Debug, Clone)]
struct RawEvent {
    who: Option<&'static str>,
    day: i32,
    kind: EventKind,
    campaign: Option<&'static str>,
    value: Option<f64>,
}

fn event() -> impl Strategy<Value = RawEvent> {
    use EventKind::{EmailClicked, EmailDelivered, EmailOpened, EmailSent, SocialShare, Visit};
    let kind = select(&[EmailSent, EmailDelivered, EmailOpened, EmailClicked, SocialShare, Visit][..]);
    let campaign = weighted(0.8, select(&["spring", "7", " 7", "autumn"][..]));
    let value = weighted(0.7, 0_u32..600);
    (weighted(0.9, select(&KEYS[..])), DAYS, kind, campaign, value).prop_map(
        |(who, day, kind, campaign, value)| RawEvent {
            who,
            day,
            kind,
            campaign,
            value: value.map(f64::from),
        },
    )
}

impl RawEvent {
    fn to_event(&self) -> Event {
        let mut event = Event::new(date(self.day), self.kind);
        event.customer = self.who.and_then(CustomerKey::new);
        event.campaign = self.campaign.and_then(CustomerKey::new);
        event.value = self.value;
        event
    }

    fn times(&self) -> u64 {
        match self.kind {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and whole")]
            EventKind::SocialShare => self.value.unwrap_or(1.0) as u64,
            _ => 1,
        }
    }
}

fn log_of(events: &[RawEvent]) -> EventLog {
    EventLog::from_events(events.iter().map(RawEvent::to_event), &EventOptions::default()).unwrap()
}

/// The repeat customer rates of buyers who are in the set and of those who are not.
fn repeat_rates(
    occasions: &BTreeMap<&str, BTreeSet<NaiveDate>>,
    period: Period,
    set: &BTreeSet<&str>,
) -> [(u64, u64); 2] {
    [true, false].map(|inside| {
        let here = |days: &BTreeSet<NaiveDate>| days.iter().filter(|day| period.contains(**day)).count();
        let counts =
            occasions.iter().filter(|(who, _)| set.contains(*who) == inside).map(|(_, days)| here(days));
        let counts: Vec<usize> = counts.collect();
        let at_least = |n| counts.iter().filter(|&&count| count >= n).count() as u64;
        (at_least(2), at_least(1))
    })
}

fn check(found: &Engagement, events: &[RawEvent], reference: &Reference, period: Period) {
    let until = reference.span().1;
    let occasions = reference.occasions();
    let customers: BTreeSet<&str> = occasions
        .iter()
        .filter(|(_, days)| *days.first().unwrap() < period.end())
        .map(|(who, _)| *who)
        .collect();
    let names: Vec<Option<String>> = events.iter().map(|event| event.who.map(who)).collect();
    let observed = |event: &RawEvent| date(event.day) < until;
    let here = |event: &RawEvent| observed(event) && period.contains(date(event.day));
    // Events of customers, with who it was.
    let theirs: Vec<(&str, &RawEvent)> = names
        .iter()
        .zip(events)
        .filter_map(|(name, event)| Some((*customers.get(name.as_deref()?)?, event)))
        .collect();
    let n = customers.len() as u64;
    assert_eq!(found.customers, n);

    let of = |kind: EventKind| theirs.iter().filter(move |(_, event)| event.kind == kind && here(event));
    let active = |kind: EventKind| of(kind).map(|(who, _)| *who).collect::<BTreeSet<&str>>();
    let times = |kind: EventKind| of(kind).map(|(_, event)| event.times()).sum::<u64>();
    let mut any = BTreeSet::new();
    let kinds = [EventKind::EmailOpened, EventKind::EmailClicked, EventKind::Visit, EventKind::SocialShare];
    assert_eq!(found.by_kind.iter().map(|kind| kind.kind).collect::<Vec<_>>(), kinds);
    let same = |found: RateDifference, set: &BTreeSet<&str>| {
        let [engaged, others] = repeat_rates(&occasions, period, set);
        assert_eq!((found.rate.numerator, found.rate.denominator), engaged);
        assert_eq!((found.other.numerator, found.other.denominator), others);
    };
    for row in &found.by_kind {
        let set = active(row.kind);
        assert_eq!(row.events, times(row.kind), "{}", row.kind);
        assert_eq!(row.activity.active_share, Rate::new(set.len() as u64, n).unwrap(), "{}", row.kind);
        same(row.activity.repeat_customer_rate, &set);
        any.extend(set);
    }
    assert_eq!(found.any.active_share, Rate::new(any.len() as u64, n).unwrap());
    same(found.any.repeat_customer_rate, &any);

    let visits = times(EventKind::Visit);
    assert_eq!(found.visits_per_customer, Average::new(visits, n));
    assert_eq!(found.visits_per_visitor, Average::new(visits, active(EventKind::Visit).len() as u64));
    let lengths: Vec<f64> = of(EventKind::Visit).filter_map(|(_, event)| event.value).collect();
    assert_eq!(found.visit_length.count, lengths.len() as u64);
    assert!((found.visit_length.total as f64 - lengths.iter().sum::<f64>()).abs() < 1e-9);
    assert_eq!(found.visits_without_length, visits - lengths.len() as u64);
    assert_eq!(found.social_shares_per_customer, Average::new(times(EventKind::SocialShare), n));

    // E-mails by customer and campaign.
    let delivery =
        names.iter().zip(events).any(|(who, e)| who.is_some() && e.kind == EventKind::EmailDelivered);
    let base = if delivery { EventKind::EmailDelivered } else { EventKind::EmailSent };
    assert_eq!(found.email.base, base);
    let mail = |event: &RawEvent| event.campaign.map(str::trim);
    let mails: BTreeSet<(&str, Option<&str>)> =
        theirs.iter().map(|(who, event)| (*who, mail(event))).collect();
    let (mut out, mut opened, mut clicked, mut strays) = (0, 0, 0, 0);
    for (who, campaign) in mails {
        let about = |kinds: &[EventKind], within: bool| {
            theirs.iter().any(|(w, event)| {
                let matching = *w == who && mail(event) == campaign && kinds.contains(&event.kind);
                matching && observed(event) && (!within || here(event))
            })
        };
        let acts = [EventKind::EmailOpened, EventKind::EmailClicked];
        // An act is that of the last sending by its day.
        let acted = |kinds: &[EventKind]| {
            let own = || theirs.iter().filter(|(w, e)| *w == who && mail(e) == campaign && observed(e));
            own().filter(|(_, event)| kinds.contains(&event.kind)).any(|(_, act)| {
                let by_then = own().filter(|(_, event)| event.kind == base && event.day <= act.day);
                by_then.map(|(_, event)| event.day).max().is_some_and(|day| period.contains(date(day)))
            })
        };
        if about(&[base], true) {
            out += 1;
            opened += u64::from(acted(&acts));
            clicked += u64::from(acted(&acts[1..]));
        }
        let went_out = about(&[EventKind::EmailSent, EventKind::EmailDelivered], false);
        strays += u64::from(about(&acts, true) && !went_out);
    }
    assert_eq!(found.email.email_open_rate, Rate::new(opened, out).unwrap());
    assert_eq!(found.email.email_click_rate, Rate::new(clicked, out).unwrap());
    assert_eq!(found.email.click_to_open_rate, Rate::new(clicked, opened).unwrap());
    assert_eq!(found.email.without_sending, strays);

    let known = || names.iter().zip(events).filter(|(who, _)| who.is_some()).map(|(_, event)| event);
    let counted = theirs.iter().filter(|(_, event)| here(event)).count() as u64;
    let within = known().filter(|event| here(event)).count() as u64;
    let after = known().filter(|event| !observed(event)).count() as u64;
    assert_eq!(found.counted, counted);
    assert_eq!(found.not_customers, within - counted);
    assert_eq!(found.after_observation, after);
    assert_eq!(found.unidentified, names.iter().filter(|who| who.is_none()).count() as u64);
    let sum = found.counted + found.not_customers + found.after_observation + found.unidentified;
    assert_eq!(found.given, events.len() as u64);
    assert_eq!(sum + found.outside_period, found.given);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engagement_is_that_of_the_obvious_computation(
        (history, reference) in shop(),
        events in vec(event(), 0..80),
        without_delivery in any::<bool>(),
        period in period(),
    ) {
        let kept = |event: &RawEvent| !without_delivery || event.kind != EventKind::EmailDelivered;
        let events: Vec<RawEvent> = events.into_iter().filter(kept).collect();
        let found = history.during(period).unwrap().engagement(&log_of(&events));
        check(&found, &events, &reference, period);
        // Columns in chunks, in another order and with words for kinds, make the same log.
        let mut turned = events.clone();
        turned.reverse();
        let (first, second) = turned.split_at(turned.len() / 3);
        let halves = [first, second].map(Cells::new);
        let slices = halves.each_ref().map(Cells::slices);
        let chunks = [0, 1].map(|half| halves[half].columns(&slices[half]));
        let log = EventLog::from_columns(&chunks, &EventOptions::default()).unwrap();
        prop_assert_eq!(history.during(period).unwrap().engagement(&log), found);
    }

    /// The two groups are all buyers of the period.
    #[test]
    fn engaged_and_others_are_all_buyers((history, _) in shop(), events in vec(event(), 0..60), period in period()) {
        let window = history.during(period).unwrap();
        let found = window.engagement(&log_of(&events));
        let all = window.repeat_customer_rate();
        for activity in found.by_kind.iter().map(|kind| kind.activity).chain([found.any]) {
            let RateDifference { rate, other, .. } = activity.repeat_customer_rate;
            prop_assert_eq!(rate.numerator + other.numerator, all.numerator);
            prop_assert_eq!(rate.denominator + other.denominator, all.denominator);
        }
    }

    #[test]
    fn a_difference_lies_in_its_interval(a in 0_u64..40, n in 0_u64..40, b in 0_u64..40, m in 0_u64..40) {
        let (one, other) = (Rate::new(a.min(n), n).unwrap(), Rate::new(b.min(m), m).unwrap());
        let there = RateDifference::between(one, other);
        let back = RateDifference::between(other, one);
        let Some(Interval { low, high, .. }) = there.interval else {
            prop_assert!(n == 0 || m == 0);
            return Ok(());
        };
        let value = there.value.unwrap();
        prop_assert!(-1.0 - 1e-12 <= low && low <= value && value <= high && high <= 1.0 + 1e-12);
        let mirrored = back.interval.unwrap();
        prop_assert!((mirrored.low + high).abs() < 1e-12 && (mirrored.high + low).abs() < 1e-12);
    }
}

/// Events as columns of words and numbers.
struct Cells {
    happened: Vec<i64>,
    customers: Vec<Option<&'static str>>,
    kinds: Vec<String>,
    campaigns: Vec<Option<&'static str>>,
    values: Vec<f64>,
}

type Slices<'a> = (&'a [Option<&'static str>], &'a [String], &'a [Option<&'static str>]);

impl Cells {
    fn new(events: &[RawEvent]) -> Cells {
        Cells {
            happened: events.iter().map(|event| i64::from(event.day) * 86_400_000 + 1).collect(),
            customers: events.iter().map(|event| event.who).collect(),
            kinds: events.iter().map(|event| event.kind.to_string().to_uppercase()).collect(),
            campaigns: events.iter().map(|event| event.campaign).collect(),
            values: events.iter().map(|event| event.value.unwrap_or(f64::NAN)).collect(),
        }
    }

    fn slices(&self) -> Slices<'_> {
        (&self.customers, &self.kinds, &self.campaigns)
    }

    fn columns<'a>(&'a self, (customers, kinds, campaigns): &'a Slices<'a>) -> EventColumns<'a> {
        let unit = regulars::TimeUnit::Millisecond;
        let happened = TimeColumn::Instants { values: &self.happened, unit };
        let mut columns = EventColumns::new(happened, KindColumn::Texts(kinds as &dyn Strings));
        columns.customers = Some(KeyColumn::Texts(customers));
        columns.campaigns = Some(KeyColumn::Texts(campaigns));
        columns.values = Some(&self.values);
        columns
    }
}

/// Enough events for every thread to have something to do.
#[test]
fn many_events_are_those_of_the_obvious_computation() {
    let orders: Vec<RawOrder> = many_orders(4_000)
        .into_iter()
        .map(|order| RawOrder {
            customer: order.customer.map(|key| format!("{}", key.len() * 7 % 90)),
            ..order
        })
        .collect();
    let keys: Vec<&'static str> = (0..120).map(|key| &*format!("{key}").leak()).collect();
    let options = HistoryOptions::new(Currency::USD);
    let (history, reference) = (history_of(&orders, &options).unwrap(), Reference::new(&orders, &options));
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let kinds = [EventKind::EmailSent, EventKind::EmailOpened, EventKind::EmailClicked, EventKind::Visit];
    let events: Vec<RawEvent> = (0..120_000)
        .map(|_| RawEvent {
            who: Some(keys[next(keys.len())]),
            day: 19_000 + i32::try_from(next(700)).unwrap(),
            kind: kinds[next(4)],
            campaign: [None, Some("a"), Some("b")][next(3)],
            value: [None, Some(20.0)][next(2)],
        })
        .collect();
    let period: Period = "2022-03-01/2022-09-01".parse().unwrap();
    let found = history.during(period).unwrap().engagement(&log_of(&events));
    check(&found, &events, &reference, period);
}

#[test]
fn kinds_that_are_not_known_are_refused_or_counted() {
    let days = [1, 2, 3, 4];
    let words = ["visit", "page_scroll", "Opened Email", "page_scroll "];
    let words: &[&str] = &words;
    let columns = EventColumns::new(TimeColumn::Days(&days), KindColumn::Texts(&words));
    let error = EventLog::from_columns(&[columns, columns], &EventOptions::default()).unwrap_err();
    assert_eq!(error.code(), "unknown_event_kind");
    assert!(error.to_string().starts_with("row 1, column `kind`: `page_scroll`"), "{error}");
    let mut options = EventOptions::default();
    options.unknown_kinds = UnknownKinds::LeaveOut;
    let log = EventLog::from_columns(&[columns, columns], &options).unwrap();
    assert_eq!((log.len(), log.unidentified()), (8, 4));
    let unknown: Vec<_> = log.unknown_kinds().iter().map(|kind| (kind.kind.as_str(), kind.events)).collect();
    assert_eq!(unknown, [("page_scroll", 4)]);
}

#[test]
fn what_is_wrong_with_an_event_is_named_with_its_row() {
    let refuses = |columns: EventColumns<'_>, message: &str| {
        let good = EventColumns::new(TimeColumn::Days(&[1]), KindColumn::Kinds(&[EventKind::Visit]));
        let error = EventLog::from_columns(&[good, columns], &EventOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), message);
    };
    let days = TimeColumn::Days(&[1, 2]);
    let kinds = KindColumn::Kinds(&[EventKind::Visit, EventKind::SocialShare]);
    let mut events = EventColumns::new(days, kinds);
    events.values = Some(&[-1.0, 0.0]);
    refuses(events, "row 1, column `value`: `value` has to be a number of seconds, 0 or more, not -1");
    events.values = Some(&[f64::NAN, 0.5]);
    refuses(events, "row 2, column `value`: `value` has to be a whole number of shares, 0 or more, not 0.5");
    events.values = Some(&[f64::INFINITY, 1.0]);
    refuses(events, "row 1, column `value`: `value` has to be a number of seconds, 0 or more, not inf");
    events.values = Some(&[1.0]);
    refuses(events, "column `value` has 1 rows where the others have 2");
    let missing = EventColumns::new(TimeColumn::Nullable { values: &days, present: &[true, false] }, kinds);
    refuses(missing, "row 2, column `happened_at`: the value is missing");
    let words: &[Option<&str>] = &[Some("visit"), None];
    refuses(EventColumns::new(days, KindColumn::Texts(&words)), "row 2, column `kind`: the value is missing");
    let list: &[&str] = &["visit"];
    refuses(
        EventColumns::new(days, KindColumn::Codes { codes: &[0, 1], values: &list }),
        "row 2, column `kind`: code 1 points outside a dictionary of 1 entries",
    );
    let mut keyed = EventColumns::new(days, kinds);
    keyed.campaigns = Some(KeyColumn::Codes { codes: &[4, 0], values: &list });
    refuses(keyed, "row 1, column `campaign`: code 4 points outside a dictionary of 1 entries");
}
