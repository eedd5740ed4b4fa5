"""Warning signs in a message: rules say what words name, and a learned net how likely it is meant.

Neither shows a card alone. A rule whose words the net finds calm becomes a question, and so does what only
the net suspects; some signs (`asked: false`) are shown or not, and never asked about. The head of
detection.yaml says what a rule may demand of the net.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from tgbot.content import RedFlag, Tier
from tgbot.finder.learning import Classifier, Features, with_ideas
from tgbot.finder.reading import Reader, Reading
from tgbot.finder.rules import Match, RuleMatcher, RuleMatches, Signals

# By how much the net must hold a sign likelier than calm (a logarithm of odds); see docs/finding.md.
AGREED = {Tier.EMERGENCY: -2.4, Tier.SAME_DAY: -1.0, Tier.SOON: -1.0}  # that sign, for a rule that is met
LEANS = 1.0  # that very sign, for a rule that only says maybe
CONVINCED = 1.5  # the same, for a rule so broad that it only names what the sign is about
OUTWEIGHED = 3.0  # by so much another sign is likelier than a rule's, which then was mistaken
SUSPECTED = -2.0  # to ask about it without any rule
SAID = -8.0  # to ask about what a rule says and the net does not
DOUBTED = -3.0  # the same for words that are denied, past, feared or only asked about
MOST_SUSPECTED = 3
LENIENT_LEAD = -3.0  # for a rule of a lenient sign: a miss costs most
ELSEWHERE_LEAD = -1.0  # for a rule in a message of so many words that never names the back: other stories
ELSEWHERE_WORDS = 30
LONG, STEP = 80, 60  # words; a longer message is read in stretches of so many, one every so many
STORY, STORY_LONG, STORY_STEP = 200, 24, 16  # the same for a message longer yet: one sentence is lost in it

_WORST_FIRST = {Tier.EMERGENCY: 0, Tier.SAME_DAY: 1, Tier.SOON: 2}
_LONGEST_QUOTE = 8  # words; of a longer match the single ideas are quoted


@dataclass(frozen=True, slots=True)
class Alarm:
    """The signs that words name, the worst first; those that are suspected, the likeliest first; and why.

    `complaint` says that the message states pain. `because` are the words as typed.
    """

    named: tuple[str, ...]
    tier: Tier
    suspected: tuple[str, ...]
    complaint: bool
    because: tuple[str, ...]
    scores: tuple[tuple[str, float], ...]


CALM = Alarm((), Tier.SAME_DAY, (), False, (), ())


class Detector:
    """Rules and net together; the class "" of the net stands for calm."""

    def __init__(
        self, reader: Reader, rules: RuleMatcher, net: Classifier, flags: Mapping[str, RedFlag]
    ) -> None:
        self._reader = reader
        self._rules = rules
        self._net = net
        self._flags = flags

    def states_pain(self, reading: Reading) -> bool:
        """Whether words of the message say that something hurts, by the rules alone."""
        return bool(self._rules.complaints(self._rules.signals(reading)))

    def detect(self, reading: Reading, features: Features) -> Alarm:
        """Look at the whole message through the rules, and at every stretch of it through the net.

        `features` are the whole message's.
        """
        if reading.says_nothing:
            return CALM
        signals = self._rules.signals(reading)
        leads = self._leads(reading, features, signals)
        met = self._rules.warnings(signals, lambda rule: not rule.broad or leads[rule.sign] >= CONVINCED)
        told_elsewhere = ELSEWHERE_WORDS <= len(reading.words) <= STORY and not reading.is_here
        least = ELSEWHERE_LEAD if told_elsewhere else -inf
        named = [m for m in met.live if self._is_meant(m, leads, least) and self._is_here(m, reading)]
        signs = sorted(
            dict.fromkeys(match.rule.sign for match in named),
            key=lambda sign: (_WORST_FIRST[self._flags[sign].tier], -leads[sign]),
        )
        tier = self._flags[signs[0]].tier if signs else Tier.SAME_DAY
        worst = [match for match in named if self._flags[match.rule.sign].tier is tier]
        complaints = self._rules.complaints(signals)
        return Alarm(
            named=tuple(signs),
            tier=tier,
            suspected=() if signs else self._suspected(met, leads),
            complaint=bool(complaints),
            because=_quotes(reading, worst or [*met.live, *complaints]),
            scores=tuple(sorted(leads.items(), key=lambda lead: -lead[1])[:3]),
        )

    def _is_meant(self, match: Match, leads: Mapping[str, float], least: float) -> bool:
        """Whether the net agrees enough with a rule that is met: by `least`, unless a miss costs too much."""
        rule, sign = match.rule, match.rule.sign
        flag = self._flags[sign]
        if rule.sure:
            return True
        if rule.broad or rule.maybe:
            needed = max(CONVINCED if rule.broad else LEANS, least)
        else:
            needed = LENIENT_LEAD if flag.lenient else max(AGREED[flag.tier], least)
        return leads[sign] >= needed and max(leads.values()) - leads[sign] < OUTWEIGHED

    def _is_here(self, match: Match, reading: Reading) -> bool:
        """Whether the sign can be the back's. A red, hot toe needs no card for the same day, a limb without
        strength does: there the words of the sign name the limb."""
        if self._flags[match.rule.sign].tier is Tier.EMERGENCY or not reading.is_elsewhere:
            return True
        return any(idea.start <= at < idea.end for idea in match.ideas for at in reading.elsewhere)

    def _suspected(self, met: RuleMatches, leads: Mapping[str, float]) -> tuple[str, ...]:
        """What to ask about: what the net leans to, and what a rule says and the net does not deny."""
        said = {match.rule.sign for match in met.live if not match.rule.broad}
        doubted = {match.rule.sign for match in met.taken_back if not match.rule.broad}
        likely = [
            sign
            for sign, lead in leads.items()
            if self._flags[sign].asked
            and lead >= (SAID if sign in said else DOUBTED if sign in doubted else SUSPECTED)
        ]
        return tuple(sorted(likely, key=lambda sign: -leads[sign])[:MOST_SUSPECTED])

    def _leads(self, reading: Reading, features: Features, signals: Signals) -> dict[str, float]:
        """By how much each sign leads over calm where it leads most.

        A sign in one sentence of a long story would drown in it, so a long message is read in stretches.
        """
        marked = signals.marked()
        stretches = _stretches(len(reading.words))
        if len(stretches) == 1:
            leads = self._net.leads(with_ideas(features, {mark for _, mark in marked}))
        else:
            leads = self._net.best_leads(self._reader.features_of_parts(reading, stretches, marked))
        return {sign: leads.get(sign, -inf) for sign in self._flags}


def _stretches(length: int) -> list[tuple[int, int]]:
    """The message as one stretch, or, when it is long, stretches that overlap."""
    if length <= LONG:
        return [(0, length)]
    size, step = (LONG, STEP) if length <= STORY else (STORY_LONG, STORY_STEP)
    return [(start, min(start + size, length)) for start in range(0, length - size + step, step)]


def _quotes(reading: Reading, matches: Sequence[Match]) -> tuple[str, ...]:
    """The words that matched, as typed: of words that stand far apart each idea by itself; quotes that
    share words are one. What names a sign outright goes before what a broad rule takes up."""
    outright = [match for match in matches if not match.rule.broad]
    spans: list[tuple[int, int]] = []
    for match in outright or matches:
        near = match.end - match.start <= _LONGEST_QUOTE
        spans += [(match.start, match.end)] if near else [(i.start, i.end) for i in match.ideas]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            start, end = joined[-1][0], max(joined.pop()[1], end)
        joined.append((start, end))
    return tuple(dict.fromkeys(filter(None, (reading.quote(*span) for span in joined))))
