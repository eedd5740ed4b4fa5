"""The rules of detection.yaml that make a warning sign (`chest & pain|pressure /8`), and where one is met."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from tgbot.errors import BackcheckError
from tgbot.finder.phrases import Occurrence

USUAL_WINDOW = 10  # words
NEIGHBOURS = 6  # places looked at on either side of what is chosen: enough to find one beside it
_OPTIONS = ("past", "asked", "sure", "maybe", "broad", "own", "fact")


class RuleError(BackcheckError):
    """A rule cannot be read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell of a sign. `terms` holds alternatives; all terms must stand within `window` words of
    one sentence, or anywhere in the message if it has no bounds."""

    sign: str
    text: str
    terms: tuple[frozenset[str], ...]
    ordered: bool
    window: float
    unless: frozenset[str]
    past: bool
    asked: bool
    sure: bool
    maybe: bool
    broad: bool
    own: bool
    fact: bool

    @property
    def unbounded(self) -> bool:
        """Its ideas may stand anywhere in the message."""
        return self.window == inf

    @property
    def names(self) -> frozenset[str]:
        """Every idea the rule speaks of."""
        return frozenset().union(*self.terms, self.unless)


class RuleBook:
    """Rules in their order, found by an idea that they cannot do without.

    A message holds few of all ideas, and so few rules are looked at.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._by_idea: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            for idea in min(rule.terms, key=len):
                self._by_idea.setdefault(idea, []).append(place)

    def among(self, ideas: Iterable[str]) -> Iterator[Rule]:
        """The rules that may be met by these ideas; no other is."""
        places = {place for idea in ideas for place in self._by_idea.get(idea, ())}
        return (self._rules[place] for place in sorted(places))


def parse(sign: str, text: str) -> Rule:
    """`terms [/window] [unless a|b] [past] [asked] [sure] [maybe] [broad] [own] [fact]`. Raises RuleError."""
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


@dataclass(frozen=True, slots=True)
class Match:
    """A rule met by `ideas`, in the words from `start` up to, not including, `end`."""

    rule: Rule
    start: int
    end: int
    ideas: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class IdeaPlaces:
    """Where any of some ideas stand, in order."""

    occurrences: Sequence[Occurrence]
    by_sentence: Mapping[int, Sequence[Occurrence]]


class Places:
    """Where each idea of a message stands, ready for rules to ask. `sentences` is each word's."""

    def __init__(self, occurrences: Sequence[Occurrence], sentences: Sequence[int]) -> None:
        self.sentences = sentences
        self._by_name: dict[str, list[Occurrence]] = {}
        for occurrence in occurrences:
            self._by_name.setdefault(occurrence.name, []).append(occurrence)
        self.names = frozenset(self._by_name)  # the ideas that are there
        self._of: dict[frozenset[str], IdeaPlaces] = {}
        self._sentences_of: dict[frozenset[str], int] = {}

    def any_of(self, names: frozenset[str]) -> bool:
        return not names.isdisjoint(self.names)

    def may_meet(self, rule: Rule) -> bool:
        """Every term is there, in one sentence if the rule has bounds."""
        together = -1
        for term in rule.terms:
            holding = self.sentences_of(term)
            if not holding:
                return False
            together &= holding
        return rule.unbounded or bool(together)

    def sentences_of(self, names: frozenset[str]) -> int:
        """The sentences in which any of the ideas stands: bit n for sentence n."""
        holding = self._sentences_of.get(names)
        if holding is None:
            holding = 0
            for name in names & self.names:
                for occurrence in self._by_name[name]:
                    holding |= 1 << self.sentences[occurrence.start]
            self._sentences_of[names] = holding
        return holding

    def of(self, names: frozenset[str]) -> IdeaPlaces:
        """Every place of any of the ideas."""
        standing = self._of.get(names)
        if standing is None:
            found = sorted(occurrence for name in names & self.names for occurrence in self._by_name[name])
            by_sentence: dict[int, list[Occurrence]] = {}
            for occurrence in found:
                by_sentence.setdefault(self.sentences[occurrence.start], []).append(occurrence)
            standing = self._of[names] = IdeaPlaces(found, by_sentence)
        return standing


def matches(rule: Rule, places: Places) -> list[Match]:
    """Every way in which the rule is met, one for each place of its first term, or of its rarest where their
    order does not matter.

    Ideas that must stand within so many words must stand in one sentence as well.
    """
    if not places.may_meet(rule):
        return []
    first, *others = [places.of(term) for term in rule.terms]
    if not rule.ordered:
        first, *others = sorted((first, *others), key=lambda standing: len(standing.occurrences))
    sentences = places.sentences
    together = -1
    for term in () if rule.unbounded else rule.terms:
        together &= places.sentences_of(term)
    pick = _following if rule.ordered else _nearest
    found = []
    for anchor in first.occurrences:
        sentence = sentences[anchor.start]
        if not together >> sentence & 1:
            continue
        chosen = [anchor]
        for standing in others:
            best = pick(chosen, standing.occurrences if rule.unbounded else standing.by_sentence[sentence])
            if best is None:
                break
            chosen.append(best)
        else:
            start, end = min(o.start for o in chosen), max(o.end for o in chosen)
            if end - start <= rule.window:
                found.append(Match(rule, start, end, tuple(chosen)))
    return found


def _following(chosen: Sequence[Occurrence], candidates: Sequence[Occurrence]) -> Occurrence | None:
    """The next candidate after everything chosen."""
    place = bisect_left(candidates, chosen[-1].end, key=lambda o: o.start)
    return candidates[place] if place < len(candidates) else None


def _nearest(chosen: Sequence[Occurrence], candidates: Sequence[Occurrence]) -> Occurrence | None:
    """The candidate that keeps the span shortest and shares no word with what is chosen."""
    start, end = min(o.start for o in chosen), max(o.end for o in chosen)
    near = candidates
    if len(candidates) > NEIGHBOURS:
        first = bisect_left(candidates, start, key=lambda o: o.start)
        last = bisect_left(candidates, end, lo=first, key=lambda o: o.start)
        near = candidates[max(0, first - NEIGHBOURS) : last + NEIGHBOURS]
    apart = [c for c in near if all(c.end <= o.start or c.start >= o.end for o in chosen)]
    return min(apart, key=lambda c: (max(end, c.end) - min(start, c.start), c.start), default=None)
