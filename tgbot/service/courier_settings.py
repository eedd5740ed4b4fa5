"""What the courier is given for its rounds, and what it reports: limits, callbacks, counts."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tgbot.followup.episode import FollowUp, FollowUpState, Person
from tgbot.screens.screen import Screen
from tgbot.service.store_port import Lease, Transaction


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


FEWEST_AT_ONCE = 8
MOST_AT_ONCE = 100
_A_SEND = 0.1  # seconds to Telegram and back


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


class Came(StrEnum):
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
    LOST = "lost"  # changed by the person or taken by another courier meanwhile


Report = Counter[Came]
