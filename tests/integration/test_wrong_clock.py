"""A clock that is a year off at one start, in the midst of check-ins that are due, and right at the next."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.settling import settle, until
from tests.integration.conftest import READ_ONCE
from tgbot.clock import TravelClock
from tgbot.settings import Settings
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.opening import open_store
from tgbot.wiring.process import run

DUE, TO_COME = 25, 25
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("days", [366, -366, 11])
async def test_nothing_is_lost_and_nothing_is_early(
    simulator: Simulator, settings: Settings, clock: TravelClock, days: int
) -> None:
    now = clock.now()
    dues = [now] * DUE + [now + HOUR] * TO_COME
    people = await settle(simulator, Path(settings.database.get_secret_value()), now, dues)
    wrong = TravelClock()
    wrong.push(timedelta(days=days))

    stop = asyncio.Event()
    bot = asyncio.create_task(run(settings, wrong, stop, READ_ONCE))
    await until(lambda: len(told(simulator)) >= DUE or bot.done(), 60, "it does not go by Telegram's time")
    stop.set()
    await bot
    assert set(told(simulator)) == set(people[:DUE]), "early"
    assert await became(settings, clock) == {"sent": DUE, "planned": DUE + TO_COME}  # reminders, and the rest

    stop = asyncio.Event()
    bot = asyncio.create_task(run(settings, clock, stop, READ_ONCE))
    clock.push(HOUR)
    await until(lambda: len(told(simulator)) >= DUE + TO_COME or bot.done(), 60, "lost")
    stop.set()
    await bot
    assert told(simulator) == dict.fromkeys(people, 1)


def told(simulator: Simulator) -> Counter[int]:
    return Counter(message.chat_id for message in simulator.tg.world.everything() if message.from_bot)


async def became(settings: Settings, clock: TravelClock) -> dict[str, int]:
    now = clock.now()
    async with open_store(settings.database.get_secret_value(), now) as store:
        return dict(await store.operate(lambda tx: tx.operations.became(now - timedelta(days=30), now)))
