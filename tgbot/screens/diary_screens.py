"""The diary: scores, what helped, notes – and the history that they make."""

from collections.abc import Sequence
from datetime import datetime

from tgbot.followup.course import Course
from tgbot.screens.buttons import (
    Button,
    HowToNote,
    NoteHelped,
    NotePain,
    ShowEpisode,
    ShowHistory,
    ShowSettings,
    ShowUrgent,
    StartEpisode,
)
from tgbot.screens.course_lines import Line, course_lines, state_words
from tgbot.screens.screen import LONGEST_TEXT, Key, KeyRow, Screen, shown_length
from tgbot.screens.screen_context import ScreenContext, joined, rows_of

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
        rows = ((self._key("note_helped", NoteHelped()), self._key("note", HowToNote())),)
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
        back = (self._key("episode_show", ShowEpisode()),)
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
        start = (self._key("episode", StartEpisode()),)
        return Screen(self._frame.say("diary.need_episode"), (start, self._frame.last_row()))

    def history(self, courses: Sequence[Course], page: int, now: datetime) -> Screen:
        """One episode a page, the newest first, with its last lines."""
        frame = self._frame
        if not courses:
            start = (self._key("episode", StartEpisode()),)
            return Screen(frame.say("history.nothing"), (start, frame.last_row()))
        page = min(max(page, 0), len(courses) - 1)
        course = courses[page]
        turns = tuple(
            frame.key(label, ShowHistory(str(other)))
            for label, other in (("earlier", page + 1), ("more", page - 1))
            if 0 <= other < len(courses)
        )
        here = (self._key("episode_show", ShowEpisode()), self._key("settings", ShowSettings()))
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
            (self._key("episode_show", ShowEpisode()), self._key("history", ShowHistory())),
            self._frame.last_row(),
        )

    def _key(self, label: str, press: Button) -> Key:
        return self._frame.key(label, press)
