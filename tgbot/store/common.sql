-- Statements that are the same on every engine. Parameters are named; times are epoch milliseconds.

-- record_update --
INSERT INTO seen_update (id, at) VALUES (:id, :at) ON CONFLICT DO NOTHING RETURNING id

-- purge_updates --
DELETE FROM seen_update WHERE at < :before RETURNING id

-- drop_owed --
DELETE FROM owed_reply WHERE at < :before RETURNING update_id

-- owed_to --
SELECT update_id, chat_id FROM owed_reply WHERE chat_id = :chat_id ORDER BY update_id

-- forget_owed --
DELETE FROM owed_reply WHERE chat_id = :chat_id

-- purge_quarantined --
DELETE FROM quarantined_update WHERE at < :before

-- to_retire --
SELECT person_id AS id FROM episode WHERE closed_at < :before
  OR (state = 'open' AND started_at < :before
      AND NOT EXISTS (SELECT 1 FROM follow_up WHERE follow_up.episode_id = episode.id
                      AND follow_up.send_at >= :before)
      AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.episode_id = episode.id AND entry.at >= :before))
UNION SELECT id FROM person WHERE consent_at < :before
  AND NOT EXISTS (SELECT 1 FROM episode WHERE episode.person_id = person.id)
LIMIT :limit

-- retire_episodes --
-- What is planned for before that is no reason to stay: whoever blocked the bot is never sent it.
DELETE FROM episode WHERE person_id = :id AND (closed_at < :before
  OR (state = 'open' AND started_at < :before
      AND NOT EXISTS (SELECT 1 FROM follow_up WHERE follow_up.episode_id = episode.id
                      AND follow_up.send_at >= :before)
      AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.episode_id = episode.id AND entry.at >= :before)))
RETURNING id

-- retire_person --
DELETE FROM person WHERE id = :id AND consent_at < :before
  AND NOT EXISTS (SELECT 1 FROM episode WHERE episode.person_id = person.id)
RETURNING id

-- quarantine --
INSERT INTO quarantined_update (id, kind, error, at) VALUES (:id, :kind, :error, :at) ON CONFLICT DO NOTHING

-- count_quarantined --
SELECT count(*) AS n FROM quarantined_update WHERE at >= :since

-- person --
SELECT * FROM person WHERE id = :id

-- save_person --
INSERT INTO person (id, consent_version, consent_at, locale, zone, quiet_start, quiet_end, country, paused)
VALUES (:id, :consent_version, :consent_at, :locale, :zone, :quiet_start, :quiet_end, :country, :paused)
ON CONFLICT (id) DO UPDATE SET
  consent_version = excluded.consent_version, consent_at = excluded.consent_at, locale = excluded.locale,
  zone = excluded.zone, quiet_start = excluded.quiet_start, quiet_end = excluded.quiet_end,
  country = excluded.country, paused = excluded.paused

-- hold_or_ready --
-- Touches only follow-ups whose readiness changes, so that a pause between attempts survives.
UPDATE follow_up SET ready_at = CASE WHEN :paused = 1 OR held = 1 THEN NULL ELSE send_at END
WHERE person_id = :id AND state = 'planned' AND owner IS NULL
  AND (ready_at IS NULL) <> (:paused = 1 OR held = 1)

-- episode --
SELECT * FROM episode WHERE id = :id AND person_id = :person_id

-- episodes --
SELECT * FROM episode WHERE person_id = :person_id ORDER BY onset DESC, started_at DESC, id

-- open_episode --
SELECT * FROM episode WHERE person_id = :person_id AND state = 'open'

-- insert_episode --
INSERT INTO episode (id, person_id, onset, started_at, state, outcome, closed_at, closed_because, plan, version)
VALUES (:id, :person_id, :onset, :started_at, :state, :outcome, :closed_at, :closed_because, :plan, :version)
ON CONFLICT (id) DO NOTHING RETURNING id

-- update_episode --
UPDATE episode SET onset = :onset, started_at = :started_at, state = :state, outcome = :outcome,
  closed_at = :closed_at, closed_because = :closed_because, plan = :plan, version = :version
WHERE id = :id AND person_id = :person_id AND version = :version - 1
RETURNING id

-- follow_up --
SELECT * FROM follow_up WHERE id = :id AND person_id = :person_id

-- follow_ups --
SELECT * FROM follow_up WHERE episode_id = :episode_id AND person_id = :person_id ORDER BY due_at, send_at, id

-- save_follow_up --
INSERT INTO follow_up (id, episode_id, person_id, step, due_at, send_at, reminder, state, ambiguous, sent_at,
  message_id, service, ready_at)
VALUES (:id, :episode_id, :person_id, :step, :due_at, :send_at, :reminder, :state, :ambiguous, :sent_at,
  :message_id, :service,
  CASE WHEN :state = 'planned' AND NOT EXISTS (SELECT 1 FROM person WHERE id = :person_id AND paused = 1)
    THEN :send_at END)
ON CONFLICT (id) DO UPDATE SET
  step = excluded.step, due_at = excluded.due_at, send_at = excluded.send_at, reminder = excluded.reminder,
  state = excluded.state, ambiguous = excluded.ambiguous, sent_at = excluded.sent_at,
  message_id = excluded.message_id, owner = NULL, leased_until = NULL,
  ready_at = CASE WHEN follow_up.held = 0 THEN excluded.ready_at END
WHERE follow_up.person_id = excluded.person_id AND follow_up.episode_id = excluded.episode_id
RETURNING id

-- add_entry --
INSERT INTO entry (id, episode_id, person_id, at, kind, value, step)
VALUES (:id, :episode_id, :person_id, :at, :kind, :value, :step)

-- remove_entry --
DELETE FROM entry WHERE id = :id AND person_id = :person_id RETURNING id

-- entries --
SELECT * FROM entry WHERE episode_id = :episode_id AND person_id = :person_id ORDER BY at, id

-- entries_of_person --
SELECT * FROM entry WHERE person_id = :person_id ORDER BY at, id

-- everybody --
SELECT id FROM person ORDER BY id

-- reseal_person --
UPDATE person SET country = :country WHERE id = :id

-- reseal_episode --
UPDATE episode SET outcome = :outcome, closed_because = :closed_because
WHERE id = :id AND person_id = :person_id

-- reseal_entry --
UPDATE entry SET value = :value WHERE id = :id AND person_id = :person_id

-- count_of_person --
SELECT (SELECT count(*) FROM episode WHERE person_id = :id) AS episodes,
       (SELECT count(*) FROM follow_up WHERE person_id = :id) AS follow_ups,
       (SELECT count(*) FROM entry WHERE person_id = :id) AS entries

-- forget_person --
DELETE FROM person WHERE id = :id RETURNING id

-- log_erasure --
INSERT INTO erasure (person_hash, at) VALUES (:person_hash, :at)

-- leased --
SELECT person.* FROM follow_up JOIN person ON person.id = follow_up.person_id
WHERE follow_up.id = :id AND owner = :owner AND fence = :fence

-- attempt --
UPDATE follow_up SET ambiguous = ambiguous + 1 WHERE id = :id AND owner = :owner AND fence = :fence RETURNING id

-- settle --
UPDATE follow_up SET state = :state, ambiguous = :ambiguous, sent_at = :sent_at, message_id = :message_id,
  owner = NULL, leased_until = NULL,
  ready_at = CASE WHEN :state = 'planned' AND held = 0
      AND NOT EXISTS (SELECT 1 FROM person WHERE id = follow_up.person_id AND paused = 1)
    THEN coalesce(:not_before, send_at) END
WHERE id = :id AND owner = :owner AND fence = :fence
RETURNING id

-- next_due --
SELECT min(ready_at) AS at FROM follow_up WHERE ready_at IS NOT NULL

-- count_held --
SELECT count(*) FILTER (WHERE send_at <= :now) AS due, count(*) FILTER (WHERE send_at > :now) AS to_come
FROM follow_up WHERE held = 1 AND state = 'planned'

-- missed --
-- Unsorted and with repetitions: to spare itself the sorting SQLite would read the whole table by another index.
SELECT person_id FROM follow_up
WHERE state IN ('expired', 'refused') AND reminder = 0 AND service IS NULL AND due_at >= :since

-- holding --
SELECT DISTINCT person_id FROM follow_up WHERE held = 1 ORDER BY person_id

-- release --
UPDATE follow_up SET held = 0, ready_at = CASE WHEN state = 'planned'
    AND NOT EXISTS (SELECT 1 FROM person WHERE id = follow_up.person_id AND paused = 1) THEN send_at END
WHERE person_id = :person_id AND held = 1 RETURNING *

-- meta --
SELECT value FROM meta WHERE key = :key

-- save_meta --
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- forget_meta --
DELETE FROM meta WHERE key = :key

-- other_workers --
SELECT key, value FROM meta WHERE substr(key, 1, 7) = 'worker ' AND key <> :key ORDER BY key

-- tally --
INSERT INTO tally (day, kind, subject, times) VALUES (:day, :kind, :subject, :times)
ON CONFLICT (kind, subject, day) DO UPDATE SET times = tally.times + excluded.times

-- tallied --
SELECT kind, subject, CAST(sum(times) AS bigint) AS times FROM tally
WHERE day >= :since AND kind = coalesce(CAST(:kind AS text), kind)
GROUP BY kind, subject ORDER BY kind, sum(times) DESC, subject

-- newest_service_message --
SELECT * FROM service_message ORDER BY number DESC LIMIT 1

-- service_message --
SELECT * FROM service_message WHERE number = :number

-- begin_service_message --
-- Once for each number, and none while another is on its way: two admins who confirm at once start one.
INSERT INTO service_message (number, words, started_at)
SELECT CAST(:number AS bigint), CAST(:words AS text), CAST(:at AS bigint)
WHERE coalesce((SELECT max(number) FROM service_message), 0) = CAST(:number AS bigint) - 1
  AND NOT EXISTS (SELECT 1 FROM service_message WHERE ended_at IS NULL)
ON CONFLICT DO NOTHING RETURNING number

-- plan_service_copies --
-- Apart from each other, so that check-ins which fall due meanwhile do not wait behind all of them.
INSERT INTO follow_up (id, episode_id, person_id, step, due_at, send_at, reminder, state, ambiguous, ready_at, service)
SELECT CAST(:prefix AS text) || id, id, person_id, 'service', at, at, 0, 'planned', 0, at, CAST(:number AS bigint)
FROM (
  SELECT episode.id, episode.person_id,
    CAST(:at AS bigint) + (row_number() OVER (ORDER BY episode.id) - 1) * CAST(:apart AS bigint) AS at
  FROM episode JOIN person ON person.id = episode.person_id
  WHERE episode.state = 'open' AND person.paused = 0 AND person.consent_version <> '') AS reached
RETURNING id

-- count_reached --
SELECT count(*) AS n FROM episode JOIN person ON person.id = episode.person_id
WHERE episode.state = 'open' AND person.paused = 0 AND person.consent_version <> ''

-- service_copies --
SELECT state, count(*) AS n FROM follow_up WHERE service = :number GROUP BY state ORDER BY state

-- cancel_service_copies --
-- What is in a courier's hands is settled by it.
UPDATE follow_up SET state = 'cancelled', ready_at = NULL
WHERE service = :number AND state = 'planned' AND owner IS NULL

-- stop_service_message --
UPDATE service_message SET stopped = 1 WHERE number = :number AND ended_at IS NULL RETURNING number

-- end_service_message --
UPDATE service_message SET ended_at = :at WHERE number = :number AND ended_at IS NULL RETURNING number

-- on_other_plans --
SELECT person_id FROM episode WHERE state = 'open' AND plan <> :plan ORDER BY person_id LIMIT :limit

-- became --
-- A reminder is a message like any other. "late" is planned, not held, and should have been sent by now.
SELECT what, count(*) AS n FROM (
  SELECT CASE WHEN state <> 'planned' THEN state WHEN held = 1 THEN 'held'
              WHEN send_at <= :now THEN 'late' ELSE 'planned' END AS what
  FROM follow_up WHERE due_at >= :since AND service IS NULL) AS each_one
GROUP BY what ORDER BY what

-- in_state --
SELECT id, due_at FROM follow_up WHERE state = :state AND due_at >= :since AND service IS NULL ORDER BY due_at, id
