"""A linear classifier that learns from examples in about a second: edited words count at once.

Every feature carries a weight for each class it has spoken for or against. Going through the examples,
whoever is not clearly won pulls its own class nearer and pushes its strongest rival away (a multiclass
perceptron with a margin, as Crammer and Singer describe it); the weights are averaged over the passes, which
keeps the last examples from having the last word. No dice: the order is a fixed stride, and the outcome is
the same on every machine.
"""

import math
from array import array
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

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
    """Scores classes for a set of features. A word that was never seen counts as a rare one.

    `sizes` holds what each feature counts, more when it is rare. `weights` holds a row a feature, and in it a
    number a class; features past its end have no row: they decided nothing.
    """

    def __init__(
        self, classes: Sequence[str], features: Sequence[str], sizes: "array[float]", weights: "array[float]"
    ) -> None:
        if len(sizes) != len(features) or len(weights) > len(features) * len(classes):
            raise ValueError("the features, their sizes and their weights do not belong together")
        self.classes = tuple(classes)
        self.features = tuple(features)
        self.sizes = sizes
        self.weights = weights
        self.known: Mapping[str, int] = {feature: place for place, feature in enumerate(features)}

    def scores(self, features: Iterable[str]) -> dict[str, float]:
        """Each class's score; about 1 apart is a clear difference."""
        sums = [0.0] * len(self.classes)
        for _, size, row in self._parts(features):
            sums = [total + size * weight for total, weight in zip(sums, row, strict=True)]
        return dict(zip(self.classes, sums, strict=True))

    def reasons(self, features: Iterable[str], label: str) -> list[tuple[str, float]]:
        """What each feature added to the class's score, the strongest first."""
        place = self.classes.index(label)
        parts = [(feature, size * row[place]) for feature, size, row in self._parts(features)]
        return sorted((part for part in parts if part[1] > 0), key=lambda part: (-part[1], part[0]))

    def _parts(self, features: Iterable[str]) -> Iterable[tuple[str, float, "array[float]"]]:
        """Each known feature with its size in a message scaled to length one, and its row of weights."""
        strangers = sum(1 for feature in features if feature not in self.known and feature.isalpha())
        named = [*(f for f in features if f in self.known), *_rare(strangers)]
        places = sorted(self.known[feature] for feature in named if feature in self.known)
        length = _length(self.sizes[place] for place in places)
        width = len(self.classes)
        for place in places:
            row = self.weights[place * width : (place + 1) * width]
            if row:
                yield self.features[place], self.sizes[place] / length, row


def learn(examples: Iterable[Example], passes: int = PASSES) -> Classifier:
    """The classifier that these examples teach. They are read once and kept as numbers only."""
    lessons = _Lessons(examples)
    weights = _Averaged(len(lessons.classes))
    turns = [turn * _STRIDE % len(lessons) for turn in range(len(lessons))]
    for number in range(passes):
        step = 1 / (1 + number / 2)
        corrected = [turn for turn in turns if weights.correct(*lessons.at(turn), step)]
        if number >= WHOLE_PASSES - 1:
            turns = corrected
    return lessons.taught(weights.average())


class _Lessons:
    """Examples as rows of numbers, each number a feature's place.

    Words that only one example has are shown as rare ones. So it is learned what strangers tell: that a
    message is hardly about what this pack knows.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        places: dict[str, int] = {}
        rows, labels = [], []
        for example in examples:
            numbers = (places.setdefault(feature, len(places)) for feature in sorted(example.features))
            rows.append(array("i", numbers))
            labels.append(example.label)
        seen = Counter(chain.from_iterable(rows))
        lone = {place for feature, place in places.items() if seen[place] == 1 and feature.isalpha()}
        rare = {name: places.setdefault(name, len(places)) for name in (RARE, RARES)}
        self._rows = [_shown(row, lone, rare) for row in rows]
        self.classes = sorted(set(labels))
        self._labels = [self.classes.index(label) for label in labels]
        counts = Counter(chain.from_iterable(self._rows))
        self._features = {place: feature for feature, place in places.items() if place in counts}
        self._sizes = {
            place: math.log(1 + len(rows) / counts[place]) * (PAIRED if "+" in feature else 1.0)
            for place, feature in self._features.items()
        }

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, turn: int) -> tuple[list[tuple[int, float]], int]:
        """One example: its features' places with their sizes, scaled to length one, and its class's place."""
        row = self._rows[turn]
        length = _length(self._sizes[place] for place in row)
        return [(place, self._sizes[place] / length) for place in row], self._labels[turn]

    def taught(self, weights: Mapping[int, Mapping[int, float]]) -> Classifier:
        """The classifier with these weights, by feature and class."""
        order = [*weights, *(place for place in self._features if place not in weights)]
        classes = range(len(self.classes))
        return Classifier(
            self.classes,
            [self._features[place] for place in order],
            array("f", (self._sizes[place] for place in order)),
            array("f", (row.get(place, 0.0) for row in weights.values() for place in classes)),
        )


class _Averaged:
    """Weights, and beside them a sum that yields their average over all steps without adding at each one."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._now: dict[int, dict[int, float]] = {}
        self._late: dict[int, dict[int, float]] = {}  # each change times the step at which it came
        self._steps = 1

    def correct(self, vector: Sequence[tuple[int, float]], own: int, step: float) -> bool:
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

    def _change(self, feature: int, place: int, by: float) -> None:
        now = self._now.setdefault(feature, {})
        late = self._late.setdefault(feature, {})
        now[place] = now.get(place, 0.0) + by
        late[place] = late.get(place, 0.0) + by * self._steps

    def average(self) -> dict[int, dict[int, float]]:
        return {
            feature: {place: w - self._late[feature][place] / self._steps for place, w in places.items()}
            for feature, places in self._now.items()
        }


def _shown(row: "array[int]", lone: Container[int], rare: Mapping[str, int]) -> "array[int]":
    """The example with its lone words shown as rare ones."""
    kept = [place for place in row if place not in lone]
    return array("i", [*kept, *(rare[name] for name in _rare(len(row) - len(kept)))])


def _rare(strangers: int) -> tuple[str, ...]:
    """The features that stand for so many unknown words."""
    return (RARE, RARES)[:strangers]


def _length(sizes: Iterable[float]) -> float:
    return math.sqrt(sum(size * size for size in sizes)) or 1.0
