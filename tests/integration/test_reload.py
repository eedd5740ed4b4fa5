"""Other words without a stop: whole or not at all, while people tap and type."""

import asyncio
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.crash.settling import until
from tests.integration.watching import a_free_address, comes_up
from tgbot.cli import main
from tgbot.clock import TravelClock
from tgbot.packs.whole import examine
from tgbot.service.ports import Alert
from tgbot.settings import Settings, shipped_content
from tgbot.simulator.simulator_server import Simulator
from tgbot.wiring.foundation import Hooks
from tgbot.wiring.process import run

EDITION = re.compile(r"Edition (\d+)")


@dataclass
class Author:
    """Writes its edition's number into two places of the pack, which an answer shows together."""

    root: Path

    def publishes(self, number: int) -> None:
        path = next((self.root / "en" / "answers").glob("*heat*.yaml"))
        text = EDITION.sub(f"Edition {number}", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")

    def prepares(self) -> str:
        """The id of the answer that carries the number."""
        path = next((self.root / "en" / "answers").glob("*heat*.yaml"))
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        marked = []
        for line in lines:
            marked.append(line)
            if re.match(r"(short|body): [|>]", line):
                marked.append("  Edition 0.\n")
                marked.append("\n" if line.startswith("body") else "")
            elif line.startswith("short: "):
                marked[-1] = line.rstrip().rstrip('"').rstrip("'") + " Edition 0.\n"
        path.write_text("".join(marked), encoding="utf-8")
        return path.stem

    def breaks(self) -> None:
        (self.root / "en" / "topics.yaml").write_text("- no topic", encoding="utf-8")

    def mends(self) -> None:
        shutil.copy(shipped_content() / "en" / "topics.yaml", self.root / "en" / "topics.yaml")


@dataclass
class Running:
    author: Author
    answer: str
    reload: asyncio.Event
    alerts: list[Alert]
    watcher: httpx.AsyncClient
    address: tuple[str, int]

    async def about(self) -> dict[str, object]:
        answer = (await self.watcher.get("/readyz")).json()
        pack: dict[str, object] = answer["pack"]
        return pack

    async def reloads(self) -> dict[str, object]:
        before = (await self.about())["loads"]
        self.reload.set()
        async with asyncio.timeout(120):
            while (pack := await self.about())["loads"] == before:  # noqa: ASYNC110 – a server's answer
                await asyncio.sleep(0.02)
        return pack


@pytest.fixture
async def running(
    simulator: Simulator, settings: Settings, clock: TravelClock, tmp_path: Path
) -> AsyncIterator[Running]:
    author = Author(shutil.copytree(shipped_content(), tmp_path / "content"))
    answer = author.prepares()
    address, stop, alerts = a_free_address(), asyncio.Event(), list[Alert]()
    reload = asyncio.Event()
    own = settings.model_copy(update={"health": address, "content": author.root})
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, reload.set)
    task = asyncio.create_task(
        run(own, clock, stop, Hooks(alert=alerts.append, reload=reload, examine=examine))
    )
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", timeout=60) as watcher:
        await comes_up(watcher)
        await until(lambda: simulator.tg.updates.is_polled, 60, "nobody polls")
        yield Running(author, answer, reload, alerts, watcher, address)
    stop.set()
    await task
    loop.remove_signal_handler(signal.SIGUSR1)


async def test_reloads_among_taps_leave_nothing_unanswered_and_nothing_mixed(
    simulator: Simulator, running: Running
) -> None:
    people, over = cycle([simulator.person(f"P{number}") for number in range(20)]), asyncio.Event()
    seen: list[set[str]] = []

    async def asks_once() -> None:
        person = next(people)  # by turns, since a long chat takes long to look at
        await person.send(f"/start {running.answer}", wait=60)
        text = person.screen.text
        seen.append(set(EDITION.findall(text)))
        assert EDITION.findall(text), f"unanswered: {text[:80]}"

    async def asks() -> None:
        while not over.is_set():
            await asks_once()
            await asyncio.sleep(0.2)  # who never pauses leaves no processor to who reads the new words

    asking = [asyncio.create_task(asks()) for _ in range(4)]
    for number in range(1, 5):
        if number == 3:
            running.author.breaks()
            assert (await running.reloads())["problem"], "a broken pack is told"
            running.author.mends()
        running.author.publishes(number)
        assert not (await running.reloads())["problem"]
    over.set()
    await asyncio.gather(*asking)
    await asks_once()  # what was under way may have been answered before the last reload

    assert all(len(editions) == 1 for editions in seen), "an answer of two packs"
    assert {"0", "4"} <= set.union(*seen)
    assert [alert.event for alert in running.alerts] == ["pack_not_reloaded", "pack_reloaded"]


async def test_a_broken_pack_leaves_the_old_one_talking(simulator: Simulator, running: Running) -> None:
    ada = simulator.person("Ada")
    running.author.breaks()

    pack = await running.reloads()

    assert "topics.yaml" in str(pack["problem"])
    await ada.send(f"/start {running.answer}", wait=60)
    assert "Edition 0" in ada.screen.text


async def test_backcheck_reload_says_what_came_of_it(running: Running) -> None:
    where = f"{running.address[0]}:{running.address[1]}"
    runner = CliRunner(env={"BACKCHECK_HEALTH": where, "BACKCHECK_CONTENT": str(running.author.root)})

    told = await asyncio.to_thread(runner.invoke, main, ["reload"])
    assert told.exit_code == 0
    assert "speaks from" in told.output

    running.author.breaks()
    told = await asyncio.to_thread(runner.invoke, main, ["reload"])
    assert told.exit_code == 1
    assert "topics.yaml" in told.output
    assert not (await running.about())["problem"], "the bot was left alone"


HUNG_UP = """
import asyncio, os, signal
from tgbot.supervision import until_stopped

os.setsid()
signal.signal(signal.SIGHUP, signal.SIG_DFL)
reload = asyncio.Event()

async def work(stop):
    for number in (signal.SIGHUP, signal.SIGUSR1):
        os.kill(os.getpid(), number)
        await asyncio.wait_for(reload.wait(), 30)
        reload.clear()
        print("reloaded", stop.is_set())

until_stopped(work, reload)
"""


async def test_a_hang_up_without_a_terminal_reloads_and_ends_nothing() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HUNG_UP, stdout=asyncio.subprocess.PIPE, start_new_session=False
    )
    told, _ = await process.communicate()

    assert told.decode().splitlines() == ["reloaded False"] * 2
    assert process.returncode == 0
