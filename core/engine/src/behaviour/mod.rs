//! How it was driven: harsh braking, acceleration, cornering, swerve, impact, speeding, phone handling, idling, each
//! with severity, confidence and evidence. It takes motion, clean samples, fixes and signals, and watches all the time;
//! which events count is decided by the trip that they turn out to lie in.

mod cancel;
mod config;
mod confirm;
mod corner;
mod episode;
mod fixes;
mod gnss_only;
mod ground;
mod handling;
mod harsh;
mod hysteresis;
mod idling;
mod impact;
mod limits;
mod moment;
mod no_frame;
mod past;
mod raw_window;
mod speeding;
mod swerve;
mod trail;
mod watch;
mod waveform;
mod yaw;

use serde::{Deserialize, Serialize};

pub use config::{BehaviourConfig, BehaviourPreset};
pub use impact::{EvidenceItem, EvidenceKind};
pub use raw_window::RawWindow;
pub use watch::Behaviour;

use crate::geo::LatLon;
use crate::record::{EventStatus, EventType, Mode, Severity};
use crate::sample::MonoTime;

/// An event. The engine makes the record of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventFacts {
    /// Running number in the session: what its id is made of.
    pub number: u64,
    /// 1 at first; a late speed limit or more evidence makes a new one.
    pub rev: u32,
    /// Its start when it was first told: an id keeps it through all revisions.
    pub first_start: MonoTime,
    /// What.
    pub kind: EventType,
    /// From.
    pub start: MonoTime,
    /// At its worst.
    pub peak: MonoTime,
    /// To.
    pub end: MonoTime,
    /// Its worst, without sign.
    pub peak_mps2: Option<f64>,
    /// What it had to reach for that.
    pub threshold_mps2: Option<f64>,
    /// Speed before.
    pub speed_in_mps: Option<f64>,
    /// Speed after.
    pub speed_out_mps: Option<f64>,
    /// Turned by, positive clockwise.
    pub heading_change_deg: Option<f64>,
    /// How hard.
    pub severity: Option<Severity>,
    /// 0–1
    pub confidence: f64,
    /// Whether GNSS agreed.
    pub status: EventStatus,
    /// Where.
    pub position: Option<LatLon>,
    /// The limit.
    pub limit_mps: Option<f64>,
    /// Peak speed over the limit.
    pub over_mps: Option<f64>,
    /// Metres.
    pub distance_m: Option<f64>,
    /// The fused waveform.
    pub evidence: Option<Waveform>,
    /// Seconds by speed band (below 40, 40–55, 55–105, from 105 km/h), for phone handling.
    pub band_s: Option<[f64; 4]>,
    /// Seconds by band of the excess (low, medium, high), for speeding.
    pub over_band_s: Option<[f64; 3]>,
    /// Metres by band of the excess, for speeding.
    pub over_band_m: Option<[f64; 3]>,
    /// Why it is none after all: said by a later revision, which is then unconfirmed.
    pub cancelled: Option<Cancelled>,
    /// The sensors at their full rate, for an impact: told once, with its first revision.
    pub raw: Option<Box<RawWindow>>,
    /// What was weighed for and against, for an impact; else empty.
    pub items: Vec<EvidenceItem>,
}

impl EventFacts {
    /// One of which nothing more is known; its number is given when it is told.
    pub fn bare(kind: EventType, start: MonoTime, peak: MonoTime, end: MonoTime) -> Self {
        Self {
            number: 0,
            rev: 1,
            first_start: start,
            kind,
            start,
            peak,
            end,
            peak_mps2: None,
            threshold_mps2: None,
            speed_in_mps: None,
            speed_out_mps: None,
            heading_change_deg: None,
            severity: None,
            confidence: 0.0,
            status: EventStatus::Confirmed,
            position: None,
            limit_mps: None,
            over_mps: None,
            distance_m: None,
            evidence: None,
            band_s: None,
            over_band_s: None,
            over_band_m: None,
            cancelled: None,
            raw: None,
            items: Vec::new(),
        }
    }
}

/// Why an event that was told is none after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancelled {
    /// A limit that came late: it was not over the limit.
    LimitChanged,
    /// Someone said that nothing happened.
    Denied,
    /// The vehicle drove on as if nothing had happened.
    DroveOn,
    /// It was told while the trip seemed to go on; the trip ended before it.
    OutsideTrip,
}

impl Cancelled {
    /// The word for it in records.
    pub fn name(self) -> &'static str {
        match self {
            Cancelled::LimitChanged => "limit_changed",
            Cancelled::Denied => "denied",
            Cancelled::DroveOn => "drove_on",
            Cancelled::OutsideTrip => "outside_trip",
        }
    }
}

/// The fused waveform of an event at 25 Hz, cm/s², vehicle frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Waveform {
    /// Time of the first sample.
    pub t0: MonoTime,
    /// Forward.
    pub long_cmps2: Vec<i32>,
    /// Left.
    pub lat_cmps2: Vec<i32>,
    /// Up.
    pub vert_cmps2: Vec<i32>,
}

/// What `behaviour` is told about the trip at every step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// A trip is open.
    pub in_trip: bool,
    /// Means of transport now.
    pub mode: Mode,
    /// The whole input is one trip: without any speed the speed gate counts as passed.
    pub manual: bool,
}
