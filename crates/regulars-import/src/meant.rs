/// Of the names that there are the one that a misspelt one was likely meant to be: the nearest, whatever the case, where that
/// takes at most a third of the letters to be changed (Levenshtein), rounded up, and keeps one of them.
///
/// ```
/// use regulars_import::meant;
///
/// assert_eq!(meant("custmer_id", &["order_id", "customer_id"]), Some("customer_id"));
/// assert_eq!(meant("price", &["order_id", "customer_id"]), None);
/// assert_eq!(meant("y", &["x"]), None);
/// ```
pub fn meant<'a, S: AsRef<str>>(name: &str, known: &'a [S]) -> Option<&'a str> {
    let letters = name.chars().count();
    let distances = known.iter().map(|one| (distance(name, one.as_ref()), one.as_ref()));
    distances
        .min()
        .filter(|&(distance, _)| distance <= letters.div_ceil(3) && distance < letters)
        .map(|(_, nearest)| nearest)
}

/// How many bytes are to be put in, left out or replaced to make one name of the other, whatever the case.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (1..=other.len()).collect();
    for (at, byte) in one.bytes().enumerate() {
        let (mut diagonal, mut left) = (at, at + 1);
        for (cell, against) in row.iter_mut().zip(other.bytes()) {
            let replaced = diagonal + usize::from(!byte.eq_ignore_ascii_case(&against));
            diagonal = *cell;
            left = replaced.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.pop().unwrap_or_default()
}
