//! Why a recording cannot be read, as one line that names the file, the row and the column.

use std::path::Path;

/// Why a recording cannot be read. Rows are lines of the file, the header being row 1.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The system says no.
    #[error("{file}: {source}")]
    Io {
        /// Which file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file or folder that is not what it should be.
    #[error("{file}: {what}")]
    File {
        /// Which file.
        file: String,
        /// What is wrong.
        what: String,
    },
    /// A row that is none.
    #[error("{file} row {row}: {what}")]
    Row {
        /// Which file.
        file: String,
        /// Which line, from 1.
        row: u64,
        /// What is wrong.
        what: String,
    },
    /// A cell that does not parse.
    #[error("{file} row {row} column {column}: {what}")]
    Cell {
        /// Which file.
        file: String,
        /// Which line, from 1.
        row: u64,
        /// The column's name.
        column: String,
        /// What is wrong.
        what: String,
    },
}

impl ImportError {
    pub(crate) fn io(file: &str, source: std::io::Error) -> Self {
        Self::Io { file: file.to_owned(), source }
    }

    pub(crate) fn file(file: &str, what: impl Into<String>) -> Self {
        Self::File { file: file.to_owned(), what: what.into() }
    }

    pub(crate) fn row(file: &str, row: u64, what: impl Into<String>) -> Self {
        Self::Row { file: file.to_owned(), row, what: what.into() }
    }
}

/// A path as messages show it: on one line, whatever it is called.
pub(crate) fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy(), 300)
}

/// A text as messages quote it: short and on one line.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text, 40))
}

/// A text without line breaks, cut to so many characters.
pub(crate) fn one_line(text: &str, max_chars: usize) -> String {
    let mut shown: String = text.chars().take(max_chars).flat_map(escaped).collect();
    if text.chars().nth(max_chars).is_some() {
        shown.push('…');
    }
    shown
}

fn escaped(c: char) -> impl Iterator<Item = char> {
    let (plain, escape) = if c.is_control() { (None, Some(c.escape_default())) } else { (Some(c), None) };
    plain.into_iter().chain(escape.into_iter().flatten())
}
