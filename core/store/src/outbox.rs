//! The outbox: what is unsent, what is leased to a batch, and what became of it. Which of it is sent when is `upload`'s.
//!
//! Records, sealed chunks of tracks and the ledger are delivered alike: an (id, rev), a class, and one JSON text.

use milepost_engine::Uuid;
use rusqlite::{Row, ToSql, params};

use crate::class::Class;
use crate::error::Result;
use crate::record::{ACKNOWLEDGED, PARKED, SUPERSEDED};
use crate::store::{Db, Tx};
use crate::wire;

/// One thing to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The same through all revisions.
    pub id: Uuid,
    /// The highest wins.
    pub rev: u32,
    /// How urgent.
    pub class: Class,
    /// What the server gets.
    pub json: String,
}

/// A batch on its way, or to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The Idempotency-Key.
    pub batch_id: Uuid,
    /// When it was made, epoch milliseconds.
    pub created_ms: i64,
    /// Who carries it.
    pub carrier: Carrier,
    /// False: it failed, and is to be sent again as it is.
    pub in_flight: bool,
}

/// Who carries a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The host's HTTP: a transfer may outlive the process.
    Host,
    /// Milepost's own HTTP: dies with the process.
    BuiltIn,
}

impl Carrier {
    fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::BuiltIn => "built_in",
        }
    }
}

/// What became of the records of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// The server has them.
    pub acknowledged: Vec<(Uuid, u32)>,
    /// The server will not have them, and why.
    pub parked: Vec<(Uuid, u32, String)>,
    /// Keep the lease, to send the same batch again; otherwise what is left of it becomes unsent.
    pub keep_lease: bool,
}

/// What waits and what is stuck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Not sent yet, leased ones included.
    pub unsent: u64,
    /// Refused by the server.
    pub parked: u64,
}

/// The tables whose rows are delivered: the same columns `id, rev, class, state, batch_id, reason` in each.
struct Source {
    table: &'static str,
    key: &'static str,
    ready: &'static str,
    columns: &'static str,
    json: fn(&Row<'_>) -> rusqlite::Result<String>,
}

const SOURCES: [Source; 3] = [
    Source { table: "record", key: "seq", ready: "state = 0", columns: "body", json: |row| row.get(3) },
    Source {
        table: "dropped",
        key: "entry",
        ready: "state = 0",
        columns: "what, cause, rows, first_seq, last_seq",
        json: wire::dropped,
    },
    Source {
        table: "track",
        key: "chunk",
        ready: "state = 0 AND sealed = 1",
        columns: "trip_id, number, first_ns, last_ns, points, body",
        json: wire::track,
    },
];

impl Db<'_> {
    /// The most urgent unsent things, leased ones excluded: by class, then oldest first (positions newest first). Ends
    /// before `max_bytes` of JSON are passed, but has at least one if there is any.
    pub fn unsent(&self, max: usize, max_bytes: usize) -> Result<Vec<Unsent>> {
        let mut found = Vec::new();
        let mut bytes = 0usize;
        for class in Class::ALL {
            for source in &SOURCES {
                let order = if class == Class::Position { "DESC" } else { "ASC" };
                let sql = format!(
                    "SELECT id, rev, class, {} FROM {} WHERE {} AND class = ?1 AND batch_id IS NULL ORDER BY {} {order}
                     LIMIT ?2",
                    source.columns, source.table, source.ready, source.key
                );
                let mut statement = self.0.prepare_cached(&sql)?;
                let mut rows = statement.query(params![class.number(), max.saturating_sub(found.len()) as i64])?;
                while let Some(row) = rows.next()? {
                    let item = unsent(row, source.json)?;
                    bytes = bytes.saturating_add(item.json.len());
                    if bytes > max_bytes && !found.is_empty() {
                        return Ok(found);
                    }
                    found.push(item);
                }
            }
        }
        Ok(found)
    }

    /// What waits and what is stuck.
    pub fn outbox_counts(&self) -> Result<OutboxCounts> {
        let mut counts = OutboxCounts::default();
        for source in &SOURCES {
            let count = |condition: &str| -> Result<u64> {
                let sql = format!("SELECT count(*) FROM {} WHERE {condition}", source.table);
                Ok(self.0.query_row(&sql, [], |row| row.get::<_, i64>(0))? as u64)
            };
            counts.unsent += count(source.ready)?;
            counts.parked += count("state = 3")?;
        }
        Ok(counts)
    }

    /// All batches on their way or to be sent again, oldest first.
    pub fn leases(&self) -> Result<Vec<Lease>> {
        let sql = "SELECT batch_id, created_ms, transport, in_flight FROM lease ORDER BY created_ms, batch_id";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let carrier = if row.get::<_, String>(2)? == "host" { Carrier::Host } else { Carrier::BuiltIn };
            Ok(Lease {
                batch_id: Uuid::from_bytes(row.get(0)?),
                created_ms: row.get(1)?,
                carrier,
                in_flight: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The contents of a batch, in the order in which `unsent` gave them.
    pub fn leased(&self, batch_id: Uuid) -> Result<Vec<Unsent>> {
        let mut found = Vec::new();
        for source in &SOURCES {
            let sql = format!(
                "SELECT id, rev, class, {} FROM {} WHERE batch_id = ?1 ORDER BY {}",
                source.columns, source.table, source.key
            );
            let mut statement = self.0.prepare_cached(&sql)?;
            let mut rows = statement.query([batch_id.as_bytes()])?;
            while let Some(row) = rows.next()? {
                found.push(unsent(row, source.json)?);
            }
        }
        // Stable: within a class the sources' own order stays.
        found.sort_by_key(|item| item.class);
        let positions = found.iter().take_while(|item| item.class == Class::Position).count();
        if let Some(newest_first) = found.get_mut(..positions) {
            newest_first.reverse();
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// Reserves unsent things for a batch, before it is sent: nothing else will take them until it is settled.
    pub fn lease(&self, batch_id: Uuid, keys: &[(Uuid, u32)], carrier: Carrier, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO lease (batch_id, created_ms, transport, in_flight) VALUES (?1, ?2, ?3, 1)
                   ON CONFLICT (batch_id) DO UPDATE SET transport = excluded.transport, in_flight = 1";
        self.sql().prepare_cached(sql)?.execute(params![batch_id.as_bytes(), now_ms, carrier.name()])?;
        for (id, rev) in keys {
            self.each_source(
                "SET batch_id = ?3 WHERE id = ?1 AND rev = ?2 AND state = 0",
                &[id.as_bytes(), rev, batch_id.as_bytes()],
            )?;
        }
        Ok(())
    }

    /// Enters an answer, or that there was none.
    pub fn settle(&self, batch_id: Uuid, settlement: &Settlement) -> Result<()> {
        for (id, rev) in &settlement.acknowledged {
            self.each_source(
                "SET state = ?3, batch_id = NULL, reason = NULL WHERE id = ?1 AND rev = ?2",
                &[id.as_bytes(), rev, &ACKNOWLEDGED],
            )?;
        }
        for (id, rev, reason) in &settlement.parked {
            self.each_source(
                "SET state = ?3, batch_id = NULL, reason = ?4 WHERE id = ?1 AND rev = ?2 AND state = 0",
                &[id.as_bytes(), rev, &PARKED, reason],
            )?;
        }
        if settlement.keep_lease {
            let sql = "UPDATE lease SET in_flight = 0 WHERE batch_id = ?1";
            self.sql().prepare_cached(sql)?.execute([batch_id.as_bytes()])?;
            return Ok(());
        }
        self.supersede("state = 0 AND batch_id = ?1", &[batch_id.as_bytes()])?;
        self.each_source("SET batch_id = NULL WHERE batch_id = ?1", &[batch_id.as_bytes()])?;
        self.sql().prepare_cached("DELETE FROM lease WHERE batch_id = ?1")?.execute([batch_id.as_bytes()])?;
        Ok(())
    }

    /// At start: what Milepost's own HTTP was carrying died with the process and is to be sent again, as is what the
    /// host carried and does not list as still on its way.
    pub fn reconcile(&self, still_in_flight: &[Uuid]) -> Result<()> {
        for lease in self.leases()? {
            if lease.carrier == Carrier::BuiltIn || !still_in_flight.contains(&lease.batch_id) {
                let sql = "UPDATE lease SET in_flight = 0 WHERE batch_id = ?1";
                self.sql().prepare_cached(sql)?.execute([lease.batch_id.as_bytes()])?;
            }
        }
        Ok(())
    }

    /// Gives parked things another chance, after an update of the app or of the server. Returns how many.
    pub fn unpark(&self) -> Result<usize> {
        // Of parked ones alone: what is on its way stays leased until its answer is there.
        self.supersede("state = 3", &[])?;
        self.each_source("SET state = 0, reason = NULL WHERE state = 3", &[])
    }

    /// Revisions that a later one has overtaken need not be sent.
    fn supersede(&self, which: &str, values: &[&dyn ToSql]) -> Result<()> {
        let sql = format!(
            "UPDATE record AS r SET state = {SUPERSEDED}, batch_id = NULL, reason = NULL WHERE {which}
             AND EXISTS (SELECT 1 FROM record WHERE id = r.id AND rev > r.rev)"
        );
        self.sql().prepare_cached(&sql)?.execute(values)?;
        Ok(())
    }

    fn each_source(&self, change: &str, values: &[&dyn ToSql]) -> Result<usize> {
        let mut changed = 0;
        for source in &SOURCES {
            let sql = format!("UPDATE {} {change}", source.table);
            changed += self.sql().prepare_cached(&sql)?.execute(values)?;
        }
        Ok(changed)
    }
}

fn unsent(row: &Row<'_>, json: fn(&Row<'_>) -> rusqlite::Result<String>) -> Result<Unsent> {
    Ok(Unsent {
        id: Uuid::from_bytes(row.get(0)?),
        rev: row.get(1)?,
        class: Class::from_number(row.get(2)?),
        json: json(row)?,
    })
}
