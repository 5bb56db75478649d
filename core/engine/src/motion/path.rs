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

/// Nodes held: 160 s at one a second. The place of a node gains from fixes of two minutes around it.
const HELD: usize = 160;
/// Nodes given out at once when the window is full; the others still gain from what comes.
const GIVEN: usize = 40;
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
    /// Speed.
    pub speed: Option<f64>,
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
    /// Speed.
    pub speed: Option<f64>,
}

/// Place, velocity error and receiver error of both axes with their common covariance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Belief {
    east: Vector3<f64>,
    north: Vector3<f64>,
    p: Matrix3<f64>,
}

/// How a belief moves from one node to the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    moved: (f64, f64),
    dt_s: f64,
    drift: Drift,
    /// What was added to the variance of the place besides.
    loosened: f64,
    /// The belief was begun anew at the end of the step: hindsight ends here.
    broken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    t_s: f64,
    speed: Option<f64>,
    /// From the node before.
    step: Step,
    /// After the node's own fix.
    belief: Belief,
}

/// The path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Not yet given out.
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
        let Node { t_s, moved, drift, fix, speed } = node;
        let loosened = std::mem::take(&mut self.loosened);
        let mut step = Step { moved, dt_s: 0.0, drift, loosened, broken: false };
        let belief = match (self.newest, fix) {
            (Some((before_t_s, before)), fix) => {
                step.dt_s = (t_s - before_t_s).max(0.0);
                let mut belief = before.predict(&step);
                if let Some(pin) = fix {
                    step.broken = self.pin(&mut belief, &pin, t_s);
                }
                belief
            }
            (None, Some(pin)) => self.begin(&pin, t_s),
            // Nothing is known of the place before the first fix.
            (None, None) => return,
        };
        self.newest = Some((t_s, belief));
        self.held.push_back(Held { t_s, speed, step, belief });
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
        let step = Step { moved, dt_s: since_s.max(0.0), drift, loosened: self.loosened, broken: false };
        let b = belief.predict(&step);
        Some(Place { east: b.east.x, north: b.north.x, variance: b.p.m11.max(0.0) })
    }

    /// Gives out everything.
    pub fn flush(&mut self, mut out: impl FnMut(Smoothed)) {
        self.give(HELD, &mut out);
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
        let newest = self.newest.iter_mut().map(|(_, belief)| belief);
        for belief in self.held.iter_mut().map(|held| &mut held.belief).chain(newest) {
            belief.east.x += east;
            belief.north.x += north;
        }
    }

    fn give(&mut self, count: usize, out: &mut impl FnMut(Smoothed)) {
        let mut smoothed = Vec::with_capacity(self.held.len());
        let mut later: Option<(Belief, Step)> = None;
        for held in self.held.iter().rev() {
            let mut belief = held.belief;
            if let Some((after, step)) = later.filter(|(_, step)| !step.broken) {
                belief.smooth(&after, &step);
            }
            smoothed.push(Smoothed { t_s: held.t_s, east: belief.east.x, north: belief.north.x, speed: held.speed });
            later = Some((belief, held.step));
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

    fn predict(&self, step: &Step) -> Self {
        let f = step.matrix();
        let mut p = f * self.p * f.transpose();
        p.m11 += step.drift.walk * step.dt_s + step.loosened;
        p.m22 += 1.0 - f.m22 * f.m22;
        p.m33 += 1.0 - f.m33 * f.m33;
        let (mut east, mut north) = (f * self.east, f * self.north);
        east.x += step.moved.0;
        north.x += step.moved.1;
        Self { east, north, p }
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
    fn smooth(&mut self, after: &Self, step: &Step) {
        let predicted = self.predict(step);
        let Some(inverse) = predicted.p.try_inverse() else { return };
        let gain = self.p * step.matrix().transpose() * inverse;
        self.east += gain * (after.east - predicted.east);
        self.north += gain * (after.north - predicted.north);
    }
}

impl Step {
    fn matrix(&self) -> Matrix3<f64> {
        let (v, b) = (libm::exp(-self.dt_s / VELOCITY_ERROR_S), libm::exp(-self.dt_s / FIX_ERROR_S));
        Matrix3::new(1.0, self.drift.velocity_sigma * self.dt_s, 0.0, 0.0, v, 0.0, 0.0, 0.0, b)
    }
}

/// Variance of what is new in each fix.
fn white(sigma: f64) -> f64 {
    let part = WHITE * sigma;
    part * part + LEAST_WHITE_M * LEAST_WHITE_M
}
