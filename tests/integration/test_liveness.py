"""Alive means working: each part that hears nothing, or hangs, is told by /healthz and by `backcheck health`
within a minute. Real time would take that minute, so it is the clock that is pushed."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from tests.conformance.people import ANNA, BEN, NOW, follow_up_of, planned
from tests.crash.settling import until
from tests.fakes.memory_store import MemoryStore
from tests.fakes.messenger import FakeMessenger
from tests.fakes.rounds import FAST, LIMITS, Rounds
from tests.integration.watching import a_free_address, comes_up
from tgbot.chat.startup import TokenRefusedError
from tgbot.cli import main
from tgbot.clock import TravelClock
from tgbot.service.courier import Courier
from tgbot.service.housekeeping import Housekeeping, LostDatabaseError
from tgbot.service.measurements import Heartbeat
from tgbot.service.ports import Messenger
from tgbot.service.questions import Statistics
from tgbot.service.rate_limiter import RateLimiter
from tgbot.service.store_port import Store
from tgbot.settings import Settings
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import SqliteStore
from tgbot.web.monitoring import Watched, health_app
from tgbot.web.server import reserved, serving
from tgbot.wiring.process import run


class HurriedClock(TravelClock):
    """A minute passes when it is told to, and pauses are fifty times shorter."""

    ahead = 0.0

    def a_minute_passes(self) -> None:
        """Whoever waits for an instant wakes up."""
        self.ahead += 60.0
        self.push(timedelta(seconds=60))

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 50)


async def command(address: tuple[str, int]) -> Result:
    """What `backcheck health` says, asked from outside the loop."""
    runner = CliRunner(env={"BACKCHECK_HEALTH": f"{address[0]}:{address[1]}"})
    return await asyncio.to_thread(runner.invoke, main, ["health"])


async def problems(address: tuple[str, int]) -> list[str]:
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as watcher:
        answer = await watcher.get("/healthz")
    found: list[str] = answer.json()["problems"]
    assert answer.status_code == (503 if found else 200)
    return found


async def comes_to(address: tuple[str, int], *parts: str) -> None:
    """After a minute exactly these parts are silent, and stay so: whoever works has given a sign of life."""
    async with asyncio.timeout(60):
        while await problems(address) != sorted(parts):  # noqa: ASYNC110 – the answer of a server
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    assert await problems(address) == sorted(parts)
    said = await command(address)
    if not parts:
        assert (said.exit_code, said.output) == (0, "ok\n")
        return
    assert said.exit_code == 1
    assert f"no sign of life: {', '.join(sorted(parts))}." in said.output


DEAF = {
    "another instance polls": Fault("status", method="getUpdates", status=409, times=None),
    "no network": Fault("cut_before", method="getUpdates", times=None),
    "Telegram is broken": Fault("status", method="getUpdates", status=502, times=None),
}


@pytest.mark.parametrize("why", DEAF)
async def test_a_deaf_poller(simulator: Simulator, settings: Settings, why: str) -> None:
    address, stop, clock = a_free_address(), asyncio.Event(), HurriedClock()
    bot = asyncio.create_task(run(settings.model_copy(update={"health": address}), clock, stop))
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as watcher:
        assert (await comes_up(watcher)).status_code == 200
    await until(lambda: simulator.tg.updates.is_polled, 60, "nobody polls")
    simulator.tg.faults.add(Fault(**vars(DEAF[why])))
    simulator.tg.updates.terminate()
    clock.a_minute_passes()
    await comes_to(address, "poller")
    simulator.tg.faults.remove()
    ada = simulator.tg.world.person("Ada")
    actions.say(simulator.tg, ada, simulator.tg.world.chats[ada.id], {"text": "/help"})
    await comes_to(address)
    stop.set()
    await bot


async def test_a_token_that_is_gone_ends_the_bot(simulator: Simulator, settings: Settings) -> None:
    """401 is not waited out: whoever restarts the process is told why."""
    simulator.tg.faults.add(Fault("status", method="getUpdates", status=401, times=None))
    async with asyncio.timeout(60):
        with pytest.raises(TokenRefusedError):
            await run(settings, HurriedClock(), asyncio.Event())


class Parts:
    """Courier and housekeeping over a store, watched as the whole bot watches them."""

    def __init__(self, store: Store, messenger: Messenger) -> None:
        self.clock = HurriedClock()
        self.heartbeat = Heartbeat(self.clock)
        rounds = Rounds(store)
        self.courier = Courier(
            store,
            messenger,
            self.clock,
            rounds.compose,
            rounds.after_delivery,
            RateLimiter(self.clock, FAST),
            replace(LIMITS, grace=timedelta(0)),
            alive=self.heartbeat.of("courier"),
        )
        self.housekeeping = Housekeeping(
            store, self.clock, Statistics(), lambda: 0.5, self.heartbeat.of("housekeeping")
        )

    async def problems(self) -> list[str]:
        return self.heartbeat.silent()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[str, int]]:
        """Where they can be watched. At the end they are ended as a kill would."""
        health = Watched()
        health.runs(self.problems, self.problems)
        with reserved("BACKCHECK_HEALTH", "127.0.0.1", 0) as socket:
            work = [asyncio.create_task(self.courier.run()), asyncio.create_task(self.housekeeping.run())]
            try:
                async with serving(health_app(health), socket):
                    yield socket.getsockname()
            finally:
                for task in work:
                    task.cancel()
                await asyncio.gather(*work, return_exceptions=True)


async def due_now(store: Store, clock: TravelClock) -> None:
    await planned(store, ANNA, follow_up_of(ANNA, due=clock.now()))


async def test_a_courier_whose_send_never_returns() -> None:
    sending = asyncio.Event()

    async def hangs() -> None:
        sending.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    store = MemoryStore()
    parts = Parts(store, FakeMessenger(during=hangs))
    await due_now(store, parts.clock)
    async with parts.running() as address:
        await sending.wait()
        await comes_to(address)
        parts.clock.a_minute_passes()
        await comes_to(address, "courier")


async def test_a_store_whose_call_never_returns(tmp_path: Path) -> None:
    """The real store, with a function in its transaction that hangs: whoever needs the store waits."""
    released, hanging = threading.Event(), threading.Event()

    def hangs(salt: str, person_id: int) -> bytes:
        hanging.set()
        assert released.wait(60)
        return b"mark"

    migrate(tmp_path / "a.db", NOW)
    async with await SqliteStore.open(tmp_path / "a.db", hangs) as store:
        await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
        parts = Parts(store, FakeMessenger())
        async with parts.running() as address:
            forgetting = asyncio.create_task(store.transact(BEN.id, lambda tx: tx.people.forget(BEN.id, NOW)))
            await asyncio.to_thread(hanging.wait, 60)
            parts.clock.a_minute_passes()
            await comes_to(address, "courier", "housekeeping")
            released.set()
            await forgetting
            await comes_to(address)


def take_away(database: Path, how: str) -> None:
    if how == "its log is gone":
        database.with_name(database.name + "-wal").unlink()
    else:
        database.rename(database.with_name("elsewhere.db"))


@pytest.mark.parametrize("how", ["moved", "replaced", "its log is gone"])
async def test_a_database_that_is_taken_away_ends_the_bot(
    simulator: Simulator, settings: Settings, how: str
) -> None:
    """Nothing would ever be sent again, and everything else would say that all is well."""
    address, clock = a_free_address(), HurriedClock()
    bot = asyncio.create_task(run(settings.model_copy(update={"health": address}), clock, asyncio.Event()))
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as watcher:
        assert (await comes_up(watcher)).status_code == 200
    take_away(Path(settings.database.get_secret_value()), how)
    if how == "replaced":
        migrate(Path(settings.database.get_secret_value()), NOW)
    async with asyncio.timeout(60):
        while not bot.done():
            clock.a_minute_passes()
            await asyncio.sleep(0.1)
    with pytest.raises(LostDatabaseError, match="removed"):
        await bot
