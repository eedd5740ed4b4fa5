"""When it began, as buttons hold it: a choice ("3 days ago"), an instant, or a time as somebody told it whose
clock is not known yet.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from string import ascii_lowercase, digits
from zoneinfo import ZoneInfo

_DIGITS = digits + ascii_lowercase
OLDEST = timedelta(days=366)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WEEK = 7
_NOON, _DAY = 12 * 60, 24 * 60  # minutes
_WAKING = 8 * 60  # "at 5" is in the afternoon
_SMALL_HOURS = 5  # o'clock: until then "tonight at 11" is the evening just past
_SOON = timedelta(hours=4)  # "this morning" has begun before its hour

LAST_TIME = 1_000  # as a day: today or yesterday, whichever it was last
WEEKDAYS = 2_000  # … from here on Monday to Sunday, the last one
FIRST_YEAR = 1971
FIRST_DATE, LAST_DATE = (
    date(FIRST_YEAR, 1, 1).toordinal(),
    date(2400, 1, 1).toordinal(),
)  # … from here on a date
TOLD_LENGTH = 7  # characters of a told onset in a button


@dataclass(frozen=True, slots=True)
class ToldOnset:
    """A time on the person's calendar. `day` is how many days ago, LAST_TIME, a weekday or a date's ordinal.

    `minute` is of the day, None when no hour was told; not `sure` when it may be twelve hours later as well;
    `about` when a part of the day was told.
    """

    day: int
    minute: int | None = None
    sure: bool = True
    about: bool = False

    def date(self, now: datetime, zone: str) -> date:
        """The day that is meant; of LAST_TIME, today."""
        today = now.astimezone(ZoneInfo(zone)).date()
        if self.day >= FIRST_DATE:
            return date.fromordinal(self.day)
        if self.day >= WEEKDAYS:
            return today - timedelta(days=(today.weekday() - (self.day - WEEKDAYS) - 1) % _WEEK + 1)
        return today - timedelta(days=0 if self.day == LAST_TIME else self.day)

    def instant(self, now: datetime, zone: str) -> datetime | None:
        """The instant that is meant, perhaps one to come; None when no hour was told."""
        if self.minute is None:
            return None
        day, early = self.date(now, zone), self.minute
        late = early + _NOON if not self.sure and early < _NOON else early
        if self.day == LAST_TIME:
            days = (day, day - timedelta(days=1))
            every = [_at(each, minute, zone) for each in days for minute in (early, late)]
            return max(instant for instant in every if instant <= now)
        meant = _at(day, late if early < _WAKING else early, zone)
        if (
            meant > now
            and self.day == 0
            and late >= _NOON
            and now.astimezone(ZoneInfo(zone)).hour < _SMALL_HOURS
        ):
            return _at(day - timedelta(days=1), late, zone)
        if meant > now and self.about and meant - now <= _SOON:
            return now.replace(microsecond=0)
        return meant if meant <= now else _at(day, early, zone)

    def packed(self) -> str:
        """As TOLD_LENGTH characters."""
        at = 4 * _DAY - 1 if self.minute is None else self.minute + _DAY * (2 * self.about + (not self.sure))
        return f"{_in_base_36(self.day):0>4}{_in_base_36(at):0>3}"


def unpacked_told(text: str) -> ToldOnset | None:
    """The told onset of a button, or None for what no button of ours held."""
    if len(text) != TOLD_LENGTH or not all(letter in _DIGITS for letter in text):
        return None
    day, at = int(text[:4], 36), int(text[4:], 36)
    known = day <= LAST_TIME or WEEKDAYS <= day < WEEKDAYS + _WEEK or FIRST_DATE <= day < LAST_DATE
    if not known or at >= 4 * _DAY:
        return None
    if at == 4 * _DAY - 1:
        return ToldOnset(day)
    kind, minute = divmod(at, _DAY)
    return ToldOnset(day, minute, sure=not kind & 1, about=bool(kind & 2))


def _at(day: date, minute: int, zone: str) -> datetime:
    hour, rest = divmod(minute, 60)
    return datetime.combine(day, time(hour, rest), ZoneInfo(zone)).astimezone(UTC)


def onset_of(how: str, now: datetime) -> datetime | None:
    """The instant that a choice stands for when it is tapped; None for what is no choice."""
    if how == "n":
        return now.replace(microsecond=0)
    unit, count = _UNITS.get(how[:1]), how[1:]
    if unit is None or not (count.isascii() and count.isdecimal() and len(count) <= 3):
        return None
    return (now - unit * int(count)).replace(microsecond=0)


def sane_onset(onset: datetime, now: datetime) -> datetime | None:
    """The onset, unless it is more than a year ago: then somebody mistyped or forged it."""
    return onset if now - onset <= OLDEST else None


def day_of(ordinal: str) -> date | None:
    """The day of a button, or None for what no button of ours held."""
    if not ordinal.isdecimal() or not FIRST_DATE <= int(ordinal) < LAST_DATE:
        return None
    return date.fromordinal(int(ordinal))


def packed_onset(instant: datetime) -> str:
    """An instant as seconds since 1970 in base 36: six characters. Before that it is 1970, long ago."""
    return _in_base_36(max(0, int(instant.timestamp())))


def unpacked_onset(text: str) -> datetime | None:
    """The instant of a button, or None for what no button of ours held."""
    if not (0 < len(text) <= 7 and all(letter in _DIGITS for letter in text)):
        return None
    seconds = int(text, 36)
    return datetime.fromtimestamp(seconds, UTC) if seconds < 2**33 else None


def _in_base_36(number: int) -> str:
    """Not below nought."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"
