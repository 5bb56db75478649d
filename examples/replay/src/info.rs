//! `milepost info`: what is in a recording.

use milepost_recording::import::Info;

use crate::args;
use crate::replay::{Failure, open};
use crate::say::say;

/// Prints it.
pub fn run(args: &args::Info) -> Result<(), Failure> {
    let mut recording = open(&args.source)?;
    say!("{}", Info::of(&mut recording)?)
}
