"""The pain chart and the card for a visit. Both are drawn later and elsewhere, and named without names."""

from collections.abc import Awaitable, Callable
from functools import partial

from tgbot.chat.request import DrawingJob, Reply, Request
from tgbot.followup.course import Course
from tgbot.followup.episode import EpisodeState
from tgbot.screens.buttons import ShowCard, ShowChart
from tgbot.screens.diary_screens import DiaryScreens
from tgbot.screens.pictures import card_data, chart_data
from tgbot.screens.screen_context import ScreenContext
from tgbot.service.episodes import Episodes
from tgbot.service.ports import Clock, Pictures


class PictureHandlers:
    def __init__(
        self,
        episodes: Episodes,
        frame: ScreenContext,
        screens: DiaryScreens,
        pictures: Pictures,
        clock: Clock,
    ) -> None:
        self._episodes = episodes
        self._frame = frame
        self._screens = screens
        self._pictures = pictures
        self._clock = clock

    async def chart(self, request: Request, button: ShowChart) -> Reply:
        course = await self._course(request.person_id, button.episode)
        data = chart_data(self._frame, course) if course else None
        if data is None:
            return Reply(alert=self._frame.plain("alert.nothing_to_draw"))
        return self._drawn("pain-chart.png", partial(self._pictures.chart, data), picture=True)

    async def card(self, request: Request, button: ShowCard | None = None) -> Reply:
        """/card, of the open or newest episode; the button, of its own."""
        course = await self._course(request.person_id, button.episode if button else "")
        if course is None:
            return Reply(self._screens.need_episode())
        data = card_data(self._frame, course, self._clock.now())
        return self._drawn("back-pain-card.pdf", partial(self._pictures.card, data), picture=False)

    def _drawn(self, name: str, draw: Callable[[], Awaitable[bytes]], *, picture: bool) -> Reply:
        return Reply(drawing=DrawingJob(name, draw, picture, self._screens.no_picture()))

    async def _course(self, person_id: int, episode: str) -> Course | None:
        """Also of somebody who withdrew consent: what was noted is still theirs."""
        courses = [seen.course for seen in await self._episodes.look_all(person_id) if seen.course]
        meant = [one for one in courses if episode in ("", one.episode.id)]
        return min(meant, key=lambda one: one.episode.state is not EpisodeState.OPEN, default=None)
