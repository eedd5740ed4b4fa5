import asyncio
import random  # noqa: TID251 – seeded: the same demands every time
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import MeddledStore, broken_store
from tgbot.clock import ManualClock
from tgbot.service.rate_limiter import Pace, RateLimiter
from tgbot.service.replicas import ALONE, PaceSharing, part_of
from tgbot.service.store_port import PaceLease, StoreError

TENTH = timedelta(milliseconds=100)


def test_who_is_alone_has_everything() -> None:
    assert part_of(25.0, 0.0, []) == 25.0


def test_the_parts_never_add_up_to_more_than_the_whole() -> None:
    dice = random.Random(25)
    held: dict[int, PaceLease] = {}
    for _ in range(5_000):
        replica = dice.randrange(6)
        if dice.random() < 0.02:
            held.pop(replica, None)  # killed, and its lease is over
            continue
        wanted = dice.choice([0.0, 1.0, 25.0, 400.0])
        others = [lease for owner, lease in held.items() if owner != replica]
        held[replica] = PaceLease(wanted, part_of(25.0, wanted, others))

        assert sum(lease.granted for lease in held.values()) <= 25.0 + 1e-9


def test_after_a_moment_each_has_what_it_needs() -> None:
    wanted = {"busy": 25.0, "idle": 0.0, "as busy": 25.0}
    held = {owner: PaceLease(wants, 0.0) for owner, wants in wanted.items()}
    for _ in range(4):
        for owner, wants in wanted.items():
            others = [lease for other, lease in held.items() if other != owner]
            held[owner] = PaceLease(wants, part_of(25.0, wants, others))

    assert held["busy"].granted == pytest.approx(held["as busy"].granted)
    assert held["busy"].granted > 10 * held["idle"].granted > 0


def test_a_part_of_the_rate_is_kept_to() -> None:
    clock = ManualClock()
    limiter = RateLimiter(clock, Pace())
    limiter.share(5.0)
    sent = 0
    for _ in range(100):
        sent += limiter.take(10)
        clock.push(TENTH)

    assert sent <= 5 * 10 + 1


async def test_a_replica_that_is_cut_off_goes_on_with_little() -> None:
    """The others may have its part by now; an emergency must still leave."""
    clock = ManualClock()
    limiter = RateLimiter(clock, Pace())
    sharing = PaceSharing(broken_store(StoreError("gone")), clock, limiter, 25.0)
    shares: list[float] = []
    limiter.share = shares.append  # type: ignore[method-assign,assignment]

    class EnoughError(Exception):
        pass

    async def sleep(seconds: float) -> None:
        clock.push(TENTH * 10)
        if len(shares) == 2:
            raise EnoughError

    clock.sleep = sleep  # type: ignore[method-assign]
    with pytest.raises(EnoughError):
        await sharing.run()

    assert shares == [25.0 * ALONE] * 2


async def test_a_replica_whose_database_hangs_gives_its_part_up_before_others_have_it() -> None:
    """A statement that hangs fails after many seconds; the lease is over after three."""
    clock, asked = ManualClock(), 0
    limiter = RateLimiter(clock, Pace())
    shares: list[float] = []
    given_up = asyncio.Event()

    def shared(per_second: float) -> None:
        shares.append(per_second)
        if asked > 2 and per_second < 25.0:
            given_up.set()

    limiter.share = shared  # type: ignore[method-assign]

    async def hangs_after_the_first() -> None:
        nonlocal asked
        asked += 1
        if asked > 2:  # the lease, and the pause that is looked up with it
            await asyncio.Event().wait()

    store = MeddledStore(MemoryStore(), hangs_after_the_first)
    sharing = PaceSharing(store, clock, limiter, 25.0, leased=timedelta(milliseconds=1))
    task = asyncio.create_task(sharing.run())
    async with asyncio.timeout(60):
        await given_up.wait()
    task.cancel()

    assert 25.0 in shares, "while the database answered"
    assert shares[-1] == 25.0 * ALONE


async def test_one_process_has_the_whole_rate() -> None:
    sharing = PaceSharing(MemoryStore(), ManualClock(), RateLimiter(ManualClock()), 25.0)

    assert await sharing.renew("me", 3.0) == 25.0
    assert replace(Pace(), least_burst=1.0).burst == 5.0
