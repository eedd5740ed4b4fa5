"""Words as an answer to what the bot said last: a question (a score, a place, a country, yes or no), or a
warning sign's card.

By what words are told – a score, a number, the bot's own lines – stands here, too (`TalkWords`). What was
asked is known from the message that was replied to, or from this process's memory of some minutes.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tgbot.chat.faq_handlers import FaqHandlers
from tgbot.chat.request import ButtonHandler, Handler, Reply, Request
from tgbot.chat.updates import TypedText
from tgbot.content import ContentPack, Conversation, Meaning, Tier
from tgbot.finder.countries import CountryNames
from tgbot.finder.finding import Check, Foreign, Found, Suggest, Unknown
from tgbot.finder.meanings import Meanings
from tgbot.finder.normalising import fold, split
from tgbot.finder.reading import Reader
from tgbot.screens.buttons import (
    Button,
    CardCountry,
    NoneOfThese,
    NotePain,
    OneOfThese,
    PickCountry,
    ShowAnswer,
    ShowEpisode,
)
from tgbot.screens.markup import plain
from tgbot.screens.talk_screens import TalkScreens
from tgbot.screens.zones import offset_in
from tgbot.service.hints import AskedFor, Recent, RememberedTurn
from tgbot.service.preferences import EmergencyNumbers
from tgbot.service.questions import QuestionService

_PASS = ("command", "number", "correct")  # what is not about the card, or has an answer of its own
_LONGEST_PLACE = 12  # words
_LONGEST_SCORE = 10  # words
_WORST = 10
_DASH = r"[-\u2010-\u2015\u2212]"
_NO_SCORE = re.compile(  # below nought, a decimal, a range, a percentage; "pain - 4" is a dash
    rf"^\W*{_DASH}\s*\d|(?<!\w){_DASH}\d|\d[.,]\d|(?<![\w.])\.\d|\d\s*{_DASH}\s*\d|\d\s*%"
)


class Scores:
    """`words` names the numbers and what may stand around one."""

    def __init__(self, words: Conversation) -> None:
        named = {word: number for number, word in enumerate(words.numbers)}
        self._numbers = named | {str(number): number for number in range(_WORST + 1)}
        self._around = frozenset(words.around_score.split())

    def near(self, text: str) -> bool:
        """Whether a short message has a number in it, as "an 8 or 9" and "11" have."""
        words = split(text)
        return len(words) <= _LONGEST_SCORE and any(
            word in self._numbers or word.isdecimal() for word in words
        )

    def of(self, text: str) -> str | None:
        """The score from 0 to 10, when the message says nothing else; "7 of 10" is 7, and "-3" is none."""
        words = split(text)
        if not 0 < len(words) <= _LONGEST_SCORE or _NO_SCORE.search(fold(text)):
            return None
        numbers = [self._numbers.get(word, -1) for word in words if word not in self._around]
        if len(numbers) == 2 and numbers[1] == _WORST:
            del numbers[1]
        return str(numbers[0]) if len(numbers) == 1 and numbers[0] >= 0 else None


@dataclass(frozen=True, slots=True)
class TalkWords:
    """By what a conversation's words are told. `further` and `joining` hold what follows "what about" and
    "and"; `parts` separates questions; `asks` and `questions_by_line` know the bot's own lines."""

    pack: ContentPack
    meanings: Meanings
    countries: CountryNames
    scores: Scores
    further: re.Pattern[str]
    joining: re.Pattern[str]
    parts: re.Pattern[str]
    near_country: re.Pattern[str]
    ordinals: tuple[str, ...]
    pointing: frozenset[str]
    asks: Mapping[str, AskedFor]
    questions_by_line: Mapping[str, str]


def talk_words(pack: ContentPack, reader: Reader) -> TalkWords:
    """Those of a pack; `reader` knows its language."""
    words = pack.conversation
    names = {iso: [country.name, *words.countries.get(iso, ())] for iso, country in pack.countries.items()}
    asks, hesitating = any_of(words.question_words), any_of(words.hesitating)
    between = rf",?\s{any_of(words.also)}\s+(?={asks}\b)|,\s*(?={asks}\b)"
    further = rf"\W*(?:{hesitating}\W+)*{any_of(words.further)}\s+(.+)"
    return TalkWords(
        pack,
        Meanings(words, reader.words, reader.stem),
        CountryNames(names, words.around_place.split(), pack.locale),
        Scores(words),
        further=re.compile(further, re.I | re.S),
        joining=re.compile(rf"\s*{any_of(words.joining)}\s+(.+)", re.I | re.S),
        parts=re.compile(rf"[?!.;\n]+|{between}", re.I),
        near_country=re.compile(rf"\b{any_of(words.near_country)}\b", re.I),
        ordinals=words.ordinals,
        pointing=frozenset(words.pointing),
        asks=_asking_lines(pack),
        questions_by_line={answer.question: answer.id for answer in pack.answers.values()},
    )


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; for none, one that nothing meets."""
    either = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return f"(?:{either})" if either else "(?!)"


def _asking_lines(pack: ContentPack) -> dict[str, AskedFor]:
    """The lines by which the bot's own questions are known again in a message that is replied to."""
    asks = {
        "diary.pain": AskedFor.SCORE,
        "diary.note_how": AskedFor.NOTE,
        "settings.zone": AskedFor.PLACE,
        "start.zone_first": AskedFor.PLACE,
        "countries.text": AskedFor.COUNTRY,
        "settings.country": AskedFor.COUNTRY,
    }
    return {plain(pack.ui[key]).strip().splitlines()[0].strip(): asked for key, asked in asks.items()}


class AfterCard:
    """Words after a warning sign's card, which holds until something is tapped or a command is given."""

    def __init__(
        self,
        pack: ContentPack,
        faq: FaqHandlers,
        screens: TalkScreens,
        numbers: EmergencyNumbers,
        recent: Recent,
    ) -> None:
        self._pack = pack
        self._faq = faq
        self._screens = screens
        self._numbers = numbers
        self._recent = recent
        self._costs = frozenset(pack.conversation.costs)

    async def reply(self, request: Request, turn: RememberedTurn, meaning: Meaning | None) -> Reply | None:
        """The card again; None when these words are no answer to one."""
        finding = request.typed.finding
        if not turn.signs or isinstance(finding, Foreign) or (meaning is not None and meaning.does in _PASS):
            return None
        if not self._is_emergency(turn):
            asks_on = meaning is None and isinstance(finding, Unknown | Suggest | Check)
            return await self._again(request, turn, "talk.ask_there.text") if asks_on else None
        answers = (finding.answer,) if isinstance(finding, Found) and "?" in request.typed.text else ()
        return await self._again(request, turn, self._lead(request, turn), answers)

    async def number(self, request: Request, turn: RememberedTurn) -> Reply:
        """The card with its number; without a country, with the countries to pick from."""
        if await self._numbers.country_of(request.person_id) is not None:
            return await self._faq.card(request, turn.signs)
        return await self._faq.card_country(request, CardCountry(".".join(turn.signs[:3]), "", "0"))

    def keeping(self, handler: Handler) -> Handler:
        """The handler; after an emergency's card, its reply says whom to call as well."""

        async def handle(request: Request) -> Reply:
            turn = self._recent.of(request.person_id)
            reply = await handler(request)
            if reply.screen is None or not self._is_emergency(turn):
                return reply
            country = await self._numbers.country_of(request.person_id)
            return Reply(self._screens.with_call(reply.screen, country))

        return handle

    async def _again(
        self, request: Request, turn: RememberedTurn, lead: str, answers: tuple[str, ...] = ()
    ) -> Reply:
        self._recent.turned(request.person_id, AskedFor.COUNTRY, signs=turn.signs)
        card = (await self._faq.card(request, turn.signs)).screen
        assert card is not None
        return Reply(self._screens.led(lead, card, answers))

    def _lead(self, request: Request, turn: RememberedTurn) -> str:
        if turn.signs[0] == "crisis":
            return "talk.crisis_kept.text"
        return (
            "talk.card_kept.text"
            if self._costs.isdisjoint(split(request.typed.text))
            else "talk.cost_kept.text"
        )

    def _is_emergency(self, turn: RememberedTurn) -> bool:
        flags = [self._pack.red_flags[sign] for sign in turn.signs if sign in self._pack.red_flags]
        return any(flag.tier is Tier.EMERGENCY for flag in flags)


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


@dataclass(frozen=True, slots=True)
class Ways:
    """Where words may lead: the commands and buttons, and what has no command or button."""

    commands: Mapping[str, Handler]
    presses: Mapping[type[Button], ButtonHandler]
    place: Callable[[Request], Awaitable[Reply | None]]  # a place that was asked for
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

    def turn(self, request: Request) -> RememberedTurn:
        """The last turn; what was replied to goes before what is remembered."""
        turn = self._recent.of(request.person_id)
        if request.replied_to is None or not request.replied_to.ours:
            return turn
        lines = [line.strip() for line in request.replied_to.text.splitlines() if line.strip()]
        for line in lines:
            if asked_for := self._words.asks.get(line):
                where = turn.where or "s"
                return RememberedTurn(asked_for, where=where, signs=turn.signs, open=turn.open)
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
            case AskedFor.SAFETY:
                return await self._safety(request, turn, meaning)
            case AskedFor.CHOICE:
                return await self._chosen(request, turn, meaning)
            case AskedFor.CONSENT | AskedFor.NOTHING:
                return None

    async def asked_again(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """For words that nobody understands: what was asked before them (`turn`) is asked once more."""
        match turn.asked_for:
            case AskedFor.SCORE:
                return await self._commands["pain"](request)
            case AskedFor.CONSENT:
                return Reply(self._screens.sentence("talk.consent.text", ("privacy", "menu"), has_open=False))
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

    def _kept(self, request: Request) -> Reply:
        """Nothing was erased, and it is not asked any more."""
        self._recent.heard(request.person_id)
        return Reply(self._screens.sentence("talk.kept.text", ("menu", "privacy"), has_open=False))

    async def _placed(self, request: Request, meaning: Meaning | None) -> Reply | None:
        """A place; few words that are nothing else are one that is not known."""
        if meaning is not None and meaning.does == "remind":
            return None  # "check on me in 2 days" names no place, and no hour of theirs
        bare = self._meanings.without_polite(request.typed.text) if meaning is None else ""
        reply = await self._place(request)
        if reply is None and offset_in(request.typed.text) is None:  # which without its sign would be a time
            reply = await self._place(replace(request, typed=TypedText(bare)))
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
