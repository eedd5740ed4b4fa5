"""A course in memory: events are decided on and their effects applied, as the service does in a store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from tgbot.followup.deciding import decide
from tgbot.followup.episode import Course, Entry, Episode, FollowUp, FollowUpState
from tgbot.followup.events import (
    Amend,
    Answered,
    AskNow,
    CheckInAnswer,
    CheckInDelivered,
    Decision,
    FollowUpEvent,
    Plan,
    Record,
    Remove,
    Started,
    Undeliverable,
)
from tgbot.followup.protocol import Change, Function, Protocol
from tgbot.packs.protocol_file import load_protocol
from tgbot.settings import shipped_content

PROTOCOL: Protocol = load_protocol(shipped_content())
ONSET = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


class Told:
    """One episode and its clock."""

    def __init__(self, onset: datetime = ONSET, now: datetime | None = None) -> None:
        self.now = now or onset
        self.course = Course(Episode("e1", 1, onset, self.now))
        self.last = Decision(self.course.episode)
        self._ids = count(1)

    def happens(self, event: FollowUpEvent) -> Decision:
        self.last = decide(PROTOCOL, self.course, event, self.now)
        follow_ups = {one.id: one for one in self.course.follow_ups}
        entries = {one.id: one for one in self.course.entries}
        for effect in self.last.effects:
            new = f"n{next(self._ids)}"
            match effect:
                case Plan(step, due, send, reminder):
                    follow_ups[new] = FollowUp(new, "e1", 1, step, due, send, reminder)
                case AskNow(step, due):
                    sent = FollowUp(new, "e1", 1, step, due, self.now, state=FollowUpState.SENT)
                    follow_ups[new] = replace(sent, sent_at=self.now)
                case Amend(follow_up):
                    follow_ups[follow_up.id] = follow_up
                case Record(kind, value, step):
                    entries[new] = Entry(new, "e1", 1, self.now, kind, value, step)
                case Remove(entry):
                    del entries[entry]
        ordered = sorted(follow_ups.values(), key=lambda one: one.due_at)
        self.course = replace(
            self.course,
            episode=self.last.episode,
            follow_ups=tuple(ordered),
            entries=tuple(entries.values()),
        )
        return self.last

    def passes(self, time: timedelta) -> None:
        self.now += time

    def next_contact(self) -> FollowUp:
        return self.course.planned[0]

    def delivered(self) -> FollowUp:
        """The clock moves to the next contact, which reaches the chat."""
        one = self.next_contact()
        self.now = max(self.now, one.send_at)
        sent = replace(one, state=FollowUpState.SENT, sent_at=self.now)
        others = tuple(sent if other.id == one.id else other for other in self.course.follow_ups)
        self.course = replace(self.course, follow_ups=others)
        self.happens(CheckInDelivered(sent.id))
        return sent

    def loses(self, follow_up_id: str) -> Decision:
        """A planned contact that can never be sent, if there is one with this id."""
        gone = tuple(
            replace(one, state=FollowUpState.EXPIRED)
            if one.id == follow_up_id and one.state is FollowUpState.PLANNED
            else one
            for one in self.course.follow_ups
        )
        self.course = replace(self.course, follow_ups=gone)
        return self.happens(Undeliverable(follow_up_id))

    def answers(
        self, change: Change | None = None, function: Function | None = None, sign: str | None = None
    ) -> Decision:
        """The check-in that waits is answered."""
        waiting = [one for one in self.course.follow_ups if one.state is FollowUpState.SENT]
        return self.happens(Answered(waiting[-1].id, CheckInAnswer(sign, None, change, function)))

    def notes(self, kind: str, value: str) -> None:
        """A line of the diary."""
        entry = Entry(f"d{next(self._ids)}", "e1", 1, self.now, kind, value)
        self.course = replace(self.course, entries=(*self.course.entries, entry))

    @property
    def planned(self) -> list[tuple[str, timedelta, bool]]:
        """What is planned: step, time after onset, whether a reminder."""
        onset = self.course.episode.onset
        return [(one.step, one.due_at - onset, one.reminder) for one in self.course.planned]


def two_weeks(note: str = "worse after the long drive, better lying on the side") -> Told:
    """An episode of two weeks with scores, what helped, a note and three check-ins."""
    told = Told()
    told.course = replace(told.course, zone="Europe/London")
    told.happens(Started(None, 7))
    for hours, score in ((10, 8), (22, 7), (20, 6)):
        told.passes(timedelta(hours=hours))
        told.notes("pain", str(score))
    told.notes("helped", "heat")
    told.delivered()
    told.answers(Change.SAME, Function.SOME)
    told.passes(timedelta(hours=2))
    told.notes("note", note)
    told.delivered()
    told.answers(Change.BETTER, Function.SOME)
    told.notes("pain", "4")
    told.passes(timedelta(days=2))
    told.notes("helped", "stretch")
    told.delivered()
    told.answers(Change.BETTER, Function.MOST)
    told.notes("pain", "2")
    return told
