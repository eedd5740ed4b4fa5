"""Group commit: works of several people share one transaction of the database.

A commit waits for the disk, a statement for the database. While every connection is busy, works wait here;
the next free connection takes all of them at once. With a connection to spare each work is alone.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tgbot.service.store_port import StaleEpisodeError, StoreError, Transaction

T = TypeVar("T")
MOST = 100  # works in one transaction; those of everybody else wait as long as it takes


class Commit(Protocol):
    """One transaction of the database, in which these people are locked."""

    async def __call__(self, people: Sequence[int], work: Callable[[Transaction], Awaitable[T]], /) -> T: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    person_id: int
    work: Callable[[Transaction], Awaitable[Any]]
    result: asyncio.Future[Any]


class GroupCommit:
    """Works of one person run one after the other, in the order they came; those of different people at once.

    When one raises, nothing of the group happened: each then runs again in a transaction of its own, so that
    a fault stays with the one who has it.
    """

    def __init__(self, commit: Commit, connections: int = 1, most: int = MOST) -> None:
        self._commit = commit
        self._connections = connections
        self._most = most
        self._waiting: list[_Waiting] = []
        self._busy: set[int] = set()  # the people of the groups that run
        self._running: set[asyncio.Task[None]] = set()
        self._workers = 0

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns, once it is committed. Raises what `work` raises, and StoreError.

        A caller that is cancelled before its turn changes nothing; later it interrupts nobody.
        """
        waiting = _Waiting(person_id, work, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._start()
        result: T = await waiting.result
        return result

    async def finished(self) -> None:
        """Return when nothing runs or waits any more."""
        while self._running:
            await asyncio.wait(self._running)

    def _start(self) -> None:
        if self._workers < self._connections:
            self._workers += 1
            task = asyncio.create_task(self._run())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self) -> None:
        try:
            while group := self._next_group():
                people = sorted({waiting.person_id for waiting in group})
                self._busy.update(people)
                try:
                    await self._together(group, people)
                finally:
                    self._busy.difference_update(people)
        finally:
            self._workers -= 1

    def _next_group(self) -> list[_Waiting]:
        """All that wait, but of nobody of whom a work runs."""
        free = [each for each in _still_awaited(self._waiting) if each.person_id not in self._busy][
            : self._most
        ]
        taken = set(free)
        self._waiting = [each for each in _still_awaited(self._waiting) if each not in taken]
        return free

    async def _together(self, group: Sequence[_Waiting], people: Sequence[int]) -> None:
        try:
            results = await self._commit(people, lambda tx: _done(group, tx))
        except BaseException as error:  # each is told
            if len(group) > 1 and _is_of_a_work(error):
                for waiting in group:
                    await self._together([waiting], [waiting.person_id])
                return
            for waiting in _still_awaited(group):
                waiting.result.set_exception(error)
            if _ends_us(error):
                raise
        else:
            for waiting in _still_awaited(group):
                waiting.result.set_result(results[waiting])


def _still_awaited(group: Sequence[_Waiting]) -> list[_Waiting]:
    """Those whose caller was not cancelled meanwhile."""
    return [waiting for waiting in group if not waiting.result.done()]


async def _done(group: Sequence[_Waiting], tx: Transaction) -> Mapping[_Waiting, Any]:
    """Run every work to its end, then raise if one did: none may write on while the transaction is undone."""
    by_person: dict[int, list[_Waiting]] = defaultdict(list)
    for waiting in group:
        by_person[waiting.person_id].append(waiting)
    results: dict[_Waiting, Any] = {}

    async def in_turn(works: Sequence[_Waiting]) -> None:
        for waiting in works:
            results[waiting] = await waiting.work(tx)

    ended = await asyncio.gather(*map(in_turn, by_person.values()), return_exceptions=True)
    raised = [error for error in ended if error is not None]
    if raised:
        raise next(filter(_is_of_the_database, raised), raised[0])
    return results


def _is_of_a_work(error: BaseException) -> bool:
    return not _is_of_the_database(error) and not _ends_us(error)


def _ends_us(error: BaseException) -> bool:
    """Whether it is meant for the task that runs the works. A work may be cancelled by itself."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0
    return not isinstance(error, Exception)


def _is_of_the_database(error: BaseException) -> bool:
    """Whether it is everybody's: each alone would meet it, too. A stale episode is one person's."""
    return isinstance(error, StoreError) and not isinstance(error, StaleEpisodeError)
