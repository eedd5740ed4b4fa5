"""The composition root: settings → pack, store, clock, services, chat; one lifespan, supervised tasks."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from pydantic import SecretStr

from tgbot import __version__
from tgbot.chat.admin_handlers import AdminHandlers, tell_admin
from tgbot.chat.admission import AdmissionControl
from tgbot.chat.calls import Bot
from tgbot.chat.conversation import ConversationHandlers
from tgbot.chat.current_edition import CurrentEdition, Edition
from tgbot.chat.dispatcher import Dispatcher
from tgbot.chat.drawing_queue import DrawingQueue
from tgbot.chat.episode_routes import personal_routes
from tgbot.chat.failures import failure_of
from tgbot.chat.handlers import FaqHandlers
from tgbot.chat.introduction import Introduction
from tgbot.chat.lanes import Lanes
from tgbot.chat.messenger import TelegramMessenger
from tgbot.chat.paced_requests import PacedRequests
from tgbot.chat.pack_reloading import PackReloading
from tgbot.chat.polling import Polling
from tgbot.chat.privacy_handlers import PrivacyHandlers
from tgbot.chat.routes import Routes, routes
from tgbot.chat.startup import SEND_TIMEOUT, StoppedError, ask_the_time, build, connect, unless
from tgbot.chat.updates import ReadsUpdates, UpdateReader
from tgbot.chat.webhook import Webhook, WebhookSettings, derived_secret
from tgbot.clock import SystemClock
from tgbot.errors import BackcheckError
from tgbot.finder.finding import find
from tgbot.packs.whole import Whole, load_whole
from tgbot.pictures.renderer import PictureRenderer
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.screen_context import ScreenContext
from tgbot.screens.screens import Screens
from tgbot.screens.talk_screens import TalkScreens
from tgbot.screens.words import Words
from tgbot.service.admin_alerts import AdminAlerts
from tgbot.service.alerts import Alert, Alerts, no_alerts
from tgbot.service.checked_clock import CheckedClock
from tgbot.service.courier import Courier, Limits, ignore
from tgbot.service.courier_settings import at_once
from tgbot.service.emergency_numbers import EmergencyNumbers
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import FollowUps
from tgbot.service.heartbeat import Heartbeat
from tgbot.service.housekeeping import Housekeeping
from tgbot.service.measurements import MeasuredStore, Measurements
from tgbot.service.observation import Observation, Observatory
from tgbot.service.pace_sharing import PaceSharing
from tgbot.service.ports import Clock, Pictures, Store
from tgbot.service.preferences import Preferences
from tgbot.service.privacy import Privacy
from tgbot.service.questions import QuestionService
from tgbot.service.rate_limiter import Pace, RateLimiter, recall_pause, remember_pause
from tgbot.service.recent import Recent
from tgbot.service.statistics import Statistics
from tgbot.settings import Settings, secret_of
from tgbot.store.last_backup import last_backup
from tgbot.store.opening import is_postgres, open_store
from tgbot.supervision import beside, supervise
from tgbot.watchdog import Systemd, Watchdog
from tgbot.web.health import Health, Problems, health_app
from tgbot.web.metrics import Metrics, add_metrics, metrics_app
from tgbot.web.server import reserved, serving
from tgbot.web.webhook_endpoint import webhook_app

log = structlog.get_logger(__name__)


class NoTokenError(BackcheckError):
    """There is nothing to run the bot as."""

    def __init__(self) -> None:
        super().__init__(
            "BACKCHECK_TOKEN is not set. BotFather on Telegram gives you one; "
            "`backcheck demo` needs none and lets you try everything here."
        )


class UnknownCountryError(BackcheckError):
    """BACKCHECK_COUNTRY names a country whose emergency number the pack does not have."""

    def __init__(self, country: str) -> None:
        super().__init__(f"BACKCHECK_COUNTRY is {country}, which is not in the pack's emergency.yaml.")


class NoWebhookError(BackcheckError):
    """There is no webhook to be set or shown."""

    def __init__(self) -> None:
        super().__init__("BACKCHECK_WEBHOOK is not set: it is the https:// address to which Telegram posts.")


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who looks on: `step` is told what the courier has done (crash tests kill the process there), and
    `next_due` when it has something to send next (the demo's clock shows it). `opened` is given the store
    (the demo asks it what is planned). `loaded` is called when all that stays has been made. `read` brings
    the pack: tests, which start hundreds of bots, read it once. `alert` is given what the operator should
    hear of at once. `reload` is set when the pack is to be read anew."""

    step: Callable[[str], None] = ignore
    next_due: Callable[[datetime | None], None] = ignore
    opened: Callable[[Store], None] = ignore
    loaded: Callable[[], None] = lambda: None
    read: Callable[[Path], Whole] = load_whole
    alert: Alerts = no_alerts
    reload: asyncio.Event | None = None


NO_HOOKS = Hooks()


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything that runs, put together."""

    bot_name: str
    lanes: Lanes
    source: Polling | Webhook
    drawings: DrawingQueue
    introduction: Introduction
    courier: Courier
    housekeeping: Housekeeping
    heartbeat: Heartbeat
    time: CheckedClock
    pace_sharing: PaceSharing | None  # when other replicas send, too
    observatory: Observatory
    reloading: PackReloading
    admin_alerts: AdminAlerts


@asynccontextmanager
async def assembled(
    settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks = NO_HOOKS
) -> AsyncIterator[Assembly]:
    """All parts, connected to Telegram and to the database; closed in the opposite order."""
    if settings.token is None:
        raise NoTokenError
    machine = MachineTime(clock)
    async with _opened(settings, clock, machine) as opened:
        measurements = Measurements()

        async def tell(admin: int, sentence: str) -> None:
            await tell_admin(bot, admin, sentence)

        async def look() -> Observation:
            return await observatory.look()

        async def problems() -> list[str]:
            return [*heartbeat.silent(), *await housekeeping.problems(), *time.problems()]

        admin_alerts = AdminAlerts(settings.admins, clock, tell, look, problems)

        def alert(happened: Alert) -> None:
            hooks.alert(happened)
            admin_alerts.take(happened)

        store: Store = MeasuredStore(opened, clock, measurements.database)
        written = await store.operate(lambda tx: tx.operations.touched())
        clock = time = machine.checked = CheckedClock(clock, written, alert)
        hooks.opened(store)
        rate, heartbeat = settings.messages_per_second, Heartbeat(clock)
        rate_limiter = RateLimiter(clock, Pace(rate, chat_seconds=settings.chat_seconds))
        async with _connected(settings, settings.token, store, time, rate_limiter, stop) as bot:
            content = at_home(await _read(settings, hooks, stop), settings.country)  # slow, so it is the last
            tally, renderer = Statistics(settings.keep_unknown_words), PictureRenderer(settings.font)
            await tally.recall(store, clock)
            drawings = DrawingQueue(bot, clock)
            admins = AdminHandlers(settings.admins, store, look, problems)
            shared = Shared(
                bot, store, time, renderer, tally, Recent(clock), drawings, settings.keep_days, admins
            )
            current = CurrentEdition(edition_of(content, shared))
            introduction = Introduction(bot, current.now.routes, Words(content.pack), clock)
            await unless(stop, introduction.tell())
            admission = AdmissionControl(clock) if settings.chat_seconds else None
            lanes = Lanes(current.handle, current.too_fast, store, clock, failure_of, admission, measurements)
            courier = Courier(
                store,
                TelegramMessenger(bot, SEND_TIMEOUT),
                clock,
                current.compose,
                current.after,
                rate_limiter,
                Limits(send=timedelta(seconds=SEND_TIMEOUT), in_flight=at_once(rate)),
                alive=heartbeat.of("courier"),
                probe=hooks.step,
                next_due=hooks.next_due,
                time=time,
                alerts=alert,
            )
            housekeeping = Housekeeping(
                store,
                clock,
                tally,
                store.free,
                heartbeat.of("housekeeping"),
                store_alive=heartbeat.of("store"),
                time=time,
                keep=timedelta(days=settings.keep_days),
            )
            observatory = Observatory(
                store,
                clock,
                measurements,
                found=tally.outcomes,
                too_many=rate_limiter.refusals,
                pictures=drawings.count,
                courier=courier.totals,
                ages=heartbeat.ages,
                silent=heartbeat.silent,
                backed_up=partial(_last_copy, settings),
                version=__version__,
                pack=lambda: current.now.pack,
            )
            yield Assembly(
                bot_name=bot.username,
                lanes=lanes,
                source=_source(settings, bot, current, lanes, clock, heartbeat),
                drawings=drawings,
                introduction=introduction,
                courier=courier,
                housekeeping=housekeeping,
                heartbeat=heartbeat,
                time=time,
                pace_sharing=PaceSharing(store, clock, rate_limiter, rate, heartbeat.of("pace"))
                if store.shared
                else None,
                observatory=observatory,
                admin_alerts=admin_alerts,
                reloading=PackReloading(
                    current,
                    lanes,
                    introduction,
                    lambda: edition_of(_pack(settings, hooks), shared),
                    hooks.reload or asyncio.Event(),
                    alert,
                    hooks.loaded,
                ),
            )


def _last_copy(settings: Settings) -> datetime | None:
    database = settings.database.get_secret_value()
    return None if is_postgres(database) else last_backup(Path(database))


async def _read(settings: Settings, hooks: Hooks, stop: asyncio.Event) -> Whole:
    """The pack, read beside the loop: meanwhile health answers, and a wish to stop is heard."""
    found: list[Whole] = []

    async def reading() -> None:
        found.append(await beside(partial(hooks.read, settings.content)))

    await unless(stop, reading())
    return found[0]


class MachineTime:
    """What the process takes for the time, without what somebody pushed its clock by: a shared database
    compares it with its own clock, which decides what is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._system = clock, SystemClock()
        self.checked = clock

    def __call__(self) -> datetime:
        pushed = self._clock.now() - self._system.now()
        return self.checked.now() - pushed


@dataclass(frozen=True, slots=True)
class Shared:
    """What every edition of the words uses, before and after a reload."""

    bot: Bot
    store: Store
    clock: CheckedClock
    pictures: PictureRenderer
    tally: Statistics
    recent: Recent
    drawings: DrawingQueue
    keep_days: int
    admins: AdminHandlers


def edition_of(content: Whole, shared: Shared) -> Edition:
    """Everything that is made of one pack."""
    frame = ScreenContext(
        content.pack, content.protocol, charts=shared.pictures.charts, cards=shared.pictures.cards
    )
    bot, clock, store = shared.bot, shared.clock, shared.store
    episodes = Episodes(store, clock, content.protocol, shared.recent)
    every = all_routes(
        *(content, frame, episodes, shared.pictures, shared.tally, store, clock, shared.recent, bot.link),
        shared.keep_days,
    )
    every = replace(every, admins=shared.admins)
    commands, finds = every.commands, partial(find, content.index)
    return Edition(
        content.pack,
        content.protocol,
        every,
        UpdateReader(bot.id, bot.username, commands, finds, clock.message_dated),
        Dispatcher(bot, every, clock, shared.drawings),
        FollowUps(episodes, CheckScreens(frame)),
    )


def _pack(settings: Settings, hooks: Hooks) -> Whole:
    """The pack as it is on the disk now. Raises BackcheckError."""
    return at_home(hooks.read(settings.content), settings.country)


def at_home(content: Whole, country: str | None) -> Whole:
    """The pack with the operator's own country, if one is set. Raises UnknownCountryError."""
    if country is None:
        return content
    if country not in content.pack.countries:
        raise UnknownCountryError(country)
    return replace(content, pack=replace(content.pack, country=country))


@asynccontextmanager
async def _opened(settings: Settings, clock: Clock, machine: "MachineTime") -> AsyncIterator[Store]:
    """The database, brought to this version's schema."""
    now = clock.now()
    database, keys = settings.database.get_secret_value(), secret_of(settings.key)
    async with open_store(database, now, machine, keys) as store:
        held = await store.operate(lambda tx: tx.queue.held(now))
        if waiting := held.due + held.to_come:
            log.warning("restored_follow_ups_wait_for_a_decision", held=waiting, decide="backcheck release")
        yield store


@asynccontextmanager
async def _connected(
    settings: Settings,
    token: SecretStr,
    store: Store,
    clock: CheckedClock,
    rate_limiter: RateLimiter,
    stop: asyncio.Event,
) -> AsyncIterator[Bot]:
    """PTB's bot, once Telegram knows it."""
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


def all_routes(
    content: Whole,
    frame: ScreenContext,
    episodes: Episodes,
    pictures: Pictures,
    tally: Statistics,
    store: Store,
    clock: Clock,
    recent: Recent,
    link: str,
    keep_days: int = 400,
) -> Routes:
    """Everything that can be asked, with what it takes to answer."""
    screens = Screens(content.pack, lambda: clock.now().date(), keep_days)
    preferences = Preferences(store, clock, episodes)
    numbers = EmergencyNumbers(content.pack, store, preferences, recent)
    questions = QuestionService(screens, content.index, numbers, tally, recent)
    faq = FaqHandlers(screens, questions, tally, numbers, recent, link)
    personal = personal_routes(frame, episodes, preferences, numbers, questions, pictures, clock, recent)
    return routes(
        faq,
        PrivacyHandlers(screens, Privacy(store), recent),
        personal,
        recent,
        lambda commands, presses: ConversationHandlers(
            *(content.pack, faq, questions, TalkScreens(screens), numbers, recent),
            commands,
            presses,
            personal.place,
        ),
    )


async def run(settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks = NO_HOOKS) -> None:
    """Run the bot until `stop` is set. Raises BackcheckError for what an operator must mend."""
    with suppress(StoppedError):  # an ordinary end, before everything was up
        await _run(settings, clock, stop, hooks)


async def _run(settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks) -> None:
    async with AsyncExitStack() as stack:
        health, metrics = Health(), Metrics()
        await _watchable(stack, settings, health, metrics)
        parts = await stack.enter_async_context(assembled(settings, clock, stop, hooks))
        if isinstance(parts.source, Webhook):
            await stack.enter_async_context(_webhook_served(settings, parts.source))
        health.runs(*_watch(parts), lambda: {"pid": os.getpid(), "pack": parts.reloading.about()})
        metrics.observatory = parts.observatory
        hooks.loaded()
        log.info(
            "running",
            bot=parts.bot_name,
            updates="webhook" if settings.webhook else "polling",
            version=__version__,
            words=parts.reloading.current.now.pack.version,
        )
        vital = {
            "webhook" if settings.webhook else "poller": parts.source.run(),
            "courier": parts.courier.run(),
            "housekeeping": parts.housekeeping.run(),
            "pictures": parts.drawings.run(),
            "introduction": parts.introduction.run(),
            "reloading": parts.reloading.run(),
            "watchdog": Watchdog(clock, parts.heartbeat.silent, Systemd(os.environ)).run(),
        }
        if settings.admins:
            vital["admin alerts"] = parts.admin_alerts.run()
        if parts.pace_sharing:
            vital["pace"] = parts.pace_sharing.run()
        await supervise(vital, stop)
        log.info("stopped", **asdict(parts.lanes.count), **parts.courier.totals())


async def _watchable(stack: AsyncExitStack, settings: Settings, health: Health, metrics: Metrics) -> None:
    """Serve health and metrics before anything slow, so that whoever watches sees the bot start."""
    watched = []
    if settings.health:
        app = health_app(health)
        if settings.metrics is None:
            add_metrics(app, metrics)
        watched.append(("BACKCHECK_HEALTH", settings.health, app))
    if settings.metrics:
        watched.append(("BACKCHECK_METRICS", settings.metrics, metrics_app(metrics)))
    for setting, where, app in watched:
        address = stack.enter_context(reserved(setting, *where))
        await stack.enter_async_context(serving(app, address, setting))


def webhook_settings(settings: Settings) -> WebhookSettings:
    """Where Telegram is to post. Raises NoWebhookError, NoTokenError."""
    if settings.token is None:
        raise NoTokenError
    if settings.webhook is None:
        raise NoWebhookError
    secrets = settings.webhook_secrets() or [derived_secret(settings.token.get_secret_value())]
    return WebhookSettings(settings.webhook, secrets, settings.webhook_connections)


def _source(
    settings: Settings, bot: Bot, reader: ReadsUpdates, lanes: Lanes, clock: Clock, heartbeat: Heartbeat
) -> Polling | Webhook:
    if settings.webhook is None:
        return Polling(bot, reader, lanes, clock, heartbeat.of("poller"))
    return Webhook(bot, webhook_settings(settings), reader, lanes, clock, heartbeat.of("webhook"))


@asynccontextmanager
async def _webhook_served(settings: Settings, webhook: Webhook) -> AsyncIterator[None]:
    told, setting = webhook_settings(settings), "BACKCHECK_WEBHOOK_LISTEN"
    app = webhook_app(told.path, told.secrets, webhook.finish, webhook.refused)
    with ExitStack() as stack:
        listen = settings.webhook_listen
        where = listen if isinstance(listen, Path) else stack.enter_context(reserved(setting, *listen))
        async with serving(app, where, setting):
            yield


def _watch(parts: Assembly) -> tuple[Problems, Problems]:
    """What liveness and readiness look at."""

    async def alive() -> list[str]:
        return parts.heartbeat.silent()

    async def ready() -> list[str]:
        return [*parts.heartbeat.silent(), *await parts.housekeeping.problems(), *parts.time.problems()]

    return alive, ready
