//! Impacts: a low trigger at the full rate, then evidence for and against a crash is weighed, each item by itself. What
//! looks like one but is not: a pothole (up and down, the drive goes on), a door (small change of speed), a dropped or
//! thrown phone (it falls first, and the vehicle drives on), steps and shaking (nothing comes to rest).
//!
//! The weights are log odds; they add up as if the items were independent, which is why none is large.

use serde::{Deserialize, Serialize};

use crate::num::{G_MPS2, Vec3, axpy, dot, norm, scale, unit};
use crate::sample::{ImuSample, MonoTime};

use super::config::BehaviourConfig;
use super::fixes::Fixes;
use super::moment::{Moment, Moments};
use super::raw_window::RawWindows;

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
/// What the phone felt before is taken from this long before an episode to this long.
const BEFORE_S: (f64, f64) = (4.5, 0.3);
/// Below this the phone falls.
const FALL_MPS2: f64 = 3.5;
/// A fall counts that ended at most so long before the episode, or within its first half second.
const FALL_BEFORE_S: f64 = 0.3;
const FALL_WITHIN_S: f64 = 0.5;

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

/// A time without force.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Fall {
    since: MonoTime,
    until: MonoTime,
}

/// Knocks that are one, with what was felt before and in them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Episode {
    first: MonoTime,
    last: MonoTime,
    peak_t: MonoTime,
    peak2: f64,
    samples: u32,
    /// Mean force before, phone frame.
    before: Vec3,
    riding_mps2: f64,
    speed_before_mps: Option<f64>,
    /// The largest change of velocity within a pulse's length.
    delta_v: Vec3,
    /// The longest fall.
    fall_s: f64,
}

/// What a moment shows of rest.
struct Calm {
    t: MonoTime,
    force: Vec3,
    max: f64,
}

/// The watcher.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Impacts {
    trigger2: f64,
    /// The newest fall, and the longest of those right before it.
    falls: [Option<Fall>; 2],
    falling: bool,
    episode: Option<Episode>,
    waiting: Vec<Episode>,
    last: Option<MonoTime>,
}

impl Impacts {
    pub(super) fn new(config: &BehaviourConfig) -> Self {
        Self {
            trigger2: config.impact_trigger_mps2 * config.impact_trigger_mps2,
            falls: [None; 2],
            falling: false,
            episode: None,
            waiting: Vec::new(),
            last: None,
        }
    }

    /// One sample at the full rate, the newest of `raw`: compared with the trigger. Returns the square of its force where
    /// that is a knock.
    #[inline]
    pub(super) fn imu(&mut self, sample: &ImuSample, raw: &RawWindows, moments: &Moments) -> Option<f64> {
        let [x, y, z] = sample.force_mps2.map(f64::from);
        let n2 = x * x + y * y + z * z;
        if n2 <= FALL_MPS2 * FALL_MPS2 {
            self.falls_at(sample.t);
        } else {
            self.falling = false;
        }
        if n2 >= self.trigger2 || self.episode.is_some() {
            self.knocked(sample.t, n2, raw, moments);
        }
        (n2 >= self.trigger2).then_some(n2)
    }

    /// When the oldest candidate has waited long enough.
    pub(super) fn due(&self) -> Option<MonoTime> {
        self.waiting.iter().map(|e| e.last.plus(WAIT_S)).min()
    }

    /// Decides on every candidate that is due at `t`; all of them if nothing more comes.
    pub(super) fn decide(
        &mut self,
        config: &BehaviourConfig,
        fixes: &Fixes,
        raw: &RawWindows,
        moments: &Moments,
        t: MonoTime,
        all: bool,
        mut out: impl FnMut(Impact),
    ) {
        if all {
            self.close_episode(raw);
        }
        while let Some(episode) = self.waiting.first().copied() {
            if !all && episode.last.plus(WAIT_S) > t {
                return;
            }
            self.waiting.remove(0);
            let again = self.last.is_some_and(|l| episode.first.since(l) < ONE_CRASH_S);
            if again {
                continue;
            }
            if let Some(impact) = weigh(config, fixes, moments, &episode) {
                self.last = Some(impact.end);
                out(impact);
            }
        }
    }

    /// It knocked, or an episode goes on.
    #[cold]
    fn knocked(&mut self, t: MonoTime, n2: f64, raw: &RawWindows, moments: &Moments) {
        let over =
            |e: &Episode| t.since(e.last) > EPISODE_GAP_S || n2 >= self.trigger2 && t.since(e.first) > EPISODE_MAX_S;
        if self.episode.as_ref().is_some_and(over) {
            self.close_episode(raw);
        }
        if n2 >= self.trigger2 {
            let fall_s = self.fall_s(t);
            let e = self.episode.get_or_insert_with(|| Episode { fall_s, ..Episode::begin(t, moments) });
            e.last = t;
            e.samples += 1;
            if n2 > e.peak2 {
                (e.peak2, e.peak_t) = (n2, t);
            }
        }
        let Some(e) = &mut self.episode else { return };
        if t.since(e.last) <= PULSE_S {
            let change = change_of_velocity(raw.newest(PULSE_S), e.before);
            if norm(change) > norm(e.delta_v) {
                e.delta_v = change;
            }
        }
    }

    #[cold]
    fn close_episode(&mut self, raw: &RawWindows) {
        let Some(episode) = self.episode.take() else { return };
        // One sample alone is a glitch, unless samples are so rare that a crash has no more.
        if episode.samples < 2 && rate_hz(raw.newest(PULSE_S)) > 60.0 {
            return;
        }
        if self.waiting.len() == WAITING_MAX {
            self.waiting.remove(0);
        }
        self.waiting.push(episode);
    }

    #[cold]
    fn falls_at(&mut self, t: MonoTime) {
        let [newest, longest] = &mut self.falls;
        match newest {
            Some(fall) if self.falling => fall.until = t,
            Some(_) | None => {
                let before = longest.take().into_iter().chain(newest.replace(Fall { since: t, until: t }));
                let recent = before.filter(|fall| t.since(fall.until) < FALL_BEFORE_S);
                *longest = recent.max_by(|a, b| a.length_s().total_cmp(&b.length_s()));
            }
        }
        self.falling = true;
        let fall_s = newest.map_or(0.0, |fall| fall.length_s());
        if let Some(e) = self.episode.as_mut().filter(|e| t.since(e.first) <= FALL_WITHIN_S) {
            e.fall_s = e.fall_s.max(fall_s);
        }
    }

    /// The longest fall that ended right before `t`.
    fn fall_s(&self, t: MonoTime) -> f64 {
        let recent = self.falls.iter().flatten().filter(|fall| t.since(fall.until) < FALL_BEFORE_S);
        recent.map(Fall::length_s).fold(0.0, f64::max)
    }
}

impl Fall {
    fn length_s(&self) -> f64 {
        self.until.since(self.since)
    }
}

impl Episode {
    fn begin(t: MonoTime, moments: &Moments) -> Self {
        let mut before = Vec::new();
        let mut speed_before_mps: Option<f64> = None;
        for m in moments.between(t.plus(-BEFORE_S.0), t.plus(-BEFORE_S.1)) {
            speed_before_mps = speed_before_mps.into_iter().chain(m.speed_mps).reduce(f64::max);
            before.push(Calm::of(&m));
        }
        let (mean, riding_mps2) = mean_and_spread(&before);
        Self {
            first: t,
            last: t,
            peak_t: t,
            peak2: 0.0,
            samples: 0,
            before: mean,
            riding_mps2,
            speed_before_mps,
            delta_v: [0.0; 3],
            fall_s: 0.0,
        }
    }
}

impl Calm {
    fn of(m: &Moment) -> Self {
        Self { t: m.t, force: m.force_mps2, max: m.force_max_mps2 }
    }
}

/// Samples a second.
fn rate_hz(mut samples: impl Iterator<Item = (f64, Vec3)>) -> f64 {
    let Some((newest_s, _)) = samples.next() else { return 0.0 };
    let (count, oldest_s) = samples.fold((0.0, newest_s), |(count, _), (t_s, _)| (count + 1.0, t_s));
    if newest_s > oldest_s { count / (newest_s - oldest_s) } else { 0.0 }
}

/// The change of velocity over the samples, newest first, gravity as before.
fn change_of_velocity(samples: impl Iterator<Item = (f64, Vec3)>, gravity: Vec3) -> Vec3 {
    let (mut sum, mut later) = ([0.0; 3], None);
    for (t_s, force) in samples {
        if let Some((later_s, later_force)) = later.replace((t_s, force)) {
            let mean = scale(0.5, axpy(force, 1.0, later_force));
            sum = axpy(sum, later_s - t_s, axpy(mean, -1.0, gravity));
        }
    }
    sum
}

fn weigh(config: &BehaviourConfig, fixes: &Fixes, moments: &Moments, e: &Episode) -> Option<Impact> {
    let speeds = fixes.fall_and_rise_mps(e.first.plus(-3.0), e.last.plus(8.0));
    let before = fixes.max_speed_mps(e.first.plus(-6.0), e.first).or(e.speed_before_mps);
    if before.is_some_and(|v| v < config.impact_min_speed_mps) {
        return None;
    }
    let (rest_s, after) = rest_after(moments, e.last);
    let mut items = Vec::new();
    let mut item = |what, value: f64, weight: f64| items.push(EvidenceItem { what, value, weight });
    let peak = e.peak2.sqrt();
    item(EvidenceKind::Peak, peak, if peak >= 4.0 * G_MPS2 { 0.5 } else { 0.0 });
    let dv = norm(e.delta_v);
    item(EvidenceKind::DeltaV, dv, grade(dv, [(2.2, 2.0), (1.4, 1.0)]));
    let up = unit(e.before);
    let vertical = up.map_or(0.0, |u| dot(u, e.delta_v).abs() / dv.max(1e-9));
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
    item(EvidenceKind::FreeFall, e.fall_s, -grade(e.fall_s, [(0.2, 4.0), (0.12, 3.0)]));
    item(EvidenceKind::Riding, e.riding_mps2, if e.riding_mps2 >= 0.3 { 0.5 } else { 0.0 });
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
fn rest_after(moments: &Moments, t: MonoTime) -> (f64, Option<Vec3>) {
    const WINDOW: usize = 25;
    let after: Vec<Calm> = moments.between(t, t.plus(WAIT_S)).filter(|m| m.t > t).map(|m| Calm::of(&m)).collect();
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
            let soon: Vec<Calm> = after.into_iter().filter(|c| (1.0..4.0).contains(&c.t.since(t))).collect();
            (0.0, (!soon.is_empty()).then(|| mean_and_spread(&soon).0))
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
fn mean_and_spread(calm: &[Calm]) -> (Vec3, f64) {
    let n = calm.len().max(1) as f64;
    let sum = calm.iter().fold([0.0; 3], |s, c| axpy(s, 1.0, c.force));
    let mean_max = calm.iter().map(|c| c.max).sum::<f64>() / n;
    let var = calm.iter().map(|c| (c.max - mean_max) * (c.max - mean_max)).sum::<f64>() / n;
    (scale(1.0 / n, sum), var.sqrt())
}
