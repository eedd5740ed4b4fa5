from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tgbot.followup.times import QuietHours, after_quiet_hours, is_quiet

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
