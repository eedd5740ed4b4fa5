-- What a transaction asks for several people at once, by the same names and with the same meaning as for one:
-- each parameter is an array, and `place` says whose row it is (1 for the first). No id is twice in it.

-- person --
SELECT given.place, person.*
FROM unnest(CAST(:id AS bigint[])) WITH ORDINALITY AS given (id, place)
JOIN person ON person.id = given.id

-- episode --
SELECT given.place, episode.*
FROM unnest(CAST(:id AS text[]), CAST(:person_id AS bigint[])) WITH ORDINALITY AS given (id, person_id, place)
JOIN episode ON episode.id = given.id AND episode.person_id = given.person_id

-- update_episode --
UPDATE episode SET onset = given.onset, started_at = given.started_at, state = given.state,
  outcome = given.outcome, closed_at = given.closed_at, closed_because = given.closed_because, plan = given.plan,
  version = given.version
FROM unnest(CAST(:id AS text[]), CAST(:person_id AS bigint[]), CAST(:onset AS bigint[]),
  CAST(:started_at AS bigint[]), CAST(:state AS text[]), CAST(:outcome AS text[]), CAST(:closed_at AS bigint[]),
  CAST(:closed_because AS text[]), CAST(:plan AS text[]), CAST(:version AS integer[])) WITH ORDINALITY
  AS given (id, person_id, onset, started_at, state, outcome, closed_at, closed_because, plan, version, place)
WHERE episode.id = given.id AND episode.person_id = given.person_id AND episode.version = given.version - 1
RETURNING given.place, episode.id

-- follow_ups --
SELECT given.place, follow_up.*
FROM unnest(CAST(:episode_id AS text[]), CAST(:person_id AS bigint[])) WITH ORDINALITY
  AS given (episode_id, person_id, place)
JOIN follow_up ON follow_up.episode_id = given.episode_id AND follow_up.person_id = given.person_id
ORDER BY given.place, follow_up.due_at, follow_up.send_at, follow_up.id

-- save_follow_up --
WITH given AS MATERIALIZED (
  SELECT * FROM unnest(CAST(:id AS text[]), CAST(:episode_id AS text[]), CAST(:person_id AS bigint[]),
    CAST(:step AS text[]), CAST(:due_at AS bigint[]), CAST(:send_at AS bigint[]), CAST(:reminder AS smallint[]),
    CAST(:state AS text[]), CAST(:ambiguous AS smallint[]), CAST(:sent_at AS bigint[]),
    CAST(:message_id AS bigint[]), CAST(:service AS bigint[])) WITH ORDINALITY
    AS each_one (id, episode_id, person_id, step, due_at, send_at, reminder, state, ambiguous, sent_at, message_id,
      service, place)
), saved AS (
  INSERT INTO follow_up (id, episode_id, person_id, step, due_at, send_at, reminder, state, ambiguous, sent_at,
    message_id, service, ready_at)
  SELECT id, episode_id, person_id, step, due_at, send_at, reminder, state, ambiguous, sent_at, message_id, service,
    CASE WHEN state = 'planned'
        AND NOT EXISTS (SELECT 1 FROM person WHERE person.id = given.person_id AND paused = 1)
      THEN send_at END
  FROM given
  ON CONFLICT (id) DO UPDATE SET
    step = excluded.step, due_at = excluded.due_at, send_at = excluded.send_at, reminder = excluded.reminder,
    state = excluded.state, ambiguous = excluded.ambiguous, sent_at = excluded.sent_at,
    message_id = excluded.message_id, owner = NULL, leased_until = NULL,
    ready_at = CASE WHEN follow_up.held = 0 THEN excluded.ready_at END
  WHERE follow_up.person_id = excluded.person_id AND follow_up.episode_id = excluded.episode_id
  RETURNING follow_up.id
)
SELECT given.place, saved.id FROM saved JOIN given ON given.id = saved.id

-- entries --
SELECT given.place, entry.*
FROM unnest(CAST(:episode_id AS text[]), CAST(:person_id AS bigint[])) WITH ORDINALITY
  AS given (episode_id, person_id, place)
JOIN entry ON entry.episode_id = given.episode_id AND entry.person_id = given.person_id
ORDER BY given.place, entry.at, entry.id

-- leased --
SELECT given.place, person.*
FROM unnest(CAST(:id AS text[]), CAST(:owner AS text[]), CAST(:fence AS integer[])) WITH ORDINALITY
  AS given (id, owner, fence, place)
JOIN follow_up ON follow_up.id = given.id AND follow_up.owner = given.owner AND follow_up.fence = given.fence
JOIN person ON person.id = follow_up.person_id

-- attempt --
UPDATE follow_up SET ambiguous = ambiguous + 1
FROM unnest(CAST(:id AS text[]), CAST(:owner AS text[]), CAST(:fence AS integer[])) WITH ORDINALITY
  AS given (id, owner, fence, place)
WHERE follow_up.id = given.id AND follow_up.owner = given.owner AND follow_up.fence = given.fence
RETURNING given.place, follow_up.id

-- settle --
UPDATE follow_up SET state = given.state, ambiguous = given.ambiguous, sent_at = given.sent_at,
  message_id = given.message_id, owner = NULL, leased_until = NULL,
  ready_at = CASE WHEN given.state = 'planned' AND held = 0
      AND NOT EXISTS (SELECT 1 FROM person WHERE person.id = follow_up.person_id AND paused = 1)
    THEN coalesce(given.not_before + coalesce(
      floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - CAST(:machine AS bigint), 0), send_at) END
FROM unnest(CAST(:id AS text[]), CAST(:owner AS text[]), CAST(:fence AS integer[]), CAST(:state AS text[]),
  CAST(:ambiguous AS smallint[]), CAST(:sent_at AS bigint[]), CAST(:message_id AS bigint[]),
  CAST(:not_before AS bigint[])) WITH ORDINALITY
  AS given (id, owner, fence, state, ambiguous, sent_at, message_id, not_before, place)
WHERE follow_up.id = given.id AND follow_up.owner = given.owner AND follow_up.fence = given.fence
RETURNING given.place, follow_up.id
