"""The only file that reads the time or throws dice.

Everything else is handed a clock. `SystemClock` is the world's; `TravelClock` is the world's plus what
somebody pushed (the demo, rehearsals); `ManualClock` stands still until it is pushed (tests).
"""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


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


async def _first_of(events: tuple[asyncio.Event, ...], seconds: float | None) -> None:
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
