"""An episode that was begun under another plan goes on under this one; what was promised stays promised."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from tgbot.followup.course import Amend, Course, Decision
from tgbot.followup.episode import FollowUp
from tgbot.followup.planning import contacted
from tgbot.followup.protocol import Protocol
from tgbot.followup.urgency import standing


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
