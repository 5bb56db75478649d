//! Tracks and windows: bytes are an error, or points that pack to the same points again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost_engine::{track, window};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(points) = track::decode(bytes) {
        let again = track::decode(&track::encode(&points)).expect("what was packed unpacks");
        let small = track::decode(&track::pack(&points)).expect("what was packed unpacks");
        // A degree beyond 2⁵³ millionths has lost digits before it was ever packed.
        let sane = |p: &milepost_engine::contract::TrackPoint| {
            p.position.lat_deg.abs() <= 180.0 && p.position.lon_deg.abs() <= 360.0 && p.speed_mps.unwrap_or(0.0) < 1e6
        };
        if points.iter().all(sane) {
            assert_eq!(points, again);
            assert_eq!(points, small);
        }
    }
    if let Ok(samples) = window::decode(bytes) {
        let packed = window::encode(&samples);
        assert!(window::decode(&packed).is_ok());
    }
});
