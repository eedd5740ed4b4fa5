"""Words as an answer to what the bot asked last: a score, a place, a country, yes or no, or which answer.

What was asked is known from the message that was replied to, or from this process's memory of some minutes.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from tgbot.chat.after_card import AfterCard
from tgbot.chat.faq_handlers import FaqHandlers
from tgbot.chat.request import ButtonHandler, Handler, Reply, Request
from tgbot.chat.talk_words import TalkWords
from tgbot.chat.updates import RepliedTo, TypedText
from tgbot.content import Meaning
from tgbot.finder.finding import Check, Found, Unknown
from tgbot.finder.meanings import Meanings
from tgbot.screens.buttons import (
    Button,
    NoneOfThese,
    NotePain,
    OneOfThese,
    PickCountry,
    Reopen,
    ShowAnswer,
    ShowEpisode,
)
from tgbot.screens.talk_screens import TalkScreens
from tgbot.screens.zones import offset_in
from tgbot.service.hints import AskedFor, Recent, RememberedTurn
from tgbot.service.preferences import EmergencyNumbers
from tgbot.service.questions import QuestionService

_LONGEST_PLACE = 12  # words


@dataclass(frozen=True, slots=True)
class Talk:
    """What it takes to answer words."""

    words: TalkWords
    faq: FaqHandlers
    questions: QuestionService
    screens: TalkScreens
    numbers: EmergencyNumbers
    recent: Recent
    after_card: AfterCard


Place = Callable[[Request], Awaitable[Reply | None]]


async def placed(place: Place, meanings: Meanings, request: Request) -> Reply | None:
    """The answer to a place that was asked for, with polite words around it or without; None for no place."""
    reply = await place(request)
    if reply is None and offset_in(request.typed.text) is None:  # which without its sign would be a time
        bare = meanings.without_polite(request.typed.text)
        reply = await place(replace(request, typed=TypedText(bare))) if bare else None
    return reply


@dataclass(frozen=True, slots=True)
class Ways:
    """Where words may lead: the commands and buttons, and what has no command or button."""

    commands: Mapping[str, Handler]
    presses: Mapping[type[Button], ButtonHandler]
    place: Place
    wish: Callable[[Request], Awaitable[Reply | None]]  # to be checked on at a time of their own

    async def press(self, request: Request, button: Button) -> Reply:
        return await self.presses[type(button)](request, button)


class AskedWords:
    """Each kind of question has its own way to be answered."""

    def __init__(self, talk: Talk, ways: Ways) -> None:
        self._words = talk.words
        self._meanings = talk.words.meanings
        self._faq = talk.faq
        self._screens = talk.screens
        self._numbers = talk.numbers
        self._recent = talk.recent
        self._after_card = talk.after_card
        self._commands = ways.commands
        self._press = ways.press
        self._place = ways.place

    def replied_to(self, message: RepliedTo, turn: RememberedTurn) -> RememberedTurn:
        """What `message` asked, or which answer it was; of one that is not ours, the last `turn`."""
        if not message.ours:
            return turn
        lines = [line.strip() for line in message.text.splitlines() if line.strip()]
        for line in lines:
            if asked_for := self._words.asks.get(line):
                if (asked_for, turn.asked_for) == (AskedFor.SCORE, AskedFor.FIRST_PAIN):
                    return turn  # the form asks it in the same words
                where = turn.where or "s"
                form = turn.form if turn.asked_for is asked_for else None
                return RememberedTurn(asked_for, where=where, form=form, signs=turn.signs, open=turn.open)
        if lines and (answer := self._words.questions_by_line.get(lines[0])):
            return RememberedTurn(answer=answer, open=turn.open)
        return turn

    async def expected(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """What the words are as an answer to what was asked last (`turn`); None when they are none."""
        meaning = self._meanings.of(request.typed.text, turn.answer, turn.asked_for)
        if meaning is not None and meaning.does == "purpose":
            return self._purpose(request, turn)
        match turn.asked_for:
            case AskedFor.SCORE:
                return await self._score(request, meaning)
            case AskedFor.ERASE:
                return await self._erasing(request, meaning)
            case AskedFor.SURE_OF_SCORE:
                return await self._sure_of_score(request, turn, meaning)
            case AskedFor.NOTE:
                asks = "?" in request.typed.text or (meaning is not None and meaning.does != "say")
                return None if asks and request.replied_to is None else await self._commands["note"](request)
            case AskedFor.PLACE:
                return await self._placed(request, meaning)
            case AskedFor.COUNTRY:
                reply = await self._country(request, turn)
                return reply or await self._after_card.reply(request, turn, meaning)
            case AskedFor.STOPPED if meaning is not None and meaning.does == "resume":
                return await self._press(request, Reopen(""))
            case AskedFor.SAFETY:
                return await self._safety(request, turn, meaning)
            case AskedFor.CHOICE:
                return await self._chosen(request, turn, meaning)
            case _:
                return None

    async def asked_again(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """For words that nobody understands: what was asked before them (`turn`) is asked once more."""
        match turn.asked_for:
            case AskedFor.SCORE:
                return await self._commands["pain"](request)
            case AskedFor.SAFETY:
                self._recent.turned(request.person_id, turn.asked_for, signs=turn.signs, answers=turn.answers)
                return Reply(self._screens.safety_again(turn.signs, turn.answers))
            case _:
                return None

    def unless_erasing(self, handler: Handler) -> Handler:
        """The handler of /cancel; where it was just asked whether to erase everything, that is cancelled."""

        async def handle(request: Request) -> Reply:
            if self._recent.of(request.person_id).asked_for is not AskedFor.ERASE:
                return await handler(request)
            return self._kept(request)

        return handle

    async def number(self, request: Request, turn: RememberedTurn) -> Reply:
        """The number of the country that is named, else of the one that is known, else the question which."""
        iso = self._words.countries.named(request.typed.text)
        if turn.signs and iso:
            self._recent.turned(request.person_id, AskedFor.COUNTRY, signs=turn.signs)
            await self._numbers.pick(request.update_id, request.person_id, iso, keep=True)
            return await self._faq.card(request, turn.signs)
        if turn.signs:
            return await self._after_card.number(request, turn)
        return await self._faq.number(request, PickCountry(iso or ""))

    def dropped(self, request: Request) -> Reply:
        """What was asked is not asked any more, and nothing else changes."""
        self._recent.heard(request.person_id)
        has_open = self._recent.has_open(request.person_id)
        return Reply(self._screens.sentence("talk.dropped.text", ("episode", "menu"), has_open=has_open))

    def _kept(self, request: Request) -> Reply:
        """Nothing was erased, and it is not asked any more."""
        self._recent.heard(request.person_id)
        return Reply(self._screens.sentence("talk.kept.text", ("menu", "privacy"), has_open=False))

    async def _placed(self, request: Request, meaning: Meaning | None) -> Reply | None:
        """A place; few words that are nothing else are one that is not known."""
        if meaning is not None and meaning.does == "remind":
            return None  # "check on me in 2 days" names no place, and no hour of theirs
        bare = self._meanings.without_polite(request.typed.text) if meaning is None else ""
        reply = await placed(self._place, self._meanings, request)
        if (
            reply is None
            and bare
            and len(bare.split()) <= _LONGEST_PLACE
            and isinstance(request.typed.finding, Unknown)
        ):
            return await self._commands["zone"](request)
        return reply

    def _purpose(self, request: Request, turn: RememberedTurn) -> Reply:
        """What it is asked for; it stays asked."""
        self._recent.turned(
            request.person_id, turn.asked_for, signs=turn.signs, answers=turn.answers, where=turn.where
        )
        return Reply(self._screens.purpose(turn.asked_for, turn.signs, turn.answers))

    async def _erasing(self, request: Request, meaning: Meaning | None) -> Reply | None:
        """Nothing is erased by words: a yes is asked for as a tap."""
        if meaning is not None and meaning.does == "no":
            return self._kept(request)
        if meaning is not None and meaning.does == "yes":
            return await self._commands["forget"](request)
        return None

    async def _score(self, request: Request, meaning: Meaning | None) -> Reply | None:
        """A number that is none from 0 to 10, or is two, is asked for again."""
        score = self._words.scores.of(request.typed.text)
        if score is not None:
            return await self._press(request, NotePain(score))
        asks_on = isinstance(request.typed.finding, Found) or (
            isinstance(request.typed.finding, Check) and request.typed.finding.signs
        )
        if meaning is not None or asks_on or not self._words.scores.near(request.typed.text):
            return None
        return await self._commands["pain"](request)

    async def _sure_of_score(
        self, request: Request, turn: RememberedTurn, meaning: Meaning | None
    ) -> Reply | None:
        if meaning is not None and meaning.does == "yes":
            return await self._press(request, NotePain(turn.score))
        if meaning is not None and meaning.does == "no":
            return await self._press(request, ShowEpisode())
        return None

    async def _country(self, request: Request, turn: RememberedTurn) -> Reply | None:
        if not self._words.countries.only(request.typed.text):
            return None
        return await self.number(request, turn)

    async def _safety(self, request: Request, turn: RememberedTurn, meaning: Meaning | None) -> Reply | None:
        carried = ",".join(turn.answers[:2])
        if meaning is not None and meaning.does == "no":
            self._recent.turned(request.person_id)  # there are no signs any more
            return await self._press(request, NoneOfThese(carried))
        if meaning is not None and meaning.does in ("yes", "unsure", "sign"):
            return await self._press(request, OneOfThese(".".join(turn.signs[:3]) or "-", carried))
        return None

    async def _chosen(self, request: Request, turn: RememberedTurn, meaning: Meaning | None) -> Reply | None:
        words = request.typed.text.lower().split()
        place = next((at for at, word in enumerate(self._words.ordinals) if word in words), None)
        if len(words) == 1 and words[0].isdecimal():
            place = int(words[0]) - 1
        if meaning is not None and meaning.does == "yes":
            place = 0 if place is None else place
        if place is None or not 0 <= place < len(turn.answers) or len(words) > 4:
            return None
        return await self._press(request, ShowAnswer(turn.answers[place]))
