"""The zones that can be tapped, those of most readers first; any other can be typed after /zone."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FIRST = (
    "America/Los_Angeles", "America/Chicago", "America/New_York", "Europe/London",
    "Europe/Berlin", "Asia/Kolkata", "Asia/Singapore", "Australia/Sydney",
)  # fmt: skip
OTHERS = (
    "Africa/Johannesburg", "Africa/Lagos", "America/Denver", "Europe/Athens",
    "Pacific/Honolulu", "America/Anchorage", "America/Phoenix", "America/Mexico_City", "America/Bogota",
    "America/Lima", "America/Caracas", "America/Halifax", "America/St_Johns", "America/Santiago",
    "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Atlantic/Azores", "Europe/Dublin",
    "Europe/Lisbon", "Africa/Accra", "Africa/Casablanca", "Europe/Paris", "Europe/Madrid", "Europe/Rome",
    "Africa/Cairo", "Africa/Nairobi", "Asia/Jerusalem", "Asia/Beirut", "Europe/Kyiv", "Europe/Bucharest",
    "Europe/Istanbul", "Europe/Moscow", "Asia/Riyadh", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul",
    "Asia/Karachi", "Asia/Almaty", "Asia/Colombo", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon",
    "Asia/Bangkok", "Asia/Jakarta", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Manila", "Australia/Perth",
    "Asia/Tokyo", "Asia/Seoul", "Australia/Darwin", "Australia/Adelaide", "Australia/Brisbane",
    "Pacific/Guam", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Fiji", "Pacific/Tongatapu",
)  # fmt: skip
A_PAGE = 8


def page_of(page: int, now: datetime) -> tuple[tuple[str, ...], bool]:
    """The zones of a page, in the order of their clocks, and whether there are more. Page 0 is `FIRST`."""
    if page <= 0:
        return _by_clock(FIRST, now), True
    start = (page - 1) * A_PAGE
    here = _by_clock(OTHERS, now)[start : start + A_PAGE]
    if not here:
        return page_of(0, now)
    return here, start + A_PAGE < len(OTHERS)


def _by_clock(zones: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    return tuple(sorted(zones, key=lambda zone: (now.astimezone(ZoneInfo(zone)).utcoffset(), zone)))


def known(zone: str) -> bool:
    """Whether this is the zone of a place: a button may be forged, and a machine's own zone is nobody's."""
    return zone in _all()


def zone_named(city: str) -> str | None:
    """The zone named after a city, however it is written; None when there is none, or more than one."""
    return _by_city().get(_plain(city))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@cache
def _by_city() -> Mapping[str, str]:
    """City → zone. A whole name (Europe/London) is understood too; old aliases give way to Area/City."""
    zones = _all()
    named = {_plain(zone): zone for zone in zones}
    for zone in sorted(zones, key=lambda zone: (zone.partition("/")[0] in _AREAS, zone)):
        named[_plain(zone.rpartition("/")[2])] = zone
    return named


_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_NO_PLACE = frozenset({"Factory", "Universal", "Zulu"})


def _is_place(zone: str) -> bool:
    """A city, a country (Japan), or UTC; no abbreviation, which keeps another clock half of the year."""
    if "/" in zone:
        return not zone.startswith("Etc/")
    return zone == "UTC" or (zone.istitle() and zone.isalpha() and zone not in _NO_PLACE)


@cache
def _all() -> frozenset[str]:
    return frozenset(filter(_is_place, available_timezones()))
