"""A check-in from its neutral notice to the advice for exactly that answer."""

from datetime import datetime

from tgbot.content import Tier
from tgbot.followup.check_in_answers import URGENT
from tgbot.followup.course import ClosedBecause, Course, Declined
from tgbot.followup.episode import EpisodeState, FollowUp, Person
from tgbot.followup.planning import promised
from tgbot.followup.protocol import CountedFrom, Sign
from tgbot.screens.buttons import (
    NONE,
    Check,
    NotePain,
    PickZone,
    Reopen,
    SayOneMore,
    SaySafe,
    ShowCountries,
    ShowEpisode,
    ShowHistory,
    Snooze,
    StartEpisode,
    StopEpisode,
    Undo,
    WantSafety,
)
from tgbot.screens.emergency import card_text
from tgbot.screens.screen import Key, Row, Screen
from tgbot.screens.screen_context import ScreenContext, joined, rows_of

CHANGES = ("gone", "better", "same", "worse")
FUNCTIONS = ("most", "some", "little")
SEEN = ("yes", "booked", "no")


class CheckScreens:
    """Answers so far stand in the buttons; nothing is recorded until a check-in is whole or urgent."""

    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def notice(self, course: Course, one: FollowUp, now: datetime) -> Screen:
        """The message nobody asked for just now: its words say nothing about health."""
        frame = self._frame
        shown = course.follow_up(one.id) or one
        text = frame.say("check.reminder" if one.reminder else "check.notice")
        due = promised(course, one)
        if now - due > frame.protocol.rules.late_after:
            text = frame.text(text, frame.say("check.late", when=frame.when.exact(due, course.zone)))
        keys = [frame.key("open", Check(shown.id))]
        if not one.reminder and one.step != frame.protocol.safe:
            keys.append(frame.key("later", Snooze(shown.id)))
        return Screen(text, (tuple(keys),))

    def snooze(self, one: FollowUp) -> Screen:
        """When shall I ask again?"""
        key = self._frame.key
        rows = (
            (key("in_an_hour", Snooze(one.id, "h")),),
            (key("this_evening", Snooze(one.id, "e")), key("tomorrow", Snooze(one.id, "t"))),
            (key("stop", StopEpisode(one.episode_id)), key("back", Check(one.id))),
            self._frame.last_row(),
        )
        return Screen(self._frame.say("check.snooze"), rows)

    def ask(
        self, course: Course, one: FollowUp, person: Person | None, form: Check, above: str = ""
    ) -> Screen:
        """The next question: safety first, then being seen (after "get help today"), change, function."""
        if one.step == self._frame.protocol.safe:
            return self._safe(one, person, above)
        if not form.sign:
            return self._safety(course, one, person, above)
        if one.step == self._frame.protocol.net and not form.seen:
            answers = [(f"seen.{value}", Check(one.id, form.sign, value)) for value in SEEN]
            return self._question("check.seen", answers, above)
        if not form.change:
            changes = [(f"change.{one_}", Check(one.id, form.sign, form.seen, one_)) for one_ in CHANGES]
            return self._question("check.change", changes, above)
        functions = [
            (f"function.{value}", Check(one.id, form.sign, form.seen, form.change, value))
            for value in FUNCTIONS
        ]
        return self._question("check.function", functions, above)

    def _safety(self, course: Course, one: FollowUp, person: Person | None, above: str) -> Screen:
        frame = self._frame
        reminded = any(
            other.reminder and other.step == one.step and other.sent_at for other in course.follow_ups
        )
        unseen = frame.say("check.reminder_open", call=frame.call(person)) if reminded else ""
        signs = [frame.key(f"sign.{sign}", Check(one.id, sign)) for sign in frame.protocol.signs]
        rows = joined(rows_of(signs, 1), ((frame.key("none", Check(one.id, NONE)),), frame.last_row()))
        said = frame.text(above, unseen, frame.say("check.safety"))
        return Screen(frame.text(said, frame.fixed(person, said)), rows)

    def _question(self, said: str, answers: list[tuple[str, Check]], above: str) -> Screen:
        keys = [self._frame.key(label, press) for label, press in answers]
        text = self._frame.text(above, self._frame.say(said))
        return Screen(text, joined(rows_of(keys, 1), (self._frame.last_row(),)))

    def _safe(self, one: FollowUp, person: Person | None, above: str) -> Screen:
        frame = self._frame
        keys = (frame.key("safe.yes", SaySafe(one.id, "y")), frame.key("safe.no", SaySafe(one.id, "n")))
        return Screen(
            frame.text(above, frame.say("check.safe"), frame.fixed(person)), (keys, frame.last_row())
        )

    def advice(
        self, course: Course, one: FollowUp, advice: str, sign: str, person: Person | None, now: datetime
    ) -> Screen:
        """What is said to this answer, when the next message comes, and a way to take it back.

        Advice that an older pack gave, and that has no words any more, is not said in others.
        """
        frame = self._frame
        known = f"advice.{advice}" in frame.pack.ui
        said = frame.advice(advice, sign, person) if known else frame.say("declined.already_answered")
        text = frame.text(said, self._next(course, now), frame.fixed(person, said))
        return Screen(text, self._after(course, one))

    def _next(self, course: Course, now: datetime) -> str:
        ahead = [planned for planned in course.planned if not planned.reminder]
        if ahead:
            return self._frame.coming("check.next", course, ahead[0], now)
        return self._frame.say("check.no_next") if course.episode.state is EpisodeState.CLOSED else ""

    def _after(self, course: Course, one: FollowUp) -> tuple[Row, ...]:
        frame, episode = self._frame, course.episode
        first: list[Key] = [] if one.step == frame.protocol.safe else [frame.key("undo", Undo(one.id))]
        gone = episode.closed_because == ClosedBecause.GONE
        extra = (frame.key("restart", StartEpisode()), frame.key("one_more", SayOneMore(episode.id)))
        before = self._comes_before_one_more(one.step)
        rows: list[Row] = [tuple(first)] if first else []
        if course.zone is None and course.planned:
            rows.append((frame.key("zone", PickZone()),))
        if gone:
            rows += [(extra[0],), *([(extra[1],)] if before else [])]
        else:
            rows.append((frame.key("note_pain", NotePain()), frame.key("history", ShowHistory())))
        return (*rows, frame.last_row())

    def _comes_before_one_more(self, step: str) -> bool:
        """Whether this step of the ladder is earlier than that one; of an older plan's nobody knows."""
        steps = self._frame.protocol.steps
        asked = steps.get(step)
        if asked is None or asked.counted_from is not CountedFrom.ONSET:
            return False
        return asked.after < steps[self._frame.protocol.one_more].after

    def emergency(self, sign: str, person: Person | None, episode: str = "", follow_up: str = "") -> Screen:
        """The card and nothing else; what is below it acts only if the person does."""
        frame, pack = self._frame, self._frame.pack
        flag = pack.red_flags[self._sign(sign).flags[0]]
        country = frame.country(person)
        text = card_text(pack, pack.cards[flag.card], (flag,), country)
        rows: list[Row] = []
        if episode:
            text = frame.text(text, frame.say("emergency.stopped"))
            rows = [(frame.key("safe.want", WantSafety(episode)),), (frame.key("undo", Undo(follow_up)),)]
        number = () if country else ((Key(frame.plain("button.country"), ShowCountries()),),)
        return Screen(text, (*number, *rows, frame.last_row()))

    def _sign(self, sign: str) -> Sign:
        """The sign; for one that this plan does not know any more, its first emergency."""
        signs = self._frame.protocol.signs
        return signs.get(sign) or next(one for one in signs.values() if one.tier is Tier.EMERGENCY)

    def warning(self, sign: str, person: Person | None) -> Screen:
        """What is to be done about a sign when nothing of it was recorded."""
        frame = self._frame
        if frame.protocol.signs[sign].tier is Tier.EMERGENCY:
            return self.emergency(sign, person)
        said = frame.advice(URGENT, sign, person)
        return Screen(frame.text(said, frame.fixed(person, said)), (frame.last_row(),))

    def not_yet(self, sign: str, person: Person | None) -> Screen:
        """Not safe yet: the card again."""
        card = self.emergency(sign, person)
        return Screen(self._frame.text(self._frame.say("check.not_yet"), card.text), card.rows)

    def said(self, key: str, **values: object) -> Screen:
        """One sentence, and the ways on."""
        return self._onward(self._frame.say(key, **values))

    def _onward(self, text: str) -> Screen:
        return Screen(text, ((self._frame.key("episode_show", ShowEpisode()),), self._frame.last_row()))

    def words(self, key: str) -> str:
        return self._frame.say(key)

    def snoozed(self, course: Course, follow_up: str) -> Screen:
        """Put off until then."""
        one = course.follow_up(follow_up)
        until = one.send_at if one else course.planned[0].send_at
        return self.said("check.snoozed", when=self._frame.when.yours(until, course.zone))

    def planned(self, course: Course, now: datetime) -> Screen:
        """When the next message comes."""
        return self._onward(self._frame.coming("check.next", course, course.planned[0], now))

    def declined(self, why: Declined, course: Course | None) -> Screen:
        """Nothing was changed, and why."""
        screen = self.said(f"declined.{why.value}")
        if why is Declined.CLOSED and course is not None and course.episode.state is EpisodeState.CLOSED:
            again = (self._frame.key("reopen", Reopen(course.episode.id)),)
            return Screen(screen.text, (again, *screen.rows))
        return screen
