-- The first shape. Times are integer milliseconds since 1970 in UTC; ids are opaque text.
-- CHECK constraints make impossible states impossible, whoever writes.

CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

-- Somebody who agreed to be remembered. No row before consent.
CREATE TABLE person (
  id              INTEGER PRIMARY KEY,
  consent_version TEXT    NOT NULL,
  consent_at      INTEGER NOT NULL,
  locale          TEXT    NOT NULL,
  zone            TEXT,
  quiet_start     INTEGER CHECK (quiet_start BETWEEN 0 AND 1439), -- minutes after local midnight
  quiet_end       INTEGER CHECK (quiet_end BETWEEN 0 AND 1439),
  country         TEXT,
  paused          INTEGER NOT NULL CHECK (paused IN (0, 1)),
  CHECK ((quiet_start IS NULL) = (quiet_end IS NULL))
) STRICT;

CREATE TABLE episode (
  id             TEXT    PRIMARY KEY,
  person_id      INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  onset          INTEGER NOT NULL,
  started_at     INTEGER NOT NULL,
  state          TEXT    NOT NULL CHECK (state IN ('open', 'closed')),
  outcome        TEXT    CHECK (outcome IN ('gone', 'better', 'same', 'worse', 'emergency')),
  closed_at      INTEGER,
  closed_because TEXT,
  version        INTEGER NOT NULL CHECK (version > 0),
  CHECK ((state = 'closed') = (closed_at IS NOT NULL))
) STRICT;
CREATE INDEX episode_person ON episode (person_id, onset);
CREATE UNIQUE INDEX episode_one_open ON episode (person_id) WHERE state = 'open';

-- One planned contact. `ready_at` is the instant from which the courier may claim it: `send_at`, or the end
-- of a lease or of a pause between attempts; NULL while nothing may be sent (not planned, held, or the
-- person is paused). It is the only column that the courier searches, so a claim costs what is due.
CREATE TABLE follow_up (
  id           TEXT    PRIMARY KEY,
  episode_id   TEXT    NOT NULL REFERENCES episode (id) ON DELETE CASCADE,
  person_id    INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  step         TEXT    NOT NULL,
  due_at       INTEGER NOT NULL,
  send_at      INTEGER NOT NULL CHECK (send_at >= due_at), -- moved later only
  reminder     INTEGER NOT NULL CHECK (reminder IN (0, 1)),
  state        TEXT    NOT NULL CHECK (state IN ('planned', 'sent', 'answered', 'cancelled', 'expired',
                                                 'unconfirmed', 'unreachable', 'refused')),
  ambiguous    INTEGER NOT NULL CHECK (ambiguous BETWEEN 0 AND 2), -- at most two copies
  sent_at      INTEGER,
  message_id   INTEGER,
  held         INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
  ready_at     INTEGER CHECK (ready_at IS NULL OR state = 'planned'),
  owner        TEXT    CHECK (owner IS NULL OR state = 'planned'),
  leased_until INTEGER,
  fence        INTEGER NOT NULL DEFAULT 0,
  CHECK ((owner IS NULL) = (leased_until IS NULL)),
  CHECK (state <> 'sent' OR sent_at IS NOT NULL)
) STRICT;
CREATE INDEX follow_up_ready ON follow_up (ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX follow_up_episode ON follow_up (episode_id, due_at);
CREATE INDEX follow_up_person ON follow_up (person_id);
CREATE INDEX follow_up_held ON follow_up (held) WHERE held = 1;

CREATE TABLE entry (
  id         TEXT    PRIMARY KEY,
  episode_id TEXT    NOT NULL REFERENCES episode (id) ON DELETE CASCADE,
  person_id  INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  at         INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  value      TEXT    NOT NULL,
  step       TEXT
) STRICT;
CREATE INDEX entry_episode ON entry (episode_id, at);
CREATE INDEX entry_person ON entry (person_id);

-- Update ids that were processed, kept 48 hours; no person is named.
CREATE TABLE seen_update (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
CREATE INDEX seen_update_at ON seen_update (at);

-- Updates that could not be processed: what kind, which error, never what was said.
CREATE TABLE quarantined_update (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, error TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

-- What happened how often on a day: no person, no words.
CREATE TABLE tally (
  day     TEXT    NOT NULL, -- 2026-11-23, UTC
  kind    TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  times   INTEGER NOT NULL CHECK (times > 0),
  PRIMARY KEY (kind, subject, day)
) STRICT, WITHOUT ROWID;

-- Who was erased, as a salted hash, so that a restored backup erases them again.
CREATE TABLE erasure (person_hash BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX erasure_person ON erasure (person_hash);

INSERT INTO meta (key, value) VALUES ('salt', hex(randomblob(32)));
