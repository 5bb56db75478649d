//! Rows in the order of their time, in bounded memory: a first pass learns how far out of order a file is, the second
//! holds back only as much. Says nothing of how streams meet; that is `merge`'s.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use milepost_engine::parse::Named;
use milepost_engine::sample::{Fix, ImuSample, MonoTime};

use super::error::ImportError;

/// The most rows that are held back to bring a file into order: six hours at 100 Hz, 120 MB.
pub(crate) const MAX_HELD: usize = 1 << 21;
/// How many times are kept to know where a stream's middle is.
const MAX_SAMPLED: usize = 4096;

/// Rows as a file has them.
pub(crate) type Rows<T> = Box<dyn Iterator<Item = Result<T, ImportError>> + Send>;

/// A row that happened at a time.
pub(crate) trait Timed: 'static {
    fn t(&self) -> MonoTime;
}

impl Timed for ImuSample {
    fn t(&self) -> MonoTime {
        self.t
    }
}

impl Timed for Fix {
    fn t(&self) -> MonoTime {
        self.t
    }
}

impl Timed for (MonoTime, Named) {
    fn t(&self) -> MonoTime {
        self.0
    }
}

/// What a pass over a file learns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    pub(crate) rows: u64,
    pub(crate) first: Option<MonoTime>,
    pub(crate) last: Option<MonoTime>,
    /// How far a row lies behind the latest before it, at most. (Wider than a time: two times can be this far apart.)
    late_ns: i128,
    /// Every so many rows' time.
    sampled: Vec<MonoTime>,
    stride: u64,
}

impl Scan {
    /// Reads all rows.
    pub(crate) fn of<T: Timed>(rows: Rows<T>) -> Result<Self, ImportError> {
        let mut scan = Self::default();
        for row in rows {
            scan.add(row?.t());
        }
        Ok(scan)
    }

    pub(crate) fn add(&mut self, t: MonoTime) {
        self.first = Some(self.first.map_or(t, |first| first.min(t)));
        let latest = self.last.map_or(t, |last| last.max(t));
        self.late_ns = self.late_ns.max(i128::from(latest.0) - i128::from(t.0));
        self.last = Some(latest);
        self.sample(t);
        self.rows += 1;
    }

    /// Times spread evenly over the file, at most [`MAX_SAMPLED`].
    pub(crate) fn sampled(&self) -> &[MonoTime] {
        &self.sampled
    }

    fn sample(&mut self, t: MonoTime) {
        self.stride = self.stride.max(1);
        if !self.rows.is_multiple_of(self.stride) {
            return;
        }
        self.sampled.push(t);
        if self.sampled.len() >= MAX_SAMPLED {
            let mut odd = false;
            self.sampled.retain(|_| {
                odd = !odd;
                odd
            });
            self.stride *= 2;
        }
    }
}

/// Brings rows into the order of their time; equal times keep the order of the file.
pub(crate) struct InOrder<T> {
    rows: Rows<T>,
    file: String,
    late_ns: i128,
    held: BinaryHeap<Reverse<Held<T>>>,
    latest: MonoTime,
    taken: u64,
    ended: bool,
}

impl<T: Timed> InOrder<T> {
    /// The rows, which a pass before has found to be `scan`.
    pub(crate) fn new(file: &str, rows: Rows<T>, scan: &Scan) -> Self {
        let late_ns = scan.late_ns;
        let held = BinaryHeap::new();
        Self { rows, file: file.to_owned(), late_ns, held, latest: MonoTime::MIN, taken: 0, ended: false }
    }

    fn pull(&mut self) -> Option<Result<T, ImportError>> {
        if self.late_ns == 0 {
            return self.rows.next();
        }
        loop {
            if let Some(Reverse(first)) = self.held.peek()
                && (self.ended || i128::from(first.t.0) <= i128::from(self.latest.0) - self.late_ns)
            {
                return self.held.pop().map(|Reverse(held)| Ok(held.row));
            }
            if self.ended {
                return None;
            }
            match self.rows.next() {
                Some(Ok(row)) => {
                    if self.held.len() >= MAX_HELD {
                        let what = format!("more than {MAX_HELD} rows are out of order: sort it by time first");
                        return Some(Err(ImportError::file(&self.file, what)));
                    }
                    let t = row.t();
                    self.latest = self.latest.max(t);
                    self.held.push(Reverse(Held { t, number: self.taken, row }));
                    self.taken += 1;
                }
                Some(Err(e)) => return Some(Err(e)),
                None => self.ended = true,
            }
        }
    }
}

impl<T: Timed> Iterator for InOrder<T> {
    type Item = Result<T, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.pull();
        if matches!(next, Some(Err(_))) {
            // After an error nothing that follows can be trusted to be in order.
            self.late_ns = 0;
            self.held.clear();
            self.rows = Box::new(std::iter::empty());
        }
        next
    }
}

struct Held<T> {
    t: MonoTime,
    number: u64,
    row: T,
}

impl<T> PartialEq for Held<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.t, self.number) == (other.t, other.number)
    }
}

impl<T> Eq for Held<T> {}

impl<T> PartialOrd for Held<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Held<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.t, self.number).cmp(&(other.t, other.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Row(i64, usize);

    impl Timed for Row {
        fn t(&self) -> MonoTime {
            MonoTime(self.0)
        }
    }

    fn rows(times: &[i64]) -> Rows<Row> {
        let rows: Vec<_> = times.iter().enumerate().map(|(i, t)| Ok(Row(*t, i))).collect();
        Box::new(rows.into_iter())
    }

    proptest! {
        #[test]
        fn rows_come_in_order_of_time_and_then_of_the_file(times in prop::collection::vec(prop_oneof![-50i64..50, any::<i64>()], 0..200)) {
            let scan = Scan::of(rows(&times)).unwrap();
            let got: Vec<Row> = InOrder::new("a", rows(&times), &scan).map(Result::unwrap).collect();
            let mut wanted: Vec<Row> = rows(&times).map(Result::unwrap).collect();
            wanted.sort_by_key(|row| row.0);
            prop_assert_eq!(got, wanted);
        }
    }

    #[test]
    fn samples_stay_few_and_spread() {
        let mut scan = Scan::default();
        (0..1_000_000).for_each(|i| scan.add(MonoTime(i)));
        let sampled = scan.sampled();
        assert!((MAX_SAMPLED / 4..=MAX_SAMPLED).contains(&sampled.len()));
        assert!(sampled.last().unwrap().0 > 990_000);
        assert_eq!(scan.rows, 1_000_000);
    }
}
