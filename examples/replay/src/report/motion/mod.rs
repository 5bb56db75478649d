//! Figures of motion of one drive: what goes by, moment by moment, to each figure. The judge's definitions
//! (`score_motion.py`).

mod acceleration;
mod honesty;
mod outage;
mod peer;
mod place;
mod series;
mod tilt;
mod yaw;

use milepost_engine::contract::{Input, StateRow};
use milepost_sim::{Fact, Scenario, TrueState};

pub use honesty::{Honesty, Within};
pub use outage::Over;
pub use peer::Peer;

use super::beside::{Beside, HOLD_S, Moment, TRUTH_HZ};
use super::drive::{Drive, Watch, drive_watched};
use super::tally::{Errors, Squares};
use series::{MOMENT_HZ, Series};
use tilt::{Tilt, angle_deg};

/// Steps from one moment to the next, and how far back they are looked at.
const MOMENT_STEPS: usize = TRUTH_HZ / MOMENT_HZ as usize;
const HOLD_STEPS: usize = HOLD_S as usize * TRUTH_HZ;

/// All figures of a drive.
pub struct MotionFigures {
    /// Inclination, and that of the peer.
    pub tilt: Squares,
    /// The peer's.
    pub tilt_vqf: Squares,
    /// Every second after a minute of driving, and the first of them.
    pub yaw: Errors,
    /// The first of them.
    pub yaw_first: Errors,
    /// Longitudinal acceleration.
    pub long: Squares,
    /// Lateral acceleration.
    pub lat: Squares,
    /// Speed.
    pub speed: Squares,
    /// Position as known at the time.
    pub causal: Squares,
    /// Position on the finished track.
    pub smoothed: Squares,
    /// Position of the fixes.
    pub raw: Squares,
    /// Outages.
    pub outages: Vec<Over>,
    /// Of speed and course.
    pub lag: Errors,
    /// Sigmas.
    pub honesty: Honesty,
}

/// Drives and measures.
pub fn measure(scenario: &Scenario) -> MotionFigures {
    watched(scenario, MotionWatch::default())
}

/// The same without a vehicle: the inclination counts in a hand too.
pub fn measure_in_hand(scenario: &Scenario) -> MotionFigures {
    let mut watch = MotionWatch::default();
    watch.tilt.in_hand_too = true;
    watch.peer_tilt.in_hand_too = true;
    watched(scenario, watch)
}

fn watched(scenario: &Scenario, mut watch: MotionWatch) -> MotionFigures {
    let drive = drive_watched(scenario, &mut watch);
    watch.finish(&drive)
}

#[derive(Default)]
struct MotionWatch {
    beside: Beside,
    steps: usize,
    tilt: Tilt,
    peer: Peer,
    peer_tilt: Tilt,
    /// The peer's errors at the last moments that the engine is not asked for yet.
    peer_errors: std::collections::VecDeque<Option<f64>>,
    yaw: yaw::Yaw,
    speed: Series,
    place: place::Place,
    accelerations: acceleration::Accelerations,
    outages: outage::Outages,
    honesty: Honesty,
}

impl Watch for MotionWatch {
    fn truth(&mut self, now: &TrueState) {
        self.beside.truth(now);
        self.accelerations.truth(now);
        if self.steps.is_multiple_of(MOMENT_STEPS) {
            self.peer_errors.push_back(self.peer.up().and_then(|up| angle_deg(up, now.up)));
        }
        self.steps += 1;
        self.look_back(HOLD_STEPS);
        self.outages.step(now.t.seconds(), &self.beside);
    }

    fn input(&mut self, input: &Input) {
        match input {
            Input::Imu(batch) => batch.iter().for_each(|sample| self.peer.sample(sample)),
            Input::Fix(fix) => self.place.fix(fix),
            Input::Signal(..) | Input::Command(..) | Input::Clock(_) | Input::Tick(_) | Input::End => {}
        }
    }

    fn row(&mut self, row: &StateRow) {
        self.beside.row(&row.state);
        self.accelerations.row(&row.state);
    }

    fn fact(&mut self, fact: &Fact) {
        if let Fact::Outage(outage) = fact {
            self.outages.push(*outage);
        }
    }
}

impl MotionWatch {
    /// Looks at the moment so many steps ago, if there is one.
    fn look_back(&mut self, steps: usize) {
        let Some(step) = self.steps.checked_sub(steps + 1) else { return };
        if !step.is_multiple_of(MOMENT_STEPS) {
            return;
        }
        let Some(moment) = self.beside.back(steps) else { return };
        self.tilt.moment(&moment);
        self.peer_tilt.error(&moment, self.peer_errors.pop_front().flatten());
        self.honesty.moment(&moment);
        self.place.moment(&moment);
        let (error, known) = speed_error(&moment);
        self.speed.push(moment.t_s, error, known);
        if step.is_multiple_of(TRUTH_HZ) {
            self.yaw.moment(&moment);
        }
    }

    fn finish(mut self, drive: &Drive) -> MotionFigures {
        (0..HOLD_STEPS).rev().for_each(|steps| self.look_back(steps));
        let (yaw, yaw_first) = self.yaw.finish();
        let (long, lat) = self.accelerations.finish();
        let places = self.place.finish(drive);
        let lag_s = drive.said.summary().and_then(|s| s.gnss_lag_s);
        let lag = lag_s.map_or(f64::INFINITY, |lag| (lag - drive.lags_s.0).abs());
        MotionFigures {
            tilt: self.tilt.finish(drive),
            tilt_vqf: self.peer_tilt.finish(drive),
            yaw,
            yaw_first,
            long,
            lat,
            speed: self.speed.squares(|t| !series::in_outage(&drive.truth, t)),
            causal: places.causal,
            smoothed: places.smoothed,
            raw: places.raw,
            outages: self.outages.finish(&self.beside),
            lag: Errors { values: vec![lag], absent: 0 },
            honesty: self.honesty,
        }
    }
}

/// Unknown counts as 0.
fn speed_error(m: &Moment) -> (f64, bool) {
    let said = m.said.and_then(|s| s.speed_mps);
    (said.unwrap_or(0.0) - m.then.speed_mps, said.is_some())
}
