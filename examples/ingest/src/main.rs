//! The server in a terminal: `milepost-ingest [PORT] [TOKEN]`. Prints where to post, and keeps everything in memory until
//! it is ended; `GET /v1/records` shows what it holds. With a token it refuses every other.

use std::process::ExitCode;

use milepost_ingest::Ingest;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |text| text.parse());
    let Ok(port) = port else {
        eprintln!("usage: milepost-ingest [PORT] [TOKEN]");
        return ExitCode::from(2);
    };
    match Ingest::start(port) {
        Ok(server) => {
            server.require_token(arguments.next().as_deref());
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
