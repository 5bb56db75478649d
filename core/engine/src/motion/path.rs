//! Where the vehicle is, now and in hindsight. Nodes of the path carry the displacement that speed and heading gave since
//! the node before; fixes pin nodes. Each axis has three states: the place, the direction of the velocity's slow error,
//! and the receiver's slow error, both as multiples of what their sigmas are at the time. A receiver that errs by 3 m
//! keeps doing so for a minute, so that its next sixty fixes are hardly news; with the error as a state the filter
//! knows (Bryson & Henrikson 1968, J. Spacecraft 5:662). Both axes are alike and share one covariance.
//!
//! The finished track is the same filter run back over a window (Rauch, Tung & Striebel 1965, AIAA J. 3:1445), of which
//! the older part is given out, so memory and work per node are constant and hindsight is never the worse knowledge.

use std::collections::VecDeque;

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use super::held::Held;
use crate::packing::ring;

/// Nodes held: four minutes at one a second. The place of a node gains from fixes of three minutes around it.
const HELD: usize = 240;
/// Nodes given out at once when the window is full; the others still gain from what comes.
const GIVEN: usize = 60;
/// How long an error of the velocity lasts, s.
const VELOCITY_ERROR_S: f64 = 30.0;
/// How long a receiver's error lasts: multipath, ionosphere.
const FIX_ERROR_S: f64 = 60.0;
/// Part of a receiver's error that is new in each fix, and what is new at least, m.
const WHITE: f64 = 0.2;
const LEAST_WHITE_M: f64 = 0.3;
/// Time constant of the mean of a receiver's accuracy, s.
const ACCURACY_S: f64 = 30.0;
/// A fix so improbable (χ² of two degrees of freedom) pins nothing.
const GATE: f64 = 25.0;
/// If all fixes of so many seconds and so many in a row are improbable, the place is wrong: positions by radio cells
/// stay a hundred metres off for seconds.
const REJECTED_S: f64 = 10.0;
const MAX_REJECTED: u8 = 3;
/// Held nodes are moved one by one only when they lie so far from where they are thought to be.
const SHIFTED_M: f64 = 1000.0;

/// A node to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Time on the filter's axis.
    pub t_s: f64,
    /// Displacement since the node before.
    pub moved: (f64, f64),
    /// How uncertain that is.
    pub drift: Drift,
    /// What a fix says.
    pub fix: Option<Pin>,
    /// What is carried along.
    pub aside: Aside,
}

/// What a node tells beside its place: the path gives it out as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    /// Speed.
    pub speed: Option<f64>,
    /// Heading, whole degrees clockwise from true north.
    pub heading_deg: Option<u16>,
    /// Height that the fix told, whole metres.
    pub alt_m: Option<i16>,
}

/// How a displacement goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// One sigma of what lasts of the velocity's error, m/s.
    pub velocity_sigma: f64,
    /// What does not last: variance of the displacement per second, m²/s.
    pub walk: f64,
}

/// What a fix says of the place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// Metres east.
    pub east: f64,
    /// Metres north.
    pub north: f64,
    /// One sigma of each.
    pub sigma: f64,
    /// Height, whole metres.
    pub alt_m: Option<i16>,
}

/// A smoothed node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoothed {
    /// Time on the filter's axis.
    pub t_s: f64,
    /// Metres east.
    pub east: f64,
    /// Metres north.
    pub north: f64,
    /// What was carried along.
    pub aside: Aside,
}

/// Place, velocity error and receiver error of both axes with their common covariance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Belief {
    pub east: Vector3<f64>,
    pub north: Vector3<f64>,
    pub p: Matrix3<f64>,
}

/// How a belief moves from one node to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub dt_s: f64,
    pub moved: (f64, f64),
    pub velocity_sigma: f64,
    /// What the variance of the place gains.
    pub spread: f64,
}

/// The path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Not yet given out.
    #[serde(with = "ring")]
    held: VecDeque<Held>,
    /// Time and belief of the newest node, given out or not.
    newest: Option<(f64, Belief)>,
    /// Fixes refused in a row, and since when.
    rejected: u8,
    rejected_t_s: f64,
    /// Sigma of the receiver's slow error: its accuracy, averaged. A sigma that jumps from fix to fix would make the
    /// same error look like different ones and so give it away.
    sigma: f64,
    pinned_t_s: f64,
    loosened: f64,
    /// What the places of held nodes lack.
    shifted: (f64, f64),
}

/// Where one is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Metres east.
    pub east: f64,
    /// Metres north.
    pub north: f64,
    /// Variance of each.
    pub variance: f64,
}

impl Path {
    /// Adds a node; gives out the oldest when the window is full.
    pub fn push(&mut self, node: Node, mut out: impl FnMut(Smoothed)) {
        let Node { t_s, moved, drift, fix, aside } = node;
        let loosened = std::mem::take(&mut self.loosened);
        let dt_s = self.newest.map_or(0.0, |(before_t_s, _)| (t_s - before_t_s).max(0.0));
        let step = Step::new(dt_s, moved, drift, loosened);
        let (belief, broken) = match (self.newest, fix) {
            (Some((_, before)), fix) => {
                let mut belief = before.predict(&step);
                let broken = fix.is_some_and(|pin| self.pin(&mut belief, &pin, t_s));
                (belief, broken)
            }
            (None, Some(pin)) => (self.begin(&pin, t_s), false),
            // Nothing is known of the place before the first fix.
            (None, None) => return,
        };
        self.newest = Some((t_s, belief));
        let unshifted = belief.shifted((-self.shifted.0, -self.shifted.1));
        self.held.push_back(Held::new(t_s, aside, &step, broken, &unshifted));
        if self.held.len() >= HELD {
            self.give(GIVEN, &mut out);
        }
    }

    /// Gives the belief a fix; returns whether that began it anew.
    fn pin(&mut self, belief: &mut Belief, pin: &Pin, t_s: f64) -> bool {
        let dt_s = (t_s - self.pinned_t_s).max(0.0);
        self.pinned_t_s = t_s;
        let off = pin.sigma - self.sigma;
        self.sigma += (dt_s / ACCURACY_S).min(1.0) * off;
        // An accuracy that has changed tells that the error has.
        if belief.update(pin, self.sigma, white(pin.sigma) + off * off) {
            self.rejected = 0;
            return false;
        }
        if self.rejected == 0 {
            self.rejected_t_s = t_s;
        }
        self.rejected = self.rejected.saturating_add(1);
        let wrong = self.rejected >= MAX_REJECTED && t_s - self.rejected_t_s >= REJECTED_S;
        if wrong {
            self.rejected = 0;
            *belief = self.begin(pin, t_s);
        }
        wrong
    }

    fn begin(&mut self, pin: &Pin, t_s: f64) -> Belief {
        self.sigma = pin.sigma;
        self.pinned_t_s = t_s;
        Belief::at(pin)
    }

    /// The place so long after the newest node, having `moved` since; `None` before the first fix.
    pub fn place(&self, since_s: f64, moved: (f64, f64), drift: Drift) -> Option<Place> {
        let (_, belief) = self.newest?;
        Some(belief.place_after(&Step::new(since_s.max(0.0), moved, drift, self.loosened)))
    }

    /// Gives out what lies up to `until_s`, smoothed by all that is known by now.
    pub fn flush(&mut self, until_s: f64, mut out: impl FnMut(Smoothed)) {
        let count = self.held.partition_point(|held| held.t_s() <= until_s);
        if count > 0 {
            self.give(count, &mut out);
        }
    }

    /// The newest node's time.
    pub fn last_t_s(&self) -> Option<f64> {
        self.newest.map(|(t_s, _)| t_s)
    }

    /// When the newest fix was looked at.
    pub fn pinned_t_s(&self) -> f64 {
        if self.newest.is_some() { self.pinned_t_s } else { f64::NEG_INFINITY }
    }

    /// The next displacement is less certain than its velocity, by so much of variance.
    pub fn loosen(&mut self, variance: f64) {
        self.loosened += variance;
    }

    /// All places lie elsewhere: the map was moved, or fixes turn out to tell of another moment.
    pub fn shift(&mut self, east: f64, north: f64) {
        if let Some((_, belief)) = &mut self.newest {
            *belief = belief.shifted((east, north));
        }
        let by = (self.shifted.0 + east, self.shifted.1 + north);
        self.shifted = by;
        if by.0.abs().max(by.1.abs()) > SHIFTED_M {
            self.shifted = (0.0, 0.0);
            self.held.iter_mut().for_each(|held| held.shift(by));
        }
    }

    fn give(&mut self, count: usize, out: &mut impl FnMut(Smoothed)) {
        let mut smoothed = Vec::with_capacity(self.held.len());
        let mut later: Option<(Belief, &Held)> = None;
        // Nodes are mostly as far apart as the last two.
        let mut kept = Kept::over(0.0);
        for held in self.held.iter().rev() {
            let mut belief = held.belief();
            if let Some((after, next)) = later.filter(|(_, next)| !next.broken) {
                let step = next.step_from(held);
                if step.dt_s != kept.dt_s {
                    kept = Kept::over(step.dt_s);
                }
                belief.smooth(&after, &step, &kept);
            }
            let Belief { east, north, .. } = belief.shifted(self.shifted);
            smoothed.push(Smoothed { t_s: held.t_s(), east: east.x, north: north.x, aside: held.aside() });
            later = Some((belief, held));
        }
        smoothed.iter().rev().take(count).for_each(|s| out(*s));
        self.held.drain(..count.min(self.held.len()));
    }
}

impl Belief {
    /// Known from one fix alone: the place errs as the receiver does.
    fn at(pin: &Pin) -> Self {
        let (s, white) = (pin.sigma, white(pin.sigma));
        let p = Matrix3::new(s * s + white, 0.0, -s, 0.0, 1.0, 0.0, -s, 0.0, 1.0);
        Self { east: Vector3::new(pin.east, 0.0, 0.0), north: Vector3::new(pin.north, 0.0, 0.0), p }
    }

    fn shifted(&self, (east, north): (f64, f64)) -> Self {
        let mut shifted = *self;
        shifted.east.x += east;
        shifted.north.x += north;
        shifted
    }

    /// The place's part of [`Self::predict`], for every frame.
    fn place_after(&self, step: &Step) -> Place {
        let Self { east, north, p } = self;
        let run = step.run();
        Place {
            east: east.x + run * east.y + step.moved.0,
            north: north.x + run * north.y + step.moved.1,
            variance: (p.m11 + run * (p.m12 + p.m21) + run * run * p.m22 + step.spread).max(0.0),
        }
    }

    /// F x and F P Fᵀ + Q, written out: most of F is nothing.
    fn predict(&self, step: &Step) -> Self {
        self.predict_by(step, &Kept::over(step.dt_s))
    }

    fn predict_by(&self, step: &Step, kept: &Kept) -> Self {
        let Self { east, north, p } = self;
        let (run, v, b) = (step.run(), kept.velocity, kept.fix);
        let place = self.place_after(step);
        let (p12, p13, p23) = (v * (p.m12 + run * p.m22), b * (p.m13 + run * p.m23), v * b * p.m23);
        let (p22, p33) = (1.0 + v * v * (p.m22 - 1.0), 1.0 + b * b * (p.m33 - 1.0));
        Self {
            east: Vector3::new(place.east, v * east.y, b * east.z),
            north: Vector3::new(place.north, v * north.y, b * north.z),
            p: Matrix3::new(place.variance, p12, p13, p12, p22, p23, p13, p23, p33),
        }
    }

    /// Returns whether the fix was probable enough to be taken.
    fn update(&mut self, pin: &Pin, sigma: f64, r: f64) -> bool {
        let h = Vector3::new(1.0, 0.0, sigma);
        let ph = self.p * h;
        let s = ph.dot(&h) + r;
        let (de, dn) = (pin.east - self.east.dot(&h), pin.north - self.north.dot(&h));
        if (de * de + dn * dn).is_nan() || de * de + dn * dn > GATE * s {
            return false;
        }
        let k = ph / s;
        self.east += k * de;
        self.north += k * dn;
        // Joseph form (Bucy & Joseph 1968).
        let rest = Matrix3::identity() - k * h.transpose();
        self.p = rest * self.p * rest.transpose() + k * k.transpose() * r;
        true
    }

    /// One step back of Rauch, Tung and Striebel.
    fn smooth(&mut self, after: &Self, step: &Step, kept: &Kept) {
        let (run, v, b) = (step.run(), kept.velocity, kept.fix);
        let predicted = self.predict_by(step, kept);
        let Some(inverse) = predicted.p.try_inverse() else { return };
        let gained = |off: Vector3<f64>| {
            let off = inverse * off;
            self.p * Vector3::new(off.x, run * off.x + v * off.y, b * off.z)
        };
        let (east, north) = (gained(after.east - predicted.east), gained(after.north - predicted.north));
        self.east += east;
        self.north += north;
    }
}

impl Step {
    fn new(dt_s: f64, moved: (f64, f64), drift: Drift, loosened: f64) -> Self {
        Self { dt_s, moved, velocity_sigma: drift.velocity_sigma, spread: drift.walk * dt_s + loosened }
    }

    /// How far the velocity's error carries the place.
    fn run(&self) -> f64 {
        self.velocity_sigma * self.dt_s
    }
}

/// What is left of the velocity's error and of the receiver's after a time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kept {
    dt_s: f64,
    velocity: f64,
    fix: f64,
}

impl Kept {
    fn over(dt_s: f64) -> Self {
        let kept = |lasts_s: f64| libm::exp(-dt_s / lasts_s);
        Self { dt_s, velocity: kept(VELOCITY_ERROR_S), fix: kept(FIX_ERROR_S) }
    }
}

/// Variance of what is new in each fix.
fn white(sigma: f64) -> f64 {
    let part = WHITE * sigma;
    part * part + LEAST_WHITE_M * LEAST_WHITE_M
}
