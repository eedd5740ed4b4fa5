"""The only file that reads the time or throws dice. Everything else is handed a clock.

`SystemClock` is the world's; `TravelClock` is the world's plus what somebody pushed (the demo, rehearsals);
`ManualClock` stands still until it is pushed (tests). `CheckedClock` is what the bot goes by: another of
them, compared with Telegram's, as what cannot be undone never rests on one clock alone.
"""

import asyncio
import random
import secrets
import time
from asyncio import Event
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog

from tgbot.service.ports import Alert, Alerts, Clock, no_alerts

log = structlog.get_logger(__name__)

TOLERANCE = timedelta(minutes=5)
GAP = timedelta(days=1)  # a clock that stands so long after the last instant written down goes on from there


class SystemClock:
    """The time of this machine, and its dice."""

    def now(self) -> datetime:
        """The instant, aware, in UTC, in whole milliseconds: what is stored comes back equal."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring how long something took."""
        return time.monotonic()

    def draw(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311 – jitter, not a secret

    def new_id(self) -> str:
        """An opaque, unguessable id: 16 characters that are safe in a button and in a link (96 bits)."""
        return secrets.token_urlsafe(12)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        await asyncio.sleep(seconds)

    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None:
        """Return when `until` has come or `wake` is set; `None` waits for `wake` alone."""
        await _first_of((wake,), self._seconds_until(until))

    def _seconds_until(self, instant: datetime | None) -> float | None:
        return None if instant is None else max(0.0, (instant - self.now()).total_seconds())


class TravelClock(SystemClock):
    """The time of this machine, moved by `push`: waits notice at once that it moved.

    `changed`, when given, is called after every push, so that whoever shows the clock can show it anew.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._offset = timedelta()
        self._pushed: set[asyncio.Event] = set()
        self.changed = changed

    def now(self) -> datetime:
        return super().now() + self._offset

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of the machine's."""
        return self._offset

    def push(self, by: timedelta) -> None:
        """Move the clock; every wait looks at it again."""
        self._offset += by
        for event in self._pushed:
            event.set()
        self.changed()

    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None:
        while not wake.is_set() and (until is None or self.now() < until):
            pushed = asyncio.Event()
            self._pushed.add(pushed)
            try:
                await _first_of((wake, pushed), self._seconds_until(until))
            finally:
                self._pushed.discard(pushed)


class ManualClock(TravelClock):
    """A clock for tests: it stands still until it is pushed, and its dice are numbered.

    `sleep` moves the clock instead of waiting.
    """

    def __init__(self, start: datetime = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)) -> None:
        super().__init__()
        self._start = start
        self._ids = 0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + self._offset

    def monotonic(self) -> float:
        return self._offset.total_seconds()

    def draw(self) -> float:
        return 0.5

    def new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids:06d}"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.push(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def _seconds_until(self, instant: datetime | None) -> float | None:
        return None  # it comes only by a push


class Trust(StrEnum):
    """What is known of the machine's clock."""

    UNKNOWN = "unknown"  # nothing was heard since the start, or since it jumped
    CONFIRMED = "confirmed"  # Telegram says the same
    CORRECTED = "corrected"  # Telegram says something else, and its time is used
    DISPUTED = "disputed"  # so it does, but ours goes on from what was written down last, and is used


class CheckedClock:
    """A clock that is corrected by what Telegram says. `written` is the last instant in the store.

    One that is a year ahead for a few seconds at one start would let every check-in expire. So nothing is
    sent before Telegram's time was heard (each of its answers carries a `Date`), nothing expires and nothing
    is purged while the two disagree, and whoever asks meanwhile gets the time that is more likely right.
    """

    def __init__(self, clock: Clock, written: datetime | None = None, alerts: Alerts = no_alerts) -> None:
        self._clock = clock
        self._written = written
        self._alerts = alerts
        self._correction = timedelta()
        self._trust = self._told = Trust.UNKNOWN
        self._looked = (clock.now(), clock.monotonic())
        self._silent = False
        self._suspected: timedelta | None = None  # how far ahead by one answer, which another must repeat
        self.ask: Callable[[], Awaitable[None]] | None = None  # makes Telegram answer anything
        self.monotonic, self.sleep = clock.monotonic, clock.sleep  # which nobody corrects
        self.draw, self.new_id = clock.draw, clock.new_id

    # -- a clock

    def now(self) -> datetime:
        return self._clock.now() + self._correction

    async def wait(self, until: datetime | None, wake: Event) -> None:
        await self._clock.wait(None if until is None else until - self._correction, wake)

    # -- how far it is trusted

    @property
    def trust(self) -> Trust:
        self._look(self._clock.now(), self.monotonic())
        return self._trust

    def _look(self, now: datetime, steady: float) -> None:
        """If the clock has jumped since Telegram was heard, by the one that does not, nothing is known."""
        if self._trust is Trust.UNKNOWN:
            return
        follows = self._looked[0] + timedelta(seconds=steady - self._looked[1])
        if abs(now - follows) > TOLERANCE:
            self._written = follows + self._correction
            self._trust, self._correction = Trust.UNKNOWN, timedelta()
            self._silent, self._suspected = False, None
            log.info("clock_jumped", now=self.now().isoformat())

    @property
    def known(self) -> bool:
        if self.trust is Trust.UNKNOWN:
            return self._silent and self._goes_on(self._clock.now())
        return True

    @property
    def certain(self) -> bool:
        return self.trust is Trust.CONFIRMED

    async def confirm(self) -> bool:
        for _ in range(2):  # a wrong clock is believed to be wrong when two answers say so
            if self.trust is Trust.UNKNOWN and self.ask is not None:
                await self.ask()
        return self.known

    def problems(self) -> list[str]:
        """ "clock" while it is not confirmed."""
        return [] if self.certain else ["clock"]

    # -- what Telegram says

    def answered(self, at: datetime | None) -> None:
        """Telegram answered just now, and says that it is `at`; None when its answer names no time."""
        if at is None:
            self._silent = True
        else:
            self._heard(at)

    def message_dated(self, at: datetime) -> None:
        """Somebody's message is of this instant: it may have waited, but it is never from the future."""
        age = self.now() - at
        if age < -TOLERANCE or (self.trust is Trust.UNKNOWN and age <= TOLERANCE):
            self._heard(at)

    def _heard(self, at: datetime) -> None:
        now, steady = self._clock.now(), self.monotonic()
        self._look(now, steady)
        known, ahead = self._trust is not Trust.UNKNOWN, now - at
        if abs(ahead) > TOLERANCE and not self._repeated(ahead):
            self._trust, self._correction = Trust.UNKNOWN, timedelta()
            return
        trust, correction = self._judged(now, at)
        if known and abs(correction - self._correction) < TOLERANCE:
            correction = self._correction  # a `Date` has whole seconds: no trembling
        self._looked, self._correction = (now, steady), correction
        if trust is not self._told:
            self._tell(trust, ahead)
        self._trust = trust

    def _repeated(self, ahead: timedelta) -> bool:
        """Whether the answer before said the same: one that was on its way while our clock moved does not."""
        before, self._suspected = self._suspected, ahead
        return before is not None and abs(ahead - before) <= TOLERANCE

    def _judged(self, now: datetime, at: datetime) -> tuple[Trust, timedelta]:
        if abs(now - at) <= TOLERANCE:
            self._suspected = None
            return Trust.CONFIRMED, timedelta()
        if self._trust is Trust.DISPUTED or (self._goes_on(now) and not self._goes_on(at)):
            return Trust.DISPUTED, timedelta()
        return Trust.CORRECTED, at - now

    def _goes_on(self, at: datetime) -> bool:
        """Whether an instant follows soon on the last one that was written down."""
        return self._written is None or -TOLERANCE <= at - self._written <= GAP

    def _tell(self, trust: Trust, ahead: timedelta) -> None:
        seconds = round(ahead.total_seconds())
        if trust is not Trust.CONFIRMED:
            log.error("clock_wrong", ahead_seconds=seconds, trust=trust.value)
            self._alerts(Alert("clock_wrong", {"ahead_seconds": seconds, "trust": trust.value}))
        elif self._told is not Trust.UNKNOWN:  # at the start it is no news
            log.info("clock_right")
            self._alerts(Alert("clock_right"))
        self._told = trust


async def _first_of(events: tuple[asyncio.Event, ...], seconds: float | None) -> None:
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
