//! How likely a customer is to buy again soon, and when.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::error::{Error, Result};
use crate::metrics::{Gaps, Tally};
use crate::orders::{OrderHistory, Rows};
use crate::survival::KaplanMeier;

/// What [`OrderHistory::outlook`] rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OutlookOptions {
    /// H, how many days ahead the outlook looks. Left out, the 80th percentile of the gaps between purchases; 30 where no
    /// gap has ended yet, and every outlook is 0.
    pub horizon_days: Option<u32>,
    /// How many gaps, after the same number of purchases, have to have been watched for as long as an estimate looks, for it to
    /// be supported. Also w, how many of these gaps count beside those at a like pace. 20 unless told otherwise.
    pub at_risk: u64,
    /// Customers with the same number of purchases are split into fifths by their own mean gap, where this many gaps have ended
    /// for each fifth; 50 unless told otherwise.
    pub gaps_per_fifth: u64,
}

impl Default for OutlookOptions {
    fn default() -> OutlookOptions {
        OutlookOptions { horizon_days: None, at_risk: 20, gaps_per_fifth: 50 }
    }
}

/// How likely it is that a customer buys again within the next H days, and when: what the shop's own customers did who had
/// bought as often, at a like pace, and had been silent for as long.
///
/// With k purchases, of which the last was a days ago, it is 1 − S(a + H) ÷ S(a), S being the share of gaps after a k-th
/// purchase that last for longer, by Kaplan–Meier: gaps still open count for as long as they have been watched. Gaps stand in
/// strata k = 1, 2, 3 and 4 or more. Those from 2 on are split into fifths by the customer's mean gap until then, in whole
/// days, where enough of them have ended. Since a fifth is small, w gaps of its whole stratum count beside its own: of n gaps of
/// the fifth that last for so many days d end on the day, and a share h of those of the stratum, which makes (d + w·h) ÷ (n + w)
/// instead of d ÷ n. A stratum in which too few gaps were watched takes the curve of all gaps.
///
/// Let A be the last age for which enough gaps were watched through A + H. Beyond it the outlook says that it is not
/// supported, and goes on as if the chance of a purchase on a day fell as 1 ÷ (a + H): with g(a) = ln((a + 2H) ÷ (a + H)) it
/// is 1 − (1 − y(A))^(g(a) ÷ g(A)).
///
/// It is a value of its own: it can be saved as JSON and asked about customers of a later day.
///
/// Sources: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958). See [the
/// guide](crate::guide::outlook).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "OutlookJson", into = "OutlookJson")]
#[non_exhaustive]
pub struct Outlook {
    /// The day on which the observation of the history ended that it was estimated from.
    pub observed_until: NaiveDate,
    /// H, in days.
    pub horizon_days: u32,
    /// The median of the gaps that had ended.
    pub median_gap_days: Option<u32>,
    /// How many gaps an estimate has to rest on.
    pub at_risk: u64,
    /// By k − 1, the last for 4 purchases and more.
    strata: Vec<Stratum>,
    /// For each stratum five curves, by fifths.
    curves: Vec<Curve>,
}

const STRATA: usize = 4;
const FIFTHS: usize = 5;

/// Gaps after a k-th purchase.
#[derive(Debug, Clone, PartialEq, Default)]
struct Stratum {
    /// In ascending order, from which mean gap on the next group begins, in days.
    cuts: Vec<u32>,
    /// One more than there are cuts.
    groups: Vec<Gaps>,
}

/// What an [`Outlook`] says of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OutlookEstimate {
    /// The probability of a purchase within the horizon.
    pub probability: f64,
    /// Whether enough gaps were watched for as long. Otherwise it is that of the last age for which they were, or, in a
    /// shop with too few gaps of any kind, all that can be said.
    pub supported: bool,
    /// When the next purchase is to be expected, if there is one. `None` where nobody like this was seen to return after
    /// so long.
    pub next: Option<NextPurchase>,
    /// Where the customer stands in the rhythm of those alike; `None` where nobody alike has returned.
    pub rhythm: Option<Rhythm>,
}

/// When a customer who does return is to be expected, in days since the last purchase: of those alike who had been silent for
/// as long and did return, so many had by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NextPurchase {
    /// A quarter.
    pub from_day: u32,
    /// Half.
    pub expected_day: u32,
    /// Three quarters.
    pub to_day: u32,
}

/// Where the silence of a customer stands in the rhythm of those alike: with as many purchases, at a like pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Fewer than a quarter of those alike who return have returned by now.
    Early,
    /// A quarter have, and not yet three quarters.
    Due,
    /// Three quarters have, and not yet 95 %.
    Late,
    /// 95 % have.
    Lapsed,
}

impl Rhythm {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Rhythm::Early => "early",
            Rhythm::Due => "due",
            Rhythm::Late => "late",
            Rhythm::Lapsed => "lapsed",
        }
    }
}

/// One curve, prepared to be asked.
#[derive(Debug, Clone, PartialEq, Default)]
struct Curve {
    /// S by day, up to the last day that enough gaps were watched for.
    survival: Vec<f64>,
    /// The outlook by age, up to the longest gap or silence that was seen.
    outlook: Vec<f64>,
    /// At how many ages, from 0 on, it is supported.
    supported_ages: u32,
    /// The outlook of ages beyond these.
    tail: Tail,
    /// The days by which 25, 75 and 95 % of those who return have returned.
    rhythm: Option<[u32; 3]>,
}

impl Curve {
    /// Of gaps at one pace, among those alike at any pace; `None` where no day has so many of the latter at risk.
    fn new(own: &Gaps, alike: &Gaps, horizon: u32, at_risk: u64) -> Option<Curve> {
        let curve = alike.curve();
        let last = curve.steps.iter().rev().find(|step| step.at_risk >= at_risk)?.day;
        let survival =
            if own == alike { daily(&curve, last) } else { blend(own, alike, last, at_risk as f64) };
        let now = survival.last().copied().unwrap_or(1.0);
        let at = |day: u32| survival.get(day.min(last) as usize).copied().unwrap_or(now);
        let plain = |age: u32| {
            let waiting = at(age);
            if waiting > 0.0 { (1.0 - at(age.saturating_add(horizon)) / waiting).max(0.0) } else { 0.0 }
        };
        let edge = last.saturating_sub(horizon);
        let supported_ages = if last >= horizon { edge + 1 } else { 0 };
        let tail = Tail::new(edge, horizon, plain(edge));
        let longest = curve.steps.last().map_or(last, |step| step.day);
        let outlook = (0..=longest).map(|age| if age <= edge { plain(age) } else { tail.probability(age) });
        let outlook = outlook.collect();
        let by = |share: f64| first_at_most(&survival, 1.0 - share * (1.0 - now));
        let rhythm = if now < 1.0 { by(0.25).zip(by(0.75)).zip(by(0.95)) } else { None };
        let rhythm = rhythm.map(|((quarter, most), nearly_all)| [quarter, most, nearly_all]);
        Some(Curve { survival, outlook, supported_ages, tail, rhythm })
    }

    #[inline]
    fn probability(&self, silence: u32) -> (f64, bool) {
        match self.outlook.get(silence as usize) {
            Some(&outlook) => (outlook, silence < self.supported_ages),
            None => (self.tail.probability(silence), false),
        }
    }

    fn next(&self, silence: u32) -> Option<NextPurchase> {
        let (&waiting, &never) = (self.survival.get(silence as usize)?, self.survival.last()?);
        let by = |share: f64| first_at_most(&self.survival, waiting - share * (waiting - never));
        let next = || Some(NextPurchase { from_day: by(0.25)?, expected_day: by(0.5)?, to_day: by(0.75)? });
        if never < waiting { next() } else { None }
    }

    fn rhythm(&self, silence: u32) -> Option<Rhythm> {
        let [quarter, most, nearly_all] = self.rhythm?;
        Some(match silence {
            _ if silence < quarter => Rhythm::Early,
            _ if silence < most => Rhythm::Due,
            _ if silence < nearly_all => Rhythm::Late,
            _ => Rhythm::Lapsed,
        })
    }

    /// Since which day of silence the rhythm has been one of these without a break, where it is one now.
    fn since(&self, silence: u32, wanted: &[Rhythm]) -> Option<u32> {
        let [quarter, most, nearly_all] = self.rhythm?;
        let begins =
            [(nearly_all, Rhythm::Lapsed), (most, Rhythm::Late), (quarter, Rhythm::Due), (0, Rhythm::Early)];
        let reached = begins.iter().filter(|(day, _)| *day <= silence);
        let held =
            reached.take_while(|(day, rhythm)| wanted.contains(rhythm) || self.rhythm(*day) != Some(*rhythm));
        held.last().map(|&(day, _)| day)
    }
}

/// What is said of ages for which too few were watched: a chance per day that falls as 1 ÷ (age + horizon).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Tail {
    horizon: f64,
    /// −ln(1 − y) ÷ g at the last age that is known.
    scale: f64,
}

impl Tail {
    fn new(age: u32, horizon: u32, outlook: f64) -> Tail {
        let horizon = f64::from(horizon);
        // Where all came back, nearly all will.
        let hazard = -libm::log((1.0 - outlook).max(1e-9));
        Tail { horizon, scale: hazard / reach(age, horizon) }
    }

    fn probability(self, age: u32) -> f64 {
        if self.horizon > 0.0 { 1.0 - libm::exp(-self.scale * reach(age, self.horizon)) } else { 0.0 }
    }
}

/// g: how much of the chance of an age falls into the horizon.
fn reach(age: u32, horizon: f64) -> f64 {
    let from = f64::from(age) + horizon;
    libm::log((from + horizon) / from)
}

/// S by day for gaps at one pace, beside which so many count of those alike at any pace.
fn blend(own: &Gaps, alike: &Gaps, last: u32, weight: f64) -> Vec<f64> {
    let (mut now, mut open, mut others) = (1.0, own.count() as f64, alike.count() as f64);
    let next = |day| {
        let (ended, left) = own.on(day);
        let (others_ended, others_left) = alike.on(day);
        // Up to the last day at least one of the others is at risk.
        now *= 1.0 - (ended + weight * (others_ended / others)) / (open + weight);
        open -= ended + left;
        others -= others_ended + others_left;
        now
    };
    (0..=last).map(next).collect()
}

/// S by day.
fn daily(curve: &KaplanMeier, last: u32) -> Vec<f64> {
    let mut survival = Vec::with_capacity(last as usize + 1);
    let mut now = 1.0;
    for step in curve.steps.iter().take_while(|step| step.day <= last) {
        survival.resize(step.day as usize, now);
        now = step.survival;
        survival.push(now);
    }
    survival
}

/// The first day on which a share that never rises is at most `share`, but for rounding.
fn first_at_most(survival: &[f64], share: f64) -> Option<u32> {
    let day = survival.partition_point(|&waiting| waiting > share + 1e-10);
    if day < survival.len() { u32::try_from(day).ok() } else { None }
}

/// Looks at every gap of a customer: k, the days from the first purchase to the k-th, the days of the gap, and whether it
/// has ended.
#[inline]
fn gaps_of(rows: Rows<'_>, last_day: Day, mut see: impl FnMut(u32, u32, u32, bool)) {
    let mut days = rows.stamps.iter().filter(|stamp| stamp.is_purchase()).map(|stamp| stamp.day());
    let Some(first) = days.next() else { return };
    let between = |from: Day, to: Day| u32::try_from(to - from).unwrap_or(0);
    let (mut before, mut purchases) = (first, 1);
    for day in days {
        if day != before {
            see(purchases, between(first, before), between(before, day), true);
            before = day;
            purchases += 1;
        }
    }
    see(purchases, between(first, before), between(before, last_day), false);
}

#[inline]
fn stratum_of(purchases: u32) -> usize {
    (purchases.clamp(1, 4) - 1) as usize
}

/// In which group a customer stands: how many cuts the mean gap reaches.
#[inline]
fn group_of(cuts: &[u32], purchases: u32, span: u32) -> usize {
    let gaps = u64::from(purchases.saturating_sub(1));
    cuts.iter().filter(|&&cut| u64::from(span) >= u64::from(cut) * gaps).count()
}

/// What has to be known before gaps can be dealt into groups.
#[derive(Debug, Default)]
struct Paces {
    closed: Tally,
    ended: [u64; STRATA],
    /// Gaps by the mean gap before them, in whole days.
    by_mean: [Tally; STRATA],
}

impl Paces {
    fn look(&mut self, rows: Rows<'_>, last_day: Day) {
        gaps_of(rows, last_day, |purchases, span, gap, ended| {
            let stratum = stratum_of(purchases);
            if ended {
                self.closed.count(gap);
                if let Some(count) = self.ended.get_mut(stratum) {
                    *count += 1;
                }
            }
            if let (Some(tally), Some(mean)) =
                (self.by_mean.get_mut(stratum), span.checked_div(purchases - 1))
            {
                tally.count(mean);
            }
        });
    }

    fn add(&mut self, other: &Paces) {
        self.closed.add(&other.closed);
        for (sum, more) in self.ended.iter_mut().zip(other.ended) {
            *sum += more;
        }
        for (sum, more) in self.by_mean.iter_mut().zip(&other.by_mean) {
            sum.add(more);
        }
    }

    fn cuts(&self, gaps_per_fifth: u64) -> Vec<Vec<u32>> {
        let cuts = |(tally, &ended): (&Tally, &u64)| {
            if ended < gaps_per_fifth.saturating_mul(FIFTHS as u64) {
                return Vec::new();
            }
            let longest = tally.0.len().saturating_sub(1);
            let fifths = [20, 40, 60, 80].into_iter().filter_map(|percent| tally.quantile(percent));
            // A fifth that takes all that is left has none above it.
            let mut cuts: Vec<u32> =
                fifths.filter(|&mean| (mean as usize) < longest).map(|mean| mean + 1).collect();
            cuts.dedup();
            cuts
        };
        self.by_mean.iter().zip(&self.ended).map(cuts).collect()
    }
}

impl OrderHistory {
    /// How likely customers are to buy again, and when, from what this shop's customers did.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] where the horizon is 0 days or more than a history can last, or no gap is to be needed.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, OutlookOptions};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |who, d| Order::new(day(d), Money::from_minor(1000, Currency::USD)).customer(who);
    /// // Two of four come back after 10 days; the others have been silent for 29.
    /// let orders = [order("ann", 1), order("ann", 11), order("bob", 1), order("bob", 11), order("cid", 1), order("dee", 1)];
    /// let mut options = HistoryOptions::new(Currency::USD);
    /// options.observed_until = Some(day(31));
    /// let history = OrderHistory::from_orders(orders, options)?;
    /// let mut options = OutlookOptions::default();
    /// options.at_risk = 1;
    /// let outlook = history.outlook(&options)?;
    /// assert_eq!(outlook.horizon_days, 10);
    /// // After one purchase and 3 days: 1 − S(13) ÷ S(3) = 1 − .5 ÷ 1. After 15 days nobody came back.
    /// assert_eq!(outlook.estimate(1, 0, 3).probability, 0.5);
    /// assert_eq!(outlook.estimate(1, 0, 3).next.unwrap().expected_day, 10);
    /// assert_eq!(outlook.estimate(1, 0, 15).probability, 0.0);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn outlook(&self, options: &OutlookOptions) -> Result<Outlook> {
        check(options.horizon_days.unwrap_or(1), options.at_risk)?;
        let last_day = self.days().end - 1;
        let parts =
            self.ledger().fold(Paces::default, |paces: &mut Paces, _, rows| paces.look(rows, last_day));
        let mut paces = Paces::default();
        for part in &parts {
            paces.add(part);
        }
        let horizon = options.horizon_days.or_else(|| paces.closed.quantile(80)).unwrap_or(30);

        let cuts = paces.cuts(options.gaps_per_fifth);
        let look = |groups: &mut Vec<Gaps>, _, rows: Rows<'_>| {
            gaps_of(rows, last_day, |purchases, span, gap, ended| {
                let stratum = stratum_of(purchases);
                let group = cuts.get(stratum).map_or(0, |cuts| group_of(cuts, purchases, span));
                if let Some(gaps) = groups.get_mut(stratum * FIFTHS + group) {
                    if ended { gaps.closed.count(gap) } else { gaps.open.count(gap) }
                }
            });
        };
        let parts = self.ledger().fold(|| vec![Gaps::default(); STRATA * FIFTHS], look);
        let mut groups = vec![Gaps::default(); STRATA * FIFTHS];
        for part in &parts {
            for (sum, more) in groups.iter_mut().zip(part) {
                sum.add(more);
            }
        }
        let strata = cuts.into_iter().zip(groups.chunks(FIFTHS)).map(|(cuts, groups)| {
            let groups = groups.iter().take(cuts.len() + 1).cloned().collect();
            Stratum { cuts, groups }
        });
        Ok(Outlook {
            observed_until: self.observed_until(),
            horizon_days: horizon,
            median_gap_days: paces.closed.quantile(50),
            at_risk: options.at_risk,
            strata: strata.collect(),
            curves: Vec::new(),
        }
        .prepared())
    }
}

/// The longest horizon that has a meaning: no history lasts longer.
const MOST_DAYS: u32 = 3_652_059;

fn check(horizon_days: u32, at_risk: u64) -> Result<()> {
    let refuse = |name, value, expected| Err(Error::InvalidArgument { name, value, expected });
    if horizon_days == 0 || horizon_days > MOST_DAYS {
        return refuse("horizon_days", f64::from(horizon_days), "between 1 and 3652059");
    }
    if at_risk == 0 {
        return refuse("at_risk", 0.0, "at least 1");
    }
    Ok(())
}

impl Outlook {
    fn prepared(mut self) -> Outlook {
        let mut all = Gaps::default();
        for gaps in self.strata.iter().flat_map(|stratum| &stratum.groups) {
            all.add(gaps);
        }
        let of_all = Curve::new(&all, &all, self.horizon_days, self.at_risk).or_else(|| {
            let curve = Curve::new(&all, &all, self.horizon_days, 1)?;
            Some(Curve { supported_ages: 0, ..curve })
        });
        let of_all = of_all.unwrap_or_default();
        for stratum in &self.strata {
            let mut alike = Gaps::default();
            stratum.groups.iter().for_each(|gaps| alike.add(gaps));
            let curve = |group: usize| {
                let own = stratum.groups.get(group)?;
                Curve::new(own, &alike, self.horizon_days, self.at_risk)
            };
            self.curves.extend((0..FIFTHS).map(|group| curve(group).unwrap_or_else(|| of_all.clone())));
        }
        self
    }

    #[inline]
    fn curve(&self, purchases: u32, span: u32) -> Option<&Curve> {
        let stratum = stratum_of(purchases);
        let group = group_of(&self.strata.get(stratum)?.cuts, purchases, span);
        self.curves.get(stratum * FIFTHS + group)
    }

    /// The probability of a purchase within the horizon, and whether it is supported.
    #[inline]
    pub(crate) fn probability(&self, purchases: u32, span: u32, silence: u32) -> (f64, bool) {
        self.curve(purchases, span).map_or((0.0, false), |curve| curve.probability(silence))
    }

    /// What to expect of a customer with this many purchases, the last of them `span_days` after the first and `silence_days`
    /// before the last day that was observed. 0 purchases, of somebody who is yet to buy, are taken for 1.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Money, Order, OrderHistory, OutlookOptions, Rhythm};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 5, d).unwrap();
    /// # let order = |who, d| Order::new(day(d), Money::from_minor(1000, Currency::USD)).customer(who);
    /// # let orders = [order("ann", 1), order("ann", 11), order("bob", 1), order("cid", 1)];
    /// # let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let outlook = history.outlook(&OutlookOptions::default())?;
    /// let estimate = outlook.estimate(1, 0, 10);
    /// assert_eq!(estimate.rhythm, Some(Rhythm::Lapsed)); // all who returned, Ann alone, had by now
    /// assert!(!estimate.supported); // four gaps are not enough to say so
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn estimate(&self, purchases: u32, span_days: u32, silence_days: u32) -> OutlookEstimate {
        let curve = self.curve(purchases, span_days);
        let (probability, supported) = self.probability(purchases, span_days, silence_days);
        OutlookEstimate {
            probability,
            supported,
            next: curve.and_then(|curve| curve.next(silence_days)),
            rhythm: curve.and_then(|curve| curve.rhythm(silence_days)),
        }
    }

    /// Since which day of silence somebody who is in one of these rhythms has been so without a break.
    pub(super) fn since(&self, purchases: u32, span: u32, silence: u32, wanted: &[Rhythm]) -> Option<u32> {
        self.curve(purchases, span)?.since(silence, wanted)
    }
}

/// What an [`Outlook`] is kept as: counts of gaps, from which everything else follows.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OutlookJson {
    observed_until: NaiveDate,
    horizon_days: u32,
    median_gap_days: Option<u32>,
    at_risk: u64,
    strata: Vec<StratumJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StratumJson {
    mean_gap_cuts: Vec<u32>,
    groups: Vec<GapsJson>,
}

/// Gaps by their days, from 0 on.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GapsJson {
    ended: Vec<u64>,
    open: Vec<u64>,
}

impl From<Outlook> for OutlookJson {
    fn from(outlook: Outlook) -> OutlookJson {
        let gaps = |gaps: Gaps| GapsJson { ended: gaps.closed.0, open: gaps.open.0 };
        let stratum = |stratum: Stratum| StratumJson {
            mean_gap_cuts: stratum.cuts,
            groups: stratum.groups.into_iter().map(gaps).collect(),
        };
        OutlookJson {
            observed_until: outlook.observed_until,
            horizon_days: outlook.horizon_days,
            median_gap_days: outlook.median_gap_days,
            at_risk: outlook.at_risk,
            strata: outlook.strata.into_iter().map(stratum).collect(),
        }
    }
}

impl TryFrom<OutlookJson> for Outlook {
    type Error = Error;

    fn try_from(json: OutlookJson) -> Result<Outlook> {
        check(json.horizon_days, json.at_risk)?;
        let refuse = |name, value: usize, expected| {
            Err(Error::InvalidArgument { name, value: value as f64, expected })
        };
        if json.strata.len() != STRATA {
            return refuse("strata", json.strata.len(), "4: of 1, 2, 3 and more purchases");
        }
        let mut strata = Vec::with_capacity(STRATA);
        for stratum in json.strata {
            let cuts = stratum.mean_gap_cuts;
            if cuts.len() >= FIFTHS || cuts.windows(2).any(|pair| pair.first() >= pair.get(1)) {
                return refuse("mean_gap_cuts", cuts.len(), "at most 4, in ascending order");
            }
            if stratum.groups.len() != cuts.len() + 1 {
                return refuse("groups", stratum.groups.len(), "one more than there are cuts");
            }
            let days = |counts: &[u64]| counts.len();
            for gaps in &stratum.groups {
                let longest = days(&gaps.ended).max(days(&gaps.open));
                if longest > MOST_DAYS as usize {
                    return refuse("gaps", longest, "at most 3652059 days long");
                }
                // A gap of 0 days would be one purchase; sums of these many counts have to fit.
                let most = u64::from(u32::MAX);
                if gaps.ended.first().is_some_and(|&count| count > 0)
                    || gaps.ended.iter().chain(&gaps.open).any(|&count| count > most)
                {
                    return refuse("gaps", longest, "counts below 2^32, none of gaps that end after 0 days");
                }
            }
            let gaps = |gaps: GapsJson| Gaps { closed: Tally(gaps.ended), open: Tally(gaps.open) };
            strata.push(Stratum { cuts, groups: stratum.groups.into_iter().map(gaps).collect() });
        }
        Ok(Outlook {
            observed_until: json.observed_until,
            horizon_days: json.horizon_days,
            median_gap_days: json.median_gap_days,
            at_risk: json.at_risk,
            strata,
            curves: Vec::new(),
        }
        .prepared())
    }
}
