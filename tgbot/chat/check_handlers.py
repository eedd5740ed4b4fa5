"""Check-ins: open, answer, put off, take back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from tgbot.chat.request import Reply, Request
from tgbot.followup.check_in_answers import EMERGENCY
from tgbot.followup.episode import Course, EpisodeState, FollowUpState
from tgbot.followup.events import (
    Answered,
    CheckInAnswer,
    Declined,
    FollowUpEvent,
    FoundSafe,
    OneMoreWanted,
    PainSaid,
    SafetyCheckWanted,
    Snoozed,
    Undone,
)
from tgbot.followup.planning import reached
from tgbot.followup.protocol import WITHOUT_SIGN, Change, Function
from tgbot.followup.protocol import Seen as SeenBy
from tgbot.screens.buttons import (
    MORE,
    NONE,
    SOME,
    AnswerCheckIn,
    CheckCountry,
    SayOneMore,
    SayPain,
    SaySafe,
    Snooze,
    Undo,
    WantSafety,
)
from tgbot.screens.check_screens import CHANGES, FUNCTIONS, SEEN, CheckScreens
from tgbot.screens.diary_screens import SCORES
from tgbot.service.episodes import Episodes, EpisodeView
from tgbot.service.ports import Clock
from tgbot.service.preferences import EmergencyNumbers
from tgbot.service.store_port import StoreError

log = structlog.get_logger(__name__)

EVENING = 19  # o'clock


class CheckHandlers:
    """The buttons of a check-in. A forged, stale or repeated one gets a screen, and changes nothing."""

    def __init__(
        self, episodes: Episodes, screens: CheckScreens, numbers: EmergencyNumbers, clock: Clock
    ) -> None:
        self._episodes = episodes
        self._numbers = numbers
        self._screens = screens
        self._clock = clock

    async def check(self, request: Request, form: AnswerCheckIn) -> Reply:
        """The next question; an urgent or whole answer is recorded at once."""
        report = self._report(form)
        if report is not None:
            event = Answered(form.follow_up, report)
            try:
                seen = await self._episodes.act_on(
                    request.update_id, request.person_id, event, form.follow_up
                )
            except StoreError as error:
                if report.sign is None:
                    raise
                log.error("sign_not_recorded", error=str(error))
                card = self._screens.warning(form.sign, None, form.follow_up)  # it waits for no store
                return Reply(card, urgent=True)
            if report.sign is not None and not _recorded(seen, form.follow_up, report.sign):
                return await self._warned(request, form)
            return await self._answered(seen, form.follow_up)
        seen = await self._episodes.look_at(request.person_id, form.follow_up)
        one = seen.course.follow_up(form.follow_up) if seen.course else None
        if seen.course is None or one is None:
            return self._declined(seen, Declined.UNKNOWN)
        if one.state is FollowUpState.ANSWERED:
            return await self._answered(seen, one.id)
        safe = one.step == self._episodes.protocol.safe
        closed = seen.course.episode.state is EpisodeState.CLOSED
        if not safe and (closed or not reached(one, self._clock.now())):
            return self._declined(seen, Declined.CLOSED)
        return Reply(self._screens.ask(seen.course, one, seen.person, self._clean(form)))

    async def _warned(self, request: Request, form: AnswerCheckIn) -> Reply:
        """A warning sign gets its card, whatever became of the check-in that it was tapped on."""
        person = (await self._episodes.look_at(request.person_id, form.follow_up)).person
        return Reply(self._screens.warning(form.sign, person, form.follow_up), urgent=True)

    async def country(self, request: Request, button: CheckCountry) -> Reply:
        """The card it stands under, with another number, or with countries to pick it from."""
        country = await self._numbers.pick(request.update_id, request.person_id, button.iso, keep=True)
        country = country or await self._numbers.country_of(request.person_id)
        page = int(button.page) if button.page and not button.iso else None
        episode = await self._stopped(request.person_id, button) if button.follow_up else ""
        card = self._screens.emergency(button.sign, country, episode, button.follow_up, page)
        return Reply(card, urgent=True)

    async def _stopped(self, person_id: int, button: CheckCountry) -> str:
        """The episode that this sign has stopped; none when nothing of it was recorded, or can be read."""
        try:
            seen = await self._episodes.look_at(person_id, button.follow_up)
        except StoreError as error:
            log.error("episode_not_read", error=str(error))
            return ""
        recorded = _recorded(seen, button.follow_up, button.sign)
        return seen.course.episode.id if seen.course and recorded else ""

    def _report(self, form: AnswerCheckIn) -> CheckInAnswer | None:
        """What was answered, once nothing more is to be asked."""
        if form.sign in self._episodes.protocol.signs:
            return CheckInAnswer(sign=form.sign)
        if form.sign != NONE or form.change not in CHANGES:
            return None
        change, seen = Change(form.change), SeenBy(form.seen) if form.seen in SEEN else None
        if change in (Change.GONE, Change.WORSE):
            return CheckInAnswer(None, seen, change)
        return (
            CheckInAnswer(None, seen, change, Function(form.function)) if form.function in FUNCTIONS else None
        )

    def _clean(self, form: AnswerCheckIn) -> AnswerCheckIn:
        """The form without answers that nobody could have given."""
        if form.sign in (SOME, MORE):
            return AnswerCheckIn(form.follow_up, form.sign)
        sign = form.sign if form.sign == NONE else ""
        seen = form.seen if form.seen in SEEN and sign else ""
        return AnswerCheckIn(
            form.follow_up, sign, seen, form.change if form.change in CHANGES and sign else ""
        )

    async def _answered(self, seen: EpisodeView, follow_up_id: str) -> Reply:
        """The advice; also for a second tap, which finds the answer given already."""
        course = seen.course
        one = course.follow_up(follow_up_id) if course else None
        if course is None or one is None or seen.declined not in (None, Declined.ALREADY_ANSWERED):
            return self._declined(seen, Declined.UNKNOWN)
        said = course.answer_to(one)
        advice, sign = seen.advice or said.get("advice", ""), said.get("safety", "")
        if not advice:
            return self._declined(seen, Declined.ALREADY_ANSWERED)
        if advice == EMERGENCY:
            country = await self._numbers.country_of(course.episode.person_id)
            card = self._screens.emergency(sign, country, course.episode.id, one.id)
            return Reply(card, urgent=True)
        return Reply(self._screens.advice(course, one, advice, seen.person, self._clock.now()))

    async def say_pain(self, request: Request, button: SayPain) -> Reply:
        """The score goes with the answer, and the advice stays in sight."""
        if button.score not in SCORES:
            return self._declined(EpisodeView(), Declined.UNKNOWN)
        seen = await self._on(request, PainSaid(button.follow_up, int(button.score)), button.follow_up)
        return await self._answered(seen, button.follow_up)

    async def undo(self, request: Request, button: Undo) -> Reply:
        seen = await self._on(request, Undone(button.follow_up), button.follow_up)
        one = seen.course.follow_up(button.follow_up) if seen.course else None
        if seen.course is None or one is None or seen.declined is not None:
            return self._declined(seen, Declined.UNKNOWN)
        above = self._screens.words("check.undone")
        return Reply(self._screens.ask(seen.course, one, seen.person, AnswerCheckIn(one.id), above))

    async def snooze(self, request: Request, button: Snooze) -> Reply:
        seen = await self._episodes.look_at(request.person_id, button.follow_up)
        one = seen.course.follow_up(button.follow_up) if seen.course else None
        if seen.course is None or one is None:
            return self._declined(seen, Declined.UNKNOWN)
        if button.how not in ("h", "e", "t"):
            return Reply(self._screens.snooze(one))
        until = _until(button.how, self._clock.now(), seen.course)
        seen = await self._on(request, Snoozed(button.follow_up, until), button.follow_up)
        if seen.course is None or seen.declined is not None:
            return self._declined(seen, Declined.UNKNOWN)
        return Reply(self._screens.snoozed(seen.course, one.id))

    async def want_safety(self, request: Request, button: WantSafety) -> Reply:
        seen = await self._episodes.act(
            request.update_id, request.person_id, SafetyCheckWanted(), button.episode
        )
        return self._planned(seen)

    async def one_more(self, request: Request, button: SayOneMore) -> Reply:
        seen = await self._episodes.act(request.update_id, request.person_id, OneMoreWanted(), button.episode)
        return self._planned(seen)

    async def say_safe(self, request: Request, button: SaySafe) -> Reply:
        """Safe closes the question; anything else is the emergency card again."""
        if button.value != "y":
            seen = await self._episodes.look_at(request.person_id, button.follow_up)
            country = await self._numbers.country_of(request.person_id)
            return Reply(self._screens.not_yet(_last_sign(seen), country, button.follow_up), urgent=True)
        seen = await self._on(request, FoundSafe(button.follow_up), button.follow_up)
        return await self._answered(seen, button.follow_up)

    def _planned(self, seen: EpisodeView) -> Reply:
        if seen.course is None or seen.declined is not None or not seen.course.planned:
            return self._declined(seen, Declined.CLOSED)
        return Reply(self._screens.planned(seen.course, self._clock.now()))

    async def _on(self, request: Request, event: FollowUpEvent, follow_up: str) -> EpisodeView:
        return await self._episodes.act_on(request.update_id, request.person_id, event, follow_up)

    def _declined(self, seen: EpisodeView, otherwise: Declined) -> Reply:
        return Reply(self._screens.declined(seen.declined or otherwise, seen.course))


def _recorded(seen: EpisodeView, follow_up_id: str, sign: str) -> bool:
    """Whether this sign is the answer that stands for the check-in."""
    one = seen.course.follow_up(follow_up_id) if seen.course else None
    return seen.course is not None and one is not None and seen.course.answer_to(one).get("safety") == sign


def _until(how: str, now: datetime, course: Course) -> datetime:
    """An hour from now; this evening, or in an hour when that is over; tomorrow at this hour."""
    if how == "h":
        return now + timedelta(hours=1)
    local = now.astimezone(ZoneInfo(course.zone or "UTC"))
    if how == "t":
        return (local + timedelta(days=1)).astimezone(now.tzinfo)
    evening = local.replace(hour=EVENING, minute=0, second=0, microsecond=0)
    return max(evening.astimezone(now.tzinfo), now + timedelta(hours=1))


def _last_sign(seen: EpisodeView) -> str:
    """The warning sign that was said last; empty when nobody knows."""
    entries = seen.course.entries if seen.course else ()
    signs = [one.value for one in entries if one.kind == "safety" and one.value not in WITHOUT_SIGN]
    return signs[-1] if signs else ""
