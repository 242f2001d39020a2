//! What customers do beside buying, and whether those who do it buy again.

use serde::Serialize;

use super::window::Window;
use crate::calendar::{Day, Period, boundary_day, day_of};
use crate::events::{EventKind, EventLog, Events, NO_VALUE, UnknownKind};
use crate::measure::{Average, Rate, RateDifference};
use crate::orders::Rows;
use crate::table::{Column, Columns, Values};

/// What customers did in a period beside buying, from a log of events.
///
/// *Customers* are those with a purchase before the period's end. Every event that was given is in exactly one place:
/// `given` = `counted` + `outside_period` + `after_observation` + `not_customers` + `unidentified` + the `unknown_kinds`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Engagement {
    /// The period.
    pub period: Period,
    /// Whether it was observed to its end.
    pub complete: bool,
    /// Customers with a purchase before the period's end.
    pub customers: u64,
    /// E-mails.
    pub email: EmailEngagement,
    /// Visits ÷ customers.
    pub visits_per_customer: Average<u64>,
    /// Visits ÷ customers with a visit.
    pub visits_per_visitor: Average<u64>,
    /// Seconds ÷ visits whose length is known.
    pub visit_length: Average<u64>,
    /// Visits whose length is not known, which are in no average of lengths.
    pub visits_without_length: u64,
    /// Shares on social networks ÷ customers.
    pub social_shares_per_customer: Average<u64>,
    /// Customers who opened or clicked an e-mail, visited or shared, and what they buy.
    pub any: Activity,
    /// The same by kind of event. What the shop sends is no act of a customer, and not among them.
    pub by_kind: Vec<KindActivity>,
    /// Events that were given.
    pub given: u64,
    /// Events of customers in the period.
    pub counted: u64,
    /// Events of the observed time before or after the period, whose soever they are.
    pub outside_period: u64,
    /// Events on or after the end of the observation.
    pub after_observation: u64,
    /// Events in the period of people without a purchase before its end.
    pub not_customers: u64,
    /// Events of nobody, whenever they were.
    pub unidentified: u64,
    /// Events that were left out for their kind, whenever they were.
    pub unknown_kinds: Vec<UnknownKind>,
}

/// What became of the e-mails to customers in a period.
///
/// The unit is an e-mail to a customer: however often it was opened, it counts once. E-mails are told apart by their
/// campaign; where none is named, those of a customer are one, and the rates are shares of customers. They belong to the
/// period in which they went out, and are opened and clicked by the end of the observation, be that after the period. Where one
/// goes out again, an opening or a click is that of the last sending before it or on its day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EmailEngagement {
    /// Of which e-mails the rates are shares: those delivered, or all sent where the log says nothing of delivery.
    pub base: EventKind,
    /// E-mails that were opened ÷ e-mails. One that was clicked was opened, though programs that show no pictures do not
    /// tell.
    pub email_open_rate: Rate,
    /// E-mails of which a link was clicked ÷ e-mails.
    pub email_click_rate: Rate,
    /// E-mails of which a link was clicked ÷ e-mails that were opened.
    pub click_to_open_rate: Rate,
    /// E-mails opened or clicked in the period that the log does not know to have gone out. They are in no rate.
    pub without_sending: u64,
}

/// How many customers were active, and whether they buy again more than the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Activity {
    /// Customers with such an event in the period ÷ customers.
    pub active_share: Rate,
    /// The [repeat customer rate](super::Buying::repeat_customer_rate) of the period's buyers with such an event in it,
    /// against that of the buyers without one. The two groups make up all buyers of the period.
    pub repeat_customer_rate: RateDifference,
}

/// The activity of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KindActivity {
    /// The kind.
    pub kind: EventKind,
    /// Customers' events of the kind in the period; shares count as often as they say.
    pub events: u64,
    /// Who was active.
    #[serde(flatten)]
    pub activity: Activity,
}

const KINDS: usize = EventKind::ALL.len();

/// Customers who are active, who bought in the period, and who did so on at least two days.
#[derive(Debug, Clone, Copy, Default)]
struct Active {
    customers: u64,
    buyers: u64,
    repeat: u64,
}

/// E-mails that went out, were opened, and clicked.
#[derive(Debug, Clone, Copy, Default)]
struct Mails {
    out: u64,
    opened: u64,
    clicked: u64,
}

/// What a scan counts. Sums of parts are those of the whole.
#[derive(Debug, Clone, Default)]
struct Counts {
    /// Where the log is to be read on.
    at: Option<usize>,
    all: Active,
    any: Active,
    by_kind: [Active; KINDS],
    events: [u64; KINDS],
    counted: u64,
    seconds: u64,
    timed: u64,
    sent: Mails,
    delivered: Mails,
    without_sending: u64,
}

impl Active {
    fn add(&mut self, other: &Active) {
        self.customers += other.customers;
        self.buyers += other.buyers;
        self.repeat += other.repeat;
    }
}

impl Mails {
    /// Counts an e-mail that went out in the period. It was opened and clicked from then until it went out once more after the
    /// period: what came before or after belongs to another sending.
    fn count(&mut self, email: Events<'_>, base: EventKind, days: Days) {
        let of = |kind: EventKind| {
            let from = email.partition_point(|event| event.kind < kind);
            email.iter().skip(from).take_while(move |event| event.kind == kind).map(|event| event.day)
        };
        let Some(first) = of(base).find(|&day| days.within(day)) else { return };
        let again = of(base).find(|&day| day >= days.end).unwrap_or(Day::MAX).min(days.observed_until);
        let clicked = of(EventKind::EmailClicked).any(|day| (first..again).contains(&day));
        let opened = clicked || of(EventKind::EmailOpened).any(|day| (first..again).contains(&day));
        self.out += 1;
        self.opened += u64::from(opened);
        self.clicked += u64::from(clicked);
    }

    fn add(&mut self, other: &Mails) {
        self.out += other.out;
        self.opened += other.opened;
        self.clicked += other.clicked;
    }
}

/// The days of a period, and the end of the observation.
#[derive(Debug, Clone, Copy)]
struct Days {
    start: Day,
    end: Day,
    observed_until: Day,
}

impl Days {
    fn within(&self, day: Day) -> bool {
        self.start <= day && day < self.end.min(self.observed_until)
    }
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.all.add(&other.all);
        self.any.add(&other.any);
        self.by_kind.iter_mut().zip(&other.by_kind).for_each(|(sum, more)| sum.add(more));
        self.events.iter_mut().zip(other.events).for_each(|(sum, more)| *sum += more);
        self.counted += other.counted;
        self.seconds += other.seconds;
        self.timed += other.timed;
        self.sent.add(&other.sent);
        self.delivered.add(&other.delivered);
        self.without_sending += other.without_sending;
    }

    fn customer(&mut self, rows: Rows<'_>, events: Events<'_>, days: Days) {
        let (mut before_end, mut here) = (false, 0);
        for purchase in rows.purchases().take_while(|purchase| purchase.day < days.end) {
            before_end = true;
            here += u64::from(purchase.day >= days.start);
        }
        if !before_end {
            return;
        }
        let one = Active { customers: 1, buyers: u64::from(here >= 1), repeat: u64::from(here >= 2) };
        self.all.add(&one);
        let mut active = [false; KINDS];
        for email in events.chunk_by(|a, b| a.campaign == b.campaign) {
            let [mut went_out, mut acted_here] = [false; 2];
            for event in email.iter().filter(|event| event.day < days.observed_until) {
                let within = days.within(event.day);
                match event.kind {
                    EventKind::EmailSent | EventKind::EmailDelivered => went_out = true,
                    EventKind::EmailOpened | EventKind::EmailClicked => acted_here |= within,
                    EventKind::Visit | EventKind::SocialShare => {}
                }
                if !within {
                    continue;
                }
                self.counted += 1;
                let times = if event.kind == EventKind::SocialShare { u64::from(event.value) } else { 1 };
                let kind = event.kind as usize;
                if let (Some(active), Some(events)) = (active.get_mut(kind), self.events.get_mut(kind)) {
                    *active = true;
                    *events += times;
                }
                if event.kind == EventKind::Visit && event.value != NO_VALUE {
                    self.seconds += u64::from(event.value);
                    self.timed += 1;
                }
            }
            self.sent.count(email, EventKind::EmailSent, days);
            self.delivered.count(email, EventKind::EmailDelivered, days);
            self.without_sending += u64::from(acted_here && !went_out);
        }
        for (active, counts) in active.iter().zip(&mut self.by_kind) {
            if *active {
                counts.add(&one);
            }
        }
        if EventKind::ALL.iter().zip(active).any(|(kind, active)| active && kind.is_engagement()) {
            self.any.add(&one);
        }
    }

    fn activity(&self, active: &Active) -> Activity {
        let repeat = Rate::of(active.repeat, active.buyers);
        let others = Rate::of(self.all.repeat - active.repeat, self.all.buyers - active.buyers);
        Activity {
            active_share: Rate::of(active.customers, self.all.customers),
            repeat_customer_rate: RateDifference::between(repeat, others),
        }
    }
}

impl Window<'_> {
    /// What customers did in the period beside buying.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, Event, EventKind, EventLog, EventOptions, HistoryOptions, Money, Order, OrderHistory};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |customer, d| Order::new(day(d), Money::from_minor(100, Currency::USD)).customer(customer);
    /// # let orders = [order("ann", 1), order("ann", 9), order("bob", 9)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let events = [
    ///     Event::new(day(2), EventKind::EmailDelivered).customer("ann").campaign("spring"),
    ///     Event::new(day(2), EventKind::EmailDelivered).customer("bob").campaign("spring"),
    ///     Event::new(day(3), EventKind::EmailOpened).customer("ann").campaign("spring"),
    /// ];
    /// let log = EventLog::from_events(events, &EventOptions::default())?;
    /// let may = history.during("2024-05")?.engagement(&log);
    /// assert_eq!(may.email.email_open_rate.value, Some(0.5));
    /// assert_eq!(may.any.repeat_customer_rate.rate.value, Some(1.0));
    /// assert_eq!(may.any.repeat_customer_rate.other.value, Some(0.0));
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn engagement(&self, log: &EventLog) -> Engagement {
        let (history, period) = (self.history(), self.period());
        let days = Days {
            start: day_of(period.start()).unwrap_or(Day::MIN),
            end: boundary_day(period.end()),
            observed_until: boundary_day(history.observed_until()),
        };
        let ledger = history.ledger();
        let mut counts = Counts::default();
        let parts = ledger.fold(Counts::default, |counts, customer, rows| {
            let events = log.of(&ledger.keys, customer, &mut counts.at);
            counts.customer(rows, events, days);
        });
        for part in &parts {
            counts.add(part);
        }
        let (mut within, mut after, mut delivery) = (0, 0, false);
        for event in log.all() {
            within += u64::from(days.within(event.day));
            after += u64::from(event.day >= days.observed_until);
            delivery |= event.kind == EventKind::EmailDelivered;
        }
        let mails = if delivery { counts.delivered } else { counts.sent };
        let events = |kind: EventKind| counts.events.get(kind as usize).copied().unwrap_or(0);
        let by_kind = EventKind::ALL.iter().zip(&counts.by_kind).filter(|(kind, _)| kind.is_engagement());
        let visitors = counts.by_kind.get(EventKind::Visit as usize).map_or(0, |active| active.customers);
        let visits = events(EventKind::Visit);
        Engagement {
            period,
            complete: period.end() <= history.observed_until(),
            customers: counts.all.customers,
            email: EmailEngagement {
                base: if delivery { EventKind::EmailDelivered } else { EventKind::EmailSent },
                email_open_rate: Rate::of(mails.opened, mails.out),
                email_click_rate: Rate::of(mails.clicked, mails.out),
                click_to_open_rate: Rate::of(mails.clicked, mails.opened),
                without_sending: counts.without_sending,
            },
            visits_per_customer: Average::new(visits, counts.all.customers),
            visits_per_visitor: Average::new(visits, visitors),
            visit_length: Average::new(counts.seconds, counts.timed),
            visits_without_length: visits - counts.timed,
            social_shares_per_customer: Average::new(events(EventKind::SocialShare), counts.all.customers),
            any: counts.activity(&counts.any),
            by_kind: by_kind
                .map(|(&kind, active)| KindActivity {
                    kind,
                    events: events(kind),
                    activity: counts.activity(active),
                })
                .collect(),
            given: log.len(),
            counted: counts.counted,
            outside_period: log.all().len() as u64 - within - after,
            after_observation: after,
            not_customers: within - counts.counted,
            unidentified: log.unidentified(),
            unknown_kinds: log.unknown_kinds().to_vec(),
        }
    }
}

/// One row per kind of event.
impl Columns for Engagement {
    fn rows(&self) -> usize {
        self.by_kind.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        let all = || self.by_kind.iter();
        #[expect(clippy::cast_possible_wrap, reason = "fewer than 2³² events of fewer than 2³² shares")]
        let count = |name, of: fn(&KindActivity) -> u64| Column::i64(name, all().map(move |k| of(k) as i64));
        let repeat = |kind: &KindActivity| kind.activity.repeat_customer_rate;
        let names = all().map(|kind| kind.kind.to_string().into()).collect();
        vec![
            Column::new("kind", Values::Text(names)),
            count("events", |kind| kind.events),
            count("active_customers", |kind| kind.activity.active_share.numerator),
            Column::f64("active_share", all().map(|kind| kind.activity.active_share.value)),
            Column::f64("repeat_customer_rate", all().map(move |kind| repeat(kind).rate.value)),
            Column::f64("others_repeat_customer_rate", all().map(move |kind| repeat(kind).other.value)),
            Column::f64("difference", all().map(move |kind| repeat(kind).value)),
            Column::f64("difference_low", all().map(move |kind| repeat(kind).interval.map(|i| i.low))),
            Column::f64("difference_high", all().map(move |kind| repeat(kind).interval.map(|i| i.high))),
        ]
    }
}
