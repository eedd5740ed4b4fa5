"""Named ideas found in running words: "sob", "short of breath" and "cant get air" are one idea."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from tgbot.finder.normalising import Stem

MOST_WORDS = 8_192  # of which it is remembered what they may begin
EXACT = "="  # before a word of a phrase: this very form (=legs is not leg)


class Occurrence(NamedTuple):
    """`name` was found in words `start` up to, not including, `end`."""

    start: int
    end: int
    name: str


PhraseKey = tuple[str, ...]


@dataclass(slots=True)
class _Beginning:
    """What may begin with one word: ideas of that word alone, phrases by their second word, and phrases of
    which some words must stand in their very form."""

    single: tuple[str, ...] = ()
    pairs: dict[str, list[tuple[PhraseKey, str]]] | None = None
    exact: tuple[tuple[PhraseKey, str], ...] = ()


class Phrases:
    """An index of phrases by their first word; finding is a dictionary read a word, mostly in vain.

    `words` splits a phrase as a message is split, so that both write the same word the same way.
    """

    def __init__(
        self, ideas: Mapping[str, Iterable[str]], words: Callable[[str], Sequence[str]], stem: Stem
    ) -> None:
        self._stem = stem
        self._beginnings: dict[str, _Beginning] = {}
        self.beginning = lru_cache(maxsize=MOST_WORDS)(self._beginning)
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
        beginning = self._beginnings.setdefault(key[0].removeprefix(EXACT), _Beginning())
        if any(part.startswith(EXACT) for part in key):
            beginning.exact = (*beginning.exact, (key, name))
        elif len(key) == 1:
            beginning.single = (*beginning.single, name)
        else:
            beginning.pairs = beginning.pairs or {}
            beginning.pairs.setdefault(key[1], []).append((key, name))

    def find(self, words: Sequence[str], stems: Sequence[str]) -> list[Occurrence]:
        """Every idea in the words, in order of its first word; ideas may lie over each other."""
        found: list[Occurrence] = []
        last = len(stems) - 1
        for start, beginning in enumerate(map(self.beginning, words, stems)):
            if beginning is None:
                continue
            for name in beginning.single:
                found.append(Occurrence(start, start + 1, name))
            if beginning.pairs and start < last:
                for key, name in beginning.pairs.get(stems[start + 1], ()):
                    if len(key) == 2 or tuple(stems[start : start + len(key)]) == key:
                        found.append(Occurrence(start, start + len(key), name))
            for key, name in beginning.exact:
                if _fits(key, words, stems, start):
                    found.append(Occurrence(start, start + len(key), name))
        return found

    def _beginning(self, word: str, stem: str) -> _Beginning | None:
        """What may begin with this word: phrases that name its stem, and those that name its very form."""
        by_stem, by_form = self._beginnings.get(stem), self._beginnings.get(word)
        if by_form is None or not by_form.exact or by_form is by_stem:
            return by_stem
        if by_stem is None:
            return _Beginning(exact=by_form.exact)
        return replace(by_stem, exact=(*by_form.exact, *by_stem.exact))


def _fits(key: PhraseKey, words: Sequence[str], stems: Sequence[str], start: int) -> bool:
    """Whether a phrase with exact words stands at `start`."""
    if start + len(key) > len(words):
        return False
    return all(part in (stems[at], EXACT + words[at]) for at, part in enumerate(key, start))
