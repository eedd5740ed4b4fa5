-- What SQLite says in its own way.

-- claim_due --
-- Differs from what PostgreSQL will say: no FOR UPDATE SKIP LOCKED, as there is only one writer.
UPDATE follow_up SET owner = :owner, leased_until = :until, ready_at = :until, fence = fence + 1
WHERE id IN (SELECT id FROM follow_up WHERE ready_at <= :now ORDER BY ready_at LIMIT :limit)
RETURNING *
