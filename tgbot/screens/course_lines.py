"""An episode's course in words: what was said and noted, and what could not be sent, oldest first. People's
own words lose what cannot be seen: a note must read the same on every screen and on paper.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tgbot.followup.course import Course
from tgbot.followup.episode import Entry, EpisodeState, FollowUpState
from tgbot.followup.protocol import WITHOUT_SIGN
from tgbot.screens.screen_context import ScreenContext

_NOT_SENT = {
    FollowUpState.EXPIRED: "expired",
    FollowUpState.REFUSED: "expired",
    FollowUpState.UNREACHABLE: "unreachable",
}
BETWEEN = " · "  # the same in every script
_ALWAYS = ("outcome", "function", "seen")


@dataclass(frozen=True, slots=True)
class Line:
    """What belongs to one instant. Plain text."""

    at: datetime
    what: str


def course_lines(frame: ScreenContext, course: Course, *, safety: bool = True) -> tuple[Line, ...]:
    """Every line of an episode; without `safety` what was answered about warning signs stands elsewhere."""
    entries = [entry for entry in course.entries if safety or entry.kind != "safety"]
    return tuple(sorted([*_said(frame, entries), *_not_said(frame, course)], key=lambda line: line.at))


def entry_words(frame: ScreenContext, entry: Entry) -> str:
    """One entry as a person reads it; nothing for what is not theirs (the advice that was given)."""
    kind, value = entry.kind, entry.value
    if kind in _ALWAYS:
        return frame.plain(f"label.{kind}.{value}")
    if kind == "pain":
        return frame.plain("label.pain", value=value)
    if kind == "safety":
        if value in frame.protocol.signs:
            return frame.plain("label.safety.sign", sign=frame.plain(f"label.sign.{value}"))
        return frame.plain(f"label.safety.{value}" if value in WITHOUT_SIGN else "label.safety.other")
    if kind == "helped":
        return frame.plain("label.that_helped", what=frame.plain(f"label.helped.{value}"))
    return frame.plain("label.note", value=visible_text(value)) if kind == "note" else ""


def state_words(frame: ScreenContext, course: Course) -> str:
    """Open, or why it is closed."""
    episode = course.episode
    open_one = episode.state is EpisodeState.OPEN
    return frame.plain("label.state.open" if open_one else f"label.state.{episode.closed_because}")


def _said(frame: ScreenContext, said: Iterable[Entry]) -> Iterator[Line]:
    for at, entries in groupby(said, key=lambda entry: entry.at):
        words = [text for entry in sorted(entries, key=_order) if (text := entry_words(frame, entry))]
        if words:
            yield Line(at, BETWEEN.join(words))


def _order(entry: Entry) -> int:
    kinds = ("safety", "seen", "outcome", "function", "pain", "helped", "note")
    return kinds.index(entry.kind) if entry.kind in kinds else len(kinds)


def _not_said(frame: ScreenContext, course: Course) -> Iterator[Line]:
    for one in course.follow_ups:
        if one.reminder:
            continue
        if one.state in _NOT_SENT:
            yield Line(one.due_at, frame.plain(f"label.{_NOT_SENT[one.state]}"))
        elif one.state in (FollowUpState.SENT, FollowUpState.UNCONFIRMED):
            yield Line(one.sent_at or one.send_at, frame.plain("label.unanswered"))


_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them


def visible_text(text: str) -> str:
    """`text` without control and format characters; those that turn the reading order are among them.

    A control character, such as a tab, leaves a space. Nothing but invisible characters is nothing.
    """
    seen = "".join(_seen(letter) for letter in text).strip()
    return seen if seen.strip(_JOINERS) else ""


def _seen(letter: str) -> str:
    match unicodedata.category(letter):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs":
            return letter if letter in _JOINERS else ""
        case _:
            return letter
