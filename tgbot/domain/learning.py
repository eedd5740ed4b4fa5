"""A linear classifier that learns from examples in a fraction of a second: edited words count at once.

Every feature carries a weight for each class it has spoken for or against. Going through the examples,
whoever is not clearly won pulls its own class nearer and pushes its strongest rival away (a multiclass
perceptron with a margin, as Crammer and Singer describe it); the weights are averaged over the passes, which
keeps the last examples from having the last word. No dice: the order is a fixed stride, and the outcome is
the same on every machine.
"""

import math
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

PASSES = 8
WHOLE_PASSES = 3  # over all examples; the later ones only repeat what was not clearly won in the one before
MARGIN = 1.0  # by how much the right class must lead, in units of the score
PAIRED = 0.6  # what a pair of ideas (a+b) counts beside the ideas themselves
RARE, RARES = "#rare", "#rares"
_STRIDE = 7919  # a prime, so that neighbours in a file are not neighbours in learning


@dataclass(frozen=True, slots=True)
class Example:
    """The features of one wording, and the class it belongs to."""

    features: frozenset[str]
    label: str


class Classifier:
    """Scores classes for a set of features. A word that was never seen counts as a rare one."""

    def __init__(
        self,
        classes: Sequence[str],
        weights: Mapping[str, Mapping[int, float]],
        rarity: Mapping[str, float],
    ) -> None:
        self.classes = tuple(classes)
        self._weights = weights
        self.rarity = rarity

    def scores(self, features: Iterable[str]) -> dict[str, float]:
        """Each class's score; about 1 apart is a clear difference."""
        sums = [0.0] * len(self.classes)
        for feature, size in _vector(_with_rare(features, self.rarity), self.rarity).items():
            for place, weight in self._weights.get(feature, {}).items():
                sums[place] += weight * size
        return dict(zip(self.classes, sums, strict=True))

    def reasons(self, features: Iterable[str], label: str) -> list[tuple[str, float]]:
        """What each feature added to the class's score, the strongest first."""
        place = self.classes.index(label)
        vector = _vector(_with_rare(features, self.rarity), self.rarity)
        parts = [(name, size * self._weights.get(name, {}).get(place, 0.0)) for name, size in vector.items()]
        return sorted((part for part in parts if part[1] > 0), key=lambda part: (-part[1], part[0]))


def learn(examples: Sequence[Example], passes: int = PASSES) -> Classifier:
    """The classifier that these examples teach."""
    classes = sorted({example.label for example in examples})
    places = {label: place for place, label in enumerate(classes)}
    seen = Counter(feature for example in examples for feature in example.features)
    known = {feature for feature, count in seen.items() if count > 1 or not feature.isalpha()}
    shown = [_with_rare(example.features, known) for example in examples]
    counts = Counter(feature for features in shown for feature in features)
    rarity = {feature: math.log(1 + len(examples) / count) for feature, count in counts.items()}
    vectors = [
        (list(_vector(features, rarity).items()), places[example.label])
        for features, example in zip(shown, examples, strict=True)
    ]
    weights = _Averaged(len(classes))
    turns = [turn * _STRIDE % len(vectors) for turn in range(len(vectors))]
    for number in range(passes):
        step = 1 / (1 + number / 2)
        corrected = [turn for turn in turns if weights.correct(*vectors[turn], step)]
        if number >= WHOLE_PASSES - 1:
            turns = corrected
    return Classifier(classes, weights.average(), rarity)


class _Averaged:
    """Weights, and beside them a sum that yields their average over all steps without adding at each one."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._now: dict[str, dict[int, float]] = {}
        self._late: dict[str, dict[int, float]] = {}  # each change times the step at which it came
        self._steps = 1

    def correct(self, vector: Sequence[tuple[str, float]], own: int, step: float) -> bool:
        """Whether the example was not clearly won, and so was learned from."""
        sums = [0.0] * self._classes
        for feature, size in vector:
            for place, weight in self._now.get(feature, {}).items():
                sums[place] += weight * size
        won, sums[own] = sums[own], -math.inf
        strongest = max(sums)
        self._steps += 1
        if won - strongest >= MARGIN:
            return False
        rival = sums.index(strongest)
        for feature, size in vector:
            self._change(feature, own, step * size)
            self._change(feature, rival, -step * size)
        return True

    def _change(self, feature: str, place: int, by: float) -> None:
        now = self._now.setdefault(feature, {})
        late = self._late.setdefault(feature, {})
        now[place] = now.get(place, 0.0) + by
        late[place] = late.get(place, 0.0) + by * self._steps

    def average(self) -> dict[str, dict[int, float]]:
        return {
            feature: {place: w - self._late[feature][place] / self._steps for place, w in places.items()}
            for feature, places in self._now.items()
        }


def _with_rare(features: Iterable[str], known: Container[str]) -> set[str]:
    """Features in which unknown words became "a rare word" and, from two on, "rare words".

    Words that only one example has are rare while learning too. So it is learned what strangers tell: that a
    message is hardly about what this pack knows.
    """
    kept = {feature for feature in features if feature in known}
    strangers = sum(1 for feature in features if feature not in known and feature.isalpha())
    if strangers:
        kept.add(RARE)
    if strangers > 1:
        kept.add(RARES)
    return kept


def _vector(features: Iterable[str], rarity: Mapping[str, float]) -> dict[str, float]:
    """The known features with their rarity, scaled to length one."""
    sizes = {f: rarity[f] * (PAIRED if "+" in f else 1.0) for f in sorted(features) if f in rarity}
    length = math.sqrt(sum(size * size for size in sizes.values())) or 1.0
    return {feature: size / length for feature, size in sizes.items()}
