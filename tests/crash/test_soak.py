"""`make soak`: two hundred kills while 1,000 follow-ups fall due, 300 updates come, lines and clocks break.

With BACKCHECK_WRITE_SOAK=1 its table takes the place of the last one in docs/reliability.md.
"""

import os
import platform
import random
import re
import sqlite3
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.crash.settling import IN_FLIGHT, until
from tests.crash.town import LEASE, Town, town
from tests.fakes.phone import FRAME
from tgbot.clock import SystemClock
from tgbot.simulator.faults import Fault
from tgbot.simulator.world import Message
from tgbot.store.sealing import SEALED, new_key, seal_of

pytestmark = [pytest.mark.soak, pytest.mark.crash, pytest.mark.timeout(3600)]

KILLS, PEOPLE, WRITERS = 200, 1_000, 100
POINTS = ("claimed", "sent", "settled", "sent", "at random")
SCORES = ("3", "5", "8")
HOUR = timedelta(hours=1)
EVERY = timedelta(seconds=12)  # a follow-up falls due: five in each bot's life
IDLE = 2.0  # seconds after which a bot has too little to do to reach its point
OUTAGES = (
    Fault("cut_before", method="sendMessage", times=3),
    Fault("cut_after", method="sendMessage"),
    Fault("status", method="sendMessage", status=502),
    Fault("status_after", method="sendMessage", status=500),
    Fault("malformed", method="sendMessage"),
    Fault("too_many", method="sendMessage", seconds=1),
    Fault("status", method="getUpdates", status=502, times=2),
    Fault("delay_after", method="sendMessage", seconds=0.5, times=3),
)
DOUBTFUL = {"cut_before", "cut_after", "status", "status_after", "malformed"}
DOCUMENT = Path(__file__).parents[2] / "docs/reliability.md"
BY = ("plain", "encrypted")
PART = r"(<!-- soak, {}: written by `make soak` -->\n).*?(\n<!-- end -->)"
NOTICE = FRAME.say("check.notice").strip()


async def disaster(place: Town, dice: random.Random) -> str:
    """One bot from its start to its violent end; what ended it."""
    point = dice.choice(POINTS)
    journal, seen, enough = place.simulator.tg.journal, place.copies().total(), dice.randrange(2, 12)
    calls = journal.count
    spec = "never" if point == "at random" else f"{point}:{dice.randrange(1, 6)}"
    bot = await place.bot(spec)
    up: list[float] = []

    def over() -> bool:
        sent = place.copies().total() - seen
        if not up and any(call.method == "getUpdates" and call.number > calls for call in journal.calls):
            up.append(time.monotonic())
        idle = up and time.monotonic() - up[0] > IDLE
        return bot.returncode is not None or bool(idle) or (point == "at random" and sent > enough)

    await until(over, 60, "a bot neither worked nor died")
    if bot.returncode is None:
        bot.kill()
        point = "at random"
    await bot.wait()
    return point


async def disasters(place: Town, dice: random.Random) -> tuple[Counter[str], int]:
    """Every bot's; what ended them, and how many calls outages made doubtful at most."""
    kinds, doubtful, ahead = Counter[str](), 0, False
    for kill in range(KILLS):
        if kill % 60 == 0 and kill // 60 < len(SCORES):
            for person in place.people[:WRITERS]:
                place.says(person, f"/pain {SCORES[kill // 60]}")
        if dice.random() < 0.3:
            fault = dice.choice(OUTAGES)
            place.simulator.tg.faults.add(Fault(**vars(fault)))
            doubtful += (fault.times or 0) if fault.kind in DOUBTFUL else 0
        kinds[await disaster(place, dice)] += 1
        place.push(LEASE)
        if dice.random() < 0.2:  # an hour forth, and some kills later an hour back
            place.push(-HOUR if ahead else HOUR)
            ahead = not ahead
    return kinds, doubtful


async def the_rest(place: Town) -> None:
    """No more trouble: one bot does what is left."""
    place.simulator.tg.faults.remove()
    place.push(PEOPLE * EVERY + HOUR)  # what was claimed an hour ahead is free again
    bot = await place.bot()
    done = lambda: not place.unfinished() and not place.simulator.tg.updates.pending  # noqa: E731
    await until(done, 300, "not everything was done in the end")
    bot.terminate()
    assert await bot.wait() == 0


def notices(place: Town) -> list[Message]:
    """The check-ins that Telegram has delivered: the only oracle."""
    every = (one for one in place.simulator.tg.world.everything() if one.from_bot)
    return [one for one in every if one.delivered.get("text", "").startswith(NOTICE)]


def ended_in(place: Town, state: str) -> set[object]:
    found = place.rows(f"SELECT person_id FROM follow_up WHERE id = 'f' || person_id AND state = '{state}'")
    return {person for (person,) in found}


@pytest.mark.parametrize("sealed", [False, True], ids=BY)
async def test_two_hundred_kills_lose_nothing(tmp_path: Path, sealed: bool) -> None:
    dice, began = random.Random(2026), time.monotonic()
    async with town(tmp_path, key=new_key() if sealed else None) as place:
        start = place.clock.now()
        await place.settle_people(PEOPLE, due=start, every=EVERY)
        due = {person: start + number * EVERY for number, person in enumerate(place.people)}
        kinds, doubtful = await disasters(place, dice)
        await the_rest(place)

        sent = notices(place)
        copies = Counter(message.chat_id for message in sent)
        unconfirmed = ended_in(place, "unconfirmed")
        lost = [person for person in place.people if not copies[person] and person not in unconfirmed]
        unseen = [person for person in unconfirmed if not copies[int(str(person))]]
        early = [one for one in sent if one.sent_at is None or one.sent_at < due[one.chat_id]]
        stored = place.rows("SELECT person_id, value FROM entry WHERE kind = 'pain'")
        assert sealed == all(str(value).startswith(SEALED) for _, value in stored)
        noted = Counter((person, seal_of(place.key).open(str(value))) for person, value in stored)
        duplicates, bound = copies.total() - len(copies), KILLS * IN_FLIGHT
        table = {
            "kills": f"{KILLS}: " + ", ".join(f"{how} {count}" for how, count in kinds.most_common()),
            "outages": f"cut before and after delivery, 502, 500 after delivery, half answers, 429, slow "
            f"answers, getUpdates 502: {doubtful} doubtful calls at most",
            "follow-ups due": f"{PEOPLE:,}",
            "at the end": ", ".join(f"{count} `{state}`" for state, count in place.states().most_common()),
            "**lost** (no message, and not reported)": f"**{len(lost)}**",
            "**most copies**": f"**{max(copies.values())}**",
            "duplicates": f"{duplicates} (bound: {KILLS} kills × {IN_FLIGHT} in flight = {bound:,}, "
            f"and {doubtful} by outages)",
            "`unconfirmed`, of which nobody got a message": f"{len(unconfirmed)}, {len(unseen)}",
            "sent early": str(len(early)),
            "updates": f"{WRITERS * len(SCORES)} queued, {list(noted.values()).count(1)} changes made once",
            "`integrity_check`": "ok" if place.is_whole() else "BROKEN",
            "minutes": f"{(time.monotonic() - began) / 60:.1f}",
        }
        report(table, SystemClock().now(), BY[sealed])

        assert (lost, early) == ([], [])
        assert max(copies.values()) <= 2
        assert duplicates <= bound + doubtful
        assert noted == {(person, score): 1 for person in place.people[:WRITERS] for score in SCORES}
        assert place.is_whole()
        assert place.states()["sent"] + len(unconfirmed) == PEOPLE
        assert sum(kinds[point] for point in set(POINTS) - {"at random"}) > KILLS / 4, "kills in the middle"
        assert min(kinds[point] for point in POINTS) > 0


def report(table: dict[str, str], now: datetime, by: str) -> None:
    """Print it; and write it down where it is asked for."""
    where = (
        f"{now:%-d %B %Y}, {os.cpu_count()} cores, SQLite {sqlite3.sqlite_version}, "
        f"Python {platform.python_version()}."
    )
    lines = [where, "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in table.items())]
    print("\n" + "\n".join(lines))  # noqa: T201 – its purpose
    if os.environ.get("BACKCHECK_WRITE_SOAK"):
        text = DOCUMENT.read_text(encoding="utf-8")
        part = re.compile(PART.format(by), re.S)
        DOCUMENT.write_text(part.sub(lambda found: found[1] + "\n".join(lines) + found[2], text), "utf-8")
