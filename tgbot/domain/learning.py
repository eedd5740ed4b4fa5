"""A linear classifier that learns from examples in a few seconds: edited words count at the next load.

Softmax regression: every feature carries a weight for each class. Going through the examples, each weight
moves by how far the class's probability is from what it should have been, in steps that shorten from pass to
pass. No dice: the order is a fixed stride, and learning again on one machine gives the same.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PASSES = 8
STEP = 4.0  # of the first pass; the second's is two thirds of it, the third's a half
PAIRED = 0.6  # what a pair of ideas (a+b) counts beside the ideas themselves
LETTERED = 0.5  # the same for a few letters of a word
BIAS = 0.5  # the size of what every message has: how common a class is
LETTERS = "~"  # before the letters
RARE, RARES = "#rare", "#rares"
_STRIDE = 7919  # a prime, so that neighbours in a file are not neighbours in learning

Floats = NDArray[np.float32]
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Example:
    """The features of one wording, and the class it belongs to."""

    features: frozenset[str]
    label: str


class Classifier:
    """Scores classes for a set of features. A word that was never seen counts as a rare one.

    `sizes` holds what each feature counts, more when it is rare. `weights` holds a row for each feature, and
    a last one for what every message has; in each row there is a number a class.
    """

    def __init__(
        self, classes: Sequence[str], features: Sequence[str], sizes: Floats, weights: Floats
    ) -> None:
        if len(sizes) != len(features) or weights.shape != (len(features) + 1, len(classes)):
            raise ValueError("the features, their sizes and their weights do not belong together")
        self.classes = tuple(classes)
        self.features = tuple(features)
        self.sizes = sizes
        self.weights = weights
        self.known = {feature: place for place, feature in enumerate(features)}

    def scores(self, features: Iterable[str]) -> dict[str, float]:
        """Each class's score; the difference of two is the logarithm of their odds."""
        places, sizes = self._vector(features)
        return dict(zip(self.classes, (sizes @ self.weights[places]).tolist(), strict=True))

    def reasons(self, features: Iterable[str], label: str) -> list[tuple[str, float]]:
        """What each feature added to the class's score, the strongest first; letters are not named."""
        places, sizes = self._vector(features)
        added = sizes * self.weights[places, self.classes.index(label)]
        parts = [
            (self.features[place], part) for place, part in zip(places[:-1], added.tolist(), strict=False)
        ]
        named = [(name, part) for name, part in parts if part > 0 and not name.startswith(LETTERS)]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))

    def _vector(self, features: Iterable[str]) -> tuple[Places, Floats]:
        """The places of the known features, in order, and their sizes."""
        found = {feature: self.known.get(feature) for feature in features}
        strangers = sum(1 for feature, place in found.items() if place is None and feature.isalpha())
        places = [place for place in found.values() if place is not None]
        places += [self.known[name] for name in (RARE, RARES)[:strangers]]
        return _scaled(np.array(sorted(places), np.int32), self.sizes)


def learn(examples: Iterable[Example]) -> Classifier:
    """The classifier that these examples teach. They are read once and kept as numbers only."""
    rows, labels, features = _numbered(examples)
    classes = sorted(set(labels))
    own = [classes.index(label) for label in labels]
    counts = np.bincount(np.concatenate(rows), minlength=len(features))
    sizes = np.log1p(len(rows) / np.maximum(counts, 1)).astype(np.float32)
    sizes *= np.array([_share(feature) for feature in features], np.float32)
    weights = np.zeros((len(features) + 1, len(classes)), np.float32)
    for number in range(PASSES):
        step = np.float32(STEP / (1 + number / 2))
        for turn in range(len(rows)):
            at = turn * _STRIDE % len(rows)
            places, vector = _scaled(rows[at], sizes)
            wrong = _softmax(vector @ weights[places])
            wrong[own[at]] -= 1
            weights[places] -= np.outer(vector * step, wrong)
    return Classifier(classes, features, sizes, weights)


def _numbered(examples: Iterable[Example]) -> tuple[list[Places], list[str], list[str]]:
    """The examples as places of features, their labels, and the features, those of one example left out.

    Words that only one example has are shown as rare ones. So it is learned what strangers tell: that a
    message is hardly about what this pack knows.
    """
    numbers: dict[str, int] = {}
    rows, labels = [], []
    for example in examples:
        ids = [numbers.setdefault(feature, len(numbers)) for feature in sorted(example.features)]
        rows.append(np.array(ids, np.int32))
        labels.append(example.label)
    lone = np.bincount(np.concatenate(rows)) == 1
    words = np.array([feature.isalpha() for feature in numbers])
    features = [feature for feature, alone in zip(numbers, lone, strict=True) if not alone]
    places = np.cumsum(~lone, dtype=np.int32) - 1
    rare = np.arange(len(features), len(features) + 2, dtype=np.int32)
    shown = [
        np.concatenate([places[row[~lone[row]]], rare[: np.count_nonzero(lone[row] & words[row])]])
        for row in rows
    ]
    return shown, labels, [*features, RARE, RARES]


def _scaled(places: Places, sizes: Floats) -> tuple[Places, Floats]:
    """A message's features with their sizes scaled to length one, and what every message has."""
    own = sizes[places]
    length = np.float32(math.sqrt(float(own @ own)) or 1.0)
    return np.append(places, np.int32(len(sizes))), np.append(own / length, np.float32(BIAS))


def _share(feature: str) -> float:
    """What a feature counts beside a word that is as rare."""
    if feature.startswith(LETTERS):
        return LETTERED
    return PAIRED if "+" in feature else 1.0


def _softmax(scores: Floats) -> Floats:
    likely: Floats = np.exp(scores - scores.max())
    likely /= likely.sum()
    return likely
