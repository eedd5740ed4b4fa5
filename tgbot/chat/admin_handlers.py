"""What admins can do in their private chats: /stats, /health and what a pack adds. Nobody else sees it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from html import escape
from types import MappingProxyType

import structlog
from telegram.error import TelegramError

from tgbot.chat.calls import Bot, call
from tgbot.chat.reply_sending import message_of
from tgbot.chat.request import Handler, Reply, Request
from tgbot.chat.updates import IncomingMessage
from tgbot.screens.screen import Screen
from tgbot.service.admin_messages import health_text, stats_text
from tgbot.service.measurements import Observation
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
