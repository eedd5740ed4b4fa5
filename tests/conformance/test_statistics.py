"""Counts of what happened, which name nobody."""

from datetime import timedelta

import pytest

from tests.conformance.people import NOW
from tgbot.service.ports import ImpossibleStateError, Store

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
