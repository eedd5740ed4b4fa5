"""Instants as a person reads them: on their own clock, in their own language."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_location

from tgbot.followup.times import QuietHours

# The pack's English puts the day before the month and counts 24 hours, as most of its readers do.
_FORMATS = {"en": "en_GB"}
UTC_NAME = "UTC"


class When:
    """Dates and times of one language. `exact` joins a date and a time: `{date} at {time}`; `yours` says
    that it is the person's own time."""

    def __init__(self, locale: str, exact: str, yours: str) -> None:
        self._locale = _FORMATS.get(locale, locale)
        self._exact = exact
        self._yours = yours

    def day(self, instant: datetime, zone: str | None) -> str:
        """Thursday 26 November."""
        return format_skeleton("MMMMEEEEd", _there(instant, zone), locale=self._locale)

    def short_day(self, instant: datetime, zone: str | None) -> str:
        """26 Nov."""
        return format_skeleton("MMMd", _there(instant, zone), locale=self._locale)

    def weekday(self, day: date) -> str:
        """Thu 26."""
        return format_skeleton("Ed", datetime.combine(day, time()), locale=self._locale)

    def clock(self, instant: datetime, zone: str | None) -> str:
        """09:10."""
        return format_time(_there(instant, zone), "short", locale=self._locale)

    def exact(self, instant: datetime, zone: str | None) -> str:
        """Thursday 26 November at 09:10; the zone is said when it is not the person's own."""
        return self._joined(self._exact, instant, zone)

    def yours(self, instant: datetime, zone: str | None) -> str:
        """Thursday 26 November at 09:10, your time; as long as that is not known, UTC."""
        return self._joined(self._yours if zone else self._exact, instant, zone)

    def full(self, instant: datetime, zone: str | None) -> str:
        """26 Nov 2026, 09:10."""
        local = _there(instant, zone)
        return f"{format_date(local, 'medium', locale=self._locale)}, {self.clock(instant, zone)}"

    def hours(self, quiet: QuietHours) -> str:
        """21:00 – 08:00."""
        return f"{self._hour(quiet.start)} – {self._hour(quiet.end)}"

    def city(self, zone: str) -> str:
        """The city that a zone is named after."""
        return get_timezone_location(zone, locale=self._locale, return_city=True).rpartition("/")[2]

    def offset(self, instant: datetime, zone: str | None) -> str:
        """UTC+01:00: what a clinician needs to read the times elsewhere."""
        shift = _there(instant, zone).utcoffset() or timedelta()
        minutes = int(shift.total_seconds() // 60)
        return f"UTC{'+' if minutes >= 0 else '−'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def _joined(self, how: str, instant: datetime, zone: str | None) -> str:
        said = how.format(date=self.day(instant, zone), time=self.clock(instant, zone))
        return said if zone else f"{said} {UTC_NAME}"

    def _hour(self, hour: time) -> str:
        return format_time(hour, "short", locale=self._locale)


@lru_cache(maxsize=64)  # a hundred answers were written on a few days
def long_date(day: date, locale: str) -> str:
    """23 November 2026."""
    return format_date(day, "long", locale=_FORMATS.get(locale, locale))


def _there(instant: datetime, zone: str | None) -> datetime:
    return instant.astimezone(ZoneInfo(zone or UTC_NAME))
