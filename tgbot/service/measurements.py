"""What was counted and timed since the start, for whoever watches: numbers by kind, never an id.

Plain counters: whoever counts pays microseconds, and whoever asks (web/metrics.py) makes of them what
Prometheus reads.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from tgbot.service.ports import Clock
from tgbot.service.store_port import SharedTransaction, Store, Transaction

T = TypeVar("T")

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds


class Timings:
    """How long something took, by the bucket of BOUNDS that it fell in; the last is for what is longer."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def counts(self) -> Sequence[int]:
        return tuple(self._counts)


class Measurements:
    """`updates` is by an update's kind and what became of it: processed, quarantined, unanswered, dropped."""

    def __init__(self) -> None:
        self.updates: Counter[tuple[str, str]] = Counter()
        self.replies, self.emergencies, self.database = Timings(), Timings(), Timings()

    def finished(self, kind: str, outcome: str, seconds: float, *, urgent: bool) -> None:
        """An update is done with, so many seconds after it came in; `urgent`: an emergency was in it."""
        self.updates[kind, outcome] += 1
        if outcome == "processed":
            (self.emergencies if urgent else self.replies).add(seconds)


class MeasuredStore:
    """A store whose every transaction is timed."""

    def __init__(self, store: Store, clock: Clock, timings: Timings) -> None:
        self._store = store
        self._clock = clock
        self._timings = timings
        self.planned = store.planned
        self.shared = store.shared
        self.free = store.free
        self.close = store.close

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._timed(self._store.transact(person_id, work))

    async def operate(self, work: Callable[[SharedTransaction], Awaitable[T]]) -> T:
        return await self._timed(self._store.operate(work))

    async def _timed(self, doing: Awaitable[T]) -> T:
        since = self._clock.monotonic()
        try:
            return await doing
        finally:
            self._timings.add(self._clock.monotonic() - since)
