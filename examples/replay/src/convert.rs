//! `milepost convert`: a recording in another format.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use milepost_recording::frame;
use milepost_recording::import::{Recording, to_native, to_plain};

use crate::args::{Convert, Target};
use crate::replay::{Failure, open};
use crate::say::say;

/// Writes it.
pub fn run(args: &Convert) -> Result<(), Failure> {
    let mut recording = open(&args.source)?;
    let inputs = match args.to {
        Target::Plain => to_plain(&mut recording, &args.out)?,
        Target::Native => to_native(&mut recording, create(&args.out)?)?,
        Target::Frames => to_frames(&mut recording, create(&args.out)?)?,
    };
    recording.notes.iter().try_for_each(|note| say!("{note}"))?;
    say!("{inputs} inputs from {} to {}", recording.format.name(), args.out.display())
}

/// What is there already is not overwritten: it could be the recording that is read.
fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    Ok(BufWriter::new(File::create_new(path).map_err(|e| format!("{}: {e}", path.display()))?))
}

fn to_frames(recording: &mut Recording, mut out: impl Write) -> Result<u64, Failure> {
    let mut buffer = vec![frame::VERSION];
    let mut inputs = 0;
    out.write_all(&buffer)?;
    for input in recording {
        // The version byte stands once in the file; in the buffer it keeps `encode` from adding another.
        buffer.truncate(1);
        frame::encode(&input?, &mut buffer);
        out.write_all(buffer.get(1..).unwrap_or_default())?;
        inputs += 1;
    }
    out.flush()?;
    Ok(inputs)
}
