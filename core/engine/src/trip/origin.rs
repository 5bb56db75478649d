//! Where the vehicle stood before a ride: where the last trip left it. A receiver that was off while the ride began shows
//! it some way from there, and that way is what nobody saw. When a ride begins is `machine`'s.

use serde::{Deserialize, Serialize};

use super::anchor::First;
use crate::geo::{LatLon, distance_m};
use crate::sample::{Fix, MonoTime};

/// The receiver was off if nothing came from it for so long.
const HOLE_S: f64 = 8.0;
/// Whoever was seen farther from the vehicle than this may have taken another one.
const PARKED_M: f64 = 500.0;
/// A ride that is first seen standing is seen at a light near where it began, or the vehicle is not where it was left.
const STANDING_M: f64 = 150.0;
/// Slower than this stands.
const STANDING_MPS: f64 = 2.0;
/// No vehicle got farther.
const MAX_MPS: f64 = 40.0;
/// What two good positions err together.
const SEEN_M: f64 = 15.0;
/// So near, roads are hardly longer than the crow's way.
const DETOUR: f64 = 1.1;

/// The newest time without the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Hole {
    start: MonoTime,
    end: MonoTime,
    from: LatLon,
    to: LatLon,
    stands: bool,
}

/// Where the vehicle was left, and how the receiver came back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    parked: Option<LatLon>,
    last: Option<(MonoTime, LatLon)>,
    hole: Option<Hole>,
}

impl Origin {
    /// A trip ended here.
    pub fn parks(&mut self, place: Option<LatLon>) {
        self.parked = place;
    }

    /// A fix: positions of the network, which say no speed, do not show where a vehicle is.
    pub fn fix(&mut self, fix: &Fix) {
        let Some(speed_mps) = fix.speed_mps.map(f64::from) else { return };
        let to = LatLon { lat_deg: fix.lat_deg, lon_deg: fix.lon_deg };
        if let Some((start, from)) = self.last.replace((fix.t, to))
            && fix.t.since(start) > HOLE_S
        {
            self.hole = Some(Hole { start, end: fix.t, from, to, stands: speed_mps < STANDING_MPS });
        }
    }

    /// The way that nobody saw of a ride with this first moving step.
    pub fn unseen(&self, first: &First) -> Option<First> {
        let (hole, parked) = (self.hole?, self.parked?);
        // Seen standing, and seen to leave: someone who walked to the vehicle was seen all the way.
        let seen = if first.covers(hole.end) { hole.to } else { first.from };
        let way_m = distance_m(parked, seen);
        let goes_on = first.covers(hole.end) || First { end: hole.end, ..*first }.leads_to(first.start);
        let farthest_m = if hole.stands { STANDING_M } else { MAX_MPS * hole.end.since(hole.start) };
        if !goes_on || distance_m(parked, hole.from) > PARKED_M || way_m > farthest_m {
            return None;
        }
        let way = First { start: hole.start, end: hole.end, chord_m: DETOUR * way_m, from: parked };
        (way_m >= SEEN_M || first.covers(hole.end)).then_some(way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::shifted;

    const HOME: LatLon = LatLon { lat_deg: 52.0, lon_deg: 13.0 };

    fn seen(origin: &mut Origin, t_s: f64, east_m: f64, speed_mps: Option<f32>) {
        let LatLon { lat_deg, lon_deg } = shifted(HOME, east_m, 0.0);
        origin.fix(&Fix {
            t: MonoTime::from_seconds(t_s),
            lat_deg,
            lon_deg,
            alt_m: None,
            speed_mps,
            bearing_deg: None,
            hacc_m: None,
            arrived: None,
            wall_ms: None,
            mock: false,
        });
    }

    /// A first moving step that begins at `t_s`.
    fn first(t_s: f64, east_m: f64) -> First {
        let (start, end) = (MonoTime::from_seconds(t_s), MonoTime::from_seconds(t_s + 5.0));
        First { start, end, chord_m: 60.0, from: shifted(HOME, east_m, 0.0) }
    }

    fn parked() -> Origin {
        let mut origin = Origin::default();
        origin.parks(Some(HOME));
        seen(&mut origin, 0.0, 30.0, Some(1.0));
        origin
    }

    #[test]
    fn what_the_receiver_did_not_see_is_the_way_from_where_the_vehicle_was_left() {
        let mut origin = parked();
        seen(&mut origin, 900.0, 400.0, None);
        seen(&mut origin, 1_000.0, 200.0, Some(10.0));
        let way = origin.unseen(&first(1_000.0, 200.0)).unwrap();
        assert!((way.chord_m - 220.0).abs() < 5.0, "{way:?}");
        assert!(origin.unseen(&first(1_090.0, 200.0)).is_none(), "it was seen standing, and left later");
    }

    #[test]
    fn a_vehicle_that_is_seen_where_it_was_left_or_somewhere_else_has_no_unseen_way() {
        let mut origin = parked();
        seen(&mut origin, 1_000.0, 8.0, Some(0.0));
        assert!(origin.unseen(&first(1_010.0, 8.0)).is_none());
        seen(&mut origin, 1_500.0, 70.0, Some(0.0));
        assert!(origin.unseen(&first(1_540.0, 5.0)).is_none(), "walked to it, and was seen");
        seen(&mut origin, 2_000.0, 300.0, Some(0.0));
        assert!(origin.unseen(&first(2_010.0, 300.0)).is_none(), "it stands elsewhere");
        let mut far = parked();
        seen(&mut far, 1_000.0, 900.0, Some(0.5));
        seen(&mut far, 2_000.0, 1_000.0, Some(9.0));
        assert!(far.unseen(&first(2_000.0, 1_000.0)).is_none(), "another vehicle");
    }
}
