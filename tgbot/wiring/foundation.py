"""What the bot stands on: the database, a checked clock, who looks on, and Telegram in both directions."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import SecretStr

from tgbot.chat.admin_handlers import tell_admin
from tgbot.chat.lanes import Lanes
from tgbot.chat.polling import Polling
from tgbot.chat.sending import PacedRequests
from tgbot.chat.startup import ask_the_time, build, connect
from tgbot.chat.telegram_connection import Bot
from tgbot.chat.updates import ReadsUpdates, UpdateSource
from tgbot.chat.webhook import ANSWERED_KINDS, Webhook, WebhookSettings, derived_secret
from tgbot.clock import CheckedClock, SystemClock
from tgbot.errors import BackcheckError
from tgbot.packs.whole import Whole, load_whole
from tgbot.service.admin_messages import AdminAlerts
from tgbot.service.courier import ignore
from tgbot.service.housekeeping import Housekeeping
from tgbot.service.measurements import Heartbeat, MeasuredStore, Measurements, Observation, Observatory
from tgbot.service.ports import Alert, Alerts, Clock, no_alerts
from tgbot.service.questions import Statistics
from tgbot.service.rate_limiter import Pace, RateLimiter, recall_pause, remember_pause
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


async def not_examined(_: Path) -> None:
    """Whoever reads the pack finds out."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who looks on: `step` is told what the courier has done (crash tests kill the process there), and
    `next_due` when it has something to send next (the demo's clock shows it). `opened` is given the store
    (the demo asks it what is planned). `loaded` is called when all that stays has been made. `read` brings
    the pack: tests, which start hundreds of bots, read it once. `alert` is given what the operator should
    hear of at once. `reload` is set when the pack is to be read anew; `examine` looks at it before, so that
    what takes long happens elsewhere. It raises BackcheckError."""

    step: Callable[[str], None] = ignore
    next_due: Callable[[datetime | None], None] = ignore
    opened: Callable[[Store], None] = ignore
    loaded: Callable[[], None] = lambda: None
    read: Callable[[Path], Whole] = load_whole
    alert: Alerts = no_alerts
    reload: asyncio.Event | None = None
    examine: Callable[[Path], Awaitable[None]] = not_examined


NO_HOOKS = Hooks()


class Watch:
    """What the operator looks at: /readyz, the admins' commands, their alerts. It is made first: alerts may
    come at once; what it tells of is put in as soon as it is made."""

    housekeeping: Housekeeping
    observatory: Observatory
    bot: Bot

    def __init__(self, heartbeat: Heartbeat, time: CheckedClock) -> None:
        self._heartbeat = heartbeat
        self._time = time

    async def silent(self) -> list[str]:
        """The parts that give no sign of life."""
        return self._heartbeat.silent()

    async def problems(self) -> list[str]:
        """Those, and what else keeps the bot from its work."""
        return [
            *self._heartbeat.silent(),
            *await self.housekeeping.problems(),
            *self._time.problems(),
        ]

    async def look(self) -> Observation:
        return await self.observatory.look()

    async def tell(self, admin: int, sentence: str) -> None:
        await tell_admin(self.bot, admin, sentence)


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


@dataclass(frozen=True, slots=True)
class Foundation:
    """What there is before Telegram is reached and the words are read."""

    settings: Settings
    hooks: Hooks
    store: Store
    clock: CheckedClock
    measurements: Measurements
    heartbeat: Heartbeat
    rate_limiter: RateLimiter
    statistics: Statistics
    watch: Watch
    admin_alerts: AdminAlerts
    alert: Alerts


@asynccontextmanager
async def founded(settings: Settings, clock: Clock, hooks: Hooks) -> AsyncIterator[Foundation]:
    """The database opened, and the clock checked against what was written in it last."""
    machine = MachineTime(clock)
    async with opened_store(settings, clock.now(), machine) as opened:
        measurements = Measurements(ANSWERED_KINDS)
        store: Store = MeasuredStore(opened, clock, measurements.database)
        written = await store.operate(lambda tx: tx.operations.touched())

        def alert(happened: Alert) -> None:
            hooks.alert(happened)
            admin_alerts.take(happened)

        checked = machine.checked = CheckedClock(clock, written, alert)
        heartbeat = Heartbeat(checked)
        watch = Watch(heartbeat, checked)
        admin_alerts = AdminAlerts(settings.admins, clock, watch.tell, watch.look, watch.problems)
        hooks.opened(store)
        yield Foundation(
            settings,
            hooks,
            store,
            checked,
            measurements,
            heartbeat,
            RateLimiter(checked, Pace(settings.messages_per_second, chat_seconds=settings.chat_seconds)),
            Statistics(settings.keep_unknown_words),
            watch,
            admin_alerts,
            alert,
        )


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
    from tgbot.web.server import reserved, serving, webhook_app

    told, setting = webhook_settings(settings), "BACKCHECK_WEBHOOK_LISTEN"
    app = webhook_app(told.path, told.secrets, webhook.finish, webhook.refused)
    with ExitStack() as stack:
        listen = settings.webhook_listen
        where = listen if isinstance(listen, Path) else stack.enter_context(reserved(setting, *listen))
        async with serving(app, where, setting):
            yield
