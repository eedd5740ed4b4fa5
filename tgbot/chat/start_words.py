"""What is typed while the form that starts an episode asks something: an answer to it, a question of one's
own, beside which the form waits, or words for which the same is asked once more.

The form stands in the buttons. What is remembered for some minutes is only which of them was asked last.
"""

from dataclasses import replace

from tgbot.chat.asked_words import Talk, Ways, placed
from tgbot.chat.onset_times import Choice, NoOnset, OnsetTimes
from tgbot.chat.request import Handler, Reply, Request
from tgbot.chat.start_handlers import StartHandlers
from tgbot.chat.talk_words import ASKS
from tgbot.chat.told_starts import ToldStarts
from tgbot.content import Meaning
from tgbot.finder.finding import Check, Foreign, Found
from tgbot.finder.normalising import split
from tgbot.screens.buttons import NONE, SOME, Begin, Button, OnsetDay, PickOnset, StartEpisode
from tgbot.screens.onsets import ToldOnset, day_of
from tgbot.screens.screen import Key, Screen
from tgbot.service.hints import AskedFor, RememberedTurn

_LONGEST_LABEL = 8  # words
_MISUNDERSTOOD = ("yes", "no", "unsure", "sign", "correct")  # meanings that answer another question
_ABOUT_AN_ANSWER = ("sources", "more", "why")
_WHATEVER = "ok"  # as "maybe"


class StartWords:
    """`ways` answer a button, `start` those of the form."""

    def __init__(self, talk: Talk, ways: Ways, start: StartHandlers) -> None:
        conversation = talk.words.pack.conversation
        self._meanings = talk.words.meanings
        self._countries = talk.words.countries
        self._scores = talk.words.scores
        self._recent = talk.recent
        self._press = ways.press
        self._place = ways.place
        self._start = start
        self._screens = start.screens
        self._told = ToldStarts(conversation, talk.words.pack.locale)
        self._times = OnsetTimes(conversation.times, talk.words.pack.locale)
        self._asking = frozenset(conversation.question_words)
        self._around_label = frozenset(conversation.around_label.split())

    async def reply(
        self, request: Request, question: RememberedTurn, form: Button, otherwise: Handler
    ) -> Reply:
        """The form's next question, or the same one again; or what there is `otherwise`, beside the form.

        `form` brings the `question` that was asked."""
        meaning = self._meanings.of(request.typed.text, asked_for=question.asked_for)
        self._recent.heard(request.person_id)
        if request.typed.signs and question.asked_for not in (AskedFor.SIGNS, AskedFor.WHICH_SIGN):
            return await self._with_a_sign(request, question, form, otherwise)
        answered = await self._answered(request, question, form, meaning)
        if answered is not None:
            return answered
        if meaning is not None and meaning.does == "purpose":
            return await self._again(request, form, f"talk.purpose.{_PURPOSES[question.asked_for]}.text")
        if meaning is not None and meaning.does == "restart":
            return await self._press(request, _first_question(form))
        if (
            meaning is not None
            and meaning.command == "episode"
            and not self._recent.has_open(request.person_id)
        ):
            return await self._again(request, form, "start.not_yet")
        if not self._is_beside(request, question, meaning):
            return await self._again(request, form, f"unclear.{question.asked_for}")
        return self.beside(request, await otherwise(request), question)

    async def answered(self, request: Request, question: RememberedTurn) -> Reply | None:
        """The next question, when the words answer the one that waits; else None, and nothing changes."""
        form, turn = question.form_button, self._recent.saved(request.person_id)
        if form is None:
            return None
        meaning = self._meanings.of(request.typed.text, asked_for=question.asked_for)
        reply = await self._answered(request, question, form, meaning)
        if reply is None:
            self._recent.put_back(request.person_id, turn)
        return reply

    async def _with_a_sign(
        self, request: Request, question: RememberedTurn, form: Button, otherwise: Handler
    ) -> Reply:
        """ "Since yesterday, with a fever": the sign's card. The form goes on with the time, if one was told,
        or with the sign, when signs were asked about before."""
        begins = isinstance(form, PickOnset | OnsetDay) and (not form.whose or form.whose.startswith("+"))
        if begins and await self._answered(request, question, form, None) is not None:
            question = self._recent.of(request.person_id)
        elif isinstance(form, Begin):
            question = replace(question, form=self._start.with_signs(form, request.typed.signs))
        return self.beside(request, await otherwise(request), question)

    def beside(self, request: Request, reply: Reply, question: RememberedTurn) -> Reply:
        """A reply to something else, with the way back to the form's question, which is still asked."""
        form = question.form_button
        if reply.screen is None or form is None:
            return reply
        self._recent.still_asked(request.person_id, question)
        return replace(reply, screen=self._screens.with_way_back(reply.screen, form))

    async def _answered(
        self, request: Request, question: RememberedTurn, form: Button, meaning: Meaning | None
    ) -> Reply | None:
        does = meaning.does if meaning else ""
        match question.asked_for, form:
            case AskedFor.PLACE, _:
                return await placed(self._place, self._meanings, request) if does != "remind" else None
            case AskedFor.ONSET, PickOnset() | OnsetDay() if does != "remind":
                if reply := await self._onset(request, form):
                    return reply
            case AskedFor.CONSENT, Begin() as form if does == "yes":
                return await self._again(request, replace(form, consent=""), "unclear.consent")
            case _, Begin():
                if button := self._of_form(request, question.asked_for, form, does):
                    return await self._press(request, button)
        screen = (await self._press(request, form)).screen
        key = self._named_key(request.typed.text, screen) if screen else None
        if key is None or (_changes(key.press) and ASKS.search(request.typed.text)):
            return None
        if isinstance(key.press, Begin) and key.press.consent == "y":
            return await self._again(request, form, "unclear.consent")
        self._recent.heard(request.person_id)
        return await self._press(request, key.press)

    def _of_form(self, request: Request, asked_for: AskedFor, form: Begin, does: str) -> Begin | None:
        """The form with what was asked for; None when the words are no answer."""
        match asked_for:
            case AskedFor.SIGNS | AskedFor.WHICH_SIGN if does == "no":
                return replace(form, sign=NONE)
            case AskedFor.SIGNS if does in ("yes", "unsure", "sign"):
                return replace(form, sign=SOME)
            case AskedFor.BACKGROUND if does == "no":
                return replace(form, background=f"-{form.background[1:]}")
            case AskedFor.FIRST_PAIN:
                score = self._scores.of(request.typed.text)
                return replace(form, pain=score) if score is not None else None
            case AskedFor.CONSENT if does == "no":
                return replace(form, consent="n")
            case _:
                return None

    async def _onset(self, request: Request, form: PickOnset | OnsetDay) -> Reply | None:
        zone = form.zone if isinstance(form, OnsetDay) else await self._start.zone(request.person_id)
        text = request.typed.text
        if zone is None and text.strip().isdecimal():
            return None  # so many hours ago, where those are the choices
        if _changes(form) and not self._told.says_when(text):
            return None  # a start that is stored is not changed by a story
        meant = self._times.of(text, request.at, _asked_day(form))
        match meant:
            case NoOnset.NOT_NAMED:
                return None
            case NoOnset.AHEAD:
                return await self._again(request, PickOnset("", form.whose), "start.future")
            case Choice():
                return await self._press(request, PickOnset(meant.value, form.whose))
            case ToldOnset() if zone is None:
                return self._start.which_zone(request, f"t{meant.packed()}{form.whose}")
            case ToldOnset():
                return await self._start.onset_told(request, meant, zone or "", form.whose)
            case _:
                return await self._start.began_at(request, request.at - meant, form.whose)

    def _named_key(self, text: str, screen: Screen) -> Key | None:
        """The key whose label is named by the words, or by a part of it that no other label has; of the last
        row, which leads elsewhere, by the whole label: "my back" is not "‹ Back"."""
        words = set(split(self._meanings.without_polite(text))) - self._around_label
        if not 0 < len(words) <= _LONGEST_LABEL:
            return None
        *choices, last = [[key for key in row if isinstance(key, Key)] for row in screen.rows]
        named = [key for row in choices for key in row if words <= set(split(key.text))]
        named += [key for key in last if split(text) == split(key.text)]
        return named[0] if len(named) == 1 else None

    def _is_beside(self, request: Request, question: RememberedTurn, meaning: Meaning | None) -> bool:
        """Whether it is a question or a sign of its own, and no answer that was not understood."""
        finding = request.typed.finding
        if request.typed.signs or isinstance(finding, Foreign | Found):
            return True
        if isinstance(finding, Check) and finding.signs:
            return True
        if meaning is not None:
            of_last = meaning.does in _ABOUT_AN_ANSWER and not question.answer
            return not of_last and meaning.does not in _MISUNDERSTOOD and meaning.id != _WHATEVER
        if self._countries.only(request.typed.text):
            return True  # whose number is shown, and kept with the yes
        words = split(request.typed.text)
        return bool(words) and (words[0] in self._asking or bool(ASKS.search(request.typed.text)))

    async def _again(self, request: Request, form: Button, above: str) -> Reply:
        """The question once more, below a sentence."""
        reply = await self._press(request, form)
        return replace(reply, screen=self._screens.below(above, reply.screen)) if reply.screen else reply


_PURPOSES = {
    AskedFor.PLACE: "place",
    AskedFor.ONSET: "onset",
    AskedFor.SIGNS: "safety",
    AskedFor.WHICH_SIGN: "safety",
    AskedFor.BACKGROUND: "background",
    AskedFor.FIRST_PAIN: "score",
    AskedFor.CONSENT: "consent",
    AskedFor.SAME_OR_NEW: "onset",
}


def _first_question(form: Button) -> Button:
    """What brings the form's first question again."""
    return PickOnset("", form.whose) if isinstance(form, PickOnset | OnsetDay | Begin) else StartEpisode()


def _changes(form: Button) -> bool:
    """Whether it is for the start of an episode that is stored."""
    return isinstance(form, PickOnset | OnsetDay) and bool(form.whose) and not form.whose.startswith("+")


def _asked_day(form: PickOnset | OnsetDay) -> ToldOnset | None:
    """The day whose hour was asked for."""
    if isinstance(form, OnsetDay):
        day = day_of(form.day)
        return ToldOnset(day.toordinal()) if day else None
    days = {Choice.TODAY.value: 0, Choice.YESTERDAY.value: 1}
    return ToldOnset(days[form.how]) if form.how in days else None
