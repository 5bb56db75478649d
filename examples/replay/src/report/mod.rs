//! `milepost report`: how good the core is, measured in simulated worlds, with the definitions of the judge of recorded
//! sets. Nothing here decides anything; every number comes from running the core.

mod assign;
pub mod behaviour;
mod behaviour_table;
mod beside;
mod cost_table;
mod drive;
mod low_pass;
mod matching;
mod motion;
mod motion_table;
pub mod said;
mod seeds;
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
        (What::Trips, trips_table::table),
        (What::Behaviour, behaviour_table::table),
        (What::Cost, cost_table::table),
    ] {
        if all || args.what == what {
            table(&seeds).print();
        }
    }
    Ok(())
}
