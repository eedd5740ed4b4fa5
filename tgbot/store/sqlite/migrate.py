"""Migrations: numbered files, each in one transaction with its number; a backup before."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from tgbot.errors import DatabaseError
from tgbot.store.sqlite.backups import back_up
from tgbot.store.sqlite.connection import APPLICATION_ID, connect, read_only

_FILE = re.compile(r"^(\d{4})_(\w+)\.sql$")


@dataclass(frozen=True, slots=True)
class Migration:
    """`number` is the schema's version after it; versions have no gaps."""

    number: int
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class MigratedFile:
    """What `migrate` did. `backup` is where the file was copied before it was changed."""

    before: int
    after: int
    backup: Path | None = None


def shipped() -> tuple[Migration, ...]:
    """The migrations of this version, in order."""
    found = []
    for file in files("tgbot.store.sqlite").joinpath("migrations").iterdir():
        if match := _FILE.match(file.name):
            found.append(Migration(int(match[1]), match[2], file.read_text("utf-8")))
    return tuple(sorted(found, key=lambda migration: migration.number))


def version_of(connection: sqlite3.Connection) -> int:
    """The schema's version: 0 for an empty file."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(
    path: Path, now: datetime, migrations: tuple[Migration, ...] | None = None, keep_copy: bool = True
) -> MigratedFile:
    """Bring a file to this version's schema; an empty file is made. Raises DatabaseError.

    A kill at any statement leaves the file at a whole version; running it again goes on from there. Without
    `keep_copy` there is none beside it: for what is a copy itself.
    """
    steps = shipped() if migrations is None else migrations
    connection = connect(path)
    try:
        before = version_of(connection)
        newest = steps[-1].number
        if before > newest:
            raise _too_new(path, before, newest)
        pending = [step for step in steps if step.number > before]
        backup = _back_up(path, before, now) if before and pending and keep_copy else None
        for step in pending:
            _apply(connection, step)
        return MigratedFile(before, newest, backup)
    except sqlite3.Error as error:
        raise DatabaseError(f"The database {path} could not be migrated: {error}.") from error
    finally:
        connection.close()


def must_be_current(path: Path) -> None:
    """Whoever only reads needs this version's schema. Raises DatabaseError."""
    with read_only(path) as connection:
        version, newest = version_of(connection), shipped()[-1].number
    if version > newest:
        raise _too_new(path, version, newest)
    if version < newest:
        raise DatabaseError(
            f"The database {path} has schema {version}, this version of Backcheck needs {newest}: "
            "`backcheck migrate` brings it there, with the bot stopped."
        )


def _too_new(path: Path, version: int, newest: int) -> DatabaseError:
    return DatabaseError(
        f"The database {path} has schema {version}, this version of Backcheck knows up to {newest}. "
        "Run the newer version, or restore a backup."
    )


def statements_of(sql: str) -> Iterator[str]:
    """The single statements of a script. (`executescript` would commit by itself.)"""
    gathered = ""
    for line in sql.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""


def _apply(connection: sqlite3.Connection, step: Migration) -> None:
    """Foreign keys are looked at once, at the end: a table that is built anew is dropped first, and `DROP
    TABLE` would delete every row that hangs on its rows."""
    connection.execute("PRAGMA foreign_keys = 0")  # only outside a transaction
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements_of(step.sql):
            connection.execute(statement)
        if lost := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise DatabaseError(
                f"Migration {step.number} would leave rows of {lost[0]} without their {lost[2]}."
            )
        connection.execute(f"PRAGMA user_version = {step.number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("PRAGMA foreign_keys = 1")


def _back_up(path: Path, version: int, now: datetime) -> Path:
    """The file from before. One of this very moment is whole: whoever made it was killed while migrating."""
    target = path.with_name(f"{path.name}.v{version}-{now:%Y%m%dT%H%M%S}.bak")
    if not target.exists():
        back_up(path, target)
    return target
