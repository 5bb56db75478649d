//! The phone in a hand while the vehicle moves: from how it moves, from its screen, lock and calls. A driver and a
//! passenger look the same from here.

use serde::{Deserialize, Serialize};

use crate::motion::{Frame, Mount};
use crate::num::{Vec3, axpy, dot, norm, unit};
use crate::record::{EventType, Severity};
use crate::sample::{Call, MonoTime, Signal};

use super::EventFacts;
use super::config::BehaviourConfig;
use super::episode::{Episode, Going};

/// A tilt must hold this long: a pothole tilts nothing for so long.
const TILT_HOLDS_S: f64 = 1.0;
/// Being moved for less than this is a jolt.
const JOLT_S: f64 = 1.5;
/// Rests in between that are forgiven.
const REST_S: f64 = 0.6;
/// Window of the gyroscope's energy.
const GYRO_TAU_S: f64 = 2.0;
/// A knock turns faster than a hand does; it must not outweigh seconds.
const JOLT_RAD_S: f64 = 0.7;
/// Window in which turning is over.
const QUICK_TAU_S: f64 = 0.3;
/// Lying still in a new place for so long, that place is its own.
const NEW_PLACE_S: f64 = 8.0;
/// Still means: turning slower than this across the vehicle's yaw.
const STILL_RAD_S: f64 = 0.08;
/// A hand is never as steady as this for long; a holder on a bad road hardly gets here.
const STEADY_RAD_S: f64 = 0.15;
/// What the force does not bear out for so long is an error of the gyroscope; a hand that swings tilts the force, too,
/// but only for a moment.
const DOUBTED_S: f64 = 1.5;
/// How fast the place is learnt while nothing moves.
const PLACE_TAU_S: f64 = 30.0;
/// After a harsh manoeuvre a loose phone slides; that is no hand.
pub(super) const SLIDES_S: f64 = 3.0;
/// A hole in the frames longer than this ends an episode.
const HOLE_S: f64 = 5.0;

/// The watcher.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Handling {
    locked: Option<bool>,
    screen: Option<bool>,
    call: Option<Call>,
    place: Option<Vec3>,
    tilted_s: f64,
    still_s: f64,
    /// How long it has been too steady for a hand, and how long the force has said that it was not turned at all.
    steady_s: f64,
    doubted_s: f64,
    gyro2: f64,
    quick: f64,
    slides_until: Option<MonoTime>,
    open: Option<Episode>,
    /// The open episode as it was when a hand last moved the phone.
    sure: Option<Episode>,
    /// When it last moved, whether it could be used or not.
    moved: Option<(MonoTime, MonoTime)>,
}

impl Handling {
    /// A fact about the phone.
    pub(super) fn signal(&mut self, signal: &Signal) {
        match signal {
            Signal::Lock(locked) => self.locked = Some(*locked),
            Signal::Screen(on) => self.screen = Some(*on),
            Signal::Call(call) => self.call = Some(*call),
            Signal::Activity(..)
            | Signal::Steps(_)
            | Signal::Charging(_)
            | Signal::PowerSave(_)
            | Signal::Provider(_)
            | Signal::VehicleAudio(_)
            | Signal::SpeedLimit(_)
            | Signal::Permission(_)
            | Signal::Consent(_)
            | Signal::Duty(_)
            | Signal::Wake(_) => {}
        }
    }

    /// A manoeuvre peaked: a loose phone may slide now.
    pub(super) fn harsh_peak(&mut self, t: MonoTime) {
        self.slides_until = Some(t.plus(SLIDES_S));
    }

    /// Whether it was being moved about in that time, for longer than a jolt takes.
    pub(super) fn moved_in(&self, from: MonoTime, to: MonoTime) -> bool {
        self.moved.is_some_and(|(start, end)| start <= to && end >= from && end.since(start) >= JOLT_S)
    }

    /// One frame, whether the force bears out which way it has up, and whether the vehicle has a motor: legs on pedals
    /// shake a pocket as hands do. Hands out an episode that is over.
    pub(super) fn step(
        &mut self,
        config: &BehaviourConfig,
        frame: &Frame,
        borne_out: bool,
        motor: bool,
    ) -> Option<EventFacts> {
        let t = frame.state.t;
        let done = self.advance(config, t);
        let moved = self.moved(config, frame, borne_out);
        if moved {
            let since = self.moved.filter(|(_, end)| t.since(*end) < REST_S).map_or(t, |(start, _)| start);
            self.moved = Some((since, t));
        }
        let speed = frame.state.speed_mps.unwrap_or(0.0);
        let talks = self.call == Some(Call::Handheld);
        // One that is locked and dark lies about or swings in a pocket; in a hand it never stays still.
        let open = self.locked != Some(true) && self.screen != Some(false);
        let usable = talks || open || motor && self.shaken() > config.handling_gyro_rad_s;
        let slides = self.slides_until.is_some_and(|s| t < s);
        if !(moved && !slides || talks) || !usable || speed < config.handling_min_speed_mps {
            return done;
        }
        let now = Going { t, speed_mps: speed, position: frame.state.position };
        let stirs = self.steady_s <= 0.0 && self.shaken() > config.handling_gyro_rad_s;
        let began = Going { t: t.plus(-frame.dt_s), ..now };
        let e = self.open.get_or_insert(Episode::begin(began));
        e.hold(now, frame.dt_s, speed, crate::score::band(speed));
        e.weigh(now, speed);
        if stirs || talks {
            self.sure = Some(*e);
        }
        done
    }

    /// Time passes: an episode whose gap is too long is over.
    pub(super) fn advance(&mut self, config: &BehaviourConfig, t: MonoTime) -> Option<EventFacts> {
        if self.due(config)? > t {
            return None;
        }
        self.finish(config)
    }

    /// When the open episode is over if nothing more comes.
    pub(super) fn due(&self, config: &BehaviourConfig) -> Option<MonoTime> {
        Some(self.open?.over_at(config.handling_merge_s.max(HOLE_S)))
    }

    /// The open episode as it is.
    pub(super) fn finish(&mut self, config: &BehaviourConfig) -> Option<EventFacts> {
        let e = self.open.take()?;
        let by_hand = self.sure.take().is_some();
        let known = self.locked == Some(false) || self.screen == Some(true) || self.call == Some(Call::Handheld);
        let held_s = e.held().s;
        // Lying otherwise, and never moved as a hand does: it slid.
        if held_s < config.handling_min_s || !(by_hand || known) {
            return None;
        }
        Some(EventFacts {
            severity: Some(severity(held_s)),
            confidence: if known { 0.8 } else { 0.6 },
            band_s: Some(e.bands.map(|band| band.s)),
            ..e.facts(EventType::PhoneHandling)
        })
    }

    /// Whether it is out of its place or shaken as only a hand does.
    fn moved(&mut self, config: &BehaviourConfig, frame: &Frame, borne_out: bool) -> bool {
        let dt = frame.dt_s;
        let Some(up) = frame.state.up.map(|u| u.axis) else {
            return frame.mount == Mount::Handled;
        };
        if let Some(rate) = frame.rate_rad_s {
            let across = norm(axpy(rate, -dot(rate, up), up));
            let capped = across.min(JOLT_RAD_S);
            self.gyro2 += dt / (dt + GYRO_TAU_S) * (capped * capped - self.gyro2);
            self.quick += dt / (dt + QUICK_TAU_S) * (capped - self.quick);
        }
        self.still_s = if self.quick < STILL_RAD_S && frame.mount != Mount::Handled { self.still_s + dt } else { 0.0 };
        self.steady_s = if self.quick < STEADY_RAD_S { self.steady_s + dt } else { 0.0 };
        self.doubted_s = if borne_out { 0.0 } else { self.doubted_s + dt };
        let borne_out = self.doubted_s < DOUBTED_S;
        let place = *self.place.get_or_insert(up);
        let tilted = is_apart(place, up, config.handling_tilt_deg);
        self.tilted_s = if tilted && borne_out { self.tilted_s + dt } else { 0.0 };
        if self.steady_s > NEW_PLACE_S && tilted {
            // It has been lying here since it last moved: that was no hand any more.
            self.place = Some(up);
            self.open = self.open.and(self.sure);
        } else if self.still_s > NEW_PLACE_S {
            self.place = unit(axpy(place, dt / (dt + PLACE_TAU_S), axpy(up, -1.0, place)));
        }
        let handled = frame.mount == Mount::Handled || self.shaken() > config.handling_gyro_rad_s;
        self.tilted_s >= TILT_HOLDS_S || handled && borne_out
    }

    /// Turning across gravity over the last seconds, RMS, rad/s.
    fn shaken(&self) -> f64 {
        self.gyro2.sqrt()
    }
}

/// Whether two directions are further apart than this.
fn is_apart(a: Vec3, b: Vec3, by_deg: f64) -> bool {
    let cos = dot(a, b).clamp(-1.0, 1.0);
    let by2 = (by_deg * crate::geo::RAD_PER_DEG) * (by_deg * crate::geo::RAD_PER_DEG);
    // The first terms of a cosine are never less than the cosine: most frames need no more than them.
    cos < 1.0 - by2 / 2.0 + by2 * by2 / 24.0 && libm::acos(cos) / crate::geo::RAD_PER_DEG > by_deg
}

/// By how long it took: fifteen seconds are a message, a minute is a conversation.
fn severity(held_s: f64) -> Severity {
    if held_s >= 60.0 {
        Severity::High
    } else if held_s >= 15.0 {
        Severity::Medium
    } else {
        Severity::Low
    }
}
