"""`backcheck move`: everything from one database into another, between engines or within one.

The source is marked before the target is complete, and no bot starts on a marked one: at no moment can two
databases be served. A move that was interrupted is run again: the target is whole or untouched.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from tgbot.errors import DatabaseError
from tgbot.store.sqlite.backups import must_be_idle
from tgbot.store.sqlite.connection import connect, read_only
from tgbot.store.sqlite.migrate import migrate

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
        if filled:
            return _agreed(source, target, {table: _sum(_rows(source, table)) for table in TABLES})
        _mark(source, target.name)
        return _copied(source, target)


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


def _copied(source: Side, target: Side) -> list[MovedTable]:
    for table in reversed(list(TABLES)):
        target.clear(table)
    read = {}
    for table, columns in TABLES.items():
        read[table] = sums = _Sum()
        target.write(table, columns, sums.of(_rows(source, table)))
    moved = _agreed(source, target, read)
    target.commit()
    return moved


def _agreed(source: Side, target: Side, read: Mapping[str, "_Sum"]) -> list[MovedTable]:
    """What the target has is what was read from the source. Raises DatabaseError."""
    for table, ours in read.items():
        theirs = _sum(_rows(target, table))
        if ours != theirs:
            raise DatabaseError(
                f"The table {table} has {ours.rows} rows in {source.name} and {theirs.rows} in {target.name}"
                ", or they differ. Nothing may start on either before this is understood."
            )
    return [MovedTable(table, ours.rows, ours.checksum) for table, ours in read.items()]


def _rows(side: Side, table: str) -> Iterable[Values]:
    """A table's rows as they are moved."""
    rows = side.read(table, TABLES[table])
    if table != "meta":
        return rows
    return ((key, str(value)) for key, value in rows if key != MOVED)  # SQLite keeps numbers as such here


@dataclass(slots=True)
class _Sum:
    """The number of rows and a checksum that does not depend on their order."""

    rows: int = 0
    total: int = 0

    @property
    def checksum(self) -> str:
        return f"{self.total % 2**128:032x}"

    def of(self, rows: Iterable[Values]) -> Iterator[Values]:
        """The rows, added up as they pass."""
        for row in rows:
            self.rows += 1
            self.total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest(), "big")
            yield row


def _sum(rows: Iterable[Values]) -> _Sum:
    summed = _Sum()
    for _ in summed.of(rows):
        pass
    return summed


class FileSide:
    """SQLite's side (PostgreSQL's is postgres/moving_server.py). What is read is one moment's; what is
    written appears with `commit`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.name = str(path.absolute())
        self._connection = connection

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Values]:
        for row in self._connection.execute(f"SELECT {', '.join(columns)} FROM {table}"):  # noqa: S608 – ours
            yield tuple(row)

    def write(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        places = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 – our own names
        for chunk in _chunks(rows):
            self._connection.executemany(sql, chunk)

    def clear(self, table: str) -> None:
        self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 – our own names

    def run(self, sql: str, **values: object) -> list[Values]:
        return [tuple(row) for row in self._connection.execute(sql, values)]

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.execute("BEGIN IMMEDIATE")

    def must_be_idle(self) -> None:
        """It is: it was looked at before it was opened, and we have its lock."""


def _chunks(rows: Iterable[Values]) -> Iterator[list[Values]]:
    """Rows in lists of a thousand."""
    chunk: list[Values] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@contextmanager
def file_side(path: Path, now: datetime, keep_copy: bool = True) -> Iterator[FileSide]:
    """The file, made if it is missing; one of an older schema is migrated, by default after a copy beside it.
    Raises DatabaseError."""
    must_be_idle(path)
    migrate(path, now, keep_copy=keep_copy)
    with closing(connect(path)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield FileSide(path, connection)
        except sqlite3.Error as error:
            raise DatabaseError(f"The database {path} could not be moved: {error}.") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def moved_file_to(path: Path) -> str | None:
    """Where everything in a file was moved; None when it was not."""
    with read_only(path) as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (MOVED,)).fetchone()
    return row and str(row[0])
