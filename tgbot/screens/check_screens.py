"""A check-in from its neutral notice to the advice for exactly that answer."""

from datetime import datetime, timedelta
from functools import partial

from tgbot.content import Country, Tier
from tgbot.followup.check_in_answers import URGENT, backgrounds, standing
from tgbot.followup.episode import ClosedBecause, Course, EntryKind, EpisodeState, FollowUp, Person
from tgbot.followup.events import Declined
from tgbot.followup.planning import promised
from tgbot.followup.protocol import WITHOUT_SIGN, Change, CountedFrom, Function, Seen, Sign
from tgbot.screens.buttons import (
    MORE,
    NONE,
    SOME,
    AnswerCheckIn,
    Button,
    CheckCountry,
    PickZone,
    Reopen,
    SayOneMore,
    SayPain,
    SaySafe,
    ShowEpisode,
    ShowHistory,
    Snooze,
    StartEpisode,
    StopEpisode,
    Undo,
    WantSafety,
)
from tgbot.screens.screen import Key, KeyRow, Screen, ScreenContext, joined, rows_of
from tgbot.screens.warning_screens import (
    card_rows,
    card_text,
    country_rows,
    sign_list,
    which_sign,
)

CHANGES = tuple(change.value for change in Change if change is not Change.UNKNOWN)
FUNCTIONS = tuple(function.value for function in Function)
SEEN = tuple(seen.value for seen in Seen)
STALLED = timedelta(days=7)  # pain that stops easing is looked at within a week


class CheckScreens:
    """Answers so far stand in the buttons; nothing is recorded until a check-in is whole or urgent."""

    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def last_row(self) -> KeyRow:
        """What stands on every screen."""
        return self._frame.last_row()

    def notice(self, course: Course, one: FollowUp, now: datetime) -> Screen:
        """The message nobody asked for just now: its words say nothing about health."""
        frame = self._frame
        shown = course.follow_up(one.id) or one
        text = frame.say("check.reminder" if one.reminder else "check.notice")
        due = promised(course, one)
        if now - due > frame.protocol.rules.late_after:
            text = frame.text(text, frame.say("check.late", when=frame.when.exact(due, course.zone)))
        keys = [frame.key("open", AnswerCheckIn(shown.id))]
        if not one.reminder and one.step != frame.protocol.safe:
            keys.append(frame.key("later", Snooze(shown.id)))
        return Screen(text, (tuple(keys),))

    def snooze(self, one: FollowUp) -> Screen:
        """When shall I ask again?"""
        key = self._frame.key
        rows = (
            (key("in_an_hour", Snooze(one.id, "h")),),
            (key("this_evening", Snooze(one.id, "e")), key("tomorrow", Snooze(one.id, "t"))),
            (key("stop", StopEpisode(one.episode_id)),),
            self._frame.last_row(AnswerCheckIn(one.id)),
        )
        return Screen(self._frame.say("check.snooze"), rows)

    def ask(
        self, course: Course, one: FollowUp, person: Person | None, form: AnswerCheckIn, above: str = ""
    ) -> Screen:
        """The next question: safety first, then being seen (after "get help today"), change, function."""
        if one.step == self._frame.protocol.safe:
            return self._safe(one, person, above)
        if form.sign in (SOME, MORE):
            return self._which_sign(one, form, person)
        if not form.sign:
            return self._safety(course, one, person, above)
        stands = standing(self._frame.protocol, course)
        if stands is not None and not form.seen:
            answers = [(f"seen.{value}", AnswerCheckIn(one.id, form.sign, value)) for value in SEEN]
            said = self._frame.say("check.seen", sign=self._frame.told(stands.told))
            return self._question(said, answers, above)
        if not form.change:
            changes = [
                (f"change.{value}", AnswerCheckIn(one.id, form.sign, form.seen, value)) for value in CHANGES
            ]
            return self._question(self._how_is_it(course), changes, above)
        functions = [
            (f"function.{value}", AnswerCheckIn(one.id, form.sign, form.seen, form.change, value))
            for value in FUNCTIONS
        ]
        return self._question(self._frame.say("check.function"), functions, above)

    def _how_is_it(self, course: Course) -> str:
        """Compared with what was noted last, be it a score, the beginning or an answer."""
        frame, score = self._frame, course.last_score
        if score is not None:
            day = frame.when.day(score.at, course.zone)
            return frame.say("check.change_since", day=day, score=score.value)
        answered = any(entry.kind == EntryKind.OUTCOME for entry in course.entries)
        return frame.say("check.change_again" if answered else "check.change_begun")

    def _safety(self, course: Course, one: FollowUp, person: Person | None, above: str) -> Screen:
        frame = self._frame
        reminded = any(
            other.reminder and other.step == one.step and other.sent_at for other in course.follow_ups
        )
        unseen = frame.say("check.reminder_open", call=frame.call(person)) if reminded else ""
        keys = (
            frame.key("none", AnswerCheckIn(one.id, NONE)),
            frame.key("one_of_these", AnswerCheckIn(one.id, SOME)),
        )
        before = frame.text(above, unseen, frame.fixed(person, unseen))
        question = frame.say("check.safety")  # stands directly over its keys
        return Screen(frame.text(before, sign_list(frame), question), (keys, frame.last_row()))

    def _which_sign(self, one: FollowUp, form: AnswerCheckIn, person: Person | None) -> Screen:
        """The number at once, and each sign as a key."""
        country, press = self._frame.country(person), partial(AnswerCheckIn, one.id)
        return which_sign(self._frame, country, press, more=form.sign == MORE)

    def _question(self, said: str, answers: list[tuple[str, AnswerCheckIn]], above: str) -> Screen:
        keys = [self._frame.key(label, press) for label, press in answers]
        text = self._frame.text(above, said)
        return Screen(text, joined(rows_of(keys, 1), (self._frame.last_row(),)))

    def _safe(self, one: FollowUp, person: Person | None, above: str) -> Screen:
        frame = self._frame
        keys = (frame.key("safe.yes", SaySafe(one.id, "y")), frame.key("safe.no", SaySafe(one.id, "n")))
        return Screen(
            frame.text(above, frame.fixed(person), frame.say("check.safe")), (keys, frame.last_row())
        )

    def advice(
        self, course: Course, one: FollowUp, advice: str, person: Person | None, now: datetime
    ) -> Screen:
        """What is said to this answer, when the next message comes, how bad it is now, and a way to take it
        back.

        Advice that an older pack gave, and that has no words any more, is not said in others.
        """
        frame = self._frame
        known = f"advice.{advice}" in frame.pack.ui
        said = frame.say("declined.already_answered")
        if known:
            said = frame.advice(advice, self._told(course, one), person, self._days(course, one, now))
        score = course.scores_of(one)
        # After an answer about the pain; not when it is gone, and not beside a sign.
        asks = course.answer_to(one).get(EntryKind.OUTCOME, Change.GONE) != Change.GONE
        noted = frame.say("check.noted", score=score[-1].value) if score else ""
        pain = frame.say("check.pain") if asks and not score else ""
        told = frame.backgrounds(backgrounds(course))
        text = frame.text(said, told, self._next(course, now), frame.fixed(person, said), noted, pain)
        return Screen(text, joined(self._scores(one) if pain else (), self._after(course, one)))

    def _told(self, course: Course, one: FollowUp) -> str:
        """What the advice is about: the sign of this answer, or what stood before it."""
        said = course.answer_to(one).get(EntryKind.SAFETY, "")
        if said not in ("", *WITHOUT_SIGN):
            return said
        stood = standing(self._frame.protocol, course, course.answered_at(one))
        return stood.told if stood else ""

    def _days(self, course: Course, one: FollowUp, now: datetime) -> dict[str, str]:
        """The days that advice may name: the main check-in's, and by when pain that stops easing is seen."""
        main = course.episode.onset + self._frame.protocol.steps[self._frame.protocol.main].after
        by = (course.answered_at(one) or now) + STALLED
        return {"main": self._frame.when.day(main, course.zone), "by": self._frame.when.day(by, course.zone)}

    def _scores(self, one: FollowUp) -> tuple[KeyRow, ...]:
        return rows_of([Key(str(score), SayPain(one.id, str(score))) for score in range(11)], 6)

    def _next(self, course: Course, now: datetime) -> str:
        ahead = [planned for planned in course.planned if not planned.reminder]
        if ahead:
            return self._frame.coming("check.next", course, ahead[0], now)
        return self._frame.say("check.no_next") if course.episode.state is EpisodeState.CLOSED else ""

    def _after(self, course: Course, one: FollowUp) -> tuple[KeyRow, ...]:
        frame, episode = self._frame, course.episode
        back: list[Key] = [] if one.step == frame.protocol.safe else [frame.key("undo", Undo(one.id))]
        gone = episode.closed_because == ClosedBecause.GONE
        if not gone:
            back.append(frame.key("history", ShowHistory()))
        rows: list[KeyRow] = [tuple(back)]
        if course.zone is None and course.planned:
            rows.append((frame.key("zone", PickZone()),))
        if gone:
            rows.append((frame.key("restart", StartEpisode()),))
        if gone and self._comes_before_one_more(one.step):
            rows.append((frame.key("one_more", SayOneMore(episode.id)),))
        return (*rows, frame.last_row())

    def _comes_before_one_more(self, step: str) -> bool:
        """Whether this step of the ladder is earlier than that one; of an older plan's nobody knows."""
        steps = self._frame.protocol.steps
        asked = steps.get(step)
        if asked is None or asked.counted_from is not CountedFrom.ONSET:
            return False
        return asked.after < steps[self._frame.protocol.one_more].after

    def emergency(
        self,
        sign: str,
        country: Country | None,
        episode: str = "",
        follow_up: str = "",
        page: int | None = None,
    ) -> Screen:
        """The card and nothing else; what is below it acts only if the person does. An `episode` is one that
        this sign has stopped. With a `page`, its keys pick the country; the card stays what it is."""
        frame, pack, this = self._frame, self._frame.pack, self._sign(sign)
        flag = pack.red_flags[this.flags[0]]
        text = card_text(pack, pack.cards[flag.card], (flag,), country)
        if episode:
            text = frame.text(text, frame.say("emergency.stopped"))

        def pick(iso: str) -> Button:
            return CheckCountry(this.id, follow_up, iso)

        def turn(page: str) -> Button:
            return CheckCountry(this.id, follow_up, "", page)

        if page is not None:
            back = frame.last_row(CheckCountry(this.id, follow_up))
            return Screen(text, country_rows(pack, page, pick, turn, back))
        rows: list[KeyRow] = [*card_rows(pack, country is not None, pick, turn)]
        if episode:
            rows += [(frame.key("safe.want", WantSafety(episode)),), (frame.key("undo", Undo(follow_up)),)]
        return Screen(text, (*rows, frame.last_row()))

    def _sign(self, sign: str) -> Sign:
        """The sign; for one that this plan does not know any more, its first emergency."""
        signs = self._frame.protocol.signs
        return signs.get(sign) or next(one for one in signs.values() if one.tier is Tier.EMERGENCY)

    def warning(self, sign: str, person: Person | None, follow_up: str = "") -> Screen:
        """What is to be done about a sign when nothing of it was recorded."""
        frame = self._frame
        if frame.protocol.signs[sign].tier is Tier.EMERGENCY:
            return self.emergency(sign, frame.country(person), "", follow_up)
        said = frame.advice(URGENT, sign, person)
        return Screen(frame.text(said, frame.fixed(person, said)), (frame.last_row(),))

    def not_yet(self, sign: str, country: Country | None, follow_up: str) -> Screen:
        """Not safe yet: the card again."""
        card = self.emergency(sign, country, "", follow_up)
        return Screen(self._frame.text(self._frame.say("check.not_yet"), card.text), card.rows)

    def said(self, key: str, **values: object) -> Screen:
        """One sentence, and the ways on."""
        return self._onward(self._frame.say(key, **values))

    def _onward(self, text: str) -> Screen:
        return Screen(text, ((self._frame.key("episode_show", ShowEpisode()),), self._frame.last_row()))

    def missed(self, course: Course, one: FollowUp) -> str:
        """That a check-in was not sent, and that it is made up for now."""
        return self._frame.say("check.missed", day=self._frame.when.day(promised(course, one), course.zone))

    def words(self, key: str) -> str:
        return self._frame.say(key)

    def snoozed(self, course: Course, follow_up: str) -> Screen:
        """Put off until then."""
        one = course.follow_up(follow_up)
        until = one.send_at if one else course.planned[0].send_at
        said = self._frame.say("check.snoozed", when=self._frame.when.yours(until, course.zone))
        return self._onward(self._frame.text(self._frame.stands(course), said))

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
