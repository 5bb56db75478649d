//! The world goes on, a hundredth of a second at a time: what carries the phone, the phone, the sensors, the truth. It
//! wires them and decides nothing; what happens is the story's.

use std::collections::VecDeque;

use milepost_engine::contract::{Input, SensingPlan};
use milepost_engine::geo::RAD_PER_DEG;
use milepost_engine::num::{G_MPS2, Vec3, axpy, scale};
use milepost_engine::sample::{Clock, MonoTime};

use crate::carried::Carried;
use crate::cast::Cast;
use crate::phone::Held;
use crate::place::Origin;
use crate::rng::{Rng, Stream};
use crate::road::Sky;
use crate::scenario::Script;
use crate::sense::{Gnss, Imu, Wakers};
use crate::truth::{Fact, Going, Impact, Journey, Labels, Moment, TrueState};

/// Length of a step.
pub(crate) const DT_S: f64 = 0.01;
const DT_NS: i64 = 10_000_000;

/// Steps at once while the phone lies and nothing is sensed: a second.
const NIGHT_STRIDE: i64 = 100;

/// A pocket softens blows: time constant of its low-pass.
const POCKET_TAU_S: f64 = 0.02;

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
    cast: Cast,
    origin: Origin,
    clock: Clock,
    step: i64,
    imu: Imu,
    gnss: Gnss,
    labels: Labels,
    journey: Journey,
    facts: Vec<Fact>,
    out: VecDeque<Item>,
    truth: bool,
    soft: Option<Vec3>,
    /// Of a host that obeys.
    wakers: Option<Wakers>,
    driven_m: f64,
    /// While the phone rests, its sensors are read once a second, whatever their rate.
    skims: bool,
    over: bool,
}

impl World {
    pub(crate) fn new(script: &Script) -> Self {
        let seed = script.seed;
        let clock = Clock {
            mono: script.boot,
            wall_ms: Some(script.wall_ms),
            boot_id: format!("boot-{seed}"),
            utc_offset_min: Some(script.utc_offset_min),
        };
        Self {
            cast: Cast::new(script),
            origin: Origin::new(script.origin),
            step: 0,
            imu: Imu::new(Rng::stream(seed, Stream::Imu, 0), script.imu),
            gnss: Gnss::new(Rng::stream(seed, Stream::Gnss, 0), script.gnss),
            labels: Labels::default(),
            journey: Journey::default(),
            facts: Vec::new(),
            out: VecDeque::from([Item::Input(Input::Clock(clock.clone()))]),
            clock,
            truth: false,
            soft: None,
            wakers: script.obedient.then(|| Wakers::new(Rng::stream(seed, Stream::Signals, 1))),
            driven_m: 0.0,
            skims: false,
            over: false,
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

    /// The host does as it is told: from now on only what the plan asks for is sensed.
    pub fn obey(&mut self, plan: &SensingPlan) {
        self.gnss.ask(self.elapsed_s(), plan.gnss);
        self.imu.ask(f64::from(plan.imu_hz));
        self.cast.signals.ask(plan.activity);
        let t_s = self.elapsed_s();
        if let Some(wakers) = &mut self.wakers {
            wakers.ask(t_s, plan, self.clock.mono);
        }
    }

    /// For hosts that sense day and night: while the phone rests, sensors are read once a second, whatever their rate.
    #[must_use]
    pub fn skimming_rest(mut self) -> Self {
        self.skims = true;
        self
    }

    /// Metres driven so far.
    pub fn driven_m(&self) -> f64 {
        self.driven_m
    }

    /// The phone lies somewhere, or sits with someone: at night, at a desk.
    pub fn rests(&self) -> bool {
        self.cast.rests()
    }

    /// Seconds by which the receiver's speed and course are late.
    pub fn gnss_lag_s(&self) -> f64 {
        self.gnss.lag_s
    }

    /// Seconds by which the receiver's position is late.
    pub fn gnss_position_lag_s(&self) -> f64 {
        self.gnss.position_lag_s
    }

    /// How the input's axis begins.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Seconds since the world began.
    pub fn elapsed_s(&self) -> f64 {
        self.step as f64 * DT_S
    }

    fn push(&mut self, input: Input) {
        self.out.push_back(Item::Input(input));
    }

    fn advance(&mut self) {
        if !self.cast.direct(self.elapsed_s()) {
            return self.end();
        }
        self.step += self.stride();
        let (t_s, start) = (self.elapsed_s(), self.clock.mono);
        let at = MonoTime(start.0 + self.step * DT_NS);
        let (mut now, held) = self.cast.step(t_s);
        if t_s < self.cast.no_sky_until_s {
            now.sky = Sky::Tunnel;
        }
        let tilt = now.tilt();
        let turn = held.turn.after(&tilt);
        let (force, rate) = self.felt(&now, &held);
        if let Some(batch) = self.imu.step(t_s, at, force, rate) {
            self.push(Input::Imu(batch));
        }
        if self.cast.no_fix_ever {
            self.gnss.dies();
        }
        // Nobody computes network positions for a phone that dozes.
        let dozes = self.wakers.as_ref().is_some_and(|wakers| wakers.dozes(t_s)) && !self.gnss.is_on();
        if dozes {
            self.gnss.sleeps(t_s);
        } else if let Some(fix) = self.gnss.step(t_s, &now, &self.origin, |s| on_axis(start, s)) {
            self.push(Input::Fix(fix));
        }
        let facts = self.cast.facts(t_s);
        if let Some((since_s, signal)) = self.cast.signals.step(t_s, facts) {
            self.push(Input::Signal(on_axis(start, since_s), signal));
        }
        if let Some(wakers) = &mut self.wakers {
            let woken = wakers.step(t_s, at, now.speed_mps, || self.origin.at(now.east_m, now.north_m));
            self.out.extend(woken.map(Item::Input));
        }
        if self.cast.aboard {
            self.driven_m += now.speed_mps * DT_S;
        }
        self.judge(at, &now);
        if self.truth {
            let [along, across, up] = now.level_mps2;
            self.out.push_back(Item::State(Box::new(TrueState {
                t: at,
                position: self.origin.at(now.east_m, now.north_m),
                speed_mps: now.speed_mps,
                heading_deg: (90.0 - now.heading_rad / RAD_PER_DEG).rem_euclid(360.0),
                a_long_mps2: along,
                a_lat_mps2: across,
                a_vert_mps2: up,
                up: turn.apply([0.0, 0.0, 1.0]),
                fwd: turn.apply([1.0, 0.0, 0.0]),
                mount: held.mount,
                limit_mps: facts.limit_mps,
            })));
        }
    }

    /// A night passes in seconds: nothing moves, and nobody looks.
    fn stride(&self) -> i64 {
        let senses = (self.imu.is_on() || self.gnss.is_on()) && !self.skims;
        if self.wakers.is_some() && !self.truth && !senses && self.cast.lies_still(self.elapsed_s()) {
            NIGHT_STRIDE
        } else {
            1
        }
    }

    /// Specific force and rotation rate as they reach the phone, without the sensors' errors.
    fn felt(&mut self, now: &Carried, held: &Held) -> (Vec3, Vec3) {
        let tilt = now.tilt();
        let [along, across, up] = now.level_mps2;
        let body = axpy(tilt.apply([along, across, up + G_MPS2]), 1.0, now.shake_mps2);
        let body = if held.soft {
            let before = self.soft.unwrap_or(body);
            axpy(before, DT_S / (DT_S + POCKET_TAU_S), axpy(body, -1.0, before))
        } else {
            body
        };
        self.soft = Some(body);
        let force = axpy(scale(held.carried, held.turn.apply(body)), 1.0, held.force_mps2);
        let rate = axpy(held.turn.apply(now.rate_rad_s(&tilt)), 1.0, held.rate_rad_s);
        (force, rate)
    }

    /// What was true in this step, for the book of facts.
    fn judge(&mut self, at: MonoTime, now: &Carried) {
        let (t_s, cast) = (at.seconds(), &self.cast);
        let driving = cast.driving();
        let [along_mps2, across_mps2, _] = now.level_mps2;
        let moment = Moment {
            t_s,
            speed_mps: now.speed_mps,
            along_mps2,
            across_mps2,
            swerving: cast.vehicle.swerving,
            driving,
            crashed: cast.vehicle.crashed(),
            in_hand: cast.in_hand(),
            limit_mps: cast.vehicle.limit_mps(),
            blind: now.sky == Sky::Tunnel,
        };
        self.labels.step(moment, &mut self.facts);
        let going: Going = cast.going();
        if let Some(peak_mps2) = cast.vehicle.hit.filter(|_| cast.aboard) {
            self.facts.push(Fact::Pothole { t_s, peak_mps2 });
        }
        if let Some(crash) = cast.crash {
            self.facts.push(Fact::Impact(Impact { crash, t_s }));
        }
        self.journey.step(t_s, now.speed_mps, going, &mut self.facts);
        self.out.extend(self.facts.drain(..).map(Item::Fact));
    }

    fn end(&mut self) {
        self.over = true;
        let rest = self.imu.flush();
        if !rest.is_empty() {
            self.push(Input::Imu(rest));
        }
        self.labels.end(&mut self.facts);
        self.journey.end(&mut self.facts);
        self.out.extend(self.facts.drain(..).map(Item::Fact));
        self.push(Input::End);
    }
}

/// Seconds of the world on the input's axis, in whole microseconds.
fn on_axis(start: MonoTime, t_s: f64) -> MonoTime {
    MonoTime(start.0 + (t_s * 1e6).round() as i64 * 1000)
}

impl Iterator for World {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.out.pop_front() {
                return Some(item);
            }
            if self.over {
                return None;
            }
            self.advance();
        }
    }
}
