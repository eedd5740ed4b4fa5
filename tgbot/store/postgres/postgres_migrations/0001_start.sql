-- compatible: 1
-- The shape of the SQLite schema with the same number: see there what each column means.

CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);

-- Somebody who agreed to be remembered. No row before consent.
CREATE TABLE person (
  id              bigint   PRIMARY KEY,
  consent_version text     NOT NULL,
  consent_at      bigint   NOT NULL,
  locale          text     NOT NULL,
  zone            text,
  quiet_start     smallint CHECK (quiet_start BETWEEN 0 AND 1439), -- minutes after local midnight
  quiet_end       smallint CHECK (quiet_end BETWEEN 0 AND 1439),
  country         text,
  paused          smallint NOT NULL CHECK (paused IN (0, 1)),
  CHECK ((quiet_start IS NULL) = (quiet_end IS NULL))
);

CREATE TABLE episode (
  id             text    PRIMARY KEY,
  person_id      bigint  NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  onset          bigint  NOT NULL,
  started_at     bigint  NOT NULL,
  state          text    NOT NULL CHECK (state IN ('open', 'closed')),
  outcome        text    CHECK (outcome IN ('gone', 'better', 'same', 'worse', 'emergency')),
  closed_at      bigint,
  closed_because text,
  version        integer NOT NULL CHECK (version > 0),
  CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX episode_person ON episode (person_id, onset);
CREATE UNIQUE INDEX episode_one_open ON episode (person_id) WHERE state = 'open';

CREATE TABLE follow_up (
  id           text     PRIMARY KEY,
  episode_id   text     NOT NULL REFERENCES episode (id) ON DELETE CASCADE,
  person_id    bigint   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  step         text     NOT NULL,
  due_at       bigint   NOT NULL,
  send_at      bigint   NOT NULL CHECK (send_at >= due_at), -- moved later only
  reminder     smallint NOT NULL CHECK (reminder IN (0, 1)),
  state        text     NOT NULL CHECK (state IN ('planned', 'sent', 'answered', 'cancelled', 'expired',
                                                  'unconfirmed', 'unreachable', 'refused')),
  ambiguous    smallint NOT NULL CHECK (ambiguous BETWEEN 0 AND 2), -- at most two copies
  sent_at      bigint,
  message_id   bigint,
  held         smallint NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
  ready_at     bigint   CHECK (ready_at IS NULL OR state = 'planned'),
  owner        text     CHECK (owner IS NULL OR state = 'planned'),
  leased_until bigint,
  fence        integer  NOT NULL DEFAULT 0,
  CHECK ((owner IS NULL) = (leased_until IS NULL)),
  CHECK (state <> 'sent' OR sent_at IS NOT NULL)
) WITH (autovacuum_vacuum_scale_factor = 0.02); -- each delivery leaves three dead rows
CREATE INDEX follow_up_ready ON follow_up (ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX follow_up_leased ON follow_up (person_id) WHERE owner IS NOT NULL;
CREATE INDEX follow_up_episode ON follow_up (episode_id, due_at);
CREATE INDEX follow_up_person ON follow_up (person_id);
CREATE INDEX follow_up_held ON follow_up (held) WHERE held = 1;

CREATE TABLE entry (
  id         text   PRIMARY KEY,
  episode_id text   NOT NULL REFERENCES episode (id) ON DELETE CASCADE,
  person_id  bigint NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  at         bigint NOT NULL,
  kind       text   NOT NULL,
  value      text   NOT NULL,
  step       text
);
CREATE INDEX entry_episode ON entry (episode_id, at);
CREATE INDEX entry_person ON entry (person_id);

-- Update ids that were processed, kept 48 hours; no person is named.
CREATE TABLE seen_update (id bigint PRIMARY KEY, at bigint NOT NULL);
CREATE INDEX seen_update_at ON seen_update (at);

-- Updates that could not be processed: what kind, which error, never what was said.
CREATE TABLE quarantined_update (id bigint PRIMARY KEY, kind text NOT NULL, error text NOT NULL, at bigint NOT NULL);

-- What happened how often on a day: no person, no words.
CREATE TABLE tally (
  day     text    NOT NULL, -- 2026-11-23, UTC
  kind    text    NOT NULL,
  subject text    NOT NULL,
  times   integer NOT NULL CHECK (times > 0),
  PRIMARY KEY (kind, subject, day)
);

-- Who was erased, as a salted hash, so that a restored backup erases them again.
CREATE TABLE erasure (person_hash bytea NOT NULL, at bigint NOT NULL);
CREATE INDEX erasure_person ON erasure (person_hash);

-- How many messages a second each replica may send, and until when.
CREATE TABLE sending_pace (
  owner   text             PRIMARY KEY,
  wanted  double precision NOT NULL,
  granted double precision NOT NULL CHECK (granted >= 0),
  until   timestamptz      NOT NULL
) WITH (fillfactor = 10); -- updated every second, so its page has room for it

INSERT INTO meta (key, value)
VALUES ('salt', upper(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')));
