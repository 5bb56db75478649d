//! Steps: fixes of any rate and quality become intervals of time about which something is known. It decides which fix
//! says enough to close an interval, and how far and how fast the phone got in it. What moved it is left to `mode`.

use serde::{Deserialize, Serialize};

use crate::geo::{LatLon, distance_m};
use crate::sample::{Fix, MonoTime};

/// A step lasts at least this long: shorter displacements drown in the noise of positions.
const STEP_S: f64 = 4.5;
/// Accuracy of a fix that does not say its own.
const DEFAULT_HACC_M: f64 = 8.0;
/// A 68 % radius of two dimensions against the sigma of one displacement, as errors of neighbours go together.
const SIGMA_PER_HACC: f64 = 0.7;
/// Smallest sigma of a displacement: what good receivers do between trees.
const MIN_SIGMA_M: f64 = 3.0;
/// A fix better than this always closes a step.
const GOOD_HACC_M: f64 = 100.0;
/// A poor fix closes a step if it is this many sigmas away: the phone certainly moved.
const FAR_SIGMAS: f64 = 3.0;
/// After so long even a poor fix is better than nothing.
const PATIENCE_S: f64 = 120.0;
/// Speeds are integrated over neighbours no further apart than this.
const SPEED_HOLE_S: f64 = 3.0;
/// A distance from speeds needs speeds for this part of the step.
const SPEED_COVER: f64 = 0.8;

/// What is known of one interval of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// Where it began.
    pub from: LatLon,
    /// Where it ended.
    pub to: LatLon,
    /// As the crow flies.
    pub chord_m: f64,
    /// One sigma of `chord_m`.
    pub sigma_m: f64,
    /// Along the way, as far as speeds tell; else the chord.
    pub path_m: f64,
    /// Mean of the speeds that the receiver gave.
    pub speed_mps: Option<f64>,
    /// Largest of them.
    pub max_speed_mps: Option<f64>,
    /// Steps on foot that were counted.
    pub feet: u32,
}

impl Step {
    /// How long it lasted; never 0.
    pub fn duration_s(&self) -> f64 {
        self.end.since(self.start).max(1e-3)
    }
}

/// A fix that ends one step and begins the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    t: MonoTime,
    position: LatLon,
    hacc_m: f64,
}

/// Speeds of the receiver since the last mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Speeds {
    last: Option<(MonoTime, f64)>,
    sum: f64,
    count: u32,
    max: f64,
    integral_m: f64,
    covered_s: f64,
}

/// Makes steps of fixes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    mark: Option<Mark>,
    latest: Option<Mark>,
    speeds: Speeds,
}

impl Steps {
    /// The step that this fix closes, if it does.
    pub fn fix(&mut self, fix: &Fix) -> Option<Step> {
        self.speeds.take(fix);
        let here = Mark::of(fix);
        self.latest = Some(here);
        let Some(mark) = self.mark else {
            self.mark = Some(here);
            return None;
        };
        let dt_s = fix.t.since(mark.t);
        if dt_s < STEP_S {
            return None;
        }
        let step = self.between(&mark, &here);
        let good = here.hacc_m <= GOOD_HACC_M.max(mark.hacc_m) || step.chord_m > FAR_SIGMAS * step.sigma_m;
        if !good && dt_s < PATIENCE_S {
            return None;
        }
        self.mark = Some(here);
        self.speeds.next();
        Some(step)
    }

    /// What lies between the last step and the latest fix: for when nothing more will come.
    pub fn flush(&mut self) -> Option<Step> {
        let (mark, latest) = (self.mark?, self.latest?);
        if latest.t <= mark.t {
            return None;
        }
        let step = self.between(&mark, &latest);
        self.mark = Some(latest);
        self.speeds.next();
        Some(step)
    }

    fn between(&self, mark: &Mark, here: &Mark) -> Step {
        let dt_s = here.t.since(mark.t);
        let chord_m = distance_m(mark.position, here.position);
        let sigma_m =
            (SIGMA_PER_HACC * (mark.hacc_m * mark.hacc_m + here.hacc_m * here.hacc_m).sqrt()).max(MIN_SIGMA_M);
        let speeds = self.speeds;
        let path_m = if speeds.covered_s >= SPEED_COVER * dt_s {
            speeds.integral_m + chord_m / dt_s * (dt_s - speeds.covered_s)
        } else {
            chord_m
        };
        Step {
            start: mark.t,
            end: here.t,
            from: mark.position,
            to: here.position,
            chord_m,
            sigma_m,
            path_m,
            speed_mps: (speeds.count > 0).then(|| speeds.sum / f64::from(speeds.count)),
            max_speed_mps: (speeds.count > 0).then_some(speeds.max),
            feet: 0,
        }
    }
}

impl Mark {
    fn of(fix: &Fix) -> Self {
        let position = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
        Self { t: fix.t, position, hacc_m: fix.hacc_m.map_or(DEFAULT_HACC_M, f64::from) }
    }
}

impl Speeds {
    fn take(&mut self, fix: &Fix) {
        let Some(speed) = fix.speed_mps.map(f64::from) else {
            self.last = None;
            return;
        };
        if let Some((t, before)) = self.last {
            let dt_s = fix.t.since(t);
            if dt_s <= SPEED_HOLE_S {
                self.integral_m += 0.5 * (before + speed) * dt_s;
                self.covered_s += dt_s;
            }
        }
        self.last = Some((fix.t, speed));
        self.sum += speed;
        self.count += 1;
        self.max = self.max.max(speed);
    }

    /// The last fix of a step begins the next.
    fn next(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }
}
