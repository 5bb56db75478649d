//! The `milepost` command: replays, describes and converts recordings with the very core that phones embed, and shows
//! it all on a simulated day.

mod args;
mod cells;
mod compare;
mod convert;
mod demo;
mod files;
mod info;
mod page;
mod replay;
mod stopwatch;
mod tables;
mod upload;

use clap::Parser;

use args::{Args, Command};

fn main() -> std::process::ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    let done = match Args::parse().command {
        Command::Replay(args) => replay::run(&args),
        Command::Info(args) => info::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Demo(args) => demo::run(&args),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // One line, the last of stderr: that is what whoever runs this reads.
            eprintln!("milepost: {}", error.to_string().replace('\n', " "));
            std::process::ExitCode::FAILURE
        }
    }
}
