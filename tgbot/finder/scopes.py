"""What takes a warning sign back: said not to be so, long ago and over, or only asked about.

Scopes are measured in words, never by punctuation: a message means the same however it is typed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from tgbot.finder.phrases import Occurrence

NEGATED_WORDS = 5  # that a negator reaches
PAST_WORDS = 10  # within which a word of the past makes an idea past
ASKED_WORDS = 14  # that a question's opening reaches
FICTION_WORDS = 8  # around a word of film and song
PASTIME_WORDS = (
    3  # before a word of film and song: "watching a film" tells where one was, not what was played
)
OWNED_WORDS = 6  # after a match, within which "I have it" turns a question into a complaint
BRIEFLY_WORDS = 2  # that "no history of" reaches
UNSAID_WORDS = 8  # after a negator, within which "until now" or "more like pressure" takes it back


@dataclass(frozen=True, slots=True)
class Span:
    """Words from `start` up to, not including, `end`."""

    start: int
    end: int

    def holds(self, start: int, end: int) -> bool:
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of one message."""

    negated: tuple[int, ...]  # for each word, how far a denial that began there or before it reaches
    past: tuple[int, ...]
    present: tuple[int, ...]
    asked: tuple[Span, ...]
    general: bool
    returned: bool
    fiction: tuple[int, ...]
    turns: tuple[int, ...]
    personal: tuple[int, ...]
    owned: tuple[int, ...]

    def negates(self, idea: Occurrence) -> bool:
        return self.negated[idea.start] >= idea.end

    def is_past(self, start: int, end: int) -> bool:
        """A word of the past is near, no word of the present is nearer, and nobody says that it is back."""
        if self.returned:
            return False
        then, now = _distance(self.past, start, end), _distance(self.present, start, end)
        return then <= PAST_WORDS and then < now

    def is_asked(self, start: int, end: int) -> bool:
        """It stands in a question about people in general: nobody in particular between opening and end."""
        if self._owned_after(end):
            return False
        return self.general or any(
            opening.start <= start
            and start - opening.end <= ASKED_WORDS
            and not any(opening.end <= word < end for word in self.personal)
            for opening in self.asked
        )

    def is_fiction(self, start: int, end: int) -> bool:
        """It belongs to a film or song named near by: no "and suddenly", "now" or "my" stands between."""
        if self._owned_after(end):
            return False
        before = [place for place in self.fiction if place <= start and start - place <= FICTION_WORDS]
        after = [place for place in self.fiction if place > start and place - end < FICTION_WORDS]
        turned = any(place <= turn < end for place in before[-1:] for turn in self.turns)
        return bool(after) or bool(before and not turned)

    def _owned_after(self, end: int) -> bool:
        return any(end <= place < end + OWNED_WORDS for place in self.owned)


class _Cues:
    """The words of a message that open scopes, by name."""

    def __init__(self, cues: Iterable[Occurrence]) -> None:
        self._by_name: dict[str, list[Span]] = {}
        for cue in cues:
            self._by_name.setdefault(cue.name, []).append(Span(cue.start, cue.end))

    def spans(self, name: str) -> list[Span]:
        return self._by_name.get(name, [])

    def starts(self, name: str) -> tuple[int, ...]:
        return tuple(sorted(span.start for span in self.spans(name)))

    def free(self, name: str, *holders: str) -> tuple[Span, ...]:
        """Those that are no part of a longer phrase with another meaning."""
        phrases = [span for holder in holders for span in self.spans(holder)]
        return tuple(s for s in self.spans(name) if not any(p.holds(s.start, s.end) for p in phrases))


def scopes(length: int, cues: Iterable[Occurrence], consumed: Sequence[Span]) -> Scopes:
    """The scopes that `cues` open in a message of `length` words.

    A negator inside a `consumed` phrase ("no feeling") belongs to that phrase and opens nothing.
    """
    there = _Cues(cues)
    pastimes = there.starts("pastimes")
    return Scopes(
        negated=_furthest(length, _negated(length, there, consumed)),
        past=tuple(sorted({s.start for s in there.free("past", "briefly")} | {*there.starts("past_years")})),
        present=there.starts("present"),
        asked=there.free("asking", "not_asking"),
        general=bool(there.spans("general")),
        returned=bool(there.spans("returned")),
        fiction=tuple(place for place in there.starts("fiction") if not _lately(pastimes, place)),
        turns=there.starts("turns"),
        personal=there.starts("personal"),
        owned=there.starts("owned"),
    )


def _furthest(length: int, spans: Iterable[Span]) -> tuple[int, ...]:
    """For each word, the end of the furthest span that began there or before it."""
    ends = [0] * (length + 1)
    for span in spans:
        ends[span.start] = max(ends[span.start], span.end)
    return tuple(accumulate(ends, max))


def _negated(length: int, cues: _Cues, consumed: Sequence[Span]) -> Iterator[Span]:
    """What is said not to be so: after a negator that nothing takes back, and whole phrases that say no."""
    starts = cues.starts
    ends = _thoughts(starts("breakers"), starts("subjects"), starts("owners"), starts("prepositions"))
    reach = _Reach(length, ends, starts("contrasts"), frozenset(starts("lists")))
    firsts, unsaid, firstly = starts("firsts"), starts("rather"), starts("novelties")
    for negator in cues.free("negators", "inert", "briefly"):
        if any(span.holds(negator.start, negator.end) for span in consumed):
            continue
        never_before = negator.start in firsts and _follows(firstly, negator.end)
        if not never_before and not _follows(unsaid, negator.end):
            yield Span(negator.end, reach.end(negator.end))
    yield from (Span(brief.end, reach.end(brief.end, BRIEFLY_WORDS)) for brief in cues.spans("briefly"))
    yield from cues.spans("inert")


def _follows(places: Iterable[int], end: int) -> bool:
    return any(end <= place < end + UNSAID_WORDS for place in places)


def _lately(pastimes: Iterable[int], place: int) -> bool:
    return any(0 < place - pastime <= PASTIME_WORDS for pastime in pastimes)


def _thoughts(
    breakers: Iterable[int], subjects: Iterable[int], owners: Iterable[int], prepositions: Iterable[int]
) -> list[int]:
    """Where a new thought begins: "no fever | but …", "no fever | i have …", "not sleeping | my chest …"."""
    within = frozenset(place + 1 for place in prepositions)  # "not in my chest" goes on
    return sorted({*breakers, *subjects, *(place for place in owners if place not in within)})


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a negator reaches: a few words, more while a list goes on, never past a new thought."""

    length: int
    ends: Sequence[int]
    contrasts: Sequence[int]
    lists: frozenset[int]

    def end(self, start: int, words: int = NEGATED_WORDS) -> int:
        end = min(start + words, self.length)
        while end < self.length and (end in self.lists or end - 1 in self.lists):
            end = min(end + 3, self.length)
        # The word right after the negator belongs to it ("never my chest"), except a contrast ("no but …").
        stops = [*self.ends[bisect_right(self.ends, start) :][:1], *(c for c in self.contrasts if c >= start)]
        return min([end, *stops])


def _distance(places: Sequence[int], start: int, end: int) -> float:
    """Words between the nearest place and the words from `start` to `end`; `places` are in order."""
    after = bisect_right(places, start - 1)
    before = start - places[after - 1] if after else inf
    return min(before, max(0, places[after] - end + 1) if after < len(places) else inf)
