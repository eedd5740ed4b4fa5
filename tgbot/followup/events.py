"""What happens to an episode, and what `decide` makes of it: events in, effects out. Frozen unions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tgbot.followup.episode import Episode, FollowUp
from tgbot.followup.protocol import Change, Function, Seen


@dataclass(frozen=True, slots=True)
class CheckInAnswer:
    """An answered check-in. `sign` is a sign's id or None; then `change` is what was said of the pain.

    `seen` is what came of "get help today"; None when it was not asked.
    """

    sign: str | None = None
    seen: Seen | None = None
    change: Change | None = None
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The person agreed to be followed up. `sign` is what they answered to the safety question, `background`
    who needs another road."""

    sign: str | None = None
    pain: int | None = None
    background: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckInDelivered:
    """A check-in or a reminder reached the chat."""

    follow_up: str


@dataclass(frozen=True, slots=True)
class Doubted:
    """A check-in was sent twice, and nobody knows whether it arrived."""

    follow_up: str


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """A check-in will never be sent: too late, refused, or the chat was out of reach."""

    follow_up: str


@dataclass(frozen=True, slots=True)
class Answered:
    follow_up: str
    report: CheckInAnswer


@dataclass(frozen=True, slots=True)
class PainSaid:
    """How bad it is, 0 to 10, said with the answer to a check-in."""

    follow_up: str
    score: int


@dataclass(frozen=True, slots=True)
class FoundSafe:
    """The answer to "are you safe?" after an emergency."""

    follow_up: str


@dataclass(frozen=True, slots=True)
class Undone:
    """The last answer was a wrong tap."""

    follow_up: str


@dataclass(frozen=True, slots=True)
class Snoozed:
    follow_up: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CheckAsked:
    """The person wants to say now how it is."""


@dataclass(frozen=True, slots=True)
class SafetyCheckWanted:
    """After an emergency: ask me once, in a day, whether I am safe."""


@dataclass(frozen=True, slots=True)
class OneMoreWanted:
    """After "gone": ask me once more at this step, or at the one that the plan names."""

    step: str = ""


@dataclass(frozen=True, slots=True)
class ExtraCheckInWanted:
    """Check on me then, too: at a time of the person's own choice."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ExtraCheckInDropped:
    """A check-in that was wished for is not wanted after all."""

    follow_up: str


@dataclass(frozen=True, slots=True)
class MissedAsked:
    """The person is here: what could not be asked in time may be asked now."""


@dataclass(frozen=True, slots=True)
class OnsetChanged:
    onset: datetime


@dataclass(frozen=True, slots=True)
class HoursChanged:
    """The zone or the quiet hours are other ones now: the course already holds them."""


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The plan is another one than that under which the episode was begun."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """No more messages about this episode."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A new episode takes this one's place."""


@dataclass(frozen=True, slots=True)
class Reopened:
    """The person wants a closed episode to go on."""


FollowUpEvent = (
    Started
    | CheckInDelivered
    | Doubted
    | Undeliverable
    | Answered
    | PainSaid
    | FoundSafe
    | Undone
    | Snoozed
    | CheckAsked
    | SafetyCheckWanted
    | OneMoreWanted
    | ExtraCheckInWanted
    | ExtraCheckInDropped
    | MissedAsked
    | OnsetChanged
    | HoursChanged
    | PlanChanged
    | Stopped
    | Superseded
    | Reopened
)


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
