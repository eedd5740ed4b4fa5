"""Messages in other languages: which language it is, and whether it names one of the gravest emergencies.

The script tells the language where it can; for Latin letters a guesser is asked, and only about messages
whose words are mostly unknown. Emergencies are found by the phrases of content/foreign/.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from tgbot.finder.finding import Foreign

JOINED = " + "  # between the parts of a pattern
READ = 1_024  # patterns that stay in memory as they are compared; a line is a tenth of that
NEAR = 6  # words between the first words of a pattern's parts
NEIGHBOURS = 4  # places of a part looked at on either side of another's
MOST_PLACES = 100  # of a pattern's rarest part; who names one more often writes no message
NEAR_LETTERS = 20  # the same where a language writes no spaces
DENIES = 2  # words that a negation may stand before what it denies
MANY = 10  # from here on a number of tablets is too many: NUM in a pattern
MANY_WORD = "num"
STRANGE = 0.5  # of a message's words must be unknown to us, or an emergency named
COMMON = 0.5  # of its words among a language's commonest tell it without the guesser
POSSIBLE = 0.1  # how likely the guesser must hold a language for its emergencies to be looked for
SURE = 0.5  # how likely it must hold another language
SURE_BRIEF = 0.75  # the same for one or two words
LONGEST = 4_096  # letters that are looked at

_SCRIPTS = {  # ranges of letters → the languages of this module that are written in them
    "cyrillic": (re.compile("[\u0400-\u052f]"), ("ru", "uk")),
    "arabic": (re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"), ("ar", "fa", "ur")),
    "devanagari": (re.compile("[\u0900-\u097f]"), ("hi",)),
    "bengali": (re.compile("[\u0980-\u09ff]"), ("bn",)),
    "greek": (re.compile("[\u0370-\u03ff]"), ("el",)),
    "kana": (re.compile("[\u3040-\u30ff]"), ("ja",)),
    "hangul": (re.compile("[\u1100-\u11ff\uac00-\ud7af]"), ("ko",)),
    "han": (re.compile("[\u3400-\u9fff]"), ("zh", "ja")),
    "latin": (re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"), ()),
}
_OTHER_LETTERS = frozenset(code for _, codes in _SCRIPTS.values() for code in codes)
_LETTERS_OF = {  # letters that few other languages write
    "vi": re.compile("[ơưđĐ\u1ea0-\u1ef9]"),
    "tr": re.compile("[ğşıİ]"),
    "pl": re.compile("[łąęśżźćń]"),
    "ro": re.compile("[ășțşţ]"),
    "de": re.compile("[ßäöü]"),
    "es": re.compile("[ñ¿¡]"),
    "pt": re.compile("[ãõ]"),
    "fr": re.compile("[èêùœ]"),
    "uk": re.compile("[іїєґ]"),
    "ru": re.compile("[ыэъё]"),
    "fa": re.compile("[پچژگ]"),
    "ur": re.compile("[ٹڈڑےہھ]"),
}
_TYPOGRAPHIC = str.maketrans({"…": "."} | dict.fromkeys("“”„«»‹›–—•·°£€", " "))
_BREAK = frozenset(".,;:!?…،؛؟।。，！？\n")
_ASCII_PIECE = re.compile(r"[A-Za-z]+|[0-9]+|[.,;:!?\n]")

Guess = Callable[[str], Mapping[str, float]]
"""How likely each language is, by its ISO 639-1 code; unlikely ones may be missing."""

PatternPart = Mapping[str, tuple[tuple[str, ...], ...]]
"""Phrases by their first word. Where no spaces are written a phrase is one word of all its letters."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a language's file under its sign: parts with ` + ` between, which must all stand near each
    other, in any order and without sharing a word."""

    sign: str
    line: str


@dataclass(frozen=True, slots=True)
class ForeignLanguage:
    """One language's file. `negations` deny a phrase: shortly before it, or right after it.

    `starting` are the places of patterns by the words that one of their parts may begin with.
    """

    code: str
    spaced: bool
    negations: frozenset[str]
    negated_after: bool
    ordinary: frozenset[str]
    patterns: tuple[Pattern, ...]
    starting: Mapping[str, tuple[int, ...]]

    def among(self, words: Iterable[str]) -> Iterator[Pattern]:
        """The patterns that these words may meet, in their order; no other is met."""
        if not self.spaced:
            return iter(self.patterns)
        places = {place for word in words for place in self.starting.get(word, ())}
        return (self.patterns[place] for place in sorted(places))


def by_first_words(
    patterns: Sequence[Pattern], folded: Callable[[str], str]
) -> Mapping[str, tuple[int, ...]]:
    """The places of patterns by the words that their part with the fewest alternatives may begin with."""
    found: dict[str, tuple[int, ...]] = {}
    for place, pattern in enumerate(patterns):
        rarest = min(pattern.line.split(JOINED), key=lambda part: part.count("|") + part.count("/"))
        for word in phrases(rarest, folded, spaced=True):
            found[word] = (*found.get(word, ()), place)
    return found


@dataclass(frozen=True, slots=True)
class _ForeignWords:
    """A message as words; `fresh` are the places that follow a full stop, a comma or the like, `places` those
    of each word."""

    words: tuple[str, ...]
    fresh: frozenset[int]
    places: Mapping[str, Sequence[int]]


def _foreign_words(words: Sequence[str], fresh: Iterable[int] = ()) -> _ForeignWords:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return _ForeignWords(tuple(words), frozenset(fresh), places)


class LanguageRecogniser:
    """Calls a message foreign, or None: it is in the pack's own language, or in none.

    `read` gives a language's file by its code; `folded` is text as phrases are compared: lower case, no
    accents, one way to write a letter; `knows` tells a word of the pack's own language.
    """

    def __init__(
        self,
        languages: Iterable[str],
        read: Callable[[str], ForeignLanguage],
        folded: Callable[[str], str],
        guess: Guess,
        knows: Callable[[str], bool],
    ) -> None:
        self._codes = tuple(languages)
        self._read = lru_cache(maxsize=None)(read)
        self._folded = folded
        self._parts = lru_cache(maxsize=READ)(self._parts_of)
        self._guess = guess
        self._knows = knows

    def __call__(self, text: str) -> Foreign | None:
        text = unicodedata.normalize("NFKC", text[:LONGEST])[
            :LONGEST
        ]  # ｃｈｅｓｔ is written in Latin letters
        script = _script_of(text)
        if script is None:
            return None
        return self._latin(text) if script == "latin" else self._in_script(text, script)

    def _in_script(self, text: str, script: str) -> Foreign | None:
        """A message in letters that the pack's language does not use."""
        ours = [code for code in _SCRIPTS[script][1] if code in self._codes] if script in _SCRIPTS else []
        found, likely = self._words(text), _by_letters(text, self._guess(text))
        touched = self._touched(ours, self._strangers(found.words))
        order = _likeliest(ours, touched, len(found.words), likely)
        for code in order:
            if sign := self._sign(code, text, found):
                return Foreign(code, sign)
        return Foreign(order[0] if order else max(likely, key=likely.__getitem__, default=""))

    def _latin(self, text: str) -> Foreign | None:
        found = self._words(text)
        words = [word for word in found.words if word.isalpha() and word != MANY_WORD]
        marked = sum(not word.isascii() for word in text.split())
        strangers = self._strangers(words)
        unknown = max(marked, len(strangers))
        if not words or not unknown:
            return None
        likely, touched = _by_letters(text, self._guess(text)), self._touched(self._codes, strangers)
        for code in _likeliest(self._codes, touched, len(words), likely):
            strange = unknown >= STRANGE * len(words)
            if not strange and likely.get(code, 0.0) < POSSIBLE and not touched[code]:
                continue
            if sign := self._sign(code, text, found):
                return Foreign(code, sign)
        return self._ordinary(touched, len(words), unknown, likely)

    def _strangers(self, words: Iterable[str]) -> list[str]:
        """The words that are not ours."""
        return [word for word in words if not self._knows(word)]

    def _touched(self, codes: Iterable[str], strangers: Sequence[str]) -> Mapping[str, int]:
        """How many words of the message are among each language's commonest, and are not ours as well."""
        return {code: sum(map(self._read(code).ordinary.__contains__, strangers)) for code in codes}

    def _ordinary(
        self, touched: Mapping[str, int], length: int, unknown: int, likely: Mapping[str, float]
    ) -> Foreign | None:
        """Another language without an emergency in it: its sound must be sure, or half its words common."""
        latin = [code for code in self._codes if code not in _OTHER_LETTERS]
        best = _likeliest(latin, touched, length, likely)[0]
        sure = likely.get(best, 0.0) >= (SURE_BRIEF if length < 3 else SURE)
        if sure and unknown >= STRANGE * length:
            return Foreign(best)
        romanised = _likeliest(self._codes, touched, length, {})[0]
        return Foreign(romanised) if touched[romanised] >= COMMON * length else None

    def _sign(self, code: str, text: str, found: _ForeignWords) -> str | None:
        """The first emergency of the language's file that the message names and does not deny.

        `found` are the message's words.
        """
        language = self._read(code)
        found = found if language.spaced else self._letters(text)
        for pattern in language.among(found.places):
            parts = self._parts(pattern.line, language.spaced)
            if language.spaced and any(part.keys().isdisjoint(found.places) for part in parts):
                continue
            for start, end in _places(parts, found, language.spaced):
                if not _denied(language, found, start, end):
                    return pattern.sign
        return None

    def _parts_of(self, line: str, spaced: bool) -> tuple[PatternPart, ...]:
        return tuple(phrases(part, self._folded, spaced) for part in line.split(JOINED))

    def _words(self, text: str) -> _ForeignWords:
        words: list[str] = []
        fresh: set[int] = set()
        for piece in _pieces(self._folded(text).translate(_TYPOGRAPHIC)):
            if piece in _BREAK:
                fresh.add(len(words))
            else:
                words.append(_counted(piece))
        return _foreign_words(words, fresh)

    def _letters(self, text: str) -> _ForeignWords:
        """All its letters as one word, numbers of tablets written NUM."""
        return _foreign_words(["".join(_counted(piece) for piece in _pieces(self._folded(text)))])


def _likeliest(
    codes: Iterable[str], touched: Mapping[str, int], length: int, likely: Mapping[str, float]
) -> list[str]:
    """The languages, first the one whose commonest words and whose sound are those of the message.

    The message has `length` words; `touched` of them are a language's commonest.
    """
    return sorted(codes, key=lambda code: -(touched[code] / max(length, 1) + likely.get(code, 0.0)))


def phrases(part: str, folded: Callable[[str], str], spaced: bool) -> PatternPart:
    """One part of a pattern: alternatives with `|`, groups of words in parentheses with `/`."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for alternative in part.split("|"):
        for phrase in _spelled_out(alternative):
            words = tuple(piece for piece in _pieces(folded(phrase)) if piece not in _BREAK)
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


def _by_letters(text: str, likely: Mapping[str, float]) -> Mapping[str, float]:
    """The guess, with half of what is missing given to languages whose own letters are in the text."""
    found = {code for code, letters in _LETTERS_OF.items() if letters.search(text)}
    return {**likely, **{code: 0.5 + likely.get(code, 0.0) / 2 for code in found}}


def _script_of(text: str) -> str | None:
    """The script of most letters, None without any; a script that has no language here is "other"."""
    letters = sum(map(str.isalpha, text))
    if not letters:
        return None
    if text.isascii():
        return "latin"
    counts = {name: len(pattern.findall(text)) for name, (pattern, _) in _SCRIPTS.items()}
    if counts["kana"]:
        counts["kana"] += counts.pop("han")  # Japanese writes both
    counts["other"] = letters - sum(counts.values())
    return max(counts, key=counts.__getitem__)


def _pieces(text: str) -> Iterator[str]:
    """Words (letters, marks and digits, digits apart from letters) and breaks, in order."""
    if text.isascii():
        yield from _ASCII_PIECE.findall(text)  # the same, at once
        return
    word, digits = "", False
    for letter in text:
        category = unicodedata.category(letter)[0]
        is_digit = letter.isdecimal()
        if category in "LNM" and (not word or is_digit == digits or category == "M"):
            word += letter
        else:
            if word:
                yield word
            word = letter if category in "LNM" else ""
            if letter in _BREAK:
                yield letter
        digits = is_digit if category != "M" else digits
    if word:
        yield word


def _counted(word: str) -> str:
    """A number of tablets that is too many as MANY_WORD; whoever writes that word itself means another."""
    if word == MANY_WORD:
        return word + "."
    return MANY_WORD if word.isdecimal() and len(word) < 6 and int(word) >= MANY else word


def _places(parts: Sequence[PatternPart], found: _ForeignWords, spaced: bool) -> Iterator[tuple[int, int]]:
    """Where all parts of a pattern stand together: from the first word to the last.

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
                yield spans[0][0], spans[-1][1]


def _nearest(spans: Sequence[tuple[int, int]], place: int) -> Sequence[tuple[int, int]]:
    """Those that begin nearest to a place, on either side; `spans` are in order."""
    at = bisect_left(spans, (place, 0))
    return spans[max(0, at - NEIGHBOURS) : at + NEIGHBOURS]


def _occurrences(part: PatternPart, found: _ForeignWords) -> Iterator[tuple[int, int]]:
    for first in part.keys() & found.places.keys():
        for start, phrase in product(found.places[first], part[first]):
            if found.words[start : start + len(phrase)] == phrase:
                yield start, start + len(phrase)


def _runs(part: PatternPart, letters: str) -> Iterator[tuple[int, int]]:
    for phrase in part:
        start = letters.find(phrase)
        while start >= 0:
            yield start, start + len(phrase)
            start = letters.find(phrase, start + 1)


def _denied(language: ForeignLanguage, found: _ForeignWords, start: int, end: int) -> bool:
    """Whether a negation stands before the words from `start` to `end`, or right after them."""
    if not language.spaced:
        around = (
            found.words[0][end : end + 6]
            if language.negated_after
            else found.words[0][max(0, start - 3) : start]
        )
        ends = around.startswith if language.negated_after else around.endswith
        return any(ends(negation) for negation in language.negations)
    if language.negated_after:
        return end < len(found.words) and end not in found.fresh and found.words[end] in language.negations
    for at in range(start - 1, max(start - 1 - DENIES, -1), -1):
        if at + 1 in found.fresh:
            return False
        if found.words[at] in language.negations:
            return True
    return False
