"""Words after a warning sign's card, which holds until something is tapped or a command is given."""

from tgbot.chat.faq_handlers import FaqHandlers
from tgbot.chat.request import Handler, Reply, Request
from tgbot.content import ContentPack, Meaning, Tier
from tgbot.finder.finding import Check, Foreign, Found, Suggest, Unknown
from tgbot.finder.normalising import split
from tgbot.screens.buttons import CardCountry
from tgbot.screens.talk_screens import TalkScreens
from tgbot.screens.warning_screens import CRISIS
from tgbot.service.hints import AskedFor, Recent, RememberedTurn
from tgbot.service.preferences import EmergencyNumbers

_PASS = ("command", "number", "correct")  # what is not about the card, or has an answer of its own


class AfterCard:
    """The card again, or what is said beside it."""

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
        if turn.signs[0] == CRISIS:
            return "talk.crisis_kept.text"
        return (
            "talk.card_kept.text"
            if self._costs.isdisjoint(split(request.typed.text))
            else "talk.cost_kept.text"
        )

    def _is_emergency(self, turn: RememberedTurn) -> bool:
        flags = [self._pack.red_flags[sign] for sign in turn.signs if sign in self._pack.red_flags]
        return any(flag.tier is Tier.EMERGENCY for flag in flags)
