//! `faults [--minutes N | --kills N] [--seed N]`: disasters of the storage, then kills of a process that stores and
//! uploads, over and over, made-up worlds and simulated drives in turn; says what was lost and fails if anything was.
//! See `milepost_tests::{disasters, faults, drives}`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use milepost_tests::disasters::{DISASTERS, Verdict};
use milepost_tests::drives::{self, Drive, Driven};
use milepost_tests::faults::{self, Failure, Life, Report};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("--child") => child(&args).map(|()| true),
        Some("--drive") => drive(&args).map(|()| true),
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
    let [_, path, url, world, seed, rest @ ..] = args else { return Err("four arguments after --child".into()) };
    let dies_at = rest.first().map(|n| n.parse()).transpose()?;
    faults::live(&Life { path: path.into(), url: url.clone(), world: world.parse()?, seed: seed.parse()?, dies_at })
}

fn drive(args: &[String]) -> Result<(), Failure> {
    let [_, folder, url, seed, from, rest @ ..] = args else { return Err("four arguments after --drive".into()) };
    let dies_after = rest.first().map(|n| n.parse()).transpose()?;
    let (seed, from) = (seed.parse()?, from.parse()?);
    drives::live(&Drive { folder: folder.into(), url: url.clone(), seed, from, dies_after })
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
    let (program, dir) = (std::env::current_exe()?, tempfile::tempdir()?);
    let mut well = true;
    for (n, (name, disaster)) in DISASTERS.iter().enumerate() {
        let folder = dir.path().join(format!("disaster-{n}"));
        std::fs::create_dir_all(&folder)?;
        match disaster(&folder) {
            Ok(Verdict::Survived) => println!("ok       {name}"),
            Ok(Verdict::Skipped(why)) => println!("skipped  {name}: {why}"),
            Err(error) => {
                well = false;
                println!("WRONG    {name}: {error}");
            }
        }
    }
    // A quarter of the kills are of drives.
    let over = |share: f64, done: u64| {
        done as f64 >= share * kills as f64 || begin.elapsed().as_secs_f64() >= share * length.as_secs_f64()
    };
    let driven = drives::run(&program, dir.path(), seed, |d: &Driven| d.drives > 0 && over(0.25, d.kills))?;
    println!("{driven:#?}");
    let made_up = faults::run(&program, dir.path(), seed, |r: &Report| over(1.0, driven.kills + r.kills))?;
    println!("{made_up:#?}");
    println!("{} kills survived in {:.0} s", driven.kills + made_up.kills, begin.elapsed().as_secs_f64());
    let lost = driven.lost + driven.doubled + driven.different + made_up.lost + made_up.doubled + made_up.out_of_order;
    Ok(well && lost == 0)
}
