"""An offset, or a zone's abbreviation, is read as what it is, and never as a time of day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests.fakes.phone import SCREENS
from tgbot.screens.zones import zones_of

WINTER = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
AS_MORNING = datetime(2026, 7, 1, 3, 45, tzinfo=UTC)  # when it is 5:45 in Berlin
DAYTIMES = [WINTER + timedelta(hours=hour, minutes=45) for hour in range(24)]


@pytest.fixture(scope="module", autouse=True)
def _held() -> Iterator[None]:
    """All zones: those that nobody holds are read from their files anew each time, but for the last eight."""
    held = [ZoneInfo(zone) for zone in available_timezones()]
    yield
    held.clear()


def zones(text: str, now: datetime = WINTER) -> tuple[str, ...]:
    return zones_of(text, SCREENS.pack.conversation, "en", now)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("UTC+5:45", "Asia/Kathmandu"),
        ("utc +5:45", "Asia/Kathmandu"),
        ("GMT+05:45", "Asia/Kathmandu"),
        ("UTC 5:45", "Asia/Kathmandu"),
        ("+05:45", "Asia/Kathmandu"),
        ("+0545", "Asia/Kathmandu"),
        ("UTC+5.75", "Asia/Kathmandu"),
        ("I'm in UTC+5:45", "Asia/Kathmandu"),
        ("my time zone is UTC+5:45.", "Asia/Kathmandu"),
        ("+5:45 please", "Asia/Kathmandu"),
        ("it's +05:45, thanks", "Asia/Kathmandu"),
        ("UTC-3:30", "America/St_Johns"),
        ("UTC\N{MINUS SIGN}3:30", "America/St_Johns"),
        ("\N{EN DASH}3.5", "America/St_Johns"),
        ("UTC+13:45", "Pacific/Chatham"),
    ],
)
def test_an_offset_that_has_a_zone_of_its_own_is_that_zone_at_every_hour(text: str, zone: str) -> None:
    assert {zones(text, now) for now in DAYTIMES} == {(zone,)}


@pytest.mark.parametrize(
    "text", ["UTC+5:30", "+05:30", "UTC+2", "+2", "GMT-5", "UTC-2", "UTC+0", "UTC+1", "-11"]
)
@pytest.mark.parametrize("now", [WINTER, AS_MORNING])
def test_of_several_zones_with_an_offset_now_all_are_offered(text: str, now: datetime) -> None:
    found = zones(text, now)
    hours, _, minutes = text.lstrip("UTCGM").partition(":")
    wanted = timedelta(hours=int(hours), minutes=int(minutes or 0))
    assert len(found) > 1
    assert {now.astimezone(ZoneInfo(zone)).utcoffset() for zone in found} == {wanted}


@pytest.mark.parametrize("text", ["UTC+15", "-13:30", "UTC+5:10", "UTC+99", "UTC 14:30", "+7:15"])
def test_an_offset_that_no_zone_has_is_no_time_of_day_either(text: str) -> None:
    assert {zones(text, now) for now in DAYTIMES} == {()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("EST", ("America/New_York",)),
        ("est", ("America/New_York",)),
        ("EDT", ("America/New_York",)),
        ("I am in CET", ("Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome")),
        ("IST", ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem")),
        ("GMT", ("Europe/London", "Africa/Accra", "Europe/Dublin")),
        ("EAT", ("Africa/Nairobi",)),
        ("eat", ()),
        ("wat", ()),
        ("UTC", ("UTC",)),
    ],
)
def test_an_abbreviation_is_the_zones_that_use_it_in_any_season(text: str, found: tuple[str, ...]) -> None:
    assert {frozenset(zones(text, now)) for now in (WINTER, AS_MORNING)} == {frozenset(found)}


def test_a_time_alone_is_still_the_time_on_their_clock() -> None:
    assert "Europe/Berlin" in zones("5:45", AS_MORNING)
    assert "Europe/London" in zones("8 pm")
    assert "Europe/London" in zones("9:00 pm GMT", datetime(2026, 11, 27, 21, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("yesterday 9pm in spain", "Europe/Madrid"),
        ("yesterday at 9pm EST", "America/New_York"),
        ("9:10 in berlin", "Europe/Berlin"),
        ("9 am, london", "Europe/London"),
        ("last tuesday at 9:15 pm", None),
        ("yesterday at 9 pm", None),
        ("8-9 am", None),
    ],
)
def test_a_time_in_a_sentence_is_no_clock_and_a_place_beside_it_counts(text: str, found: str | None) -> None:
    meant = zones(text, WINTER)
    assert found in meant if found else not meant


@pytest.mark.parametrize("text", ["9pm", "it's 9 pm here", "21:00", "It's about 9 pm on my clock", "9pm now"])
def test_a_bare_time_is_what_the_clock_shows(text: str) -> None:
    assert zones(text, WINTER)
