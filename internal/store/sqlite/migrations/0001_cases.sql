CREATE TABLE cases (
  id      TEXT PRIMARY KEY,
  created INTEGER NOT NULL, -- microseconds since 1970
  updated INTEGER NOT NULL,
  run     INTEGER NOT NULL DEFAULT 0, -- the messages of this run are shown
  next    INTEGER NOT NULL DEFAULT 1, -- number of the next run
  state   TEXT NOT NULL,
  name    TEXT NOT NULL,
  example INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  doc     BLOB NOT NULL -- the whole case as JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX cases_created ON cases (created);

-- One row a message and run, so that a new judgement replaces the old one at
-- once, when it is complete.
CREATE TABLE messages (
  case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  run     INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  doc     BLOB NOT NULL, -- JSON
  excerpt TEXT NOT NULL,
  UNIQUE (case_id, run, n)
) STRICT;

CREATE INDEX messages_verdict ON messages (case_id, run, verdict, n);

-- Messages as received, deflated; the same for every run.
CREATE TABLE raws (
  case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  n       INTEGER NOT NULL,
  file    TEXT NOT NULL,
  size    INTEGER NOT NULL,
  data    BLOB NOT NULL,
  UNIQUE (case_id, n)
) STRICT;
