//! The laws of the score, as properties, and the published numbers it must reproduce.

use proptest::prelude::*;

use super::*;
use crate::behaviour::EventFacts;
use crate::record::{EventStatus, EventType, Severity};
use crate::sample::MonoTime;
use crate::trip::{EndReason, TripStatusFacts};

fn event(kind: EventType, severity: Severity, seconds: f64, metres: f64) -> EventFacts {
    EventFacts {
        severity: Some(severity),
        confidence: 1.0,
        distance_m: Some(metres),
        ..EventFacts::bare(kind, MonoTime(0), MonoTime(0), MonoTime::from_seconds(seconds))
    }
}

fn score(config: &ScoreConfig, trip: &TripFacts, events: &[EventFacts], sensed: &Sensed) -> (Score, Categories) {
    of_trip(config, trip, &Account::of_trip(config.ruleset(), trip.distance_m, events.iter(), sensed))
}

fn trip(km: f64) -> TripFacts {
    TripFacts {
        number: 0,
        status: TripStatusFacts::Ended(EndReason::StopTimeout),
        start: MonoTime(0),
        end: Some(MonoTime::from_seconds(3600.0)),
        start_inferred: false,
        missed_start_m: None,
        mode: Mode::Automotive,
        distance_m: km * 1e3,
        max_speed_mps: None,
        start_position: None,
        end_position: None,
        legs: Vec::new(),
        tags: Vec::new(),
        external_id: None,
    }
}

fn all_seen(km: f64) -> Sensed {
    Sensed { frame_m: km * 1e3, speed_m: km * 1e3, limit_m: km * 1e3, phone_m: km * 1e3 }
}

fn config() -> ScoreConfig {
    ScoreConfig::default()
}

fn numbers(config: &ScoreConfig, account: &Account) -> Vec<f64> {
    let values: Vec<_> = Category::ALL.into_iter().filter_map(|c| exact(config, account, c).ok()).collect();
    let parts: Vec<_> = config
        .ruleset()
        .rules
        .iter()
        .filter_map(|r| Some((r.weight, exact(config, account, r.category).ok()?)))
        .collect();
    values.into_iter().chain(account::overall(&parts)).collect()
}

fn account(config: &ScoreConfig, km: f64, events: &[EventFacts]) -> Account {
    Account::of_trip(config.ruleset(), km * 1e3, events.iter(), &all_seen(km))
}

fn severities() -> impl Strategy<Value = Severity> {
    prop_oneof![Just(Severity::Low), Just(Severity::Medium), Just(Severity::High)]
}

fn events() -> impl Strategy<Value = EventFacts> {
    let kinds = prop_oneof![
        Just(EventType::HarshBraking),
        Just(EventType::HarshAcceleration),
        Just(EventType::HarshCornering),
        Just(EventType::Swerve),
        Just(EventType::Impact),
        Just(EventType::Speeding),
        Just(EventType::PhoneHandling),
        Just(EventType::Idling),
    ];
    (kinds, severities(), 0.0..600.0, 0.0..20_000.0).prop_map(|(k, s, t, m)| event(k, s, t, m))
}

fn configs() -> impl Strategy<Value = ScoreConfig> {
    let rulesets = prop_oneof![
        Just(ScoreRuleset::MilepostSafety1),
        Just(ScoreRuleset::MilepostEco1),
        Just(ScoreRuleset::DamoovPhone1),
    ];
    rulesets.prop_map(|score_ruleset| ScoreConfig { score_ruleset, score_half_life_km: 0.0, ..ScoreConfig::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_event_never_raises_it(
        c in configs(), km in 0.0..500.0, list in prop::collection::vec(events(), 0..20), more in events(),
    ) {
        let before = numbers(&c, &account(&c, km, &list));
        let after = numbers(&c, &account(&c, km, &[list, vec![more]].concat()));
        prop_assert_eq!(before.len(), after.len());
        prop_assert!(before.iter().zip(&after).all(|(b, a)| a <= b));
    }

    #[test]
    fn a_harder_event_never_raises_it(
        c in configs(), km in 0.0..500.0, list in prop::collection::vec(events(), 1..20), at in 0usize..20, longer in 1.0..3.0,
    ) {
        let before = numbers(&c, &account(&c, km, &list));
        let mut harder = list;
        let at = at % harder.len();
        let e = &mut harder[at];
        e.severity = match e.severity {
            Some(Severity::Low) | None => Some(Severity::Medium),
            Some(Severity::Medium | Severity::High) => Some(Severity::High),
        };
        // Longer at the same mean speed.
        e.distance_m = e.distance_m.map(|m| m * longer);
        e.end = MonoTime::from_seconds(e.end.seconds() * longer);
        let after = numbers(&c, &account(&c, km, &harder));
        prop_assert!(before.iter().zip(&after).all(|(b, a)| *a <= b + 1e-9));
    }

    #[test]
    fn clean_road_never_lowers_it(
        c in configs(), km in 0.1..500.0, more in 0.0..500.0, list in prop::collection::vec(events(), 0..20),
    ) {
        let before = numbers(&c, &account(&c, km, &list));
        let after = numbers(&c, &account(&c, km + more, &list));
        prop_assert!(before.iter().zip(&after).all(|(b, a)| *a >= b - 1e-9));
    }

    #[test]
    fn cutting_a_trip_in_two_leaves_the_pooled_score(
        c in configs(), km in 0.1..500.0, part in 0.01..0.99, list in prop::collection::vec(events(), 0..20), cut in 0usize..20,
    ) {
        let whole = account(&c, km, &list);
        let (first, second) = list.split_at(cut.min(list.len()));
        let halves = account(&c, km * part, first).plus(&account(&c, km * (1.0 - part), second));
        let (a, b) = (numbers(&c, &whole), numbers(&c, &halves));
        prop_assert_eq!(a.len(), b.len());
        prop_assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn the_order_of_trips_does_not_matter_for_the_pooled_score(
        c in configs(),
        trips in prop::collection::vec((0.1..100.0, prop::collection::vec(events(), 0..5)), 1..10),
        turn in 0usize..10,
    ) {
        let pooled = |trips: &[(f64, Vec<EventFacts>)]| {
            let mut rolling = Rolling::default();
            trips.iter().zip(0..).for_each(|((km, list), i)| rolling.add(&c, i, &account(&c, *km, list)));
            numbers(&c, &rolling.account(&c))
        };
        let mut turned = trips.clone();
        turned.rotate_left(turn % trips.len());
        turned.reverse();
        prop_assert!(pooled(&trips).iter().zip(&pooled(&turned)).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn it_is_bounded_and_never_nan_whatever_comes(
        c in configs(), m in prop::num::f64::ANY, list in prop::collection::vec(events(), 0..20),
        wild in prop::num::f64::ANY, seen in prop::array::uniform4(prop::num::f64::ANY),
    ) {
        let [frame_m, speed_m, limit_m, phone_m] = seen;
        let mut list = list;
        for e in &mut list {
            e.distance_m = Some(wild);
            e.band_s = Some([wild; 4]);
        }
        let sensed = Sensed { frame_m, speed_m, limit_m, phone_m };
        let (overall, categories) = score(&c, &TripFacts { distance_m: m, ..trip(1.0) }, &list, &sensed);
        let Categories { braking, acceleration, cornering, speeding, phone } = categories;
        for s in [overall, braking, acceleration, cornering, speeding, phone] {
            prop_assert!(s.value.is_none_or(|v| (0.0..=100.0).contains(&v)));
            prop_assert!(s.value.is_some() != s.reason.is_some());
            prop_assert!(s.confidence.is_none_or(|v| (0.0..=1.0).contains(&v)) && s.exposure_km >= 0.0);
        }
    }
}

#[test]
fn sixty_seconds_at_50_and_thirty_at_120_cost_28_695_points() {
    let c = ScoreConfig { score_ruleset: ScoreRuleset::DamoovPhone1, ..config() };
    let list = [
        event(EventType::PhoneHandling, Severity::Low, 60.0, 60.0 * 50.0 / 3.6),
        event(EventType::PhoneHandling, Severity::Low, 30.0, 30.0 * 120.0 / 3.6),
    ];
    let sum = account(&c, 10.0, &list).sum(Category::Phone);
    assert!((sum.points - 28.695).abs() < 1e-9, "{sum:?}");
    let (overall, _) = score(&c, &trip(10.0), &list, &all_seen(10.0));
    assert_eq!(overall.value, Some(71.3));
}

#[test]
fn what_nothing_could_see_has_a_reason_and_no_number() {
    let blind = Sensed { speed_m: 10e3, ..Sensed::default() };
    let (overall, categories) = score(&config(), &trip(10.0), &[], &blind);
    assert!(overall.value.is_some_and(|v| v < 100.0), "{overall:?}");
    assert_eq!((categories.cornering.value, categories.cornering.reason), (None, Some("no_motion_sensor")));
    assert_eq!((categories.speeding.value, categories.speeding.reason), (None, Some("no_speed_limits")));
    assert_eq!((categories.phone.value, categories.phone.reason), (None, Some("no_gyroscope_or_mount")));
    let (overall, _) = score(&config(), &trip(10.0), &[], &Sensed::default());
    assert_eq!((overall.value, overall.reason), (None, Some("nothing_could_be_seen")));
    let (overall, _) = score(&config(), &trip(0.1), &[], &all_seen(0.1));
    assert_eq!((overall.value, overall.reason), (None, Some("too_short")));
}

#[test]
fn an_unconfirmed_event_never_counts() {
    let sure = event(EventType::HarshBraking, Severity::High, 2.0, 0.0);
    let unsure = EventFacts { status: EventStatus::Unconfirmed, ..sure.clone() };
    let value = |list: &[EventFacts]| score(&config(), &trip(10.0), list, &all_seen(10.0)).1.braking.value.unwrap();
    assert_eq!(value(std::slice::from_ref(&unsure)), value(&[]));
    assert!(value(&[sure]) < value(&[]));
}

#[test]
fn an_explanation_ends_in_the_number_of_the_score() {
    let list = [event(EventType::HarshBraking, Severity::High, 2.0, 0.0)];
    let lines = explain(&config(), &trip(10.0), &list, &all_seen(10.0));
    let (overall, categories) = score(&config(), &trip(10.0), &list, &all_seen(10.0));
    assert!(lines.last().unwrap().starts_with(&format!("overall {:.1}", overall.value.unwrap())), "{lines:#?}");
    let braking = format!("= {:.1}", categories.braking.value.unwrap());
    assert!(lines.iter().any(|l| l.ends_with(&braking)), "{lines:#?}");
    assert!(lines.iter().any(|l| l.contains("4.00 points")), "{lines:#?}");
}

#[test]
fn a_rolling_score_forgets() {
    let c = config();
    let mut rolling = Rolling::default();
    let bad = vec![event(EventType::HarshBraking, Severity::High, 2.0, 0.0); 40];
    rolling.add(&c, 0, &account(&c, 50.0, &bad));
    let first = rolling.score(&c).1.braking.value.unwrap();
    (1..41).for_each(|i| rolling.add(&c, i, &account(&c, 50.0, &[])));
    let last = rolling.score(&c).1.braking.value.unwrap();
    assert!(first < 20.0 && last > 90.0, "{first} {last}");
}

#[test]
fn a_trip_that_is_rated_again_counts_once_and_one_that_was_none_not_at_all() {
    let c = config();
    let hard = vec![event(EventType::HarshBraking, Severity::High, 2.0, 0.0); 3];
    let (mut once, mut again) = (Rolling::default(), Rolling::default());
    for rolling in [&mut once, &mut again] {
        rolling.add(&c, 1, &account(&c, 20.0, &[]));
    }
    again.add(&c, 2, &account(&c, 30.0, &[]));
    again.add(&c, 2, &account(&c, 30.0, &hard));
    assert_ne!(once, again);
    once.add(&c, 2, &account(&c, 30.0, &hard));
    assert_eq!(once, again);
    again.add(&c, 3, &account(&c, 10.0, &hard));
    again.take_back(3);
    let (a, b) = (once.account(&c), again.account(&c));
    assert!((a.km - b.km).abs() < 1e-9 && a.sum(Category::Braking) == b.sum(Category::Braking));
}

#[test]
fn drivers_have_accounts_of_their_own_and_only_so_many_are_kept() {
    let (c, mut drivers) = (config(), Drivers::default());
    let mut drive = |id: Option<&str>, number, km| {
        let rolling = drivers.of(id).unwrap();
        rolling.add(&c, number, &account(&c, km, &[]));
        rolling.score(&c).0.exposure_km
    };
    assert_eq!(drive(Some("a"), 1, 10.0), 10.0);
    assert_eq!(drive(None, 2, 5.0), 5.0);
    assert!(drive(Some("a"), 3, 10.0) > 19.0);
    (0..8).for_each(|i| assert_eq!(drive(Some(&format!("b{i}")), 10 + i, 1.0), 1.0));
    assert_eq!(drive(Some("a"), 30, 10.0), 10.0, "forgotten");
}
