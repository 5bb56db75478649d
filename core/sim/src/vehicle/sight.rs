//! The road in sight: what is laid ahead of the wheels, what waits at the end of each piece, and how slow one must be by
//! then. What the driver makes of it is `think`'s.

use std::collections::VecDeque;

use crate::rng::{Rng, Stream};
use crate::road::{End, Goal, Planner, Pose, RoadStyle, Segment};

/// Metres of road that are looked at: enough to stop from 40 m/s at 1.7 m/s².
const SIGHT_M: f64 = 480.0;

/// Whether one may pass the end of a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gate {
    /// Not looked at yet.
    Unseen,
    Open,
    /// Nobody in sight, but not at full speed either.
    Slow,
    /// Closed until then.
    Until(f64),
    /// Stop, and then wait so long.
    Wait(f64),
    Never,
}

/// A piece of road with what is going on there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Laid {
    pub road: Segment,
    pub gate: Gate,
    /// How far before the line the queue makes one stop.
    pub queue_m: f64,
    /// To be taken harshly.
    pub corner_mps2: Option<f64>,
}

impl Laid {
    /// How fast it is driven by someone who takes curves with `corner_mps2` and the limit times `factor`.
    pub fn speed_mps(&self, corner_mps2: f64, factor: f64) -> f64 {
        let lateral = self.corner_mps2.unwrap_or(corner_mps2);
        let bend = self.road.curvature.abs();
        let curve = if bend > 1e-6 { (lateral / bend).sqrt() } else { f64::INFINITY };
        let limit = if self.road.bump { self.road.limit_mps } else { self.road.limit_mps * factor };
        limit.min(curve)
    }

    /// The lights, the others at the yield: seen when one comes near.
    pub fn look_at_gate(&mut self, d: f64, v: f64, t_s: f64, rng: &mut Rng) {
        if self.gate != Gate::Unseen || d > 60.0 + v * v / 2.0 {
            return;
        }
        self.gate = match self.road.end {
            End::Through => Gate::Open,
            End::Light if rng.chance(0.5) => {
                self.queue_m = if rng.chance(0.6) { rng.range(0.0, 22.0) } else { 0.0 };
                Gate::Until(t_s + d / v.max(5.0) + rng.range(4.0, 50.0))
            }
            End::Light => Gate::Open,
            End::Yield if rng.chance(0.45) => Gate::Wait(rng.range(1.0, 7.0)),
            End::Yield => Gate::Slow,
            End::LevelCrossing if rng.chance(0.35) => Gate::Until(t_s + d / v.max(5.0) + rng.range(60.0, 220.0)),
            End::LevelCrossing => Gate::Slow,
            End::Terminus => Gate::Never,
        };
    }
}

/// What makes one slow down on the road in sight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ahead {
    /// Speeds, each after so many metres; the nearest ones count, so there is room for enough.
    slow: [(f64, f64); 12],
    len: usize,
}

impl Ahead {
    pub fn slow_to(&mut self, speed_mps: f64, after_m: f64) {
        if let Some(free) = self.slow.get_mut(self.len) {
            *free = (speed_mps, after_m);
            self.len += 1;
        }
    }

    /// The braking that all of it needs at a speed, `sooner_m` further on.
    pub fn need_mps2(&self, v: f64, sooner_m: f64) -> f64 {
        let known = self.slow.iter().take(self.len).filter(|(slow, _)| v > *slow);
        known.map(|(slow, d)| (v * v - slow * slow) / (2.0 * (d - sooner_m).max(0.25))).fold(0.0, f64::max)
    }
}

/// The road from under the wheels to the horizon.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    style: RoadStyle,
    seed: u64,
    routes: u64,
    planner: Option<Planner>,
    pub laid: VecDeque<Laid>,
    /// Metres driven on the first piece.
    pub s_m: f64,
}

impl Sight {
    pub fn new(seed: u64, style: RoadStyle) -> Self {
        Self { style, seed, routes: 0, planner: None, laid: VecDeque::new(), s_m: 0.0 }
    }

    /// A new journey from here.
    pub fn set_off(&mut self, from: Pose, goal: Goal) {
        self.routes += 1;
        let rng = Rng::stream(self.seed, Stream::Road, self.routes);
        self.laid.clear();
        self.s_m = 0.0;
        self.planner = Some(Planner::new(rng, self.style, from, goal));
    }

    /// From where the road is laid to, it leads elsewhere.
    pub fn set_goal(&mut self, goal: Goal) {
        if let Some(planner) = &mut self.planner {
            planner.set_goal(goal);
        }
    }

    /// The journey is over; what is laid stays under the wheels.
    pub fn end(&mut self) {
        self.planner = None;
    }

    /// Whether a journey is going on.
    pub fn leads_on(&self) -> bool {
        self.planner.is_some()
    }

    /// Lays road up to the horizon.
    pub fn look_ahead(&mut self) {
        let mut laid_m: f64 = self.laid.iter().map(|l| l.road.length_m).sum::<f64>() - self.s_m;
        while laid_m < SIGHT_M
            && let Some(road) = self.planner.as_mut().and_then(Planner::next)
        {
            laid_m += road.length_m;
            self.laid.push_back(Laid { road, gate: Gate::Unseen, queue_m: 0.0, corner_mps2: None });
        }
    }

    /// Moves on; says whether a corner that was to be taken harshly lies behind now.
    pub fn advance(&mut self, ds: f64) -> bool {
        let mut cornered = false;
        self.s_m += ds;
        while let Some(first) = self.laid.front()
            && self.s_m >= first.road.length_m
        {
            if self.laid.len() == 1 && self.planner.is_none() {
                self.s_m = first.road.length_m;
                break;
            }
            cornered |= first.corner_mps2.is_some();
            self.s_m -= first.road.length_m;
            self.laid.pop_front();
        }
        cornered
    }

    /// The piece under the wheels.
    pub fn here(&self) -> Option<Segment> {
        self.laid.front().map(|l| l.road)
    }

    /// Picks a tight curve ahead that can be reached at speed, to be taken with so much; says whether there is one.
    pub fn mark_corner(&mut self, peak_mps2: f64) -> bool {
        let mut d = -self.s_m;
        for laid in &mut self.laid {
            let turn = (laid.road.curvature * laid.road.length_m).abs();
            if laid.road.curvature.abs() > 0.04 && turn > 1.2 && d > 25.0 {
                laid.corner_mps2 = Some(peak_mps2);
                return true;
            }
            if laid.road.end != End::Through && laid.gate != Gate::Open {
                return false;
            }
            d += laid.road.length_m;
        }
        false
    }
}
