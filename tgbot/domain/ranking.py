"""Which answers a message may be asking for, and how sure that is."""

from dataclasses import dataclass

from tgbot.domain.learning import Classifier

MOST_SUGGESTIONS = 3
# Leads are differences of scores; see docs/finding.md for how they were chosen.
SURE_LEAD = 0.5  # over "none of ours": below it we ask back
SURE_GAP = 0.25  # over the next answer: below it we ask back
SURE_LEAD_ABROAD = 1.0  # over "none of ours", for a message that does not name the part of the body
LIKELY_LEAD = -1.0  # over "none of ours": below it we say that we do not know


@dataclass(frozen=True, slots=True)
class Ranking:
    """Answers with their scores, best first; `sure` enough to answer, `likely` enough to suggest."""

    scores: tuple[tuple[str, float], ...]
    matched: tuple[str, ...]
    sure: bool
    likely: bool


class Ranker:
    """Ranks answers; the class "" stands for what the pack has no answer to.

    `own` are the words of the pack's own wordings: any other word is a stranger.
    """

    def __init__(self, classifier: Classifier, own: frozenset[str]) -> None:
        self._classifier = classifier
        self._own = own

    def rank(self, features: frozenset[str], here: bool) -> Ranking:
        """`here`: the message names the part of the body that the pack is about."""
        scores = self._classifier.scores(features)
        nothing = scores.pop("")
        ordered = tuple(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
        lead = ordered[0][1] - nothing
        gap = ordered[0][1] - ordered[1][1] if len(ordered) > 1 else SURE_GAP
        words = {feature for feature in features if feature.isalpha()}
        ours = any(len(word) > 1 for word in words & self._own)  # a letter is no word: "xxxx" asks nothing
        at_home = here or words <= self._own
        return Ranking(
            ordered[: MOST_SUGGESTIONS + 2],
            tuple(name for name, _ in self._classifier.reasons(features, ordered[0][0])[:6]),
            sure=at_home and lead >= (SURE_LEAD if here else SURE_LEAD_ABROAD) and gap >= SURE_GAP,
            likely=lead >= LIKELY_LEAD and (here or ours),
        )
