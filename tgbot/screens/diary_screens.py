"""The diary: scores, what helped, notes – and the history that they make, a line an instant, oldest first.
People's own words lose what cannot be seen: a note must read the same on every screen and on paper.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tgbot.followup.episode import Course, Entry, EpisodeState, FollowUpState
from tgbot.followup.protocol import WITHOUT_SIGN
from tgbot.screens.buttons import (
    HowToNote,
    NoteHelped,
    NotePain,
    ShowEpisode,
    ShowHistory,
    ShowSettings,
    ShowUrgent,
    StartEpisode,
)
from tgbot.screens.screen import (
    LONGEST_TEXT,
    Key,
    KeyRow,
    Screen,
    ScreenContext,
    joined,
    rows_of,
    shown_length,
)

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


HELPED = ("heat", "cold", "walk", "stretch", "rest", "medicine", "massage", "nothing")
SCORES = tuple(str(score) for score in range(11))
LINES = 20
LONGEST_NOTE = 500
LONGEST_LINE = 1_000  # two notes of one instant; a line is cut only when there are more


class DiaryScreens:
    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def pain(self, above: str = "") -> Screen:
        """How bad is it now?"""
        keys = [Key(score, NotePain(score)) for score in SCORES]
        text = self._frame.text(above, self._frame.say("diary.pain"))
        return Screen(text, joined(rows_of(keys, 6), (self._frame.last_row(),)))

    def noted_pain(self, score: str, course: Course, now: datetime) -> Screen:
        rows = ((self._frame.key("note_helped", NoteHelped()), self._frame.key("note", HowToNote())),)
        noted = self._frame.say("diary.noted_pain", score=score)
        text = self._frame.text(noted, self._frame.stands(course), self._frame.state(course, now))
        return Screen(text, (*rows, *self._onward(course)))

    def helped(self, what: str = "") -> Screen:
        """What helped? Any number of taps; each is noted."""
        frame = self._frame
        keys = [Key(frame.plain(f"label.helped.{one}"), NoteHelped(one)) for one in HELPED]
        done = (frame.key("done", ShowEpisode()), frame.key("urgent", ShowUrgent()))
        noted = frame.say("diary.noted_helped", what=frame.plain(f"label.helped.{what}")) if what else ""
        text = frame.text(noted, frame.say("diary.helped"))
        return Screen(text, joined(rows_of(keys, 3), (done,)))

    def note_asked(self) -> Screen:
        """What would you like to note? As a question that is typed an answer to."""
        return Screen(self._frame.say("diary.note_how"), placeholder=self._frame.plain("label.note_here"))

    def how_to_note(self) -> Screen:
        back = (self._frame.key("episode_show", ShowEpisode()),)
        return Screen(self._frame.say("diary.note_how"), (back, self._frame.last_row()))

    def noted(self, course: Course) -> Screen:
        return Screen(self._frame.say("diary.noted"), self._onward(course))

    def too_long(self) -> Screen:
        text = self._frame.say("diary.too_long", most=LONGEST_NOTE)
        return Screen(text, (self._frame.last_row(),))

    def no_picture(self) -> Screen:
        return Screen(self._frame.say("diary.no_picture"), (self._frame.last_row(),))

    def pain_how(self) -> Screen:
        """Not a number from 0 to 10: how to note one."""
        return self.pain(self._frame.say("diary.pain_how"))

    def need_episode(self) -> Screen:
        start = (self._frame.key("episode", StartEpisode()),)
        return Screen(self._frame.say("diary.need_episode"), (start, self._frame.last_row()))

    def history(self, courses: Sequence[Course], page: int, now: datetime) -> Screen:
        """One episode a page, the newest first, with its last lines."""
        frame = self._frame
        if not courses:
            start = (self._frame.key("episode", StartEpisode()),)
            return Screen(frame.say("history.nothing"), (start, frame.last_row()))
        page = min(max(page, 0), len(courses) - 1)
        course = courses[page]
        turns = tuple(
            frame.key(label, ShowHistory(str(other)))
            for label, other in (("earlier", page + 1), ("more", page - 1))
            if 0 <= other < len(courses)
        )
        here = (self._frame.key("episode_show", ShowEpisode()), self._frame.key("settings", ShowSettings()))
        pictures = frame.picture_rows(course.episode.id)
        rows = (*((turns,) if turns else ()), *pictures, here, frame.last_row())
        return Screen(self._course(course, now), rows)

    def _course(self, course: Course, now: datetime) -> str:
        """The newest lines that fit into one message, and how many are left out."""
        frame = self._frame
        began = frame.when.full(course.episode.onset, course.zone)
        head = frame.say("history.episode", onset=began, state=state_words(frame, course))
        ahead = frame.state(course, now) if course.planned else ""
        lines = course_lines(frame, course)
        more = frame.say("history.more", count=len(lines))
        room = LONGEST_TEXT - shown_length(frame.text(frame.say("history.title"), head, more, ahead)) - 4
        shown = self._newest(lines[-LINES:], course.zone, room)
        if len(lines) > len(shown):
            shown.insert(0, frame.say("history.more", count=len(lines) - len(shown)))
        return frame.text(frame.say("history.title"), head, "\n".join(shown), ahead)

    def _newest(self, lines: Sequence[Line], zone: str | None, room: int) -> list[str]:
        """As many of the newest lines as there is room for, oldest first."""
        shown: list[str] = []
        for line in reversed(lines):
            what = line.what if len(line.what) <= LONGEST_LINE else f"{line.what[:LONGEST_LINE]}…"
            said = self._frame.say("history.line", when=self._frame.when.full(line.at, zone), what=what)
            room -= shown_length(said) + 1
            if room < 0:
                break
            shown.insert(0, said)
        return shown

    def _onward(self, course: Course) -> tuple[KeyRow, ...]:
        return (
            *self._frame.picture_rows(course.episode.id),
            (self._frame.key("episode_show", ShowEpisode()), self._frame.key("history", ShowHistory())),
            self._frame.last_row(),
        )
