//! Saves what can still be read of a corrupt file. From both ends of each table up to the bad page, because what lies
//! beyond it can be read as well; what was read is checked again on the way in.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Transaction, params_from_iter};

use crate::error::Result;
use crate::migrate::{SCHEMA, version};
use crate::store::Tx;

/// Tables that hold what cannot be rebuilt, in the order of their keys, with columns that every schema so far has.
/// Leases are gone: their records are unsent again.
const TABLES: [(&str, &str, &str); 4] = [
    (
        "record",
        "seq",
        "seq, id, rev, schema, trip_id, t_ns, occurred_at, driver_id, vehicle_id, body, class, state, reason",
    ),
    (
        "track",
        "chunk",
        "chunk, id, rev, trip_id, number, first_ns, last_ns, points, sealed, body, class, state, reason",
    ),
    ("dropped", "entry", "entry, id, rev, what, cause, rows, first_seq, last_seq, class, state, reason"),
    ("meta", "key", "key, value"),
];

/// Copies what can be read into a new file, and returns how many records that were.
pub(crate) fn salvage(corrupt: &Path, new: &mut Connection) -> Result<u64> {
    let tx = new.transaction()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(old) = Connection::open_with_flags(corrupt, flags) else { return Ok(0) };
    if !version(&old).is_ok_and(|found| (1..=SCHEMA).contains(&found)) {
        return Ok(0);
    }
    for (table, key, columns) in TABLES {
        // What cannot be read ends the copy from that side: that is what this is about.
        for direction in ["ASC", "DESC"] {
            let sql = format!("SELECT {columns} FROM {table} ORDER BY {key} {direction}");
            if copy(&old, &tx, table, columns, &sql).is_ok() {
                break;
            }
        }
    }
    // A bad page can read as nonsense.
    tx.execute("DELETE FROM record WHERE NOT json_valid(body)", [])?;
    tx.execute(
        "INSERT INTO meta SELECT 'last_seq', max(seq) FROM record HAVING max(seq) IS NOT NULL
         ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)",
        [],
    )?;
    Tx::new(&tx).rebuild()?;
    let records = tx.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, i64>(0))? as u64;
    tx.commit()?;
    Ok(records)
}

fn copy(old: &Connection, tx: &Transaction<'_>, table: &str, columns: &str, select: &str) -> Result<()> {
    let width = columns.split(',').count();
    let marks = vec!["?"; width].join(", ");
    let mut insert = tx.prepare(&format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"))?;
    let mut select = old.prepare(select)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let values = (0..width).map(|n| row.get::<_, Value>(n)).collect::<rusqlite::Result<Vec<_>>>()?;
        // A row that breaks a constraint is nonsense of the bad page; the next may be good.
        let _ = insert.execute(params_from_iter(values));
    }
    Ok(())
}
