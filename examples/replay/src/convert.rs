//! `milepost convert`: a recording in another format.

use std::io::{BufWriter, Write};

use milepost_recording::frame;

use crate::args::{Convert, Target};
use crate::replay::{Failure, open};

/// Writes it.
pub fn run(args: &Convert) -> Result<(), Failure> {
    let recording = open(&args.source)?;
    match args.to {
        Target::Frames => {
            let file = std::fs::File::create(&args.out).map_err(|e| format!("{}: {e}", args.out.display()))?;
            let mut to = BufWriter::new(file);
            let mut buffer = vec![frame::VERSION];
            for input in recording {
                frame::encode(&input?, &mut buffer);
                to.write_all(&buffer)?;
                buffer.clear();
            }
            to.flush()?;
        }
        Target::Native | Target::Plain => return Err("this target is not built yet".into()),
    }
    Ok(())
}
