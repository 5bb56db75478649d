-- Milepost's diagnostics, in a file of their own. Never migrated: a file of another version is begun anew.

CREATE TABLE entry (
  -- What went wrong inside, without positions and without names of persons. The newest 1 000 are kept.
  number INTEGER PRIMARY KEY,        -- the order; rises
  at_ms INTEGER NOT NULL,            -- epoch milliseconds of the last time
  kind TEXT NOT NULL,                -- such as storage, engine, upload
  detail TEXT NOT NULL,              -- one line
  times INTEGER NOT NULL             -- how often in a row
) STRICT;
