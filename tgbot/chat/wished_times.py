"""When somebody wishes to be checked on: "in 2 days", "on friday at 9"."""

import re
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from tgbot.chat.named_times import TimeNames, hour_of_day, spaced
from tgbot.chat.talk_words import any_of
from tgbot.content import TimeWords

_WEEK = 7


class NoTime(Enum):
    """Why there is no instant."""

    NOT_NAMED = "not named"
    NEEDS_ZONE = "needs a zone"  # an hour or a day is named, and nobody knows the person's clock


class WishedTimes:
    def __init__(self, words: TimeWords) -> None:
        self._words = words
        self._names = TimeNames(words)
        self._day = re.compile(rf"\b({any_of((*words.days, *words.weekdays))})\b")
        self._repeats = re.compile(rf"\b{any_of(words.repeats)}\b")

    def of(self, text: str, now: datetime, zone: str | None) -> datetime | NoTime:
        """The instant that is meant. A length of time needs no zone; a day without an hour is its morning."""
        said = spaced(text)
        if self._repeats.search(said):
            return NoTime.NOT_NAMED
        after, rest = self._names.length(said, self._names.lengths_ahead)
        clock, part, day = self._names.clock(rest), self._names.part(rest), self._day.search(rest)
        if after is not None and clock is None and part is None:
            return now + after
        if after is None and clock is None and part is None and day is None:
            return NoTime.NOT_NAMED
        if zone is None:
            return NoTime.NEEDS_ZONE
        local = now.astimezone(ZoneInfo(zone))
        days = after.days if after is not None else self._days(day[1] if day else "", local)
        hour = hour_of_day(clock, part)
        wished = datetime.combine(local.date() + timedelta(days=days or 0), hour, ZoneInfo(zone))
        if days is None and wished <= now:
            wished = datetime.combine(local.date() + timedelta(days=1), hour, ZoneInfo(zone))
        return wished.astimezone(now.tzinfo)

    def _days(self, day: str, local: datetime) -> int | None:
        """How many days from today; None for no day, which is today or tomorrow."""
        if day in self._words.days:
            return self._words.days[day]
        if day in self._words.weekdays:
            return (self._words.weekdays[day] - local.weekday() - 1) % _WEEK + 1
        return None
