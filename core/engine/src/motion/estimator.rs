//! Wires the parts: cells move the present and, behind it, the delayed filter; fixes are filed until the filter gets to
//! the moment that they describe.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Frame;
use super::align::Bank;
use super::cell::{Cell, Closed};
use super::filter::Filter;
use super::history::{Entry, History, Sums};
use super::location::Location;
use super::mount::{Change, MountWatch};
use super::path::Path;
use super::plane::Plane;
use super::position_lag::PositionLag;
use super::rest::Rest;
use super::strapdown::{Nominal, level_still};
use super::updates::{Gates, Measurement};
use crate::contract::TrackPoint;
use crate::num::{Vec3, axpy, cross, dot, scale};
use crate::sample::{Fix, MonoTime};

/// Up is known to a third of the tilt that tells a touch.
const SURE_TILT_RAD: f64 = 0.09;
/// IMU silent for longer: fixes alone.
const IMU_SILENT_S: f64 = 1.5;

/// Everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Estimator {
    pub(super) epoch: Option<MonoTime>,
    pub(super) plane: Option<Plane>,
    pub(super) rest: Rest,
    pub(super) mount: MountWatch,
    pub(super) history: History,
    pub(super) bank: Bank,
    pub(super) position_lag: PositionLag,
    pub(super) location: Location,
    pub(super) queue: VecDeque<Measurement>,
    pub(super) gates: Gates,
    pub(super) attitude: Option<Attitude>,
    pub(super) path: Path,
    pub(super) given: Vec<TrackPoint>,
    pub(super) last_fix: Option<LastFix>,
    /// Time of the newest cell.
    pub(super) cell_t_s: Option<f64>,
    /// The delayed filter's odometer at the newest node of the path, if it ran then.
    pub(super) odometer: Option<(f64, f64)>,
    /// The fix before gave the steps in position from which a missing speed or course is had.
    pub(super) step_from: Option<StepFrom>,
}

/// What exists once the IMU spoke.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attitude {
    /// Behind by the lag.
    pub filter: Filter,
    /// Time of `filter`.
    pub filter_t_s: f64,
    /// The present.
    pub head: Nominal,
    /// Axis of the horizontal basis that is fixed in the phone.
    pub basis: Vec3,
    /// The newest cell, for the state.
    pub cell: Cell,
    /// Seconds since the present was drawn from the filter.
    pub(super) anchored_s: f64,
    /// What corrections of up did to the horizontal force since the last cell.
    pub(super) jumped: [f64; 2],
    pub(super) rest_s: f64,
    pub(super) rest_rate: Vec3,
    /// Time since the rest began, as far as updates used it.
    pub(super) resting_s: f64,
    pub(super) prior_s: f64,
    /// Velocity towards east and north over the time that positions are averaged.
    pub mean_velocity: (f64, f64),
    pub(super) driven_s: f64,
    /// Last fix speed used by the filter.
    pub speed_t_s: f64,
}

/// The newest fix, as far as the next needs it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastFix {
    pub t_s: f64,
    pub speed: Option<f64>,
    /// Change of speed per second since the fix before, without sign.
    pub slope: f64,
    pub hacc: f64,
    pub interval_s: f64,
    pub course: Option<f64>,
}

/// Where a step in position began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepFrom {
    pub t_s: f64,
    pub east: f64,
    pub north: f64,
}

impl Estimator {
    /// Seconds on the filter's own axis, which begins with the first input.
    pub(super) fn seconds(&mut self, t: MonoTime) -> f64 {
        t.since(*self.epoch.get_or_insert(t))
    }

    /// Takes the next cell.
    pub fn cell(&mut self, closed: &Closed) -> Frame {
        let Closed { t, cell, .. } = closed;
        let t_s = self.seconds(*t);
        let hole = cell.dt_s <= 0.0;
        if hole {
            self.hole(cell, t_s);
        }
        self.cell_t_s = Some(t_s);
        let at_rest = self.rest.push(cell);
        self.present(cell, t_s, at_rest);
        self.watch(cell);
        self.check_sane(cell, t_s);
        self.follow();
        self.frame(closed, at_rest)
    }

    /// The present moves through the cell, and the history grows.
    fn present(&mut self, cell: &Cell, t_s: f64, at_rest: bool) {
        let Some(a) = &mut self.attitude else { return };
        a.cell = *cell;
        a.head.turn(cell);
        a.basis = level_still(a.basis, a.head.up);
        let felt = a.head.felt(cell);
        let before = (a.head.east, a.head.north);
        if a.filter.driving {
            a.head.drive(&felt, cell.dt_s);
        }
        let force = axpy(cell.force, -1.0, a.head.force_bias);
        let last = self.history.newest().unwrap_or(Sums { t_s, ..Sums::default() });
        let sums = Sums {
            t_s,
            along: last.along + dot(force, a.basis) * cell.dt_s,
            across: last.across + dot(force, cross(a.head.up, a.basis)) * cell.dt_s,
            turned: last.turned + felt.yaw_rate.unwrap_or(0.0) * cell.dt_s,
            east: last.east + a.head.east - before.0,
            north: last.north + a.head.north - before.1,
            corrected: [last.corrected[0] + a.jumped[0], last.corrected[1] + a.jumped[1]],
        };
        a.jumped = [0.0; 2];
        self.history.push(Entry::new(cell, at_rest, self.rest.rate_noise()), sums);
    }

    fn watch(&mut self, cell: &Cell) {
        let Some(a) = &mut self.attitude else { return };
        let rate = a.head.rate(cell);
        let (explained, moving) = if a.filter.driving {
            let turn = a.head.speed * rate.map_or(0.0, |rate| dot(rate, a.head.up));
            (scale(turn, a.head.left), a.head.speed > 2.0)
        } else {
            ([0.0; 3], false)
        };
        let tilt = a.filter.variance(super::filter::E1) + a.filter.variance(super::filter::E2);
        let sure = tilt < SURE_TILT_RAD * SURE_TILT_RAD;
        match self.mount.push(cell, rate, a.head.up, explained, moving, sure) {
            Some(Change::Taken) => self.drop_mount(),
            Some(Change::Placed) => {
                self.bank.remount();
                a.filter.inflate(super::filter::E1, 0.01);
                a.filter.inflate(super::filter::E2, 0.01);
            }
            None => {}
        }
    }

    /// Whether the filter speaks for the vehicle at `t_s`.
    pub(super) fn live(&self, t_s: f64) -> Option<&Attitude> {
        let fresh = self.cell_t_s.is_some_and(|c| t_s - c < IMU_SILENT_S);
        self.attitude.as_ref().filter(|_| fresh)
    }

    /// Takes one clean fix.
    pub fn fix(&mut self, fix: &Fix) {
        self.take_fix(fix);
        self.follow();
    }

    fn frame(&self, closed: &Closed, at_rest: bool) -> Frame {
        let Some(a) = &self.attitude else { return Frame::default() };
        let cell = &closed.cell;
        let felt = a.head.felt(cell);
        Frame {
            state: self.state(closed.t),
            dt_s: cell.dt_s,
            force_mps2: cell.force,
            force_max_mps2: closed.force_max,
            rate_rad_s: cell.rate,
            yaw_rate_rad_s: felt.yaw_rate,
            level_mps2: self.level(a),
            vertical_mps2: felt.vert,
            at_rest,
            mount: self.mount.status(),
            mount_number: self.mount.number(),
        }
    }
}
