"""A check-in that could not be sent in time is asked about at the person's next visit, once."""

from datetime import datetime, timedelta

from tgbot.followup.course import AskNow, ClosedBecause, Course, Decision, Effect, opened
from tgbot.followup.episode import EntryKind, EpisodeState, FollowUp, FollowUpState
from tgbot.followup.protocol import Protocol

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
