//! Motion of the phone and of the vehicle it is in: attitude, mount alignment, vehicle-frame acceleration, speed,
//! position and heading, each with its sigma. It takes clean samples and fixes in order of time and knows nothing of
//! trips.

mod config;

use serde::{Deserialize, Serialize};

pub use config::MotionConfig;

use crate::contract::TrackPoint;
use crate::geo::LatLon;
use crate::num::Vec3;
use crate::sample::{Fix, ImuSample, MonoTime};

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
    /// Needs `up` and `fwd`.
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
    last: Option<Fix>,
    track: Vec<TrackPoint>,
}

impl Motion {
    /// Nothing known yet.
    pub fn new(config: MotionConfig) -> Self {
        Self { config, last: None, track: Vec::new() }
    }

    /// Takes one clean sample, not earlier than anything before it. Returns the frame of the cell that it closed.
    pub fn imu(&mut self, _sample: &ImuSample) -> Option<Frame> {
        None
    }

    /// Time has come to `t`: returns the frame of the open cell if that cell is over. Call it before anything that is
    /// not an IMU sample, so that frames and fixes come out in order.
    pub fn advance(&mut self, _t: MonoTime) -> Option<Frame> {
        None
    }

    /// Takes one clean fix.
    pub fn fix(&mut self, fix: &Fix) {
        self.last = Some(*fix);
        let position = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
        self.track.push(TrackPoint { t: fix.t, position, speed_mps: fix.speed_mps.map(f64::from) });
    }

    /// The axis of time broke (a new boot): everything that rests on continuity is forgotten.
    pub fn reset(&mut self) {
        *self = Self::new(self.config.clone());
    }

    /// What is known at `t`, which is not before the last input.
    pub fn state(&self, t: MonoTime) -> State {
        let Some(fix) = self.last else { return State { t, ..State::default() } };
        State {
            t,
            position: Some(LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg }),
            position_sigma_m: fix.hacc_m.map(f64::from),
            speed_mps: fix.speed_mps.map(f64::from),
            heading_deg: fix.bearing_deg.map(f64::from),
            ..State::default()
        }
    }

    /// Hands out the points of the smoothed track that nothing later can change, oldest first.
    pub fn take_track(&mut self, out: &mut Vec<TrackPoint>) {
        out.append(&mut self.track);
    }

    /// As [`Motion::take_track`], and what is still being smoothed too: a trip ends here.
    pub fn flush_track(&mut self, out: &mut Vec<TrackPoint>) {
        self.take_track(out);
    }

    /// The receiver's lag, as far as it was found.
    pub fn gnss_lag(&self) -> GnssLag {
        GnssLag::default()
    }
}
