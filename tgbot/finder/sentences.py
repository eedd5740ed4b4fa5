"""Where a message's words stand, and where its sentences end.

People punctuate as they please ("my back... went", "chest! pain!"), so a full stop, a line's end or a
question mark ends a sentence only between pieces that can stand alone: of some words each, and not torn in
the middle of a phrase ("my", "between" at the end, "and", "is" at the beginning).
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tgbot.finder.normalising import MARKS

MOST_PIECES = 2_048  # with punctuation, of which it is remembered whether a sentence may end after them
SHORTEST = 3  # words of a sentence; a shorter piece belongs to its neighbour

_SPELT = rf"(?<![^\W_])(?:[^\W\d_][^\w\n{MARKS}]){{3,}}[^\W\d_](?![^\W_]|[{MARKS}])"  # c h e s t
_GLUED = r"(?<=[^\W\d_]{3})[.!?]+(?=[^\W\d_]{3})"  # "difficult.Breathing" is two
_LINE_END = re.compile(r"[\n\r]")
_CHUNK = re.compile(rf"{_SPELT}|\S+")
_GLUE = frozenset(".!?")
_GLUED_AT = re.compile(_GLUED)
_AROUND = "\"'’”“‘()[]{}*_~`,;:-–—<>|/\\"
_ENDS = re.compile(r"(?<![.…])[.!?;。！？؟।]+[\"'’”)\]]*\W*$")
_SHORT_FORM = re.compile(r"^(?:dr|mr|mrs|ms|st|vs|eg|ie|e\.g|i\.e|approx|no|[^\W_]|\d+)\.$", re.I)


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
    return not piece[-1].isalnum() and bool(_ENDS.search(piece)) and not _SHORT_FORM.match(piece)


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
