//! What a figure is counted in: tallies that can be added over drives and read out as values, as the judge's `tally.py`
//! has them. What the engine leaves unknown counts against it in every one.

use std::ops::AddAssign;

/// A value as it stands in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Value {
    /// `None`: there was nothing to measure.
    pub value: Option<f64>,
    /// Of how many.
    pub n: f64,
    /// Share of the time with a known value; `None` where it is no matter of time.
    pub known: Option<f64>,
}

/// One-to-one matches: precision, recall, F1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Found {
    /// Of the truth, reported.
    pub hit: usize,
    /// Reported, not true.
    pub false_: usize,
    /// Of the truth, not reported.
    pub missed: usize,
}

impl Found {
    fn said(&self) -> f64 {
        (self.hit + self.false_) as f64
    }

    fn truth(&self) -> f64 {
        (self.hit + self.missed) as f64
    }

    /// True among what was reported.
    pub fn precision(&self) -> Value {
        let nothing = if self.truth() > 0.0 { Some(0.0) } else { None };
        Value { value: part(self.hit as f64, self.said()).or(nothing), n: self.said(), known: None }
    }

    /// Reported of what is true.
    pub fn recall(&self) -> Value {
        Value { value: part(self.hit as f64, self.truth()), n: self.truth(), known: None }
    }

    /// Their harmonic mean.
    pub fn f1(&self) -> Value {
        Value { value: part(2.0 * self.hit as f64, self.said() + self.truth()), n: self.truth(), known: None }
    }
}

impl AddAssign for Found {
    fn add_assign(&mut self, o: Self) {
        self.hit += o.hit;
        self.false_ += o.false_;
        self.missed += o.missed;
    }
}

/// Absolute errors, one per item; an item without a value is an infinite error. Items that another figure already
/// counts as missed are absent: they lower the coverage only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors {
    /// The errors.
    pub values: Vec<f64>,
    /// Items without one.
    pub absent: usize,
}

impl Errors {
    /// The smallest error that so much of all do not exceed (the inverse of the empirical distribution).
    pub fn quantile(&self, q: f64) -> Value {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (q * sorted.len() as f64).ceil() as usize;
        let finite = self.values.iter().filter(|x| x.is_finite()).count() as f64;
        let all = (self.values.len() + self.absent) as f64;
        Value {
            value: sorted.get(at.saturating_sub(1)).copied(),
            n: self.values.len() as f64,
            known: part(finite, all),
        }
    }

    /// Half of them are smaller.
    pub fn median(&self) -> Value {
        self.quantile(0.5)
    }

    /// Nine of ten are smaller.
    pub fn p90(&self) -> Value {
        self.quantile(0.9)
    }

    /// The worst.
    pub fn worst(&self) -> Value {
        self.quantile(1.0)
    }
}

impl AddAssign for Errors {
    fn add_assign(&mut self, o: Self) {
        self.values.extend(o.values);
        self.absent += o.absent;
    }
}

/// Root mean square of an error over time; unknown time enters with the error of the naive value given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Squares {
    total: f64,
    seconds: f64,
    known_s: f64,
}

impl Squares {
    /// An error that lasted so long; `known` says whether the engine had a value.
    pub fn add(&mut self, error: f64, seconds: f64, known: bool) {
        self.total += error * error * seconds;
        self.seconds += seconds;
        self.known_s += if known { seconds } else { 0.0 };
    }

    /// The root of the mean square.
    pub fn rms(&self) -> Value {
        let value = part(self.total, self.seconds).map(f64::sqrt);
        Value { value, n: self.seconds.round(), known: part(self.known_s, self.seconds) }
    }
}

impl AddAssign for Squares {
    fn add_assign(&mut self, o: Self) {
        self.total += o.total;
        self.seconds += o.seconds;
        self.known_s += o.known_s;
    }
}

/// Part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// The part.
    pub part: f64,
    /// The whole.
    pub whole: f64,
}

impl Share {
    /// The share.
    pub fn value(&self) -> Value {
        Value { value: part(self.part, self.whole), n: self.whole.round(), known: None }
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, o: Self) {
        self.part += o.part;
        self.whole += o.whole;
    }
}

/// So many of something in so much of something else (hours, items).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// So many.
    pub count: f64,
    /// In so much.
    pub of: f64,
}

impl Count {
    /// How many.
    pub fn value(&self) -> Value {
        Value { value: Some(self.count), n: (self.of * 10.0).round() / 10.0, known: None }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, o: Self) {
        self.count += o.count;
        self.of += o.of;
    }
}

/// All of one kind together.
pub fn sum<T: AddAssign + Default>(all: impl IntoIterator<Item = T>) -> T {
    let mut total = T::default();
    all.into_iter().for_each(|one| total += one);
    total
}

fn part(of: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| of / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let errors = Errors { values: vec![4.0, 1.0, f64::INFINITY, 2.0, 3.0], absent: 5 };
        assert_eq!(errors.median(), Value { value: Some(3.0), n: 5.0, known: Some(0.4) });
        assert_eq!(errors.p90().value, Some(f64::INFINITY));
        assert_eq!(errors.quantile(0.2).value, Some(1.0));
        assert_eq!(Errors::default().median(), Value::default());
    }

    #[test]
    fn silence_about_something_is_a_precision_of_nought_and_about_nothing_it_is_none() {
        assert_eq!(Found { missed: 2, ..Found::default() }.precision().value, Some(0.0));
        assert_eq!(Found::default().precision().value, None);
        let some = Found { hit: 3, false_: 1, missed: 2 };
        assert_eq!((some.precision().value, some.recall().value), (Some(0.75), Some(0.6)));
        assert!((some.f1().value.unwrap() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn unknown_time_counts_with_the_error_given_and_lowers_the_coverage() {
        let mut squares = Squares::default();
        squares.add(1.0, 3.0, true);
        squares.add(20.0, 1.0, false);
        assert_eq!(squares.rms(), Value { value: Some((403.0_f64 / 4.0).sqrt()), n: 4.0, known: Some(0.75) });
    }
}
