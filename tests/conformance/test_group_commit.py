"""Works that share a transaction end as if each had one of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from tests.conformance.people import ANNA, BEN
from tgbot.followup.episode import Person
from tgbot.service.group_commit import GroupCommit
from tgbot.service.ports import Store, StoreError, Transaction

T = TypeVar("T")


class CountedStore:
    """Counts transactions; while `fails` it can do none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.planned = store.planned
        self.transactions = 0
        self.fails = False

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self.transactions += 1
        if self.fails:
            raise StoreError("The database says: database or disk is full.")
        return await self._store.transact(work)

    async def close(self) -> None:
        await self._store.close()


def crowd(count: int) -> list[Person]:
    return [replace(ANNA, id=ANNA.id + n) for n in range(count)]


def save(person: Person) -> Callable[[Transaction], Awaitable[int]]:
    async def work(tx: Transaction) -> int:
        await tx.save_person(person)
        return person.id

    return work


async def is_there(store: Store, person: Person) -> bool:
    return await store.transact(lambda tx: tx.person(person.id)) is not None


async def test_works_that_come_together_share_a_transaction_and_each_gets_its_own_result(
    store: Store,
) -> None:
    counted, people = CountedStore(store), crowd(20)
    together = GroupCommit(counted)

    found = await asyncio.gather(*(together.transact(person.id, save(person)) for person in people))

    assert found == [person.id for person in people]
    assert counted.transactions == 1
    assert all([await is_there(store, person) for person in people])


async def test_what_comes_while_a_transaction_runs_makes_up_the_next_one(store: Store) -> None:
    counted, (first, *others) = CountedStore(store), crowd(5)
    together = GroupCommit(counted)

    async def while_others_come(tx: Transaction) -> None:
        came.extend(asyncio.create_task(together.transact(one.id, save(one))) for one in others)
        await tx.save_person(first)
        await asyncio.sleep(0)  # noqa: TID251 – they have asked; no time passes

    came: list[asyncio.Task[int]] = []
    await together.transact(first.id, while_others_come)
    await asyncio.gather(*came)

    assert counted.transactions == 2


async def test_a_fault_stays_with_the_one_who_has_it(store: Store) -> None:
    counted, people = CountedStore(store), crowd(3)
    together = GroupCommit(counted)

    async def broken(tx: Transaction) -> None:
        await tx.save_person(people[1])
        raise KeyError("a step that is not in the protocol")

    works = [save(people[0]), broken, save(people[2])]
    ends = await asyncio.gather(
        *(together.transact(person.id, work) for person, work in zip(people, works, strict=True)),
        return_exceptions=True,
    )

    assert (ends[0], type(ends[1]), ends[2]) == (people[0].id, KeyError, people[2].id)
    assert [await is_there(store, person) for person in people] == [True, False, True]
    assert counted.transactions == 1 + 3, "all together, then each alone"


async def test_one_persons_works_see_what_the_one_before_did(store: Store) -> None:
    """Read and write back: two at once would both read the same."""
    together = GroupCommit(store)
    for person in (ANNA, BEN):
        await store.transact(save(replace(person, country="0")))

    async def count(tx: Transaction, person_id: int) -> str:
        person = await tx.person(person_id)
        assert person is not None
        counted = replace(person, country=str(int(person.country or 0) + 1))
        await tx.save_person(counted)
        return str(counted.country)

    ids = [ANNA.id, BEN.id] * 50
    found = await asyncio.gather(*(together.transact(one, lambda tx, one=one: count(tx, one)) for one in ids))  # type: ignore[misc]

    assert found == [str(1 + n // 2) for n in range(100)]


async def test_a_store_that_cannot_tells_everybody_and_nobody_tries_alone(store: Store) -> None:
    counted, people = CountedStore(store), crowd(3)
    together = GroupCommit(counted)
    counted.fails = True
    ends = await asyncio.gather(
        *(together.transact(person.id, save(person)) for person in people), return_exceptions=True
    )
    counted.fails = False

    assert [type(end) for end in ends] == [StoreError] * 3
    assert counted.transactions == 1
    assert await together.transact(people[0].id, save(people[0])) == people[0].id


async def test_who_is_cancelled_before_its_turn_changes_nothing(store: Store) -> None:
    together = GroupCommit(store)
    asking = asyncio.create_task(together.transact(ANNA.id, save(ANNA)))
    await asyncio.sleep(0)  # noqa: TID251 – it has asked, and waits
    asking.cancel()
    await together.transact(BEN.id, save(BEN))

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not await is_there(store, ANNA)
    assert await is_there(store, BEN)


async def test_who_is_cancelled_later_interrupts_nobody(store: Store) -> None:
    together = GroupCommit(store)
    begun = asyncio.Event()

    async def slow(tx: Transaction) -> None:
        begun.set()
        await asyncio.sleep(0)  # noqa: TID251 – the caller is cancelled here
        await tx.save_person(ANNA)

    asking = asyncio.create_task(together.transact(ANNA.id, slow))
    other = asyncio.create_task(together.transact(BEN.id, save(BEN)))
    await begun.wait()
    asking.cancel()

    assert await other == BEN.id
    assert await is_there(store, ANNA)
