//! Given a ride that is none, or that a preset leaves out, when it is over, then it is discarded with its reason.

use super::*;
use crate::config::Preset;
use crate::sample::{Permission, PermissionLevel};

fn discards(road: &Road) -> Vec<DiscardReason> {
    let why = |f: TripFacts| match f.status {
        TripStatusFacts::Discarded(why) => Some(why),
        TripStatusFacts::Open | TripStatusFacts::Ended(_) => None,
    };
    road.facts().into_iter().filter_map(why).collect()
}

/// A drive between two hours at rest, under a configuration in which `change` was made.
fn driven(change: impl FnOnce(&mut TripConfig), drive: impl FnOnce(&mut Road)) -> Road {
    let mut config = TripConfig::default();
    change(&mut config);
    let mut road = Road::with(config, false);
    road.go(0.0, 300);
    drive(&mut road);
    road.go(0.0, 900).finish();
    road
}

#[test]
fn given_a_ride_of_a_few_hundred_metres_when_more_is_asked_for_then_it_is_too_short() {
    let road = driven(|c| c.min_distance_m = 2000.0, |r| _ = r.go(13.0, 100));
    assert_eq!(discards(&road), [DiscardReason::TooShort]);
    assert!(road.ended().is_empty());
}

#[test]
fn given_a_brief_ride_when_it_is_over_then_it_is_too_brief() {
    let road = driven(|_| (), |r| _ = r.go(20.0, 40));
    assert_eq!(discards(&road), [DiscardReason::TooBrief]);
}

#[test]
fn given_a_round_that_stays_near_when_more_displacement_is_asked_for_then_it_is_discarded() {
    let there_and_back = |r: &mut Road| {
        r.go(10.0, 60).go(0.0, 20);
        for _ in 0..60 {
            r.x_m -= 20.0;
            r.go(10.0, 1);
        }
    };
    let road = driven(|c| c.min_displacement_m = 800.0, there_and_back);
    assert_eq!(discards(&road), [DiscardReason::NoDisplacement]);
}

#[test]
fn given_a_flight_when_it_is_over_then_it_is_too_fast() {
    let road = driven(|_| (), |r| _ = r.go(85.0, 600));
    assert_eq!(discards(&road), [DiscardReason::TooFast]);
}

#[test]
fn given_a_bicycle_ride_when_a_car_preset_is_set_then_it_is_excluded_and_for_couriers_it_is_a_trip() {
    let ride = |preset| {
        let mut road = Road::with(TripConfig::preset(preset), false);
        road.go(0.0, 300).signal(&Signal::Activity(Activity::Cycling, Some(0.9)));
        for _ in 0..10 {
            road.go(4.5, 60).signal(&Signal::Activity(Activity::Cycling, Some(0.9)));
        }
        road.go(0.0, 900).finish();
        road
    };
    for preset in [Preset::PrivateCar, Preset::RideHailing] {
        let road = ride(preset);
        assert_eq!(discards(&road), [DiscardReason::ModeExcluded]);
        assert!(road.ended().is_empty());
    }
    let facts = ride(Preset::Courier).facts();
    assert_eq!(facts.len(), 1);
    assert!(
        facts.iter().all(|f| f.mode == Mode::Cycling && f.status == TripStatusFacts::Ended(EndReason::StopTimeout))
    );
}

#[test]
fn given_a_stand_of_270_s_when_the_preset_is_private_car_then_it_is_two_trips_and_for_couriers_one() {
    let trips = |preset| {
        let mut road = Road::with(TripConfig::preset(preset), false);
        road.go(0.0, 60).go(13.0, 300).go(0.0, 270).go(13.0, 300).go(0.0, 900).finish();
        road.ended().len()
    };
    assert_eq!((trips(Preset::PrivateCar), trips(Preset::Courier)), (2, 1));
}

#[test]
fn given_a_phone_that_slept_through_its_departure_when_it_rides_then_the_start_lies_in_that_sleep() {
    let mut road = Road::new();
    road.go(0.0, 60);
    let left = road.t_s + 7000.0;
    road.silence(0.0, 7000.0).silence(10.0, 90.0);
    road.go(10.0, 300).go(0.0, 400).finish();
    let facts = road.facts();
    let [trip] = facts.as_slice() else { panic!("one trip, not {}", facts.len()) };
    assert!((trip.start.seconds() - left).abs() < 45.0, "starts {} s off", trip.start.seconds() - left);
    assert!(trip.start_inferred && trip.missed_start_m.is_some_and(|m| (m - 900.0).abs() < 30.0));
}

#[test]
fn given_a_few_steps_after_the_ride_when_the_timeout_is_over_then_the_trip_ends_with_the_ride() {
    let mut road = Road::new();
    road.go(0.0, 60).go(13.0, 300);
    let parked_s = road.t_s;
    road.go(0.0, 20).deliver(14).go(0.0, 900).finish();
    let [(_, end_s, EndReason::StopTimeout)] = road.ended()[..] else { panic!("one trip") };
    assert!((end_s - parked_s).abs() <= 6.0, "ends {} s off", end_s - parked_s);
}

#[test]
fn given_a_provider_or_permission_that_is_lost_when_fixes_come_again_then_the_gap_says_so() {
    let gap_after = |lost: Signal, back: Signal| {
        let mut road = Road::new();
        road.go(0.0, 60).go(13.0, 120).signal(&lost).silence(13.0, 100.0).signal(&back);
        road.go(13.0, 120).go(0.0, 400).finish();
        road.out.iter().find_map(|o| match o {
            TripOutput::Gap(_, gap) => Some(gap.cause),
            TripOutput::Trip(..) | TripOutput::Stop(..) => None,
        })
    };
    let permission = |level| Signal::Permission(Permission { level, reduced: false });
    assert_eq!(gap_after(Signal::Provider(false), Signal::Provider(true)), Some(GapCause::ProviderOff));
    assert_eq!(
        gap_after(permission(PermissionLevel::Denied), permission(PermissionLevel::Always)),
        Some(GapCause::Permission)
    );
}

#[test]
fn given_nothing_at_all_or_only_no_fixes_or_a_plan_without_them_when_fixes_come_again_then_the_gap_says_which() {
    let cause = |drive: fn(&mut Road)| {
        let mut road = Road::new();
        road.go(0.0, 60).go(13.0, 120);
        drive(&mut road);
        road.go(13.0, 120).go(0.0, 400).finish();
        road.gaps().first().map(|gap| gap.cause)
    };
    assert_eq!(cause(|road| _ = road.silence(13.0, 100.0)), Some(GapCause::NoInput));
    assert_eq!(
        cause(|road| {
            road.silence(13.0, 50.0).signal(&Signal::Screen(true)).silence(13.0, 50.0);
        }),
        Some(GapCause::NoFix),
        "the phone was heard of"
    );
    assert_eq!(
        cause(|road| {
            road.go(0.0, 70).signal(&Signal::Screen(true)).silence(0.0, 100.0);
        }),
        Some(GapCause::Planned),
        "the vehicle stands, and the plan asks for nothing"
    );
    assert_eq!(cause(|road| _ = road.silence(13.0, 50.0)), None, "shorter than a gap");
}
