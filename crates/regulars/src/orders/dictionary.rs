use core::ops::Range;

use super::columns::{KeyColumn, OrderColumns};
use super::key::KeyRef;
use crate::parallel;

/// The customers of columns of [`KeyColumn::Codes`], each looked at once: rows then go by their hashes alone, as rows
/// of numbers do, and only a customer's first row needs the text again.
pub(super) struct Dictionary<'a> {
    /// Per chunk, the hash of each text of its list; [`NOBODY`] for empty ones.
    hashes: Vec<Vec<u64>>,
    /// The keys by hash, each hash once.
    keys: Vec<(u64, Entry)>,
    chunks: &'a [OrderColumns<'a>],
}

/// Where a key stands: in the list of which chunk, and at which place.
type Entry = (u32, u32);

/// The hash of no text. It is also that of the number 0, whose rows are therefore looked at one by one.
pub(super) const NOBODY: u64 = 0;

impl<'a> Dictionary<'a> {
    /// `None` where there are other columns of customers, where the lists are longer than the columns, so that looking
    /// at each would not pay, or where a hash is that of two keys.
    pub(super) fn new(chunks: &'a [OrderColumns<'a>]) -> Option<Dictionary<'a>> {
        let entries = |chunk: &OrderColumns<'a>| codes(chunk).map(|(_, values)| values.len());
        let rows: usize = chunks.iter().map(OrderColumns::len).sum();
        let count = chunks.iter().try_fold(0_usize, |sum, chunk| sum.checked_add(entries(chunk)?))?;
        if count > rows || u32::try_from(count).is_err() {
            return None;
        }
        let hashes: Vec<Vec<u64>> = chunks.iter().map(hashes_of).collect();
        let threads = parallel::threads_for(count) as u64;
        let share = |hash: u64| (u128::from(hash) * u128::from(threads)) >> 64;
        let keys = |thread| keys_of_share(chunks, &hashes, |hash| share(hash) == u128::from(thread));
        let keys = parallel::reduce(0..threads, keys, |keys, more| match (keys.as_mut(), more) {
            (Some(keys), Some(mut more)) => keys.append(&mut more),
            _ => *keys = None,
        });
        Some(Dictionary { hashes, keys: keys??, chunks })
    }

    /// The hashes of a chunk's texts, by code.
    pub(super) fn hashes(&self, chunk: usize) -> &[u64] {
        self.hashes.get(chunk).map_or(&[], Vec::as_slice)
    }

    /// Where the first key of this hash or a greater one stands among the keys in the order of their hashes.
    pub(super) fn seek(&self, hash: u64) -> usize {
        self.keys.partition_point(|&(known, _)| known < hash)
    }

    /// The key of a hash, and where the next is to be sought; `from` is where the one before was found, or less far.
    #[inline]
    pub(super) fn next(&self, from: usize, hash: u64) -> (Option<KeyRef<'a>>, usize) {
        let rest = self.keys.get(from..).unwrap_or_default();
        let passed = rest.iter().take_while(|&&(known, _)| known < hash).count();
        let found = rest.get(passed).filter(|&&(known, _)| known == hash);
        (found.and_then(|&(_, entry)| key_at(self.chunks, entry)), from + passed)
    }
}

/// The keys whose hash is in a share of all, by hash, each hash once; `None` where one is that of two keys.
fn keys_of_share(
    chunks: &[OrderColumns<'_>],
    hashes: &[Vec<u64>],
    is_in: impl Fn(u64) -> bool,
) -> Option<Vec<(u64, Entry)>> {
    let mut keys: Vec<(u64, Entry)> = Vec::new();
    let mut collision = false;
    for (chunk, hashes) in (0..).zip(hashes) {
        for (code, &hash) in (0..).zip(hashes).filter(|&(_, &hash)| is_in(hash)) {
            if hash == NOBODY {
                let key = key_at(chunks, (chunk, code));
                collision |= key.is_some_and(|key| key != KeyRef::Number(0));
            } else {
                keys.push((hash, (chunk, code)));
            }
        }
    }
    keys.sort_unstable();
    keys.dedup_by(|(hash, entry), (before, kept)| {
        let again = hash == before;
        collision |= again && key_at(chunks, *entry) != key_at(chunks, *kept);
        again
    });
    (!collision).then_some(keys)
}

/// A chunk's customers, where they are codes and nothing else says who they are.
pub(super) fn codes<'a>(chunk: &OrderColumns<'a>) -> Option<(&'a [u32], &'a dyn super::Strings)> {
    match (chunk.customers, chunk.emails) {
        (Some(KeyColumn::Codes { codes, values }), None)
        | (None, Some(KeyColumn::Codes { codes, values })) => Some((codes, values)),
        _ => None,
    }
}

fn key_at<'a>(chunks: &[OrderColumns<'a>], (chunk, code): Entry) -> Option<KeyRef<'a>> {
    let (_, values) = codes(chunks.get(chunk as usize)?)?;
    KeyRef::new(values.get(code as usize)?)
}

fn hashes_of(chunk: &OrderColumns<'_>) -> Vec<u64> {
    let Some((_, values)) = codes(chunk) else { return Vec::new() };
    let hash = |place| values.get(place).and_then(KeyRef::new).map_or(NOBODY, |key| key.hash());
    let hashes = |places: Range<usize>| places.map(hash).collect::<Vec<u64>>();
    parallel::map(parallel::runs(values.len()), hashes).concat()
}
