"""A reply on its way out: a tap edits its message, everything else sends a new one. Here alone our screens
become Telegram's parameters."""

import asyncio
from dataclasses import replace
from functools import lru_cache

import orjson
import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tgbot.chat.calls import Bot, call
from tgbot.chat.request import File, Reply, Request
from tgbot.chat.updates import Tap
from tgbot.screens.buttons import pack
from tgbot.screens.screen import Key, KeyRow, Link, Screen

log = structlog.get_logger(__name__)

KEYBOARDS = 1_000  # kept ready: all of the pack's, and some of people's own

# What it says when there is nothing left to do: the tap was answered, or the screen is already there.
NOTHING_TO_DO = ("message is not modified", "query is too old")
# What it says of a message that we made wrongly. Whatever else it says in a group is about our rights there.
_WRONGLY_MADE = ("can't parse", "too long", "too_long", "empty", "button", "keyboard", "markup", "entities")
_NO_SUCH_TOPIC = ("thread not found", "topic_deleted", "topic_id_invalid")

Parameters = dict[str, object]


async def send(bot: Bot, request: Request, reply: Reply) -> None:
    """Send a reply as new messages, be it to where a group has moved meanwhile, or outside of a topic that is
    no more. (A private chat never moves: nobody else may read what is said there.) Who has blocked the bot,
    or a group that does not let it write, hears nothing, and that is all right."""
    try:
        await _send(bot, request, reply)
    except ChatMigrated as error:
        if request.private:
            raise
        await send(bot, replace(request, chat_id=error.new_chat_id, topic=None), reply)
    except Forbidden as error:
        log.info("reply_unwanted", reason=error.message)
    except BadRequest as error:
        if request.topic is not None and says(error, _NO_SUCH_TOPIC):
            await send(bot, replace(request, topic=None), reply)
        elif request.private or says(error, _WRONGLY_MADE):
            raise
        else:
            log.info("reply_unwanted", reason=error.message)


async def _send(bot: Bot, request: Request, reply: Reply) -> None:
    if reply.file:
        await _send_file(bot, request, reply.file)
    if reply.screen:
        message = place_of(request) | message_of(reply.screen)
        await call(bot, "sendMessage", message, urgent=reply.urgent)


async def answer_tap(bot: Bot, tap: Tap, request: Request, reply: Reply) -> None:
    """Stop the button's spinner and show the screen, both at once: neither needs to wait for the other."""
    spinner = asyncio.create_task(_stop_spinner(bot, tap, reply.alert))
    try:
        if reply.fresh or reply.file:
            await send(bot, request, reply)
        elif reply.screen:
            await _edit(bot, tap, request, reply)
    except BaseException as error:  # goes before the spinner's: nothing may hide that somebody cancels
        if isinstance(error, asyncio.CancelledError):
            spinner.cancel()
        await asyncio.gather(spinner, return_exceptions=True)
        raise
    await spinner


async def _stop_spinner(bot: Bot, tap: Tap, alert: str) -> None:
    answer: Parameters = {"callback_query_id": tap.query_id}
    try:
        await call(bot, "answerCallbackQuery", answer | {"text": alert} if alert else answer)
    except BadRequest as error:
        if not says(error, NOTHING_TO_DO):
            raise


async def _edit(bot: Bot, tap: Tap, request: Request, reply: Reply) -> None:
    """Whatever refuses the edit, the screen comes as a new message: what was done is stored, and must be
    seen. Raises what refuses that as well."""
    if tap.message_id is None or reply.screen is None:
        return  # under an inline result, whose buttons are links
    where: Parameters = {"chat_id": request.chat_id, "message_id": tap.message_id}
    try:
        await call(bot, "editMessageText", where | message_of(reply.screen), urgent=reply.urgent)
    except (BadRequest, Forbidden, ChatMigrated) as error:
        if isinstance(error, BadRequest) and says(error, NOTHING_TO_DO):
            return
        log.info("edit_refused", reason=error.message)
        await send(bot, request, reply)


async def _send_file(bot: Bot, request: Request, file: File) -> None:
    send_it = bot.send_photo if file.picture else bot.send_document
    await send_it(
        request.chat_id,
        file.content,
        filename=file.name,
        caption=file.caption,
        parse_mode="HTML",
        message_thread_id=request.topic,
    )


def says(error: BadRequest, any_of: tuple[str, ...]) -> bool:
    message = error.message.lower()
    return any(words in message for words in any_of)


def place_of(request: Request) -> Parameters:
    """Where a reply belongs: the chat, and the topic in which it was asked for."""
    place: Parameters = {"chat_id": request.chat_id}
    if request.topic is not None:
        place["message_thread_id"] = request.topic
    return place


def message_of(screen: Screen) -> Parameters:
    """What sendMessage and editMessageText say of this screen."""
    message: Parameters = {
        "text": screen.text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if any(screen.rows):
        message["reply_markup"] = keyboard_of(screen.rows)
    elif screen.placeholder:
        message["reply_markup"] = {"force_reply": True, "input_field_placeholder": screen.placeholder}
    return message


@lru_cache(maxsize=KEYBOARDS)
def keyboard_of(rows: tuple[KeyRow, ...]) -> orjson.Fragment:
    """An inline keyboard as JSON. The pack's screens never change: each of theirs is made once."""
    keys = [[_button(key) for key in row] for row in rows if row]
    return orjson.Fragment(orjson.dumps({"inline_keyboard": keys}))


def _button(key: Key | Link) -> dict[str, str]:
    if isinstance(key, Link):
        return {"text": key.text, "url": key.url}
    return {"text": key.text, "callback_data": pack(key.press)}
