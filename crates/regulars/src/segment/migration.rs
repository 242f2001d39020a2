//! Who moved from which segment to which.

use core::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use super::assessment::Segment;
use super::segments::Segments;
use crate::measure::Rate;
use crate::orders::KeyVec;
use crate::table::{Column, Columns, Values};
use crate::words::{grouped, with_sentences, write_wrapped};

/// Where customers stood before: the four segments, known without a purchase, or not known.
const FROM: [&str; 6] = ["star", "productive", "question_mark", "problem", "prospect", "new"];
/// Where they stand after.
const TO: [&str; 6] = ["star", "productive", "question_mark", "problem", "prospect", "left"];
const PROSPECT: usize = 4;
/// Not known before, or no longer.
const NOWHERE: usize = 5;

/// How many customers moved from each segment to each, between two days.
///
/// `new` are those not known before, `prospect` those known without a purchase, among them buyers whose orders have all been
/// paid back since. `left` are those no longer known: whom one history names at two of its days never leaves, only whom a
/// later export no longer has. As [`Columns`] it has one row per pair that can occur.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Migration {
    /// The earlier day.
    pub before: NaiveDate,
    /// The later day.
    pub after: NaiveDate,
    /// From star, productive, question mark, problem, prospect and new.
    pub rows: Vec<MigrationRow>,
    /// What to mind when reading. In JSON each also has its `sentence`.
    #[serde(serialize_with = "with_sentences")]
    pub remarks: Vec<MigrationRemark>,
}

/// What to mind when reading a [`Migration`]. It displays as a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum MigrationRemark {
    /// On the earlier day the books held fewer days than those of which a value is, so that a value had fewer days to add up.
    ShortBooks {
        /// The earlier day.
        date: NaiveDate,
        /// How many days the books held then.
        books_days: i64,
        /// Of how many days a value is.
        window_days: u32,
    },
}

impl fmt::Display for MigrationRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MigrationRemark::ShortBooks { date, books_days, window_days } = self;
        write!(
            f,
            "On {date} the books held {books_days} days, and a value is that of {window_days}: a value had fewer days to \
             add up, and who rose may be buying at the same pace."
        )
    }
}

/// Where the customers of one segment went.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MigrationRow {
    /// Where they stood before.
    pub from: &'static str,
    /// How many customers stood there before.
    pub customers: u64,
    /// To star, productive, question mark, problem, prospect and left.
    pub to: Vec<MigrationCell>,
}

/// One cell of a [`Migration`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MigrationCell {
    /// Where they stand after.
    pub to: &'static str,
    /// Those who went there ÷ all of the row.
    pub share: Rate,
}

impl Migration {
    /// The way of every customer from one classification to another.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use regulars::{Currency, HistoryOptions, Migration, Money, Order, OrderHistory, SegmentOptions, SegmentRule};
    /// # let day = |day| NaiveDate::from_ymd_opt(2024, 5, day).unwrap();
    /// # let order = |who: &str, on, usd: i64| Order::new(day(on), Money::from_minor(100 * usd, Currency::USD)).customer(who);
    /// let orders = [order("ann", 1, 80), order("ann", 3, 80), order("bob", 1, 5), order("bob", 20, 200), order("cid", 21, 10)];
    /// let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
    /// let then = history.observe_until(Some(day(10)))?;
    /// let rule = SegmentRule::fit(&then, &SegmentOptions::default())?;
    /// let migration = Migration::between(&rule.classify(&then)?, &rule.classify(&history)?);
    /// assert_eq!(migration.unchanged().denominator, 2); // Ann and Bob were there before
    /// assert_eq!((migration.rows[5].from, migration.rows[5].customers), ("new", 1)); // Cid was not
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn between(before: &Segments, after: &Segments) -> Migration {
        let mut counts = [[0_u64; 6]; 6];
        let mut count = |from: usize, to: usize| {
            if let Some(cell) = counts.get_mut(from).and_then(|row| row.get_mut(to)) {
                *cell += 1;
            }
        };
        let known = |keys: &KeyVec, of: &KeyVec, row: usize| {
            keys.len() > 0 && of.get(row).is_some_and(|key| keys.find(&key).is_some())
        };
        let place = |segments: &Segments, row: usize| segments.segment.get(row).map_or(0, |s| s.place());
        KeyVec::join(&before.keys, &after.keys, |b, a| match (b, a) {
            (Some(b), Some(a)) => count(place(before, b), place(after, a)),
            (Some(b), None) => {
                let waits = known(&after.prospects, &before.keys, b);
                count(place(before, b), if waits { PROSPECT } else { NOWHERE });
            }
            (None, Some(a)) => {
                let waited = known(&before.prospects, &after.keys, a);
                count(if waited { PROSPECT } else { NOWHERE }, place(after, a));
            }
            (None, None) => {}
        });
        KeyVec::join(&before.prospects, &after.prospects, |b, a| match (b, a) {
            (Some(_), Some(_)) => count(PROSPECT, PROSPECT),
            (Some(b), None) if !known(&after.keys, &before.prospects, b) => count(PROSPECT, NOWHERE),
            (None, Some(a)) if !known(&before.keys, &after.prospects, a) => count(NOWHERE, PROSPECT),
            _ => {}
        });
        let row = |(from, counts): (&'static str, [u64; 6])| {
            let customers = counts.iter().sum();
            let cell = |(to, count)| MigrationCell { to, share: Rate::of(count, customers) };
            MigrationRow { from, customers, to: TO.into_iter().zip(counts).map(cell).collect() }
        };
        let (date, books_days) = (before.as_of, (before.as_of - before.books_start).num_days());
        let short = before.rule.options.window_days.filter(|&days| books_days < i64::from(days));
        let short = short.map(|window_days| MigrationRemark::ShortBooks { date, books_days, window_days });
        Migration {
            before: before.as_of,
            after: after.as_of,
            rows: FROM.into_iter().zip(counts).map(row).collect(),
            remarks: short.into_iter().collect(),
        }
    }

    /// How many went from one to another, by the names in [`rows`](Self::rows); `None` for a name that is not there.
    pub fn count(&self, from: &str, to: &str) -> Option<u64> {
        let row = self.rows.iter().find(|row| row.from == from)?;
        let cell = row.to.iter().find(|cell| cell.to == to)?;
        Some(cell.share.numerator)
    }

    /// Buyers on both days, by their segments on the one and the other.
    fn buyers(&self) -> impl Iterator<Item = [u64; 4]> {
        self.rows.iter().take(Segment::ALL.len()).map(|row| {
            let mut counts = [0; 4];
            for (count, cell) in counts.iter_mut().zip(&row.to) {
                *count = cell.share.numerator;
            }
            counts
        })
    }

    /// The customers with a purchase on both days, and how many of them kept their segment.
    pub fn unchanged(&self) -> Rate {
        let same = self.buyers().enumerate().filter_map(|(place, row)| row.get(place).copied()).sum();
        Rate::of(same, self.buyers().flatten().sum())
    }

    /// Cohen's κ of the two classifications, over the customers with a purchase on both days: the agreement beyond chance ÷
    /// the most that there could be. 1 is the same, 0 no more than chance; `None` where chance alone agrees wholly.
    ///
    /// Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20
    /// (1960).
    pub fn kappa(&self) -> Option<f64> {
        let unchanged = self.unchanged();
        let observed = unchanged.value?;
        let all = unchanged.denominator as f64;
        let mut columns = [0; 4];
        for row in self.buyers() {
            columns.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
        }
        let rows = self.buyers().map(|row| row.iter().sum::<u64>() as f64);
        let chance: f64 = rows.zip(columns).map(|(row, column)| row / all * (column as f64 / all)).sum();
        (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
    }
}

/// The counts as lines of a table, by where customers stood and where they stand.
impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |name: &str| name.replace('_', " ");
        let width = |to: &str| (to.len() + 2).max(10);
        write!(f, "{:<14}{:>10}", "from ↓  to →", "customers")?;
        for to in TO {
            write!(f, "{:>1$}", word(to), width(to))?;
        }
        writeln!(f)?;
        for row in &self.rows {
            write!(f, "{:<14}{:>10}", word(row.from), grouped(row.customers.into()))?;
            for cell in &row.to {
                write!(f, "{:>1$}", grouped(cell.share.numerator.into()), width(cell.to))?;
            }
            writeln!(f)?;
        }
        self.remarks.iter().try_for_each(|remark| write_wrapped(f, "! ", &remark.to_string()))
    }
}

impl Columns for Migration {
    fn rows(&self) -> usize {
        FROM.len() * TO.len() - 1
    }

    fn columns(&self) -> Vec<Column<'_>> {
        // Nobody who was not known before is not known after.
        let pairs = || {
            let cells = self.rows.iter().flat_map(|row| row.to.iter().map(move |cell| (row.from, cell)));
            cells.filter(|(from, cell)| (*from, cell.to) != ("new", "left"))
        };
        let text = |names: Vec<&'static str>| Values::Text(names.into_iter().map(Into::into).collect());
        let count = |cell: &MigrationCell| i64::try_from(cell.share.numerator).unwrap_or(i64::MAX);
        vec![
            Column::new("from", text(pairs().map(|(from, _)| from).collect())),
            Column::new("to", text(pairs().map(|(_, cell)| cell.to).collect())),
            Column::i64("customers", pairs().map(|(_, cell)| count(cell))),
            Column::f64("share", pairs().map(|(_, cell)| cell.share.value)),
        ]
    }
}
