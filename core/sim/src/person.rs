//! A person on foot: walks to a place with real steps, stands there, turns. What the phone does on the way is `phone`'s.

use core::f64::consts::TAU;

use crate::carried::Carried;
use crate::maths::{Drift, Spring};
use crate::rng::{Rng, Stream};
use crate::road::{Pose, Sky};
use crate::world::DT_S;

/// One person, wherever they are.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    rng: Rng,
    pose: Pose,
    heading: (f64, f64),
    alt_m: f64,
    speed_mps: f64,
    pace_mps: f64,
    steps_per_m: f64,
    /// Phase of the stride: two steps a turn.
    stride_rad: f64,
    goal: Option<(f64, f64)>,
    sway: [Drift; 2],
    lean: [Spring; 2],
    /// Pitch and roll of the step before.
    tilt_rad: (f64, f64),
    swing_rad: f64,
    pub steps: u64,
    pub sky: Sky,
}

/// Nobody turns faster on foot.
const TURN_RAD_S: f64 = 1.4;
const GAIN_MPS2: f64 = 1.1;
/// A goal is reached this near.
const THERE_M: f64 = 0.6;

impl Person {
    pub fn new(seed: u64, pose: Pose) -> Self {
        let mut rng = Rng::stream(seed, Stream::Person, 0);
        let pace_mps = rng.range(1.15, 1.55);
        let sway = [Drift::new(0.8, DT_S, &mut rng), Drift::new(0.8, DT_S, &mut rng)];
        let steps = rng.whole(0, 9_000);
        Self {
            pose,
            heading: heading_of(pose),
            alt_m: 60.0,
            speed_mps: 0.0,
            steps_per_m: rng.range(1.25, 1.45),
            stride_rad: 0.0,
            goal: None,
            sway,
            lean: [Spring::default(); 2],
            tilt_rad: (0.0, 0.0),
            swing_rad: rng.range(0.2, 0.4),
            pace_mps,
            rng,
            steps,
            sky: Sky::Open,
        }
    }

    /// Is put down here, standing.
    pub fn appears(&mut self, pose: Pose, alt_m: f64) {
        self.pose = pose;
        self.heading = heading_of(pose);
        self.alt_m = alt_m;
        self.speed_mps = 0.0;
        self.goal = None;
    }

    pub fn walk_to(&mut self, east_m: f64, north_m: f64) {
        self.goal = Some((east_m, north_m));
    }

    pub fn stands(&self) -> bool {
        self.goal.is_none() && self.speed_mps == 0.0
    }

    pub fn pose(&self) -> Pose {
        self.pose
    }

    /// One step of the world; `resting` people neither sway nor swing.
    pub fn step(&mut self, resting: bool) -> Carried {
        let before = self.speed_mps;
        let turn = self.think();
        let along = (self.speed_mps - before) / DT_S;
        let yaw_rate = turn / DT_S;
        self.pose.heading_rad += turn;
        let (c, s) = self.heading;
        let (st, ct) = crate::maths::sincos(turn);
        let (c, s) = (c * ct - s * st, s * ct + c * st);
        let k = 1.5 - 0.5 * (c * c + s * s);
        self.heading = (c * k, s * k);
        self.pose.east_m += self.speed_mps * DT_S * c;
        self.pose.north_m += self.speed_mps * DT_S * s;
        self.carried(along, yaw_rate, resting)
    }

    /// Sets the speed and gives the angle to turn by in this step.
    fn think(&mut self) -> f64 {
        let Some((east_m, north_m)) = self.goal else {
            self.speed_mps = (self.speed_mps - GAIN_MPS2 * DT_S).max(0.0);
            return 0.0;
        };
        let (distance, angle) = self.pose.towards(east_m, north_m);
        if distance < THERE_M {
            self.goal = None;
            return 0.0;
        }
        let wanted = if angle.abs() > 0.7 { 0.4_f64.min(0.5 * distance) } else { self.pace_mps.min(0.35 + distance) };
        let most = GAIN_MPS2 * DT_S;
        self.speed_mps += (wanted - self.speed_mps).clamp(-most, most);
        (2.0 * angle).clamp(-TURN_RAD_S, TURN_RAD_S) * DT_S
    }

    fn carried(&mut self, along: f64, yaw_rate: f64, resting: bool) -> Carried {
        let Self { pose, speed_mps, .. } = *self;
        let (sway_x, sway_y) = if resting {
            (0.0, 0.0)
        } else {
            let [x, y] = &mut self.sway;
            (x.step(&mut self.rng), y.step(&mut self.rng))
        };
        let mut now = Carried {
            east_m: pose.east_m,
            north_m: pose.north_m,
            alt_m: self.alt_m,
            heading_rad: pose.heading_rad,
            heading_cos: self.heading.0,
            heading_sin: self.heading.1,
            speed_mps,
            level_mps2: [along, speed_mps * yaw_rate, 0.0],
            yaw_rate_rad_s: yaw_rate,
            pitch_rad: 0.0,
            pitch_rate_rad_s: 0.0,
            roll_rad: 0.0,
            roll_rate_rad_s: 0.0,
            shake_mps2: [0.06 * sway_x, 0.06 * sway_y, 0.0],
            shake_rad_s: [0.0; 3],
            sky: self.sky,
        };
        self.gait(&mut now);
        let [lean_x, lean_y] = &mut self.lean;
        lean_x.step(0.015 * sway_x, 4.0, 0.8, DT_S);
        lean_y.step(0.015 * sway_y, 4.0, 0.8, DT_S);
        now.pitch_rad += lean_x.x;
        now.roll_rad += lean_y.x;
        let (pitch, roll) = self.tilt_rad;
        now.pitch_rate_rad_s = (now.pitch_rad - pitch) / DT_S;
        now.roll_rate_rad_s = (now.roll_rad - roll) / DT_S;
        self.tilt_rad = (now.pitch_rad, now.roll_rad);
        now
    }

    /// The body goes up and down once a step and from side to side once a stride; the thigh swings with the stride.
    fn gait(&mut self, now: &mut Carried) {
        let cadence = TAU * self.speed_mps * self.steps_per_m;
        let before = self.stride_rad;
        self.stride_rad += 0.5 * cadence * DT_S;
        for edge in [core::f64::consts::PI, TAU] {
            if before < edge && self.stride_rad >= edge {
                self.steps += 1;
            }
        }
        if self.stride_rad >= TAU {
            self.stride_rad -= TAU;
        }
        let (s1, c1) = libm::sincos(self.stride_rad);
        let (s2, c2) = (2.0 * s1 * c1, c1 * c1 - s1 * s1);
        let (s4, c4) = (2.0 * s2 * c2, c2 * c2 - s2 * s2);
        let brisk = self.speed_mps / 1.35;
        let [x, y, z] = now.shake_mps2;
        now.shake_mps2 = [
            x + brisk * (1.1 * s2 + 0.4 * c4),
            y + brisk * 0.7 * c1,
            z + brisk * (2.3 * c2 + 0.9 * s4 + 0.4 * c2 * c4),
        ];
        now.pitch_rad = self.swing_rad * brisk.min(1.0) * s1;
        now.roll_rad = 0.03 * brisk.min(1.0) * c1;
    }
}

fn heading_of(pose: Pose) -> (f64, f64) {
    let (s, c) = libm::sincos(pose.heading_rad);
    (c, s)
}
