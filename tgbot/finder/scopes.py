"""What takes a warning sign back besides a denial: it was long ago and is over, is only asked about, feared,
or part of a film.

A scope never leaves its sentence; within it, it is measured in words.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from tgbot.finder.cues import Cover, Cues, Span
from tgbot.finder.denial import denied
from tgbot.finder.people import people
from tgbot.finder.phrases import Occurrence

PAST_WORDS = 10  # within which a word of the past makes an idea past
ASKED_WORDS = 14  # that a question's opening reaches
FEARED_WORDS = 8  # that a fear reaches
FICTION_WORDS = 8  # around a word of film and song
PASTIME_WORDS = 3  # before a word of film: "watching a film" tells where one was, not what was played
OWNED_WORDS = 6  # after a match, within which "I have it" turns a question into a complaint


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of one message."""

    sentences: Sequence[int]
    negated: tuple[int, ...]  # for each word, how far a denial that began there or before it reaches
    people: Sequence[str]  # for each word, whom it is about
    past: tuple[int, ...]
    present: tuple[int, ...]
    asked: Mapping[int, Sequence[Span]]  # by the sentence they stand in, as are fears
    feared: Mapping[int, Sequence[Span]]
    general: bool
    returned: bool
    fiction: tuple[int, ...]
    turns: tuple[int, ...]
    personal: tuple[int, ...]
    owned: tuple[int, ...]

    def negates(self, idea: Occurrence) -> bool:
        return self.negated[idea.start] >= idea.end

    def is_past(self, idea: Occurrence) -> bool:
        """A word of the past is near, no word of the present is nearer, and nobody says that it is back."""
        if self.returned:
            return False
        then = self._distance(self.past, idea)
        return then <= PAST_WORDS and then < self._distance(self.present, idea)

    def is_asked(self, start: int, end: int) -> bool:
        """It stands in a question about people in general: nobody in particular between opening and end."""
        if not (self.general or self.asked) or self._owned_after(end):
            return False
        return self.general or any(
            _opens(opening, start, ASKED_WORDS) and not _any_within(self.personal, opening.end, end)
            for opening in self.asked.get(self.sentences[start], ())
        )

    def is_feared(self, idea: Occurrence) -> bool:
        """It is what somebody is afraid of, or asks whether it is that."""
        fears = self.feared.get(self.sentences[idea.start], ())
        return any(_opens(fear, idea.start, FEARED_WORDS) for fear in fears)

    def is_fiction(self, start: int, end: int) -> bool:
        """It belongs to a film or song named near by: no "and suddenly", "now" or "my" stands between."""
        if not self.fiction or self._owned_after(end):
            return False
        before = [place for place in self.fiction if place <= start and start - place <= FICTION_WORDS]
        after = [place for place in self.fiction if place > start and place - end < FICTION_WORDS]
        turned = any(place <= turn < end for place in before[-1:] for turn in self.turns)
        return bool(after) or bool(before and not turned)

    def _distance(self, places: Sequence[int], idea: Occurrence) -> float:
        """Words between the idea and the nearest place of its sentence; `places` are in order."""
        sentence = self.sentences[idea.start]
        at, distance = bisect_left(places, idea.start), inf
        if at and self.sentences[places[at - 1]] == sentence:
            distance = idea.start - places[at - 1]
        if at < len(places) and self.sentences[places[at]] == sentence:
            distance = min(distance, max(0, places[at] - idea.end + 1))
        return distance

    def _owned_after(self, end: int) -> bool:
        return _any_within(self.owned, end, end + OWNED_WORDS)


def scopes(sentences: Sequence[int], cues: Cues, consumed: Cover) -> Scopes:
    """The scopes that `cues` open in a message whose words stand in these sentences.

    A negator inside a `consumed` phrase ("no feeling") belongs to that phrase and opens nothing.
    """
    pastimes = cues.starts("pastimes")
    gone = (*cues.starts("past_years"), *cues.starts("past_years_ago"))
    return Scopes(
        sentences=sentences,
        negated=denied(len(sentences), cues, consumed),
        people=people(len(sentences), cues.starts("writer"), cues.starts("others")),
        past=tuple(sorted({s.start for s in cues.free("past", "briefly")} | set(gone))),
        present=cues.starts("present"),
        asked=_by_sentence(cues.free("asking", "not_asking"), sentences),
        feared=_by_sentence(cues.spans("fearing"), sentences),
        general=bool(cues.spans("general")),
        returned=bool(cues.spans("returned")),
        fiction=tuple(place for place in cues.starts("fiction") if not _lately(pastimes, place)),
        turns=cues.starts("turns"),
        personal=cues.starts("personal"),
        owned=cues.starts("owned"),
    )


def _by_sentence(spans: Iterable[Span], sentences: Sequence[int]) -> Mapping[int, Sequence[Span]]:
    found: dict[int, list[Span]] = {}
    for span in spans:
        found.setdefault(sentences[span.start], []).append(span)
    return found


def _opens(opening: Span, start: int, words: int) -> bool:
    return opening.start <= start and start - opening.end <= words


def _lately(pastimes: Iterable[int], place: int) -> bool:
    return any(0 < place - pastime <= PASTIME_WORDS for pastime in pastimes)


def _any_within(places: Sequence[int], start: int, end: int) -> bool:
    """Whether one of the places, which are in order, is among the words from `start` up to `end`."""
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end
