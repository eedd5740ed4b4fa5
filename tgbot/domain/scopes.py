"""What takes a warning sign back: said not to be so, long ago and over, or only asked about.

Scopes are measured in words, never by punctuation: a message means the same however it is typed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from tgbot.domain.phrases import Occurrence

NEGATED_WORDS = 5  # that a negator reaches
PAST_WORDS = 10  # within which a word of the past makes an idea past
ASKED_WORDS = 14  # that a question's opening reaches
FICTION_WORDS = 8  # around a word of film and song
OWNED_WORDS = 6  # after a match, within which "I have it" turns a question into a complaint


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

    negated: tuple[Span, ...]
    past: tuple[int, ...]
    present: tuple[int, ...]
    asked: tuple[Span, ...]
    fiction: tuple[int, ...]
    personal: tuple[int, ...]
    owned: tuple[int, ...]

    def negates(self, idea: Occurrence) -> bool:
        return any(span.holds(idea.start, idea.end) for span in self.negated)

    def is_past(self, start: int, end: int) -> bool:
        """A word of the past is near, and no word of the present is nearer."""
        then, now = _distance(self.past, start, end), _distance(self.present, start, end)
        return then <= PAST_WORDS and then < now

    def is_asked(self, start: int, end: int) -> bool:
        """It stands in a question about people in general (nobody in particular between opening and end),
        or near a word of film and song."""
        if self._owned_after(end):
            return False
        if _distance(self.fiction, start, end) <= FICTION_WORDS:
            return True
        return any(
            opening.start <= start
            and start - opening.end <= ASKED_WORDS
            and not any(opening.end <= word < end for word in self.personal)
            for opening in self.asked
        )

    def _owned_after(self, end: int) -> bool:
        return any(end <= place < end + OWNED_WORDS for place in self.owned)


def scopes(length: int, cues: Iterable[Occurrence], consumed: Sequence[Span]) -> Scopes:
    """The scopes that `cues` open in a message of `length` words.

    A negator inside a `consumed` phrase ("no feeling") belongs to that phrase and opens nothing.
    """
    by_name: dict[str, list[Span]] = {}
    for cue in cues:
        by_name.setdefault(cue.name, []).append(Span(cue.start, cue.end))

    def starts(name: str) -> tuple[int, ...]:
        return tuple(sorted(span.start for span in by_name.get(name, ())))

    inert = by_name.get("inert", [])
    ends = _thoughts(starts("breakers"), starts("subjects"), starts("owners"), starts("prepositions"))
    lists = frozenset(starts("lists"))
    negated = [
        Span(negator.end, _reach(negator.end, length, ends, lists))
        for negator in by_name.get("negators", ())
        if not any(span.holds(negator.start, negator.end) for span in (*inert, *consumed))
    ]
    return Scopes(
        negated=(*negated, *inert),
        past=tuple(sorted(starts("past") + starts("past_years"))),
        present=starts("present"),
        fiction=starts("fiction"),
        asked=tuple(by_name.get("asking", ())),
        personal=starts("personal"),
        owned=starts("owned"),
    )


def _thoughts(
    breakers: Iterable[int], subjects: Iterable[int], owners: Iterable[int], prepositions: Iterable[int]
) -> list[int]:
    """Where a new thought begins: "no fever | but …", "no fever | i have …", "not sleeping | my chest …"."""
    within = frozenset(place + 1 for place in prepositions)  # "not in my chest" goes on
    return sorted({*breakers, *subjects, *(place for place in owners if place not in within)})


def _reach(start: int, length: int, ends: Sequence[int], lists: frozenset[int]) -> int:
    """Where a negator's scope ends: after a few words, more while a list goes on, before a new thought."""
    end = min(start + NEGATED_WORDS, length)
    while end < length and (end in lists or end - 1 in lists):
        end = min(end + 3, length)
    place = bisect_right(ends, start)  # the word right after the negator belongs to it: "never my chest"
    return min(end, ends[place]) if place < len(ends) else end


def _distance(places: Sequence[int], start: int, end: int) -> float:
    """Words between the nearest place and the words from `start` to `end`; `places` are in order."""
    after = bisect_right(places, start - 1)
    before = start - places[after - 1] if after else inf
    return min(before, max(0, places[after] - end + 1) if after < len(places) else inf)
