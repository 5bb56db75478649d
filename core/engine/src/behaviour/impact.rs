//! Impacts: a low trigger at the full rate, then evidence for and against a crash is weighed, each item by itself. What
//! looks like one but is not: a pothole (up and down, the drive goes on), a door (small change of speed), a dropped or
//! thrown phone (it falls first, and the vehicle drives on), steps and shaking (nothing comes to rest).
//!
//! The weights are log odds; they add up as if the items were independent, which is why none is large.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::motion::Frame;
use crate::num::{G_MPS2, Vec3, axpy, dot, norm, scale, unit};
use crate::sample::{ImuSample, MonoTime};

use super::config::BehaviourConfig;
use super::fixes::Fixes;

/// Full-rate samples kept: five seconds at 200 Hz and a little.
const KEPT: usize = 1100;
/// Frames kept: 20 s at 25 Hz.
const CALM_KEPT: usize = 500;
/// Triggers closer than this are one episode, and an episode is cut at its longest.
const EPISODE_GAP_S: f64 = 0.4;
const EPISODE_MAX_S: f64 = 2.0;
/// Evidence is collected for so long after an episode.
const WAIT_S: f64 = 12.0;
/// Episodes that wait at a time: one every two seconds of shaking.
const WAITING_MAX: usize = 8;
/// Impacts closer than this are one crash.
const ONE_CRASH_S: f64 = 12.0;
/// Change of velocity is taken over this, the length of a crash pulse.
const PULSE_S: f64 = 0.12;
/// Below this the phone falls.
const FALL_MPS2: f64 = 3.5;

/// One item of evidence: what was seen, and how many log odds it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// What.
    pub what: EvidenceKind,
    /// How much of it, in its own unit.
    pub value: f64,
    /// Log odds for a crash.
    pub weight: f64,
}

/// What speaks for or against a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Largest specific force, m/s².
    Peak,
    /// Change of velocity within 0.12 s, m/s.
    DeltaV,
    /// Part of that change that is up or down.
    Vertical,
    /// Part of its speed that the vehicle lost within seconds.
    SpeedLost,
    /// Seconds of rest soon after.
    Rest,
    /// Degrees by which the phone lies differently afterwards.
    Turned,
    /// Seconds of free fall just before.
    FreeFall,
    /// Vibration before, m/s²: it was riding, or lay still.
    Riding,
}

impl EvidenceKind {
    /// The word for it in records.
    pub fn name(self) -> &'static str {
        match self {
            EvidenceKind::Peak => "peak",
            EvidenceKind::DeltaV => "delta_v",
            EvidenceKind::Vertical => "vertical",
            EvidenceKind::SpeedLost => "speed_lost",
            EvidenceKind::Rest => "rest",
            EvidenceKind::Turned => "turned",
            EvidenceKind::FreeFall => "free_fall",
            EvidenceKind::Riding => "riding",
        }
    }
}

/// An impact that was believed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Impact {
    pub start: MonoTime,
    pub peak_t: MonoTime,
    pub end: MonoTime,
    pub peak_mps2: f64,
    pub confidence: f64,
    pub speed_known: bool,
    pub speed_before_mps: Option<f64>,
    pub speed_after_mps: Option<f64>,
    pub items: Vec<EvidenceItem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Raw {
    t: MonoTime,
    force: [f32; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Calm {
    t: MonoTime,
    force: Vec3,
    max: f64,
    speed_mps: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Episode {
    first: MonoTime,
    last: MonoTime,
    peak_t: MonoTime,
    peak2: f64,
    samples: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Candidate {
    episode: Episode,
    delta_v: Vec3,
    before: Vec3,
    fall_s: f64,
    riding_mps2: f64,
    speed_before_mps: Option<f64>,
}

/// The watcher.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Impacts {
    trigger2: f64,
    raw: VecDeque<Raw>,
    calm: VecDeque<Calm>,
    episode: Option<Episode>,
    waiting: Vec<Candidate>,
    last: Option<MonoTime>,
}

impl Impacts {
    pub(super) fn new(config: &BehaviourConfig) -> Self {
        Self {
            trigger2: config.impact_trigger_mps2 * config.impact_trigger_mps2,
            raw: VecDeque::new(),
            calm: VecDeque::new(),
            episode: None,
            waiting: Vec::new(),
            last: None,
        }
    }

    /// One sample at the full rate: kept, and compared with the trigger.
    #[inline]
    pub(super) fn imu(&mut self, sample: &ImuSample) {
        if self.raw.len() == KEPT {
            self.raw.pop_front();
        }
        self.raw.push_back(Raw { t: sample.t, force: sample.force_mps2 });
        let [x, y, z] = sample.force_mps2.map(f64::from);
        let n2 = x * x + y * y + z * z;
        if n2 >= self.trigger2 {
            self.triggered(sample.t, n2);
        } else if self.episode.is_some_and(|e| sample.t.since(e.last) > EPISODE_GAP_S) {
            self.close_episode();
        }
    }

    /// One frame: what it is like before and after.
    pub(super) fn frame(&mut self, frame: &Frame) {
        if self.calm.len() == CALM_KEPT {
            self.calm.pop_front();
        }
        self.calm.push_back(Calm {
            t: frame.state.t,
            force: frame.force_mps2,
            max: frame.force_max_mps2,
            speed_mps: frame.state.speed_mps,
        });
    }

    /// When the oldest candidate has waited long enough.
    pub(super) fn due(&self) -> Option<MonoTime> {
        self.waiting.iter().map(|c| c.episode.last.plus(WAIT_S)).min()
    }

    /// Decides on every candidate that is due at `t`; all of them if nothing more comes.
    pub(super) fn decide(
        &mut self,
        config: &BehaviourConfig,
        fixes: &Fixes,
        t: MonoTime,
        all: bool,
        mut out: impl FnMut(Impact),
    ) {
        if all {
            self.close_episode();
        }
        while let Some(candidate) = self.waiting.first() {
            if !all && candidate.episode.last.plus(WAIT_S) > t {
                return;
            }
            let candidate = self.waiting.remove(0);
            let again = self.last.is_some_and(|l| candidate.episode.first.since(l) < ONE_CRASH_S);
            if again {
                continue;
            }
            if let Some(impact) = self.weigh(config, fixes, &candidate) {
                self.last = Some(impact.end);
                out(impact);
            }
        }
    }

    #[cold]
    fn triggered(&mut self, t: MonoTime, n2: f64) {
        if self.episode.is_some_and(|e| t.since(e.last) > EPISODE_GAP_S || t.since(e.first) > EPISODE_MAX_S) {
            self.close_episode();
        }
        let e = self.episode.get_or_insert(Episode { first: t, last: t, peak_t: t, peak2: n2, samples: 0 });
        e.last = t;
        e.samples += 1;
        if n2 > e.peak2 {
            (e.peak2, e.peak_t) = (n2, t);
        }
    }

    #[cold]
    fn close_episode(&mut self) {
        let Some(episode) = self.episode.take() else { return };
        // One sample alone is a glitch, unless samples are so rare that a crash has no more.
        if episode.samples < 2 && self.rate_hz() > 60.0 {
            return;
        }
        let before: Vec<&Calm> = self.calm.iter().filter(|c| (0.3..4.5).contains(&episode.first.since(c.t))).collect();
        let (mean, riding) = mean_and_spread(&before);
        let speed =
            before.iter().filter_map(|c| c.speed_mps).fold(None, |m: Option<f64>, v| Some(m.map_or(v, |m| m.max(v))));
        let candidate = Candidate {
            episode,
            delta_v: self.delta_v(episode, mean),
            before: mean,
            fall_s: self.fall_s(episode),
            riding_mps2: riding,
            speed_before_mps: speed,
        };
        if self.waiting.len() == WAITING_MAX {
            self.waiting.remove(0);
        }
        self.waiting.push(candidate);
    }

    fn rate_hz(&self) -> f64 {
        match (self.raw.front(), self.raw.back()) {
            (Some(a), Some(b)) if b.t > a.t => (self.raw.len() - 1) as f64 / b.t.since(a.t),
            (Some(_) | None, Some(_) | None) => 0.0,
        }
    }

    /// The largest change of velocity within a pulse's length, gravity as before.
    fn delta_v(&self, episode: Episode, gravity: Vec3) -> Vec3 {
        let (from, to) = (episode.first.plus(-PULSE_S), episode.last.plus(PULSE_S));
        let samples: Vec<&Raw> = self.raw.iter().filter(|r| r.t >= from && r.t <= to).collect();
        let mut sums: Vec<(MonoTime, Vec3)> = Vec::with_capacity(samples.len());
        let mut sum = [0.0; 3];
        for pair in samples.windows(2) {
            let [a, b] = pair else { continue };
            let mean = axpy(a.force.map(f64::from), 1.0, b.force.map(f64::from));
            let dt = b.t.since(a.t).min(0.1);
            sum = axpy(sum, dt, axpy(scale(0.5, mean), -1.0, gravity));
            sums.push((b.t, sum));
        }
        let (mut best, mut tail) = ([0.0; 3], 0);
        for &(t, s) in &sums {
            while sums.get(tail).is_some_and(|(u, _)| t.since(*u) > PULSE_S) {
                tail += 1;
            }
            let Some((_, then)) = sums.get(tail) else { break };
            let change = axpy(s, -1.0, *then);
            if norm(change) > norm(best) {
                best = change;
            }
        }
        best
    }

    /// The longest fall that ended within 0.3 s before the episode, or within its first half second.
    fn fall_s(&self, episode: Episode) -> f64 {
        let (mut longest, mut since): (f64, Option<MonoTime>) = (0.0, None);
        let to = episode.first.plus(0.5);
        for r in self.raw.iter().filter(|r| r.t <= to) {
            let f = r.force.map(f64::from);
            if dot(f, f) > FALL_MPS2 * FALL_MPS2 {
                since = None;
                continue;
            }
            let length = r.t.since(*since.get_or_insert(r.t));
            if episode.first.since(r.t) < 0.3 {
                longest = longest.max(length);
            }
        }
        longest
    }

    fn weigh(&self, config: &BehaviourConfig, fixes: &Fixes, c: &Candidate) -> Option<Impact> {
        let e = c.episode;
        let speeds = fixes.fall_and_rise_mps(e.first.plus(-3.0), e.last.plus(8.0));
        let before = fixes.max_speed_mps(e.first.plus(-6.0), e.first).or(c.speed_before_mps);
        if before.is_some_and(|v| v < config.impact_min_speed_mps) {
            return None;
        }
        let (rest_s, after) = self.rest_after(e.last);
        let mut items = Vec::new();
        let mut item = |what, value: f64, weight: f64| items.push(EvidenceItem { what, value, weight });
        let peak = e.peak2.sqrt();
        item(EvidenceKind::Peak, peak, if peak >= 4.0 * G_MPS2 { 0.5 } else { 0.0 });
        let dv = norm(c.delta_v);
        item(EvidenceKind::DeltaV, dv, grade(dv, [(2.2, 2.0), (1.4, 1.0)]));
        let up = unit(c.before);
        let vertical = up.map_or(0.0, |u| dot(u, c.delta_v).abs() / dv.max(1e-9));
        item(EvidenceKind::Vertical, vertical, if vertical > 0.9 { -1.5 } else { 0.0 });
        if let (Some((fall, _)), Some(v)) = (speeds, before) {
            let lost = fall / v.max(1.0);
            item(
                EvidenceKind::SpeedLost,
                lost,
                if lost >= 0.6 {
                    2.5
                } else if lost < 0.3 {
                    -3.0
                } else {
                    0.5
                },
            );
        }
        item(EvidenceKind::Rest, rest_s, if rest_s >= 1.0 { 1.5 } else { 0.0 });
        if let (Some(a), Some(b)) = (up, after.and_then(unit)) {
            let angle = libm::acos(dot(a, b).clamp(-1.0, 1.0)) / crate::geo::RAD_PER_DEG;
            item(EvidenceKind::Turned, angle, grade(angle, [(60.0, 1.5), (30.0, 0.5)]));
        }
        item(EvidenceKind::FreeFall, c.fall_s, -grade(c.fall_s, [(0.2, 4.0), (0.12, 3.0)]));
        item(EvidenceKind::Riding, c.riding_mps2, if c.riding_mps2 >= 0.3 { 0.5 } else { 0.0 });
        let odds: f64 = PRIOR + items.iter().map(|i| i.weight).sum::<f64>();
        let confidence = 1.0 / (1.0 + libm::exp(-odds));
        (confidence > config.impact_min_confidence).then_some(Impact {
            start: e.first,
            peak_t: e.peak_t,
            end: e.last,
            peak_mps2: peak,
            confidence,
            speed_known: before.is_some(),
            speed_before_mps: before,
            speed_after_mps: fixes.max_speed_mps(e.last.plus(4.0), e.last.plus(8.0)),
            items,
        })
    }

    /// The longest rest that begins within three seconds after `t`, and which way gravity points in it; else the mean
    /// force of those seconds.
    fn rest_after(&self, t: MonoTime) -> (f64, Option<Vec3>) {
        const WINDOW: usize = 25;
        let after: Vec<&Calm> = self.calm.iter().filter(|c| c.t > t && c.t.since(t) < WAIT_S).collect();
        let mut rest: Option<(f64, Vec3)> = None;
        for window in after.windows(WINDOW) {
            let (mean, spread) = mean_and_spread(window);
            let begins = window.first().is_some_and(|c| c.t.since(t) < 3.0);
            if !begins || spread > REST_SPREAD_MPS2 {
                continue;
            }
            let until = window.last().map_or(0.0, |c| c.t.since(t));
            let from = window.first().map_or(0.0, |c| c.t.since(t));
            let length = rest.map_or(until - from, |(l, _)| l + 0.04);
            rest = Some((length, mean));
        }
        match rest {
            Some((s, mean)) => (s, Some(mean)),
            None => {
                let soon: Vec<&Calm> = after.into_iter().filter(|c| (1.0..4.0).contains(&c.t.since(t))).collect();
                (0.0, (!soon.is_empty()).then(|| mean_and_spread(&soon).0))
            }
        }
    }
}

/// Log odds of a crash given only that something knocked.
const PRIOR: f64 = -4.0;
/// What a phone that lies still sees of its surroundings.
const REST_SPREAD_MPS2: f64 = 0.25;

/// The weight of the first step that the value reaches.
fn grade(value: f64, steps: [(f64, f64); 2]) -> f64 {
    steps.into_iter().find(|(from, _)| value >= *from).map_or(0.0, |(_, weight)| weight)
}

/// Mean force, and the standard deviation of its largest magnitude per frame.
fn mean_and_spread(calm: &[&Calm]) -> (Vec3, f64) {
    let n = calm.len().max(1) as f64;
    let sum = calm.iter().fold([0.0; 3], |s, c| axpy(s, 1.0, c.force));
    let mean_max = calm.iter().map(|c| c.max).sum::<f64>() / n;
    let var = calm.iter().map(|c| (c.max - mean_max) * (c.max - mean_max)).sum::<f64>() / n;
    (scale(1.0 / n, sum), var.sqrt())
}
