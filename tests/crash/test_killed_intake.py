"""A bot that is killed while 300 updates wait: none is lost, each change is made once."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.settling import RATE, until
from tests.crash.town import Town, town
from tgbot.chat.owed_replies import LEASE

pytestmark = [pytest.mark.crash, pytest.mark.timeout(480)]

SCORES = ("3", "5", "8")  # what everybody notes, in this order
KILLS = 5


async def notes_pain(place: Town) -> None:
    for score in SCORES:
        for person in place.people:
            place.says(person, f"/pain {score}")


def noted(place: Town) -> Counter[object]:
    """How often each (person, score) was written down."""
    return Counter(place.rows("SELECT person_id, value FROM entry WHERE kind = 'pain'"))


def owed(place: Town) -> int:
    return len(place.rows("SELECT update_id FROM owed_reply"))


async def test_three_hundred_waiting_updates_survive_kills_at_random(tmp_path: Path, database: str) -> None:
    """Whose reply a kill has cut off after its update was acknowledged, in the crowd, is told so."""
    dice = random.Random(11)
    async with town(tmp_path, database) as place:
        place.rate = 5  # however slow the machine, a bot is not done before it is killed
        await place.settle_people(100, due=place.later())
        await notes_pain(place)
        waiting = place.simulator.tg.updates
        assert len(waiting.pending) == 300
        for _ in range(KILLS):
            enough = place.copies().total() + dice.randrange(15)
            bot = await place.bot()
            await until(lambda: place.copies().total() > enough, 60, "no progress", every=0.01)  # noqa: B023
            bot.kill()
            await bot.wait()
            place.push(LEASE + timedelta(seconds=1))
        assert waiting.pending or owed(place), "the kills came before the end"
        place.rate = RATE
        bot = await place.bot()
        await until(
            lambda: not waiting.pending and not owed(place),
            120,
            "not every update was acknowledged and answered",
            every=0.5,
        )
        bot.terminate()
        assert await bot.wait() == 0

        assert noted(place) == {(person, score): 1 for person in place.people for score in SCORES}
        said = [(who, score) for who, score in place.rows("SELECT person_id, value FROM entry ORDER BY at")]
        in_order = {tuple(score for each, score in said if each == who) for who in place.people}
        assert in_order == {SCORES}, "everybody's updates were processed in order"
        copies, cut_off = place.copies(), place.told("I was interrupted")
        unanswered = [who for who in place.people if copies[who] < len(SCORES) and not cut_off[who]]
        assert unanswered == []
        assert max(cut_off.values(), default=0) <= KILLS
        assert place.is_whole()


async def test_sigterm_acknowledges_what_was_done_and_nothing_else(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.settle_people(100, due=place.later())
        await notes_pain(place)
        bot = await place.bot()
        await until(lambda: place.copies().total() > 20, 60, "the bot is not up", every=0.01)
        bot.terminate()
        assert await bot.wait() == 0

        left = len(place.simulator.tg.updates.pending)
        assert 0 < left < 300, "it stopped in the middle"
        answered = place.copies()
        assert max(answered.values()) <= len(SCORES)
        assert 300 - left <= answered.total() <= noted(place).total(), (
            "what was acknowledged was done and answered; what was done and not answered in time comes again"
        )
