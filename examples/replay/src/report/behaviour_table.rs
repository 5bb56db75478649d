//! `milepost report behaviour`: manoeuvres, impacts, speeding, phone handling, as issue 8 asks for them of simulated
//! drives.

use milepost_sim::{Crash, Duration, Keeping, Scenario, by_name};

use super::behaviour::{BehaviourFigures, measure};
use super::seeds::Seeds;
use super::table::{Goal, Table};
use super::tally::{Count, Found, sum};

/// Drives whose manoeuvres are pooled by type.
const POOLED: [&str; 4] = ["calm_drive", "aggressive_drive", "everyday_drive", "hilly_drive"];
/// Those in which the phone is taken in the hand.
const IN_USE: [&str; 2] = ["everyday_drive", "hilly_drive"];
/// Harder places for a phone, each for itself.
const HARDER: [&str; 3] = ["cup_holder", "pocket", "slipping"];

/// 100 hours of calm driving at 20 seeds: so many hour-long drives and five-hour days a seed.
const CALM_DRIVES: f64 = 3.0;
const CALM_DAYS: f64 = 0.4;

/// Measures and lists it.
pub fn table(seeds: &Seeds) -> Table {
    let mut table = Table::new("Behaviour");
    let drives: Vec<(&str, BehaviourFigures)> =
        POOLED.into_iter().chain(HARDER).map(|name| (name, of(name, seeds))).collect();
    manoeuvres(&mut table, seeds, &drives);
    the_rest(&mut table, seeds, &drives);
    calm_hours(&mut table, seeds);
    crashes(&mut table, seeds);
    table
}

fn of(name: &str, seeds: &Seeds) -> BehaviourFigures {
    let Some(named) = by_name(name) else { return BehaviourFigures::default() };
    sum(seeds.each(|seed| measure(&named.scenario(seed))))
}

fn pool(drives: &[(&str, BehaviourFigures)], names: &[&str]) -> BehaviourFigures {
    sum(drives.iter().filter(|(name, _)| names.contains(name)).map(|(_, figures)| *figures))
}

fn manoeuvres(table: &mut Table, seeds: &Seeds, drives: &[(&str, BehaviourFigures)]) {
    let (pooled, on) = (pool(drives, &POOLED).harsh, seeds.of(&POOLED.join(", ")));
    let goals = [("brake", 0.95), ("acceleration", 0.95), ("corner", 0.95), ("swerve", 0.90)];
    for ((name, goal), found) in goals.into_iter().zip(pooled.by_kind) {
        table.row(&format!("{name}, F1"), found.f1(), Goal::AtLeast(goal), &on);
        table.row(&format!("{name}, precision"), found.precision(), Goal::None, &on);
        table.row(&format!("{name}, recall"), found.recall(), Goal::None, &on);
    }
    table.row("all four, whatever the type, F1", pooled.any.f1(), Goal::None, &on);
    table.row("all four, of the right type, F1", pooled.typed.f1(), Goal::None, &on);
    table.row("all four, confirmed only, F1", pooled.confirmed.f1(), Goal::None, &on);
    table.row("type right, of those found", pooled.type_right.value(), Goal::None, &on);
    for (name, figures) in drives {
        let typed: Found = figures.harsh.typed;
        table.row("all four, of the right type, F1", typed.f1(), Goal::None, &seeds.of(name));
    }
}

fn the_rest(table: &mut Table, seeds: &Seeds, drives: &[(&str, BehaviourFigures)]) {
    let all: Vec<&str> = drives.iter().map(|(name, _)| *name).collect();
    let (whole, on) = (pool(drives, &all), seeds.of("all of these"));
    table.row("potholes reported as harsh or impact, of n", whole.potholes.value(), Goal::AtMost(0.0), &on);
    table.row("false impacts, in n hours", whole.false_impacts.value(), Goal::AtMost(0.0), &on);
    let wrong = whole.speeding_wrong.value();
    table.row("speeding seconds wrong, of n clear ones", wrong, Goal::AtMost(0.05), &on);
    for (name, figures) in drives {
        let wrong = figures.speeding_wrong.value();
        table.row("speeding seconds wrong, of n clear ones", wrong, Goal::None, &seeds.of(name));
    }
    let (in_use, on) = (pool(drives, &IN_USE).handling, seeds.of(&IN_USE.join(", ")));
    table.row("phone handling, F1", in_use.f1(), Goal::AtLeast(0.90), &on);
    table.row("phone handling, precision", in_use.precision(), Goal::None, &on);
    table.row("phone handling, recall", in_use.recall(), Goal::None, &on);
}

/// Potholes, doors, drops and pick-ups, and never a crash.
fn calm_hours(table: &mut Table, seeds: &Seeds) {
    let calm = |seed| Scenario::everyday_drive(seed).temper(0.0).phone_drops_at(25.minutes()).phone_in_use();
    let (drives, days) = (seeds.times(CALM_DRIVES), seeds.times(CALM_DAYS));
    let driven = sum(drives.each(|seed| measure(&calm(seed)).false_impacts));
    let lived = sum(days.each(|seed| measure(&Scenario::courier_day(seed).temper(0.0)).false_impacts));
    let all: Count = sum([driven, lived]);
    let on = format!("{}; {}", drives.of("calm everyday_drive with a drop"), days.of("calm courier_day"));
    table.row("false impacts in calm driving, in n hours", all.value(), Goal::AtMost(0.0), &on);
}

fn crashes(table: &mut Table, seeds: &Seeds) {
    let mut elsewhere = Count::default();
    for (keeping, kept, goal) in
        [(Keeping::Holder, "mounted", 0.90), (Keeping::Pocket, "in a pocket", 0.80), (Keeping::Seat, "loose", 0.70)]
    {
        let mut whole = BehaviourFigures::default();
        for (crash, name) in [
            (Crash::RearEnd, "rear_end"),
            (Crash::Side, "side_impact"),
            (Crash::GuardRail, "guard_rail"),
            (Crash::RollOver, "roll_over"),
        ] {
            let these = sum(seeds.each(|seed| measure(&Scenario::crash(seed, crash, keeping))));
            let figure = format!("{name}, phone {kept}: found, share");
            table.row(&figure, these.crashes_found.value(), Goal::AtLeast(goal), &seeds.of(name));
            whole += these;
        }
        elsewhere += whole.false_impacts;
        let on = seeds.of("these four");
        let found = whole.crashes_found.value();
        table.row(&format!("all crashes, phone {kept}: found, share"), found, Goal::AtLeast(goal), &on);
        let twice = whole.crashes_twice.value();
        table.row(&format!("all crashes, phone {kept}: reported twice, of n"), twice, Goal::AtMost(0.0), &on);
    }
    let on = seeds.of("these twelve");
    table.row("false impacts in those drives, in n hours", elsewhere.value(), Goal::AtMost(0.0), &on);
}
