//! A server for Milepost's uploads on loopback, as docs/protocol.md describes it: keeps every record once, by id with
//! the highest revision, and misbehaves on demand. For tests and demos; it keeps everything in memory.
//!
//! ```
//! let server = milepost_ingest::Ingest::start(0)?;
//! println!("post batches to {}", server.url());
//! assert!(server.records().is_empty());
//! server.stop();
//! # Ok::<(), std::io::Error>(())
//! ```

mod fault;
mod keep;
mod serve;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub use fault::{Fault, Seen};
pub use keep::{Held, Tally};

/// A running server. Stops when dropped.
#[derive(Debug)]
pub struct Ingest {
    address: SocketAddr,
    shared: Arc<keep::Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ingest {
    /// Listens on 127.0.0.1 from a thread of its own, so it can be used from any code; port 0 is any free one.
    pub fn start(port: u16) -> io::Result<Self> {
        // Bound here, so that an address in use is this call's error and the port is known when it returns.
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(keep::Shared::default());
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("milepost-ingest".into()).spawn(move || {
            // Dropping the runtime at the end closes what connections are still open.
            runtime.block_on(serve::until(listener, served, stopped));
        })?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Where batches are posted.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, serve::BATCHES)
    }

    /// Asks every request for this bearer token, or for none.
    pub fn require_token(&self, token: Option<&str>) {
        self.shared.keep().token = token.map(str::to_owned);
    }

    /// From now on, what `choose` says happens to each batch. It sees what came, before anything is kept.
    pub fn misbehave(&self, choose: impl FnMut(&Seen) -> Fault + Send + 'static) {
        self.shared.keep().choose = Some(Box::new(choose));
    }

    /// From now on, all goes well.
    pub fn behave(&self) {
        self.shared.keep().choose = None;
    }

    /// What the server holds: the highest revision of each id, in the order of first arrival.
    pub fn records(&self) -> Vec<Held> {
        self.shared.keep().records()
    }

    /// Counters since the start.
    pub fn tally(&self) -> Tally {
        self.shared.keep().tally.clone()
    }

    /// Stops, and waits until it has.
    pub fn stop(mut self) {
        self.end();
    }

    /// Waits for ever, for a server in a terminal.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A server that panicked has ended, too.
            let _ = thread.join();
        }
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that has ended no longer listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        self.end();
    }
}
