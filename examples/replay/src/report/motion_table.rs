//! `milepost report motion`: attitude, mount, acceleration, speed and position, as issue 5 asks for them.

use milepost_engine::num::round;
use milepost_sim::{Scenario, by_name};

use super::motion::{MotionFigures, Over, Within, measure, measure_in_hand};
use super::seeds::Seeds;
use super::table::{Goal, Table};
use super::tally::{Errors, Share, Squares, sum};

/// Outages by their length.
const LENGTHS_S: [f64; 3] = [30.0, 60.0, 120.0];

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let mut table = Table::new("Motion");
    let drives = seeds.each(|seed| measure(&Scenario::drive(seed)));
    let on = seeds.of("drive (60 min)");
    attitude(&mut table, &drives, &on);
    speed_and_place(&mut table, &drives, &on);
    outages(&mut table, seeds);
    honesty(&mut table, &drives, &on);
    without_a_vehicle(&mut table, seeds);
    table
}

fn attitude(table: &mut Table, drives: &[MotionFigures], on: &str) {
    let per_drive = |of: fn(&MotionFigures) -> Squares| Errors {
        values: drives.iter().map(|d| of(d).rms().value.unwrap_or(f64::INFINITY)).collect(),
        absent: 0,
    };
    let known = sum(drives.iter().map(|d| d.tilt)).rms().known;
    let tilt = per_drive(|d| d.tilt);
    let of_time = |mut value: super::tally::Value| {
        value.known = known;
        value
    };
    table.row("inclination RMSE of a drive, median, °", of_time(tilt.median()), Goal::AtMost(0.8), on);
    table.row("inclination RMSE of a drive, worst, °", of_time(tilt.worst()), Goal::AtMost(1.2), on);
    let peer = per_drive(|d| d.tilt_vqf);
    table.row("the same of vqf-rs, median, °", peer.median(), Goal::None, on);
    let yaw: Errors = sum(drives.iter().map(|d| d.yaw.clone()));
    table.row("forward axis after 60 s of driving, median, °", yaw.median(), Goal::None, on);
    table.row("forward axis after 60 s of driving, p90, °", yaw.p90(), Goal::AtMost(2.0), on);
    let first: Errors = sum(drives.iter().map(|d| d.yaw_first.clone()));
    table.row("forward axis at 60 s of driving, p90, °", first.p90(), Goal::None, on);
    let long = sum(drives.iter().map(|d| d.long)).rms();
    table.row("a_long RMSE below 1 Hz, m/s²", long, Goal::AtMost(0.15), on);
    table.row("a_lat RMSE below 1 Hz, m/s²", sum(drives.iter().map(|d| d.lat)).rms(), Goal::AtMost(0.15), on);
}

fn speed_and_place(table: &mut Table, drives: &[MotionFigures], on: &str) {
    let all = |of: fn(&MotionFigures) -> Squares| sum(drives.iter().map(of)).rms();
    table.row("speed RMSE, m/s", all(|d| d.speed), Goal::None, on);
    table.row("position RMSE, causal, m", all(|d| d.causal), Goal::AtMost(3.6), on);
    table.row("position RMSE, smoothed track, m", all(|d| d.smoothed), Goal::AtMost(3.0), on);
    table.row("position RMSE, raw fixes, lag removed, m", all(|d| d.raw), Goal::None, on);
    let lag: Errors = sum(drives.iter().map(|d| d.lag.clone()));
    table.row("receiver lag error, median, s", lag.median(), Goal::None, on);
    table.row("receiver lag error, p90, s", lag.p90(), Goal::None, on);
}

fn outages(table: &mut Table, seeds: &Seeds) {
    let Some(named) = by_name("outages") else { return };
    let drives = seeds.each(|seed| measure(&named.scenario(seed)).outages);
    let on = seeds.of("outages (60 min)");
    let all: Vec<Over> = drives.into_iter().flatten().collect();
    let share = |o: &Over| 100.0 * o.off_m / o.driven_m;
    let pooled = Errors { values: all.iter().map(share).collect(), absent: 0 };
    table.row("outage, end error over the distance driven, median, %", pooled.median(), Goal::AtMost(12.0), &on);
    table.row("outage, end error over the distance driven, p90, %", pooled.p90(), Goal::AtMost(30.0), &on);
    for length_s in LENGTHS_S {
        let these: Vec<&Over> = all.iter().filter(|o| (o.seconds - length_s).abs() < 1.0).collect();
        let metres = Errors { values: these.iter().map(|o| o.off_m).collect(), absent: 0 };
        let parts = Errors { values: these.iter().map(|o| share(o)).collect(), absent: 0 };
        table.row(&format!("outage of {length_s} s, end error, median, m"), metres.median(), Goal::None, &on);
        table.row(&format!("outage of {length_s} s, over the distance, median, %"), parts.median(), Goal::None, &on);
        table.row(&format!("outage of {length_s} s, over the distance, p90, %"), parts.p90(), Goal::None, &on);
    }
}

/// Rotation, translation and rest by hand: standard attitude work. Each sample is handed over at once, so that the peer
/// is asked at the same moments as the engine.
fn without_a_vehicle(table: &mut Table, seeds: &Seeds) {
    let work = seeds.each(|seed| measure_in_hand(&Scenario::hand_work(seed).imu_batches(0.0)));
    let on = seeds.of("hand_work (30 min)");
    let tilt = sum(work.iter().map(|w| w.tilt)).rms();
    let peer = sum(work.iter().map(|w| w.tilt_vqf)).rms();
    let goal = peer.value.map_or(Goal::None, |peer| Goal::AtMost(round(peer, 3)));
    table.row("in a hand, no vehicle: inclination RMSE, °", tilt, goal, &on);
    table.row("the same of vqf-rs in the same run, °", peer, Goal::None, &on);
}

fn honesty(table: &mut Table, drives: &[MotionFigures], on: &str) {
    /// Of a normal error in one dimension, and in two.
    const LINE: [f64; 2] = [0.68, 0.95];
    const PLANE: [f64; 2] = [0.63, 0.98];
    let all = sum(drives.iter().map(|d| d.honesty));
    for (name, Within([one, two]), [within_one, within_two]) in [
        ("up", all.up, PLANE),
        ("forward", all.fwd, LINE),
        ("speed", all.speed, LINE),
        ("position", all.position, PLANE),
    ] {
        let mut row = |share: Share, sigmas: &str, expected| {
            let figure = format!("{name}: errors within {sigmas} of its own sigma, share");
            table.row(&figure, share.value(), Goal::Expected(expected), on);
        };
        row(one, "one", within_one);
        row(two, "two", within_two);
    }
}
