"""A double tap on the last step of a new episode: one episode, one screen."""

import pytest

from tests.fakes.phone import Phone, begun
from tgbot.followup.episode import ClosedBecause
from tgbot.screens.markup import plain


async def a_new_one(phone: Phone, onset: str) -> None:
    """The last step of a new episode beside an open one, tapped twice."""
    await phone.types("episode")
    for label in ("A new one", onset, "None of these", "Go on ›"):
        await phone.taps(label)
    score = next(key.press for key in phone.keys(max(phone.chat)) if key.text == "4")
    await phone.presses(score, max(phone.chat))
    first = phone.last_reply
    await phone.presses(score, max(phone.chat))
    assert phone.last_reply == first


@pytest.mark.parametrize("onset", ["Just now", "3 days ago"])
async def test_a_double_tap_begins_one_episode(onset: str) -> None:
    phone = await begun()
    before = await phone.course()

    await a_new_one(phone, onset)

    _, courses = await phone.stored()
    assert len(courses) == 2
    (old,) = [course for course in courses if course.episode.id == before.episode.id]
    assert old.episode.closed_because == ClosedBecause.SUPERSEDED


async def test_an_old_form_does_not_take_the_place_of_the_episode_that_came_after_it() -> None:
    phone = await begun()
    await phone.types("episode")
    for label in ("A new one", "Just now", "None of these", "Go on ›"):
        await phone.taps(label)
    form = max(phone.chat)
    score = next(key.press for key in phone.keys(form) if key.text == "9")
    await a_new_one(phone, "2 days ago")
    newest = await phone.stored()

    await phone.presses(score, form)

    assert await phone.stored() == newest
    assert phone.last_reply.screen is not None
    assert "Your episode began" in plain(phone.last_reply.screen.text)
