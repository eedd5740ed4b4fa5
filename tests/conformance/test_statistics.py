"""Counts of what happened, which name nobody."""

from datetime import timedelta

import pytest

from tests.conformance.people import NOW
from tgbot.service.store_port import ImpossibleStateError, Store, Worker

TODAY = NOW.date()


async def test_counts_add_up_over_flushes_and_days(store: Store) -> None:
    await store.operate(
        lambda tx: tx.operations.tally(TODAY, {("shown", "q-sleep"): 2, ("shown", "treat-best"): 9})
    )
    await store.operate(
        lambda tx: tx.operations.tally(TODAY, {("shown", "q-sleep"): 3, ("helpful", "q-sleep"): 1})
    )
    await store.operate(lambda tx: tx.operations.tally(TODAY + timedelta(days=1), {("shown", "q-sleep"): 5}))

    shown = await store.operate(lambda tx: tx.operations.tallied(TODAY, "shown"))
    everything = await store.operate(lambda tx: tx.operations.tallied(TODAY))

    assert list(shown.items()) == [(("shown", "q-sleep"), 10), (("shown", "treat-best"), 9)]
    assert list(everything.items()) == [(("helpful", "q-sleep"), 1), *shown.items()]


async def test_counts_of_earlier_days_can_be_left_out(store: Store) -> None:
    await store.operate(lambda tx: tx.operations.tally(TODAY - timedelta(days=1), {("shown", "q-sleep"): 2}))

    assert await store.operate(lambda tx: tx.operations.tallied(TODAY, "shown")) == {}


async def test_a_count_of_nothing_is_refused_and_nothing_of_it_is_kept(store: Store) -> None:
    with pytest.raises(ImpossibleStateError):
        await store.operate(lambda tx: tx.operations.tally(TODAY, {("shown", "a"): 1, ("shown", "b"): 0}))

    assert await store.operate(lambda tx: tx.operations.tallied(TODAY, "shown")) == {}


async def test_who_works_with_the_database_is_known_to_the_others_until_they_leave(store: Store) -> None:
    ann, bob, eve = (Worker("a_bot", host, pid) for host, pid in (("x", 1), ("x", 2), ("y of ours", 1)))

    async def meets(me: Worker, seconds: int, since: int = 0) -> list[Worker]:
        at = timedelta(seconds=seconds)
        return list(
            await store.operate(lambda tx: tx.operations.meet(me, NOW + at, NOW + timedelta(seconds=since)))
        )

    assert await meets(ann, 0) == []
    assert await meets(bob, 1) == [ann]
    assert await meets(eve, 2) == [ann, bob]
    assert await meets(ann, 3) == [bob, eve]
    assert await meets(eve, 60, since=2) == [ann], "the second was not seen since"
    assert await meets(ann, 60) == [eve], "and is forgotten"
    await store.operate(lambda tx: tx.operations.leave(eve))
    assert await meets(ann, 61) == []
