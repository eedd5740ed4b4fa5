"""The safety net and the night: it asks while there is still time to be seen, and never too soon."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.courses import PROTOCOL, Told
from tgbot.followup.events import HoursChanged, Started
from tgbot.followup.planning import net_due
from tgbot.followup.times import QuietHours, after_quiet_hours

HOUR = timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")


def answered(hour: int, minute: int = 0) -> Told:
    """A same-day sign, told in London at this hour of a Monday in November."""
    at = datetime(2026, 11, 23, hour, minute, tzinfo=LONDON).astimezone(UTC)
    told = Told(at - HOUR, at)
    told.course = replace(told.course, zone="Europe/London", quiet=QuietHours())
    told.happens(Started("fever", 6))
    return told


@pytest.mark.parametrize(
    ("hour", "comes"),
    [
        (8, "24 08:00"),
        (12, "24 12:00"),
        (20, "24 20:00"),
        (21, "24 18:00"),
        (23, "24 18:00"),
        (2, "23 18:00"),
        (7, "23 18:00"),
    ],
)
def test_it_comes_after_a_day_or_in_the_late_afternoon_before_and_never_after_35_hours(
    hour: int, comes: str
) -> None:
    told = answered(hour)
    net = told.course.planned[0]

    assert net.step == "h24"
    assert f"{net.send_at.astimezone(LONDON):%d %H:%M}" == comes
    assert net.send_at == net.due_at


def test_with_long_quiet_hours_that_leave_no_day_to_be_seen_it_waits_for_their_end() -> None:
    told = Told()
    told.course = replace(told.course, zone="UTC", quiet=QuietHours(time(15), time(11)))
    told.now = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    told.happens(Started("fever", 6))

    assert told.course.planned[0].send_at == datetime(2026, 11, 24, 11, tzinfo=UTC)


def test_a_zone_that_is_told_afterwards_plans_it_anew_from_the_same_answer() -> None:
    told = Told(now=datetime(2026, 11, 23, 22, tzinfo=UTC), onset=datetime(2026, 11, 23, 21, tzinfo=UTC))
    told.course = replace(told.course, quiet=QuietHours())
    told.happens(Started("fever", 6))
    assert told.course.planned[0].send_at == datetime(2026, 11, 24, 22, tzinfo=UTC), "nobody knows the night"
    told.course = replace(told.course, zone="Europe/London")
    told.happens(HoursChanged())
    assert told.course.planned[0].send_at == datetime(2026, 11, 24, 18, tzinfo=UTC)
    told.course = replace(told.course, quiet=None)
    told.happens(HoursChanged())

    assert told.course.planned[0].send_at == datetime(2026, 11, 24, 22, tzinfo=UTC)


@given(
    st.integers(0, 24 * 60 * 14),
    st.sampled_from(["Europe/London", "Asia/Kolkata", "America/New_York", "Australia/Sydney"]),
    st.sampled_from([QuietHours(), QuietHours(time(20), time(7)), QuietHours(time(9), time(17)), None]),
)
def test_whenever_it_was_told_it_comes_between_ten_and_25_hours_later(
    minutes: int, zone: str, quiet: QuietHours | None
) -> None:
    """25 and not 24: an hour that the clocks repeat in autumn."""
    said = datetime(2026, 10, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    course = replace(Told().course, zone=zone, quiet=quiet)
    comes = after_quiet_hours(net_due(PROTOCOL, course, said), zone, quiet)

    assert 10 * HOUR <= comes - said <= 25 * HOUR
