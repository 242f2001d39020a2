use std::io::Read;

use csv::ByteRecord;

use crate::error::{Flaw, ImportError};
use crate::source::{LAST_RECORD, Source};

/// The records of a CSV under their header, one at a time.
#[derive(Debug)]
pub(crate) struct Table<R> {
    reader: csv::Reader<Source<R>>,
    header: Vec<String>,
    delimiter: u8,
    record: ByteRecord,
    /// What [`Table::advance`] is to return next, where the record was looked at before.
    peeked: Option<Result<bool, ImportError>>,
    blank_rows: u64,
}

impl<R: Read> Table<R> {
    pub(crate) fn open(reader: R) -> Result<Table<R>, ImportError> {
        let (source, delimiter) = Source::open(reader)?;
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            // With line feeds alone a record ends where its line does, so that lines can be counted; what is left of
            // a carriage return is taken off in `cell`.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(source);
        let record = ByteRecord::new();
        let mut table = Table { reader, header: Vec::new(), delimiter, record, peeked: None, blank_rows: 0 };
        while table.header.is_empty() {
            if !table.read()? {
                return Err(ImportError::EmptyFile);
            }
            if !table.is_blank_row() {
                table.header = table.names()?;
            }
        }
        Ok(table)
    }

    /// The current record as a header.
    fn names(&self) -> Result<Vec<String>, ImportError> {
        let name = |(column, name): (usize, &[u8])| match core::str::from_utf8(name) {
            Ok(name) => Ok(name.trim().to_owned()),
            Err(_) => Err(ImportError::NotUtf8 { line: self.line(), column: (column + 1).to_string() }),
        };
        self.record.iter().enumerate().map(name).collect()
    }

    fn is_blank_row(&self) -> bool {
        self.record.as_slice().trim_ascii().is_empty()
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Rows that were skipped because no cell of theirs holds anything.
    pub(crate) fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// A cell of the record that comes next; blank where there is none.
    pub(crate) fn peek(&mut self, column: usize) -> &str {
        let peeked = self.advance();
        let there = matches!(peeked, Ok(true));
        self.peeked = Some(peeked);
        if there { self.cell(column).unwrap_or_default() } else { "" }
    }

    /// Goes to the next record that holds anything. `false` is the end.
    pub(crate) fn advance(&mut self) -> Result<bool, ImportError> {
        if let Some(peeked) = self.peeked.take() {
            return peeked;
        }
        while self.read()? {
            if self.is_blank_row() {
                self.blank_rows += u64::from(self.record.len() > 1);
                continue;
            }
            let (found, expected) = (self.record.len(), self.header.len());
            if found != expected {
                return Err(ImportError::UnequalFields { line: self.line(), found, expected });
            }
            return Ok(true);
        }
        Ok(false)
    }

    fn read(&mut self) -> Result<bool, ImportError> {
        let before = self.reader.position().line();
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(_) if self.reader.get_ref().is_overlong() => {
                return Err(ImportError::RecordTooLong { line: before });
            }
            Err(error) => return Err(ImportError::Io(error.into())),
        }
        let end = self.reader.position().byte();
        let source = self.reader.get_mut();
        source.record_done();
        if source.ends_at(end) {
            if self.record.len() == 1 && self.record.as_slice() == LAST_RECORD {
                return Ok(false);
            }
            // No line feed ended it, since all that are left stand within its quotes.
            let line = self.line() + 1;
            return Err(ImportError::UnclosedQuote { line });
        }
        Ok(true)
    }

    /// The line on which the current record begins.
    pub(crate) fn line(&self) -> u64 {
        let lines = self.record.as_slice().split(|&byte| byte == b'\n').count() as u64;
        self.reader.position().line().saturating_sub(lines)
    }

    /// The trimmed text of a cell of the current record.
    pub(crate) fn cell(&self, column: usize) -> Result<&str, ImportError> {
        match core::str::from_utf8(self.record.get(column).unwrap_or_default()) {
            Ok(text) => Ok(text.trim()),
            Err(_) => Err(ImportError::NotUtf8 { line: self.line(), column: self.name(column) }),
        }
    }

    /// Whether a cell of the current record holds nothing.
    pub(crate) fn is_blank(&self, column: usize) -> bool {
        self.record.get(column).unwrap_or_default().trim_ascii().is_empty()
    }

    /// The name of a column.
    pub(crate) fn name(&self, column: usize) -> String {
        self.header.get(column).cloned().unwrap_or_default()
    }

    /// What is wrong with a cell of the current record.
    pub(crate) fn flaw(&self, column: usize, flaw: impl Into<Flaw>) -> ImportError {
        let Flaw { source, remedy } = flaw.into();
        let remedy = remedy.map(Box::new);
        ImportError::Cell { line: self.line(), column: self.name(column), source, remedy }
    }
}
