//! Wires the detectors of `behaviour`: what goes where, what waits for how long, and running numbers.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::contract::Reason;
use crate::motion::{Frame, State};
use crate::num::round;
use crate::record::{EventStatus, EventType, Mode, Severity};
use crate::sample::{Fix, ImuSample, MonoTime, Signal};

use super::cancel::Cancel;
use super::config::BehaviourConfig;
use super::confirm::{self, Waiting};
use super::episode::Going;
use super::fixes::Fixes;
use super::gnss_only::GnssOnly;
use super::handling::Handling;
use super::harsh::{Found, Guess, Harsh};
use super::idling::Idling;
use super::impact::{Impact, Impacts};
use super::moment::Moments;
use super::raw_window::RawWindows;
use super::speeding::Speeding;
use super::waveform::{self, waveform};
use super::{EventFacts, Setting};

/// Manoeuvres that wait at a time: with a refractory of seconds there are fewer.
const WAITING_MAX: usize = 16;
/// Manoeuvres remembered, to know what fixes alone need not say again.
const RECENT_MAX: usize = 16;
/// An event from fixes alone waits this much longer than one of the accelerometer, which goes first.
const GNSS_EXTRA_S: f64 = 1.0;
/// Fixes may be this late against the accelerometer, and one interval early.
const GNSS_LATE_S: f64 = 3.5;
const GNSS_EARLY_S: f64 = 1.5;
/// The accelerometer is believed to have seen everything when it came at least this often.
const TRUSTED_HZ: f64 = 18.0;
/// A hand so close to a manoeuvre may be what was felt.
const HAND_S: f64 = 1.0;
/// Without speeds for so long, GNSS is absent.
const NO_FIXES_S: f64 = 5.0;
/// Without frames for so long, fixes carry the speed.
const NO_FRAMES_S: f64 = 1.5;

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Pending {
    Manoeuvre(Waiting),
    FromFixes(MonoTime, Box<EventFacts>),
}

impl Pending {
    fn due(&self) -> MonoTime {
        match self {
            Pending::Manoeuvre(w) => w.due,
            Pending::FromFixes(due, _) => *due,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Recent {
    longitudinal: bool,
    start: MonoTime,
    end: MonoTime,
}

/// The watcher.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Behaviour {
    config: BehaviourConfig,
    moments: Moments,
    harsh: Harsh,
    fixes: Fixes,
    gnss_only: GnssOnly,
    impacts: Impacts,
    raw: RawWindows,
    cancel: Cancel,
    speeding: Speeding,
    handling: Handling,
    idling: Idling,
    setting: Option<Setting>,
    speed_ever: bool,
    last_frame: Option<MonoTime>,
    pending: VecDeque<Pending>,
    recent: VecDeque<Recent>,
    last_of: [Option<MonoTime>; 5],
    next_number: u64,
}

impl Behaviour {
    /// Nothing seen yet.
    pub fn new(config: BehaviourConfig) -> Self {
        Self {
            moments: Moments::default(),
            harsh: Harsh::default(),
            fixes: Fixes::default(),
            gnss_only: GnssOnly::default(),
            impacts: Impacts::new(&config),
            raw: RawWindows::default(),
            cancel: Cancel::default(),
            speeding: Speeding::default(),
            handling: Handling::default(),
            idling: Idling::default(),
            setting: None,
            speed_ever: false,
            last_frame: None,
            pending: VecDeque::new(),
            recent: VecDeque::new(),
            last_of: [None; 5],
            next_number: 0,
            config,
        }
    }

    /// One clean sample at full rate, for impacts; a few nanoseconds.
    #[inline]
    pub fn imu(&mut self, sample: &ImuSample) {
        self.raw.imu(sample);
        if let Some(n2) = self.impacts.imu(sample, &self.raw, &self.moments) {
            self.raw.knocks(sample.t, n2);
        }
    }

    /// One frame of motion.
    pub fn frame(&mut self, frame: &Frame, setting: Setting, out: &mut Vec<(MonoTime, EventFacts)>) {
        let t = frame.state.t;
        self.setting = Some(setting);
        self.last_frame = Some(t);
        self.speed_ever |= frame.state.speed_mps.is_some();
        let now = self.moments.step(frame);
        // A slow accelerometer folds the road into the band of manoeuvres: while there is GNSS, that is asked instead.
        let slow = frame.dt_s > 1.0 / TRUSTED_HZ && self.fixes.max_speed_mps(t.plus(-NO_FIXES_S), t).is_some();
        if let Some(now) = now.filter(|_| !slow) {
            // Stays empty, and so unallocated, but for the few frames that end a manoeuvre.
            let mut found = Vec::new();
            self.harsh.step(&self.config, &self.moments, &now, |f| found.push(f));
            found.into_iter().for_each(|f| self.wait(f, setting));
        }
        let going = frame.state.speed_mps.map(|speed_mps| Going { t, speed_mps, position: frame.state.position });
        self.going(t, going, setting, out);
        // At such a rate a gyroscope sees vibration as turning.
        let blind = frame.dt_s > 1.0 / TRUSTED_HZ;
        let borne_out = now.is_some_and(|now| now.borne_out);
        let motor = has_motor(setting.mode);
        if let Some(facts) = self.handling.step(&self.config, frame, borne_out, motor)
            && !blind
        {
            self.give(t, facts, out);
        }
    }

    /// One clean fix, and what motion made of it.
    pub fn fix(&mut self, fix: &Fix, state: &State, setting: Setting, out: &mut Vec<(MonoTime, EventFacts)>) {
        self.setting = Some(setting);
        self.speed_ever |= fix.speed_mps.is_some() || state.speed_mps.is_some();
        if self.fixes.push(fix) {
            let mut found = Vec::new();
            self.gnss_only.step(&self.config, &self.fixes, |f| found.push(f));
            found.into_iter().for_each(|f| self.wait_for_imu(f, setting));
        }
        if self.last_frame.is_none_or(|l| fix.t.since(l) > NO_FRAMES_S) {
            let going = state.speed_mps.map(|speed_mps| Going { t: fix.t, speed_mps, position: state.position });
            self.going(fix.t, going, setting, out);
        }
    }

    /// A fact about the phone.
    pub fn signal(&mut self, t: MonoTime, signal: &Signal, out: &mut Vec<(MonoTime, EventFacts)>) {
        if let Signal::SpeedLimit(limit) = signal {
            self.limit(t, t, *limit, out);
        }
        self.handling.signal(signal);
        self.idling.signal(signal);
    }

    /// Someone says that the last impact was none.
    pub fn deny_impact(&mut self, t: MonoTime, out: &mut Vec<(MonoTime, EventFacts)>) {
        out.extend(self.cancel.denied(t).map(|facts| (t, facts)));
    }

    /// The limit from `from` on, told at `t`: of the time before `t`, what was said is revised.
    pub fn limit(
        &mut self,
        t: MonoTime,
        from: MonoTime,
        limit_mps: Option<f32>,
        out: &mut Vec<(MonoTime, EventFacts)>,
    ) {
        let said = self.speeding.limit(&self.config, from, limit_mps, &mut self.next_number);
        out.extend(said.into_iter().map(|facts| (t, facts)));
    }

    /// The limit is known at that time.
    pub fn knows_limit(&self, t: MonoTime) -> bool {
        self.speeding.knows_limit(t)
    }

    /// Metres driven between two times of the last minutes on which the limit is known by now.
    pub fn limited_m(&self, from: MonoTime, to: MonoTime) -> f64 {
        self.speeding.limited_m(from, to)
    }

    /// Fires every deadline up to and including `t`, each at its own time. Call it before each input.
    pub fn advance(&mut self, t: MonoTime, out: &mut Vec<(MonoTime, EventFacts)>) {
        while let Some((due, _)) = self.deadline().filter(|(due, _)| *due <= t) {
            self.fire(due, out);
        }
    }

    /// When it wants [`Behaviour::advance`] next, and why.
    pub fn deadline(&self) -> Option<(MonoTime, Reason)> {
        let pending = self.pending.iter().map(Pending::due).min();
        let due = [pending, self.impacts.due(), self.speeding.due(&self.config), self.handling.due(&self.config)];
        due.into_iter().flatten().min().map(|due| (due, Reason::Evidence))
    }

    /// The trip or the input is over: gives out what is still waiting for more evidence.
    pub fn finish(&mut self, t: MonoTime, out: &mut Vec<(MonoTime, EventFacts)>) {
        self.advance(t, out);
        if let Some(setting) = self.setting {
            let mut found = Vec::new();
            self.harsh.finish(&self.config, &self.moments, &mut |f| found.push(f));
            found.into_iter().for_each(|f| self.wait(f, setting));
        }
        while let Some(pending) = self.pending.pop_front() {
            self.decide(t, pending, out);
        }
        self.decide_impacts(t, true, out);
        let speeding = self.speeding.finish(&self.config, &mut self.next_number);
        out.extend(speeding.into_iter().map(|facts| (t, facts)));
        let open = [self.handling.finish(&self.config), self.idling.finish(&self.config)];
        open.into_iter().flatten().for_each(|facts| self.give(t, facts, out));
    }

    /// The axis of time broke. Numbers go on: they are what ids are made of.
    pub fn reset(&mut self) {
        *self = Self { next_number: self.next_number, ..Self::new(self.config.clone()) };
    }

    fn going(&mut self, t: MonoTime, going: Option<Going>, setting: Setting, out: &mut Vec<(MonoTime, EventFacts)>) {
        if let Some(going) = going {
            if let Some(facts) = self.cancel.going(&self.config, t, going.speed_mps) {
                out.push((t, facts));
            }
            let said = self.speeding.step(&self.config, going, &mut self.next_number);
            out.extend(said.into_iter().map(|facts| (t, facts)));
        }
        let driving = setting.in_trip && matches!(setting.mode, Mode::Automotive | Mode::Unknown);
        let (speed, position) = (going.map(|g| g.speed_mps), going.and_then(|g| g.position));
        if let Some(facts) = self.idling.step(&self.config, t, speed, driving, position) {
            self.give(t, facts, out);
        }
    }

    /// A manoeuvre was found: lets it wait for GNSS if it passes the gates.
    fn wait(&mut self, found: Found, setting: Setting) {
        let moved = self.speed_ever && self.handling.moved_in(found.start.plus(-HAND_S), found.end.plus(HAND_S));
        let held = found.in_hand || moved;
        if held || !self.passes(&found, setting) {
            return;
        }
        self.handling.harsh_peak(found.peak);
        if self.again(&found) {
            return;
        }
        let due = found.end.plus(self.config.gnss_confirm_wait_s);
        self.push(Pending::Manoeuvre(Waiting { due, found }));
    }

    /// The same kind was found a moment ago, or the same manoeuvre in other axes. Else remembers it.
    fn again(&mut self, found: &Found) -> bool {
        let [brake, acceleration, corner, swerve, along] = self.last_of;
        let (own, same) = match found.guess {
            Guess::Brake => (0, along),
            Guess::Acceleration => (1, along),
            Guess::Corner | Guess::CornerBlind => (2, swerve),
            Guess::Swerve => (3, corner),
            Guess::Longitudinal => (4, brake.max(acceleration)),
        };
        // A swerve back into the lane is another one.
        let apart_s = if found.guess == Guess::Swerve { 0.0 } else { self.config.harsh_refractory_s };
        let Some(last) = self.last_of.get_mut(own) else { return true };
        if last.is_some_and(|l| found.start.since(l) < apart_s) || same.is_some_and(|l| found.start < l) {
            return true;
        }
        *last = Some(found.end);
        false
    }

    /// Fixes show a manoeuvre: lets it wait for the accelerometer to say it better.
    fn wait_for_imu(&mut self, facts: EventFacts, setting: Setting) {
        let fast = |v: Option<f64>| v.is_some_and(|v| v >= self.config.event_min_speed_mps);
        // Receivers catch up in a jump after standing: an acceleration must begin at speed here.
        if is_ride(setting) && fast(facts.speed_in_mps) {
            let due = facts.end.plus(self.config.gnss_confirm_wait_s + GNSS_EXTRA_S);
            self.push(Pending::FromFixes(due, Box::new(facts)));
        }
    }

    fn push(&mut self, pending: Pending) {
        if self.pending.len() < WAITING_MAX {
            self.pending.push_back(pending);
        }
    }

    fn passes(&self, found: &Found, setting: Setting) -> bool {
        if !is_ride(setting) {
            return false;
        }
        if !self.speed_ever {
            return setting.manual;
        }
        let speed = match found.guess {
            Guess::Brake | Guess::Corner | Guess::CornerBlind | Guess::Swerve => found.speed_in_mps,
            Guess::Acceleration => found.speed_out_mps,
            Guess::Longitudinal => found.speed_in_mps.into_iter().chain(found.speed_out_mps).reduce(f64::max),
        };
        // While forward is not known, motion's speed may be wrong: a receiver's counts as well.
        let seen = self.fixes.max_speed_mps(found.start.plus(-GNSS_EARLY_S), found.end.plus(GNSS_EARLY_S));
        let seen = seen.filter(|_| !found.in_vehicle_axes);
        speed.into_iter().chain(seen).any(|v| v >= self.config.event_min_speed_mps)
    }

    /// Fires everything that is due exactly at `due`.
    fn fire(&mut self, due: MonoTime, out: &mut Vec<(MonoTime, EventFacts)>) {
        while let Some(at) = self.pending.iter().position(|p| p.due() <= due) {
            if let Some(pending) = self.pending.remove(at) {
                self.decide(due, pending, out);
            }
        }
        self.decide_impacts(due, false, out);
        let speeding = self.speeding.advance(&self.config, due, &mut self.next_number);
        out.extend(speeding.into_iter().map(|facts| (due, facts)));
        if let Some(facts) = self.handling.advance(&self.config, due) {
            self.give(due, facts, out);
        }
    }

    fn decide(&mut self, t: MonoTime, pending: Pending, out: &mut Vec<(MonoTime, EventFacts)>) {
        match pending {
            Pending::Manoeuvre(waiting) => {
                if let Some(facts) = confirm::decide(&self.config, &self.fixes, &self.moments, waiting) {
                    self.remember(&facts);
                    self.give(t, facts, out);
                }
            }
            Pending::FromFixes(_, facts) => {
                if !self.said_it(&facts) && !self.imu_saw_nothing(&facts) {
                    self.remember(&facts);
                    self.give(t, *facts, out);
                }
            }
        }
    }

    fn remember(&mut self, facts: &EventFacts) {
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        let longitudinal = is_longitudinal(facts.kind);
        self.recent.push_back(Recent { longitudinal, start: facts.start, end: facts.end });
    }

    /// The same manoeuvre was reported, by the accelerometer or as an earlier part of it.
    fn said_it(&self, facts: &EventFacts) -> bool {
        self.recent.iter().any(|r| {
            r.longitudinal == is_longitudinal(facts.kind)
                && r.start <= facts.end.plus(GNSS_EARLY_S)
                && r.end.plus(GNSS_LATE_S) >= facts.start
        })
    }

    /// The accelerometer watched all along with forward known, and there was nothing.
    fn imu_saw_nothing(&self, facts: &EventFacts) -> bool {
        let (from, to) = (facts.start.plus(-GNSS_LATE_S), facts.end);
        let (mut n, mut known) = (0u32, true);
        for m in self.moments.between(from, to) {
            n += 1;
            known &= m.in_vehicle;
        }
        // A course a second apart is a poor gyroscope: where there is any IMU, corners are its business.
        if n > 0 && !is_longitudinal(facts.kind) {
            return true;
        }
        known && f64::from(n) >= TRUSTED_HZ * to.since(from)
    }

    fn decide_impacts(&mut self, t: MonoTime, all: bool, out: &mut Vec<(MonoTime, EventFacts)>) {
        let mut found = Vec::new();
        self.impacts.decide(&self.config, &self.fixes, &self.raw, &self.moments, t, all, |impact| found.push(impact));
        for impact in found {
            let manual_blind = self.setting.is_some_and(|s| s.manual) && !self.speed_ever;
            if impact.speed_known || manual_blind {
                let raw = self.raw.take(impact.peak_t).map(Box::new);
                let facts = EventFacts { raw, ..self.impact_facts(&impact) };
                self.give(t, facts, out);
                if let Some((_, told)) = out.last() {
                    self.cancel.told(&self.config, t, told);
                }
            }
        }
    }

    fn impact_facts(&self, impact: &Impact) -> EventFacts {
        let around = waveform::AROUND_S;
        let severity = match impact.peak_mps2 {
            p if p >= 80.0 => Severity::High,
            p if p >= 40.0 => Severity::Medium,
            _ => Severity::Low,
        };
        EventFacts {
            threshold_mps2: Some(round(self.config.impact_trigger_mps2, 2)),
            peak_mps2: Some(round(impact.peak_mps2, 1)),
            speed_in_mps: impact.speed_before_mps,
            speed_out_mps: impact.speed_after_mps,
            severity: Some(severity),
            confidence: round(impact.confidence, 2),
            status: if impact.speed_known { EventStatus::Confirmed } else { EventStatus::Unconfirmed },
            position: self.moments.at(impact.peak_t).and_then(|m| m.position),
            evidence: waveform(self.moments.between(impact.start.plus(-around), impact.end.plus(around))),
            items: impact.items.clone(),
            ..EventFacts::bare(EventType::Impact, impact.start, impact.peak_t, impact.end)
        }
    }

    fn give(&mut self, t: MonoTime, mut facts: EventFacts, out: &mut Vec<(MonoTime, EventFacts)>) {
        facts.number = self.next_number;
        self.next_number += 1;
        out.push((t, facts));
    }
}

fn is_ride(setting: Setting) -> bool {
    match setting.mode {
        Mode::Walking | Mode::Running | Mode::Rail => false,
        Mode::Still | Mode::Cycling | Mode::Automotive | Mode::Bus | Mode::Unknown => true,
    }
}

fn has_motor(mode: Mode) -> bool {
    match mode {
        Mode::Automotive | Mode::Bus => true,
        Mode::Still | Mode::Walking | Mode::Running | Mode::Cycling | Mode::Rail | Mode::Unknown => false,
    }
}

fn is_longitudinal(kind: EventType) -> bool {
    match kind {
        EventType::HarshBraking | EventType::HarshAcceleration => true,
        EventType::HarshCornering
        | EventType::Swerve
        | EventType::Impact
        | EventType::Speeding
        | EventType::PhoneHandling
        | EventType::Idling => false,
    }
}
