"""When it began, as people type it: "yesterday evening", "2 days ago", "this morning at 9", "24 November"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

from babel.dates import get_month_names

from tgbot.chat.named_times import ClockHour, TimeNames, hour_of_day, spaced
from tgbot.chat.talk_words import any_of
from tgbot.content import TimeWords
from tgbot.finder.normalising import fold, split
from tgbot.screens.onsets import FIRST_YEAR, LAST_TIME, OLDEST, WEEKDAYS, ToldOnset

_LONGEST = 30  # words; whoever writes more tells a story
_A_DAY = timedelta(days=1)
_HALF_A_YEAR = timedelta(days=183)
_NOON, _EARLY = 12, 6  # o'clock: "last night at 3" is today
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)\b")
_NUMERIC = re.compile(  # "7/10" is more often a score than a date
    r"\b(?P<day>\d\d?)(?P<dash>[/.-])(?P<month>\d\d?)(?:(?P=dash)(?P<year>(?:19|20)?\d\d)|(?<!/10)(?<!\.\d)(?<!\.\d\d))\b"
)


class Choice(StrEnum):
    """Of the first question's choices those that ask for an hour next, as in PickOnset."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    NIGHT = "night"


class NoOnset(StrEnum):
    """Why there is none."""

    NOT_NAMED = "not named"
    AHEAD = "ahead"  # "tomorrow"


OnsetMeant = timedelta | ToldOnset | Choice | NoOnset  # the first is so long ago


class OnsetTimes:
    def __init__(self, words: TimeWords, locale: str) -> None:
        self._words = words
        self._names = TimeNames(words)
        self._ahead = re.compile(rf"\b{any_of(day for day, away in words.days.items() if away > 0)}\b")
        self._now = re.compile(rf"\W*{any_of(words.moments)}\W*")
        self._spans = re.compile(rf"\b({any_of(words.spans_ago)})\b")
        self._nights = re.compile(rf"\b{any_of(words.nights)}\b")
        beside = any_of((*words.beside_hour, *words.parts))
        self._bare_hour = re.compile(rf"(?<![\d:./-])(\d{{1,2}})(?=\W*$|\s*{beside}\b)")
        self._day = re.compile(rf"\b({any_of((*words.days_ago, *words.weekdays))})\b")
        month, suffix = rf"(?P<name>{any_of(_months(locale))})\.?", f"(?:{any_of(words.ordinals)})?"
        year = r"(?:,?\s+(?P<year>(?:19|20)\d\d))?\b"
        self._dates = (
            _ISO,
            re.compile(rf"\b(?P<day>\d\d?){suffix}\s*(?:\w+\s+)?{month}{year}"),
            re.compile(rf"\b{month}\s*(?:\w+\s+)?(?P<day>\d\d?){suffix}{year}"),
            _NUMERIC,
        )
        self._month_numbers = _months(locale)

    def of(self, text: str, now: datetime, asked: ToldOnset | None = None) -> OnsetMeant:
        """What is meant; `asked` is the day whose hour was asked for, where a bare number is an hour."""
        said = spaced(text)
        if len(split(text)) > _LONGEST:
            return NoOnset.NOT_NAMED
        if self._now.fullmatch(said):
            return timedelta(0)
        if self._names.length(said, self._names.lengths_ahead)[0] or self._ahead.search(said):
            return NoOnset.AHEAD
        if span := self._spans.search(said):
            return timedelta(minutes=self._words.spans_ago[span[1]])
        ago, rest = self._names.length(said, self._names.lengths)
        if ago is not None:
            clock, part = self._names.clock(rest), self._names.part(rest)
            if not _A_DAY <= ago <= OLDEST or (clock is None and part is None):
                return ago
            return _told(ago.days, clock, part)
        return self._on_a_day(said, now, asked)

    def _on_a_day(self, said: str, now: datetime, asked: ToldOnset | None) -> OnsetMeant:
        dated, rest = self._date(said, now.date())
        if dated is not None and dated > now.date() + _A_DAY:
            return NoOnset.AHEAD
        named = self._day.search(rest)
        clock, part = self._names.clock(rest), self._names.part(rest)
        if self._nights.search(rest):
            return Choice.NIGHT if clock is None else _in_the_night(clock)
        day = dated.toordinal() if dated else self._numbered(named[1]) if named else None
        if (
            (asked is not None or part is not None)
            and clock is None
            and (bare := self._bare_hour.search(rest))
        ):
            clock = ClockHour(time(int(bare[1])), int(bare[1]) > _NOON) if int(bare[1]) < 24 else None
        if day is None and asked is not None:
            day = asked.day
            if clock is None and part is None:
                return NoOnset.NOT_NAMED
        if clock is None and part is None:
            return _whole_day(day)
        return _told(LAST_TIME if day is None else day, clock, part)

    def _numbered(self, name: str) -> int:
        """A named day, as in ToldOnset."""
        ago = self._words.days_ago.get(name)
        return WEEKDAYS + self._words.weekdays[name] if ago is None else ago

    def _date(self, said: str, today: date) -> tuple[date | None, str]:
        """The date that is named, and what else was said. Without a year it is the last one, unless the next
        one is nearer."""
        for shape in self._dates:
            for found in shape.finditer(said):
                parts = found.groupdict()
                month = self._month_numbers[parts["name"]] if parts.get("name") else int(parts["month"])
                years = [_year(parts["year"])] if parts["year"] else [today.year, today.year - 1]
                orders = [(month, int(parts["day"]))]
                if shape is _NUMERIC:
                    orders.append((int(parts["day"]), month))
                if days := _valid(years, orders):
                    ahead = [day for day in days if timedelta(0) < day - today < _HALF_A_YEAR]
                    past = [day for day in days if day <= today]
                    day = max(past) if past and (not ahead or len(orders) > 1) else min(ahead or days)
                    return day, f"{said[: found.start()]} {said[found.end() :]}"
        return None, said


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


def _whole_day(day: int | None) -> OnsetMeant:
    """A day without an hour, which is asked next."""
    if day is None:
        return NoOnset.NOT_NAMED
    return ToldOnset(day) if day > 1 else Choice.YESTERDAY if day else Choice.TODAY


def _told(day: int, clock: ClockHour | None, part: int | None) -> ToldOnset:
    if clock is None:
        return ToldOnset(day, 60 * hour_of_day(None, part).hour, about=True)
    if clock.sure or part is not None:
        hour = hour_of_day(clock, part)
        return ToldOnset(day, 60 * hour.hour + hour.minute)
    return ToldOnset(day, 60 * clock.at.hour + clock.at.minute, sure=not 0 < clock.at.hour < _NOON)


def _in_the_night(clock: ClockHour) -> ToldOnset:
    """ "Last night at 11" is yesterday's, "last night at 3" today's."""
    minute, hour = 60 * clock.at.hour + clock.at.minute, clock.at.hour
    if hour <= _EARLY or (hour == _NOON and not clock.sure):
        return ToldOnset(0, minute % (60 * _NOON))
    told = ToldOnset(1, minute)
    return told if clock.sure or hour >= _NOON else replace(told, minute=minute + 60 * _NOON)


@cache
def _months(locale: str) -> dict[str, int]:
    """The numbers of the months by their names, long and short."""
    return {
        fold(name).rstrip("."): number
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, locale=locale.replace("-", "_")).items()
    }
