//! `milepost report motion`, second table: the same drives by phones that sense less. Each degree gives the best it can
//! and says by its sigmas how good that is.

use milepost_sim::Scenario;

use super::motion::{Honesty, MotionFigures, Within, measure};
use super::seeds::Seeds;
use super::table::{Goal, Table};
use super::tally::{Share, Squares, sum};

/// How long a drive of this table lasts, min: enough for a dozen of stops, and a dozen of degrees in a minute.
const MINUTES: u32 = 30;

/// A name and what is missing.
type Degree = (&'static str, fn(Scenario) -> Scenario);

const DEGREES: [Degree; 10] = [
    ("everything", |s| s),
    ("no gyroscope", Scenario::without_gyroscope),
    ("IMU at 10 Hz", |s| s.imu_hz(10.0)),
    ("IMU at 5 Hz", |s| s.imu_hz(5.0)),
    ("no IMU", Scenario::without_imu),
    ("a fix every 5 s", |s| s.gnss_every(5.0)),
    ("a fix every 15 s", |s| s.gnss_every(15.0)),
    ("a fix every 30 s", |s| s.gnss_every(30.0)),
    ("fixes without speed", Scenario::without_gnss_velocity),
    ("no IMU, a fix every 15 s", |s| s.without_imu().gnss_every(15.0)),
];

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let mut table = Table::new("Motion by degrees of sensing");
    for (name, of) in DEGREES {
        let drives = seeds.each(|seed| measure(&of(Scenario::drive(seed).minutes(MINUTES))));
        degree(&mut table, &drives, &seeds.of(&format!("{name} ({MINUTES} min)")));
    }
    table
}

fn degree(table: &mut Table, drives: &[MotionFigures], on: &str) {
    let all = |of: fn(&MotionFigures) -> Squares| sum(drives.iter().map(of)).rms();
    let honesty: Honesty = sum(drives.iter().map(|d| d.honesty));
    let mut row = |figure: &str, value| table.row(figure, value, Goal::None, on);
    row("inclination RMSE, °", all(|d| d.tilt));
    row("a_long RMSE below 1 Hz, m/s²", all(|d| d.long));
    row("speed RMSE, m/s", all(|d| d.speed));
    row("position RMSE, causal, m", all(|d| d.causal));
    row("position RMSE, smoothed track, m", all(|d| d.smoothed));
    let two = |Within([_, two]): Within| Share::value(&two);
    row("speed: errors within two of its own sigma, share", two(honesty.speed));
    row("position: errors within two of its own sigma, share", two(honesty.position));
}
