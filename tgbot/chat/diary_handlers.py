"""/pain, /note, /history, /card and their buttons. What is typed is screened for warning signs first."""

from tgbot.chat.talk import Asked, Reply
from tgbot.finder.finding import Urgent
from tgbot.screens.buttons import HowToNote, NoteHelped, NotePain, ShowHistory
from tgbot.screens.diary_screens import HELPED, LONGEST_NOTE, SCORES, DiaryScreens
from tgbot.screens.visible_text import visible_text
from tgbot.service.episodes import Episodes
from tgbot.service.questions import Answering


class DiaryHandlers:
    def __init__(self, episodes: Episodes, screens: DiaryScreens, answering: Answering) -> None:
        self._episodes = episodes
        self._screens = screens
        self._answering = answering

    async def pain(self, asked: Asked) -> Reply:
        """/pain 4; anything else that is typed there is answered like any other words."""
        if asked.text and asked.text not in SCORES:
            return await self._urgent(asked) or Reply(self._screens.pain_how())
        return await self.note_pain(asked, NotePain(asked.text))

    async def note_pain(self, asked: Asked, button: NotePain) -> Reply:
        if button.score not in SCORES:
            return Reply(self._screens.pain())
        seen = await self._episodes.note(asked.update_id, asked.person_id, "pain", button.score)
        return Reply(
            self._screens.noted_pain(button.score, seen.course, asked.at)
            if seen.course
            else self._screens.need_episode()
        )

    async def note_helped(self, asked: Asked, button: NoteHelped) -> Reply:
        if button.what not in HELPED:
            return Reply(self._screens.helped())
        seen = await self._episodes.note(asked.update_id, asked.person_id, "helped", button.what)
        return Reply(self._screens.helped(button.what) if seen.course else self._screens.need_episode())

    async def how_to_note(self, asked: Asked, _: HowToNote) -> Reply:
        return Reply(self._screens.how_to_note())

    async def note(self, asked: Asked) -> Reply:
        """/note and words. A warning sign in them gets its card, and nothing is noted."""
        urgent = await self._urgent(asked) if asked.text else None
        if urgent is not None:
            return urgent
        words = visible_text(asked.text)
        if not words:
            return Reply(self._screens.how_to_note())
        if len(words) > LONGEST_NOTE:
            return Reply(self._screens.too_long())
        seen = await self._episodes.note(asked.update_id, asked.person_id, "note", words)
        return Reply(self._screens.noted(seen.course) if seen.course else self._screens.need_episode())

    async def _urgent(self, asked: Asked) -> Reply | None:
        if not isinstance(self._answering.find(asked.text), Urgent):
            return None
        return Reply(await self._answering.answer(asked.person_id, asked.text))

    async def history(self, asked: Asked) -> Reply:
        return await self.show_history(asked, ShowHistory())

    async def show_history(self, asked: Asked, button: ShowHistory) -> Reply:
        page = int(button.page) if button.page.isdecimal() and len(button.page) < 5 else 0
        every = await self._episodes.look_all(asked.person_id)
        courses = [seen.course for seen in every if seen.course]
        return Reply(self._screens.history(courses, page, asked.at))
