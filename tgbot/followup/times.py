"""When things are due: instants, quiet hours, zones, backoff. Every function is pure and takes `now`."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which nothing unasked is sent. `start` may be later than `end`: over midnight."""

    start: time = time(21, 0)
    end: time = time(8, 0)


USUAL_QUIET_HOURS = QuietHours()


def hours_or_days(span: timedelta) -> str:
    """A plan's span, in English: "72 hours", "4 days", and "73 hours" for what is no number of whole days."""
    hours = span // timedelta(hours=1)
    if hours > 72 and hours % 24 == 0:
        return f"{hours // 24} days"
    return f"{hours} hour" if hours == 1 else f"{hours} hours"


def backoff(attempt: int, draw: float, first: float = 1.0, longest: float = 60.0) -> float:
    """Seconds before trying again: doubling from `first` to `longest`, shortened by up to half by the dice.

    `attempt` counts from 0; `draw` is in [0, 1).
    """
    return min(longest, first * 2.0 ** min(attempt, 32)) * (1.0 - draw / 2.0)


def is_quiet(instant: datetime, zone: str | None, quiet: QuietHours | None) -> bool:
    """Whether `instant` falls into the quiet hours of `zone`; without a zone there are none to keep."""
    if zone is None or quiet is None or quiet.start == quiet.end:
        return False
    local = instant.astimezone(ZoneInfo(zone)).time()
    if quiet.start < quiet.end:
        return quiet.start <= local < quiet.end
    return local >= quiet.start or local < quiet.end


def quiet_began(instant: datetime, zone: str | None, quiet: QuietHours | None) -> datetime | None:
    """When the quiet hours began that `instant` falls into; None when it falls into none."""
    if zone is None or quiet is None or not is_quiet(instant, zone, quiet):
        return None
    place = ZoneInfo(zone)
    day = instant.astimezone(place).date()
    begins = (datetime.combine(day - timedelta(days=back), quiet.start, place) for back in (0, 1))
    earlier = (begin.astimezone(UTC) for begin in begins)
    return max((begin for begin in earlier if begin <= instant), default=None)


def after_quiet_hours(instant: datetime, zone: str | None, quiet: QuietHours | None) -> datetime:
    """`instant`, or the end of the quiet hours it falls into. Never earlier than `instant`.

    An end that the clocks skip in spring is as long after the jump as it should have been before: 02:30 is
    03:30. Of one that they repeat in autumn it is the first that has not passed.
    """
    if zone is None or quiet is None or not is_quiet(instant, zone, quiet):
        return instant
    place = ZoneInfo(zone)
    local = instant.astimezone(place)
    ends = (
        datetime.combine(local.date() + timedelta(days=days), quiet.end, place).replace(fold=fold)
        for days in (0, 1, 2)
        for fold in (0, 1)
    )
    later = (end.astimezone(UTC) for end in ends)
    return min(end for end in later if end >= instant and not is_quiet(end, zone, quiet))
