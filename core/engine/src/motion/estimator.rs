//! Wires the parts: cells move the present and, behind it, the delayed filter; fixes are filed until the filter gets to
//! the moment that they describe.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::align::Bank;
use super::cell::Cell;
use super::filter::{Filter, Start};
use super::history::{Entry, History, Sums};
use super::location::Location;
use super::mount::{Change, MountWatch};
use super::plane::Plane;
use super::position_lag::PositionLag;
use super::rest::Rest;
use super::smooth::{Node, Smoother};
use super::strapdown::{Nominal, level};
use super::tumble::Tumble;
use super::updates::{self, Gates, Measurement, What};
use super::{Frame, Mount};
use crate::contract::TrackPoint;
use crate::num::{G_MPS2, Vec3, axpy, cross, dot, scale};
use crate::sample::{Fix, MonoTime};

/// First sigma of up about each axis: the force of a pull-away tilts it by so much, rad.
const FIRST_TILT_RAD: f64 = 0.12;
/// A second without fixes makes the filter fall back on what accelerations are like.
const OUTAGE_S: f64 = 4.0;
/// Rows of the track at least so often.
const TRACK_EVERY_S: f64 = 1.0;
/// The present is drawn anew from the delayed filter at least so often.
const ANCHOR_S: f64 = 1.0;
/// A measurement this much behind the filter is dropped.
const LATEST_S: f64 = 0.6;
/// After a longer hole in the IMU the phone may be anywhere.
const SAME_MOUNT_S: f64 = 60.0;
/// What lasts of the velocity's error while speeds come.
const AIDED_MPS: f64 = 0.05;
/// Up is known to a third of the tilt that tells a touch.
const SURE_TILT_RAD: f64 = 0.09;
/// How far back positions count in the filter's.
const POSITION_MEMORY_S: f64 = 120.0;
/// Nothing on the ground is so fast: the filter is lost.
const MAX_SPEED_MPS: f64 = 150.0;
/// IMU silent for longer: fixes alone.
const IMU_SILENT_S: f64 = 1.5;

/// Everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Estimator {
    pub(super) epoch: Option<MonoTime>,
    pub(super) plane: Option<Plane>,
    pub(super) rest: Rest,
    pub(super) tumble: Tumble,
    pub(super) mount: MountWatch,
    pub(super) history: History,
    pub(super) bank: Bank,
    pub(super) position_lag: PositionLag,
    pub(super) location: Location,
    pub(super) queue: VecDeque<Measurement>,
    pub(super) gates: Gates,
    pub(super) attitude: Option<Attitude>,
    pub(super) smoother: Smoother,
    pub(super) given: Vec<TrackPoint>,
    pub(super) last_fix: Option<LastFix>,
    /// Time of the newest cell.
    pub(super) cell_t_s: Option<f64>,
    /// Displacement of the delayed filter since the last node of the track.
    pub(super) node: OpenNode,
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
    anchored_s: f64,
    /// What corrections of up did to the horizontal force since the last cell.
    jumped: [f64; 2],
    rest_s: f64,
    rest_rate: Vec3,
    prior_s: f64,
    /// Velocity towards east and north over the time that positions are averaged.
    pub mean_velocity: (f64, f64),
    driven_s: f64,
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

/// Displacement since the last node of the track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenNode {
    pub t_s: Option<f64>,
    pub moved: (f64, f64),
}

impl Estimator {
    /// Seconds on the filter's own axis, which begins with the first input.
    pub(super) fn seconds(&mut self, t: MonoTime) -> f64 {
        t.since(*self.epoch.get_or_insert(t))
    }

    /// Takes the next cell.
    pub fn cell(&mut self, cell: &Cell) -> Frame {
        let t_s = self.seconds(cell.t);
        let hole = cell.dt_s <= 0.0;
        if hole {
            self.hole(cell, t_s);
        }
        self.cell_t_s = Some(t_s);
        let at_rest = self.rest.push(cell);
        self.present(cell, t_s, at_rest);
        self.watch(cell);
        self.check_level(cell, t_s);
        self.follow();
        self.frame(cell, at_rest)
    }

    /// Time has a hole, or begins.
    fn hole(&mut self, cell: &Cell, t_s: f64) {
        let length_s = self.cell_t_s.map_or(f64::INFINITY, |before| t_s - before);
        if length_s < SAME_MOUNT_S && self.mount.status() == Mount::Fixed {
            self.bridge(length_s, t_s);
        } else {
            self.begin(cell, t_s);
        }
        self.history.clear();
        self.bank.hole();
        self.position_lag.hole();
    }

    /// A hole so short that the phone is where it was: up and forward stay, the rest is carried on and less sure.
    fn bridge(&mut self, length_s: f64, t_s: f64) {
        let rest: Vec<Entry> = self.history.iter_fresh().copied().collect();
        self.history.fresh = 0;
        for entry in &rest {
            self.step(entry);
        }
        let Some(a) = &mut self.attitude else { return };
        a.filter.coast(length_s);
        a.filter_t_s = t_s;
        a.head = a.filter.nominal;
        a.basis = level(a.basis, a.head.up);
    }

    /// What diverged is begun anew, biases included: they may be what made it diverge.
    fn check_level(&mut self, cell: &Cell, t_s: f64) {
        let Some(a) = &self.attitude else { return };
        let lost = self.tumble.push(cell, a.head.up);
        let wild = a.head.speed.is_nan() || a.head.speed.abs() > MAX_SPEED_MPS;
        let Some(mean_force) = lost.or(wild.then_some(cell.force)) else { return };
        self.bank.remount();
        self.mount.slipped();
        self.begin_with(Nominal::from_force(mean_force), cell, t_s);
        self.history.clear();
        self.bank.hole();
        self.position_lag.hole();
    }

    /// Nothing is known of the phone but its biases.
    fn begin(&mut self, cell: &Cell, t_s: f64) {
        let mut nominal = Nominal::from_force(cell.force);
        if let Some(a) = &self.attitude {
            nominal.gyro_bias = a.filter.nominal.gyro_bias;
            nominal.force_bias = a.filter.nominal.force_bias;
            self.bank.remount();
            self.mount.slipped();
        }
        self.begin_with(nominal, cell, t_s);
    }

    fn begin_with(&mut self, nominal: Nominal, cell: &Cell, t_s: f64) {
        self.attitude = Some(Attitude {
            filter: Filter::new(nominal, FIRST_TILT_RAD),
            filter_t_s: t_s,
            head: nominal,
            basis: nominal.fwd,
            cell: *cell,
            anchored_s: 0.0,
            jumped: [0.0; 2],
            rest_s: 0.0,
            rest_rate: [0.0; 3],
            prior_s: 0.0,
            mean_velocity: (0.0, 0.0),
            driven_s: 0.0,
            speed_t_s: f64::NEG_INFINITY,
        });
    }

    /// The present moves through the cell, and the history grows.
    fn present(&mut self, cell: &Cell, t_s: f64, at_rest: bool) {
        let Some(a) = &mut self.attitude else { return };
        a.cell = *cell;
        a.head.turn(cell);
        a.basis = level(a.basis, a.head.up);
        let felt = a.head.felt(cell);
        let before = (a.head.east, a.head.north);
        if a.filter.driving {
            a.head.drive(&felt, cell.dt_s);
        }
        let force = axpy(cell.force, -1.0, a.head.force_bias);
        let last = self.history.last().map_or(Sums { t_s, ..Sums::default() }, |e| e.sums);
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
        self.history.push(Entry { cell: *cell, at_rest, rate_noise: self.rest.rate_noise(), sums });
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

    /// The forward axis is no longer known.
    pub(super) fn drop_mount(&mut self) {
        self.bank.remount();
        self.position_lag.hole();
        self.gates = Gates::default();
        if let Some(a) = &mut self.attitude {
            a.filter.stop_driving();
            a.head = a.filter.nominal;
        }
        self.anchor();
    }

    /// How far the filter runs behind.
    pub(super) fn delay_s(&self) -> f64 {
        if self.attitude.as_ref().is_some_and(|a| a.filter.driving) {
            self.bank.lag().mean_s.max(self.position_lag_s())
        } else {
            0.0
        }
    }

    /// Position lag in use.
    pub(super) fn position_lag_s(&self) -> f64 {
        self.position_lag.lag().0
    }

    /// The delayed filter catches up to its delay.
    pub(super) fn follow(&mut self) {
        let Some(now) = self.cell_t_s else { return };
        let target = now - self.delay_s() + 1e-6;
        let mut corrected = false;
        while let Some(entry) = self.history.next_fresh().copied().filter(|e| e.sums.t_s <= target) {
            self.history.fresh -= 1;
            corrected |= self.step(&entry);
        }
        let Some(a) = &mut self.attitude else { return };
        a.anchored_s += a.cell.dt_s;
        if corrected || a.anchored_s >= ANCHOR_S {
            self.anchor();
        }
    }

    /// Draws the present from the delayed filter.
    fn anchor(&mut self) {
        let Some(a) = &mut self.attitude else { return };
        let mut head = a.filter.nominal;
        head.carry(self.history.iter_fresh().map(|entry| &entry.cell), a.filter.driving);
        let jump = axpy(head.up, -1.0, a.head.up);
        let [along, across] = a.jumped;
        a.jumped = [along + G_MPS2 * dot(jump, a.basis), across + G_MPS2 * dot(jump, cross(a.head.up, a.basis))];
        a.head = head;
        a.anchored_s = 0.0;
    }

    /// The delayed filter moves through a cell; returns whether a fix corrected it.
    fn step(&mut self, entry: &Entry) -> bool {
        let Some(a) = &mut self.attitude else { return false };
        let before = (a.filter.nominal.east, a.filter.nominal.north);
        let span = a.filter.step(&entry.cell, entry.rate_noise);
        let moved = (a.filter.nominal.east - before.0, a.filter.nominal.north - before.1);
        a.filter_t_s = entry.sums.t_s;
        a.driven_s = if a.filter.driving { (a.driven_s + entry.cell.dt_s).min(POSITION_MEMORY_S) } else { 0.0 };
        let k = 1.0 / a.driven_s.max(entry.cell.dt_s).max(1e-3);
        let (ve, vn) = a.mean_velocity;
        let dt = entry.cell.dt_s;
        a.mean_velocity = (ve + k * (moved.0 - ve * dt), vn + k * (moved.1 - vn * dt));
        if entry.at_rest {
            a.rest_s += entry.cell.dt_s;
            a.rest_rate = axpy(a.rest_rate, entry.cell.dt_s, entry.cell.rate.unwrap_or([0.0; 3]));
        } else {
            (a.rest_s, a.rest_rate) = (0.0, [0.0; 3]);
        }
        if let Some(span) = span {
            let fix_speed = self.last_fix.filter(|f| a.filter_t_s - f.t_s < 5.0).and_then(|f| f.speed);
            let slow = fix_speed.map_or(a.filter.nominal.speed < 2.0, |v| v < 1.0);
            if a.rest_s >= 1.0 && slow {
                let rate = entry.cell.rate.map(|_| scale(1.0 / a.rest_s, a.rest_rate));
                updates::rest(&mut a.filter, span.long, span.lat, rate, true);
                (a.rest_s, a.rest_rate) = (0.0, [0.0; 3]);
            } else if entry.at_rest && slow {
                // Rest speaks once a second.
            } else if a.filter.driving {
                if a.filter.nominal.speed > 1.0 {
                    updates::lateral(&mut a.filter, &span);
                }
                if a.filter_t_s - a.speed_t_s > OUTAGE_S {
                    updates::drift_along(&mut a.filter, &span);
                }
            } else {
                let explained = self.last_fix.filter(|f| a.filter_t_s - f.t_s < 3.0 && f.interval_s < 3.0).map(|f| {
                    let turn = f.speed.unwrap_or(20.0) * span.yaw_rate.unwrap_or(0.1);
                    (f.slope * f.slope + turn * turn).sqrt()
                });
                updates::drift(&mut a.filter, &span, explained);
            }
            a.prior_s += span.dt_s;
            if a.prior_s >= 1.0 {
                if let Some((up, over_s)) = self.mount.gravity()
                    && a.filter.driving
                    && over_s > 30.0
                {
                    updates::mount_prior(&mut a.filter, up, over_s, a.prior_s);
                }
                a.prior_s = 0.0;
            }
        }
        let driving = a.filter.driving;
        let corrected = self.apply_due(moved, driving);
        self.track_while_blind(driving);
        corrected
    }

    /// Applies what the filter has come to; returns whether a fix corrected it.
    fn apply_due(&mut self, moved: (f64, f64), driving: bool) -> bool {
        let (e, n) = self.node.moved;
        self.node.moved = (e + moved.0, n + moved.1);
        let mut corrected = false;
        while let Some(a) = &mut self.attitude
            && let Some(m) = self.queue.front().copied().filter(|m| m.t_s <= a.filter_t_s)
        {
            self.queue.pop_front();
            if !driving {
                continue;
            }
            corrected = true;
            let late = a.filter_t_s - m.t_s;
            // Later than this, it came with a lag that was not known then.
            if late < LATEST_S {
                self.gates.apply(&mut a.filter, &m.what, late);
            }
            match m.what {
                What::Speed(..) => a.speed_t_s = a.filter_t_s,
                What::Course(..) => {}
                What::Position(east, north, sigma) => {
                    let node = Node {
                        t_s: m.t_s.max(self.smoother.last_t_s().unwrap_or(m.t_s)),
                        moved: self.node.moved,
                        velocity_sigma: velocity_sigma(&a.filter, a.filter_t_s - a.speed_t_s),
                        fix: Some((east, north, sigma)),
                        speed: Some(a.filter.nominal.speed.max(0.0)),
                    };
                    self.push_node(node);
                }
            }
        }
        corrected
    }

    fn track_while_blind(&mut self, driving: bool) {
        let Some(a) = &self.attitude else { return };
        let since = self.smoother.last_t_s().map_or(0.0, |t| a.filter_t_s - t);
        if since < TRACK_EVERY_S {
            return;
        }
        let node = if driving {
            Node {
                t_s: a.filter_t_s,
                moved: self.node.moved,
                velocity_sigma: velocity_sigma(&a.filter, a.filter_t_s - a.speed_t_s),
                fix: None,
                speed: Some(a.filter.nominal.speed.max(0.0)),
            }
        } else {
            let (east, north) = self.location.velocity();
            let Some(known) = self.location.at(a.filter_t_s, 0.0, self.position_lag_s()) else { return };
            let carried = since.min(3.0);
            Node {
                t_s: a.filter_t_s,
                moved: (east * carried, north * carried),
                velocity_sigma: 2.0,
                fix: None,
                speed: known.speed,
            }
        };
        self.push_node(node);
    }

    pub(super) fn push_node(&mut self, node: Node) {
        self.node = OpenNode { t_s: Some(node.t_s), moved: (0.0, 0.0) };
        let (Some(plane), Some(epoch)) = (self.plane, self.epoch) else { return };
        let given = &mut self.given;
        self.smoother.push(node, |s| {
            given.push(TrackPoint {
                t: epoch.plus(s.t_s),
                position: plane.to_degrees(s.east, s.north),
                speed_mps: s.speed,
            });
        });
    }

    /// The vehicle's part of the filter begins, if it can.
    pub(super) fn try_to_drive(&mut self) {
        let Some(a) = &mut self.attitude else { return };
        let Some(found) = self.bank.alignment(&self.history) else { return };
        if self.mount.status() == Mount::Handled {
            return;
        }
        let left = cross(a.head.up, a.basis);
        let (sin, cos) = libm::sincos(found.yaw);
        let fwd = axpy(scale(cos, a.basis), sin, left);
        let yaw = libm::atan2(dot(fwd, a.head.left), dot(fwd, a.head.fwd));
        if a.filter.driving {
            self.compare(yaw, found.yaw_sigma, found.length);
            return;
        }
        let good = found.yaw_sigma < super::config::ALIGNED_SIGMA_RAD
            && found.length > 0.6
            && found.length < 1.5
            && found.speed > 2.0
            && self.bank.used() >= 2;
        let known = self.location.at(a.filter_t_s, 0.0, self.position_lag.lag().0);
        let (Some(known), Some(fix)) = (known, self.last_fix) else { return };
        if !good {
            return;
        }
        let Some(course) = fix.course.or(known.psi) else { return };
        let lag = self.bank.lag().mean_s;
        let [now, then] = self.history.sums_at([a.filter_t_s, fix.t_s - lag]);
        let turned = match (now, then) {
            (Some(now), Some(then)) => now.turned - then.turned,
            (Some(_), None) | (None, Some(_)) | (None, None) => 0.0,
        };
        let start = Start {
            speed: found.speed,
            speed_sigma: found.speed_sigma + 0.1,
            psi: course + turned,
            psi_sigma: if fix.course.is_some() { 0.05 + 0.3 / found.speed } else { 0.3 },
            east: known.east,
            north: known.north,
            position_sigma: fix.hacc.max(3.0) + found.speed * 0.5,
            yaw_sigma: found.yaw_sigma,
            offset: found.offset,
            offset_sigma: found.offset_sigma,
        };
        a.filter.settle();
        a.filter.start_driving(yaw, &start);
        a.speed_t_s = a.filter_t_s;
        self.gates = Gates::default();
        self.queue.clear();
        a.head = a.filter.nominal;
        self.node.moved = (0.0, 0.0);
    }

    /// The bank, which looks at nothing but force and speed, watches the filter's forward axis.
    fn compare(&mut self, apart: f64, sigma: f64, length: f64) {
        let Some(a) = &self.attitude else { return };
        let own = a.filter.variance(super::filter::AL);
        let clear = apart * apart > 9.0 * (sigma * sigma + own) + 0.03;
        let sure = sigma < 0.15 && length > 0.7 && length < 1.4;
        if (clear && sure) || self.gates.misfit > 8.0 {
            self.mount.slipped();
            self.drop_mount();
            self.bank.doubt();
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

    fn frame(&self, cell: &Cell, at_rest: bool) -> Frame {
        let Some(a) = &self.attitude else { return Frame::default() };
        let force = axpy(cell.force, -1.0, a.head.force_bias);
        Frame {
            state: self.state(cell.t),
            dt_s: cell.dt_s,
            force_mps2: cell.force,
            force_max_mps2: cell.force_max,
            rate_rad_s: cell.rate,
            yaw_rate_rad_s: a.head.felt(cell).yaw_rate,
            level_mps2: [dot(force, a.basis), dot(force, cross(a.head.up, a.basis))],
            vertical_mps2: dot(force, a.head.up) - crate::num::G_MPS2,
            at_rest,
            mount: self.mount.status(),
            mount_number: self.mount.number(),
        }
    }
}

/// One sigma of what lasts of the velocity's error. While speeds come, they keep it from lasting; what does not last is
/// the smoother's own walk.
fn velocity_sigma(filter: &Filter, since_speed_s: f64) -> f64 {
    if since_speed_s < OUTAGE_S {
        return AIDED_MPS;
    }
    let v = filter.nominal.speed;
    (AIDED_MPS * AIDED_MPS + filter.variance(super::filter::V) + v * v * filter.variance(super::filter::PSI)).sqrt()
}
