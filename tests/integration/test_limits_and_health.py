"""The whole bot against a Telegram that enforces its flood limits, and against whoever watches its health."""

import asyncio
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.crash.settling import settle
from tests.integration.watching import a_free_address, comes_up, store_answers
from tgbot.cli import main
from tgbot.clock import TravelClock
from tgbot.settings import Settings
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.limits import TELEGRAMS
from tgbot.simulator.simulator_server import Simulator
from tgbot.web.server import AddressTakenError, reserved
from tgbot.wiring.process import run


@pytest.fixture
def polite(settings: Settings) -> Settings:
    """The pace that an operator gets by default."""
    return settings.model_copy(update={"chat_seconds": 1.05})


def sends(simulator: Simulator) -> list[int]:
    return [call.status for call in simulator.tg.journal.calls if call.method == "sendMessage"]


class Running:
    """The bot, for the length of a test."""

    def __init__(self, settings: Settings, clock: TravelClock) -> None:
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(run(settings, clock, self._stop))

    async def until(self, simulator: Simulator, count: int) -> None:
        async with asyncio.timeout(60):
            while sends(simulator).count(200) < count:  # noqa: ASYNC110 – the server sets no event
                await asyncio.sleep(0.02)

    async def end(self) -> None:
        self._stop.set()
        await self.task


async def test_replies_and_follow_ups_together_never_meet_a_429(
    simulator: Simulator, clock: TravelClock, polite: Settings
) -> None:
    simulator.tg.limits.rates = TELEGRAMS
    # Half of what Telegram allows: a machine that stalls for a second sends two seconds' worth in one.
    unhurried = polite.model_copy(update={"messages_per_second": 14})
    people = await settle(
        simulator, Path(polite.database.get_secret_value()), clock.now(), [clock.now()] * 40
    )
    for number in range(40):
        user = simulator.tg.world.person(f"Writer {number}")
        actions.say(simulator.tg, user, simulator.tg.world.chats[user.id], {"text": "/help"})
    bot = Running(unhurried, clock)
    await bot.until(simulator, 80)
    await bot.end()

    assert len(people) == 40
    assert set(sends(simulator)) == {200}


async def test_a_429_is_waited_out_by_everybody_and_then_the_reply_comes(
    simulator: Simulator, clock: TravelClock, polite: Settings
) -> None:
    user = simulator.tg.world.person("Ada")
    chat = simulator.tg.world.chats[user.id]
    simulator.tg.faults.add(Fault("too_many", method="sendMessage", seconds=2))
    for _ in range(2):
        actions.say(simulator.tg, user, chat, {"text": "/help"})
    bot = Running(polite, clock)
    await bot.until(simulator, 2)
    await bot.end()

    calls = [call for call in simulator.tg.journal.calls if call.method == "sendMessage"]
    assert [call.status for call in calls] == [429, 200, 200]
    assert calls[1].at - calls[0].at >= timedelta(seconds=2)
    assert calls[2].at - calls[1].at >= timedelta(seconds=1), "one message a second to a chat"


@pytest.fixture
def address() -> tuple[str, int]:
    return a_free_address()


async def test_a_working_bot_says_that_it_works(
    clock: TravelClock, settings: Settings, address: tuple[str, int]
) -> None:
    where = f"{address[0]}:{address[1]}"
    bot = Running(settings.model_copy(update={"health": address}), clock)
    async with httpx.AsyncClient(base_url=f"http://{where}") as watcher:
        alive = await comes_up(watcher)
        ready = await store_answers(watcher)
        runner = CliRunner(env={"BACKCHECK_HEALTH": where})
        command = await asyncio.to_thread(runner.invoke, main, ["health"])
    await bot.end()

    assert (alive.status_code, alive.json()) == (200, {"ok": True, "problems": []})
    assert ready.json()["problems"] in ([], ["disk"])
    assert (command.exit_code, command.output) == (0, "ok\n")


async def test_while_another_process_locks_the_database_the_bot_is_not_ready(
    clock: TravelClock, settings: Settings, address: tuple[str, int]
) -> None:
    bot = Running(settings.model_copy(update={"health": address}), clock)
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", timeout=30) as watcher:
        await comes_up(watcher)
        another = sqlite3.connect(
            settings.database.get_secret_value(), isolation_level=None, timeout=60, check_same_thread=False
        )
        with closing(another) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")  # the bot may have to commit first
            locked = await watcher.get("/readyz")
            alive = await watcher.get("/healthz")
            other.execute("ROLLBACK")
        await store_answers(watcher)
    await bot.end()

    assert (locked.status_code, alive.status_code) == (503, 200)
    assert "store" in locked.json()["problems"]


async def test_a_bot_that_starts_says_so_and_is_not_ready(
    simulator: Simulator, clock: TravelClock, settings: Settings, address: tuple[str, int]
) -> None:
    """Telegram does not answer yet; whoever watches hears from the bot all the same."""
    slow = simulator.tg.faults.add(Fault("delay_before", method="getMe", seconds=3600))
    bot = Running(settings.model_copy(update={"health": address}), clock)
    async with asyncio.timeout(60):
        while not slow.struck:  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.02)
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as watcher:
        alive, ready = await watcher.get("/healthz"), await watcher.get("/readyz")
    await bot.end()

    assert (alive.status_code, alive.json()) == (200, {"ok": True, "problems": [], "starting": True})
    assert (ready.status_code, ready.json()) == (503, {"ok": False, "problems": ["starting"]})


def test_a_bot_that_does_not_answer_is_unwell(address: tuple[str, int]) -> None:
    silent = CliRunner(env={"BACKCHECK_HEALTH": f"{address[0]}:{address[1]}"}).invoke(main, ["health"])
    unset = CliRunner(env={}).invoke(main, ["health"])

    assert silent.exit_code == 1
    assert "does not answer" in silent.output
    assert unset.exit_code == 1
    assert "BACKCHECK_HEALTH is not set" in unset.output


async def test_a_health_address_that_is_taken_is_one_sentence(settings: Settings) -> None:
    assert settings.token
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tgbot", "run"),
            env={
                "BACKCHECK_TOKEN": settings.token.get_secret_value(),
                "BACKCHECK_API_URL": settings.api_url,
                "BACKCHECK_DATABASE": settings.database.get_secret_value(),
                "BACKCHECK_HEALTH": where,
            },
            stdout=PIPE,
            stderr=PIPE,
        )
        said, errors = await process.communicate()

    assert (process.returncode, said) == (1, b"")
    assert errors.decode().splitlines()[-1:] == [  # after the warning that nobody has signed
        f"backcheck: BACKCHECK_HEALTH: nothing can listen at {where} (Address already in use)."
    ]


@pytest.mark.parametrize("host", ["nope.invalid", "192.0.2.1"])
def test_an_address_that_is_not_ours_is_one_sentence(host: str) -> None:
    with (
        pytest.raises(AddressTakenError, match=f"nothing can listen at {host}:8080"),
        reserved("BACKCHECK_HEALTH", host, 8080),
    ):
        pass
