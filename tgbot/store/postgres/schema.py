"""PostgreSQL's migrations: the numbers are SQLite's, each runs in one transaction, one replica at a time.

A newer schema may run beside an older bot while a deployment rolls: a migration first adds, and a later
version takes away. `-- compatible: N` at its top names the oldest schema whose bots work with it.
"""

import re
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from psycopg.rows import TupleRow

from tgbot.errors import DatabaseError
from tgbot.store.postgres.connecting import conninfo, where

_FILE = re.compile(r"^(\d{4})_(\w+)\.sql$")
_COMPATIBLE = re.compile(r"^-- compatible: (\d+)$", re.MULTILINE)
_OLDEST = 130_000  # the server's version: 13
_LOCK = "SELECT pg_advisory_xact_lock(1113678699, 1)"  # "Back": migrations of all replicas take turns

MigratingConnection = psycopg.Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """`number` is the schema's version after it; bots that know `compatible` or newer work with it."""

    number: int
    compatible: int
    sql: str


def shipped_steps() -> tuple[SchemaStep, ...]:
    """The migrations of this version, in order."""
    found = []
    for file in files("tgbot.store.postgres").joinpath("postgres_migrations").iterdir():
        if match := _FILE.match(file.name):
            sql = file.read_text("utf-8")
            compatible = _COMPATIBLE.search(sql)
            assert compatible, f"{file.name} does not say with which bots it is compatible"
            found.append(SchemaStep(int(match[1]), int(compatible[1]), sql))
    return tuple(sorted(found, key=lambda step: step.number))


def migrate_schema(url: str, steps: tuple[SchemaStep, ...] | None = None) -> tuple[int, int]:
    """Bring a database to this version's schema; an empty one is filled. The versions before and after.

    A kill at any statement leaves it at a whole version. Raises DatabaseError.
    """
    steps = shipped_steps() if steps is None else steps
    try:
        with psycopg.connect(conninfo(url), prepare_threshold=None) as connection:
            _must_be_usable(connection, url)
            first = None
            for step in steps:
                with connection.transaction():
                    before = _version(connection, url)
                    first = before if first is None else first
                    if before < step.number:
                        _apply(connection, step)
            with connection.transaction():
                after = _version(connection, url)
                _must_be_known(connection, url, steps[-1].number)
    except psycopg.Error as error:
        raise DatabaseError(f"The database at {where(url)} could not be migrated: {_said(error)}.") from error
    return first or 0, after


def schema_of(url: str) -> tuple[int, int]:
    """The schema's version, 0 for an empty database, and the oldest with whose bots it works.

    Changes nothing. Raises DatabaseError.
    """
    try:
        with psycopg.connect(conninfo(url), prepare_threshold=None) as connection:
            _must_be_usable(connection, url)
            (ours,) = _row(connection, "SELECT to_regclass('schema_step') IS NOT NULL")
            if not ours:
                return 0, 0
            sql = "SELECT number, compatible FROM schema_step ORDER BY number DESC LIMIT 1"
            (newest, compatible) = _row(connection, sql)
            return int(newest), int(compatible)
    except psycopg.Error as error:
        raise DatabaseError(f"The database at {where(url)} cannot be reached: {_said(error)}.") from error


def _must_be_usable(connection: MigratingConnection, url: str) -> None:
    version = connection.info.server_version
    if version < _OLDEST:
        raise DatabaseError(f"PostgreSQL 13 or newer is needed; {where(url)} is {version // 10_000}.")
    row = connection.execute("SELECT current_setting('server_encoding')").fetchone()
    if row != ("UTF8",):
        raise DatabaseError(f"The database at {where(url)} must be made with the encoding UTF8.")


def _version(connection: MigratingConnection, url: str) -> int:
    """The schema's version, 0 for an empty database; whoever asks has the migrations' lock."""
    connection.execute(_LOCK)
    (ours, tables) = _row(
        connection,
        "SELECT to_regclass('schema_step') IS NOT NULL, count(*) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace",
    )
    if not ours and tables:
        raise DatabaseError(f"The database at {where(url)} has tables, but not Backcheck's; give it its own.")
    if not ours:
        connection.execute(
            "CREATE TABLE schema_step (number integer PRIMARY KEY, compatible integer NOT NULL)"
        )
    (version,) = _row(connection, "SELECT coalesce(max(number), 0) FROM schema_step")
    return int(version)


def _must_be_known(connection: MigratingConnection, url: str, known: int) -> None:
    (newest, compatible) = _row(
        connection, "SELECT number, compatible FROM schema_step ORDER BY number DESC LIMIT 1"
    )
    if compatible > known:
        raise DatabaseError(
            f"The database at {where(url)} has schema {newest}, this version of Backcheck knows {known} "
            "and cannot work with it. Run the newer version."
        )


def _apply(connection: MigratingConnection, step: SchemaStep) -> None:
    connection.execute(step.sql.encode())
    connection.execute("INSERT INTO schema_step VALUES (%s, %s)", (step.number, step.compatible))


def _row(connection: MigratingConnection, sql: str) -> TupleRow:
    row = connection.execute(sql.encode()).fetchone()
    assert row is not None
    return row


def _said(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
