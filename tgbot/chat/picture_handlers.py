"""The pain chart and the card for a visit. Both are made elsewhere, and named without names."""

import structlog

from tgbot.chat.request import File, Reply, Request
from tgbot.followup.course import Course
from tgbot.followup.episode import EpisodeState
from tgbot.screens.buttons import ShowCard, ShowChart
from tgbot.screens.diary_screens import DiaryScreens
from tgbot.screens.pictures import card_data, chart_data
from tgbot.screens.screen_context import ScreenContext
from tgbot.service.episodes import Episodes
from tgbot.service.ports import Clock, PictureError, Pictures

log = structlog.get_logger(__name__)


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
        try:
            picture = await self._pictures.chart(data)
        except PictureError as error:
            return self._failed(error)
        return Reply(file=File("pain-chart.png", picture, picture=True))

    async def card(self, request: Request, button: ShowCard | None = None) -> Reply:
        """/card, of the open or newest episode; the button, of its own."""
        course = await self._course(request.person_id, button.episode if button else "")
        if course is None:
            return Reply(self._screens.need_episode())
        try:
            page = await self._pictures.card(card_data(self._frame, course, self._clock.now()))
        except PictureError as error:
            return self._failed(error)
        return Reply(file=File("back-pain-card.pdf", page, picture=False))

    async def _course(self, person_id: int, episode: str) -> Course | None:
        """Also of somebody who withdrew consent: what was noted is still theirs."""
        courses = [seen.course for seen in await self._episodes.look_all(person_id) if seen.course]
        meant = [one for one in courses if episode in ("", one.episode.id)]
        return min(meant, key=lambda one: one.episode.state is not EpisodeState.OPEN, default=None)

    def _failed(self, error: PictureError) -> Reply:
        log.error("picture_failed", error=str(error))
        return Reply(self._screens.no_picture(), fresh=True)
