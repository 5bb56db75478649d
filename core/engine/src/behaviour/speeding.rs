//! Speeding against the limits that the host gives, or an absolute cap where it gives none. A limit counts from its own
//! time on, whenever it comes: one that comes late has the last minutes judged again, and revises what was said of them.
//! Where limits come from, and whether a trip had enough of them to be rated, is left to others.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::num::round;
use crate::record::{EventStatus, EventType, Severity};
use crate::sample::MonoTime;

use super::config::BehaviourConfig;
use super::episode::{Episode, Going};
use super::limits::Limits;
use super::trail::{HOLE_S, Trail};
use super::{Cancelled, EventFacts};

/// A longer episode is told in parts: whoever waits for it waits no longer, and the trail still holds all of it.
const LONGEST_S: f64 = 900.0;
/// Events remembered, so that a late limit can revise them: twenty minutes hold no more that matter.
const TOLD_MAX: usize = 64;

/// The watcher.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Speeding {
    trail: Trail,
    limits: Limits,
    open: Option<Over>,
    told: VecDeque<EventFacts>,
}

/// An episode over the limit, and the limit where it was over it most.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Over {
    episode: Episode,
    limit_mps: Option<f64>,
    base_mps: f64,
}

impl Speeding {
    /// From `t` on that is the limit. Hands out what this revises of the time since then.
    pub(super) fn limit(
        &mut self,
        config: &BehaviourConfig,
        t: MonoTime,
        limit_mps: Option<f32>,
        next_number: &mut u64,
    ) -> Vec<EventFacts> {
        self.limits.set(t, limit_mps);
        match self.trail.newest() {
            Some((_, now)) if t < now.t => self.judge_again(config, next_number),
            Some(_) | None => Vec::new(),
        }
    }

    /// The speed now. Hands out a stretch that is over.
    pub(super) fn step(&mut self, config: &BehaviourConfig, now: Going, next_number: &mut u64) -> Vec<EventFacts> {
        if !self.trail.push(now) {
            return Vec::new();
        }
        self.trail.start().into_iter().for_each(|start| self.limits.forget_before(start));
        let Some((before, now)) = self.trail.newest() else { return Vec::new() };
        let over = go(config, &self.limits, &mut self.open, before, now);
        over.into_iter().flat_map(|over| self.close(config, over, next_number)).collect()
    }

    /// Time passes: a stretch whose gap is too long is over.
    pub(super) fn advance(&mut self, config: &BehaviourConfig, t: MonoTime, next_number: &mut u64) -> Vec<EventFacts> {
        if self.due(config).is_none_or(|due| due > t) {
            return Vec::new();
        }
        let over = self.open.take();
        over.into_iter().flat_map(|over| self.close(config, over, next_number)).collect()
    }

    /// When the open stretch is over even if speeds are as far apart as they may be.
    pub(super) fn due(&self, config: &BehaviourConfig) -> Option<MonoTime> {
        Some(self.open?.episode.over_at(config.speeding_merge_s + HOLE_S))
    }

    /// The trip is over: the open stretch as it is.
    pub(super) fn finish(&mut self, config: &BehaviourConfig, next_number: &mut u64) -> Vec<EventFacts> {
        self.trail.cut();
        let over = self.open.take();
        over.into_iter().flat_map(|over| self.close(config, over, next_number)).collect()
    }

    /// The limit where the vehicle is now is known.
    pub(super) fn knows_limit(&self, t: MonoTime) -> bool {
        self.limits.at(t).is_some()
    }

    /// Metres driven between two times, as far as they are remembered, on which the limit is known by now.
    pub(super) fn limited_m(&self, from: MonoTime, to: MonoTime) -> f64 {
        let mut later: Option<(Going, bool)> = None;
        let mut sum_m = 0.0;
        for (now, joined) in self.trail.back().take_while(|(now, _)| now.t >= from) {
            if let Some((then, true)) = later.replace((now, joined)).filter(|(then, _)| then.t <= to) {
                let known = self.limits.between(now.t, then.t).filter(|(_, _, limit)| limit.is_some());
                let known_s: f64 = known.map(|(x, y, _)| y.since(x)).sum();
                sum_m += known_s * 0.5 * (now.speed_mps + then.speed_mps);
            }
        }
        sum_m
    }

    /// All that is remembered, with the limits as they are known now.
    fn judge_again(&mut self, config: &BehaviourConfig, next_number: &mut u64) -> Vec<EventFacts> {
        let (mut open, mut before, mut found) = (None, None, Vec::new());
        for (now, joined) in self.trail.iter() {
            found.extend(go(config, &self.limits, &mut open, before.filter(|_| joined), now));
            before = Some(now);
        }
        if self.trail.is_cut() {
            found.extend(open.take());
        }
        self.open = open;
        // What began before all that is remembered cannot be told any better.
        let Some(start) = self.trail.start() else { return Vec::new() };
        let sure = self.told.iter().filter(|e| e.start < start).map(|e| e.end).max();
        let mut out = Vec::new();
        let mut seen: Vec<(MonoTime, MonoTime)> =
            found.iter().chain(&open).map(|over| (over.episode.start, over.episode.end)).collect();
        seen.retain(|(from, _)| sure.is_none_or(|end| *from > end));
        for over in found.into_iter().filter(|over| sure.is_none_or(|end| over.episode.start > end)) {
            out.extend(self.close(config, over, next_number));
        }
        for told in self.told.iter_mut().filter(|e| e.start >= start) {
            if !seen.iter().any(|(from, to)| overlap((told.start, told.end), (*from, *to))) {
                out.extend(cancel(told));
            }
        }
        out
    }

    /// What is cancelled is forgotten first: it stays so.
    fn remember(&mut self, facts: EventFacts) {
        if self.told.len() == TOLD_MAX {
            let cancelled = self.told.iter().position(|told| told.cancelled.is_some());
            self.told.remove(cancelled.unwrap_or(0));
        }
        self.told.push_back(facts);
    }

    /// An episode is over: an event, a revision of one, or none.
    fn close(&mut self, config: &BehaviourConfig, over: Over, next_number: &mut u64) -> Vec<EventFacts> {
        let span = (over.episode.start, over.episode.end);
        let mut same: Vec<&mut EventFacts> = self.told.iter_mut().filter(|e| overlap((e.start, e.end), span)).collect();
        // Limits have their edges where they have them, but a moment over one is no speeding.
        if over.episode.held().s < config.speeding_min_s {
            return same.into_iter().filter_map(cancel).collect();
        }
        let facts = over.facts(config);
        if same.is_empty() {
            let facts = EventFacts { number: *next_number, ..facts };
            *next_number += 1;
            self.remember(facts.clone());
            return vec![facts];
        }
        let first = same.remove(0);
        let unchanged =
            EventFacts { number: first.number, rev: first.rev, first_start: first.first_start, ..facts.clone() };
        let revised = (unchanged != *first).then(|| {
            *first = EventFacts { rev: first.rev + 1, ..unchanged };
            first.clone()
        });
        // Two that have become one: the second is no event of its own any more.
        revised.into_iter().chain(same.into_iter().filter_map(cancel)).collect()
    }
}

impl Over {
    fn facts(&self, config: &BehaviourConfig) -> EventFacts {
        let part = self.episode.worst / self.base_mps;
        let severity = match band(config, part) {
            0 => Severity::Low,
            1 => Severity::Medium,
            _ => Severity::High,
        };
        let [low, medium, high, _] = self.episode.bands;
        EventFacts {
            severity: Some(severity),
            confidence: 0.9,
            limit_mps: self.limit_mps,
            over_mps: Some(round(self.episode.worst, 2)),
            over_band_s: Some([low.s, medium.s, high.s]),
            over_band_m: Some([low.m, medium.m, high.m]),
            ..self.episode.facts(EventType::Speeding)
        }
    }
}

/// From one step of the trail to the next; `before` is `None` where nothing is known of the time between. Hands out the
/// episode that is over.
fn go(
    config: &BehaviourConfig,
    limits: &Limits,
    open: &mut Option<Over>,
    before: Option<Going>,
    now: Going,
) -> Option<Over> {
    let Some(before) = before else { return open.take() };
    let mut done = None;
    for (from, to, limit) in limits.between(before.t, now.t) {
        let Some((base, threshold)) = threshold(config, limit) else { continue };
        let part = (between(before, now, from), between(before, now, to));
        let Some((a, b)) = above(part, threshold) else { continue };
        done = done.or(open.take_if(|o| a.t > o.episode.over_at(config.speeding_merge_s)));
        let over = open.get_or_insert(Over { episode: Episode::begin(a), limit_mps: limit, base_mps: base });
        let mean_mps = 0.5 * (a.speed_mps + b.speed_mps);
        over.episode.hold(b, b.t.since(a.t), mean_mps, band(config, (mean_mps - base) / base));
        for going in [a, b] {
            if over.episode.weigh(going, going.speed_mps - base) {
                (over.limit_mps, over.base_mps) = (limit, base);
            }
        }
    }
    let gone_by = |o: &mut Over| now.t > o.episode.over_at(config.speeding_merge_s);
    done.or(open.take_if(|o| gone_by(o) || o.episode.end.since(o.episode.start) > LONGEST_S))
}

/// What the excess is counted from, the limit if there is one, and from which speed on it is speeding.
fn threshold(config: &BehaviourConfig, limit_mps: Option<f64>) -> Option<(f64, f64)> {
    match limit_mps {
        Some(limit) => Some((limit, limit * (1.0 + config.speeding_tolerance))),
        None if config.speeding_cap_mps > 0.0 => Some((config.speeding_cap_mps, config.speeding_cap_mps)),
        None => None,
    }
}

/// 0, 1, 2 by the part of the limit that it is over it.
fn band(config: &BehaviourConfig, part: f64) -> usize {
    usize::from(part >= config.speeding_medium_ratio) + usize::from(part >= config.speeding_high_ratio)
}

/// The vehicle at a time between two steps: speed is straight there, the place is the nearer one's.
fn between(before: Going, now: Going, t: MonoTime) -> Going {
    let part = (t.since(before.t) / now.t.since(before.t)).clamp(0.0, 1.0);
    let position = if part < 0.5 { before.position } else { now.position };
    Going { t, speed_mps: before.speed_mps + part * (now.speed_mps - before.speed_mps), position }
}

/// Of a time in which speed is straight, that in which it is above.
fn above((a, b): (Going, Going), threshold_mps: f64) -> Option<(Going, Going)> {
    let (u, v) = (a.speed_mps - threshold_mps, b.speed_mps - threshold_mps);
    let crossing = || between(a, b, a.t.plus(b.t.since(a.t) * (u / (u - v))));
    match (u > 0.0, v > 0.0) {
        (true, true) => Some((a, b)),
        (true, false) => Some((a, crossing())),
        (false, true) => Some((crossing(), b)),
        (false, false) => None,
    }
}

fn overlap(a: (MonoTime, MonoTime), b: (MonoTime, MonoTime)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

/// The limit was another: there was no speeding.
fn cancel(told: &mut EventFacts) -> Option<EventFacts> {
    if told.cancelled.is_some() {
        return None;
    }
    told.cancelled = Some(Cancelled::LimitChanged);
    told.status = EventStatus::Unconfirmed;
    told.rev += 1;
    Some(told.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(t_s: f64) -> MonoTime {
        MonoTime::from_seconds(t_s)
    }

    /// One speed a second, and limits `(from, told at, limit)`; the highest revision of every event.
    fn drive(config: &BehaviourConfig, speeds: &[f64], limits: &[(f64, f64, f32)]) -> Vec<EventFacts> {
        let (mut speeding, mut number) = (Speeding::default(), 0);
        let mut told: std::collections::BTreeMap<u64, EventFacts> = Default::default();
        let mut take = |events: Vec<EventFacts>| {
            for e in events {
                assert_eq!(e.rev, told.get(&e.number).map_or(1, |old| old.rev + 1));
                told.insert(e.number, e);
            }
        };
        for (i, speed_mps) in speeds.iter().enumerate() {
            let t_s = i as f64;
            for (from, _, limit) in limits.iter().filter(|(_, when, _)| *when > t_s - 1.0 && *when <= t_s) {
                take(speeding.limit(config, at(*from), Some(*limit), &mut number));
            }
            take(speeding.advance(config, at(t_s), &mut number));
            let now = Going { t: at(t_s), speed_mps: *speed_mps, position: None };
            take(speeding.step(config, now, &mut number));
        }
        take(speeding.finish(config, &mut number));
        told.into_values().collect()
    }

    fn run(speeds: &[f64], limit: f32) -> Vec<EventFacts> {
        drive(&BehaviourConfig::default(), speeds, &[(0.0, 0.0, limit)])
    }

    #[test]
    fn a_stretch_counts_seconds_metres_and_the_excess_over_the_limit() {
        let speeds: Vec<f64> = (0..60).map(|i| if (10..30).contains(&i) { 20.0 } else { 13.0 }).collect();
        let found = run(&speeds, 14.0);
        let [e] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((e.limit_mps, e.over_mps, e.severity), (Some(14.0), Some(6.0), Some(Severity::High)));
        // Between two speeds a second apart it is straight.
        assert!((e.start.seconds() - 9.24).abs() < 0.02 && (e.end.seconds() - 29.76).abs() < 0.02, "{e:?}");
        assert!((e.distance_m.unwrap() - 406.0).abs() < 3.0, "{e:?}");
        let held: f64 = e.over_band_s.unwrap().iter().sum();
        assert!((held - 20.5).abs() < 0.1 && e.over_band_s.unwrap()[2] > 18.9, "{e:?}");
    }

    #[test]
    fn seconds_and_metres_go_to_the_band_they_were_driven_in() {
        let speeds: Vec<f64> = [[11.0; 20], [12.0; 20], [15.0; 20], [9.0; 20]].concat();
        let found = run(&speeds, 10.0);
        let [e] = found.as_slice() else { panic!("{found:?}") };
        let (s, m) = (e.over_band_s.unwrap(), e.over_band_m.unwrap());
        for (band, speed) in [11.0, 12.0, 15.0].into_iter().enumerate() {
            assert!((s[band] - 20.0).abs() < 1.1 && (m[band] - speed * s[band]).abs() < 5.0, "{e:?}");
        }
        assert_eq!(e.severity, Some(Severity::High));
    }

    #[test]
    fn tolerance_duration_gap_and_cap() {
        assert_eq!(run(&[14.6; 30], 14.0), []);
        assert_eq!(run(&[13.0, 13.0, 20.0, 20.0, 13.0, 13.0, 13.0], 14.0), []);
        let gap = |n: usize| [vec![20.0; 6], vec![10.0; n], vec![20.0; 6]].concat();
        assert_eq!(run(&gap(4), 14.0).len(), 1);
        assert_eq!(run(&gap(7), 14.0).len(), 2);
        assert_eq!(drive(&BehaviourConfig::default(), &[60.0; 30], &[]), []);
        let capped = BehaviourConfig { speeding_cap_mps: 36.0, ..BehaviourConfig::default() };
        assert_eq!(drive(&capped, &[60.0; 30], &[])[0].over_mps, Some(24.0));
    }

    #[test]
    fn a_long_one_is_told_in_parts_that_do_not_revise_each_other() {
        let found = run(&[40.0; 3_000], 30.0);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.iter().all(|e| e.rev == 1));
        let metres: f64 = found.iter().map(|e| e.distance_m.unwrap()).sum();
        assert!((metres - 40.0 * 2_999.0).abs() < 1.0, "{metres}");
    }

    #[test]
    fn a_limit_counts_from_its_own_time_on_however_late_it_comes() {
        let config = BehaviourConfig::default();
        let speeds: Vec<f64> = (0..400).map(|i| if (100..160).contains(&i) { 19.0 } else { 12.0 }).collect();
        let limits = |late: f64| [(0.0, 0.0, 25.0), (90.0, 90.0 + late, 14.0), (200.0, 200.0 + late, 25.0)];
        let in_time = drive(&config, &speeds, &limits(0.0));
        assert_eq!(in_time.len(), 1);
        for late in [1.0, 4.0, 30.0, 65.0, 100.0, 199.0] {
            let told = drive(&config, &speeds, &limits(late));
            let same: Vec<_> = told.iter().map(|e| EventFacts { rev: 1, first_start: e.start, ..e.clone() }).collect();
            assert_eq!(same, in_time, "{late} s late");
        }
    }

    #[test]
    fn a_late_limit_revises_cancels_and_brings_back() {
        let config = BehaviourConfig::default();
        let speeds: Vec<f64> = (0..300).map(|i| if (50..100).contains(&i) { 19.0 } else { 12.0 }).collect();
        let told = drive(&config, &speeds, &[(0.0, 0.0, 14.0), (40.0, 150.0, 17.0)]);
        let [e] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((e.rev, e.limit_mps, e.over_mps, e.cancelled), (2, Some(17.0), Some(2.0), None));
        let told = drive(&config, &speeds, &[(0.0, 0.0, 14.0), (40.0, 150.0, 25.0)]);
        let [e] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((e.rev, e.cancelled, e.status), (2, Some(Cancelled::LimitChanged), EventStatus::Unconfirmed));
        let told = drive(&config, &speeds, &[(0.0, 0.0, 14.0), (40.0, 150.0, 25.0), (40.0, 160.0, 14.0)]);
        let [e] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((e.rev, e.cancelled, e.status), (3, None, EventStatus::Confirmed));
    }

    #[test]
    fn metres_with_a_limit_are_known_as_soon_as_the_limit_is() {
        let (mut speeding, mut number, config) = (Speeding::default(), 0, BehaviourConfig::default());
        for i in 0..=100 {
            let now = Going { t: at(f64::from(i)), speed_mps: 10.0, position: None };
            speeding.step(&config, now, &mut number);
        }
        assert_eq!(speeding.limited_m(at(0.0), at(100.0)), 0.0);
        speeding.limit(&config, at(40.0), Some(20.0), &mut number);
        assert!((speeding.limited_m(at(0.0), at(100.0)) - 600.0).abs() < 1e-6);
        assert!((speeding.limited_m(at(50.0), at(60.0)) - 100.0).abs() < 1e-6);
    }
}
