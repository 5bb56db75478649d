//! What the server holds: the highest revision of each id. Knows nothing of HTTP.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use milepost_engine::Uuid;

use crate::fault::{Fault, Seen};

/// A record that the server holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The same through all revisions.
    pub id: Uuid,
    /// The highest that came.
    pub rev: u32,
    /// As sent, byte for byte.
    pub json: String,
}

/// Counters since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// POSTs, whatever became of them.
    pub requests: u64,
    /// Their bodies' bytes.
    pub bytes: u64,
    /// Records kept as new, or as a later revision.
    pub kept: u64,
    /// Records that were held already: the sender could not know, which is no fault.
    pub repeated: u64,
    /// Records that came after a later revision of theirs.
    pub outdated: u64,
    /// Records that were held already with another content: a fault of the sender's.
    pub contradicted: u64,
}

type Choose = Box<dyn FnMut(&Seen) -> Fault + Send>;

#[derive(Default)]
pub(crate) struct Keep {
    held: BTreeMap<Uuid, (u64, Held)>,
    pub tally: Tally,
    pub token: Option<String>,
    pub choose: Option<Choose>,
}

#[derive(Default)]
pub(crate) struct Shared(Mutex<Keep>);

impl Shared {
    pub fn keep(&self) -> MutexGuard<'_, Keep> {
        // A test whose `choose` panics has failed already.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.keep().tally.fmt(f)
    }
}

impl Keep {
    pub fn records(&self) -> Vec<Held> {
        let mut all: Vec<_> = self.held.values().collect();
        all.sort_by_key(|(order, _)| *order);
        all.into_iter().map(|(_, held)| held.clone()).collect()
    }

    pub fn put(&mut self, new: Held) {
        let order = self.held.len() as u64;
        let Some((_, held)) = self.held.get_mut(&new.id) else {
            self.tally.kept += 1;
            self.held.insert(new.id, (order, new));
            return;
        };
        if new.rev > held.rev {
            self.tally.kept += 1;
            *held = new;
        } else if new.rev < held.rev {
            self.tally.outdated += 1;
        } else if new.json == held.json {
            self.tally.repeated += 1;
        } else {
            self.tally.contradicted += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_revision_is_held_once() {
        let held = |n: u128, rev: u32, json: &str| Held { id: Uuid::from_u128(n), rev, json: json.into() };
        let mut keep = Keep::default();
        for record in
            [held(2, 1, "a"), held(1, 2, "b"), held(1, 1, "c"), held(2, 1, "a"), held(2, 3, "d"), held(2, 3, "e")]
        {
            keep.put(record);
        }
        assert_eq!(keep.records(), [held(2, 3, "d"), held(1, 2, "b")]);
        let Tally { kept, repeated, outdated, contradicted, .. } = keep.tally;
        assert_eq!([kept, repeated, outdated, contradicted], [3, 1, 1, 1]);
    }
}
