from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgbot.followup.times import (
    QuietHours,
    after_quiet_hours,
    backoff,
    hours_or_days,
    is_quiet,
    quiet_began,
)

ZONES = ["Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]
START = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=730)).map(lambda after: START + after)
hours = st.builds(QuietHours, st.times(), st.times())


@given(instants, st.sampled_from(ZONES), hours)
def test_nothing_is_moved_earlier_or_into_quiet_hours_or_more_than_a_day(
    instant: datetime, zone: str, quiet: QuietHours
) -> None:
    moved = after_quiet_hours(instant, zone, quiet)

    assert moved >= instant
    assert not is_quiet(moved, zone, quiet)
    assert moved - instant < timedelta(hours=26)


@given(instants, st.sampled_from(ZONES), hours)
def test_what_is_not_quiet_stays_where_it_is(instant: datetime, zone: str, quiet: QuietHours) -> None:
    if not is_quiet(instant, zone, quiet):
        assert after_quiet_hours(instant, zone, quiet) == instant


def test_a_check_in_at_three_at_night_waits_for_eight_in_the_morning() -> None:
    night = datetime(2026, 11, 26, 3, 10, tzinfo=ZoneInfo("Europe/Berlin"))

    moved = after_quiet_hours(night, "Europe/Berlin", QuietHours())

    assert moved == datetime(2026, 11, 26, 8, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def test_the_night_in_which_clocks_go_back_is_an_hour_longer() -> None:
    evening = datetime(2026, 10, 24, 21, 0, tzinfo=ZoneInfo("Europe/Berlin"))

    moved = after_quiet_hours(evening, "Europe/Berlin", QuietHours())

    assert moved - evening.astimezone(UTC) == timedelta(hours=12)


def test_an_end_that_spring_skips_comes_an_hour_later() -> None:
    night = datetime(2026, 3, 29, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    moved = after_quiet_hours(night, "Europe/Berlin", QuietHours(time(21, 0), time(2, 30)))

    assert moved == datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def test_without_a_zone_there_are_no_quiet_hours_to_keep() -> None:
    night = datetime(2026, 11, 26, 3, 10, tzinfo=UTC)

    assert after_quiet_hours(night, None, QuietHours()) == night


@pytest.mark.parametrize(
    ("attempt", "draw", "seconds"),
    [
        (0, 0.0, 1.0),
        (0, 0.5, 0.75),
        (1, 0.0, 2.0),
        (1, 0.5, 1.5),
        (2, 0.25, 3.5),
        (5, 0.0, 32.0),
        (6, 0.0, 60.0),
        (6, 0.5, 45.0),
        (31, 0.0, 60.0),
        (10_000, 0.0, 60.0),
    ],
)
def test_each_further_try_waits_twice_as_long_up_to_a_minute_less_what_the_dice_say(
    attempt: int, draw: float, seconds: float
) -> None:
    assert backoff(attempt, draw) == seconds


def test_the_first_and_the_longest_wait_can_be_others() -> None:
    assert [backoff(attempt, 0.0, first=0.25, longest=3.0) for attempt in range(6)] == [0.25, 0.5, 1, 2, 3, 3]


def at(hour: int, minute: int = 0, day: int = 26) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


OVER_MIDNIGHT = QuietHours(time(21, 0), time(8, 0))
IN_THE_DAY = QuietHours(time(13, 0), time(15, 0))


@pytest.mark.parametrize(
    ("quiet", "instant", "began", "awake"),
    [
        (OVER_MIDNIGHT, at(20, 59), None, at(20, 59)),
        (OVER_MIDNIGHT, at(21, 0), at(21, 0), at(8, 0, 27)),
        (OVER_MIDNIGHT, at(23, 30), at(21, 0), at(8, 0, 27)),
        (OVER_MIDNIGHT, at(0, 0), at(21, 0, 25), at(8, 0)),
        (OVER_MIDNIGHT, at(7, 59), at(21, 0, 25), at(8, 0)),
        (OVER_MIDNIGHT, at(8, 0), None, at(8, 0)),
        (IN_THE_DAY, at(12, 59), None, at(12, 59)),
        (IN_THE_DAY, at(13, 0), at(13, 0), at(15, 0)),
        (IN_THE_DAY, at(14, 59), at(13, 0), at(15, 0)),
        (IN_THE_DAY, at(15, 0), None, at(15, 0)),
        (QuietHours(time(9, 0), time(9, 0)), at(9, 0), None, at(9, 0)),
        (None, at(3, 0), None, at(3, 0)),
    ],
)
def test_quiet_hours_begin_and_end_to_the_minute(
    quiet: QuietHours | None, instant: datetime, began: datetime | None, awake: datetime
) -> None:
    assert is_quiet(instant, "UTC", quiet) == (began is not None)
    assert quiet_began(instant, "UTC", quiet) == began
    assert after_quiet_hours(instant, "UTC", quiet) == awake
    assert quiet_began(instant, None, quiet) is None


def test_the_usual_quiet_hours_are_from_nine_in_the_evening_to_eight_in_the_morning() -> None:
    assert QuietHours() == OVER_MIDNIGHT


def test_an_end_that_autumn_repeats_is_the_first_that_has_not_passed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    quiet = QuietHours(time(21, 0), time(2, 30))
    first, second = (
        datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=fold).astimezone(UTC) for fold in (0, 1)
    )

    assert second - first == timedelta(hours=1)
    assert after_quiet_hours(first - timedelta(minutes=10), "Europe/Berlin", quiet) == first
    assert after_quiet_hours(second - timedelta(minutes=10), "Europe/Berlin", quiet) == second


def test_every_span_of_a_plan_is_told_in_words_of_its_own() -> None:
    """A signature covers the words, so two spans that are told alike could be changed under it."""
    spans = [timedelta(hours=hours) for hours in range(2_000)]

    assert len({hours_or_days(span) for span in spans}) == len(spans)
    assert [hours_or_days(spans[hours]) for hours in (0, 1, 72, 73, 95, 96)] == [
        "0 hours", "1 hour", "72 hours", "73 hours", "95 hours", "4 days",
    ]  # fmt: skip
