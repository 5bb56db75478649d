//! Whether the phone stays where it is in the vehicle: handled, put back, and where gravity lies in this mount on the
//! long run. The forward axis is left to `align` and `filter`.

use serde::{Deserialize, Serialize};

use super::Mount;
use super::cell::Cell;
use super::strapdown::nearly_unit;
use crate::num::{Vec3, axpy, dot, unit};

/// Turning across gravity as no vehicle does, rad/s.
const TUMBLE_RAD_S: f64 = 1.5;
/// Cosine of the tilt against the mount's mean beyond any road (15°).
const TILT_COS: f64 = 0.966;
/// The same for a phone without gyroscope, whose tilt is a mean of the force (35°: a hard brake makes 27°).
const TILT_COS_BLIND: f64 = 0.82;
/// How long it must last: a pothole does not.
const HANDLED_AFTER_S: f64 = 0.16;
/// Turning across gravity in a phone that lies still, rad/s.
const CALM_RAD_S: f64 = 0.35;
/// How long it must be calm to be put down.
const CALM_S: f64 = 3.0;
/// Memory of the mean tilt while fixed: longer than a hill.
const MEAN_S: f64 = 60.0;
/// Memory of the mean force: longer than a district.
const GRAVITY_S: f64 = 600.0;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was taken up.
    Taken,
    /// It was put down, elsewhere or otherwise.
    Placed,
}

/// The watch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MountWatch {
    status: Mount,
    number: u32,
    mean_up: Option<Vec3>,
    age_s: f64,
    odd_s: f64,
    calm_s: f64,
    gravity: Vec3,
    gravity_s: f64,
}

impl MountWatch {
    /// Takes a cell and where up is now; `explained` is the acceleration of the vehicle in the phone frame, as far as
    /// known, `moving` that it drives, and `sure` that `up` is known well enough to tell a touch from an error.
    pub fn push(
        &mut self,
        cell: &Cell,
        rate: Option<Vec3>,
        up: Vec3,
        explained: Vec3,
        moving: bool,
        sure: bool,
    ) -> Option<Change> {
        let dt = cell.dt_s;
        let mean = *self.mean_up.get_or_insert(up);
        let across2 = rate.map_or(0.0, |w| dot(w, w) - dot(w, up) * dot(w, up));
        let limit = if rate.is_some() { TILT_COS } else { TILT_COS_BLIND };
        // A tilt that is itself in doubt accuses nobody.
        let odd = across2 > TUMBLE_RAD_S * TUMBLE_RAD_S || (dot(mean, up) < limit && (sure || rate.is_none()));
        self.odd_s = if odd { self.odd_s + dt } else { 0.0 };
        self.calm_s = if across2 < CALM_RAD_S * CALM_RAD_S && !odd { self.calm_s + dt } else { 0.0 };
        self.age_s += dt;
        let memory = if self.status == Mount::Fixed { self.age_s.clamp(1.0, MEAN_S) } else { 1.0 };
        let moved = axpy(mean, (dt / memory).min(1.0), axpy(up, -1.0, mean));
        self.mean_up = Some(nearly_unit(moved));
        if self.status == Mount::Fixed && moving {
            self.gravity_s = (self.gravity_s + dt).min(GRAVITY_S);
            let k = dt / self.gravity_s.max(dt).max(1e-3);
            let force = axpy(cell.force, -1.0, explained);
            self.gravity = axpy(self.gravity, k, axpy(force, -1.0, self.gravity));
        }
        match self.status {
            Mount::Fixed if self.odd_s >= HANDLED_AFTER_S => {
                self.status = Mount::Handled;
                self.restart();
                Some(Change::Taken)
            }
            Mount::Handled if self.calm_s >= CALM_S => {
                self.status = Mount::Fixed;
                self.number += 1;
                self.restart();
                Some(Change::Placed)
            }
            Mount::Unknown if self.calm_s >= CALM_S => {
                self.status = Mount::Fixed;
                self.restart();
                None
            }
            Mount::Unknown | Mount::Fixed | Mount::Handled => None,
        }
    }

    fn restart(&mut self) {
        self.age_s = 0.0;
        self.odd_s = 0.0;
        self.calm_s = 0.0;
        self.gravity = [0.0; 3];
        self.gravity_s = 0.0;
        self.mean_up = None;
    }

    /// The forward axis moved without a touch being noticed.
    pub fn slipped(&mut self) {
        self.number += 1;
        self.restart();
    }

    /// Whether it stays where it is.
    pub fn status(&self) -> Mount {
        self.status
    }

    /// Re-mounts so far.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Mean up of this mount by the force, and over how many seconds of driving.
    pub fn gravity(&self) -> Option<(Vec3, f64)> {
        Some((unit(self.gravity)?, self.gravity_s))
    }
}
