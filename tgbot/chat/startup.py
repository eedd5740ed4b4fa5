"""The bot at Telegram: built, reached, introduced to whoever has not written yet; or asked once how it is
there (`backcheck doctor`). What an operator must mend is said in a sentence.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import structlog
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter, ExtBot

from tgbot.chat.failures import Failure, failure_of, seconds_of
from tgbot.chat.routes import Routes
from tgbot.chat.telegram_connection import SEND_TIMEOUT, Bot, TelegramConnection, connection_of
from tgbot.errors import BackcheckError
from tgbot.followup.times import backoff
from tgbot.screens.screen import Words
from tgbot.service.courier import MOST_AT_ONCE
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

CONNECTIONS = 2 * 100 + MOST_AT_ONCE  # a getUpdates hands out a hundred, a tap takes two; the follow-ups
ASKING_SECONDS = 5.0  # for the time, before a round of check-ins; without an answer none could be sent
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0  # seconds until the introduction is told again
ATTEMPTS = 4  # to reach Telegram at the start; then whoever supervises the process tries again


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


class StoppedError(Exception):
    """Somebody asked to stop before the bot was up."""


def build(
    token: str,
    api_url: str,
    pacing: BaseRateLimiter[bool] | None,
    proxy: str | None = None,
    answered: Callable[[datetime | None], None] = lambda _: None,
) -> Bot:
    """PTB's bot. Its Application and its Updater are not used: updates are read by `updates.py` and
    acknowledged after processing."""
    connection = TelegramConnection(SEND_TIMEOUT, CONNECTIONS, proxy, answered)
    return ExtBot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=connection,
        get_updates_request=connection,
        rate_limiter=pacing,
    )


@contextmanager
def plainly(bot: Bot) -> Iterator[None]:
    """What goes wrong while talking to Telegram becomes a sentence for the operator."""
    try:
        yield
    except InvalidToken:
        raise TokenRefusedError from None
    except TelegramError as error:
        raise _unreachable(bot, error.message) from None


async def ask_the_time(bot: Bot) -> None:
    """Make Telegram answer anything: the connection hears the time in it. Never raises."""
    with suppress(TelegramError, TimeoutError):
        async with asyncio.timeout(ASKING_SECONDS):
            await connection_of(bot).call(f"{bot.base_url}/getMe", {})


async def connect(bot: Bot, clock: Clock, stop: asyncio.Event) -> None:
    """Reach Telegram. Raises TokenRefusedError, UnreachableError after some attempts, StoppedError."""
    try:
        await _reach(bot, clock, stop)
    except BaseException:
        await bot.request.shutdown()  # PTB closes only what it has wholly opened
        raise


async def _reach(bot: Bot, clock: Clock, stop: asyncio.Event) -> None:
    for attempt in count():
        try:
            await unless(stop, bot.initialize())
            await unless(stop, connection_of(bot).use_direct_requests(f"{bot.base_url}/getMe", bot.id))
            return
        except InvalidToken:
            raise TokenRefusedError from None
        except NetworkError as error:
            if attempt + 1 == ATTEMPTS:
                raise _unreachable(bot, error.message) from None
            seconds = backoff(attempt, clock.draw())
            log.warning("telegram_unreachable", error=type(error).__name__, retry_in=round(seconds, 1))
            await unless(stop, clock.sleep(seconds))
        except TelegramError as error:  # somebody answers there, but it is no Bot API
            raise _unreachable(bot, error.message) from None
        except TypeError:  # as PTB takes apart whatever it is given
            raise _unreachable(bot, "its answer names no bot") from None


def _unreachable(bot: Bot, reason: str) -> UnreachableError:
    """With `reason` in PTB's words, but without the whole web page that it quotes."""
    address = bot.base_url.removesuffix(f"/bot{bot.token}")
    return UnreachableError(address, reason.partition(". Parsing the server response")[0])


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


class Introduction:
    """Tells Telegram what to show of the bot: its commands, and words for whoever has not written yet.

    Everything works without it, so a failure holds up nothing; it is told again later."""

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


@dataclass(frozen=True, slots=True)
class TelegramReport:
    """`ahead` is how far our clock is before Telegram's; None when its answers name no time.

    `webhook` is where Telegram posts, empty when it waits to be polled; `waiting` counts updates.
    """

    username: str
    ahead: timedelta | None
    webhook: str
    waiting: int
    last_error: str
    last_error_at: datetime | None


async def probe(token: str, api_url: str, proxy: str | None, clock: Clock) -> TelegramReport:
    """Raises TokenRefusedError, UnreachableError."""
    ahead: list[timedelta] = []

    def answered(at: datetime | None) -> None:
        ahead.extend([clock.now() - at] if at else [])

    connection = TelegramConnection(SEND_TIMEOUT, 2, proxy, answered)
    await connection.initialize()
    try:
        me = await connection.call(f"{api_url}/bot{token}/getMe", {})
        hook = await connection.call(f"{api_url}/bot{token}/getWebhookInfo", {})
        return _report(me, hook, ahead[0] if ahead else None)
    except InvalidToken:
        raise TokenRefusedError from None
    except TelegramError as error:
        raise UnreachableError(api_url, error.message) from None
    except (KeyError, TypeError, ValueError):
        raise UnreachableError(api_url, "its answer names no bot") from None
    finally:
        await connection.shutdown()


def _report(me: Any, hook: Any, ahead: timedelta | None) -> TelegramReport:
    at = hook.get("last_error_date")
    return TelegramReport(
        username=str(me["username"]),
        ahead=ahead,
        webhook=str(hook.get("url", "")),
        waiting=int(hook.get("pending_update_count", 0)),
        last_error=str(hook.get("last_error_message", "")),
        last_error_at=datetime.fromtimestamp(at, UTC) if at else None,
    )
