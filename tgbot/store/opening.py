"""Which database a setting names, and what is done with it as a whole: it is migrated, opened (by the bot, or
beside it), moved, and its key is held against it or exchanged.

A file's path is SQLite's, an address (postgresql://…) PostgreSQL's, whose driver is an extra.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from sqlite3 import sqlite_version

import structlog

from tgbot.errors import DatabaseError
from tgbot.service.store_port import SharedTransaction, Store, StoreError, Transaction
from tgbot.store.moving import MovedTable, Side, file_side, move, moved_file_to, must_not_be_moved
from tgbot.store.private_files import open_to_others
from tgbot.store.sealing import PLAIN, Seal, seal_of
from tgbot.store.sql import SqlOperations, SqlPeople
from tgbot.store.sqlite.backups import must_be_idle as file_must_be_idle
from tgbot.store.sqlite.connection import files_of, read_only
from tgbot.store.sqlite.migrate import migrate as migrate_file
from tgbot.store.sqlite.migrate import must_be_current
from tgbot.store.sqlite.store import SqliteStore

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
        must_have_driver()
        from tgbot.store.postgres.connecting import where
        from tgbot.store.postgres.schema import migrate_schema

        return Migrated(where(url), *migrate_schema(url))
    path = Path(url)
    done = migrate_file(path, now)
    return Migrated(str(path.absolute()), done.before, done.after, done.backup)


def must_hold_ours(url: str) -> None:
    """Raises DatabaseError unless a database of Backcheck's is there. Makes and changes nothing: opening a
    mistyped name to write would make an empty database of it."""
    if not is_postgres(url):
        with read_only(Path(url)):
            return
    must_have_driver()
    from tgbot.store.postgres.connecting import where
    from tgbot.store.postgres.schema import schema_of

    if schema_of(url)[0] == 0:
        raise DatabaseError(f"Nothing of Backcheck's is in the database at {where(url)}.")


def move_all(source: str, target: str, now: datetime) -> list[MovedTable]:
    """Move everything between two databases, and mark the source. Raises DatabaseError."""
    if source == target:
        raise DatabaseError("Source and target are the same database.")
    must_hold_ours(source)
    return move(partial(open_side, source, now), partial(open_side, target, now))


def open_side(url: str, now: datetime) -> AbstractContextManager[Side]:
    """One side of a move, with this version's schema. Raises DatabaseError."""
    if is_postgres(url):
        must_have_driver()
        from tgbot.store.postgres.moving_server import server_side

        return server_side(url)
    return file_side(Path(url), now)


def must_be_idle(url: str) -> None:
    """Raises DatabaseError when a bot has the database open and nobody else may beside it."""
    if not is_postgres(url):
        file_must_be_idle(Path(url))


def must_be_stopped(url: str, now: datetime) -> None:
    """Raises DatabaseError while bots work with the database, also where several may: they would go on with
    what they read at their start, such as a key."""
    if is_postgres(url):
        with open_side(url, now) as side:
            side.must_be_idle()
    else:
        file_must_be_idle(Path(url))


@asynccontextmanager
async def open_store(
    url: str, now: datetime, machine: Callable[[], datetime] | None = None, keys: str | None = None
) -> AsyncIterator[Store]:
    """The store that `url` names, migrated, and sealed with the `keys` of a key file. Raises DatabaseError,
    also for keys that do not open what is there.

    Of a shared database the clock decides what is due. `machine` reads this machine's, without what somebody
    pushed: the difference between the two is what the database corrects.
    """
    seal = seal_of(keys)
    done = migrate(url, now)
    if is_postgres(url):
        from tgbot.store.postgres.moving_server import mark_of_move
        from tgbot.store.postgres.pooled_store import PostgresStore

        must_not_be_moved(done.where, mark_of_move(url))
        log.info("database", where=done.where, new=not done.before, schema=done.after)
        async with await PostgresStore.open(url, machine=machine, seal=seal) as store:
            await must_fit(store, seal, write=True)
            yield store
        return
    must_not_be_moved(done.where, moved_file_to(Path(url)))
    log.info("database", path=done.where, new=not done.before, schema=done.after, sqlite=sqlite_version)
    if done.backup:
        log.warning(
            "copy_from_before_the_migration", path=str(done.backup), mend="people's data: delete it in time"
        )
    for file in open_to_others(*files_of(Path(url))):
        log.warning("file_open_to_others", path=str(file), mend=f"chmod 600 {file}")
    async with await SqliteStore.open(Path(url), seal=seal) as store:
        await must_fit(store, seal, write=True)
        yield store


@asynccontextmanager
async def open_to_read(url: str, keys: str | None = None) -> AsyncIterator[Store]:
    """A store that only reads, beside a running bot. Raises DatabaseError."""
    seal = seal_of(keys)
    try:
        async with await _to_read(url, seal) as store:
            if keys is not None:
                await must_fit(store, seal, write=False)
            yield store
    except StoreError as error:
        raise DatabaseError(f"The database cannot be read. {error}") from error


async def _to_read(url: str, seal: Seal) -> AbstractAsyncContextManager[Store]:
    if not is_postgres(url):
        must_be_current(Path(url))
        return await SqliteStore.open_to_read(Path(url), seal)
    must_have_driver()
    from tgbot.store.postgres.pooled_store import PostgresStore

    return await PostgresStore.open(url, seal=seal)


def must_have_driver() -> None:
    """Raises DatabaseError when the extra `postgres` is not installed."""
    try:
        import psycopg_pool  # noqa: F401
    except ImportError as error:
        raise DatabaseError(
            "PostgreSQL needs the extra `postgres`: pip install 'backcheck[postgres]'."
        ) from error


_PROOF = "backcheck"  # what every database with a key holds sealed


async def must_fit(store: Store, seal: Seal, *, write: bool) -> None:
    """A wrong or a missing key is said at the start, not by the first tap. Raises DatabaseError."""
    proof = await store.operate(lambda tx: _operations(tx).proof())
    if proof is not None:
        seal.open(proof)
    elif write and seal is not PLAIN:
        await store.operate(lambda tx: _operations(tx).save_proof(seal.close(_PROOF)))


async def rotate(store: Store) -> int:
    """Seal everything with the first of the keys; how many people that were. Nobody else may write to it."""
    people = await store.operate(lambda tx: _operations(tx).everybody())
    for person_id in people:
        await store.transact(person_id, partial(_reseal, person_id))
    return len(people)


async def prove(store: Store, keys: str) -> None:
    """Remember that the first of the keys is the database's: what is older may leave the key file."""
    await store.operate(lambda tx: _operations(tx).save_proof(seal_of(keys).close(_PROOF)))


async def _reseal(person_id: int, tx: Transaction) -> None:
    assert isinstance(tx.people, SqlPeople)
    await tx.people.reseal(person_id)


def _operations(tx: SharedTransaction) -> SqlOperations:
    """What only a database has: a key."""
    assert isinstance(tx.operations, SqlOperations)
    return tx.operations
