"""PostgreSQL behind the port: transactions are functions over a pool of connections, several at once.

What several works of one transaction ask at the same time is one statement: it costs the server and the
driver about as much for fifty people as for one.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
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
    in_psycopg,
    open_pool,
)
from tgbot.store.rows import SqlRow, to_ms
from tgbot.store.sealing import PLAIN, ErasureMark, Seal, mark_of
from tgbot.store.sql import SqlTransaction, load_statements

T = TypeVar("T")
TOGETHER = 4  # connections for works about people; two more are for everything else
CONNECTIONS = TOGETHER + 2
MOST_LOCKED = 50  # people in one transaction: another replica that needs one of them waits for them all
STATEMENTS = {
    name: in_psycopg(sql) for name, sql in load_statements("common.sql", "postgres/postgres.sql").items()
}
SEVERAL = {name: in_psycopg(sql) for name, sql in load_statements("postgres/several.sql").items()}
FEWEST = 2  # calls that are worth a statement of `several.sql`; for one it costs twice as much


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
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, as whoever gave up waiting does not: asyncio would log a traceback

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


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    name: str
    values: Mapping[str, Any]
    rows: asyncio.Future[Sequence[SqlRow]]


class GroupedStatements:
    """Runs statements by name, in the order in which they were asked, until one fails: from then on each
    fails alike, as the transaction is over.

    Calls of one name that follow one another become one statement, if `several.sql` has it.
    """

    def __init__(self, connection: PostgresConnection, machine: Callable[[], datetime] | None) -> None:
        self._connection = connection
        self._machine = machine
        self._failure: Exception | None = None
        self._waiting: list[_Call] = []
        self._running: asyncio.Task[None] | None = None

    async def run(self, name: str, values: Mapping[str, Any]) -> Sequence[SqlRow]:
        call = _Call(name, values, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        self._go_on()
        return await call.rows

    def end(self) -> None:
        """Nothing more may be run: what is still asked fails."""
        self._failure = self._failure or StoreError("The transaction is over.")

    def _go_on(self) -> None:
        """In a task of its own: whoever has just got rows asks what comes next before it starts."""
        if self._running is None and self._waiting:
            self._running = asyncio.create_task(self._next())

    async def _next(self) -> None:
        calls = self._take()
        try:
            if self._failure is not None:
                raise self._failure
            found = await self._asked(calls)
        except Exception as error:  # noqa: BLE001 – each is told
            self._failure = error
            for call in calls:
                if not call.rows.done():
                    call.rows.set_exception(error)
        else:
            for call, rows in zip(calls, found, strict=True):
                if not call.rows.done():  # its caller was cancelled
                    call.rows.set_result(rows)
        self._running = None
        self._go_on()

    def _take(self) -> list[_Call]:
        """The calls that make up the next statement: an id that is in it twice would be changed once."""
        name, ids = self._waiting[0].name, set[object]()
        calls: list[_Call] = []
        for call in self._waiting:
            if call.name != name or call.values.get("id") in ids or (calls and name not in SEVERAL):
                break
            calls.append(call)
            if "id" in call.values:
                ids.add(call.values["id"])
        del self._waiting[: len(calls)]
        return calls

    async def _asked(self, calls: Sequence[_Call]) -> list[Sequence[SqlRow]]:
        """The rows of each."""
        name, machine = calls[0].name, to_ms(self._machine()) if self._machine else None
        if len(calls) < FEWEST or name not in SEVERAL:
            return [await ask(self._connection, STATEMENTS[name], {"machine": machine, **calls[0].values})]
        columns = {key: [call.values[key] for call in calls] for key in calls[0].values}
        by_place: dict[int, list[SqlRow]] = defaultdict(list)
        for row in await ask(self._connection, SEVERAL[name], {"machine": machine, **columns}):
            by_place[row["place"]].append(row)
        return [by_place[place] for place in range(1, len(calls) + 1)]
