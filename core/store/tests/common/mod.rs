//! Records to store, made up but of the right shape.

#![allow(dead_code, missing_docs)]

use milepost_engine::Uuid;
use milepost_engine::contract::TrackPoint;
use milepost_engine::geo::LatLon;
use milepost_engine::sample::MonoTime;
use milepost_store::{Location, NewRecord, Options, Store};

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | n)
}

pub fn record(seq: u64, n: u128, rev: u32, schema: &str, more: &str) -> NewRecord {
    let id = id(n);
    NewRecord {
        seq,
        id,
        rev,
        schema: schema.into(),
        trip_id: schema.contains("trip").then_some(id),
        t_ns: seq as i64 * 1_000_000_000,
        occurred_at_ms: Some(1_700_000_000_000 + seq as i64 * 1_000),
        driver_id: Some("anna".into()),
        vehicle_id: None,
        json: format!(r#"{{"schema":"{schema}","id":"{id}","rev":{rev},"seq":{seq}{more}}}"#),
    }
}

pub fn event(seq: u64) -> NewRecord {
    record(seq, u128::from(seq), 1, "milepost.event/1", r#","type":"driving.swerve""#)
}

pub fn trip(seq: u64, n: u128, rev: u32, status: &str, tags: &str) -> NewRecord {
    let more = format!(r#","status":"{status}","start_t_s":{}.0,"end_t_s":null,"tags":{tags}"#, seq.saturating_sub(1));
    record(seq, n, rev, "milepost.trip/1", &more)
}

pub fn memory() -> Store {
    Store::open(Location::memory(), Options { seed: 7, ..Options::default() }).unwrap()
}

pub fn points(from_s: i64, n: i64) -> Vec<TrackPoint> {
    (from_s..from_s + n)
        .map(|s| TrackPoint {
            t: MonoTime(s * 1_000_000_000),
            position: LatLon { lat_deg: 52.0 + s as f64 * 1e-4, lon_deg: 13.0 },
            speed_mps: Some(11.1),
            heading_deg: None,
            alt_m: None,
        })
        .collect()
}
