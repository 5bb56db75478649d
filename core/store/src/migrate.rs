//! Brings a file from any shipped schema to the newest, one transaction a step. `PRAGMA user_version` says where it is.

use rusqlite::Connection;

use crate::error::{Result, StoreError};

/// Step n brings a file from schema n to n + 1. A shipped step is never edited.
const STEPS: [&str; 2] = [include_str!("../schema/v1.sql"), include_str!("../schema/v2.sql")];

/// The newest schema.
pub const SCHEMA: i64 = STEPS.len() as i64;

pub(crate) fn version(db: &Connection) -> Result<i64> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// A no-op on a file that is up to date; a file from the future is left alone.
pub(crate) fn migrate(db: &mut Connection) -> Result<()> {
    let found = version(db)?;
    if found == SCHEMA {
        return Ok(());
    }
    let Ok(done) = usize::try_from(found) else {
        return Err(StoreError::Corrupt(format!("schema version {found}")));
    };
    if done > STEPS.len() {
        return Err(StoreError::TooNew { found, known: SCHEMA });
    }
    for (step, sql) in STEPS.iter().enumerate().skip(done) {
        let tx = db.transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", step as i64 + 1)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_from_the_future_is_left_alone() {
        let mut db = Connection::open_in_memory().unwrap();
        db.pragma_update(None, "user_version", SCHEMA + 1).unwrap();
        assert!(matches!(migrate(&mut db), Err(StoreError::TooNew { .. })));
        assert_eq!(version(&db).unwrap(), SCHEMA + 1);
    }
}
