"""How soon an emergency card leaves, whatever else the bot does: p99 within a second is the promise.

The bot that an operator runs, as a process at its usual pace, against the simulator with Telegram's limits
and without any distance. In each phase somebody new writes of a warning sign five times a second.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.flooding import Crowd, percentile
from tgbot.clock import SystemClock
from tgbot.screens.buttons import ShowHelp, pack
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.limits import TELEGRAMS
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator

WARNING = "crushing chest pain and cold sweat"
EMERGENCIES, EVERY = 100, 0.2  # seconds
TAPS, CARDS, FLOODS = 1_000, 6, 100
TO_BEGIN = ("Just now", "None of these", "Go on ›", "6", "Yes, check on me")


class Ward:
    """People in an emergency, and what goes on beside them."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._clock = SystemClock()
        self.crowd = Crowd(simulator)
        self.patients: list[SimulatedPerson] = []

    async def prepare(self) -> None:
        """Six people with an episode, who can ask for a card."""
        for number in range(CARDS):
            person = self.simulator.person(f"Card {number}")
            await person.send("/episode")
            for label in TO_BEGIN:
                await person.tap(label)
            self.patients.append(person)

    async def emergencies(self, phase: str) -> list[float]:
        """Milliseconds from the message to its card."""
        asked: dict[int, float] = {}
        began = self._clock.monotonic()
        for turn in range(EMERGENCIES):
            await asyncio.sleep(max(0.0, began + turn * EVERY - self._clock.monotonic()))
            at = self._clock.now().timestamp()
            asked[self.crowd.says(f"{phase} {turn}", WARNING)] = at
        async with asyncio.timeout(120):
            while any(self._carded(person) is None for person in asked):  # noqa: ASYNC110 – another process
                await asyncio.sleep(0.05)
        return [((self._carded(person) or 0.0) - at) * 1000 for person, at in asked.items()]

    def _carded(self, person: int) -> float | None:
        messages = self.simulator.tg.world.chats[person].messages.values()
        sent = [message.sent_at for message in messages if message.from_bot and message.sent_at]
        return sent[0].timestamp() if sent else None

    # -- what goes on

    async def nothing(self) -> None:
        """Nothing else."""

    async def cards(self) -> None:
        """Six cards are drawn, one after the other, again and again."""
        while True:
            for person in self.patients:
                await person.send("/card", wait=0)
            await asyncio.sleep(2)

    async def flood(self) -> None:
        """One person writes a hundred messages a second."""
        turn, began = 0, self._clock.monotonic()
        while True:
            self.crowd.says("Flood", f"and my back {turn}")
            turn += 1
            await asyncio.sleep(max(0.0, began + turn / FLOODS - self._clock.monotonic()))

    async def taps(self) -> None:
        """A thousand people tap at once."""
        tg = self.simulator.tg
        for number in range(TAPS):
            user = tg.world.person(f"Tap {number}")
            user.started = True
            chat = tg.world.chats[user.id]
            message = tg.send(chat, tg.world.bot, {"text": "menu"})
            actions.tap(tg, user, chat, message.id, pack(ShowHelp()))

    async def flood_wait(self) -> None:
        """Telegram has another chat wait for 40 seconds."""
        user = self.simulator.tg.world.person("Waits")
        self.simulator.tg.faults.add(Fault("too_many", method="sendMessage", chat_id=user.id, seconds=40))
        self.crowd.says("Waits", "/help")


@asynccontextmanager
async def a_ward() -> AsyncIterator[Ward]:
    async with Simulator(SystemClock(), lean=True) as simulator:
        simulator.tg.limits.rates = TELEGRAMS
        with tempfile.TemporaryDirectory() as folder:
            bot = await started(simulator, Path(folder))
            try:
                while not simulator.tg.updates.is_polled:  # noqa: ASYNC110 – another process sets no event
                    await asyncio.sleep(0.1)
                yield Ward(simulator)
            finally:
                bot.terminate()
                await bot.wait()


async def started(simulator: Simulator, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tgbot", "run"),
        env={
            **os.environ,
            "BACKCHECK_TOKEN": simulator.token,
            "BACKCHECK_API_URL": simulator.url,
            "BACKCHECK_DATABASE": str(folder / "backcheck.db"),
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def measure() -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    async with a_ward() as ward:
        await ward.prepare()
        phases: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("nothing else", ward.nothing),
            ("six cards being drawn", ward.cards),
            ("a flood, 100 a second", ward.flood),
            ("1,000 taps at once", ward.taps),
            ("another chat's 429 of 40 s", ward.flood_wait),
        ]
        for name, goes_on in phases:
            beside = asyncio.ensure_future(goes_on())
            found[name] = await ward.emergencies(name)
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
    return found


def main() -> None:
    found = asyncio.run(measure())
    print(f"{'beside, ms':<28}{'cards':>6}{'p50':>8}{'p95':>8}{'p99':>8}{'longest':>9}")
    for name, waits in found.items():
        shares = [percentile(waits, share) for share in (0.5, 0.95, 0.99)]
        print(f"{name:<28}{len(waits):>6}" + "".join(f"{ms:>8.1f}" for ms in shares) + f"{max(waits):>9.0f}")
