//! What the command says to whoever runs it. A reader that has heard enough (`milepost info DRIVE | head`) is no
//! failure: the work goes on, and its files are complete.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

use crate::replay::Failure;

/// A line for stdout, as `println!` writes it.
macro_rules! say {
    ($($text:tt)*) => { $crate::say::out(format_args!($($text)*)) };
}
pub(crate) use say;

/// Writes a line to stdout.
pub fn out(text: Arguments<'_>) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("stdout: {e}").into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line to stderr. Where that is closed there is nobody left to tell, and the exit status still says it.
pub fn error(text: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
