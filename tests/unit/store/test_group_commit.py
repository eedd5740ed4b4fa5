"""Works that share a transaction end as if each had one of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from tests.conformance.people import ANNA, BEN, NOW, quick_mark
from tgbot.followup.episode import Person
from tgbot.service.store_port import StaleEpisodeError, StoreError, Transaction
from tgbot.store.group_commit import GroupCommit
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import SqliteStore

T = TypeVar("T")


class Counted:
    """Counts SQLite's transactions, and who was locked in each; while `fails` there is none."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.locked: list[Sequence[int]] = []
        self.fails = False

    @property
    def transactions(self) -> int:
        return len(self.locked)

    async def __call__(self, people: Sequence[int], work: Callable[[Transaction], Awaitable[T]], /) -> T:
        self.locked.append(people)
        if self.fails:
            raise StoreError("The database says: database or disk is full.")
        return await self._store._commit(people, work)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    migrate(tmp_path / "a.db", NOW)
    async with await SqliteStore.open(tmp_path / "a.db", quick_mark) as opened:
        yield opened


def crowd(count: int) -> list[Person]:
    return [replace(ANNA, id=ANNA.id + n) for n in range(count)]


def save(person: Person) -> Callable[[Transaction], Awaitable[int]]:
    async def work(tx: Transaction) -> int:
        await tx.people.save_person(person)
        return person.id

    return work


async def is_there(store: SqliteStore, person: Person) -> bool:
    return await store.transact(person.id, lambda tx: tx.people.person(person.id)) is not None


async def test_works_that_come_together_share_a_transaction_and_each_gets_its_own_result(
    store: SqliteStore,
) -> None:
    counted, people = Counted(store), crowd(20)
    together = GroupCommit(counted)

    found = await asyncio.gather(*(together.transact(person.id, save(person)) for person in people))

    assert found == [person.id for person in people]
    assert counted.locked == [[person.id for person in people]]
    assert all([await is_there(store, person) for person in people])


async def test_what_comes_while_a_transaction_runs_makes_up_the_next_one(store: SqliteStore) -> None:
    counted, (first, *others) = Counted(store), crowd(5)
    together = GroupCommit(counted)

    async def while_others_come(tx: Transaction) -> None:
        came.extend(asyncio.create_task(together.transact(one.id, save(one))) for one in others)
        await tx.people.save_person(first)
        await asyncio.sleep(0)  # noqa: TID251 – they have asked; no time passes

    came: list[asyncio.Task[int]] = []
    await together.transact(first.id, while_others_come)
    await asyncio.gather(*came)

    assert counted.transactions == 2


@pytest.mark.parametrize("fault", [KeyError("no such step"), StaleEpisodeError("saved by somebody else")])
async def test_a_fault_stays_with_the_one_who_has_it(store: SqliteStore, fault: Exception) -> None:
    counted, people = Counted(store), crowd(3)
    together = GroupCommit(counted)

    async def broken(tx: Transaction) -> None:
        await tx.people.save_person(people[1])
        raise fault

    works = [save(people[0]), broken, save(people[2])]
    ends = await asyncio.gather(
        *(together.transact(person.id, work) for person, work in zip(people, works, strict=True)),
        return_exceptions=True,
    )

    assert (ends[0], type(ends[1]), ends[2]) == (people[0].id, type(fault), people[2].id)
    assert [await is_there(store, person) for person in people] == [True, False, True]
    assert counted.transactions == 1 + 3, "all together, then each alone"


async def test_one_persons_works_see_what_the_one_before_did(store: SqliteStore) -> None:
    """Read and write back: two at once would both read the same."""
    together = GroupCommit(Counted(store))
    for person in (ANNA, BEN):
        await store.transact(person.id, save(replace(person, country="0")))

    async def count(person_id: int, tx: Transaction) -> str:
        person = await tx.people.person(person_id)
        assert person is not None
        counted = replace(person, country=str(int(person.country or 0) + 1))
        await tx.people.save_person(counted)
        return str(counted.country)

    ids = [ANNA.id, BEN.id] * 50
    found = await asyncio.gather(
        *(together.transact(person_id, partial(count, person_id)) for person_id in ids)
    )

    assert found == [str(1 + n // 2) for n in range(100)]


async def test_a_store_that_cannot_tells_everybody_and_nobody_tries_alone(store: SqliteStore) -> None:
    counted, people = Counted(store), crowd(3)
    together = GroupCommit(counted)
    counted.fails = True
    ends = await asyncio.gather(
        *(together.transact(person.id, save(person)) for person in people), return_exceptions=True
    )
    counted.fails = False

    assert [type(end) for end in ends] == [StoreError] * 3
    assert counted.transactions == 1
    assert await together.transact(people[0].id, save(people[0])) == people[0].id


async def test_who_is_cancelled_before_its_turn_changes_nothing(store: SqliteStore) -> None:
    together = GroupCommit(Counted(store))
    asking = asyncio.create_task(together.transact(ANNA.id, save(ANNA)))
    await asyncio.sleep(0)  # noqa: TID251 – it has asked, and waits
    asking.cancel()
    await together.transact(BEN.id, save(BEN))

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not await is_there(store, ANNA)
    assert await is_there(store, BEN)


async def test_who_is_cancelled_later_interrupts_nobody(store: SqliteStore) -> None:
    together = GroupCommit(Counted(store))
    begun = asyncio.Event()

    async def slow(tx: Transaction) -> None:
        begun.set()
        await asyncio.sleep(0)  # noqa: TID251 – the caller is cancelled here
        await tx.people.save_person(ANNA)

    asking = asyncio.create_task(together.transact(ANNA.id, slow))
    other = asyncio.create_task(together.transact(BEN.id, save(BEN)))
    await begun.wait()
    asking.cancel()

    assert await other == BEN.id
    assert await is_there(store, ANNA)


async def test_another_connection_takes_nobody_of_whom_a_work_runs(store: SqliteStore) -> None:
    """It would wait for that person's lock, and everybody in its group with it."""
    counted = Counted(store)
    inside, leave = asyncio.Event(), asyncio.Event()

    async def slow(people: Sequence[int], work: Callable[[Transaction], Awaitable[T]], /) -> T:
        if people == [ANNA.id] and not inside.is_set():
            inside.set()
            await leave.wait()
        return await counted(people, work)

    together = GroupCommit(slow, connections=2)
    first = asyncio.create_task(together.transact(ANNA.id, save(ANNA)))
    await inside.wait()
    second = asyncio.create_task(together.transact(ANNA.id, save(ANNA)))
    await together.transact(BEN.id, save(BEN))

    assert counted.locked == [[BEN.id]]
    assert not second.done()
    leave.set()
    await asyncio.gather(first, second)
    assert counted.locked == [[BEN.id], [ANNA.id], [ANNA.id]]


async def test_a_work_that_is_cancelled_by_itself_leaves_nobody_waiting(store: SqliteStore) -> None:
    together = GroupCommit(Counted(store))

    async def gives_up(_: Transaction) -> None:
        raise asyncio.CancelledError

    async with asyncio.timeout(30):
        ended = await asyncio.gather(
            together.transact(ANNA.id, gives_up), together.transact(BEN.id, save(BEN)), return_exceptions=True
        )
        assert await is_there(store, BEN)
        again = await together.transact(ANNA.id, save(ANNA))

    assert isinstance(ended[0], asyncio.CancelledError)
    assert ended[1] == BEN.id
    assert again == ANNA.id


async def test_whoever_waits_is_told_when_the_works_are_cancelled(store: SqliteStore) -> None:
    begun = asyncio.Event()

    async def never_ends(_: Sequence[int], _work: Callable[[Transaction], Awaitable[T]], /) -> T:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    together = GroupCommit(never_ends)
    callers = [asyncio.ensure_future(together.transact(one.id, save(one))) for one in (ANNA, BEN)]
    await begun.wait()
    for task in together._running:
        task.cancel()

    async with asyncio.timeout(30):
        ended = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError] * 2
