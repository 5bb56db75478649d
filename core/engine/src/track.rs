//! The compact form of a trajectory: points in, bytes out, and back. Lossless at its quantisation (1 ms, 10⁻⁶ degrees,
//! 0.1 m/s). Whom the bytes belong to, and a general-purpose compressor on top, are the caller's.
//!
//! Layout, version 1: a byte `1`, the number of points, then column by column time, latitude, longitude, speed. Time and
//! positions are second differences (a vehicle keeps its speed, so they are small), speed is a first difference of the
//! value plus one, with 0 for unknown. Every number is a zigzag LEB128 varint, as in Protocol Buffers. Columns rather
//! than rows, because neighbours of one kind compress better (Facebook's Gorilla, 2015, has the second differences).

pub mod simplify;

use crate::columns::{put_differences, put_second_differences, take_differences, take_second_differences};
use crate::contract::TrackPoint;
use crate::geo::LatLon;
use crate::packing::{put, take};
use crate::sample::MonoTime;

/// The first byte.
const VERSION: u8 = 1;
/// More than a day at 1 Hz; a chunk that claims more is damaged, not long.
pub const MAX_POINTS: usize = 131_072;
const NS_PER_MS: i64 = 1_000_000;
const DEGREE_QUANTA: f64 = 1e6;
const SPEED_QUANTA: f64 = 10.0;

/// Why bytes are no track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// The first byte is of a version that this code does not know.
    #[error("a track of an unknown version")]
    Version,
    /// It ends too early, goes on too long, or holds a number that cannot be.
    #[error("a damaged track")]
    Damaged,
}

/// Packs points. Those without a finite position are left out, as are those beyond [`MAX_POINTS`].
pub fn encode(points: &[TrackPoint]) -> Vec<u8> {
    let usable =
        || points.iter().filter(|p| p.position.lat_deg.is_finite() && p.position.lon_deg.is_finite()).take(MAX_POINTS);
    let mut out = vec![VERSION];
    put(&mut out, usable().count() as i64);
    put_second_differences(&mut out, usable().map(|p| p.t.0.div_euclid(NS_PER_MS)));
    put_second_differences(&mut out, usable().map(|p| quanta(p.position.lat_deg, DEGREE_QUANTA)));
    put_second_differences(&mut out, usable().map(|p| quanta(p.position.lon_deg, DEGREE_QUANTA)));
    let speeds = usable().map(|p| p.speed_mps.filter(|v| v.is_finite() && *v >= 0.0));
    put_differences(&mut out, speeds.map(|v| v.map_or(0, |v| quanta(v, SPEED_QUANTA).saturating_add(1))));
    out
}

/// Unpacks what [`encode`] packed.
pub fn decode(bytes: &[u8]) -> Result<Vec<TrackPoint>, TrackError> {
    let (version, mut rest) = bytes.split_first().ok_or(TrackError::Damaged)?;
    if *version != VERSION {
        return Err(TrackError::Version);
    }
    let damaged = TrackError::Damaged;
    let count = take(&mut rest).and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= MAX_POINTS).ok_or(damaged)?;
    // Each number is at least a byte: a short input cannot ask for much memory.
    if rest.len() < count.saturating_mul(4) {
        return Err(damaged);
    }
    let times = take_second_differences(&mut rest, count).ok_or(damaged)?;
    let lats = take_second_differences(&mut rest, count).ok_or(damaged)?;
    let lons = take_second_differences(&mut rest, count).ok_or(damaged)?;
    let speeds = take_differences(&mut rest, count).ok_or(damaged)?;
    let mut points = Vec::with_capacity(count);
    for (((t, lat), lon), speed) in times.into_iter().zip(lats).zip(lons).zip(speeds) {
        points.push(TrackPoint {
            t: MonoTime(t.checked_mul(NS_PER_MS).ok_or(damaged)?),
            position: LatLon { lat_deg: lat as f64 / DEGREE_QUANTA, lon_deg: lon as f64 / DEGREE_QUANTA },
            speed_mps: (speed > 0).then(|| (speed - 1) as f64 / SPEED_QUANTA),
        });
    }
    if rest.is_empty() { Ok(points) } else { Err(damaged) }
}

fn quanta(value: f64, per_unit: f64) -> i64 {
    (value * per_unit).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive(n: i64) -> Vec<TrackPoint> {
        (0..n)
            .map(|i| TrackPoint {
                t: MonoTime(i * 1_000 * NS_PER_MS),
                position: LatLon { lat_deg: 52.5 + i as f64 * 1e-4, lon_deg: -13.4 - i as f64 * 2e-4 },
                speed_mps: (i % 3 > 0).then_some(13.5 + (i % 7) as f64 * 0.1),
            })
            .collect()
    }

    #[test]
    fn what_goes_in_comes_out_at_its_quantisation() {
        let points = drive(700);
        let back = decode(&encode(&points)).unwrap();
        assert_eq!(back.len(), points.len());
        for (a, b) in points.iter().zip(&back) {
            assert_eq!(a.t, b.t);
            assert!((a.position.lat_deg - b.position.lat_deg).abs() <= 0.5001e-6);
            assert!((a.position.lon_deg - b.position.lon_deg).abs() <= 0.5001e-6);
            assert_eq!(a.speed_mps.is_some(), b.speed_mps.is_some());
        }
        assert_eq!(encode(&back), encode(&points), "packing twice changes nothing");
    }

    #[test]
    fn positions_that_are_no_number_are_left_out() {
        let mut points = drive(3);
        points[1].position.lat_deg = f64::NAN;
        points[2].speed_mps = Some(f64::NAN);
        let back = decode(&encode(&points)).unwrap();
        assert_eq!(back.len(), 2);
        assert_eq!(back[1].speed_mps, None);
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let good = encode(&drive(20));
        for cut in 0..good.len() {
            assert!(decode(&good[..cut]).is_err());
        }
        assert_eq!(decode(&[9]), Err(TrackError::Version));
        assert_eq!(decode(&[VERSION, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(TrackError::Damaged));
    }
}
