"""`make soak`: two hundred kills with 1,000 follow-ups falling due, 300 updates, outages and clock jumps."""

import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.town import IN_FLIGHT, LEASE, Town, town, until
from tgbot.simulator.faults import Fault

pytestmark = [pytest.mark.soak, pytest.mark.crash, pytest.mark.timeout(3600)]

KILLS, PEOPLE, WRITERS = 200, 1_000, 100
SCORES = ("3", "5", "8")
HOUR = timedelta(hours=1)
EVERY = timedelta(seconds=3)  # a follow-up falls due
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


async def disaster(place: Town, dice: random.Random) -> str:
    """One bot from its start to its violent end; what ended it."""
    point = dice.choice(["claimed", "sent", "settled", "sent", "at random"])
    bot = await place.bot(
        "never" if point == "at random" else f"{point}:{dice.randrange(1, 10)}", another=True
    )
    seen, enough = place.copies().total(), dice.randrange(2, 12)
    up: list[float] = []

    def over() -> bool:
        sent = place.copies().total() - seen
        if not up and (sent or place.simulator.tg.updates.is_polled):
            up.append(time.monotonic())
        idle = up and time.monotonic() - up[0] > 2  # too little was due for the bot to reach its point
        return bot.returncode is not None or bool(idle) or (point == "at random" and sent > enough)

    await until(over, 60, "a bot neither worked nor died")
    if bot.returncode is None:
        bot.kill()
        point = "at random"
    await bot.wait()
    return point


async def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    dice, kinds, doubtful = random.Random(2026), Counter[str](), 0
    began = time.monotonic()
    async with town(tmp_path) as place:
        start = place.clock.now()
        await place.settle_people(PEOPLE, due=start, every=EVERY)
        due = {person: start + number * EVERY for number, person in enumerate(place.people)}
        ahead = False
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
        place.simulator.tg.faults.remove()
        place.push(PEOPLE * EVERY + HOUR)  # what was claimed an hour ahead is free again
        bot = await place.bot()
        done = lambda: not place.unfinished() and not place.simulator.tg.updates.pending  # noqa: E731
        await until(done, 300, "not everything was done in the end")
        bot.terminate()
        assert await bot.wait() == 0

        notices = [
            m
            for m in place.simulator.tg.world.everything()
            if m.from_bot and "check-in" in m.delivered["text"]
        ]
        copies = Counter(message.chat_id for message in notices)
        states = place.states()
        unconfirmed = {
            row[0]
            for row in place.rows(
                "SELECT person_id FROM follow_up WHERE state = 'unconfirmed' AND id = 'f' || person_id"
            )
        }
        early = [m for m in notices if m.sent_at is not None and m.sent_at < due[m.chat_id]]
        lost = [person for person in place.people if not copies[person] and person not in unconfirmed]
        unseen = len([person for person in place.people if person in unconfirmed and not copies[person]])
        noted = Counter(place.rows("SELECT person_id, value FROM entry WHERE kind = 'pain'"))
        duplicates = copies.total() - len(copies)
        table = {
            "kills": dict(kinds),
            "outages, calls they could hit": doubtful,
            "follow-ups due": PEOPLE,
            "states at the end": dict(states),
            "lost": len(lost),
            "sent early": len(early),
            "most copies": max(copies.values()),
            "duplicates": f"{duplicates} (at most {KILLS * IN_FLIGHT} by kills, {doubtful} by outages)",
            "unconfirmed": f"{len(unconfirmed)}, of which nobody got one: {unseen}",
            "updates": f"{WRITERS * len(SCORES)}, made once: {list(noted.values()).count(1)}",
            "integrity": "ok" if place.is_whole() else "BROKEN",
            "minutes": round((time.monotonic() - began) / 60, 1),
        }
        print("\n" + "\n".join(f"{name:32} {value}" for name, value in table.items()))  # noqa: T201 – its purpose

        assert (lost, early) == ([], [])
        assert max(copies.values()) <= 2
        assert duplicates <= KILLS * IN_FLIGHT + doubtful
        assert noted == {(person, score): 1 for person in place.people[:WRITERS] for score in SCORES}
        assert place.is_whole()
