//! Motion from fixes alone: position and velocity by a constant-velocity Kalman filter, speed and its slope by a second
//! one. It serves phones without an IMU, bicycles, walkers, and the time before the mount is known.

use serde::{Deserialize, Serialize};

/// What a receiver knows of its position where it does not say, m.
pub const DEFAULT_ACCURACY_M: f64 = 5.0;
/// Acceleration of anything on a road, m/s², as white noise over a second.
const ACCELERATION: f64 = 1.0;
/// Noise of a receiver's speed, m/s.
const SPEED_SIGMA: f64 = 0.3;
/// Course below this speed is noise.
const COURSE_MIN_MPS: f64 = 1.0;
/// How long acceleration lasts.
const ACCELERATION_S: f64 = 4.0;
/// The speed is carried on no further than this.
const CARRY_S: f64 = 4.0;
/// How late a velocity may be, s, where no IMU tells.
const LAG_SIGMA_S: f64 = 1.2;
/// What a vehicle does while nothing is known of it, m/s.
const LOST_MPS: f64 = 8.0;
/// A jump beyond so many sigmas starts over: the filter was wrong, or the receiver found itself.
const JUMP_CHI2: f64 = 25.0;

/// One clean fix in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Time on the filter's axis.
    pub t_s: f64,
    /// Metres east.
    pub east: f64,
    /// Metres north.
    pub north: f64,
    /// One sigma of each.
    pub sigma: f64,
    /// Speed over ground.
    pub speed: Option<f64>,
    /// Velocity towards east and north, where speed and course are known.
    pub velocity: Option<(f64, f64)>,
    /// Height, whole metres.
    pub alt_m: Option<i16>,
}

/// The filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Location {
    known: bool,
    t_s: f64,
    east: f64,
    north: f64,
    v_east: f64,
    v_north: f64,
    /// Variances of position and velocity and their covariance, the same for both axes.
    p: [f64; 3],
    speed: Option<f64>,
    slope: f64,
    /// Of speed and slope.
    q: [f64; 3],
    interval_s: f64,
}

impl Location {
    /// Takes the next fix.
    pub fn fix(&mut self, point: &Point) {
        let dt = point.t_s - self.t_s;
        if !self.known || dt > 60.0 {
            return self.restart(point);
        }
        self.interval_s += 0.3 * (dt - self.interval_s);
        self.predict(dt);
        let (de, dn) = (point.east - self.east, point.north - self.north);
        let [pp, _, _] = self.p;
        let r = point.sigma * point.sigma;
        if (de * de + dn * dn) / (pp + r) > JUMP_CHI2 {
            return self.restart(point);
        }
        self.update(de, dn, r);
        if let Some((ve, vn)) = point.velocity {
            self.update_velocity(ve, vn);
        } else if let Some(speed) = point.speed {
            let now = (self.v_east * self.v_east + self.v_north * self.v_north).sqrt();
            if now > 0.5 || speed < 0.5 {
                let k = speed / now.max(0.5);
                self.update_velocity(self.v_east * k, self.v_north * k);
            }
        }
        self.update_speed(point.speed, dt);
    }

    fn restart(&mut self, point: &Point) {
        let (v_east, v_north) = point.velocity.unwrap_or((0.0, 0.0));
        let velocity_sigma = if point.velocity.is_some() { 1.0 } else { 10.0 };
        *self = Self {
            known: true,
            t_s: point.t_s,
            east: point.east,
            north: point.north,
            v_east,
            v_north,
            p: [point.sigma * point.sigma, velocity_sigma * velocity_sigma, 0.0],
            speed: point.speed,
            slope: 0.0,
            q: [SPEED_SIGMA * SPEED_SIGMA, 1.0, 0.0],
            interval_s: if self.known { self.interval_s } else { 1.0 },
        };
    }

    fn predict(&mut self, dt: f64) {
        self.t_s += dt;
        self.east += self.v_east * dt;
        self.north += self.v_north * dt;
        let [pp, vv, pv] = self.p;
        let q = ACCELERATION * ACCELERATION;
        self.p =
            [pp + dt * (2.0 * pv + dt * vv) + q * dt * dt * dt / 3.0, vv + q * dt, pv + dt * vv + q * dt * dt / 2.0];
    }

    fn update(&mut self, de: f64, dn: f64, r: f64) {
        let [pp, vv, pv] = self.p;
        let s = pp + r;
        let (k, kv) = (pp / s, pv / s);
        self.east += k * de;
        self.north += k * dn;
        self.v_east += kv * de;
        self.v_north += kv * dn;
        self.p = [(1.0 - k) * (1.0 - k) * pp + k * k * r, vv - kv * pv, (1.0 - k) * pv];
    }

    fn update_velocity(&mut self, ve: f64, vn: f64) {
        let [pp, vv, pv] = self.p;
        let r = SPEED_SIGMA * SPEED_SIGMA;
        let s = vv + r;
        let (k, kp) = (vv / s, pv / s);
        let (de, dn) = (ve - self.v_east, vn - self.v_north);
        self.v_east += k * de;
        self.v_north += k * dn;
        self.east += kp * de;
        self.north += kp * dn;
        self.p = [pp - kp * pv, (1.0 - k) * (1.0 - k) * vv + k * k * r, (1.0 - k) * pv];
    }

    /// Speed with an acceleration that dies out (Singer 1970, IEEE Trans. Aerospace 6:473).
    fn update_speed(&mut self, measured: Option<f64>, dt: f64) {
        let Some(measured) = measured else {
            self.speed = None;
            return;
        };
        let Some(speed) = self.speed else {
            self.speed = Some(measured);
            self.slope = 0.0;
            self.q = [SPEED_SIGMA * SPEED_SIGMA, 1.0, 0.0];
            return;
        };
        let keep = 1.0 / (1.0 + dt / ACCELERATION_S);
        let [ss, aa, sa] = self.q;
        let predicted = speed + self.slope * dt;
        let slope = self.slope * keep;
        let noise = ACCELERATION * ACCELERATION * (1.0 - keep * keep);
        let q = [
            ss + 2.0 * dt * sa + dt * dt * aa + noise * dt * dt / 3.0,
            keep * keep * aa + noise,
            keep * (sa + dt * aa),
        ];
        let [ss, aa, sa] = q;
        let s = ss + SPEED_SIGMA * SPEED_SIGMA;
        let (k, ka) = (ss / s, sa / s);
        self.speed = Some((predicted + k * (measured - predicted)).max(0.0));
        self.slope = slope + ka * (measured - predicted);
        self.q = [ss * (1.0 - k), aa - ka * sa, sa * (1.0 - k)];
    }

    /// What is known at `t_s`; `None` before the first fix.
    pub fn at(&self, t_s: f64, lag_s: f64) -> Option<Known> {
        if !self.known {
            return None;
        }
        let since = (t_s - self.t_s).max(0.0);
        let [_, vv, _] = self.p;
        let vv = vv + ACCELERATION * ACCELERATION * since;
        let derived = (self.v_east * self.v_east + self.v_north * self.v_north).sqrt();
        let lead = lag_s + since.min(ACCELERATION_S);
        let speed = self.speed.map_or(derived, |s| (s + self.slope * lead).max(0.0));
        let [ss, aa, _] = if self.speed.is_some() { self.q } else { [vv, 0.0, 0.0] };
        let late = if lag_s > 0.0 { 0.0 } else { self.slope * LAG_SIGMA_S };
        // What an acceleration that dies out may have become meanwhile, and what that does to the speed.
        let a2 = ACCELERATION * ACCELERATION;
        let (slope_changed, speed_changed) =
            (2.0 * a2 * lead / (lead + ACCELERATION_S), a2 * lead * lead * lead / (1.5 * ACCELERATION_S));
        let speed_sigma = (ss + lead * lead * aa + late * late + speed_changed + a2 * since).sqrt();
        // Old fixes say where, no longer how fast.
        let fresh = since < CARRY_S.max(3.0 * self.interval_s) + 10.0;
        Some(Known {
            speed: fresh.then_some(speed),
            speed_sigma,
            slope_variance: aa + slope_changed,
            slope: if self.speed.is_some() && since < 3.0 { Some(self.slope) } else { None },
            psi: (derived > COURSE_MIN_MPS).then(|| libm::atan2(self.v_north, self.v_east)),
        })
    }

    /// Velocity towards east and north.
    pub fn velocity(&self) -> (f64, f64) {
        (self.v_east, self.v_north)
    }

    /// Displacement within so many seconds after the last fix, and one sigma of its velocity's error. A velocity is
    /// carried on no further than fixes are apart, or some seconds.
    pub fn carried(&self, seconds: f64) -> ((f64, f64), f64) {
        let carried = seconds.clamp(0.0, CARRY_S.max(1.5 * self.interval_s));
        let [_, vv, _] = self.p;
        let late = self.slope * LAG_SIGMA_S;
        let sigma = (vv + late * late + ACCELERATION * ACCELERATION * carried).sqrt();
        let lost = (seconds - carried).max(0.0) / seconds.max(1.0);
        ((self.v_east * carried, self.v_north * carried), sigma + LOST_MPS * lost)
    }

    /// The map was moved.
    pub fn shift(&mut self, east: f64, north: f64) {
        self.east += east;
        self.north += north;
    }
}

/// What fixes alone tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// Speed, unless too old.
    pub speed: Option<f64>,
    /// Its sigma.
    pub speed_sigma: f64,
    /// Slope of the speed, where fixes carry one.
    pub slope: Option<f64>,
    /// Its variance, as the acceleration of now.
    pub slope_variance: f64,
    /// Direction, radians counter-clockwise from east, unless too slow.
    pub psi: Option<f64>,
}
