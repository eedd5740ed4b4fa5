"""What an answered check-in leads to, and a wrong tap, taken back within a day; and what still has to be
looked at today: a sign or "worse" that was told and that nobody has seen yet (`standing`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tgbot.content import Tier
from tgbot.followup.episode import (
    ClosedBecause,
    Course,
    Entry,
    EntryKind,
    EpisodeState,
    FollowUp,
    FollowUpState,
    Outcome,
    closed,
    opened,
)
from tgbot.followup.events import (
    Amend,
    Answered,
    CheckInAnswer,
    Decision,
    Declined,
    Effect,
    PainSaid,
    Record,
    Remove,
)
from tgbot.followup.planning import (
    brought_back,
    cancel,
    is_extra,
    net_due,
    only,
    plan,
    reached,
    rung_ahead,
    rung_passed,
    safety_net,
)
from tgbot.followup.protocol import (
    BY_DAY,
    CLOSE,
    NO_SIGN,
    SAFE,
    WITHOUT_SIGN,
    Branch,
    Change,
    Felt,
    Function,
    Protocol,
    Reason,
    Seen,
    Step,
)

EMERGENCY = "emergency"  # the card, and nothing else
URGENT = "urgent"  # the words for a same-day sign
URGENT_AGAIN = "urgent_again"  # for one that was there before
_PAST = tuple(state for state in FollowUpState if state is not FollowUpState.PLANNED)


def answered(protocol: Protocol, course: Course, event: Answered, now: datetime) -> Decision:
    """The answer, what it changes, and the advice that was given: it is recorded too."""
    follow_up = course.follow_up(event.follow_up)
    declined = _why_not(protocol, course, follow_up, event.report, now)
    if follow_up is None or declined is not None:
        return Decision(course.episode, declined=declined or Declined.UNKNOWN)
    decision = _answer(protocol, course, event, follow_up, now)
    if decision.advice is None:
        return decision
    advice = _not_twice(protocol, course, decision.advice)
    told = Record(EntryKind.ADVICE, advice, follow_up.step)
    return replace(decision, effects=(*decision.effects, told), advice=advice)


def _not_twice(protocol: Protocol, course: Course, advice: str) -> str:
    """The same words are not said twice in a row, where the plan has others."""
    told = [entry.value for entry in course.entries if entry.kind == EntryKind.ADVICE]
    return protocol.again.get(advice, advice) if told and told[-1] == advice else advice


def _answer(
    protocol: Protocol, course: Course, event: Answered, follow_up: FollowUp, now: datetime
) -> Decision:
    """Safety first: an emergency ends every follow-up, a same-day sign brings the safety net."""
    sign = protocol.signs.get(event.report.sign or "")
    said = (*_records(event.report, follow_up.step), _answered_state(follow_up))
    if sign is not None and sign.tier is Tier.EMERGENCY:
        episode = closed(course.episode, ClosedBecause.EMERGENCY, now, Outcome.EMERGENCY)
        others = tuple(cancel(one) for one in course.planned if one.id != follow_up.id)
        return Decision(episode, said + others, advice=EMERGENCY)
    waiting = replace(course, follow_ups=tuple(_with(course, follow_up)))
    if sign is not None:
        stands = standing(protocol, course)
        advice = URGENT_AGAIN if stands and stands.told == sign.id else URGENT
        return Decision(
            course.episode, (*said, *only(protocol, waiting, _net(protocol, waiting, now))), advice
        )
    change = event.report.change
    if change is None:
        return Decision(course.episode, declined=Declined.UNKNOWN)
    episode = replace(course.episode, outcome=Outcome(change.value))
    branch = _branch(protocol, course, follow_up, event.report, felt(change, event.report.function), now)
    extra = is_extra(protocol, follow_up)
    return _follow(protocol, replace(waiting, episode=episode), branch, change, said, now, extra=extra)


def _follow(
    protocol: Protocol,
    course: Course,
    branch: Branch,
    change: Change,
    said: tuple[Effect, ...],
    now: datetime,
    *,
    extra: bool,
) -> Decision:
    """Where the branch leads: the end, the safety net, or the next step of the ladder.

    The answer to an `extra` check-in takes the place of none that the plan has promised, however near it is.
    """
    if branch.next == CLOSE:
        because = ClosedBecause.GONE if change is Change.GONE else ClosedBecause.DONE
        cancelled = tuple(cancel(one) for one in course.planned)
        return Decision(closed(course.episode, because, now), said + cancelled, branch.advice)
    if branch.next == protocol.net:
        return Decision(
            course.episode, said + only(protocol, course, _net(protocol, course, now)), branch.advice
        )
    ahead = rung_ahead(protocol, course, change, now, branch.next, keep=extra)
    if ahead is not None:
        return Decision(course.episode, said + only(protocol, course, (ahead,)), branch.advice)
    ended = closed(course.episode, ClosedBecause.DONE, now)
    return Decision(ended, said + tuple(cancel(one) for one in course.planned), branch.advice)


def _net(protocol: Protocol, course: Course, now: datetime) -> tuple[Effect, ...]:
    """The safety net, but not for ever: after so many in a row the ladder goes on."""
    in_a_row = 0
    heard = [one for one in course.follow_ups if one.state is FollowUpState.ANSWERED and not one.reminder]
    for one in sorted(heard, key=lambda one: one.due_at, reverse=True):
        if one.step != protocol.net:
            break
        in_a_row += 1
    if in_a_row >= protocol.rules.worse_in_a_row:
        ahead = rung_ahead(protocol, course, Change.WORSE, now)
        if ahead is not None:
            return (ahead,)
    return safety_net(protocol, course, now)


def _branch(
    protocol: Protocol, course: Course, one: FollowUp, report: CheckInAnswer, how: Felt, now: datetime
) -> Branch:
    """While "get help today" stands, by whether they were seen; else by the day.

    Who did not say whether they were seen was not. After the last step nothing follows.
    """
    branch, stands = _by_day(protocol, course, one, how, now), standing(protocol, course)
    if stands is not None:
        said = protocol.standing[stands.reason][report.seen or Seen.NO].get(how, branch)
        branch = replace(said, next=branch.next) if said.next == BY_DAY else said
    over = rung_passed(protocol, course, now) == protocol.ladder[-1]
    return replace(branch, next=CLOSE) if over else branch


def _by_day(protocol: Protocol, course: Course, one: FollowUp, how: Felt, now: datetime) -> Branch:
    """By the time that has passed, not by the step that asked: a late answer gets the advice of its day.

    A step that the plan has dropped since is answered as the main one.
    """
    asked = protocol.steps.get(one.step, protocol.steps[protocol.main])
    passed = rung_passed(protocol, course, now)
    step: Step = asked if passed is None else max(asked, passed, key=lambda step: _rung(protocol, step))
    return step.branches[how]


def _rung(protocol: Protocol, step: Step) -> int:
    ladder = protocol.ladder
    return ladder.index(step) if step in ladder else -1


def _why_not(
    protocol: Protocol, course: Course, one: FollowUp | None, report: CheckInAnswer, now: datetime
) -> Declined | None:
    """A check-in can be answered from the moment it may have reached the person, and once.

    An emergency ends an open episode whatever became of the check-in: answered, cancelled, never delivered.
    """
    if one is None or one.step == protocol.safe:
        return Declined.UNKNOWN
    is_open = course.episode.state is EpisodeState.OPEN
    sign = protocol.signs.get(report.sign or "")
    if sign is not None and sign.tier is Tier.EMERGENCY and is_open and one.state in _PAST:
        return None
    if one.state is FollowUpState.ANSWERED:
        return Declined.ALREADY_ANSWERED
    return None if is_open and reached(one, now) else Declined.CLOSED


def _records(report: CheckInAnswer, step: str) -> tuple[Effect, ...]:
    said: tuple[Effect, ...] = (Record(EntryKind.SAFETY, report.sign or NO_SIGN, step),)
    if report.seen is not None:
        said += (Record(EntryKind.SEEN, report.seen.value, step),)
    if report.change is not None:
        said += (Record(EntryKind.OUTCOME, report.change.value, step),)
    if report.function is not None:
        said += (Record(EntryKind.FUNCTION, report.function.value, step),)
    return said


def _answered_state(one: FollowUp) -> Amend:
    return Amend(replace(one, state=FollowUpState.ANSWERED))


def _with(course: Course, one: FollowUp) -> list[FollowUp]:
    """The follow-ups once this one is answered."""
    now_answered = replace(one, state=FollowUpState.ANSWERED)
    return [now_answered if other.id == one.id else other for other in course.follow_ups]


def found_safe(protocol: Protocol, course: Course, follow_up_id: str) -> Decision:
    """The answer after an emergency; the episode stays closed, the person may start or reopen one."""
    one = course.follow_up(follow_up_id)
    if one is None or one.step != protocol.safe:
        return Decision(course.episode, declined=Declined.UNKNOWN)
    if one.state is FollowUpState.ANSWERED:
        return Decision(course.episode, declined=Declined.ALREADY_ANSWERED)
    effects = (_answered_state(one), Record(EntryKind.SAFETY, SAFE, protocol.safe))
    return Decision(course.episode, effects, advice=SAFE)


def pain_said(protocol: Protocol, course: Course, event: PainSaid, now: datetime) -> Decision:
    """How bad it is, said after a check-in: it belongs to that answer, and a second score replaces it."""
    one = course.follow_up(event.follow_up)
    answer = course.answered_at(one) if one else None
    if one is None or answer is None:
        return Decision(course.episode, declined=Declined.UNKNOWN)
    if now - answer > protocol.rules.undo_within or not 0 <= event.score <= 10:
        return Decision(course.episode, declined=Declined.ALREADY_ANSWERED)
    before = tuple(Remove(entry.id) for entry in course.scores_of(one))
    return Decision(course.episode, (*before, Record(EntryKind.PAIN, str(event.score), one.step)))


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Why “get help today” stands. `told` is what the person said: a sign's id, or worse or little."""

    reason: Reason
    told: str


def felt(change: Change, function: Function | None) -> Felt:
    """Somebody who can do very little, or cannot sleep, needs help as soon as somebody who is worse."""
    if function is Function.LITTLE and change not in (Change.GONE, Change.WORSE):
        return Felt.LITTLE
    return Felt(change.value)


def standing(protocol: Protocol, course: Course, before: datetime | None = None) -> Standing | None:
    """The most urgent thing that was told and not resolved, by the answers `before` an instant or by all.

    A sign is resolved once somebody has seen it, or when the pain has gone and the sign with it; "worse" also
    when it is better. An emergency is resolved only by having been seen.
    """
    open_: dict[Reason, str] = {}
    for told in backgrounds(course, before):
        if told in protocol.background and protocol.background[told].today:
            open_[Reason.SIGN] = told
    for said in _answers(course, before):
        _hear(protocol, said, open_)
    return next((Standing(reason, open_[reason]) for reason in Reason if reason in open_), None)


def backgrounds(course: Course, before: datetime | None = None) -> tuple[str, ...]:
    """What was told at the start of who the person is, such as cancer or weak bones."""
    told = (entry for entry in course.entries if entry.kind == EntryKind.BACKGROUND)
    return tuple(entry.value for entry in told if before is None or entry.at < before)


def _hear(protocol: Protocol, said: Mapping[str, str], open_: dict[Reason, str]) -> None:
    """One answer: what it resolves, and what it adds."""
    safety = said[EntryKind.SAFETY]
    if safety not in WITHOUT_SIGN:
        sign = protocol.signs.get(safety)
        emergency = sign is not None and sign.tier is Tier.EMERGENCY
        open_[Reason.EMERGENCY if emergency else Reason.SIGN] = safety
        return
    if safety == SAFE:
        return
    if said.get(EntryKind.SEEN) == Seen.YES:
        open_.clear()
    change, function = said.get(EntryKind.OUTCOME), said.get(EntryKind.FUNCTION)
    match felt(Change(change), Function(function) if function else None) if change else None:
        case Felt.GONE:
            open_.pop(Reason.SIGN, None)
            open_.pop(Reason.WORSE, None)
        case Felt.BETTER:
            open_.pop(Reason.WORSE, None)
        case (Felt.WORSE | Felt.LITTLE) as bad:
            open_[Reason.WORSE] = bad.value


def _answers(course: Course, before: datetime | None) -> Iterator[Mapping[str, str]]:
    """Every answer, oldest first, by the kinds of its entries: they share an instant and a step."""
    for entry in course.entries:
        if entry.kind == EntryKind.SAFETY and (before is None or entry.at < before):
            yield {
                one.kind: one.value for one in course.entries if one.at == entry.at and one.step == entry.step
            }
