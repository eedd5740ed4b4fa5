"""Housekeeping: the disk is watched, old update ids are forgotten, a store that cannot is told."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from tests.conformance.people import ANNA, NOW, episode_of
from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import MeddledStore, broken_store
from tgbot.clock import ManualClock
from tgbot.followup.episode import EpisodeState, Person
from tgbot.service.housekeeping import (
    EVERY,
    QUARANTINED_KEPT,
    RETIRE_EVERY,
    Housekeeping,
    LostDatabaseError,
)
from tgbot.service.questions import Statistics
from tgbot.service.store_port import Store, StoreError, StoreFullError, StoreLostError, Transaction

T = TypeVar("T")


def ill_store(kind: type[StoreError] = StoreError, reason: str = "disk I/O error") -> Store:
    return broken_store(kind(f"The database says: {reason}."))


class SharedIllStore(MeddledStore):
    """A server that is away."""

    shared = True

    def __init__(self) -> None:
        async def fails() -> None:
            raise StoreError("No connection to the database.")

        super().__init__(MemoryStore(), fails)


def housekeeping(store: Store, clock: ManualClock, free: float = 0.5) -> Housekeeping:
    return Housekeeping(store, clock, Statistics(), lambda: free)


async def test_update_ids_are_forgotten_after_48_hours() -> None:
    store, clock = MemoryStore(), ManualClock()
    await store.operate(lambda tx: tx.operations.first_time(10, clock.now()))
    clock.push(timedelta(hours=48))
    await housekeeping(store, clock).run_once()
    assert not await store.operate(lambda tx: tx.operations.first_time(10, clock.now()))

    clock.push(timedelta(milliseconds=1))
    await housekeeping(store, clock).run_once()
    assert await store.operate(lambda tx: tx.operations.first_time(10, clock.now()))


async def test_the_operator_is_told_when_a_tenth_of_the_disk_is_left() -> None:
    with capture_logs() as logs:
        await housekeeping(MemoryStore(), ManualClock(), free=0.10).run_once()
        await housekeeping(MemoryStore(), ManualClock(), free=0.09).run_once()

    assert [(line["event"], line["free"]) for line in logs] == [("disk_nearly_full", "9%")]
    assert await housekeeping(MemoryStore(), ManualClock(), free=0.09).problems() == ["disk"]
    assert await housekeeping(MemoryStore(), ManualClock()).problems() == []


async def test_a_store_that_cannot_is_told_and_tried_again() -> None:
    broken = housekeeping(ill_store(), ManualClock())
    with capture_logs() as logs:
        await broken.run_once()

    assert "upkeep_failed" in [line["event"] for line in logs]
    assert await broken.problems() == ["store"]


async def test_whoever_asks_about_a_locked_store_does_not_wait_until_it_lets_go() -> None:
    async def nobody_lets_go() -> None:
        await asyncio.Event().wait()

    store = MeddledStore(MemoryStore(), nobody_lets_go)
    locked = Housekeeping(store, ManualClock(), Statistics(), lambda: 0.5, patience=0.01)

    assert await locked.problems() == ["store"]


async def test_what_lasts_is_told_once_an_hour() -> None:
    clock, ill = ManualClock(), ill_store()
    tally = Statistics()
    tally.voted("q-sleep", "y")
    watched = Housekeeping(ill, clock, tally, lambda: 0.09)
    with capture_logs() as logs:
        for _ in range(241):  # two hours of rounds
            await watched.run_once()
            clock.push(EVERY)

    assert Counter(line["event"] for line in logs) == {"disk_nearly_full": 3, "upkeep_failed": 3}


async def test_another_failure_is_told_at_once() -> None:
    clock, reasons = ManualClock(), ["disk I/O error", "disk I/O error", "database is locked"]

    async def fails() -> None:
        raise StoreError(f"The database says: {reasons[0]}.")

    watched = housekeeping(MeddledStore(MemoryStore(), fails), clock)
    with capture_logs() as logs:
        while reasons:
            await watched.run_once()
            clock.push(EVERY)
            reasons.pop(0)

    assert [line["error"] for line in logs] == [
        "The database says: disk I/O error.",
        "The database says: database is locked.",
    ]


async def test_what_was_counted_while_the_store_could_not_is_written_when_it_can() -> None:
    clock, tally, store = ManualClock(), Statistics(), MemoryStore()
    tally.voted("q-sleep", "y")
    await Housekeeping(ill_store(), clock, tally, lambda: 0.5).run_once()
    await Housekeeping(store, clock, tally, lambda: 0.5).run_once()

    told = await store.operate(lambda tx: tx.operations.tallied(clock.now().date()))
    assert told == {("helpful", "q-sleep"): 1}


async def test_a_lost_database_ends_the_process_when_it_does_not_come_back() -> None:
    """Liveness alone restarts nothing under Compose, and this process cannot mend it."""
    clock = ManualClock()
    kind: list[type[StoreError]] = [StoreLostError]

    async def fails() -> None:
        raise kind[-1]("it was replaced.")

    watched = housekeeping(MeddledStore(MemoryStore(), fails), clock)
    await watched.run_once()
    kind.append(StoreError)  # it came back for a moment, and was only locked
    clock.push(EVERY)
    await watched.run_once()
    kind.append(StoreLostError)
    clock.push(EVERY)
    await watched.run_once()
    clock.push(EVERY)
    with pytest.raises(LostDatabaseError, match=r"it was replaced\. The process ends"):
        await watched.run_once()


@pytest.mark.parametrize(
    ("kind", "free", "works"),
    [
        (None, 0.5, True),
        (StoreFullError, 0.5, True),  # a quota: only that file cannot grow
        (StoreError, 0.05, True),  # SQLite calls a full disk an I/O error now and then
        (StoreError, 0.5, False),
        (StoreLostError, 0.05, False),
    ],
)
async def test_liveness_fails_for_a_store_that_a_restart_may_mend(
    kind: type[StoreError] | None, free: float, works: bool
) -> None:
    signs: list[str] = []
    store: Store = MemoryStore() if kind is None else ill_store(kind)
    watched = Housekeeping(
        store, ManualClock(), Statistics(), lambda: free, store_alive=lambda: signs.append("alive")
    )
    await watched.run_once()

    assert bool(signs) is works


async def test_what_could_not_be_processed_is_forgotten_after_three_months() -> None:
    clock, store = ManualClock(), MemoryStore()
    keeper = Housekeeping(store, clock, Statistics(), lambda: 0.5)
    began = clock.now()
    await store.operate(lambda tx: tx.operations.quarantine(1, "message", "KeyError", began))

    clock.push(QUARANTINED_KEPT)
    await keeper.run_once()
    assert await store.operate(lambda tx: tx.operations.quarantined(began)) == 1
    clock.push(timedelta(seconds=1))
    await keeper.run_once()
    assert await store.operate(lambda tx: tx.operations.quarantined(began)) == 0


async def test_the_outage_of_a_shared_store_ends_no_process() -> None:
    """Another could not start without it, and this one still answers who tells of a warning sign."""
    signs: list[str] = []
    watched = Housekeeping(
        SharedIllStore(), ManualClock(), Statistics(), lambda: 0.5, store_alive=lambda: signs.append("alive")
    )
    await watched.run_once()

    assert signs
    assert await watched.problems() == ["store"]


async def test_a_server_that_keeps_each_statement_waiting_does_not_make_the_housekeeping_look_dead() -> None:
    """Its five works wait fifteen seconds each; liveness gives a part fifty-five."""
    clock, since_a_sign = ManualClock(), [0.0]
    longest = 0.0

    async def fails_late() -> None:
        nonlocal longest
        clock.push(timedelta(seconds=15))
        longest = max(longest, clock.monotonic() - since_a_sign[-1])
        raise StoreError("The database does not answer.")

    store = MeddledStore(MemoryStore(), fails_late)
    tally = Statistics()
    tally.voted("q-sleep", "y")
    watched = Housekeeping(
        store,
        clock,
        tally,
        lambda: 0.5,
        lambda: since_a_sign.append(clock.monotonic()),
        keep=timedelta(days=400),
    )
    await watched.run_once()

    assert clock.monotonic() >= 60
    assert longest <= 15


async def test_a_crowd_that_is_to_leave_leaves_in_rounds() -> None:
    """Housekeeping says that it is alive between two of them."""
    clock, store = ManualClock(), MemoryStore()
    keeper = Housekeeping(store, clock, Statistics(), lambda: 0.5, keep=timedelta(days=400), retire_at_once=2)
    for number in range(3):
        person = replace(ANNA, id=ANNA.id + number)
        await store.transact(person.id, partial(saved, person))
    clock.push(ANNA.consent.at + timedelta(days=401) - clock.now())

    with capture_logs() as logs:
        for _ in range(3):
            await keeper.run_once()

    assert [line["people"] for line in logs] == [2, 1]


async def saved(person: Person, tx: Transaction) -> None:
    await tx.people.save_person(person)


async def test_what_was_over_long_ago_leaves_once_an_hour_and_is_logged_as_counts() -> None:
    clock, store = ManualClock(), MemoryStore()
    old = replace(episode_of(ANNA), state=EpisodeState.CLOSED, closed_at=NOW, closed_because="gone")
    keeper = Housekeeping(store, clock, Statistics(), lambda: 0.5, keep=timedelta(days=400))
    clock.push(NOW + timedelta(days=400) - clock.now())
    await keeper.run_once()

    async def stored(tx: Transaction) -> None:
        await tx.people.save_person(ANNA)
        await tx.people.save_episode(old)

    await store.transact(ANNA.id, stored)
    clock.push(timedelta(seconds=RETIRE_EVERY - 1))
    with capture_logs() as logs:
        await keeper.run_once()
        assert logs == []
        clock.push(timedelta(seconds=1))
        await keeper.run_once()
    assert logs == [{"event": "retired", "log_level": "info", "episodes": 1, "people": 1}]
    assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) is None
