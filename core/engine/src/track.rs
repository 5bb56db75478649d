//! The compact form of a trajectory: points in, bytes out, and back. Lossless at its quantisation (1 ms, 10⁻⁶ degrees,
//! 0.1 m/s). Whom the bytes belong to is the caller's.
//!
//! Two versions, and [`decode`] reads both: [`encode`] is quick, for what still grows and for readers that know no more
//! than varints; [`pack`] takes a third of the room, for what is kept and sent. Both begin with the version's byte and the
//! number of points.
//!
//! Version 1 goes on column by column with time, latitude, longitude, speed. Time and positions are second differences (a
//! vehicle keeps its speed, so they are small; Facebook's Gorilla, 2015, has them), speed is a first difference of the
//! value plus one, with 0 for unknown. Every number is a zigzag LEB128 varint, as in Protocol Buffers. Version 2 has the
//! same four numbers point by point, see `small`.

pub mod simplify;
mod small;

use crate::blob::{BlobError, MAX_ITEMS, begin, open};
use crate::columns::{put_differences, put_second_differences, take_differences, take_second_differences};
use crate::contract::TrackPoint;
use crate::geo::LatLon;
use crate::sample::MonoTime;
use small::Row;

/// Points in one piece at most.
pub const MAX_POINTS: usize = MAX_ITEMS;
const QUICK: u8 = 1;
const SMALL: u8 = 2;
const NS_PER_MS: i64 = 1_000_000;
const DEGREE_QUANTA: f64 = 1e6;
const SPEED_QUANTA: f64 = 10.0;

/// Packs points quickly. Those without a finite position are left out, as are those beyond [`MAX_POINTS`].
pub fn encode(points: &[TrackPoint]) -> Vec<u8> {
    let mut out = begin(QUICK, rows(points).count());
    put_second_differences(&mut out, rows(points).map(|[time, ..]| time));
    put_second_differences(&mut out, rows(points).map(|[_, lat, ..]| lat));
    put_second_differences(&mut out, rows(points).map(|[_, _, lon, _]| lon));
    put_differences(&mut out, rows(points).map(|[.., speed]| speed));
    out
}

/// Packs the same points into as little as possible.
pub fn pack(points: &[TrackPoint]) -> Vec<u8> {
    small::put(begin(SMALL, rows(points).count()), rows(points))
}

/// Unpacks what [`encode`] or [`pack`] packed.
pub fn decode(bytes: &[u8]) -> Result<Vec<TrackPoint>, BlobError> {
    let (version, count, rest) = open(bytes)?;
    let rows = match version {
        QUICK => quick_rows(rest, count),
        SMALL => small::take(rest, count),
        _ => return Err(BlobError::Version),
    };
    let points = rows.and_then(|rows| rows.into_iter().map(point).collect());
    points.ok_or(BlobError::Damaged)
}

fn rows(points: &[TrackPoint]) -> impl Iterator<Item = Row> {
    let usable = points.iter().filter(|p| p.position.lat_deg.is_finite() && p.position.lon_deg.is_finite());
    usable.take(MAX_POINTS).map(|p| {
        let speed = p.speed_mps.filter(|v| v.is_finite() && *v >= 0.0);
        [
            p.t.0.div_euclid(NS_PER_MS),
            quanta(p.position.lat_deg, DEGREE_QUANTA),
            quanta(p.position.lon_deg, DEGREE_QUANTA),
            speed.map_or(0, |v| quanta(v, SPEED_QUANTA).saturating_add(1)),
        ]
    })
}

fn quick_rows(mut rest: &[u8], count: usize) -> Option<Vec<Row>> {
    // Each number is at least a byte: a short input cannot ask for much memory.
    if rest.len() < count.saturating_mul(4) {
        return None;
    }
    let times = take_second_differences(&mut rest, count)?;
    let lats = take_second_differences(&mut rest, count)?;
    let lons = take_second_differences(&mut rest, count)?;
    let speeds = take_differences(&mut rest, count)?;
    let rows = times.into_iter().zip(lats).zip(lons).zip(speeds);
    rest.is_empty().then(|| rows.map(|(((time, lat), lon), speed)| [time, lat, lon, speed]).collect())
}

fn point([time, lat, lon, speed]: Row) -> Option<TrackPoint> {
    Some(TrackPoint {
        t: MonoTime(time.checked_mul(NS_PER_MS)?),
        position: LatLon { lat_deg: lat as f64 / DEGREE_QUANTA, lon_deg: lon as f64 / DEGREE_QUANTA },
        speed_mps: (speed > 0).then(|| (speed - 1) as f64 / SPEED_QUANTA),
    })
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
        let back = decode(&pack(&points)).unwrap();
        assert_eq!(decode(&encode(&points)).unwrap(), back);
        assert_eq!(back.len(), points.len());
        for (a, b) in points.iter().zip(&back) {
            assert_eq!(a.t, b.t);
            assert!((a.position.lat_deg - b.position.lat_deg).abs() <= 0.5001e-6);
            assert!((a.position.lon_deg - b.position.lon_deg).abs() <= 0.5001e-6);
            assert_eq!(a.speed_mps.is_some(), b.speed_mps.is_some());
        }
        assert_eq!(pack(&back), pack(&points), "packing twice changes nothing");
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
        for good in [encode(&drive(20)), pack(&drive(20))] {
            for cut in 0..good.len() {
                assert!(decode(&good[..cut]).is_err());
            }
            assert!(decode(&[good.as_slice(), &[0]].concat()).is_err());
        }
        assert_eq!(decode(&[9, 0]), Err(BlobError::Version));
        assert_eq!(decode(&[QUICK, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(BlobError::Damaged));
        assert_eq!(decode(&[SMALL, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(BlobError::Damaged));
    }

    #[test]
    fn what_older_versions_packed_is_read() {
        let version_1 = [
            1, 6, 208, 15, 0, 0, 192, 216, 136, 50, 247, 214, 136, 50, 0, 128, 223, 227, 12, 239, 219, 227, 12, 0, 102,
            101, 104,
        ];
        let points: Vec<_> = decode(&version_1)
            .unwrap()
            .into_iter()
            .map(|p| (p.t.seconds(), p.position.lat_deg, p.position.lon_deg, p.speed_mps))
            .collect();
        let expected =
            [(1.0, 52.5, 13.4, Some(5.0)), (2.0, 52.5001, 13.4002, None), (3.0, 52.5002, 13.4004, Some(5.1))];
        assert_eq!(points, expected);
    }

    #[test]
    fn small_is_a_third_smaller() {
        let points = drive(600);
        assert!(pack(&points).len() * 3 < encode(&points).len() * 2);
    }

    proptest::proptest! {
        #[test]
        fn any_points_come_back_the_same_from_both(
            rows in proptest::collection::vec((-1i64 << 40..1 << 40, -90f64..90.0, -180f64..180.0, -1f64..90.0), 0..80),
        ) {
            let points: Vec<TrackPoint> = rows
                .into_iter()
                .map(|(t, lat_deg, lon_deg, speed)| TrackPoint {
                    t: MonoTime(t * NS_PER_MS),
                    position: LatLon { lat_deg, lon_deg },
                    speed_mps: (speed >= 0.0).then_some(speed),
                })
                .collect();
            let back = decode(&pack(&points)).unwrap();
            proptest::prop_assert_eq!(back.len(), points.len());
            proptest::prop_assert_eq!(back, decode(&encode(&points)).unwrap());
        }
    }
}
