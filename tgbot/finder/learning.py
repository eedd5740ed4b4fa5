"""What a message is to the learned nets, its features by their checksums, and a linear classifier that learns
from examples: edited words count at the next load.

Softmax regression: every feature carries a weight for each class. Going through the examples, each weight
moves by how far the class's probability is from what it should have been, in steps that shorten to nothing;
what is known well sits out the next pass. Each pass takes the examples in another order, which no line more
or less changes: a new line moves what it teaches, and not by its place in a file.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tgbot.finder.normalising import LONGEST_WORD

PAIRED = 0.6  # what a pair of ideas (a+b) counts beside the ideas themselves
LETTERED = 0.4  # the same for a few letters of a word

Integers = NDArray[np.int64]
Checksums = NDArray[np.uint32]  # of names: a fifteenth of the memory, and a mix-up in a hundred thousand

PASSES, MORE_PASSES = 5, 8  # through the examples; more when it is to be thorough
KNOWN_WELL = 0.02  # missing from certainty: nothing to learn, and not looked at in the next pass
STEP = 2.0  # the first; twice as long ones leave more to the order, half as long ones to the commonest words
BIAS = 0.5  # the size of what every message has: how common a class is
RARE, RARES = "#rare", "#rares"
_SPREADS = 2654435769  # 2³² over the golden ratio: its odd multiples shuffle numbers of 32 bits

Floats = NDArray[np.float32]
Weights = NDArray[np.float16]  # half the memory, and no finding but what was on the edge becomes another
FeaturePlaces = NDArray[np.integer[Any]]
_BIASES = np.array([BIAS], np.float32)


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one message, each once: words, then others that count as much, `plain` with the words;
    then so many `pairs` of ideas, and letters.

    `checksums` runs in step with `names` as far as those go: letters have none.
    """

    names: tuple[str, ...]
    words: int
    plain: int
    pairs: int
    checksums: Checksums

    def shares(self) -> list[float]:
        """What each counts beside a word that is as rare."""
        letters = len(self.checksums) - self.plain - self.pairs
        return [1.0] * self.plain + [PAIRED] * self.pairs + [LETTERED] * letters

    def unnamed(self) -> "Features":
        """The same without names, which take most of the memory."""
        return Features((), self.words, self.plain, self.pairs, self.checksums)


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """The features of some parts of a message: `held` says which part (a row) has which (a column).

    The first `words` of `checksums` are words.
    """

    checksums: Checksums
    words: int
    held: NDArray[np.bool_]


class PlacedFeatures(NamedTuple):
    """Features by checksum, and the words each stands on: from a start up to, not including, an end."""

    checksums: Integers
    starts: Integers
    ends: Integers

    @classmethod
    def of(cls, found: Iterable[tuple[int, int, int]]) -> "PlacedFeatures":
        """Of checksum, start and end, one feature after the other."""
        return cls(*np.fromiter(chain.from_iterable(found), np.int64).reshape(-1, 3).T)

    def beside(self, other: "PlacedFeatures") -> "PlacedFeatures":
        """These and those of `other`."""
        return PlacedFeatures(*map(np.concatenate, zip(self, other, strict=True)))


def placed_letters(words: Sequence[str]) -> PlacedFeatures:
    """The letters of each word, where it stands."""
    letters = [letter_checksums(word) for word in words]
    starts = np.repeat(np.arange(len(words)), [*map(len, letters)])
    return PlacedFeatures(np.fromiter(chain.from_iterable(letters), np.int64), starts, starts + 1)


def features(
    words: Iterable[str],
    others: Iterable[str] = (),
    pairs: Iterable[str] = (),
    letters_of: Iterable[str] = (),
) -> Features:
    """The features of a message that has these words as they are compared, these other features, these pairs
    of ideas, and the letters of these words."""
    bare, paired = dict.fromkeys(words), tuple(pairs)
    plain = (*bare, *dict.fromkeys(others))
    letters: set[int] = set()
    letters.update(*map(letter_checksums, letters_of))
    named = plain + paired
    checksums = _array((*map(checksum, named), *letters))
    return Features(named, len(bare), len(plain), len(paired), checksums)


def features_of_parts(
    parts: Sequence[tuple[int, int]],
    words: PlacedFeatures,
    others: PlacedFeatures,
    own: Sequence[tuple[int, int]],
) -> FeatureTable:
    """The features of the parts of a message, each from a word up to, not including, another.

    A feature is of every part that holds its words from the first to the last. `own` are further ones: a
    part's number and a checksum.
    """
    firsts, ends = np.array(parts).T
    known, held = _table(*_within(words, firsts, ends), len(parts))
    numbers, further = np.array(own, np.int64).reshape(-1, 2).T
    checksums, rows = _within(others, firsts, ends)
    rest, rest_held = _table(
        np.concatenate([checksums, further]), np.concatenate([rows, numbers]), len(parts)
    )
    return FeatureTable(
        np.concatenate([known, rest]).astype(np.uint32), len(known), np.concatenate([held, rest_held], axis=1)
    )


def _within(found: PlacedFeatures, firsts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Each feature once for every part that holds it, and the number of that part. Both of these grow from
    part to part, and so those that hold it follow each other."""
    lowest = np.searchsorted(ends, found.ends)
    count = np.maximum(np.searchsorted(firsts, found.starts, side="right") - lowest, 0)
    following = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(found.checksums, count), np.repeat(lowest, count) + following


def _table(checksums: Integers, rows: Integers, count: int) -> tuple[Integers, NDArray[np.bool_]]:
    """The different checksums, and which of `count` rows has which."""
    different, columns = np.unique(checksums, return_inverse=True)
    held = np.zeros((count, len(different)), np.bool_)
    held[rows, columns] = True
    return different, held


def with_ideas(found: Features, ideas: Iterable[str]) -> Features:
    """The features with further ones that are no words and count as much."""
    added = tuple(ideas)
    names = (*found.names[: found.plain], *added, *found.names[found.plain :]) if found.names else ()
    at = found.plain
    parts = [found.checksums[:at], _array(tuple(map(checksum, added))), found.checksums[at:]]
    return Features(names, found.words, at + len(added), found.pairs, np.concatenate(parts))


def pairs(ideas: Sequence[str]) -> Iterable[str]:
    """The names of two ideas that stand in one message; `ideas` are in order."""
    return (f"#{a}+{b}" for a, b in combinations(ideas, 2))


def checksum(name: str) -> int:
    return crc32(name.encode())


def _array(checksums: tuple[int, ...]) -> Checksums:
    return np.array(checksums, np.uint32)


@lru_cache(maxsize=4_000)
def letter_checksums(word: str) -> tuple[int, ...]:
    """Checksums of every three and every four letters of a word in a row, its ends counting as letters."""
    ended = f"^{word[:LONGEST_WORD]}$"
    runs = (ended[at : at + size] for size in (3, 4) for at in range(len(ended) - size + 1))
    return tuple(checksum("~" + run) for run in runs)


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
        self._always = BIAS * weights[-1].astype(np.float32)  # what every message has
        self._rare = self._places(_checksums([RARE, RARES]))

    def look(self, features: Features) -> "Evidence":
        """The message as this classifier knows it."""
        return Evidence(self, features, self._places(features.checksums))

    def scores(self, features: Features) -> dict[str, float]:
        """Each class's score; the difference of two is the logarithm of their odds."""
        return self.look(features).scores()

    def leads(self, features: Features) -> dict[str, float]:
        """By how much each class leads over the class ""."""
        return self._leads(self.look(features).numbers()[None])

    def best_leads(self, parts: FeatureTable) -> dict[str, float]:
        """The same for the part of a message where a class leads most."""
        places = self._places(parts.checksums)
        seen = places >= 0
        strangers = (parts.held[:, : parts.words] & ~seen[: parts.words]).sum(axis=1)
        rare = strangers[:, None] > np.arange(len(self._rare))
        places = np.concatenate([places[seen], self._rare])
        shares = np.concatenate([parts.held[:, seen], rare], axis=1) * self.sizes[places]
        lengths = np.sqrt(np.einsum("pf,pf->p", shares, shares))
        shares /= np.where(lengths, lengths, 1)[:, None]
        return self._leads(shares @ self.weights[places].astype(np.float32) + self._always)

    def _leads(self, scores: Floats) -> dict[str, float]:
        """The highest of each column over that of the class ""."""
        leads = (scores - scores[:, [self.classes.index("")]]).max(axis=0).tolist()
        return {name: lead for name, lead in zip(self.classes, leads, strict=True) if name}

    def _places(self, wanted: Checksums) -> FeaturePlaces:
        """Where each feature stands; -1 where it was never seen."""
        places = self.known.searchsorted(wanted)
        places[self.known.take(places, mode="clip") != wanted] = -1
        return places

    def score(self, places: FeaturePlaces, strangers: int) -> Floats:
        """Each class's score for features at these places, and so many words that were never seen."""
        shown = np.concatenate([places[places >= 0], self._rare[:strangers]])
        sizes = self.sizes.take(shown)
        length = math.sqrt(float(sizes @ sizes)) or 1.0
        own = self.weights.take(shown, axis=0).astype(np.float32)
        scores: Floats = sizes @ own / np.float32(length) + self._always
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
