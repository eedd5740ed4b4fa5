"""Navigation tells the truth: keys lead where they say, every step has a way back, nothing is asked twice."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.phone import SCREENS, Phone, begun
from tgbot.clock import ManualClock
from tgbot.screens.markup import plain
from tgbot.screens.screen import Screen

COMMANDS = [key.removeprefix("command.") for key in SCREENS.pack.ui if key.startswith("command.")]


def labels(screen: Screen) -> list[str]:
    return [key.text for row in screen.rows for key in row]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_and_an_unknown_command_name_every_command(command: str) -> None:
    assert f"/{command}" in plain(SCREENS.help.text)
    listed = plain(SCREENS.unknown_command().text)
    assert command == "start" or f"/{command}" in listed


@pytest.mark.parametrize("command", ["/card", "/pain 7", "/note worse after the drive"])
async def test_what_needs_an_episode_offers_to_begin_one(command: str) -> None:
    phone = Phone(faq=True)
    shown = labels(await phone.writes(command))

    assert any("72 hours" in label for label in shown)
    assert await phone.stored() == (None, ())


async def test_a_score_said_before_there_was_an_episode_is_not_asked_for_again() -> None:
    phone = Phone(faq=True)
    await phone.writes("/pain 7")
    for label in ("⏱ Check on me in 72 hours", "Just now", "None of these", "Go on ›", "Yes, check on me"):
        await phone.taps(label)

    assert [entry.value for entry in (await phone.course()).entries if entry.kind == "pain"] == ["7"]


async def test_every_step_of_the_form_has_its_way_back() -> None:
    phone = Phone(faq=True)
    await phone.writes("/episode")
    for label in ("Just now", "None of these", "Go on ›", "6"):
        screen = await phone.taps(label)
        assert "‹ Back" in labels(screen), label
    await phone.taps("‹ Back")
    assert "How bad is the pain now?" in plain(phone.screen.text)
    await phone.taps("‹ Back")
    assert "Is any of this so for you?" in plain(phone.screen.text)
    await phone.taps("‹ Back")
    assert "do you have any of these now?" in plain(phone.screen.text)
    await phone.taps("‹ Back")
    assert "When did it start?" in plain(phone.screen.text)


async def test_at_night_nine_in_the_evening_lies_under_yesterday() -> None:
    half_past_three = ManualClock(datetime(2026, 11, 24, 3, 29, tzinfo=UTC))
    phone = Phone(half_past_three, faq=True)
    await phone.writes("/episode")
    await phone.taps("Exact day and time ›")
    await phone.writes("London")
    screen = await phone.taps(next(label for label in labels(phone.screen) if "Mon" in label))

    assert "21:00" in labels(screen)
    assert "Monday" in plain(screen.text)


async def test_with_the_clock_known_yesterday_shows_the_hours_of_yesterday() -> None:
    phone = await begun(faq=True)
    await phone.time_passes(timedelta(hours=18, minutes=19))  # 03:29
    await phone.writes("/episode")
    await phone.taps("A new one")
    screen = await phone.taps("Yesterday ›")

    assert "21:00" in labels(screen)


async def test_the_clock_is_asked_for_once_and_kept_through_consent() -> None:
    phone = Phone(faq=True)
    await phone.writes("/episode")
    await phone.taps("Exact day and time ›")
    await phone.writes("Leeds")
    for _ in range(2):  # a day, an hour
        await phone.taps(labels(phone.screen)[0])
    for label in ("None of these", "Go on ›", "6", "Yes, check on me"):
        await phone.taps(label)

    person, _ = await phone.stored()
    assert person is not None
    assert person.zone == "Europe/London"
    assert "what time is it" not in plain(phone.screen.text)


async def test_whoever_works_at_night_chooses_their_own_quiet_hours() -> None:
    phone = await begun(faq=True)
    await phone.writes("/settings")
    await phone.taps("Quiet hours")
    await phone.taps("Choose the hours ›")
    await phone.taps("08:00")
    screen = await phone.taps("16:00")

    assert "Quiet hours: 08:00 – 16:00" in plain(screen.text)


def test_who_sends_a_voice_message_hears_of_the_phone_s_dictation() -> None:
    assert "the microphone on its keyboard writes down what you say" in plain(SCREENS.not_text.text)
