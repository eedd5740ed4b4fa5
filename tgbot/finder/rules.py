"""The rules that make a warning sign, as detection.yaml writes them: `chest & pain|pressure /8`."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from tgbot.errors import BackcheckError
from tgbot.finder.phrases import Occurrence

USUAL_WINDOW = 10  # words
NEIGHBOURS = 6  # places looked at on either side of what is chosen: enough to find one beside it
_OPTIONS = ("past", "asked", "maybe")


class RuleError(BackcheckError):
    """A rule cannot be read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell of a sign. `terms` holds alternatives; all terms must stand within `window` words."""

    sign: str
    text: str
    terms: tuple[frozenset[str], ...]
    ordered: bool
    window: float
    unless: frozenset[str]
    past: bool
    asked: bool
    maybe: bool

    @property
    def names(self) -> frozenset[str]:
        """Every idea the rule speaks of."""
        return frozenset().union(*self.terms, self.unless)


@dataclass(frozen=True, slots=True)
class Match:
    """A rule met by the words from `start` up to, not including, `end`."""

    rule: Rule
    start: int
    end: int


def parse(sign: str, text: str) -> Rule:
    """`terms [/window] [unless a|b] [past] [asked] [maybe]`. Raises RuleError."""
    words = text.split()
    options = [word for word in words if word in _OPTIONS]
    words = [word for word in words if word not in _OPTIONS]
    body, unless = words, frozenset[str]()
    if "unless" in words:
        place = words.index("unless")
        body, named = words[:place], words[place + 1 :]
        if len(named) != 1:
            raise RuleError(f"`{text}`: after `unless` comes one word, as in a|b")
        unless = frozenset(named[0].split("|"))
    window: float = USUAL_WINDOW
    if body and body[-1].startswith("/"):
        window = _window(body.pop()[1:], text)
    joints = set(body[1::2])
    if len(body) % 2 == 0 or not joints <= {"&", ">"} or len(joints) == 2:
        raise RuleError(f"`{text}`: ideas are joined by & (any order) or > (this order), not by both")
    terms = tuple(frozenset(term.split("|")) for term in body[::2])
    flags = {option: option in options for option in _OPTIONS}
    return Rule(sign, text, terms, ">" in joints, window, unless, **flags)


def _window(size: str, text: str) -> float:
    if size == "*":
        return inf
    if not size.isdigit():
        raise RuleError(f"`{text}`: after / comes a number of words, or *")
    return int(size)


class Places:
    """Where each idea of a message stands, ready for rules to ask."""

    def __init__(self, occurrences: Sequence[Occurrence]) -> None:
        self._by_name: dict[str, list[Occurrence]] = {}
        for occurrence in occurrences:
            self._by_name.setdefault(occurrence.name, []).append(occurrence)

    def any_of(self, names: frozenset[str]) -> bool:
        return not names.isdisjoint(self._by_name)

    def meets(self, terms: Sequence[frozenset[str]]) -> bool:
        """Every term is there at all."""
        return all(not names.isdisjoint(self._by_name) for names in terms)

    def of(self, names: frozenset[str]) -> list[Occurrence]:
        """Every place of any of the ideas, in order."""
        return sorted(o for name in names for o in self._by_name.get(name, ()))


def matches(rule: Rule, places: Places) -> list[Match]:
    """Every way in which the rule is met, one for each place of its first term."""
    if not places.meets(rule.terms):
        return []
    first, *others = [places.of(term) for term in rule.terms]
    pick = _following if rule.ordered else _nearest
    found = []
    for anchor in first:
        chosen = [anchor]
        for candidates in others:
            best = pick(chosen, candidates)
            if best is None:
                break
            chosen.append(best)
        else:
            start, end = min(o.start for o in chosen), max(o.end for o in chosen)
            if end - start <= rule.window:
                found.append(Match(rule, start, end))
    return found


def _following(chosen: Sequence[Occurrence], candidates: Sequence[Occurrence]) -> Occurrence | None:
    """The next candidate after everything chosen."""
    place = bisect_left(candidates, chosen[-1].end, key=lambda o: o.start)
    return candidates[place] if place < len(candidates) else None


def _nearest(chosen: Sequence[Occurrence], candidates: Sequence[Occurrence]) -> Occurrence | None:
    """The candidate that keeps the span shortest and shares no word with what is chosen."""
    start, end = min(o.start for o in chosen), max(o.end for o in chosen)
    first = bisect_left(candidates, start, key=lambda o: o.start)
    last = bisect_left(candidates, end, lo=first, key=lambda o: o.start)
    near = candidates[max(0, first - NEIGHBOURS) : last + NEIGHBOURS]
    apart = [c for c in near if all(c.end <= o.start or c.start >= o.end for o in chosen)]
    return min(apart, key=lambda c: (max(end, c.end) - min(start, c.start), c.start), default=None)
