"""What a message is to the learned nets: its features, each by a checksum of its name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tgbot.finder.normalising import LONGEST_WORD

PAIRED = 0.6  # what a pair of ideas (a+b) counts beside the ideas themselves
LETTERED = 0.4  # the same for a few letters of a word

Integers = NDArray[np.int64]
Checksums = NDArray[np.uint32]  # of names: a fifteenth of the memory, and a mix-up in a hundred thousand


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one message, each once: words, then others that count as much, `plain` with the words;
    then so many `pairs` of ideas, and letters.

    `checksums` runs in step with `names` as far as those go: letters, and parts of a message, have none.
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

    def as_table(self) -> "FeatureTable":
        """The whole message as its only part."""
        return FeatureTable(self.checksums, self.words, np.ones((1, len(self.checksums)), np.bool_))

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
