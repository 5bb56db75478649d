//! The `milepost` command.

fn main() {}
