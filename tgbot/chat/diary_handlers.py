"""/pain, /note, /history, /card and their buttons. What is typed is screened for warning signs first; charts
and cards are drawn later and elsewhere.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from tgbot.chat.request import DrawingJob, Reply, Request
from tgbot.chat.talk_words import Scores
from tgbot.followup.episode import Course, EpisodeState
from tgbot.screens.buttons import HowToNote, NoteHelped, NotePain, ShowCard, ShowChart, ShowHistory
from tgbot.screens.diary_screens import HELPED, LONGEST_NOTE, SCORES, DiaryScreens, visible_text
from tgbot.screens.pictures import card_data, chart_data
from tgbot.screens.screen import ScreenContext
from tgbot.service.episodes import Episodes
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.ports import Clock, Pictures
from tgbot.service.questions import QuestionService


class DiaryHandlers:
    def __init__(
        self,
        episodes: Episodes,
        screens: DiaryScreens,
        questions: QuestionService,
        recent: Recent,
        scores: Scores,
    ) -> None:
        self._episodes = episodes
        self._recent = recent
        self._scores = scores
        self._screens = screens
        self._questions = questions

    async def pain(self, request: Request) -> Reply:
        """/pain 4; anything else that is typed there is answered like any other words."""
        if request.typed.text and request.typed.text not in SCORES:
            urgent = await self._urgent(request)
            if urgent is not None:
                return urgent
            score = self._scores.of(request.typed.text)
            if score is None:
                self._recent.turned(request.person_id, AskedFor.SCORE)
                return Reply(self._screens.pain_how())
            return await self.note_pain(request, NotePain(score))
        return await self.note_pain(request, NotePain(request.typed.text))

    async def note_pain(self, request: Request, button: NotePain) -> Reply:
        if button.score not in SCORES:
            self._recent.turned(request.person_id, AskedFor.SCORE)
            return Reply(self._screens.pain())
        seen = await self._episodes.note(request.update_id, request.person_id, "pain", button.score)
        if seen.course:
            return Reply(self._screens.noted_pain(button.score, seen.course, request.at))
        self._recent.picked(request.person_id, score=button.score)
        return Reply(self._screens.need_episode())

    async def note_helped(self, request: Request, button: NoteHelped) -> Reply:
        if button.what not in HELPED:
            return Reply(self._screens.helped())
        seen = await self._episodes.note(request.update_id, request.person_id, "helped", button.what)
        return Reply(self._screens.helped(button.what) if seen.course else self._screens.need_episode())

    async def how_to_note(self, request: Request, _: HowToNote) -> Reply:
        self._recent.turned(request.person_id, AskedFor.NOTE)
        return Reply(self._screens.how_to_note())

    async def note(self, request: Request) -> Reply:
        """/note and words. A warning sign in them gets its card, and nothing is noted."""
        urgent = await self._urgent(request) if request.typed.text else None
        if urgent is not None:
            return urgent
        words = visible_text(request.typed.text)
        if not words:
            self._recent.turned(request.person_id, AskedFor.NOTE)
            return Reply(self._screens.note_asked())
        if len(words) > LONGEST_NOTE:
            return Reply(self._screens.too_long())
        seen = await self._episodes.note(request.update_id, request.person_id, "note", words)
        return Reply(self._screens.noted(seen.course) if seen.course else self._screens.need_episode())

    async def _urgent(self, request: Request) -> Reply | None:
        if not request.typed.signs:
            return None
        screen = await self._questions.answer(request.person_id, request.typed.text, request.typed.finding)
        return Reply(screen, urgent=True)

    async def history(self, request: Request) -> Reply:
        return await self.show_history(request, ShowHistory())

    async def show_history(self, request: Request, button: ShowHistory) -> Reply:
        every = await self._episodes.look_all(request.person_id)
        courses = [seen.course for seen in every if seen.course]
        return Reply(self._screens.history(courses, int(button.page or 0), request.at))


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
