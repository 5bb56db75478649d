-- Milepost's store, version 1. The comments live inside the tables, so that `.schema` of any phone's file shows them.
-- Migrations never change this file: it is the fixture from which they are tested.

CREATE TABLE record (
  -- What the engine said, one row a revision. The truth and the outbox at once; every other table can be lost but
  -- `track` and `meta`.
  seq INTEGER PRIMARY KEY,           -- the engine's own order of everything; only ever rises
  id BLOB NOT NULL CHECK (length(id) = 16), -- UUIDv7, the same through all revisions
  rev INTEGER NOT NULL CHECK (rev >= 1),
  schema TEXT NOT NULL,              -- such as milepost.trip/1
  trip_id BLOB,                      -- the trip that it belongs to; a trip's own id
  t_ns INTEGER NOT NULL,             -- when it became true, on the phone's own axis
  occurred_at INTEGER,               -- the same in epoch milliseconds, where known
  driver_id TEXT,
  vehicle_id TEXT,
  body TEXT NOT NULL,                -- the whole record as canonical JSON, sent as it is
  class INTEGER NOT NULL,            -- of delivery, the most urgent first: see Class in class.rs
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3), -- 0 unsent, 1 acknowledged, 2 superseded, 3 parked
  batch_id BLOB,                     -- the lease that holds it, if any
  reason TEXT,                       -- why it is parked
  UNIQUE (id, rev)
) STRICT;
CREATE INDEX record_unsent ON record (class, seq) WHERE state = 0;
CREATE INDEX record_leased ON record (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX record_trip ON record (trip_id, seq) WHERE trip_id IS NOT NULL;

CREATE TABLE track (
  -- The smoothed points of a trip in chunks; the last chunk of a trip grows until it is sealed, only sealed ones are sent.
  chunk INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16), -- UUIDv7 made of the trip's id and the chunk's number
  rev INTEGER NOT NULL DEFAULT 1,
  trip_id BLOB NOT NULL CHECK (length(trip_id) = 16),
  number INTEGER NOT NULL,           -- 0, 1, 2 … within the trip
  first_ns INTEGER NOT NULL,         -- time of the first point
  last_ns INTEGER NOT NULL,          -- time of the last point
  points INTEGER NOT NULL,
  sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1)),
  body BLOB NOT NULL,                -- milepost_engine::track; once sealed in a zstd frame
  class INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  batch_id BLOB,
  reason TEXT,
  UNIQUE (trip_id, number)
) STRICT;
CREATE INDEX track_unsent ON track (chunk) WHERE state = 0 AND sealed = 1;
CREATE INDEX track_leased ON track (batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE dropped (
  -- The ledger of what the server will never see: evicted for room, or lost with a corrupt file. Sent like a record.
  entry INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  rev INTEGER NOT NULL DEFAULT 1,
  what TEXT NOT NULL,                -- the schema of what was dropped, or * for unknown
  cause TEXT NOT NULL,               -- quota, corrupt
  rows INTEGER,                      -- how many; null is unknown
  first_seq INTEGER,
  last_seq INTEGER,
  class INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  batch_id BLOB,
  reason TEXT
) STRICT;

CREATE TABLE lease (
  -- A batch on its way. It survives the process, because a background transfer does.
  batch_id BLOB PRIMARY KEY CHECK (length(batch_id) = 16), -- UUIDv7, the Idempotency-Key
  created_ms INTEGER NOT NULL,
  transport TEXT NOT NULL,           -- host, built_in
  in_flight INTEGER NOT NULL CHECK (in_flight IN (0, 1)) -- 0: to be sent again as it is
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
  -- One row at most: the engine as it was when it had said everything up to after_seq.
  slot INTEGER PRIMARY KEY CHECK (slot = 1),
  version INTEGER NOT NULL,
  after_seq INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE meta (
  -- Small facts: device_id, last_seq (highest ever given), host_seq (highest the host has handled), upload state.
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE trip (
  -- Projection of `record` for queries; rebuilt from it at any time. The highest revision of each trip.
  id BLOB PRIMARY KEY,
  seq INTEGER NOT NULL,              -- of the highest revision
  first_seq INTEGER NOT NULL,        -- of the first revision: the order of pages
  status TEXT NOT NULL,
  start_ms INTEGER,                  -- epoch milliseconds, where the wall clock is known
  end_ms INTEGER,
  driver_id TEXT,
  vehicle_id TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX trip_page ON trip (first_seq);
CREATE INDEX trip_time ON trip (start_ms);

CREATE TABLE trip_tag (
  -- Projection: the tags of each trip.
  tag TEXT NOT NULL,
  trip_id BLOB NOT NULL,
  PRIMARY KEY (tag, trip_id)
) STRICT, WITHOUT ROWID;
