"""The statements of one transaction. What several of its works ask at the same time is one statement.

A statement costs the server and the driver about as much for fifty people as for one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tgbot.service.store_port import StoreError
from tgbot.store.postgres.connecting import PostgresConnection, ask, in_psycopg
from tgbot.store.rows import SqlRow, to_ms
from tgbot.store.statements import load

STATEMENTS = {name: in_psycopg(sql) for name, sql in load("common.sql", "postgres/postgres.sql").items()}
SEVERAL = {name: in_psycopg(sql) for name, sql in load("postgres/several.sql").items()}
FEWEST = 2  # calls that are worth a statement of `several.sql`; for one it costs twice as much


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
