"""A message as the finder reads it: mended words, their stems, the ideas in them, the features of both."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tgbot.finder.learning import (
    Features,
    FeatureTable,
    PlacedFeatures,
    checksum,
    features,
    features_of_parts,
    pairs,
    placed_letters,
)
from tgbot.finder.normalising import Chunk, Speller, Stem, chunks, quoted, sentence_numbers, split
from tgbot.finder.quantities import Quantity, QuantityKind, QuantityReader
from tgbot.finder.scrubbing import NO_NAMES, NameWords

MOST_WORDS = 8_192  # of which it is remembered what they may begin
EXACT = "="  # before a word of a phrase: this very form (=legs is not leg)
MOST_UNKNOWN = 150  # unknown words mended in one message; a message with more is no prose
MOST_PIECES = 8_192  # of which it is remembered what they are when mended

_SAYS = ("duration", "gone")  # quantities that say something by themselves: "72 hours"
_VERTEBRA = "spine"  # the quantity that "T7" is
_HERE = "here"  # the idea that language.yaml's `here` makes; not one that tells answers apart


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
        self._beginning = lru_cache(maxsize=MOST_WORDS)(self._may_begin)
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
        for start, beginning in enumerate(map(self._beginning, words, stems)):
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

    def _may_begin(self, word: str, stem: str) -> _Beginning | None:
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


@dataclass(frozen=True, slots=True)
class Language:
    """What language.yaml and words.txt hold: the words of one language. Commoner words come first."""

    words: Sequence[str]
    short_forms: Mapping[str, Sequence[str]]
    stop_words: frozenset[str]
    openers: frozenset[str]
    ideas: Mapping[str, Sequence[str]]
    elsewhere: frozenset[str]
    here: Sequence[str]
    asking: frozenset[str] = frozenset()
    runs_on: frozenset[str] = frozenset()
    runs_in: frozenset[str] = frozenset()
    number_words: Mapping[str, float] = field(default_factory=dict)
    quantities: Sequence[QuantityKind] = ()
    answers: Sequence[str] = ()
    after_answers: Sequence[str] = ()
    names: NameWords = NO_NAMES
    stem: Stem = str  # as the words are: no two forms are one

    def expand(self, text: str) -> list[str]:
        """The words of a text, short forms written out."""
        return [long for word in split(text) for long in self.short_forms.get(word, (word,))]


@dataclass(frozen=True, slots=True)
class Reading:
    """One message, read. `words`, `stems`, `spans` and `sentences` run in step; `text` is what was typed.

    A span is where a word's chunk stands in the text; sentences are numbered from 0.
    """

    text: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    ideas: tuple[Occurrence, ...] = ()  # in order of their first words
    spans: tuple[tuple[int, int], ...] = ()
    sentences: tuple[int, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    asks: bool = False  # a question, with or without its mark
    says_nothing: bool = False  # numbers, punctuation, single letters: never a sign, and nothing to answer
    elsewhere: tuple[int, ...] = ()  # the places of words for other parts of the body, and for animals

    @property
    def is_here(self) -> bool:
        """Whether the message names the part of the body that the pack is about."""
        return any(idea.name == _HERE for idea in self.ideas) or any(
            quantity.kind == _VERTEBRA for quantity in self.quantities
        )

    @property
    def is_elsewhere(self) -> bool:
        """Whether it names another part of the body and not this."""
        return bool(self.elsewhere) and not self.is_here

    def quote(self, start: int, end: int) -> str:
        """The words from `start` up to, not including, `end`, as they were typed."""
        return quoted(self.text, self.spans[start][0], self.spans[end - 1][1]) if self.spans else ""


def _start(idea: Occurrence) -> int:
    return idea.start


class Reader:
    """Reads messages in one language. `vocabulary` are further words that slips are mended towards."""

    def __init__(self, language: Language, vocabulary: Iterable[str] = ()) -> None:
        self._short_forms = language.short_forms
        self.stem = stem = language.stem
        self.names = language.names
        self._ideas = Phrases({**language.ideas, _HERE: language.here}, language.expand, stem)
        self._stop_words = frozenset(map(stem, language.stop_words))
        self._elsewhere = frozenset(map(stem, language.elsewhere))
        self._openers = frozenset(map(stem, language.openers))
        known = [*language.short_forms, *language.words, *sorted(language.stop_words)]
        targets = self._ideas.words | language.elsewhere | set(vocabulary)
        self._speller = Speller(known, sorted(targets))
        self._runs_on, self._runs_in = language.runs_on, language.runs_in
        self._quantities = QuantityReader(
            language.quantities, language.number_words, language.expand, language.runs_in
        )
        self._empty = language.stop_words
        self._mended = lru_cache(maxsize=MOST_PIECES)(self._mend)
        self._asking = frozenset(map(stem, language.asking))
        self._answer = _answer(language.answers, language.after_answers) if language.answers else None

    def knows(self, word: str) -> bool:
        """Whether a word is one of this language's, as it stands."""
        return self._speller.knows(word)

    def after_an_answer(self, text: str) -> str:
        """What is said after the no of "No, just chest pain" or "no. chest pain", which denies none of it;
        all of any other text."""
        answer = self._answer.match(text) if self._answer else None
        return text[answer.end() :] if answer else text

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a reading, where nothing else of it is asked for."""
        return self._words(list(chunks(text)))[0]

    def read(self, text: str) -> Reading:
        pieces = list(chunks(text))
        words, places = self._words(pieces)
        stems = tuple(map(self.stem, words))
        closing = [
            pieces[place].closes and (at + 1 == len(places) or places[at + 1] != place)
            for at, place in enumerate(places)
        ]
        quantities = self._quantities.read(words, [piece.text for piece in pieces], places)
        return Reading(
            text,
            words,
            stems,
            tuple(self._ideas.find(words, stems)),
            tuple((pieces[place].start, pieces[place].end) for place in places),
            sentence_numbers(words, closing, self._runs_on, self._runs_in),
            quantities,
            self._asks(text, stems),
            self._says_nothing(words, quantities, text),
            tuple(at for at, stem in enumerate(stems) if stem in self._elsewhere),
        )

    def _asks(self, text: str, stems: Sequence[str]) -> bool:
        """By its mark, by how it opens, or by a word that hardly stands anywhere but in a question."""
        opens = bool(stems) and stems[0] in self._openers
        return "?" in text or opens or not self._asking.isdisjoint(stems)

    def _says_nothing(self, words: Sequence[str], quantities: Iterable[Quantity], text: str) -> bool:
        """Whether there is no word but numbers, what they count, single letters and words that mean little.

        "/pain 7" is a number too: a command that came too late.
        """
        counted = {at for q in quantities if q.kind not in _SAYS for at in range(q.start, q.end)}
        said = [word for at, word in enumerate(words) if at not in counted] if counted else words
        if counted and text.startswith("/"):
            said = said[1:]
        return all(len(word) < 2 or not word[0].isalpha() for word in said) or (
            bool(counted) and all(len(word) < 2 or word in self._empty for word in said)
        )

    def features(self, reading: Reading) -> Features:
        """Words, neighbours, ideas, pairs of ideas, ideas under the question's first word, and letters."""
        said = [*filter(self._counts, dict.fromkeys(reading.stems))]
        ideas = _told_apart(idea.name for idea in reading.ideas)
        others = [
            *(f"{a}_{b}" for a, b in zip(("^", *reading.stems), (*reading.stems, "$"), strict=True)),
            *self._named(reading.stems, ideas, reading.is_here),
            *(s for s in said if not s.isalpha()),
        ]
        return features(filter(str.isalpha, said), others, pairs(ideas), reading.words)

    def features_of_parts(
        self, reading: Reading, parts: Sequence[tuple[int, int]], marks: Iterable[tuple[Occurrence, str]]
    ) -> FeatureTable:
        """The same, without names, for parts of a long message: from a word up to, not including, another.

        `marks` are further features, each with the words it stands on.
        """
        stems, ideas = reading.stems, reading.ideas
        counting = [(at, stem) for at, stem in enumerate(stems) if self._counts(stem)]
        said = [(checksum(stem), at, at + 1) for at, stem in counting if stem.isalpha()]
        others = [(checksum(stem), at, at + 1) for at, stem in counting if not stem.isalpha()]
        others += [(checksum(f"{a}_{b}"), at, at + 2) for at, (a, b) in enumerate(pairwise(stems))]
        others += [(checksum(mark), idea.start, idea.end) for idea, mark in marks]
        own = []
        for number, (start, end) in enumerate(parts):
            first = bisect_left(ideas, start, key=_start)
            last = bisect_left(ideas, end, lo=first, key=_start)
            there = {idea.name for idea in ideas[first:last] if idea.end <= end}
            apart = _told_apart(there)
            names = (f"^_{stems[start]}", f"{stems[end - 1]}_$", *pairs(apart))
            named = self._named(stems[start:end], apart, _HERE in there)
            own += [(number, checksum(name)) for name in (*names, *named)]
        everywhere = placed_letters(reading.words).beside(PlacedFeatures.of(others))
        return features_of_parts(parts, PlacedFeatures.of(said), everywhere, own)

    def _counts(self, stem: str) -> bool:
        return stem not in self._stop_words and not stem.isdigit()

    def _named(self, stems: Sequence[str], ideas: Sequence[str], here: bool) -> Iterator[str]:
        """The features that ideas make one by one, and what kind of words there are."""
        opener = next((s for s in stems if s in self._openers), "")
        yield from (f"#{name}" for name in ideas)
        yield from (f"#{opener}?{name}" for name in ideas)
        if any(map(str.isdigit, stems)):
            yield "#"
        if not self._elsewhere.isdisjoint(stems):
            yield "#elsewhere_too" if here else "#elsewhere"

    def _words(self, pieces: Sequence[Chunk]) -> tuple[tuple[str, ...], list[int]]:
        """The words, mended and written out, and in which piece each stands."""
        words: list[str] = []
        places: list[int] = []
        strangers = 0
        for place, piece in enumerate(pieces):
            if strangers < MOST_UNKNOWN:
                long, unknown = self._mended(piece.text)
                strangers += unknown
            else:
                long = self._written_out(split(piece.text))
            words += long
            places += [place] * len(long)
        return tuple(words), places

    def _mend(self, piece: str) -> tuple[tuple[str, ...], int]:
        """The words of what stands between two spaces, mended and written out, and how many were unknown."""
        words = split(piece)
        long = self._written_out(map(self._speller.mend, words))
        return long, sum(not self._speller.knows(word) for word in words)

    def _written_out(self, words: Iterable[str]) -> tuple[str, ...]:
        return tuple(long for word in words for long in self._short_forms.get(word, (word,)))


def _answer(words: Iterable[str], further: Iterable[str]) -> re.Pattern[str]:
    """A no at the beginning, before an end of sentence or a word like "just", and then something else."""
    said, then = ("|".join(map(re.escape, phrases)) for phrases in (words, further))
    return re.compile(rf"\W{{0,9}}(?:{said})(?:\s?[.!;]+\s+|[,\s]\s?(?:{then})[,\s]\s?)(?=\w)", re.IGNORECASE)


def _told_apart(ideas: Iterable[str]) -> list[str]:
    """The ideas that tell answers apart, in order."""
    return sorted(set(ideas) - {_HERE})
