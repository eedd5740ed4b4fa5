-- What became of the last weeks' follow-ups is counted every minute, and whom a lost one is to be asked about is
-- read every ten: without these both read the whole table while everybody waits. The first holds all that is
-- counted: looking each row up would cost more than reading the table.
CREATE INDEX follow_up_due ON follow_up (due_at, state, held, send_at, service);
CREATE INDEX follow_up_lost ON follow_up (due_at) WHERE state IN ('expired', 'refused');

-- Whose plan is another one is read by `episode_one_open`.
DROP INDEX episode_plan;
