//! `milepost info`: what is in a recording.

use milepost_recording::import::Info;

use crate::args;
use crate::replay::{Failure, open};

/// Prints it.
pub fn run(args: &args::Info) -> Result<(), Failure> {
    let mut recording = open(&args.source)?;
    println!("{}", Info::of(&mut recording)?);
    Ok(())
}
