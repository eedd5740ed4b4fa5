"""What a chart and a card show, as plain data: every word and every hour is already in the person's language.

Instants are seconds since 1970, so that the data travels to another process as JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale

from tgbot.followup.episode import Course
from tgbot.screens.diary_screens import BETWEEN, Line, course_lines, entry_words, state_words
from tgbot.screens.screen import ScreenContext

MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class ChartMark:
    """Something at an instant: a pain score's value, or a check-in's answer in words."""

    at: float
    text: str
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class ChartData:
    """A pain chart. `title` names the value axis too; `ticks` are the labels of the time axis.

    `rtl` is how the language is read.
    """

    title: str
    time_label: str
    pain_label: str
    check_label: str
    onset_label: str
    pains: tuple[ChartMark, ...]
    checks: tuple[ChartMark, ...]
    ticks: tuple[ChartMark, ...]
    onset: float
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class CardData:
    """One page for a clinician. `facts` and the lines of `sections` are pairs: a label or hour, and words.

    `cut` says that only the newest {count} of {all} lines fit: whoever writes the page knows how many do.
    `unprintable` stands for what the page's font does not have, such as most emoji.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    recorded: str
    cut: str
    unprintable: str
    chart: ChartData | None = None
    rtl: bool = False


def chart_data(frame: ScreenContext, course: Course) -> ChartData | None:
    """The chart of an episode; None when no pain was noted."""
    pains = tuple(
        ChartMark(one.at.timestamp(), one.value, float(one.value))
        for one in course.entries
        if one.kind == "pain"
    )
    if not pains:
        return None
    checks = tuple(
        ChartMark(one.at.timestamp(), entry_words(frame, one))
        for one in course.entries
        if one.kind == "outcome"
    )
    onset = course.episode.onset
    last = max(mark.at for mark in (*pains, *checks, ChartMark(onset.timestamp(), "")))
    return ChartData(
        frame.plain("picture.title"),
        frame.plain("picture.time"),
        frame.plain("picture.pain"),
        frame.plain("picture.check_in"),
        frame.plain("picture.onset"),
        pains,
        checks,
        _ticks(frame, onset, datetime.fromtimestamp(last, UTC), course.zone),
        onset.timestamp(),
        _right_to_left(frame),
    )


def _ticks(frame: ScreenContext, first: datetime, last: datetime, zone: str | None) -> tuple[ChartMark, ...]:
    """A few labels: hours within a day or two, else days at the person's midnight."""
    place = ZoneInfo(zone or "UTC")
    if last - first < timedelta(days=2):
        hours = max(1, round((last - first) / timedelta(hours=1) / (MOST_TICKS - 1)))
        start = first.astimezone(place).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        every = [start + timedelta(hours=hours * step) for step in range(MOST_TICKS + 1)]
        return tuple(
            ChartMark(at.timestamp(), f"{frame.when.short_day(at, zone)}\n{frame.when.clock(at, zone)}")
            for at in every
            if at <= last + timedelta(hours=hours)
        )
    apart = -(-(last - first).days // (MOST_TICKS - 1)) or 1
    day = first.astimezone(place).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [day + timedelta(days=apart * step) for step in range(MOST_TICKS + 1)]
    return tuple(
        ChartMark(at.timestamp(), frame.when.short_day(at, zone))
        for at in days
        if at <= last + timedelta(days=1)
    )


def card_data(frame: ScreenContext, course: Course, now: datetime) -> CardData:
    """The card of an episode: onset, how it is, course, warning signs answered, what was tried, notes."""
    zone = course.zone
    offsets = dict.fromkeys(frame.when.offset(at, zone) for at in (course.episode.onset, now))
    facts = [
        (frame.plain("page.onset"), frame.when.full(course.episode.onset, zone)),
        (frame.plain("page.state"), _now(frame, course)),
    ]
    tried = dict.fromkeys(
        frame.plain(f"label.helped.{one.value}") for one in course.entries if one.kind == "helped"
    )
    if tried:
        facts.append((frame.plain("page.tried"), BETWEEN.join(tried)))
    facts += [
        (frame.plain("page.made"), frame.when.full(now, zone)),
        (frame.plain("page.times"), f"{zone or 'UTC'} ({BETWEEN.join(offsets)})"),
    ]
    signs = [one for one in course.entries if one.kind == "safety"]
    flags = [Line(one.at, entry_words(frame, one)) for one in signs]
    lines = course_lines(frame, course, safety=False)
    sections = [
        (frame.plain("page.signs"), _rows(frame, course, flags)),
        (frame.plain("page.course"), _rows(frame, course, lines)),
    ]
    return CardData(
        frame.plain("page.title"),
        tuple(facts),
        tuple(sections),
        frame.plain("page.recorded"),
        frame.pack.ui["page.cut"],
        frame.plain("page.unprintable"),
        chart_data(frame, course),
        _right_to_left(frame),
    )


def _now(frame: ScreenContext, course: Course) -> str:
    last = [entry_words(frame, one) for one in course.entries if one.kind == "outcome"]
    return BETWEEN.join([*last[-1:], state_words(frame, course)])


def _rows(frame: ScreenContext, course: Course, lines: Sequence[Line]) -> tuple[tuple[str, str], ...]:
    rows = tuple((frame.when.full(line.at, course.zone), line.what) for line in lines)
    return rows or (("", frame.plain("page.nothing")),)


def _right_to_left(frame: ScreenContext) -> bool:
    return Locale.parse(frame.pack.locale).text_direction == "rtl"
