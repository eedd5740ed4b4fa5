-- compatible: 2
-- See the SQLite schema with the same number. What became of the follow-ups is counted beside everybody else here,
-- so nobody waits for it.

CREATE INDEX follow_up_lost ON follow_up (due_at) WHERE state IN ('expired', 'refused');

DROP INDEX episode_plan;
