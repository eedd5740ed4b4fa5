-- What SQLite says in its own way.

-- lock_pace --
-- Differs because there is one process, which has the whole rate.
SELECT 1

-- others_pace --
SELECT 0 AS wanted, 0 AS granted WHERE :owner IS NULL

-- save_pace --
SELECT 1

-- owe --
-- Differs because each engine reads a list in its own way; `replies` is one of [update id, chat id].
INSERT INTO owed_reply (update_id, chat_id, at, until)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), :at, :until FROM json_each(:replies) WHERE true
ON CONFLICT (update_id) DO UPDATE SET until = excluded.until

-- strike_off --
DELETE FROM owed_reply WHERE update_id IN (SELECT value FROM json_each(:update_ids))

-- take_owed --
UPDATE owed_reply SET until = :until WHERE until <= :now AND chat_id IN (
  SELECT DISTINCT chat_id FROM owed_reply WHERE until <= :now ORDER BY chat_id LIMIT :limit)
RETURNING update_id, chat_id

-- claim_due --
-- Differs because there is only one writer: PostgreSQL locks what it picks, and skips what is locked.
UPDATE follow_up SET owner = :owner, leased_until = :until, ready_at = :until, fence = fence + 1
WHERE id IN (
  SELECT id FROM (
    SELECT id, ready_at, row_number() OVER (PARTITION BY person_id ORDER BY ready_at, id) AS place FROM (
      SELECT id, person_id, ready_at FROM follow_up AS this WHERE ready_at <= :now
        AND NOT EXISTS (SELECT 1 FROM follow_up AS other
                        WHERE other.person_id = this.person_id AND other.leased_until > :now)
      ORDER BY ready_at LIMIT 2 * :limit))
  WHERE place = 1 ORDER BY ready_at LIMIT :limit)
RETURNING *
