"""A reply on its way out: a tap edits its message, everything else sends a new one."""

import asyncio
from dataclasses import replace

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tgbot.chat.calls import Bot, call
from tgbot.chat.message_parameters import Parameters, message_of
from tgbot.chat.request import File, Reply, Request
from tgbot.chat.updates import Tap
from tgbot.screens.screen import Screen

log = structlog.get_logger(__name__)

# What Telegram says when a message cannot be edited although the person still waits for the screen.
_SEND_ANEW = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
)
# What it says when there is nothing left to do: the tap was answered, or the screen is already there.
NOTHING_TO_DO = ("message is not modified", "query is too old")


async def send(bot: Bot, request: Request, reply: Reply) -> None:
    """Send a reply as new messages, be it to where a group has moved meanwhile. (A private chat never moves:
    nobody else may read what is said there.) Who has blocked the bot hears nothing, and that is all right."""
    try:
        await _send(bot, request, reply)
    except ChatMigrated as error:
        if request.private:
            raise
        await _send(bot, replace(request, chat_id=error.new_chat_id), reply)


async def _send(bot: Bot, request: Request, reply: Reply) -> None:
    try:
        if reply.file:
            await _send_file(bot, request.chat_id, reply.file)
        if reply.screen:
            where: Parameters = {"chat_id": request.chat_id}
            if request.topic is not None:
                where["message_thread_id"] = request.topic
            await call(bot, "sendMessage", where | message_of(reply.screen))
    except Forbidden as error:
        log.info("reply_unwanted", reason=error.message)


async def answer_tap(bot: Bot, tap: Tap, request: Request, reply: Reply) -> None:
    """Stop the button's spinner and show the screen, both at once: neither needs to wait for the other."""
    spinner = asyncio.create_task(_stop_spinner(bot, tap, reply.alert))
    try:
        if reply.fresh or reply.file:
            await send(bot, request, reply)
        elif reply.screen:
            await _edit(bot, tap, request, reply.screen)
    except BaseException as error:  # goes before the spinner's: nothing may hide that somebody cancels
        if isinstance(error, asyncio.CancelledError):
            spinner.cancel()
        await asyncio.gather(spinner, return_exceptions=True)
        raise
    await spinner


async def _stop_spinner(bot: Bot, tap: Tap, alert: str) -> None:
    answer = {"callback_query_id": tap.query_id}
    try:
        await call(bot, "answerCallbackQuery", answer | {"text": alert} if alert else answer)
    except BadRequest as error:
        if not says(error, NOTHING_TO_DO):
            raise


async def _edit(bot: Bot, tap: Tap, request: Request, screen: Screen) -> None:
    if tap.message_id is None:
        return  # under an inline result, whose buttons are links
    where: Parameters = {"chat_id": request.chat_id, "message_id": tap.message_id}
    try:
        await call(bot, "editMessageText", where | message_of(screen))
    except BadRequest as error:
        if says(error, _SEND_ANEW):
            await send(bot, request, Reply(screen))
        elif not says(error, NOTHING_TO_DO):
            raise
    except ChatMigrated:
        await send(bot, request, Reply(screen))
    except Forbidden as error:
        log.info("reply_unwanted", reason=error.message)


async def _send_file(bot: Bot, chat_id: int, file: File) -> None:
    if file.picture:
        await bot.send_photo(
            chat_id, file.content, filename=file.name, caption=file.caption, parse_mode="HTML"
        )
    else:
        await bot.send_document(
            chat_id, file.content, filename=file.name, caption=file.caption, parse_mode="HTML"
        )


def says(error: BadRequest, any_of: tuple[str, ...]) -> bool:
    message = error.message.lower()
    return any(words in message for words in any_of)
