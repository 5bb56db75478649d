//! Drives along the road: speed for the limit, the curve and the temper, stops where one must stop, harsh when due.

use std::collections::VecDeque;

use super::body::Body;
use super::crash::Crashing;
use super::harsh::{Kind, Manoeuvre, any_kind, peak_mps2};
use super::temper::Temper;
use crate::carried::Carried;
use crate::maths::{Drift, Spring};
use crate::rng::{Rng, Stream};
use crate::road::{End, Goal, Planner, Pose, RoadStyle, Segment, Sky};
use crate::truth::Crash;
use crate::world::DT_S;

/// Why the vehicle stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Light,
    Crossing,
    Jam,
    Parked,
}

/// Whether one may pass the end of a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gate {
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

#[derive(Clone, Copy, Debug)]
struct Laid {
    road: Segment,
    gate: Gate,
    /// How far before the line the queue makes one stop.
    queue_m: f64,
    /// To be taken harshly.
    corner_mps2: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Jam {
    /// Gates, not other cars: nobody moves before it is over.
    gates: bool,
    until_s: f64,
    phase_until_s: f64,
    speed_mps: f64,
}

/// What makes one slow down on the road in sight.
#[derive(Clone, Copy, Debug, Default)]
struct Ahead {
    /// Speeds, each after so many metres; the nearest ones count, so there is room for enough.
    slow: [(f64, f64); 12],
    len: usize,
}

impl Ahead {
    fn slow_to(&mut self, speed_mps: f64, after_m: f64) {
        if let Some(free) = self.slow.get_mut(self.len) {
            *free = (speed_mps, after_m);
            self.len += 1;
        }
    }

    /// The braking that all of it needs at a speed, `sooner_m` further on.
    fn need_mps2(&self, v: f64, sooner_m: f64) -> f64 {
        let known = self.slow.iter().take(self.len).filter(|(slow, _)| v > *slow);
        known.map(|(slow, d)| (v * v - slow * slow) / (2.0 * (d - sooner_m).max(0.25))).fold(0.0, f64::max)
    }
}

/// Metres of road that are looked at: enough to stop from 40 m/s at 1.7 m/s².
const SIGHT_M: f64 = 480.0;
/// A driver thinks 25 times a second; the body moves at every step.
const THINK_EVERY: u32 = 4;

#[derive(Clone, Debug)]
pub(crate) struct Vehicle {
    rng: Rng,
    temper: Temper,
    body: Body,
    planner: Option<Planner>,
    style: RoadStyle,
    laid: VecDeque<Laid>,
    s_m: f64,
    pose: Pose,
    heading: (f64, f64),
    alt_m: f64,
    pub speed_mps: f64,
    along_mps2: f64,
    wish_mps2: f64,
    wish_jerk: f64,
    think_in: u32,
    braking: bool,
    shift_until_s: f64,
    manual_gears: bool,
    gear: u32,
    mood: Drift,
    wander: Drift,
    lane: Spring,
    lane_side: f64,
    next_lane_s: f64,
    manoeuvre: Option<Manoeuvre>,
    due: Option<(Kind, f64)>,
    next_harsh_s: f64,
    next_hole_m: f64,
    jam: Option<Jam>,
    crashing: Option<Crashing>,
    slip_mps: f64,
    engine: bool,
    routes: u64,
    seed: u64,
    pub standing: Option<Standing>,
    /// A hole or bump was hit in this step, m/s².
    pub hit: Option<f64>,
    /// A lane change or swerve is going on.
    pub swerving: bool,
}

impl Vehicle {
    pub fn new(seed: u64, number: u64, temper: Temper, style: RoadStyle, pose: Pose) -> Self {
        let mut rng = Rng::stream(seed, Stream::Driver, number);
        let body = Body::new(Rng::stream(seed, Stream::Body, number));
        let (s, c) = libm::sincos(pose.heading_rad);
        Self {
            manual_gears: rng.chance(0.6),
            mood: Drift::new(14.0, DT_S * f64::from(THINK_EVERY), &mut rng),
            wander: Drift::new(3.0, DT_S, &mut rng),
            next_lane_s: rng.wait(1.0 / 150.0),
            next_harsh_s: rng.wait(temper.harsh_per_h / 3600.0),
            next_hole_m: rng.range(50.0, 400.0),
            rng,
            temper,
            body,
            planner: None,
            style,
            laid: VecDeque::new(),
            s_m: 0.0,
            pose,
            heading: (c, s),
            alt_m: 60.0,
            speed_mps: 0.0,
            along_mps2: 0.0,
            wish_mps2: 0.0,
            wish_jerk: 2.0,
            think_in: 0,
            braking: false,
            shift_until_s: 0.0,
            gear: 0,
            lane: Spring::default(),
            lane_side: 1.0,
            manoeuvre: None,
            due: None,
            jam: None,
            crashing: None,
            slip_mps: 0.0,
            engine: false,
            routes: 0,
            seed,
            standing: Some(Standing::Parked),
            hit: None,
            swerving: false,
        }
    }

    pub fn engine(&mut self, on: bool) {
        self.engine = on;
    }

    pub fn slam_door(&mut self) {
        let peak = self.rng.range(0.8, 3.5);
        self.body.slam(peak);
    }

    /// Sets off from where it stands.
    pub fn set_off(&mut self, goal: Goal) {
        self.routes += 1;
        let rng = Rng::stream(self.seed, Stream::Road, self.routes);
        self.laid.clear();
        self.s_m = 0.0;
        self.planner = Some(Planner::new(rng, self.style, self.pose, goal));
        self.engine = true;
        self.standing = None;
    }

    /// The journey is to end soon.
    pub fn head_for_parking(&mut self) {
        if let Some(planner) = &mut self.planner {
            planner.set_goal(Goal::Park);
        }
    }

    /// Stop and go until then.
    pub fn jam(&mut self, until_s: f64) {
        self.jam = Some(Jam { gates: false, until_s, phase_until_s: 0.0, speed_mps: 3.0 });
    }

    /// The gates of a level crossing close right ahead.
    pub fn gates_close(&mut self, until_s: f64) {
        self.jam = Some(Jam { gates: true, until_s, phase_until_s: until_s, speed_mps: 0.0 });
    }

    /// Something is hit at `t_s`; the journey is over.
    pub fn crash(&mut self, crash: Crash, t_s: f64) {
        self.crashing = Some(Crashing::new(crash, t_s, self.speed_mps, &mut self.rng));
        self.planner = None;
        self.manoeuvre = None;
        self.due = None;
        self.jam = None;
    }

    pub fn crashed(&self) -> bool {
        self.crashing.is_some()
    }

    pub fn pose(&self) -> Pose {
        self.pose
    }

    pub fn limit_mps(&self) -> Option<f64> {
        self.laid.front().map(|l| l.road.limit_mps)
    }

    pub fn arrived(&self) -> bool {
        self.standing == Some(Standing::Parked)
    }

    /// One step of [`DT_S`] that ends at `t_s`.
    pub fn step(&mut self, t_s: f64) -> Carried {
        self.hit = None;
        if self.planner.is_some() {
            if self.think_in == 0 {
                self.think(t_s);
                self.think_in = THINK_EVERY;
            }
            self.think_in -= 1;
        }
        if self.planner.is_none() {
            // Nothing more to drive for: comes to a stop, after a crash on whatever is left of it.
            let (drag, jerk) = self.crashing.map_or((1.5, 3.0), |c| (c.drag_mps2, 30.0));
            self.wish_mps2 = if self.speed_mps > 0.0 { -drag } else { 0.0 };
            self.wish_jerk = jerk;
        }
        self.pedal(t_s);
        let blows = self.crashing.map(|c| c.now(t_s)).unwrap_or_default();
        let [blow_along, blow_across, blow_up] = blows.force_mps2;
        let before = self.speed_mps;
        self.speed_mps = (self.speed_mps + (self.along_mps2 + blow_along) * DT_S).max(0.0);
        let ds = DT_S * 0.5 * (before + self.speed_mps);
        let along = (self.speed_mps - before) / DT_S;
        if self.speed_mps == 0.0 {
            self.along_mps2 = self.along_mps2.max(0.0);
            if self.planner.is_none() {
                self.along_mps2 = 0.0;
                self.standing = Some(Standing::Parked);
            }
        }
        self.advance(ds);
        let here = self.laid.front().map(|l| l.road);
        let curvature = here.map_or(0.0, |r| r.curvature_at(self.s_m));
        let mean_speed = 0.5 * (before + self.speed_mps);
        let yaw_rate = curvature * mean_speed + self.steer(t_s, mean_speed) + blows.yaw_rad_s;
        self.turn(yaw_rate * DT_S, ds);
        let across = mean_speed * yaw_rate + blow_across;
        if self.crashing.is_some() {
            self.slip_mps += blow_across * DT_S;
            let aside = self.slip_mps * DT_S;
            self.pose.east_m -= aside * self.heading.1;
            self.pose.north_m += aside * self.heading.0;
        }
        self.holes(ds, here);
        let (grade, bank) = here.map_or((0.0, 0.015), |r| (r.grade, r.bank));
        let sway = self.body.step(mean_speed, along, across, grade, bank, self.engine);
        self.alt_m += ds * sway.grade;
        let (c, s) = self.heading;
        Carried {
            east_m: self.pose.east_m,
            north_m: self.pose.north_m,
            alt_m: self.alt_m,
            heading_rad: self.pose.heading_rad,
            heading_cos: c,
            heading_sin: s,
            speed_mps: self.speed_mps,
            level_mps2: [along, across, sway.vertical_mps2 + blow_up],
            yaw_rate_rad_s: yaw_rate,
            pitch_rad: sway.pitch_rad,
            pitch_rate_rad_s: sway.pitch_rate_rad_s,
            roll_rad: sway.roll_rad + blows.roll_rad,
            roll_rate_rad_s: sway.roll_rate_rad_s + blows.roll_rad_s,
            shake_mps2: sway.shake_mps2,
            shake_rad_s: sway.shake_rad_s,
            sky: here.map_or(Sky::Open, |r| r.sky),
        }
    }

    /// Moves on along the laid road.
    fn advance(&mut self, ds: f64) {
        self.s_m += ds;
        while let Some(first) = self.laid.front()
            && self.s_m >= first.road.length_m
        {
            if self.laid.len() == 1 && self.planner.is_none() {
                self.s_m = first.road.length_m;
                return;
            }
            if first.corner_mps2.is_some() && matches!(self.manoeuvre, Some(Manoeuvre::Corner { .. })) {
                self.manoeuvre = None;
            }
            self.s_m -= first.road.length_m;
            self.laid.pop_front();
        }
    }

    fn turn(&mut self, angle: f64, ds: f64) {
        let (c, s) = self.heading;
        let half = 0.5 * angle;
        self.pose.east_m += ds * (c - half * s);
        self.pose.north_m += ds * (s + half * c);
        self.pose.heading_rad += angle;
        let (sa, ca) = crate::maths::sincos(angle);
        let (c, s) = (c * ca - s * sa, s * ca + c * sa);
        // One Newton step holds the length at one.
        let k = 1.5 - 0.5 * (c * c + s * s);
        self.heading = (c * k, s * k);
    }

    /// Yaw rate of the hands on the wheel: small wandering, lane changes, swerves.
    fn steer(&mut self, t_s: f64, speed: f64) -> f64 {
        let target = 0.0035 * self.wander.step(&mut self.rng);
        self.lane.step(if speed > 3.0 { target } else { 0.0 }, 2.0, 0.8, DT_S);
        let mut yaw = if speed > 3.0 { self.lane.v } else { 0.0 };
        self.swerving = false;
        if let Some(Manoeuvre::Swerve { peak_mps2, period_s, begun_s }) = self.manoeuvre {
            let x = (t_s - begun_s) / period_s;
            if x >= 1.0 || speed < 4.0 {
                self.manoeuvre = None;
            } else {
                yaw += peak_mps2 / speed * libm::sin(core::f64::consts::TAU * x);
                self.swerving = true;
            }
        }
        yaw
    }

    fn holes(&mut self, ds: f64, here: Option<Segment>) {
        self.next_hole_m -= ds;
        if self.next_hole_m > 0.0 || self.speed_mps < 2.0 {
            return;
        }
        let bump = here.is_some_and(|r| r.bump);
        let quality = here.map_or(500.0, |r| {
            if r.limit_mps < 15.0 {
                350.0
            } else if r.limit_mps < 26.0 {
                700.0
            } else {
                2_500.0
            }
        });
        self.next_hole_m = self.rng.wait(1.0 / quality) + 5.0;
        let depth = 1.2 * libm::exp(0.8 * self.rng.normal());
        let peak = if bump { 3.0 + depth } else { depth }.min(16.0) * (self.speed_mps / 9.0).min(1.3);
        self.body.hit(peak, bump);
        self.hit = Some(peak);
    }

    /// The foot follows the wish, as fast as this driver's jerk allows.
    fn pedal(&mut self, t_s: f64) {
        let mut wish = self.wish_mps2;
        if self.manual_gears && wish > 0.7 {
            let gear = [4.5, 9.0, 14.5, 21.0].iter().filter(|v| self.speed_mps > **v).count() as u32;
            if gear > self.gear && !matches!(self.manoeuvre, Some(Manoeuvre::Accelerate { .. })) {
                self.shift_until_s = t_s + 0.35;
            }
            self.gear = gear;
            if t_s < self.shift_until_s {
                wish = 0.1;
            }
        }
        let most = self.wish_jerk * DT_S;
        self.along_mps2 += (wish - self.along_mps2).clamp(-most, most);
    }

    fn think(&mut self, t_s: f64) {
        self.look_ahead();
        let mood = self.mood.step(&mut self.rng);
        let Some(first) = self.laid.front().copied() else {
            // The road has ended under the wheels: the journey is over.
            self.park();
            return;
        };
        let v = self.speed_mps;
        let factor = self.temper.speed_factor * (1.0 + 0.05 * mood.clamp(-2.0, 2.0));
        let mut free = self.speed_for(&first, factor);
        let mut closed = None;
        let jammed = self.jam_speed(t_s);
        if let Some(slow) = jammed {
            free = free.min(slow);
        }
        let mut ahead = Ahead::default();
        let mut to_stop = f64::INFINITY;
        let horizon = v * v / (2.0 * 0.6 * self.temper.brake_mps2) + 60.0;
        let mut d = first.road.length_m - self.s_m;
        let mut index = 0;
        while d < horizon
            && let Some(laid) = self.laid.get_mut(index)
        {
            Self::look_at_gate(laid, d, v, t_s, &mut self.rng);
            let (stop, slow) = match laid.gate {
                Gate::Open | Gate::Unseen => (None, None),
                Gate::Slow => (None, Some(4.5)),
                Gate::Until(t) if t_s >= t => {
                    laid.gate = Gate::Open;
                    (None, None)
                }
                Gate::Wait(s) if v < 0.05 && d - laid.queue_m < 5.0 => {
                    laid.gate = Gate::Until(t_s + s);
                    (Some(laid.queue_m), None)
                }
                Gate::Until(_) | Gate::Wait(_) | Gate::Never => (Some(laid.queue_m), None),
            };
            if let Some(before) = stop {
                let left = d - before - 0.5;
                ahead.slow_to(0.0, left.max(0.25));
                to_stop = to_stop.min(left);
                closed = closed.or(Some((laid.road.end, left)));
                break;
            }
            if let Some(slow) = slow {
                ahead.slow_to(slow, d.max(0.5));
            }
            index += 1;
            let Some(next) = self.laid.get(index) else { break };
            ahead.slow_to(self.speed_for(next, factor), d.max(1.0));
            d += next.road.length_m;
        }
        self.decide(t_s, free, &ahead, to_stop);
        let gates = self.jam.is_some_and(|j| j.gates);
        self.note_standing(if gates { Some((End::LevelCrossing, 0.0)) } else { closed }, jammed.is_some());
    }

    /// From what is allowed and what comes to what the foot shall do.
    fn decide(&mut self, t_s: f64, free: f64, ahead: &Ahead, to_stop: f64) {
        let (v, comfort) = (self.speed_mps, self.temper);
        // The foot needs time to press: brake as if the road were shorter by what passes until then.
        let missing = (ahead.need_mps2(v, 0.0) + self.along_mps2).max(0.0);
        let need = ahead.need_mps2(v, 0.5 * v * missing / comfort.jerk_mps3);
        let ratio = v / free.max(0.3);
        let power = comfort.accelerate_mps2 * (13.0 / v.max(13.0));
        let mut wish =
            (power * (1.0 - ratio * ratio * ratio * ratio)).max(if ratio > 1.15 { -comfort.brake_mps2 } else { -0.7 });
        self.wish_jerk = comfort.jerk_mps3;
        // One brakes when braking comfortably is nearly needed, and then goes on until it is done.
        self.braking = need > 0.75 * comfort.brake_mps2 || (self.braking && need > 0.35 * comfort.brake_mps2);
        if self.braking {
            wish = wish.min(-1.06 * need);
            if need > 1.3 * comfort.brake_mps2 {
                self.wish_jerk = 3.0 * comfort.jerk_mps3;
            }
        } else if need > 0.4 * comfort.brake_mps2 {
            wish = wish.min(-0.25);
        }
        if to_stop < 2.5 && v < 1.3 {
            wish = if v > 0.0 { -(0.4 + 0.5 * v) } else { 0.0 };
        }
        if free < 0.1 {
            wish = if v > 0.0 { wish.min(-(0.5 + 0.4 * v).min(comfort.brake_mps2)) } else { 0.0 };
        }
        self.wish_mps2 = wish;
        self.be_harsh(t_s, ahead, to_stop);
    }

    fn be_harsh(&mut self, t_s: f64, ahead: &Ahead, to_stop: f64) {
        let v = self.speed_mps;
        let need = ahead.need_mps2(v, 0.0);
        match self.manoeuvre {
            Some(Manoeuvre::Brake { peak_mps2, until_mps }) => {
                if v <= until_mps {
                    self.manoeuvre = None;
                } else {
                    self.wish_mps2 = self.wish_mps2.min(-peak_mps2);
                    self.wish_jerk = 12.0;
                }
                return;
            }
            Some(Manoeuvre::Accelerate { peak_mps2, until_mps }) => {
                if v >= until_mps || need > self.temper.brake_mps2 {
                    self.manoeuvre = None;
                } else {
                    self.wish_mps2 = peak_mps2;
                    self.wish_jerk = 8.0;
                }
                return;
            }
            Some(Manoeuvre::Corner { .. } | Manoeuvre::Swerve { .. }) => return,
            None => {}
        }
        if self.jam.is_some() {
            return;
        }
        if t_s >= self.next_harsh_s {
            let gap = self.rng.wait(self.temper.harsh_per_h / 3600.0).max(12.0);
            self.next_harsh_s = t_s + gap;
            let kind = any_kind(&mut self.rng);
            self.due = Some((kind, peak_mps2(kind, &mut self.rng)));
        }
        let clear = need < 0.5 && to_stop > 60.0;
        let straight = self.laid.front().is_some_and(|l| l.road.curvature == 0.0);
        let left_m = self.laid.front().map_or(0.0, |l| l.road.length_m - self.s_m);
        if let Some((kind, peak_mps2)) = self.due {
            let begun = match kind {
                Kind::Brake if v > 10.0 && straight => {
                    let drop = self.rng.range(4.0, 9.0);
                    Some(Manoeuvre::Brake { peak_mps2, until_mps: (v - drop).max(3.0) })
                }
                Kind::Accelerate if v > 4.0 && v < 9.0 && clear && straight && ahead.need_mps2(v + 7.5, 35.0) < 1.5 => {
                    let rise = self.rng.range(5.5, 7.5);
                    Some(Manoeuvre::Accelerate { peak_mps2, until_mps: v + rise })
                }
                Kind::Corner => self.mark_corner(peak_mps2),
                Kind::Swerve if v > 10.0 && clear && straight && left_m > 2.5 * v => {
                    let period_s = self.rng.range(1.6, 2.4);
                    let peak_mps2 = peak_mps2 * self.rng.sign();
                    Some(Manoeuvre::Swerve { peak_mps2, period_s, begun_s: t_s })
                }
                Kind::Brake | Kind::Accelerate | Kind::Swerve => None,
            };
            if begun.is_some() {
                self.manoeuvre = begun;
                self.due = None;
            }
        } else if t_s >= self.next_lane_s && v > 8.0 && clear && straight && left_m > 6.0 * v {
            self.next_lane_s = t_s + 8.0 + self.rng.wait(1.0 / 150.0);
            self.lane_side = -self.lane_side;
            let period_s = self.rng.range(4.0, 6.0);
            // Three and a half metres to the side: A·T²/2π.
            let peak_mps2 = self.lane_side * 22.0 / (period_s * period_s);
            self.manoeuvre = Some(Manoeuvre::Swerve { peak_mps2, period_s, begun_s: t_s });
        }
    }

    /// Picks a tight curve ahead that can be reached at speed.
    fn mark_corner(&mut self, peak_mps2: f64) -> Option<Manoeuvre> {
        let mut d = -self.s_m;
        for laid in &mut self.laid {
            let turn = (laid.road.curvature * laid.road.length_m).abs();
            if laid.road.curvature.abs() > 0.04 && turn > 1.2 && d > 25.0 {
                laid.corner_mps2 = Some(peak_mps2);
                return Some(Manoeuvre::Corner { peak_mps2 });
            }
            if laid.road.end != End::Through && laid.gate != Gate::Open {
                return None;
            }
            d += laid.road.length_m;
        }
        None
    }

    fn speed_for(&self, laid: &Laid, factor: f64) -> f64 {
        let lateral = laid.corner_mps2.unwrap_or(self.temper.corner_mps2);
        let bend = laid.road.curvature.abs();
        let curve = if bend > 1e-6 { (lateral / bend).sqrt() } else { f64::INFINITY };
        let limit = if laid.road.bump { laid.road.limit_mps } else { laid.road.limit_mps * factor };
        limit.min(curve)
    }

    fn look_at_gate(laid: &mut Laid, d: f64, v: f64, t_s: f64, rng: &mut Rng) {
        if laid.gate != Gate::Unseen || d > 60.0 + v * v / 2.0 {
            return;
        }
        laid.gate = match laid.road.end {
            End::Through => Gate::Open,
            End::Light if rng.chance(0.5) => {
                laid.queue_m = if rng.chance(0.6) { rng.range(0.0, 22.0) } else { 0.0 };
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

    fn look_ahead(&mut self) {
        let mut laid_m: f64 = self.laid.iter().map(|l| l.road.length_m).sum::<f64>() - self.s_m;
        while laid_m < SIGHT_M
            && let Some(road) = self.planner.as_mut().and_then(Planner::next)
        {
            laid_m += road.length_m;
            self.laid.push_back(Laid { road, gate: Gate::Unseen, queue_m: 0.0, corner_mps2: None });
        }
    }

    fn jam_speed(&mut self, t_s: f64) -> Option<f64> {
        let mut jam = self.jam?;
        if t_s >= jam.until_s {
            self.jam = None;
            return None;
        }
        if t_s >= jam.phase_until_s {
            let moving = jam.speed_mps < 0.1;
            let length = if moving { self.rng.range(6.0, 25.0) } else { self.rng.range(8.0, 70.0) };
            jam.speed_mps = if moving { self.rng.range(1.5, 6.0) } else { 0.0 };
            jam.phase_until_s = t_s + length;
            self.jam = Some(jam);
        }
        Some(jam.speed_mps)
    }

    fn note_standing(&mut self, closed: Option<(End, f64)>, jammed: bool) {
        if self.speed_mps > 0.05 {
            self.standing = None;
            return;
        }
        match closed {
            Some((End::Terminus, left)) if left < 6.0 => self.park(),
            Some((End::LevelCrossing, left)) if left < 8.0 => self.standing = Some(Standing::Crossing),
            Some((_, left)) if left < 8.0 => self.standing = Some(Standing::Light),
            Some(_) | None if jammed => self.standing = Some(Standing::Jam),
            Some(_) | None => {}
        }
    }

    fn park(&mut self) {
        self.planner = None;
        self.manoeuvre = None;
        self.due = None;
        self.jam = None;
    }
}
