//! What a fix is worth: its position, speed and course with their sigmas, each filed under the moment that it
//! describes. Speed and course that a receiver leaves out are taken from steps of its position.

use super::align::Reading;
use super::estimator::{Estimator, LastFix, StepFrom};
use super::location::{DEFAULT_ACCURACY_M, Point};
use super::path::Pin;
use super::plane::Plane;
use super::updates::{Measurement, What};
use crate::geo::{LatLon, RAD_PER_DEG};
use crate::sample::Fix;

/// Noise of a receiver's speed under an open sky, m/s, where it says one; 0.15 is what phones reach.
const SPEED_SIGMA: f64 = 0.2;
/// Houses spoil speeds as they spoil places: beyond this sigma of the place, in proportion, up to so much.
const OPEN_SKY_M: f64 = 4.0;
const WORST_SKY: f64 = 4.0;
/// Noise of its course: 1.5° and, at low speed, what velocity noise makes of it.
const COURSE_SIGMA_RAD: f64 = 0.025;
const COURSE_NOISE_MPS: f64 = 0.2;
/// Below this speed a course says nothing.
const COURSE_MIN_MPS: f64 = 2.0;
/// A step this long, in metres, gives a course and a speed.
const STEP_M: f64 = 10.0;
/// Noise of a step over some seconds.
const STEP_SIGMA_M: f64 = 1.2;
/// No receiver is better than this.
const BEST_ACCURACY_M: f64 = 2.0;
/// The radius within which 68 % lie is so many sigmas of each axis (Rayleigh).
const RADIUS_68: f64 = 1.51;
/// How long an acceleration is remembered.
const SLOPE_FADES_S: f64 = 2.0;
/// Measurements waiting: 2.4 s of a 10 Hz receiver with three each.
const MAX_QUEUE: usize = 96;

impl Estimator {
    pub(super) fn take_fix(&mut self, fix: &Fix) {
        let t_s = self.seconds(fix.t);
        let place = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
        let (east, north) = self.on_plane(place);
        let sigma = fix.hacc_m.map_or(DEFAULT_ACCURACY_M, f64::from).max(BEST_ACCURACY_M) / RADIUS_68;
        let step = self.stride(t_s, east, north, sky(sigma));
        let speed = fix.speed_mps.map(f64::from);
        let course = fix
            .bearing_deg
            .filter(|_| speed.is_none_or(|v| v > COURSE_MIN_MPS))
            .map(|b| (90.0 - f64::from(b)) * RAD_PER_DEG);
        let interval_s = self.last_fix.map_or(1.0, |l| (t_s - l.t_s).max(0.05));
        let point = Point {
            t_s,
            east,
            north,
            sigma,
            speed,
            velocity: match (speed, course) {
                (Some(v), Some(psi)) => {
                    let (sin, cos) = libm::sincos(psi);
                    Some((v * cos, v * sin))
                }
                (Some(_), None) | (None, Some(_)) | (None, None) => None,
            },
            alt_m: fix.alt_m.map(|m| libm::roundf(m) as i16),
        };
        self.location.fix(&point);
        // What was felt some seconds ago may still be under way in the receiver.
        let faded = self.last_fix.map_or(1.0, |l| l.slope / (1.0 + interval_s / SLOPE_FADES_S));
        let slope = self.location.at(t_s, 0.0).and_then(|k| k.slope).map_or(1.0, f64::abs).max(faded);
        let with_imu = self.live(t_s).is_some();
        if with_imu {
            self.file(t_s, &point, course, step);
        }
        self.last_fix = Some(LastFix { t_s, speed, slope, hacc: sigma, interval_s, course });
        if with_imu {
            self.try_to_drive();
        }
        let driving = self.live(t_s).is_some_and(|a| a.filter.driving);
        if !driving {
            self.node_of_fix(&point);
        }
    }

    fn file(&mut self, t_s: f64, point: &Point, course: Option<f64>, step: Option<Step>) {
        let sky = sky(point.sigma);
        let told = point.speed.map(|v| (v, SPEED_SIGMA * sky));
        if let Some((speed, sigma)) = told.or(step.map(|s| (s.speed, s.speed_sigma))) {
            self.bank.fix(Reading { t_s, speed, sigma, course }, &self.history);
        }
        if !self.attitude.as_ref().is_some_and(|a| a.filter.driving) {
            return;
        }
        let lag = self.bank.lag();
        let (was, _) = self.position_lag.lag();
        let speed_sigma = self.attitude.as_ref().map_or(1.0, |a| a.filter.variance(super::filter::V).sqrt());
        self.position_lag.fix(t_s, point.east, point.north, point.sigma, speed_sigma, lag.mean_s, &self.history);
        self.later(self.position_lag.lag().0 - was);
        let acceleration = self.last_fix.map_or(1.0, |l| l.slope);
        let position_t_s = t_s - self.position_lag_s();
        if let Some((speed, own)) = told {
            let sigma = (own * own + square(acceleration * lag.sigma_s)).sqrt();
            self.queue_up(t_s - lag.mean_s, What::Speed(speed, sigma));
            if let Some(psi) = course {
                let sigma = COURSE_SIGMA_RAD + COURSE_NOISE_MPS * sky / speed.max(1.0) + 0.1 * lag.sigma_s;
                self.queue_up(t_s - lag.mean_s, What::Course(psi, sigma));
            }
        } else if let Some(s) = step {
            self.queue_up(s.middle_s - self.position_lag_s(), What::Speed(s.speed, s.speed_sigma));
        }
        if course.is_none()
            && let Some(s) = step
            && s.speed > COURSE_MIN_MPS
        {
            self.queue_up(s.middle_s - self.position_lag_s(), What::Course(s.course, s.course_sigma));
        }
        let late = point.speed.unwrap_or(10.0) * self.position_lag.lag().1.min(0.5);
        let sigma = (square(point.sigma) + late * late).sqrt();
        let Point { east, north, alt_m, .. } = *point;
        self.queue_up(position_t_s, What::Position(Pin { east, north, sigma, alt_m }));
    }

    /// The receiver's positions turn out to be later by so much than was thought: all that rests on them lies ahead.
    fn later(&mut self, by_s: f64) {
        let Some((east, north)) = self.attitude.as_ref().map(|a| a.mean_velocity) else { return };
        self.path.shift(by_s * east, by_s * north);
    }

    /// Files a measurement by its time.
    fn queue_up(&mut self, t_s: f64, what: What) {
        if self.queue.len() >= MAX_QUEUE {
            self.queue.pop_front();
        }
        let i = self.queue.iter().rposition(|m| m.t_s <= t_s).map_or(0, |i| i + 1);
        self.queue.insert(i, Measurement { t_s, what });
    }

    /// A step in position that is long enough to tell a speed and a course.
    fn stride(&mut self, t_s: f64, east: f64, north: f64, sky: f64) -> Option<Step> {
        let from = *self.step_from.get_or_insert(StepFrom { t_s, east, north });
        let (de, dn, dt) = (east - from.east, north - from.north, t_s - from.t_s);
        let length = (de * de + dn * dn).sqrt();
        if length < STEP_M && dt < 5.0 {
            return None;
        }
        self.step_from = Some(StepFrom { t_s, east, north });
        if !(0.05..60.0).contains(&dt) {
            return None;
        }
        // A long step may have been a bend.
        Some(Step {
            middle_s: 0.5 * (t_s + from.t_s),
            speed: length / dt,
            speed_sigma: sky * STEP_SIGMA_M / dt + 0.1 * dt,
            course: libm::atan2(dn, de),
            course_sigma: sky * STEP_SIGMA_M / length.max(1.0) + 0.02 + 0.03 * dt,
        })
    }

    fn on_plane(&mut self, place: LatLon) -> (f64, f64) {
        let plane = *self.plane.get_or_insert_with(|| Plane::at(place));
        let (east, north) = plane.to_metres(place);
        if !plane.at_edge(east, north) {
            return (east, north);
        }
        self.plane = Some(Plane::at(place));
        self.shift(-east, -north);
        (0.0, 0.0)
    }

    /// Everything in metres follows the map.
    fn shift(&mut self, east: f64, north: f64) {
        self.location.shift(east, north);
        self.path.shift(east, north);
        self.position_lag.shift(east, north);
        if let Some(from) = &mut self.step_from {
            from.east += east;
            from.north += north;
        }
        for m in &mut self.queue {
            if let What::Position(pin) = &mut m.what {
                pin.east += east;
                pin.north += north;
            }
        }
    }
}

/// A step from fix to fix.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    middle_s: f64,
    speed: f64,
    speed_sigma: f64,
    course: f64,
    course_sigma: f64,
}

/// How much worse than under an open sky a receiver with this sigma of the place is.
fn sky(sigma_m: f64) -> f64 {
    (sigma_m / OPEN_SKY_M).clamp(1.0, WORST_SKY)
}

fn square(x: f64) -> f64 {
    x * x
}
