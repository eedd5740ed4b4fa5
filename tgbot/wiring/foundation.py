"""What the bot stands on before Telegram is reached and the words are read, and who looks on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tgbot.chat.admin_handlers import tell_admin
from tgbot.chat.telegram_connection import Bot
from tgbot.clock import CheckedClock
from tgbot.packs.whole import Whole, load_whole
from tgbot.service.admin_messages import AdminAlerts
from tgbot.service.courier import ignore
from tgbot.service.housekeeping import Housekeeping
from tgbot.service.measurements import Heartbeat, MeasuredStore, Measurements, Observation, Observatory
from tgbot.service.ports import Alert, Alerts, Clock, no_alerts
from tgbot.service.questions import Statistics
from tgbot.service.rate_limiter import Pace, RateLimiter
from tgbot.service.store_port import Store
from tgbot.settings import Settings
from tgbot.wiring.connections import MachineTime, opened_store


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


@dataclass(frozen=True, slots=True)
class Foundation:
    """What all else stands on, before Telegram is reached and the words are read."""

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
        measurements = Measurements()
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
