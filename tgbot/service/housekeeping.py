"""What has to be done now and then: flush counts, forget what is old, look at the disk."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from tgbot.errors import BackcheckError
from tgbot.service.hints import MissedCheckIns
from tgbot.service.ports import Clock, RepeatedWarning, TimeTrust, TrustedTime
from tgbot.service.questions import Statistics
from tgbot.service.store_port import Retired, Store, StoreError, StoreFullError, StoreLostError, Transaction

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=30)
UPDATES_KEPT = timedelta(hours=48)  # Telegram hands out an update for 24
QUARANTINED_KEPT = timedelta(days=90)  # the doctor counts those of 30
RETIRE_EVERY = 3600.0  # seconds
RETIRE_AT_ONCE = 500  # people a round
LEAST_FREE = 0.10
LOST_FOR = 30.0  # seconds a lost database is given to come back; it is looked for every half a minute
PATIENCE = 1.5  # seconds for the store to write when somebody asks; most of those who ask give up after two


class LostDatabaseError(BackcheckError):
    """The database has not been what was opened for too long."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} The process ends, so that it can be restarted.")


class Housekeeping:
    """`free` is the share of the database's disk that is free; `patience` is in seconds of real time.

    `keep` is how long an episode stays after its end; without it none ever leaves.
    `store_alive` is called whenever the store has worked, or a restart would not help: it only lacks room, or
    is shared, so that a new process could not even start, while this one still brings emergency cards.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        tally: Statistics,
        free: Callable[[], float],
        alive: Callable[[], None] = lambda: None,
        patience: float = PATIENCE,
        store_alive: Callable[[], None] = lambda: None,
        time: TimeTrust | None = None,
        keep: timedelta | None = None,
        missed: MissedCheckIns | None = None,
        retire_at_once: int = RETIRE_AT_ONCE,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tally = tally
        self._free = free
        self._alive = alive
        self._patience = patience
        self._store_alive = store_alive
        self._time = time or TrustedTime()
        self._keep = keep
        self._missed = missed or MissedCheckIns()
        self._retire_at_once = retire_at_once
        self._retired_at: float | None = None  # of the monotonic clock
        self._last_certain: datetime | None = None
        self._lost_since: float | None = None  # of the monotonic clock
        self._disk, self._work = RepeatedWarning(), RepeatedWarning()

    async def run(self) -> None:
        """Every half a minute until cancelled; then once more, so that no count is lost.

        Raises LostDatabaseError when the database has been gone or damaged for half a minute.
        """
        never = asyncio.Event()
        try:
            while True:
                await self.run_once()
                self._alive()
                await self._clock.wait(self._clock.now() + EVERY, never)
        finally:
            await self.run_once()

    async def run_once(self) -> None:
        """One round; a store that cannot (disk full) is reported and tried again the next time."""
        now = self._clock.now()
        free = self._free()
        if free < LEAST_FREE and self._disk.is_news("nearly full", now):
            log.error("disk_nearly_full", free=f"{free:.0%}")
        failure = await self._do_all(now)
        if failure and self._work.is_news(str(failure), now):
            log.error("upkeep_failed", error=str(failure))
        self._judge(failure, free)

    def _judge(self, failure: StoreError | None, free: float) -> None:
        """What a store that cannot means for the process. Only a lost one ends it: a lock, or a server that
        is away, may be over before whoever watches liveness starts the bot anew."""
        if (
            failure is None
            or self._store.shared
            or isinstance(failure, StoreFullError)
            or (free < LEAST_FREE and not _lost(failure))
        ):
            self._store_alive()
        if not _lost(failure):
            self._lost_since = None
            return
        since = self._lost_since = self._lost_since or self._clock.monotonic()
        if self._clock.monotonic() - since >= LOST_FOR:
            raise LostDatabaseError(str(failure))

    async def _do_all(self, now: datetime) -> StoreError | None:
        """Do the store's part, each also when another fails; what the store says when it cannot."""
        failure: StoreError | None = None
        works = [lambda: self._tally.flush(self._store, self._clock), self._touch]
        works.append(lambda: self._missed.recall(self._store, self._clock))
        if self._time.certain:
            works += [lambda: self._purge(now), lambda: self._retire(now)]
        for work in works:
            try:
                await work()
            except StoreError as error:
                failure = failure if _lost(failure) else error
            self._alive()  # a server that is away keeps each of them waiting
        return failure

    async def _purge(self, now: datetime) -> None:
        await self._store.operate(lambda tx: tx.operations.purge(now - UPDATES_KEPT))
        await self._store.operate(lambda tx: tx.operations.purge_quarantined(now - QUARANTINED_KEPT))

    async def _retire(self, now: datetime) -> None:
        """Let go of episodes that were over so long ago, and of people of whom nothing else is left."""
        steady = self._clock.monotonic()
        if self._keep is None or (self._retired_at is not None and steady - self._retired_at < RETIRE_EVERY):
            return
        before, gone = now - self._keep, Retired(0, 0)
        people = await self._store.operate(lambda tx: tx.operations.to_retire(before, self._retire_at_once))
        for person_id in people:  # who comes back meanwhile is waited for, and stays
            step = await self._store.transact(person_id, partial(_retire, person_id, before))
            gone = Retired(gone.episodes + step.episodes, gone.people + step.people)
        if len(people) < self._retire_at_once:  # else the next round goes on
            self._retired_at = steady
        if gone.episodes or gone.people:
            log.info("retired", episodes=gone.episodes, people=gone.people)

    async def _touch(self) -> None:
        """Write down an instant that two clocks agree on, so that the next start can compare."""
        if self._time.certain:
            self._last_certain = self._clock.now()
        at = self._last_certain
        await self._store.operate(lambda tx: tx.operations.touch(at))

    async def problems(self) -> list[str]:
        """What keeps the bot from working well: "store" cannot write, or not soon; "disk" is nearly full.

        Only writing shows that a store can: reading goes on when its disk is full.
        """
        found = ["disk"] if self._free() < LEAST_FREE else []
        try:
            async with asyncio.timeout(self._patience):  # SQLite waits longer for whoever has locked the file
                await self._touch()
        except (StoreError, TimeoutError):
            found.append("store")
        return found


def _lost(failure: StoreError | None) -> bool:
    return isinstance(failure, StoreLostError)


async def _retire(person_id: int, before: datetime, tx: Transaction) -> Retired:
    return await tx.people.retire(person_id, before)
