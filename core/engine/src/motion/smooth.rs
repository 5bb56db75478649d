//! The finished trip's track: positions in hindsight. Nodes carry the displacement that the causal estimate saw since
//! the node before; a fix pins a node. Each axis has a position and a velocity error that dies out, forward filtered at
//! once and smoothed back over a window (Rauch, Tung & Striebel 1965, AIAA J. 3:1445) of which the older part is given
//! out, so memory and work per node are constant.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Nodes held: two minutes at one a second, the longest outage that is bridged from both ends.
const HELD: usize = 120;
/// Nodes given out at once when the window is full; the others still gain from what comes.
const GIVEN: usize = 40;
/// How long an error of the velocity lasts, s.
const ERROR_S: f64 = 30.0;
/// Random walk of the displacement, m/√s.
const WALK: f64 = 0.25;
/// A fix so many sigmas off pins nothing.
const GATE: f64 = 25.0;
/// After so many in a row the track jumps.
const MAX_REJECTED: u8 = 3;

/// A node to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Time on the filter's axis.
    pub t_s: f64,
    /// Displacement since the node before.
    pub moved: (f64, f64),
    /// One sigma of its velocity's error.
    pub velocity_sigma: f64,
    /// What a fix says: east, north, one sigma of each.
    pub fix: Option<(f64, f64, f64)>,
    /// Speed.
    pub speed: Option<f64>,
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

/// Position and velocity error of both axes, with their common covariance (position, velocity, both).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Belief {
    east: (f64, f64),
    north: (f64, f64),
    p: (f64, f64, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    t_s: f64,
    speed: Option<f64>,
    /// Towards east and north since the node before.
    velocity: (f64, f64),
    /// Place in hindsight, as of the last look back.
    smooth: (f64, f64),
    /// After the node's own fix.
    filtered: Belief,
    /// Before it.
    predicted: Belief,
    keep: f64,
    dt: f64,
}

/// The smoother.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Smoother {
    held: VecDeque<Held>,
    rejected: u8,
}

impl Smoother {
    /// Adds a node; gives out the oldest when the window is full.
    pub fn push(&mut self, node: Node, mut out: impl FnMut(Smoothed)) {
        let Some(last) = self.held.back() else {
            // Nothing is known of the place before the first fix.
            if let Some((east, north, sigma)) = node.fix {
                let v = node.velocity_sigma * node.velocity_sigma;
                let at = Belief { east: (east, 0.0), north: (north, 0.0), p: (sigma * sigma, v, 0.0) };
                self.held.push_back(Held::new(&node, at, at, 1.0, 0.0));
            }
            return;
        };
        let dt = (node.t_s - last.t_s).max(0.0);
        let keep = 1.0 / (1.0 + dt / ERROR_S);
        let predicted = last.filtered.predict(&node, dt, keep);
        let mut filtered = predicted;
        if let Some((east, north, sigma)) = node.fix {
            let r = sigma * sigma;
            let (de, dn) = (east - predicted.east.0, north - predicted.north.0);
            let chi2 = (de * de + dn * dn) / (predicted.p.0 + r);
            if chi2 < GATE {
                self.rejected = 0;
                filtered.update(de, dn, r);
            } else {
                self.rejected += 1;
                if self.rejected >= MAX_REJECTED {
                    self.rejected = 0;
                    filtered = Belief { east: (east, 0.0), north: (north, 0.0), p: (r, predicted.p.1, 0.0) };
                }
            }
        }
        self.held.push_back(Held::new(&node, filtered, predicted, keep, dt));
        if self.held.len() >= HELD {
            self.give(GIVEN, &mut out);
        }
    }

    /// Gives out everything.
    pub fn flush(&mut self, mut out: impl FnMut(Smoothed)) {
        self.give(HELD, &mut out);
    }

    /// The newest node's time.
    pub fn last_t_s(&self) -> Option<f64> {
        self.held.back().map(|h| h.t_s)
    }

    /// All fixes so far were taken too early by so much: their places lie ahead.
    pub fn later(&mut self, by_s: f64) {
        for held in &mut self.held {
            let (ve, vn) = held.velocity;
            for belief in [&mut held.filtered, &mut held.predicted] {
                belief.east.0 += by_s * ve;
                belief.north.0 += by_s * vn;
            }
        }
    }

    /// The map was moved.
    pub fn shift(&mut self, east: f64, north: f64) {
        for held in &mut self.held {
            for belief in [&mut held.filtered, &mut held.predicted] {
                belief.east.0 += east;
                belief.north.0 += north;
            }
        }
    }

    fn give(&mut self, count: usize, out: &mut impl FnMut(Smoothed)) {
        let mut later: Option<(Belief, Held)> = None;
        for held in self.held.iter_mut().rev() {
            let mut smooth = held.filtered;
            if let Some((after, next)) = later {
                smooth.smooth(&after, &next);
            }
            held.smooth = (smooth.east.0, smooth.north.0);
            later = Some((smooth, *held));
        }
        for held in self.held.drain(..count.min(self.held.len())) {
            let (east, north) = held.smooth;
            out(Smoothed { t_s: held.t_s, east, north, speed: held.speed });
        }
    }
}

impl Held {
    fn new(node: &Node, filtered: Belief, predicted: Belief, keep: f64, dt: f64) -> Self {
        let k = 1.0 / dt.max(0.1);
        let velocity = (node.moved.0 * k, node.moved.1 * k);
        Self { t_s: node.t_s, speed: node.speed, velocity, smooth: (0.0, 0.0), filtered, predicted, keep, dt }
    }
}

impl Belief {
    fn predict(&self, node: &Node, dt: f64, keep: f64) -> Self {
        let (de, dn) = node.moved;
        let (pp, vv, pv) = self.p;
        let walk = node.velocity_sigma * node.velocity_sigma * (1.0 - keep * keep);
        Self {
            east: (self.east.0 + de + self.east.1 * dt, keep * self.east.1),
            north: (self.north.0 + dn + self.north.1 * dt, keep * self.north.1),
            p: (
                pp + dt * (2.0 * pv + dt * vv) + WALK * WALK * dt + walk * dt * dt / 3.0,
                keep * keep * vv + walk,
                keep * (pv + dt * vv),
            ),
        }
    }

    fn update(&mut self, de: f64, dn: f64, r: f64) {
        let (pp, vv, pv) = self.p;
        let s = pp + r;
        let (k, kv) = (pp / s, pv / s);
        self.east = (self.east.0 + k * de, self.east.1 + kv * de);
        self.north = (self.north.0 + k * dn, self.north.1 + kv * dn);
        self.p = ((1.0 - k) * (1.0 - k) * pp + k * k * r, vv - kv * pv, (1.0 - k) * pv);
    }

    /// One step back of Rauch, Tung and Striebel.
    fn smooth(&mut self, after: &Self, next: &Held) {
        let (pp, vv, pv) = self.p;
        let (dt, keep) = (next.dt, next.keep);
        // P Φᵀ with Φ = [1 dt; 0 keep].
        let (a, b, c, d) = (pp + pv * dt, keep * pv, pv + vv * dt, keep * vv);
        let (qp, qv, qc) = next.predicted.p;
        let det = qp * qv - qc * qc;
        if det.is_nan() || det <= 1e-12 {
            return;
        }
        // Gain = P Φᵀ (predicted covariance)⁻¹.
        let (g11, g12) = ((a * qv - b * qc) / det, (b * qp - a * qc) / det);
        let (g21, g22) = ((c * qv - d * qc) / det, (d * qp - c * qc) / det);
        let step = |own: (f64, f64), after: (f64, f64), predicted: (f64, f64)| {
            let (x, v) = (after.0 - predicted.0, after.1 - predicted.1);
            (own.0 + g11 * x + g12 * v, own.1 + g21 * x + g22 * v)
        };
        self.east = step(self.east, after.east, next.predicted.east);
        self.north = step(self.north, after.north, next.predicted.north);
    }
}
