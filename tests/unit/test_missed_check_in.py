"""A check-in that could not be sent in time is asked about at the next visit, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.phone import FRAME, Phone, begun
from tgbot.chat.request import Reply, Request
from tgbot.followup.episode import ClosedBecause, EpisodeState, FollowUpState
from tgbot.followup.planning import missed
from tgbot.screens.buttons import Begin, PickOnset
from tgbot.screens.markup import plain
from tgbot.screens.screen import Key, Screen
from tgbot.service.hints import AskedFor

DAY = timedelta(days=1)
MISSED = "I could not check in with you on Thursday 26 November. I am sorry."


async def away(days: int = 11) -> Phone:
    """Somebody whose check-in at 72 hours fell into an outage that was too long."""
    phone = await begun(faq=True)
    phone.clock.push(timedelta(days=days))
    await phone.delivers()
    return phone


async def visits(phone: Phone) -> str:
    """What comes after the reply to whatever they tap or write."""
    request = Request(1, phone.person_id, phone.person_id, True, phone.clock.now())
    reply = await phone.every.on.episode.missed(request)
    if reply is None or reply.screen is None:
        return ""
    phone.chat[max(phone.chat) + 1] = reply.screen
    return plain(reply.screen.text)


async def test_they_are_told_in_the_history_and_asked_at_their_next_visit_with_the_check_in_s_keys() -> None:
    phone = await away()
    assert phone.outbox == []
    assert "a check-in could not be sent in time" in plain((await phone.writes("/history")).text)

    shown = await visits(phone)
    assert shown.startswith(MISSED)
    assert "Since we last spoke, any of these?" in shown
    for label in ("None of these", "About the same", "Some things"):
        await phone.taps(label)

    course = await phone.course()
    assert [one.step for one in course.planned] == ["d14"], "the plan goes on as it was"


@pytest.mark.parametrize("state", FollowUpState)
async def test_a_check_in_is_missed_when_it_was_not_sent_for_a_reason_of_ours(state: FollowUpState) -> None:
    phone = await begun()
    course = await phone.course()
    (one, *_) = course.follow_ups
    ended = replace(course, follow_ups=(replace(one, state=state),))
    found = missed(FRAME.protocol, ended, one.due_at + DAY)

    assert (found is not None) == (state in (FollowUpState.EXPIRED, FollowUpState.REFUSED))


async def test_it_is_asked_once() -> None:
    phone = await away()
    assert await visits(phone)
    assert await visits(phone) == ""
    phone.episodes.missed.add(phone.person_id)  # as after a restart, which recalls who it was
    assert await visits(phone) == ""


async def test_after_a_restart_it_is_known_whom_to_ask() -> None:
    phone = await away()
    phone.episodes.missed.asked(phone.person_id)
    await phone.episodes.missed.recall(phone.store, phone.clock)

    assert (await visits(phone)).startswith(MISSED)


async def test_an_episode_that_closed_as_nothing_could_be_sent_goes_on_with_it() -> None:
    phone = await away(64)
    assert (await phone.course()).episode.closed_because == ClosedBecause.EXPIRED

    assert (await visits(phone)).startswith(MISSED)
    assert (await phone.course()).episode.state is EpisodeState.OPEN
    for label in ("None of these", "Better", "Most things"):
        await phone.taps(label)
    assert (await phone.course()).episode.closed_because == ClosedBecause.DONE


async def test_what_was_missed_long_ago_is_not_asked_about() -> None:
    phone = await away(64)
    phone.clock.push(24 * DAY)

    assert await visits(phone) == ""


async def test_whoever_was_asked_or_has_answered_since_is_not_asked_again() -> None:
    phone = await away()
    await phone.writes("/episode")
    await phone.taps("How it is now")
    for label in ("None of these", "Better", "Most things"):
        await phone.taps(label)

    assert await visits(phone) == ""


async def test_whoever_stopped_is_not_asked() -> None:
    phone = await away()
    await phone.writes("stop")

    assert await visits(phone) == ""


async def test_others_are_not_asked() -> None:
    phone = await begun(faq=True)
    await phone.time_passes(5 * DAY)

    assert await visits(phone) == ""


@pytest.mark.parametrize(
    "reply",
    [
        Reply(Screen("a card"), urgent=True),
        Reply(Screen("the form", ((Key("n", PickOnset("n")),),))),
        Reply(Screen("the form", ((Key("y", Begin("x")),),))),
    ],
    ids=["a card", "when did it start", "the form"],
)
async def test_not_under_a_card_and_not_in_the_form_that_begins_an_episode(reply: Reply) -> None:
    phone = await away()
    request = Request(1, phone.person_id, phone.person_id, True, phone.clock.now())

    assert not phone.every.is_visit(request, reply)
    assert phone.every.is_visit(request, Reply(Screen("an answer")))
    assert not phone.every.is_visit(replace(request, private=False), Reply(Screen("an answer")))


async def test_not_while_something_else_is_asked() -> None:
    phone = await away()
    request = Request(1, phone.person_id, phone.person_id, True, phone.clock.now())
    phone.recent.turned(phone.person_id, AskedFor.SCORE)
    assert not phone.every.is_visit(request, Reply(Screen("how bad is it?")))
    phone.recent.turned(phone.person_id, signs=("E1",))
    assert not phone.every.is_visit(request, Reply(Screen("a card, with another number")))
