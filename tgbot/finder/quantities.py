"""What each number of a message is: an age, a year, a score, so many tablets. Read before any rule looks.

By its form first (7/10, 12:30, '97, T4), then by the words around it, which language.yaml lists by kind.
A number that nothing explains is of no kind, and no rule takes it for anything.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

LONGEST_NUMBER = 6  # digits
DOSE = "dose"

_YEAR = re.compile(r"^\W*(?:in)?(?:(?:19|20)\d\d|['’]\d\d)(?:s|['’]s)?\W*$")
_RATIO = re.compile(r"^\W*(\d{1,3})\s?/\s?(\d{1,3})\W*$")
_DATE = re.compile(r"^\W*\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\W*$")
_CLOCK = re.compile(r"^\W*\d{1,2}(?::\d\d)?(?:am|pm)\W*$|^\W*\d{1,2}:\d\d\W*$", re.I)
_SPINE = re.compile(r"^\W*[ctls]\d{1,2}(?:\W.*)?$", re.I)
_DECIMAL = re.compile(r"^\W*(\d{1,3})[.,](\d{1,2})(?!\d)")
_FEET = re.compile(r"^\W*\d['’]\d{0,2}[\"”]?\W*$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in words `start` up to, not including, `end`; those around it that say its kind counted in."""

    start: int
    end: int
    kind: str
    value: float


@dataclass(frozen=True, slots=True)
class QuantityKind:
    """What makes a number from `low` to `high` one of a kind: words right before it, or among the next
    `within` words after it."""

    kind: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    within: int = 1
    low: float = 0
    high: float = 10**LONGEST_NUMBER


UnitPhrases = Mapping[str, Sequence[tuple[str, ...]]]  # by their first word


class QuantityReader:
    """`kinds` are tried in order; `number_words` are numbers that are written out.

    What a number counts does not stand beyond one of the words in `stops`.
    """

    def __init__(
        self,
        kinds: Sequence[QuantityKind],
        number_words: Mapping[str, float],
        words: Callable[[str], Sequence[str]],
        stops: frozenset[str] = frozenset(),
    ) -> None:
        self._number_words = number_words
        self._stops = stops
        self._kinds = [
            (kind, _phrases(kind.before, words), _by_first(_phrases(kind.after, words))) for kind in kinds
        ]

    def read(
        self, words: Sequence[str], chunks: Sequence[str], places: Sequence[int]
    ) -> tuple[Quantity, ...]:
        """The quantities in `words`; word n stands in the chunk `chunks[places[n]]`.

        Read from the last to the first: "25 200mg tablets" are 25 of 200 mg each.
        """
        doses: dict[int, int] = {}  # where a dose starts and ends
        found: list[Quantity] = []
        at = len(words) - 1
        while at >= 0:
            number = self._number(words[at])
            if number is not None:
                end = at + 1
                while at and places[at - 1] == places[at] and words[at - 1].isdecimal():
                    at -= 1
                quantity = self._quantity(words, at, end, chunks[places[at]], doses)
                found.append(quantity)
                if quantity.kind == DOSE:
                    doses[at] = quantity.end
            at -= 1
        return tuple(reversed(found))

    def _number(self, word: str) -> float | None:
        if word.isdecimal():
            return float(word) if len(word) <= LONGEST_NUMBER else 0.0
        return self._number_words.get(word)

    def _quantity(
        self, words: Sequence[str], start: int, end: int, chunk: str, doses: Mapping[int, int]
    ) -> Quantity:
        number = self._number(words[start]) or 0.0
        if shape := _shaped(chunk, number):
            return Quantity(start, end, shape, number)
        value = _decimal(chunk, number)
        for kind, before, after in self._kinds:
            if not kind.low <= value <= kind.high:
                continue
            if length := _before(words, start, before):
                return Quantity(start - length, end, kind.kind, value)
            if last := self._followed(words, end, after, kind.within, doses):
                return Quantity(start, last, kind.kind, value)
        return Quantity(start, end, "", value)

    def _followed(
        self,
        words: Sequence[str],
        end: int,
        after: UnitPhrases,
        within: int,
        doses: Mapping[int, int],
    ) -> int:
        """Where the first of the phrases ends among the next words and before another number; or 0."""
        first, looked = end, 0
        while looked < within and first < len(words):
            if first in doses and within > 1:
                first = doses[first]
                continue
            for phrase in after.get(words[first], ()):
                if tuple(words[first : first + len(phrase)]) == phrase:
                    return first + len(phrase)
            if words[first] in self._stops or self._number(words[first]) is not None:
                return 0
            first, looked = first + 1, looked + 1
        return 0


def _shaped(chunk: str, number: float) -> str:
    """The kind of what was typed without a space, by its form."""
    if ratio := _RATIO.match(chunk):
        over = int(ratio[2])
        return "score" if over == 10 else "pressure" if number >= 70 and 30 < over < 150 else "ratio"
    shapes = ((_YEAR, "year"), (_DATE, "date"), (_CLOCK, "clock"), (_SPINE, "spine"), (_FEET, "height"))
    return next((kind for shape, kind in shapes if shape.match(chunk)), "")


def _decimal(chunk: str, number: float) -> float:
    match = _DECIMAL.match(chunk)
    return float(f"{match[1]}.{match[2]}") if match else number


def _before(words: Sequence[str], start: int, phrases: Sequence[tuple[str, ...]]) -> int:
    """How long the phrase is that ends right before `start`; 0 for none."""
    lengths = (len(p) for p in phrases if start >= len(p) and tuple(words[start - len(p) : start]) == p)
    return next(lengths, 0)


def _phrases(phrases: Sequence[str], words: Callable[[str], Sequence[str]]) -> list[tuple[str, ...]]:
    return [tuple(words(phrase)) for phrase in phrases]


def _by_first(phrases: Sequence[tuple[str, ...]]) -> UnitPhrases:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        found.setdefault(phrase[0], []).append(phrase)
    return found
