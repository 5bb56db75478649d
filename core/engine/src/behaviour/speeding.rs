//! Speeding against the limit that the host gives, or an absolute cap where it gives none. Where limits come from, and
//! whether a trip had enough of them to be rated, is left to others.

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::num::round;
use crate::record::{EventType, Severity};
use crate::sample::MonoTime;

use super::EventFacts;
use super::config::BehaviourConfig;

/// Time without any speed that is bridged; more ends a stretch.
const HOLE_S: f64 = 5.0;

/// A speed at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Going {
    pub t: MonoTime,
    pub speed_mps: f64,
    pub position: Option<LatLon>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Stretch {
    start: MonoTime,
    /// Last time over the limit.
    end: MonoTime,
    /// Seconds and metres over it.
    over_s: f64,
    over_m: f64,
    peak_t: MonoTime,
    over_mps: f64,
    limit_mps: Option<f64>,
    part: f64,
    speed_in_mps: f64,
    speed_out_mps: f64,
    position: Option<LatLon>,
}

/// The watcher.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Speeding {
    limit_mps: Option<f64>,
    before: Option<(MonoTime, f64)>,
    open: Option<Stretch>,
}

impl Speeding {
    /// The limit from now on.
    pub(super) fn limit(&mut self, limit_mps: Option<f64>) {
        self.limit_mps = limit_mps.filter(|l| l.is_finite() && *l > 0.0);
    }

    /// The speed now. Hands out a stretch that is over.
    pub(super) fn step(&mut self, config: &BehaviourConfig, going: Going) -> Option<EventFacts> {
        let done = self.advance(config, going.t);
        let dt = self.before.map_or(0.0, |(t, _)| going.t.since(t));
        self.before = Some((going.t, going.speed_mps));
        let Some((base, limit, threshold)) = self.threshold(config) else { return done };
        if going.speed_mps <= threshold {
            return done;
        }
        let over_mps = going.speed_mps - base;
        let s = self.open.get_or_insert(Stretch {
            start: going.t,
            end: going.t,
            over_s: 0.0,
            over_m: 0.0,
            peak_t: going.t,
            over_mps: 0.0,
            limit_mps: limit,
            part: 0.0,
            speed_in_mps: going.speed_mps,
            speed_out_mps: going.speed_mps,
            position: going.position,
        });
        if dt > 0.0 && dt <= HOLE_S && going.t > s.start {
            s.over_s += dt;
            s.over_m += dt * going.speed_mps;
        }
        (s.end, s.speed_out_mps) = (going.t, going.speed_mps);
        if over_mps > s.over_mps {
            (s.over_mps, s.peak_t, s.limit_mps, s.position) = (over_mps, going.t, limit, going.position);
            s.part = over_mps / base;
        }
        done
    }

    /// Time passes: a stretch whose gap is too long is over.
    pub(super) fn advance(&mut self, config: &BehaviourConfig, t: MonoTime) -> Option<EventFacts> {
        if self.due(config)? > t {
            return None;
        }
        self.finish(config)
    }

    /// When the open stretch is over if nothing more comes.
    pub(super) fn due(&self, config: &BehaviourConfig) -> Option<MonoTime> {
        Some(self.open?.end.plus(config.speeding_merge_s.max(HOLE_S)).plus(1e-3))
    }

    /// The open stretch as it is.
    pub(super) fn finish(&mut self, config: &BehaviourConfig) -> Option<EventFacts> {
        let s = self.open.take()?;
        if s.end.since(s.start) < config.speeding_min_s {
            return None;
        }
        let severity = if s.part >= config.speeding_high_ratio {
            Severity::High
        } else if s.part >= config.speeding_medium_ratio {
            Severity::Medium
        } else {
            Severity::Low
        };
        Some(EventFacts {
            speed_in_mps: Some(s.speed_in_mps),
            speed_out_mps: Some(s.speed_out_mps),
            severity: Some(severity),
            confidence: 0.9,
            position: s.position,
            limit_mps: s.limit_mps,
            over_mps: Some(round(s.over_mps, 2)),
            distance_m: Some(round(s.over_m, 1)),
            ..EventFacts::bare(EventType::Speeding, s.start, s.peak_t, s.end)
        })
    }

    /// What the excess is counted from, the limit if there is one, and from which speed on it is speeding.
    fn threshold(&self, config: &BehaviourConfig) -> Option<(f64, Option<f64>, f64)> {
        match self.limit_mps {
            Some(limit) => Some((limit, Some(limit), limit * (1.0 + config.speeding_tolerance))),
            None if config.speeding_cap_mps > 0.0 => Some((config.speeding_cap_mps, None, config.speeding_cap_mps)),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(speeds: impl Iterator<Item = f64>, limit: Option<f64>, config: &BehaviourConfig) -> Vec<EventFacts> {
        let mut s = Speeding::default();
        s.limit(limit);
        let mut out = Vec::new();
        for (i, speed_mps) in speeds.enumerate() {
            out.extend(s.step(config, Going { t: MonoTime::from_seconds(i as f64), speed_mps, position: None }));
        }
        out.extend(s.finish(config));
        out
    }

    #[test]
    fn a_stretch_counts_seconds_metres_and_the_excess_over_the_limit() {
        let speeds = (0..60).map(|i| if (10..30).contains(&i) { 20.0 } else { 13.0 });
        let found = run(speeds, Some(14.0), &BehaviourConfig::default());
        let [e] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((e.start.seconds(), e.end.seconds(), e.limit_mps, e.over_mps), (10.0, 29.0, Some(14.0), Some(6.0)));
        assert_eq!((e.distance_m, e.severity), (Some(380.0), Some(Severity::High)));
    }

    #[test]
    fn tolerance_duration_gap_and_cap() {
        let config = BehaviourConfig::default();
        assert_eq!(run([14.6; 30].into_iter(), Some(14.0), &config), []);
        assert_eq!(run([13.0, 20.0, 20.0, 13.0, 13.0].into_iter(), Some(14.0), &config), []);
        let gap = |n: usize| [20.0; 6].into_iter().chain(vec![10.0; n]).chain([20.0; 6]);
        assert_eq!(run(gap(4), Some(14.0), &config).len(), 1);
        assert_eq!(run(gap(6), Some(14.0), &config).len(), 2);
        assert_eq!(run([60.0; 30].into_iter(), None, &config), []);
        let capped = BehaviourConfig { speeding_cap_mps: 36.0, ..config };
        assert_eq!(run([60.0; 30].into_iter(), None, &capped)[0].over_mps, Some(24.0));
    }
}
