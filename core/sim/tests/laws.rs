//! What holds in every world: physics, frames, order, the book of facts.

use milepost_engine::contract::Input;
use milepost_engine::geo::distance_m;
use milepost_engine::num::{G_MPS2, Vec3, axpy, cross, dot, norm, scale, unit};
use milepost_engine::record::{EventType, StopClass};
use milepost_engine::sample::{ImuSample, MonoTime};
use milepost_sim::{Crash, Fact, Item, Keeping, SCENARIOS, Scenario, TrueState, Truth, by_name};
use proptest::prelude::*;

fn states(scenario: &Scenario) -> impl Iterator<Item = TrueState> {
    scenario.world().with_truth().filter_map(|item| match item {
        Item::State(state) => Some(*state),
        Item::Input(_) | Item::Fact(_) => None,
    })
}

fn truth(scenario: &Scenario) -> Truth {
    let mut truth = Truth::default();
    for item in scenario.world() {
        if let Item::Fact(fact) = item {
            truth.take(fact);
        }
    }
    truth
}

/// Any short scenario: drives with everything that can happen in them.
fn any_short() -> impl Strategy<Value = Scenario> {
    (any::<u64>(), 0..6_u32, 0.0..1.0_f64).prop_map(|(seed, kind, temper)| {
        let drive = Scenario::everyday_drive(seed).minutes(8).temper(temper);
        match kind {
            0 => drive,
            1 => drive.phone_slips_at(100.0).phone_drops_at(200.0),
            2 => drive.phone_handled_at(90.0, 20.0).called_at(200.0, 30.0, false).petrol_stop(),
            3 => drive.crashes_at(200.0, Crash::RollOver),
            4 => drive.jam(90.0).outage_at(60.0, 30.0),
            _ => Scenario::stroll(seed).minutes(5),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn speed_is_the_integral_of_acceleration_and_axes_are_axes(scenario in any_short()) {
        let mut last: Option<TrueState> = None;
        for now in states(&scenario) {
            prop_assert!((norm(now.up) - 1.0).abs() < 1e-6 && (norm(now.fwd) - 1.0).abs() < 1e-6);
            prop_assert!(dot(now.up, now.fwd).abs() < 1e-6);
            if let Some(last) = last {
                prop_assert_eq!(now.t.0 - last.t.0, 10_000_000);
                let gained = now.speed_mps - last.speed_mps;
                prop_assert!((gained - 0.01 * now.a_long_mps2).abs() < 1e-9, "{} {}", gained, now.a_long_mps2);
                let moved = distance_m(last.position, now.position);
                // On the wheels, aside from a slide after a blow; getting out is a step to the side.
                prop_assert!(moved < 0.01 * now.speed_mps.max(last.speed_mps) + 0.1 || now.speed_mps == 0.0);
            }
            last = Some(now);
        }
    }

    #[test]
    fn the_track_is_as_long_as_the_speed_says(seed in any::<u64>()) {
        let (mut path, mut driven, mut last): (f64, f64, Option<TrueState>) = (0.0, 0.0, None);
        for (i, now) in states(&Scenario::drive(seed).minutes(10)).enumerate() {
            driven += 0.01 * now.speed_mps;
            if i % 20 == 0 {
                path += last.map_or(0.0, |l| distance_m(l.position, now.position));
                last = Some(now);
            }
        }
        prop_assert!((path / driven - 1.0).abs() < 2e-3, "{} {}", path, driven);
    }

    #[test]
    fn gyroscope_and_truth_turn_together(scenario in any_short()) {
        // Over any second, up as the truth has it and up carried on by the gyroscope stay together: to two
        // degrees, and where the phone tumbles to a part of what it turned, for a reading is one rate for 10 ms and its
        // stamp jitters.
        let mut turned = 0.0;
        let (mut held, mut carried, mut since, mut last): (Option<Vec3>, Option<Vec3>, u32, Option<MonoTime>) =
            (None, None, 0, None);
        for item in scenario.imu_batches(0.0).world().with_truth() {
            match item {
                Item::State(state) => {
                    held = Some(state.up);
                    if since >= 100 {
                        let (said, true_up) = (unit(carried.unwrap()).unwrap(), state.up);
                        let off = libm::acos(dot(said, true_up).clamp(-1.0, 1.0)).to_degrees();
                        let bound = 2.0 + 0.02 * f64::to_degrees(turned);
                        prop_assert!(off < bound, "{} of {} degrees off at {}", off, bound, state.t.seconds());
                        (carried, since, turned) = (held, 0, 0.0);
                    }
                }
                Item::Input(Input::Imu(batch)) => {
                    for sample in batch {
                        let dt = last.map_or(0.0, |l| sample.t.since(l));
                        last = Some(sample.t);
                        let rate = sample.rate_rad_s.unwrap().map(f64::from);
                        if dt > 0.05 || carried.is_none() {
                            // The reading belongs to the state that comes after it: begin there.
                            (carried, since, held, turned) = (None, 0, None, 0.0);
                            continue;
                        }
                        // By the whole angle: a tumbling phone turns by a third of a radian from reading to reading.
                        let (up, by) = (carried.unwrap(), scale(-dt, rate));
                        let (angle, across) = (norm(by).max(1e-12), cross(by, up));
                        let first = axpy(up, libm::sin(angle) / angle, across);
                        carried = Some(axpy(first, (1.0 - libm::cos(angle)) / (angle * angle), cross(by, across)));
                        turned += angle;
                        since += 1;
                    }
                }
                Item::Input(_) | Item::Fact(_) => {}
            }
            if carried.is_none() {
                carried = held;
            }
        }
    }

    #[test]
    fn every_stream_is_in_order_and_finite(scenario in any_short()) {
        let (mut imu, mut ended) = (MonoTime::MIN, false);
        for input in scenario.world().inputs() {
            prop_assert!(!ended, "something comes after the end");
            match input {
                Input::Imu(batch) => for ImuSample { t, force_mps2, rate_rad_s } in batch {
                    prop_assert!(t > imu);
                    imu = t;
                    prop_assert!(force_mps2.iter().chain(rate_rad_s.iter().flatten()).all(|x| x.is_finite()));
                },
                Input::Fix(fix) => {
                    prop_assert!(fix.lat_deg.abs() < 60.0 && fix.lon_deg.abs() <= 180.0);
                    prop_assert!(fix.bearing_deg.is_none_or(|b| (0.0..360.0).contains(&b)));
                    prop_assert!(fix.speed_mps.is_none_or(|v| (0.0..60.0).contains(&v)));
                    prop_assert!(fix.arrived.is_some_and(|a| a >= fix.t));
                }
                Input::End => ended = true,
                Input::Signal(..) | Input::Command(..) | Input::Clock(_) | Input::Tick(_) => {}
            }
        }
        prop_assert!(ended);
    }

    #[test]
    fn facts_lie_in_order_within_the_world(scenario in any_short()) {
        let facts = truth(&scenario);
        for trip in &facts.trips {
            prop_assert!(trip.span.end_s > trip.span.start_s && trip.distance_m > 0.0);
        }
        for stop in &facts.stops {
            prop_assert!(stop.span.end_s - stop.span.start_s >= 10.0);
            prop_assert!(facts.trips.iter().any(|t| t.span.start_s <= stop.span.start_s && stop.span.end_s <= t.span.end_s));
        }
        for event in &facts.events {
            prop_assert!(event.span.end_s >= event.span.start_s && event.peak_mps2 > 2.0);
        }
    }
}

#[test]
fn at_rest_the_phone_feels_gravity_and_its_own_errors() {
    for seed in 0..10 {
        let (mut sum, mut n, mut up) = ([0.0; 3], 0.0, [0.0; 3]);
        for item in Scenario::drive(seed).minutes(3).world().with_truth() {
            match item {
                Item::State(state) => up = state.up,
                Item::Input(Input::Imu(batch)) => {
                    for sample in batch {
                        sum = axpy(sum, 1.0, sample.force_mps2.map(f64::from));
                        n += 1.0;
                    }
                }
                Item::Input(_) | Item::Fact(_) => {}
            }
            if n >= 1000.0 {
                break;
            }
        }
        let error = axpy(scale(1.0 / n, sum), -G_MPS2, up);
        assert!(error.iter().all(|e| e.abs() < 0.1), "{error:?}");
    }
}

#[test]
fn a_courier_has_nine_trips_thirteen_deliveries_and_some_fifty_lights() {
    for seed in 0..6 {
        let day = truth(&Scenario::courier_day(seed).without_imu());
        let of = |class: StopClass| day.stops.iter().filter(|s| s.class == class).count();
        assert_eq!((day.trips.len(), of(StopClass::Delivery)), (9, 13), "seed {seed}");
        assert!((30..=75).contains(&of(StopClass::Light)), "seed {seed}: {} lights", of(StopClass::Light));
        let walks = day.legs.iter().filter(|l| l.mode == milepost_engine::record::Mode::Walking).count();
        assert!(walks >= 13, "seed {seed}: {walks} walks");
    }
}

#[test]
fn one_trip_each_whatever_is_in_the_way() {
    for name in ["jam", "level_crossing", "tunnel", "petrol_stop", "no_fix_ever"] {
        for seed in 0..4 {
            let facts = truth(&by_name(name).unwrap().scenario(seed).without_imu());
            assert_eq!(facts.trips.len(), 1, "{name} {seed}");
        }
    }
}

#[test]
fn temper_shows_in_what_happens() {
    let harsh = |temper: f64| -> usize {
        (0..6)
            .map(|s| truth(&Scenario::drive(s).temper(temper).without_imu()).events.iter().filter(|e| e.need).count())
            .sum()
    };
    let (calm, middling, aggressive) = (harsh(0.0), harsh(0.5), harsh(1.0));
    assert!(calm < middling && middling < aggressive, "{calm} {middling} {aggressive}");
    assert!(calm <= 10 && aggressive >= 60, "{calm} {aggressive}");
}

#[test]
fn a_tired_driver_brakes_late_and_wanders_in_the_lane() {
    let drive = |tired: f64| -> (usize, f64) {
        let (mut brakes, mut wander, mut n) = (0, 0.0, 0.0);
        for seed in 0..6 {
            for item in Scenario::drive(seed).temper(0.2).tired(tired).without_imu().world().with_truth() {
                match item {
                    Item::Fact(Fact::Event(event)) => brakes += usize::from(event.kind == EventType::HarshBraking),
                    // What is left of the lateral acceleration on straight road.
                    Item::State(s) if s.speed_mps > 8.0 && s.a_lat_mps2.abs() < 0.5 => {
                        wander += s.a_lat_mps2 * s.a_lat_mps2;
                        n += 1.0;
                    }
                    Item::Fact(_) | Item::State(_) | Item::Input(_) => {}
                }
            }
        }
        (brakes, (wander / n).sqrt())
    };
    let ((few, little), (many, much)) = (drive(0.0), drive(0.9));
    println!("awake {few} brakes, {little} m/s2; tired {many} brakes, {much} m/s2");
    assert!(many > 3 * few.max(3), "{few} harsh brakes awake, {many} tired");
    assert!(much > 1.3 * little, "{little} m/s2 of wandering awake, {much} tired");
}

#[test]
fn every_kind_of_manoeuvre_occurs() {
    let mut seen = Vec::new();
    for seed in 0..6 {
        seen.extend(truth(&Scenario::drive(seed).temper(1.0).without_imu()).events.into_iter().filter(|e| e.need));
    }
    for kind in [EventType::HarshBraking, EventType::HarshAcceleration, EventType::HarshCornering, EventType::Swerve] {
        let n = seen.iter().filter(|e| e.kind == kind).count();
        assert!(n >= 3, "{kind:?} {n}");
    }
}

#[test]
fn every_crash_is_felt_and_then_all_stands() {
    for crash in [Crash::RearEnd, Crash::Side, Crash::GuardRail, Crash::RollOver] {
        for (seed, keeping) in [(1, Keeping::Holder), (2, Keeping::Pocket), (3, Keeping::Seat)] {
            let (mut most, mut facts, mut speed) = (0.0_f64, Truth::default(), 0.0);
            for item in Scenario::crash(seed, crash, keeping).world().with_truth() {
                match item {
                    Item::Input(Input::Imu(batch)) => {
                        most = batch.iter().map(|s| norm(s.force_mps2.map(f64::from))).fold(most, f64::max);
                    }
                    Item::Fact(fact) => facts.take(fact),
                    Item::State(state) => speed = state.speed_mps,
                    Item::Input(_) => {}
                }
            }
            assert!(most > 2.0 * G_MPS2, "{crash:?} {keeping:?}: {most}");
            assert_eq!((facts.impacts.len(), speed), (1, 0.0), "{crash:?} {keeping:?}");
        }
    }
}

#[test]
fn every_named_scenario_begins() {
    for named in &SCENARIOS {
        let items = named.scenario(1).world().with_truth().take(20_000).count();
        assert_eq!(items, 20_000, "{}", named.name);
    }
}
