//! Steps: fixes of any rate and quality become intervals of time about which something is known. It decides which fix
//! says enough to close an interval, and how far and how fast the phone got in it. What moved it is left to `mode`.

use serde::{Deserialize, Serialize};

use crate::geo::{LatLon, distance_m, offset_m, shifted};
use crate::sample::{Activity, Fix, MonoTime};

/// A step lasts at least this long: shorter displacements drown in the noise of positions.
const STEP_S: f64 = 4.5;
/// Accuracy of a fix that does not say its own.
const DEFAULT_HACC_M: f64 = 8.0;
/// Good positions err together: the sigma of a displacement is this part of the accuracy that each fix claims.
const SIGMA_PER_HACC: f64 = 0.25;
/// What is poorer than this comes from another mast or network each time, and errs by itself:
const SHARED_HACC_M: f64 = 100.0;
/// metres of sigma for each metre of accuracy above, and for all of it between fixes of two sources, of which only one
/// says a speed.
const SIGMA_PER_POOR_HACC: f64 = 0.7;
/// A fix poorer than this marks nothing.
const USELESS_HACC_M: f64 = 1000.0;
/// A poor place between two better ones says less than these do: how the phone got from it to the second is how it got
/// from the first to the second, if they are no further apart than this.
const BRIDGE_S: f64 = 240.0;
/// Nothing on the ground goes faster: a poor fix that says so is in the wrong place.
const MAX_MPS: f64 = 90.0;
/// Smallest sigma of a displacement: what good receivers do between trees.
const MIN_SIGMA_M: f64 = 3.0;
/// A step is closed once positions tell its speed as well as this: walking from driving.
const CLEAR_MPS: f64 = 1.0;
/// Or once the phone is this many sigmas away: it certainly moved.
const FAR_SIGMAS: f64 = 3.0;
/// Or after so long: even a poor step is better than none then.
const PATIENCE_S: f64 = 60.0;
/// Speeds are integrated over neighbours no further apart than this.
const SPEED_HOLE_S: f64 = 3.0;
/// One sigma of a receiver's speed;
const SPEED_SIGMA_MPS: f64 = 0.5;
/// and of the mean of so many: their errors are alike, but not the same.
const SPEEDS: u32 = 4;
const SPEEDS_SIGMA_MPS: f64 = 0.3;
/// and what T seconds without any add to that of the mean, times T^1.5 as for any wandering value between two known
/// ones: 0.7 m/s for 5 s, 10 m/s for half a minute, in which a whole light may lie.
const SPEED_DRIFT: f64 = 0.06;
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
    /// One sigma of it as the mean of the whole step: a speed says little about seconds far from it.
    pub speed_sigma_mps: f64,
    /// Largest of them.
    pub max_speed_mps: Option<f64>,
    /// Steps on foot that were counted.
    pub feet: u32,
    /// The phone's mount changed in it.
    pub remounted: bool,
    /// What the OS took it for.
    pub activity: Option<Activity>,
}

impl Step {
    /// Speed by positions, less what may be their error.
    pub fn sure_speed_mps(&self) -> f64 {
        (self.chord_m - self.sigma_m).max(0.0) / self.duration_s()
    }

    /// Its positions tell how fast it was.
    pub fn is_clear(&self) -> bool {
        self.sigma_m <= CLEAR_MPS * self.duration_s()
    }

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
    says_speed: bool,
}

/// Where a step begins.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Beginning {
    mark: Mark,
    /// The step is this part of the way of which its ends are told: less than all of it where a poor mark lies between.
    rest: f64,
}

impl Beginning {
    /// Of the displacement from here to `end`.
    fn sigma_m(&self, end: &Mark) -> f64 {
        self.rest * sigma_m(&self.mark, end)
    }
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
    /// The last better place, where the mark is a poor one.
    better: Option<Mark>,
    latest: Option<Mark>,
    /// The fix since the mark that tells most, while none tells enough.
    best: Option<Mark>,
    speeds: Speeds,
}

impl Steps {
    /// The step that this fix closes, if it does.
    pub fn fix(&mut self, fix: &Fix) -> Option<Step> {
        let here = Mark::of(fix);
        if here.hacc_m > USELESS_HACC_M || self.latest.is_some_and(|latest| here.is_stale_copy_of(&latest)) {
            return None;
        }
        self.speeds.take(fix);
        self.latest = Some(here);
        let Some(mark) = self.mark else {
            self.mark = Some(here);
            return None;
        };
        let dt_s = here.t.since(mark.t);
        if dt_s < STEP_S {
            return None;
        }
        let from = self.bridged(mark, &here);
        if distance_m(from.mark.position, here.position) > MAX_MPS * dt_s {
            // A good fix says that the mark is wrong, and with it all since.
            if here.hacc_m <= SHARED_HACC_M {
                self.restart(here);
            }
            return None;
        }
        let blur_mps = from.sigma_m(&here) / dt_s;
        if blur_mps <= CLEAR_MPS || self.speeds.count > 0 {
            return Some(self.close(&from, here));
        }
        if self.best.is_none_or(|b| blur_mps <= sigma_m(&mark, &b) / b.t.since(mark.t)) {
            self.best = Some(here);
        }
        if dt_s < PATIENCE_S && distance_m(from.mark.position, here.position) <= FAR_SIGMAS * from.sigma_m(&here) {
            return None;
        }
        let end = if dt_s < PATIENCE_S { here } else { self.best.unwrap_or(here) };
        Some(self.close(&self.bridged(mark, &end), end))
    }

    /// The next step begins here: nothing was seen since.
    pub fn begin_at(&mut self, t: MonoTime, position: LatLon) {
        self.restart(Mark { t, position, hacc_m: DEFAULT_HACC_M, says_speed: true });
    }

    /// The mark as the beginning of a step that ends here: if it is a poor place between two better ones, it lies on the
    /// way between these.
    fn bridged(&self, mark: Mark, here: &Mark) -> Beginning {
        let Some(better) = self.better.filter(|better| !here.is_poor() && here.t.since(better.t) <= BRIDGE_S) else {
            return Beginning { mark, rest: 1.0 };
        };
        let rest = here.t.since(mark.t) / here.t.since(better.t);
        let (east_m, north_m) = offset_m(here.position, better.position);
        let position = shifted(here.position, rest * east_m, rest * north_m);
        Beginning { mark: Mark { t: mark.t, position, ..better }, rest }
    }

    fn restart(&mut self, mark: Mark) {
        self.better = if mark.is_poor() { self.mark.filter(|m| !m.is_poor()).or(self.better) } else { None };
        self.mark = Some(mark);
        self.best = None;
        self.speeds.next();
    }

    fn close(&mut self, from: &Beginning, end: Mark) -> Step {
        let step = self.between(from, &end);
        self.restart(end);
        step
    }

    /// What lies between the last step and the latest fix: for when nothing more will come.
    pub fn flush(&mut self) -> Option<Step> {
        let (mark, latest) = (self.mark?, self.latest?);
        if latest.t <= mark.t {
            return None;
        }
        Some(self.close(&self.bridged(mark, &latest), latest))
    }

    fn between(&self, from: &Beginning, here: &Mark) -> Step {
        let mark = &from.mark;
        let dt_s = here.t.since(mark.t);
        let chord_m = distance_m(mark.position, here.position);
        let sigma_m = from.sigma_m(here);
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
            speed_sigma_mps: speed_sigma_mps(speeds.count, (dt_s - speeds.covered_s).max(0.0)),
            max_speed_mps: (speeds.count > 0).then_some(speeds.max),
            feet: 0,
            remounted: false,
            activity: None,
        }
    }
}

/// Of the mean speed of a step, from so many speeds and with nothing known of so many seconds.
fn speed_sigma_mps(speeds: u32, hole_s: f64) -> f64 {
    let drift = SPEED_DRIFT * hole_s * hole_s.sqrt();
    let of_speeds = if speeds >= SPEEDS { SPEEDS_SIGMA_MPS } else { SPEED_SIGMA_MPS };
    (of_speeds * of_speeds + drift * drift).sqrt()
}

/// Of the displacement between two fixes.
fn sigma_m(a: &Mark, b: &Mark) -> f64 {
    let of = |hacc_m: f64| {
        if a.says_speed != b.says_speed {
            return SIGMA_PER_POOR_HACC * hacc_m;
        }
        SIGMA_PER_HACC * hacc_m.min(SHARED_HACC_M) + SIGMA_PER_POOR_HACC * (hacc_m - SHARED_HACC_M).max(0.0)
    };
    let (a, b) = (of(a.hacc_m), of(b.hacc_m));
    (a * a + b * b).sqrt().max(MIN_SIGMA_M)
}

impl Mark {
    fn of(fix: &Fix) -> Self {
        let position = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
        Self {
            t: fix.t,
            position,
            hacc_m: fix.hacc_m.map_or(DEFAULT_HACC_M, f64::from),
            says_speed: fix.speed_mps.is_some(),
        }
    }

    /// It errs by itself, and by much.
    fn is_poor(&self) -> bool {
        self.hacc_m > SHARED_HACC_M
    }

    /// The very same place with less accuracy: a provider without news sends its last position again.
    fn is_stale_copy_of(&self, before: &Self) -> bool {
        self.position == before.position && self.hacc_m > before.hacc_m
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
