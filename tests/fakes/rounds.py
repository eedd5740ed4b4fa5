"""A courier with everything around it that a test needs to look at."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.messenger import FakeMessenger
from tgbot.clock import ManualClock
from tgbot.followup.episode import FollowUp, FollowUpState, Person
from tgbot.screens.screen import Screen
from tgbot.service.courier import Courier, DoNotSend, Limits, SendCounts
from tgbot.service.rate_limiter import Pace, RateLimiter
from tgbot.service.store_port import Lease, Store, Transaction

LATEST = timedelta(days=7)  # as the shipped plan says
FAST = Pace(per_second=10_000, spread=1.0, reserve=0)


LIMITS = Limits(send=timedelta(seconds=20))


@dataclass
class Rounds:
    """`late` is how late each composed follow-up was; `after` is what was delivered."""

    store: Store
    clock: ManualClock = field(default_factory=ManualClock)
    messenger: FakeMessenger = field(default_factory=FakeMessenger)
    limits: Limits = LIMITS
    pace: Pace = FAST
    withdraw: DoNotSend | None = None
    late: list[timedelta] = field(default_factory=list)
    after: list[FollowUp] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rate_limiter = RateLimiter(self.clock, self.pace)
        self.courier = self.another()

    def another(self) -> Courier:
        """A courier of another process over the same store."""
        return Courier(
            self.store,
            self.messenger,
            self.clock,
            self.compose,
            self.after_delivery,
            self.rate_limiter,
            self.limits,
        )

    async def compose(
        self, tx: Transaction, lease: Lease, person: Person, now: datetime
    ) -> Screen | DoNotSend:
        late = now - lease.follow_up.send_at
        if late > LATEST:
            return DoNotSend(FollowUpState.EXPIRED)
        self.late.append(late)
        return self.withdraw or Screen(f"Your check-in is ready: {lease.follow_up.id}")

    async def after_delivery(self, tx: Transaction, follow_up: FollowUp, now: datetime) -> None:
        self.after.append(follow_up)

    async def until_nothing_is_due(self) -> SendCounts:
        """Run rounds, pushing the clock over pauses, until the next due instant is more than an hour away."""
        total: SendCounts = Counter()
        while True:
            total += await self.courier.run_once()
            due = await self.store.operate(lambda tx: tx.queue.next_due())
            if due is None or due > self.clock.now() + timedelta(hours=1):
                return total
            self.clock.push(max(due - self.clock.now(), timedelta(seconds=self.rate_limiter.next_take_in())))
