use core::fmt::{self, Write as _};

use regulars::Strings;

const NAMES: [&str; 8] = ["ana", "chloe", "dmitri", "farid", "hana", "mateo", "priya", "yusuf"];

/// A column of text the way Arrow keeps it: all cells end to end, and where each of them ends.
#[derive(Clone, Default)]
pub struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// A text for every customer, which is that of the customer wherever it stands.
    pub fn of_customers(customers: &[i64]) -> Texts {
        let mut texts = Texts { text: String::with_capacity(26 * customers.len()), ends: Vec::new() };
        texts.ends.reserve_exact(customers.len());
        for &customer in customers {
            // Bits that tell nothing of the number's order of magnitude.
            let name = usize::try_from(customer >> 5 & 0x1f).unwrap_or_default();
            let written = match NAMES.get(name % 24) {
                Some(name) => write!(texts.text, "{name}.{customer:x}@example.com"),
                None => write!(texts.text, "cus_{customer:016x}"),
            };
            debug_assert_eq!(written, Ok(()), "a `String` takes whatever is written to it");
            texts.ends.push(texts.text.len());
        }
        texts
    }
}

impl Strings for Texts {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)?;
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("cells", &self.ends.len()).finish_non_exhaustive()
    }
}
