//! `milepost simulate`: a world by name as a plain folder, with its truth beside it.

use milepost_sim::{SCENARIOS, by_name, write_folder};

use crate::args::Simulate;
use crate::replay::Failure;

/// Writes it, or lists what there is.
pub fn run(args: &Simulate) -> Result<(), Failure> {
    if args.scenario == "list" {
        SCENARIOS.iter().for_each(|named| println!("{:<20} {}", named.name, named.about));
        return Ok(());
    }
    let Some(named) = by_name(&args.scenario) else {
        return Err(format!("there is no scenario {:?}: `milepost simulate list` names them", args.scenario).into());
    };
    write_folder(&named.scenario(args.seed), &format!("{}_{}", named.name, args.seed), &args.out)
        .map_err(|e| format!("{}: {e}", args.out.display()))?;
    println!("{}: replay {}", args.out.display(), args.out.join("input").display());
    Ok(())
}
