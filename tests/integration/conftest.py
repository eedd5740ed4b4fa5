"""The real bot against the real simulator, over real HTTP; only the clock is ours to push."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path

import pytest

from tests.judge import judge_every_call
from tgbot.clock import TravelClock
from tgbot.packs.whole import load_whole
from tgbot.settings import Settings
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator
from tgbot.supervision import loop_factory
from tgbot.wiring.foundation import Hooks
from tgbot.wiring.process import run

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
ON_BOTH_LOOPS = {"test_both_roads", "test_telegram_connection"}  # what they try depends on the loop
READ_ONCE = Hooks(read=cache(load_whole))
"""No test edits the shipped pack, and to read it for every bot takes a third of their time."""


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, LoopFactory]:
    """uvloop, on which the bot runs; asyncio's own is what it runs on where that is not to be had."""
    on_uvloop = {"uvloop": loop_factory() or asyncio.new_event_loop}
    both = item.path.stem in ON_BOTH_LOOPS
    return on_uvloop | {"asyncio": asyncio.new_event_loop} if both else on_uvloop


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock()


@pytest.fixture
async def simulator(clock: TravelClock) -> AsyncIterator[Simulator]:
    async with Simulator(clock) as opened:
        yield opened
        judge_every_call(opened)


@pytest.fixture
def settings(simulator: Simulator, tmp_path: Path) -> Settings:
    """What an operator would set to run the bot against this simulator."""
    return Settings.read(
        {
            "BACKCHECK_TOKEN": simulator.token,
            "BACKCHECK_API_URL": simulator.url,
            "BACKCHECK_DATABASE": str(tmp_path / "backcheck.db"),
            "BACKCHECK_CHAT_SECONDS": "0",  # tests type faster than people
        }
    )


@pytest.fixture
async def bot(settings: Settings, clock: TravelClock) -> AsyncIterator[None]:
    """The whole bot, running until the test ends; what ended it early fails the test."""
    stop = asyncio.Event()
    running = asyncio.create_task(run(settings, clock, stop, READ_ONCE))
    yield
    stop.set()
    async with asyncio.timeout(60):
        await running


@pytest.fixture
def ada(simulator: Simulator, bot: None) -> SimulatedPerson:
    return simulator.person("Ada")
