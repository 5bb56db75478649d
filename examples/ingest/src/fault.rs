//! The ways in which servers and networks fail. Types only.

use std::time::Duration;

use milepost_engine::Uuid;

/// A batch as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// 1 for the first request of all.
    pub number: u64,
    /// As its body says.
    pub batch_id: Uuid,
    /// What is in it.
    pub keys: Vec<(Uuid, u32)>,
    /// Bytes on the wire, without headers.
    pub bytes: usize,
}

/// What happens to a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// All goes well.
    None,
    /// Nothing is kept; the answer is this status, with this Retry-After.
    Status(u16, Option<String>),
    /// These are refused one by one, with a reason; the others are kept.
    Refuse(Vec<Uuid>),
    /// The answer is late, but all goes well.
    Delay(Duration),
    /// Nothing is kept, and the connection is closed in place of an answer.
    ResetBefore,
    /// All is kept, and the connection is closed in the middle of the answer.
    ResetAfter,
    /// All is kept, and the answer ends in the middle of its JSON, as if that were all.
    Truncate,
    /// All is kept, and the answer says everything twice, with things nobody asked for.
    Repeat,
    /// All is kept, and the answer asks for this: `(min_interval_s, pause_s)`.
    Control(Option<u32>, Option<u32>),
}
