"""The parts of a time, as people name them: so many hours, an hour on the clock, a part of the day, a day."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta

from tgbot.chat.talk_words import any_of
from tgbot.content import TimeWords
from tgbot.finder.normalising import fold

MORNING = time(9)  # for a day that is named without an hour
_NOON = 12
_WAKING = 8  # o'clock: "at 5" is in the afternoon
_EVENING = 6  # o'clock: "at 6 at night" is one, "at 5 at night" is not
_A_DAY = 24 * 60  # minutes
_LONGEST = timedelta(days=36_500)  # more is too long ago or too far ahead all the same, and no date
_HOUR_WORD = 3  # letters: "at a party" names no hour
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_FRACTION = re.compile(r"(\d?)\s*([½¼¾])")
_ROUND = "5|10|15|20|25"  # minutes before or after an hour; "8 to 9" is a range


def spaced(text: str) -> str:
    """The text as the patterns here read it: folded, and one space between words. In a long gap they would
    begin at every space."""
    text = " ".join(text.split())
    text = _FRACTION.sub(lambda found: f"{found[1] or 0}{_FRACTIONS[found[2]]}", text)
    return " ".join(fold(text).split())


@dataclass(frozen=True, slots=True)
class ClockHour:
    """An hour on the clock; `sure` when it was said which half of the day it is in."""

    at: time
    sure: bool


class TimeNames:
    """`lengths_ahead` are lengths of time that are to come: "in 2 days". All texts are `spaced`."""

    def __init__(self, words: TimeWords) -> None:
        self._words = words
        self._counts = {**words.counts, **words.rough_counts}
        self._read_lengths(words)
        self._read_clocks(words)
        self._part = re.compile(rf"\b({any_of(words.parts)})\b")
        known = (*words.days, *words.days_ago, *words.weekdays, *words.parts, *words.nights)
        self._denied = re.compile(
            rf"\b{any_of(words.denying)}\s+(?:{any_of(words.before_days)}\s+)?{any_of(known)}\b"
        )

    def _read_lengths(self, words: TimeWords) -> None:
        number = rf"(?<!\d)(?<!\d[.,/])(?:\d+(?:[.,]\d{{1,2}})?(?!\d)|{any_of(self._counts)})"
        fraction = any_of(words.fractions)
        self._hours = any_of(
            word for word, count in words.counts.items() if len(word) >= _HOUR_WORD and count <= _NOON
        )
        to_an_hour = rf"{any_of((*words.past, *words.to))}\s+(?:\d|{self._hours})"
        unit = (
            rf"(?P<unit>{any_of(words.units)})\b(?!\W+{any_of(words.other_lengths)}\b)(?!\s+{to_an_hour})"
            rf"(?:\s+(?P<fraction>{fraction})\b)?"
        )
        some = (
            rf"(?P<count>{number})\s*(?:(?:-|–|to|or)\s*(?P<most>{number})\s*)?"
            rf"(?:\b(?P<half>{fraction})\s+)?(?:of )?"
        )
        ahead = rf"\b{any_of(words.ahead)}\s+(?:{any_of(words.around)}\s+)*(?:{some})?\s*{unit}"
        whole = any_of(unit for unit in words.units if " " in unit)  # "half an hour" has its number in it
        nothing = "(?P<count>)(?P<most>)(?P<half>)"
        self.lengths_ahead = (
            re.compile(ahead),
            re.compile(rf"\b(?:{some})?\s*{unit}\s+{any_of(words.later)}\b"),
        )
        self.lengths = (
            re.compile(rf"\b(?<!\d ){nothing}(?P<unit>{whole})\b(?P<fraction>)"),
            re.compile(rf"\b{some}\s*{unit}"),
            re.compile(rf"\b{nothing}{unit}\s+{any_of(words.ago)}\b"),
        )
        self._more = re.compile(rf"\s*(?:{any_of(words.together)}\s+)?{some}\s*{unit}")
        self._doing = re.compile(rf"{ahead}\s+{any_of(words.of)}\b")
        plural = any_of(unit for unit in words.units if len(unit) > 1 and not self._is_single(unit))
        self.uncounted = re.compile(rf"\b{plural}\b")
        self.uncounted_ago = re.compile(rf"(?:\b{plural}|\d)\s+{any_of(words.ago)}\b")

    def _read_clocks(self, words: TimeWords) -> None:
        halves = any_of((*words.before_noon, *words.after_noon, *words.at_night))
        half_day, oclock = rf"{halves}(?![^\W_])", any_of(words.oclock)
        half = rf"(?P<half>{halves})(?![^\W_])"
        hour, minute = rf"(?P<hour>\d{{1,2}}|{self._hours})", r"(?P<minute>[0-5]\d)"
        minutes = any_of(unit for unit, length in words.units.items() if length == 1)
        at = rf"\b{any_of(words.at)}\s+(?:{any_of(words.around)}\s+)*"
        past, to = any_of(words.past), any_of(words.to)
        whole = rf"(?:\s*{oclock}\b)?(?:\s*{half}|\b(?![:.–-]\d|\s*{half_day}))"
        no_more = rf"(?!\s+(?:{minutes}\s+)?(?:{past}|{to})\s+(?:\d|{self._hours}))"
        off = rf"(?P<off>{any_of(words.parts_of_hour)}|{_ROUND})"
        self._clocks = (
            re.compile(rf"\b{off}\s+(?:{minutes}\s+)?(?:{past}|(?P<to>{to}))\s+{hour}{whole}"),
            re.compile(rf"\b(?P<off>{any_of(words.half_hours)})\s+{hour}{whole}"),
            re.compile(rf"{at}{hour}(?:[:.h]{minute})?{whole}{no_more}"),
            re.compile(rf"\b(?<!\d[:.]){hour}(?:[:.h]?{minute})?\s*(?:{oclock}\s*)?{half}"),
            re.compile(rf"\b{hour}\s*{oclock}\b"),
            re.compile(rf"\b(?P<hour>\d{{1,2}})[:.h]{minute}\b"),
        )
        self._unread_clock = re.compile(
            rf"{at}\d|\d\s*{halves}(?![^\W_])|\d:\d|\b{oclock}\b"
            rf"|\b{past}\s+(?:\d|{self._hours}\b)|\b(?:{past}|{to})\s+{any_of(words.parts)}\b"
        )

    def day(self, names: Iterable[str]) -> re.Pattern[str]:
        """A pattern that finds one of these days. "Sat" and "sun" are days only where they cannot be a verb
        or the sun."""
        words, named = self._words, list(names)
        short = any_of(name for name in named if name in words.short_weekdays)
        long = any_of(name for name in named if name not in words.short_weekdays)
        alone = rf"\W*$|\W+(?:{any_of(words.at)}\s+)?\d|\W+{any_of(words.parts)}\b"
        return re.compile(
            rf"\b({long})\b|(?:\b{any_of(words.before_days)}\s+|^(?=\w+(?:{alone})))({short})\b"
        )

    def without_denied(self, said: str) -> str:
        """What was said, without "not today"."""
        return self._denied.sub(" ", said)

    def without_doings(self, said: str) -> str:
        """What was said, without "after 2 hours of", which is how long something else took."""
        return self._doing.sub(" ", said)

    def length(self, said: str, shapes: tuple[re.Pattern[str], ...]) -> tuple[timedelta | None, str]:
        """The first length of time in one of these `shapes`, and what else was said."""
        found = next(
            (found for shape in shapes for found in shape.finditer(said) if self._is_counted(found)), None
        )
        if found is None:
            return None, said
        minutes, end = self._minutes(found), found.end()
        if more := self._more.match(said, end):  # "an hour and 20 minutes"
            minutes, end = minutes + self._minutes(more), more.end()
        minutes = min(minutes, _LONGEST / timedelta(minutes=1))
        return timedelta(minutes=minutes), f"{said[: found.start()]} {said[end:]}"

    def _is_counted(self, found: re.Match[str]) -> bool:
        """Whether it is said how many: "days ago" may be any."""
        return bool(found["count"]) or self._is_single(found["unit"])

    def _is_single(self, unit: str) -> bool:
        return " " in unit or unit in self._words.single_units

    def _minutes(self, found: re.Match[str]) -> float:
        count = self._number(found["most"] or found["count"] or "1")
        count += self._words.fractions.get(found["half"] or found["fraction"] or "", 0) / 60
        return count * self._words.units[found["unit"]]

    def clock(self, said: str) -> ClockHour | None:
        """The hour on the clock."""
        for found in (found for shape in self._clocks if (found := shape.search(said))):
            named = found.groupdict()
            hour, half = int(self._number(named["hour"])), named.get("half") or ""
            if half and hour < 24:
                late = half in self._words.after_noon or (
                    half in self._words.at_night and _EVENING <= hour < _NOON
                )
                hour = hour % _NOON + _NOON * late
            if hour < 24:
                sure = bool(half) or hour > _NOON
                minute = 60 * hour + int(named.get("minute") or 0) + self._minutes_off(named)
                if minute < 60 * hour and hour == 1 and not sure:
                    minute += 60 * _NOON  # "10 to 1" is after twelve
                return ClockHour(time(*divmod(minute % _A_DAY, 60)), sure)
        return None

    def _minutes_off(self, named: dict[str, str | None]) -> int:
        """How many minutes the hour is past, below nought for those that are left to it."""
        off = named.get("off")
        minutes = self._words.parts_of_hour.get(off, 0) or int(off) if off else 0
        return -minutes if named.get("to") else minutes

    def has_unread_clock(self, said: str) -> bool:
        """Whether an hour seems to be named that `clock` does not read."""
        return self.clock(said) is None and bool(self._unread_clock.search(said))

    def part(self, said: str) -> int | None:
        """The hour that a part of the day stands for: 19 for the evening."""
        found = self._part.search(said)
        return self._words.parts[found[1]] if found else None

    def _number(self, said: str) -> float:
        return float(self._counts.get(said, 0) or said.replace(",", "."))


def day_name(found: re.Match[str] | None) -> str:
    """What `TimeNames.day` has found."""
    return (found[1] or found[2]) if found else ""


def hour_of_day(clock: ClockHour | None, part: int | None) -> time:
    """The hour that is meant. "At 7 in the evening" and "at 5" are after noon."""
    if clock is None:
        return MORNING if part is None else time(part)
    late, early = part is not None and part >= _NOON, part is not None and part < _NOON
    hour = clock.at
    if not clock.sure and hour.hour < _NOON and (late or (hour.hour < _WAKING and not early)):
        return hour.replace(hour=hour.hour + _NOON)
    return hour
