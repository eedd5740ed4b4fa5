"""`decide`: what an event does to a course. Total and pure; it never raises, logs or waits."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from tgbot.content import Tier
from tgbot.followup.check_in_answers import answered, found_safe, pain_said, standing, undone
from tgbot.followup.episode import (
    ClosedBecause,
    Course,
    EntryKind,
    EpisodeState,
    FollowUp,
    FollowUpState,
    closed,
    opened,
)
from tgbot.followup.events import (
    Amend,
    Answered,
    AskNow,
    CheckAsked,
    CheckInDelivered,
    Decision,
    Declined,
    Doubted,
    Effect,
    ExtraCheckInDropped,
    ExtraCheckInWanted,
    FollowUpEvent,
    FoundSafe,
    HoursChanged,
    MissedAsked,
    OneMoreWanted,
    OnsetChanged,
    PainSaid,
    PlanChanged,
    Record,
    Reopened,
    SafetyCheckWanted,
    Snoozed,
    Started,
    Stopped,
    Superseded,
    Undeliverable,
    Undone,
)
from tgbot.followup.planning import (
    ask_now,
    cancel,
    contacted,
    extra_dropped,
    extra_wanted,
    for_good,
    is_extra,
    main_or_now,
    missed_asked,
    net_due,
    only,
    plan,
    promised,
    reached,
    rung_ahead,
    rung_passed,
    safety_net,
)
from tgbot.followup.protocol import NO_SIGN, Change, CountedFrom, Protocol
from tgbot.followup.times import after_quiet_hours

LONGEST_SNOOZE = timedelta(days=2)
_STILL_THERE = (FollowUpState.PLANNED, FollowUpState.SENT, FollowUpState.ANSWERED)
_ASKED = (FollowUpState.SENT, FollowUpState.UNCONFIRMED)
_UNANSWERED = (FollowUpState.PLANNED, FollowUpState.SENT, FollowUpState.UNCONFIRMED)


def decide(protocol: Protocol, course: Course, event: FollowUpEvent, now: datetime) -> Decision:
    """The one place where the plan of an episode changes."""
    match event:
        case Started():
            return _started(protocol, course, event, now)
        case CheckInDelivered(follow_up):
            return _delivered(protocol, course, follow_up, now)
        case Doubted(follow_up):
            return _doubted(protocol, course, follow_up, now)
        case Undeliverable(follow_up):
            return _lost(protocol, course, follow_up, now)
        case Answered():
            return answered(protocol, course, event, now)
        case PainSaid():
            return pain_said(protocol, course, event, now)
        case FoundSafe(follow_up):
            return found_safe(protocol, course, follow_up)
        case Undone(follow_up):
            return undone(protocol, course, follow_up, now)
        case Snoozed():
            return _snoozed(course, event, now)
        case CheckAsked():
            return _check_asked(protocol, course, now)
        case SafetyCheckWanted():
            return _safety_check_wanted(protocol, course, now)
        case OneMoreWanted(step):
            return _one_more(protocol, course, step or protocol.one_more, now)
        case ExtraCheckInWanted():
            return extra_wanted(protocol, course, event, now)
        case ExtraCheckInDropped():
            return _dropped(protocol, course, event, now)
        case MissedAsked():
            return missed_asked(protocol, course, now)
        case OnsetChanged(onset):
            return _onset_changed(protocol, course, onset, now)
        case HoursChanged():
            return Decision(course.episode, _moved(protocol, course, now))
        case PlanChanged():
            return _plan_changed(protocol, course)
        case Stopped():
            return _ended(protocol, course, ClosedBecause.STOPPED, now)
        case Superseded():
            return _ended(protocol, course, ClosedBecause.SUPERSEDED, now)
        case Reopened():
            return _reopened(protocol, course, now)
        case _:
            assert_never(event)


def _started(protocol: Protocol, course: Course, event: Started, now: datetime) -> Decision:
    sign = protocol.signs.get(event.sign or "")
    if sign is not None and sign.tier is Tier.EMERGENCY:
        return Decision(course.episode, declined=Declined.NOT_AFTER_EMERGENCY)
    if course.episode.onset > now:
        return Decision(course.episode, declined=Declined.FUTURE_ONSET)
    if course.follow_ups:
        return Decision(course.episode)  # it has started
    said: tuple[Effect, ...] = (Record(EntryKind.SAFETY, sign.id if sign else NO_SIGN, "t0"),)
    if event.pain is not None:
        said += (Record(EntryKind.PAIN, str(event.pain), "t0"),)
    told = tuple(one for one in event.background if one in protocol.background)
    said += tuple(Record(EntryKind.BACKGROUND, one, "t0") for one in told)
    today = sign is not None or any(protocol.background[one].today for one in told)
    contacts = safety_net(protocol, course, now) if today else main_or_now(protocol, course, now)
    return Decision(course.episode, said + contacts)


def _delivered(protocol: Protocol, course: Course, follow_up_id: str, now: datetime) -> Decision:
    """Plans the one reminder: of the plan's own check-ins, never of a reminder or an asked-for one."""
    one = course.row(follow_up_id)
    if (
        one is None
        or one.reminder
        or one.step in (protocol.safe, protocol.asked)
        or one.state not in (FollowUpState.SENT, FollowUpState.UNCONFIRMED)
        or course.episode.state is not EpisodeState.OPEN
        or any(_reminds_of(other, one) for other in course.follow_ups)
    ):
        return Decision(course.episode)
    reminder = plan(course, one.step, now + protocol.rules.reminder_after, reminder=True)
    return Decision(course.episode, (reminder,))


def _doubted(protocol: Protocol, course: Course, follow_up_id: str, now: datetime) -> Decision:
    """It may have arrived or not, so both happen: the reminder is planned, and the next step too."""
    told = _delivered(protocol, course, follow_up_id, now)
    one = course.row(follow_up_id)
    ahead_already = [
        other for other in course.planned if not other.reminder and not is_extra(protocol, other)
    ]
    if one is None or not told.effects or ahead_already:
        return told
    ahead = rung_ahead(protocol, course, Change.UNKNOWN, now, _after(protocol, one.step))
    return replace(told, effects=(*told.effects, ahead)) if ahead is not None else told


def _reminds_of(reminder: FollowUp, one: FollowUp) -> bool:
    return (
        reminder.reminder
        and reminder.step == one.step
        and reminder.due_at > one.due_at
        and reminder.state is not FollowUpState.CANCELLED
    )


def _lost(protocol: Protocol, course: Course, follow_up_id: str, now: datetime) -> Decision:
    """The plan goes on with its next step; when there is none, the episode closes and says why."""
    lost = course.row(follow_up_id)
    if (
        lost is None
        or lost.reminder
        or lost.state in _STILL_THERE
        or course.episode.state is EpisodeState.CLOSED
    ):
        return Decision(course.episode)
    rest = replace(course, follow_ups=tuple(one for one in course.follow_ups if one.id != follow_up_id))
    if is_extra(protocol, lost):
        return _goes_on(protocol, rest, lost.step, now)
    if any(not is_extra(protocol, one) for one in rest.planned):
        return Decision(course.episode)
    ahead = rung_ahead(protocol, rest, Change.UNKNOWN, now, _after(protocol, lost.step))
    return Decision(course.episode, (ahead,)) if ahead else _goes_on(protocol, rest, lost.step, now)


def _goes_on(protocol: Protocol, course: Course, lost: str, now: datetime) -> Decision:
    """As long as anything is to come or waits for its answer; else with the step after, or to the end."""
    if course.planned or any(one.state in _ASKED and not one.reminder for one in course.follow_ups):
        return Decision(course.episode)
    ahead = rung_ahead(protocol, course, Change.UNKNOWN, now, _after(protocol, lost))
    if ahead is not None:
        return Decision(course.episode, (ahead,))
    return Decision(closed(course.episode, ClosedBecause.EXPIRED, now))


def _dropped(protocol: Protocol, course: Course, event: ExtraCheckInDropped, now: datetime) -> Decision:
    decision = extra_dropped(protocol, course, event, now)
    if not decision.effects:
        return decision
    rest = replace(course, follow_ups=tuple(one for one in course.follow_ups if one.id != event.follow_up))
    after = _goes_on(protocol, rest, protocol.asked, now)
    return Decision(after.episode, (*decision.effects, *after.effects))


def _after(protocol: Protocol, step_id: str) -> str:
    """The step of the ladder after this one, or itself when it is not on the ladder or the last."""
    ladder = [step.id for step in protocol.ladder]
    place = ladder.index(step_id) + 1 if step_id in ladder else 0
    return ladder[min(place, len(ladder) - 1)]


def _snoozed(course: Course, event: Snoozed, now: datetime) -> Decision:
    one = course.follow_up(event.follow_up)
    if one is None:
        return Decision(course.episode, declined=Declined.UNKNOWN)
    if one.state is FollowUpState.ANSWERED:
        return Decision(course.episode, declined=Declined.ALREADY_ANSWERED)
    if course.episode.state is EpisodeState.CLOSED or not reached(one, now):
        return Decision(course.episode, declined=Declined.CLOSED)
    until = min(max(event.until, now), now + LONGEST_SNOOZE)
    again = replace(
        one,
        state=FollowUpState.PLANNED,
        send_at=after_quiet_hours(until, course.zone, course.quiet),
        sent_at=one.sent_at or now,
        ambiguous=0,
    )
    reminders = tuple(cancel(other) for other in course.planned if _reminds_of(other, one))
    return Decision(course.episode, (*reminders, Amend(again)))


def _check_asked(protocol: Protocol, course: Course, now: datetime) -> Decision:
    if course.episode.state is EpisodeState.CLOSED:
        return Decision(course.episode, declined=Declined.CLOSED)
    if course.waiting is not None:
        return Decision(course.episode)  # that one asks the same
    return Decision(course.episode, (AskNow(protocol.asked, now),))


def _safety_check_wanted(protocol: Protocol, course: Course, now: datetime) -> Decision:
    if course.episode.closed_because != ClosedBecause.EMERGENCY:
        return Decision(course.episode, declined=Declined.CLOSED)
    since = course.episode.closed_at or now
    asked = [one for one in course.follow_ups if one.step == protocol.safe and one.due_at > since]
    if any(one.state is not FollowUpState.CANCELLED for one in asked):
        return Decision(course.episode)  # a second tap
    return Decision(course.episode, (plan(course, protocol.safe, now + protocol.steps[protocol.safe].after),))


def _one_more(protocol: Protocol, course: Course, step_id: str, now: datetime) -> Decision:
    step = protocol.steps.get(step_id)
    if step is None or step.counted_from is not CountedFrom.ONSET:
        return Decision(course.episode, declined=Declined.UNKNOWN)
    if course.episode.closed_because != ClosedBecause.GONE:
        return Decision(course.episode, declined=Declined.CLOSED)
    due_at = course.episode.onset + step.after
    if due_at <= now or contacted(course, step_id):
        return Decision(course.episode, declined=Declined.PLAN_IS_OVER)
    return Decision(opened(course.episode), (plan(course, step_id, due_at),))


def _moved(protocol: Protocol, course: Course, now: datetime) -> tuple[Effect, ...]:
    """Every planned contact at its hour by the new zone and quiet hours; a snoozed one from where it is."""
    moved = ((one, _at_its_hour(protocol, course, one, now)) for one in course.planned)
    return tuple(Amend(new) for old, new in moved if new != old)


def _at_its_hour(protocol: Protocol, course: Course, one: FollowUp, now: datetime) -> FollowUp:
    """The safety net is counted anew from its answer: the new quiet hours may begin at another time."""
    said = course.last_answer
    if one.step == protocol.net and not one.reminder and one.sent_at is None and said:
        one = replace(one, due_at=net_due(protocol, course, said[0].at))
    return replace(one, send_at=max(_hour(course, one, now), one.due_at))


def _hour(course: Course, one: FollowUp, now: datetime) -> datetime:
    """What waited in quiet hours that are over by the new clock comes now, or after those of the new clock:
    it is never said to come at an hour that has passed."""
    hour = promised(course, one)
    waited = hour <= now < one.send_at
    return after_quiet_hours(now, course.zone, course.quiet) if waited else hour


def _ended(protocol: Protocol, course: Course, because: ClosedBecause, now: datetime) -> Decision:
    effects = tuple(for_good(one, now) if is_extra(protocol, one) else cancel(one) for one in course.planned)
    if course.episode.state is EpisodeState.OPEN:
        return Decision(closed(course.episode, because, now), effects)
    return Decision(course.episode, effects, declined=None if effects else Declined.CLOSED)


def _reopened(protocol: Protocol, course: Course, now: datetime) -> Decision:
    """Goes on where the plan is by now: a check-in that waits, one that is overdue, or the next.

    The question after an emergency, whether somebody is safe, is over: it would hide the check-ins.
    """
    if course.episode.state is EpisodeState.OPEN:
        return Decision(course.episode)
    again = opened(course.episode)
    rest = tuple(one for one in course.follow_ups if one.step != protocol.safe)
    fresh = replace(course, episode=again, follow_ups=rest)
    over = tuple(
        cancel(one) for one in course.follow_ups if one.step == protocol.safe and one.state in _UNANSWERED
    )
    cancelled = (*over, *(cancel(one) for one in fresh.planned))
    if fresh.waiting is not None:
        return Decision(again, cancelled)
    passed = rung_passed(protocol, fresh, now)
    overdue = passed is not None and not contacted(fresh, protocol.main) and not contacted(fresh, passed.id)
    if overdue:
        return Decision(again, (*cancelled, *ask_now(protocol, fresh, now)))
    ahead = rung_ahead(protocol, fresh, Change.UNKNOWN, now)
    if ahead is None:
        return Decision(course.episode, declined=Declined.PLAN_IS_OVER)
    return Decision(again, (*over, *only(protocol, fresh, (ahead,))))


def _onset_changed(protocol: Protocol, course: Course, onset: datetime, now: datetime) -> Decision:
    """What was answered stays answered; a check-in that waits stays unless it now came too early."""
    if onset > now:
        return Decision(course.episode, declined=Declined.FUTURE_ONSET)
    if course.episode.state is EpisodeState.CLOSED:
        return Decision(course.episode, declined=Declined.CLOSED)
    ladder = {step.id: onset + step.after for step in protocol.ladder}
    mine = [one for one in course.follow_ups if one.step in ladder]
    asked = [one for one in mine if not one.reminder and _waits(one)]
    early = {one.id for one in asked if ladder[one.step] > now}
    steps_early = {one.step for one in asked if one.id in early}
    if len(early) < len(asked):
        return Decision(replace(course.episode, onset=onset))
    unsaid = [one for one in mine if one.id in early or (one.reminder and one.step in steps_early)]
    # Asked too early, as it turns out: as if it had never been, reminder and all, so that it comes anew.
    effects: list[Effect] = [
        Amend(replace(one, state=FollowUpState.CANCELLED, sent_at=None)) for one in unsaid
    ]
    ahead = [one for one in mine if one.state is FollowUpState.PLANNED and one not in unsaid]
    effects += [cancel(one) for one in ahead]
    gone = {one.id for one in (*unsaid, *ahead)}
    rest = replace(
        course,
        episode=replace(course.episode, onset=onset),
        follow_ups=tuple(one for one in course.follow_ups if one.id not in gone),
    )
    next_ones = [one.step for one in ahead if not one.reminder and one.step not in steps_early]
    first = min(next_ones, key=ladder.__getitem__, default=None)
    return _planned_anew(protocol, rest, first, tuple(effects), now)


def _planned_anew(
    protocol: Protocol, course: Course, first: str | None, effects: tuple[Effect, ...], now: datetime
) -> Decision:
    """The step that was next, at its new hour; at once when that has passed; or the one after it."""
    episode = course.episode
    step = protocol.main if not contacted(course, protocol.main) else first
    due_at = episode.onset + protocol.steps[step].after if step else now
    if step and due_at > now:
        return Decision(episode, (*effects, plan(course, step, due_at)))
    passed = rung_passed(protocol, course, now)
    if passed is not None and not contacted(course, passed.id):
        return Decision(episode, (*effects, *ask_now(protocol, course, now)))
    said = [one.value for one in course.entries if one.kind == EntryKind.OUTCOME]
    ahead = rung_ahead(protocol, course, Change(said[-1]) if said else Change.UNKNOWN, now)
    if ahead is not None:
        return Decision(episode, (*effects, ahead))
    if course.planned:
        return Decision(episode, effects)
    return Decision(closed(episode, ClosedBecause.DONE, now), effects)


def _waits(one: FollowUp) -> bool:
    """Asked and not answered, or put off."""
    return one.state in _ASKED or (one.state is FollowUpState.PLANNED and one.sent_at is not None)


def _plan_changed(protocol: Protocol, course: Course) -> Decision:
    """What is planned keeps its step and its time. A step that the plan no longer has becomes another at the
    same time: the safety net while "get help today" stands, else the rung of the ladder that comes nearest.

    A check-in that was asked already keeps its step: it is answered as the main one is.
    """
    taken = {one.step for one in course.planned}
    effects = []
    for one in course.planned:
        if one.step not in protocol.steps and not one.reminder:
            step = _instead(protocol, course, one, taken)
            taken.add(step)
            effects.append(Amend(replace(one, step=step)))
    return Decision(course.episode, tuple(effects))


def _instead(protocol: Protocol, course: Course, one: FollowUp, taken: Collection[str]) -> str:
    if standing(protocol, course) and protocol.net not in taken:
        return protocol.net
    free = [rung for rung in protocol.ladder if rung.id not in taken and not contacted(course, rung.id)]

    def apart(after: timedelta) -> timedelta:
        return abs(course.episode.onset + after - one.due_at)

    return min(free, key=lambda rung: apart(rung.after)).id if free else protocol.asked
