"""When it began, in people's own words."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.languages import english
from tgbot.chat.onset_times import Choice, NoOnset, OnsetTimes
from tgbot.screens.onsets import OLDEST, ToldOnset, unpacked_told

TIMES = OnsetTimes(english().pack.conversation.times, "en")
NOW = datetime(2026, 11, 26, 15, 20, tzinfo=UTC)  # a Thursday
LONDON = "Europe/London"


WORDS = english().pack.conversation.times
PARTS = sorted(
    {
        *(
            "0",
            "1",
            "9",
            "12",
            "25",
            "31",
            "99",
            "2026",
            "9" * 40,
            "1/2",
            "½",
            "²",
            "٣",
            ":",
            "-",
            ".",
            "10:30pm",
        ),
        *(word for field in fields(WORDS) for word in getattr(WORDS, field.name)),
        *("february", "may", "not", "of", "o'clock"),
    }
)


def meant(text: str, asked: ToldOnset | None = None, now: datetime = NOW) -> str:
    """The instant in London; or the day, or why there is none."""
    found = TIMES.of(text, now, asked)
    if isinstance(found, timedelta):
        return f"{now - found:%Y-%m-%d %H:%M}"
    if isinstance(found, ToldOnset):
        assert unpacked_told(found.packed()) == found
        instant = found.instant(now, LONDON)
        return f"{instant:%Y-%m-%d %H:%M}" if instant else f"{found.date(now, LONDON)}"
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
        ("2 and a half hours ago", "2026-11-26 12:50"),
        ("an hour and a half ago", "2026-11-26 13:50"),
        ("an hour and 20 minutes ago", "2026-11-26 14:00"),
        ("1 day 2 hours ago", "2026-11-25 13:20"),
        ("two and half days ago", "2026-11-24 03:20"),
        ("half a day ago", "2026-11-26 03:20"),
        ("half hour ago", "2026-11-26 14:50"),
        ("1/2 hour ago", "2026-11-26 14:50"),
        ("½ hour ago", "2026-11-26 14:50"),
        ("2,5 hours ago", "2026-11-26 12:50"),
        ("1½ hours ago", "2026-11-26 13:50"),
        ("1 ½ hours ago", "2026-11-26 13:50"),
        ("three quarters of an hour ago", "2026-11-26 14:35"),
        ("twenty one days ago", "2026-11-05 15:20"),
        ("1 1/2 hours ago", NoOnset.NOT_NAMED),
        ("1,000 days ago", NoOnset.NOT_NAMED),
        ("several days ago", NoOnset.NOT_NAMED),
        ("some days ago", NoOnset.NOT_NAMED),
        ("days ago", NoOnset.NOT_NAMED),
        ("a hundred days ago in the morning", NoOnset.NOT_NAMED),
        ("several weeks ago in the morning", NoOnset.NOT_NAMED),
        ("for several days, worse in the morning", NoOnset.NOT_NAMED),
        ("week ago", "2026-11-19 15:20"),
        ("at 10 past 8", "2026-11-26 08:10"),
        ("20 past 3 yesterday afternoon", "2026-11-25 15:20"),
        ("10 minutes past 8 this morning", "2026-11-26 08:10"),
        ("10 to 8 this morning", "2026-11-26 07:50"),
        ("twenty to eight this morning", "2026-11-26 07:40"),
        ("10 to 1 last night", "2026-11-26 00:50"),
        ("10 to 1", "2026-11-26 12:50"),
        ("half past 10 this morning", "2026-11-26 10:30"),
        ("half past ten yesterday evening", "2026-11-25 22:30"),
        ("quarter past 9 pm", "2026-11-25 21:15"),
        ("yesterday at a quarter to 9 pm", "2026-11-25 20:45"),
        ("10 o'clock this morning", "2026-11-26 10:00"),
        ("10 o’clock last night", "2026-11-25 22:00"),
        ("half ten last night", "2026-11-25 22:30"),
        ("1030pm", "2026-11-25 22:30"),
        ("at 1030pm yesterday", "2026-11-25 22:30"),
        ("930 am", "2026-11-26 09:30"),
        ("yesterday at 12 past 8", NoOnset.NOT_NAMED),
        ("yesterday at 25:00", NoOnset.NOT_NAMED),
        ("yesterday at 10:75pm", NoOnset.NOT_NAMED),
        ("31 february at 5pm", NoOnset.NOT_NAMED),
        ("2026-02-30 at 5pm", NoOnset.NOT_NAMED),
        ("the night before last", "2026-11-24"),
        ("the night before last at 11", "2026-11-24 23:00"),
        ("the night before last at 3", "2026-11-25 03:00"),
        ("two nights ago at 11", "2026-11-24 23:00"),
        ("two nights ago at 2am", "2026-11-25 02:00"),
        ("two nights ago", "2026-11-24 15:20"),
        ("at 12 at night", "2026-11-26 00:00"),
        ("12 midnight", "2026-11-26 00:00"),
        ("at midnight", "2026-11-26 00:00"),
        ("yesterday at 11 at night", "2026-11-25 23:00"),
        ("monday last week", "2026-11-16"),
        ("last week on friday at 9am", "2026-11-20 09:00"),
        ("monday the week before last", "2026-11-09"),
        ("2 weeks ago on friday", "2026-11-13"),
        ("about a week ago on monday at 9am", "2026-11-16 09:00"),
        ("i was 20 minutes into my run this morning", "2026-11-26 09:00"),
        ("10 to midnight", NoOnset.NOT_NAMED),
        ("half past noon", NoOnset.NOT_NAMED),
        ("monday last month", NoOnset.NOT_NAMED),
        ("at 9 pm to 10 pm", "2026-11-25 21:00"),
        ("yesterday, 2 hours after lunch at 3 pm", "2026-11-25 15:00"),
        ("last night, 2 hours after dinner", Choice.NIGHT),
        ("2 hours ago, yesterday it was fine", "2026-11-26 13:20"),
        ("2h30 ago", NoOnset.NOT_NAMED),
        ("on the 3rd at 5pm", NoOnset.NOT_NAMED),
        ("8-9 am", "2026-11-26 09:00"),
        ("8 to 9 am", "2026-11-26 09:00"),
        ("around 8-9 yesterday", NoOnset.NOT_NAMED),
        ("not today", NoOnset.NOT_NAMED),
        ("not today, yesterday", Choice.YESTERDAY),
        ("when i sat at my desk", NoOnset.NOT_NAMED),
        ("sat at my desk too long", NoOnset.NOT_NAMED),
        ("in the sun", NoOnset.NOT_NAMED),
        ("sat", "2026-11-21"),
        ("since Sun", "2026-11-22"),
        ("sat morning", "2026-11-21 09:00"),
        ("on wed at 9am", "2026-11-25 09:00"),
        ("after 2 hours of gardening yesterday", Choice.YESTERDAY),
        ("after 2 hours gardening yesterday evening", "2026-11-25 19:00"),
        ("after 2 hours of gardening", NoOnset.NOT_NAMED),
        ("3 days of pain", "2026-11-23 15:20"),
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
    ("text", "when"),
    [
        ("tonight at 11", "2026-11-25 23:00"),
        ("this evening", "2026-11-25 19:00"),
        ("this evening at 8", "2026-11-25 20:00"),
        ("at midnight", "2026-11-26 00:00"),
        ("today at 9 am", "2026-11-26 09:00"),
    ],
)
def test_soon_after_midnight_this_evening_is_the_one_just_past(text: str, when: str) -> None:
    assert meant(text, now=datetime(2026, 11, 26, 0, 20, tzinfo=UTC)) == when


@given(st.text() | st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_text_names_a_time_or_none(text: str) -> None:
    for asked in (None, ToldOnset(1)):
        meant(text, asked)


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
