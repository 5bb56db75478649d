//! The façade: one writer, one shared reader, transactions with a stated durability, suspend and resume. What is read
//! and written is in the other modules, as methods of [`Db`] and [`Tx`].

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::class::Durability;
use crate::error::{Result, StoreError};
use crate::open::{self, Location, Loss, Options};

/// The store of a device. Owned by one thread; [`Store::reader`] gives the others what they need.
#[derive(Debug)]
pub struct Store {
    location: Location,
    options: Options,
    writer: Option<Connection>,
    reader: Reader,
    loss: Option<Loss>,
}

impl Store {
    /// Opens, creates, migrates; quarantines a corrupt file and starts a new one, see [`Store::loss`].
    ///
    /// Fails with [`StoreError::TooNew`] for a file of newer code, [`StoreError::ReadOnly`], [`StoreError::Full`] or
    /// [`StoreError::Io`] where the place is no good; in all these cases the file stays as it is.
    pub fn open(location: Location, options: Options) -> Result<Self> {
        let location = location.named();
        let (writer, loss) = open::writer(&location, &options)?;
        let reader = Reader(Arc::new(Mutex::new(Slot {
            location: location.clone(),
            options: options.clone(),
            connection: None,
            suspended: false,
        })));
        let mut store = Self { location, options, writer: Some(writer), reader, loss };
        match store.open_books(store.loss.is_some()) {
            Ok(()) => {}
            // The check of every page was spared, and the first page read was bad.
            Err(StoreError::Corrupt(_)) => store.reopen()?,
            Err(error) => return Err(error),
        }
        Ok(store)
    }

    /// After [`StoreError::Corrupt`] in the middle of work: closes, checks every page, and quarantines if one is bad.
    pub fn reopen(&mut self) -> Result<()> {
        self.reader.close(true);
        self.writer = None;
        let thorough = Options { always_check_bytes: u64::MAX, ..self.options.clone() };
        let (writer, loss) = open::writer(&self.location, &thorough)?;
        self.writer = Some(writer);
        self.reader.close(false);
        let lost = loss.is_some();
        self.loss = loss.or(self.loss.take());
        self.open_books(lost)
    }

    /// What a corrupt file cost at this opening; `None` is the rule. It is in the ledger for the server already.
    pub fn loss(&self) -> Option<&Loss> {
        self.loss.as_ref()
    }

    /// One transaction: all of it or, when `f` fails, nothing. What is in it survives what `durability` says.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        durability: Durability,
        f: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let writer = self.writer.as_mut().ok_or(StoreError::Suspended)?;
        writer.execute_batch(durability.pragma()).map_err(StoreError::from)?;
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let answer = f(&Tx::new(&tx))?;
        tx.commit().map_err(StoreError::from)?;
        Ok(answer)
    }

    /// Reads over the writer's connection: what the thread has just written is seen.
    pub fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&Db<'_>) -> Result<T, E>) -> Result<T, E> {
        let writer = self.writer.as_ref().ok_or(StoreError::Suspended)?;
        f(&Db(writer))
    }

    /// For other threads: a connection that never blocks the writer, nor is blocked by it (WAL).
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// Writes everything into the main file and lets go of every lock and file handle. iOS kills an app that is
    /// suspended while it holds one (0xdead10cc), so they go also when the log cannot be moved: it stays beside the file.
    pub fn suspend(&mut self) -> Result<()> {
        self.reader.close(true);
        let Some(writer) = &self.writer else { return Ok(()) };
        // A database in memory is gone with its last connection: it holds no lock that an OS would mind.
        if matches!(self.location, Location::Memory(_)) {
            return Ok(());
        }
        let moved = checkpoint(writer);
        if let Some(writer) = self.writer.take() {
            writer.close().map_err(|(_, error)| StoreError::from(error))?;
        }
        moved
    }

    /// Takes back what [`Store::suspend`] let go; a no-op otherwise.
    pub fn resume(&mut self) -> Result<()> {
        if self.writer.is_none() {
            let (writer, loss) = open::writer(&self.location, &self.options)?;
            self.writer = Some(writer);
            if loss.is_some() {
                self.loss = loss;
                self.open_books(true)?;
            }
        }
        self.reader.close(false);
        Ok(())
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// Rewrites the file without what was deleted, and empties the log.
    pub(crate) fn compact(&mut self) -> Result<()> {
        let writer = self.writer.as_ref().ok_or(StoreError::Suspended)?;
        // A reader in the middle of something would keep the log alive.
        self.reader.close(true);
        let done = writer.execute_batch("PRAGMA temp_store = MEMORY; VACUUM").map_err(StoreError::from);
        let done = done.and_then(|()| checkpoint(writer));
        self.reader.close(false);
        done
    }

    /// Reads every page and says what is wrong with the file, if anything: slow on a big one, so for idle times.
    pub fn check(&self) -> Result<Vec<String>> {
        let writer = self.writer.as_ref().ok_or(StoreError::Suspended)?;
        open::complaints(writer)
    }
}

impl Store {
    /// A new file gets its seed, and a loss its line in the ledger.
    fn open_books(&mut self, lost: bool) -> Result<()> {
        let seed = self.options.seed;
        if !lost && self.read(|db| db.has_books())? {
            return Ok(());
        }
        self.write(Durability::Power, |tx| {
            tx.open_books(seed)?;
            if lost { tx.enter_loss() } else { Ok(()) }
        })
    }
}

fn checkpoint(db: &Connection) -> Result<()> {
    // The answer is a row (busy, pages, moved); a reader in the middle of something only leaves more in the log.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Reads from any thread. Cheap to clone; all clones share one connection, opened when first used.
#[derive(Clone, Debug)]
pub struct Reader(Arc<Mutex<Slot>>);

#[derive(Debug)]
struct Slot {
    location: Location,
    options: Options,
    connection: Option<Connection>,
    suspended: bool,
}

impl Reader {
    /// A consistent view for the length of `f`.
    pub fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&Db<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut slot = self.slot();
        if slot.suspended {
            return Err(StoreError::Suspended.into());
        }
        if slot.connection.is_none() {
            slot.connection = Some(open::reader(&slot.location, &slot.options)?);
        }
        let connection = slot.connection.as_mut().ok_or(StoreError::Suspended)?;
        let tx = connection.transaction().map_err(StoreError::from)?;
        f(&Db(&tx))
    }

    fn close(&self, suspended: bool) {
        let mut slot = self.slot();
        slot.suspended = suspended;
        slot.connection = None;
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // A panic while reading leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What can be read: a connection.
#[derive(Debug)]
pub struct Db<'a>(pub(crate) &'a Connection);

/// What can be written: a transaction. Reads see what it has written so far.
#[derive(Debug)]
pub struct Tx<'a>(Db<'a>, &'a Transaction<'a>);

impl<'a> Tx<'a> {
    pub(crate) fn new(tx: &'a Transaction<'a>) -> Self {
        Self(Db(tx), tx)
    }

    pub(crate) fn sql(&self) -> &'a Transaction<'a> {
        self.1
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Db<'a>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
