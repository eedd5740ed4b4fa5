"""Backups one after the other: a folder of dated copies of which the newest are kept, or a stream."""

import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tgbot.store.database_error import DatabaseError
from tgbot.store.last_backup import note_backup
from tgbot.store.sqlite.copying import back_up

_NAME, _FORM = "backcheck-*.db", "backcheck-%Y%m%dT%H%M%SZ.db"


def back_up_into(folder: Path, database: Path, now: datetime, keep: int | None) -> tuple[Path, list[Path]]:
    """A new dated copy in `folder`; then only the `keep` newest of that name stay. The copy, and what went.

    Raises DatabaseError.
    """
    target = folder / now.strftime(_FORM)
    _copied(database, target, now)
    copies = sorted(folder.glob(_NAME))
    gone = copies[:-keep] if keep else []
    for old in gone:
        old.unlink(missing_ok=True)
    return target, gone


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
