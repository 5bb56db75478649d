//! What a record is worth: how urgently it is sent, how durably it is written, how late it is evicted. Knows schemas by
//! name only.

use milepost_engine::record::{Body, Record, TripStatus};

/// Of delivery, the most urgent first. The numbers are in every store's file: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// Live position; the newest is sent first.
    Position = 0,
    /// Proof of delivery.
    Proof = 1,
    /// Trips.
    Trip = 2,
    /// Driving and delivery events.
    Event = 3,
    /// Scores.
    Score = 4,
    /// Stops, gaps, health, the ledger, and what later versions add.
    Other = 5,
    /// Chunks of tracks.
    Track = 6,
    /// Raw windows of samples.
    Window = 7,
}

impl Class {
    /// All, the most urgent first.
    pub const ALL: [Self; 8] =
        [Self::Position, Self::Proof, Self::Trip, Self::Event, Self::Score, Self::Other, Self::Track, Self::Window];

    /// All, the first to be evicted first.
    pub const EVICTION: [Self; 8] =
        [Self::Window, Self::Track, Self::Position, Self::Other, Self::Event, Self::Score, Self::Trip, Self::Proof];

    /// That of a schema such as `milepost.trip/1`.
    pub fn of_schema(schema: &str) -> Self {
        match schema.split('/').next().unwrap_or_default() {
            "milepost.position" => Self::Position,
            "milepost.proof" | "milepost.delivery" => Self::Proof,
            "milepost.trip" => Self::Trip,
            "milepost.event" => Self::Event,
            "milepost.score" => Self::Score,
            "milepost.track" => Self::Track,
            "milepost.window" => Self::Window,
            _ => Self::Other,
        }
    }

    /// As stored.
    pub fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_number(number: i64) -> Self {
        Self::ALL.into_iter().find(|c| c.number() == number).unwrap_or(Self::Other)
    }
}

/// What a transaction survives once `write` has returned. SQLite's `synchronous`, chosen per transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// The death of the process; a loss of power may take the last transactions (`NORMAL`).
    Process,
    /// A loss of power too (`FULL`): finished trips and proofs.
    Power,
}

impl Durability {
    /// What a record asks for.
    pub fn of(record: &Record) -> Self {
        match &record.body {
            Body::Trip(trip) => match trip.status {
                TripStatus::Ended | TripStatus::Discarded => Self::Power,
                TripStatus::Open => Self::Process,
            },
            Body::Stop(_)
            | Body::Event(_)
            | Body::Score(_)
            | Body::Gap(_)
            | Body::Window(_)
            | Body::Health(_)
            | Body::Summary(_) => Self::Process,
        }
    }

    /// The strongest that any of the records asks for.
    pub fn of_all<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        records.into_iter().map(Self::of).max().unwrap_or(Self::Process)
    }

    pub(crate) fn pragma(self) -> &'static str {
        match self {
            Self::Process => "PRAGMA synchronous = NORMAL",
            Self::Power => "PRAGMA synchronous = FULL",
        }
    }
}
