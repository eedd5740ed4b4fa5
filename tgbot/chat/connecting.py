"""The bot's own ends of the line: PTB's application, reaching Telegram, telling it the commands."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from typing import Any

import structlog
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import Application, ApplicationBuilder, BaseRateLimiter, ContextTypes

from tgbot.chat.line import Line
from tgbot.chat.routes import Routes
from tgbot.chat.updates import Raw
from tgbot.errors import BackcheckError
from tgbot.followup.times import backoff
from tgbot.screens.words import Words
from tgbot.service.courier_settings import MOST_AT_ONCE
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

SEND_TIMEOUT = 20.0  # seconds; a lease outlives it three times (reliability, promise 2)
CONNECTIONS = 2 * 100 + MOST_AT_ONCE  # a getUpdates hands out a hundred, a tap takes two; the follow-ups
ATTEMPTS = 4  # to reach Telegram at the start; then whoever supervises the process tries again

App = Application[Any, Any, Any, Any, Any, Any]


def build(token: str, api_url: str, pacing: BaseRateLimiter[bool], proxy: str | None = None) -> App:
    """PTB's application without its Updater: updates are acknowledged after processing, by our intake."""
    line = Line(SEND_TIMEOUT, CONNECTIONS, proxy)
    builder = ApplicationBuilder().rate_limiter(pacing).token(token).request(line).get_updates_request(line)
    builder = builder.base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot")
    return builder.updater(None).job_queue(None).build()


async def connect(application: App, clock: Clock, stop: asyncio.Event) -> None:
    """Reach Telegram. Raises TokenRefusedError, UnreachableError after some attempts, StoppedError."""
    try:
        await _reach(application, clock, stop)
    except BaseException:
        await application.bot.request.shutdown()  # PTB closes only what it has wholly opened
        raise


async def _reach(application: App, clock: Clock, stop: asyncio.Event) -> None:
    for attempt in count():
        try:
            await unless(stop, application.initialize())
            return
        except InvalidToken:
            raise TokenRefusedError from None
        except NetworkError as error:
            if attempt + 1 == ATTEMPTS:
                raise _unreachable(application, error.message) from None
            seconds = backoff(attempt, clock.draw())
            log.warning("telegram_unreachable", error=type(error).__name__, retry_in=round(seconds, 1))
            await unless(stop, clock.sleep(seconds))
        except TelegramError as error:  # somebody answers there, but it is no Bot API
            raise _unreachable(application, error.message) from None
        except TypeError:  # as PTB takes apart whatever it is given
            raise _unreachable(application, "its answer names no bot") from None


def _unreachable(application: App, reason: str) -> "UnreachableError":
    """With `reason` in PTB's words, but without the whole web page that it quotes."""
    address = application.bot.base_url.removesuffix(f"/bot{application.bot.token}")
    return UnreachableError(address, reason.partition(". Parsing the server response")[0])


class StoppedError(Exception):
    """Somebody asked to stop before the bot was up."""


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, unless `stop` is set first: then it is cancelled and StoppedError raised."""
    if stop.is_set():
        work.close()
        raise StoppedError
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        raise StoppedError
    await working


class UnreachableError(BackcheckError):
    """There is no Bot API where it should be, or no network."""

    def __init__(self, address: str, reason: str) -> None:
        settings = "BACKCHECK_API_URL and BACKCHECK_PROXY"
        super().__init__(f"Telegram cannot be reached at {address} ({reason}); see {settings}.")


class TokenRefusedError(BackcheckError):
    """Telegram does not know the token."""

    def __init__(self) -> None:
        super().__init__(
            "Telegram refuses BACKCHECK_TOKEN; look at it again, or ask BotFather for a new one. "
            "If you set BACKCHECK_API_URL, look at it too: a wrong path is refused in the same way."
        )


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


class Process:
    """One update, as it came: a tap straight to `tapped`, everything else through PTB's handlers. What goes
    wrong there comes out, so that the intake can count it."""

    def __init__(self, application: App, tapped: Callable[[Raw], Awaitable[None]]) -> None:
        self._application = application
        self._tapped = tapped
        self._failures: dict[int, Exception] = {}
        application.add_error_handler(self._failed)

    async def __call__(self, raw: Raw) -> None:
        if "callback_query" in raw:
            await self._tapped(raw)
            return
        update = Update.de_json(raw, self._application.bot)
        await self._application.process_update(update)
        if failure := self._failures.pop(update.update_id, None):
            raise failure

    async def _failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if isinstance(update, Update) and context.error:
            self._failures[update.update_id] = context.error
