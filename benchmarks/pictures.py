"""How long the event loop is held up while a chart and a card are made: in the worker, and in a thread.

The loop's lag is how late a task wakes that sleeps for a millisecond. Under 50 ms nobody notices a tap wait.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from statistics import median

from tests.fakes.courses import two_weeks
from tests.fakes.languages import english
from tgbot.pictures.card import write
from tgbot.pictures.renderer import PictureRenderer
from tgbot.screens.pictures import CardData, card_data

TICK = 0.001
ROUNDS = 5


def _order() -> CardData:
    told = two_weeks()
    for number in range(40):
        told.passes(timedelta(hours=6))
        told.notes("pain", str(number % 11))
    return card_data(english(), told.course, told.now)


async def _lag(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The longest lag during `work` in milliseconds, and how long it took in seconds."""
    longest, done = 0.0, asyncio.Event()

    async def watch() -> None:
        nonlocal longest
        while not done.is_set():
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            longest = max(longest, time.perf_counter() - before - TICK)

    watching, started = asyncio.create_task(watch()), time.perf_counter()
    await work()
    took = time.perf_counter() - started
    done.set()
    await watching
    return longest * 1000, took


async def _measure() -> None:
    card, renderer = _order(), PictureRenderer()
    assert card.chart is not None
    chart = card.chart
    works: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        ("nothing (sleeping 1 s)", lambda: asyncio.sleep(1)),
        ("chart in the worker", lambda: renderer.chart(chart)),
        ("card in the worker", lambda: renderer.card(card)),
        ("card in a thread", lambda: asyncio.to_thread(write, card)),
    ]
    for name, work in works:
        lags, took = zip(*[await _lag(work) for _ in range(ROUNDS)], strict=True)
        each = ", ".join(f"{lag:.0f}" for lag in sorted(lags))
        print(f"{name:24} longest lag, median {median(lags):6.1f} ms ({each})   took {median(took):5.2f} s")


def main() -> None:
    asyncio.run(_measure())
