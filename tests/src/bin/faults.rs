//! `faults [--minutes N | --kills N] [--seed N]`: kills a process that stores and uploads, over and over, and says what
//! was lost. See `milepost_tests::faults`. Fails if anything was.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use milepost_tests::faults::{Failure, Life, live, run};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("--child") => child(&args).map(|()| true),
        _ => parent(&args),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}

fn child(args: &[String]) -> Result<(), Failure> {
    let [_, path, url, world, seed, rest @ ..] = args else { return Err("five arguments after --child".into()) };
    let dies_at = rest.first().map(|n| n.parse()).transpose()?;
    live(&Life { path: path.into(), url: url.clone(), world: world.parse()?, seed: seed.parse()?, dies_at })
}

fn parent(args: &[String]) -> Result<bool, Failure> {
    let (mut minutes, mut kills, mut seed) = (None, None, 1u64);
    for pair in args.chunks(2) {
        match pair {
            [name, value] if name == "--minutes" => minutes = Some(value.parse::<u64>()?),
            [name, value] if name == "--kills" => kills = Some(value.parse::<u64>()?),
            [name, value] if name == "--seed" => seed = value.parse()?,
            _ => return Err("usage: faults [--minutes N | --kills N] [--seed N]".into()),
        }
    }
    let kills = kills.unwrap_or(if minutes.is_some() { u64::MAX } else { 1_000 });
    let length = Duration::from_secs(60 * minutes.unwrap_or(24 * 60));
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to go on is the user's wish; nothing that is tested sees it"
    )]
    let begin = Instant::now();
    let dir = tempfile::tempdir()?;
    let report =
        run(&std::env::current_exe()?, dir.path(), seed, |report| report.kills >= kills || begin.elapsed() >= length)?;
    println!("{report:#?}");
    Ok(report.lost == 0 && report.doubled == 0 && report.out_of_order == 0)
}
