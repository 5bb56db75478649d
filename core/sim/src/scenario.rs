//! Scenarios: code that reads like a story, and from which a world is made.

use milepost_engine::geo::LatLon;
use milepost_engine::sample::MonoTime;

use crate::incident::{Chances, Incident};
use crate::phone::Keeping;
use crate::rng::{Rng, Stream};
use crate::road::{Pose, RoadStyle};
use crate::sense::{GnssStyle, ImuStyle, SignalStyle};
use crate::story::Plot;
use crate::truth::Crash;
use crate::vehicle::Temper;
use crate::world::World;

/// A story to be lived through by a phone: `Scenario::drive(7).minutes(60).tunnel(3.minutes()).world()`.
#[derive(Clone, Debug)]
pub struct Scenario {
    script: Script,
}

/// Everything that a world needs to begin.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub seed: u64,
    pub plot: Plot,
    /// Of a week.
    pub days: u64,
    pub temper: f64,
    pub tired: f64,
    pub roads: RoadStyle,
    pub keeping: Keeping,
    pub sag_deg_per_h: f64,
    pub chances: Chances,
    pub incidents: Vec<(f64, Incident)>,
    pub imu: ImuStyle,
    pub gnss: GnssStyle,
    pub signals: SignalStyle,
    /// The host does as it is told.
    pub obedient: bool,
    pub origin: LatLon,
    pub boot: MonoTime,
    pub wall_ms: i64,
    pub utc_offset_min: i32,
}

/// Monday, 2 March 2026, 08:00 and 00:00 in a zone one hour east.
const MORNING_MS: i64 = 1_772_434_800_000;
const MIDNIGHT_MS: i64 = MORNING_MS - 8 * 3_600_000;

impl Scenario {
    fn new(seed: u64, plot: Plot) -> Self {
        let mut rng = Rng::stream(seed, Stream::Scenario, 0);
        let origin = LatLon { lat_deg: rng.range(-45.0, 58.0), lon_deg: rng.range(-120.0, 140.0) };
        let boot = MonoTime::from_seconds(rng.range(100.0, 400_000.0).floor());
        let temper = rng.unit();
        Self {
            script: Script {
                seed,
                plot,
                days: 7,
                temper,
                tired: 0.0,
                roads: RoadStyle::default(),
                keeping: Keeping::Holder,
                sag_deg_per_h: 0.0,
                chances: Chances::NONE,
                incidents: Vec::new(),
                imu: ImuStyle::default(),
                gnss: GnssStyle::default(),
                signals: SignalStyle::default(),
                obedient: false,
                origin,
                boot,
                wall_ms: MORNING_MS,
                utc_offset_min: 60,
            },
        }
    }

    /// An hour at the wheel in mixed traffic, the phone fixed in its mount at any angle, with the pinned errors and
    /// nothing worse.
    pub fn drive(seed: u64) -> Self {
        Self::new(seed, Plot::Drive { seconds: 3_600.0, petrol_at_s: None })
    }

    /// A drive as people are: the phone kept anywhere, taken in the hand, dropped and slipping now and then.
    pub fn everyday_drive(seed: u64) -> Self {
        let mut rng = Rng::stream(seed, Stream::Scenario, 3);
        let keeping = match rng.whole(0, 5) {
            0 => Keeping::CupHolder,
            1 => Keeping::Seat,
            2 => Keeping::Pocket,
            _ => Keeping::Holder,
        };
        Self::drive(seed).kept_in(keeping).with_chances(Chances::USUAL)
    }

    /// A courier's day of five hours or so: 9 trips, 13 deliveries on foot, some fifty lights.
    pub fn courier_day(seed: u64) -> Self {
        let mut day = Self::new(seed, Plot::CourierDay).with_chances(Chances::USUAL).in_a_city();
        day.script.temper = 0.2 + 0.5 * day.script.temper;
        day
    }

    /// Six courier days with the nights between, and a Sunday.
    pub fn courier_week(seed: u64) -> Self {
        let mut week = Self::courier_day(seed);
        week.script.plot = Plot::CourierWeek;
        week.script.wall_ms = MIDNIGHT_MS;
        week
    }

    /// Someone who drives to an office five days a week.
    pub fn office_week(seed: u64) -> Self {
        let mut week = Self::courier_day(seed);
        week.script.plot = Plot::OfficeWeek;
        week.script.wall_ms = MIDNIGHT_MS;
        week
    }

    /// Someone who drives passengers six days a week.
    pub fn ride_hailing_week(seed: u64) -> Self {
        let mut week = Self::courier_day(seed);
        week.script.plot = Plot::RideHailingWeek;
        week.script.wall_ms = MIDNIGHT_MS;
        week
    }

    /// A phone on a desk with jumpy indoor positions.
    pub fn desk(seed: u64) -> Self {
        Self::new(seed, Plot::Desk { seconds: 3_600.0 })
    }

    /// Half an hour of a phone that a hand turns, pushes about, or both, slowly and fast, with rests between: what
    /// attitude filters are measured on (the trials of the BROAD data set, Laidig et al. 2021, are of this kind).
    pub fn hand_work(seed: u64) -> Self {
        Self::new(seed, Plot::HandWork { seconds: 1_800.0 })
    }

    /// An hour on foot.
    pub fn stroll(seed: u64) -> Self {
        Self::new(seed, Plot::Stroll { seconds: 3_600.0 })
    }

    /// A drive of a quarter of an hour that ends in a crash.
    pub fn crash(seed: u64, crash: Crash, keeping: Keeping) -> Self {
        Self::drive(seed).minutes(20).kept_in(keeping).crashes_at(600.0, crash)
    }

    /// How long a drive, a stroll or a desk lasts, to a minute or two: a driver still has to find a place to park.
    #[must_use]
    pub fn minutes(mut self, minutes: u32) -> Self {
        let duration_s = f64::from(minutes) * 60.0;
        match &mut self.script.plot {
            Plot::Drive { seconds, .. }
            | Plot::Desk { seconds }
            | Plot::HandWork { seconds }
            | Plot::Stroll { seconds } => *seconds = duration_s,
            Plot::CourierDay | Plot::CourierWeek | Plot::OfficeWeek | Plot::RideHailingWeek => {}
        }
        self
    }

    /// How many days of a week are lived: the first is a Monday.
    #[must_use]
    pub fn days(mut self, days: u64) -> Self {
        self.script.days = days;
        self
    }

    /// Who drives: from calm (0) to aggressive (1).
    #[must_use]
    pub fn temper(mut self, temper: f64) -> Self {
        self.script.temper = temper.clamp(0.0, 1.0);
        self
    }

    /// How tired the driver is: from awake (0) to nodding off (1). Brakes late, wanders in the lane, holds no speed.
    #[must_use]
    pub fn tired(mut self, tired: f64) -> Self {
        self.script.tired = tired.clamp(0.0, 1.0);
        self
    }

    /// Where the phone is kept at the wheel.
    #[must_use]
    pub fn kept_in(mut self, keeping: Keeping) -> Self {
        self.script.keeping = keeping;
        self
    }

    /// Streets and lights, hardly anything faster.
    #[must_use]
    pub fn in_a_city(mut self) -> Self {
        self.script.roads = RoadStyle { town: 0.9, country: 0.1, motorway: 0.0, lights: 0.8, ..self.script.roads };
        self
    }

    /// Part of the streets that lie between high houses, where positions are several times worse.
    #[must_use]
    pub fn urban_canyons(mut self, part: f64) -> Self {
        self.script.roads.canyons = part.clamp(0.0, 1.0);
        self
    }

    /// How hilly: standard deviation of the slope (default 0.022).
    #[must_use]
    pub fn hills(mut self, slope: f64) -> Self {
        self.script.roads.hills = slope.clamp(0.0, 0.06);
        self
    }

    /// The phone is taken in the hand, dropped and slips by chance, as often as the temper has it.
    #[must_use]
    pub fn phone_in_use(self) -> Self {
        self.with_chances(Chances::USUAL)
    }

    fn with_chances(mut self, chances: Chances) -> Self {
        self.script.chances = chances;
        self
    }

    /// The holder gives way, so many degrees an hour.
    #[must_use]
    pub fn holder_sags(mut self, deg_per_h: f64) -> Self {
        self.script.sag_deg_per_h = deg_per_h;
        self
    }

    /// The holder lets the phone slip by about 40 degrees.
    #[must_use]
    pub fn phone_slips_at(self, at_s: f64) -> Self {
        self.when(at_s, Incident::Slips { angle_rad: 0.7 })
    }

    /// The phone falls to the floor and is picked up a minute later.
    #[must_use]
    pub fn phone_drops_at(self, at_s: f64) -> Self {
        self.when(at_s, Incident::Dropped { lies_s: 60.0 })
    }

    /// The phone is taken in the hand for so many seconds.
    #[must_use]
    pub fn phone_handled_at(self, at_s: f64, seconds: f64) -> Self {
        self.when(at_s, Incident::Handled { seconds })
    }

    /// A call, at the ear or hands-free.
    #[must_use]
    pub fn called_at(self, at_s: f64, seconds: f64, hands_free: bool) -> Self {
        self.when(at_s, Incident::Called { seconds, hands_free })
    }

    /// A crash, as soon as there is enough speed for it. The drive ends there.
    #[must_use]
    pub fn crashes_at(self, at_s: f64, crash: Crash) -> Self {
        self.when(at_s, Incident::Crash(crash))
    }

    /// A tunnel that takes so many seconds, in the middle of a drive.
    #[must_use]
    pub fn tunnel(self, seconds: f64) -> Self {
        let at_s = self.middle_s();
        self.outage_at(at_s, seconds)
    }

    /// Nothing is received for so many seconds.
    #[must_use]
    pub fn outage_at(self, at_s: f64, seconds: f64) -> Self {
        self.when(at_s, Incident::NoSky { seconds })
    }

    /// Nothing is ever received again.
    #[must_use]
    pub fn no_fix_after(self, at_s: f64) -> Self {
        self.when(at_s, Incident::NoFixEver)
    }

    /// Stop and go for so many seconds, in the middle of a drive.
    #[must_use]
    pub fn jam(self, seconds: f64) -> Self {
        let at_s = self.middle_s();
        self.when(at_s, Incident::Jam { seconds })
    }

    /// The gates of a level crossing are down for so many seconds, in the middle of a drive.
    #[must_use]
    pub fn level_crossing(self, seconds: f64) -> Self {
        let at_s = self.middle_s();
        self.when(at_s, Incident::Gates { seconds })
    }

    /// Petrol, some three minutes in all, in the middle of a drive.
    #[must_use]
    pub fn petrol_stop(mut self) -> Self {
        let at_s = self.middle_s();
        if let Plot::Drive { petrol_at_s, .. } = &mut self.script.plot {
            *petrol_at_s = Some(at_s);
        }
        self
    }

    fn middle_s(&self) -> f64 {
        match self.script.plot {
            Plot::Drive { seconds, .. }
            | Plot::Desk { seconds }
            | Plot::HandWork { seconds }
            | Plot::Stroll { seconds } => 0.45 * seconds,
            Plot::CourierDay | Plot::CourierWeek | Plot::OfficeWeek | Plot::RideHailingWeek => 3_600.0,
        }
    }

    fn when(mut self, at_s: f64, incident: Incident) -> Self {
        self.script.incidents.push((at_s, incident));
        self
    }

    /// Readings a second (at most 400).
    #[must_use]
    pub fn imu_hz(mut self, rate_hz: f64) -> Self {
        self.script.imu.rate_hz = rate_hz.clamp(1.0, 400.0);
        self
    }

    /// The phone gives no accelerometer and gyroscope at all.
    #[must_use]
    pub fn without_imu(mut self) -> Self {
        self.script.imu.rate_hz = 0.0;
        self
    }

    /// The phone has no gyroscope.
    #[must_use]
    pub fn without_gyroscope(mut self) -> Self {
        self.script.imu.gyroscope = false;
        self
    }

    /// Readings are delivered so many seconds at a time.
    #[must_use]
    pub fn imu_batches(mut self, seconds: f64) -> Self {
        self.script.imu.batch_s = seconds.max(0.0);
        self
    }

    /// A fix every so many seconds.
    #[must_use]
    pub fn gnss_every(mut self, interval_s: f64) -> Self {
        self.script.gnss.interval_s = interval_s.max(0.1);
        self
    }

    /// The receiver's lag of speed and course, and of the position too.
    #[must_use]
    pub fn gnss_lag(mut self, lag_s: f64, position_too: bool) -> Self {
        self.script.gnss.lag_s = Some(lag_s.clamp(0.0, 2.4));
        self.script.gnss.position_lags = Some(position_too);
        self
    }

    /// The receiver tells places, and neither speed nor course.
    #[must_use]
    pub fn without_gnss_velocity(mut self) -> Self {
        self.script.gnss.velocity = false;
        self
    }

    /// Nothing but sensors: no activity, no steps. The limits stay.
    #[must_use]
    pub fn without_signals(mut self) -> Self {
        self.script.signals.activity = false;
        self.script.signals.steps = false;
        self
    }

    /// The host senses nothing until the engine's plan asks for it: see [`World::obey`].
    #[must_use]
    pub fn obedient(mut self) -> Self {
        self.script.imu.rate_hz = 0.0;
        self.script.gnss.on = false;
        self.script.obedient = true;
        self
    }

    /// The seed it was made from.
    pub fn seed(&self) -> u64 {
        self.script.seed
    }

    /// Lets it happen.
    pub fn world(&self) -> World {
        World::new(&self.script)
    }
}

impl Script {
    pub fn temper(&self) -> Temper {
        Temper::new(self.temper, self.tired, &mut Rng::stream(self.seed, Stream::Scenario, 1))
    }

    pub fn start_pose(&self) -> Pose {
        let mut rng = Rng::stream(self.seed, Stream::Scenario, 2);
        Pose { heading_rad: rng.range(-3.1, 3.1), ..Pose::default() }
    }
}
