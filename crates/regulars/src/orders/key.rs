use core::cmp::Ordering;
use core::fmt::{self, Write as _};
use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::columns::{KeyColumn, Strings};
use crate::sort;

/// Who a customer is, or which order this is: a number, or text in one spelling.
///
/// Text is trimmed. Text that holds an `@` is an e-mail address and put in lower case, so that `Ann@Example.com` and
/// `ann@example.com` are one customer. Text that is a whole number as a computer prints it (`4711`, but not `004711`)
/// is that number, so that ids read from a CSV file and ids from a database column are the same. Empty text is nobody.
///
/// ```
/// use regulars::CustomerKey;
///
/// assert_eq!(CustomerKey::new(" Ann@Example.com "), CustomerKey::new("ann@example.com"));
/// assert_eq!(CustomerKey::new("4711"), Some(CustomerKey::from(4711)));
/// assert_eq!(CustomerKey::new("00004").unwrap().to_string(), "00004");
/// assert_eq!(CustomerKey::new("  "), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerKey(Key);

/// The shop's number of an order, under the rules of [`CustomerKey`].
pub type OrderId = CustomerKey;

/// Private, so that there is no key that was not normalised.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(Box<str>),
}

impl CustomerKey {
    /// The key that a text stands for, or `None` where it is empty.
    pub fn new(text: &str) -> Option<CustomerKey> {
        KeyRef::new(text).map(KeyRef::into_owned)
    }

    pub(crate) fn borrow(&self) -> KeyRef<'_> {
        match &self.0 {
            Key::Number(number) => KeyRef::Number(*number),
            Key::Text(text) => KeyRef::Text(Cow::Borrowed(text)),
        }
    }
}

impl From<i64> for CustomerKey {
    fn from(number: i64) -> CustomerKey {
        KeyRef::from_number(number).into_owned()
    }
}

impl From<i32> for CustomerKey {
    fn from(number: i32) -> CustomerKey {
        CustomerKey::from(i64::from(number))
    }
}

impl From<u32> for CustomerKey {
    fn from(number: u32) -> CustomerKey {
        CustomerKey::from(i64::from(number))
    }
}

/// The key that the number is as text too.
///
/// ```
/// use regulars::CustomerKey;
///
/// assert_eq!(CustomerKey::from(7_u64), CustomerKey::from(7_i64));
/// assert_eq!(Some(CustomerKey::from(u64::MAX)), CustomerKey::new("18446744073709551615"));
/// ```
impl From<u64> for CustomerKey {
    fn from(number: u64) -> CustomerKey {
        match i64::try_from(number) {
            Ok(number) => CustomerKey::from(number),
            Err(_) => CustomerKey(Key::Text(number.to_string().into())),
        }
    }
}

/// As it displays, in quotes where it is text.
impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Key::Number(number) => fmt::Debug::fmt(number, f),
            Key::Text(text) => fmt::Debug::fmt(text, f),
        }
    }
}

impl fmt::Display for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Key::Number(number) => fmt::Display::fmt(number, f),
            Key::Text(text) => fmt::Display::fmt(text, f),
        }
    }
}

/// As text, because a number of JSON loses digits beyond 2⁵³ in many readers.
impl Serialize for CustomerKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CustomerKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CustomerKey, D::Error> {
        CustomerKey::new(&String::deserialize(deserializer)?).ok_or_else(|| de::Error::custom("an empty key"))
    }
}

/// A key that may point into the caller's text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum KeyRef<'a> {
    Number(i64),
    Text(Cow<'a, str>),
}

impl<'a> KeyRef<'a> {
    #[inline]
    pub(crate) fn new(text: &'a str) -> Option<KeyRef<'a>> {
        let text = text.trim();
        let first = *text.as_bytes().first()?;
        if first.is_ascii_digit() || first == b'-' {
            if let Some(number) = canonical_number(text) {
                return Some(KeyRef::Number(number));
            }
        }
        let (mut email, mut upper) = (false, false);
        each_word(text.as_bytes(), |word| {
            email |= has_at(word);
            upper |= has_upper_or_not_ascii(word);
        });
        Some(KeyRef::Text(if email && upper { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }))
    }

    pub(super) fn from_number(number: i64) -> KeyRef<'static> {
        match number {
            // Kept for "none" in columns of numbers; as text it is still itself.
            NONE => KeyRef::Text(Cow::Owned(NONE.to_string())),
            number => KeyRef::Number(number),
        }
    }

    pub(crate) fn into_owned(self) -> CustomerKey {
        CustomerKey(match self {
            KeyRef::Number(number) => Key::Number(number),
            KeyRef::Text(text) => Key::Text(text.into()),
        })
    }

    /// 64 bits that are spread evenly and are the same on every platform. Customers stand in a history by these bits,
    /// so the function is part of what makes two histories the same bytes. For numbers it is one to one.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        match self {
            KeyRef::Number(number) => spread(bits(*number)),
            KeyRef::Text(text) => hash_text(text.as_bytes()),
        }
    }
}

/// The number that prints as exactly this text. `i64::MIN` is left to text, since [`KeyVec`] keeps it for "none".
fn canonical_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = match digits.as_bytes() {
        [b'0'] => digits.len() == text.len(),
        [b'0', ..] | [] => false,
        all => all.len() <= 19 && all.iter().all(u8::is_ascii_digit),
    };
    if canonical { text.parse().ok().filter(|&n| n != NONE) } else { None }
}

#[expect(clippy::cast_sign_loss, reason = "the bits are meant, not the value")]
#[inline]
fn bits(number: i64) -> u64 {
    number as u64
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): a bijection of 64 bits in which every bit of the input
/// changes about half of the output's.
#[inline]
pub(crate) fn spread(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The number that [`KeyRef::hash`] made these bits from.
#[inline]
pub(crate) fn number_of_hash(mut x: u64) -> i64 {
    x = (x ^ (x >> 31) ^ (x >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    x = (x ^ (x >> 27) ^ (x >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    x = x ^ (x >> 30) ^ (x >> 60);
    #[expect(clippy::cast_possible_wrap, reason = "the bits are meant, not the value")]
    let number = x as i64;
    number
}

/// Eight bytes at a time through a folded 64 × 64 → 128 bit product, the way of wyhash. Collisions cost a comparison of
/// the texts, never a wrong answer.
#[inline]
fn hash_text(bytes: &[u8]) -> u64 {
    let mut state = before_text(bytes.len());
    each_word(bytes, |word| state = fold(state, word));
    spread(state)
}

/// Bytes eight at a time, the first one lowest, and zeros after the last.
#[inline]
fn each_word(bytes: &[u8], mut see: impl FnMut(u64)) {
    let mut rest = bytes;
    while let Some((word, more)) = rest.split_first_chunk() {
        see(u64::from_le_bytes(*word));
        rest = more;
    }
    if rest.is_empty() {
        return;
    }
    see(match bytes.last_chunk() {
        // The last eight, less those that were seen.
        Some(last) => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
        None => rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    });
}

/// Every byte of a word the same.
const fn repeated(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Whether one of eight bytes is an `@`: only then does a byte of the difference underflow that had no high bit.
#[inline]
fn has_at(word: u64) -> bool {
    let difference = word ^ repeated(b'@');
    difference.wrapping_sub(repeated(1)) & !difference & repeated(0x80) != 0
}

/// Whether one of eight bytes is a capital of ASCII, or is not ASCII.
#[inline]
fn has_upper_or_not_ascii(word: u64) -> bool {
    // Into the high bit of each byte: whether it is `A` or beyond, and whether it is beyond `Z`. No byte carries.
    let low = word & repeated(0x7f);
    let (from_a, beyond_z) = (low + repeated(0x80 - b'A'), low + repeated(0x7f - b'Z'));
    ((from_a ^ beyond_z) | word) & repeated(0x80) != 0
}

fn before_text(len: usize) -> u64 {
    0x9e37_79b9_7f4a_7c15 ^ len as u64
}

#[inline]
fn fold(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ word).wrapping_mul(0xd6e8_feb8_6659_fd93_a076_1d64_78bd_642f);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded
}

/// "No key" in a column of numbers.
const NONE: i64 = i64::MIN;

/// A column of keys, of which some may be missing: numbers as long as all of them are, else text end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyVec {
    Numbers(Vec<i64>),
    Texts { text: String, ends: Vec<u64> },
}

impl Default for KeyVec {
    fn default() -> KeyVec {
        KeyVec::Numbers(Vec::new())
    }
}

/// Where a text begins.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a place in a text in memory")]
fn start_of(ends: &[u64], index: usize) -> usize {
    index.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |&end| end as usize)
}

/// As a list of texts, empty where there is no key.
impl Serialize for KeyVec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.len()).map(|index| self.text(index)))
    }
}

/// What stands here was normalised on entry, and comes out of that again as it stands.
impl Strings for KeyVec {
    fn len(&self) -> usize {
        KeyVec::len(self)
    }

    fn get(&self, row: usize) -> Option<&str> {
        self.spelling(row).filter(|text| !text.is_empty())
    }
}

impl KeyVec {
    /// The key at a place.
    pub(crate) fn key(&self, index: usize) -> Option<CustomerKey> {
        self.get(index).map(KeyRef::into_owned)
    }

    /// The key at a place as text, empty where there is none.
    pub(crate) fn text(&self, index: usize) -> Cow<'_, str> {
        match self.get(index) {
            None => Cow::Borrowed(""),
            Some(KeyRef::Number(number)) => Cow::Owned(number.to_string()),
            Some(KeyRef::Text(text)) => text,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            KeyVec::Numbers(numbers) => numbers.len(),
            KeyVec::Texts { ends, .. } => ends.len(),
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            KeyVec::Numbers(numbers) => 8 * numbers.len(),
            KeyVec::Texts { text, ends } => text.len() + 8 * ends.len(),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, key: Option<&KeyRef<'_>>) {
        match (&mut *self, key) {
            (KeyVec::Numbers(numbers), None) => numbers.push(NONE),
            (KeyVec::Numbers(numbers), Some(KeyRef::Number(number))) => numbers.push(*number),
            (KeyVec::Numbers(_), Some(KeyRef::Text(_))) => {
                self.turn_to_text();
                self.push(key);
            }
            (KeyVec::Texts { text, ends }, key) => {
                match key {
                    None => {}
                    // A `String` takes whatever is written to it.
                    Some(KeyRef::Number(number)) => _ = write!(text, "{number}"),
                    Some(KeyRef::Text(key)) => text.push_str(key),
                }
                ends.push(text.len() as u64);
            }
        }
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<KeyRef<'_>> {
        match self {
            KeyVec::Numbers(numbers) => {
                numbers.get(index).filter(|&&n| n != NONE).map(|&n| KeyRef::Number(n))
            }
            KeyVec::Texts { .. } => {
                // What stands here was normalised on entry; only its kind is to be told again.
                let text = self.spelling(index)?;
                if text.is_empty() {
                    None
                } else {
                    Some(canonical_number(text).map_or(KeyRef::Text(Cow::Borrowed(text)), KeyRef::Number))
                }
            }
        }
    }

    /// What stands in a column of text, empty where there is no key.
    #[inline]
    fn spelling(&self, index: usize) -> Option<&str> {
        match self {
            KeyVec::Numbers(_) => None,
            KeyVec::Texts { text, ends } => {
                text.get(start_of(ends, index)..usize::try_from(*ends.get(index)?).ok()?)
            }
        }
    }

    /// Appends keys of another column. Columns of one history stay numbers exactly as long as every key is one.
    pub(crate) fn extend(&mut self, other: &KeyVec, range: core::ops::Range<usize>) {
        match (&mut *self, other) {
            (KeyVec::Numbers(numbers), KeyVec::Numbers(more)) => {
                numbers.extend_from_slice(more.get(range).unwrap_or_default());
            }
            (KeyVec::Texts { text, ends }, KeyVec::Texts { text: other, ends: more }) => {
                let (from, to) = (start_of(more, range.start), start_of(more, range.end));
                let (at, from_end) = (text.len() as u64, from as u64);
                text.push_str(other.get(from..to).unwrap_or_default());
                ends.extend(more.get(range).unwrap_or_default().iter().map(|end| end - from_end + at));
            }
            _ => range.for_each(|index| self.push(other.get(index).as_ref())),
        }
    }

    /// A column in which text is expected.
    pub(crate) fn texts() -> KeyVec {
        KeyVec::Texts { text: String::new(), ends: Vec::new() }
    }

    /// The keys of these places, as a column of their own.
    pub(crate) fn select(&self, places: impl Iterator<Item = usize>) -> KeyVec {
        let mut keys = KeyVec::default();
        for place in places {
            keys.extend(self, place..place + 1);
        }
        keys
    }

    /// Where a key stands in a column in the order of customers.
    pub(crate) fn find(&self, key: &KeyRef<'_>) -> Option<usize> {
        let sought = (key.hash(), Some(key));
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let here = self.get(middle);
            match (here.as_ref().map_or(0, KeyRef::hash), here.as_ref()).cmp(&sought) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Where each of these keys stands in a column in the order of customers. They are sought in that order, so that memory is
    /// read from one end to the other.
    pub(crate) fn find_all(&self, keys: &[KeyRef<'_>]) -> Vec<Option<usize>> {
        let mut order: Vec<(u64, usize)> = keys.iter().map(KeyRef::hash).zip(0..).collect();
        order.sort_unstable();
        let mut places = vec![None; keys.len()];
        for (_, at) in order {
            if let (Some(place), Some(key)) = (places.get_mut(at), keys.get(at)) {
                *place = self.find(key);
            }
        }
        places
    }

    /// Looks at every key of two columns in the order of customers, once each: where it stands in the one and the other.
    pub(crate) fn join(left: &KeyVec, right: &KeyVec, mut see: impl FnMut(Option<usize>, Option<usize>)) {
        let (mut l, mut r) = (0, 0);
        while l < left.len() || r < right.len() {
            let order = match (l < left.len(), r < right.len()) {
                (true, true) => left.compare(l, right, r),
                (true, false) => Ordering::Less,
                _ => Ordering::Greater,
            };
            see((order != Ordering::Greater).then_some(l), (order != Ordering::Less).then_some(r));
            l += usize::from(order != Ordering::Greater);
            r += usize::from(order != Ordering::Less);
        }
    }

    /// A column of these keys, each once, in the order of customers.
    pub(crate) fn in_order<'a>(keys: impl Iterator<Item = KeyRef<'a>>) -> KeyVec {
        let mut keys: Vec<(u64, KeyRef<'a>)> = keys.map(|key| (key.hash(), key)).collect();
        sort::by(&mut keys, Ord::cmp);
        keys.dedup();
        let mut column = KeyVec::default();
        for (_, key) in &keys {
            column.push(Some(key));
        }
        column
    }

    /// The order of customers in a history.
    pub(crate) fn compare(&self, index: usize, other: &KeyVec, other_index: usize) -> Ordering {
        if let (KeyVec::Numbers(left), KeyVec::Numbers(right)) = (self, other) {
            if let (Some(left), Some(right)) = (left.get(index), right.get(other_index)) {
                return spread(bits(*left)).cmp(&spread(bits(*right)));
            }
        }
        let (left, right) = (self.get(index), other.get(other_index));
        let hash = |key: &Option<KeyRef<'_>>| key.as_ref().map(KeyRef::hash);
        hash(&left).cmp(&hash(&right)).then_with(|| left.cmp(&right))
    }

    /// Where there is a key, in a column of numbers; one of text says so itself.
    pub(super) fn present(&self) -> Vec<bool> {
        match self {
            KeyVec::Numbers(numbers) => numbers.iter().map(|&number| number != NONE).collect(),
            KeyVec::Texts { .. } => Vec::new(),
        }
    }

    /// As a column of orders, where it has a key at all. `present` is what [`KeyVec::present`] says.
    pub(super) fn column<'a>(&'a self, present: &'a [bool]) -> Option<KeyColumn<'a>> {
        match self {
            KeyVec::Texts { .. } => Some(KeyColumn::Texts(self)),
            KeyVec::Numbers(numbers) if present.iter().all(|&there| there) => {
                Some(KeyColumn::Numbers(numbers))
            }
            KeyVec::Numbers(numbers) => {
                present.contains(&true).then_some(KeyColumn::NullableNumbers { numbers, present })
            }
        }
    }

    /// Numbers again where text has left the column, so that a column depends on its keys alone and not on how it came
    /// about.
    pub(crate) fn settle(&mut self) {
        if let KeyVec::Texts { .. } = self {
            let numbers = |key| matches!(key, None | Some(KeyRef::Number(_)));
            if (0..self.len()).all(|index| numbers(self.get(index))) {
                let column = (0..self.len()).map(|index| match self.get(index) {
                    Some(KeyRef::Number(number)) => number,
                    _ => NONE,
                });
                *self = KeyVec::Numbers(column.collect());
            }
        }
    }

    fn turn_to_text(&mut self) {
        let numbers = core::mem::replace(self, KeyVec::Texts { text: String::new(), ends: Vec::new() });
        for index in 0..numbers.len() {
            self.push(numbers.get(index).as_ref());
        }
    }
}

/// Keys as words, one behind the other, each with a mark: quick to copy and to compare. More words than 32 bits number
/// have no use.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyWords(Vec<u64>);

impl KeyWords {
    /// In place of a text's length.
    const NUMBER: u32 = u32::MAX;

    /// How many words a key takes.
    pub(crate) fn words_of(key: &KeyRef<'_>) -> usize {
        match key {
            KeyRef::Number(_) => 2,
            KeyRef::Text(text) => 1 + text.len().div_ceil(8),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn reserve_exact(&mut self, words: usize) {
        self.0.reserve_exact(words);
    }

    /// Appends a key and returns its place, by which it is found again. `None` is a text that is too long, or a place that 32 bits
    /// do not number.
    #[inline]
    pub(crate) fn push(&mut self, key: &KeyRef<'_>, mark: u32) -> Option<u32> {
        let place = u32::try_from(self.0.len()).ok()?;
        let head = |len: u32| u64::from(mark) << 32 | u64::from(len);
        match key {
            KeyRef::Number(number) => self.0.extend([head(Self::NUMBER), bits(*number)]),
            KeyRef::Text(text) => {
                self.0.push(head(u32::try_from(text.len()).ok().filter(|&len| len != Self::NUMBER)?));
                each_word(text.as_bytes(), |word| self.0.push(word));
            }
        }
        Some(place)
    }

    /// Appends other keys, whose places are counted on from the one that is returned.
    #[expect(clippy::cast_possible_truncation, reason = "more words have no use")]
    pub(crate) fn append(&mut self, other: &KeyWords) -> u32 {
        let first = self.0.len() as u32;
        self.0.extend_from_slice(&other.0);
        first
    }

    /// The length of a key and its words.
    #[inline]
    fn at(&self, place: u32) -> (u32, &[u64]) {
        let Some((head, rest)) = self.0.get(place as usize..).and_then(<[u64]>::split_first) else {
            return (0, &[]);
        };
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        let len = *head as u32;
        let words = if len == Self::NUMBER { 1 } else { len.div_ceil(8) as usize };
        (len, rest.get(..words).unwrap_or_default())
    }

    /// What a key was marked with.
    pub(crate) fn mark(&self, place: u32) -> Option<u32> {
        self.0.get(place as usize).map(|head| (head >> 32) as u32)
    }

    /// Whether two keys are one: a key has one spelling.
    #[inline]
    pub(crate) fn same(&self, place: u32, other: u32) -> bool {
        self.at(place) == self.at(other)
    }

    /// A key, whose text is spelled out in `text`.
    #[inline]
    pub(crate) fn get<'a>(&self, place: u32, text: &'a mut Vec<u8>) -> KeyRef<'a> {
        let (len, words) = self.at(place);
        if len == Self::NUMBER {
            #[expect(clippy::cast_possible_wrap, reason = "the bits are meant, not the value")]
            return KeyRef::Number(words.first().map_or(0, |&bits| bits as i64));
        }
        text.clear();
        for word in words {
            text.extend_from_slice(&word.to_le_bytes());
        }
        text.truncate(len as usize);
        KeyRef::Text(Cow::Borrowed(core::str::from_utf8(text).unwrap_or_default()))
    }
}

/// Two texts and a number that all have one hash, for tests of what happens then.
#[cfg(test)]
pub(crate) fn colliding_keys() -> [CustomerKey; 3] {
    let word = |text: &str| u64::from_le_bytes(text.as_bytes().try_into().unwrap());
    let after = |text: &str| fold(before_text(16), word(text));
    // Whatever the first word does to the state, some second word undoes; one that is text is soon found.
    let second = |first: &str| {
        let bytes = (after("customer") ^ word("_number7") ^ after(first)).to_le_bytes();
        bytes.iter().all(u8::is_ascii_alphanumeric).then(|| String::from_utf8(bytes.to_vec()).unwrap())
    };
    let other = (0..9_999_999).find_map(|i| {
        let first = format!("k{i:07}");
        Some(first.clone() + &second(&first)?)
    });
    let keys = ["customer_number7", &other.unwrap()].map(|text| CustomerKey::new(text).unwrap());
    let hash = keys[0].borrow().hash();
    assert_eq!(keys[1].borrow().hash(), hash);
    let [a, b] = keys;
    [a, b, CustomerKey::from(number_of_hash(hash))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_prints_the_same_is_a_number() {
        for text in ["0", "7", "-7", "9223372036854775807"] {
            let key = CustomerKey::new(text).unwrap();
            assert!(matches!(key.0, Key::Number(_)), "{text}");
            assert_eq!(key, CustomerKey::from(text.parse::<i64>().unwrap()));
            assert_eq!(key.to_string(), text);
        }
        for text in ["007", "-0", "+7", "7.0", "9223372036854775808", "-9223372036854775808", "-", "#1001"] {
            let key = CustomerKey::new(text).unwrap();
            assert!(matches!(key.0, Key::Text(_)), "{text}");
            assert_eq!(key.to_string(), text);
        }
    }

    #[test]
    fn the_hash_of_a_number_gives_the_number_back() {
        let mut number = 1_i64;
        for step in 0..10_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            assert_eq!(number_of_hash(KeyRef::Number(number).hash()), number);
        }
    }

    /// The text's bytes one by one, as the words of eight have it at once.
    #[test]
    fn words_are_read_as_their_bytes() {
        let all: String = (0..=0x17f).filter_map(char::from_u32).collect();
        let borders: String = ('\u{3e}'..='\u{5c}').chain('`'..='{').collect();
        for text in [all.as_str(), borders.as_str()] {
            for from in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
                for to in (from..text.len().min(from + 20)).filter(|&at| text.is_char_boundary(at)) {
                    let bytes = &text.as_bytes()[from..to];
                    let (mut read, mut at, mut upper) = (Vec::new(), false, false);
                    each_word(bytes, |word| {
                        read.extend(word.to_le_bytes());
                        at |= has_at(word);
                        upper |= has_upper_or_not_ascii(word);
                    });
                    assert_eq!(read.len(), bytes.len().next_multiple_of(8));
                    assert!(read.iter().zip(bytes).all(|(a, b)| a == b));
                    assert!(read[bytes.len()..].iter().all(|&zero| zero == 0));
                    assert_eq!(at, bytes.contains(&b'@'), "{bytes:?}");
                    let odd = |byte: &u8| byte.is_ascii_uppercase() || !byte.is_ascii();
                    assert_eq!(upper, bytes.iter().any(odd), "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn words_are_their_keys() {
        let texts =
            ["a", "a\0", "\0a", "1234567x", "1234567x\0", "8901234567890123456789", "007", "\u{e4}\u{f6}"];
        let mut keys: Vec<CustomerKey> = texts.iter().filter_map(|text| CustomerKey::new(text)).collect();
        keys.extend([0, -1, 7, i64::MAX].map(CustomerKey::from));
        let mut words = KeyWords::default();
        let mut places: Vec<u32> = Vec::new();
        for first in [0, 100] {
            let mut more = KeyWords::default();
            let own: Vec<u32> =
                (first..).zip(&keys).map(|(mark, key)| more.push(&key.borrow(), mark).unwrap()).collect();
            assert_eq!(more.len(), keys.iter().map(|key| KeyWords::words_of(&key.borrow())).sum::<usize>());
            let behind = words.append(&more);
            places.extend(own.iter().map(|place| behind + place));
        }
        for (at, &place) in places.iter().enumerate() {
            let key = &keys[at % keys.len()];
            assert_eq!(words.get(place, &mut Vec::new()), key.borrow());
            assert_eq!(words.mark(place), u32::try_from(at / keys.len() * 100 + at % keys.len()).ok());
            for (other, &other_place) in places.iter().enumerate() {
                assert_eq!(words.same(place, other_place), at % keys.len() == other % keys.len(), "{key}");
            }
        }
    }

    #[test]
    fn the_number_that_means_none_is_still_a_key() {
        let key = CustomerKey::from(i64::MIN);
        assert_eq!(CustomerKey::new(&i64::MIN.to_string()), Some(key.clone()));
        let mut column = KeyVec::default();
        column.push(Some(&key.borrow()));
        assert_eq!(column.get(0), Some(key.borrow()));
    }

    #[test]
    fn only_addresses_lose_their_case() {
        assert_eq!(CustomerKey::new("ÄNN@Example.com"), CustomerKey::new("änn@example.COM"));
        assert_ne!(CustomerKey::new("cus_A"), CustomerKey::new("cus_a"));
    }

    #[test]
    fn a_column_depends_on_its_keys_alone() {
        let keys = [Some("7"), None, Some("ann"), Some("-3")];
        let mut column = KeyVec::default();
        for key in keys {
            column.push(key.and_then(KeyRef::new).as_ref());
        }
        for (index, key) in keys.into_iter().enumerate() {
            assert_eq!(column.get(index), key.and_then(KeyRef::new));
        }
        let mut numbers = KeyVec::default();
        numbers.extend(&column, 0..2);
        assert_eq!(numbers, KeyVec::Numbers(vec![7, NONE]));
        let mut without_ann = KeyVec::Texts { text: String::new(), ends: Vec::new() };
        without_ann.extend(&column, 0..2);
        without_ann.settle();
        assert_eq!(without_ann, numbers);
        let mut ann_twice = KeyVec::Texts { text: "bob".to_owned(), ends: vec![3] };
        ann_twice.extend(&column, 1..4);
        ann_twice.extend(&column, 2..3);
        let texts: Vec<_> = (0..ann_twice.len()).map(|index| ann_twice.text(index)).collect();
        assert_eq!(texts, ["bob", "", "ann", "-3", "ann"]);
    }
}
