use std::io::{self, Read};

use crate::error::ImportError;

/// A record longer than this is no order, but a quote that was never closed: the bound on memory for any file.
pub(crate) const MOST_RECORD_BYTES: usize = 16 << 20;

/// How far a header is looked for.
const MOST_HEADER_BYTES: usize = 1 << 20;

/// What follows the data, so that a quote left open can be told from one that was closed: only a closed one leaves
/// the last record equal to [`LAST_RECORD`].
const END: &[u8] = b"\nend\n";
pub(crate) const LAST_RECORD: &[u8] = b"end";

/// The bytes of a file between its byte order mark and an end marker of our own.
#[derive(Debug)]
pub(crate) struct Source<R> {
    /// What was read to look at the header; `head[given..]` is still to be given out.
    head: Vec<u8>,
    given: usize,
    reader: R,
    /// What is still to be given out after the data, once the data have ended.
    end: Option<&'static [u8]>,
    /// Bytes given out, and those of them since the last record.
    given_out: u64,
    since_record: usize,
}

impl<R: Read> Source<R> {
    /// Looks at the start of a file: refuses what is no CSV in UTF-8 and finds the delimiter.
    pub(crate) fn open(mut reader: R) -> Result<(Source<R>, u8), ImportError> {
        let mut head = Vec::new();
        while line_end(&head).is_none() && head.len() < MOST_HEADER_BYTES {
            if reader.by_ref().take(1 << 13).read_to_end(&mut head)? == 0 {
                break;
            }
        }
        refuse_other_files(&head)?;
        let bom = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let header = head.get(bom..line_end(&head).unwrap_or(head.len())).unwrap_or_default();
        if head.get(bom..).unwrap_or_default().trim_ascii().is_empty() {
            return Err(ImportError::EmptyFile);
        }
        let delimiter = delimiter(header);
        Ok((Source { head, given: bom, reader, end: None, given_out: 0, since_record: 0 }, delimiter))
    }

    /// Says that a record was completed.
    pub(crate) fn record_done(&mut self) {
        self.since_record = 0;
    }

    /// Whether so many bytes are all that there are, the end marker included.
    pub(crate) fn ends_at(&self, byte: u64) -> bool {
        self.end.is_some_and(<[u8]>::is_empty) && self.given_out == byte
    }

    /// Whether a record went on for too long.
    pub(crate) fn is_overlong(&self) -> bool {
        self.since_record > MOST_RECORD_BYTES
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_overlong() {
            return Err(io::Error::other("a record is too long"));
        }
        let mut rest = self.head.get(self.given..).unwrap_or_default();
        let read = if let Some(end) = &mut self.end {
            end.read(buffer)?
        } else if rest.is_empty() {
            match self.reader.read(buffer)? {
                0 if !buffer.is_empty() => self.end.insert(END).read(buffer)?,
                read => read,
            }
        } else {
            let read = rest.read(buffer)?;
            self.given += read;
            read
        };
        self.given_out += read as u64;
        self.since_record += read;
        Ok(read)
    }
}

/// Where the first line with anything on it ends, line ends within quotes left aside.
fn line_end(head: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut anything = false;
    head.iter().position(|&byte| {
        quoted ^= byte == b'"';
        anything |= !byte.is_ascii_whitespace();
        byte == b'\n' && !quoted && anything
    })
}

fn refuse_other_files(head: &[u8]) -> Result<(), ImportError> {
    const MAGIC: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a spreadsheet or ZIP archive"),
        (b"\xD0\xCF\x11\xE0", "a spreadsheet of the older format"),
        (b"%PDF", "a PDF"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"PAR1", "a Parquet file"),
        (b"<", "a web page or XML"),
    ];
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Err(ImportError::Utf16);
    }
    let text = head.trim_ascii_start();
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| text.starts_with(magic)) {
        return Err(ImportError::NotCsv { found });
    }
    let header = head.get(..line_end(head).unwrap_or(head.len())).unwrap_or_default();
    if header.contains(&0) {
        return Err(ImportError::Utf16);
    }
    let mut quoted = false;
    let mut bare = |pair: &[u8]| {
        quoted ^= pair.first() == Some(&b'"');
        !quoted && matches!(pair, [b'\r', after] if *after != b'\n')
    };
    if header.windows(2).any(&mut bare) {
        return Err(ImportError::NotCsv { found: "text with the line ends of old Macs" });
    }
    Ok(())
}

/// The one of comma, semicolon, tab and bar that stands most often outside the quotes of a header.
fn delimiter(header: &[u8]) -> u8 {
    let count = |delimiter: u8| {
        let mut quoted = false;
        let stands = |&&byte: &&u8| {
            quoted ^= byte == b'"';
            byte == delimiter && !quoted
        };
        header.iter().filter(stands).count()
    };
    // Of equals the last, so that a comma wins over the others.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(head: &[u8], code: &str) {
        assert_eq!(Source::open(head).unwrap_err().code(), code);
    }

    #[test]
    fn other_files_are_refused() {
        refused(b"", "empty_file");
        refused(b"\xEF\xBB\xBF \r\n\n", "empty_file");
        refused(b"PK\x03\x04....", "not_csv");
        refused(b"%PDF-1.7", "not_csv");
        refused(b"\n<!DOCTYPE html>", "not_csv");
        refused(b"date,amount\r2024-01-01,5\r", "not_csv");
        refused(b"\xFF\xFEd\0a\0", "utf16");
        refused(b"d\0a\0t\0e\0", "utf16");
    }

    #[test]
    fn the_delimiter_is_the_commonest_outside_quotes() {
        for (header, expected) in [
            ("a", b','),
            ("a,b;c,d", b','),
            ("a;b;c", b';'),
            ("a\tb", b'\t'),
            ("a|b|c,d", b'|'),
            ("\"a;b;c\",d", b','),
        ] {
            assert_eq!(delimiter(header.as_bytes()), expected, "{header}");
        }
    }

    #[test]
    fn bytes_pass_unchanged_before_the_end_marker() {
        let (mut source, _) = Source::open(&b"\xEF\xBB\xBFa,b\n1,2"[..]).unwrap();
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"a,b\n1,2\nend\n");
    }
}
