"""What admins can do in their private chats: /stats, /health and /service. Nobody else sees it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from html import escape
from types import MappingProxyType
from zlib import crc32

import structlog
from telegram.error import TelegramError

from tgbot.chat.request import ButtonHandler, Handler, Reply, Request
from tgbot.chat.sending import call, message_of
from tgbot.chat.telegram_connection import Bot
from tgbot.chat.updates import IncomingMessage
from tgbot.content import ContentPack, service_messages
from tgbot.screens.buttons import (
    Button,
    SendServiceMessage,
    ShowServiceMessage,
    ShowServiceMessages,
    StopServiceMessage,
)
from tgbot.screens.screen import Key, KeyRow, Screen
from tgbot.service.admin_messages import health_text, stats_text
from tgbot.service.measurements import Observation
from tgbot.service.service_messages import SHARE, ServiceMessages, result_text
from tgbot.service.store_port import Store

log = structlog.get_logger(__name__)

NOTHING_ELSE: Mapping[str, Handler] = MappingProxyType({})


class AdminHandlers:
    """`look` and `problems` are asked when an admin asks: what runs is put together after this."""

    def __init__(
        self,
        admins: Collection[int],
        store: Store,
        look: Callable[[], Awaitable[Observation]],
        problems: Callable[[], Awaitable[list[str]]],
        others: Mapping[str, Handler] = NOTHING_ELSE,
    ) -> None:
        self.admins = frozenset(admins)
        self._store = store
        self._look = look
        self._problems = problems
        self._others = others

    def beside(self, others: Mapping[str, Handler]) -> "AdminHandlers":
        """The same with further commands, those that are made of a pack."""
        return AdminHandlers(self.admins, self._store, self._look, self._problems, others)

    def of_message(self, message: IncomingMessage) -> Handler | None:
        """Who answers an admin's command; for everybody else it is one that the bot does not know."""
        if not (message.private and message.unknown_command and message.person_id in self.admins):
            return None
        name = message.typed.text.split()[0].lstrip("/").partition("@")[0].lower()
        return {"stats": self.stats, "health": self.health, **self._others}.get(name)

    async def stats(self, request: Request) -> Reply:
        return Reply(_table(await stats_text(self._store, request.at)))

    async def health(self, request: Request) -> Reply:
        return Reply(_table(health_text(await self._look(), await self._problems())))


async def tell_admin(bot: Bot, admin: int, sentence: str) -> None:
    """A message outside of any conversation. Never raises: the log has it too."""
    try:
        await call(bot, "sendMessage", {"chat_id": admin} | message_of(Screen(escape(sentence))))
    except TelegramError as error:
        log.warning("admin_not_told", error=type(error).__name__)


def _table(text: str) -> Screen:
    return Screen(f"<pre>{escape(text)}</pre>")


class ServiceMessageHandlers:
    """/service: choose a service message of the pack, see it and whom it goes to, confirm, stop.

    There is no free text. What a bot about pain says to everybody at once is health advice before one thinks
    of it ("you can stop the tablets"), and nobody would have read it before: so the pack has the words,
    where the checks, the review book and the signatures reach them.

    `unknown` answers whoever is no admin, or not alone with the bot: for them these buttons are none."""

    def __init__(
        self,
        pack: ContentPack,
        messages: ServiceMessages,
        admins: Collection[int],
        unknown: Handler,
    ) -> None:
        self._texts = service_messages(pack)
        self._messages = messages
        self._admins = admins
        self._unknown = unknown

    @property
    def presses(self) -> Mapping[type[Button], ButtonHandler]:
        handlers: Mapping[type[Button], ButtonHandler] = {
            ShowServiceMessages: self.choose,
            ShowServiceMessage: self.preview,
            SendServiceMessage: self.send,
            StopServiceMessage: self.stop,
        }
        return {kind: self._for_admins(handler) for kind, handler in handlers.items()}

    def _for_admins(self, handler: ButtonHandler) -> ButtonHandler:
        async def handle(request: Request, button: Button) -> Reply:
            allowed = request.private and request.person_id in self._admins
            return await handler(request, button) if allowed else await self._unknown(request)

        return handle

    async def choose(self, _: Request, __: Button | None = None) -> Reply:
        """What there is to be sent, and what became of the last one."""
        found = await self._messages.newest()
        said, rows = "", list[KeyRow]()
        if found is not None:
            said = escape(result_text(*found)) + "\n\n"
        if found is not None and found[0].ended_at is None:
            if not found[0].stopped:
                rows = [(Key("Stop it", StopServiceMessage(str(found[0].number))),)]
            return Reply(Screen(f"{said}Another can follow when it has ended.", (*rows, _again())))
        if not self._texts:
            return Reply(Screen(f"{said}The pack has no service messages (`service.…` in ui.yaml)."))
        number = str(found[0].number + 1 if found else 1)
        rows = [(Key(name.replace("-", " "), ShowServiceMessage(name, number)),) for name in self._texts]
        return Reply(
            Screen(f"{said}<b>Which service message?</b> You see it before it is sent.", tuple(rows))
        )

    async def preview(self, _: Request, button: ShowServiceMessage) -> Reply:
        """The words as they will arrive, whom they go to, and the key that sends them."""
        words = self._texts.get(button.name)
        if words is None:
            return Reply(alert="The pack has no such message any more.", screen=None)
        reached = await self._messages.reached()
        pace = self._messages.per_second * SHARE
        text = (
            f"This goes to <b>{reached}</b> people with an open episode, at most {pace:.0f} a second. "
            "In quiet hours it waits until they end; what is a day late is not sent.\n\n"
            f"<blockquote>{words}</blockquote>"
        )
        send = SendServiceMessage(button.name, button.number, mark_of(words))
        back = (Key("‹ Back", ShowServiceMessages()),)
        return Reply(Screen(text, ((Key(f"Send it to {reached} people", send),), back)))

    async def send(self, _: Request, button: SendServiceMessage) -> Reply:
        """Confirmed. A second tap, an old preview and words that have changed send nothing."""
        words = self._texts.get(button.name)
        if words is None or mark_of(words) != button.mark:
            return Reply(Screen("The words have changed since. Nothing was sent.", (_again(),)))
        number = int(button.number)
        copies = await self._messages.begin(number, words)
        if copies is None:
            return await self.choose(_)
        stop = (Key("Stop it", StopServiceMessage(button.number)),)
        text = f"Service message {number} is on its way to {copies} people. You are told when it has ended."
        return Reply(Screen(text, (stop, _again())))

    async def stop(self, request: Request, button: StopServiceMessage) -> Reply:
        await self._messages.stop(int(button.number))
        return await self.choose(request)


def mark_of(words: str) -> str:
    """A short mark of the words that were seen, for the key that sends them."""
    return f"{crc32(words.encode()):08x}"


def _again() -> KeyRow:
    return (Key("How far is it?", ShowServiceMessages()),)
