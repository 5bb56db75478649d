//! Given what the host says of a trip, when it is driven, then it is as told.

use super::*;

fn by_hand() -> Road {
    Road::with(TripConfig { automatic: false, ..TripConfig::default() }, false)
}

#[test]
fn given_tags_and_an_id_before_a_trip_when_it_opens_then_they_are_its_own_and_not_the_nexts() {
    let mut road = Road::new();
    road.go(0.0, 60).command(&Command::Tag("rain".into())).command(&Command::ExternalId("order 8".into()));
    road.go(12.0, 120).command(&Command::Tag("late".into())).go(0.0, 400).go(12.0, 120);
    road.command(&Command::ExternalId("order 9".into())).command(&Command::ExternalId(String::new()));
    road.go(0.0, 400).finish();
    let told: Vec<_> = road.facts().into_iter().map(|f| (f.tags, f.external_id)).collect();
    assert_eq!(told, [(vec!["rain".into(), "late".into()], Some("order 8".to_owned())), (vec![], None)]);
}

#[test]
fn given_trips_by_hand_when_nobody_starts_one_then_nothing_begins_and_nothing_is_sensed() {
    let mut road = by_hand();
    road.go(0.0, 60).signal(&Signal::Activity(Activity::Automotive, Some(1.0))).go(12.0, 300);
    assert!(road.out.is_empty() && road.trips.state() == TripState::Idle);
    let plan = road.trips.plan().unwrap();
    assert_eq!((plan.gnss, plan.imu_hz, plan.activity, plan.wake_fence), (GnssPlan::Off, 0, false, None));
}

#[test]
fn given_trips_by_hand_when_the_driver_rests_for_twenty_minutes_then_it_is_one_trip_until_the_driver_ends_it() {
    let mut road = by_hand();
    road.go(0.0, 60).command(&Command::StartTrip).go(12.0, 300).go(0.0, 1200).go(12.0, 300);
    road.command(&Command::StopTrip).go(12.0, 300).finish();
    assert_eq!(road.ended(), [(1060.0, 2860.0, EndReason::Command)]);
}

#[test]
fn given_trips_by_hand_when_the_driver_forgets_to_end_one_then_it_ends_an_hour_later_at_its_last_ride() {
    let mut road = by_hand();
    road.go(0.0, 60).command(&Command::StartTrip).go(12.0, 300);
    let parked_s = road.t_s;
    road.go(0.0, 3_590);
    assert!(road.trips.open().is_some());
    road.go(0.0, 60);
    let [(_, end_s, EndReason::StopTimeout)] = road.ended()[..] else { panic!("one trip: {:?}", road.ended()) };
    assert!((end_s - parked_s).abs() <= 10.0, "ends {} s off", end_s - parked_s);
}

#[test]
fn given_another_driver_when_a_trip_is_open_then_it_ends_and_what_is_driven_on_is_the_next() {
    let mut road = Road::new();
    road.go(0.0, 60).go(12.0, 200).go(0.0, 60);
    let t = road.now();
    road.trips.hand_over(t, &mut road.out);
    road.go(12.0, 200).go(0.0, 400).finish();
    let [first, second] = road.ended()[..] else { panic!("two trips: {:?}", road.ended()) };
    assert_eq!((first.2, second.2), (EndReason::Command, EndReason::StopTimeout));
    assert!(first.1 <= 1266.0 && (second.0 - 1320.0).abs() <= 6.0, "{first:?} {second:?}");
}

#[test]
fn given_another_driver_when_the_trip_was_begun_by_command_then_so_is_the_next() {
    let mut road = by_hand();
    road.go(0.0, 60).command(&Command::StartTrip).go(12.0, 100);
    let t = road.now();
    road.trips.hand_over(t, &mut road.out);
    road.go(12.0, 100).command(&Command::StopTrip);
    assert_eq!(road.ended(), [(1060.0, 1160.0, EndReason::Command), (1160.0, 1260.0, EndReason::Command)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn trips_by_command_and_others_never_overlap(
        day in prop::collection::vec((0u8..7, 5u32..200, 0u8..4, 0.0f64..1.0), 1..25)
    ) {
        let mut road = Road::new();
        for (kind, seconds, command, later_s) in day {
            live_one(&mut road, kind, seconds);
            road.t_s += later_s;
            match command {
                0 => road.command(&Command::StartTrip),
                1 => road.command(&Command::StopTrip),
                _ => &mut road,
            };
        }
        road.finish();
        let mut last = 0.0;
        for (start, end, why) in road.ended() {
            prop_assert!(start >= last && end >= start, "{start} before {last}, {why:?}");
            last = end;
        }
    }
}
