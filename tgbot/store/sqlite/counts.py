"""What happened how often, for the operator: read beside the running bot. What people asked has its small
numbers hidden; what became of the planned messages has not, as every single one matters."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tgbot.followup.episode import FollowUpState
from tgbot.store.rows import from_ms, to_ms
from tgbot.store.sqlite.connection import DatabaseError, read_only

FEWEST = 5  # below this a count could point at somebody

_TALLIED = """
SELECT kind, subject, sum(times) FROM tally WHERE day >= ?
GROUP BY kind, subject ORDER BY kind, sum(times) DESC, subject
"""


# A reminder is a message like any other. "late" is planned, not held, and should have been sent by now.
_BECAME = """
SELECT CASE WHEN state <> 'planned' THEN state WHEN held = 1 THEN 'held'
            WHEN send_at <= :now THEN 'late' ELSE 'planned' END AS became, count(*)
FROM follow_up WHERE due_at >= :since GROUP BY became ORDER BY became
"""
_ONES = "SELECT id, due_at FROM follow_up WHERE state = :state AND due_at >= :since ORDER BY due_at, id"
_HELD = """
SELECT count(*) FILTER (WHERE send_at <= :now), count(*) FILTER (WHERE send_at > :now)
FROM follow_up WHERE held = 1 AND state = 'planned'
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A planned message, by its id in the log, and when it was due. It names nobody."""

    follow_up: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Planned messages that wait for the operator: those that fell due meanwhile, and those still to come."""

    due: int
    to_come: int


def counted(database: Path, since: date) -> dict[str, list[tuple[str, str]]]:
    """By kind, each subject and how often it happened since a day; "<5" for few. Raises DatabaseError."""
    found: dict[str, list[tuple[str, str]]] = {}
    with _read(database) as connection:
        for kind, subject, times in connection.execute(_TALLIED, (since.isoformat(),)):
            found.setdefault(kind, []).append((subject, str(times) if times >= FEWEST else f"<{FEWEST}"))
    return found


def became(database: Path, since: datetime, now: datetime) -> dict[str, int]:
    """What became of the messages that were planned for after an instant, by state; those still planned are
    "planned", "late" or "held". Raises DatabaseError."""
    with _read(database) as connection:
        return dict(connection.execute(_BECAME, {"since": to_ms(since), "now": to_ms(now)}))


def in_state(database: Path, state: FollowUpState, since: datetime) -> list[Due]:
    """Each message of a state that was due after an instant, earliest first. Raises DatabaseError."""
    with _read(database) as connection:
        found = connection.execute(_ONES, {"state": state.value, "since": to_ms(since)})
        return [Due(follow_up, from_ms(at)) for follow_up, at in found]


def held(database: Path, now: datetime) -> Held:
    """What a restore holds back. Raises DatabaseError."""
    with _read(database) as connection:
        return Held(*connection.execute(_HELD, {"now": to_ms(now)}).fetchone())


@contextmanager
def _read(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with read_only(database) as connection:
            yield connection
    except sqlite3.Error as error:
        raise DatabaseError(f"The counts in {database} cannot be read: {error}.") from error
