//! What is said of a long silence, and asked for against one.

use crate::config::Config;
use crate::contract::{Input, Output};
use crate::record::Body;
use crate::sample::{Clock, Fix, MonoTime, Signal};
use crate::{Engine, Session};

const HOUR_S: f64 = 3_600.0;
const YEAR_S: f64 = 365.25 * 24.0 * HOUR_S;

fn fix(t_s: f64) -> Input {
    Input::Fix(Fix {
        t: MonoTime::from_seconds(t_s),
        lat_deg: 52.0,
        lon_deg: 13.0,
        alt_m: None,
        speed_mps: Some(0.0),
        bearing_deg: None,
        hacc_m: Some(5.0),
        arrived: None,
        wall_ms: None,
        mock: false,
    })
}

/// Times of the health records that the inputs lead to, hours.
fn heartbeats(inputs: impl IntoIterator<Item = Input>) -> Vec<f64> {
    let config = Config { heartbeat_s: HOUR_S, ..Config::default() };
    let mut engine = Engine::new(config, &Session { seed: 1, first_seq: 1 });
    let clock = Clock { mono: MonoTime(0), wall_ms: Some(0), boot_id: "a".into(), utc_offset_min: None };
    let mut told = Vec::new();
    for input in std::iter::once(Input::Clock(clock)).chain(inputs).chain([Input::End]) {
        engine.handle(input);
        while let Some(output) = engine.poll() {
            if let Output::Record(record) = output
                && matches!(record.body, Body::Health(_))
            {
                told.push(record.t.seconds() / HOUR_S);
            }
        }
    }
    told
}

#[test]
fn given_two_stray_fixes_years_ahead_when_told_then_heartbeats_are_those_of_a_week_and_one() {
    let strays = [fix(5.0 * YEAR_S), fix(5.0 * YEAR_S + 1.0)];
    let told = heartbeats((0..60).map(|s| fix(f64::from(s))).chain(strays));
    assert_eq!(told.len(), 169, "{told:?}");
    assert!(told[..168].iter().zip(1..).all(|(hour, n)| (hour - f64::from(n)).abs() < 0.1));
    assert_eq!(told[168], 5.0 * YEAR_S / HOUR_S);
}

#[test]
fn given_a_weekend_in_a_drawer_when_something_is_heard_then_every_heartbeat_of_it_is_told() {
    let told = heartbeats([fix(0.0), Input::Signal(MonoTime::from_seconds(50.5 * HOUR_S), Signal::Charging(true))]);
    assert_eq!(told.len(), 50);
}

#[test]
fn given_a_month_of_silence_when_ticks_come_or_not_then_the_same_is_told() {
    let heard = || [fix(30.0 * 24.0 * HOUR_S), fix(30.0 * 24.0 * HOUR_S + 2.0 * HOUR_S)];
    let ticks = (1..720).map(|hour| Input::Tick(MonoTime::from_seconds(f64::from(hour) * HOUR_S)));
    let without = heartbeats([fix(0.0)].into_iter().chain(heard()));
    let with = heartbeats([fix(0.0)].into_iter().chain(ticks).chain(heard()));
    assert_eq!(with, without);
    assert_eq!((with.len(), with[168], with[170]), (171, 720.0, 722.0));
}

#[test]
fn given_a_phone_at_rest_and_a_single_fix_when_nothing_else_comes_then_a_tick_is_asked_for_that_makes_it_count() {
    let mut engine = Engine::new(Config::default(), &Session { seed: 1, first_seq: 1 });
    let clock = Clock { mono: MonoTime(0), wall_ms: Some(0), boot_id: "a".into(), utc_offset_min: None };
    for input in [Input::Clock(clock), fix(0.0), Input::Tick(MonoTime::from_seconds(60.0)), fix(100.0)] {
        engine.handle(input);
    }
    let plan = engine.plan().unwrap();
    assert_eq!((plan.imu_hz, plan.next_tick), (0, Some(MonoTime::from_seconds(111.0))));
    engine.handle(Input::Tick(MonoTime::from_seconds(111.0)));
    let plan = engine.plan().unwrap();
    assert_eq!(engine.intake.deadline(), None, "nothing is held");
    assert!(plan.next_tick.is_none_or(|tick| tick > MonoTime::from_seconds(HOUR_S)), "{plan:?}");
}
