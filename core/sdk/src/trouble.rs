//! What goes wrong inside, by kind: the words of the diagnostics. No position, no name of a person and no token is ever
//! part of the detail.

use milepost_store::Diagnostic;
use milepost_upload::Outcome;
use serde_json::{Value, json};

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The database was damaged and put aside.
    DatabaseLost,
    /// Something could not be written.
    Storage,
    /// The last process's engine could not be restored.
    Snapshot,
    /// The engine failed, and went on from its last snapshot.
    Engine,
    /// Records had to go, for want of room, before the server had them.
    Evicted,
    /// A server did not take a batch.
    Upload,
    /// A server will never take some records.
    Parked,
}

impl Trouble {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Trouble::DatabaseLost => "database_lost",
            Trouble::Storage => "storage",
            Trouble::Snapshot => "snapshot",
            Trouble::Engine => "engine",
            Trouble::Evicted => "evicted",
            Trouble::Upload => "upload",
            Trouble::Parked => "parked",
        }
    }
}

/// A noted trouble as it is told and exported.
pub fn told(noted: &Diagnostic) -> Value {
    let Diagnostic { at_ms, kind, detail, times } = noted;
    json!({"at_ms": at_ms, "kind": kind, "detail": detail, "times": times})
}

/// What was wrong with an answer, if anything. The host's words for a lost connection may hold addresses, and stay out.
pub fn of_outcome(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Answer { status: 200..=299, .. } => None,
        Outcome::Answer { status, .. } => Some(format!("the server answered {status}")),
        Outcome::NetworkError(_) => Some("no answer".to_owned()),
    }
}
