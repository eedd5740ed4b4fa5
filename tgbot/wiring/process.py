"""The composition root: from the settings to a process that runs, each part given what it uses; and the tasks
with whose death it ends."""

import asyncio
import os
import platform
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from tgbot import __version__
from tgbot.chat.admin_handlers import AdminHandlers
from tgbot.chat.admission import AdmissionControl
from tgbot.chat.dispatcher import CurrentEdition
from tgbot.chat.drawing_queue import DrawingQueue
from tgbot.chat.lanes import Lanes
from tgbot.chat.owed_replies import InterruptedReplies
from tgbot.chat.sending import TelegramMessenger
from tgbot.chat.startup import Introduction, StoppedError, unless
from tgbot.chat.telegram_connection import SEND_TIMEOUT, Bot
from tgbot.chat.updates import UpdateSource
from tgbot.chat.webhook import Webhook
from tgbot.packs.whole import Whole
from tgbot.pictures.renderer import PictureRenderer
from tgbot.service.courier import Courier, Limits, SendOutcome, at_once
from tgbot.service.follow_up import PlanChanges
from tgbot.service.hints import MissedCheckIns, Recent
from tgbot.service.housekeeping import Housekeeping
from tgbot.service.measurements import Observatory
from tgbot.service.ports import Clock
from tgbot.service.replicas import PaceSharing, Presence
from tgbot.service.service_messages import ServiceMessageResults, ServiceMessages
from tgbot.service.store_port import Worker
from tgbot.settings import Settings
from tgbot.store.opening import is_postgres
from tgbot.store.sqlite.backups import last_backup
from tgbot.supervision import Systemd, Watchdog, beside, supervise
from tgbot.wiring.editions import PackReloading, Shared, at_home, edition_of
from tgbot.wiring.foundation import (
    NO_HOOKS,
    Foundation,
    Hooks,
    NoTokenError,
    Watch,
    connected_bot,
    founded,
    source_of_updates,
    webhook_served,
)

log = structlog.get_logger(__name__)


Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything that runs, put together. `vital` are the tasks without which the bot is not whole."""

    bot_name: str
    source: UpdateSource
    lanes: Lanes
    courier: Courier
    reloading: PackReloading
    watch: Watch
    observatory: Observatory
    vital: Mapping[str, Task]


async def run(settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks = NO_HOOKS) -> None:
    """Run the bot until `stop` is set. Raises BackcheckError for what an operator must mend."""
    with suppress(StoppedError):  # an ordinary end, before everything was up
        await _run(settings, clock, stop, hooks)


async def _run(settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks) -> None:
    async with AsyncExitStack() as stack:
        watched = await _watched(stack, settings, clock.new_id())
        parts = await stack.enter_async_context(assembled(settings, clock, stop, hooks))
        if isinstance(parts.source, Webhook):
            await stack.enter_async_context(webhook_served(settings, parts.source))
        watched(parts)
        hooks.loaded()
        log.info(
            "running",
            bot=parts.bot_name,
            updates="webhook" if settings.webhook else "polling",
            version=__version__,
            words=parts.reloading.current.now.voice.pack.version,
        )
        await supervise({name: task() for name, task in parts.vital.items()}, stop)
        log.info("stopped", **asdict(parts.lanes.count), **parts.courier.totals())


async def _watched(stack: AsyncExitStack, settings: Settings, start: str) -> Callable[[Assembly], None]:
    """Serve health and metrics before anything slow, so that whoever watches sees the bot start. `start` is
    told there, so that whoever asks twice notices a restart.

    What comes back is to be told of the parts that are watched, once they run. A bot that nobody watches
    does not load what serves them.
    """
    if not (settings.health or settings.metrics):
        return lambda _: None
    from aiohttp.web import Application

    from tgbot.web.health_probe import host
    from tgbot.web.monitoring import Watched, add_metrics, health_app
    from tgbot.web.server import reserved, serving

    watched, health, metrics = Watched(), settings.health, settings.metrics
    served: list[tuple[str, tuple[str, int], Application]] = []
    if health:
        served.append(("BACKCHECK_HEALTH", health, health_app(watched)))
    if metrics:
        served.append(("BACKCHECK_METRICS", metrics, Application()))
    add_metrics(served[-1][2], watched)
    for setting, where, app in served:
        address = stack.enter_context(reserved(setting, *where))
        await stack.enter_async_context(serving(app, address, setting))

    def runs(parts: Assembly) -> None:
        process = {"pid": os.getpid(), "host": host(), "start": start}

        def about() -> Mapping[str, object]:
            return {**process, "pack": parts.reloading.about()}

        watched.runs(parts.watch.silent, parts.watch.problems, about, parts.observatory)

    return runs


@asynccontextmanager
async def assembled(
    settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks = NO_HOOKS
) -> AsyncIterator[Assembly]:
    """All parts, connected to Telegram and to the database; closed in the opposite order."""
    if settings.token is None:
        raise NoTokenError
    async with founded(settings, clock, hooks) as base:
        telegram = connected_bot(settings, settings.token, base.store, base.clock, base.rate_limiter, stop)
        async with telegram as bot:
            base.watch.bot = bot
            content = await _read(base, stop)  # slow: what may be refused has been tried before
            await base.statistics.recall(base.store, base.clock)
            shared = _shared(base, bot)
            current = CurrentEdition(edition_of(content, shared))
            introduction = Introduction(bot, current.now.routes, current.now.voice.screens.words, base.clock)
            await unless(stop, introduction.tell())
            presence = _presence(base, bot)
            await presence.look()
            yield _assembly(base, shared, current, introduction, presence)


async def _read(base: Foundation, stop: asyncio.Event) -> Whole:
    """The pack, read beside the loop: meanwhile health answers, and a wish to stop is heard."""
    found: list[Whole] = []

    async def reading() -> None:
        found.append(await beside(partial(base.hooks.read, base.settings.content)))

    await unless(stop, reading())
    return at_home(found[0], base.settings.country)


def _shared(base: Foundation, bot: Bot) -> Shared:
    settings, watch = base.settings, base.watch
    return Shared(
        bot,
        base.store,
        base.clock,
        PictureRenderer(settings.font),
        base.statistics,
        Recent(base.clock),
        MissedCheckIns(),
        DrawingQueue(bot, base.clock),
        settings.keep_days,
        AdminHandlers(settings.admins, base.store, watch.look, watch.problems),
        ServiceMessages(base.store, base.clock, settings.messages_per_second),
    )


def _assembly(
    base: Foundation,
    shared: Shared,
    current: CurrentEdition,
    introduction: Introduction,
    presence: Presence,
) -> Assembly:
    settings, store, clock, bot = base.settings, base.store, base.clock, shared.bot
    admission = AdmissionControl(clock) if settings.chat_seconds else None
    lanes = Lanes(
        *(current.handle, current.too_fast, store, clock, admission, base.measurements),
        could_not=current.could_not,
    )
    source = source_of_updates(settings, bot, current, lanes, clock, base.heartbeat, presence.others)
    courier = _courier(base, bot, current)
    housekeeping = base.watch.housekeeping = _housekeeping(base, shared.missed)
    observatory = base.watch.observatory = _observatory(base, shared, current, courier)
    plans = PlanChanges(store, clock, lambda: current.now.follow_ups.episodes)
    reloading = _reloading(base, shared, current, lanes, introduction, plans)
    results = ServiceMessageResults(shared.service_messages, settings.admins, base.watch.tell)
    vital: dict[str, Task] = {
        "webhook" if settings.webhook else "poller": source.run,
        "courier": courier.run,
        "housekeeping": housekeeping.run,
        "pictures": shared.drawings.run,
        "introduction": introduction.run,
        "interrupted replies": InterruptedReplies(store, clock, current.interrupted).run,
        "reloading": reloading.run,
        "plans": plans.run,
        "presence": presence.run,
        "service messages": results.run,
        "watchdog": Watchdog(clock, base.heartbeat.silent, Systemd(os.environ)).run,
    }
    if settings.admins:
        vital["admin alerts"] = base.admin_alerts.run
    if store.shared:  # other replicas send, too
        vital["pace"] = _pace_sharing(base).run
    return Assembly(
        *(bot.username, source, lanes, courier, reloading, base.watch, observatory),
        vital,
    )


def _courier(base: Foundation, bot: Bot, current: CurrentEdition) -> Courier:
    return Courier(
        base.store,
        TelegramMessenger(bot, SEND_TIMEOUT),
        base.clock,
        current.compose,
        current.after,
        base.rate_limiter,
        Limits(send=timedelta(seconds=SEND_TIMEOUT), in_flight=at_once(base.settings.messages_per_second)),
        alive=base.heartbeat.of("courier"),
        probe=base.hooks.step,
        next_due=base.hooks.next_due,
        time=base.clock,
        alerts=base.alert,
    )


def _housekeeping(base: Foundation, missed: MissedCheckIns) -> Housekeeping:
    return Housekeeping(
        base.store,
        base.clock,
        base.statistics,
        base.store.free,
        base.heartbeat.of("housekeeping"),
        store_alive=base.heartbeat.of("store"),
        time=base.clock,
        keep=timedelta(days=base.settings.keep_days),
        missed=missed,
    )


def _observatory(base: Foundation, shared: Shared, current: CurrentEdition, courier: Courier) -> Observatory:
    return Observatory(
        base.store,
        base.clock,
        base.measurements,
        found=base.statistics.outcomes,
        too_many=base.rate_limiter.refusals,
        pictures=shared.drawings.count,
        courier=lambda: dict.fromkeys(map(str, SendOutcome), 0) | courier.totals(),
        heartbeat=base.heartbeat,
        backed_up=partial(_last_copy, base.settings),
        version=__version__,
        pack=lambda: current.now.voice.pack,
    )


def _presence(base: Foundation, bot: Bot) -> Presence:
    """Of this process, under its machine's name (a container's is its own)."""
    me = Worker(bot.username, platform.node() or "?", os.getpid())
    return Presence(base.store, base.clock, me, _runs, base.heartbeat.of("presence"))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # no signal: it only asks
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _pace_sharing(base: Foundation) -> PaceSharing:
    rate = base.settings.messages_per_second
    return PaceSharing(base.store, base.clock, base.rate_limiter, rate, base.heartbeat.of("pace"))


def _reloading(
    base: Foundation,
    shared: Shared,
    current: CurrentEdition,
    lanes: Lanes,
    introduction: Introduction,
    plans: PlanChanges,
) -> PackReloading:
    settings, hooks = base.settings, base.hooks

    def loaded() -> None:
        plans.wanted.set()
        hooks.loaded()

    return PackReloading(
        current,
        lanes,
        introduction,
        lambda: edition_of(at_home(hooks.read(settings.content), settings.country), shared),
        hooks.reload or asyncio.Event(),
        base.alert,
        loaded,
        lambda: hooks.examine(settings.content),
    )


def _last_copy(settings: Settings) -> datetime | None:
    database = settings.database.get_secret_value()
    return None if is_postgres(database) else last_backup(Path(database))
