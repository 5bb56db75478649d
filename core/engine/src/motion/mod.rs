//! Motion of the phone and of the vehicle it is in: attitude, mount alignment, vehicle-frame acceleration, speed,
//! position and heading, each with its sigma. It takes clean samples and fixes in order of time and knows nothing of
//! trips.
//!
//! Samples become cells of 40 ms (`cell`). A fix describes the past, so the Kalman filter (`filter`, fed by `updates`)
//! runs behind by the receiver's lag, where fixes are true, and its mean (`strapdown`) is carried to the present through
//! the last seconds of cells (`history`): Bar-Shalom's delayed measurements, done as PX4's EKF2 does. The lag and the
//! forward axis come from `align`, mount changes from `mount`, and `location` serves whenever there is no IMU or no
//! forward axis.

mod align;
mod begin;
mod cell;
mod config;
mod estimator;
mod filter;
mod fixes;
mod follow;
mod forward;
mod held;
mod history;
mod location;
mod mount;
mod nodes;
mod output;
mod path;
mod plane;
mod position_lag;
mod rest;
mod strapdown;
mod updates;

use serde::{Deserialize, Serialize};

pub use config::MotionConfig;

use crate::contract::TrackPoint;
use crate::geo::LatLon;
use crate::num::Vec3;
use crate::sample::{Fix, ImuSample, MonoTime};

use cell::Decimator;
use estimator::Estimator;

/// A direction in the phone frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    /// Unit vector.
    pub axis: Vec3,
    /// One sigma of its angle.
    pub sigma_deg: f64,
}

/// Acceleration in the vehicle frame (ISO 8855: x forward, y left, z up; gravity removed).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acceleration {
    /// Forward, in the horizontal plane.
    pub long_mps2: f64,
    /// To the left, in the horizontal plane.
    pub lat_mps2: f64,
    /// Up.
    pub vert_mps2: f64,
    /// One sigma of each.
    pub sigma_mps2: f64,
}

/// What is known of the vehicle at a time, from nothing later. What is not known is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// When.
    pub t: MonoTime,
    /// Where.
    pub position: Option<LatLon>,
    /// One sigma of the position, horizontal.
    pub position_sigma_m: Option<f64>,
    /// How fast; never negative.
    pub speed_mps: Option<f64>,
    /// One sigma of the speed.
    pub speed_sigma_mps: Option<f64>,
    /// Where to, degrees clockwise from true north.
    pub heading_deg: Option<f64>,
    /// Felt, where `up` and `fwd` are known; before `fwd` is, what the fixes show (slope of the speed, v·ω), with the
    /// sigma of that.
    pub acceleration: Option<Acceleration>,
    /// Up in the phone frame.
    pub up: Option<Direction>,
    /// The vehicle's forward in the phone frame, horizontal.
    pub fwd: Option<Direction>,
}

/// Whether the phone stays where it is in the vehicle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mount {
    /// Not yet known.
    #[default]
    Unknown,
    /// It moves with the vehicle.
    Fixed,
    /// It is being moved in the vehicle.
    Handled,
}

/// The mean of all samples in one cell of 40 ms (or one sample, where they come slower).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// What is known at the last sample of the cell.
    pub state: State,
    /// Time since the frame before; 0 for the first and after a hole.
    pub dt_s: f64,
    /// Mean specific force, phone frame.
    pub force_mps2: Vec3,
    /// Largest |specific force| of a sample in the cell.
    pub force_max_mps2: f64,
    /// Mean rotation rate, phone frame, bias not removed.
    pub rate_rad_s: Option<Vec3>,
    /// Rotation about up, bias removed, positive to the left.
    pub yaw_rate_rad_s: Option<f64>,
    /// Horizontal acceleration along a horizontal axis that is fixed in the phone, and to the left of that axis. The
    /// axis is arbitrary, and stays the same until `mount_number` rises: what there is to go by while `fwd` is unknown.
    pub level_mps2: [f64; 2],
    /// Acceleration up, gravity removed.
    pub vertical_mps2: f64,
    /// Neither turning nor accelerating for a second.
    pub at_rest: bool,
    /// Whether the phone stays where it is.
    pub mount: Mount,
    /// Rises by one at every re-mount that was noticed.
    pub mount_number: u32,
}

/// What the receiver's lag was found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GnssLag {
    /// Of speed and course.
    pub speed_s: Option<f64>,
    /// Of the position.
    pub position_s: Option<f64>,
}

/// The estimator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Motion {
    config: MotionConfig,
    decimator: Decimator,
    estimator: Estimator,
}

impl Motion {
    /// Nothing known yet.
    pub fn new(config: MotionConfig) -> Self {
        Self { config, decimator: Decimator::default(), estimator: Estimator::default() }
    }

    /// Takes one clean sample, not earlier than anything before it. Returns the frame of the cell that it closed.
    pub fn imu(&mut self, sample: &ImuSample) -> Option<Frame> {
        let cell = self.decimator.push(sample, self.config.imu_hole_s)?;
        Some(self.estimator.cell(&cell))
    }

    /// Time has come to `t`: returns the frame of the open cell if that cell is over. Call it before anything that is
    /// not an IMU sample, so that frames and fixes come out in order.
    pub fn advance(&mut self, t: MonoTime) -> Option<Frame> {
        let cell = self.decimator.advance(t, self.config.imu_hole_s)?;
        Some(self.estimator.cell(&cell))
    }

    /// Takes one clean fix.
    pub fn fix(&mut self, fix: &Fix) {
        self.estimator.fix(fix);
    }

    /// The axis of time broke (a new boot): everything that rests on continuity is forgotten.
    pub fn reset(&mut self) {
        *self = Self::new(self.config.clone());
    }

    /// What is known at `t`, which is not before the last input.
    pub fn state(&self, t: MonoTime) -> State {
        self.estimator.state(t)
    }

    /// Hands out the points of the smoothed track that nothing later can change, oldest first.
    pub fn take_track(&mut self, out: &mut Vec<TrackPoint>) {
        self.estimator.take_track(out);
    }

    /// As [`Motion::take_track`], and up to `until` what is still being smoothed too: a trip ended there.
    pub fn flush_track(&mut self, until: MonoTime, out: &mut Vec<TrackPoint>) {
        self.estimator.flush_track(until, out);
    }

    /// The receiver's lag, as far as it was found.
    pub fn gnss_lag(&self) -> GnssLag {
        self.estimator.gnss_lag()
    }
}
