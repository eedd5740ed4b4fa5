"""The rules of detection.yaml that make a warning sign (`chest & pain|pressure /8`), and a message looked at
through them: its ideas, the scopes they stand in, the rules that are met."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from tgbot.errors import BackcheckError
from tgbot.finder.normalising import Stem
from tgbot.finder.reading import Occurrence, Phrases, Reading
from tgbot.finder.scopes import Cover, Cues, Scopes, is_one_person, scopes

USUAL_WINDOW = 10  # words
NEIGHBOURS = 6  # places looked at on either side of what is chosen: enough to find one beside it
IDIOMS = "idioms"  # of the lexicon: phrases that only use the words of a sign, as "chest of drawers" does
_PAST = ("past_years", "past_years_ago")  # numbers that open a scope
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
    if not size.isdecimal():
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

    def meeting(self, rule: Rule) -> int:
        """The sentences in which every term is there, bit n for sentence n: all of them for a rule without
        bounds, 0 where the rule is not met."""
        together = -1
        for term in rule.terms:
            holding = self.sentences_of(term)
            if not holding:
                return 0
            together &= holding
        return -1 if rule.unbounded else together

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
    together = places.meeting(rule)
    if not together:
        return []
    first, *others = [places.of(term) for term in rule.terms]
    if not rule.ordered:
        first, *others = sorted((first, *others), key=lambda standing: len(standing.occurrences))
    sentences = places.sentences
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


@dataclass(frozen=True, slots=True)
class NumberIdea:
    """An idea that is a quantity of this kind, from `low` to `high`."""

    kind: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Detection:
    """What detection.yaml holds: ideas, ideas that are numbers, rules, and the words that open scopes.

    `complaints` are rules that tell of pain, and of no warning sign.
    """

    lexicon: Mapping[str, Sequence[str]]
    numbers: Mapping[str, NumberIdea]
    rules: Sequence[Rule]
    scopes: Mapping[str, Sequence[str]]
    complaints: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class Signals:
    """The ideas of a message and the scopes they stand in. `affirmed` leaves out what is denied."""

    ideas: Sequence[Occurrence]
    scopes: Scopes
    everything: Places
    affirmed: Places

    def marked(self) -> list[tuple[Occurrence, str]]:
        """Each idea with its feature for the learned net: as said, denied, or spoken of."""
        marks = {(idea.start, idea.end): idea for idea in self.ideas}  # a place is looked at once
        by_place = {place: self._mark(idea) for place, idea in marks.items()}
        return [(idea, by_place[idea.start, idea.end] + idea.name) for idea in self.ideas]

    def _mark(self, idea: Occurrence) -> str:
        if self.scopes.negates(idea):
            return "@no:"
        place = (idea.start, idea.end)
        around = self.scopes
        if around.is_fiction(*place) or around.is_asked(*place) or around.is_past(idea):
            return "@then:"
        if around.is_disclaimed(*place) or around.is_resolved(idea.start):
            return "@over:"
        return "@"


@dataclass(frozen=True, slots=True)
class RuleMatches:
    """The rules that are met; `taken_back` those whose words are there, but denied, past, feared, only asked
    about, or in one sentence with what the rule excludes."""

    live: tuple[Match, ...]
    taken_back: tuple[Match, ...]


class RuleMatcher:
    """Looks at a message through the rules."""

    def __init__(self, detection: Detection, words: Callable[[str], Sequence[str]], stem: Stem) -> None:
        self._rules = RuleBook(detection.rules)
        self._complaints = RuleBook(detection.complaints)
        self._numbers = detection.numbers
        self._lexicon = Phrases(detection.lexicon, words, stem)
        self._cues = Phrases(detection.scopes, words, stem)

    @property
    def words(self) -> set[str]:
        """Words that a slip may have been meant as."""
        return self._lexicon.words | self._cues.words

    def signals(self, reading: Reading) -> Signals:
        """The ideas of the reading and the scopes they stand in."""
        found = [*self._lexicon.find(reading.words, reading.stems), *self._counted(reading)]
        idioms = Cover((idea.start, idea.end) for idea in found if idea.name == IDIOMS)
        ideas = [idea for idea in found if not idioms.holds(idea.start, idea.end)]
        cues = [*self._cues.find(reading.words, reading.stems), *(i for i in ideas if i.name in _PAST)]
        consumed = Cover((i.start, i.end) for i in ideas if i.end - i.start > 1)
        around = scopes(reading.sentences, Cues(cues, reading.sentences), consumed)
        said = [idea for idea in ideas if not around.negates(idea)]
        everything = Places(ideas, reading.sentences)
        affirmed = everything if len(said) == len(ideas) else Places(said, reading.sentences)
        return Signals(ideas, around, everything, affirmed)

    def warnings(self, signals: Signals, asked: Callable[[Rule], bool] = lambda _: True) -> RuleMatches:
        """The rules for warning signs that are met, of those that are `asked` about."""
        return _met(self._rules, signals, asked)

    def complaints(self, signals: Signals) -> tuple[Match, ...]:
        """Where the message says that something hurts, now."""
        return _met(self._complaints, signals, lambda _: True).live

    def _counted(self, reading: Reading) -> Iterable[Occurrence]:
        """The ideas that are numbers."""
        for quantity in reading.quantities:
            for name, idea in self._numbers.items():
                if idea.kind == quantity.kind and idea.low <= quantity.value <= idea.high:
                    yield Occurrence(quantity.start, quantity.end, name)


def _met(rules: RuleBook, signals: Signals, asked: Callable[[Rule], bool]) -> RuleMatches:
    everything, affirmed = signals.everything, signals.affirmed
    sentences = everything.sentences
    live: list[Match] = []
    taken_back: list[Match] = []
    for rule in rules.among(everything.names):
        if not everything.meeting(rule) or not asked(rule):
            continue
        if rule.unbounded and everything.any_of(rule.unless):
            continue
        excluded = everything.sentences_of(rule.unless)
        said = everything if rule.broad else affirmed  # "nothing comes out": the net knows what is denied
        found = [m for m in matches(rule, said) if not excluded >> sentences[m.start] & 1]
        kept = [match for match in found if not _excused(match, signals.scopes)]
        live += kept
        if not kept:
            taken_back += matches(rule, everything)
    return RuleMatches(tuple(live), tuple(taken_back))


def _excused(match: Match, seen: Scopes) -> bool:
    rule = match.rule
    if seen.is_fiction(match.start, match.end) or seen.is_disclaimed(match.start, match.end):
        return True
    if not rule.asked and (seen.is_asked(match.start, match.end) or seen.is_resolved(match.start)):
        return True
    if not rule.past and any(map(seen.is_past, match.ideas)):
        return True
    if rule.own and not is_one_person(match.ideas, seen.people):
        return True
    return rule.fact and any(map(seen.is_feared, match.ideas))
