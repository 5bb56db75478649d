//! When a signal is high: over one level to begin, over a lower one to go on, for long enough, short dips forgiven.
//! Knows nothing of what the signal means.

use serde::{Deserialize, Serialize};

use crate::sample::MonoTime;

/// A stretch longer than this is cut: no manoeuvre takes longer, and the ring of moments must still hold it.
const LONGEST_S: f64 = 12.0;

/// The levels in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    pub enter: f64,
    /// It must have been over `enter` for so long in all: a noisy signal touches any level just above it.
    pub reach_s: f64,
    pub leave: f64,
    pub min_s: f64,
    pub merge_s: f64,
}

/// A time during which the signal was high.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stretch {
    pub start: MonoTime,
    pub end: MonoTime,
    pub peak_t: MonoTime,
    pub peak: f64,
    /// Integral of the signal.
    pub sum: f64,
}

/// A stretch so far, for how long it was over the lower level, and for how long over the upper.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Open {
    stretch: Stretch,
    over_s: f64,
    reached_s: f64,
}

/// The detector.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Hysteresis {
    open: Option<Open>,
}

impl Hysteresis {
    /// Takes the signal at `t`, which stood for `dt_s`. Returns a stretch once it is over.
    pub(super) fn step(&mut self, levels: Levels, t: MonoTime, dt_s: f64, x: f64) -> Option<Stretch> {
        let ends = |o: &Open| t.since(o.stretch.end) > levels.merge_s || t.since(o.stretch.start) > LONGEST_S;
        let done = if self.open.as_ref().is_some_and(ends) { self.close(levels) } else { None };
        if x < levels.leave {
            return done;
        }
        let begins = Stretch { start: t.plus(-dt_s), end: t, peak_t: t, peak: x, sum: 0.0 };
        let open = self.open.get_or_insert(Open { stretch: begins, over_s: 0.0, reached_s: 0.0 });
        open.over_s += dt_s;
        if x >= levels.enter {
            open.reached_s += dt_s;
        }
        let s = &mut open.stretch;
        s.end = t;
        s.sum += x * dt_s;
        if x > s.peak {
            (s.peak, s.peak_t) = (x, t);
        }
        done
    }

    /// The input is over: what is open is judged as it is.
    pub(super) fn close(&mut self, levels: Levels) -> Option<Stretch> {
        let Open { stretch, over_s, reached_s } = self.open.take()?;
        (stretch.peak >= levels.enter && reached_s >= levels.reach_s - 1e-9 && over_s >= levels.min_s - 1e-9)
            .then_some(stretch)
    }

    /// Forgets what is open.
    pub(super) fn clear(&mut self) {
        self.open = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: Levels = Levels { enter: 3.0, reach_s: 0.2, leave: 2.0, min_s: 0.5, merge_s: 0.5 };

    fn run(x: impl Fn(f64) -> f64) -> Vec<(f64, f64, f64)> {
        let mut h = Hysteresis::default();
        let mut out = Vec::new();
        for i in 0..500 {
            let t = f64::from(i) * 0.04;
            out.extend(h.step(LEVELS, MonoTime::from_seconds(t), 0.04, x(t)));
        }
        out.extend(h.close(LEVELS));
        out.iter().map(|s: &Stretch| (s.start.seconds(), s.end.seconds(), s.peak)).collect()
    }

    #[test]
    fn a_stretch_begins_and_ends_at_the_lower_level() {
        let found = run(|t| (t - 5.0).clamp(0.0, 3.5).min((12.0 - t).max(0.0)));
        let &[(start, end, peak)] = found.as_slice() else { panic!("{found:?}") };
        assert!((start - 7.0).abs() < 0.1 && (end - 10.0).abs() < 0.1 && peak > 3.4, "{found:?}");
    }

    #[test]
    fn too_short_too_low_and_dips() {
        assert_eq!(run(|t| if (5.0..5.4).contains(&t) { 9.0 } else { 0.0 }), []);
        assert_eq!(run(|t| if (5.0..9.0).contains(&t) { 2.9 } else { 0.0 }), []);
        assert_eq!(run(|t| if (5.0..9.0).contains(&t) { 2.9 + f64::from(u8::from(t < 5.1)) } else { 0.0 }), []);
        assert_eq!(run(|t| if (5.0..6.0).contains(&t) || (6.4..7.0).contains(&t) { 4.0 } else { 0.0 }).len(), 1);
        assert_eq!(run(|t| if (5.0..6.0).contains(&t) || (6.8..7.8).contains(&t) { 4.0 } else { 0.0 }).len(), 2);
    }

    #[test]
    fn a_signal_that_never_falls_is_cut() {
        assert!(run(|_| 5.0).iter().all(|(a, b, _)| b - a < 12.1));
    }
}
