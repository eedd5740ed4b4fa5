"""What `decide` looks at and what it answers: a course, the events, the effects. Frozen unions."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tgbot.followup.episode import Entry, EntryKind, Episode, EpisodeState, FollowUp, FollowUpState, Outcome
from tgbot.followup.times import QuietHours

PLANNED = FollowUpState.PLANNED


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
        waiting = (one for one in self.follow_ups if one.state is PLANNED)
        return tuple(sorted(waiting, key=lambda one: one.send_at))

    @property
    def waiting(self) -> FollowUp | None:
        """The check-in that was asked and waits for its answer."""
        asked = [one for one in self.follow_ups if one.state is FollowUpState.SENT and not one.reminder]
        return max(asked, key=lambda one: one.due_at, default=None)

    @property
    def untouched(self) -> bool:
        """Whether it has only just been planned: nothing was asked, sent or cancelled yet."""
        return bool(self.follow_ups) and all(one.state is PLANNED for one in self.follow_ups)

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


class ClosedBecause(StrEnum):
    """Why an episode is closed; it stands in the store and in /history."""

    GONE = "gone"
    EMERGENCY = "emergency"
    STOPPED = "stopped"
    SUPERSEDED = "superseded"
    DONE = "done"  # the plan has come to its end
    EXPIRED = "expired"  # check-ins could not be delivered until the plan was over


class Declined(StrEnum):
    """Why an event changes nothing. Each has its own polite screen."""

    UNKNOWN = "unknown"
    ALREADY_ANSWERED = "already_answered"
    CLOSED = "closed"
    TOO_LATE_TO_UNDO = "too_late_to_undo"
    NOT_AFTER_EMERGENCY = "not_after_emergency"
    FUTURE_ONSET = "future_onset"
    PLAN_IS_OVER = "plan_is_over"
    NEWER_OPEN = "newer_open"
    NOT_THEN = "not_then"
    COMES_ANYWAY = "comes_anyway"
    TOO_MANY_EXTRA = "too_many_extra"


@dataclass(frozen=True, slots=True)
class Plan:
    """A new contact, at `send_at`."""

    step: str
    due_at: datetime
    send_at: datetime
    reminder: bool = False


@dataclass(frozen=True, slots=True)
class AskNow:
    """The check-in of this step happens at once, in the conversation."""

    step: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Amend:
    """A follow-up as it is from now on."""

    follow_up: FollowUp


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the episode's course."""

    kind: str
    value: str
    step: str


@dataclass(frozen=True, slots=True)
class Remove:
    """A line taken back."""

    entry: str


Effect = Plan | AskNow | Amend | Record | Remove


@dataclass(frozen=True, slots=True)
class Decision:
    """The episode as it is now, what is to be stored with it, and what is said.

    `advice` names the words for the answer that was given; `declined` says why nothing changed.
    """

    episode: Episode
    effects: tuple[Effect, ...] = ()
    advice: str | None = None
    declined: Declined | None = None


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
