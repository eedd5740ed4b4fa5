"""Delivers due follow-ups: take tokens → claim (commit) → recheck → send → settle (fenced).

`sendMessage` cannot be made exactly-once, so this is: at least one attempt, at most two copies. An attempt
is counted before it is made; two that may have arrived make the follow-up `unconfirmed`, for the operator to
see. A missed "please see a doctor" is worse than one repeated message.

The courier knows no clinical words: what to send is composed by its caller.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TypeVar, assert_never

import structlog

from tgbot.followup.episode import FollowUp, FollowUpState, Person
from tgbot.screens.screen import Screen
from tgbot.service.ports import (
    Alert,
    Alerts,
    Ambiguous,
    Clock,
    Delivery,
    Gone,
    Later,
    Messenger,
    Moved,
    Refused,
    RepeatedWarning,
    SentOk,
    TimeTrust,
    TrustedTime,
    no_alerts,
)
from tgbot.service.rate_limiter import RateLimiter, remember_pause
from tgbot.service.store_port import Lease, Store, StoreError, Transaction

T = TypeVar("T")
log = structlog.get_logger()

MOST_COPIES = 2
MANY = 3  # that expire in one round: somebody should look whether the clock is right
FEWEST_AT_ONCE = 8
MOST_AT_ONCE = 100
_A_SEND = 0.1  # seconds to Telegram and back
TAKEN = 0.25  # seconds to look again when what is due is in another courier's hands


@dataclass(frozen=True, slots=True)
class DoNotSend:
    """Do not send this one: it ends in `state`."""

    state: FollowUpState = FollowUpState.CANCELLED


Compose = Callable[[Transaction, Lease, Person, datetime], Awaitable[Screen | DoNotSend]]
"""What to send, decided in the transaction between claim and send: consent and cancellation are read anew,
and how late `now` is after `lease.follow_up.send_at` is told in the words."""

AfterDelivery = Callable[[Transaction, FollowUp, datetime], Awaitable[None]]
"""Plans what follows a follow-up in its final state, in the transaction that records it: the one reminder of
a delivered one, the next step after one that will never be sent."""


def at_once(per_second: float) -> int:
    """How many sends must be in flight to keep up a rate (Little's law). A kill doubles at most so many."""
    return min(max(round(per_second * _A_SEND), FEWEST_AT_ONCE), MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Limits:
    """A lease must outlive the longest send, or two couriers could hold one follow-up."""

    send: timedelta  # the longest; whoever makes the messenger knows it
    lease: timedelta = timedelta(seconds=60)
    in_flight: int = FEWEST_AT_ONCE
    doubt: timedelta = timedelta(seconds=30)  # between an ambiguous attempt and the next
    fault: timedelta = timedelta(minutes=10)  # after a fault of ours, which a new version may mend
    grace: timedelta = timedelta(seconds=8)  # for what is in flight when the process is asked to stop
    look: timedelta = timedelta(seconds=30)  # the longest sleep: clocks jump, and liveness wants a sign

    def __post_init__(self) -> None:
        if self.lease < 2 * self.send:
            raise ValueError(f"A lease of {self.lease} does not outlive a send of {self.send}.")


class SendOutcome(StrEnum):
    """What came of one claimed follow-up."""

    SENT = "sent"
    LATER = "later"  # surely not sent: paced, paused, or Telegram said "retry after"
    OFFLINE = "offline"  # surely not sent: no connection
    FAILED = "failed"  # a fault of ours; tried again in ten minutes
    AMBIGUOUS = "ambiguous"
    UNCONFIRMED = "unconfirmed"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    LEASE_LOST = "lost"  # changed by the person or taken by another courier meanwhile


SendCounts = Counter[SendOutcome]


def ignore(_: object) -> None:
    """Does nothing. Crash tests pass a probe that kills the process at a named point."""


class Courier:
    def __init__(
        self,
        store: Store,
        messenger: Messenger,
        clock: Clock,
        compose: Compose,
        after_delivery: AfterDelivery,
        rate_limiter: RateLimiter,
        limits: Limits,
        alive: Callable[[], None] = lambda: None,
        probe: Callable[[str], None] = ignore,
        next_due: Callable[[datetime | None], None] = ignore,
        time: TimeTrust | None = None,
        alerts: Alerts = no_alerts,
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._clock = clock
        self._compose = compose
        self._after_delivery = after_delivery
        self._rate_limiter = rate_limiter
        self._limits = limits
        self._alive = alive
        self._probe = probe
        self._tell_next_due = next_due
        self._time = time or TrustedTime()
        self._alerts = alerts
        self._owner = clock.new_id()
        self._failures = 0
        self._stopping = False
        self._trouble, self._pause = RepeatedWarning(), RepeatedWarning()
        self._total: SendCounts = Counter()

    async def run(self) -> None:
        """Deliver until cancelled: sleeps until the next due instant, or until something is planned.

        A cancellation lets what is in flight settle first, for at most `grace`.
        """
        while True:
            self._alive()
            self._store.planned.clear()
            try:
                if await self._time.confirm():
                    until = await self._wake_at(await self._drained(asyncio.create_task(self.run_once())))
                else:
                    until = self._after_failure("the time is not known")
            except StoreError as error:
                until = self._after_failure(str(error))
            self._alive()  # what comes now may take half a minute
            if until is not None:
                await self._clock.wait(until, self._store.planned)

    async def _drained(self, running: asyncio.Task[SendCounts]) -> SendCounts:
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._stopping = True
            await asyncio.wait([running], timeout=self._limits.grace.total_seconds())
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise

    def totals(self) -> dict[str, int]:
        """What came of everything since the start."""
        return {came.value: count for came, count in sorted(self._total.items())}

    async def run_once(self) -> SendCounts:
        """Deliver what is due now, as far as the tokens go. Raises StoreError when nothing was claimed."""
        wanted = self._rate_limiter.take(self._limits.in_flight)
        if not wanted:
            return Counter()
        now = self._clock.now()
        until = now + self._limits.lease
        try:
            leases = await self._store.operate(lambda tx: tx.queue.claim_due(self._owner, now, until, wanted))
        except StoreError:
            self._rate_limiter.give_back(wanted)
            raise
        self._rate_limiter.give_back(wanted - len(leases))
        if not leases:
            return Counter()
        self._probe("claimed")
        counts = Counter(await asyncio.gather(*map(self._deliver, leases)))
        self._total += counts
        log.info("courier_ran", **{came.value: count for came, count in sorted(counts.items())})
        if counts[SendOutcome.EXPIRED] >= MANY:
            log.warning("several_expired", count=counts[SendOutcome.EXPIRED])
            self._alerts(Alert("several_expired", {"count": counts[SendOutcome.EXPIRED]}))
        return counts

    async def _deliver(self, lease: Lease) -> SendOutcome:
        wait = cache(lambda: self._rate_limiter.take_chat(lease.follow_up.person_id))  # a work may run twice
        try:
            prepared = await self._insist(lease, lambda tx: self._prepare(tx, lease, wait, self._clock.now()))
            if isinstance(prepared, SendOutcome):
                return prepared
            delivery = await self._messenger.send(lease.follow_up.person_id, prepared)
            self._probe("sent")
            if isinstance(delivery, Later):  # at once; a work may wait, and run twice
                await self._slow_down(lease, delivery.after)
            now = self._clock.now()
            came = await self._insist(lease, lambda tx: self._settle(tx, lease, delivery, now))
            self._probe("settled")
        except StoreError:
            raise
        except Exception:
            log.exception("follow_up_failed", follow_up=lease.follow_up.id)
            return await self._insist(lease, lambda tx: self._put_aside(tx, lease))
        if came is not SendOutcome.SENT:
            log.warning("follow_up_not_sent", follow_up=lease.follow_up.id, came=came, delivery=str(delivery))
        return came

    async def _slow_down(self, lease: Lease, after: float) -> None:
        """After a 429, for the chat or for everybody; one for everybody outlives a restart."""
        whole = self._rate_limiter.too_many(lease.follow_up.person_id, after) if after > 0 else 0
        if whole > 0:
            await remember_pause(self._store, self._clock, whole)

    async def _prepare(
        self, tx: Transaction, lease: Lease, wait: Callable[[], float], now: datetime
    ) -> Screen | SendOutcome:
        """Everything that may have changed since the claim is looked at again."""
        follow_up = lease.follow_up
        person = await tx.queue.leased(lease)
        if person is None:
            return SendOutcome.LEASE_LOST
        if follow_up.ambiguous >= MOST_COPIES:
            return await self._end(tx, lease, FollowUpState.UNCONFIRMED, SendOutcome.UNCONFIRMED)
        if not self._time.known:  # the clock has jumped since the claim
            return await self._again(tx, lease, now)
        if person.paused or now + self._limits.send > lease.until:
            return await self._again(tx, lease, now)
        composed = await self._compose(tx, lease, person, now)
        if isinstance(composed, DoNotSend):
            if composed.state is FollowUpState.EXPIRED:
                return await self._expired(tx, lease, now)
            return await self._end(tx, lease, composed.state, SendOutcome.WITHDRAWN)
        if wait():
            return await self._again(tx, lease, now + timedelta(seconds=wait()))
        return composed if await tx.queue.attempt(lease) else SendOutcome.LEASE_LOST

    async def _settle(self, tx: Transaction, lease: Lease, delivery: Delivery, now: datetime) -> SendOutcome:
        match delivery:
            case SentOk(message_id):
                return await self._sent(tx, lease, message_id, now)
            case Later(after):
                return await self._later(tx, lease, after, now)
            case Ambiguous():
                return await self._doubt(tx, lease, now)
            case Gone():
                came = await self._end(tx, lease, FollowUpState.UNREACHABLE, SendOutcome.UNREACHABLE)
                if person := await tx.people.person(lease.follow_up.person_id):
                    await tx.people.save_person(replace(person, paused=True))
                return came
            case Moved() | Refused():
                # Only groups move. To follow one would carry a person's check-in into a group.
                return await self._end(tx, lease, FollowUpState.REFUSED, SendOutcome.REFUSED)
        assert_never(delivery)

    async def _sent(self, tx: Transaction, lease: Lease, message_id: int, now: datetime) -> SendOutcome:
        sent = replace(lease.follow_up, state=FollowUpState.SENT, sent_at=now, message_id=message_id)
        if not await tx.queue.settle(lease, sent):
            return SendOutcome.LEASE_LOST
        await self._after_delivery(tx, sent, now)
        return SendOutcome.SENT

    async def _later(self, tx: Transaction, lease: Lease, after: float, now: datetime) -> SendOutcome:
        if after <= 0:
            return (
                SendOutcome.OFFLINE
                if await self._again(tx, lease, now) is SendOutcome.LATER
                else SendOutcome.LEASE_LOST
            )
        not_before = now + timedelta(seconds=after)
        return await self._again(tx, lease, not_before)

    async def _doubt(self, tx: Transaction, lease: Lease, now: datetime) -> SendOutcome:
        doubted = replace(lease.follow_up, ambiguous=lease.follow_up.ambiguous + 1)
        if doubted.ambiguous >= MOST_COPIES:
            unconfirmed = replace(doubted, state=FollowUpState.UNCONFIRMED)
            return await self._ended(tx, lease, unconfirmed, SendOutcome.UNCONFIRMED)
        return (
            SendOutcome.AMBIGUOUS
            if await tx.queue.settle(lease, doubted, now + self._limits.doubt)
            else SendOutcome.LEASE_LOST
        )

    async def _end(
        self, tx: Transaction, lease: Lease, state: FollowUpState, came: SendOutcome
    ) -> SendOutcome:
        return await self._ended(tx, lease, replace(lease.follow_up, state=state), came)

    async def _ended(self, tx: Transaction, lease: Lease, ended: FollowUp, came: SendOutcome) -> SendOutcome:
        """Nothing more is done with this one; what follows is planned in the same transaction."""
        if not await tx.queue.settle(lease, ended):
            return SendOutcome.LEASE_LOST
        await self._after_delivery(tx, ended, self._clock.now())
        return came

    async def _expired(self, tx: Transaction, lease: Lease, now: datetime) -> SendOutcome:
        """Too late to be sent – unless only our own clock says so: then it is looked at again."""
        if not self._time.certain:
            return await self._again(tx, lease, now + self._limits.look)
        return await self._end(tx, lease, FollowUpState.EXPIRED, SendOutcome.EXPIRED)

    async def _again(self, tx: Transaction, lease: Lease, not_before: datetime) -> SendOutcome:
        """Surely not sent: put it back as it was claimed."""
        return (
            SendOutcome.LATER
            if await tx.queue.settle(lease, lease.follow_up, not_before)
            else SendOutcome.LEASE_LOST
        )

    async def _put_aside(self, tx: Transaction, lease: Lease) -> SendOutcome:
        """After a fault of ours: what was counted as an attempt stays counted, as it may have been one."""
        stored = await tx.people.follow_up(lease.follow_up.person_id, lease.follow_up.id)
        if stored is None or not await tx.queue.settle(lease, stored, self._clock.now() + self._limits.fault):
            return SendOutcome.LEASE_LOST
        return SendOutcome.FAILED

    async def _insist(self, lease: Lease, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a work until the store can: while it cannot (disk full), nothing more is claimed."""
        while True:
            try:
                return await self._store.transact(lease.follow_up.person_id, work)
            except StoreError as error:
                if self._stopping:
                    raise
                if self._trouble.is_news(str(error), self._clock.now()):
                    log.error("courier_store_failed", error=str(error))
                self._alive()
                await self._clock.sleep(1.0)

    async def _wake_at(self, counts: SendCounts) -> datetime | None:
        """When to look again; None is at once."""
        if counts[SendOutcome.OFFLINE]:
            return self._after_failure("no connection")
        self._failures = 0
        now = self._clock.now()
        due = await self._store.operate(lambda tx: tx.queue.next_due())
        self._tell_next_due(due)
        latest = now + self._limits.look
        if due is None or due > now:
            return min(due or latest, latest)
        wait = max(self._rate_limiter.next_take_in(), 0 if counts else TAKEN)
        return min(latest, now + timedelta(seconds=wait)) if wait > 0 else None

    def _after_failure(self, error: str) -> datetime:
        """Doubling pauses up to a minute, spread so that replicas do not march in step."""
        self._failures = min(self._failures + 1, 6)
        seconds = min(2**self._failures * (0.5 + self._clock.draw() / 2), self._limits.look.total_seconds())
        if self._pause.is_news(error, self._clock.now()):
            log.warning("courier_waits", error=error, seconds=round(seconds, 1))
        return self._clock.now() + timedelta(seconds=seconds)
