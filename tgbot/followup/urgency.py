"""What still has to be looked at today: a sign or "worse" that was told and that nobody has seen yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tgbot.content import Tier
from tgbot.followup.course import Course
from tgbot.followup.episode import EntryKind
from tgbot.followup.protocol import SAFE, WITHOUT_SIGN, Change, Felt, Function, Protocol, Reason, Seen


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
    match _felt(said):
        case Felt.GONE:
            open_.pop(Reason.SIGN, None)
            open_.pop(Reason.WORSE, None)
        case Felt.BETTER:
            open_.pop(Reason.WORSE, None)
        case (Felt.WORSE | Felt.LITTLE) as bad:
            open_[Reason.WORSE] = bad.value


def _felt(said: Mapping[str, str]) -> Felt | None:
    change, function = said.get(EntryKind.OUTCOME), said.get(EntryKind.FUNCTION)
    return felt(Change(change), Function(function) if function else None) if change else None


def _answers(course: Course, before: datetime | None) -> Iterator[Mapping[str, str]]:
    """Every answer, oldest first, by the kinds of its entries: they share an instant and a step."""
    for entry in course.entries:
        if entry.kind == EntryKind.SAFETY and (before is None or entry.at < before):
            yield {
                one.kind: one.value for one in course.entries if one.at == entry.at and one.step == entry.step
            }
