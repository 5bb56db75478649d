//! The machine's vocabulary: what it is shown, what it asks for, what it is told, what it answers. Types only.

use milepost_engine::Uuid;

use crate::config::Network;
use crate::encoding::{CONTENT_ENCODING, Encoding};

/// The identity of a thing to deliver: its id and revision.
pub type Key = (Uuid, u32);

/// One thing to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The same through all revisions.
    pub id: Uuid,
    /// The highest wins.
    pub rev: u32,
    /// May it wait?
    pub urgency: Urgency,
    /// Goes to the server as it is.
    pub json: String,
}

/// May it wait?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// No: live positions, proofs.
    Now,
    /// For the next batch: trips, events, scores and so on.
    Soon,
    /// For a network that the bulk rule allows, too: tracks, raw windows.
    Bulk,
}

/// What the machine decides on: plain values, taken from the store and the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// The oldest batch that is leased and not on its way: goes again as it was.
    pub retry: Option<Leased>,
    /// The most urgent of what is neither sent nor leased, the most urgent first; [`crate::Machine::limits`] says how
    /// much of it can be of use.
    pub unsent: Vec<Item>,
    /// What the phone is connected to.
    pub network: Network,
    /// Whether it is charging.
    pub charging: bool,
    /// The host asks to send now what there is: the minimum interval does not count.
    pub flush: bool,
}

/// A batch that was made before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Its id.
    pub batch_id: Uuid,
    /// Its contents in their order.
    pub items: Vec<Item>,
}

/// How much of the outbox can be of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Items.
    pub records: usize,
    /// Bytes of their JSON.
    pub bytes: usize,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Lease the keys to the batch, remember [`crate::Machine::save`], then send.
    Send(Request),
    /// Nothing before this time (epoch milliseconds), or, without one, before what it waits for has happened.
    Wait {
        /// When to ask again.
        until_ms: Option<i64>,
        /// What for.
        why: Why,
    },
    /// Nothing to send.
    Idle,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The answer to the batch on its way.
    InFlight,
    /// A network that the rules allow.
    Network,
    /// A token from the host.
    Token,
    /// The end of the wait after a failure.
    Backoff,
    /// The minimum interval between batches.
    Interval,
    /// The server said so.
    Paused,
}

/// A POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Also the Idempotency-Key.
    pub batch_id: Uuid,
    /// Where to.
    pub url: String,
    /// All that must be sent, Content-Type and Authorization included.
    pub headers: Vec<(String, String)>,
    /// As described in docs/protocol.md.
    pub body: Vec<u8>,
    /// What is in it.
    pub keys: Vec<Key>,
}

impl Request {
    /// How its body is packed; `None` if it is not by one of ours.
    pub fn encoding(&self) -> Option<Encoding> {
        Encoding::of(self.headers.iter().find(|(name, _)| name == CONTENT_ENCODING).map(|(_, value)| value.as_str()))
    }
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered.
    Answer {
        /// HTTP's.
        status: u16,
        /// The header of this name as it came.
        retry_after: Option<String>,
        /// As it came.
        body: Vec<u8>,
    },
    /// No answer, or not all of it: whether the server has the batch is unknown. In words, for diagnostics.
    NetworkError(String),
}

/// What became of a batch, to be entered into the store in one transaction with [`crate::Machine::save`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The server has them.
    pub acknowledged: Vec<Key>,
    /// The server will not take them, and why.
    pub parked: Vec<(Uuid, u32, String)>,
    /// Keep the lease, the same batch goes again; otherwise what is left of it is unsent as before.
    pub keep_lease: bool,
    /// Ask the host for a token, then [`crate::Machine::set_token`].
    pub need_token: bool,
}
