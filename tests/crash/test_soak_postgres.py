"""`make soak` on PostgreSQL: three replicas are killed at random, and the server is restarted all the time.

The clock is everybody's own here: leases end when they end. With BACKCHECK_WRITE_SOAK=1 its table takes the
place of the last one in docs/reliability.md.
"""

import asyncio
import os
import platform
import random
import re
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.front import Front, front
from tests.crash.nursery import BotProcess
from tests.crash.settling import IN_FLIGHT, until
from tests.crash.test_soak import DOCUMENT, ended_in, notices
from tests.crash.town import Town, town
from tests.postgres import Server
from tgbot.clock import SystemClock
from tgbot.store.postgres.schema import migrate_schema

pytestmark = [pytest.mark.soak, pytest.mark.crash, pytest.mark.timeout(3600)]

REPLICAS, PEOPLE, WRITERS = 3, 1_000, 100
SCORES = ("3", "5", "8")
MINUTES = float(os.environ.get("BACKCHECK_SOAK_MINUTES", "5"))
POINTS = ("claimed", "sent", "settled", "never", "never")  # "never" is killed from outside, at random
BY = ("polling", "webhook")
PART = r"(<!-- soak on PostgreSQL by {}: written by `make soak` -->\n).*?(\n<!-- end -->)"


class Chaos:
    """Kills replicas and the server until it is told to stop, and counts what it did."""

    def __init__(self, place: Town, server: Server, dice: random.Random, door: Front | None) -> None:
        self.place, self.server, self.dice, self.door = place, server, dice, door
        self.kills, self.restarts = Counter[str](), Counter[str]()
        self.over = False
        self.replicas: list[BotProcess] = []

    async def replica(self, number: int) -> None:
        """Started again whenever it is dead, as an orchestrator does."""
        while not self.over:
            point = self.dice.choice(POINTS)
            spec = "never" if point == "never" else f"{point}:{self.dice.randrange(1, 9)}"
            bot = await self.place.bot(spec, **(self.door.settings(number) if self.door else {}))
            self.replicas.append(bot)
            lives = time.monotonic() + (self.dice.uniform(12, 40) if point == "never" else 60)
            while bot.returncode is None and time.monotonic() < lives and not self.over:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            if bot.returncode is None:
                bot.kill()
                point = "at random"
            self.kills[point if await bot.wait() == -9 else "ended by itself"] += 1

    async def the_server(self) -> None:
        while not self.over:
            await asyncio.sleep(self.dice.uniform(5, 40))
            how = self.dice.choice(["stopped", "killed"])
            await asyncio.to_thread(self.server.stop if how == "stopped" else self.server.kill)
            await asyncio.sleep(self.dice.uniform(0, 3))
            await asyncio.to_thread(self.server.start)
            self.restarts[how] += 1

    async def the_writers(self, every: float) -> None:
        for score in SCORES:
            for person in self.place.people[:WRITERS]:
                self.place.says(person, f"/pain {score}")
            await asyncio.sleep(every)


async def the_rest(place: Town, door: Front | None) -> None:
    """No more trouble: one replica does what is left, once the leases of the dead are over."""
    bot = await place.bot(**(door.settings(0) if door else {}))
    done = lambda: not place.unfinished() and not place.simulator.tg.updates.pending  # noqa: E731
    await until(done, 300, "not everything was done in the end", every=1.0)
    bot.terminate()
    assert await bot.wait() == 0


@pytest.mark.parametrize("by", BY)
async def test_three_replicas_and_a_restless_server_lose_nothing(tmp_path: Path, by: str) -> None:
    dice, began = random.Random(18), time.monotonic()
    server = Server(tmp_path / "server")
    server.run("CREATE DATABASE soak")
    migrate_schema(server.url("soak"))
    async with town(tmp_path, server.url("soak")) as place, front(REPLICAS) as opened:
        door = opened if by == "webhook" else None
        start = place.clock.now() + timedelta(seconds=5)
        every = timedelta(minutes=MINUTES) / PEOPLE
        await place.settle_people(PEOPLE, due=start, every=every)
        due = {person: start + number * every for number, person in enumerate(place.people)}
        chaos = Chaos(place, server, dice, door)
        tasks = [asyncio.create_task(chaos.replica(number)) for number in range(REPLICAS)]
        tasks.append(asyncio.create_task(chaos.the_server()))
        await chaos.the_writers(MINUTES * 60 / len(SCORES))
        chaos.over = True
        await asyncio.gather(*tasks)
        await the_rest(place, door)

        sent = notices(place)
        copies = Counter(message.chat_id for message in sent)
        unconfirmed = ended_in(place, "unconfirmed")
        lost = [person for person in place.people if not copies[person] and person not in unconfirmed]
        early = [each for each in sent if each.sent_at is None or each.sent_at < due[each.chat_id]]
        noted = Counter(place.rows("SELECT person_id, value FROM entry WHERE kind = 'pain'"))
        version = str(server.run("SHOW server_version")[0][0])
        table = {
            "replicas, kills": f"{REPLICAS} by {by}; {chaos.kills.total()}: "
            + ", ".join(f"{how} {count}" for how, count in chaos.kills.most_common()),
            "server": f"PostgreSQL {version}, every 5–40 s "
            + ", ".join(f"{how} {count}" for how, count in chaos.restarts.most_common()),
            "follow-ups due": f"{PEOPLE:,}",
            "at the end": ", ".join(f"{count} `{state}`" for state, count in place.states().most_common()),
            "**lost** (no message, and not reported)": f"**{len(lost)}**",
            "**most copies**": f"**{max(copies.values())}**",
            "duplicates": f"{copies.total() - len(copies)}",
            "sent early": str(len(early)),
            "updates": f"{WRITERS * len(SCORES)} queued, {list(noted.values()).count(1)} changes made once",
            "minutes": f"{(time.monotonic() - began) / 60:.1f}",
        }
        report(table, by)

        assert (lost, early) == ([], [])
        assert max(copies.values()) <= 2
        assert copies.total() - len(copies) <= (chaos.kills.total() + chaos.restarts.total()) * IN_FLIGHT
        assert noted == {(person, score): 1 for person in place.people[:WRITERS] for score in SCORES}
        assert place.states()["sent"] + len(unconfirmed) == PEOPLE
    server.stop()


def report(table: dict[str, str], by: str) -> None:
    """Print it; and write it down where it is asked for."""
    now = SystemClock().now()
    where = f"{now:%-d %B %Y}, {os.cpu_count()} cores, Python {platform.python_version()}."
    lines = [where, "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in table.items())]
    print("\n" + "\n".join(lines))  # noqa: T201 – its purpose
    if os.environ.get("BACKCHECK_WRITE_SOAK"):
        text = DOCUMENT.read_text(encoding="utf-8")
        part = re.compile(PART.format(by), re.S)
        DOCUMENT.write_text(part.sub(lambda found: found[1] + "\n".join(lines) + found[2], text), "utf-8")
