//! The `milepost` command: replays, describes and converts recordings with the very core that phones embed, and shows
//! it all on a simulated day.

mod args;
mod cells;
mod compare;
mod convert;
mod demo;
mod explain;
mod export;
mod fields;
mod files;
mod info;
mod page;
mod rated;
mod replay;
mod report;
mod say;
mod simulate;
mod spool;
mod stopwatch;
mod tables;
mod upload;

use clap::Parser;

use args::{Args, Command};

/// Exit status for a command line that makes no sense, as everywhere.
const MISUSED: u8 = 2;

fn main() -> std::process::ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return misused(&error),
    };
    let done = match args.command {
        Command::Replay(args) => replay::run(&args),
        Command::Info(args) => info::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Simulate(args) => simulate::run(&args),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // One line, the last of stderr: that is what whoever runs this reads.
            say::error(format_args!("milepost: {}", error.to_string().replace('\n', " ")));
            std::process::ExitCode::FAILURE
        }
    }
}

/// What is wrong with the command line. Help comes first, so that here too the last line is the error.
fn misused(error: &clap::Error) -> std::process::ExitCode {
    let text = error.render().to_string();
    let Some(what) = text.strip_prefix("error: ") else { error.exit() };
    let (what, help) = what.split_once("\n\n").unwrap_or((what, ""));
    let words: Vec<_> = what.split_whitespace().collect();
    say::error(format_args!("{}\nmilepost: {}", help.trim_end(), words.join(" ")));
    std::process::ExitCode::from(MISUSED)
}
