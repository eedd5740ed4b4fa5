"""The form that starts an episode, and when it began. Health is talked about in private chats only."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from tgbot.chat.episode_handlers import EpisodeHandlers
from tgbot.chat.request import Reply, Request
from tgbot.content import Tier
from tgbot.followup.check_in_answers import backgrounds
from tgbot.followup.episode import ClosedBecause, EpisodeState
from tgbot.followup.events import OnsetChanged, Started
from tgbot.screens.buttons import (
    MORE,
    NONE,
    PRIVACY,
    SOME,
    Begin,
    Button,
    OnsetDay,
    PickOnset,
    PickZone,
    StartEpisode,
)
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.episode_screens import EpisodeScreens
from tgbot.screens.onsets import (
    OLDEST,
    TOLD_LENGTH,
    ToldOnset,
    day_of,
    onset_of,
    packed_onset,
    sane_onset,
    unpacked_onset,
    unpacked_told,
)
from tgbot.screens.screen import Screen
from tgbot.screens.start_screens import StartScreens, told_background
from tgbot.screens.zones import known
from tgbot.service.episodes import Episodes, EpisodeView
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.ports import Clock
from tgbot.service.preferences import EmergencyNumbers


class StartHandlers:
    """/episode, and the buttons of the form. What is asked is remembered for whoever types an answer."""

    def __init__(
        self,
        episodes: Episodes,
        start: StartScreens,
        check: CheckScreens,
        episode: EpisodeScreens,
        opened: EpisodeHandlers,
        numbers: EmergencyNumbers,
        clock: Clock,
        recent: Recent,
        privacy: Screen,
    ) -> None:
        """`opened` answers for an episode that is open; `privacy` is what /privacy shows."""
        self._episodes = episodes
        self.screens = self._start = start
        self._check = check
        self._episode = episode
        self._open = opened
        self._numbers = numbers
        self._clock = clock
        self._recent = recent
        self._privacy = privacy

    async def episode(self, request: Request, _: StartEpisode | None = None) -> Reply:
        """A new one; or, while one is open, which of the two."""
        seen = await self._episodes.look(request.person_id)
        if seen.course is not None and seen.course.episode.state is EpisodeState.OPEN:
            self._asks(request, AskedFor.SAME_OR_NEW, StartEpisode())
            return Reply(self._start.has_open(seen.course))
        return self._when(request, above=self._start.again() if _was_well(seen) else "")

    async def command(self, request: Request) -> Reply:
        """The open episode; without one, the form for a new one."""
        seen = await self._episodes.look(request.person_id)
        if seen.course is not None and seen.course.episode.state is EpisodeState.OPEN:
            return Reply(self._episode.episode(seen.course, self._clock.now()))
        return self._when(request, above=self._start.again() if _was_well(seen) else "")

    async def pick_onset(self, request: Request, button: PickOnset) -> Reply:
        now, zone = self._clock.now(), await self.zone(request.person_id)
        if not button.how:
            return self._when(request, button.whose)
        if button.how == "exact" and zone is None:
            return self.which_zone(request, f"x{button.whose}")
        if button.how == "exact":
            return await self.pick_day(request, OnsetDay(zone or "", "", button.whose))
        menu = self._start.onset_menu(button.how, button.whose, now, zone)
        if menu is None:
            return await self._onset_chosen(request, button, now)
        self._asks(request, AskedFor.ONSET, button)
        return Reply(menu)

    async def pick_day(self, request: Request, button: OnsetDay) -> Reply:
        """The days of a zone, or the hours of a day that are over."""
        now = self._clock.now()
        if not known(button.zone):
            return self._when(request, button.whose)
        day = day_of(button.day)
        self._asks(request, AskedFor.ONSET, button if day else replace(button, day=""))
        if day is None:
            return Reply(self._start.days(button.zone, button.whose, now))
        today = now.astimezone(ZoneInfo(button.zone)).date()
        if day > today or today - day > OLDEST:
            above = self._start.future() if day > today else self._start.long_ago()
            return self._when(request, button.whose, above)
        return Reply(self._start.hours(button.zone, day, button.whose, now))

    def which_zone(self, request: Request, where: str) -> Reply:
        """What time is it there? Asked before the days and hours of that clock; `where` is as in PickZone."""
        self._recent.turned(request.person_id, AskedFor.PLACE, where=where)
        return Reply(self._start.zones(self._clock.now(), 0, where))

    async def zone_told(self, request: Request, button: PickZone) -> Reply:
        """The zone was asked for by the form: its days, or the time in it that was told before."""
        if button.where.startswith("x"):
            return await self.pick_day(request, OnsetDay(button.zone, "", button.where[1:]))
        told, whose = unpacked_told(button.where[1 : 1 + TOLD_LENGTH]), button.where[1 + TOLD_LENGTH :]
        if told is None:
            return self._when(request, whose)
        return await self.onset_told(request, told, button.zone, whose)

    async def onset_told(self, request: Request, told: ToldOnset, zone: str, whose: str) -> Reply:
        """A time that was typed, in this zone: the next question, or the hours of its day."""
        instant = told.instant(self._clock.now(), zone)
        if instant is None:
            day = told.date(self._clock.now(), zone)
            return await self.pick_day(request, OnsetDay(zone, str(day.toordinal()), whose))
        return await self.began_at(request, instant, whose)

    async def began_at(self, request: Request, instant: datetime, whose: str) -> Reply:
        """An instant that was typed; what was understood stands above what comes next."""
        button, zone = PickOnset(f"s{packed_onset(instant)}", whose), await self.zone(request.person_id)
        reply = await self._onset_chosen(request, button, self._clock.now())
        if reply.screen is None or self._recent.of(request.person_id).asked_for is not AskedFor.SIGNS:
            return reply
        return Reply(self._start.understood(reply.screen, instant, zone, self._clock.now()))

    async def _onset_chosen(self, request: Request, button: PickOnset, now: datetime) -> Reply:
        exact = button.how.startswith("s")
        began = unpacked_onset(button.how[1:]) if exact else onset_of(button.how, now)
        if began is None or began > now or sane_onset(began, now) is None:
            return self._not_then(request, button.whose, began, now)
        if not button.whose or button.whose.startswith("+"):
            return self._any_signs(request, Begin(packed_onset(began), whose=button.whose))
        seen = await self._episodes.act(
            request.update_id, request.person_id, OnsetChanged(began), button.whose
        )
        return self._open.asked_or(seen, "onset.changed")

    async def begin(self, request: Request, form: Begin) -> Reply:
        """The form's next question; whole, it starts the episode."""
        began, sign = unpacked_onset(form.onset), self._episodes.protocol.signs.get(form.sign)
        now = self._clock.now()
        if sign is not None and sign.tier is Tier.EMERGENCY:
            country = await self._numbers.country_of(request.person_id)
            return Reply(self._check.emergency(sign.id, country), urgent=True)
        if began is None or began > now or sane_onset(began, now) is None:
            return self._not_then(request, form.whose, began, now)
        if form.sign in (SOME, MORE):
            self._asks(request, AskedFor.WHICH_SIGN, form)
            return Reply(self._start.which_sign(form, await self._numbers.country_of(request.person_id)))
        if sign is None and form.sign != NONE:
            return self._any_signs(request, form)
        seen = await self._episodes.look(request.person_id)
        form = _remembered(form, seen)
        if form.sign == NONE and not form.pain and form.background.startswith("-"):
            form = replace(form, pain=self._recent.take_score(request.person_id))
        question = self._next_question(request, form, seen, now)
        return question or await self._whole(request, form, began)

    def with_signs(self, form: Begin, named: Collection[str]) -> Begin:
        """The form with the first of the warning signs that words named beside it, if it has none yet. (Their
        card leads back to it, unless it is an emergency's.)"""
        signs = self._episodes.protocol.signs
        meant = (sign for sign in signs.values() if not set(named).isdisjoint(sign.flags))
        sign = next(meant, None)
        return replace(form, sign=sign.id) if sign and form.sign not in signs else form

    def _next_question(self, request: Request, form: Begin, seen: EpisodeView, now: datetime) -> Reply | None:
        """What is to be asked after the signs, or the answer to a no; None when the form is whole."""
        if not form.background.startswith("-"):
            self._asks(request, AskedFor.BACKGROUND, form)
            return Reply(self._start.background(form, seen.person))
        if form.pain not in {str(score) for score in range(11)}:
            self._asks(request, AskedFor.FIRST_PAIN, replace(form, pain="", consent=""))
            return Reply(self._start.pain(form, seen.person))
        if form.consent == "n":
            return Reply(self._not_agreed(form, seen, now))
        if form.consent == PRIVACY:
            self._asks(request, AskedFor.CONSENT, form)
            return Reply(self._start.privacy(form, self._privacy))
        if seen.person is None and form.consent != "y":
            self._asks(request, AskedFor.CONSENT, replace(form, consent=""))
            return Reply(self._start.consent(form))
        return None

    async def _whole(self, request: Request, form: Begin, began: datetime) -> Reply:
        """The episode begins, and what was told before there was consent to keep it is kept."""
        told = told_background(self._episodes.protocol, form.background)
        sign = form.sign if form.sign in self._episodes.protocol.signs else None
        told_before = self._recent.of(request.person_id)
        seen = await self._episodes.begin(
            *(request.update_id, request.person_id, began, Started(sign, int(form.pain), told)),
            supersedes=form.whose.removeprefix("+"),
            zone=told_before.zone,
            country=told_before.country,
        )
        if seen.course is not None and seen.course.zone is None:
            self._recent.turned(request.person_id, AskedFor.PLACE, where="e")
        return self._begun(seen, began)

    def _not_agreed(self, form: Begin, seen: EpisodeView, now: datetime) -> Screen:
        """The answer to a no, which changes nothing; what an earlier yes began is not denied."""
        if seen.course is not None and seen.course.episode.state is EpisodeState.OPEN:
            return self._start.no_but_open(form, seen.course, seen.person, now)
        return self._start.no_consent(form, seen.person)

    def _begun(self, seen: EpisodeView, began: datetime) -> Reply:
        course = seen.course
        if course is None or seen.declined is not None:
            return self._open.declined(seen)
        if seen.asked is not None:
            return self._open.asked_or(seen, "start.now", skip_safety=True)
        if not course.untouched or course.episode.onset != began:  # an old form, while another is open
            return Reply(self._episode.episode(course, self._clock.now()))
        return Reply(self._start.planned(course, seen.person, self._clock.now()))

    async def zone(self, person_id: int) -> str | None:
        """Theirs, or what was told in this conversation, before there is consent to keep it."""
        person = (await self._episodes.look(person_id)).person
        return (person.zone if person else None) or self._recent.of(person_id).zone or None

    def _when(self, request: Request, whose: str = "", above: str = "") -> Reply:
        """When did it start?"""
        self._asks(request, AskedFor.ONSET, PickOnset("", whose))
        return Reply(self._start.onset(whose, above))

    def _not_then(self, request: Request, whose: str, began: datetime | None, now: datetime) -> Reply:
        """It cannot have started then."""
        above = "" if began is None else self._start.future() if began > now else self._start.long_ago()
        return self._when(request, whose, above)

    def _any_signs(self, request: Request, form: Begin) -> Reply:
        self._asks(request, AskedFor.SIGNS, Begin(form.onset, whose=form.whose))
        return Reply(self._start.safety(form))

    def _asks(self, request: Request, question: AskedFor, form: Button) -> None:
        self._recent.turned(request.person_id, question, form=form)


def _remembered(form: Begin, seen: EpisodeView) -> Begin:
    """The form with what was told of an earlier episode, as long as nothing was ticked in this one."""
    if form.background or seen.course is None:
        return form
    return replace(form, background=f".{''.join(told[0] for told in backgrounds(seen.course))}")


def _was_well(seen: EpisodeView) -> bool:
    """Whether the last episode ended because the pain was gone."""
    return seen.course is not None and seen.course.episode.closed_because == ClosedBecause.GONE
