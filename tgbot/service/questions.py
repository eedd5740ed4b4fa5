"""A question comes in: warning signs first, then an answer, a choice, or an honest "I don't know"."""

from functools import partial

from tgbot.finder.finding import Check, Finding, Foreign, Found, Suggest, Unknown, Urgent, find
from tgbot.screens.screen import Screen
from tgbot.screens.voice import Voice
from tgbot.screens.warning_screens import foreign_screen
from tgbot.service.emergency_numbers import EmergencyNumbers
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.statistics import Statistics


class QuestionService:
    """Finds the screen for what somebody typed. Only a card with a number reads the store."""

    def __init__(self, voice: Voice, numbers: EmergencyNumbers, tally: Statistics, recent: Recent) -> None:
        self._screens = voice.screens
        self._names = voice.index.reader.names
        self.find = partial(find, voice.index)
        self._numbers = numbers
        self._tally = tally
        self._recent = recent

    async def answer(self, person_id: int, text: str, finding: Finding, *, has_open: bool = False) -> Screen:
        """The screen for what was found for `text`; what became of it is counted, the text is not kept.

        `has_open` is whether the screen may lead to an open episode.
        """
        self._tally.found(finding, text, self._names)
        match finding:
            case Urgent(signs=signs, because=because):
                self._recent.turned(person_id, AskedFor.COUNTRY, signs=signs)
                country = await self._numbers.country_of(person_id)
                return self._screens.warnings.card(signs, country, because=because)
            case Check(signs=signs, answers=answers):
                self._recent.turned(person_id, AskedFor.SAFETY, signs=signs, answers=answers)
                return self._screens.warnings.ask_safety(signs, answers)
            case Foreign(language=language, sign=sign):
                self._recent.turned(person_id, AskedFor.COUNTRY, signs=(sign,) if sign else ())
                country = await self._numbers.country_of(person_id)
                return foreign_screen(self._screens.pack, language, sign, country)
            case Found(answer=answer):
                self._recent.turned(person_id, answer=answer)
                return self._screens.answer(answer, has_open) or self._screens.unknown(has_open)
            case Suggest(answers=answers):
                self._recent.turned(person_id, AskedFor.CHOICE, answers=answers)
                return self._screens.suggest(answers)
            case Unknown():
                return self._screens.unknown(has_open)
