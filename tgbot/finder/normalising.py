"""A message as words that can be compared: no case, accents, emoji, punctuation, stretched letters or slips;
where each stands, and where sentences end.

What comes out depends only on the words: "CHEST   PAIN!!!", "chest pain 😭" and "cheeest pain" are one text.
People punctuate as they please ("my back... went", "chest! pain!"), so a full stop, a line's end or a
question mark ends a sentence only between pieces that can stand alone: of some words each, and not torn in
the middle of a phrase ("my", "between" at the end, "and", "is" at the beginning).
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from rapidfuzz.distance import OSA
from Stemmer import Stemmer, algorithms  # type: ignore[import-not-found]  # compiled, without types

_APOSTROPHES = re.compile("['’‘`´ʼ＇]")
_STRETCHED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")
_INVISIBLE = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_DOLLAR = re.compile(r"(?<=[^\W\d_])\$(?=[^\W\d_])")
_UNITS = re.compile(r"(\d)([^\W\d_])|([^\W\d_])(\d)")

Stem = Callable[[str], str]
STEMMERS = frozenset(algorithms())

LONGEST_WORD = 30  # letters; a longer one is no word of ours, and mending it would only cost time
_MEND_FROM = 4  # letters; shorter words have too many neighbours
_TWO_SLIPS_FROM = 10  # letters; so long a word may hold two slips
_PLACE_BITS = 16
_LAST_PLACE = (1 << _PLACE_BITS) - 1


# Marks without which a word is another one: vowels in India and South-East Asia, the sign that joins two
# consonants, the points of kana. Accents, and the points of Arabic and Hebrew, are often left out in a hurry.
_SPELLING = (0, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132)  # combining classes
MARKS = "".join(
    letter
    for letter in map(chr, range(0x300, 0x10000))
    if unicodedata.category(letter) in ("Mn", "Mc") and unicodedata.combining(letter) in _SPELLING
)
_ACCENTS = re.compile(
    "[{}]".format(
        "".join(
            letter
            for letter in map(chr, range(0x300, 0x10000))
            if unicodedata.combining(letter) not in _SPELLING
        )
    )
)
_WORD = re.compile(rf"[^\W_][^\W_]*(?:[{MARKS}]+[^\W_]*)*")
_SPELT = re.compile(rf"(?<![^\W_])(?:[^\W\d_][^\w{MARKS}]){{3,}}[^\W\d_](?![^\W_])")

MOST_PIECES = 2_048  # with punctuation, of which it is remembered whether a sentence may end after them
SHORTEST = 3  # words of a sentence; a shorter piece belongs to its neighbour

_SPELT_OUT = rf"(?<![^\W_])(?:[^\W\d_][^\w\n{MARKS}]){{3,}}[^\W\d_](?![^\W_]|[{MARKS}])"  # c h e s t
_LINE_END = re.compile(r"[\n\r]")
_CHUNK = re.compile(rf"{_SPELT_OUT}|\S+")
_GLUE = frozenset(".!?")
_GLUED_AT = re.compile(r"(?<=[^\W\d_]{3})[.!?]+(?=[^\W\d_]{3})")  # "difficult.Breathing" is two
_AROUND = "\"'’”“‘()[]{}*_~`,;:-–—<>|/\\"
_END = re.compile(r"(?<![.…])[.!?;。！？؟।]")
BREAKS = frozenset(".,;:!?…،؛؟।。，！？\n")
_ASCII_PIECE = re.compile(r"[A-Za-z]+|[0-9]+|[.,;:!?\n]")
_SHORT_FORM = re.compile(r"^(?:dr|mr|mrs|ms|st|vs|eg|ie|e\.g|i\.e|approx|no|[^\W_]|\d+)\.$", re.I)


def fold(text: str) -> str:
    """Lower case, no accents, no invisible signs, no apostrophes: the letters a person meant."""
    folded = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
    if not folded.isascii():
        folded = _ACCENTS.sub("", folded)
    return _APOSTROPHES.sub("", folded)


def split(text: str) -> list[str]:
    """The words of a text, in order; "3hrs" is two words, and "c h e s t" one."""
    if text.isalpha() and text.isascii():
        return [text.lower()]  # as most words are: the same, at once
    joined = _SPELT.sub(lambda m: re.sub(r"\W", "", m[0]), _DOLLAR.sub("s", fold(text)))
    parted = _UNITS.sub(lambda m: f"{m[1]} {m[2]}" if m[1] else f"{m[3]} {m[4]}", joined)
    return _WORD.findall(parted)


def pieces(text: str) -> Iterator[str]:
    """Words of any script (letters, marks and digits, digits apart from letters) and breaks, in order."""
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
            if letter in BREAKS:
                yield letter
        digits = is_digit if category != "M" else digits
    if word:
        yield word


def stemmer(algorithm: str = "") -> Stem:
    """One stem for "spasm", "spasms" and "spasming", by Snowball's algorithm of this name; without one, words
    stay as they are. Raises KeyError for a name that is not in STEMMERS."""
    if not algorithm:
        return str
    stem: Stem = lru_cache(maxsize=20_000)(Stemmer(algorithm, 0).stemWord)  # 0: without a cache of its own
    return stem


class Speller:
    """Mends stretched letters and slips towards words it knows; leaves every known word as it is.

    `known` words stand as they are, the commoner first; slips are mended only towards `targets`, the words
    that matter. The index holds a checksum of every target with one letter left out (two in long words), in
    order, so that a look-up is a few bisections and not a walk over all words.
    """

    def __init__(self, known: Iterable[str], targets: Iterable[str]) -> None:
        self._matter = frozenset(targets)
        self._targets = sorted(t for t in self._matter if len(t) >= _MEND_FROM and t.isalpha())
        commonest = list(known)
        self._known = len(commonest)
        self._ranks = _Ranks([*commonest, *sorted(self._matter)])
        index = sorted(  # a checksum and a place are one number: half the time, and no pair a piece
            checksum << _PLACE_BITS | place
            for place, target in enumerate(self._targets)
            for checksum in _checksums(_without_letters(target))
        )
        self.knows = lru_cache(maxsize=MOST_PIECES)(self._knows)
        self._checksums = array("I", [entry >> _PLACE_BITS for entry in index])
        self._places = array("H", [entry & _LAST_PLACE for entry in index])

    def _knows(self, word: str) -> bool:
        """Whether it is one of the `known` words, as it stands."""
        rank = self._ranks.of(word)
        return rank is not None and rank < self._known

    def mend(self, word: str) -> str:
        """The word that was meant, else itself without its stretches; an endless one is cut."""
        if self._ranks.of(word) is not None or word.isdigit() or len(word) < 3:
            return word
        if len(word) > LONGEST_WORD:
            word = _STRETCHED.sub(r"\1", word)[:LONGEST_WORD]
        ranked = {w: rank for w in _unstretched(word) if (rank := self._ranks.of(w)) is not None}
        if ranked:
            return next((w for w in ranked if w in self._matter), min(ranked, key=ranked.__getitem__))
        word = _STRETCHED.sub(r"\1", word)
        return self._nearest(word) or word

    def _nearest(self, word: str) -> str | None:
        if len(word) < _MEND_FROM:
            return None
        best: tuple[int, bool, int, int, str] | None = None
        for shorter in _without_letters(word):
            for target in self._near(shorter):
                far = OSA.distance(word, target, score_cutoff=2)
                if far > allowed(target):
                    continue
                slip = _slip(word, target)
                candidate = (far, target[0] != word[0], slip, self._ranks.of(target) or 0, target)
                if best is None or candidate < best:
                    best = candidate
        return best[-1] if best else None

    def _near(self, shorter: str) -> Iterable[str]:
        """The targets that may become `shorter`; a checksum shared by chance names one too many."""
        wanted = _checksum(shorter)
        at = bisect_left(self._checksums, wanted)
        while at < len(self._checksums) and self._checksums[at] == wanted:
            yield self._targets[self._places[at]]
            at += 1


class _Ranks:
    """How common words are, 0 the commonest, by their checksums: a fifteenth of a dictionary's memory. In
    a hundred thousand unknown words there is a mix-up."""

    def __init__(self, words: Sequence[str]) -> None:
        checksums = [*_checksums(words)]
        ranks = dict(zip(reversed(checksums), range(len(words) - 1, -1, -1), strict=True))  # the first counts
        self._checksums = array("I", sorted(ranks))
        self._ranks = array("I", map(ranks.__getitem__, self._checksums))

    def of(self, word: str) -> int | None:
        """The word's rank, None for one that is not there."""
        wanted = _checksum(word)
        at = bisect_left(self._checksums, wanted)
        return self._ranks[at] if at < len(self._checksums) and self._checksums[at] == wanted else None


def _checksum(word: str) -> int:
    return crc32(word.encode())


def _checksums(words: Iterable[str]) -> Iterator[int]:
    return map(crc32, map(str.encode, words))


def _unstretched(word: str) -> list[str]:
    """What a stretched word may stand for: every long run as two letters, as one, then no double at all."""
    twice, once = _STRETCHED.sub(r"\1\1", word), _STRETCHED.sub(r"\1", word)
    return [*dict.fromkeys((twice, once, _DOUBLED.sub(r"\1", word)))]


def _without_letters(word: str) -> set[str]:
    one = {word[:i] + word[i + 1 :] for i in range(len(word))}
    if len(word) < _TWO_SLIPS_FROM:
        return {word} | one
    return {word} | one | {w[:i] + w[i + 1 :] for w in one for i in range(len(w))}


def _slip(word: str, target: str) -> int:
    """The likelier the slip, the lower: letters that changed places, one missing or too many, a wrong one."""
    if len(word) != len(target):
        return 1
    return 0 if sorted(word) == sorted(target) else 2


def allowed(word: str) -> int:
    """How many slips a word of this length may hold and still be read."""
    return 2 if len(word) >= _TWO_SLIPS_FROM else 1


class Chunk(NamedTuple):
    """What stands between two spaces, from `start` to `end` of the text."""

    text: str
    start: int
    end: int
    closes: bool  # a sentence may end after it


def chunks(text: str) -> Iterator[Chunk]:
    """The text in pieces without spaces; a word spelt letter by letter is one."""
    line_ends = frozenset(match.start() for match in _LINE_END.finditer(text)) | {len(text)}
    for match in _CHUNK.finditer(text):
        start, end = match.span()
        piece = match[0]
        if piece.isalnum():
            yield Chunk(piece, start, end, end in line_ends)
            continue
        for glue in _GLUED_AT.finditer(piece) if not _GLUE.isdisjoint(piece) else ():
            cut = match.start() + glue.end()
            yield Chunk(text[start:cut], start, cut, closes=True)
            start = cut
        piece = text[start:end]
        yield Chunk(piece, start, end, end in line_ends or _closes(piece))


@lru_cache(maxsize=MOST_PIECES)
def _closes(piece: str) -> bool:
    """Whether a sentence ends in the signs after its last letter. They are found from the end: one pattern
    for all would try a long run of signs at each of them."""
    after = len(piece)
    while after and not (piece[after - 1].isalnum() or piece[after - 1] == "_"):
        after -= 1
    return bool(_END.search(piece, after)) and not _SHORT_FORM.match(piece)


def sentence_numbers(
    words: Sequence[str], closing: Sequence[bool], runs_on: frozenset[str], runs_in: frozenset[str]
) -> tuple[int, ...]:
    """For each word, the number of its sentence. `closing` says after which words one may end.

    No sentence ends after a word of `runs_on` ("my"), or before one of `runs_in` ("and").
    """
    numbers: list[int] = []
    number, begun = 0, 0
    ends = [place + 1 for place, closed in enumerate(closing) if closed]
    ends = [end for end in ends if end < len(words)]
    for at, end in enumerate(ends):
        following = ends[at + 1] if at + 1 < len(ends) else len(words)
        long_enough = end - begun >= SHORTEST and following - end >= SHORTEST
        if long_enough and words[end - 1] not in runs_on and words[end] not in runs_in:
            numbers += [number] * (end - begun)
            number, begun = number + 1, end
    return (*numbers, *[number] * (len(words) - begun))


def quoted(text: str, start: int, end: int) -> str:
    """The words as they were typed, without the punctuation around them."""
    return " ".join(text[start:end].split()).strip(_AROUND + ".!?… ")
