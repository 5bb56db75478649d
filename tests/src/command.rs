//! The `milepost` command as tests run it: built from what is here now, by the profile that the test was built with.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Another command to test instead, words with spaces between: one of another profile, or of another machine behind its
/// emulator.
const INSTEAD: &str = "MILEPOST_COMMAND";

/// Where the command is.
pub fn path() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // A test is TARGET/PROFILE/deps/NAME-….
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(Path::parent).unwrap();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "-p", "milepost-replay", "--bin", "milepost", "--target-dir"]);
        cargo.arg(folder.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the command does not build");
        folder.join("milepost")
    })
}

/// The command without arguments, or what `MILEPOST_COMMAND` says instead.
pub fn milepost() -> Command {
    let Ok(instead) = std::env::var(INSTEAD) else { return Command::new(path()) };
    let mut words = instead.split_whitespace();
    let mut command = Command::new(words.next().expect("MILEPOST_COMMAND is empty"));
    command.args(words);
    command
}
