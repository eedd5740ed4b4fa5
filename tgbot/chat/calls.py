"""Bot API calls: each waits for its turn at our rate limiter, and its answer is taken as it comes.

PTB would build a `Message` of every answer, which costs more than sending does, and nobody looks at it; its
AIORateLimiter has no limit per private chat, and lifts a ban as soon as any other request finishes.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

import structlog
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter, ExtBot

from tgbot.chat.failures import seconds_of
from tgbot.chat.telegram_connection import TelegramConnection
from tgbot.chat.updates import Json
from tgbot.service.rate_limiter import RateLimiter

log = structlog.get_logger(__name__)

MOST_TRIES = 5

Bot = ExtBot[Any]  # over a `TelegramConnection`, as `startup.build` makes it


async def call(bot: Bot, method: str, parameters: dict[str, object], *, urgent: bool = False) -> Any:
    """Call at our pace, like everything that PTB sends; an emergency goes first. Raises TelegramError."""
    arguments = (f"{bot.base_url}/{method}", parameters)
    if bot.rate_limiter is None:
        return await connection_of(bot).call(*arguments)
    return await bot.rate_limiter.process_request(
        connection_of(bot).call, arguments, {}, method, parameters, urgent
    )


def connection_of(bot: Bot) -> TelegramConnection:
    """For what has its own pace: polls, and the courier, who takes his tokens before."""
    return cast(TelegramConnection, bot.request)


class PacedRequests(BaseRateLimiter[bool]):
    """Replies wait for their turn, and out a 429. `remember` keeps a 429 of the whole bot across restarts.

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
