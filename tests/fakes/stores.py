"""Stores in whose way something comes."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, NoReturn, TypeVar, cast

from tests.fakes.memory_store import MemoryStore
from tgbot.service.store_port import SharedTransaction, Store, Transaction

T = TypeVar("T")


class MeddledStore:
    """`before` happens before every transaction; when it raises, there is none."""

    def __init__(self, store: Store, before: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._before = before
        self.planned = store.planned

    @property
    def shared(self) -> bool:
        return self._store.shared

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        await self._before()
        return await self._store.transact(person_id, work)

    async def operate(self, work: Callable[[SharedTransaction], Awaitable[T]]) -> T:
        await self._before()
        return await self._store.operate(work)

    def free(self) -> float:
        return self._store.free()

    async def close(self) -> None:
        await self._store.close()


class _Unhurried:
    """Every verb lets the others go first."""

    def __init__(self, verbs: object) -> None:
        self._verbs = verbs

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._verbs, name)

        async def unhurried(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(0)  # noqa: TID251 – lets others run; no time passes
            return await verb(*args, **kwargs)

        return unhurried


class OverlappingStore(MemoryStore):
    """In memory a transaction runs through without a stop. Here they overlap, as a database's do."""

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def unhurried(tx: Transaction) -> T:
            rooms = SimpleNamespace(
                people=_Unhurried(tx.people),
                queue=_Unhurried(tx.queue),
                operations=_Unhurried(tx.operations),
            )
            return await work(cast("Transaction", rooms))

        return await super().transact(person_id, unhurried)


def broken_store(error: Exception) -> MeddledStore:
    """Every transaction raises."""

    async def fail() -> NoReturn:
        raise error

    return MeddledStore(MemoryStore(), fail)
