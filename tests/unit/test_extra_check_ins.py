"""A check-in at a time of the person's own, beside the plan's, as they see it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.phone import FRAME, Phone, begun
from tgbot.clock import ManualClock
from tgbot.followup.episode import FollowUpState
from tgbot.screens.markup import plain

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEXT = "Next: I write on Thursday 26 November at 09:10, your time."


async def extra(phone: Phone) -> list[str]:
    """When those that are planned come."""
    return [
        FRAME.when.exact(one.send_at, (await phone.course()).zone)
        for one in (await phone.course()).planned
        if one.step == "asked"
    ]


async def test_a_wish_is_confirmed_with_its_hour_kept_beside_the_plan_and_comes_then() -> None:
    phone = await begun(faq=True)
    shown = plain((await phone.writes("check on me in 2 days please")).text)
    assert "I will check on you on Wednesday 25 November at 09:10, your time" in shown
    assert "Do not wait for me" in shown

    await phone.time_passes(4 * DAY)

    assert [(sent.follow_up.step, sent.at - sent.course.episode.onset) for sent in phone.outbox] == [
        ("asked", 2 * DAY),
        ("h72", 3 * DAY),
        ("h72", 4 * DAY),  # its reminder: the plan's is reminded of, the other is not
    ]


async def test_it_asks_the_check_in_s_questions_and_leaves_the_plan_s_where_it_was() -> None:
    phone = await begun(faq=True)
    await phone.writes("ping me on wednesday at 10 am")
    await phone.time_passes(2 * DAY + HOUR)
    assert plain(phone.screen.text) == "Your check-in is ready."
    for label in ("Open", "None of these", "About the same", "Some things"):
        await phone.taps(label)

    assert [(one.step, one.due_at) for one in (await phone.course()).planned] == [
        ("h72", datetime(2026, 11, 26, 9, 10, tzinfo=UTC))
    ]


async def test_the_answer_to_it_takes_the_place_of_no_step_that_is_near() -> None:
    phone = await begun(faq=True)
    await phone.time_passes(3 * DAY)
    for label in ("Open", "None of these", "Better", "Most things"):
        await phone.taps(label)
    assert [one.step for one in (await phone.course()).planned] == ["d14"]
    await phone.writes("check on me in 251 hours")  # 13 hours before the step of 14 days
    await phone.time_passes(10 * DAY + 23 * HOUR)
    for label in ("Open", "None of these", "Better", "Most things"):
        await phone.taps(label)

    assert [one.step for one in (await phone.course()).planned] == ["d14"]


async def test_it_can_be_undone_by_its_key_and_the_plan_stays() -> None:
    phone = await begun(faq=True)
    await phone.writes("remind me tomorrow")
    shown = plain((await phone.taps("↩︎ Not then")).text)

    assert "not then" in shown
    assert NEXT in shown
    await phone.time_passes(3 * DAY)
    assert [sent.follow_up.step for sent in phone.outbox] == ["h72"]


async def test_it_waits_for_the_end_of_the_quiet_hours_and_says_so() -> None:
    phone = await begun(faq=True)
    shown = plain((await phone.writes("check on me tomorrow at 11 pm")).text)

    assert "Wednesday 25 November at 08:00, your time, moved out of your quiet hours" in shown
    await phone.time_passes(2 * DAY)
    (sent,) = phone.outbox
    assert not sent.quiet


async def test_it_stands_in_the_episode_and_the_history_beside_the_plan_s() -> None:
    phone = await begun(faq=True)
    await phone.writes("check on me tomorrow")
    for command in ("episode", "history"):
        shown = plain((await phone.types(command)).text)
        assert NEXT in shown
        assert "As you asked: I write on Tuesday 24 November at 09:00, your time." in shown


async def test_near_a_check_in_of_the_plan_none_is_added() -> None:
    phone = await begun(faq=True)
    shown = plain((await phone.writes("check on me in 3 days")).text)

    assert "around then anyway" in shown
    assert NEXT in shown
    assert await extra(phone) == []


async def test_three_are_kept_at_once_and_a_fourth_is_declined() -> None:
    phone = await begun(faq=True)
    for text in ("tomorrow at 10", "tomorrow at 14:00", "in 2 days"):
        await phone.writes(f"check on me {text}")
    shown = plain((await phone.writes("check on me in 5 days")).text)

    assert "three check-ins already" in shown
    assert len(await extra(phone)) == 3


@pytest.mark.parametrize("text", ["check on me today at 8:00", "check on me in 100 days"])
async def test_a_time_that_is_over_or_too_far_is_declined(text: str) -> None:
    phone = await begun(faq=True)
    assert "I cannot plan that" in plain((await phone.writes(text)).text)
    assert await extra(phone) == []


async def test_the_same_update_again_plans_nothing_more() -> None:
    phone = await begun(faq=True)
    await phone.writes("check on me in 2 days")
    await phone.comes_again()
    assert phone.last_reply.screen is not None
    assert "Wednesday 25 November" in phone.last_reply.screen.text
    assert len(await extra(phone)) == 1


async def test_stopping_stops_it_and_going_on_does_not_bring_it_back() -> None:
    phone = await begun(faq=True)
    await phone.writes("check on me in 2 days")
    await phone.writes("stop")
    await phone.taps("Go on with it")
    await phone.time_passes(3 * DAY)

    assert [sent.follow_up.step for sent in phone.outbox] == ["h72"]


async def test_erasing_erases_it() -> None:
    phone = await begun(faq=True)
    await phone.writes("check on me in 2 days")
    await phone.writes("/forget")
    await phone.taps("Yes, erase everything")
    await phone.time_passes(3 * DAY)

    assert phone.outbox == []


async def test_a_wrong_tap_on_gone_is_taken_back_with_the_wish() -> None:
    phone = await begun(faq=True)
    await phone.writes("check on me in 5 days")
    await phone.time_passes(3 * DAY)
    for label in ("Open", "None of these", "Gone"):
        await phone.taps(label)
    assert await extra(phone) == []
    await phone.taps("↩︎ I tapped wrong")

    assert await extra(phone) == ["Saturday 28 November at 09:10"]


async def test_without_an_open_episode_it_offers_to_begin_one() -> None:
    phone = Phone(faq=True)
    shown = plain((await phone.writes("check on me in 2 days")).text)

    assert "I need an episode, and your yes" in shown
    assert "When did it start?" in shown
    assert await phone.stored() == (None, ())


async def test_with_no_time_named_it_says_how_to_name_one() -> None:
    phone = await begun(faq=True)
    shown = plain((await phone.writes("check on me")).text)

    assert "Tell me when" in shown
    assert NEXT in shown


async def test_an_hour_is_asked_for_by_who_has_told_no_clock() -> None:
    phone = Phone(ManualClock(), faq=True)
    await phone.writes("/episode")
    for label in ("Just now", "None of these", "Go on ›", "6", "Yes, check on me"):
        await phone.taps(label)
    shown = plain((await phone.writes("ping me tomorrow at 9")).text)

    assert "What time is it where you are?" in shown
    assert await extra(phone) == []


async def test_after_an_outage_the_plan_s_check_in_comes_and_the_extra_one_does_not_double_it() -> None:
    phone = await begun(faq=True)
    await phone.writes("check on me in 2 days")
    phone.clock.push(4 * DAY)
    await phone.delivers()

    assert [sent.follow_up.step for sent in phone.outbox] == ["h72"]
    states = {one.state for one in (await phone.course()).follow_ups if one.step == "asked"}
    assert states == {FollowUpState.CANCELLED}


async def test_one_that_was_lost_ends_nothing_of_the_plan() -> None:
    phone = await begun(faq=True)
    await phone.time_passes(3 * DAY)
    for label in ("Open", "None of these", "Better", "Most things"):
        await phone.taps(label)
    await phone.writes("check on me in 12 hours")
    phone.clock.push(9 * DAY)
    await phone.delivers()

    course = await phone.course()
    assert [one.step for one in course.planned] == ["d14"]
    assert "a check-in could not be sent in time" in plain((await phone.types("history")).text)
