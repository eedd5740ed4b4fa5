"""SQLite behind the port: transactions are functions over the one writing connection."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite

from tgbot.service.store_port import (
    ImpossibleStateError,
    SharedTransaction,
    StoreError,
    StoreFullError,
    StoreLostError,
    Transaction,
)
from tgbot.store.group_commit import GroupCommit
from tgbot.store.rows import SqlRow
from tgbot.store.sealing import PLAIN, ErasureMark, Seal, mark_of
from tgbot.store.sql import SqlTransaction, load_statements
from tgbot.store.sqlite.connection import connect, connect_to_read, free_share

T = TypeVar("T")
STATEMENTS = load_statements("common.sql", "sqlite/engine.sql")
_WRITING = "BEGIN IMMEDIATE"


class SqliteStore:
    """Open with `async with SqliteStore.open(path)`, or close it: an open one keeps the process alive.

    There is one writer, so nobody needs to lock a person: each transaction has the whole file to itself.

    Why each takes a lock of ours: two coroutines on one connection would share a transaction, and one's
    rollback would erase the other's insert. Why it is shielded: a cancelled call still runs in the thread,
    so a cancelled caller must not leave a transaction open behind it.
    """

    def __init__(
        self, connection: aiosqlite.Connection, mark: ErasureMark, path: Path, begin: str, seal: Seal
    ) -> None:
        self._connection = connection
        self._path = path.absolute()
        self._opened = _identity(self._path)
        self._mark = mark
        self._begin = begin
        self._seal = seal
        self._lock = asyncio.Lock()
        self._together = GroupCommit(self._commit)
        self._running: set[asyncio.Task[Any]] = set()
        self._bytes_left = False
        self._damage: StoreLostError | None = None
        self.planned = asyncio.Event()

    @classmethod
    async def open(cls, path: Path, mark: ErasureMark = mark_of, seal: Seal = PLAIN) -> Self:
        """A store over a migrated file; `mark` is what an erasure leaves of an id. Raises DatabaseError."""
        connection = aiosqlite.Connection(lambda: connect(path), iter_chunk_size=64)
        return cls(await connection, mark, path, _WRITING, seal)

    @classmethod
    async def open_to_read(cls, path: Path, seal: Seal = PLAIN) -> Self:
        """A store that only reads, beside a running bot. Raises DatabaseError."""
        connect_to_read(path).close()  # what is wrong is said here, and not in a thread that starts and ends
        connection = aiosqlite.Connection(lambda: connect_to_read(path), iter_chunk_size=64)
        return cls(await connection, mark_of, path, "BEGIN", seal)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def shared(self) -> bool:
        return False

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` between BEGIN and COMMIT, with what else waits; when it raises, nothing of it happened.

        A caller that is cancelled while waiting for its turn changes nothing; one that is cancelled later
        does not interrupt the transaction. Raises StoreError when SQLite cannot (disk full, locked).
        """
        return await self._together.transact(person_id, work)

    async def operate(self, work: Callable[[SharedTransaction], Awaitable[T]]) -> T:
        """As `transact`, but alone in its transaction."""
        await self._lock.acquire()
        task = asyncio.create_task(self._run(work))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, as whoever gave up waiting does not: asyncio would log a traceback

    def free(self) -> float:
        """Of the disk on which the file lies."""
        return free_share(self._path)

    async def _commit(self, _: Sequence[int], work: Callable[[Transaction], Awaitable[T]]) -> T:
        await self._lock.acquire()
        return await self._run(work)

    async def _run(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Takes the lock over, and gives it back."""
        try:
            if self._begin == _WRITING:
                await self._must_be_ours()
            transaction = SqlTransaction(self._run_statement, self._mark, self._seal)
            try:
                await self._execute(self._begin, {})
                result = await work(transaction)
                await self._execute("COMMIT", {})
            except BaseException:
                # Queued behind whatever still runs in the thread; nothing happens outside a transaction.
                with suppress(ValueError, sqlite3.Error):  # closed, or ended by SQLite: rolled back already
                    await self._connection.rollback()
                raise
            if transaction.after.planned:
                self.planned.set()
            if transaction.after.forgot or self._bytes_left:
                self._bytes_left = not await self._truncate_log()
            return result
        finally:
            self._lock.release()

    async def _run_statement(self, name: str, values: Mapping[str, Any]) -> Sequence[SqlRow]:
        try:
            return await self._execute(STATEMENTS[name], values)
        except sqlite3.IntegrityError as error:
            raise ImpossibleStateError(f"{name}: {error}") from error

    async def _execute(self, sql: str, values: Mapping[str, Any]) -> Sequence[SqlRow]:
        try:
            found: Any = await self._connection.execute_fetchall(sql, values)
            return list(found)
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, ValueError) as error:  # ValueError: the connection is closed
            failure = _failure(error)
            if isinstance(failure, StoreLostError):
                self._damage = failure
            raise failure from error

    async def _must_be_ours(self) -> None:
        """Raises StoreLostError for files that were removed or replaced under us: SQLite would write on, into
        what nobody opens again. And once something was found damaged: writing on could make it worse.

        While only the log is gone we still have it open, so what is in it is saved into the database.
        """
        if self._damage is not None:
            raise self._damage
        database, log = _identity(self._path)
        if (database, log) == self._opened:
            return
        if database == self._opened[0] and log is None:
            await self._truncate_log()
            raise StoreLostError("The database's log (-wal) was removed while it was open.")
        raise StoreLostError("The database file was removed or replaced while it was open.")

    async def _truncate_log(self) -> bool:
        """Move the log into the file and empty it: what was erased is then in neither. False while somebody
        else reads (a backup); it is tried again after the next transaction."""
        try:
            (outcome,) = await self._execute("PRAGMA wal_checkpoint(TRUNCATE)", {})
        except StoreError:  # what was committed is committed
            return False
        return bool(outcome["busy"] == 0)

    async def close(self) -> None:
        """Let what is running finish, then close. Twice is harmless."""
        await self._together.finished()
        while self._running:
            await asyncio.wait(self._running)
        await self._connection.close()


def _failure(error: sqlite3.Error | ValueError) -> StoreError:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the extended codes share the lowest byte
        case sqlite3.SQLITE_FULL:
            return StoreFullError(f"The database says: {error}.")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreLostError(f"The database is damaged ({error}): restore a backup.")
    return StoreError(f"The database says: {error}.")


def _identity(path: Path) -> tuple[int | None, int | None]:
    """Which files the database and its log are, as SQLite knows them; None for what is not there."""
    return _inode(path), _inode(path.with_name(path.name + "-wal"))


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
