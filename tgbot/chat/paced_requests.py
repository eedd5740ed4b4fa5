"""Every call to Telegram waits for its turn at our rate limiter.

PTB's AIORateLimiter has no limit per private chat, and lifts a ban as soon as any other request finishes.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from tgbot.chat.failures import seconds_of
from tgbot.service.rate_limiter import RateLimiter

log = structlog.get_logger(__name__)

MOST_TRIES = 5
Json = dict[str, Any]


class PacedRequests(BaseRateLimiter[bool]):
    """Replies wait for their turn, and out a 429; `remember` keeps a 429's pause across restarts.

    Follow-ups do not come here: the courier takes their tokens before it claims them, and no lease sleeps
    through a 429.
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
        for tries_left in reversed(range(MOST_TRIES)):
            await self._turn(endpoint, data)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                seconds = seconds_of(error)
                log.warning("too_many_requests", endpoint=endpoint, seconds=seconds)
                self._rate_limiter.pause(seconds)
                await self._remember(seconds)
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _turn(self, endpoint: str, data: dict[str, Any]) -> None:
        chat = data.get("chat_id")
        if endpoint.startswith("send") and endpoint != "sendChatAction" and isinstance(chat, int):
            await self._rate_limiter.turn(chat)
        elif endpoint.startswith("edit"):
            await self._rate_limiter.turn()
        else:
            await self._rate_limiter.pause_is_over()
