"""A linear classifier that learns from examples in a few seconds: edited words count at the next load.

Softmax regression: every feature carries a weight for each class. Going through the examples, each weight
moves by how far the class's probability is from what it should have been, in steps that shorten from pass to
pass. No dice: the order is a fixed stride, and learning again on one machine gives the same.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

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
FeaturePlaces = NDArray[np.integer[Any]]
Checksums = NDArray[np.uint32]  # of names: a fifteenth of the memory, and a mix-up in a hundred thousand


@dataclass(frozen=True, slots=True)
class Example:
    """The features of one wording, and the class it belongs to."""

    features: frozenset[str]
    label: str


class Classifier:
    """Scores classes for a set of features. A word that was never seen counts as a rare one.

    `known` holds the checksums of the features, in order, and `sizes` what each counts, more when it is rare.
    `weights` holds a row for each feature and a last one for what every message has: a number a class.
    """

    def __init__(self, classes: Sequence[str], known: Checksums, sizes: Floats, weights: Floats) -> None:
        if len(known) != len(sizes) or weights.shape != (len(known) + 1, len(classes)):
            raise ValueError("the features, their sizes and their weights do not belong together")
        self.classes = tuple(classes)
        self.known = known
        self.sizes = sizes
        self.weights = weights
        self._rare = self._places([RARE, RARES])

    def scores(self, features: Iterable[str]) -> dict[str, float]:
        """Each class's score; the difference of two is the logarithm of their odds."""
        names = list(features)
        places = self._places(names)
        strangers = [at for at in np.flatnonzero(places < 0).tolist() if names[at].isalpha()]
        shown = np.concatenate([places[places >= 0], self._rare[: len(strangers)]])
        row, sizes = _scaled(np.sort(shown), self.sizes)
        return dict(zip(self.classes, (sizes @ self.weights[row]).tolist(), strict=True))

    def reasons(self, features: Iterable[str], label: str) -> list[str]:
        """The features that spoke for the class, the strongest first; letters are not named."""
        names = sorted(feature for feature in features if not feature.startswith(LETTERS))
        places = self._places(names)
        own = self.sizes[places] * self.weights[:-1, self.classes.index(label)][places]
        added = np.where(places < 0, 0, own)
        ranked = sorted(zip((-added).tolist(), names, strict=True))
        return [name for part, name in ranked if part < 0]

    def knows(self, words: Iterable[str]) -> bool:
        """Whether any of the words was seen in more than one example."""
        return bool((self._places(list(words)) >= 0).any())

    def _places(self, names: Sequence[str]) -> FeaturePlaces:
        """Where each feature stands; -1 where it was never seen."""
        wanted = _checksums(names)
        places = np.minimum(np.searchsorted(self.known, wanted), len(self.known) - 1)
        return np.where(self.known[places] == wanted, places, -1)


def learn(examples: Iterable[Example]) -> Classifier:
    """The classifier that these examples teach. They are read once and kept as numbers only."""
    lessons = _Lessons(examples)
    weights = np.zeros((len(lessons.known) + 1, len(lessons.classes)), np.float32)
    count = len(lessons.rows)
    scaled = [_scaled(row, lessons.sizes) for row in lessons.rows]
    for number in range(PASSES):
        step = np.float32(STEP / (1 + number / 2))
        for turn in range(count):
            at = turn * _STRIDE % count
            places, sizes = scaled[at]
            wrong = _softmax(sizes @ weights[places])
            wrong[lessons.labels[at]] -= 1
            weights[places] -= np.outer(sizes * step, wrong)
    return Classifier(lessons.classes, lessons.known, lessons.sizes, weights)


class _Lessons:
    """Examples as places of features. What only one example has is left out, and words so are shown as rare.

    So it is learned what strangers tell: that a message is hardly about what this pack knows.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        rows, shares, words, labels = [], [], [], []
        for example in examples:
            names = sorted(example.features, key=_not_a_word)
            rows.append(_checksums(names))
            shares.append(np.array([_share(name) for name in names], np.float16))
            words.append(sum(map(str.isalpha, names)))
            labels.append(example.label)
        self.classes = sorted(set(labels))
        self.labels = [self.classes.index(label) for label in labels]
        rare = _checksums([RARE, RARES])
        everything = np.concatenate(rows)
        everything.sort()
        self.known = np.union1d(everything[1:][everything[1:] == everything[:-1]], rare)
        share = np.ones(len(self.known), np.float32)
        self.rows: list[FeaturePlaces] = []
        for row, own, among in zip(rows, shares, words, strict=True):
            places = np.searchsorted(self.known, row).clip(max=len(self.known) - 1)
            kept = self.known[places] == row
            share[places[kept]] = own[kept]
            strangers = np.count_nonzero(~kept[:among])
            extra = np.searchsorted(self.known, rare[:strangers])
            self.rows.append(np.sort(np.concatenate([places[kept], extra])).astype(np.int32))
        often = np.bincount(np.concatenate(self.rows), minlength=len(self.known))
        self.sizes = (np.log1p(len(rows) / np.maximum(often, 1)) * share).astype(np.float32)


def _checksums(names: Sequence[str]) -> Checksums:
    return np.array([crc32(name.encode()) for name in names], np.uint32)


def _not_a_word(feature: str) -> tuple[bool, str]:
    return not feature.isalpha(), feature


def _scaled(places: FeaturePlaces, sizes: Floats) -> tuple[FeaturePlaces, Floats]:
    """A message's features with their sizes scaled to length one, and what every message has."""
    own = sizes[places]
    length = np.float32(math.sqrt(float(own @ own)) or 1.0)
    return np.append(places, len(sizes)), np.append(own / length, np.float32(BIAS))


def _share(feature: str) -> float:
    """What a feature counts beside a word that is as rare."""
    if feature.startswith(LETTERS):
        return LETTERED
    return PAIRED if "+" in feature else 1.0


def _softmax(scores: Floats) -> Floats:
    likely: Floats = np.exp(scores - scores.max())
    likely /= likely.sum()
    return likely
