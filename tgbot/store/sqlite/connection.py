"""How a SQLite file is opened: every promise about durability is set here and read back.

One connection writes (3.7.0–3.51.2 have a WAL-reset bug that needs two connections writing or checkpointing).
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tgbot.errors import DatabaseError
from tgbot.store.private_files import make_private

OLDEST = (3, 37, 0)  # STRICT tables
APPLICATION_ID = 0x4261636B  # "Back": tells our files from other SQLite files
_WANTED: dict[str, int | str] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit survives a power cut; 0.7 ms each, which we can afford
    "wal_autocheckpoint": 100,  # pages: a log of 0.4 MB, so that a small disk is not filled by the log alone
    "busy_timeout": 5000,
    "foreign_keys": 1,
    "secure_delete": 1,  # what is deleted is overwritten
}
_WRITES = ("INSERT", "UPDATE", "DELETE")


class SqliteConnection(sqlite3.Connection):
    """Writes nothing outside a transaction.

    On a full disk SQLite may end a transaction by itself; what other works of it had asked for by then would
    each be written on its own.
    """

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if not self.in_transaction and sql.startswith(_WRITES):
            raise sqlite3.OperationalError("the transaction is over")
        return super().execute(sql, parameters)


def files_of(path: Path) -> tuple[Path, ...]:
    """The database's files: itself, its write-ahead log and the log's index."""
    return (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"))


def connect(path: Path, timeout: float = 5.0) -> sqlite3.Connection:
    """The one writing connection, in autocommit: transactions are begun by word. Raises DatabaseError."""
    if sqlite3.sqlite_version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise DatabaseError(f"SQLite {wanted} or newer is needed; this Python has {sqlite3.sqlite_version}.")
    try:
        make_private(path)
        connection = sqlite3.connect(path, isolation_level=None, timeout=timeout, factory=SqliteConnection)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"The database {path} cannot be opened: {error}.") from error
    try:
        _set_and_read_back(connection, path)
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that only reads, beside a running bot. Raises DatabaseError."""
    try:
        there = path.is_file()
    except OSError as error:  # no right to look, or no name that a file can have
        raise DatabaseError(f"The database {path} cannot be looked at: {error.strerror}.") from error
    if not there:
        raise DatabaseError(f"There is no database at {path}.")
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    try:
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        if owner != APPLICATION_ID:
            raise DatabaseError(f"The file {path} is not one of Backcheck's databases.")
    except sqlite3.Error as error:
        connection.close()
        raise _unreadable(path, error) from error
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def _unreadable(path: Path, error: sqlite3.Error) -> DatabaseError:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return DatabaseError(
            f"The database {path} cannot be read: {error}. Who reads it must be allowed to write in its "
            "folder, where SQLite keeps files beside it; of a disk that is read-only, read a copy."
        )
    return DatabaseError(f"The database {path} cannot be read: {error}.")


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """As `connect_to_read`, closed at the end."""
    with closing(connect_to_read(path)) as connection:
        yield connection


def _set_and_read_back(connection: sqlite3.Connection, path: Path) -> None:
    try:
        for name, wanted in _WANTED.items():
            connection.execute(f"PRAGMA {name} = {wanted}")
            (got,) = connection.execute(f"PRAGMA {name}").fetchone()
            if got != wanted:
                raise DatabaseError(f"The database {path} refuses {name} = {wanted} (it says {got}).")
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if owner != APPLICATION_ID and (owner or tables):
            raise DatabaseError(f"The file {path} is a database, but not one of Backcheck's.")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise DatabaseError(f"The database {path} cannot be written to: {error}.") from error


def free_share(path: Path) -> float:
    """The free share of the file's disk, 0 to 1; 0 when its folder is gone: nothing can be written."""
    try:
        usage = shutil.disk_usage(path.absolute().parent)
    except OSError:
        return 0.0
    return usage.free / usage.total
