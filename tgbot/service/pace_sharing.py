"""Several replicas share what Telegram allows: each leases a part of the rate for a few seconds, by demand.

The parts never add up to more than the whole: a replica that wants more gets it when another's lease has
shrunk. A lease is renewed every second and lost after three, so that a killed replica's part comes back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from tgbot.service.ports import Clock
from tgbot.service.rate_limiter import RateLimiter, recall_pause
from tgbot.service.store_port import PaceLease, Store, StoreError

log = structlog.get_logger(__name__)

RENEWED = 1.0  # seconds
LEASED = timedelta(seconds=3)
IDLE = (
    0.05  # of the whole: what a replica that sends nothing counts as wanting, so that a reply need not wait
)
ALONE = 0.05  # of the whole: what a replica that does not reach the database goes on with


def part_of(whole: float, wanted: float, others: Sequence[PaceLease]) -> float:
    """The messages a second that a replica gets: its fair part, unless others still hold more than theirs."""
    least = whole * IDLE
    wants = max(wanted, least)
    fair = whole * wants / (wants + sum(max(other.wanted, least) for other in others))
    return max(0.0, min(fair, whole - sum(other.granted for other in others)))


@dataclass(slots=True)
class PaceSharing:
    """Renews this replica's lease until cancelled. `whole` is in messages a second."""

    store: Store
    clock: Clock
    rate_limiter: RateLimiter
    whole: float
    alive: Callable[[], None] = lambda: None

    async def run(self) -> None:
        owner = self.clock.new_id()
        renewed = self.clock.monotonic()
        while True:
            wanted = self.rate_limiter.wanted() / RENEWED
            try:
                part = await self.renew(owner, wanted)
                await recall_pause(self.store, self.clock, self.rate_limiter)
                self.rate_limiter.share(part)
                renewed = self.clock.monotonic()
            except StoreError as error:
                if self.clock.monotonic() - renewed >= LEASED.total_seconds():
                    self.rate_limiter.share(self.whole * ALONE)
                    log.warning("pace_not_shared", error=str(error))
            self.alive()
            await self.clock.sleep(RENEWED)

    async def renew(self, owner: str, wanted: float) -> float:
        """This replica's messages a second from now on. Raises StoreError."""

        def part(others: Sequence[PaceLease]) -> PaceLease:
            return PaceLease(wanted, part_of(self.whole, wanted, others))

        return await self.store.operate(lambda tx: tx.operations.lease_pace(owner, LEASED, part))
