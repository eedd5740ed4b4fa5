"""A message as the finder reads it: mended words, their stems, the ideas in them, the features of both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.domain.normalising import Speller, split, stem
from tgbot.domain.phrases import Occurrence, Phrases

MOST_UNKNOWN = 150  # different unknown words mended in one message; a message with more is no prose


@dataclass(frozen=True, slots=True)
class Language:
    """What language.yaml and words.txt hold: the words of one language. Commoner words come first."""

    words: Sequence[str]
    short_forms: Mapping[str, Sequence[str]]
    stop_words: frozenset[str]
    ideas: Mapping[str, Sequence[str]]
    elsewhere: frozenset[str]
    here: frozenset[str]

    def expand(self, text: str) -> list[str]:
        """The words of a text, short forms written out."""
        return [long for word in split(text) for long in self.short_forms.get(word, (word,))]


@dataclass(frozen=True, slots=True)
class Reading:
    """One message, read. `words` and `stems` run in step."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    ideas: tuple[Occurrence, ...]


class Reader:
    """Reads messages in one language. `vocabulary` are further words that slips are mended towards."""

    def __init__(self, language: Language, vocabulary: Iterable[str] = ()) -> None:
        self._short_forms = language.short_forms
        self._ideas = Phrases(language.ideas, language.expand)
        self._stop_words = frozenset(map(stem, language.stop_words))
        self._elsewhere = frozenset(map(stem, language.elsewhere))
        self._here = frozenset(map(stem, language.here))
        known = [*language.short_forms, *language.words, *sorted(language.stop_words)]
        targets = self._ideas.words | language.elsewhere | language.here | set(vocabulary)
        self._speller = Speller(known, sorted(targets))

    def read(self, text: str) -> Reading:
        words = tuple(self._words(text))
        stems = tuple(map(stem, words))
        return Reading(words, stems, tuple(self._ideas.find(words, stems)))

    def features(self, reading: Reading, most: int | None = None) -> frozenset[str]:
        """Words, neighbours and ideas of (the first `most` words of) a reading, to be compared."""
        stems = reading.stems[:most]
        found = {"#" if s.isdigit() else s for s in stems if s not in self._stop_words}
        found.update(f"{a}_{b}" for a, b in zip(("^", *stems), (*stems, "$"), strict=True))
        found.update("#" + idea.name for idea in reading.ideas if idea.end <= len(stems))
        bare = frozenset(stems)
        if not bare.isdisjoint(self._elsewhere):
            found.add("#elsewhere" if bare.isdisjoint(self._here) else "#elsewhere_too")
        return frozenset(found)

    def content(self, reading: Reading) -> list[tuple[str, str]]:
        """Word and stem of everything in the reading that carries meaning."""
        pairs = dict(zip(reading.stems, reading.words, strict=True))
        return [(word, s) for s, word in pairs.items() if s not in self._stop_words and not s.isdigit()]

    def _words(self, text: str) -> Iterable[str]:
        mended: dict[str, str] = {}
        for word in split(text):
            if word not in mended:
                mended[word] = self._speller.mend(word) if len(mended) < MOST_UNKNOWN else word
            yield from self._short_forms.get(mended[word], (mended[word],))
