//! The server in a terminal: `milepost-ingest [PORT]`. Prints where to post, and keeps everything in memory until it is
//! ended; `GET /v1/records` shows what it holds.

use std::process::ExitCode;

use milepost_ingest::Ingest;

fn main() -> ExitCode {
    let port = std::env::args().nth(1).map_or(Ok(0), |text| text.parse());
    let Ok(port) = port else {
        eprintln!("usage: milepost-ingest [PORT]");
        return ExitCode::from(2);
    };
    match Ingest::start(port) {
        Ok(server) => {
            println!("{}", server.url());
            server.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}
