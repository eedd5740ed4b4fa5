"""Buttons are forged: with another person's ids in them, somebody sees and changes nothing of theirs."""

import pytest

from tests.fakes.phone import ME, Phone, begun
from tgbot.screens.buttons import (
    AnswerCheckIn,
    Button,
    CheckNow,
    PickOnset,
    Reopen,
    SayOneMore,
    SaySafe,
    ShowCard,
    ShowChart,
    Snooze,
    StopEpisode,
    Undo,
    WantSafety,
)

FORGED = [
    lambda episode, check: AnswerCheckIn(check),
    lambda episode, check: AnswerCheckIn(check, "chest"),
    lambda episode, check: AnswerCheckIn(check, "-", "", "worse"),
    lambda episode, check: Snooze(check, "h"),
    lambda episode, check: Undo(check),
    lambda episode, check: SaySafe(check, "y"),
    lambda episode, check: WantSafety(episode),
    lambda episode, check: SayOneMore(episode),
    lambda episode, check: CheckNow(episode),
    lambda episode, check: StopEpisode(episode),
    lambda episode, check: Reopen(episode),
    lambda episode, check: PickOnset("d3", episode),
    lambda episode, check: ShowChart(episode),
    lambda episode, check: ShowCard(episode),
]


@pytest.mark.parametrize("agreed", [True, False], ids=["with an episode of their own", "a stranger"])
@pytest.mark.parametrize("forged", FORGED, ids=range(len(FORGED)))
async def test_nobody_reaches_another_person_s_episode(forged: object, agreed: bool) -> None:
    ada = await begun()
    course = await ada.course()
    button: Button = forged(course.episode.id, course.follow_ups[0].id)  # type: ignore[operator]
    bob = Phone(ada.clock, ada.store, ME + 1)
    bob.start_updates_at(1_000)
    await bob.types("episode")
    if agreed:
        for label in ("2 days ago", "None of these", "Go on ›", "3", "Yes, check on me", "09:10 · London"):
            await bob.taps(label)
    before = await bob.stored()

    await bob.presses(button, max(bob.chat))

    assert await ada.course() == course
    assert await bob.stored() == before
    assert "26 November at 09:10" not in bob.screen.text
    assert bob.last_reply.file is None
