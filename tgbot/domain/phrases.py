"""Named ideas found in running words: "sob", "short of breath" and "cant get air" are one idea."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.domain.normalising import stem

EXACT = "="  # before a word of a phrase: this very form (=legs is not leg)


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """`name` was found in words `start` up to, not including, `end`."""

    start: int
    end: int
    name: str


class Phrases:
    """An index of phrases by their first word; finding is two dictionary reads a word.

    `words` splits a phrase as a message is split, so that both write the same word the same way.
    """

    def __init__(self, ideas: Mapping[str, Iterable[str]], words: Callable[[str], Sequence[str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.words: set[str] = set()
        for name, phrases in ideas.items():
            for phrase in phrases:
                key = tuple(self._keys(phrase, words))
                alike = self._by_first.setdefault(key[0], [])
                if (key, name) not in alike:  # "hurt" and "hurts" are one
                    alike.append((key, name))

    def _keys(self, phrase: str, words: Callable[[str], Sequence[str]]) -> Iterable[str]:
        for part in phrase.split():
            for word in words(part):
                self.words.add(word)
                yield EXACT + word if part.startswith(EXACT) else stem(word)

    def find(self, words: Sequence[str], stems: Sequence[str]) -> list[Occurrence]:
        """Every idea in the words, in order of its first word; ideas may lie over each other."""
        found = []
        for start, word in enumerate(words):
            for first in (stems[start], EXACT + word):
                for key, name in self._by_first.get(first, ()):
                    end = start + len(key)
                    if end <= len(words) and all(
                        part == stems[start + i] or part == EXACT + words[start + i]
                        for i, part in enumerate(key[1:], 1)
                    ):
                        found.append(Occurrence(start, end, name))
        return found
