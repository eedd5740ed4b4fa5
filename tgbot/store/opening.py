"""Which store a setting names, and how it is opened: by the bot, or beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
    """The schema's version before (0: there was none) and after; what was said to the operator's copy."""

    where: str
    before: int
    after: int
    backup: Path | None = None


def migrate(url: str, now: datetime) -> Migrated:
    """Bring a database to this version's schema; a missing file is made. Raises DatabaseError."""
    path = Path(url)
    done = migrate_file(path, now)
    return Migrated(str(path.absolute()), done.before, done.after, done.backup)


def must_be_idle(url: str) -> None:
    """Raises DatabaseError when a bot has the database open and no other may beside it."""
    file_must_be_idle(Path(url))


@asynccontextmanager
async def open_store(url: str, now: datetime) -> AsyncIterator[Store]:
    """The store that `url` names (a file's path is SQLite's), migrated. Raises DatabaseError."""
    done = migrate(url, now)
    log.info("database", path=done.where, new=not done.before, schema=done.after, sqlite=sqlite_version)
    for file in open_to_others(*files_of(Path(url))):
        log.warning("file_open_to_others", path=str(file), mend=f"chmod 600 {file}")
    async with await SqliteStore.open(Path(url)) as store:
        yield store


@asynccontextmanager
async def open_to_read(url: str) -> AsyncIterator[Store]:
    """A store that only reads, beside a running bot. Raises DatabaseError."""
    try:
        async with await SqliteStore.open_to_read(Path(url)) as store:
            yield store
    except StoreError as error:
        raise DatabaseError(f"The database {url} cannot be read. {error}") from error
