"""A town for crash tests: a simulated Telegram with its people, a database, and bots that are killed."""

import os
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from tests.crash.nursery import BotProcess, Nursery
from tests.crash.settling import RATE, settle
from tests.judge import judge_every_call
from tests.postgres import rows as rows_of
from tgbot.clock import TravelClock
from tgbot.simulator import actions
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.opening import is_postgres

LEASE = timedelta(seconds=61)


class Town:
    """`database` is where the bots keep everything: a file in the folder, or an address of PostgreSQL. With a
    `key` what people say is encrypted there."""

    def __init__(
        self,
        simulator: Simulator,
        clock: TravelClock,
        folder: Path,
        database: str = "",
        key: str | None = None,
    ) -> None:
        self.simulator = simulator
        self.key = key
        self.clock = clock
        self.database = database or str(folder / "backcheck.db")
        self._offset = folder / "clock"
        self._nursery = Nursery(self._offset, folder / "bot.log")
        self.more: dict[str, str] = {}  # settings of every bot
        if key is not None:
            (folder / "key").write_text(key)
            (folder / "key").chmod(0o600)
            self.more["BACKCHECK_KEY_FILE"] = str(folder / "key")
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
        self.people += await settle(self.simulator, self.database, self.clock.now(), dues, self.key)

    def later(self) -> datetime:
        """An instant at which no test looks any more."""
        return self.clock.now() + timedelta(hours=72)

    def says(self, person_id: int, text: str) -> None:
        """Somebody types; nobody waits for an answer."""
        tg = self.simulator.tg
        actions.say(tg, tg.world.people[person_id], tg.world.chats[person_id], {"text": text})

    async def bot(self, kill: str = "never", **settings: str) -> BotProcess:
        """Start a bot; see tests/crash/bot.py for `kill`."""
        environ = {
            "PATH": os.environ["PATH"],
            "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # what the finder learned, see tests/conftest.py
            "BACKCHECK_TOKEN": self.simulator.token,
            "BACKCHECK_API_URL": self.simulator.url,
            "BACKCHECK_DATABASE": self.database,
            "BACKCHECK_CHAT_SECONDS": "0",
            "BACKCHECK_MESSAGES_PER_SECOND": str(self.rate),
            **self.more,
            **settings,
        }
        return await self._nursery.bot(kill, environ)

    async def end(self) -> None:
        """Leave no process behind."""
        await self._nursery.end()

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
async def town(folder: Path, database: str = "", key: str | None = None) -> AsyncIterator[Town]:
    clock = TravelClock()
    async with Simulator(clock) as simulator:
        opened = Town(simulator, clock, folder, database, key)
        try:
            yield opened
        finally:
            await opened.end()
        judge_every_call(simulator)
