"""Bot API calls whose answer is taken as it comes. PTB builds a `Message` with everything in it from every
reply, which costs more than sending it does, and nobody looks at it."""

from collections.abc import Mapping
from typing import Any, cast

from telegram.ext import ExtBot

from tgbot.chat.telegram_connection import TelegramConnection

Bot = ExtBot[Any]  # over a `TelegramConnection`, as `startup.build` makes it


async def call(bot: Bot, method: str, parameters: Mapping[str, object], *, urgent: bool = False) -> Any:
    """Call at our pace, like everything that PTB sends; an emergency goes first. Raises TelegramError."""
    arguments = (f"{bot.base_url}/{method}", parameters)
    if bot.rate_limiter is None:
        return await connection_of(bot).call(*arguments)
    return await bot.rate_limiter.process_request(
        connection_of(bot).call, arguments, {}, method, dict(parameters), urgent
    )


def connection_of(bot: Bot) -> TelegramConnection:
    """For what has its own pace: polls, and the courier, who takes his tokens before."""
    return cast(TelegramConnection, bot.request)
