"""Time zones: those that can be tapped, those of most readers first; and which ones may be meant by a place,
a zone's name or abbreviation, an offset from UTC, or the time there.
"""

import re
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from tgbot.content import Conversation
from tgbot.finder.countries import country_of, plain_name

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


_CITIES = Path(__file__).with_name("cities.txt")
_TIME = re.compile(r"(?<![\d.:])([01]?\d|2[0-3])(?:[:.h ]([0-5]\d))?\s*(am|pm|a\.m\.|p\.m\.)?(?![\d:])", re.I)
_MINUTES = r"(?:[:.h]?([0-5]\d)|\.(5|75))?"
_SIGN, _ENDS = r"[+\-\u2212\u2013]", r"(?![\d:.]|\s*[ap]\.?m)"
_OFFSET = re.compile(rf"(?<![\w/])(?:UTC|GMT)\s*({_SIGN}?)\s*(\d\d?){_MINUTES}{_ENDS}", re.I)
_BARE_OFFSET = re.compile(rf"(?<!\S)({_SIGN})(\d\d?){_MINUTES}(?!\w){_ENDS}", re.I)
_IN_HOURS = {"5": 30, "75": 45}  # the minutes of a decimal
_ALSO_WORDS = frozenset({"EAT", "WAT", "WEST"})  # abbreviations in capitals only
MOST = 8
_SLOW = timedelta(minutes=10)  # how far somebody's watch may be off


def zones_of(text: str, words: Conversation, locale: str, now: datetime) -> tuple[str, ...]:
    """The zones, the likeliest first; one when it is clear, none for nothing that is known."""
    said = _without(text.strip().strip(".!?,"), frozenset(words.around_place.split()))
    offset = offset_in(said)
    if offset is not None:
        return _at_offset(offset, now)
    of_place = _of_place(said, words, locale)
    if of_place:
        return of_place
    beside, of_a_day = _beside_time(said, words)
    if beside:  # "9 pm in Spain" is a place, "8-9 am" nothing
        return _of_place(beside, words, locale)
    return () if of_a_day else _at_time(said, now)


def _of_place(said: str, words: Conversation, locale: str) -> tuple[str, ...]:
    return (
        _named(said)
        or _of_city(plain_name(said))
        or _of_country(said, words.countries, locale)
        or _abbreviated(said)
    )


def _beside_time(said: str, words: Conversation) -> tuple[str, bool]:
    """What is said beside a time and what may stand around one; and whether it is the time of another day,
    which no clock shows now."""
    times = words.times
    days = {name for name in (*times.days_ago, *times.weekdays) if times.days_ago.get(name) != 0}
    around = {*words.around_place.split(), *words.around_clock.split(), *times.around}
    rest = [word.strip(",;!?") for word in _TIME.sub(" ", said, count=1).split()]
    known = [word.lower().replace("'", "").replace("’", "") for word in rest]
    named = days.intersection(known)
    kept = [word for word, plain in zip(rest, known, strict=True) if word and plain not in around | named]
    return " ".join(kept), bool(named)


def _without(said: str, around: Set[str]) -> str:
    """Without "I am in" before it."""
    words = said.split()
    while len(words) > 1 and words[0].lower().replace("'", "").replace("’", "") in around:
        del words[0]
    return " ".join(words)


def _named(said: str) -> tuple[str, ...]:
    zone = zone_named(said)
    return (zone,) if zone else ()


@lru_cache(maxsize=1)
def _lines() -> tuple[str, ...]:
    """A quarter of a megabyte, read when it is first asked for."""
    lines = _CITIES.read_text(encoding="utf-8").splitlines()
    return tuple(f"{line} " for line in lines if not line.startswith("#"))


def _of_city(name: str) -> tuple[str, ...]:
    if len(name) < 3:
        return ()
    found = [line.partition(" ")[0] for line in _lines() if f" {name} " in line]
    return tuple(zone for zone in found if known(zone))[:MOST]


def _of_country(said: str, countries: Mapping[str, Sequence[str]], locale: str) -> tuple[str, ...]:
    """All zones of a country, those of most readers first; one that keeps one clock has one."""
    name = plain_name(said)
    iso = country_of(name, countries, locale)
    if iso is None:
        return ()
    zones = [zone for zone, territory in _territories().items() if territory == iso and known(zone)]
    if len(zones) == 1:
        return (zones[0],)
    listed = [zone for zone in FIRST + OTHERS if zone in zones]
    return tuple(listed or zones)[:MOST]


@lru_cache(maxsize=1)
def _territories() -> Mapping[str, str]:
    """Zone → country, for the zones that are listed or the only one."""
    return dict(get_global("zone_territories"))


def offset_in(said: str) -> timedelta | None:
    """The offset from UTC that is named; None where there is none."""
    found = _OFFSET.search(said) or _BARE_OFFSET.search(said)
    if found is None:
        return None
    sign, hours, minutes, decimal = found.groups()
    size = timedelta(hours=int(hours), minutes=_IN_HOURS[decimal] if decimal else int(minutes or 0))
    return size if sign in ("", "+") else -size


def _at_offset(offset: timedelta, now: datetime) -> tuple[str, ...]:
    """The zones with this offset now: those that are listed, else any."""
    for zones in (FIRST + OTHERS, sorted(filter(known, _territories()))):
        found = tuple(zone for zone in zones if now.astimezone(ZoneInfo(zone)).utcoffset() == offset)
        if found:
            return found[:MOST]
    return ()


def _abbreviated(said: str) -> tuple[str, ...]:
    """The listed zones that call their time so, in any season: people in New York say EST in summer, too."""
    if said in _by_abbreviation():
        return _by_abbreviation()[said]
    capitals = said.upper()
    return () if capitals in _ALSO_WORDS else _by_abbreviation().get(capitals, ())


@cache
def _by_abbreviation() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for zone in FIRST + OTHERS:
        names = {datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).tzname() or "" for month in (1, 7)}
        for name in filter(str.isalpha, names):
            found[name.upper()] = (*found.get(name.upper(), ()), zone)
    return found


def _at_time(said: str, now: datetime) -> tuple[str, ...]:
    """The zones whose clocks show this time, those of most readers first."""
    if not re.search(r"[:.h]|am|pm|a\.m|p\.m", said, re.I):
        return ()
    found = _TIME.search(said)
    if found is None:
        return ()
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower()[:1]
    hours = {hour % 12 + 12 * (half == "p")} if half else {hour}
    return tuple(zone for zone in FIRST + OTHERS if any(_shows(zone, each, minute, now) for each in hours))[
        :MOST
    ]


def _shows(zone: str, hour: int, minute: int, now: datetime) -> bool:
    there = now.astimezone(ZoneInfo(zone))
    said = there.replace(hour=hour, minute=minute, second=0, microsecond=0)
    off = abs(said - there)
    return min(off, timedelta(days=1) - off) <= _SLOW
