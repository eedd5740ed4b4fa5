"""Several processes of one bot on one database: who they are, and how they share what Telegram allows."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from tgbot.service.ports import Clock, RepeatedWarning
from tgbot.service.rate_limiter import RateLimiter, recall_pause
from tgbot.service.store_port import PaceLease, Store, StoreError, Worker

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=20)
SEEN = timedelta(seconds=50)  # who was killed says nothing, and is named no longer than this


class Presence:
    """`runs` says whether a process of this machine is still there; `alive` is called after each round."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        me: Worker,
        runs: Callable[[int], bool] = lambda _: True,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._me = me
        self._runs = runs
        self._alive = alive
        self._others: list[Worker] = []
        self._told = RepeatedWarning()

    def others(self) -> str:
        """Who else works with this database, in words; "" when nobody does."""
        return ", ".join(map(str, self._others))

    async def run(self) -> None:
        """Until cancelled; then the process takes its leave."""
        never = asyncio.Event()
        try:
            while True:
                await self.look()
                self._alive()
                await self._clock.wait(self._clock.now() + EVERY, never)
        finally:
            await self._leave()

    async def look(self) -> None:
        """Say that this process is here, and look who else is. A store that cannot is told by others."""
        now = self._clock.now()
        try:
            met = await self._store.operate(lambda tx: tx.operations.meet(self._me, now, now - SEEN))
        except StoreError:
            return
        self._others = [one for one in met if one.host != self._me.host or self._runs(one.pid)]
        if self._others and self._told.is_news(self.others(), now):
            self._tell()

    def _tell(self) -> None:
        others = self.others()
        if any(one.bot != self._me.bot for one in self._others):
            log.error("another_bot_uses_this_database", me=str(self._me), others=others)
        elif not self._store.shared:
            log.error("another_process_uses_this_database", me=str(self._me), others=others)
        else:
            log.info("replicas", others=others)

    async def _leave(self) -> None:
        try:
            await self._store.operate(lambda tx: tx.operations.leave(self._me))
        except StoreError as error:
            log.info("leave_not_taken", error=str(error))


RENEWED = 1.0  # seconds
LEASED = timedelta(seconds=3)
# Of the whole: what a replica that sends nothing counts as wanting, so that a reply need not wait.
IDLE = 0.05
ALONE = 0.05  # of the whole: what a replica that does not reach the database goes on with


def part_of(whole: float, wanted: float, others: Sequence[PaceLease]) -> float:
    """The messages a second that a replica gets: its fair part, unless others still hold more than theirs."""
    least = whole * IDLE
    wants = max(wanted, least)
    fair = whole * wants / (wants + sum(max(other.wanted, least) for other in others))
    return max(0.0, min(fair, whole - sum(other.granted for other in others)))


@dataclass(slots=True)
class PaceSharing:
    """Renews this replica's lease on a part of the rate until cancelled. `whole` is in messages a second.

    The parts never add up to more than the whole: a replica that wants more gets it when another's lease has
    shrunk. A lease is renewed every second and lost after three, so that a killed replica's part comes back.
    Whoever could not renew it gives its part up before that, also while the database does not answer at all.
    """

    store: Store
    clock: Clock
    rate_limiter: RateLimiter
    whole: float
    alive: Callable[[], None] = lambda: None
    leased: timedelta = LEASED

    async def run(self) -> None:
        owner, leased = self.clock.new_id(), self.leased.total_seconds()
        until = self.clock.monotonic() + leased  # when others may have our part
        while True:
            asked = self.clock.monotonic()
            wanted = self.rate_limiter.wanted() / RENEWED
            renewal = asyncio.create_task(self._renewed(owner, wanted))
            try:
                await asyncio.wait([renewal], timeout=until - asked if until > asked else leased)
                if not renewal.done():
                    self._go_on_alone("the database does not answer")
                part = await renewal
                if self.clock.monotonic() < asked + leased:
                    self.rate_limiter.share(part)
                    until = asked + leased
            except StoreError as error:
                if self.clock.monotonic() + RENEWED >= until:
                    self._go_on_alone(str(error))
            finally:
                renewal.cancel()
            self.alive()
            await self.clock.sleep(RENEWED)

    def _go_on_alone(self, error: str) -> None:
        self.rate_limiter.share(self.whole * ALONE)
        log.warning("pace_not_shared", error=error)

    async def _renewed(self, owner: str, wanted: float) -> float:
        part = await self.renew(owner, wanted)
        await recall_pause(self.store, self.clock, self.rate_limiter)
        return part

    async def renew(self, owner: str, wanted: float) -> float:
        """This replica's messages a second from now on. Raises StoreError."""

        def part(others: Sequence[PaceLease]) -> PaceLease:
            return PaceLease(wanted, part_of(self.whole, wanted, others))

        return await self.store.operate(lambda tx: tx.operations.lease_pace(owner, self.leased, part))
