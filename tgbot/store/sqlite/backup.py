"""Backup and restore: online, never a file copy. Who was erased stays erased; what was due is held."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tgbot.store.rows import to_ms
from tgbot.store.sqlite.connection import DatabaseError, connect, read_only
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.transaction import person_hash


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `held` follow-ups were due before: the operator decides (`backcheck release`)."""

    erased_again: int
    held: int
    kept: Path | None  # where the database from before is now


def back_up(database: Path, target: Path) -> None:
    """Copy a database while the bot runs. The file appears whole or not at all. Raises DatabaseError."""
    if target.exists():
        raise DatabaseError(f"The file {target} is there already; a backup overwrites nothing.")
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        with read_only(database) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
            _must_be_whole(copy, unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{database} could not be backed up to {target}: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def restore(backup: Path, database: Path, now: datetime, lost_log: bool = False) -> Restored:
    """Put a backup in the place of the database; the bot must not run.

    People who were erased since the backup are erased again: the erasure log is read from the database that
    is replaced. When that cannot be read, nothing is done unless `lost_log` says that this is known.
    Raises DatabaseError.
    """
    _must_be_idle(database)
    erasures = _erasures(database, lost_log)
    fresh = database.with_name(database.name + ".restoring")
    fresh.unlink(missing_ok=True)
    back_up(backup, fresh)
    try:
        migrate(fresh, now)
        erased, held = _make_safe(fresh, erasures, to_ms(now))
        kept = _set_aside(database, now)
        fresh.replace(database)
    finally:
        for leftover in (fresh, *_beside(fresh)):
            leftover.unlink(missing_ok=True)
    return Restored(erased, held, kept)


def _make_safe(path: Path, erasures: list[tuple[bytes, int]], now: int) -> tuple[int, int]:
    """Erase again who was erased; hold what was due: the backup does not know whether it was sent since."""
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        (salt,) = connection.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()
        known = {tuple(row) for row in connection.execute("SELECT person_hash, at FROM erasure")}
        for entry in erasures:
            if entry not in known:
                connection.execute("INSERT INTO erasure (person_hash, at) VALUES (?, ?)", entry)
        latest = dict(sorted(erasures, key=lambda entry: entry[1]))
        people = connection.execute("SELECT id, consent_at FROM person").fetchall()
        gone = [
            row["id"] for row in people if row["consent_at"] <= latest.get(person_hash(salt, row["id"]), -1)
        ]
        connection.executemany("DELETE FROM person WHERE id = ?", [(person,) for person in gone])
        held = connection.execute(
            "UPDATE follow_up SET held = 1, ready_at = NULL, owner = NULL, leased_until = NULL"
            " WHERE state = 'planned' AND send_at <= ?",
            (now,),
        ).rowcount
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(gone), held


def _erasures(database: Path, lost_log: bool) -> list[tuple[bytes, int]]:
    if not database.exists():
        return []
    try:
        with read_only(database) as connection:
            return [tuple(row) for row in connection.execute("SELECT person_hash, at FROM erasure")]
    except (sqlite3.Error, DatabaseError) as error:
        if lost_log:
            return []
        raise DatabaseError(
            f"The erasure log in {database} cannot be read ({error}), so people who were erased since "
            "the backup would come back. Restore with --lost-erasure-log if that has to be."
        ) from error


def _must_be_idle(database: Path) -> None:
    """Leaving WAL mode needs the file for oneself alone, so it tells whether somebody else has it open."""
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=0.5)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise DatabaseError(
                f"The database {database} is in use ({error}): stop the bot first."
            ) from error
        except sqlite3.DatabaseError:
            return  # damaged, which is why it is replaced


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Keep what is replaced, with its log: nothing is destroyed by a restore."""
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%S}")
    for suffix in ("-wal", "-shm", ""):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.replace(kept.with_name(kept.name + suffix))
    return kept


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


def _must_be_whole(connection: sqlite3.Connection, path: Path) -> None:
    (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise DatabaseError(f"The copy {path} is damaged: {answer}.")
