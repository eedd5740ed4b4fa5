"""What one person at a hundred updates a second costs everybody else.

The bot that an operator runs, as a process, against the simulator with Telegram's limits and without any
distance: real networks add the same to both. Somebody new asks ten times a second; every half minute somebody
starts or stops to flood. Promise 16 of docs/reliability.md allows the others' p95 to move by 20 %.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tgbot.clock import SystemClock
from tgbot.simulator import actions
from tgbot.simulator.limits import TELEGRAMS
from tgbot.simulator.simulator_server import Simulator

ROUNDS, SECONDS = 4, 30
ASKS, FLOODS = 10, 100  # a second
BURST = 2.5  # seconds in which the flooder's first three messages are answered
FIRST, THEN = "its first seconds", "after them"


class Crowd:
    """Bystanders, each of whom asks once, and somebody who floods."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._asked: dict[
            int, tuple[float, str, float]
        ] = {}  # person → when, in which phase, how far into it
        self._clock = SystemClock()

    def says(self, name: str, text: str) -> int:
        tg = self._simulator.tg
        user = tg.world.person(name)
        actions.say(tg, user, tg.world.chats[user.id], {"text": text})
        return user.id

    async def phase(self, name: str, seconds: float) -> None:
        """Questions, evenly; and in a flood everything else."""
        flooder = f"Flood {len(self._asked)}"
        began, every = self._clock.monotonic(), 1 / (FLOODS if name == "flood" else ASKS)
        for turn in range(round(seconds / every)):
            await asyncio.sleep(max(0.0, began + turn * every - self._clock.monotonic()))
            if name == "flood":
                self.says(flooder, f"and my back {turn}")
            if turn % round(1 / every / ASKS) == 0:
                at = self._clock.now().timestamp()
                person = self.says(f"{name} {began} {turn}", "/help")
                self._asked[person] = (at, name, turn * every)
        await asyncio.sleep(1.5)

    def waited(self) -> dict[str, list[float]]:
        """Milliseconds from question to answer, by phase; those of a flood also by how long it lasts."""
        answered: dict[int, float] = {}
        for message in self._simulator.tg.world.everything():
            if message.from_bot and message.sent_at is not None:
                answered.setdefault(message.chat_id, message.sent_at.timestamp())
        found: dict[str, list[float]] = {"quiet": [], "flood": [], FIRST: [], THEN: []}
        for person, (at, name, into) in self._asked.items():
            wait = (answered[person] - at) * 1000
            found[name].append(wait)
            if name == "flood":
                found[FIRST if into < BURST else THEN].append(wait)
        return found


async def watch() -> dict[str, list[float]]:
    async with Simulator(SystemClock(), lean=True) as simulator:
        simulator.tg.limits.rates = TELEGRAMS
        with tempfile.TemporaryDirectory() as folder:
            bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tgbot", "run"),
                env={
                    **os.environ,
                    "BACKCHECK_TOKEN": simulator.token,
                    "BACKCHECK_API_URL": simulator.url,
                    "BACKCHECK_DATABASE": str(Path(folder) / "backcheck.db"),
                },
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                while not simulator.tg.updates.is_polled:  # noqa: ASYNC110 – another process sets no event
                    await asyncio.sleep(0.1)
                crowd = Crowd(simulator)
                await crowd.phase("quiet", 2)  # warms up, and is counted with a thousand others
                for _ in range(ROUNDS):
                    await crowd.phase("quiet", SECONDS)
                    await crowd.phase("flood", SECONDS)
                return crowd.waited()
            finally:
                bot.terminate()
                await bot.wait()


def percentile(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def main() -> None:
    found = asyncio.run(watch())
    print(f"{'others, ms':<20}{'asked':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'longest':>9}")
    for name, waits in found.items():
        shares = [percentile(waits, share) for share in (0.5, 0.95, 0.99)]
        print(f"{name:<20}{len(waits):>7}" + "".join(f"{ms:>8.1f}" for ms in shares) + f"{max(waits):>9.0f}")
    ratio = percentile(found["flood"], 0.95) / percentile(found["quiet"], 0.95)
    print(f"\np95 with a flood / without: {ratio:.2f}")
