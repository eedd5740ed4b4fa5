"""What a message is to the learned nets: its features, each by a checksum of its name."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tgbot.finder.normalising import LONGEST_WORD

PAIRED = 0.6  # what a pair of ideas (a+b) counts beside the ideas themselves
LETTERED = 0.4  # the same for a few letters of a word

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

    def unnamed(self) -> "Features":
        """The same without names, which take most of the memory."""
        return Features((), self.words, self.plain, self.pairs, self.checksums)


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


def of_checksums(words: Collection[int], others: Collection[int]) -> Features:
    """The features of a part of a message, without names."""
    return Features((), len(words), len(words), 0, _array((*words, *others)))


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
