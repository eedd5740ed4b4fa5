"""Restore: the erased stay erased, the stopped stay stopped, nothing is sent before the operator decides."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tgbot.store.database_error import DatabaseError
from tgbot.store.erasure_marks import mark_of
from tgbot.store.private_files import OWNER_ONLY
from tgbot.store.sqlite.connection import connect, read_only
from tgbot.store.sqlite.copying import back_up, must_be_idle
from tgbot.store.sqlite.migrate import migrate


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `held` is everything planned: the operator decides (`backcheck release`).

    `ended` are episodes that were closed since the backup, and people who withdrew consent since.
    """

    erased_again: int
    ended: int
    held: int
    kept: Path | None  # where the database from before is now


Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Since:
    """What people did in the database that is replaced, which its backup may not know."""

    erasures: Rows = field(default_factory=list)
    withdrawn: Rows = field(default_factory=list)
    closed: Rows = field(default_factory=list)
    people: Rows = field(default_factory=list)


_PEOPLE = "SELECT id, consent_at FROM person"
_QUERIES = (
    "SELECT person_hash, at FROM erasure",
    "SELECT consent_at, id FROM person WHERE consent_version = ''",
    "SELECT outcome, closed_at, closed_because, id FROM episode WHERE state = 'closed'",
    _PEOPLE,
)


def restore(backup: Path, database: Path, now: datetime, lost_log: bool = False) -> Restored:
    """Put a backup in the place of the database; the bot must not run.

    People who were erased since the backup are erased again, and what they stopped since stays stopped: both
    are read from the database that is replaced. When that cannot be read, nothing is done unless `lost_log`
    says that this is known. Raises DatabaseError.
    """
    must_be_idle(database)
    since = _since(database, lost_log)
    fresh = database.with_name(database.name + ".restoring")
    fresh.unlink(missing_ok=True)
    back_up(backup, fresh)
    try:
        migrate(fresh, now)
        erased, ended, held = _make_safe(fresh, since)
        kept = _set_aside(database, now)
        fresh.replace(database)
    finally:
        for leftover in (fresh, *_beside(fresh)):
            leftover.unlink(missing_ok=True)
    return Restored(erased, ended, held, kept)


def _make_safe(path: Path, since: _Since) -> tuple[int, int, int]:
    """Repeat what people did since the backup; hold what is planned: nobody knows what was sent since."""
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        erased = _erase_again(connection, since)
        ended = _end_again(connection, since)
        held = connection.execute(
            "UPDATE follow_up SET held = 1, ready_at = NULL, owner = NULL, leased_until = NULL"
            " WHERE state = 'planned'"
        ).rowcount
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return erased, ended, held


def _erase_again(connection: sqlite3.Connection, since: _Since) -> int:
    """A mark is slow to make, so none is made for those who are still there as the backup knows them."""
    (salt,) = connection.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()
    known = {tuple(row) for row in connection.execute("SELECT person_hash, at FROM erasure")}
    for entry in since.erasures:
        if entry not in known:
            connection.execute("INSERT INTO erasure (person_hash, at) VALUES (?, ?)", entry)
    latest: dict[bytes, int] = dict(sorted(since.erasures, key=lambda entry: entry[1]))
    people = set(_rows(connection, _PEOPLE)) - set(since.people) if latest else set()
    gone = [person for person, agreed in people if agreed <= latest.get(mark_of(salt, person), -1)]
    connection.executemany("DELETE FROM person WHERE id = ?", [(person,) for person in gone])
    return len(gone)


def _end_again(connection: sqlite3.Connection, since: _Since) -> int:
    """Consent that was taken back and episodes that were closed; their contacts are cancelled with them."""
    ended = 0
    for at, person in since.withdrawn:
        ended += connection.execute(
            "UPDATE person SET consent_version = '', consent_at = ? WHERE id = ? AND consent_version <> ''",
            (at, person),
        ).rowcount
    for *course, episode in since.closed:
        closed = connection.execute(
            "UPDATE episode SET state = 'closed', version = version + 1, outcome = ?, closed_at = ?,"
            " closed_because = ? WHERE id = ? AND state = 'open'",
            (*course, episode),
        ).rowcount
        if closed:
            connection.execute(
                "UPDATE follow_up SET state = 'cancelled', ready_at = NULL, owner = NULL, leased_until = NULL"
                " WHERE episode_id = ? AND state = 'planned'",
                (episode,),
            )
        ended += closed
    return ended


def _since(database: Path, lost_log: bool) -> _Since:
    if not database.exists():
        return _Since()
    try:
        with read_only(database) as connection:
            return _Since(*(_rows(connection, query) for query in _QUERIES))
    except (sqlite3.Error, DatabaseError) as error:
        if lost_log:
            return _Since()
        raise DatabaseError(
            f"The erasure log in {database} cannot be read ({error}), so people who were erased since "
            "the backup would come back. Restore with --lost-erasure-log if that has to be."
        ) from error


def _rows(connection: sqlite3.Connection, query: str) -> Rows:
    return [tuple(row) for row in connection.execute(query)]


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Keep what is replaced, with its log: nothing is destroyed by a restore."""
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%S}")
    for suffix in ("-wal", "-shm", ""):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.chmod(OWNER_ONLY)
            file.replace(kept.with_name(kept.name + suffix))
    return kept


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
