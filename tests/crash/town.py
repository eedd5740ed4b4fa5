"""A town for crash tests: a simulated Telegram with its people, a database, and bots that are killed."""

import asyncio
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from tests.crash.settling import RATE, settle
from tests.judge import judge_every_call
from tests.postgres import rows as rows_of
from tgbot.clock import TravelClock
from tgbot.simulator import actions
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.opening import is_postgres

LEASE = timedelta(seconds=61)


class Town:
    """`database` is where the bots keep everything: a file in the folder, or an address of PostgreSQL."""

    def __init__(self, simulator: Simulator, clock: TravelClock, folder: Path, database: str = "") -> None:
        self.simulator = simulator
        self.clock = clock
        self.database = database or str(folder / "backcheck.db")
        self._offset = folder / "clock"
        self._log = (folder / "bot.log").open("ab")
        self._bots: list[asyncio.subprocess.Process] = []
        self._spare: asyncio.subprocess.Process | None = None
        self.people: list[int] = []
        self.rate = RATE
        self.push(timedelta())

    def push(self, by: timedelta) -> None:
        """Move everybody's clock, the bots' included."""
        self.clock.push(by)
        new = self._offset.with_suffix(".new")
        new.write_text(str(self.clock.offset.total_seconds()))
        new.replace(self._offset)

    async def settle_people(self, count: int, due: datetime, every: timedelta = timedelta()) -> None:
        """People with consent, an open episode and the 72-hour check planned: the first's for `due`."""
        dues = [due + number * every for number in range(count)]
        self.people += await settle(self.simulator, self.database, self.clock.now(), dues)

    def later(self) -> datetime:
        """An instant at which no test looks any more."""
        return self.clock.now() + timedelta(hours=72)

    def says(self, person_id: int, text: str) -> None:
        """Somebody types; nobody waits for an answer."""
        tg = self.simulator.tg
        actions.say(tg, tg.world.people[person_id], tg.world.chats[person_id], {"text": text})

    async def bot(
        self, kill: str = "never", *, another: bool = False, **settings: str
    ) -> asyncio.subprocess.Process:
        """Start a bot; see tests/crash/bot.py for `kill`. With `another` the next one's Python starts, too:
        that takes longer than a bot that is killed lives."""
        process, self._spare = self._spare or await self._python(settings), None
        assert process.stdin is not None
        process.stdin.write(f"{kill}\n".encode())
        process.stdin.close()
        if another:
            self._spare = await self._python({})
        return process

    async def _python(self, settings: Mapping[str, str]) -> asyncio.subprocess.Process:
        environ = {
            "PATH": os.environ["PATH"],
            "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # what the finder learned, see tests/conftest.py
            "BACKCHECK_TOKEN": self.simulator.token,
            "BACKCHECK_API_URL": self.simulator.url,
            "BACKCHECK_DATABASE": self.database,
            "BACKCHECK_CHAT_SECONDS": "0",
            "BACKCHECK_MESSAGES_PER_SECOND": str(self.rate),
            **settings,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crash.bot", str(self._offset),
            env=environ, stdin=PIPE, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._bots.append(process)
        return process

    async def end(self) -> None:
        """Leave no process behind."""
        for process in self._bots:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            await process.wait()
        self._log.close()

    def copies(self) -> Counter[int]:
        """How many messages of the bot each person has got: the only oracle of delivery."""
        return Counter(m.chat_id for m in self.simulator.tg.world.everything() if m.from_bot)

    def told(self, words: str) -> Counter[int]:
        """How many messages of the bot with these words each person has got."""
        said = (m for m in self.simulator.tg.world.everything() if m.from_bot)
        return Counter(m.chat_id for m in said if words in m.body.get("text", ""))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the database says, read from outside."""
        if is_postgres(self.database):
            return rows_of(self.database, sql)
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def states(self) -> Counter[object]:
        """The states of the 72-hour checks (not of what is planned after them)."""
        return Counter(
            state for (state,) in self.rows("SELECT state FROM follow_up WHERE id = 'f' || person_id")
        )

    def unfinished(self) -> int:
        return self.states()["planned"]

    def is_whole(self) -> bool:
        if is_postgres(self.database):  # the server sees to its files; keys and checks hold or it says no
            return True
        return self.rows("PRAGMA integrity_check") == [("ok",)]


@asynccontextmanager
async def town(folder: Path, database: str = "") -> AsyncIterator[Town]:
    clock = TravelClock()
    async with Simulator(clock) as simulator:
        opened = Town(simulator, clock, folder, database)
        try:
            yield opened
        finally:
            await opened.end()
        judge_every_call(simulator)
