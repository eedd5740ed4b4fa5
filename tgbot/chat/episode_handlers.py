"""Starting an episode and what can be done with it. Health is talked about in private chats only."""

from dataclasses import replace
from datetime import date, datetime

from tgbot.chat.request import Reply, Request
from tgbot.content import Tier
from tgbot.followup.check_in_answers import backgrounds
from tgbot.followup.episode import ClosedBecause, EpisodeState, Person
from tgbot.followup.events import CheckAsked, OnsetChanged, Reopened, Started, Stopped
from tgbot.followup.planning import wanted
from tgbot.screens.buttons import (
    MORE,
    NONE,
    PRIVACY,
    SOME,
    AnswerCheckIn,
    Begin,
    CheckNow,
    OnsetDay,
    PickOnset,
    Reopen,
    ShowEpisode,
    StartEpisode,
    StopEpisode,
)
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.episode_screens import EpisodeScreens
from tgbot.screens.screen import Screen
from tgbot.screens.start_screens import (
    StartScreens,
    onset_of,
    packed_onset,
    sane_onset,
    told_background,
    unpacked_onset,
)
from tgbot.screens.zones import known
from tgbot.service.episodes import Episodes, EpisodeView
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.ports import Clock
from tgbot.service.preferences import EmergencyNumbers


class EpisodeHandlers:
    """/episode, /cancel, and the buttons of the form that starts an episode."""

    def __init__(
        self,
        episodes: Episodes,
        start: StartScreens,
        check: CheckScreens,
        episode: EpisodeScreens,
        numbers: EmergencyNumbers,
        clock: Clock,
        recent: Recent,
        privacy: Screen,
    ) -> None:
        """`privacy` is what /privacy shows."""
        self._recent = recent
        self._privacy = privacy
        self._numbers = numbers
        self._episodes = episodes
        self._start = start
        self._check = check
        self._episode = episode
        self._clock = clock

    async def episode(self, request: Request, _: StartEpisode | None = None) -> Reply:
        """A new one; or, while one is open, which of the two."""
        seen = await self._episodes.look(request.person_id)
        if seen.course is not None and seen.course.episode.state is EpisodeState.OPEN:
            return Reply(self._start.has_open(seen.course))
        return Reply(self._start.onset(above=self._start.again() if _was_well(seen) else ""))

    async def command(self, request: Request) -> Reply:
        """The open episode; without one, the form for a new one."""
        seen = await self._episodes.look(request.person_id)
        if seen.course is not None and seen.course.episode.state is EpisodeState.OPEN:
            return Reply(self._episode.episode(seen.course, self._clock.now()))
        return Reply(self._start.onset(above=self._start.again() if _was_well(seen) else ""))

    async def pick_onset(self, request: Request, button: PickOnset) -> Reply:
        now, zone = self._clock.now(), await self._zone(request.person_id)
        if not button.how:
            return Reply(self._start.onset(button.whose))
        if button.how == "exact" and zone is None:
            self._recent.turned(request.person_id, AskedFor.PLACE, where=f"x{button.whose}")
            return Reply(self._start.zones(now, 0, f"x{button.whose}", self._start.zone_first()))
        if button.how == "exact":
            return Reply(self._start.days(zone or "", button.whose, now))
        menu = self._start.onset_menu(button.how, button.whose, now, zone)
        return Reply(menu) if menu else await self._onset_chosen(request, button, now)

    async def pick_day(self, request: Request, button: OnsetDay) -> Reply:
        now = self._clock.now()
        if not known(button.zone):
            return Reply(self._start.onset(button.whose))
        if not button.day.isdecimal() or not 600_000 < int(button.day) < 900_000:
            return Reply(self._start.days(button.zone, button.whose, now))
        day = date.fromordinal(int(button.day))
        return Reply(self._start.hours(button.zone, day, button.whose, now))

    async def _onset_chosen(self, request: Request, button: PickOnset, now: datetime) -> Reply:
        if button.how.startswith("s"):
            exact = unpacked_onset(button.how[1:])
            began = sane_onset(exact, now) if exact else None
        else:
            began = onset_of(button.how, now)
        if began is None or began > now:
            return Reply(self._start.onset(button.whose, self._start.future() if began else ""))
        if not button.whose or button.whose.startswith("+"):
            return Reply(self._start.safety(Begin(packed_onset(began), whose=button.whose)))
        seen = await self._episodes.act(
            request.update_id, request.person_id, OnsetChanged(began), button.whose
        )
        return self._asked_or(seen, "onset.changed")

    async def begin(self, request: Request, form: Begin) -> Reply:
        """The form's next question; whole, it starts the episode."""
        began, sign = unpacked_onset(form.onset), self._episodes.protocol.signs.get(form.sign)
        now = self._clock.now()
        if sign is not None and sign.tier is Tier.EMERGENCY:
            country = await self._numbers.country_of(request.person_id)
            return Reply(self._check.emergency(sign.id, country), urgent=True)
        if began is None or began > now or sane_onset(began, now) is None:
            return Reply(self._start.onset(form.whose, self._start.future()))
        if form.sign in (SOME, MORE):
            return Reply(self._start.which_sign(form, await self._numbers.country_of(request.person_id)))
        if sign is None and form.sign != NONE:
            return Reply(self._start.safety(form))
        seen = await self._episodes.look(request.person_id)
        person = seen.person
        if not form.background.startswith("-"):
            return Reply(self._start.background(_remembered(form, seen), person))
        if form.sign == NONE and not form.pain:
            form = replace(form, pain=self._recent.take_score(request.person_id))
        if form.pain not in {str(score) for score in range(11)}:
            return Reply(self._start.pain(form, person))
        if form.consent == "n":
            return Reply(self._not_agreed(form, seen, now))
        if form.consent == PRIVACY:
            return Reply(self._start.privacy(form, self._privacy))
        if person is None and form.consent != "y":
            self._recent.turned(request.person_id, AskedFor.CONSENT)
            return Reply(self._start.consent(form))
        told = told_background(self._episodes.protocol, form.background)
        said = Started(sign.id if sign else None, int(form.pain), told)
        old = form.whose.removeprefix("+")
        told_before = self._recent.of(request.person_id)
        seen = await self._episodes.begin(
            *(request.update_id, request.person_id, began, said),
            supersedes=old,
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
            return self._declined(seen)
        if seen.asked is not None:
            return self._asked_or(seen, "start.now", skip_safety=True)
        if not course.untouched or course.episode.onset != began:  # an old form, while another is open
            return Reply(self._episode.episode(course, self._clock.now()))
        return Reply(self._start.planned(course, seen.person, self._clock.now()))

    async def show(self, request: Request, _: ShowEpisode) -> Reply:
        seen = await self._episodes.look(request.person_id)
        if seen.course is None:
            return Reply(self._episode.nothing())
        return Reply(self._episode.episode(seen.course, self._clock.now()))

    async def state_reply(self, request: Request, *, talks: bool = False) -> Reply | None:
        """How it is, in words, which record nothing: the check-in that waits is asked again, or the open
        episode is shown. None when there is neither. Small talk is an answer only while a check-in waits."""
        seen, now = await self._episodes.look(request.person_id), self._clock.now()
        if seen.course is None:
            return None
        if one := wanted(self._episodes.protocol, seen.course, now):
            above = self._check.words("check.in_words")
            return Reply(self._check.ask(seen.course, one, seen.person, AnswerCheckIn(one.id), above))
        opened = seen.course.episode.state is EpisodeState.OPEN and not talks
        return Reply(self._episode.episode(seen.course, now)) if opened else None

    async def missed(self, request: Request) -> Reply | None:
        """For whoever is here and could not be asked in time: the check-in, now. Others cost no reading."""
        if request.person_id not in self._episodes.missed:
            return None
        seen = await self._episodes.ask_missed(request.person_id)
        one = seen.course.follow_up(seen.asked) if seen.course and seen.asked else None
        if seen.course is None or one is None or seen.missed is None:
            return None
        above = self._check.missed(seen.course, seen.missed)
        return Reply(self._check.ask(seen.course, one, seen.person, AnswerCheckIn(one.id), above))

    async def cancel(self, request: Request) -> Reply:
        return await self._stop(request, "")

    async def stop(self, request: Request, button: StopEpisode) -> Reply:
        return await self._stop(request, button.episode)

    async def _stop(self, request: Request, episode: str) -> Reply:
        seen = await self._episodes.act(request.update_id, request.person_id, Stopped(), episode)
        if seen.course is None or seen.declined is not None:
            return Reply(self._check.said("episode.nothing_to_stop"))
        return Reply(self._episode.stopped(seen.course))

    async def reopen(self, request: Request, button: Reopen) -> Reply:
        seen = await self._episodes.act(request.update_id, request.person_id, Reopened(), button.episode)
        return self._asked_or(seen, "episode.reopened")

    async def check_now(self, request: Request, button: CheckNow) -> Reply:
        seen = await self._episodes.act(request.update_id, request.person_id, CheckAsked(), button.episode)
        return self._asked_or(seen, "episode.reopened")

    def _asked_or(self, seen: EpisodeView, said: str, *, skip_safety: bool = False) -> Reply:
        """The check-in that happens at once, or a sentence with what comes next."""
        course = seen.course
        if course is None or seen.declined is not None:
            return self._declined(seen)
        one = course.follow_up(seen.asked) if seen.asked else None
        if said == "episode.reopened":
            one = one or course.waiting
        if one is None:
            return Reply(self._episode.changed(said, course, self._clock.now()))
        form = AnswerCheckIn(one.id, NONE if skip_safety else "")
        above = self._episode.words("start.now") if said != "episode.reopened" else ""
        return Reply(self._check.ask(course, one, seen.person, form, above))

    def _declined(self, seen: EpisodeView) -> Reply:
        if seen.course is None:
            return Reply(self._episode.nothing())
        assert seen.declined is not None
        return Reply(self._check.declined(seen.declined, seen.course))

    async def _person(self, person_id: int) -> Person | None:
        return (await self._episodes.look(person_id)).person

    async def _zone(self, person_id: int) -> str | None:
        """Theirs, or what was told in this conversation, before there is consent to keep it."""
        person = await self._person(person_id)
        return (person.zone if person else None) or self._recent.of(person_id).zone or None


def _remembered(form: Begin, seen: EpisodeView) -> Begin:
    """The form with what was told of an earlier episode, as long as nothing was ticked in this one."""
    if form.background or seen.course is None:
        return form
    return replace(form, background=f".{''.join(told[0] for told in backgrounds(seen.course))}")


def _was_well(seen: EpisodeView) -> bool:
    """Whether the last episode ended because the pain was gone."""
    return seen.course is not None and seen.course.episode.closed_because == ClosedBecause.GONE
