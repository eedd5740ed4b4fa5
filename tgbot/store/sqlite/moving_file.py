"""A SQLite file as one side of a move."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from tgbot.errors import DatabaseError
from tgbot.store.moving import MOVED, Values, chunks
from tgbot.store.sqlite.backups import must_be_idle
from tgbot.store.sqlite.connection import connect, read_only
from tgbot.store.sqlite.migrate import migrate


class FileSide:
    """What is read is one moment's; what is written appears with `commit`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.name = str(path.absolute())
        self._connection = connection

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Values]:
        for row in self._connection.execute(f"SELECT {', '.join(columns)} FROM {table}"):  # noqa: S608 – ours
            yield tuple(row)

    def write(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        places = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 – our own names
        for chunk in chunks(rows):
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


def moved_file_to(path: Path) -> str | None:
    """Where everything in a file was moved; None when it was not."""
    with read_only(path) as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (MOVED,)).fetchone()
    return row and str(row[0])


@contextmanager
def file_side(path: Path, now: datetime) -> Iterator[FileSide]:
    """The file, made if it is missing. Raises DatabaseError."""
    must_be_idle(path)
    migrate(path, now)
    with closing(connect(path)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield FileSide(path, connection)
        except sqlite3.Error as error:
            raise DatabaseError(f"The database {path} could not be moved: {error}.") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
