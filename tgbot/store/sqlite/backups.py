"""Backups: a whole copy or none, made while the bot runs; dated copies of which the newest are kept.

When `backcheck backup` made the last one stands in a file beside the database, as there is one writer: an
instant and nothing else. What copies the database by other means leaves no trace there.
"""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tgbot.errors import DatabaseError
from tgbot.store.private_files import new_beside, write_private
from tgbot.store.sqlite.connection import read_only


def back_up(database: Path, target: Path, owned_like: Path | None = None) -> None:
    """Copy a database while the bot runs. The file appears whole or not at all, for its owner alone.

    That is whoever runs this; with `owned_like`, the owner of that, when root runs it. Raises DatabaseError.
    """
    if os.path.lexists(target):  # a link too, wherever it leads
        raise DatabaseError(f"The file {target} is there already; a backup overwrites nothing.")
    try:
        unfinished = new_beside(target, owned_like)
    except OSError as error:
        raise DatabaseError(f"{database} could not be copied to {target}: {error}.") from error
    try:
        with read_only(database) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file: reading it writes nothing beside it
            must_be_whole(copy, unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        with read_only(unfinished) as written:  # opened anew, as whoever restores it does
            must_be_whole(written, unfinished)
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{database} could not be copied to {target}: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def must_be_idle(database: Path) -> None:
    """Nobody else may have it open: there is one writer. Raises DatabaseError.

    Leaving WAL mode needs the file for oneself alone, so it tells.
    """
    if not database.exists():
        return
    if not database.is_file():
        raise DatabaseError(f"The database {database} is no file.")
    try:
        with closing(sqlite3.connect(database, timeout=0.5)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise DatabaseError(
                f"The database {database} is in use ({error}): stop the bot first."
            ) from error
        raise DatabaseError(f"The database {database} cannot be written to: {error}.") from error
    except sqlite3.DatabaseError:
        return  # damaged: whoever opens it next says so, and a restore replaces it


def must_be_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Read a copy through. Raises DatabaseError, and sqlite3.Error for what is no database."""
    (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise DatabaseError(f"The copy {path} is damaged: {answer}.")


_FORM = "backcheck-%Y%m%dT%H%M%SZ.db"


def back_up_into(folder: Path, database: Path, now: datetime, keep: int | None) -> tuple[Path, list[Path]]:
    """A new dated copy in `folder`; then it and the newest other dated ones stay, `keep` in all.

    The copy, and what went. What somebody named is let be, and so is the database, whatever its name.
    Raises DatabaseError.
    """
    target = folder / now.strftime(_FORM)
    _copied(database, target, now)
    spared = {target.resolve(), database.resolve()}
    older = [copy for copy in sorted(folder.iterdir()) if _is_dated(copy) and copy.resolve() not in spared]
    gone = older[: max(0, len(older) + 1 - keep)] if keep else []
    for old in gone:
        old.unlink(missing_ok=True)
    return target, gone


def _is_dated(copy: Path) -> bool:
    """Whether a copy has a name as they are given here."""
    try:
        return datetime.strptime(copy.name, _FORM).strftime(_FORM) == copy.name  # noqa: DTZ007 – a name
    except ValueError:
        return False


def back_up_to(target: Path, database: Path, now: datetime) -> None:
    """A new copy under this name. Raises DatabaseError."""
    _copied(database, target, now)


def stream_backup(out: BinaryIO, database: Path, now: datetime) -> None:
    """A whole copy, written out when it is finished and verified. Raises DatabaseError."""
    with tempfile.TemporaryDirectory(prefix="backcheck-backup-", dir=database.absolute().parent) as folder:
        copy = Path(folder) / "copy.db"
        back_up(database, copy)
        with copy.open("rb") as whole:
            shutil.copyfileobj(whole, out, 1 << 20)
        out.flush()
    _note(database, now)


def _copied(database: Path, target: Path, now: datetime) -> None:
    back_up(database, target)
    _note(database, now)


def _note(database: Path, now: datetime) -> None:
    try:
        note_backup(database, now)
    except OSError as error:
        raise DatabaseError(
            f"The copy is whole, but when it was made could not be written beside {database} ({error})."
        ) from error


def _mark_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.last-backup")


def note_backup(database: Path, at: datetime) -> None:
    """Write down that there is a whole copy as of now. Raises OSError."""
    write_private(_mark_of(database), f"{at.isoformat()}\n", owned_like=database)


def last_backup(database: Path) -> datetime | None:
    """The last one's instant; None when none was made, or nobody can tell."""
    try:
        return datetime.fromisoformat(_mark_of(database).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
