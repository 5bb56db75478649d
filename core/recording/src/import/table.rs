//! CSV in bounded memory: rows of a file with a header, whatever the file turns out to hold. It checks text and shape;
//! what cells mean is the formats'. (The `csv` crate lets one record grow without end, as a sparse file makes it.)

use std::io::BufRead;
use std::ops::Range;

use milepost_engine::sample::MonoTime;

use super::error::{ImportError, one_line, quoted};
use super::number;
use super::order::Rows;

/// The longest row; the widest loggers write about 2 KB.
const MAX_ROW_BYTES: usize = 64 * 1024;
/// Seconds beyond this are milliseconds or finer: the year 2255.
const TOO_LATE: &str = "is no time in seconds (out of range)";

/// Text before the header that says nothing.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where the bytes come from.
pub(crate) type Source = Box<dyn BufRead + Send>;

/// A table that is read row by row.
pub(crate) struct Table {
    file: String,
    source: Source,
    dialect: Dialect,
    /// Column names as in the file, trimmed.
    header: Vec<String>,
    /// Lines read so far.
    lines: u64,
    /// The line on which the present row began.
    row: u64,
    text: Vec<u8>,
    /// The row with its quotes taken out, where it has any.
    unquoted: Vec<u8>,
    cells: Vec<Range<usize>>,
}

/// How cells are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between cells.
    pub(crate) delimiter: u8,
    /// `0,5` is a half.
    pub(crate) decimal_comma: bool,
}

impl Dialect {
    /// Commas between cells, points in numbers.
    pub(crate) const COMMA: Self = Self { delimiter: b',', decimal_comma: false };
}

impl Table {
    /// Reads the header.
    pub(crate) fn open(file: &str, source: Source, dialect: Dialect) -> Result<Self, ImportError> {
        let mut table = Self {
            file: file.to_owned(),
            source,
            dialect,
            header: Vec::new(),
            lines: 0,
            row: 0,
            text: Vec::new(),
            unquoted: Vec::new(),
            cells: Vec::new(),
        };
        if !table.read_row()? {
            return Err(ImportError::file(file, "is empty, it should begin with a header"));
        }
        table.header = (0..table.cells.len()).map(|i| table.lossy(i)).collect();
        Ok(table)
    }

    /// Reads the header, by which it tells the delimiter; with another than the comma, commas may be in numbers.
    pub(crate) fn sniff(file: &str, mut source: Source) -> Result<Self, ImportError> {
        let head = source.fill_buf().map_err(|e| ImportError::io(file, e))?;
        let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
        let mut quoted = false;
        let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
        for byte in line {
            quoted ^= *byte == b'"';
            counts.iter_mut().filter(|(d, _)| d == byte && !quoted).for_each(|(_, count)| *count += 1);
        }
        // Of equals the comma, which is last in reverse.
        let delimiter = counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(d, _)| d);
        Self::open(file, source, Dialect { delimiter, decimal_comma: delimiter != b',' })
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// The first column of one of these names (case does not matter).
    pub(crate) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|h| h.eq_ignore_ascii_case(name)))
    }

    /// The first column of one of these names, or an error that lists them.
    pub(crate) fn need(&self, names: &[&str]) -> Result<usize, ImportError> {
        self.column(names).ok_or_else(|| {
            let what = format!("the header has no column {}", names.join(" or "));
            ImportError::row(&self.file, 1, what)
        })
    }

    /// Goes to the next row; false at the end.
    pub(crate) fn next_row(&mut self) -> Result<bool, ImportError> {
        if !self.read_row()? {
            return Ok(false);
        }
        if self.cells.len() != self.header.len() {
            return Err(self.error(format!("has {} cells, the header has {}", self.cells.len(), self.header.len())));
        }
        Ok(true)
    }

    /// A cell of the present row, trimmed.
    pub(crate) fn cell(&self, column: usize) -> Result<&str, ImportError> {
        match str::from_utf8(self.bytes(column)) {
            Ok(cell) => Ok(cell.trim()),
            Err(_) => Err(self.cell_error(column, "the text is not UTF-8")),
        }
    }

    /// A cell whatever its encoding: a header may be in another than the rows' numbers.
    fn lossy(&self, column: usize) -> String {
        String::from_utf8_lossy(self.bytes(column)).trim().to_owned()
    }

    fn bytes(&self, column: usize) -> &[u8] {
        let text = if self.unquoted.is_empty() { &self.text } else { &self.unquoted };
        self.cells.get(column).and_then(|range| text.get(range.clone())).unwrap_or_default()
    }

    /// A cell of seconds, or of units of 10^`exponent` seconds.
    pub(crate) fn time(&self, column: usize, exponent: i32) -> Result<MonoTime, ImportError> {
        let cell = self.cell(column)?;
        let text = self.with_point(cell);
        number::time(&text, exponent).ok_or_else(|| {
            let what = match text.parse::<f64>() {
                Ok(v) if v.is_finite() => format!("{} {TOO_LATE}", quoted(cell)),
                _ if cell.is_empty() => "is empty, a time is needed".to_owned(),
                _ => format!("{} is no time", quoted(cell)),
            };
            self.cell_error(column, what)
        })
    }

    /// A number; an empty cell is `None`. Text for NaN and infinities is a number: the engine refuses and counts it.
    pub(crate) fn number<T: std::str::FromStr>(&self, column: usize) -> Result<Option<T>, ImportError> {
        let cell = self.cell(column)?;
        if cell.is_empty() {
            return Ok(None);
        }
        match self.with_point(cell).parse() {
            Ok(v) => Ok(Some(v)),
            Err(_) => Err(self.cell_error(column, format!("{} is no number", quoted(cell)))),
        }
    }

    /// A number that must be there.
    pub(crate) fn needed<T: std::str::FromStr>(&self, column: usize) -> Result<T, ImportError> {
        self.number(column)?.ok_or_else(|| self.cell_error(column, "is empty, a number is needed"))
    }

    /// An error about the present row.
    pub(crate) fn error(&self, what: impl Into<String>) -> ImportError {
        ImportError::row(&self.file, self.row, what)
    }

    /// An error about a cell of the present row.
    pub(crate) fn cell_error(&self, column: usize, what: impl Into<String>) -> ImportError {
        let name = self.header.get(column).map_or_else(|| (column + 1).to_string(), |name| one_line(name, 40));
        ImportError::Cell { file: self.file.clone(), row: self.row, column: name, what: what.into() }
    }

    /// What `parse` makes of each row, up to the first error.
    pub(crate) fn rows<T>(mut self, parse: impl Fn(&Self) -> Result<T, ImportError> + Send + 'static) -> Rows<T> {
        let mut ended = false;
        Box::new(std::iter::from_fn(move || {
            if ended {
                return None;
            }
            let row = match self.next_row() {
                Ok(true) => Some(parse(&self)),
                Ok(false) => None,
                Err(e) => Some(Err(e)),
            };
            ended = !matches!(row, Some(Ok(_)));
            row
        }))
    }

    fn with_point<'a>(&self, cell: &'a str) -> std::borrow::Cow<'a, str> {
        if self.dialect.decimal_comma && cell.contains(',') { cell.replace(',', ".").into() } else { cell.into() }
    }

    /// Reads the next row that is not blank into `text` and `cells`.
    fn read_row(&mut self) -> Result<bool, ImportError> {
        loop {
            self.text.clear();
            self.unquoted.clear();
            self.cells.clear();
            self.row = self.lines + 1;
            if !self.read_line()? {
                return Ok(false);
            }
            if self.lines == 1 && self.text.starts_with(BYTE_ORDER_MARK) {
                self.text.drain(..BYTE_ORDER_MARK.len());
            }
            // A line break inside quotes belongs to the cell.
            while self.text.iter().filter(|b| **b == b'"').count() % 2 == 1 {
                self.text.push(b'\n');
                if !self.read_line()? {
                    return Err(self.error("a quote that never closes"));
                }
            }
            if !self.text.iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        if self.text.contains(&b'"') {
            self.split_quoted()
        } else {
            self.split_plain()
        }
        Ok(true)
    }

    /// Appends one line to `text` without its end; false at the end of the file.
    fn read_line(&mut self) -> Result<bool, ImportError> {
        let mut any = false;
        loop {
            let chunk = match self.source.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(ImportError::io(&self.file, e)),
            };
            if chunk.is_empty() {
                self.lines += u64::from(any);
                break;
            }
            any = true;
            let end = chunk.iter().position(|b| *b == b'\n');
            let line = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            if line.contains(&0) {
                return Err(ImportError::row(&self.file, self.lines + 1, "a NUL byte: this is no text"));
            }
            if self.text.len() + line.len() > MAX_ROW_BYTES {
                return Err(self.error("is longer than 64 KB"));
            }
            self.text.extend_from_slice(line);
            let used = line.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                self.lines += 1;
                break;
            }
        }
        if self.text.last() == Some(&b'\r') {
            self.text.pop();
        }
        Ok(any)
    }

    fn split_plain(&mut self) {
        let mut start = 0;
        for (i, byte) in self.text.iter().enumerate() {
            if *byte == self.dialect.delimiter {
                self.cells.push(start..i);
                start = i + 1;
            }
        }
        self.cells.push(start..self.text.len());
    }

    fn split_quoted(&mut self) {
        let (mut start, mut inside, mut after_quote) = (0, false, false);
        for byte in &self.text {
            match byte {
                b'"' => {
                    // Inside quotes, two of them are one.
                    if after_quote && !inside {
                        self.unquoted.push(b'"');
                    }
                    inside = !inside;
                    after_quote = !inside;
                    continue;
                }
                byte if *byte == self.dialect.delimiter && !inside => {
                    self.cells.push(start..self.unquoted.len());
                    // Cells stay apart, so that no cell is empty text by accident.
                    self.unquoted.push(b',');
                    start = self.unquoted.len();
                }
                byte => self.unquoted.push(*byte),
            }
            after_quote = false;
        }
        self.cells.push(start..self.unquoted.len());
        // `cell` reads from `text` where `unquoted` is empty.
        self.unquoted.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(text: &[u8]) -> Result<Table, ImportError> {
        Table::open("a.csv", Box::new(std::io::Cursor::new(text.to_vec())), Dialect::COMMA)
    }

    fn rows(text: &[u8]) -> Result<Vec<Vec<String>>, String> {
        let mut table = table(text).map_err(|e| e.to_string())?;
        let mut rows = Vec::new();
        while table.next_row().map_err(|e| e.to_string())? {
            let row: Result<_, _> = (0..table.header().len()).map(|i| table.cell(i).map(str::to_owned)).collect();
            rows.push(row.map_err(|e| e.to_string())?);
        }
        Ok(rows)
    }

    #[test]
    fn quotes_line_ends_and_marks() {
        let text = b"\xef\xbb\xbfa,b\r\n1, 2 \r\n\r\n\"x,\"\"y\"\"\n z\",\"\"\n3,4";
        assert_eq!(rows(text).unwrap(), [["1", "2"], ["x,\"y\"\n z", ""], ["3", "4"]]);
    }

    #[test]
    fn errors_name_the_line() {
        assert_eq!(rows(b"").unwrap_err(), "a.csv: is empty, it should begin with a header");
        assert_eq!(rows(b"\n \r\n").unwrap_err(), "a.csv: is empty, it should begin with a header");
        assert_eq!(rows(b"a,b\n1,2\n\n3\n").unwrap_err(), "a.csv row 4: has 1 cells, the header has 2");
        assert_eq!(rows(b"a,b\n1,\0\n").unwrap_err(), "a.csv row 2: a NUL byte: this is no text");
        assert_eq!(rows(b"a,b\n1,\"2\n3,4\n").unwrap_err(), "a.csv row 2: a quote that never closes");
        assert_eq!(rows(b"a,b\n1,\xff\n").unwrap_err(), "a.csv row 2 column b: the text is not UTF-8");
        let long = [b"a,b\n", vec![b'7'; 70_000].as_slice()].concat();
        assert_eq!(rows(&long).unwrap_err(), "a.csv row 2: is longer than 64 KB");
        let open = [b"a,b\n\"".as_slice(), &b"1,2\n".repeat(40_000)].concat();
        assert_eq!(rows(&open).unwrap_err(), "a.csv row 2: is longer than 64 KB");
    }

    #[test]
    fn cells_become_numbers_or_say_why_not() {
        let mut t = table(b"t,x\n1.5,abc\n1558000000123,NaN\n,\n").unwrap();
        assert!(t.next_row().unwrap());
        assert_eq!(t.time(0, 0).unwrap(), MonoTime(1_500_000_000));
        assert_eq!(t.number::<f32>(1).unwrap_err().to_string(), "a.csv row 2 column x: \"abc\" is no number");
        assert!(t.next_row().unwrap());
        let late = "a.csv row 3 column t: \"1558000000123\" is no time in seconds (out of range)";
        assert_eq!(t.time(0, 0).unwrap_err().to_string(), late);
        assert!(t.number::<f32>(1).unwrap().unwrap().is_nan());
        assert!(t.next_row().unwrap());
        assert_eq!(t.time(0, 0).unwrap_err().to_string(), "a.csv row 4 column t: is empty, a time is needed");
        assert_eq!(t.number::<f32>(1).unwrap(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_rows_or_one_line(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b','), Just(b'"'), Just(b'\n')], 0..300)) {
            if let Err(e) = rows(&bytes) {
                prop_assert!(!e.contains('\n') && e.starts_with("a.csv"));
            }
        }
    }
}
