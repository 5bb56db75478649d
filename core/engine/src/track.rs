//! The compact form of a trajectory: points in, bytes out, and back. Lossless at its quantisation (1 ms, 10⁻⁶ degrees,
//! 0.1 m/s, 1° of heading, 1 m of height). Whom the bytes belong to is the caller's.
//!
//! Two forms: [`encode`] is quick, for what still grows and for readers that know no more than varints; [`pack`] takes a
//! third of the room, for what is kept and sent. Both begin with the version's byte and the number of points: 3 is quick,
//! 4 is small. [`decode`] also reads 1 and 2, which are the same two without heading and height.
//!
//! The quick form goes on column by column with time, latitude, longitude, speed, heading, height. Time and positions are
//! second differences (a vehicle keeps its speed, so they are small; Facebook's Gorilla, 2015, has them), the others first
//! differences of the value plus one, with 0 for unknown; heights count from 32 768 m below. Every number is a zigzag
//! LEB128 varint, as in Protocol Buffers. The small form has the same numbers point by point, see `small`.

pub mod simplify;
mod small;

use crate::blob::{BlobError, MAX_ITEMS, begin, open};
use crate::columns::{put_differences, put_second_differences, take_differences, take_second_differences};
use crate::contract::TrackPoint;
use crate::geo::LatLon;
use crate::sample::MonoTime;
use small::{CIRCLE, HEIGHT_ZERO, Row};

/// Points in one piece at most.
pub const MAX_POINTS: usize = MAX_ITEMS;
const OLD_QUICK: u8 = 1;
const OLD_SMALL: u8 = 2;
const QUICK: u8 = 3;
const SMALL: u8 = 4;
const NS_PER_MS: i64 = 1_000_000;
const DEGREE_QUANTA: f64 = 1e6;
const SPEED_QUANTA: f64 = 10.0;

/// Packs points quickly. Those without a finite position are left out, as are those beyond [`MAX_POINTS`].
pub fn encode(points: &[TrackPoint]) -> Vec<u8> {
    let mut out = begin(QUICK, rows(points).count());
    put_second_differences(&mut out, rows(points).map(|[time, ..]| time));
    put_second_differences(&mut out, rows(points).map(|[_, lat, ..]| lat));
    put_second_differences(&mut out, rows(points).map(|[_, _, lon, ..]| lon));
    put_differences(&mut out, rows(points).map(|[_, _, _, speed, ..]| speed));
    put_differences(&mut out, rows(points).map(|[.., heading, _]| heading));
    put_differences(&mut out, rows(points).map(|[.., height]| height));
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
        OLD_QUICK | QUICK => quick_rows(rest, count, version == QUICK),
        OLD_SMALL | SMALL => small::take(rest, count, version == SMALL),
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
            // The first moment of all rounds to one that is none.
            p.t.0.div_euclid(NS_PER_MS).max(i64::MIN / NS_PER_MS),
            quanta(p.position.lat_deg, DEGREE_QUANTA),
            quanta(p.position.lon_deg, DEGREE_QUANTA),
            speed.map_or(0, |v| quanta(v, SPEED_QUANTA).saturating_add(1)),
            p.heading_deg.map(i64::from).filter(|deg| *deg < CIRCLE).map_or(0, |deg| deg + 1),
            p.alt_m.map_or(0, |m| i64::from(m) + HEIGHT_ZERO),
        ]
    })
}

fn quick_rows(mut rest: &[u8], count: usize, more: bool) -> Option<Vec<Row>> {
    // Each number is at least a byte: a short input cannot ask for much memory.
    if rest.len() < count.saturating_mul(if more { 6 } else { 4 }) {
        return None;
    }
    let times = take_second_differences(&mut rest, count)?;
    let lats = take_second_differences(&mut rest, count)?;
    let lons = take_second_differences(&mut rest, count)?;
    let speeds = take_differences(&mut rest, count)?;
    let mut rows: Vec<Row> =
        times.into_iter().zip(lats).zip(lons).zip(speeds).map(|(((t, lat), lon), v)| [t, lat, lon, v, 0, 0]).collect();
    if more {
        let (headings, heights) = (take_differences(&mut rest, count)?, take_differences(&mut rest, count)?);
        for (row, (heading, height)) in rows.iter_mut().zip(headings.into_iter().zip(heights)) {
            [row[4], row[5]] = [heading, height];
        }
    }
    rest.is_empty().then_some(rows)
}

fn point([time, lat, lon, speed, heading, height]: Row) -> Option<TrackPoint> {
    let heading_deg = match heading {
        0 => None,
        1..=CIRCLE => Some((heading - 1) as u16),
        _ => return None,
    };
    let alt_m = match height {
        0 => None,
        known => Some(i16::try_from(known.checked_sub(HEIGHT_ZERO)?).ok()?),
    };
    Some(TrackPoint {
        t: MonoTime(time.checked_mul(NS_PER_MS)?),
        position: LatLon { lat_deg: lat as f64 / DEGREE_QUANTA, lon_deg: lon as f64 / DEGREE_QUANTA },
        speed_mps: (speed > 0).then(|| (speed - 1) as f64 / SPEED_QUANTA),
        heading_deg,
        alt_m,
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
                heading_deg: (i % 11 > 0).then_some(((355 + i / 4) % 360) as u16),
                alt_m: (i % 5 > 0).then_some((i / 3 - 40) as i16),
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
            assert_eq!((a.heading_deg, a.alt_m), (b.heading_deg, b.alt_m));
        }
        assert_eq!(pack(&back), pack(&points), "packing twice changes nothing");
    }

    #[test]
    fn positions_that_are_no_number_are_left_out() {
        let mut points = drive(3);
        points[1].position.lat_deg = f64::NAN;
        points[2].speed_mps = Some(f64::NAN);
        points[2].heading_deg = Some(360);
        let back = decode(&encode(&points)).unwrap();
        assert_eq!(back.len(), 2);
        assert_eq!((back[1].speed_mps, back[1].heading_deg), (None, None));
    }

    #[test]
    fn the_first_and_the_last_moments_come_back_too() {
        let mut points = drive(2);
        (points[0].t, points[1].t) = (MonoTime::MIN, MonoTime(i64::MAX));
        assert_eq!(decode(&pack(&points)).unwrap().len(), 2);
        assert_eq!(decode(&encode(&points)).unwrap().len(), 2);
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
        let version_2 = [
            2, 12, 48, 0, 0, 3, 111, 116, 239, 128, 234, 144, 174, 29, 154, 154, 219, 226, 148, 119, 87, 218, 76, 201,
            168, 75, 137, 135, 61, 220, 165, 239, 220, 245, 151, 193, 18, 23, 219, 142, 173,
        ];
        let points = decode(&version_2).unwrap();
        assert_eq!(points.iter().map(|p| p.t.seconds()).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let speeds: Vec<_> = points.iter().map(|p| p.speed_mps).collect();
        assert_eq!(speeds, [None, Some(13.6), Some(13.7), None, Some(13.9), Some(14.0)]);
        let LatLon { lat_deg, lon_deg } = points[5].position;
        assert_eq!((lat_deg, lon_deg, points[5].heading_deg, points[5].alt_m), (52.5005, -13.401, None, None));
    }

    #[test]
    fn small_is_a_third_smaller() {
        let points = drive(600);
        assert!(pack(&points).len() * 3 < encode(&points).len() * 2);
    }

    /// The quick form of rows that nobody measured.
    fn forged(version: u8, rows: &[Row]) -> Vec<u8> {
        let mut out = begin(version, rows.len());
        for n in 0..3 {
            put_second_differences(&mut out, rows.iter().map(|row| row[n]));
        }
        for n in 3..if version == QUICK { 6 } else { 4 } {
            put_differences(&mut out, rows.iter().map(|row| row[n]));
        }
        out
    }

    proptest::proptest! {
        #[test]
        fn rows_that_nobody_measured_are_an_error_or_points_that_come_back(
            rows in proptest::collection::vec(
                proptest::array::uniform6(proptest::prop_oneof![
                    proptest::strategy::Just(i64::MIN), proptest::strategy::Just(i64::MAX), 0i64..400, proptest::num::i64::ANY,
                    -1i64 << 42..1 << 42,
                ]),
                0..6,
            ),
        ) {
            for bytes in [forged(OLD_QUICK, &rows), forged(QUICK, &rows), small::put(begin(SMALL, rows.len()), rows.iter().copied())] {
                let Ok(points) = decode(&bytes) else { continue };
                proptest::prop_assert_eq!(points.len(), rows.len());
                proptest::prop_assert!(points.iter().all(|p| p.heading_deg.is_none_or(|deg| i64::from(deg) < CIRCLE)));
                let again = decode(&pack(&points));
                proptest::prop_assert_eq!(&again, &decode(&encode(&points)));
                proptest::prop_assert!(again.is_ok());
            }
        }

        #[test]
        fn bytes_that_nobody_packed_do_no_harm(
            version in 0u8..6, count in 0i64..40, mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400),
        ) {
            bytes.splice(0..0, { let mut head = vec![version]; crate::packing::put(&mut head, count); head });
            let _ = decode(&bytes);
        }

        #[test]
        fn any_points_come_back_the_same_from_both(
            rows in proptest::collection::vec(
                (-1i64 << 40..1 << 40, -90f64..90.0, -180f64..180.0, -1f64..90.0, 0u16..400, proptest::option::of(i16::MIN..=i16::MAX)),
                0..80,
            ),
        ) {
            let points: Vec<TrackPoint> = rows
                .into_iter()
                .map(|(t, lat_deg, lon_deg, speed, heading, alt_m)| TrackPoint {
                    t: MonoTime(t * NS_PER_MS),
                    position: LatLon { lat_deg, lon_deg },
                    speed_mps: (speed >= 0.0).then_some(speed),
                    heading_deg: (heading < 360).then_some(heading),
                    alt_m,
                })
                .collect();
            let back = decode(&pack(&points)).unwrap();
            proptest::prop_assert_eq!(back.len(), points.len());
            for (point, back) in points.iter().zip(&back) {
                proptest::prop_assert_eq!((point.heading_deg, point.alt_m), (back.heading_deg, back.alt_m));
            }
            proptest::prop_assert_eq!(back, decode(&encode(&points)).unwrap());
        }
    }
}
