"""PostgreSQL behind the port: transactions are functions over a pool of connections, several at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Self, TypeVar

import psycopg

from tgbot.service.store_port import SharedTransaction, StoreError, Transaction
from tgbot.store.group_commit import GroupCommit
from tgbot.store.postgres.connecting import (
    TIMEOUTS,
    DatabaseTimeouts,
    NoConnectionError,
    Pool,
    PostgresConnection,
    ask,
    begin,
    open_pool,
)
from tgbot.store.postgres.grouped_statements import GroupedStatements
from tgbot.store.sealing import PLAIN, ErasureMark, Seal, mark_of
from tgbot.store.sql import SqlTransaction

T = TypeVar("T")
TOGETHER = 4  # connections for works about people; two more are for everything else
CONNECTIONS = TOGETHER + 2
MOST_LOCKED = 50  # people in one transaction: another replica that needs one of them waits for them all


class PostgresStore:
    """Open with `async with PostgresStore.open(url)`.

    `machine` reads this machine's clock. What the process's own was pushed by counts; how far the machine is
    off does not, as the database's clock decides what is due. Without it the process's clock decides.
    """

    def __init__(
        self,
        pool: Pool,
        mark: ErasureMark,
        machine: Callable[[], datetime] | None,
        seal: Seal,
        timeouts: DatabaseTimeouts,
    ) -> None:
        self._timeouts = timeouts
        self._pool = pool
        self._seal = seal
        self._mark = mark
        self._machine = machine
        self._together = GroupCommit(self._commit, TOGETHER, MOST_LOCKED)
        self._running: set[asyncio.Task[Any]] = set()
        self.planned = asyncio.Event()

    @classmethod
    async def open(
        cls,
        url: str,
        mark: ErasureMark = mark_of,
        machine: Callable[[], datetime] | None = None,
        seal: Seal = PLAIN,
        timeouts: DatabaseTimeouts = TIMEOUTS,
    ) -> Self:
        """A store over a migrated database. Raises DatabaseError."""
        return cls(await open_pool(url, CONNECTIONS, timeouts), mark, machine, seal, timeouts)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def shared(self) -> bool:
        return True

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` while this person is locked for every replica. Raises StoreError."""
        return await self._together.transact(person_id, work)

    async def operate(self, work: Callable[[SharedTransaction], Awaitable[T]]) -> T:
        """Run `work` beside everybody else's. Raises StoreError."""
        task = asyncio.create_task(self._commit([], work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    def free(self) -> float:
        """Whoever runs the server watches its disk."""
        return 1.0

    async def close(self) -> None:
        """Let what is running finish, then close. Twice is harmless."""
        await self._together.finished()
        while self._running:
            await asyncio.wait(self._running)
        await self._pool.close()

    async def _commit(self, people: Sequence[int], work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self._begun(people) as connection:
            statements = GroupedStatements(connection, self._machine)
            transaction = SqlTransaction(statements.run, self._mark, self._seal)
            try:
                result = await work(transaction)
                await ask(connection, "COMMIT")
            except BaseException:
                statements.end()
                await _undo(connection)
                raise
            if transaction.after.planned:
                self.planned.set()
            return result

    @asynccontextmanager
    async def _begun(self, people: Sequence[int]) -> AsyncIterator[PostgresConnection]:
        """A connection in a transaction. Those that died in the pool are passed over."""
        failure = NoConnectionError("No connection to the database.")
        for _ in range(2 * CONNECTIONS):
            connection = await self._connection()
            try:
                await _begin(connection, people, self._timeouts.statement)
            except NoConnectionError as error:
                failure = error
                await self._pool.putconn(connection)
                continue
            except BaseException:
                await _undo(connection)
                await self._pool.putconn(connection)
                raise
            try:
                yield connection
            finally:
                await self._pool.putconn(connection)
            return
        raise failure

    async def _connection(self) -> PostgresConnection:
        try:
            return await self._pool.getconn()
        except psycopg.Error as error:  # the pool's own: none is free, or it is closed
            raise StoreError(f"No connection to the database: {error}.") from error


async def _begin(connection: PostgresConnection, people: Sequence[int], statement: int) -> None:
    try:
        (row,) = await ask(connection, begin(list(people), statement))
    except StoreError as error:
        if connection.closed or connection.broken:
            raise NoConnectionError(str(error)) from error
        raise
    if row["read_only"] == "on":
        await connection.close()
        raise NoConnectionError("The database can only be read: its leader is another server now.")


async def _undo(connection: PostgresConnection) -> None:
    """Roll back, or give the connection up: the pool makes another."""
    if connection.closed:
        return
    with suppress(Exception):
        await ask(connection, "ROLLBACK")
        return
    await connection.close()
