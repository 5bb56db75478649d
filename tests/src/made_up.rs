//! Records to store and deliver, made up but of the right shape: what the n-th is depends on n alone, as with an engine
//! that is restored from its snapshot.

use milepost_engine::Uuid;
use milepost_engine::contract::TrackPoint;
use milepost_engine::geo::LatLon;
use milepost_engine::id::{IdKind, uuid7};
use milepost_engine::sample::MonoTime;
use milepost_store::NewRecord;

/// Records of one trip: begun, seven events, a score, ended.
pub const PER_TRIP: u64 = 10;

/// The id of the n-th trip of a world, from 0.
pub fn trip_id(world: u64, trip: u64) -> Uuid {
    uuid7(world, IdKind::Trip, trip, 1_700_000_000_000)
}

/// The record of a world with this sequence number, from 1.
pub fn record(world: u64, seq: u64) -> NewRecord {
    let (trip, part) = ((seq.saturating_sub(1)) / PER_TRIP, seq.saturating_sub(1) % PER_TRIP);
    let trip_id = trip_id(world, trip);
    let (schema, id, rev, more) = match part {
        0 => ("milepost.trip/1", trip_id, 1, r#""status":"open","tags":["shift"]"#),
        9 => ("milepost.trip/1", trip_id, 2, r#""status":"ended","tags":["shift"]"#),
        8 => ("milepost.score/1", uuid7(world, IdKind::Score, seq, 0), 1, r#""overall":null"#),
        _ => ("milepost.event/1", uuid7(world, IdKind::Event, seq, 0), 1, r#""type":"driving.swerve""#),
    };
    let json = format!(
        r#"{{"schema":"{schema}","id":"{id}","rev":{rev},"seq":{seq},"trip_id":"{trip_id}","start_t_s":{seq}.0,{more}}}"#
    );
    NewRecord {
        seq,
        id,
        rev,
        schema: schema.into(),
        trip_id: Some(trip_id),
        t_ns: seq as i64 * 1_000_000_000,
        occurred_at_ms: Some(1_700_000_000_000 + seq as i64 * 1_000),
        driver_id: Some("anna".into()),
        vehicle_id: None,
        json,
    }
}

/// The record's stretch of its trip's track: ten seconds at 1 Hz.
pub fn points(seq: u64) -> Vec<TrackPoint> {
    let from = seq as i64 * 10;
    let point = |s: i64| TrackPoint {
        t: MonoTime(s * 1_000_000_000),
        position: LatLon { lat_deg: 52.5 + s as f64 * 1e-6, lon_deg: 13.4 },
        speed_mps: Some(12.0),
        heading_deg: None,
        alt_m: None,
    };
    (from..from + 10).map(point).collect()
}
