//! What is really so: the state at every step, and the facts (trips, stops, events …) as they end.

mod fix_runs;
mod journey;
mod label;

use milepost_engine::geo::LatLon;
use milepost_engine::num::Vec3;
use milepost_engine::record::{EventType, Mode, StopClass};
use milepost_engine::sample::MonoTime;

pub use fix_runs::FixRuns;
pub(crate) use journey::{Going, Journey};
pub(crate) use label::{Labels, Moment};

/// The true state at one step of the world, 100 a second. Frames and signs as in `states.csv` (RECORDS.md).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrueState {
    /// When, on the input's axis.
    pub t: MonoTime,
    /// Where.
    pub position: LatLon,
    /// Speed over ground.
    pub speed_mps: f64,
    /// Degrees clockwise from true north.
    pub heading_deg: f64,
    /// Forward acceleration in the horizontal plane.
    pub a_long_mps2: f64,
    /// Acceleration to the left in the horizontal plane.
    pub a_lat_mps2: f64,
    /// Acceleration upwards, potholes and vibration left out.
    pub a_vert_mps2: f64,
    /// Up, unit vector in the phone frame.
    pub up: Vec3,
    /// The horizontal direction of the vehicle's nose, unit vector in the phone frame.
    pub fwd: Vec3,
    /// Number of the mounting; −1 while in a hand or a pocket.
    pub mount: i32,
    /// The limit of the road driven on.
    pub limit_mps: Option<f64>,
}

impl Default for TrueState {
    /// Standing at the beginning of the axis, the phone level and its top forward.
    fn default() -> Self {
        Self {
            t: MonoTime(0),
            position: LatLon { lat_deg: 0.0, lon_deg: 0.0 },
            speed_mps: 0.0,
            heading_deg: 0.0,
            a_long_mps2: 0.0,
            a_lat_mps2: 0.0,
            a_vert_mps2: 0.0,
            up: [0.0, 0.0, 1.0],
            fwd: [0.0, 1.0, 0.0],
            mount: 0,
            limit_mps: None,
        }
    }
}

/// Something true that is over. Times in seconds on the input's axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// From the first to the last move of a journey on wheels; see [`Trip`].
    Trip(Trip),
    /// A stretch by one means of transport.
    Leg(Leg),
    /// The vehicle stood for 10 s or more within a trip.
    Stop(Stop),
    /// A harsh manoeuvre, by the true accelerations.
    Event(Event),
    /// The phone was in a hand above 10 km/h.
    Handling(Span),
    /// A crash.
    Impact(Impact),
    /// A hole or bump.
    Pothole {
        /// When.
        t_s: f64,
        /// How hard, as seen in the cabin.
        peak_mps2: f64,
    },
    /// The receiver saw nothing.
    Outage(Stretch),
    /// Above the limit of the road.
    Speeding(Stretch),
}

/// From and to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    /// From.
    pub start_s: f64,
    /// To.
    pub end_s: f64,
}

/// From, to, how far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// When.
    pub span: Span,
    /// Metres driven.
    pub distance_m: f64,
}

/// A maximal run of rides with gaps shorter than five minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    /// From the first to the last move.
    pub span: Span,
    /// Metres driven.
    pub distance_m: f64,
    /// Fastest.
    pub max_speed_mps: f64,
}

/// A stretch by one means of transport.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg {
    /// By what.
    pub mode: Mode,
    /// When.
    pub span: Span,
    /// Metres.
    pub distance_m: f64,
}

/// A stop within a trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// Why.
    pub class: StopClass,
    /// When.
    pub span: Span,
}

/// A harsh manoeuvre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventType,
    /// While the acceleration, below 2 Hz, was above 0.7 of the lower threshold.
    pub span: Span,
    /// Its worst below 2 Hz, without sign.
    pub peak_mps2: f64,
    /// Clearly harsh: must be found. Otherwise it lies between calm and harsh and may be reported.
    pub need: bool,
}

/// How a vehicle is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// Into the back of another.
    RearEnd,
    /// Hit from the side.
    Side,
    /// Along a guard rail.
    GuardRail,
    /// Onto the roof.
    RollOver,
}

/// A crash that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impact {
    /// How.
    pub crash: Crash,
    /// First touch.
    pub t_s: f64,
}

/// All facts of a world, sorted by kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Journeys.
    pub trips: Vec<Trip>,
    /// By one means each.
    pub legs: Vec<Leg>,
    /// Within trips.
    pub stops: Vec<Stop>,
    /// Harsh.
    pub events: Vec<Event>,
    /// Phone in a hand above 10 km/h.
    pub handling: Vec<Span>,
    /// Crashes.
    pub impacts: Vec<Impact>,
    /// Holes and bumps: time and m/s².
    pub potholes: Vec<(f64, f64)>,
    /// Without the receiver.
    pub outages: Vec<Stretch>,
    /// Above the limit.
    pub speeding: Vec<Stretch>,
}

impl Truth {
    /// Sorts a fact in.
    pub fn take(&mut self, fact: Fact) {
        match fact {
            Fact::Trip(x) => self.trips.push(x),
            Fact::Leg(x) => self.legs.push(x),
            Fact::Stop(x) => self.stops.push(x),
            Fact::Event(x) => self.events.push(x),
            Fact::Handling(x) => self.handling.push(x),
            Fact::Impact(x) => self.impacts.push(x),
            Fact::Pothole { t_s, peak_mps2 } => self.potholes.push((t_s, peak_mps2)),
            Fact::Outage(x) => self.outages.push(x),
            Fact::Speeding(x) => self.speeding.push(x),
        }
    }
}
