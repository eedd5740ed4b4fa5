"""A clock that is a year off at one start, in the midst of check-ins that are due, and right at the next."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.crash.settling import settle
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

    await runs_until_nothing_is_due(settings, wrong, clock)
    assert told(simulator) == dict.fromkeys(people[:DUE], 1), "lost or early"
    assert await became(settings, clock) == {"sent": DUE, "planned": DUE + TO_COME}  # reminders, and the rest

    clock.push(HOUR)
    await runs_until_nothing_is_due(settings, clock, clock)
    assert told(simulator) == dict.fromkeys(people, 1)


async def runs_until_nothing_is_due(settings: Settings, machine: TravelClock, right: TravelClock) -> None:
    """The bot on a machine with this clock, until its courier says that by the right one nothing is due: what
    it has not sent by then it never will, however long a busy machine takes for it."""
    stop = asyncio.Event()

    def look(due: datetime | None) -> None:
        if due is None or due > right.now():
            stop.set()

    await run(settings, machine, stop, replace(READ_ONCE, next_due=look))


def told(simulator: Simulator) -> Counter[int]:
    return Counter(message.chat_id for message in simulator.tg.world.everything() if message.from_bot)


async def became(settings: Settings, clock: TravelClock) -> dict[str, int]:
    now = clock.now()
    async with open_store(settings.database.get_secret_value(), now) as store:
        return dict(await store.operate(lambda tx: tx.operations.became(now - timedelta(days=30), now)))
