"""Copies of a database, whole or not at all; and whether somebody else has it open."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tgbot.store.database_error import DatabaseError
from tgbot.store.private_files import new_beside
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
            _must_be_whole(copy, unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        with read_only(unfinished) as written:  # opened anew, as whoever restores it does
            _must_be_whole(written, unfinished)
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
    with closing(sqlite3.connect(database, timeout=0.5)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise DatabaseError(
                f"The database {database} is in use ({error}): stop the bot first."
            ) from error
        except sqlite3.DatabaseError:
            return  # damaged: whoever opens it next says so, and a restore replaces it


def _must_be_whole(connection: sqlite3.Connection, path: Path) -> None:
    (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise DatabaseError(f"The copy {path} is damaged: {answer}.")
