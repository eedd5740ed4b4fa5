"""When it began, in people's own words."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.languages import english
from tgbot.chat.onset_times import Choice, NoOnset, OnsetTimes
from tgbot.screens.onsets import OLDEST, ToldOnset, unpacked_told

TIMES = OnsetTimes(english().pack.conversation.times, "en")
NOW = datetime(2026, 11, 26, 15, 20, tzinfo=UTC)  # a Thursday
LONDON = "Europe/London"


def meant(text: str, asked: ToldOnset | None = None) -> str:
    """The instant in London; or the day, or why there is none."""
    found = TIMES.of(text, NOW, asked)
    if isinstance(found, timedelta):
        return f"{NOW - found:%Y-%m-%d %H:%M}"
    if isinstance(found, ToldOnset):
        assert unpacked_told(found.packed()) == found
        instant = found.instant(NOW, LONDON)
        return f"{instant:%Y-%m-%d %H:%M}" if instant else f"{found.date(NOW, LONDON)}"
    return found.value


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("just now", "2026-11-26 15:20"),
        ("Now!", "2026-11-26 15:20"),
        ("2 days ago", "2026-11-24 15:20"),
        ("about two days ago", "2026-11-24 15:20"),
        ("for 3 days", "2026-11-23 15:20"),
        ("since 2-3 days", "2026-11-23 15:20"),
        ("about 3 hours ago", "2026-11-26 12:20"),
        ("3h", "2026-11-26 12:20"),
        ("an hour ago", "2026-11-26 14:20"),
        ("half an hour ago", "2026-11-26 14:50"),
        ("a week ago", "2026-11-19 15:20"),
        ("last week", "2026-11-19 15:20"),
        ("couple of days", "2026-11-24 15:20"),
        ("a month ago", "2026-10-27 15:20"),
        ("yesterday evening", "2026-11-25 19:00"),
        ("it started yesterday around 9 pm", "2026-11-25 21:00"),
        ("yesterday at 5", "2026-11-25 17:00"),
        ("this morning around 9", "2026-11-26 09:00"),
        ("this morning", "2026-11-26 09:00"),
        ("this afternoon", "2026-11-26 15:00"),
        ("this evening", "2026-11-26 15:20"),  # which has just begun, for somebody
        ("today at 8", "2026-11-26 08:00"),
        ("today at 2", "2026-11-26 14:00"),
        ("today at 5", "2026-11-26 05:00"),
        ("3am", "2026-11-26 03:00"),
        ("at 3 in the morning", "2026-11-26 03:00"),
        ("3 in the morning", "2026-11-26 03:00"),
        ("10 pm", "2026-11-25 22:00"),
        ("14:30", "2026-11-26 14:30"),
        ("at 9", "2026-11-26 09:00"),
        ("last night at 11", "2026-11-25 23:00"),
        ("last night around 3", "2026-11-26 03:00"),
        ("last night at 12", "2026-11-26 00:00"),
        ("monday evening", "2026-11-23 19:00"),
        ("last monday at 10am", "2026-11-23 10:00"),
        ("since Monday", "2026-11-23"),
        ("thursday", "2026-11-19"),
        ("the day before yesterday", "2026-11-24"),
        ("2 days ago in the evening", "2026-11-24 19:00"),
        ("yesterday at 10:30pm", "2026-11-25 22:30"),
        ("yesterday at 7:30am", "2026-11-25 07:30"),
        ("yesterday at 7.30 a.m.", "2026-11-25 07:30"),
        ("at 10:30pm", "2026-11-25 22:30"),
        ("2 days ago at 7:30am", "2026-11-24 07:30"),
        ("my 3 year old jumped on me this morning", "2026-11-26 09:00"),
        ("my 3-year-old jumped on me this morning", "2026-11-26 09:00"),
        ("I lifted 3 boxes this morning", "2026-11-26 09:00"),
        ("9 yesterday evening", "2026-11-25 21:00"),
        ("24 November", "2026-11-24"),
        ("Nov 24th at 8pm", "2026-11-24 20:00"),
        ("on the 24th of november", "2026-11-24"),
        ("24/11", "2026-11-24"),
        ("11/24/2026", "2026-11-24"),
        ("2026-11-24", "2026-11-24"),
        ("10 January", "2026-01-10"),
        ("3 May 2019", "2019-05-03"),
        ("1950-01-01", "1971-01-01"),
        ("1/1/1984", "1984-01-01"),
        ("31/10/25", "2025-10-31"),
        ("yesterday", Choice.YESTERDAY),
        ("today", Choice.TODAY),
        ("last night", Choice.NIGHT),
        ("tomorrow", NoOnset.AHEAD),
        ("in 2 days", NoOnset.AHEAD),
        ("next week", NoOnset.AHEAD),
        ("24 December", NoOnset.AHEAD),
        ("31/12/2026", NoOnset.AHEAD),
        ("maybe", NoOnset.NOT_NAMED),
        ("idk", NoOnset.NOT_NAMED),
        ("7/10", NoOnset.NOT_NAMED),
        ("99/99", NoOnset.NOT_NAMED),
        ("30 february", NoOnset.NOT_NAMED),
        ("at a party", NoOnset.NOT_NAMED),
        ("when I lifted a box", NoOnset.NOT_NAMED),
        ("🤷", NoOnset.NOT_NAMED),
        ("yesterday " * 2_000, NoOnset.NOT_NAMED),
    ],
)
def test_an_onset_is_understood_as_people_name_it(text: str, when: str) -> None:
    assert meant(text) == when


@pytest.mark.parametrize(
    "text",
    [
        "3000 years ago",
        "10000 years",
        "it feels like 5000 years",
        f"{'9' * 400} years ago",
        "6 years ago",
        "it started 6 years ago, worse in the morning",
        "30 years ago in the morning",
        "1000 days ago at 5",
        "2000 days ago at 5 pm",
        "2003 days ago in the evening",
    ],
)
def test_years_are_long_ago_whatever_hour_is_named_and_no_day_of_last_week(text: str) -> None:
    found = TIMES.of(text, NOW)
    assert isinstance(found, timedelta)
    assert NOW - found < NOW - OLDEST


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("9", "2026-11-25 09:00"),
        ("around 9pm", "2026-11-25 21:00"),
        ("in the evening", "2026-11-25 19:00"),
        ("21", "2026-11-25 21:00"),
        ("maybe", NoOnset.NOT_NAMED),
        ("35", NoOnset.NOT_NAMED),
        ("2 days ago", "2026-11-24 15:20"),
    ],
)
def test_where_the_hour_of_a_day_was_asked_a_number_is_one(text: str, when: str) -> None:
    assert meant(text, ToldOnset(1)) == when


@pytest.mark.parametrize("forged", ["", "zzzzzzz", "0001", "000100é", "000000000", "1234567"])
def test_a_forged_onset_is_none(forged: str) -> None:
    assert unpacked_told(forged) is None
