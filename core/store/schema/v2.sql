-- Schema 2: where a trip began and ended stands in its projection, so that a search by place reads no record.
-- Applied to a file of schema 1. Migrations never change this file: it is the fixture from which they are tested.

DROP INDEX trip_page;
DROP INDEX trip_time;
ALTER TABLE trip RENAME TO trip_1;

CREATE TABLE trip (
  -- Projection of `record` for queries; rebuilt from it at any time. The highest revision of each trip.
  id BLOB PRIMARY KEY,
  seq INTEGER NOT NULL,              -- of the highest revision
  first_seq INTEGER NOT NULL,        -- of the first revision: the order of pages
  status TEXT NOT NULL,
  start_ms INTEGER,                  -- epoch milliseconds, where the wall clock is known
  end_ms INTEGER,
  start_lat REAL,                    -- degrees; null where it is not known, or lies in a privacy zone
  start_lon REAL,
  end_lat REAL,
  end_lon REAL,
  driver_id TEXT,
  vehicle_id TEXT
) STRICT, WITHOUT ROWID;

INSERT INTO trip
SELECT t.id, t.seq, t.first_seq, t.status, t.start_ms, t.end_ms,
  CAST(r.body ->> '$.start[1]' AS REAL), CAST(r.body ->> '$.start[0]' AS REAL),
  CAST(r.body ->> '$.end[1]' AS REAL), CAST(r.body ->> '$.end[0]' AS REAL),
  t.driver_id, t.vehicle_id
-- A text that is no JSON must not keep the file from opening for ever.
FROM trip_1 AS t LEFT JOIN record AS r ON r.seq = t.seq AND json_valid(r.body);

DROP TABLE trip_1;
CREATE UNIQUE INDEX trip_page ON trip (first_seq);
CREATE INDEX trip_time ON trip (start_ms);
