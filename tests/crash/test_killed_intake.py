"""A bot that is killed while 300 updates wait: none is lost, each change is made once."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.settling import until
from tests.crash.town import Town, town

pytestmark = [pytest.mark.crash, pytest.mark.timeout(480)]

SCORES = ("3", "5", "8")  # what everybody notes, in this order


async def notes_pain(place: Town) -> None:
    for score in SCORES:
        for person in place.people:
            place.says(person, f"/pain {score}")


def noted(place: Town) -> Counter[object]:
    """How often each (person, score) was written down."""
    return Counter(place.rows("SELECT person_id, value FROM entry WHERE kind = 'pain'"))


async def test_three_hundred_waiting_updates_survive_kills_at_random(tmp_path: Path) -> None:
    dice = random.Random(11)
    async with town(tmp_path) as place:
        await place.settle_people(100, due=place.later())
        await notes_pain(place)
        waiting = place.simulator.tg.updates
        assert len(waiting.pending) == 300
        for _ in range(5):
            enough = place.copies().total() + dice.randrange(30)
            bot = await place.bot(another=True)
            # A bot that is looked at too seldom is done before it is killed.
            await until(lambda: place.copies().total() > enough, 60, "no progress", every=0.01)  # noqa: B023
            bot.kill()
            await bot.wait()
        assert waiting.pending, "the kills came before the end"
        bot = await place.bot()
        await until(lambda: not waiting.pending, 60, "not every update was acknowledged")
        bot.terminate()
        assert await bot.wait() == 0

        assert noted(place) == {(person, score): 1 for person in place.people for score in SCORES}
        order = place.rows(
            "SELECT group_concat(value, '') FROM (SELECT * FROM entry ORDER BY rowid) GROUP BY person_id"
        )
        assert set(order) == {("".join(SCORES),)}, "everybody's updates were processed in order"
        assert all(place.copies()[person] >= len(SCORES) for person in place.people), "everybody was answered"
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
        assert noted(place).total() == 300 - left
        assert place.copies().total() == 300 - left, "and everybody was answered once"
