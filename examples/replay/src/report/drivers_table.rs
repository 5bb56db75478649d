//! Whether a score finds again who drives how: thirty simulated drivers from calm to aggressive, fifty trips each, by the
//! account that a phone keeps of its driver.

use milepost_engine::score::{Account, Rolling, ScoreConfig};
use milepost_sim::Scenario;

use super::drive::drive;
use super::seeds::Seeds;
use super::table::{Goal, Table};
use super::tally::Value;
use crate::rated;

const DRIVERS: u64 = 30;
const TRIPS: u64 = 50;
/// Two trips a day on five days.
const WEEK: usize = 10;
/// A way to work. Half the usual rate of the IMU shows manoeuvres as well, and takes half the time.
const MINUTES: u32 = 10;
const IMU_HZ: f64 = 50.0;

/// The driver's score at the end of each week.
struct Driver {
    temper: f64,
    weeks: Vec<f64>,
}

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let first = seeds.range.start;
    let drivers = Seeds { range: 0..DRIVERS, jobs: seeds.jobs }.each(|number| measure(first, number));
    let scored: Vec<(f64, f64)> = drivers.iter().filter_map(|d| Some((-d.temper, *d.weeks.last()?))).collect();
    let changes: Vec<f64> =
        drivers.iter().flat_map(|d| d.weeks.iter().zip(d.weeks.iter().skip(1)).map(|(a, b)| (a - b).abs())).collect();
    let on = format!("{DRIVERS} drivers × {TRIPS} trips of {MINUTES} min, from seed {first}");
    let value = |value: Option<f64>, n: usize| Value { value, n: n as f64, known: None };
    let mut table = Table::new("Drivers");
    let rank = value(rank_correlation(&scored), scored.len());
    table.row("rank correlation of score and temper", rank, Goal::AtLeast(0.9), &on);
    let mean = (!changes.is_empty()).then(|| changes.iter().sum::<f64>() / changes.len() as f64);
    table.row("a driver's score from one week to the next, mean", value(mean, changes.len()), Goal::AtMost(5.0), &on);
    let worst = changes.iter().copied().reduce(f64::max);
    table.row("a driver's score from one week to the next, worst", value(worst, changes.len()), Goal::None, &on);
    for (name, driver) in [("the calmest", drivers.first()), ("the most aggressive", drivers.last())] {
        let score = driver.and_then(|d| d.weeks.last()).copied();
        table.row(&format!("score of {name} driver"), value(score, TRIPS as usize), Goal::None, &on);
    }
    table
}

fn measure(first_seed: u64, number: u64) -> Driver {
    let temper = number as f64 / (DRIVERS - 1) as f64;
    let (config, mut rolling, mut weeks) = (ScoreConfig::default(), Rolling::default(), Vec::new());
    for trip in 0..TRIPS {
        let seed = first_seed + number * TRIPS + trip;
        let scenario = Scenario::drive(seed).minutes(MINUTES).temper(temper).phone_in_use().imu_hz(IMU_HZ);
        let said = drive(&scenario).said;
        for rated in rated::read(said.lines()) {
            let account = Account::of_trip(config.ruleset(), rated.trip.distance_m, rated.events.iter(), &rated.sensed);
            rolling.add(&config, trip, &account);
        }
        if (trip as usize + 1).is_multiple_of(WEEK) {
            weeks.extend(rolling.score(&config).0.value);
        }
    }
    Driver { temper, weeks }
}

/// Spearman's, ties sharing their ranks.
fn rank_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let ranks = |of: fn(&(f64, f64)) -> f64| -> Vec<f64> {
        let rank = |x: f64| {
            let below = pairs.iter().filter(|p| of(p) < x).count() as f64;
            below + 0.5 * (pairs.iter().filter(|p| of(p) == x).count() as f64 - 1.0)
        };
        pairs.iter().map(|p| rank(of(p))).collect()
    };
    let (a, b) = (ranks(|p| p.0), ranks(|p| p.1));
    let mean = (pairs.len() as f64 - 1.0) / 2.0;
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    let spread = (sum(&a, &a) * sum(&b, &b)).sqrt();
    (spread > 0.0).then(|| sum(&a, &b) / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_correlate_whatever_the_scale_and_ties_share() {
        assert_eq!(rank_correlation(&[(1.0, 10.0), (2.0, 11.0), (3.0, 900.0)]), Some(1.0));
        assert_eq!(rank_correlation(&[(1.0, 3.0), (2.0, 2.0), (3.0, -5.0)]), Some(-1.0));
        assert_eq!(rank_correlation(&[(1.0, 7.0), (2.0, 7.0)]), None);
        assert!(rank_correlation(&[(1.0, 1.0), (2.0, 2.0), (2.0, 1.0)]).is_some_and(|r| (r - 0.5).abs() < 1e-9));
    }
}
