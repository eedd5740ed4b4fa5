"""What the bot sends: replies, which edit the tapped message or come as new ones; results of inline mode; and
check-ins. Here alone our screens become Telegram's parameters, and each call waits for its turn.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson
import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from tgbot.chat.failures import seconds_of, surely_not_sent
from tgbot.chat.request import File, Reply, Request, Shareable
from tgbot.chat.telegram_connection import Bot, connection_of
from tgbot.chat.updates import Json, Tap
from tgbot.screens.buttons import pack
from tgbot.screens.screen import Key, KeyRow, Link, Screen
from tgbot.service.ports import Ambiguous, Delivery, Gone, Later, Moved, Refused, SentOk
from tgbot.service.rate_limiter import RateLimiter

log = structlog.get_logger(__name__)

KEYBOARDS = 1_000  # kept ready: all of the pack's, and some of people's own

# What it says when there is nothing left to do: the tap was answered, or the screen is already there.
NOTHING_TO_DO = ("message is not modified", "query is too old")
# What it says of a message that we made wrongly. Whatever else it says in a group is about our rights there.
_WRONGLY_MADE = ("can't parse", "too long", "too_long", "empty", "button", "keyboard", "markup", "entities")
_NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")
_NO_SUCH_TOPIC = ("thread not found", "topic_deleted", "topic_id_invalid")

INLINE_CACHE_SECONDS = 300  # the same for everybody: results hold nothing personal
MOST_TRIES = 5  # of a call that Telegram answers 429

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
    answer: Parameters = {"callback_query_id": tap.query_id}
    if reply.alert:
        answer["text"] = reply.alert
    spinner = asyncio.create_task(_answer_query(bot, "answerCallbackQuery", answer))
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


async def _answer_query(bot: Bot, method: str, answer: Parameters) -> None:
    """One that is too old needs no answer: nobody waits for it any more."""
    try:
        await call(bot, method, answer)
    except BadRequest as error:
        if not says(error, NOTHING_TO_DO):
            raise


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


async def answer_inline(bot: Bot, query_id: str, results: Sequence[Shareable]) -> None:
    """Offer the results of inline mode, as for `@bot heat or ice`; none tells that nothing was found."""
    answer: Parameters = {
        "inline_query_id": query_id,
        "results": [_article(result) for result in results],
        "cache_time": INLINE_CACHE_SECONDS,
        "is_personal": False,
    }
    await _answer_query(bot, "answerInlineQuery", answer)


def _article(result: Shareable) -> Parameters:
    message = message_of(result.screen)
    keyboard = message.pop("reply_markup", None)
    message["message_text"] = message.pop("text")
    article: Parameters = {
        "type": "article",
        "id": result.id,
        "title": result.title,
        "description": result.description,
        "input_message_content": message,
    }
    return article | {"reply_markup": keyboard} if keyboard else article


class TelegramMessenger:
    """The port `Messenger`: sends check-ins; every way that can end is a value. `longest` is the hard limit
    of one send, in seconds: the lease outlives it."""

    def __init__(self, bot: Bot, longest: float) -> None:
        self._bot = bot
        self._longest = longest

    async def send(self, chat_id: int, screen: Screen) -> Delivery:
        try:
            async with asyncio.timeout(self._longest):
                message = await connection_of(self._bot).call(  # the courier has taken the tokens
                    f"{self._bot.base_url}/sendMessage", {"chat_id": chat_id} | message_of(screen)
                )
                return SentOk(int(message["message_id"]))
        except (TelegramError, TimeoutError) as error:
            return delivery_of(error)
        except (KeyError, TypeError, ValueError):
            return Ambiguous("The answer names no message")


def delivery_of(error: TelegramError | TimeoutError) -> Delivery:
    """What is known of a message whose sending raised this."""
    reason = f"{type(error).__name__}: {error}"
    match error:
        case RetryAfter():
            return Later(seconds_of(error), reason)
        case ChatMigrated():
            return Moved(error.new_chat_id)
        case Forbidden():
            return Gone(reason)
        case BadRequest():
            return Gone(reason) if says(error, _NO_SUCH_CHAT) else Refused(reason)
        case _ if surely_not_sent(error):
            return Later(0, reason)
        case _:  # no answer, half an answer, 5xx: it may be there
            return Ambiguous(reason)


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


async def call(bot: Bot, method: str, parameters: dict[str, object], *, urgent: bool = False) -> Any:
    """Call at our pace, like everything that PTB sends; an emergency goes first. The answer is taken as it
    comes: PTB would build a `Message` of it, which costs more than sending does. Raises TelegramError."""
    arguments = (f"{bot.base_url}/{method}", parameters)
    if bot.rate_limiter is None:
        return await connection_of(bot).call(*arguments)
    return await bot.rate_limiter.process_request(
        connection_of(bot).call, arguments, {}, method, parameters, urgent
    )


class PacedRequests(BaseRateLimiter[bool]):
    """Calls wait for their turn, and out a 429. `remember` keeps a 429 of the whole bot across restarts.

    PTB's own AIORateLimiter has no limit per private chat, and lifts a ban as soon as any other call ends.

    Its argument in PTB's terms (`rate_limit_args`) is whether a call is urgent. Follow-ups do not come here:
    the courier takes their tokens before it claims them, and no lease sleeps through a 429.
    """

    def __init__(self, rate_limiter: RateLimiter, remember: Callable[[float], Awaitable[None]]) -> None:
        self._rate_limiter = rate_limiter
        self._remember = remember

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to stop."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | Json | list[Json]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: bool | None,
    ) -> bool | Json | list[Json]:
        if "My" in endpoint:  # the bot's own profile: a 429 there may be of hours, and is of that alone
            return await callback(*args, **kwargs)
        chat = data.get("chat_id")
        chat_id = chat if isinstance(chat, int) else None
        for tries_left in reversed(range(MOST_TRIES)):
            await self._turn(endpoint, chat_id, urgent=bool(rate_limit_args))
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                await self._slow_down(endpoint, chat_id, seconds_of(error))
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _slow_down(self, endpoint: str, chat_id: int | None, seconds: float) -> None:
        whole = self._rate_limiter.too_many(chat_id, seconds)
        log.warning("too_many_requests", endpoint=endpoint, seconds=seconds, for_everybody=round(whole, 1))
        if whole > 0:
            await self._remember(whole)

    async def _turn(self, endpoint: str, chat_id: int | None, *, urgent: bool) -> None:
        if endpoint.startswith("send") and endpoint != "sendChatAction" and chat_id is not None:
            await self._rate_limiter.turn(chat_id, urgent=urgent)
        elif endpoint.startswith("edit"):
            await self._rate_limiter.edit_turn(chat_id, urgent=urgent)
        else:
            await self._rate_limiter.pause_is_over(chat_id)
