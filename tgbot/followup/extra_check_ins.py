"""Check-ins beside the plan's: at a time of the person's own choice, and at the next visit of whoever could
not be sent one in time.

Both are of the step `asked`, with the same questions, and never take the place of the plan's.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from tgbot.followup.course import Amend, AskNow, ClosedBecause, Course, Decision, Declined, Effect, opened
from tgbot.followup.episode import EntryKind, EpisodeState, FollowUp, FollowUpState
from tgbot.followup.events import ExtraCheckInDropped, ExtraCheckInWanted
from tgbot.followup.planning import is_extra, plan
from tgbot.followup.protocol import Protocol

MOST_EXTRA = 3
FURTHEST = timedelta(days=60)  # ahead: a little longer than the plan
NEAR = timedelta(hours=1)  # what comes so close to another check-in asks the same


def extra_wanted(protocol: Protocol, course: Course, event: ExtraCheckInWanted, now: datetime) -> Decision:
    """Planned at the wished instant, moved later by quiet hours, unless a check-in comes then anyway."""
    if course.episode.state is EpisodeState.CLOSED:
        return Decision(course.episode, declined=Declined.CLOSED)
    if not now < event.at <= now + FURTHEST:
        return Decision(course.episode, declined=Declined.NOT_THEN)
    wished = plan(course, protocol.asked, event.at)
    if any(not one.reminder and abs(one.send_at - wished.send_at) < NEAR for one in course.planned):
        return Decision(course.episode, declined=Declined.COMES_ANYWAY)
    if sum(is_extra(protocol, one) for one in course.planned) >= MOST_EXTRA:
        return Decision(course.episode, declined=Declined.TOO_MANY_EXTRA)
    return Decision(course.episode, (wished,))


def extra_dropped(protocol: Protocol, course: Course, event: ExtraCheckInDropped, now: datetime) -> Decision:
    """Not wanted after all. One that has reached the person meanwhile can be put off or left unanswered."""
    one = course.row(event.follow_up)
    if one is None or not is_extra(protocol, one):
        return Decision(course.episode, declined=Declined.UNKNOWN)
    if one.state is not FollowUpState.PLANNED:
        return Decision(course.episode)  # a second tap, or too late
    return Decision(course.episode, (for_good(one, now),))


def for_good(one: FollowUp, now: datetime) -> Effect:
    """Cancelled so that no undo brings it back: its time is over."""
    return Amend(replace(one, state=FollowUpState.CANCELLED, due_at=now, send_at=now))


def brought_back(protocol: Protocol, course: Course, now: datetime) -> tuple[Effect, ...]:
    """The extra check-ins that an answer has cancelled by closing the episode, when it is taken back."""
    lost = [
        one
        for one in course.follow_ups
        if is_extra(protocol, one)
        and one.state is FollowUpState.CANCELLED
        and one.sent_at is None
        and one.due_at > now
    ]
    return tuple(Amend(replace(one, state=FollowUpState.PLANNED)) for one in lost)


LATEST = timedelta(days=84)  # after its time; the plan was over four weeks ago
# Not sent for a reason that is ours. Whoever was out of reach had blocked the bot.
NOT_SENT = (FollowUpState.EXPIRED, FollowUpState.REFUSED)


def missed(protocol: Protocol, course: Course, now: datetime) -> FollowUp | None:
    """The newest check-in that was not sent, if nothing was asked or answered since, and not too long ago."""
    ended = course.episode.closed_because
    if course.episode.state is EpisodeState.CLOSED and ended != ClosedBecause.EXPIRED:
        return None
    lost = [one for one in course.follow_ups if one.state in NOT_SENT and _is_check_in(protocol, one)]
    newest = max(lost, key=lambda one: one.due_at, default=None)
    if newest is None or now - newest.due_at > LATEST:
        return None
    asked = any(one.sent_at and one.sent_at > newest.due_at for one in course.follow_ups)
    said = any(one.kind == EntryKind.SAFETY and one.at > newest.due_at for one in course.entries)
    return None if asked or said else newest


def missed_asked(protocol: Protocol, course: Course, now: datetime) -> Decision:
    """The check-in happens now. An episode that closed as nothing could be sent goes on with it."""
    if missed(protocol, course, now) is None:
        return Decision(course.episode)
    ask: tuple[Effect, ...] = (AskNow(protocol.asked, now),)
    return Decision(opened(course.episode), ask)


def _is_check_in(protocol: Protocol, one: FollowUp) -> bool:
    return not one.reminder and one.service is None and one.step != protocol.safe
