//! Fewer points: for drawing (Douglas–Peucker) and for whoever cares when a vehicle was where (time-true). Both keep the
//! ends and bound the error; neither changes a point.

use crate::contract::TrackPoint;
use crate::geo::{LatLon, offset_m};

/// Points that one kept point may stand for at most: looking back at all of them costs their square.
const MAX_SPAN: usize = 600;

/// Drawing: no point that is left out lies farther than this from the line between its kept neighbours (Douglas and
/// Peucker 1973). Says nothing about times.
pub fn for_drawing(points: &[TrackPoint], tolerance_m: f64) -> Vec<TrackPoint> {
    let mut keep = vec![false; points.len()];
    keep.first_mut().into_iter().for_each(|end| *end = true);
    keep.last_mut().into_iter().for_each(|end| *end = true);
    // A stack of stretches rather than recursion: a track can be as long as a day.
    let mut stretches = vec![(0, points.len().saturating_sub(1))];
    while let Some((from, to)) = stretches.pop() {
        let (Some(a), Some(b)) = (points.get(from), points.get(to)) else { continue };
        let between = points.iter().enumerate().take(to).skip(from + 1);
        let far = between.map(|(n, p)| (n, off_line_m(p.position, a.position, b.position)));
        let Some((n, m)) = far.max_by(|x, y| x.1.total_cmp(&y.1)) else { continue };
        if m > tolerance_m {
            keep.get_mut(n).into_iter().for_each(|k| *k = true);
            stretches.extend([(from, n), (n, to)]);
        }
    }
    points.iter().zip(keep).filter_map(|(p, kept)| kept.then_some(*p)).collect()
}

/// Time-true: who drives from kept point to kept point at constant velocity (dead reckoning) is at no moment of a point
/// that is left out farther than this from it. A point is kept when the next would break that, so a live sender that
/// waits for one point more can do the same.
pub fn time_true(points: &[TrackPoint], tolerance_m: f64) -> Vec<TrackPoint> {
    let mut kept: Vec<TrackPoint> = points.first().copied().into_iter().collect();
    // Points after the last kept one, all of which may be left out so far but for the newest.
    let mut span: Vec<TrackPoint> = Vec::new();
    for point in points.iter().skip(1) {
        if let (Some(anchor), Some(newest)) = (kept.last().copied(), span.last().copied())
            && (span.len() >= MAX_SPAN || !all_near(&span, anchor, *point, tolerance_m))
        {
            kept.push(newest);
            span.clear();
        }
        span.push(*point);
    }
    kept.extend(span.last());
    kept
}

fn all_near(span: &[TrackPoint], from: TrackPoint, to: TrackPoint, tolerance_m: f64) -> bool {
    let (east, north) = offset_m(from.position, to.position);
    let whole_s = to.t.since(from.t);
    span.iter().all(|p| {
        let part = if whole_s > 0.0 { p.t.since(from.t) / whole_s } else { 0.0 };
        let (e, n) = offset_m(from.position, p.position);
        let (de, dn) = (e - part * east, n - part * north);
        (de * de + dn * dn).sqrt() <= tolerance_m
    })
}

fn off_line_m(p: LatLon, a: LatLon, b: LatLon) -> f64 {
    let ((bx, by), (px, py)) = (offset_m(a, b), offset_m(a, p));
    let length2 = bx * bx + by * by;
    let part = if length2 > 0.0 { ((px * bx + py * by) / length2).clamp(0.0, 1.0) } else { 0.0 };
    let (dx, dy) = (px - part * bx, py - part * by);
    (dx * dx + dy * dy).sqrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::shifted;
    use crate::sample::MonoTime;

    const HOME: LatLon = LatLon { lat_deg: 52.5, lon_deg: 13.4 };

    fn point(t_s: f64, east_m: f64, north_m: f64) -> TrackPoint {
        let (t, position) = (MonoTime::from_seconds(t_s), shifted(HOME, east_m, north_m));
        TrackPoint { t, position, speed_mps: None, heading_deg: None, alt_m: None }
    }

    /// East at 10 m/s, a minute at a light, then north at 20 m/s.
    fn corner() -> Vec<TrackPoint> {
        let along = |s: f64| match s {
            s if s < 100.0 => (10.0 * s, 0.0),
            s if s < 160.0 => (1_000.0, 0.0),
            s => (1_000.0, 20.0 * (s - 160.0)),
        };
        (0..200).map(f64::from).map(|s| point(s, along(s).0, along(s).1)).collect()
    }

    #[test]
    fn a_line_needs_its_corner_and_a_drive_its_halt_too() {
        let drawn = for_drawing(&corner(), 2.0);
        assert_eq!(drawn.len(), 3, "{drawn:?}");
        let driven: Vec<f64> = time_true(&corner(), 2.0).iter().map(|p| p.t.seconds()).collect();
        assert_eq!(driven, [0.0, 100.0, 160.0, 199.0]);
    }

    #[test]
    fn little_stays_as_it_is() {
        for n in 0..3 {
            let few: Vec<TrackPoint> = corner().into_iter().take(n).collect();
            assert_eq!(for_drawing(&few, 5.0), few);
            assert_eq!(time_true(&few, 5.0), few);
        }
    }

    proptest! {
        #[test]
        fn what_is_left_out_is_near_what_is_kept(
            steps in prop::collection::vec((0.1..10.0f64, -30.0..30.0f64, -30.0..30.0f64), 2..80),
            tolerance_m in 0.0..60.0f64,
        ) {
            let mut at = (0.0, 0.0, 0.0);
            let points: Vec<TrackPoint> = steps
                .iter()
                .map(|step| {
                    at = (at.0 + step.0, at.1 + step.1, at.2 + step.2);
                    point(at.0, at.1, at.2)
                })
                .collect();
            let drawn = for_drawing(&points, tolerance_m);
            let driven = time_true(&points, tolerance_m);
            for kept in [&drawn, &driven] {
                prop_assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
                prop_assert!(kept.len() <= points.len());
            }
            // Half a millimetre is what two sums in degrees may differ by.
            for p in &points {
                let line = drawn.windows(2).filter(|w| w[0].t <= p.t && p.t <= w[1].t);
                let off = line.map(|w| off_line_m(p.position, w[0].position, w[1].position));
                prop_assert!(off.fold(f64::INFINITY, f64::min) <= tolerance_m + 5e-4);
                let mut legs = driven.windows(2).filter(|w| w[0].t <= p.t && p.t <= w[1].t);
                prop_assert!(legs.any(|w| all_near(&[*p], w[0], w[1], tolerance_m + 5e-4)));
            }
        }
    }
}
