//! `milepost info`: what is in a recording.

use milepost_engine::contract::Input;

use crate::args::Info;
use crate::replay::{Failure, open};

/// Prints it.
pub fn run(args: &Info) -> Result<(), Failure> {
    let mut recording = open(&args.source)?;
    let (mut samples, mut fixes, mut signals) = (0u64, 0u64, 0u64);
    let (mut first, mut last) = (None, None);
    for input in &mut recording {
        let t = match input? {
            Input::Imu(batch) => {
                samples += batch.len() as u64;
                first = first.or(batch.first().map(|s| s.t));
                batch.last().map(|s| s.t)
            }
            Input::Fix(fix) => {
                fixes += 1;
                Some(fix.t)
            }
            Input::Signal(t, _) | Input::Command(t, _) => {
                signals += 1;
                Some(t)
            }
            Input::Clock(_) | Input::Tick(_) | Input::End => None,
        };
        first = first.or(t);
        last = t.or(last);
    }
    let session = &recording.session;
    let span_s = first.zip(last).map_or(0.0, |(a, b)| b.since(a));
    println!("format    {}", recording.format.name());
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "unknown".to_owned());
    println!("phone     {} {}", named(&session.platform), named(&session.device));
    println!(
        "axis      {}",
        if recording.epoch_axis == Some(true) { "seconds since 1970" } else { "seconds since boot" }
    );
    println!("span      {span_s:.1} s from {:.3}", first.map_or(0.0, |t| t.seconds()));
    println!("samples   {samples} ({:.1} Hz)", samples as f64 / span_s.max(1e-9));
    println!("fixes     {fixes}");
    println!("signals   {signals}");
    Ok(())
}
