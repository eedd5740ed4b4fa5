"""Tells Telegram what to show of the bot: its commands, and words for whoever has not written yet."""

import asyncio

import structlog
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import RetryAfter, TelegramError

from tgbot.chat.failures import Failure, failure_of, seconds_of
from tgbot.chat.routes import Routes
from tgbot.chat.telegram_connection import Bot
from tgbot.followup.times import backoff
from tgbot.screens.screen import Words
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0


class Introduction:
    """Everything works without it, so a failure holds up nothing; it is told again later."""

    def __init__(self, bot: Bot, routes: Routes, words: Words, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._again = asyncio.Event()
        self._take(routes, words)
        self._failures = 0
        self._again_in: float | None = 0.0  # None: told, or refused for good

    def is_now(self, routes: Routes, words: Words) -> None:
        """Other words are in use: told by `run`, when they differ."""
        before = (self._private, self._description, self._short)
        self._take(routes, words)
        if before != (self._private, self._description, self._short):
            self._again_in = 0.0
            self._again.set()

    def _take(self, routes: Routes, words: Words) -> None:
        self._private = [BotCommand(name, words.plain(f"command.{name}")) for name in routes.commands]
        self._groups = [command for command in self._private if command.command not in routes.personal]
        self._description = words.plain("profile.description")
        self._short = words.plain("profile.short")

    async def tell(self) -> None:
        """The commands – all of them in private chats, the impersonal ones in groups – and the profile."""
        try:
            await self._bot.set_my_commands(self._private, scope=BotCommandScopeAllPrivateChats())
            await self._bot.set_my_commands(self._groups, scope=BotCommandScopeAllGroupChats())
            await self._describe()
            self._again_in = None
        except TelegramError as error:
            self._again_in = self._pause_after(error)
            log.warning("introduction_not_told", error=type(error).__name__, again_in=self._again_in)

    async def run(self) -> None:
        """Tell it again until it is told, and when it has changed; until cancelled."""
        while True:
            self._again.clear()
            while self._again_in is not None:
                await self._clock.sleep(self._again_in)
                await self.tell()
            await self._again.wait()

    def _pause_after(self, error: TelegramError) -> float | None:
        if isinstance(error, RetryAfter):
            return seconds_of(error)
        if failure_of(error) is Failure.FINAL:
            return None
        self._failures += 1
        return round(backoff(self._failures, self._clock.draw(), FIRST_PAUSE, LONGEST_PAUSE), 1)

    async def _describe(self) -> None:
        """Set only what differs: Telegram is slow to allow many changes of a profile, and bots restart
        often."""
        if (await self._bot.get_my_description()).description != self._description:
            await self._bot.set_my_description(self._description)
        if (await self._bot.get_my_short_description()).short_description != self._short:
            await self._bot.set_my_short_description(self._short)
