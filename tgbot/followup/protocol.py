"""The follow-up plan as data: steps, who gets them, what each answer leads to. Checked by its loader.

The clinical ground is section 4 of the brief; the plan itself is `content/protocol.yaml`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from enum import StrEnum

from tgbot.content import Tier

CLOSE = "close"  # a branch's `next` that ends the episode
BY_DAY = "by_day"  # a branch's `next` in `standing`: where the step of the day leads
NO_SIGN, SAFE = "none", "safe"  # answers about safety that name no sign
WITHOUT_SIGN = (NO_SIGN, SAFE)


class Basis(StrEnum):
    """What a step rests on. Nothing here has been tested on upper-back spasms themselves."""

    EVIDENCE = "evidence"
    JUDGEMENT = "judgement"
    BOTH = "both"


class CountedFrom(StrEnum):
    """What a step's time is counted from."""

    ONSET = "onset"  # the ladder: a fixed instant after the pain began
    ANSWER = "answer"  # the safety net: so long after the answer that asked for it


class Change(StrEnum):
    """How it is compared with the last time, in the person's own words."""

    GONE = "gone"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    UNKNOWN = "unknown"  # nobody has said: a check-in could not be delivered


class Function(StrEnum):
    """What the person can do."""

    MOST = "most"
    SOME = "some"
    LITTLE = "little"  # very little, or cannot sleep: treated as worse


class Felt(StrEnum):
    """How it is, once what was said of the pain and of what can be done are put together."""

    GONE = "gone"
    BETTER = "better"
    SAME = "same"
    LITTLE = "little"  # not worse, but very little is possible, or no sleep
    WORSE = "worse"


class Seen(StrEnum):
    """What came of "get medical help today"."""

    YES = "yes"
    BOOKED = "booked"
    NO = "no"


class Reason(StrEnum):
    """Why "get medical help today" stands, the most urgent first."""

    EMERGENCY = "emergency"  # an emergency sign, and the person let the episode go on
    SIGN = "sign"  # a same-day sign
    WORSE = "worse"  # worse, or very little was possible


@dataclass(frozen=True, slots=True)
class Sign:
    """One answer to the safety question: a warning sign and the flags of the pack that it stands for."""

    id: str
    tier: Tier
    flags: tuple[str, ...]
    more: bool = False  # it stands one tap behind the others


@dataclass(frozen=True, slots=True)
class Background:
    """Who needs another road than most, asked once. `today`: any back pain of theirs is seen today."""

    id: str
    today: bool
    flags: tuple[str, ...]

    @property
    def letter(self) -> str:
        """How it stands in a button."""
        return self.id[0]


@dataclass(frozen=True, slots=True)
class Branch:
    """What one answer leads to: the words shown, and a step's id or `CLOSE`."""

    advice: str
    next: str


@dataclass(frozen=True, slots=True)
class Step:
    """One planned contact. `who` are the last changes after which it is sent; empty means everybody."""

    id: str
    after: timedelta
    counted_from: CountedFrom
    who: frozenset[Change]
    purpose: str
    reason: str
    basis: Basis
    sources: tuple[str, ...]
    branches: Mapping[Felt, Branch]

    def is_for(self, change: Change) -> bool:
        return not self.who or change in self.who


@dataclass(frozen=True, slots=True)
class Rules:
    """The plan's durations. `closest` is the least time between an answer and the next planned contact.

    The safety net that falls into quiet hours comes `net_before_quiet` before they begin, but no sooner than
    `net_closest` after the answer that asked for it.
    """

    reminder_after: timedelta
    expires_after: timedelta
    closest: timedelta
    undo_within: timedelta
    late_after: timedelta
    worse_in_a_row: int
    net_before_quiet: timedelta
    net_closest: timedelta


@dataclass(frozen=True, slots=True)
class Protocol:
    """The whole plan. `steps` keep their order in time; five ids have a part of their own.

    `standing` is what is said while "get help today" stands; an answer that is not there is answered by its
    day. `again` names the words for somebody to whom the same words were said last.
    """

    version: str
    consent: str
    rules: Rules
    signs: Mapping[str, Sign]
    background: Mapping[str, Background]
    steps: Mapping[str, Step]
    standing: Mapping[Reason, Mapping[Seen, Mapping[Felt, Branch]]]
    again: Mapping[str, str]
    main: str  # the first rung: everybody's check-in at 72 h
    net: str  # the safety net after a same-day sign or "worse"
    asked: str  # a check-in that the person asked for
    one_more: str  # the rung that whoever is well again may still ask for
    safe: str  # the one "are you safe?" after an emergency, if wanted

    @property
    def ladder(self) -> tuple[Step, ...]:
        """The steps counted from onset, earliest first."""
        rungs = (step for step in self.steps.values() if step.counted_from is CountedFrom.ONSET)
        return tuple(sorted(rungs, key=lambda step: step.after))


def plan_mark(protocol: Protocol) -> str:
    """The plan's version and a mark of everything in it: two plans that differ have two."""
    whole = json.dumps(_plain(protocol), sort_keys=True)
    return f"{protocol.version} {hashlib.sha256(whole.encode()).hexdigest()[:12]}"


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool | int) else str(value)
