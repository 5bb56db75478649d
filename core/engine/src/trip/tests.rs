//! Given a stream of fixes on virtual time, when the machine runs, then these trips.

use super::*;
use crate::geo::{LatLon, shifted};
use crate::motion::State;
use crate::record::Mode;
use crate::sample::{Fix, MonoTime};

/// A phone on a straight road to the east, a fix a second.
struct Road {
    t_s: f64,
    x_m: f64,
    trips: Trips,
    out: Vec<TripOutput>,
}

impl Road {
    fn new() -> Self {
        Self { t_s: 1000.0, x_m: 0.0, trips: Trips::new(TripConfig::default(), false), out: Vec::new() }
    }

    /// Goes on at a speed for so long.
    fn go(&mut self, speed_mps: f64, seconds: u32) -> &mut Self {
        for _ in 0..seconds {
            self.t_s += 1.0;
            self.x_m += speed_mps;
            let here = shifted(LatLon { lat_deg: 52.0, lon_deg: 13.0 }, self.x_m, 0.0);
            let t = MonoTime::from_seconds(self.t_s);
            let fix = Fix {
                t,
                lat_deg: here.lat_deg,
                lon_deg: here.lon_deg,
                alt_m: None,
                speed_mps: Some(speed_mps as f32),
                bearing_deg: None,
                hacc_m: Some(5.0),
                arrived: None,
                wall_ms: None,
                mock: false,
            };
            self.trips.advance(t, &mut self.out);
            self.trips.fix(&fix, &State { t, ..State::default() }, &mut self.out);
        }
        self
    }

    /// Nothing is heard for so long.
    fn silence(&mut self, seconds: f64) -> &mut Self {
        self.t_s += seconds;
        self.trips.advance(MonoTime::from_seconds(self.t_s), &mut self.out);
        self
    }

    /// Kept trips as `(start, end, reason)` in seconds.
    fn ended(&self) -> Vec<(f64, f64, EndReason)> {
        let facts = self.out.iter().filter_map(|o| match o {
            TripOutput::Trip(_, facts) => Some(facts),
            TripOutput::Stop(..) | TripOutput::Gap(..) => None,
        });
        facts
            .filter_map(|f| match f.status {
                TripStatusFacts::Ended(why) => Some((f.start.seconds(), f.end.unwrap().seconds(), why)),
                TripStatusFacts::Open | TripStatusFacts::Discarded(_) => None,
            })
            .collect()
    }
}

#[test]
fn given_a_drive_when_no_fix_ever_comes_again_then_it_ends_by_deadline_at_the_last_moving_fix() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 300);
    let last_fix = road.t_s;
    road.silence(299.0);
    assert_eq!(road.ended(), []);
    road.silence(5.0);
    let ended = road.ended();
    assert_eq!(ended.len(), 1);
    let (start, end, why) = ended[0];
    assert!((start - 1060.0).abs() < 10.0, "{start}");
    assert!((end - last_fix).abs() < 6.0, "{end} {last_fix}");
    assert_eq!(why, EndReason::NoInput);
    assert_eq!(road.trips.state(), TripState::Idle);
}

#[test]
fn given_lights_and_a_level_crossing_when_driving_then_it_is_one_trip_by_car() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 120).go(0.0, 40);
    assert_eq!(road.trips.mode(MonoTime::from_seconds(road.t_s), 0), Mode::Automotive);
    road.go(12.0, 120).go(0.0, 240).go(12.0, 120).go(0.0, 400);
    let ended = road.ended();
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!(ended[0].2, EndReason::StopTimeout);
}
