"""The whole bot on a disk that fills up under it, in a process of its own.

    python -m tests.integration.small_disk FOLDER HOW

HOW says what "full" is. `disk`: FOLDER is a file system of 1.2 MB, and a ballast takes the rest of it.
`files`: no file may grow any more (RLIMIT_FSIZE); SQLite then calls it an I/O error, and nothing is nearly
full. Ends with 0 when everything held.
"""

import asyncio
import errno
import resource
import sqlite3
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import httpx
from structlog.testing import capture_logs

from tests.crash.settling import IN_FLIGHT, settle, until
from tests.integration.watching import a_free_address, comes_up
from tgbot.clock import TravelClock
from tgbot.service.housekeeping import EVERY
from tgbot.settings import Settings
from tgbot.simulator import actions
from tgbot.simulator.simulator_server import Simulator
from tgbot.wiring.foundation import Hooks
from tgbot.wiring.process import run

PEOPLE = 40
LOOKS = 2.5  # seconds: the courier tries once a second to write down what it sent


class Disk:
    """Fills up at the first message that went out, before it is written down."""

    def __init__(self, folder: Path, how: str) -> None:
        self.database = folder / "backcheck.db"
        self._ballast = folder / "ballast"
        self._by_ballast = how == "disk"
        self.is_full = False

    def step(self, at: str) -> None:
        if at == "sent" and not self.is_full:
            self.is_full = True
            self._fill()

    def _fill(self) -> None:
        if not self._by_ballast:
            log = self.database.with_name(self.database.name + "-wal")
            resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, resource.RLIM_INFINITY))
            return
        with self._ballast.open("wb", buffering=0) as file:
            for size in (4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    @property
    def troubles(self) -> set[str]:
        return {"disk", "store"} if self._by_ballast else {"store"}


async def scenario(disk: Disk) -> None:
    clock, address, stop = TravelClock(), a_free_address(), asyncio.Event()
    async with Simulator(clock) as simulator:
        settings = Settings.read(
            {
                "BACKCHECK_TOKEN": simulator.token,
                "BACKCHECK_API_URL": simulator.url,
                "BACKCHECK_DATABASE": str(disk.database),
                "BACKCHECK_CHAT_SECONDS": "0",
                "BACKCHECK_HEALTH": f"{address[0]}:{address[1]}",
            }
        )
        people = await settle(simulator, disk.database, clock.now(), [clock.now()] * PEOPLE)
        bot = asyncio.create_task(run(settings, clock, stop, Hooks(step=disk.step)))
        await until(lambda: disk.is_full or bot.done(), 60, "nothing was sent")
        async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as watcher:
            await comes_up(watcher)
            clock.push(EVERY)
            await while_it_is_full(simulator, disk, watcher, people)
            disk.make_room()
            await afterwards(simulator, disk, watcher, people)
        stop.set()
        await bot


async def while_it_is_full(
    simulator: Simulator, disk: Disk, watcher: httpx.AsyncClient, people: list[int]
) -> None:
    """What was sent cannot be written down: nobody else is written to, and who asks is answered."""
    await asyncio.sleep(LOOKS)
    told = said(simulator)
    assert set(told) <= set(people)
    assert 0 < told.total() <= IN_FLIGHT, "no more than was on its way when the disk filled up"
    ready, alive = await watcher.get("/readyz"), await watcher.get("/healthz")
    assert (ready.status_code, set(ready.json()["problems"])) == (503, disk.troubles), ready.text
    assert alive.status_code == 200, "it waits for room; a restart would not help"
    ben = simulator.tg.world.person("Ben")
    actions.say(simulator.tg, ben, simulator.tg.world.chats[ben.id], {"text": "/help"})
    await until(lambda: said(simulator)[ben.id], 60, "whoever asks was not answered")


async def afterwards(simulator: Simulator, disk: Disk, watcher: httpx.AsyncClient, people: list[int]) -> None:
    """Nobody did anything but make room: everybody has their message, once."""
    await until(lambda: len(set(people) & set(said(simulator))) == PEOPLE, 60, "it did not recover")

    async def is_ready() -> bool:
        return (await watcher.get("/readyz")).status_code == 200

    await eventually(is_ready)
    assert [said(simulator)[person] for person in people] == [1] * PEOPLE
    with closing(sqlite3.connect(disk.database)) as connection:
        states = connection.execute("SELECT state FROM follow_up WHERE id = 'f' || person_id").fetchall()
        assert states == [("sent",)] * PEOPLE, Counter(states)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 – the answer of a server
            await asyncio.sleep(0.05)


def said(simulator: Simulator) -> Counter[int]:
    """How much the bot has said to each."""
    return Counter(message.chat_id for message in simulator.tg.world.everything() if message.from_bot)


def main() -> None:
    disk = Disk(Path(sys.argv[1]), sys.argv[2])
    with capture_logs() as logs:
        asyncio.run(scenario(disk))
    told = Counter(line["event"] for line in logs)
    assert told["courier_store_failed"] == 1, "once, not once a second"
    assert told["disk_nearly_full"] == ("disk" in disk.troubles)


if __name__ == "__main__":
    main()
