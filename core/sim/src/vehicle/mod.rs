//! The vehicle and who drives it: follows the road, obeys what stands on it more or less, and reports how it moves.
//! Where the road comes from is `road`'s; what the phone makes of it is `phone`'s.

mod body;
mod crash;
mod harsh;
mod jam;
mod sight;
mod temper;
mod think;

pub(crate) use temper::Temper;

use body::Body;
use crash::Crashing;
use harsh::{Kind, Manoeuvre};
use jam::Jam;
use sight::Sight;

use crate::carried::Carried;
use crate::maths::{Drift, Spring};
use crate::rng::{Rng, Stream};
use crate::road::{Goal, Pose, RoadStyle, Segment, Sky};
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

/// A driver thinks 25 times a second; the body moves at every step.
const THINK_EVERY: u32 = 4;
/// How far the hands wander on the wheel, and by how much more when tired, of that.
const WANDER: f64 = 0.0035;
const WANDER_TIRED: f64 = 3.0;

#[derive(Clone, Debug)]
pub(crate) struct Vehicle {
    rng: Rng,
    temper: Temper,
    body: Body,
    sight: Sight,
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
            sight: Sight::new(seed, style),
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
        self.sight.set_off(self.pose, goal);
        self.engine = true;
        self.standing = None;
    }

    /// The journey is to end soon.
    pub fn head_for_parking(&mut self) {
        self.sight.set_goal(Goal::Park);
    }

    /// Stop and go until then.
    pub fn jam(&mut self, until_s: f64) {
        self.jam = Some(Jam::traffic(until_s));
    }

    /// The gates of a level crossing close right ahead.
    pub fn gates_close(&mut self, until_s: f64) {
        self.jam = Some(Jam::gates(until_s));
    }

    /// Something is hit at `t_s`; the journey is over.
    pub fn crash(&mut self, crash: Crash, t_s: f64) {
        self.crashing = Some(Crashing::new(crash, t_s, self.speed_mps, &mut self.rng));
        self.sight.end();
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
        self.sight.here().map(|road| road.limit_mps)
    }

    pub fn arrived(&self) -> bool {
        self.standing == Some(Standing::Parked)
    }

    /// One step of [`DT_S`] that ends at `t_s`.
    pub fn step(&mut self, t_s: f64) -> Carried {
        self.hit = None;
        if self.sight.leads_on() {
            if self.think_in == 0 {
                self.think(t_s);
                self.think_in = THINK_EVERY;
            }
            self.think_in -= 1;
        }
        if !self.sight.leads_on() {
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
            if !self.sight.leads_on() {
                self.along_mps2 = 0.0;
                self.standing = Some(Standing::Parked);
            }
        }
        if self.sight.advance(ds) && matches!(self.manoeuvre, Some(Manoeuvre::Corner { .. })) {
            self.manoeuvre = None;
        }
        let here = self.sight.here();
        let curvature = here.map_or(0.0, |r| r.curvature_at(self.sight.s_m));
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
        let far = WANDER * (1.0 + WANDER_TIRED * self.temper.tired);
        let target = far * self.wander.step(&mut self.rng);
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
}
