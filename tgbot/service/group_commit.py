"""Group commit: works of several people share one transaction.

A commit waits for the disk, a statement for the database's thread. Works that come while a transaction runs
make up the next one, and wait together.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tgbot.service.ports import Store, StoreError, Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    person_id: int
    work: Callable[[Transaction], Awaitable[Any]]
    result: asyncio.Future[Any]


class GroupCommit:
    """Works of one person run one after the other, in the order they came; those of different people at once.

    When one raises, nothing of the group happened: each then runs again in a transaction of its own, so that
    a fault stays with the one who has it. So a work changes nothing but its transaction.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: list[_Asked] = []
        self._running: asyncio.Task[None] | None = None

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns, once it is committed. Raises what `work` raises, and StoreError."""
        asked = _Asked(person_id, work, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        result: T = await asked.result
        return result

    async def _run(self) -> None:
        while self._asked:
            group, self._asked = _still_awaited(self._asked), []
            await self._commit(group)

    async def _commit(self, group: Sequence[_Asked]) -> None:
        try:
            results = await self._store.transact(lambda tx: _done(group, tx))
        except Exception as error:  # noqa: BLE001 – each is told
            if len(group) > 1 and not isinstance(error, StoreError):
                for one in group:
                    await self._commit([one])
                return
            for one in _still_awaited(group):
                one.result.set_exception(error)
        else:
            for one in _still_awaited(group):
                one.result.set_result(results[one])


def _still_awaited(group: Sequence[_Asked]) -> list[_Asked]:
    """Those whose caller was not cancelled meanwhile."""
    return [one for one in group if not one.result.done()]


async def _done(group: Sequence[_Asked], tx: Transaction) -> Mapping[_Asked, Any]:
    """Run every work to its end, then raise if one did: none may write on while the transaction is undone."""
    lanes: dict[int, list[_Asked]] = defaultdict(list)
    for one in group:
        lanes[one.person_id].append(one)
    results: dict[_Asked, Any] = {}

    async def in_turn(lane: Sequence[_Asked]) -> None:
        for one in lane:
            results[one] = await one.work(tx)

    ended = await asyncio.gather(*map(in_turn, lanes.values()), return_exceptions=True)
    raised = [error for error in ended if error is not None]
    if raised:
        raise next((error for error in raised if isinstance(error, StoreError)), raised[0])
    return results
