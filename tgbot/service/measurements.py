"""What is measured of the running process, for whoever watches: what was counted and timed since the start,
signs of life, and the state of everything at one moment. Numbers by kind, never an id.

Plain counters: whoever counts pays microseconds, and whoever asks (web/monitoring.py) makes of them what
Prometheus reads. What people asked for is counted day by day, in the store: `Statistics` in
questions.py.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from typing import TypeVar

from tgbot.content import ContentPack, first_lapse
from tgbot.service.ports import Clock
from tgbot.service.store_port import SharedTransaction, Store, StoreError, Transaction

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


OUTCOMES = ("processed", "quarantined", "unanswered", "dropped")


class Measurements:
    """`updates` is by an update's kind and what became of it. Those of `kinds` are there from the start, with
    0: of a series that begins with 1 Prometheus sees no increase."""

    def __init__(self, kinds: Iterable[str] = ()) -> None:
        self.updates = Counter(dict.fromkeys(product(kinds, OUTCOMES), 0))
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


class Heartbeat:
    """`longest` is how many seconds of real time a part may be silent before it counts as stuck or deaf."""

    def __init__(self, clock: Clock, longest: float = 55.0) -> None:
        self._clock = clock
        self._longest = longest
        self._last: dict[str, float] = {}

    def of(self, part: str) -> Callable[[], None]:
        """The function that this part calls whenever it has done something; the first beat is now."""
        beat = partial(self._beat, part)
        beat()
        return beat

    def silent(self) -> list[str]:
        """The parts that have not beaten for too long."""
        now = self._clock.monotonic()
        return sorted(part for part, at in self._last.items() if now - at > self._longest)

    def ages(self) -> dict[str, float]:
        """By part, the seconds since its last sign of life."""
        now = self._clock.monotonic()
        return {part: now - at for part, at in self._last.items()}

    def _beat(self, part: str) -> None:
        self._last[part] = self._clock.monotonic()


LOOKED_AT = timedelta(days=30)
FRESH = 60.0  # seconds for which the counts of the follow-ups, which cost a search, are good


@dataclass(frozen=True, slots=True)
class Observation:
    """What is so now. `follow_ups` is by state, of those planned for the last 30 days and later; `ages` are
    the seconds since each part's last sign of life. None where nothing is known."""

    follow_ups: Mapping[str, int] | None
    oldest_due: float  # seconds; 0 when nothing is overdue
    ages: Mapping[str, float]
    courier: Mapping[str, int]
    free: float
    backup_age: float | None
    days_to_review: int | None
    version: str
    pack_version: str
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Observatory:
    """Whom to ask. Nothing here changes anything."""

    store: Store
    clock: Clock
    measurements: Measurements
    found: Mapping[str, int]
    too_many: Mapping[str, int]
    pictures: Mapping[str, int]
    courier: Callable[[], Mapping[str, int]]
    heartbeat: Heartbeat
    backed_up: Callable[[], datetime | None]
    version: str
    pack: Callable[[], ContentPack]
    _counted: Mapping[str, int] | None = field(default=None, init=False)
    _counted_at: float | None = field(default=None, init=False)

    async def look(self) -> Observation:
        """A store that does not answer leaves its part unknown."""
        now = self.clock.now()
        due = await self._next_due()
        copied, pack = self.backed_up(), self.pack()
        lapses = first_lapse(pack, now.date())
        return Observation(
            follow_ups=await self._follow_ups(now),
            oldest_due=max(0.0, (now - due).total_seconds()) if due else 0.0,
            ages=self.heartbeat.ages(),
            courier=self.courier(),
            free=self.store.free(),
            backup_age=(now - copied).total_seconds() if copied else None,
            days_to_review=(lapses - now.date()).days if lapses else None,
            version=self.version,
            pack_version=pack.version,
            problems=tuple(self.heartbeat.silent()),
        )

    async def _next_due(self) -> datetime | None:
        try:
            return await self.store.operate(lambda tx: tx.queue.next_due())
        except StoreError:
            return None

    async def _follow_ups(self, now: datetime) -> Mapping[str, int] | None:
        at = self.clock.monotonic()
        if self._counted_at is None or at - self._counted_at >= FRESH:
            try:
                self._counted = await self.store.operate(
                    lambda tx: tx.operations.became(now - LOOKED_AT, now)
                )
                self._counted_at = at
            except StoreError:
                self._counted = None
        return self._counted
