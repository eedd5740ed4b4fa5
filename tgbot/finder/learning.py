"""A linear classifier that learns from examples in a few seconds: edited words count at the next load.

Softmax regression: every feature carries a weight for each class. Going through the examples, each weight
moves by how far the class's probability is from what it should have been, in steps that shorten to nothing;
what is known well sits out the next pass. Each pass takes the examples in another order, which no line more
or less changes: a new line moves what it teaches, and not by its place in a file.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tgbot.finder.features import Checksums, Features, FeatureTable, checksum

PASSES, MORE_PASSES = 5, 8  # through many examples, and through few
KNOWN_WELL = (
    0.02  # so little is missing from certainty: nothing to learn, and none looked at in the next pass
)
STEP = 2.0  # the first; twice as long ones leave more to the order, half as long ones to the commonest words
BIAS = 0.5  # the size of what every message has: how common a class is
RARE, RARES = "#rare", "#rares"
_SPREADS = 2654435769  # 2³² over the golden ratio: its odd multiples shuffle numbers of 32 bits

Floats = NDArray[np.float32]
Weights = NDArray[np.float16]  # half the memory, and no finding but what was on the edge becomes another
FeaturePlaces = NDArray[np.integer[Any]]
_BIASES = np.array([BIAS], np.float32)


@dataclass(frozen=True, slots=True)
class Example:
    """The features of one wording, and the class it belongs to."""

    features: Features
    label: str


class Classifier:
    """Scores classes for a message's features. A word that was never seen counts as a rare one.

    `known` holds the checksums of the features, in order, and `sizes` what each counts, more when it is rare.
    `weights` holds a row for each feature and a last one for what every message has: a number a class.
    """

    def __init__(self, classes: Sequence[str], known: Checksums, sizes: Floats, weights: Weights) -> None:
        if len(known) != len(sizes) or weights.shape != (len(known) + 1, len(classes)):
            raise ValueError("the features, their sizes and their weights do not belong together")
        self.classes = tuple(classes)
        self.known = known
        self.sizes = sizes
        self.weights = weights
        self._rare = self._places(_checksums([RARE, RARES]))

    def look(self, features: Features) -> "Evidence":
        """The message as this classifier knows it."""
        return Evidence(self, features, self._places(features.checksums))

    def scores(self, features: Features) -> dict[str, float]:
        """Each class's score; the difference of two is the logarithm of their odds."""
        return self.look(features).scores()

    def best_leads(self, parts: FeatureTable) -> dict[str, float]:
        """By how much each class leads over the class "" in the part of a message where it leads most."""
        places = self._places(parts.checksums)
        seen = places >= 0
        strangers = np.count_nonzero(parts.held[:, : parts.words] & ~seen[: parts.words], axis=1)
        rare = strangers[:, None] > np.arange(len(self._rare))
        places = np.concatenate([places[seen], self._rare])
        shares = np.concatenate([parts.held[:, seen], rare], axis=1) * self.sizes[places]
        lengths = np.sqrt(np.einsum("pf,pf->p", shares, shares))
        shares /= np.where(lengths, lengths, 1)[:, None]
        scores = shares @ self.weights[places].astype(np.float32) + BIAS * self.weights[-1]
        leads = (scores - scores[:, [self.classes.index("")]]).max(axis=0)
        return {name: lead for name, lead in zip(self.classes, leads.tolist(), strict=True) if name}

    def _places(self, wanted: Checksums) -> FeaturePlaces:
        """Where each feature stands; -1 where it was never seen."""
        places = np.minimum(self.known.searchsorted(wanted), len(self.known) - 1)
        places[self.known[places] != wanted] = -1
        return places

    def score(self, places: FeaturePlaces, strangers: int) -> Floats:
        """Each class's score for features at these places, and so many words that were never seen."""
        shown = np.concatenate([places[places >= 0], self._rare[:strangers]])
        sizes = self.sizes[shown]
        length = math.sqrt(float(sizes @ sizes)) or 1.0
        own = self.weights[shown].astype(np.float32)
        scores: Floats = (sizes / np.float32(length)) @ own + BIAS * self.weights[-1]
        return scores


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message's features, and where `classifier` has them; -1 is what it never saw."""

    classifier: Classifier
    features: Features
    places: FeaturePlaces

    def scores(self) -> dict[str, float]:
        """Each class's score; the difference of two is the logarithm of their odds."""
        return dict(zip(self.classifier.classes, self.numbers().tolist(), strict=True))

    def numbers(self) -> Floats:
        """The scores in the order of the classes."""
        words = self.places[: self.features.words]
        return self.classifier.score(self.places, int(np.count_nonzero(words < 0)))

    def reasons(self, label: str, most: int) -> list[str]:
        """The features that spoke for the class, the strongest first; letters are not named."""
        net, names = self.classifier, self.features.names
        places = self.places[: len(names)]
        own = net.sizes[places] * net.weights[places, net.classes.index(label)]
        own[places < 0] = 0
        ranked = sorted((-own[at], names[at]) for at in np.flatnonzero(own > 0).tolist())
        return [name for _, name in ranked[:most]]

    def strongest_word(self, label: str, other: str) -> float:
        """By how much the word that speaks most for the class `label` does so over the class `other`.

        The length of the message takes nothing from it; 0 when no word was ever seen.
        """
        net = self.classifier
        places = self.places[: self.features.words]
        seen = places[places >= 0]
        weights = net.weights[seen].astype(np.float32)
        leads = weights[:, net.classes.index(label)] - weights[:, net.classes.index(other)]
        return float((leads * net.sizes[seen]).max(initial=0.0))

    def knows_a_word(self) -> bool:
        """Whether any word of some letters was seen in more than one example."""
        known = np.flatnonzero(self.places[: self.features.words] >= 0).tolist()
        return any(len(self.features.names[at]) > 1 for at in known)


def learn(examples: Iterable[Example], thorough: bool = False, rarity: float = 1.0) -> Classifier:
    """The classifier that these examples teach. They are read once and kept as numbers only.

    What is `thorough` makes more passes, and nothing sits one out. The higher `rarity` is, the more does a
    rare feature count beside a common one.
    """
    passes, known_well = (MORE_PASSES, 0.0) if thorough else (PASSES, KNOWN_WELL)
    lessons = _Lessons(examples, rarity)
    weights = np.zeros((len(lessons.known) + 1, len(lessons.classes)), np.float32)
    count = len(lessons.rows)
    scaled = [_scaled(row, lessons.sizes) for row in lessons.rows]
    rests = np.zeros(count, np.bool_)
    for number in range(passes):
        steps = np.linspace(1 - number / passes, 1 - (number + 1) / passes, count, dtype=np.float32) * STEP
        for step, at in zip(steps, lessons.order(number), strict=True):
            if rests[at]:
                rests[at] = False
                continue
            places, sizes = scaled[at]
            own = weights[places]
            wrong = _softmax(sizes @ own)
            wrong[lessons.labels[at]] -= 1
            if wrong[lessons.labels[at]] > -known_well:
                rests[at] = True
                continue
            own -= np.outer(sizes * step, wrong)
            weights[places] = own
    return Classifier(lessons.classes, lessons.known, lessons.sizes, weights.astype(np.float16))


class _Lessons:
    """Examples as places of features. What only one example has is left out, and words so are shown as rare.

    So it is learned what strangers tell: that a message is hardly about what this pack knows.
    """

    def __init__(self, examples: Iterable[Example], rarity: float = 1.0) -> None:
        rows, shares, words, labels, digests = [], [], [], [], []
        for example in examples:
            rows.append(example.features.checksums)
            shares.append(np.array(example.features.shares(), np.float16))
            words.append(example.features.words)
            labels.append(example.label)
            digests.append(crc32(example.label.encode(), crc32(np.sort(rows[-1]).tobytes())))
        self.classes = sorted(set(labels))
        self.labels = [self.classes.index(label) for label in labels]
        self._digests = np.array(digests, np.uint32)
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
        self.sizes = ((np.log1p(len(rows) / np.maximum(often, 1)) * share) ** rarity).astype(np.float32)

    def order(self, number: int) -> list[int]:
        """The places of the examples as pass `number` takes them."""
        shuffled = self._digests * np.uint32(_SPREADS * (2 * number + 1) % 2**32)
        return [int(at) for at in np.argsort(shuffled, kind="stable")]


def _checksums(names: Sequence[str]) -> Checksums:
    return np.array([checksum(name) for name in names], np.uint32)


def _scaled(places: FeaturePlaces, sizes: Floats) -> tuple[FeaturePlaces, Floats]:
    """A message's features with their sizes scaled to length one, and what every message has."""
    own = sizes[places]
    length = np.float32(math.sqrt(float(own @ own)) or 1.0)
    own /= length
    return np.append(places, len(sizes)), np.concatenate([own, _BIASES])


def _softmax(scores: Floats) -> Floats:
    likely: Floats = np.exp(scores - scores.max())
    likely /= likely.sum()
    return likely
