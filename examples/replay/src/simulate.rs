//! `milepost simulate`: a world by name as a plain folder, with its truth beside it.

use milepost_sim::{SCENARIOS, by_name, write_folder};

use crate::args::Simulate;
use crate::replay::Failure;
use crate::say::say;

/// Writes it, or lists what there is.
pub fn run(args: &Simulate) -> Result<(), Failure> {
    if args.scenario == "list" {
        return SCENARIOS.iter().try_for_each(|named| say!("{:<20} {}", named.name, named.about));
    }
    let Some(named) = by_name(&args.scenario) else {
        return Err(format!("there is no scenario {:?}: `milepost simulate list` names them", args.scenario).into());
    };
    let mut scenario = named.scenario(args.seed);
    if let Some(minutes) = args.minutes {
        scenario = scenario.minutes(minutes);
    }
    write_folder(&scenario, &format!("{}_{}", named.name, args.seed), &args.out)
        .map_err(|e| format!("{}: {e}", args.out.display()))?;
    say!("{}: replay {}", args.out.display(), args.out.join("input").display())
}
