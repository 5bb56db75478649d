//! Positions: as known at the time, as smoothed for the finished trip, and as the receiver itself has them. Unknown
//! counts as 100 m off.

use milepost_engine::contract::TrackPoint;
use milepost_engine::geo::{LatLon, distance_m};
use milepost_engine::sample::{Fix, MonoTime};

use super::series::{MOMENT_HZ, Series, in_outage};
use crate::report::beside::Moment;
use crate::report::drive::Drive;
use crate::report::tally::Squares;

const UNKNOWN_M: f64 = 100.0;
/// Points of the track that are further apart have nothing between them.
const TRACK_GAP_S: f64 = 60.0;
/// From the first fix on, so much later.
const AFTER_FIRST_FIX_S: f64 = 10.0;
/// The track counts within a trip, so far from its ends.
const WITHIN_TRIP_S: f64 = 1.0;

/// The true way, the errors on it and the fixes of a drive: half a megabyte an hour.
#[derive(Default)]
pub struct Place {
    causal: Series,
    /// One a moment, in order.
    way: Vec<(f64, LatLon)>,
    /// In order of arrival.
    fixes: Vec<(f64, LatLon)>,
}

/// The three errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Places {
    /// As known at the time.
    pub causal: Squares,
    /// Of `track.csv`.
    pub smoothed: Squares,
    /// Of the fixes, their lag removed.
    pub raw: Squares,
}

impl Place {
    /// Looks at a moment.
    pub fn moment(&mut self, m: &Moment) {
        let error = m.said.and_then(|s| s.position).map(|p| distance_m(p, m.then.position));
        self.causal.push(m.t_s, error.unwrap_or(UNKNOWN_M), error.is_some());
        self.way.push((m.t_s, m.truth.position));
    }

    /// A fix that reached the host.
    pub fn fix(&mut self, fix: &Fix) {
        self.fixes.push((fix.t.seconds(), LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg }));
    }

    /// All three, without the time around outages.
    pub fn finish(&self, drive: &Drive) -> Places {
        let from = self.fixes.first().map_or(f64::INFINITY, |f| f.0 + AFTER_FIRST_FIX_S);
        let counts = |t: f64| t > from && !in_outage(&drive.truth, t);
        Places {
            causal: self.causal.squares(counts),
            smoothed: self.smoothed(drive).squares(counts),
            raw: self.raw(drive.lags_s.1),
        }
    }

    fn smoothed(&self, drive: &Drive) -> Series {
        let points = drive.said.track_points();
        let trips = &drive.truth.trips;
        let within =
            |t: f64| trips.iter().any(|u| t > u.span.start_s + WITHIN_TRIP_S && t < u.span.end_s - WITHIN_TRIP_S);
        let mut series = Series::default();
        for (t, place) in self.way.iter().filter(|(t, _)| within(*t)) {
            let error = on_track(&points, *t).map(|said| distance_m(said, *place));
            series.push(*t, error.unwrap_or(UNKNOWN_M), error.is_some());
        }
        series
    }

    fn raw(&self, lag_s: f64) -> Squares {
        let mut squares = Squares::default();
        for (t, said) in &self.fixes {
            if let Some(place) = self.on_way(t - lag_s) {
                squares.add(distance_m(*said, place), 1.0, true);
            }
        }
        squares
    }

    /// Where the vehicle truly was, straight between two moments: that is a centimetre off at most.
    fn on_way(&self, t_s: f64) -> Option<LatLon> {
        let after = self.way.partition_point(|(t, _)| *t <= t_s);
        let (a, b) = (self.way.get(after.checked_sub(1)?)?, self.way.get(after)?);
        Some(mix(a.1, b.1, (t_s - a.0) * MOMENT_HZ))
    }
}

/// Where the track was, straight between two of its points.
fn on_track(points: &[TrackPoint], t_s: f64) -> Option<LatLon> {
    let t = MonoTime::from_seconds(t_s);
    let after = points.partition_point(|p| p.t < t);
    let b = points.get(after)?;
    let Some(a) = after.checked_sub(1).and_then(|i| points.get(i)) else {
        return (b.t == t).then_some(b.position);
    };
    let gap_s = b.t.since(a.t);
    (gap_s <= TRACK_GAP_S).then(|| mix(a.position, b.position, t.since(a.t) / gap_s))
}

fn mix(a: LatLon, b: LatLon, x: f64) -> LatLon {
    LatLon { lat_deg: a.lat_deg + x * (b.lat_deg - a.lat_deg), lon_deg: a.lon_deg + x * (b.lon_deg - a.lon_deg) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_straight_between_points_and_unknown_in_gaps() {
        let point = |t_s: f64, lon_deg: f64| TrackPoint {
            t: MonoTime::from_seconds(t_s),
            position: LatLon { lat_deg: 50.0, lon_deg },
            speed_mps: None,
            heading_deg: None,
            alt_m: None,
        };
        let track = [point(10.0, 1.0), point(20.0, 2.0), point(90.0, 3.0)];
        let lon = |t_s| on_track(&track, t_s).map(|p| p.lon_deg);
        assert_eq!((lon(15.0), lon(10.0), lon(20.0)), (Some(1.5), Some(1.0), Some(2.0)));
        assert_eq!((lon(50.0), lon(9.0), lon(91.0)), (None, None, None));
    }
}
