use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The name of the segment for every score of recency (rows, from 1 on) and of frequency and money together (columns,
/// from 1 on).
///
/// Frequency and money together are the mean of both scores, halves rounded up.
///
/// As JSON it is a list of rows.
///
/// ```
/// use regulars::RfmGrid;
///
/// let grid = RfmGrid::new([["asleep", "missed"], ["new", "regular"]]);
/// assert_eq!(grid.name(2, 1), Some("new"));
/// assert_eq!(RfmGrid::standard(5).name(1, 5), Some("Can't lose them"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RfmGrid {
    rows: Vec<Vec<String>>,
}

/// The standard segments, best first.
pub(super) const SEGMENTS: [&str; 11] = [
    "Champions",
    "Loyal",
    "Potential loyalists",
    "New",
    "Promising",
    "Need attention",
    "About to sleep",
    "At risk",
    "Can't lose them",
    "Hibernating",
    "Lost",
];

impl RfmGrid {
    /// A grid of these rows. That it covers every cell is checked where it is used.
    pub fn new<R, N>(rows: impl IntoIterator<Item = R>) -> RfmGrid
    where
        R: IntoIterator<Item = N>,
        N: Into<String>,
    {
        let row = |row: R| row.into_iter().map(Into::into).collect();
        RfmGrid { rows: rows.into_iter().map(row).collect() }
    }

    /// The usual names, for this number of scores. Another number than 5 is spread evenly over the five: the lowest score has
    /// the names of the lowest row or column, the highest those of the highest.
    ///
    /// | recency | 1 | 2 | 3 | 4 | 5 |
    /// |---|---|---|---|---|---|
    /// | 5 | New | Potential loyalists | Potential loyalists | Champions | Champions |
    /// | 4 | Promising | Potential loyalists | Potential loyalists | Loyal | Loyal |
    /// | 3 | About to sleep | About to sleep | Need attention | Loyal | Loyal |
    /// | 2 | Hibernating | Hibernating | At risk | At risk | Can't lose them |
    /// | 1 | Lost | Lost | At risk | At risk | Can't lose them |
    pub fn standard(bins: u8) -> RfmGrid {
        let steps = u32::from(bins).saturating_sub(1).max(1);
        // 1 + 4 × (score − 1) ÷ steps, rounded.
        let fifth = |score: u8| 1 + (8 * (u32::from(score) - 1) + steps) / (2 * steps);
        let name = |r: u32, fm: u32| match (r, fm) {
            (5, 4..) => "Champions",
            (3.., 4..) => "Loyal",
            (4.., 2..=3) => "Potential loyalists",
            (5, _) => "New",
            (4, _) => "Promising",
            (3, 3) => "Need attention",
            (3, _) => "About to sleep",
            (_, 5) => "Can't lose them",
            (_, 3 | 4) => "At risk",
            (2, _) => "Hibernating",
            _ => "Lost",
        };
        RfmGrid::new((1..=bins).map(|r| (1..=bins).map(move |fm| name(fifth(r), fifth(fm)))))
    }

    /// The segment of a score of recency and one of frequency and money together, both from 1 on.
    pub fn name(&self, recency: u8, frequency_monetary: u8) -> Option<&str> {
        let row = self.rows.get(usize::from(recency).checked_sub(1)?)?;
        row.get(usize::from(frequency_monetary).checked_sub(1)?).map(String::as_str)
    }

    pub(super) fn check(&self, bins: u8) -> Result<()> {
        let bins = usize::from(bins);
        let covers = self.rows.len() == bins
            && self.rows.iter().all(|r| r.len() == bins && !r.iter().any(String::is_empty));
        if covers { Ok(()) } else { Err(Error::InvalidRfmGrid { bins }) }
    }

    /// The names, each once: the standard ones best first, others as they come from the best score on.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let standard = SEGMENTS.iter().map(|&name| name.to_owned());
        let of_grid = || self.rows.iter().rev().flat_map(|row| row.iter().rev());
        for name in standard.filter(|name| of_grid().any(|n| n == name)).chain(of_grid().cloned()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
