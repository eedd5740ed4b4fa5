"""A database as it is, looked at without changing it, beside a running bot or without one."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tgbot.store.database_error import DatabaseError
from tgbot.store.last_backup import last_backup
from tgbot.store.private_files import open_to_others
from tgbot.store.sqlite.connection import files_of, read_only
from tgbot.store.sqlite.disk import free_share
from tgbot.store.sqlite.migrate import shipped, version_of


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """`schema` is 0 where there is no database yet; `known` is the schema of this version of Backcheck.

    `too_new`: it cannot be worked with. `damage` is what the integrity check says when it is not "ok".
    Of a file: `free`, the disk's free share, None where nobody can tell, as with a server's; `exposed`, what
    others may read; `backed_up`, the last copy.
    """

    where: str
    schema: int
    known: int
    too_new: bool = False
    damage: str = ""
    free: float | None = None
    exposed: tuple[Path, ...] = ()
    backed_up: datetime | None = None


def inspect_file(path: Path) -> DatabaseReport:
    """Raises DatabaseError for what cannot be opened or is none of ours."""
    known, where, free = shipped()[-1].number, str(path.absolute()), free_share(path)
    if not path.absolute().parent.is_dir():
        raise DatabaseError(f"The folder {path.absolute().parent} is not there.")
    if not path.exists():
        return DatabaseReport(where, 0, known, free=free)
    try:
        with read_only(path) as connection:
            schema = version_of(connection)
            (answer, *_), *_ = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.Error as error:
        raise DatabaseError(f"The database {path} cannot be read: {error}.") from error
    return DatabaseReport(
        where=where,
        schema=schema,
        known=known,
        too_new=schema > known,
        damage="" if answer == "ok" else str(answer).splitlines()[-1],
        free=free,
        exposed=tuple(open_to_others(*files_of(path))),
        backed_up=last_backup(path),
    )


def inspect(url: str) -> DatabaseReport:
    """The database that `url` names. Raises DatabaseError."""
    from tgbot.store.opening import is_postgres, must_have_driver

    if not is_postgres(url):
        return inspect_file(Path(url))
    must_have_driver()
    from tgbot.store.postgres.connecting import where
    from tgbot.store.postgres.schema import schema_of, shipped_steps

    known = shipped_steps()[-1].number
    schema, compatible = schema_of(url)
    return DatabaseReport(where(url), schema, known, too_new=compatible > known)
