"""What was planned is planned anew: the person names another onset, or the plan itself is another now."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from tgbot.followup.course import Amend, ClosedBecause, Course, Decision, Declined, Effect, closed
from tgbot.followup.episode import EpisodeState, FollowUp, FollowUpState
from tgbot.followup.planning import ask_now, cancel, contacted, plan, rung_ahead, rung_passed
from tgbot.followup.protocol import Change, Protocol
from tgbot.followup.urgency import standing

_REACHED = (FollowUpState.SENT, FollowUpState.UNCONFIRMED)


def onset_changed(protocol: Protocol, course: Course, onset: datetime, now: datetime) -> Decision:
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
    effects: list[Effect] = [_withdrawn(one) for one in unsaid]
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
    ahead = rung_ahead(protocol, course, _last_change(course), now)
    if ahead is not None:
        return Decision(episode, (*effects, ahead))
    if course.planned:
        return Decision(episode, effects)
    return Decision(closed(episode, ClosedBecause.DONE, now), effects)


def _waits(one: FollowUp) -> bool:
    """Asked and not answered, or put off."""
    return one.state in _REACHED or (one.state is FollowUpState.PLANNED and one.sent_at is not None)


def _withdrawn(one: FollowUp) -> Amend:
    """Asked too early, as it turns out: as if it had never been, reminder and all, so that it comes anew."""
    return Amend(replace(one, state=FollowUpState.CANCELLED, sent_at=None))


def _last_change(course: Course) -> Change:
    said = [one.value for one in course.entries if one.kind == "outcome"]
    return Change(said[-1]) if said else Change.UNKNOWN


def plan_changed(protocol: Protocol, course: Course) -> Decision:
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
