"""Where a rule is met in a message."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.finder.phrases import Occurrence
from tgbot.finder.rules import Rule

NEIGHBOURS = 6  # places looked at on either side of what is chosen: enough to find one beside it


@dataclass(frozen=True, slots=True)
class Match:
    """A rule met by `ideas`, in the words from `start` up to, not including, `end`."""

    rule: Rule
    start: int
    end: int
    ideas: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class IdeaPlaces:
    """Where any of some ideas stand, in order. Bit n of `sentences` says that one stands in sentence n."""

    occurrences: Sequence[Occurrence]
    by_sentence: Mapping[int, Sequence[Occurrence]]
    sentences: int


_NOWHERE = IdeaPlaces((), {}, 0)


class Places:
    """Where each idea of a message stands, ready for rules to ask. `sentences` is each word's."""

    def __init__(self, occurrences: Sequence[Occurrence], sentences: Sequence[int]) -> None:
        self.sentences = sentences
        self._by_name: dict[str, list[Occurrence]] = {}
        for occurrence in occurrences:
            self._by_name.setdefault(occurrence.name, []).append(occurrence)
        self._of: dict[frozenset[str], IdeaPlaces] = {}

    @property
    def names(self) -> Iterable[str]:
        """The ideas that are there."""
        return self._by_name

    def any_of(self, names: frozenset[str]) -> bool:
        return not names.isdisjoint(self._by_name)

    def may_meet(self, rule: Rule) -> bool:
        """Every term is there, in one sentence if the rule has bounds."""
        together = -1
        for term in rule.terms:
            standing = self.of(term)
            if not standing.sentences:
                return False
            together &= standing.sentences
        return rule.unbounded or bool(together)

    def of(self, names: frozenset[str]) -> IdeaPlaces:
        """Every place of any of the ideas."""
        if names.isdisjoint(self._by_name):
            return _NOWHERE
        standing = self._of.get(names)
        if standing is None:
            found = sorted(o for name in names for o in self._by_name.get(name, ()))
            by_sentence: dict[int, list[Occurrence]] = {}
            for occurrence in found:
                by_sentence.setdefault(self.sentences[occurrence.start], []).append(occurrence)
            bits = sum(1 << sentence for sentence in by_sentence)
            standing = self._of[names] = IdeaPlaces(found, by_sentence, bits)
        return standing


def matches(rule: Rule, places: Places) -> list[Match]:
    """Every way in which the rule is met, one for each place of its first term.

    Ideas that must stand within so many words must stand in one sentence as well.
    """
    if not places.may_meet(rule):
        return []
    first, *others = [places.of(term) for term in rule.terms]
    sentences = places.sentences
    together = -1
    for standing in () if rule.unbounded else others:
        together &= standing.sentences
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
