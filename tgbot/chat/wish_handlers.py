""" "Check on me in 2 days": a check-in at a time of the person's own, beside the plan."""

from tgbot.chat.request import Reply, Request
from tgbot.chat.wished_times import NoTime, WishedTimes
from tgbot.content import Conversation
from tgbot.followup.episode import EpisodeState
from tgbot.followup.events import Declined, ExtraCheckInDropped, ExtraCheckInWanted
from tgbot.followup.planning import is_extra
from tgbot.screens.buttons import DropExtra
from tgbot.screens.episode_screens import ExtraScreens
from tgbot.screens.start_screens import StartScreens
from tgbot.service.episodes import Episodes
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.ports import Clock


class WishHandlers:
    def __init__(
        self,
        episodes: Episodes,
        screens: ExtraScreens,
        start: StartScreens,
        clock: Clock,
        recent: Recent,
        words: Conversation,
        locale: str,
    ) -> None:
        self._episodes = episodes
        self._screens = screens
        self._start = start
        self._clock = clock
        self._recent = recent
        self._times = WishedTimes(words.times, locale)

    async def wish(self, request: Request) -> Reply | None:
        """Plans it at the time that is named; None without an open episode."""
        seen, now = await self._episodes.look(request.person_id), self._clock.now()
        if seen.course is None or seen.course.episode.state is not EpisodeState.OPEN:
            return None
        wished = self._times.of(request.typed.text, now, seen.course.zone)
        match wished:
            case NoTime.NOT_NAMED:
                return Reply(self._screens.how(seen.course, now))
            case NoTime.NEEDS_ZONE:
                self._recent.turned(request.person_id, AskedFor.PLACE, where="s")
                return Reply(self._start.zones(now, 0, "s", self._screens.zone_first()))
        event = ExtraCheckInWanted(wished)
        seen = await self._episodes.act(request.update_id, request.person_id, event, seen.course.episode.id)
        if seen.course is None:
            return None  # erased meanwhile
        extra = [one for one in seen.course.planned if is_extra(self._episodes.protocol, one)]
        if seen.declined is not None or not extra:
            return Reply(self._screens.declined(seen.declined or Declined.NOT_THEN, seen.course, now))
        this = min(extra, key=lambda one: abs(one.due_at - wished))
        return Reply(self._screens.planned(seen.course, this, seen.person, now))

    async def drop(self, request: Request, button: DropExtra) -> Reply:
        """Not then, after all."""
        seen = await self._episodes.act_on(
            *(request.update_id, request.person_id), ExtraCheckInDropped(button.follow_up), button.follow_up
        )
        now = self._clock.now()
        if seen.course is None:
            return Reply(self._start.onset())
        if seen.declined is not None:
            return Reply(self._screens.declined(seen.declined, seen.course, now))
        return Reply(self._screens.dropped(seen.course, now))
