"""When somebody wishes to be checked on, in their own words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.languages import english
from tests.unit.test_onset_times import PARTS
from tgbot.chat.wished_times import NoTime, WishedTimes

TIMES = WishedTimes(english().pack.conversation.times, "en")
NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("check on me in 2 days", "2026-11-25 09:10"),
        ("please check on me in two days, thanks", "2026-11-25 09:10"),
        ("ping me in an hour", "2026-11-23 10:10"),
        ("check on me in about 3 hours", "2026-11-23 12:10"),
        ("check on me in around 2 days", "2026-11-25 09:10"),
        ("ask me again in half an hour", "2026-11-23 09:40"),
        ("remind me in a couple of hours", "2026-11-23 11:10"),
        ("message me after 48hrs", "2026-11-25 09:10"),
        ("check on me in 2-3 days", "2026-11-26 09:10"),
        ("check on me in a week's time", "2026-11-30 09:10"),
        ("text me a week from now", "2026-11-30 09:10"),
        ("check on me in 1.5 hours", "2026-11-23 10:40"),
        ("remind me tomorrow", "2026-11-24 09:00"),
        ("Remind me tmrw evening", "2026-11-24 19:00"),
        ("ping me on friday at 9", "2026-11-27 09:00"),
        ("Ping me on Friday at 9pm", "2026-11-27 21:00"),
        ("check on me friday 14:30", "2026-11-27 14:30"),
        ("check on me on monday", "2026-11-30 09:00"),
        ("ask me tomorrow at 5", "2026-11-24 17:00"),
        ("ask me tomorrow morning at 5", "2026-11-24 05:00"),
        ("ask me tonight at 8", "2026-11-23 20:00"),
        ("ask me at noon", "2026-11-23 12:00"),
        ("ask me at 9", "2026-11-24 09:00"),
        ("ask me at 9:30 a.m.", "2026-11-23 09:30"),
        ("check on me in 3 days at 8 pm", "2026-11-26 20:00"),
        ("check on me the day after tomorrow", "2026-11-25 09:00"),
        ("check on me next week", "2026-11-30 09:00"),
        ("check on me in an hour and a half", "2026-11-23 10:40"),
        ("check on me in 2 and a half hours", "2026-11-23 11:40"),
        ("check on me in half a day", "2026-11-23 21:10"),
        ("check on me quarter past 9 tomorrow", "2026-11-24 09:15"),
        ("check on me tomorrow at half past ten", "2026-11-24 10:30"),
        ("check on me tomorrow at half ten", "2026-11-24 10:30"),
        ("check on me tomorrow at 10 o'clock", "2026-11-24 10:00"),
        ("check on me at 10 to 8 tomorrow morning", "2026-11-24 07:50"),
        ("check on me tomorrow 1030pm", "2026-11-24 22:30"),
        ("check on me on sat at 9", "2026-11-28 09:00"),
        ("check on me sat", "2026-11-28 09:00"),
        ("check on me on 1 december at 5pm", "2026-12-01 17:00"),
        ("check on me on 24/12", "2026-12-24 09:00"),
        ("check on me 1/12", "2026-12-01 09:00"),
        ("check on me on 5 january", "2027-01-05 09:00"),
        ("check on me yesterday at 9am", "2026-11-22 09:00"),  # it is over, and said to be
        ("check on me last night at 9", "2026-11-22 21:00"),
        ("it began yesterday, check on me tomorrow", "2026-11-24 09:00"),
        ("check on me tomorrow at 7:30am", "2026-11-24 07:30"),
        ("check on me tomorrow at 7:30pm", "2026-11-24 19:30"),
        ("ask me at 10:30pm", "2026-11-23 22:30"),
        ("ask me today at 8 am", "2026-11-23 08:00"),  # it is over, and said to be
    ],
)
def test_a_time_is_understood_as_people_name_it(text: str, when: str) -> None:
    found = TIMES.of(text, NOW, "Europe/London")
    assert isinstance(found, datetime)
    assert f"{found:%Y-%m-%d %H:%M}" == when


@pytest.mark.parametrize(
    "text",
    [
        "check on me",
        "remind me to stretch",
        "check on me every day",
        "text me twice a day",
        "check on me soon",
        "check on me in several days",
        "check on me in days",
        "check on me on 31 feb at 5pm",
        "check on me on the 5th at 9",
        "check on me tomorrow at 25:00",
        "check on me tomorrow at 12 past 8",
        "check on me at 9, but not today",
        "message me about when i sat too long",
    ],
)
def test_words_that_name_no_single_time_bring_none(text: str) -> None:
    assert TIMES.of(text, NOW, "Europe/London") is NoTime.NOT_NAMED


@pytest.mark.parametrize(
    "text", ["check on me in 99999999999 years", "check on me in 5000 years at 9", "in 10000000 days"]
)
def test_a_time_that_no_calendar_has_is_far_ahead(text: str) -> None:
    found = TIMES.of(text, NOW, "Europe/London")
    assert isinstance(found, datetime)
    assert found > NOW + 10 * timedelta(days=366)


@given(st.text() | st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_text_names_a_time_or_none(text: str) -> None:
    for zone in (None, "Europe/London", "Pacific/Kiritimati"):
        assert isinstance(TIMES.of(text, NOW, zone), datetime | NoTime)


def test_a_length_of_time_needs_no_zone_and_an_hour_on_the_clock_does() -> None:
    assert isinstance(TIMES.of("check on me in 2 days", NOW, None), datetime)
    assert TIMES.of("ping me on friday at 9", NOW, None) is NoTime.NEEDS_ZONE
    assert TIMES.of("remind me tomorrow", NOW, None) is NoTime.NEEDS_ZONE


def test_the_hour_is_the_persons_own_also_after_the_clocks_have_changed() -> None:
    friday = datetime(2026, 10, 23, 12, tzinfo=UTC)  # summer time ends on the 25th
    assert TIMES.of("check on me on monday at 9", friday, "Europe/London") == datetime(
        2026, 10, 26, 9, tzinfo=UTC
    )


def test_a_gap_of_any_length_is_one_space() -> None:
    """A pattern that begins anew at each space would take minutes."""
    assert TIMES.of(f"ping me in{' ' * 100_000}2 days", NOW, None) == TIMES.of("ping me in 2 days", NOW, None)
    assert TIMES.of(f"ping me in 3{' ' * 100_000}z", NOW, None) is NoTime.NOT_NAMED
