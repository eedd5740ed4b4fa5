"""The parts of a time, as people name them: so many hours, an hour on the clock, a part of the day, a day."""

import re
from dataclasses import dataclass
from datetime import time, timedelta

from tgbot.chat.talk_words import any_of
from tgbot.content import TimeWords
from tgbot.finder.normalising import fold

MORNING = time(9)  # for a day that is named without an hour
_NOON = 12
_WAKING = 8  # o'clock: "at 5" is in the afternoon
_LONGEST = timedelta(days=36_500)  # more is too long ago or too far ahead all the same, and no date
_HOUR_WORD = 3  # letters: "at a party" names no hour


def spaced(text: str) -> str:
    """The text as the patterns here read it: folded, and one space between words. In a long gap they would
    begin at every space."""
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
        number = rf"\d+(?:\.\d)?|{any_of(words.counts)}"
        unit = rf"(?P<unit>{any_of(words.units)})\b(?!\W+{any_of(words.ages)}\b)"
        some = rf"(?P<count>{number})\s*(?:(?:-|–|to|or)\s*(?P<most>{number})\s*)?(?:of )?"
        perhaps_some = rf"(?:{some})?\s*"
        around = rf"(?:{any_of(words.around)}\s+)*"
        self.lengths_ahead = (
            re.compile(rf"\b{any_of(words.ahead)}\s+{around}{perhaps_some}{unit}"),
            re.compile(rf"\b{perhaps_some}{unit}\s+{any_of(words.later)}\b"),
        )
        whole = any_of(unit for unit in words.units if " " in unit)  # "half an hour" has its number in it
        self.lengths = (
            re.compile(rf"\b(?P<count>)(?P<most>)(?P<unit>{whole})\b"),
            re.compile(rf"\b{some}\s*{unit}"),
            re.compile(rf"\b(?P<count>)(?P<most>){unit}\s+{any_of(words.ago)}\b"),
        )
        half = rf"(?P<half>{any_of((*words.before_noon, *words.after_noon))})(?![^\W_])"
        hours = any_of(word for word in words.counts if len(word) >= _HOUR_WORD)
        hour = rf"(?P<hour>\d{{1,2}}|{hours})(?:[:.h](?P<minute>[0-5]\d))?"
        self._clocks = (
            re.compile(rf"\b{any_of(words.at)}\s+{around}{hour}(?:\s*{half}|\b(?![:.]\d))"),
            re.compile(rf"\b{hour}\s*{half}"),
            re.compile(r"\b(?P<hour>\d{1,2})[:.h](?P<minute>[0-5]\d)\b(?P<half>)"),
        )
        self._part = re.compile(rf"\b({any_of(words.parts)})\b")

    def length(self, said: str, shapes: tuple[re.Pattern[str], ...]) -> tuple[timedelta | None, str]:
        """The first length of time in one of these `shapes`, and what else was said."""
        found = next((found for shape in shapes if (found := shape.search(said))), None)
        if found is None:
            return None, said
        count = self._number(found["most"] or found["count"] or "1")
        minutes = min(count * self._words.units[found["unit"]], _LONGEST / timedelta(minutes=1))
        return timedelta(minutes=minutes), f"{said[: found.start()]} {said[found.end() :]}"

    def clock(self, said: str) -> ClockHour | None:
        """The hour on the clock."""
        for found in (found for shape in self._clocks if (found := shape.search(said))):
            hour, minute = int(self._number(found["hour"])), int(found["minute"] or 0)
            half = found["half"] or ""
            if half:
                hour = hour % _NOON + _NOON * (half in self._words.after_noon)
            if hour < 24:
                return ClockHour(time(hour, minute), bool(half) or hour > _NOON)
        return None

    def part(self, said: str) -> int | None:
        """The hour that a part of the day stands for: 19 for the evening."""
        found = self._part.search(said)
        return self._words.parts[found[1]] if found else None

    def _number(self, said: str) -> float:
        return float(self._words.counts.get(said, 0) or said)


def hour_of_day(clock: ClockHour | None, part: int | None) -> time:
    """The hour that is meant. "At 7 in the evening" and "at 5" are after noon."""
    if clock is None:
        return MORNING if part is None else time(part)
    late, early = part is not None and part >= _NOON, part is not None and part < _NOON
    hour = clock.at
    if not clock.sure and hour.hour < _NOON and (late or (hour.hour < _WAKING and not early)):
        return hour.replace(hour=hour.hour + _NOON)
    return hour
