-- A service message: one text of the operator to everybody who has an open episode. It names nobody. Each copy of
-- it is a row of follow_up with its number, and delivered by the same rules as a check-in.
CREATE TABLE service_message (
  number     INTEGER PRIMARY KEY,
  words      TEXT    NOT NULL, -- Telegram HTML, as the admin saw it
  started_at INTEGER NOT NULL,
  stopped    INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
  ended_at   INTEGER
) STRICT;
ALTER TABLE follow_up ADD COLUMN service INTEGER REFERENCES service_message (number);
CREATE INDEX follow_up_service ON follow_up (service, state) WHERE service IS NOT NULL;

-- Under which plan an episode runs: the plan's version and a mark of its content. Empty: from before this was kept.
ALTER TABLE episode ADD COLUMN plan TEXT NOT NULL DEFAULT '';
CREATE INDEX episode_plan ON episode (plan) WHERE state = 'open';
