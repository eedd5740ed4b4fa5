"""The machine's clock, compared with Telegram's: what cannot be undone never rests on one of them alone.

A clock that is a year ahead for a few seconds at one start would let every check-in expire. So nothing is
sent before Telegram's time was heard (each of its answers carries a `Date`), nothing expires and nothing is
purged while the two disagree, and whoever asks for the time meanwhile gets the one that is more likely right.
"""

from asyncio import Event
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from tgbot.service.alerts import Alert, Alerts, no_alerts
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

TOLERANCE = timedelta(minutes=5)
GAP = timedelta(days=1)  # a clock that stands so long after the last instant written down goes on from there


class Trust(StrEnum):
    """What is known of the machine's clock."""

    UNKNOWN = "unknown"  # nothing was heard since the start, or since it jumped
    CONFIRMED = "confirmed"  # Telegram says the same
    CORRECTED = "corrected"  # Telegram says something else, and its time is used
    DISPUTED = "disputed"  # so it does, but ours goes on from what was written down last, and is used


class TimeTrust(Protocol):
    """What the time may be used for."""

    @property
    def known(self) -> bool:
        """Whether a message may be sent by it."""
        ...

    @property
    def certain(self) -> bool:
        """Whether something may expire or be purged by it: two clocks agree."""
        ...

    async def confirm(self) -> bool:
        """Ask Telegram when it is not known; whether it is known now."""
        ...


class TrustedTime:
    """Of a clock that nobody doubts: a test's, a command's."""

    known = certain = True

    async def confirm(self) -> bool:
        return True


class CheckedClock:
    """A clock that is corrected by what Telegram says. `written` is the last instant in the store."""

    def __init__(self, clock: Clock, written: datetime | None = None, alerts: Alerts = no_alerts) -> None:
        self._clock = clock
        self._written = written
        self._alerts = alerts
        self._correction = timedelta()
        self._trust = self._told = Trust.UNKNOWN
        self._looked = (clock.now(), clock.monotonic())
        self._silent = False
        self._suspected: timedelta | None = (
            None  # how far ahead we are by one answer, which another must repeat
        )
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
        if self._trust is not Trust.UNKNOWN and self._jumped():
            self._written = self._looked[0] + self._passed() + self._correction
            self._trust, self._correction = Trust.UNKNOWN, timedelta()
            self._silent, self._suspected = False, None
            log.info("clock_jumped", now=self.now().isoformat())
        return self._trust

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
        now, known = self._clock.now(), self.trust is not Trust.UNKNOWN
        ahead = now - at
        if abs(ahead) > TOLERANCE and not self._repeated(ahead):
            self._trust, self._correction = Trust.UNKNOWN, timedelta()
            return
        trust, correction = self._judged(now, at)
        if known and abs(correction - self._correction) < TOLERANCE:
            correction = self._correction  # a `Date` has whole seconds: no trembling
        self._looked, self._correction = (now, self._clock.monotonic()), correction
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

    def _jumped(self) -> bool:
        return abs(self._clock.now() - self._looked[0] - self._passed()) > TOLERANCE

    def _passed(self) -> timedelta:
        """How long it is since Telegram was heard, by the clock that does not jump."""
        return timedelta(seconds=self._clock.monotonic() - self._looked[1])

    def _tell(self, trust: Trust, ahead: timedelta) -> None:
        seconds = round(ahead.total_seconds())
        if trust is not Trust.CONFIRMED:
            log.error("clock_wrong", ahead_seconds=seconds, trust=trust.value)
            self._alerts(Alert("clock_wrong", {"ahead_seconds": seconds, "trust": trust.value}))
        elif self._told is not Trust.UNKNOWN:  # at the start it is no news
            log.info("clock_right")
            self._alerts(Alert("clock_right"))
        self._told = trust
