//! `milepost report battery`: what a week costs by the plan and by three policies that apps in the field use, which trips
//! each finds, and how many metres of their starts nobody saw.

use milepost_engine::config::Preset;
use milepost_sim::{Bill, Life, Policy, WEEKS, by_name, live, week_config};

use super::battery::Weeks;
use super::seeds::Seeds;
use super::table::{Goal, Table};
use super::tally::{Errors, Value};

/// A week is long: so many of the seeds that other tables take.
const SEEDS: f64 = 0.1;
const S_PER_MIN: f64 = 60.0;
/// Trips found against always on.
const FOUND: f64 = 0.98;
/// Metres missed at the start: median and p90.
const MISSED_M: (f64, f64) = (150.0, 400.0);
/// The longest look, with the second that an alarm may be late.
const LOOK_S: f64 = 90.0;

const POLICIES: [(Policy, &str); 4] = [
    (Policy::Plan, "plan"),
    (Policy::AlwaysOn, "always on"),
    (Policy::ActivityOnly, "OS activity only"),
    (Policy::FenceAndTimer, "fence and timer"),
];

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let mut table = Table::new("Battery");
    let seeds = &seeds.times(SEEDS);
    for (name, preset) in WEEKS {
        weeks(&mut table, seeds, name, preset);
    }
    table
}

fn weeks(table: &mut Table, seeds: &Seeds, name: &str, preset: Preset) {
    let config = week_config(preset);
    let on = &seeds.of(name);
    let of = |policy: Policy| {
        let lives: Vec<Option<Life>> = seeds.each(|seed| Some(live(&by_name(name)?.scenario(seed), &config, policy)));
        let mut weeks = Weeks::default();
        lives.iter().flatten().for_each(|life| weeks.add(life));
        weeks
    };
    let all = POLICIES.map(|(policy, _)| of(policy));
    let [_, always, activity, fence] = &all;
    let others_mah = [always, activity, fence].map(|w| w.a_day(Bill::mah)).into_iter().fold(f64::INFINITY, f64::min);
    for ((policy, policy_name), w) in POLICIES.iter().zip(&all) {
        let mut row = |figure: &str, value: f64, n: f64, goal: Goal| {
            let value = Value { value: Some(value).filter(|v| v.is_finite()), n, known: None };
            let goal = if *policy == Policy::Plan { goal } else { Goal::None };
            table.row(&format!("{policy_name}: {figure}"), value, goal, on);
        };
        let n = w.bills.len() as f64;
        let candidates = w.sum(|b| b.candidates as f64);
        let missed = Errors { values: w.missed_m.clone(), ..Errors::default() };
        let quantile = |value: Value| value.value.unwrap_or(f64::NAN);
        row("mAh a day", w.a_day(Bill::mah), n, Goal::AtMost(rounded(others_mah)));
        row("GNSS on, min a day", w.a_day(|b| b.gnss_s) / S_PER_MIN, n, Goal::None);
        row("IMU on, min a day", w.a_day(|b| b.imu_s) / S_PER_MIN, n, Goal::None);
        row("wake-ups a day", w.a_day(|b| b.wake_ups as f64), n, Goal::None);
        row("uploads a day", w.a_day(|b| b.uploads as f64), n, Goal::None);
        row(
            "trips found, share",
            w.found / w.trips,
            w.trips,
            Goal::AtLeast(rounded(FOUND * always.found / always.trips)),
        );
        row("trips reported", w.reported, w.trips, Goal::None);
        row("start missed, median, m", quantile(missed.median()), w.found, Goal::AtMost(MISSED_M.0));
        row("start missed, p90, m", quantile(missed.p90()), w.found, Goal::AtMost(MISSED_M.1));
        row("start missed, declared within 30 % or 25 m, share", w.declared / w.found, w.found, Goal::AtLeast(1.0));
        let distance = Errors { values: w.distance_off.clone(), ..Errors::default() };
        row("distance of a trip off by, median, share", quantile(distance.median()), w.found, Goal::None);
        row("distance of a trip off by, p90, share", quantile(distance.p90()), w.found, Goal::None);
        if *policy == Policy::Plan {
            row(
                "GNSS on, of 1.1 × driving + 2 min a candidate",
                w.sum(|b| b.gnss_s) / w.allowed_gnss_s,
                n,
                Goal::AtMost(1.0),
            );
            row("GNSS on, of driving", w.sum(|b| b.gnss_s) / w.driving_s, n, Goal::None);
            row("GNSS on at rest, min a week", w.sum(|b| b.gnss_at_rest_s) / S_PER_MIN / n, n, Goal::AtMost(0.0));
            let longest_s = w.bills.iter().map(|b| b.longest_candidate_s).fold(0.0, f64::max);
            row("longest candidate, s of GNSS", longest_s, candidates, Goal::AtMost(LOOK_S));
            row("candidates a day", w.a_day(|b| b.candidates as f64), n, Goal::None);
            row("more trips than by OS activity", w.found - activity.found, n, Goal::AtLeast(1.0));
            row("more trips than by fence and timer", w.found - fence.found, n, Goal::AtLeast(1.0));
        }
    }
}

/// A goal that was measured, as it is printed.
fn rounded(x: f64) -> f64 {
    (1e3 * x).round() / 1e3
}
