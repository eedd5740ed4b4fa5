"""A message looked at through the rules: its ideas, the scopes they stand in, the rules that are met."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.finder.normalising import Stem
from tgbot.finder.phrases import Occurrence, Phrases
from tgbot.finder.reading import Reading
from tgbot.finder.rules import Match, Places, Rule, RuleBook, matches
from tgbot.finder.scopes import Cover, Cues, Scopes, is_one_person, scopes

IDIOMS = "idioms"  # of the lexicon: phrases that only use the words of a sign, as "chest of drawers" does
_PAST = ("past_years", "past_years_ago")  # numbers that open a scope


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
    """The rules that are met; `taken_back` those whose words are denied, past, feared or only asked about."""

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
        if not everything.may_meet(rule) or not asked(rule):
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
