"""A wrong tap, taken back within a day."""

from dataclasses import replace
from datetime import datetime

from tgbot.followup.course import Amend, ClosedBecause, Course, Decision, Declined, Effect, Remove, opened
from tgbot.followup.episode import Entry, EntryKind, FollowUp, FollowUpState, Outcome
from tgbot.followup.extra_check_ins import brought_back
from tgbot.followup.planning import net_due, only, plan, rung_ahead
from tgbot.followup.protocol import Change, Protocol
from tgbot.followup.urgency import standing

_BY_AN_ANSWER = (ClosedBecause.GONE, ClosedBecause.EMERGENCY, ClosedBecause.DONE)


def undone(protocol: Protocol, course: Course, follow_up_id: str, now: datetime) -> Decision:
    """The last answer, taken back within a day: the check-in waits again, what it planned is withdrawn."""
    one = course.follow_up(follow_up_id)
    last = course.last_answer
    if one is None or not last or one.state is not FollowUpState.ANSWERED or one.step == protocol.safe:
        return Decision(course.episode, declined=Declined.UNKNOWN)
    newest = max(
        (other for other in course.follow_ups if other.step == one.step and _came(other)),
        key=lambda other: other.due_at,
    )
    if last[0].step != one.step or newest.id != one.id or now - last[0].at > protocol.rules.undo_within:
        return Decision(course.episode, declined=Declined.TOO_LATE_TO_UNDO)
    closed_by = course.episode.closed_because
    if closed_by is not None and closed_by not in _BY_AN_ANSWER:
        return Decision(course.episode, declined=Declined.CLOSED)
    episode = replace(opened(course.episode), outcome=_outcome_before(course))
    taken_back = tuple(
        Remove(entry) for entry in dict.fromkeys(entry.id for entry in (*last, *course.scores_of(one)))
    )
    waiting = Amend(replace(one, state=FollowUpState.SENT, sent_at=one.sent_at or now))
    fresh = replace(course, episode=episode)
    reminder = plan(fresh, one.step, now + protocol.rules.reminder_after, reminder=True)
    reminded = any(other.reminder and other.step == one.step and other.sent_at for other in course.follow_ups)
    asked_for = one.step == protocol.asked
    wanted = (*_before(protocol, fresh, asked_for, now), *(() if reminded or asked_for else (reminder,)))
    extra = brought_back(protocol, course, now) if closed_by is not None else ()
    return Decision(episode, (*taken_back, waiting, *only(protocol, fresh, wanted), *extra))


def _came(one: FollowUp) -> bool:
    """A check-in that the person may have seen: not one that is only planned, as the next safety net is."""
    return not one.reminder and (one.sent_at is not None or one.state is FollowUpState.ANSWERED)


def _before(protocol: Protocol, course: Course, asked_for: bool, now: datetime) -> tuple[Effect, ...]:
    """What was planned before the answer that is taken back: the main check-in, if that is still to come.

    Of a check-in that the person asked for, everything: its answer took the place of a plan that stood.
    """
    left = _left(course)
    said = [Change(one.value) for one in left if one.kind == EntryKind.OUTCOME]
    ahead = rung_ahead(protocol, course, said[-1] if said else Change.UNKNOWN, now)
    if not asked_for:
        return (ahead,) if ahead is not None and ahead.step == protocol.main else ()
    answers = [one for one in left if one.kind == EntryKind.SAFETY]
    if answers and standing(protocol, replace(course, entries=tuple(left))) is not None:
        due_at = net_due(protocol, course, answers[-1].at)
        if due_at > now:
            return (plan(course, protocol.net, due_at),)
    return (ahead,) if ahead is not None else ()


def _left(course: Course) -> list[Entry]:
    """What has been said, without the last answer."""
    taken_back = {entry.id for entry in course.last_answer}
    return [one for one in course.entries if one.id not in taken_back]


def _outcome_before(course: Course) -> Outcome | None:
    said = [one for one in _left(course) if one.kind == EntryKind.OUTCOME]
    return Outcome(said[-1].value) if said else None
