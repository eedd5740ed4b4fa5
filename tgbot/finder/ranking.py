"""Which answers a message may be asking for, and how sure that is."""

from dataclasses import dataclass

from tgbot.finder.features import Features
from tgbot.finder.learning import Classifier

MOST_SUGGESTIONS = 3
MOST_REASONS = 6
# Leads are logarithms of odds; docs/finding.md says how they were chosen.
SURE_LEAD = 1.5  # over "none of ours": below it we ask back
SURE_GAP = 0.6  # over the next answer: below it we ask back
LIKELY_LEAD = -2.0  # over "none of ours": below it we say that we do not know


@dataclass(frozen=True, slots=True)
class Ranking:
    """Answers with their scores, best first; `sure` enough to answer, `likely` enough to suggest."""

    scores: tuple[tuple[str, float], ...]
    matched: tuple[str, ...]
    sure: bool
    likely: bool


class Ranker:
    """Ranks answers; the class "" stands for what the pack has no answer to."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def rank(self, features: Features) -> Ranking:
        """The answers to a message with these features."""
        evidence = self._classifier.look(features)
        scores = evidence.scores()
        nothing = scores.pop("")
        ordered = tuple(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
        lead = ordered[0][1] - nothing
        gap = ordered[0][1] - ordered[1][1] if len(ordered) > 1 else SURE_GAP
        known = evidence.knows_a_word()  # "xxxx" asks nothing
        return Ranking(
            ordered[: MOST_SUGGESTIONS + 2],
            tuple(evidence.reasons(ordered[0][0], MOST_REASONS)),
            sure=known and lead >= SURE_LEAD and gap >= SURE_GAP,
            likely=known and lead >= LIKELY_LEAD,
        )
