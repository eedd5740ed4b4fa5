"""The FAQ's side of the talk: each handler is a lookup and its screen."""

from tgbot.chat.plain_words import meanings, states
from tgbot.chat.request import Reply, Request, Shareable
from tgbot.chat.updates import TypedText
from tgbot.finder.finding import Check, Foreign, Found, Suggest, Unknown, Urgent
from tgbot.finder.normalising import split
from tgbot.screens.buttons import (
    NoneOfThese,
    PickCountry,
    ShowAnswer,
    ShowCountries,
    ShowSign,
    ShowTopic,
    ShowUrgent,
    UnknownButton,
    Vote,
)
from tgbot.screens.markup import plain
from tgbot.screens.screen import Screen
from tgbot.screens.screens import Screens
from tgbot.service.questions import QuestionService
from tgbot.service.statistics import Statistics

MOST_SHARED = 10  # results for an empty inline query


class FaqHandlers:
    """Menu, topics, answers, warning signs and everything that is typed. Taps touch no store."""

    def __init__(self, screens: Screens, questions: QuestionService, tally: Statistics, link: str) -> None:
        """`link` opens the private chat with the bot."""
        self._screens = screens
        self._questions = questions
        self._tally = tally
        self._link = link
        self._meanings = meanings(screens.pack.ui)
        self._state = states(screens.pack.ui)

    async def start(self, request: Request) -> Reply:
        """/start, and t.me/bot?start=<answer id> on posters and pages."""
        if screen := self._screens.answer(request.text):
            self._tally.shown(request.text)
            return Reply(screen)
        return Reply(self._screens.welcome)

    async def menu(self, request: Request, _: object = None) -> Reply:
        return Reply(self._screens.menu)

    async def help(self, request: Request, _: object = None) -> Reply:
        return Reply(self._screens.help)

    async def topic(self, request: Request, button: ShowTopic) -> Reply:
        return self._or_menu(self._screens.topic(button.topic))

    async def answer(self, request: Request, button: ShowAnswer) -> Reply:
        screen = self._screens.answer(button.answer)
        if screen:  # a forged id is no event: it would stand among the counts
            self._tally.shown(button.answer)
        return self._or_menu(screen)

    async def urgent(self, request: Request) -> Reply:
        return Reply(self._screens.urgent(await self._questions.country_of(request.person_id)))

    async def show_urgent(self, request: Request, button: ShowUrgent) -> Reply:
        country = await self._questions.country_of(request.person_id)
        return Reply(self._screens.urgent(country, self._known(button.back)))

    async def countries(self, request: Request, button: ShowCountries) -> Reply:
        page = int(button.page) if button.page.isdecimal() else 0
        return Reply(self._screens.countries(page, self._known(button.back)))

    async def country(self, request: Request, button: PickCountry) -> Reply:
        """Shown, and kept only in /settings: picking a number in a hurry stores nothing."""
        country = self._screens.pack.countries.get(button.iso)
        return Reply(self._screens.urgent(country, self._known(button.back)))

    async def show_sign(self, request: Request, button: ShowSign) -> Reply:
        """The card of the sign that was tapped in the safety question."""
        if button.sign not in self._screens.pack.red_flags:
            return self._or_menu(None)
        country = await self._questions.country_of(request.person_id)
        return Reply(self._screens.card((button.sign,), country))

    async def none_of_these(self, request: Request, button: NoneOfThese) -> Reply:
        """The safety question is answered with none: what was found comes now."""
        known = tuple(a for a in button.answers.split(",") if self._known(a))
        return self._or_menu(self._screens.after_safety(known))

    async def vote(self, request: Request, button: Vote) -> Reply:
        if self._screens.answer(button.answer):
            self._tally.voted(button.answer, button.value)
        return Reply(alert=self._screens.words.plain("alert.thanks"))

    async def search(self, request: Request) -> Reply:
        return await self.typed(request) if request.text else Reply(self._screens.search)

    async def typed(self, request: Request) -> Reply:
        return Reply(await self._questions.answer(request.person_id, request.text, request.finding))

    def as_command(self, typed: TypedText) -> str | None:
        """The command that these words, the whole message, stand for: "stop" is /cancel."""
        command = self._meanings.get(" ".join(split(typed.text)))
        return None if command is None or typed.signs else command

    def is_state_text(self, typed: TypedText) -> bool:
        """Whether these words say how it is: "much better". A warning sign in them goes before."""
        return self._state(typed.text) and not typed.signs

    async def not_text(self, request: Request) -> Reply:
        return Reply(self._screens.not_text)

    async def unknown_command(self, request: Request) -> Reply:
        """Words after a slash are words all the same when a warning sign is among them."""
        return await self.typed(request) if request.typed.signs else Reply(self._screens.unknown_command)

    async def unknown_button(self, request: Request, _: UnknownButton | None = None) -> Reply:
        return self._or_menu(None)

    async def private_only(self, request: Request) -> Reply:
        return Reply(self._screens.private_only(self._link))

    async def failed(self, request: Request) -> Reply:
        return Reply(self._screens.failed, fresh=True)

    async def too_fast(self, request: Request) -> Reply:
        return Reply(self._screens.too_fast, fresh=True)

    def inline(self, query: TypedText) -> list[Shareable]:
        """What can be shared for these words; nothing typed yet shows the most asked."""
        match query.finding if query.text.strip() else Suggest(self._most_shown()):
            case Urgent(signs=signs):
                card = Screen(self._screens.card(signs).text)
                return [Shareable("urgent", self._screens.words.plain("inline.urgent"), "", card)]
            case Found(answer=answer):
                return [self._shared(answer)]
            case Suggest(answers=answers) | Check(answers=answers):
                return [self._shared(answer) for answer in answers]
            case Unknown() | Foreign():
                return []

    def _known(self, answer: str) -> str:
        """The id, or nothing for one that was forged or is gone: it goes into buttons again."""
        return answer if answer in self._screens.pack.answers else ""

    def _most_shown(self) -> tuple[str, ...]:
        known = [answer for answer in self._tally.most_shown(MOST_SHARED) if self._screens.answer(answer)]
        return tuple(dict.fromkeys((*known, *self._screens.pack.answers)))[:MOST_SHARED]

    def _shared(self, answer: str) -> Shareable:
        this = self._screens.pack.answers[answer]
        screen = self._screens.shared(answer, f"{self._link}?start={answer}")
        return Shareable(answer, this.question, plain(this.short), screen)

    def _or_menu(self, screen: Screen | None) -> Reply:
        """The screen; or, for a button whose time has passed, a word about it and the menu."""
        return (
            Reply(screen) if screen else Reply(self._screens.menu, self._screens.words.plain("alert.stale"))
        )
