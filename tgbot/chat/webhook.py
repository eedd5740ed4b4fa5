"""The webhook: Telegram posts updates, and is answered when they are finished.

Telegram keeps what is not answered 200 and sends it again: at once, and then at growing intervals. Nothing
is queued here, so before consent nobody's words are stored anywhere.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

import structlog
from telegram import WebhookInfo
from telegram.error import RetryAfter, TelegramError

from tgbot.chat.failures import Failure, failure_of, seconds_of
from tgbot.chat.lanes import Lanes
from tgbot.chat.telegram_connection import Bot, read_json
from tgbot.chat.updates import ReadsUpdates
from tgbot.errors import BackcheckError
from tgbot.followup.times import backoff
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 25.0  # until Telegram is told to send it again; it waits for 60
CROWD = 0.75  # of the connections: when so many wait, Telegram has hardly one left for an emergency
BRIEF = 0.3
BEAT_SECONDS = 20.0
LOOK_SECONDS = 300.0  # how often Telegram is asked how the webhook does
ANSWERED_KINDS = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where Telegram posts, and the secrets that prove it is Telegram: the first is set, all are accepted."""

    url: str
    secrets: Sequence[str]
    connections: int

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"


def derived_secret(token: str) -> str:
    """256 bits that every replica makes of the bot's token, and nobody without it."""
    return hmac.new(token.encode(), b"backcheck webhook", hashlib.sha256).hexdigest()


class WebhookRefusedError(BackcheckError):
    """Telegram does not take the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Telegram refuses BACKCHECK_WEBHOOK: {reason}.")


class Webhook:
    """One source of updates; the other is polling."""

    def __init__(
        self,
        bot: Bot,
        settings: WebhookSettings,
        reader: ReadsUpdates,
        lanes: Lanes,
        clock: Clock,
        alive: Callable[[], None],
        answer_within: float = ANSWER_SECONDS,
    ) -> None:
        self._answer_within = answer_within
        self._bot = bot
        self._settings = settings
        self._reader = reader
        self._lanes = lanes
        self._clock = clock
        self._alive = alive
        self._stopping = False
        self._refused = 0

    async def finish(self, body: bytes) -> bool:
        """Process the update in `body`; False when it is not finished yet, and has to be sent again. The
        second time it is still known. Raises KeyError, TypeError or ValueError for what is no update."""
        update = self._reader.read(read_json(body))
        if self._stopping:
            return False
        finished = self._lanes.take(update)
        if finished is None:
            return True
        await asyncio.wait([finished], timeout=BRIEF)
        if len(self._lanes.unfinished) >= self._settings.connections * CROWD:
            self._lanes.relieve()
        await asyncio.wait([finished], timeout=self._answer_within)
        return finished.done() and not finished.cancelled()

    def refused(self) -> None:
        """Somebody came without the secret."""
        self._refused += 1

    async def run(self) -> None:
        """Look after it until cancelled; then finish what was begun, within the grace."""
        try:
            await self._set()
            looked = self._clock.monotonic()
            while True:
                self._alive()
                await self._clock.sleep(BEAT_SECONDS)
                self._tell_refused()
                if self._clock.monotonic() - looked >= LOOK_SECONDS:
                    await self._look()
                    looked = self._clock.monotonic()
        finally:
            self._stopping = True
            await self._lanes.drain()

    async def _set(self) -> None:
        """Once Telegram can be reached. Raises WebhookRefusedError."""
        for attempt in count():
            self._alive()
            try:
                await set_webhook(self._bot, self._settings, self._clock)
                return
            except TelegramError as error:
                seconds = backoff(attempt, self._clock.draw(), longest=15.0)
                log.warning("webhook_not_set", error=type(error).__name__, again_in=round(seconds, 1))
                await self._clock.sleep(seconds)

    def _tell_refused(self) -> None:
        if self._refused:
            log.warning("webhook_secret_wrong", requests=self._refused, mend="backcheck webhook set")
            self._refused = 0

    async def _look(self) -> None:
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as error:
            log.warning("webhook_unknown", error=type(error).__name__)
            return
        if info.url != self._settings.url:
            log.error("webhook_is_not_ours", host=host_of(info.url), mend="backcheck webhook set")
        elif info.last_error_date and info.pending_update_count:
            log.warning("webhook_fails", error=info.last_error_message, pending=info.pending_update_count)


async def set_webhook(bot: Bot, settings: WebhookSettings, clock: Clock, *, anew: bool = False) -> bool:
    """Tell Telegram where to post, unless it knows: a change makes it send what is in flight twice. It does
    not show the secret it has: after a change of it, `anew`. Whether it was told. Raises TelegramError,
    WebhookRefusedError."""
    while anew or not _is_set(await bot.get_webhook_info(), settings):
        try:
            await bot.set_webhook(
                settings.url,
                max_connections=settings.connections,
                allowed_updates=ANSWERED_KINDS,
                secret_token=settings.secrets[0],
            )
        except RetryAfter as error:  # another replica has just done it
            await clock.sleep(seconds_of(error))
            continue
        except TelegramError as error:
            if failure_of(error) is Failure.FINAL:
                raise WebhookRefusedError(error.message) from None
            raise
        log.info("webhook_set", host=host_of(settings.url))
        return True
    return False


def _is_set(info: WebhookInfo, settings: WebhookSettings) -> bool:
    kinds = set(info.allowed_updates or ())
    mine = (settings.url, settings.connections, set(ANSWERED_KINDS))
    return (info.url, info.max_connections or settings.connections, kinds) == mine


def host_of(url: str) -> str:
    """What of a webhook's address may be shown: its path may be a secret."""
    return urlsplit(url).netloc
