//! Where a phone is, made up.

use milepost::engine::sample::{Fix, MonoTime};

/// At `t`, `s` seconds after it left `from_lat_deg` for the north at 15 m/s.
pub fn northward(t: MonoTime, from_lat_deg: f64, s: i64) -> Fix {
    Fix {
        t,
        lat_deg: from_lat_deg + s as f64 * 15.0 / 111_200.0,
        lon_deg: 13.0,
        alt_m: None,
        speed_mps: Some(15.0),
        bearing_deg: Some(0.0),
        hacc_m: Some(5.0),
        arrived: None,
        wall_ms: None,
        mock: false,
    }
}
