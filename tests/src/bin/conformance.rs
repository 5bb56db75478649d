//! `conformance URL [TOKEN]`: does the server keep to docs/protocol.md? Posts made-up records to it. See
//! `milepost_tests::conformance`.

use std::process::ExitCode;
use std::time::SystemTime;

use milepost_tests::conformance::{Subject, ask};
use milepost_upload::{Http, HttpOptions};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(url) = args.next() else {
        eprintln!("usage: conformance URL [TOKEN]");
        return ExitCode::from(2);
    };
    let http = match Http::new(&HttpOptions::default()) {
        Ok(http) => http,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    #[expect(clippy::disallowed_methods, reason = "ids that no earlier run has used; nothing else depends on it")]
    let now = SystemTime::now();
    let seed = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
    let mut well = true;
    for (question, finding) in ask(&http, &Subject { url, token: args.next(), seed }) {
        match finding {
            Ok(()) => println!("ok    {question}"),
            Err(why) => {
                well = false;
                println!("WRONG {question}: {why}");
            }
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
