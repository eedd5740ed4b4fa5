"""What a message says not to be so: "no fever", "never my chest", "isn't numb or weak"."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tgbot.finder.cues import Cover, Cues, Span

NEGATED_WORDS = 5  # that a negator reaches
BRIEFLY_WORDS = 2  # that "no history of" reaches
UNSAID_WORDS = 8  # after a negator, within which "until now" or "more like pressure" takes it back


def denied(length: int, cues: Cues, consumed: Cover) -> tuple[int, ...]:
    """For each word, how far a denial that began there or before it reaches.

    A negator inside a `consumed` phrase ("no feeling") belongs to that phrase and denies nothing.
    """
    ends = [0] * (length + 1)
    for span in _denials(length, cues, consumed):
        ends[span.start] = max(ends[span.start], span.end)
    return tuple(accumulate(ends, max))


def _denials(length: int, cues: Cues, consumed: Cover) -> Iterator[Span]:
    """After a negator that nothing takes back, and whole phrases that say no."""
    starts = cues.starts
    ends = _thoughts(starts("breakers"), starts("subjects"), starts("owners"), starts("prepositions"))
    reach = _Reach(length, cues.sentences, ends, starts("contrasts"), frozenset(starts("lists")))
    firsts, unsaid, firstly = starts("firsts"), starts("rather"), starts("novelties")
    for negator in cues.free("negators", "inert", "briefly"):
        if consumed.holds(negator.start, negator.end):
            continue
        never_before = negator.start in firsts and _follows(firstly, negator.end)
        if not never_before and not _follows(unsaid, negator.end):
            yield Span(negator.end, reach.end(negator.end))
    yield from (Span(brief.end, reach.end(brief.end, BRIEFLY_WORDS)) for brief in cues.spans("briefly"))
    yield from cues.spans("inert")


def _follows(places: Iterable[int], end: int) -> bool:
    return any(end <= place < end + UNSAID_WORDS for place in places)


def _thoughts(
    breakers: Iterable[int], subjects: Iterable[int], owners: Iterable[int], prepositions: Iterable[int]
) -> list[int]:
    """Where a new thought begins: "no fever | but …", "no fever | i have …", "not sleeping | my chest …"."""
    within = frozenset(place + 1 for place in prepositions)  # "not in my chest" goes on
    return sorted({*breakers, *subjects, *(place for place in owners if place not in within)})


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a negator reaches: a few words, more while a list goes on, never past a new thought or the
    sentence's end."""

    length: int
    sentences: Sequence[int]
    ends: Sequence[int]
    contrasts: Sequence[int]
    lists: frozenset[int]

    def end(self, start: int, words: int = NEGATED_WORDS) -> int:
        end = min(start + words, self.length)
        while end < self.length and (end in self.lists or end - 1 in self.lists):
            end = min(end + 3, self.length)
        # The word right after the negator belongs to it ("never my chest"), except a contrast ("no but …").
        stops = [*self.ends[bisect_right(self.ends, start) :][:1], *(c for c in self.contrasts if c >= start)]
        return min([end, self._sentence_end(start), *stops])

    def _sentence_end(self, start: int) -> int:
        if not start or start > self.length:
            return self.length
        return bisect_left(self.sentences, self.sentences[start - 1] + 1)
