"""When it began, as people type it: "yesterday evening", "2 days ago", "this morning at 9", "24 November"."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tgbot.chat.named_dates import DateNames, UnreadDateError
from tgbot.chat.named_times import ClockHour, TimeNames, day_name, hour_of_day, spaced
from tgbot.chat.talk_words import any_of
from tgbot.content import TimeWords
from tgbot.finder.normalising import split
from tgbot.screens.onsets import LAST_TIME, OLDEST, WEEKDAYS, ToldOnset

_LONGEST = 30  # words; whoever writes more tells a story
_A_DAY, _A_WEEK = timedelta(days=1), timedelta(weeks=1)
_LONGEST_IN_WEEKS = timedelta(weeks=2)  # "monday last month" may be any of four
_NOON, _EARLY = 12, 6  # o'clock: "last night at 3" is today


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
        self._dates = DateNames(words, locale)
        self._ahead = re.compile(rf"\b{any_of(day for day, away in words.days.items() if away > 0)}\b")
        self._now = re.compile(rf"\W*{any_of(words.moments)}\W*")
        self._spans = re.compile(rf"\b({any_of(words.spans_ago)})\b")
        self._nights = re.compile(rf"\b(?:({any_of(words.nights_ago)})|{any_of(words.nights)})\b")
        self._ago = re.compile(rf"\b{any_of(words.ago)}\b")
        self._night_units = re.compile(rf"\b{any_of(words.night_units)}\b")
        beside = any_of((*words.beside_hour, *words.parts))
        self._bare_hour = re.compile(rf"(?<![\d:./-])(\d{{1,2}})(?=\W*$|\s*{beside}\b)")
        self._day = self._names.day((*words.days_ago, *words.weekdays))

    def of(self, text: str, now: datetime, asked: ToldOnset | None = None) -> OnsetMeant:
        """What is meant; `asked` is the day whose hour was asked for, where a bare number is an hour."""
        if len(split(text)) > _LONGEST:
            return NoOnset.NOT_NAMED
        said = self._names.without_doings(self._names.without_denied(spaced(text)))
        if self._now.fullmatch(said):
            return timedelta(0)
        later, beside = self._names.length(said, self._names.lengths_ahead)
        if later is not None and (self._day.search(beside) or self._nights.search(beside)):
            later, said = None, beside  # "within an hour, yesterday"
        if later is not None or self._ahead.search(said):
            return NoOnset.AHEAD
        if span := self._spans.search(said):
            return self._in_a_span(said, timedelta(minutes=self._words.spans_ago[span[1]]), now)
        return self._past(said, now, asked)

    def _past(self, said: str, now: datetime, asked: ToldOnset | None) -> OnsetMeant:
        """A length of time ago, or a day."""
        ago, rest = self._names.length(said, self._names.lengths)
        if ago is not None and ago < _A_DAY and self._is_earlier(rest):
            ago, said = None, rest  # "yesterday, 2 hours after lunch"
        if ago is not None and ago >= _A_WEEK and self._weekday(rest) is not None:
            return self._in_a_span(rest, ago, now)
        if ago is not None:
            return self._so_long_ago(ago, rest, in_nights=bool(self._night_units.search(said)))
        if self._names.uncounted_ago.search(said):
            return NoOnset.NOT_NAMED
        try:
            return self._on_a_day(said, now, asked)
        except UnreadDateError:
            return NoOnset.NOT_NAMED

    def _so_long_ago(self, ago: timedelta, rest: str, *, in_nights: bool) -> OnsetMeant:
        """With an hour that is named in the `rest`, so many days ago."""
        clock, part = self._names.clock(rest), self._names.part(rest)
        if self._names.has_unread_clock(rest):
            return NoOnset.NOT_NAMED
        if not _A_DAY <= ago <= OLDEST or (clock is None and part is None):
            return ago
        if clock is not None and in_nights:
            return _in_the_night(clock, ago.days)
        return _told(ago.days, clock, part)

    def _is_earlier(self, rest: str) -> bool:
        """Whether a day before today is named beside a length of time that is not said to be "ago"."""
        name = day_name(self._day.search(rest))
        earlier = bool(name) and self._words.days_ago.get(name, 1) > 0
        return (earlier or bool(self._nights.search(rest))) and not self._ago.search(rest)

    def _weekday(self, said: str) -> int | None:
        return self._words.weekdays.get(day_name(self._day.search(said)))

    def _in_a_span(self, said: str, ago: timedelta, now: datetime) -> OnsetMeant:
        """ "Last week", or "monday last week", which is not always last Monday."""
        weekday = self._weekday(said)
        if weekday is None:
            return ago
        if ago > _LONGEST_IN_WEEKS or self._names.has_unread_clock(said):
            return NoOnset.NOT_NAMED
        day = now.date() - ago - timedelta(days=now.weekday() - weekday)
        clock, part = self._names.clock(said), self._names.part(said)
        if clock is None and part is None:
            return ToldOnset(day.toordinal())
        return _told(day.toordinal(), clock, part)

    def _on_a_day(self, said: str, now: datetime, asked: ToldOnset | None) -> OnsetMeant:
        """Raises UnreadDateError."""
        dated, rest = self._dates.past(said, now.date())
        if dated is not None and dated > now.date() + _A_DAY:
            return NoOnset.AHEAD
        if self._names.has_unread_clock(rest):
            return NoOnset.NOT_NAMED
        clock, part = self._names.clock(rest), self._names.part(rest)
        if night := self._nights.search(rest):
            nights = self._words.nights_ago.get(night[1], 1)
            if clock is None:
                return Choice.NIGHT if nights == 1 else ToldOnset(nights)
            return _in_the_night(clock, nights)
        day = self._named_day(dated, rest)
        if clock is None and (asked is not None or part is not None):
            clock = self._bare(rest)
        if day is None and asked is not None and not (clock is None and part is None):
            day = asked.day
        if day is None and (asked is not None or self._names.uncounted.search(rest)):
            return NoOnset.NOT_NAMED
        if clock is None and part is None:
            return _whole_day(day)
        return _told(LAST_TIME if day is None else day, clock, part)

    def _bare(self, said: str) -> ClockHour | None:
        """A number that stands for an hour: "9", where one was asked for."""
        found = self._bare_hour.search(said)
        hour = int(found[1]) if found else 24
        return ClockHour(time(hour), hour > _NOON) if hour < 24 else None

    def _named_day(self, dated: date | None, said: str) -> int | None:
        """The day, as in ToldOnset."""
        if dated is not None:
            return dated.toordinal()
        name = day_name(self._day.search(said))
        if not name:
            return None
        ago = self._words.days_ago.get(name)
        return WEEKDAYS + self._words.weekdays[name] if ago is None else ago


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


def _in_the_night(clock: ClockHour, nights: int) -> ToldOnset:
    """ "Last night at 11" is yesterday's, "last night at 3" today's; so many `nights` ago."""
    minute, hour = 60 * clock.at.hour + clock.at.minute, clock.at.hour
    if hour <= _EARLY or (hour == _NOON and not clock.sure):
        return ToldOnset(nights - 1, minute % (60 * _NOON))
    told = ToldOnset(nights, minute)
    return told if clock.sure or hour >= _NOON else replace(told, minute=minute + 60 * _NOON)
