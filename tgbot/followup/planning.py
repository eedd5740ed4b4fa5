"""Which contact comes next, and when: the ladder, quiet hours, and what is already planned.

Beside the plan's there are extra check-ins, at a time of the person's own choice, and at the next visit of
whoever could not be sent one in time. They are of the step `asked` and never take the place of the plan's."""

from dataclasses import replace
from datetime import datetime, timedelta

from tgbot.followup.episode import (
    ClosedBecause,
    Course,
    EntryKind,
    EpisodeState,
    FollowUp,
    FollowUpState,
    opened,
)
from tgbot.followup.events import (
    Amend,
    AskNow,
    Decision,
    Declined,
    Effect,
    ExtraCheckInDropped,
    ExtraCheckInWanted,
    Plan,
)
from tgbot.followup.protocol import Change, Protocol, Step
from tgbot.followup.times import after_quiet_hours, is_quiet, quiet_began

_NEVER_REACHED = (FollowUpState.PLANNED, FollowUpState.CANCELLED)


def contacted(course: Course, step: str) -> bool:
    """Whether this step has had its contact: a step comes once."""
    return any(
        one.step == step and not one.reminder and (one.state not in _NEVER_REACHED or one.sent_at is not None)
        for one in course.follow_ups
    )


def is_extra(protocol: Protocol, one: FollowUp) -> bool:
    """Whether the person asked for it: it stands beside the plan, which goes on as if it were not there."""
    return one.step == protocol.asked and not one.reminder


def reached(one: FollowUp, now: datetime) -> bool:
    """Whether a check-in may have reached the person: a tap can come before its delivery is written down."""
    if one.state is FollowUpState.PLANNED:
        return one.sent_at is not None or one.send_at <= now
    return one.state in (FollowUpState.SENT, FollowUpState.UNCONFIRMED)


def wanted(protocol: Protocol, course: Course, now: datetime) -> FollowUp | None:
    """The newest check-in that may have reached the person and whose answer is still wanted."""
    closed = course.episode.state is EpisodeState.CLOSED
    asked = [
        one
        for one in course.follow_ups
        if not one.reminder and reached(one, now) and (one.step == protocol.safe or not closed)
    ]
    return max(asked, key=lambda one: one.due_at, default=None)


def plan(course: Course, step: str, due_at: datetime, *, reminder: bool = False) -> Plan:
    """A contact due at `due_at`, moved later by the person's quiet hours."""
    return Plan(step, due_at, after_quiet_hours(due_at, course.zone, course.quiet), reminder)


def promised(course: Course, one: FollowUp) -> datetime:
    """When a contact was to come: its due instant out of the quiet hours, or what a snooze asked for.

    Unlike `send_at` it stands still while an outage goes on.
    """
    since = one.due_at if one.sent_at is None else one.send_at
    return after_quiet_hours(since, course.zone, course.quiet)


def rung_passed(protocol: Protocol, course: Course, now: datetime) -> Step | None:
    """The last step of the ladder whose time has come, whether or not it was sent."""
    onset = course.episode.onset
    return next((step for step in reversed(protocol.ladder) if onset + step.after <= now), None)


def rung_ahead(
    protocol: Protocol,
    course: Course,
    change: Change,
    now: datetime,
    start: str | None = None,
    *,
    keep: bool = False,
) -> Plan | None:
    """The next step of the ladder for somebody who says `change`, from `start` on.

    Steps that come too soon after this answer are passed over, except the main one, promised to everybody –
    and, with `keep`, one that is planned already.
    """
    standing = {one.step for one in course.planned if not one.reminder} if keep else set()
    ladder = protocol.ladder
    first = next((place for place, step in enumerate(ladder) if step.id == start), 0)
    for step in ladder[first:]:
        due_at = course.episode.onset + step.after
        promised_one = step.id == protocol.main or step.id in standing
        least = timedelta() if promised_one else protocol.rules.closest
        if due_at - now > least and step.is_for(change) and not contacted(course, step.id):
            return plan(course, step.id, due_at)
    return None


def main_or_now(protocol: Protocol, course: Course, now: datetime) -> tuple[Effect, ...]:
    """The main check-in at its hour; when that has passed, the check happens at once."""
    due_at = course.episode.onset + protocol.steps[protocol.main].after
    if due_at > now:
        return (plan(course, protocol.main, due_at),)
    return ask_now(protocol, course, now)


def ask_now(protocol: Protocol, course: Course, now: datetime) -> tuple[Effect, ...]:
    """The check-in of the last step whose time has come, at once, with its one reminder."""
    step = rung_passed(protocol, course, now) or protocol.steps[protocol.main]
    reminder = plan(course, step.id, now + protocol.rules.reminder_after, reminder=True)
    return (AskNow(step.id, course.episode.onset + step.after), reminder)


def safety_net(protocol: Protocol, course: Course, now: datetime) -> tuple[Plan, ...]:
    """The contact a day after a same-day sign or "worse", and the main one if it is still to come."""
    net = plan(course, protocol.net, net_due(protocol, course, now))
    main_at = course.episode.onset + protocol.steps[protocol.main].after
    if main_at <= now or contacted(course, protocol.main):
        return (net,)
    main = plan(course, protocol.main, main_at)
    return (main,) if main_at <= net.due_at else (net, main)


def net_due(protocol: Protocol, course: Course, answered: datetime) -> datetime:
    """When the safety net for an answer is due: after its time, or before quiet hours that this falls into.

    Quiet hours would put it off until the next morning. Instead it comes while there is still time to be seen
    that day, unless that leaves too little time since the answer.
    """
    due_at = answered + protocol.steps[protocol.net].after
    begins = quiet_began(due_at, course.zone, course.quiet)
    early = None if begins is None else begins - protocol.rules.net_before_quiet
    if early is None or early - answered < protocol.rules.net_closest:
        return due_at
    return early if not is_quiet(early, course.zone, course.quiet) else due_at


def only(protocol: Protocol, course: Course, wanted: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """Plan what is wanted and cancel every other contact of the plan; what stands already is left alone."""
    plans = {(one.step, one.due_at, one.reminder) for one in wanted if isinstance(one, Plan)}
    standing = {
        (one.step, one.due_at, one.reminder)
        for one in course.planned
        if one.sent_at is None and (one.step, one.due_at, one.reminder) in plans
    }
    cancelled = tuple(
        cancel(one)
        for one in course.planned
        if (one.step, one.due_at, one.reminder) not in standing and not is_extra(protocol, one)
    )
    fresh = tuple(
        one
        for one in wanted
        if not isinstance(one, Plan) or (one.step, one.due_at, one.reminder) not in standing
    )
    return cancelled + fresh


def cancel(follow_up: FollowUp) -> Amend:
    return Amend(replace(follow_up, state=FollowUpState.CANCELLED))


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
    lost = [
        one
        for one in course.follow_ups
        if one.state in NOT_SENT and not one.reminder and one.service is None and one.step != protocol.safe
    ]
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
