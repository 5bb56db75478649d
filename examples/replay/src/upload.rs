//! Delivers everything that a replay stored to a server, with the machine and the transport that phones use.

use milepost::upload::{Http, HttpOptions, Outcome, Transport, Why};
use milepost::{Kernel, NextUpload};

use crate::replay::Failure;
use crate::stopwatch;

/// Failures in a row after which a server counts as down: the machine alone would try for days.
const MAX_FAILURES: u32 = 5;
/// A wait that a person at a terminal puts up with.
const MAX_WAIT_MS: i64 = 10_000;

/// Sends until nothing is left. Returns how many batches it took.
pub fn deliver(kernel: &mut Kernel) -> Result<u64, Failure> {
    let http = Http::new(&HttpOptions::default())?;
    let (mut batches, mut failures) = (0, 0);
    let mut last_failure = None;
    loop {
        match kernel.next_upload(stopwatch::now_ms(), true)? {
            NextUpload::Idle => return Ok(batches),
            NextUpload::Wait { until_ms: Some(until_ms), why: Why::Backoff | Why::Interval | Why::Paused } => {
                let wait_ms = until_ms - stopwatch::now_ms();
                if wait_ms > MAX_WAIT_MS {
                    let wait = format!("the next attempt would be in {} s", wait_ms / 1000);
                    return Err(last_failure.map_or(wait.clone(), |failure| format!("{failure}; {wait}")).into());
                }
                stopwatch::wait_ms(wait_ms);
            }
            NextUpload::Wait { why, .. } => return Err(format!("the upload waits for {why:?}").into()),
            NextUpload::Send(request) => {
                let outcome = http.send(&request);
                let failure = match &outcome {
                    Outcome::Answer { status, .. } if (200..300).contains(status) => None,
                    Outcome::Answer { status, .. } => Some(format!("the server answered {status}")),
                    Outcome::NetworkError(reason) => Some(reason.clone()),
                };
                batches += 1;
                kernel.upload_finished(stopwatch::now_ms(), request.batch_id, outcome)?;
                failures = if failure.is_some() { failures + 1 } else { 0 };
                if let (Some(failure), true) = (&failure, failures >= MAX_FAILURES) {
                    return Err(failure.clone().into());
                }
                last_failure = failure;
            }
        }
    }
}
