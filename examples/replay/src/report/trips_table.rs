//! `milepost report trips`: trips, deliveries and ends, as issue 6 asks for them of simulated days.

use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::Input;
use milepost_engine::record::{Body, Record, TripStatus};
use milepost_engine::sample::MonoTime;
use milepost_sim::{Scenario, by_name};

use super::drive::{Drive, Watch, drive, drive_watched};
use super::seeds::Seeds;
use super::table::{Goal, Table};
use super::tally::{Count, Errors, Found, Share, Value, sum};
use super::trip_figures::{StopFigures, TripFigures, stops, trips};

/// The world ticks in such steps.
const STEP_S: f64 = 0.01;

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let mut table = Table::new("Trips");
    courier_days(&mut table, seeds);
    fixes_alone(&mut table, seeds);
    for (name, what) in [
        ("jam", "a jam of ten minutes"),
        ("level_crossing", "a level crossing of four minutes"),
        ("tunnel", "a tunnel of three minutes"),
        ("petrol_stop", "a petrol stop of three minutes"),
    ] {
        one_trip(&mut table, seeds, name, what);
    }
    no_fix_ever(&mut table, seeds, "no fix ever again", |seed| dead_receiver(seed));
    no_fix_ever(&mut table, seeds, "no fix ever again, without IMU", |seed| dead_receiver(seed).without_imu());
    desk(&mut table, seeds);
    table
}

type Day = (TripFigures, StopFigures);

fn day(drive: &Drive) -> Day {
    (trips(drive), stops(drive))
}

fn courier_days(table: &mut Table, seeds: &Seeds) {
    let days = seeds.each(|seed| day(&drive(&Scenario::courier_day(seed))));
    let on = &seeds.of("courier_day");
    let of_days = |value: f64| Value { value: Some(value), n: days.len() as f64, known: None };
    let least = |of: fn(&Day) -> f64| of_days(days.iter().map(of).fold(f64::INFINITY, f64::min));
    let most = |of: fn(&Day) -> f64| of_days(days.iter().map(of).fold(0.0, f64::max));
    let mean = |of: fn(&Day) -> f64| of_days(days.iter().map(of).sum::<f64>() / days.len() as f64);
    let all: TripFigures = sum(days.iter().map(|d| d.0.clone()));
    let stops: StopFigures = sum(days.iter().map(|d| d.1));
    table.row("trips found, share", all.found.recall(), Goal::AtLeast(1.0), on);
    table.row("trips reported that were, share", all.found.precision(), Goal::None, on);
    table.row("trips reported a day, mean", mean(|d| d.0.reported.count), Goal::AtMost(10.0), on);
    table.row("trips reported a day, most", most(|d| d.0.reported.count), Goal::AtMost(10.0), on);
    table.row("trip start error, p90, s", all.start.p90(), Goal::AtMost(10.0), on);
    table.row("trip end error, p90, s", all.end.p90(), Goal::AtMost(15.0), on);
    table.row("trip start error given the fixes, p90, s", all.start_given.p90(), Goal::None, on);
    table.row("trip end error given the fixes, p90, s", all.end_given.p90(), Goal::None, on);
    table.row("trip distance error, median, %", all.distance.median(), Goal::None, on);
    table.row("deliveries found a day, of 13, mean", mean(|d| d.1.deliveries.hit as f64), Goal::AtLeast(12.0), on);
    table.row("deliveries found a day, of 13, fewest", least(|d| d.1.deliveries.hit as f64), Goal::AtLeast(12.0), on);
    table.row("deliveries, F1", stops.deliveries.f1(), Goal::None, on);
    table.row("lights taken for a delivery a day, mean", mean(|d| d.1.lights_taken.count), Goal::AtMost(2.0), on);
    table.row("lights taken for a delivery a day, most", most(|d| d.1.lights_taken.count), Goal::AtMost(2.0), on);
    table.row("lights a day, mean", mean(|d| d.1.lights_taken.of), Goal::None, on);
    table.row("stops over 20 s found, share", stops.long_found.value(), Goal::None, on);
}

fn fixes_alone(table: &mut Table, seeds: &Seeds) {
    let days = seeds.each(|seed| day(&drive(&Scenario::courier_day(seed).without_imu().without_signals())));
    let on = &seeds.of("courier_day, fixes alone");
    let all: TripFigures = sum(days.iter().map(|d| d.0.clone()));
    let found: Found = sum(days.iter().map(|d| d.1.deliveries));
    table.row("from fixes alone: trips found, share", all.found.recall(), Goal::None, on);
    table.row("from fixes alone: trips reported that were, share", all.found.precision(), Goal::None, on);
    table.row("from fixes alone: deliveries, precision", found.precision(), Goal::None, on);
    table.row("from fixes alone: deliveries, recall", found.recall(), Goal::None, on);
    table.row("from fixes alone: deliveries, F1", found.f1(), Goal::AtLeast(0.75), on);
}

/// Drives of which each is one trip: how many are reported as just that.
fn one_trip(table: &mut Table, seeds: &Seeds, name: &str, what: &str) {
    let Some(named) = by_name(name) else { return };
    let drives = seeds.each(|seed| {
        let figures = trips(&drive(&named.scenario(seed)));
        figures.found == Found { hit: 1, false_: 0, missed: 0 }
    });
    let whole = drives.iter().filter(|whole| **whole).count() as f64;
    let share = Share { part: whole, whole: drives.len() as f64 };
    table.row(&format!("{what} is one trip, share of drives"), share.value(), Goal::AtLeast(1.0), &seeds.of(name));
}

fn dead_receiver(seed: u64) -> Scenario {
    // By far the largest part of the world comes after the receiver's death: a phone that is driven on.
    let at_s = 900.0;
    Scenario::drive(seed).minutes(30).no_fix_after(at_s)
}

/// When the last fix was, and when the trip was said to be over.
#[derive(Default)]
struct End {
    last_fix: Option<MonoTime>,
    ended: Option<MonoTime>,
}

impl Watch for End {
    fn input(&mut self, input: &Input) {
        if let Input::Fix(fix) = input {
            self.last_fix = self.last_fix.max(Some(fix.t));
        }
    }

    fn record(&mut self, record: &Record, now: MonoTime) {
        if let Body::Trip(trip) = &record.body
            && trip.status == TripStatus::Ended
        {
            self.ended.get_or_insert(now);
        }
    }
}

fn no_fix_ever(table: &mut Table, seeds: &Seeds, what: &str, scenario: impl Fn(u64) -> Scenario + Sync) {
    let waits = seeds.each(|seed| {
        let mut end = End::default();
        drive_watched(&scenario(seed), &mut end);
        let wait = end.ended.zip(end.last_fix).map(|(ended, last)| ended.since(last));
        wait.unwrap_or(f64::INFINITY)
    });
    let errors = Errors { values: waits, absent: 0 };
    // A deadline is reached when nothing from before it can come any more; the host ticks then.
    let config = Config::preset(Preset::Courier);
    let goal = Goal::AtMost(config.trip.stop_timeout_s + config.intake.max_lateness_s + STEP_S);
    table.row(
        &format!("{what}: trip over after the last fix, worst, s"),
        errors.worst(),
        goal,
        &seeds.of("no_fix_ever"),
    );
}

fn desk(table: &mut Table, seeds: &Seeds) {
    for (name, what) in [("desk", "false trips on a desk"), ("stroll", "false trips on foot")] {
        let Some(named) = by_name(name) else { continue };
        let counts = seeds.each(|seed| {
            let drive = drive(&named.scenario(seed));
            Count { count: drive.said.trips().len() as f64, of: drive.hours() }
        });
        table.row(&format!("{what}, in n hours"), sum(counts).value(), Goal::AtMost(0.0), &seeds.of(name));
    }
}
