//! A Monday of each kind by the sensing plan and by the two cheap policies, in the same worlds: what `milepost report
//! battery` says of weeks must hold of a day. docs/battery.md has the weeks.

use milepost_engine::config::Preset;
use milepost_sim::{Life, Policy, WEEKS, by_name, declares, live, week_config};

/// Held out: no constant of the plan was chosen on it.
const SEED: u64 = 401;
/// The longest look, with what an alarm may be late.
const LONGEST_S: f64 = 90.0;
/// A phone that was just put down may be looked at for so long on a day.
const AT_REST_S: f64 = 20.0;
/// Metres missed at the start: median.
const MISSED_M: f64 = 150.0;
/// So many ways are declared rightly (all are asked for).
const DECLARED_SHARE: f64 = 0.8;

fn monday(name: &str, preset: Preset, policy: Policy) -> Life {
    let scenario = by_name(name).map(|named| named.scenario(SEED).days(1));
    scenario.map(|scenario| live(&scenario, &week_config(preset), policy)).unwrap_or_default()
}

fn found(life: &Life) -> usize {
    life.starts().iter().filter(|(_, trip)| trip.is_some()).count()
}

#[test]
fn a_day_by_the_plan_finds_all_trips_from_nearly_the_start_and_senses_nothing_at_rest() {
    let (mut missed_m, mut declared) = (Vec::new(), 0.0);
    for (name, preset) in WEEKS {
        let life = monday(name, preset, Policy::Plan);
        let trips = life.truth.trips.len();
        assert!(trips >= 2 && found(&life) >= trips, "{name}: {} of {trips} trips", found(&life));
        let bill = &life.bill;
        let allowed_s = bill.allowed_gnss_s(life.driving_s());
        assert!(bill.gnss_s <= allowed_s, "{name}: GNSS for {} s of {allowed_s}", bill.gnss_s);
        assert!(bill.gnss_at_rest_s <= AT_REST_S, "{name}: {} s at rest", bill.gnss_at_rest_s);
        assert!(bill.longest_candidate_s <= LONGEST_S, "{name}: {} s", bill.longest_candidate_s);
        for (missed, trip) in life.starts() {
            let (Some(missed), Some(trip)) = (missed, trip) else { continue };
            declared += f64::from(u8::from(declares(trip, missed)));
            missed_m.push(missed);
        }
    }
    missed_m.sort_by(f64::total_cmp);
    let median = missed_m.get(missed_m.len() / 2).copied();
    assert!(median.is_some_and(|m| m <= MISSED_M), "{missed_m:?}");
    assert!(declared >= DECLARED_SHARE * missed_m.len() as f64, "{declared} of {}", missed_m.len());
}

#[test]
fn a_day_by_the_plan_costs_less_than_by_either_cheap_policy_and_finds_no_fewer_trips() {
    let of = |policy: Policy| {
        let lives = WEEKS.map(|(name, preset)| monday(name, preset, policy));
        (lives.iter().map(|life| life.bill.mah()).sum::<f64>(), lives.iter().map(found).sum::<usize>())
    };
    let (plan_mah, plan_found) = of(Policy::Plan);
    for policy in [Policy::ActivityOnly, Policy::FenceAndTimer] {
        let (mah, found) = of(policy);
        assert!(plan_mah < mah, "{plan_mah} mAh, {policy:?} {mah}");
        assert!(plan_found >= found, "{plan_found} trips, {policy:?} {found}");
    }
}
