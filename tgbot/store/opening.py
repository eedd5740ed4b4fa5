"""Which store a setting names, and how it is opened: by the bot, or beside it.

A file's path is SQLite's, an address (postgresql://…) PostgreSQL's, whose driver is an extra.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import sqlite_version

import structlog

from tgbot.service.ports import Store, StoreError
from tgbot.store.database_error import DatabaseError
from tgbot.store.private_files import open_to_others
from tgbot.store.sqlite import SqliteStore
from tgbot.store.sqlite import migrate as migrate_file
from tgbot.store.sqlite.connection import files_of
from tgbot.store.sqlite.copying import must_be_idle as file_must_be_idle

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Migrated:
    """The schema's version before (0: there was none) and after. `backup` is a file's copy from before."""

    where: str
    before: int
    after: int
    backup: Path | None = None


def is_postgres(url: str) -> bool:
    """Whether an address of PostgreSQL is meant, and no file."""
    return url.startswith(("postgresql://", "postgres://"))


def file_of(url: str, otherwise: str) -> Path:
    """The file of an SQLite database. Raises DatabaseError: for PostgreSQL, `otherwise` is to be done."""
    if is_postgres(url):
        raise DatabaseError(f"This is for SQLite's file. {otherwise}")
    return Path(url)


def migrate(url: str, now: datetime) -> Migrated:
    """Bring a database to this version's schema; a missing file is made. Raises DatabaseError."""
    if is_postgres(url):
        _must_have_driver()
        from tgbot.store.postgres.connecting import where
        from tgbot.store.postgres.schema import migrate_schema

        return Migrated(where(url), *migrate_schema(url))
    path = Path(url)
    done = migrate_file(path, now)
    return Migrated(str(path.absolute()), done.before, done.after, done.backup)


def must_be_idle(url: str) -> None:
    """Raises DatabaseError when a bot has the database open and nobody else may beside it."""
    if not is_postgres(url):
        file_must_be_idle(Path(url))


@asynccontextmanager
async def open_store(
    url: str, now: datetime, machine: Callable[[], datetime] | None = None
) -> AsyncIterator[Store]:
    """The store that `url` names, migrated. Raises DatabaseError.

    Of a shared database the clock decides what is due. `machine` reads this machine's, without what somebody
    pushed: the difference between the two is what the database corrects.
    """
    done = migrate(url, now)
    if is_postgres(url):
        from tgbot.store.postgres.pooled_store import PostgresStore

        log.info("database", where=done.where, new=not done.before, schema=done.after)
        async with await PostgresStore.open(url, machine=machine) as store:
            yield store
        return
    log.info("database", path=done.where, new=not done.before, schema=done.after, sqlite=sqlite_version)
    for file in open_to_others(*files_of(Path(url))):
        log.warning("file_open_to_others", path=str(file), mend=f"chmod 600 {file}")
    async with await SqliteStore.open(Path(url)) as store:
        yield store


@asynccontextmanager
async def open_to_read(url: str) -> AsyncIterator[Store]:
    """A store that only reads, beside a running bot. Raises DatabaseError."""
    try:
        async with await _to_read(url) as store:
            yield store
    except StoreError as error:
        raise DatabaseError(f"The database cannot be read. {error}") from error


async def _to_read(url: str) -> AbstractAsyncContextManager[Store]:
    if not is_postgres(url):
        return await SqliteStore.open_to_read(Path(url))
    _must_have_driver()
    from tgbot.store.postgres.pooled_store import PostgresStore

    return await PostgresStore.open(url)


def _must_have_driver() -> None:
    try:
        import psycopg_pool  # noqa: F401
    except ImportError as error:
        raise DatabaseError(
            "PostgreSQL needs the extra `postgres`: pip install 'backcheck[postgres]'."
        ) from error
