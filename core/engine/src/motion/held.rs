//! A node of the path that waits for hindsight, in whole numbers of units that are finer than anything asked of them: a
//! fifth of what they would take as they are, and a snapshot holds four minutes of them.

use nalgebra::{Matrix3, Vector3};

use super::path::{Aside, Belief, Step};
use crate::packing::{Row, short, whole};

/// Ticks in a second: jitter of a receiver's stamps is coarser.
const PER_SECOND: f64 = 1e4;
/// In a metre, and in a metre a second.
const PER_METRE: f64 = 1e3;
/// In a sigma, of what is counted in sigmas: up to eight of them.
const PER_SIGMA: f64 = 4096.0;
/// In a correlation of 1, and in a variance that is at most 1. The nearest that any two get to 1 is 0.02.
const PER_ONE: f64 = 65_536.0;

/// The node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Held {
    t: i64,
    speed: Option<i32>,
    /// Whole degrees; beyond a circle is unknown.
    heading_deg: u16,
    /// Whole metres; the least is unknown.
    alt_m: i16,
    /// From the node before.
    moved: [i32; 2],
    velocity_sigma: f32,
    spread_sigma: i32,
    /// The belief was begun anew at the end of the step: hindsight ends here.
    pub broken: bool,
    /// Place after the node's own fix, but for what all places were shifted by since.
    east: i32,
    north: i32,
    /// Errors of velocity and receiver, of both axes.
    errors: [i16; 4],
    sigma: i32,
    variances: [i32; 2],
    /// Of place and velocity, place and receiver, velocity and receiver.
    correlations: [i32; 3],
}

impl Held {
    pub fn new(t_s: f64, aside: Aside, step: &Step, broken: bool, belief: &Belief) -> Self {
        let Belief { east, north, p } = belief;
        let metres = |x: f64| whole(x * PER_METRE);
        let sigma = |variance: f64| variance.max(0.0).sqrt();
        let correlation = |covariance: f64, a: f64, b: f64| whole(covariance / (sigma(a * b)).max(1e-12) * PER_ONE);
        Self {
            t: (t_s * PER_SECOND + 0.5) as i64,
            speed: aside.speed.map(metres),
            heading_deg: aside.heading_deg.unwrap_or(u16::MAX),
            alt_m: aside.alt_m.unwrap_or(i16::MIN),
            moved: [metres(step.moved.0), metres(step.moved.1)],
            velocity_sigma: step.velocity_sigma as f32,
            spread_sigma: metres(sigma(step.spread)),
            broken,
            east: metres(east.x),
            north: metres(north.x),
            errors: [east.y, east.z, north.y, north.z].map(|x| short(x * PER_SIGMA)),
            sigma: metres(sigma(p.m11)),
            variances: [p.m22, p.m33].map(|x| whole(x * PER_ONE)),
            correlations: [
                correlation(p.m12, p.m11, p.m22),
                correlation(p.m13, p.m11, p.m33),
                correlation(p.m23, p.m22, p.m33),
            ],
        }
    }

    pub fn t_s(&self) -> f64 {
        self.t as f64 / PER_SECOND
    }

    pub fn aside(&self) -> Aside {
        Aside {
            speed: self.speed.map(|v| f64::from(v) / PER_METRE),
            heading_deg: Some(self.heading_deg).filter(|deg| *deg < 360),
            alt_m: Some(self.alt_m).filter(|m| *m > i16::MIN),
        }
    }

    pub fn shift(&mut self, (east, north): (f64, f64)) {
        self.east = self.east.saturating_add(whole(east * PER_METRE));
        self.north = self.north.saturating_add(whole(north * PER_METRE));
    }

    pub fn belief(&self) -> Belief {
        let [ey, ez, ny, nz] = self.errors.map(|x| f64::from(x) / PER_SIGMA);
        let [east, north, sigma] = [self.east, self.north, self.sigma].map(|x| f64::from(x) / PER_METRE);
        let [p22, p33] = self.variances.map(|x| f64::from(x) / PER_ONE);
        let (s2, s3) = (p22.max(0.0).sqrt(), p33.max(0.0).sqrt());
        let [c12, c13, c23] = self.correlations.map(|x| f64::from(x) / PER_ONE);
        let (p12, p13, p23) = (c12 * sigma * s2, c13 * sigma * s3, c23 * s2 * s3);
        Belief {
            east: Vector3::new(east, ey, ez),
            north: Vector3::new(north, ny, nz),
            p: Matrix3::new(sigma * sigma, p12, p13, p12, p22, p23, p13, p23, p33),
        }
    }

    pub fn step_from(&self, before: &Self) -> Step {
        let [east, north] = self.moved.map(|x| f64::from(x) / PER_METRE);
        let spread_sigma = f64::from(self.spread_sigma) / PER_METRE;
        Step {
            dt_s: (self.t - before.t) as f64 / PER_SECOND,
            moved: (east, north),
            velocity_sigma: f64::from(self.velocity_sigma),
            spread: spread_sigma * spread_sigma,
        }
    }
}

/// Numbers of a node that is packed into a snapshot.
const NUMBERS: usize = 21;

impl Row<NUMBERS> for Held {
    fn row(&self) -> [i64; NUMBERS] {
        let [m0, m1] = self.moved.map(i64::from);
        let [a, b, c, d] = self.errors.map(i64::from);
        let [v0, v1] = self.variances.map(i64::from);
        let [c0, c1, c2] = self.correlations.map(i64::from);
        let [spread, east, north, sigma] = [self.spread_sigma, self.east, self.north, self.sigma].map(i64::from);
        // No vehicle is that slow.
        let speed = self.speed.map_or(i64::from(i32::MIN), i64::from);
        let (heading, alt) = (i64::from(self.heading_deg), i64::from(self.alt_m));
        let v_sigma = i64::from(self.velocity_sigma.to_bits());
        let broken = i64::from(self.broken);
        [
            self.t, speed, heading, alt, m0, m1, v_sigma, spread, broken, east, north, a, b, c, d, sigma, v0, v1, c0,
            c1, c2,
        ]
    }

    fn from_row(row: [i64; NUMBERS]) -> Option<Self> {
        let [
            t,
            speed,
            heading,
            alt,
            m0,
            m1,
            v_sigma,
            spread,
            broken,
            east,
            north,
            errors @ ..,
            sigma,
            v0,
            v1,
            c0,
            c1,
            c2,
        ] = row;
        let whole = |x: i64| i32::try_from(x).ok();
        let [a, b, c, d] = errors.map(|x| i16::try_from(x).ok());
        let speed = whole(speed)?;
        Some(Self {
            t,
            speed: (speed != i32::MIN).then_some(speed),
            heading_deg: u16::try_from(heading).ok()?,
            alt_m: i16::try_from(alt).ok()?,
            moved: [whole(m0)?, whole(m1)?],
            velocity_sigma: f32::from_bits(u32::try_from(v_sigma).ok()?),
            spread_sigma: whole(spread)?,
            broken: broken != 0,
            east: whole(east)?,
            north: whole(north)?,
            errors: [a?, b?, c?, d?],
            sigma: whole(sigma)?,
            variances: [whole(v0)?, whole(v1)?],
            correlations: [whole(c0)?, whole(c1)?, whole(c2)?],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(i: u32) -> Held {
        let k = f64::from(i);
        let step = Step { dt_s: 1.0, moved: (12.3, -4.5), velocity_sigma: 0.31, spread: 0.04 };
        let p = Matrix3::new(9.7, 0.8, -2.9, 0.8, 0.7, -0.1, -2.9, -0.1, 0.99);
        let belief = Belief { east: Vector3::new(12.3 * k, 0.4, -1.2), north: Vector3::new(-4.5 * k, -0.1, 0.3), p };
        let aside = Aside {
            speed: (!i.is_multiple_of(5)).then_some(13.0),
            heading_deg: (!i.is_multiple_of(3)).then_some((i % 360) as u16),
            alt_m: (!i.is_multiple_of(4)).then_some(i as i16 - 100),
        };
        Held::new(k + 0.013, aside, &step, i.is_multiple_of(7), &belief)
    }

    #[test]
    fn a_node_comes_back_finer_than_anybody_looks() {
        let (held, before) = (node(9), node(8));
        let Belief { east, north, p } = held.belief();
        assert!((east - Vector3::new(110.7, 0.4, -1.2)).norm() < 1e-3, "{east}");
        assert!((north - Vector3::new(-40.5, -0.1, 0.3)).norm() < 1e-3, "{north}");
        let off = p - Matrix3::new(9.7, 0.8, -2.9, 0.8, 0.7, -0.1, -2.9, -0.1, 0.99);
        assert!(off.norm() < 0.01 && p.cholesky().is_some(), "{off}");
        let step = held.step_from(&before);
        assert!((step.dt_s - 1.0).abs() < 1e-9 && (step.spread - 0.04).abs() < 1e-6, "{step:?}");
        let aside = Aside { speed: Some(13.0), heading_deg: None, alt_m: Some(-91) };
        assert_eq!((held.aside(), step.moved), (aside, (12.3, -4.5)));
    }

    #[test]
    fn a_snapshot_brings_back_the_same_nodes_in_few_bytes() {
        let nodes: Vec<Held> = (0..240).map(node).collect();
        let bytes = crate::packing::pack(nodes.iter().map(Row::row));
        let back: Option<Vec<Held>> =
            crate::packing::unpack(&bytes).and_then(|rows| rows.into_iter().map(Held::from_row).collect());
        assert_eq!(back, Some(nodes));
        assert!(bytes.len() < 240 * 42, "{}", bytes.len());
    }
}
