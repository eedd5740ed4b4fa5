"""Two replicas on one PostgreSQL behind a webhook are restarted, or killed, in turn, while people write."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from tests.crash.caddy import caddy, installed
from tests.crash.front import Front, front, listens
from tests.crash.nursery import BotProcess
from tests.crash.settling import until
from tests.crash.town import Town, town
from tests.postgres import migrated_database

pytestmark = [pytest.mark.crash, pytest.mark.timeout(480)]

PEOPLE, EVERY = 40, 0.05  # a message each so many seconds
SCORES = ("3", "5", "8")


async def started(place: Town, door: Front, replica: int) -> BotProcess:
    bot = await place.bot(**door.settings(replica))
    await until(lambda: listens(door.replicas[replica]), 60, "a replica is not up")
    return bot


async def writes(place: Town, over: asyncio.Event) -> Counter[int]:
    """Everybody asks, one after the other, until it is over, and notes three scores. How often each wrote."""
    said = Counter[int]()
    number = 0
    while not over.is_set() or number < PEOPLE * len(SCORES):
        person, turn = place.people[number % PEOPLE], number // PEOPLE
        place.says(person, f"/pain {SCORES[turn]}" if turn < len(SCORES) else "/help")
        said[person] += 1
        number += 1
        await asyncio.sleep(EVERY)
    return said


async def rolled(
    place: Town, door: Front, disturb: Callable[[Sequence[BotProcess], int], Awaitable[None]], patience: float
) -> None:
    """Two replicas are disturbed and started anew, one after the other, while everybody writes. Nobody is
    left unanswered, and no score is noted twice."""
    await place.settle_people(PEOPLE, due=place.later())
    replicas = [await started(place, door, number) for number in range(2)]
    over = asyncio.Event()
    writing = asyncio.create_task(writes(place, over))
    for number in range(2):
        await answers_go_on(place, "nobody is answered")
        await disturb(replicas, number)
        replicas[number] = await started(place, door, number)
    over.set()
    said = await writing
    await until(lambda: not place.simulator.tg.updates.pending, patience, "not everything was taken")
    for bot in replicas:
        bot.terminate()
        assert await bot.wait() == 0

    copies = place.copies()
    assert {who: copies[who] for who in place.people if copies[who] < said[who]} == {}
    noted = Counter(place.rows("SELECT person_id, value FROM entry WHERE kind = 'pain'"))
    assert noted == {(who, score): 1 for who in place.people for score in SCORES}


async def answers_go_on(place: Town, or_else: str) -> None:
    before = place.copies().total()
    await until(lambda: place.copies().total() > before + 20, 60, or_else)


async def test_a_rolling_restart_under_load_leaves_nobody_unanswered(tmp_path: Path) -> None:
    async def restart(replicas: Sequence[BotProcess], number: int) -> None:
        replicas[number].terminate()
        assert await replicas[number].wait() == 0
        await asyncio.sleep(1)  # the other has it all

    with migrated_database() as database:
        async with town(tmp_path, database) as place, front(2) as door:
            await rolled(place, door, restart, 60)
            assert not place.told("I was interrupted")


@pytest.mark.skipif(not installed() and "CI" not in os.environ, reason="Caddy is not installed")
async def test_a_replica_that_is_killed_behind_the_shipped_caddyfile_leaves_nobody_unanswered(
    tmp_path: Path,
) -> None:
    """What it had in its hands Telegram sends again. An answer may come twice, a score may not."""

    async def kill(replicas: Sequence[BotProcess], number: int) -> None:
        replicas[number].kill()
        await replicas[number].wait()
        await answers_go_on(place, "the other does not answer")

    with migrated_database() as database:
        async with town(tmp_path, database) as place, caddy(2, tmp_path) as door:
            await rolled(place, door, kill, 90)
