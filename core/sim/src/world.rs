//! The world goes on, a hundredth of a second at a time: carrier, phone, sensors, truth. It wires them and decides
//! nothing; what happens is the scenario's.

use std::collections::VecDeque;

use milepost_engine::contract::Input;
use milepost_engine::num::{G_MPS2, axpy};
use milepost_engine::sample::{Clock, MonoTime};

use crate::phone::Phone;
use crate::place::Origin;
use crate::rng::{Rng, Stream};
use crate::road::{Goal, Sky};
use crate::scenario::Script;
use crate::sense::{Gnss, Imu};
use crate::truth::{Fact, Labels, Moment, TrueState};
use crate::vehicle::Vehicle;

/// Length of a step.
pub(crate) const DT_S: f64 = 0.01;
const DT_NS: i64 = 10_000_000;

/// What comes out of a world, in the order in which it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// What the host hands to the engine.
    Input(Input),
    /// What is true now, 100 a second; only [`World::with_truth`].
    State(Box<TrueState>),
    /// What was true and is over.
    Fact(Fact),
}

/// A running world: an iterator of [`Item`]s in constant memory. Deterministic: the same scenario and seed give the
/// same items on every machine.
#[derive(Clone, Debug)]
pub struct World {
    script: Script,
    origin: Origin,
    start: MonoTime,
    step: i64,
    vehicle: Vehicle,
    phone: Phone,
    imu: Imu,
    gnss: Gnss,
    labels: Labels,
    facts: Vec<Fact>,
    out: VecDeque<Item>,
    truth: bool,
    stage: Stage,
}

/// How far the script has come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Begin,
    Boarding,
    Driving { parking: bool },
    Parked { until_s: f64 },
    Over,
}

impl World {
    pub(crate) fn new(script: Script) -> Self {
        let seed = script.seed;
        let origin = Origin::new(script.origin);
        let mut rng = Rng::stream(seed, Stream::Phone, 0);
        Self {
            vehicle: Vehicle::new(seed, 0, script.temper(), script.roads, script.start_pose()),
            phone: Phone::mounted(crate::maths::Rotation::random(&mut rng)),
            imu: Imu::new(Rng::stream(seed, Stream::Imu, 0), script.imu),
            gnss: Gnss::new(Rng::stream(seed, Stream::Gnss, 0), script.gnss),
            labels: Labels::default(),
            facts: Vec::new(),
            out: VecDeque::new(),
            truth: false,
            stage: Stage::Begin,
            step: 0,
            start: script.boot,
            origin,
            script,
        }
    }

    /// States of truth too, not only inputs and facts.
    #[must_use]
    pub fn with_truth(mut self) -> Self {
        self.truth = true;
        self
    }

    /// Only what a host would see.
    pub fn inputs(self) -> impl Iterator<Item = Input> {
        self.filter_map(|item| match item {
            Item::Input(input) => Some(input),
            Item::State(_) | Item::Fact(_) => None,
        })
    }

    /// Seconds by which the receiver's speed and course are late.
    pub fn gnss_lag_s(&self) -> f64 {
        self.gnss.lag_s
    }

    /// Seconds by which the receiver's position is late.
    pub fn gnss_position_lag_s(&self) -> f64 {
        self.gnss.position_lag_s
    }

    /// Seconds since the world began.
    pub fn elapsed_s(&self) -> f64 {
        self.step as f64 * DT_S
    }

    fn time(&self) -> MonoTime {
        MonoTime(self.start.0 + self.step * DT_NS)
    }

    fn push(&mut self, input: Input) {
        self.out.push_back(Item::Input(input));
    }

    fn advance(&mut self) {
        self.direct();
        if self.stage == Stage::Over {
            return;
        }
        self.step += 1;
        let (t_s, at, start) = (self.elapsed_s(), self.time(), self.start);
        let now = self.vehicle.step(t_s);
        let held = self.phone.step();
        let tilt = now.tilt();
        let turn = held.turn.after(&tilt);
        let [along, across, up_mps2] = now.level_mps2;
        let force = turn.apply([along, across, up_mps2 + G_MPS2]);
        let force = axpy(axpy(force, 1.0, held.turn.apply(now.shake_mps2)), 1.0, held.force_mps2);
        let rate = axpy(held.turn.apply(now.rate_rad_s(&tilt)), 1.0, held.rate_rad_s);
        if let Some(batch) = self.imu.step(t_s, at, force, rate) {
            self.push(Input::Imu(batch));
        }
        let on_axis = |s: f64| start.plus(s);
        if let Some(fix) = self.gnss.step(t_s, &now, &self.origin, on_axis) {
            self.push(Input::Fix(fix));
        }
        let driving = matches!(self.stage, Stage::Driving { .. });
        self.labels.step(
            Moment {
                t_s: at.seconds(),
                speed_mps: now.speed_mps,
                along_mps2: along,
                across_mps2: across,
                swerving: self.vehicle.swerving,
                driving,
                limit_mps: self.vehicle.limit_mps(),
                blind: now.sky == Sky::Tunnel,
            },
            &mut self.facts,
        );
        if let Some(peak_mps2) = self.vehicle.hit {
            self.facts.push(Fact::Pothole { t_s: at.seconds(), peak_mps2 });
        }
        self.out.extend(self.facts.drain(..).map(Item::Fact));
        if self.truth {
            self.out.push_back(Item::State(Box::new(TrueState {
                t: at,
                position: self.origin.at(now.east_m, now.north_m),
                speed_mps: now.speed_mps,
                heading_deg: (90.0 - now.heading_rad / milepost_engine::geo::RAD_PER_DEG).rem_euclid(360.0),
                a_long_mps2: along,
                a_lat_mps2: across,
                a_vert_mps2: up_mps2,
                up: turn.apply([0.0, 0.0, 1.0]),
                fwd: turn.apply([1.0, 0.0, 0.0]),
                mount: held.mount,
                limit_mps: self.vehicle.limit_mps(),
            })));
        }
    }

    /// Moves the script on.
    fn direct(&mut self) {
        let t_s = self.elapsed_s();
        match self.stage {
            Stage::Begin => {
                let clock = Clock {
                    mono: self.start,
                    wall_ms: Some(self.script.wall_ms),
                    boot_id: format!("boot-{}", self.script.seed),
                    utc_offset_min: Some(self.script.utc_offset_min),
                };
                self.push(Input::Clock(clock));
                self.stage = Stage::Boarding;
            }
            Stage::Boarding if t_s >= 30.0 => {
                self.vehicle.set_off(Goal::Wander);
                self.stage = Stage::Driving { parking: false };
            }
            Stage::Boarding => self.vehicle.engine(t_s > 8.0),
            Stage::Driving { parking: false } if t_s > self.script.duration_s - 90.0 => {
                self.vehicle.head_for_parking();
                self.stage = Stage::Driving { parking: true };
            }
            Stage::Driving { .. } if self.vehicle.arrived() => {
                self.stage = Stage::Parked { until_s: t_s + 20.0 };
            }
            Stage::Parked { until_s } if t_s >= until_s => {
                let rest = self.imu.flush();
                if !rest.is_empty() {
                    self.push(Input::Imu(rest));
                }
                self.push(Input::End);
                self.stage = Stage::Over;
            }
            Stage::Driving { .. } | Stage::Parked { .. } | Stage::Over => {}
        }
    }
}

impl Iterator for World {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.out.pop_front() {
                return Some(item);
            }
            if self.stage == Stage::Over {
                return None;
            }
            self.advance();
        }
    }
}
