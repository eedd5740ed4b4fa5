"""A question comes in: warning signs first, then an answer, a choice, or an honest "I don't know"."""

import structlog

from tgbot.content import Country
from tgbot.finder.finding import Check, Finding, Foreign, Found, Index, Suggest, Unknown, Urgent, find
from tgbot.finder.reading import Reading
from tgbot.screens.screen import Screen
from tgbot.screens.screens import Screens
from tgbot.service.ports import Store, StoreError, Transaction
from tgbot.service.statistics import Statistics

log = structlog.get_logger(__name__)


class QuestionService:
    """Finds the screen for what somebody typed. Only an emergency reads the store: for the country."""

    def __init__(self, screens: Screens, index: Index, store: Store, tally: Statistics) -> None:
        self._screens = screens
        self._index = index
        self._store = store
        self._tally = tally

    def read(self, text: str) -> Reading:
        """The message, read: made once, for `find` and whoever else looks at its words."""
        return self._index.read(text)

    def find(self, message: str | Reading) -> Finding:
        """What the message is about."""
        return find(self._index, message)

    async def answer(self, person_id: int, text: str, finding: Finding) -> Screen:
        """The screen for what was found for `text`; what became of it is counted, the text is not kept."""
        self._tally.found(finding, text)
        match finding:
            case Urgent(signs=signs):
                return self._screens.card(signs, await self.country_of(person_id))
            case Check(signs=signs, answers=answers):
                return self._screens.ask_safety(signs, answers)
            case Foreign():
                return self._screens.unknown
            case Found(answer=answer):
                return self._screens.answer(answer) or self._screens.unknown
            case Suggest(answers=answers):
                return self._screens.suggest(answers)
            case Unknown():
                return self._screens.unknown

    async def country_of(self, person_id: int) -> Country | None:
        """The country this person chose, if they agreed to its being kept.

        A warning sign never waits for the store: when it fails, the sentence for any country is shown.
        """

        async def read(tx: Transaction) -> str | None:
            person = await tx.people.person(person_id)
            return person.country if person else None

        try:
            iso = await self._store.transact(person_id, read)
        except StoreError as error:
            log.error("country_not_read", error=str(error))
            return None
        return self._screens.pack.countries.get(iso) if iso else None
