"""One person's run of the protocol, as data: Episode, FollowUp, Entry, and the person they belong to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tgbot.followup.times import USUAL_QUIET_HOURS, QuietHours

WITHDRAWN = ""  # the consent of somebody who took it back: of no text at all


class Outcome(StrEnum):
    """How it is, in the person's own words."""

    GONE = "gone"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    EMERGENCY = "emergency"


class EpisodeState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class FollowUpState(StrEnum):
    """Where one planned contact stands. `PLANNED` is the only state the courier claims from."""

    PLANNED = "planned"
    SENT = "sent"  # delivered, waiting for an answer
    ANSWERED = "answered"
    CANCELLED = "cancelled"  # stopped, superseded, re-planned or withdrawn
    EXPIRED = "expired"  # later than the plan allows: visible, never sent
    UNCONFIRMED = "unconfirmed"  # two ambiguous attempts: at most two copies were sent
    UNREACHABLE = "unreachable"  # blocked, deactivated, chat not found
    REFUSED = "refused"  # Telegram refused the message itself; the operator sees it


class EntryKind(StrEnum):
    """What a line of an episode's course is about."""

    SAFETY = "safety"  # a sign's id, or that there was none
    SEEN = "seen"  # whether somebody looked at it, after "get help today"
    OUTCOME = "outcome"
    FUNCTION = "function"
    PAIN = "pain"  # 0 to 10
    ADVICE = "advice"  # which words were said to an answer
    BACKGROUND = "background"  # who needs another road: an id of the plan's `background`
    HELPED = "helped"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Consent:
    """Which text was agreed to, and when."""

    version: str
    at: datetime

    @property
    def stands(self) -> bool:
        """Whether it was not taken back. A newer text ends nothing: what was agreed to goes on as agreed."""
        return self.version != WITHDRAWN


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who agreed to be remembered. `id` is Telegram's user id, and of the private chat too.

    `zone` is an IANA name. `paused` is set while the bot is blocked: nothing is sent, nothing is lost.
    """

    id: int
    consent: Consent
    locale: str = "en"
    zone: str | None = None
    quiet: QuietHours | None = USUAL_QUIET_HOURS
    country: str | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """`version` grows by one with every save; a save with an old one is refused.

    `plan` is the mark of the plan under which it runs (`plan_mark`).
    """

    id: str
    person_id: int
    onset: datetime
    started_at: datetime
    state: EpisodeState = EpisodeState.OPEN
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    closed_because: str | None = None
    plan: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One planned contact. `due_at` is what the protocol says, `send_at` is that, moved later by quiet hours.

    `reminder` is true for the one reminder after an unanswered check-in. `ambiguous` counts attempts of
    which nobody knows whether they were delivered; two are the most (reliability, promise 1). A copy of a
    service message has its number in `service`, and is no part of the plan.
    """

    id: str
    episode_id: str
    person_id: int
    step: str
    due_at: datetime
    send_at: datetime
    reminder: bool = False
    state: FollowUpState = FollowUpState.PLANNED
    ambiguous: int = 0
    sent_at: datetime | None = None
    message_id: int | None = None
    service: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an episode's course. `kind` is one of `EntryKind`."""

    id: str
    episode_id: str
    person_id: int
    at: datetime
    kind: str
    value: str
    step: str | None = None
