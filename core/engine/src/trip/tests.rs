//! Given a stream of fixes on virtual time, when the machine runs, then these trips.

mod commands;
mod wake;
mod worth;

use proptest::prelude::*;

use super::*;
use crate::contract::{GnssPlan, Reason};
use crate::geo::{LatLon, shifted};
use crate::motion::State;
use crate::record::{Mode, StopClass};
use crate::sample::{Activity, Command, Fix, MonoTime, Signal};

const ORIGIN: LatLon = LatLon { lat_deg: 52.0, lon_deg: 13.0 };

/// A phone on a straight road to the east, a fix a second.
struct Road {
    t_s: f64,
    x_m: f64,
    steps: u64,
    trips: Trips,
    out: Vec<TripOutput>,
}

impl Road {
    fn new() -> Self {
        Self::with(TripConfig::default(), false)
    }

    fn with(config: TripConfig, manual: bool) -> Self {
        Self { t_s: 1000.0, x_m: 0.0, steps: 0, trips: Trips::new(config, manual), out: Vec::new() }
    }

    fn now(&self) -> MonoTime {
        MonoTime::from_seconds(self.t_s)
    }

    fn fix_at(&mut self, here: LatLon, speed_mps: Option<f64>, hacc_m: f64) {
        let t = self.now();
        let fix = Fix {
            t,
            lat_deg: here.lat_deg,
            lon_deg: here.lon_deg,
            alt_m: None,
            speed_mps: speed_mps.map(|v| v as f32),
            bearing_deg: None,
            hacc_m: Some(hacc_m as f32),
            arrived: None,
            wall_ms: None,
            mock: false,
        };
        self.trips.advance(t, &mut self.out);
        self.trips.fix(&fix, &State { t, ..State::default() }, &mut self.out);
    }

    fn signal(&mut self, signal: &Signal) -> &mut Self {
        let t = self.now();
        self.trips.advance(t, &mut self.out);
        self.trips.signal(t, signal, &mut self.out);
        self
    }

    fn command(&mut self, command: &Command) -> &mut Self {
        let t = self.now();
        self.trips.advance(t, &mut self.out);
        self.trips.command(t, command, &mut self.out);
        self
    }

    /// Goes on at a speed for so long.
    fn go(&mut self, speed_mps: f64, seconds: u32) -> &mut Self {
        for _ in 0..seconds {
            self.t_s += 1.0;
            self.x_m += speed_mps;
            self.fix_at(shifted(ORIGIN, self.x_m, 0.0), Some(speed_mps), 5.0);
        }
        self
    }

    /// Walks away from the vehicle and back, counted by the phone.
    fn deliver(&mut self, seconds: u32) -> &mut Self {
        for k in 0..seconds {
            self.t_s += 1.0;
            let out = f64::from(k.min(seconds - k)) * 1.3;
            self.steps += 2;
            self.signal(&Signal::Steps(self.steps));
            self.fix_at(shifted(ORIGIN, self.x_m, out), Some(1.3), 8.0);
        }
        self
    }

    /// Nothing is heard for so long; the vehicle goes on.
    fn silence(&mut self, speed_mps: f64, seconds: f64) -> &mut Self {
        self.t_s += seconds;
        self.x_m += speed_mps * seconds;
        let t = self.now();
        self.trips.advance(t, &mut self.out);
        self
    }

    fn finish(&mut self) -> &mut Self {
        let t = self.now();
        self.trips.finish(t, EndReason::InputEnded, &mut self.out);
        self
    }

    /// The last revision of every trip.
    fn facts(&self) -> Vec<TripFacts> {
        let mut all: Vec<TripFacts> = Vec::new();
        for output in &self.out {
            if let TripOutput::Trip(_, facts) = output {
                all.retain(|f| f.number != facts.number);
                all.push(facts.as_ref().clone());
            }
        }
        all
    }

    /// Kept trips as `(start, end, reason)` in seconds.
    fn ended(&self) -> Vec<(f64, f64, EndReason)> {
        let ended = |f: TripFacts| match f.status {
            TripStatusFacts::Ended(why) => Some((f.start.seconds(), f.end.unwrap().seconds(), why)),
            TripStatusFacts::Open | TripStatusFacts::Discarded(_) => None,
        };
        self.facts().into_iter().filter_map(ended).collect()
    }

    fn gaps(&self) -> Vec<GapFacts> {
        let of = |o: &TripOutput| match o {
            TripOutput::Gap(_, gap) => Some(*gap),
            TripOutput::Trip(..) | TripOutput::Stop(..) => None,
        };
        self.out.iter().filter_map(of).collect()
    }

    fn stops(&self) -> Vec<StopFacts> {
        let stop = |o: &TripOutput| match o {
            TripOutput::Stop(_, facts) => Some(*facts),
            TripOutput::Trip(..) | TripOutput::Gap(..) => None,
        };
        self.out.iter().filter_map(stop).collect()
    }
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[test]
fn given_a_drive_when_no_fix_ever_comes_again_then_it_ends_by_deadline_at_the_last_moving_fix() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 300);
    let last_fix = road.t_s;
    road.silence(0.0, 299.0);
    assert_eq!(road.ended(), []);
    road.silence(0.0, 5.0);
    let ended = road.ended();
    assert_eq!(ended.len(), 1);
    let (start, end, why) = ended[0];
    assert!((start - 1060.0).abs() < 10.0, "{start}");
    assert_eq!(end, last_fix);
    assert_eq!(why, EndReason::NoInput);
    assert_eq!(road.trips.state(), TripState::Idle);
}

#[test]
fn given_lights_and_a_level_crossing_when_driving_then_it_is_one_trip_with_those_stops() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 120).go(0.0, 40);
    assert_eq!(road.trips.mode(road.now(), 0), Mode::Automotive);
    road.go(12.0, 120).go(0.0, 240).go(12.0, 120).go(0.0, 400);
    let ended = road.ended();
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!(ended[0].2, EndReason::StopTimeout);
    let stops = road.stops();
    assert_eq!(stops.len(), 2, "the dwell that ends a trip is no stop: {stops:?}");
    assert_eq!(stops[0].class, StopClass::Light);
    assert!((stops[0].end.since(stops[0].start) - 40.0).abs() <= 10.0);
}

#[test]
fn given_a_jam_of_ten_minutes_when_it_creeps_then_it_is_one_trip() {
    let mut road = Road::new();
    road.go(0.0, 60).go(14.0, 200);
    for k in 0..20 {
        road.go(0.0, 20).go(2.5 + 0.1 * f64::from(k), 10);
    }
    road.go(14.0, 200).go(0.0, 400);
    assert_eq!(road.ended().len(), 1, "{:?}", road.ended());
}

#[test]
fn given_a_tunnel_of_three_minutes_when_driving_through_then_it_is_one_trip_with_a_gap() {
    let mut road = Road::new();
    road.go(0.0, 60).go(20.0, 200).silence(20.0, 180.0).go(20.0, 200).go(0.0, 400);
    assert_eq!(road.ended().len(), 1, "{:?}", road.ended());
    let gap = road.gaps()[0];
    assert_eq!(gap.end.since(gap.start), 181.0);
    assert_eq!(gap.cause, GapCause::NoInput);
}

#[test]
fn given_a_longer_hole_when_the_ride_clearly_went_on_then_the_ended_trip_goes_on() {
    let mut road = Road::new();
    road.go(0.0, 60).go(20.0, 200).silence(20.0, 400.0);
    assert_eq!(road.ended().len(), 1);
    road.go(20.0, 200).go(0.0, 400);
    let facts = road.facts();
    assert_eq!(facts.len(), 1, "{facts:?}");
    assert!(facts[0].end.unwrap().since(facts[0].start) > 780.0);
}

/// Twenty minutes without a fix, in which the OS says every minute what it takes the phone for.
fn underground(road: &mut Road, speed_mps: f64, word: Option<Activity>) {
    for _ in 0..20 {
        road.silence(speed_mps, 60.0);
        if let Some(activity) = word {
            road.signal(&Signal::Activity(activity, Some(0.9)));
        }
    }
}

#[test]
fn given_a_long_hole_when_the_os_says_that_it_rides_then_the_ended_trip_goes_on() {
    let mut road = Road::new();
    road.go(0.0, 60).go(20.0, 200);
    underground(&mut road, 5.0, Some(Activity::Automotive));
    assert_eq!(road.ended().len(), 1, "it ends by deadline first");
    road.go(20.0, 200).go(0.0, 400);
    let facts = road.facts();
    assert_eq!(facts.len(), 1, "{facts:?}");
    assert!(facts[0].end.unwrap().since(facts[0].start) > 1500.0);
}

#[test]
fn given_a_long_hole_when_nothing_says_that_it_rode_then_there_are_two_trips() {
    for word in [None, Some(Activity::Still)] {
        let mut road = Road::new();
        road.go(0.0, 60).go(20.0, 200);
        underground(&mut road, 5.0, word);
        road.go(20.0, 200).go(0.0, 400);
        assert_eq!(road.facts().len(), 2, "{word:?}");
    }
}

#[test]
fn given_a_parked_van_when_the_os_still_says_that_it_rides_then_there_are_two_trips() {
    let mut road = Road::new();
    road.go(0.0, 60).go(20.0, 200);
    for _ in 0..15 {
        road.go(0.0, 60).signal(&Signal::Activity(Activity::Automotive, Some(0.9)));
    }
    road.go(20.0, 200).go(0.0, 400);
    assert_eq!(road.facts().len(), 2);
}

#[test]
fn given_a_reboot_in_a_trip_when_the_first_fix_comes_then_the_gap_says_so() {
    let mut road = Road::new();
    road.go(20.0, 200);
    road.t_s += 40.0;
    let t = road.now();
    road.trips.reboot(t, &mut road.out);
    road.go(0.0, 20);
    let gaps: Vec<_> = road.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].cause, GapCause::Reboot);
    assert_eq!(gaps[0].end.since(gaps[0].start), 41.0);
}

#[test]
fn given_a_reboot_outside_of_a_trip_when_fixes_come_then_there_is_no_gap() {
    let mut road = Road::new();
    road.go(0.0, 200);
    let t = road.now();
    road.trips.reboot(t, &mut road.out);
    road.go(0.0, 20);
    assert!(road.gaps().is_empty());
}

#[test]
fn given_a_run_between_two_rides_when_the_os_says_so_then_the_leg_is_running() {
    let mut road = Road::new();
    road.go(12.0, 200);
    for _ in 0..6 {
        road.signal(&Signal::Activity(Activity::Running, Some(0.9))).go(2.4, 20);
    }
    road.signal(&Signal::Activity(Activity::Automotive, Some(0.9))).go(12.0, 200).go(0.0, 400);
    let facts = road.facts();
    assert_eq!(facts.len(), 1, "{facts:?}");
    assert!(facts[0].legs.iter().any(|l| l.mode == Mode::Running), "{:?}", facts[0].legs);
}

#[test]
fn given_a_walk_to_the_door_when_shorter_than_the_timeout_then_it_is_a_delivery_in_one_trip() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 200).go(0.0, 20).deliver(180).go(0.0, 20).go(12.0, 200).go(0.0, 400);
    let facts = road.facts();
    assert_eq!(road.ended().len(), 1, "{facts:?}");
    assert_eq!(
        facts[0].legs.iter().map(|l| l.mode).collect::<Vec<_>>(),
        [Mode::Automotive, Mode::Walking, Mode::Automotive]
    );
    let stops = road.stops();
    assert_eq!(stops.len(), 1, "{stops:?}");
    assert_eq!(stops[0].class, StopClass::Delivery);
}

#[test]
fn given_a_walk_to_the_door_when_longer_than_the_timeout_then_the_trip_ended_at_its_last_ride() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 200);
    let parked = road.t_s;
    road.deliver(420).go(12.0, 200).go(0.0, 400);
    let ended = road.ended();
    assert_eq!(ended.len(), 2, "{ended:?}");
    assert!((ended[0].1 - parked).abs() <= 5.0, "{ended:?}");
    assert!((ended[1].0 - parked - 420.0).abs() <= 10.0, "{ended:?}");
}

#[test]
fn given_a_desk_with_jumpy_fixes_when_hours_pass_then_there_is_no_trip() {
    let mut dice = Dice(7);
    let mut road = Road::new();
    for _ in 0..1500 {
        road.t_s += 5.0 + 60.0 * dice.roll();
        let far = if dice.roll() < 0.03 { 900.0 } else { 60.0 };
        let here = shifted(ORIGIN, far * (dice.roll() - 0.5), far * (dice.roll() - 0.5));
        let hacc_m = if dice.roll() < 0.1 { 1000.0 } else { 20.0 + 60.0 * dice.roll() };
        road.fix_at(here, None, hacc_m);
    }
    road.finish();
    assert_eq!(road.ended(), []);
}

#[test]
fn given_a_walk_when_it_is_long_then_there_is_no_trip() {
    let mut road = Road::new();
    road.go(0.0, 60).go(1.4, 1800).go(0.0, 60).finish();
    assert_eq!(road.ended(), []);
    assert_eq!(road.trips.mode(road.now(), 0), Mode::Still);
}

#[test]
fn given_a_reboot_when_a_trip_is_open_then_it_ends_and_the_next_is_another() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 200);
    road.t_s += 30.0;
    let t = road.now();
    road.trips.reboot(t, &mut road.out);
    assert!(road.trips.open().is_none());
    road.go(12.0, 200).finish();
    let ended = road.ended();
    assert_eq!(ended.len(), 2, "{ended:?}");
    assert_eq!(ended[0].2, EndReason::Reboot);
    assert!(ended[0].1 <= 1260.0 && ended[1].0 >= 1290.0, "{ended:?}");
}

#[test]
fn given_commands_when_the_host_starts_and_stops_then_the_trip_is_as_told_and_kept() {
    let mut road = Road::new();
    road.go(0.0, 60).command(&Command::StartTrip).command(&Command::Tag("rain".into()));
    assert_eq!(road.trips.open(), Some((0, MonoTime::from_seconds(1060.0))));
    road.go(0.0, 30).go(3.0, 30).go(0.0, 30).command(&Command::StopTrip);
    let facts = road.facts();
    assert_eq!(road.ended(), [(1060.0, 1150.0, EndReason::Command)]);
    assert_eq!(facts[0].tags, ["rain"]);
}

#[test]
fn given_a_stop_command_when_still_moving_then_nothing_begins_before_the_vehicle_has_stood() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 120).command(&Command::StopTrip).go(12.0, 120);
    assert!(road.trips.open().is_none());
    road.go(0.0, 60).go(12.0, 120);
    assert!(road.trips.open().is_some());
}

#[test]
fn given_duty_that_ends_when_a_trip_is_open_then_it_ends_at_once_and_nothing_is_sensed() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 200);
    let t = road.now();
    road.trips.set_allowed(t, false, &mut road.out);
    assert_eq!(road.ended().first().map(|e| e.2), Some(EndReason::NotAllowed));
    let plan = road.trips.plan().unwrap();
    assert_eq!((plan.gnss, plan.imu_hz, plan.activity), (GnssPlan::Off, 0, false));
    road.go(12.0, 200);
    assert_eq!(road.trips.state(), TripState::Off);
    assert_eq!(road.facts().len(), 1);
    let t = road.now();
    road.trips.set_allowed(t, true, &mut road.out);
    road.go(12.0, 200).finish();
    assert_eq!(road.ended().len(), 2);
}

#[test]
fn given_manual_when_the_input_ends_then_all_of_it_is_one_trip() {
    let mut road = Road::with(TripConfig::default(), true);
    road.go(0.0, 30).go(1.3, 300).go(12.0, 100).go(0.0, 900).go(1.3, 100).finish();
    assert_eq!(road.ended(), [(1001.0, 2430.0, EndReason::InputEnded)]);
    let legs: Vec<Mode> = road.facts()[0].legs.iter().map(|l| l.mode).collect();
    assert_eq!(legs, [Mode::Walking, Mode::Automotive, Mode::Walking]);
}

#[test]
fn given_an_idle_phone_when_activity_errs_then_gnss_is_on_for_a_candidate_only() {
    let mut road = Road::new();
    road.go(0.0, 60);
    assert_eq!(road.trips.plan().unwrap().gnss, GnssPlan::LowPower);
    road.signal(&Signal::Activity(Activity::Automotive, Some(1.0)));
    assert_eq!(road.trips.plan().unwrap().gnss, GnssPlan::Every(1.0));
    road.silence(0.0, 91.0);
    assert_eq!(road.trips.plan().unwrap().gnss, GnssPlan::LowPower);
    road.signal(&Signal::Activity(Activity::Automotive, Some(1.0)));
    assert_eq!(road.trips.plan().unwrap().gnss, GnssPlan::LowPower, "not again so soon");
}

#[test]
fn given_a_motorway_a_long_stop_or_power_saving_then_gnss_is_thinned_and_the_plan_says_why() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 200);
    let plan = |road: &Road| road.trips.plan().map(|plan| (plan.gnss, plan.reason)).unwrap();
    assert_eq!(plan(&road), (GnssPlan::Every(1.0), Reason::Driving));
    road.go(33.0, 60);
    assert_eq!(plan(&road), (GnssPlan::Every(3.0), Reason::Driving));
    road.signal(&Signal::PowerSave(true)).go(33.0, 5);
    assert_eq!(plan(&road), (GnssPlan::Every(5.0), Reason::PowerSaving));
    road.signal(&Signal::PowerSave(false)).go(12.0, 30);
    assert_eq!(plan(&road), (GnssPlan::Every(1.0), Reason::Driving));
    road.go(0.0, 120);
    assert_eq!(plan(&road), (GnssPlan::Every(5.0), Reason::Standing));
}

/// A day in pieces: `(kind, seconds)`.
fn days() -> impl Strategy<Value = Vec<(u8, u32)>> {
    proptest::collection::vec((0u8..7, 1u32..400), 1..12)
}

fn live(road: &mut Road, day: &[(u8, u32)], mut between: impl FnMut(&mut Road)) {
    for (kind, seconds) in day {
        live_one(road, *kind, *seconds);
        between(road);
    }
    road.silence(0.0, 1000.0);
    road.finish();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ticks_change_nothing(day in days(), ticks in proptest::collection::vec(1u32..200, 1..8)) {
        let mut plain = Road::new();
        live(&mut plain, &day, |_| ());
        let mut ticked = Road::new();
        let mut k = 0;
        for (kind, seconds) in &day {
            // Silence in small parts, each with a tick.
            if *kind == 5 {
                let mut left = *seconds;
                while left > 0 {
                    let part = ticks[k % ticks.len()].min(left);
                    k += 1;
                    left -= part;
                    ticked.silence(10.0, f64::from(part));
                }
            } else {
                live_one(&mut ticked, *kind, *seconds);
            }
        }
        for _ in 0..1000 {
            ticked.silence(0.0, 1.0);
        }
        ticked.finish();
        prop_assert_eq!(plain.out, ticked.out);
    }

    #[test]
    fn a_snapshot_and_restore_at_any_point_is_a_no_op(day in days()) {
        let mut plain = Road::new();
        live(&mut plain, &day, |_| ());
        let mut killed = Road::new();
        live(&mut killed, &day, |road| {
            let bytes = postcard::to_allocvec(&road.trips).unwrap();
            road.trips = postcard::from_bytes(&bytes).unwrap();
        });
        prop_assert_eq!(plain.out, killed.out);
    }

    #[test]
    fn trips_are_in_order_and_never_overlap(day in days()) {
        let mut road = Road::new();
        live(&mut road, &day, |_| ());
        let mut last = 0.0;
        for (start, end, _) in road.ended() {
            prop_assert!(start >= last && end > start);
            last = end;
        }
        for stop in road.stops() {
            prop_assert!(stop.end.since(stop.start) >= 10.0);
        }
    }
}

fn live_one(road: &mut Road, kind: u8, seconds: u32) {
    match kind {
        0 => road.go(0.0, seconds),
        1 => road.go(1.3, seconds),
        2 => road.go(4.5, seconds),
        3 | 4 => road.go(13.0, seconds),
        5 => road.silence(10.0, f64::from(seconds)),
        _ => road.signal(&Signal::Activity(Activity::Automotive, Some(0.8))),
    };
}
