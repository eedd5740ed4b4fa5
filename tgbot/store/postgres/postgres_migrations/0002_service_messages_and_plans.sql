-- compatible: 2
-- See the SQLite schema with the same number. An older bot would take a copy of a service message for a check-in.

CREATE TABLE service_message (
  number     bigint   PRIMARY KEY,
  words      text     NOT NULL,
  started_at bigint   NOT NULL,
  stopped    smallint NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
  ended_at   bigint
);
ALTER TABLE follow_up ADD COLUMN service bigint REFERENCES service_message (number);
CREATE INDEX follow_up_service ON follow_up (service, state) WHERE service IS NOT NULL;

ALTER TABLE episode ADD COLUMN plan text NOT NULL DEFAULT '';
CREATE INDEX episode_plan ON episode (plan) WHERE state = 'open';
