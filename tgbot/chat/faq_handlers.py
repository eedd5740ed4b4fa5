"""The FAQ's side of the talk: each handler is a lookup and its screen."""

from collections.abc import Sequence
from difflib import get_close_matches

from tgbot.chat.request import Reply, Request, Shareable
from tgbot.chat.updates import TypedText
from tgbot.content import Country
from tgbot.finder.finding import Check, Foreign, Found, Suggest, Unknown, Urgent
from tgbot.screens.buttons import (
    CardCountry,
    NoneOfThese,
    OneOfThese,
    PickCountry,
    ShowAnswer,
    ShowCountries,
    ShowMore,
    ShowSameDay,
    ShowSign,
    ShowTopic,
    ShowTopicPage,
    ShowUrgent,
    UnknownButton,
    Vote,
)
from tgbot.screens.faq_screens import Screens
from tgbot.screens.markup import plain
from tgbot.screens.screen import Screen
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.preferences import EmergencyNumbers
from tgbot.service.questions import QuestionService, Statistics

MOST_SHARED = 10  # results for an empty inline query


class FaqHandlers:
    """Menu, topics, answers, warning signs and everything that is typed. Taps touch no store."""

    def __init__(
        self,
        screens: Screens,
        questions: QuestionService,
        tally: Statistics,
        numbers: EmergencyNumbers,
        recent: Recent,
        link: str,
    ) -> None:
        """`link` opens the private chat with the bot."""
        self._screens = screens
        self._questions = questions
        self._tally = tally
        self._numbers = numbers
        self._recent = recent
        self._link = link
        self._commands = [
            key.removeprefix("command.") for key in screens.pack.ui if key.startswith("command.")
        ]

    async def start(self, request: Request) -> Reply:
        """/start, and t.me/bot?start=<answer id> on posters and pages."""
        if screen := self._shown(request, request.typed.text):
            return Reply(screen)
        return Reply(self._screens.welcome(self._has_open(request)))

    async def menu(self, request: Request, _: object = None) -> Reply:
        return Reply(self._screens.menu(self._has_open(request)))

    async def help(self, request: Request, _: object = None) -> Reply:
        return Reply(self._screens.help)

    async def topic(self, request: Request, button: ShowTopic) -> Reply:
        return self._or_menu(request, self._screens.topics.get((button.topic, 0)))

    async def topic_page(self, request: Request, button: ShowTopicPage) -> Reply:
        pages = self._screens.topics
        screen = pages.get((button.topic, int(button.page or 0))) or pages.get((button.topic, 0))
        return self._or_menu(request, screen)

    async def answer(self, request: Request, button: ShowAnswer) -> Reply:
        return self._or_menu(request, self._shown(request, button.answer))

    async def more(self, request: Request, button: ShowMore) -> Reply:
        return self._or_menu(request, self._screens.more(button.answer))

    async def urgent(self, request: Request) -> Reply:
        return await self.show_urgent(request, ShowUrgent())

    async def show_urgent(self, request: Request, button: ShowUrgent) -> Reply:
        country = await self._numbers.country_of(request.person_id)
        self._recent.turned(request.person_id, AskedFor.COUNTRY)
        return Reply(self._screens.warnings.urgent(country, self._known(button.back)))

    async def same_day(self, request: Request, button: ShowSameDay) -> Reply:
        country = await self._numbers.country_of(request.person_id)
        return Reply(self._screens.warnings.same_day(country, self._known(button.back)))

    async def countries(self, request: Request, button: ShowCountries) -> Reply:
        country = await self._numbers.country_of(request.person_id)
        self._recent.turned(request.person_id, AskedFor.COUNTRY)
        return Reply(
            self._screens.warnings.countries(int(button.page or 0), country, self._known(button.back))
        )

    async def country(self, request: Request, button: PickCountry) -> Reply:
        """The signs with this country's number."""
        country = await self._picked(request, button.iso)
        return Reply(self._screens.warnings.urgent(country, self._known(button.back)))

    async def show_sign(self, request: Request, button: ShowSign) -> Reply:
        """The card of the sign that was tapped in the safety question."""
        if button.sign not in self._screens.pack.red_flags:
            return self._or_menu(request, None)
        self._recent.turned(request.person_id, AskedFor.COUNTRY, signs=(button.sign,))
        country = await self._numbers.country_of(request.person_id)
        return Reply(self._screens.warnings.card((button.sign,), country), urgent=True)

    async def one_of_these(self, request: Request, button: OneOfThese) -> Reply:
        """The safety question is answered with one: which, is asked with the number in sight."""
        country = await self._numbers.country_of(request.person_id)
        signs = [sign for sign in button.signs.split(".") if sign in self._screens.pack.red_flags]
        return Reply(self._screens.warnings.which_sign(signs, self._known_of(button.answers), country))

    async def none_of_these(self, request: Request, button: NoneOfThese) -> Reply:
        """The safety question is answered with none: what was found comes now."""
        known = self._known_of(button.answers)
        if len(known) == 1:
            self._shown(request, known[0])  # counted and remembered
        return Reply(self._screens.after_safety(known, self._has_open(request)))

    def _known_of(self, answers: str) -> tuple[str, ...]:
        return tuple(answer for answer in answers.split(",") if self._known(answer))

    async def card_country(self, request: Request, button: CardCountry) -> Reply:
        """The card it stands under, with another number, or with countries to pick it from."""
        signs = [sign for sign in button.signs.split(".") if sign in self._screens.pack.red_flags]
        if not signs:
            return self._or_menu(request, None)
        self._recent.turned(request.person_id, AskedFor.COUNTRY, signs=tuple(signs))
        country = await self._picked(request, button.iso)
        page = int(button.page) if button.page and not button.iso else None
        return Reply(self._screens.warnings.card(signs, country, page))

    async def card(self, request: Request, signs: Sequence[str]) -> Reply:
        """The card for these signs again, with the number that is known now."""
        return Reply(self._screens.warnings.card(signs, await self._numbers.country_of(request.person_id)))

    async def number(self, request: Request, button: PickCountry) -> Reply:
        """The emergency number that was asked for; without a country, the question which."""
        self._recent.turned(request.person_id, AskedFor.COUNTRY)
        country = await self._picked(request, button.iso)
        return Reply(self._screens.warnings.number_of(country))

    async def _picked(self, request: Request, iso: str) -> Country | None:
        """The country just picked, or the one there was."""
        picked = await self._numbers.pick(request.update_id, request.person_id, iso, keep=request.private)
        return picked or await self._numbers.country_of(request.person_id)

    async def vote(self, request: Request, button: Vote) -> Reply:
        if self._screens.answer(button.answer):
            self._tally.voted(button.answer, button.value)
        return Reply(alert=self._screens.words.plain("alert.thanks"))

    async def search(self, request: Request) -> Reply:
        return await self.typed(request) if request.typed.text else Reply(self._screens.search)

    async def typed(self, request: Request) -> Reply:
        screen = await self._questions.answer(
            request.person_id, request.typed.text, request.typed.finding, private=request.private
        )
        return Reply(screen, urgent=bool(request.typed.signs))

    async def not_text(self, request: Request) -> Reply:
        return Reply(self._screens.not_text)

    async def unknown_command(self, request: Request) -> Reply:
        """Words after a slash are words all the same when a warning sign is among them."""
        if request.typed.signs:
            return await self.typed(request)
        typed = request.typed.text.lower().lstrip("/").partition("@")[0].split() or [""]
        near = get_close_matches(typed[0], self._commands, n=1)
        return Reply(self._screens.unknown_command(*near))

    async def unknown_button(self, request: Request, _: UnknownButton | None = None) -> Reply:
        return self._or_menu(request, None)

    async def private_only(self, request: Request) -> Reply:
        return Reply(self._screens.private_only(self._link))

    async def failed(self, request: Request) -> Reply:
        return Reply(self._screens.failed, fresh=True)

    async def too_fast(self, request: Request) -> Reply:
        return Reply(self._screens.too_fast, fresh=True)

    async def interrupted(self, request: Request) -> Reply:
        return Reply(self._screens.interrupted, fresh=True)

    def inline(self, query: TypedText) -> list[Shareable]:
        """What can be shared for these words; nothing typed yet shows the most asked."""
        match query.finding if query.text.strip() else Suggest(self._most_shown()):
            case Urgent(signs=signs):
                card = Screen(self._screens.warnings.card(signs).text)
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

    def _shown(self, request: Request, answer: str) -> Screen | None:
        """An answer's screen, counted and remembered; a forged id is no event."""
        screen = self._screens.answer(answer, self._has_open(request))
        if screen:
            self._tally.shown(answer)
            self._recent.turned(request.person_id, answer=answer)
        return screen

    def _has_open(self, request: Request) -> bool:
        """Whether the way to an open episode may be shown: in a group, nobody else may learn of it."""
        return request.private and self._recent.has_open(request.person_id)

    def _or_menu(self, request: Request, screen: Screen | None) -> Reply:
        """The screen; or, for a button whose time has passed, a word about it and the menu."""
        if screen:
            return Reply(screen)
        stale = self._screens.words.plain("alert.stale")
        return Reply(self._screens.menu(self._has_open(request)), stale)
