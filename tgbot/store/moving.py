"""`backcheck move`: everything from one database into another, between engines or within one.

The source is marked before the target is complete, and no bot starts on a marked one: at no moment can two
databases be served. A move that was interrupted is run again: the target is whole or untouched.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

from tgbot.store.database_error import DatabaseError

MOVED = "moved"  # the key in `meta` that keeps bots away
_CHUNK = 1_000

# In the order in which foreign keys allow it.
TABLES: Mapping[str, tuple[str, ...]] = {
    "service_message": ("number", "words", "started_at", "stopped", "ended_at"),
    "person": (
        *("id", "consent_version", "consent_at", "locale", "zone", "quiet_start", "quiet_end", "country"),
        "paused",
    ),
    "episode": (
        *("id", "person_id", "onset", "started_at", "state", "outcome", "closed_at", "closed_because"),
        *("plan", "version"),
    ),
    "follow_up": (
        *("id", "episode_id", "person_id", "step", "due_at", "send_at", "reminder", "state", "ambiguous"),
        *("sent_at", "message_id", "held", "ready_at", "owner", "leased_until", "fence", "service"),
    ),
    "entry": ("id", "episode_id", "person_id", "at", "kind", "value", "step"),
    "seen_update": ("id", "at"),
    "owed_reply": ("update_id", "chat_id", "at", "until"),
    "quarantined_update": ("id", "kind", "error", "at"),
    "tally": ("day", "kind", "subject", "times"),
    "erasure": ("person_hash", "at"),
    "meta": ("key", "value"),
}

Values = Sequence[Any]


class Side(Protocol):
    """One database of a move, in one transaction until `commit`. Raises DatabaseError."""

    name: str

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Values]: ...
    def write(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None: ...
    def clear(self, table: str) -> None: ...
    def run(self, sql: str, **values: object) -> list[Values]:
        """The rows of a statement with named parameters."""
        ...

    def commit(self) -> None: ...
    def must_be_idle(self) -> None:
        """Raises DatabaseError when a bot works on it."""
        ...


OpenSide = Callable[[], AbstractContextManager[Side]]


@dataclass(frozen=True, slots=True)
class MovedTable:
    """How many rows a table has in both databases, and what they add up to."""

    name: str
    rows: int
    checksum: str


def move(open_source: OpenSide, open_target: OpenSide) -> list[MovedTable]:
    """Copy everything, compare, and mark the source. Raises DatabaseError; then the target is as before.

    The target is empty, or was itself moved away from: what is left in it is removed, so that nobody who was
    erased since comes back.
    """
    with ExitStack() as stack:
        source, target = stack.enter_context(open_source()), stack.enter_context(open_target())
        source.must_be_idle()
        target.must_be_idle()
        before = moved_to(source)
        if before not in (None, target.name):
            raise DatabaseError(f"Everything was moved from {source.name} to {before} already.")
        filled = moved_to(target) is None and any(True for _ in target.read("person", ("id",)))
        if filled and before is None:
            raise DatabaseError(f"{target.name} is not empty, and nothing is moved into what is in use.")
        if not filled:
            _mark(source, target.name)
            _copy(source, target)
        return _compared(source, target)


def moved_to(side: Side) -> str | None:
    """Where everything was moved from here; None when it was not."""
    return next((value for key, value in side.read("meta", TABLES["meta"]) if key == MOVED), None)


def must_not_be_moved(name: str, target: str | None) -> None:
    """Raises DatabaseError for a database that was moved to a target: no bot may start on it."""
    if target is not None:
        raise DatabaseError(
            f"Everything in {name} was moved to {target}, or is being moved: set BACKCHECK_DATABASE to that. "
            "If `backcheck move` was interrupted, run it again."
        )


def _mark(source: Side, target: str) -> None:
    marks = [row for row in source.read("meta", TABLES["meta"]) if row[0] != MOVED]
    source.clear("meta")
    source.write("meta", TABLES["meta"], [*marks, (MOVED, target)])
    source.commit()


def _copy(source: Side, target: Side) -> None:
    for table in reversed(list(TABLES)):
        target.clear(table)
    for table, columns in TABLES.items():
        target.write(table, columns, _without_mark(table, source.read(table, columns)))
    _compared(source, target)
    target.commit()


def _compared(source: Side, target: Side) -> list[MovedTable]:
    moved = []
    for table, columns in TABLES.items():
        ours = _sum(_without_mark(table, source.read(table, columns)))
        theirs = _sum(_without_mark(table, target.read(table, columns)))
        if ours != theirs:
            raise DatabaseError(
                f"The table {table} has {ours[0]} rows in {source.name} and {theirs[0]} in {target.name}, or "
                "they differ. Nothing may start on either before this is understood."
            )
        moved.append(MovedTable(table, *ours))
    return moved


def _without_mark(table: str, rows: Iterable[Values]) -> Iterator[Values]:
    for row in rows:
        if table != "meta":
            yield row
        elif row[0] != MOVED:
            yield (row[0], str(row[1]))  # SQLite keeps numbers as such here


def _sum(rows: Iterable[Values]) -> tuple[int, str]:
    """The number of rows and a checksum that does not depend on their order."""
    count = total = 0
    for row in rows:
        plain = [value.hex() if isinstance(value, bytes | memoryview) else value for value in row]
        total += int.from_bytes(hashlib.sha256(json.dumps(plain).encode()).digest()[:16], "big")
        count += 1
    return count, f"{total % 2**128:032x}"


def chunks(rows: Iterable[Values]) -> Iterator[list[Values]]:
    """Rows in lists of a thousand."""
    chunk: list[Values] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
