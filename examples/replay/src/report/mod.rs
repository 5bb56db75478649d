//! `milepost report`: how good the core is, measured in simulated worlds, with the definitions of the judge of recorded
//! sets. Nothing here decides anything; every number comes from running the core.

mod assign;
mod battery;
mod battery_table;
pub mod behaviour;
mod behaviour_table;
mod beside;
mod cost_table;
mod degrees_table;
mod drive;
mod drivers_table;
mod low_pass;
mod matching;
mod motion;
mod motion_table;
pub mod said;
mod seeds;
mod storage;
mod storage_table;
mod table;
pub mod tally;
pub mod trip_figures;
mod trips_table;

use crate::args::{Report, What};
use crate::replay::Failure;
use seeds::Seeds;

/// Measures and prints the tables that were asked for.
pub fn run(args: &Report) -> Result<(), Failure> {
    let jobs = args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let seeds = Seeds { range: args.first_seed..args.first_seed + args.seeds.max(1), jobs };
    let all = args.what == What::All;
    for (what, table) in [
        (What::Motion, motion_table::table as fn(&Seeds) -> table::Table),
        (What::Motion, degrees_table::table),
        (What::Trips, trips_table::table),
        (What::Behaviour, behaviour_table::table),
        (What::Behaviour, drivers_table::table),
        (What::Battery, battery_table::table),
        (What::Storage, storage_table::table),
        (What::Cost, cost_table::table),
    ] {
        if all || args.what == what {
            table(&seeds).print()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use milepost_sim::Scenario;

    use super::*;

    /// Ten minutes at the wheel: every figure has something to count, and what is counted is of the drive's size.
    #[test]
    fn a_short_drive_fills_every_figure() {
        let scenario = Scenario::drive(3).minutes(10).outage_at(300.0, 30.0);
        let motion = motion::measure(&scenario);
        for squares in [motion.tilt, motion.tilt_vqf, motion.long, motion.lat, motion.speed, motion.causal, motion.raw]
        {
            let value = squares.rms();
            assert!(value.n > 400.0 && value.n < 900.0 && value.value.is_some_and(|v| v > 0.0), "{value:?}");
        }
        assert!(motion.smoothed.rms().known.is_some_and(|known| known > 0.9));
        assert_eq!((motion.outages.len(), motion.lag.values.len()), (1, 1));
        assert!(motion.yaw.values.len() > 100 && motion.yaw_first.values.len() == 1);
        let behaviour = behaviour::measure(&scenario);
        assert!(behaviour.false_impacts.of > 0.15 && behaviour.potholes.of > 0.0);
        let drive = drive::drive(&scenario);
        let found = trip_figures::trips(&drive).found;
        assert_eq!((found.hit + found.missed, drive.truth.trips.len()), (1, 1));
    }
}
