"""One person's run of the protocol, as data: an episode with its follow-ups and entries – its course – and
the person they belong to."""

from dataclasses import dataclass, replace
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


class ClosedBecause(StrEnum):
    """Why an episode is closed; it stands in the store and in /history."""

    GONE = "gone"
    EMERGENCY = "emergency"
    STOPPED = "stopped"
    SUPERSEDED = "superseded"
    DONE = "done"  # the plan has come to its end
    EXPIRED = "expired"  # check-ins could not be delivered until the plan was over


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


@dataclass(frozen=True, slots=True)
class Course:
    """All that is stored of one episode, and the hours its person keeps."""

    episode: Episode
    follow_ups: tuple[FollowUp, ...] = ()
    entries: tuple[Entry, ...] = ()
    zone: str | None = None
    quiet: QuietHours | None = None

    def row(self, follow_up_id: str) -> FollowUp | None:
        """The contact with this id, a reminder for itself."""
        return next((one for one in self.follow_ups if one.id == follow_up_id), None)

    def follow_up(self, follow_up_id: str) -> FollowUp | None:
        """The check-in with this id; for a reminder, the check-in that it reminds of."""
        found = self.row(follow_up_id)
        if found is None or not found.reminder:
            return found
        same = [one for one in self.follow_ups if one.step == found.step and not one.reminder]
        return max(same, key=lambda one: (one.sent_at is not None, one.due_at), default=None)

    @property
    def planned(self) -> tuple[FollowUp, ...]:
        """What is still to be sent, earliest first."""
        waiting = (one for one in self.follow_ups if one.state is FollowUpState.PLANNED)
        return tuple(sorted(waiting, key=lambda one: one.send_at))

    @property
    def waiting(self) -> FollowUp | None:
        """The check-in that was asked and waits for its answer."""
        asked = [one for one in self.follow_ups if one.state is FollowUpState.SENT and not one.reminder]
        return max(asked, key=lambda one: one.due_at, default=None)

    @property
    def untouched(self) -> bool:
        """Whether it has only just been planned: nothing was asked, sent or cancelled yet."""
        return bool(self.follow_ups) and all(one.state is FollowUpState.PLANNED for one in self.follow_ups)

    def answered_at(self, one: FollowUp) -> datetime | None:
        """When this check-in was answered last."""
        said = [
            entry.at for entry in self.entries if entry.step == one.step and entry.kind == EntryKind.SAFETY
        ]
        return said[-1] if said else None

    def answer_to(self, one: FollowUp) -> dict[str, str]:
        """What was answered to this check-in last, by kind: safety, seen, outcome, function, advice."""
        at = self.answered_at(one)
        return {
            entry.kind: entry.value for entry in self.entries if entry.step == one.step and entry.at == at
        }

    def scores_of(self, one: FollowUp) -> tuple[Entry, ...]:
        """The pain that was noted with the last answer to this check-in."""
        at = self.answered_at(one)
        return tuple(
            entry
            for entry in self.entries
            if entry.kind == EntryKind.PAIN and entry.step == one.step and at is not None and entry.at >= at
        )

    @property
    def last_score(self) -> Entry | None:
        """The pain that was noted last."""
        return next((entry for entry in reversed(self.entries) if entry.kind == EntryKind.PAIN), None)

    @property
    def last_answer(self) -> tuple[Entry, ...]:
        """The entries of the newest answered check-in: they share an instant and a step."""
        answers = [entry for entry in self.entries if entry.kind == EntryKind.SAFETY and entry.step]
        if not answers:
            return ()
        last = answers[-1]
        return tuple(one for one in self.entries if one.at == last.at and one.step == last.step)


def closed(
    episode: Episode, because: ClosedBecause, now: datetime, outcome: Outcome | None = None
) -> Episode:
    """The episode, closed at `now`; without an `outcome` it keeps the last one."""
    return replace(
        episode,
        state=EpisodeState.CLOSED,
        closed_at=now,
        closed_because=because.value,
        outcome=outcome or episode.outcome,
    )


def opened(episode: Episode) -> Episode:
    """The episode, going on."""
    return replace(episode, state=EpisodeState.OPEN, closed_at=None, closed_because=None)
