-- What PostgreSQL says in its own way. `clock.ahead` is how many milliseconds the database's clock is ahead of
-- this machine's (nothing where no machine's clock is given): the database's decides what is due, and what the
-- process's own clock was pushed by (the demo, tests) still counts.

-- lock_pace --
-- Differs because there are several: who renews its part waits for whoever does just now.
SELECT pg_advisory_xact_lock(1113678699, 2)

-- others_pace --
WITH gone AS (DELETE FROM sending_pace WHERE until < clock_timestamp() - interval '1 hour')
SELECT wanted, granted FROM sending_pace WHERE owner <> :owner AND until > clock_timestamp()

-- save_pace --
INSERT INTO sending_pace (owner, wanted, granted, until)
VALUES (:owner, :wanted, :granted, clock_timestamp() + make_interval(secs => :lasts))
ON CONFLICT (owner) DO UPDATE SET wanted = excluded.wanted, granted = excluded.granted, until = excluded.until

-- owe --
INSERT INTO owed_reply (update_id, chat_id, at, until)
SELECT CAST(value ->> 0 AS bigint), CAST(value ->> 1 AS bigint), :at, :until
FROM jsonb_array_elements(CAST(:replies AS jsonb))
ON CONFLICT (update_id) DO UPDATE SET until = excluded.until

-- strike_off --
DELETE FROM owed_reply
WHERE update_id IN (SELECT CAST(value AS bigint) FROM jsonb_array_elements_text(CAST(:update_ids AS jsonb)))

-- take_owed --
-- Differs because several replicas take over at once, each skipping what another has locked.
WITH chats AS MATERIALIZED (
  SELECT DISTINCT chat_id FROM owed_reply WHERE until <= :now ORDER BY chat_id LIMIT :limit
), picked AS MATERIALIZED (
  SELECT update_id FROM owed_reply WHERE until <= :now AND chat_id IN (SELECT chat_id FROM chats)
  FOR UPDATE SKIP LOCKED
)
UPDATE owed_reply SET until = :until FROM picked WHERE owed_reply.update_id = picked.update_id
RETURNING owed_reply.update_id, owed_reply.chat_id

-- claim_due --
-- Differs because several claim at once, each skipping what another has locked. MATERIALIZED, as a nested loop
-- would run a plain subquery with FOR UPDATE and LIMIT once a row, and claim everything. OFFSET 0, so that each
-- candidate's lease is looked up in its index: as a join it would be compared with everything that is leased.
WITH clock AS MATERIALIZED (
  SELECT coalesce(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - CAST(:machine AS bigint), 0)
    AS ahead
), due AS MATERIALIZED (
  SELECT id, person_id, ready_at FROM follow_up AS this
  WHERE ready_at <= CAST(:now AS bigint) + (SELECT ahead FROM clock)
    AND NOT EXISTS (SELECT 1 FROM follow_up AS other WHERE other.person_id = this.person_id
                    AND other.owner IS NOT NULL
                    AND other.leased_until > CAST(:now AS bigint) + (SELECT ahead FROM clock) OFFSET 0)
  ORDER BY ready_at LIMIT 2 * CAST(:limit AS bigint) FOR UPDATE SKIP LOCKED
), placed AS MATERIALIZED (
  SELECT id, ready_at, row_number() OVER (PARTITION BY person_id ORDER BY ready_at, id) AS place FROM due
), picked AS MATERIALIZED (
  SELECT id FROM placed WHERE place = 1 ORDER BY ready_at LIMIT CAST(:limit AS bigint)
)
UPDATE follow_up SET owner = :owner, fence = fence + 1,
  leased_until = CAST(:until AS bigint) + clock.ahead, ready_at = CAST(:until AS bigint) + clock.ahead
FROM picked, clock WHERE follow_up.id = picked.id
RETURNING follow_up.*

-- settle --
-- Differs because the database's clock decides when it is due again.
UPDATE follow_up SET state = :state, ambiguous = :ambiguous, sent_at = :sent_at, message_id = :message_id,
  owner = NULL, leased_until = NULL,
  ready_at = CASE WHEN :state = 'planned' AND held = 0
      AND NOT EXISTS (SELECT 1 FROM person WHERE id = follow_up.person_id AND paused = 1)
    THEN coalesce(CAST(:not_before AS bigint) + coalesce(
      floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - CAST(:machine AS bigint), 0), send_at) END
WHERE id = :id AND owner = :owner AND fence = :fence
RETURNING id

-- next_due --
-- Differs because the asking process waits by its own clock.
SELECT min(ready_at) - coalesce(
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - CAST(:machine AS bigint), 0) AS at
FROM follow_up WHERE ready_at IS NOT NULL
