"""Named ideas found in running words: "sob", "short of breath" and "cant get air" are one idea."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.domain.normalising import split, stem


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`name` was found in words `start` up to, not including, `end`."""

    name: str
    start: int
    end: int


class Phrases:
    """An index of phrases by their first stem; finding is one dictionary read a word."""

    def __init__(self, ideas: Mapping[str, Iterable[str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.words: set[str] = set()
        for name, phrases in ideas.items():
            for phrase in phrases:
                words = split(phrase)
                self.words.update(words)
                stems = tuple(map(stem, words))
                self._by_first.setdefault(stems[0], []).append((stems, name))

    def find(self, stems: Sequence[str]) -> list[Occurrence]:
        """Every idea in the stems, in order of its first word; ideas may lie over each other."""
        found = []
        for start, first in enumerate(stems):
            for phrase, name in self._by_first.get(first, ()):
                end = start + len(phrase)
                if len(phrase) == 1 or tuple(stems[start:end]) == phrase:
                    found.append(Occurrence(name, start, end))
        return found
