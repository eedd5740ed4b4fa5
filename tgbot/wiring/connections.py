"""What the bot is connected to: the database, and Telegram in both directions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import SecretStr

from tgbot.chat.lanes import Lanes
from tgbot.chat.polling import Polling
from tgbot.chat.sending import PacedRequests
from tgbot.chat.startup import ask_the_time, build, connect
from tgbot.chat.telegram_connection import Bot
from tgbot.chat.updates import ReadsUpdates, UpdateSource
from tgbot.chat.webhook import Webhook, WebhookSettings, derived_secret
from tgbot.clock import CheckedClock, SystemClock
from tgbot.errors import BackcheckError
from tgbot.service.measurements import Heartbeat
from tgbot.service.ports import Clock
from tgbot.service.rate_limiter import RateLimiter, recall_pause, remember_pause
from tgbot.service.store_port import Store
from tgbot.settings import Settings, secret_of
from tgbot.store.opening import open_store

log = structlog.get_logger(__name__)


class NoTokenError(BackcheckError):
    """There is nothing to run the bot as."""

    def __init__(self) -> None:
        super().__init__(
            "BACKCHECK_TOKEN is not set. BotFather on Telegram gives you one; "
            "`backcheck demo` needs none and lets you try everything here."
        )


class NoWebhookError(BackcheckError):
    """There is no webhook to be set or shown."""

    def __init__(self) -> None:
        super().__init__("BACKCHECK_WEBHOOK is not set: it is the https:// address to which Telegram posts.")


class MachineTime:
    """What the process takes for the time, without what somebody pushed its clock by: a shared database
    compares it with its own clock, which decides what is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._system = clock, SystemClock()
        self.checked = clock

    def __call__(self) -> datetime:
        pushed = self._clock.now() - self._system.now()
        return self.checked.now() - pushed


@asynccontextmanager
async def opened_store(
    settings: Settings, now: datetime, machine: Callable[[], datetime]
) -> AsyncIterator[Store]:
    """The database, brought to this version's schema."""
    database, keys = settings.database.get_secret_value(), secret_of(settings.key)
    async with open_store(database, now, machine, keys) as store:
        held = await store.operate(lambda tx: tx.queue.held(now))
        if waiting := held.due + held.to_come:
            log.warning("restored_follow_ups_wait_for_a_decision", held=waiting, decide="backcheck release")
        yield store


@asynccontextmanager
async def connected_bot(
    settings: Settings,
    token: SecretStr,
    store: Store,
    clock: CheckedClock,
    rate_limiter: RateLimiter,
    stop: asyncio.Event,
) -> AsyncIterator[Bot]:
    """PTB's bot, once Telegram knows it. Raises what `startup.connect` raises."""
    paced = PacedRequests(rate_limiter, lambda seconds: remember_pause(store, clock, seconds))
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    bot = build(token.get_secret_value(), settings.api_url, paced, proxy, clock.answered)
    clock.ask = lambda: ask_the_time(bot)
    try:
        await recall_pause(store, clock, rate_limiter)
        await connect(bot, clock, stop)
        yield bot
    finally:
        await bot.shutdown()


def webhook_settings(settings: Settings) -> WebhookSettings:
    """Where Telegram is to post. Raises NoWebhookError, NoTokenError."""
    if settings.token is None:
        raise NoTokenError
    if settings.webhook is None:
        raise NoWebhookError
    secrets = settings.webhook_secrets() or [derived_secret(settings.token.get_secret_value())]
    return WebhookSettings(settings.webhook, secrets, settings.webhook_connections)


def source_of_updates(
    settings: Settings,
    bot: Bot,
    reader: ReadsUpdates,
    lanes: Lanes,
    clock: Clock,
    heartbeat: Heartbeat,
    others: Callable[[], str],
) -> UpdateSource:
    """What brings the updates: the webhook if one is set, else polls. `others` names who else works here."""
    if settings.webhook is None:
        return Polling(bot, reader, lanes, clock, heartbeat.of("poller"), others)
    return Webhook(bot, webhook_settings(settings), reader, lanes, clock, heartbeat.of("webhook"))


@asynccontextmanager
async def webhook_served(settings: Settings, webhook: Webhook) -> AsyncIterator[None]:
    """The door at which Telegram posts."""
    from tgbot.web.server import reserved, serving
    from tgbot.web.webhook_endpoint import webhook_app

    told, setting = webhook_settings(settings), "BACKCHECK_WEBHOOK_LISTEN"
    app = webhook_app(told.path, told.secrets, webhook.finish, webhook.refused)
    with ExitStack() as stack:
        listen = settings.webhook_listen
        where = listen if isinstance(listen, Path) else stack.enter_context(reserved(setting, *listen))
        async with serving(app, where, setting):
            yield
