//! The tracks of the page: the engine's own compact form, thinned where a replay is longer than a page can show.

use milepost_engine::Uuid;
use milepost_engine::contract::TrackPoint;
use milepost_engine::track::{MAX_POINTS, encode};

use super::budget::TRACK_BYTES;
use super::pack;

/// The most that a point takes as text: four varints, of which a position far from the last takes five bytes. Usual
/// are six in all.
const POINT_TEXT_BYTES: usize = pack::text_len(15);
/// A day at one a second is shown in full.
const PAGE_POINTS: usize = TRACK_BYTES / POINT_TEXT_BYTES;

/// A trip's track as text.
#[derive(serde::Serialize)]
pub struct Packed {
    trip_id: Uuid,
    data: String,
}

impl Packed {
    /// Packs points, which are in order of time.
    pub fn of(trip_id: Uuid, points: &[TrackPoint]) -> Self {
        Self { trip_id, data: pack::text(&encode(points.get(..MAX_POINTS).unwrap_or(points))) }
    }
}

/// Leaves out points, evenly, and never a trip's last one, where `all` points of all trips are too many for a page.
pub fn thin(points: &mut Vec<TrackPoint>, all: usize) {
    let every = all.div_ceil(PAGE_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let mut i = 0;
    points.retain(|_| {
        let keep = i % every == 0 || i == last;
        i += 1;
        keep
    });
}

#[cfg(test)]
mod tests {
    use milepost_engine::geo::LatLon;
    use milepost_engine::sample::MonoTime;

    use super::*;

    fn points(n: i64) -> Vec<TrackPoint> {
        let point = |i: i64| TrackPoint {
            t: MonoTime(i * 1_000_000_000),
            position: LatLon { lat_deg: (i % 180 - 90) as f64, lon_deg: (i * 7 % 360 - 180) as f64 },
            speed_mps: Some(i as f64),
            heading_deg: None,
            alt_m: None,
        };
        (0..n).map(point).collect()
    }

    #[test]
    fn a_day_is_shown_in_full_and_a_year_within_the_budget() {
        let mut day = points(86_400);
        thin(&mut day, 86_400);
        assert_eq!(day.len(), 86_400);
        let mut long = points(500_000);
        thin(&mut long, 500_000);
        assert!(long.len() <= PAGE_POINTS + 1 && long.len() > PAGE_POINTS / 2, "{}", long.len());
        assert_eq!(long.last(), points(500_000).last());
        assert!(Packed::of(Uuid::nil(), &long).data.len() <= TRACK_BYTES);
        thin(&mut Vec::new(), 0);
    }
}
