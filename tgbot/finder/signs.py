"""Warning signs in a message: rules over ideas first, and a learned second net under them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from tgbot.content import Tier
from tgbot.finder.learning import Classifier
from tgbot.finder.phrases import Occurrence, Phrases
from tgbot.finder.reading import Reader, Reading
from tgbot.finder.rules import Match, Places, Rule, matches
from tgbot.finder.scopes import Scopes, Span, scopes

# By how much the net must hold a sign likelier than calm (a logarithm of odds), by what the rules say.
# Below zero it alarms although calm is likelier, as a missed emergency costs more; see docs/finding.md.
WITH_EMERGENCY = -3.5  # a rule for an emergency is met
WITH_LESSER = -2.5  # a rule for a sign of the same day is met
WITH_MAYBE = -2.6  # a rule that only says maybe is met
TAKEN_BACK = -2.3  # a rule is met, but denied, past or only asked about
ALONE = -2.0  # no rule is met
NEVER_ASKED = frozenset({"crisis", "overdose", "allergy"})  # on a hunch
ADDS = 0.5  # by how much an emergency must lead all else to be named beside a rule's lesser sign
LONG, STEP = 80, 60  # words; a longer message is read in stretches of so many, one every so many

IDIOMS = "idioms"  # of the lexicon: phrases that only use the words of a sign, as "chest of drawers" does

_WORST_FIRST = {Tier.EMERGENCY: 0, Tier.SAME_DAY: 1, Tier.SOON: 2}


@dataclass(frozen=True, slots=True)
class Detection:
    """What detection.yaml holds: ideas, ideas that are numbers, rules, and the words that open scopes."""

    lexicon: Mapping[str, Sequence[str]]
    numbers: Mapping[str, tuple[int, int]]
    rules: Sequence[Rule]
    scopes: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Look:
    """The ideas of a message and the scopes they stand in."""

    ideas: Sequence[Occurrence]
    scopes: Scopes

    def marked(self) -> list[tuple[Occurrence, str]]:
        """Each idea with its feature for the second net: as said, denied, or spoken of."""
        return [(idea, self._mark(idea) + idea.name) for idea in self.ideas]

    def _mark(self, idea: Occurrence) -> str:
        if self.scopes.negates(idea):
            return "@no:"
        place = (idea.start, idea.end)
        if self.scopes.is_fiction(*place) or self.scopes.is_asked(*place) or self.scopes.is_past(*place):
            return "@then:"
        return "@"


@dataclass(frozen=True, slots=True)
class Watch:
    """What the rules made of a message."""

    live: tuple[Match, ...]
    taken_back: tuple[Match, ...]


class Watcher:
    """Looks at a message through the rules."""

    def __init__(self, detection: Detection, words: Callable[[str], Sequence[str]]) -> None:
        self._rules = detection.rules
        self._numbers = detection.numbers
        self._lexicon = Phrases(detection.lexicon, words)
        self._cues = Phrases(detection.scopes, words)
        self._years = detection.numbers.get("past_years", (0, -1))

    @property
    def words(self) -> set[str]:
        """Words that a slip may have been meant as."""
        return self._lexicon.words | self._cues.words

    def look(self, reading: Reading) -> Look:
        """The ideas of the reading and the scopes they stand in."""
        found = [*self._lexicon.find(reading.words, reading.stems), *self._counted(reading)]
        idioms = [Span(idea.start, idea.end) for idea in found if idea.name == IDIOMS]
        ideas = [idea for idea in found if not any(span.holds(idea.start, idea.end) for span in idioms)]
        cues = [*self._cues.find(reading.words, reading.stems), *(i for i in ideas if i.name == "past_years")]
        consumed = [Span(i.start, i.end) for i in ideas if i.end - i.start > 1]
        return Look(ideas, scopes(len(reading.words), cues, consumed))

    def watch(self, look: Look) -> Watch:
        """What the rules make of it."""
        everything = Places(look.ideas)
        places = Places([idea for idea in look.ideas if not look.scopes.negates(idea)])
        live, taken_back = [], []
        for rule in self._rules:
            if not everything.meets(rule.terms) or everything.any_of(rule.unless):
                continue
            found = matches(rule, places)
            kept = [match for match in found if not _excused(match, look.scopes)]
            live += kept
            if not kept:
                taken_back += matches(rule, everything)
        return Watch(tuple(live), tuple(taken_back))

    def _counted(self, reading: Reading) -> Iterable[Occurrence]:
        """The ideas that are numbers."""
        for place, word in enumerate(reading.words):
            if word.isdecimal() and len(word) < 5:
                for name, (low, high) in self._numbers.items():
                    if low <= int(word) <= high:
                        yield Occurrence(place, place + 1, name)


def _excused(match: Match, seen: Scopes) -> bool:
    if seen.is_fiction(match.start, match.end):
        return True
    if not match.rule.asked and seen.is_asked(match.start, match.end):
        return True
    return not match.rule.past and seen.is_past(match.start, match.end)


@dataclass(frozen=True, slots=True)
class Alarm:
    """The signs seen, the worst first (none: all calm), and what made them seen.

    `certain` when words name them; else they are a hunch of the second net, to be asked about.
    """

    signs: tuple[str, ...]
    certain: bool
    tier: Tier
    scores: tuple[tuple[str, float], ...]
    matched: tuple[str, ...]


class Detector:
    """Rules and net together; the class "" of the net stands for calm."""

    def __init__(self, reader: Reader, watcher: Watcher, net: Classifier, tiers: Mapping[str, Tier]) -> None:
        self._reader = reader
        self._watcher = watcher
        self._net = net
        self._tiers = tiers

    def detect(self, reading: Reading) -> Alarm:
        """Look at the whole message through the rules, and at every stretch of it through the net."""
        look = self._watcher.look(reading)
        watch = self._watcher.watch(look)
        leads = self._leads(reading, look)
        signs = self._signs(watch, leads) if leads[0][1] >= self._needed(look, watch) else []
        certain = bool(watch.live) or not NEVER_ASKED.isdisjoint(signs)
        tier = self._tiers[signs[0]] if signs else Tier.SAME_DAY
        matched = [" ".join(reading.words[m.start : m.end]) for m in watch.live]
        return Alarm(
            tuple(signs), certain and bool(signs), tier, tuple(leads[:3]), tuple(dict.fromkeys(matched))
        )

    def _leads(self, reading: Reading, look: Look) -> list[tuple[str, float]]:
        """By how much each sign leads over calm where it leads most, the strongest first.

        A sign in one sentence of a long story would drown in it, so a long message is read in stretches.
        """
        best: dict[str, float] = {}
        marked = look.marked()
        for start, end in _stretches(len(reading.words)):
            ideas = {feature for idea, feature in marked if start <= idea.start and idea.end <= end}
            scores = self._net.scores(self._reader.features(reading.part(start, end)) | ideas)
            calm = scores.pop("")
            for sign, score in scores.items():
                best[sign] = max(best.get(sign, -inf), score - calm)
        return sorted(best.items(), key=lambda lead: (-lead[1], lead[0]))

    def _needed(self, look: Look, watch: Watch) -> float:
        """The lead that the strongest sign needs. Words without any idea of a sign never alarm."""
        if not look.ideas:
            return inf
        plain = [match.rule for match in watch.live if not match.rule.maybe]
        if any(self._tiers[rule.sign] is Tier.EMERGENCY for rule in plain):
            return WITH_EMERGENCY
        if watch.live:
            return WITH_LESSER if plain else WITH_MAYBE
        return TAKEN_BACK if watch.taken_back else ALONE

    def _signs(self, watch: Watch, leads: Sequence[tuple[str, float]]) -> list[str]:
        """The worst first: those of the rules, and the net's where the rules are silent or too mild."""
        ruled = dict.fromkeys(match.rule.sign for match in watch.live)
        strongest = leads[0][0]
        lesser = [lead for sign, lead in leads if self._tiers[sign] is not Tier.EMERGENCY]
        if not ruled or (self._tiers[strongest] is Tier.EMERGENCY and leads[0][1] - lesser[0] >= ADDS):
            ruled[strongest] = None
        return sorted(ruled, key=lambda sign: _WORST_FIRST[self._tiers[sign]])


def _stretches(length: int) -> list[tuple[int, int]]:
    """The message as one stretch, or, when it is long, stretches that overlap."""
    if length <= LONG:
        return [(0, length)]
    return [(start, min(start + LONG, length)) for start in range(0, length - LONG + STEP, STEP)]
