"""Tells Telegram what to show of the bot: its commands, and words for whoever has not written yet."""

import structlog
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from tgbot.chat.calls import Bot
from tgbot.chat.routes import Routes
from tgbot.screens.words import Words

log = structlog.get_logger(__name__)


async def introduce(bot: Bot, routes: Routes, words: Words) -> None:
    """Tell Telegram the commands – all of them in private chats, the impersonal ones in groups – and what to
    show to whoever has not written yet."""
    private = [BotCommand(name, words.plain(f"command.{name}")) for name in routes.commands]
    groups = [command for command in private if command.command not in routes.personal]
    try:
        await bot.set_my_commands(private, scope=BotCommandScopeAllPrivateChats())
        await bot.set_my_commands(groups, scope=BotCommandScopeAllGroupChats())
        await _describe(bot, words.plain("profile.description"), words.plain("profile.short"))
    except TelegramError as error:  # everything works without; the next start tells it again
        log.warning("introduction_not_told", error=type(error).__name__)


async def _describe(bot: Bot, description: str, short: str) -> None:
    """Set only what differs: Telegram is slow to allow many changes of a profile, and bots restart often."""
    if (await bot.get_my_description()).description != description:
        await bot.set_my_description(description)
    if (await bot.get_my_short_description()).short_description != short:
        await bot.set_my_short_description(short)
