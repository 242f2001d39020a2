//! The sort for lists that are short, rare, or of large items.
//!
//! The standard library's sort is built anew for every type and every comparison, and each takes 0.7 to 4 KB, with gzip, of the
//! module that browsers load. This one sorts places, in one copy for all.

use core::cmp::Ordering;

/// Sorts a list. What is equal stays in its order.
#[expect(clippy::indexing_slicing, reason = "places are those of the list")]
pub(crate) fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut from: Vec<usize> = (0..items.len()).collect();
    places(&mut from, &|a, b| compare(&items[a], &items[b]).then(a.cmp(&b)));
    for first in 0..from.len() {
        // Each place takes the item that belongs to it, until the circle is closed; then it takes its own.
        let mut to = first;
        while from[to] != first && from[to] != to {
            let next = core::mem::replace(&mut from[to], to);
            items.swap(to, next);
            to = next;
        }
        from[to] = to;
    }
}

/// Sorts places, or numbers of rows, by what stands there.
pub(crate) fn places<P: Copy>(places: &mut [P], compare: &dyn Fn(P, P) -> Ordering) {
    places.sort_unstable_by(|&a, &b| compare(a, b));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every list of up to seven of four items, beside the standard library.
    #[test]
    fn as_the_standard_library_sorts() {
        for length in 0..=7_u32 {
            for code in 0..4_u32.pow(length) {
                let mut items: Vec<_> = (0..length).map(|at| (code / 4_u32.pow(at) % 4, at)).collect();
                let mut expected = items.clone();
                expected.sort_by_key(|item| item.0);
                by(&mut items, |a, b| a.0.cmp(&b.0));
                assert_eq!(items, expected);
            }
        }
    }
}
