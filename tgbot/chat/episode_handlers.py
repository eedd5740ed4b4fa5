"""What can be done with an episode: look at it, stop it, let it go on, be asked now."""

from tgbot.chat.request import Reply, Request
from tgbot.followup.episode import EpisodeState
from tgbot.followup.events import CheckAsked, Reopened, Stopped
from tgbot.followup.planning import wanted
from tgbot.screens.buttons import NONE, AnswerCheckIn, CheckNow, Reopen, ShowEpisode, StopEpisode
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.episode_screens import EpisodeScreens
from tgbot.service.episodes import Episodes, EpisodeView
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.ports import Clock


class EpisodeHandlers:
    """/cancel, the buttons under an episode, and what its state has to do with what is typed."""

    def __init__(
        self, episodes: Episodes, check: CheckScreens, episode: EpisodeScreens, clock: Clock, recent: Recent
    ) -> None:
        self._episodes = episodes
        self._check = check
        self._episode = episode
        self._clock = clock
        self._recent = recent

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
        if not self._recent.of(request.person_id).signs:
            self._recent.turned(request.person_id, AskedFor.STOPPED)
        return Reply(self._episode.stopped(seen.course))

    async def reopen(self, request: Request, button: Reopen) -> Reply:
        seen = await self._episodes.act(request.update_id, request.person_id, Reopened(), button.episode)
        return self.asked_or(seen, "episode.reopened")

    async def check_now(self, request: Request, button: CheckNow) -> Reply:
        seen = await self._episodes.act(request.update_id, request.person_id, CheckAsked(), button.episode)
        if seen.asked and not self._recent.of(request.person_id).signs:
            self._recent.turned(request.person_id, AskedFor.CHECK_IN)
        return self.asked_or(seen, "episode.reopened")

    def asked_or(self, seen: EpisodeView, said: str, *, skip_safety: bool = False) -> Reply:
        """The check-in that happens at once, or a sentence with what comes next."""
        course = seen.course
        if course is None or seen.declined is not None:
            return self.declined(seen)
        one = course.follow_up(seen.asked) if seen.asked else None
        if said == "episode.reopened":
            one = one or course.waiting
        if one is None:
            return Reply(self._episode.changed(said, course, self._clock.now()))
        form = AnswerCheckIn(one.id, NONE if skip_safety else "")
        above = self._episode.words("start.now") if said != "episode.reopened" else ""
        return Reply(self._check.ask(course, one, seen.person, form, above))

    def declined(self, seen: EpisodeView) -> Reply:
        if seen.course is None:
            return Reply(self._episode.nothing())
        assert seen.declined is not None
        return Reply(self._check.declined(seen.declined, seen.course))
