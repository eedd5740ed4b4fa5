"""A PostgreSQL database as one side of a move."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow

from tgbot.errors import DatabaseError
from tgbot.store.moving import MOVED, Values
from tgbot.store.postgres.connecting import conninfo, in_psycopg, where
from tgbot.store.postgres.schema import migrate_schema


class ServerSide:
    """Everything in one transaction; what is read is one moment's."""

    def __init__(self, name: str, connection: psycopg.Connection[TupleRow]) -> None:
        self.name = name
        self._connection = connection

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Values]:
        with self._connection.cursor(name="moving") as cursor:  # on the server, so that memory stays flat
            cursor.itersize = 2_000
            yield from cursor.execute(f"SELECT {', '.join(columns)} FROM {table}".encode())  # noqa: S608

    def write(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def clear(self, table: str) -> None:
        self._connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 – our own names

    def run(self, sql: str, **values: object) -> list[Values]:
        cursor = self._connection.execute(in_psycopg(sql).encode(), values)
        return list(cursor.fetchall()) if cursor.description else []

    def commit(self) -> None:
        self._connection.commit()
        self._begin()

    def must_be_idle(self) -> None:
        row = self._connection.execute(
            "SELECT count(*) FROM sending_pace WHERE until > clock_timestamp()"
        ).fetchone()
        if row != (0,):
            raise DatabaseError(f"Bots work on {self.name} ({row and row[0]}): stop them, and wait a moment.")

    def _begin(self) -> None:
        self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def mark_of_move(url: str) -> str | None:
    """Where everything in a database was moved; None when it was not."""
    try:
        with psycopg.connect(conninfo(url), prepare_threshold=None) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = %s", (MOVED,)).fetchone()
    except psycopg.Error as error:
        raise DatabaseError(f"The database at {where(url)} cannot be read: {error}.") from error
    return str(row[0]) if row else None


@contextmanager
def server_side(url: str) -> Iterator[ServerSide]:
    """The database, with this version's schema. Raises DatabaseError."""
    migrate_schema(url)
    try:
        with psycopg.connect(conninfo(url), prepare_threshold=None) as connection:
            side = ServerSide(where(url), connection)
            side._begin()
            try:
                yield side
            finally:
                connection.rollback()
    except psycopg.Error as error:
        raise DatabaseError(f"The database at {where(url)} could not be moved: {error}.") from error
