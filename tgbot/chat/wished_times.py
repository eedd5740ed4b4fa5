"""When somebody wishes to be checked on: "in 2 days", "on friday at 9"."""

import re
from datetime import datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from tgbot.chat.named_dates import DateNames, UnreadDateError
from tgbot.chat.named_times import TimeNames, day_name, hour_of_day, spaced
from tgbot.chat.talk_words import any_of
from tgbot.content import TimeWords

_WEEK = 7


class NoTime(Enum):
    """Why there is no instant."""

    NOT_NAMED = "not named"
    NEEDS_ZONE = "needs a zone"  # an hour or a day is named, and nobody knows the person's clock


class WishedTimes:
    def __init__(self, words: TimeWords, locale: str) -> None:
        self._words = words
        self._names = TimeNames(words)
        self._dates = DateNames(words, locale)
        self._day = self._names.day((*words.days, *words.weekdays))
        self._past = self._names.day(name for name, ago in words.days_ago.items() if ago > 0)
        self._repeats = re.compile(rf"\b{any_of(words.repeats)}\b")

    def of(self, text: str, now: datetime, zone: str | None) -> datetime | NoTime:
        """The instant that is meant. A length of time needs no zone; a day without an hour is its morning."""
        said = spaced(text)
        if self._repeats.search(said) or self._names.without_denied(said) != said:
            return NoTime.NOT_NAMED
        after, rest = self._names.length(said, self._names.lengths_ahead)
        today = now.astimezone(ZoneInfo(zone) if zone else now.tzinfo).date()
        try:
            date, rest = self._dates.to_come(rest, today)
        except UnreadDateError:
            return NoTime.NOT_NAMED
        clock, part, day = self._names.clock(rest), self._names.part(rest), self._named_day(rest)
        if self._names.has_unread_clock(rest):
            return NoTime.NOT_NAMED
        if after is not None and clock is None and part is None:
            return now + after
        if after is None and date is None and clock is None and part is None and not day:
            return NoTime.NOT_NAMED
        if zone is None:
            return NoTime.NEEDS_ZONE
        local = now.astimezone(ZoneInfo(zone))
        days = (date - today).days if date else after.days if after is not None else self._days(day, local)
        return _at(hour_of_day(clock, part), days, local).astimezone(now.tzinfo)

    def _named_day(self, said: str) -> str:
        """A named day; one that is over only beside no other: "it began yesterday, ask me tomorrow"."""
        return day_name(self._day.search(said) or self._past.search(said))

    def _days(self, day: str, local: datetime) -> int | None:
        """How many days from today; None for no day, which is today or tomorrow."""
        if day in self._words.days:
            return self._words.days[day]
        if day in self._words.weekdays:
            return (self._words.weekdays[day] - local.weekday() - 1) % _WEEK + 1
        ago = self._words.days_ago.get(day)
        return -ago if ago else None


def _at(hour: time, days: int | None, local: datetime) -> datetime:
    """That hour, so many days from today; without a day, when it comes next."""
    wished = datetime.combine(local.date() + timedelta(days=days or 0), hour, local.tzinfo)
    if days is None and wished <= local:
        wished = datetime.combine(local.date() + timedelta(days=1), hour, local.tzinfo)
    return wished
