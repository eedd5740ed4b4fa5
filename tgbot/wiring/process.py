"""The bot as a process: what it serves, and the tasks with whose death it ends."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from typing import Any

import structlog

from tgbot import __version__
from tgbot.chat.startup import StoppedError
from tgbot.chat.webhook import Webhook
from tgbot.service.ports import Clock
from tgbot.settings import Settings
from tgbot.supervision import Systemd, Watchdog, supervise
from tgbot.wiring.assembly import Assembly, assembled
from tgbot.wiring.foundation import NO_HOOKS, Hooks, webhook_served

log = structlog.get_logger(__name__)


async def run(settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks = NO_HOOKS) -> None:
    """Run the bot until `stop` is set. Raises BackcheckError for what an operator must mend."""
    with suppress(StoppedError):  # an ordinary end, before everything was up
        await _run(settings, clock, stop, hooks)


async def _run(settings: Settings, clock: Clock, stop: asyncio.Event, hooks: Hooks) -> None:
    async with AsyncExitStack() as stack:
        watched = await _watched(stack, settings)
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
        await supervise(_vital(settings, clock, parts), stop)
        log.info("stopped", **asdict(parts.lanes.count), **parts.courier.totals())


def _vital(settings: Settings, clock: Clock, parts: Assembly) -> dict[str, Coroutine[Any, Any, None]]:
    """The tasks without which the bot is not whole, by name."""
    vital = {
        "webhook" if settings.webhook else "poller": parts.source.run(),
        "courier": parts.courier.run(),
        "housekeeping": parts.housekeeping.run(),
        "pictures": parts.drawings.run(),
        "introduction": parts.introduction.run(),
        "interrupted replies": parts.interrupted.run(),
        "reloading": parts.reloading.run(),
        "plans": parts.plans.run(),
        "presence": parts.presence.run(),
        "service messages": parts.service_results.run(),
        "watchdog": Watchdog(clock, parts.heartbeat.silent, Systemd(os.environ)).run(),
    }
    if settings.admins:
        vital["admin alerts"] = parts.admin_alerts.run()
    if parts.pace_sharing:
        vital["pace"] = parts.pace_sharing.run()
    return vital


async def _watched(stack: AsyncExitStack, settings: Settings) -> Callable[[Assembly], None]:
    """Serve health and metrics before anything slow, so that whoever watches sees the bot start.

    What comes back is to be told of the parts that are watched, once they run. A bot that nobody watches
    does not load what serves them.
    """
    if not (settings.health or settings.metrics):
        return lambda _: None
    from aiohttp.web import Application

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
        watch, about = parts.watch, lambda: {"pid": os.getpid(), "pack": parts.reloading.about()}
        watched.runs(watch.silent, watch.problems, about, parts.observatory)

    return runs
