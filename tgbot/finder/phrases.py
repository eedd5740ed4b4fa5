"""Named ideas found in running words: "sob", "short of breath" and "cant get air" are one idea."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from tgbot.finder.normalising import Stem

EXACT = "="  # before a word of a phrase: this very form (=legs is not leg)


class Occurrence(NamedTuple):
    """`name` was found in words `start` up to, not including, `end`."""

    start: int
    end: int
    name: str


PhraseKey = tuple[str, ...]


class Phrases:
    """An index of phrases by their first two words; finding is a few dictionary reads a word.

    `words` splits a phrase as a message is split, so that both write the same word the same way.
    """

    def __init__(
        self, ideas: Mapping[str, Iterable[str]], words: Callable[[str], Sequence[str]], stem: Stem
    ) -> None:
        self._stem = stem
        self._single: dict[str, list[str]] = {}
        self._pairs: dict[PhraseKey, list[tuple[PhraseKey, str]]] = {}
        self._exact: dict[str, list[tuple[PhraseKey, str]]] = {}
        self.words: set[str] = set()
        for name, phrases in ideas.items():
            for key in dict.fromkeys(tuple(self._keys(phrase, words)) for phrase in phrases):
                self._add(key, name)

    def _keys(self, phrase: str, words: Callable[[str], Sequence[str]]) -> Iterable[str]:
        for part in phrase.split():
            for word in words(part):
                self.words.add(word)
                yield EXACT + word if part.startswith(EXACT) else self._stem(word)

    def _add(self, key: PhraseKey, name: str) -> None:
        if any(part.startswith(EXACT) for part in key):
            self._exact.setdefault(key[0].removeprefix(EXACT), []).append((key, name))
        elif len(key) == 1:
            self._single.setdefault(key[0], []).append(name)
        else:
            self._pairs.setdefault(key[:2], []).append((key, name))

    def find(self, words: Sequence[str], stems: Sequence[str]) -> list[Occurrence]:
        """Every idea in the words, in order of its first word; ideas may lie over each other."""
        found = []
        for start, pair in enumerate(zip(stems, (*stems[1:], "")[: len(stems)], strict=True)):
            for name in self._single.get(pair[0], ()):
                found.append(Occurrence(start, start + 1, name))
            for key, name in self._pairs.get(pair, ()):
                if len(key) == 2 or tuple(stems[start : start + len(key)]) == key:
                    found.append(Occurrence(start, start + len(key), name))
            word, stemmed = words[start], pair[0]
            for first in (word,) if word == stemmed else (word, stemmed):
                for key, name in self._exact.get(first, ()):
                    if _fits(key, words, stems, start):
                        found.append(Occurrence(start, start + len(key), name))
        return found


def _fits(key: PhraseKey, words: Sequence[str], stems: Sequence[str], start: int) -> bool:
    """Whether a phrase with exact words stands at `start`."""
    if start + len(key) > len(words):
        return False
    return all(part in (stems[at], EXACT + words[at]) for at, part in enumerate(key, start))
