"""Telegram's side of the talk: an update becomes `Asked`, the route answers, the reply goes out."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from telegram import Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, TelegramError
from telegram.ext import (
    BaseHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from tgbot.chat.calls import Bot
from tgbot.chat.inline import answer_inline
from tgbot.chat.replies import answer_tap, send
from tgbot.chat.routes import Routes
from tgbot.chat.talk import Answering, Asked, Reply
from tgbot.chat.updates import Raw, Tap, number_of
from tgbot.screens.buttons import UnknownButton, unpack
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

Handle = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]
Handler = BaseHandler[Update, ContextTypes.DEFAULT_TYPE, None]

PRIVATE = filters.ChatType.PRIVATE
NEW = filters.UpdateType.MESSAGE & ~filters.VIA_BOT  # a shared answer is no question
EDITED = filters.UpdateType.EDITED_MESSAGE
SAID = filters.TEXT | filters.CAPTION


class Talk:
    """Knows Telegram and the routes, and nothing of what is said."""

    def __init__(self, bot: Bot, routes: Routes, clock: Clock) -> None:
        self._bot = bot
        self._routes = routes
        self._clock = clock

    def handlers(self) -> list[Handler]:
        """Every kind of update but taps, in order; what no line names is ignored on purpose."""
        routes = self._routes
        return [
            *[CommandHandler(name, self._command(name), NEW) for name in routes.commands],
            MessageHandler(NEW & PRIVATE & filters.COMMAND, self._meant_or(routes.unknown_command)),
            MessageHandler(NEW & PRIVATE & SAID, self._meant_or(routes.said)),
            MessageHandler(NEW & filters.ChatType.GROUPS & SAID, self._said_in_a_group),
            MessageHandler(NEW & PRIVATE & ~filters.StatusUpdate.ALL, self._said(routes.not_text)),
            MessageHandler(EDITED & PRIVATE & SAID, self._said(routes.edited)),
            InlineQueryHandler(self._inline),
            ChatMemberHandler(self._membership, ChatMemberHandler.MY_CHAT_MEMBER),
            TypeHandler(Update, self._ignored),
        ]

    async def tapped(self, raw: Raw) -> None:
        """A button, whichever it is. A tap says so little that it is read as it came: to build PTB's objects
        from it would take longer than everything here together."""
        tap = Tap.read(raw["callback_query"])
        now = self._clock.now()
        asked = Asked(number_of(raw), tap.person_id, tap.chat_id, tap.private, now, topic=tap.topic)
        button = unpack(tap.data)
        try:
            await answer_tap(self._bot, tap, asked, await self._pressed(asked, button))
        except Exception as error:
            if _can_be_told(error):
                await answer_tap(self._bot, tap, asked, await self._routes.failed(asked))
            raise

    async def too_fast(self, raw: Raw) -> None:
        """The one answer to a flood; in a group the others would have to read it too."""
        asked = self._asked(Update.de_json(raw, self._bot))
        if asked.private:
            await send(self._bot, asked, await self._routes.too_fast(asked))

    def _command(self, name: str) -> Handle:
        answering = self._routes.commands[name]

        async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
            asked = self._asked(update, " ".join(context.args or ()))
            if asked.text and self._routes.urgent(asked.text):
                await self._reply(asked, self._routes.typed)
                return
            allowed = asked.private or name not in self._routes.personal
            await self._reply(asked, answering if allowed else self._elsewhere)

        return handle

    def _said(self, answering: Answering) -> Handle:
        async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
            await self._reply(self._asked(update, _words(update)), answering)

        return handle

    def _meant_or(self, answering: Answering) -> Handle:
        """The command that the words stand for, or `answering` for all other words."""

        async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
            words = _words(update)
            if command := self._routes.meant(words):
                await self._reply(self._asked(update), self._routes.commands[command])
            else:
                await self._reply(self._asked(update, words), answering)

        return handle

    async def _said_in_a_group(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """In a group the bot speaks only when spoken to: by its name, or in reply to it."""
        message, words, name = update.effective_message, _words(update), f"@{self._bot.username}"
        replied_to = message.reply_to_message.from_user if message and message.reply_to_message else None
        if name.lower() in words.lower() or (replied_to and replied_to.id == self._bot.id):
            asked = self._asked(update, words.replace(name, " ").strip())
            await self._reply(asked, self._routes.typed)

    async def _reply(self, asked: Asked, answering: Answering) -> None:
        try:
            await send(self._bot, asked, await answering(asked))
        except Exception as error:
            if _can_be_told(error):
                await send(self._bot, asked, await self._routes.failed(asked))
            raise

    async def _pressed(self, asked: Asked, button: Any) -> Reply:
        pressed = self._routes.presses.get(type(button))
        if pressed is None or isinstance(button, UnknownButton):
            return await self._routes.unknown_button(asked)
        if not asked.private and type(button) in self._routes.personal:
            return await self._elsewhere(asked)
        return await pressed(asked, button)

    async def _elsewhere(self, asked: Asked) -> Reply:
        return await self._routes.elsewhere(asked, self._link)

    @property
    def _link(self) -> str:
        return f"https://t.me/{self._bot.username}"

    async def _inline(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if query := update.inline_query:
            await answer_inline(self._bot, query.id, self._routes.inline(query.query, self._link))

    async def _membership(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """In a private chat this is a person who blocked the bot, or let it in again."""
        changed = update.my_chat_member
        if changed and changed.chat.type == ChatType.PRIVATE and changed.new_chat_member.status == "member":
            await self._routes.came_back(changed.from_user.id)

    async def _ignored(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Channel posts, members coming and going, reactions, service messages: nothing to answer."""
        log.debug("update_ignored", update_id=update.update_id)

    def _asked(self, update: Update, text: str = "") -> Asked:
        user, chat = update.effective_user, update.effective_chat
        person_id, message = user.id if user else 0, update.effective_message
        return Asked(
            update_id=update.update_id,
            person_id=person_id,
            chat_id=chat.id if chat else person_id,
            private=chat is not None and chat.type == ChatType.PRIVATE,
            at=self._clock.now(),
            text=text,
            topic=message.message_thread_id if message and message.is_topic_message else None,
        )


def _words(update: Update) -> str:
    message: Message | None = update.effective_message
    return (message.text or message.caption or "") if message else ""


def _can_be_told(error: Exception) -> bool:
    """Our own failure, or a reply that Telegram refuses; when the line is down the intake tries again."""
    return not isinstance(error, TelegramError) or isinstance(error, BadRequest)
