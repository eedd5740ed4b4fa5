"""What is typed in a private chat: an answer to what was asked, words to the bot itself or about its last
answer, or else a question like any other."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from tgbot.chat.asked_words import AskedWords, Talk, Ways
from tgbot.chat.named_times import spaced
from tgbot.chat.request import Reply, Request
from tgbot.chat.start_words import StartWords
from tgbot.chat.talk_words import ASKS
from tgbot.chat.updates import TypedText
from tgbot.content import Meaning, Tier
from tgbot.finder.finding import Check, Finding, Foreign, Found, Suggest, Unknown, Urgent
from tgbot.finder.normalising import split
from tgbot.screens.buttons import OneOfThese, ShowAnswer, ShowMore
from tgbot.service.hints import AskedFor, RememberedTurn

_STATE, _AROUND = "typed.state.words", "typed.state.around"
_LONGEST_STATE = 12  # words; whoever writes more tells a story, and the finder reads it
_STOP = "cancel"
_LEAVES_A_FORM = ("cancel", "forget")
_MOST_ANSWERS = 4
_MOST_NEAR = 3  # answers that words after an answer may be about


class StateReply(Protocol):
    async def __call__(self, request: Request, *, talks: bool = False) -> Reply | None: ...


class ConversationHandlers:
    """`state_reply` answers words that say how it is, if there is anything they can be meant for."""

    def __init__(self, talk: Talk, ways: Ways, state_reply: StateReply, start_words: StartWords) -> None:
        self._words = talk.words
        self._meanings = talk.words.meanings
        self._questions = talk.questions
        self._screens = talk.screens
        self._numbers = talk.numbers
        self._recent = talk.recent
        self._ways = ways
        self._start_words = start_words
        self._state_reply = state_reply
        self._is_state = states(talk.words.pack.ui)
        self._asked = AskedWords(talk, ways)
        self.unless_erasing = self._asked.unless_erasing

    async def typed(self, request: Request) -> Reply:
        """Words in a private chat, where "much better" can be meant for a check-in."""
        turn = self._turn(request)
        form = turn.form_button
        if _is_emergency(request.typed.finding):
            return await self._outside_of_forms(request, turn)
        if form is None:
            return await self._beside_a_form(request, turn)
        if self._is_dropped(request, turn):
            return self._asked.dropped(request)
        otherwise = partial(self._outside_of_forms, turn=replace(turn, asked_for=AskedFor.NOTHING, form=None))
        return await self._start_words.reply(request, turn, form, otherwise)

    async def _beside_a_form(self, request: Request, turn: RememberedTurn) -> Reply:
        """What is no answer to the form leads back to its question, if one waits."""
        waits = self._recent.of(request.person_id).waiting_form
        if waits is not None and request.replied_to is not None:
            self._recent.heard(request.person_id)
        reply = self._asked.dropped(request) if self._is_dropped(request, turn) else None
        if reply is None and turn.waits is not None and not request.typed.signs:
            reply = await self._asked.expected(request, turn)
            answered = await self._start_words.answered(request, turn.waits) if reply is None else None
            if answered is not None:
                return answered
        reply = reply or await self._outside_of_forms(request, turn)
        return reply if waits is None else self._start_words.beside(request, reply, waits)

    def _is_dropped(self, request: Request, turn: RememberedTurn) -> bool:
        """Whether what was asked shall not be asked any more: "cancel", which stops nothing else."""
        if turn.asked_for is AskedFor.NOTHING or request.typed.signs:
            return False
        meaning = self._meanings.of(request.typed.text, asked_for=turn.asked_for)
        return meaning is not None and meaning.does == "drop"

    def _turn(self, request: Request) -> RememberedTurn:
        """The last turn; what was replied to goes before what is remembered."""
        last = self._recent.of(request.person_id)
        return last if request.replied_to is None else self._asked.replied_to(request.replied_to, last)

    async def _outside_of_forms(self, request: Request, turn: RememberedTurn) -> Reply:
        if request.typed.signs:
            return await self._urgent(request)
        if turn.asked_for is not AskedFor.NOTHING:
            expected = await self._asked.expected(request, turn)
            if expected is not None:
                return expected
        self._recent.heard(request.person_id)
        if self._is_state(request.typed.text):
            state = await self._state_reply(request, talks=self._talks(request))
            if state is not None:
                return state
        reply = await self._meant(request)
        if reply is None and isinstance(request.typed.finding, Unknown):
            reply = await self._not_understood(request, turn)
        return reply or await self._found(request)

    async def _not_understood(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """Words that nobody understands are held against what was asked last, then against what was said."""
        asked = await self._asked.asked_again(request, turn)
        return asked or await self._state_reply(request, talks=True) or self._near_last(request, turn)

    def as_command(self, typed: TypedText, person_id: int) -> str | None:
        """The command that the words stand for; a warning sign in them goes before. "Cancel" may mean what
        was just asked."""
        turn = self._recent.of(person_id)
        slashed = typed.text.startswith("/")
        meaning = self._meanings.of(typed.text, asked_for="" if slashed else turn.asked_for)
        if meaning is None or meaning.does != "command" or typed.signs or self._narrower(typed.text, meaning):
            return None
        if turn.form_button is not None and meaning.command not in _LEAVES_A_FORM:
            return None  # it is answered beside the form
        if slashed and " ".join(split(typed.text)) not in meaning.whole:
            return None  # a slip in a command's name starts nothing
        return meaning.command

    def _narrower(self, text: str, meaning: Meaning) -> bool:
        """Whether it is a stop for some time only, as "don't write to me at night" is."""
        return meaning.command == _STOP and bool(self._words.narrowing.search(spaced(text)))

    async def _meant(self, request: Request) -> Reply | None:
        """What the words mean to the bot itself, or about its last answer; None for a question."""
        turn = self._turn(request)
        meaning = self._meanings.of(request.typed.text, turn.answer)
        if meaning is not None:
            reply = await self._reply(request, meaning, turn)
            if reply is not None:
                return reply
        if not isinstance(request.typed.finding, Found):
            reply = await self._alone(request, turn)
            if reply is not None:
                return reply
        return await self._about(request, turn) or await self._several(request)

    async def _alone(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """A country or a score, and nothing else: no answer of the FAQ is found for those."""
        if self._words.countries.only(request.typed.text):
            return await self._asked.number(request, turn)
        if self._words.countries.is_one(self._meanings.without_polite(request.typed.text)):
            return Reply(self._screens.sentence("talk.no_number.text", ("urgent", "menu"), has_open=False))
        score = self._words.scores.of(request.typed.text)
        return self._offer(request, score) if score is not None else None

    def _near_last(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """For the same words after an answer: they may be about that one, or about one beside it."""
        if not turn.answer:
            return None
        near = (turn.answer, *self._words.pack.answers[turn.answer].related)[:_MOST_NEAR]
        self._recent.turned(request.person_id, AskedFor.CHOICE, answer=turn.answer, answers=near)
        return Reply(self._screens.choice(near, "talk.unclear.text"))

    async def _urgent(self, request: Request) -> Reply:
        """The card; a country that is named with the sign is the one whose number it shows."""
        iso = self._words.countries.named(request.typed.text)
        if iso and self._words.near_country.search(request.typed.text):
            await self._numbers.pick(request.update_id, request.person_id, iso, keep=request.private)
        return await self._found(request)

    async def _found(self, request: Request) -> Reply:
        """What the finder made of it: a card, an answer, a choice, or an honest word that there is none."""
        typed = request.typed
        screen = await self._questions.answer(request.person_id, typed.text, typed.finding, private=True)
        return Reply(screen, urgent=bool(typed.signs))

    def _talks(self, request: Request) -> bool:
        """Whether this is small talk, as "ok" is, which is an answer only while a check-in waits."""
        meaning = self._meanings.of(request.typed.text)
        return meaning is not None and meaning.does in ("say", "yes", "no")

    async def _reply(self, request: Request, meaning: Meaning, turn: RememberedTurn) -> Reply | None:
        has_open = self._recent.has_open(request.person_id)
        match meaning.does:
            case "command" if self._narrower(request.typed.text, meaning):
                return Reply(
                    self._screens.sentence("talk.narrower.text", ("quiet", "stop"), has_open=has_open)
                )
            case "command":
                return await self._ways.commands[meaning.command](_without_words(request))
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
                return await self._asked.number(request, turn)
            case "correct":
                return await self._corrected(request, turn)
            case "remind":
                reply = await self._ways.wish(request)
                if reply is not None:
                    return reply
                begins = (await self._ways.commands["episode"](_without_words(request))).screen
                return Reply(self._screens.reminding(begins)) if begins else None
            case "sign":
                return await self._ways.press(request, OneOfThese("-", ""))
            case "purpose" | "unsure" | "drop" | "restart" | "resume":
                return None
            case "sources" | "more" | "why":
                return await self._of_last(request, meaning, turn)

    async def _of_last(self, request: Request, meaning: Meaning, turn: RememberedTurn) -> Reply | None:
        if not turn.answer:
            menu = self._screens.sentence("talk.nothing.text", ("menu", "help"), has_open=False)
            return Reply(menu)
        if meaning.does == "more":
            return await self._ways.press(request, ShowMore(turn.answer))
        self._recent.turned(request.person_id, answer=turn.answer)
        if meaning.does == "sources":
            return Reply(self._screens.sources(turn.answer))
        causes = [cause for cause in meaning.answers if cause != turn.answer]
        return Reply(self._screens.why(turn.answer, causes))

    async def _answers(self, request: Request, answers: Sequence[str]) -> Reply:
        if len(answers) == 1:
            return await self._ways.press(request, ShowAnswer(answers[0]))
        self._recent.turned(request.person_id, AskedFor.CHOICE, answers=tuple(answers))
        return Reply(self._screens.choice(answers))

    async def _corrected(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """After a card nothing is taken back by itself; a number may be a score."""
        if turn.signs:
            country = await self._numbers.country_of(request.person_id)
            return Reply(self._screens.taken_back(turn.signs, country))
        numbers = re.findall(r"\b(?:10|\d)\b", request.typed.text)
        return self._offer(request, numbers[0]) if len(numbers) == 1 else None

    def _offer(self, request: Request, score: str) -> Reply:
        has_open = self._recent.has_open(request.person_id)
        self._recent.picked(request.person_id, score=score)
        self._recent.turned(request.person_id, AskedFor.SURE_OF_SCORE)
        return Reply(self._screens.score(score, has_open=has_open))

    async def _about(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """ "What about heat?", "and ice?": the words alone, and of what they may mean what is near the last
        answer."""
        rest = self._words.further.fullmatch(request.typed.text) or (
            self._words.joining.fullmatch(request.typed.text) if turn.answer else None
        )
        if rest is None:
            return await self._pointed(request, turn)
        bare = self._meanings.without_polite(rest[1])
        found = self._near(self._questions.find(bare), turn) or self._near(request.typed.finding, turn)
        return await self._ways.press(request, ShowAnswer(found)) if found else None

    async def _pointed(self, request: Request, turn: RememberedTurn) -> Reply | None:
        """ "Can I have wine with it?": the last answer, if it is one of those that may be meant."""
        offered = request.typed.finding.answers if isinstance(request.typed.finding, Suggest) else ()
        if turn.answer not in offered or self._words.pointing.isdisjoint(split(request.typed.text)):
            return None
        return await self._ways.press(request, ShowAnswer(turn.answer))

    def _near(self, finding: Finding, turn: RememberedTurn) -> str | None:
        match finding:
            case Found(answer=answer):
                return answer
            case Suggest(answers=answers) if turn.answer:
                last = self._words.pack.answers[turn.answer]
                near = {*last.related, *self._words.pack.topics[last.topic].answers}
                return next((answer for answer in answers[:2] if answer in near), None)
            case _:
                return None

    async def _several(self, request: Request) -> Reply | None:
        """Several questions in one message: an answer to each, to choose from."""
        if isinstance(request.typed.finding, Check | Foreign):
            return None
        parts = [part for part in self._words.parts.split(request.typed.text) if len(part.split()) > 1]
        if len(parts) < 2:
            return None
        found = [finding.answer for finding in map(self._questions.find, parts) if isinstance(finding, Found)]
        answers = tuple(dict.fromkeys(found))[:_MOST_ANSWERS]
        if len(answers) < 2:
            return None
        self._recent.turned(request.person_id, AskedFor.CHOICE, answers=answers)
        return Reply(self._screens.choice(answers, "talk.several.text"))


def _is_emergency(finding: Finding) -> bool:
    """Whether it goes before whatever was asked."""
    match finding:
        case Urgent(tier=tier):
            return tier is Tier.EMERGENCY
        case Foreign(sign=sign):
            return sign is not None
        case _:
            return False


def _without_words(request: Request) -> Request:
    return replace(request, typed=TypedText())


def states(ui: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a whole message says how it is, and asks nothing."""
    words = "|".join(map(re.escape, _phrases(ui[_STATE])))
    around = "|".join(map(re.escape, _phrases(ui[_AROUND])))
    either = f"(?:(?:{words}|{around}) )*"
    shape = re.compile(f"{either}(?:{words}) {either}")

    def state(text: str) -> bool:
        said = split(text)
        if len(said) > _LONGEST_STATE or ASKS.search(text):
            return False
        return bool(shape.fullmatch(" ".join([*said, ""])))

    return state


def _phrases(line: str) -> list[str]:
    return [" ".join(split(said)) for said in line.split(",")]
