//! The receiver: correlated and white error, lag of speed and course (and on some phones of the position), high houses,
//! tunnels, the first fix, the interval that is asked for, fixes out of the cache.

use std::collections::VecDeque;

use milepost_engine::contract::GnssPlan;
use milepost_engine::sample::{Fix, MonoTime};

use crate::carried::Carried;
use crate::maths::Drift;
use crate::place::Origin;
use crate::rng::Rng;
use crate::road::Sky;

/// How good the receiver is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GnssStyle {
    pub interval_s: f64,
    /// Whether it is asked for from the start.
    pub on: bool,
    /// `None`: drawn, pinned to U(0, 2.2) s.
    pub lag_s: Option<f64>,
    /// Whether the position is late too. `None`: every other phone.
    pub position_lags: Option<bool>,
    /// From switching on to the first fix. `None`: drawn from 5–40 s.
    pub first_fix_s: Option<f64>,
    /// Fixes out of the cache, per hour.
    pub cached_per_h: f64,
    /// Whether it tells speed and course.
    pub velocity: bool,
}

impl Default for GnssStyle {
    fn default() -> Self {
        Self {
            interval_s: 1.0,
            on: true,
            lag_s: None,
            position_lags: None,
            first_fix_s: None,
            cached_per_h: 3.0,
            velocity: true,
        }
    }
}

/// Pinned hardness: Gauss-Markov of 3 m and 60 s and 0.6 m of white noise on each axis, speed 0.15 m/s.
const DRIFT_M: f64 = 3.0;
const DRIFT_TAU_S: f64 = 60.0;
const WHITE_M: f64 = 0.6;
const SPEED_MPS: f64 = 0.15;
const MAX_LAG_S: f64 = 2.2;
/// Between high houses the errors are this much larger.
const CANYON: f64 = 3.5;
/// The receiver needs this long to come back after it saw nothing, and this long to be as good as before.
const REACQUIRE_S: (f64, f64) = (1.0, 6.0);

/// In houses: standard deviation of the slow error, and how often the position jumps.
const INDOOR_M: f64 = 13.0;
const INDOOR_JUMPS_PER_H: f64 = 4.0;

/// A dozing phone is asked again for a network position after this long.
const NETWORK_DOZE_S: f64 = 60.0;

/// True states are kept at this spacing for as long as a lag may be.
const KEEP_EVERY_S: f64 = 0.1;
const KEEP: usize = 26;

#[derive(Clone, Copy, Debug)]
struct Past {
    t_s: f64,
    east_m: f64,
    north_m: f64,
    speed_mps: f64,
    heading_rad: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct Gnss {
    rng: Rng,
    style: GnssStyle,
    pub lag_s: f64,
    pub position_lag_s: f64,
    east: Drift,
    north: Drift,
    up: Drift,
    past: VecDeque<Past>,
    next_keep_s: f64,
    next_fix_s: f64,
    blind_until_s: f64,
    canyon: f64,
    last: Option<Fix>,
    next_cached_s: f64,
    asked: GnssPlan,
    off_since_s: f64,
    /// Indoors: where the last jump went, and until when it is believed.
    jump: (f64, f64),
    jump_until_s: f64,
    next_jump_s: f64,
}

/// The drifts are stepped once a second.
const DRIFT_DT_S: f64 = 1.0;

impl Gnss {
    pub fn new(mut rng: Rng, style: GnssStyle) -> Self {
        let lag_s = style.lag_s.unwrap_or_else(|| rng.range(0.0, MAX_LAG_S));
        let drawn = rng.chance(0.5);
        let position_lag_s = if style.position_lags.unwrap_or(drawn) { lag_s } else { 0.0 };
        let first = style.first_fix_s.unwrap_or_else(|| rng.range(5.0, 40.0));
        let mut drift = || Drift::new(DRIFT_TAU_S, DRIFT_DT_S, &mut rng);
        let (east, north, up) = (drift(), drift(), drift());
        // Receivers fix on the GNSS second, which falls anywhere on the phone's own axis.
        let phase = rng.unit();
        let next_cached_s = rng.wait(style.cached_per_h / 3600.0);
        Self {
            rng,
            style,
            lag_s,
            position_lag_s,
            east,
            north,
            up,
            past: VecDeque::with_capacity(KEEP),
            next_keep_s: 0.0,
            next_fix_s: if style.on { first.floor() + phase } else { f64::INFINITY },
            blind_until_s: 0.0,
            canyon: 1.0,
            last: None,
            next_cached_s,
            asked: if style.on { GnssPlan::Every(style.interval_s) } else { GnssPlan::Off },
            off_since_s: -1e9,
            jump: (0.0, 0.0),
            jump_until_s: 0.0,
            next_jump_s: 0.0,
        }
    }

    /// The host asks for something else from `t_s` on.
    pub fn ask(&mut self, t_s: f64, plan: GnssPlan) {
        if plan == self.asked {
            // Who asks for the same again waits no longer for it.
            return;
        }
        let was_on = matches!(self.asked, GnssPlan::Every(_));
        match plan {
            GnssPlan::Every(interval_s) => {
                self.style.interval_s = interval_s.max(0.1);
                if !was_on {
                    // A receiver that was on a moment ago still knows its satellites.
                    let warm = t_s - self.off_since_s < 300.0;
                    let first = if warm { self.rng.range(1.0, 5.0) } else { self.rng.range(5.0, 40.0) };
                    self.next_fix_s = t_s + self.style.first_fix_s.unwrap_or(first);
                } else {
                    self.next_fix_s = self.next_fix_s.min(t_s + interval_s);
                }
            }
            GnssPlan::LowPower => self.next_fix_s = t_s + self.rng.range(20.0, 120.0),
            GnssPlan::Off => self.next_fix_s = f64::INFINITY,
        }
        if was_on && !matches!(plan, GnssPlan::Every(_)) {
            self.off_since_s = t_s;
        }
        self.asked = plan;
    }

    /// The receiver itself is asked for.
    pub fn is_on(&self) -> bool {
        matches!(self.asked, GnssPlan::Every(_))
    }

    /// Network positions wait for a phone that dozes.
    pub fn sleeps(&mut self, t_s: f64) {
        if t_s >= self.next_fix_s {
            self.next_fix_s = t_s + NETWORK_DOZE_S;
        }
    }

    /// From now on nothing is ever received again.
    pub fn dies(&mut self) {
        self.asked = GnssPlan::Off;
        self.next_fix_s = f64::INFINITY;
        self.next_cached_s = f64::INFINITY;
    }

    /// One step of the world. `time` puts seconds of the world on the input's axis.
    pub fn step(&mut self, t_s: f64, now: &Carried, origin: &Origin, time: impl Fn(f64) -> MonoTime) -> Option<Fix> {
        if t_s >= self.next_keep_s {
            self.next_keep_s += KEEP_EVERY_S;
            if self.past.len() == KEEP {
                self.past.pop_front();
            }
            let Carried { east_m, north_m, speed_mps, heading_rad, .. } = *now;
            self.past.push_back(Past { t_s, east_m, north_m, speed_mps, heading_rad });
        }
        if now.sky == Sky::Tunnel && t_s > self.blind_until_s - REACQUIRE_S.0 {
            self.blind_until_s = t_s + self.rng.range(REACQUIRE_S.0, REACQUIRE_S.1);
        }
        if t_s < self.next_fix_s {
            return None;
        }
        let fix_s = self.next_fix_s;
        let network = match self.asked {
            GnssPlan::Off => return None,
            GnssPlan::LowPower => {
                self.next_fix_s += self.rng.range(40.0, 300.0);
                true
            }
            GnssPlan::Every(interval_s) => {
                self.next_fix_s += interval_s;
                false
            }
        };
        let seconds = (self.style.interval_s / DRIFT_DT_S).round().max(1.0) as u32;
        for _ in 0..seconds.min(600) {
            for drift in [&mut self.east, &mut self.north, &mut self.up] {
                drift.step(&mut self.rng);
            }
        }
        if t_s < self.blind_until_s {
            return None;
        }
        if t_s >= self.next_cached_s {
            self.next_cached_s = t_s + self.rng.wait(self.style.cached_per_h / 3600.0);
            if let Some(old) = self.last {
                return Some(Fix { arrived: Some(time(t_s)), ..old });
            }
        }
        if network || now.sky == Sky::Indoors {
            return self.indoors(fix_s, t_s, now, origin, time);
        }
        self.fix(fix_s, t_s, now, origin, time)
    }

    /// Positions made from radio cells and access points, as one gets them in houses: coarse, and now and then the
    /// phone believes to be at another access point's old address.
    fn indoors(
        &mut self,
        fix_s: f64,
        t_s: f64,
        now: &Carried,
        origin: &Origin,
        time: impl Fn(f64) -> MonoTime,
    ) -> Option<Fix> {
        if self.rng.chance(0.4) {
            return None;
        }
        if t_s >= self.next_jump_s {
            let (s, c) = libm::sincos(self.rng.range(-3.1, 3.1));
            let far = 60.0 * libm::exp(0.9 * self.rng.normal()) + 20.0;
            self.jump = (far.min(900.0) * c, far.min(900.0) * s);
            self.jump_until_s = if self.next_jump_s > 0.0 { t_s + self.rng.range(2.0, 60.0) } else { 0.0 };
            self.next_jump_s = t_s + self.rng.wait(INDOOR_JUMPS_PER_H / 3600.0);
        }
        let (je, jn) = if t_s < self.jump_until_s { self.jump } else { (0.0, 0.0) };
        let rng = &mut self.rng;
        let east_m = now.east_m + je + INDOOR_M * self.east.x + 3.0 * rng.normal();
        let north_m = now.north_m + jn + INDOOR_M * self.north.x + 3.0 * rng.normal();
        let at = origin.at(east_m, north_m);
        let doppler = rng.chance(0.4);
        let speed = (0.35 * rng.normal()).abs();
        let fix = Fix {
            t: time(fix_s),
            lat_deg: at.lat_deg,
            lon_deg: at.lon_deg,
            alt_m: None,
            speed_mps: doppler.then_some(if speed < 0.3 { 0.0 } else { speed } as f32),
            bearing_deg: None,
            hacc_m: Some((rng.range(1.0, 2.5) * INDOOR_M).round() as f32),
            arrived: Some(time(t_s + rng.range(0.05, 1.5))),
            wall_ms: None,
            mock: false,
        };
        self.last = Some(fix);
        Some(fix)
    }

    fn fix(
        &mut self,
        fix_s: f64,
        t_s: f64,
        now: &Carried,
        origin: &Origin,
        time: impl Fn(f64) -> MonoTime,
    ) -> Option<Fix> {
        let place = self.back(fix_s - self.position_lag_s)?;
        let motion = self.back(fix_s - self.lag_s)?;
        let goal = if now.sky == Sky::Canyon { CANYON } else { 1.0 };
        self.canyon += 0.15 * (goal - self.canyon);
        let (k, rng) = (self.canyon, &mut self.rng);
        let east_m = place.east_m + k * (DRIFT_M * self.east.x + WHITE_M * rng.normal());
        let north_m = place.north_m + k * (DRIFT_M * self.north.x + WHITE_M * rng.normal());
        let at = origin.at(east_m, north_m);
        let speed = (motion.speed_mps + SPEED_MPS * k * rng.normal()).max(0.0);
        // The course comes from the same velocity: as wrong sideways as the speed is along.
        let course = motion.heading_rad + SPEED_MPS * k * rng.normal() / motion.speed_mps.max(0.3);
        let bearing = (90.0 - course / milepost_engine::geo::RAD_PER_DEG).rem_euclid(360.0);
        let hacc = DRIFT_M * 1.51 * k * rng.range(0.8, 1.3);
        let fix = Fix {
            t: time(fix_s),
            lat_deg: at.lat_deg,
            lon_deg: at.lon_deg,
            alt_m: Some((now.alt_m + 6.0 * k * self.up.x) as f32),
            speed_mps: self.style.velocity.then_some(if speed < 0.25 { 0.0 } else { speed } as f32),
            bearing_deg: (self.style.velocity && speed > 0.7).then_some(bearing as f32),
            hacc_m: Some(((hacc * 10.0).round() / 10.0) as f32),
            arrived: Some(time(t_s + rng.range(0.05, 0.4))),
            wall_ms: None,
            mock: false,
        };
        self.last = Some(fix);
        Some(fix)
    }

    /// The true state at a time, between two that were kept; the oldest for what is before.
    fn back(&self, t_s: f64) -> Option<Past> {
        let after = self.past.iter().rposition(|p| p.t_s <= t_s);
        let Some(i) = after else { return self.past.front().copied() };
        let a = *self.past.get(i)?;
        let Some(b) = self.past.get(i + 1) else { return Some(a) };
        let x = (t_s - a.t_s) / (b.t_s - a.t_s);
        let mix = |p: f64, q: f64| p + x * (q - p);
        Some(Past {
            t_s,
            east_m: mix(a.east_m, b.east_m),
            north_m: mix(a.north_m, b.north_m),
            speed_mps: mix(a.speed_mps, b.speed_mps),
            heading_rad: mix(a.heading_rad, b.heading_rad),
        })
    }
}
