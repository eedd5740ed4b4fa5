"""What people say in a language who name one of the gravest emergencies, and where a message says so without
denying it. The phrases are those of content/foreign/.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product

from tgbot.finder.normalising import BREAKS, pieces

JOINED = " + "  # between the parts of a pattern
READ = 1_024  # patterns that stay in memory as they are compared; a line is a tenth of that
NEAR = 6  # words between the first words of a pattern's parts
NEIGHBOURS = 4  # places of a part looked at on either side of another's
MOST_PLACES = 100  # of a word, and of a pattern's rarest part; who says one more often writes no message
NEAR_LETTERS = 20  # the same where a language writes no spaces
DENIES = 2  # words that a negation may stand before what it denies
DENIES_APART = 3  # the same before a part that is not the first: "back pain, none in the chest"
DENIES_LETTERS = 10  # the same in letters after a part that "but" begins, where no spaces are written

# Stand before a negation, where no spaces are written.
_PARTICLES = ("は", "が", "も", "を", "みは", "みが", "みも", "은", "는", "이", "가", "도", "을", "를")
_BETWEEN = re.compile("[()/]")

PatternPart = Mapping[str, tuple[tuple[str, ...], ...]]
"""Phrases by their first word. Where no spaces are written a phrase is one word of all its letters."""

Spans = Sequence[tuple[int, int]]  # from which word or letter to which, in order


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a language's file under its sign: parts with ` + ` between, which must all stand near each
    other, in any order and without sharing a word."""

    sign: str
    line: str


@dataclass(frozen=True, slots=True)
class ForeignLanguage:
    """One language's file, as it is written.

    `negations` deny a phrase: shortly before it, or right after it. `contrasts` begin another clause ("but"),
    in which what is denied stands apart from what was said before.
    """

    code: str
    spaced: bool
    negations: tuple[str, ...]
    negated_after: bool
    contrasts: tuple[str, ...]
    ordinary: tuple[str, ...]
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class PlacedWords:
    """A message as words; `fresh` are the places that follow a full stop, a comma or the like, `places` those
    of each word."""

    words: tuple[str, ...]
    fresh: frozenset[int]
    places: Mapping[str, Sequence[int]]


class Phrasebook:
    """A language's patterns as they are compared. Made when a message may be in it, so that nobody waits for
    two dozen of them."""

    def __init__(self, language: ForeignLanguage, folded: Callable[[str], str]) -> None:
        lines = folded("\n".join(pattern.line for pattern in language.patterns)).split("\n")
        found = zip(language.patterns, lines, strict=True)
        self.patterns = tuple(Pattern(pattern.sign, line) for pattern, line in found)
        self.spaced, self.negated_after = language.spaced, language.negated_after
        negations = (*language.negations, *(small + no for small in _PARTICLES for no in language.negations))
        self.negations = frozenset(map(folded, negations if not language.spaced else language.negations))
        self.contrasts = frozenset(map(folded, language.contrasts))
        self._starting = by_first_words(lines) if language.spaced else {}

    @cached_property
    def failing(self) -> frozenset[str]:
        """Words whose denial is a sign: whoever feels nothing, gets no air, wants no life."""
        return frozenset(self._denied_words()) if self.spaced else frozenset()

    def sign(self, found: PlacedWords, telling: frozenset[str] | None) -> tuple[str | None, bool]:
        """The first emergency that the message names and does not deny, and whether it denies one.

        `found` are the message's words; one of the `telling` ones must be among the sign's.
        """
        denied = False
        for pattern in self._among(found.places):
            parts = _parts_of(pattern.line, self.spaced)
            if self.spaced and any(part.keys().isdisjoint(found.places) for part in parts):
                continue
            for spans in _places(parts, found, self.spaced):
                if self.spaced and telling and not _holds(found, spans, telling):
                    continue
                if not _denied(self, found, spans):
                    return pattern.sign, denied
                denied = True
        return None, denied

    def _among(self, words: Iterable[str]) -> Iterator[Pattern]:
        """The patterns that these words may meet, in their order; no other is met."""
        if not self.spaced:
            return iter(self.patterns)
        places = {place for word in words for place in self._starting.get(word, ())}
        return (self.patterns[place] for place in sorted(places))

    def _denied_words(self) -> Iterator[str]:
        for pattern in self.patterns:
            for alternative in re.split(r"\||\+", pattern.line):
                if self.negations.isdisjoint(_words_in(alternative)):
                    continue
                for phrase in map(str.split, _spelled_out(alternative)):
                    at = next((place for place, word in enumerate(phrase) if word in self.negations), None)
                    if at is not None:
                        yield from phrase[:at] if self.negated_after else phrase[at + 1 :]


def by_first_words(lines: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    """The places of patterns by the words that their part with the fewest alternatives may begin with.

    `lines` are folded. Only first words are read: spelling every phrase out takes ten times as long.
    """
    found: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        rarest = min(line.split(JOINED), key=lambda part: part.count("|") + part.count("/"))
        for word in dict.fromkeys(first for said in rarest.split("|") for first in _first_words(said)):
            found.setdefault(word, []).append(place)
    return {word: tuple(places) for word, places in found.items()}


def _first_words(alternative: str) -> Iterator[str]:
    """The words that its phrases begin with."""
    said = alternative.strip()
    group, closed, after = said[1:].partition(")") if said.startswith("(") else (said, "", "")
    if (closed and after[:1] not in ("", " ")) or "(" in group or not all(group.split("/")):
        beginnings = _spelled_out(said)  # a group inside of a word, or an empty choice
    else:
        beginnings = iter(group.split("/"))
    for phrase in beginnings:
        first = phrase.split(None, 1)[0] if phrase.strip() else ""
        words = (first,) if first.isalpha() else (word for word in pieces(first) if word not in BREAKS)
        yield from list(words)[:1]


def _words_in(text: str) -> list[str]:
    return _BETWEEN.sub(" ", text).split()


@lru_cache(maxsize=READ)
def _parts_of(line: str, spaced: bool) -> tuple[PatternPart, ...]:
    return tuple(phrases(part, spaced) for part in line.split(JOINED))


def phrases(part: str, spaced: bool) -> PatternPart:
    """One part of a folded pattern: alternatives with `|`, groups of words in parentheses with `/`."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for alternative in part.split("|"):
        for phrase in _spelled_out(alternative):
            words = tuple(piece for piece in pieces(phrase) if piece not in BREAKS)
            words = words if spaced else ("".join(words),)
            if words and words[0]:
                by_first.setdefault(words[0], []).append(words)
    return {first: tuple(dict.fromkeys(found)) for first, found in by_first.items()}


def _spelled_out(alternative: str) -> Iterator[str]:
    """`(a/b) c` is "a c" and "b c"."""
    groups = [
        piece.strip("()").split("/") if piece.startswith("(") else [piece]
        for piece in re.findall(r"\([^()]*\)|[^()]+", alternative)
    ]
    return ("".join(chosen) for chosen in product(*groups))


def _places(parts: Sequence[PatternPart], found: PlacedWords, spaced: bool) -> Iterator[Spans]:
    """Where all parts of a pattern stand together: from where to where each of them, in order.

    From each place of the rarest part only the nearest places of the others are looked at, so that a message
    of nothing but such words takes no longer than its length.
    """
    where = [sorted(_occurrences(part, found) if spaced else _runs(part, found.words[0])) for part in parts]
    anchors, *others = sorted(where, key=len)
    reach = NEAR if spaced else NEAR_LETTERS
    for anchor in anchors[:MOST_PLACES]:
        near = [_nearest(spans, anchor[0]) for spans in others]
        for chosen in product([anchor], *near):
            spans = sorted(chosen)
            apart = all(before[1] <= after[0] for before, after in pairwise(spans))
            if apart and spans[-1][0] - spans[0][0] <= reach:
                yield spans


def _holds(found: PlacedWords, spans: Spans, telling: frozenset[str]) -> bool:
    return any(not telling.isdisjoint(found.words[start:end]) for start, end in spans)


def _nearest(spans: Sequence[tuple[int, int]], place: int) -> Sequence[tuple[int, int]]:
    """Those that begin nearest to a place, on either side; `spans` are in order."""
    at = bisect_left(spans, (place, 0))
    return spans[max(0, at - NEIGHBOURS) : at + NEIGHBOURS]


def _occurrences(part: PatternPart, found: PlacedWords) -> Iterator[tuple[int, int]]:
    for first in part.keys() & found.places.keys():
        for start, phrase in product(found.places[first][:MOST_PLACES], part[first]):
            if found.words[start : start + len(phrase)] == phrase:
                yield start, start + len(phrase)


def _runs(part: PatternPart, letters: str) -> Iterator[tuple[int, int]]:
    for phrase in part:
        start = letters.find(phrase)
        while start >= 0:
            yield start, start + len(phrase)
            start = letters.find(phrase, start + 1)


def _denied(book: Phrasebook, found: PlacedWords, spans: Spans) -> bool:
    """Whether the parts of a pattern, from where to where they stand, are denied: all of them or one."""
    if not book.spaced:
        return _denied_in_letters(book, found.words[0], spans)
    if _denied_as_a_whole(book, found, spans[0], spans[-1][1]):
        return True
    return any(_denied_apart(book, found, before[1], part) for before, part in pairwise(spans))


def _denied_as_a_whole(book: Phrasebook, found: PlacedWords, first: tuple[int, int], end: int) -> bool:
    """Whether a negation stands before the `first` part, or right after the last, which ends before `end`.
    Where the first part holds one itself, it is said twice and meant once: "je ne sens rien"."""
    if book.negated_after:
        return end < len(found.words) and end not in found.fresh and found.words[end] in book.negations
    if _ends_denied(book, found, end):
        return True
    if not book.negations.isdisjoint(found.words[slice(*first)]):
        return False
    start = first[0]
    for at in range(start - 1, max(start - 1 - DENIES, -1), -1):
        if at + 1 in found.fresh:
            return False
        if found.words[at] in book.negations:
            return True
    return False


def _ends_denied(book: Phrasebook, found: PlacedWords, end: int) -> bool:
    """Whether a negation is the clause's last word: "боли в груди нет"."""
    if end >= len(found.words) or end in found.fresh or found.words[end] not in book.negations:
        return False
    return end + 1 == len(found.words) or _begins_a_clause(book, found, end + 1)


def _denied_apart(book: Phrasebook, found: PlacedWords, before: int, part: tuple[int, int]) -> bool:
    """Whether a part is denied that follows another, which ends `before`: "pain in my back but none in the
    chest", "the chest does not hurt". What is the sign just because it is denied counts as it stands."""
    start, end = part
    gap = range(before, start)
    clause = max((at for at in range(before, start + 1) if _begins_a_clause(book, found, at)), default=None)
    if clause is None:
        near = gap if book.negated_after else gap[-DENIES_APART:]
        return found.words[start] not in book.failing and any(
            found.words[at] in book.negations for at in near
        )
    contrasted = found.words[clause] in book.contrasts
    said = range(clause, start) if contrasted else gap[-DENIES_APART:]
    if any(found.words[at] in book.negations for at in said if at >= clause):
        return True
    for at in range(end, min(end + DENIES_APART, len(found.words))):
        if _begins_a_clause(book, found, at):
            return False
        if contrasted and found.words[at] in book.negations:
            return True
    return False


def _begins_a_clause(book: Phrasebook, found: PlacedWords, at: int) -> bool:
    return at in found.fresh or (at < len(found.words) and found.words[at] in book.contrasts)


def _denied_in_letters(book: Phrasebook, letters: str, spans: Spans) -> bool:
    """The same where no spaces are written."""
    if _negated_at(book, letters, spans[0][0], spans[-1][1]):
        return True
    for before, (start, end) in pairwise(spans):
        gap = letters[before[1] : start]
        if any(contrast in gap for contrast in book.contrasts):
            rest = letters[before[1] : end + DENIES_LETTERS]
            if any(negation in rest for negation in book.negations):
                return True
        elif not book.negated_after and gap.endswith(tuple(book.negations)):
            return True
    return False


def _negated_at(book: Phrasebook, letters: str, start: int, end: int) -> bool:
    if book.negated_after:
        return letters.startswith(tuple(book.negations), end)
    return letters[max(0, start - 3) : start].endswith(tuple(book.negations))
