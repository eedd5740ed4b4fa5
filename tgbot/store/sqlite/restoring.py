"""Restore: the erased stay erased, the stopped stay stopped, nothing is sent before the operator decides."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tgbot.errors import DatabaseError
from tgbot.store.after_restore import MadeSafe, Since, done_in, make_safe
from tgbot.store.private_files import OWNER_ONLY
from tgbot.store.sqlite.backups import back_up, must_be_idle
from tgbot.store.sqlite.connection import read_only
from tgbot.store.sqlite.moving_file import FileSide, file_side


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `held` is everything planned: the operator decides (`backcheck release`).

    `ended` are episodes that were closed since the backup, and people who withdrew consent since.
    """

    erased_again: int
    ended: int
    held: int
    kept: Path | None  # where the database from before is now


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
    back_up(backup, fresh, owned_like=database if database.exists() else database.parent)
    try:
        safe = _make_safe(fresh, since, now)
        kept = _set_aside(database, now)
        fresh.replace(database)
    finally:
        for leftover in (fresh, *_beside(fresh)):
            leftover.unlink(missing_ok=True)
    return Restored(safe.erased_again, safe.ended, safe.held, kept)


def _make_safe(path: Path, since: Since, now: datetime) -> MadeSafe:
    with file_side(path, now) as side:
        done = make_safe(side, since)
        side.commit()
    return done


def _since(database: Path, lost_log: bool) -> Since:
    if not database.exists():
        return Since()
    try:
        with read_only(database) as connection:
            return done_in(FileSide(database, connection))
    except (sqlite3.Error, DatabaseError) as error:
        if lost_log:
            return Since()
        raise DatabaseError(
            f"The erasure log in {database} cannot be read ({error}), so people who were erased since "
            "the backup would come back. Restore with --lost-erasure-log if that has to be."
        ) from error


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
