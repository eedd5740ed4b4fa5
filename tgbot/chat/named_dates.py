"""Days of the calendar, as people name them: "24 November", "11/24/2026", "2026-11-24"."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache

from babel.dates import get_month_names

from tgbot.chat.talk_words import any_of
from tgbot.content import TimeWords
from tgbot.finder.normalising import fold
from tgbot.screens.onsets import FIRST_YEAR

_HALF_A_YEAR = timedelta(days=183)
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)\b")
_NUMERIC = re.compile(  # without a year, "7/10" is more often a score, and "8-9" a range
    r"\b(?P<day>\d\d?)(?P<dash>[/.-])(?P<month>\d\d?)"
    r"(?:(?P=dash)(?P<year>(?:19|20)?\d\d)|(?<!/10)(?<![.-]\d)(?<![.-]\d\d))\b"
)


class UnreadDateError(Exception):
    """A date is named that no calendar has, "31 February", or whose month is not said: "the 5th"."""


class DateNames:
    """Names of months are those of the locale. All texts are `spaced`."""

    def __init__(self, words: TimeWords, locale: str) -> None:
        self._months = months(locale)
        month, suffix = rf"(?P<name>{any_of(self._months)})\b\.?", f"(?:{any_of(words.ordinals)})?"
        year = r"(?:,?\s+(?P<year>(?:19|20)\d\d))?\b"
        self._ordinal = re.compile(rf"\b\d\d?{any_of(words.ordinals)}\b")
        self._shapes = (
            _ISO,
            re.compile(rf"\b(?P<day>\d\d?){suffix}\s*(?:\w+\s+)?{month}{year}"),
            re.compile(rf"\b{month}\s*(?:\w+\s+)?(?P<day>\d\d?){suffix}{year}"),
            _NUMERIC,
        )

    def past(self, said: str, today: date) -> tuple[date | None, str]:
        """The date that is named, and what else was said. Without a year it is the last one, unless the next
        one is nearer. Raises UnreadDateError."""
        for days, rest in self._named(said, (today.year, today.year - 1)):
            ahead = [day for day in days if timedelta(0) < day - today < _HALF_A_YEAR]
            past = [day for day in days if day <= today]
            in_order = len({(day.month, day.day) for day in days}) == 1
            return (max(past) if past and not (ahead and in_order) else min(ahead or days)), rest
        return None, said

    def to_come(self, said: str, today: date) -> tuple[date | None, str]:
        """The date that is named, and what else was said. Without a year it is the next one. Raises
        UnreadDateError."""
        for days, rest in self._named(said, (today.year, today.year + 1)):
            return min((day for day in days if day >= today), default=max(days)), rest
        return None, said

    def _named(self, said: str, usual: tuple[int, int]) -> Iterator[tuple[list[date], str]]:
        """What each date may mean, in `usual` years where none is named, and what is said beside it."""
        unread = bool(self._ordinal.search(said))
        for shape in self._shapes:
            for found in shape.finditer(said):
                parts = found.groupdict()
                month = self._months[parts["name"]] if parts.get("name") else int(parts["month"])
                orders = [(month, int(parts["day"]))]
                if shape is _NUMERIC:
                    orders.append((int(parts["day"]), month))
                if days := _valid([_year(parts["year"])] if parts["year"] else usual, orders):
                    yield days, f"{said[: found.start()]} {said[found.end() :]}"
                unread = unread or not days
        if unread:
            raise UnreadDateError


def _year(said: str) -> int:
    """ "26" is 2026; a year before the calendar of buttons is its first."""
    return max(int(said), FIRST_YEAR) if len(said) == 4 else 2000 + int(said)


def _valid(years: Sequence[int], orders: Sequence[tuple[int, int]]) -> list[date]:
    """The days of these (month, day) in these years, without those that no calendar has."""
    found = []
    for year in years:
        for month, day in orders:
            try:
                found.append(date(year, month, day))
            except ValueError:
                continue
    return found


@cache
def months(locale: str) -> dict[str, int]:
    """The numbers of the months by their names, long and short."""
    return {
        fold(name).rstrip("."): number
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, locale=locale.replace("-", "_")).items()
    }
