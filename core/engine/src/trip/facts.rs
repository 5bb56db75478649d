//! What the trip machine says, as types: trips, legs, stops, gaps and why each is as it is. Decides nothing; the engine
//! makes records of them.

use serde::{Deserialize, Serialize};

use crate::geo::LatLon;
use crate::record::{Mode, StopClass, TripStatus};
use crate::sample::MonoTime;

/// Where the trip machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TripState {
    /// Not allowed to look.
    Off,
    /// Nothing moves.
    #[default]
    Idle,
    /// It may be a trip.
    Candidate,
    /// A trip, moving.
    Trip,
    /// A trip, standing for a moment.
    Paused,
    /// A trip, standing: this may be its end.
    Stop,
}

impl TripState {
    /// The word for it in CSV.
    pub fn name(self) -> &'static str {
        match self {
            TripState::Off => "off",
            TripState::Idle => "idle",
            TripState::Candidate => "candidate",
            TripState::Trip => "trip",
            TripState::Paused => "paused",
            TripState::Stop => "stop",
        }
    }
}

/// A trip as far as it is known. The engine makes the record of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripFacts {
    /// Running number in the session, from 0: what its id is made of.
    pub number: u64,
    /// How far it got.
    pub status: TripStatusFacts,
    /// Back-dated start.
    pub start: MonoTime,
    /// Back-dated end, once it is over.
    pub end: Option<MonoTime>,
    /// The start was not seen but worked out.
    pub start_inferred: bool,
    /// Metres before the first fix.
    pub missed_start_m: Option<f64>,
    /// That of the longest leg.
    pub mode: Mode,
    /// Metres, walks included.
    pub distance_m: f64,
    /// Fastest.
    pub max_speed_mps: Option<f64>,
    /// Where it began.
    pub start_position: Option<LatLon>,
    /// Where it ended.
    pub end_position: Option<LatLon>,
    /// In order of time.
    pub legs: Vec<LegFacts>,
    /// What the host called it.
    pub tags: Vec<String>,
    /// The host's own id for it.
    pub external_id: Option<String>,
}

/// How far a trip got, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TripStatusFacts {
    /// Going on.
    Open,
    /// Over.
    Ended(EndReason),
    /// It was none.
    Discarded(DiscardReason),
}

impl TripStatusFacts {
    /// Without the reason.
    pub fn status(self) -> TripStatus {
        match self {
            TripStatusFacts::Open => TripStatus::Open,
            TripStatusFacts::Ended(_) => TripStatus::Ended,
            TripStatusFacts::Discarded(_) => TripStatus::Discarded,
        }
    }
}

/// Why a trip ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// Nothing moved for `stop_timeout_s`.
    StopTimeout,
    /// Nothing was heard for so long that it must be over.
    NoInput,
    /// The driver or the host said so.
    Command,
    /// Consent was revoked or duty ended.
    NotAllowed,
    /// The phone was restarted.
    Reboot,
    /// The input ended.
    InputEnded,
    /// Its state was lost or erased.
    StateLost,
}

impl EndReason {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            EndReason::StopTimeout => "stop_timeout",
            EndReason::NoInput => "no_input",
            EndReason::Command => "command",
            EndReason::NotAllowed => "not_allowed",
            EndReason::Reboot => "reboot",
            EndReason::InputEnded => "input_ended",
            EndReason::StateLost => "state_lost",
        }
    }
}

/// Why a trip was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiscardReason {
    /// Too few metres.
    TooShort,
    /// Too few seconds.
    TooBrief,
    /// It never got away from where it began.
    NoDisplacement,
    /// On foot.
    OnFoot,
    /// A means of transport that the preset leaves out.
    ModeExcluded,
    /// Faster than anything on the ground.
    TooFast,
}

impl DiscardReason {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            DiscardReason::TooShort => "too_short",
            DiscardReason::TooBrief => "too_brief",
            DiscardReason::NoDisplacement => "no_displacement",
            DiscardReason::OnFoot => "on_foot",
            DiscardReason::ModeExcluded => "mode_excluded",
            DiscardReason::TooFast => "too_fast",
        }
    }
}

/// A stretch of a trip by one means of transport.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LegFacts {
    /// By what.
    pub mode: Mode,
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// Metres.
    pub distance_m: f64,
}

/// A stop inside a trip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopFacts {
    /// Running number in the session.
    pub number: u64,
    /// Of which trip.
    pub trip_number: u64,
    /// 1 at first.
    pub rev: u32,
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// Why.
    pub class: StopClass,
    /// Where.
    pub position: Option<LatLon>,
    /// 0–1
    pub confidence: f64,
}

/// A time in which a trip's track is not known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GapFacts {
    /// Running number in the session.
    pub number: u64,
    /// From.
    pub start: MonoTime,
    /// To.
    pub end: MonoTime,
    /// Why, as far as can be told.
    pub cause: GapCause,
}

/// Why there was nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GapCause {
    /// IMU went on, fixes did not: a tunnel, a car park.
    NoFix,
    /// Nothing was heard at all.
    NoInput,
    /// The location provider was switched off.
    ProviderOff,
    /// The permission was taken away.
    Permission,
    /// The phone was restarted.
    Reboot,
    /// The plan had asked for nothing.
    Planned,
}

impl GapCause {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            GapCause::NoFix => "no_fix",
            GapCause::NoInput => "no_input",
            GapCause::ProviderOff => "provider_off",
            GapCause::Permission => "permission",
            GapCause::Reboot => "reboot",
            GapCause::Planned => "planned",
        }
    }
}

/// What the trip machine has to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TripOutput {
    /// A trip was opened, revised, ended or discarded, at this time.
    Trip(MonoTime, Box<TripFacts>),
    /// A stop inside the open trip is over, or is seen differently now.
    Stop(MonoTime, StopFacts),
    /// A gap is over.
    Gap(MonoTime, GapFacts),
}
