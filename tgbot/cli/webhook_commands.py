"""`backcheck webhook`: the one place, beside the bot's own start, that tells Telegram where to post."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from tgbot.cli.shared import read_settings

if TYPE_CHECKING:
    from tgbot.chat.telegram_connection import Bot


@click.group()
def webhook() -> None:
    """Set, show or delete Telegram's webhook for this bot."""


@webhook.command("set")
def set_it() -> None:
    """Tell Telegram BACKCHECK_WEBHOOK and the secret. Needed once after the secret was changed."""
    from tgbot.chat.webhook import set_webhook
    from tgbot.clock import SystemClock
    from tgbot.wiring.connections import webhook_settings

    wanted = webhook_settings(read_settings())

    async def work() -> None:
        async with _bot() as bot:
            await set_webhook(bot, wanted, SystemClock(), anew=True)

    asyncio.run(work())
    click.echo(f"Telegram posts to {wanted.url}.")


@webhook.command()
def show() -> None:
    """Say what Telegram knows: where it posts, how much waits, and what failed last."""

    async def work() -> list[str]:
        async with _bot() as bot:
            info = await bot.get_webhook_info()
        if not info.url:
            return [f"No webhook is set; {info.pending_update_count} updates wait to be polled."]
        lines = [f"Telegram posts to {info.url}; {info.pending_update_count} updates wait."]
        if info.last_error_date:
            lines.append(f"Last failure, {info.last_error_date:%Y-%m-%d %H:%M}Z: {info.last_error_message}")
        return lines

    click.echo("\n".join(asyncio.run(work())))


@webhook.command()
def delete() -> None:
    """Take it away, so that the bot can poll. What waits at Telegram is kept."""

    async def work() -> None:
        async with _bot() as bot:
            await bot.delete_webhook()

    asyncio.run(work())
    click.echo("No webhook is set any more; a bot without BACKCHECK_WEBHOOK can poll now.")


@asynccontextmanager
async def _bot() -> AsyncIterator["Bot"]:
    """The bot, connected. Raises BackcheckError."""
    from tgbot.chat.startup import build, connect, plainly
    from tgbot.clock import SystemClock
    from tgbot.wiring.connections import NoTokenError

    settings = read_settings()
    if settings.token is None:
        raise NoTokenError
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    bot = build(settings.token.get_secret_value(), settings.api_url, None, proxy)
    await connect(bot, SystemClock(), asyncio.Event())
    try:
        with plainly(bot):
            yield bot
    finally:
        await bot.shutdown()


COMMANDS = (webhook,)
