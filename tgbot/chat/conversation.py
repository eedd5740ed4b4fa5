"""Words that mean something because of what came before, or that are said to the bot itself.

What was asked for and answered last is known from the message that was replied to, or from this process's
memory of some minutes. When neither knows, the words are a question like any other.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from tgbot.chat.after_card import AfterCard
from tgbot.chat.handlers import FaqHandlers
from tgbot.chat.plain_words import Scores
from tgbot.chat.request import ButtonHandler, Handler, Reply, Request
from tgbot.chat.updates import TypedText
from tgbot.content import ContentPack, Meaning
from tgbot.finder.countries import CountryNames
from tgbot.finder.finding import Check, Finding, Foreign, Found, Suggest, Unknown
from tgbot.finder.meanings import Meanings
from tgbot.finder.normalising import split
from tgbot.screens.buttons import (
    Button,
    NoneOfThese,
    NotePain,
    OneOfThese,
    PickCountry,
    ShowAnswer,
    ShowEpisode,
    ShowMore,
)
from tgbot.screens.markup import plain
from tgbot.screens.talk_screens import TalkScreens
from tgbot.service.emergency_numbers import EmergencyNumbers
from tgbot.service.questions import QuestionService
from tgbot.service.recent import AskedFor, Recent, RememberedTurn

_MOST_ANSWERS = 4
_MOST_NEAR = 3  # answers that words after an answer may be about
_LONGEST_PLACE = 12  # words
_AND = re.compile(r"\s*(?:and|or)\s+(.+)", re.I | re.S)
_PLACES = ("first", "second", "third", "fourth")


class ConversationHandlers:
    """`presses` and `commands` are the routes that a meaning leads to."""

    def __init__(
        self,
        pack: ContentPack,
        faq: FaqHandlers,
        questions: QuestionService,
        screens: TalkScreens,
        numbers: EmergencyNumbers,
        recent: Recent,
        commands: Mapping[str, Handler],
        presses: Mapping[type[Button], ButtonHandler],
        place: Callable[[Request], Awaitable[Reply | None]],
        wish: Callable[[Request], Awaitable[Reply | None]],
    ) -> None:
        self._pack = pack
        self._faq = faq
        self._questions = questions
        self._screens = screens
        self._numbers = numbers
        self._recent = recent
        self._commands = commands
        self._presses = presses
        self._place = place
        self._wish = wish
        self._after_card = AfterCard(pack, faq, screens, numbers, recent)
        self.after_card = self._after_card.keeping
        words = pack.conversation
        self._meanings = Meanings(words, lambda text: questions.read(text).words, questions.stem)
        names = {
            iso: [country.name, *words.countries.get(iso, ())] for iso, country in pack.countries.items()
        }
        self._countries = CountryNames(names, words.around_place.split())
        self._scores = Scores(words)
        asks = "|".join(map(re.escape, words.question_words))
        self._parts = re.compile(
            rf"[?!.;\n]+|,?\s(?:and|also|plus)\s+(?=(?:{asks})\b)|,\s*(?=(?:{asks})\b)", re.I
        )
        self._pointing = frozenset(words.pointing)
        further = "|".join(map(re.escape, sorted(words.further, key=len, reverse=True)))
        self._further = re.compile(
            rf"\W*(?:(?:but|so|ok|then|oh|no|nope|sorry)\W+)*(?:{further})\s+(.+)", re.I | re.S
        )
        self._questions_by_line = {answer.question: answer.id for answer in pack.answers.values()}
        self._asks = _asking_lines(pack)

    def as_command(self, typed: TypedText, person_id: int) -> str | None:
        """The command that the words stand for; a warning sign in them goes before. "Cancel" may mean what
        was just asked."""
        meaning = self._meanings.of(typed.text, asked_for=self._recent.of(person_id).asked_for)
        if meaning is None or meaning.does != "command" or typed.signs:
            return None
        if typed.text.startswith("/") and " ".join(split(typed.text)) not in meaning.whole:
            return None  # a slip in a command's name starts nothing
        return meaning.command

    def unless_erasing(self, handler: Handler) -> Handler:
        """The handler of /cancel; where it was just asked whether to erase everything, that is cancelled."""

        async def handle(request: Request) -> Reply:
            if self._recent.of(request.person_id).asked_for is not AskedFor.ERASE:
                return await handler(request)
            return self._kept(request)

        return handle

    def _kept(self, request: Request) -> Reply:
        """Nothing was erased, and it is not asked any more."""
        self._recent.heard(request.person_id)
        return Reply(self._screens.sentence("talk.kept.text", ("menu", "privacy"), has_open=False))

    async def expected(self, request: Request) -> Reply | None:
        """What the words are as an answer to what was asked last; None when they are none."""
        turn = self.turn(request)
        meaning = self._meanings.of(request.text, turn.answer, turn.asked_for)
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
                asks = "?" in request.text or (meaning is not None and meaning.does != "say")
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

    async def meant(self, request: Request) -> Reply | None:
        """What the words mean to the bot itself, or about its last answer; None for a question."""
        turn = self.turn(request)
        meaning = self._meanings.of(request.text, turn.answer)
        if meaning is not None:
            reply = await self._reply(request, meaning, turn)
            if reply is not None:
                return reply
        if self._countries.only(request.text):
            return await self._number(request, turn)
        if self._countries.is_one(self._meanings.without_polite(request.text)):
            return Reply(self._screens.sentence("talk.no_number.text", ("urgent", "menu"), has_open=False))
        if (score := self._scores.of(request.text)) is not None:
            return self._offer(request, score)
        return await self._about(request, turn) or await self._several(request)

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

    def near_last(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """For the same words after an answer: they may be about that one, or about one beside it."""
        if not turn.answer:
            return None
        near = (turn.answer, *self._pack.answers[turn.answer].related)[:_MOST_NEAR]
        self._recent.turned(request.person_id, AskedFor.CHOICE, answer=turn.answer, answers=near)
        return Reply(self._screens.choice(near, "talk.unclear.text"))

    async def urgent(self, request: Request) -> Reply:
        """The card; a country that is named with the sign is the one whose number it shows."""
        iso = self._countries.named(request.text)
        if iso and re.search(r"\b(in|number|from|here)\b", request.text, re.I):
            await self._numbers.pick(request.update_id, request.person_id, iso, keep=request.private)
        return await self._faq.typed(request)

    def talks(self, request: Request) -> bool:
        """Whether this is small talk, as "ok" is, which is an answer only while a check-in waits."""
        meaning = self._meanings.of(request.text)
        return meaning is not None and meaning.does in ("say", "yes", "no")

    # -- what was asked

    def turn(self, request: Request) -> RememberedTurn:
        """The last turn; what was replied to goes before what is remembered."""
        turn = self._recent.of(request.person_id)
        if request.replied_to is None or not request.replied_to.ours:
            return turn
        lines = [line.strip() for line in request.replied_to.text.splitlines() if line.strip()]
        for line in lines:
            if asked_for := self._asks.get(line):
                where = turn.where or "s"
                return RememberedTurn(asked_for, where=where, signs=turn.signs, open=turn.open)
        if lines and (answer := self._questions_by_line.get(lines[0])):
            return RememberedTurn(answer=answer, open=turn.open)
        return turn

    async def _placed(self, request: Request, meaning: Meaning | None) -> Reply | None:
        """A place; few words that are nothing else are one that is not known."""
        if meaning is not None and meaning.does == "remind":
            return None  # "check on me in 2 days" names no place, and no hour of theirs
        bare = self._meanings.without_polite(request.text) if meaning is None else ""
        reply = await self._place(request) or await self._place(_with_words(request, bare))
        if (
            reply is None
            and bare
            and len(bare.split()) <= _LONGEST_PLACE
            and isinstance(request.finding, Unknown)
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
        score = self._scores.of(request.text)
        if score is not None:
            return await self._press(request, NotePain(score))
        asks_on = isinstance(request.finding, Found) or (
            isinstance(request.finding, Check) and request.finding.signs
        )
        if meaning is not None or asks_on or not self._scores.near(request.text):
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
        if not self._countries.only(request.text):
            return None
        return await self._number(request, turn)

    async def _safety(self, request: Request, turn: RememberedTurn, meaning: Meaning | None) -> Reply | None:
        carried = ",".join(turn.answers[:2])
        if meaning is not None and meaning.does == "no":
            return await self._press(request, NoneOfThese(carried))
        if meaning is not None and meaning.does in ("yes", "unsure", "sign"):
            return await self._press(request, OneOfThese(".".join(turn.signs[:3]) or "-", carried))
        return None

    async def _chosen(self, request: Request, turn: RememberedTurn, meaning: Meaning | None) -> Reply | None:
        words = request.text.lower().split()
        place = next((at for at, word in enumerate(_PLACES) if word in words), None)
        if len(words) == 1 and words[0].isdecimal():
            place = int(words[0]) - 1
        if meaning is not None and meaning.does == "yes":
            place = 0 if place is None else place
        if place is None or not 0 <= place < len(turn.answers) or len(words) > 4:
            return None
        return await self._press(request, ShowAnswer(turn.answers[place]))

    # -- what is meant

    async def _reply(self, request: Request, meaning: Meaning, turn: RememberedTurn) -> Reply | None:
        has_open = self._recent.has_open(request.person_id)
        match meaning.does:
            case "command":
                return await self._commands[meaning.command](_without_words(request))
            case "say":
                if turn.signs:  # after a card the way to the signs stays
                    meaning = replace(meaning, keys=("urgent", "menu"))
                return Reply(self._screens.said(meaning, has_open=has_open, last=turn.answer))
            case "yes" | "no":
                key = f"talk.{meaning.does}.text"
                return Reply(self._screens.sentence(key, ("menu", "episode"), has_open=has_open))
            case "answers":
                return await self._answers(request, meaning.answers)
            case "number":
                return await self._number(request, turn)
            case "correct":
                return await self._corrected(request, turn)
            case "remind":
                reply = await self._wish(request)
                if reply is not None:
                    return reply
                begins = (await self._commands["episode"](_without_words(request))).screen
                return Reply(self._screens.reminding(begins)) if begins else None
            case "sign":
                return await self._press(request, OneOfThese("-", ""))
            case "purpose" | "unsure":
                return None
            case "sources" | "more" | "why":
                return await self._of_last(request, meaning, turn)

    async def _of_last(self, request: Request, meaning: Meaning, turn: RememberedTurn) -> Reply | None:
        if not turn.answer:
            menu = self._screens.sentence("talk.nothing.text", ("menu", "help"), has_open=False)
            return Reply(menu)
        if meaning.does == "more":
            return await self._press(request, ShowMore(turn.answer))
        self._recent.turned(request.person_id, answer=turn.answer)
        if meaning.does == "sources":
            return Reply(self._screens.sources(turn.answer))
        topics = iter(self._pack.topics.values())
        causes = next(topics).answers[:2]
        return Reply(self._screens.why(turn.answer, [one for one in causes if one != turn.answer]))

    async def _answers(self, request: Request, answers: Sequence[str]) -> Reply:
        if len(answers) == 1:
            return await self._press(request, ShowAnswer(answers[0]))
        self._recent.turned(request.person_id, AskedFor.CHOICE, answers=tuple(answers))
        return Reply(self._screens.choice(answers))

    async def _number(self, request: Request, turn: RememberedTurn) -> Reply:
        """The number of the country that is named, else of the one that is known, else the question which."""
        iso = self._countries.named(request.text)
        if turn.signs and iso:
            self._recent.turned(request.person_id, AskedFor.COUNTRY, signs=turn.signs)
            await self._numbers.pick(request.update_id, request.person_id, iso, keep=True)
            return await self._faq.card(request, turn.signs)
        if turn.signs:
            return await self._after_card.number(request, turn)
        return await self._faq.number(request, PickCountry(iso or ""))

    async def _corrected(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """After a card nothing is taken back by itself; a number may be a score."""
        if turn.signs:
            country = await self._numbers.country_of(request.person_id)
            return Reply(self._screens.taken_back(turn.signs, country))
        numbers = re.findall(r"\b(?:10|\d)\b", request.text)
        return self._offer(request, numbers[0]) if len(numbers) == 1 else None

    def _offer(self, request: Request, score: str) -> Reply:
        has_open = self._recent.has_open(request.person_id)
        self._recent.picked(request.person_id, score=score)
        self._recent.turned(request.person_id, AskedFor.SURE_OF_SCORE)
        return Reply(self._screens.score(score, has_open=has_open))

    async def _about(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """ "What about heat?", "and ice?": the words alone, and of what they may mean what is near the last
        answer."""
        rest = self._further.fullmatch(request.text) or (
            _AND.fullmatch(request.text) if turn.answer else None
        )
        if rest is None:
            return await self._pointed(request, turn)
        bare = self._meanings.without_polite(rest[1])
        found = self._near(self._questions.find(bare), turn) or self._near(request.finding, turn)
        return await self._press(request, ShowAnswer(found)) if found else None

    async def _pointed(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """ "Can I have wine with it?": the last answer, if it is one of those that may be meant."""
        offered = request.finding.answers if isinstance(request.finding, Suggest) else ()
        if turn.answer not in offered or self._pointing.isdisjoint(split(request.text)):
            return None
        return await self._press(request, ShowAnswer(turn.answer))

    def _near(self, finding: Finding, turn: RememberedTurn) -> str | None:
        match finding:
            case Found(answer=answer):
                return answer
            case Suggest(answers=answers) if turn.answer:
                last = self._pack.answers[turn.answer]
                near = {*last.related, *self._pack.topics[last.topic].answers}
                return next((answer for answer in answers[:2] if answer in near), None)
            case _:
                return None

    async def _several(self, request: Request) -> Reply | None:
        """Several questions in one message: an answer to each, to choose from."""
        if isinstance(request.finding, Check | Foreign):
            return None
        parts = [part for part in self._parts.split(request.text) if len(part.split()) > 1]
        if len(parts) < 2:
            return None
        found = [finding.answer for finding in map(self._questions.find, parts) if isinstance(finding, Found)]
        answers = tuple(dict.fromkeys(found))[:_MOST_ANSWERS]
        if len(answers) < 2:
            return None
        self._recent.turned(request.person_id, AskedFor.CHOICE, answers=answers)
        return Reply(self._screens.choice(answers, "talk.several.text"))

    async def _press(self, request: Request, button: Button) -> Reply:
        return await self._presses[type(button)](request, button)


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


def _with_words(request: Request, text: str) -> Request:
    return replace(request, typed=TypedText(text))


def _without_words(request: Request) -> Request:
    return replace(request, typed=TypedText())
