use core::ops::Range;

use super::build::bits_for;
use super::columns::{KeyColumn, OrderColumns, Strings};
use super::key::{KeyRef, KeyWords};
use crate::parallel;

/// The customers of columns of [`KeyColumn::Codes`], each looked at once: rows then go by their hashes alone, as rows
/// of numbers do, and only a customer's first row needs the text again.
pub(super) struct Dictionary {
    /// The hash of each text of the lists, end to end; [`NOBODY`] for empty ones.
    hashes: Vec<u64>,
    /// The first of each chunk's hashes.
    first: Vec<usize>,
    /// The keys in the order of their hashes, each hash once, in parts by the first bits of the hashes.
    parts: Vec<Keys>,
    bits: u32,
}

/// Keys and their hashes. They are copied while their text is in cache: in the order of the hashes, which is random to the
/// lists, to look one up in a list costs more than all the rest.
#[derive(Clone, Default)]
struct Keys {
    /// Each key's hash, and its place among the words.
    places: Vec<(u64, u32)>,
    words: KeyWords,
}

/// The hash of no text. It is also that of the number 0, whose rows are therefore looked at one by one.
pub(super) const NOBODY: u64 = 0;

/// Where a key was found: in which part, and at which place there.
#[derive(Clone, Copy, Default)]
pub(super) struct Found {
    part: usize,
    at: usize,
}

/// At most twice as many keys are sorted at once, so that they and their words sit in a level-2 cache.
const KEYS_PER_PART: usize = 8192;

impl Dictionary {
    /// `None` where there are other columns of customers, where the lists are longer than the columns, so that looking
    /// at each would not pay, or where a hash is that of two keys.
    pub(super) fn new(chunks: &[OrderColumns<'_>]) -> Option<Dictionary> {
        let lists: Vec<&dyn Strings> =
            chunks.iter().map(|chunk| codes(chunk).map(|(_, list)| list)).collect::<Option<_>>()?;
        let mut first = Vec::with_capacity(lists.len());
        let mut count: usize = 0;
        for list in &lists {
            first.push(count);
            count = count.checked_add(list.len())?;
        }
        let rows: usize = chunks.iter().map(OrderColumns::len).sum();
        if count > rows {
            return None;
        }

        let bits = bits_for(count / KEYS_PER_PART);
        let mut hashes = Vec::with_capacity(count);
        let mut parts: Vec<Vec<Keys>> = vec![Vec::new(); 1 << bits];
        for dealt in parallel::map(parallel::runs(count), |run| dealt(&lists, &first, run, bits)) {
            let (mut more, keys) = dealt?;
            hashes.append(&mut more);
            parts.iter_mut().zip(keys).for_each(|(part, keys)| part.push(keys));
        }

        let share = parts.len().div_ceil(parallel::threads_for(count));
        let mut shares = Vec::new();
        while !parts.is_empty() {
            let later = parts.split_off(share.min(parts.len()));
            shares.push(core::mem::replace(&mut parts, later));
        }
        let in_order = |share: Vec<Vec<Keys>>| share.into_iter().map(in_order).collect::<Option<Vec<Keys>>>();
        let parts: Vec<Vec<Keys>> = parallel::map(shares, in_order).into_iter().collect::<Option<_>>()?;
        Some(Dictionary { hashes, first, parts: parts.into_iter().flatten().collect(), bits })
    }

    /// The hashes of a chunk's texts, by code.
    pub(super) fn hashes(&self, chunk: usize) -> &[u64] {
        let end = self.first.get(chunk + 1).copied().unwrap_or(self.hashes.len());
        self.first.get(chunk).and_then(|&first| self.hashes.get(first..end)).unwrap_or_default()
    }

    /// The key of a hash, spelled out in `text`, and where it was found; keys are sought in the order of their hashes, each from
    /// where the one before was found.
    #[inline]
    pub(super) fn next<'a>(
        &self,
        last: Found,
        hash: u64,
        text: &'a mut Vec<u8>,
    ) -> (Option<KeyRef<'a>>, Found) {
        let part = part_of(hash, self.bits);
        let from = if part == last.part { last.at } else { 0 };
        let Some(keys) = self.parts.get(part) else { return (None, last) };
        let rest = keys.places.get(from..).unwrap_or_default();
        let passed = rest.iter().take_while(|&&(known, _)| known < hash).count();
        let found = rest.get(passed).filter(|&&(known, _)| known == hash);
        (found.map(|&(_, place)| keys.words.get(place, text)), Found { part, at: from + passed })
    }
}

/// In which of the parts that so many bits number a hash is.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most 10 bits are left")]
fn part_of(hash: u64, bits: u32) -> usize {
    // With one part the shift is by all 64 bits.
    hash.checked_shr(64 - bits).unwrap_or(0) as usize
}

/// The hashes of a run of all texts, and the keys in parts by the first bits of their hashes. `None` where a key cannot be told
/// from nobody, or is too long.
fn dealt(
    lists: &[&dyn Strings],
    first: &[usize],
    run: Range<usize>,
    bits: u32,
) -> Option<(Vec<u64>, Vec<Keys>)> {
    let mut hashes = Vec::with_capacity(run.len());
    let mut parts = vec![Keys::default(); 1 << bits];
    for (list, &first) in lists.iter().zip(first) {
        let [from, to] = [run.start, run.end].map(|end| end.clamp(first, first + list.len()) - first);
        for code in from..to {
            let key = list.get(code).and_then(KeyRef::new);
            let hash = key.as_ref().map_or(NOBODY, KeyRef::hash);
            hashes.push(hash);
            match key {
                None | Some(KeyRef::Number(0)) => {}
                Some(_) if hash == NOBODY => return None,
                Some(key) => {
                    let part = parts.get_mut(part_of(hash, bits))?;
                    part.places.push((hash, part.words.push(&key, 0)?));
                }
            }
        }
    }
    Some((hashes, parts))
}

/// The keys of one part in the order of their hashes, each hash once; `None` where one is that of two keys, or where 32 bits do
/// not number all words.
fn in_order(dealt: Vec<Keys>) -> Option<Keys> {
    u32::try_from(dealt.iter().map(|keys| keys.words.len()).sum::<usize>()).ok()?;
    let joined = dealt.into_iter().reduce(|mut keys, more| {
        let behind = keys.words.append(&more.words);
        keys.places.extend(more.places.iter().map(|&(hash, place)| (hash, behind + place)));
        keys
    });
    let Keys { mut places, words } = joined?;
    places.sort_unstable();
    let mut collision = false;
    places.dedup_by(|(hash, place), (before, kept)| {
        let again = hash == before;
        collision |= again && !words.same(*place, *kept);
        again
    });
    (!collision).then_some(Keys { places, words })
}

/// A chunk's customers, where they are codes and nothing else says who they are.
pub(super) fn codes<'a>(chunk: &OrderColumns<'a>) -> Option<(&'a [u32], &'a dyn Strings)> {
    match (chunk.customers, chunk.emails) {
        (Some(KeyColumn::Codes { codes, values }), None)
        | (None, Some(KeyColumn::Codes { codes, values })) => Some((codes, values)),
        _ => None,
    }
}
