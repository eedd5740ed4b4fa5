"""Two processes on one database name each other, and nobody who has gone."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import broken_store
from tgbot.clock import ManualClock
from tgbot.service.replicas import EVERY, SEEN, Presence
from tgbot.service.store_port import StoreError, Worker

FIRST, SECOND = Worker("back_bot", "alpha", 10), Worker("back_bot", "alpha", 20)


class SharedStore(MemoryStore):
    """As PostgreSQL is: several processes are meant to work with it."""

    @property
    def shared(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("store", "second", "events"),
    [
        (MemoryStore(), SECOND, ["another_process_uses_this_database"] * 2),
        (MemoryStore(), replace(SECOND, bot="else_bot"), ["another_bot_uses_this_database"] * 2),
        (SharedStore(), replace(SECOND, bot="else_bot"), ["another_bot_uses_this_database"] * 2),
        (SharedStore(), SECOND, ["replicas"] * 2),
    ],
)
async def test_two_name_each_other_once_and_say_what_is_wrong_with_it(
    store: MemoryStore, second: Worker, events: list[str]
) -> None:
    clock = ManualClock()
    one, two = Presence(store, clock, FIRST), Presence(store, clock, second)
    with capture_logs() as logs:
        await one.look()
        assert one.others() == ""
        for _ in range(3):
            await two.look()
            await one.look()

    assert two.others() == "@back_bot on alpha (process 10)"
    assert one.others() == f"@{second.bot} on alpha (process 20)"
    assert [line["event"] for line in logs] == events
    assert [line["others"] for line in logs] == [two.others(), one.others()]


async def test_whoever_has_left_or_was_killed_is_named_no_more() -> None:
    clock, store = ManualClock(), MemoryStore()
    one, two = Presence(store, clock, FIRST), Presence(store, clock, SECOND)
    running = asyncio.create_task(two.run())
    await asyncio.sleep(0)  # noqa: TID251 – lets it begin
    while not one.others():
        await one.look()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await one.look()
    assert one.others() == "", "it has taken its leave"

    await two.look()
    clock.push(SEEN)
    await one.look()
    assert one.others(), "it may be slow"
    clock.push(timedelta(milliseconds=1))
    await one.look()
    assert one.others() == ""
    assert EVERY * 2 < SEEN


async def test_a_process_of_this_machine_that_is_gone_is_not_named_but_one_of_another_is() -> None:
    clock, store = ManualClock(), MemoryStore()
    for dead in (SECOND, replace(SECOND, host="beta")):
        await Presence(store, clock, dead).look()
    one = Presence(store, clock, FIRST, runs=lambda pid: pid != SECOND.pid)
    await one.look()

    assert one.others() == "@back_bot on beta (process 20)"


async def test_a_store_that_cannot_is_told_by_others_and_ends_nothing() -> None:
    clock = ManualClock()
    signs: list[None] = []
    presence = Presence(broken_store(StoreError("locked")), clock, FIRST, alive=lambda: signs.append(None))
    running = asyncio.create_task(presence.run())
    for _ in range(20):
        await asyncio.sleep(0)  # noqa: TID251 – lets it run
    assert signs
    running.cancel()
    assert isinstance((await asyncio.gather(running, return_exceptions=True))[0], asyncio.CancelledError)
