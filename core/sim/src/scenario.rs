//! Scenarios: code that reads like a story, and from which a world is made.

use milepost_engine::geo::LatLon;
use milepost_engine::sample::MonoTime;

use crate::rng::{Rng, Stream};
use crate::road::{Pose, RoadStyle};
use crate::sense::{GnssStyle, ImuStyle};
use crate::vehicle::Temper;
use crate::world::World;

/// A story to be lived through by a phone: `Scenario::drive(7).minutes(60).world()`.
#[derive(Clone, Debug)]
pub struct Scenario {
    script: Script,
}

/// Everything that a world needs to begin.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub seed: u64,
    pub duration_s: f64,
    pub temper: f64,
    pub roads: RoadStyle,
    pub imu: ImuStyle,
    pub gnss: GnssStyle,
    pub origin: LatLon,
    pub boot: MonoTime,
    pub wall_ms: i64,
    pub utc_offset_min: i32,
}

/// A Monday, 08:00 in Berlin.
const WALL_MS: i64 = 1_772_434_800_000;

impl Scenario {
    /// An hour at the wheel in mixed traffic, the phone fixed in its mount at any angle, with the pinned errors.
    pub fn drive(seed: u64) -> Self {
        let mut rng = Rng::stream(seed, Stream::Scenario, 0);
        let origin = LatLon { lat_deg: rng.range(-45.0, 58.0), lon_deg: rng.range(-120.0, 140.0) };
        let boot = MonoTime::from_seconds(rng.range(100.0, 400_000.0).floor());
        Self {
            script: Script {
                seed,
                duration_s: 3_600.0,
                temper: rng.unit(),
                roads: RoadStyle::default(),
                imu: ImuStyle::default(),
                gnss: GnssStyle::default(),
                origin,
                boot,
                wall_ms: WALL_MS,
                utc_offset_min: 60,
            },
        }
    }

    /// How long it lasts, to a minute or two: a driver still has to find a place to park.
    #[must_use]
    pub fn minutes(mut self, minutes: u32) -> Self {
        self.script.duration_s = f64::from(minutes) * 60.0;
        self
    }

    /// Who drives: from calm (0) to aggressive (1).
    #[must_use]
    pub fn temper(mut self, temper: f64) -> Self {
        self.script.temper = temper.clamp(0.0, 1.0);
        self
    }

    /// Readings a second (at most 400).
    #[must_use]
    pub fn imu_hz(mut self, rate_hz: f64) -> Self {
        self.script.imu.rate_hz = rate_hz.clamp(1.0, 400.0);
        self
    }

    /// The phone has no gyroscope.
    #[must_use]
    pub fn without_gyroscope(mut self) -> Self {
        self.script.imu.gyroscope = false;
        self
    }

    /// A fix every so many seconds.
    #[must_use]
    pub fn gnss_every(mut self, interval_s: f64) -> Self {
        self.script.gnss.interval_s = interval_s.max(0.1);
        self
    }

    /// The seed it was made from.
    pub fn seed(&self) -> u64 {
        self.script.seed
    }

    /// Lets it happen.
    pub fn world(self) -> World {
        World::new(self.script)
    }
}

impl Script {
    pub fn temper(&self) -> Temper {
        Temper::new(self.temper, &mut Rng::stream(self.seed, Stream::Scenario, 1))
    }

    pub fn start_pose(&self) -> Pose {
        let mut rng = Rng::stream(self.seed, Stream::Scenario, 2);
        Pose { heading_rad: rng.range(-3.1, 3.1), ..Pose::default() }
    }
}
