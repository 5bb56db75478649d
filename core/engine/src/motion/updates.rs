//! What is measured, and how well: speed, course, position of fixes; the road's own rules (a car does not slide, rests
//! when it rests, a mount's mean force is gravity). Gates with their reasons are here; the algebra is in `filter`.

use serde::{Deserialize, Serialize};

use super::align::wrap;
use super::filter::{AL, BA, BG, E1, E2, Filter, Outcome, PSI, Span, V};
use super::path::Pin;
use crate::num::{Vec3, dot};

/// χ² of one degree of freedom that happens once in 20 000: beyond, a measurement is wrong.
const GATE: f64 = 16.3;
/// After so many in a row the filter is wrong; where fixes are rare, it must not take a minute.
const MAX_REJECTED: u8 = 3;
const MAX_REJECTED_RARE: u8 = 2;
const RARE_S: f64 = 3.0;
/// Faster than this nobody drives backwards.
const REVERSING_MPS: f64 = 3.0;
/// A standing vehicle's speed, m/s.
const STANDING_MPS: f64 = 0.05;
/// Force at rest shows gravity to so many m/s²: idling, wind, doors.
const REST_FORCE_MPS2: f64 = 0.1;
/// Mean rotation over a second at rest, rad/s.
const REST_RATE_RAD_S: f64 = 0.0006;
/// A bend so even that it looks like rest is over by then.
const LONGEST_BEND_S: f64 = 10.0;
/// A car's lateral force is v·ω to so many m/s² over a second: slip, and the phone ahead of the rear axle.
const LATERAL_MPS2: f64 = 0.3;
/// Acceleration of a vehicle of which nothing is known: its RMS, and how long it lasts.
const UNKNOWN_MPS2: (f64, f64) = (1.2, 4.0);
/// The same for a known forward axis without fixes; at this speed it is half, because engines are weak and brakes are
/// for the end of the road.
const OUTAGE_MPS2: (f64, f64) = (0.9, 5.0);
const OUTAGE_HALF_MPS: f64 = 20.0;
/// Slope of roads: RMS, and how long one lasts.
const GRADE: (f64, f64) = (0.035, 25.0);
/// The mean force is taken as new information this seldom.
const MEAN_LASTS_S: f64 = 100.0;

/// A measurement that waits until the delayed filter is there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The moment that it describes.
    pub t_s: f64,
    /// What it says.
    pub what: What,
}

/// What a fix says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// Speed and its sigma.
    Speed(f64, f64),
    /// Direction, radians counter-clockwise from east, and its sigma.
    Course(f64, f64),
    /// A place. It says nothing of the motion that speed and course do not say better.
    Position(Pin),
}

/// Measurements refused in a row, and how well speeds fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gates {
    speed: u8,
    course: u8,
    /// Running mean of the χ² of speeds; about 1 when all is well.
    pub misfit: f64,
}

impl Gates {
    /// Gives a measurement to the filter; fixes come every so often.
    pub fn apply(&mut self, filter: &mut Filter, what: &What, interval_s: f64) {
        let most = if interval_s < RARE_S { MAX_REJECTED } else { MAX_REJECTED_RARE };
        let n = filter.nominal;
        match *what {
            What::Speed(speed, sigma) => {
                // A receiver does not tell forwards from backwards; nobody drives far backwards.
                let speed = if n.speed < -0.3 && speed < REVERSING_MPS { -speed } else { speed };
                let out = gated(filter, &mut self.speed, most, (V, speed - n.speed), sigma * sigma);
                self.misfit += 0.1 * (out.chi2.min(25.0) - self.misfit);
            }
            What::Course(psi, sigma) => {
                gated(filter, &mut self.course, most, (PSI, wrap(psi - n.psi)), sigma * sigma);
            }
            What::Position(_) => {}
        }
    }
}

fn gated(filter: &mut Filter, rejected: &mut u8, most: u8, (i, innovation): (usize, f64), r: f64) -> Outcome {
    let out = filter.update(&[(i, 1.0)], innovation, r, GATE);
    if out.taken {
        *rejected = 0;
        return out;
    }
    *rejected += 1;
    if *rejected >= most {
        *rejected = 0;
        filter.inflate(i, innovation * innovation);
    }
    out
}

/// A car does not slide: lateral acceleration is v·ω.
pub fn lateral(filter: &mut Filter, span: &Span) {
    let Some(yaw_rate) = span.yaw_rate else { return };
    let n = filter.nominal;
    let ([u0, u1, u2], [l0, l1, l2]) = (n.up, n.left);
    let h = [
        (E2, -9.8),
        (AL, -span.long),
        (BA, -l0),
        (BA + 1, -l1),
        (BA + 2, -l2),
        (V, -yaw_rate),
        (BG, n.speed * u0),
        (BG + 1, n.speed * u1),
        (BG + 2, n.speed * u2),
    ];
    let slip = 0.05 * n.speed * yaw_rate;
    let r = LATERAL_MPS2 * LATERAL_MPS2 / span.dt_s + slip * slip + n.speed * n.speed * span.yaw_noise;
    filter.update(&h, n.speed * yaw_rate - span.lat, r, GATE);
}

/// Nothing accelerates: the force shows gravity, the gyroscope its bias, and the speed is none.
///
/// An even brake and a long bend are as quiet: what would surprise the filter is no rest unless it lasts.
pub fn rest(filter: &mut Filter, long: f64, lat: f64, rate: Option<Vec3>, since_s: f64) {
    let gate = if since_s < LONGEST_BEND_S { GATE } else { f64::INFINITY };
    if !level(filter, [Some(long), Some(lat)], REST_FORCE_MPS2 * REST_FORCE_MPS2, gate) {
        return;
    }
    if let Some(rate) = rate {
        let r = REST_RATE_RAD_S * REST_RATE_RAD_S;
        for (i, measured) in rate.into_iter().enumerate() {
            let [x, y, z] = filter.nominal.gyro_bias;
            let known = [x, y, z].into_iter().nth(i).unwrap_or(0.0);
            filter.update(&[(BG + i, 1.0)], measured - known, r, gate);
        }
    }
    if filter.driving {
        let speed = filter.nominal.speed;
        filter.update(&[(V, 1.0)], -speed, STANDING_MPS * STANDING_MPS, f64::INFINITY);
    }
}

/// Accelerations of a vehicle of which nothing is known are none on average. `explained` is how much of it fixes show.
pub fn drift(filter: &mut Filter, span: &Span, explained: Option<f64>) {
    let (rms, lasts) = match explained {
        Some(a) => ((0.09 + a * a).sqrt().min(UNKNOWN_MPS2.0), UNKNOWN_MPS2.1),
        None => UNKNOWN_MPS2,
    };
    level(filter, [Some(span.long), Some(span.lat)], rms * rms * 2.0 * lasts / span.dt_s, f64::INFINITY);
}

/// The same along a known forward axis, while no fix tells.
pub fn drift_along(filter: &mut Filter, span: &Span) {
    let (rms, lasts) = OUTAGE_MPS2;
    let rms = rms / (1.0 + filter.nominal.speed.max(0.0) / OUTAGE_HALF_MPS);
    level(filter, [Some(span.long), None], rms * rms * 2.0 * lasts / span.dt_s, f64::INFINITY);
}

/// Returns whether all of it was probable enough.
fn level(filter: &mut Filter, felt: [Option<f64>; 2], r: f64, gate: f64) -> bool {
    let mut taken = true;
    let [long, lat] = felt;
    let ([f0, f1, f2], [l0, l1, l2]) = (filter.nominal.fwd, filter.nominal.left);
    if let Some(a) = long {
        taken &= filter.update(&[(E1, -9.8), (BA, -f0), (BA + 1, -f1), (BA + 2, -f2)], -a, r, gate).taken;
    }
    if let Some(a) = lat {
        taken &= filter.update(&[(E2, -9.8), (BA, -l0), (BA + 1, -l1), (BA + 2, -l2)], -a, r, gate).taken;
    }
    taken
}

/// The mean force of a mount is gravity, as far as roads are level on average. Slopes last for long, so one update
/// counts only for its share of that time; so does the error of the mean itself, which was had over `over_s`.
pub fn mount_prior(filter: &mut Filter, mean_up: Vec3, over_s: f64, since_s: f64) {
    let (slope, lasts) = GRADE;
    let (own, own_lasts) = (UNKNOWN_MPS2.0 / 9.8, UNKNOWN_MPS2.1);
    let road = 2.0 * slope * slope * lasts;
    let mean = (road + 2.0 * own * own * own_lasts) / over_s;
    let r = (road + mean * MEAN_LASTS_S) / since_s;
    let n = filter.nominal;
    filter.update(&[(E1, 1.0)], dot(mean_up, n.fwd), r, f64::INFINITY);
    let n = filter.nominal;
    filter.update(&[(E2, 1.0)], dot(mean_up, n.left), r, f64::INFINITY);
}
