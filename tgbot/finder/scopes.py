"""What takes a warning sign back: it is denied ("no fever", "never my chest"), was long ago and is over, is
only asked about or feared, is somebody else's, or part of a film.

Words of the message, its cues, open these scopes ("no", "years ago", "what is"). Most stay in their sentence,
where they are measured in words. What takes a list or a whole story back reaches before it; a film or a song
is measured in words alone; "just curious" and "it is back again" hold for the whole message.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import NamedTuple

from tgbot.finder.reading import Occurrence

NEGATED_WORDS = 5  # that a negator reaches
BRIEFLY_WORDS = 2  # that "no history of" reaches
LISTED_WORDS = 3  # further with each "or", "nor", "and"
UNSAID_WORDS = 8  # after a negator, within which "until now" or "more like pressure" takes it back
PAST_WORDS = 14  # within which a word of the past makes an idea past
ASKED_WORDS = 14  # that a question's opening reaches
FEARED_WORDS = 8  # that a fear reaches
FICTION_WORDS = 8  # around a word of film and song
PASTIME_WORDS = 3  # before a word of film: "watching a film" tells where one was, not what was played
OWNED_WORDS = 6  # after a match, within which "I have it" turns a question into a complaint
WRITER, OTHER = "writer", "other"


class Span(NamedTuple):
    """Words from `start` up to, not including, `end`."""

    start: int
    end: int


class Cover:
    """Spans, and whether one of them holds some words."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._reach: dict[int, int] = {}  # for each word that a span covers, how far the longest does
        for start, end in spans:
            for place in range(start, end):
                if self._reach.get(place, 0) < end:
                    self._reach[place] = end

    def holds(self, start: int, end: int) -> bool:
        return self._reach.get(start, 0) >= end


class Cues:
    """Where each cue stands, and where the message's sentences end."""

    def __init__(self, cues: Iterable[Occurrence], sentences: Sequence[int]) -> None:
        self._by_name: dict[str, list[Span]] = {}
        for cue in sorted(cues):
            self._by_name.setdefault(cue.name, []).append(Span(cue.start, cue.end))
        self.sentences = sentences

    def spans(self, name: str) -> list[Span]:
        return self._by_name.get(name, [])

    def starts(self, name: str) -> tuple[int, ...]:
        return tuple(start for start, _ in self.spans(name))

    def free(self, name: str, *holders: str) -> tuple[Span, ...]:
        """Those that are no part of a longer phrase with another meaning."""
        phrases = Cover(span for holder in holders for span in self.spans(holder))
        return tuple(s for s in self.spans(name) if not phrases.holds(s.start, s.end))


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
    disclaimed: Cover
    resolved: int
    returned: bool
    fiction: tuple[int, ...]
    turns: tuple[int, ...]
    personal: tuple[int, ...]
    owned: tuple[int, ...]

    def negates(self, idea: Occurrence) -> bool:
        return self.negated[idea.start] >= idea.end

    def is_past(self, idea: Occurrence) -> bool:
        """A word of the past is near, no word of the present is nearer, and nobody says that it is back."""
        if self.returned or not self.past:
            return False
        then = self._distance(self.past, idea)
        return then <= PAST_WORDS and then < self._distance(self.present, idea)

    def is_asked(self, start: int, end: int) -> bool:
        """It stands in a question about people in general: nobody in particular between opening and end."""
        asked = self.general or any(
            _opens(opening, start, ASKED_WORDS) and not _any_within(self.personal, opening.end, end)
            for opening in self.asked.get(self.sentences[start], ())
        )
        return asked and not self._owned_after(end)

    def is_feared(self, idea: Occurrence) -> bool:
        """It is what somebody is afraid of, or asks whether it is that."""
        fears = self.feared.get(self.sentences[idea.start], ())
        return any(_opens(fear, idea.start, FEARED_WORDS) for fear in fears)

    def is_disclaimed(self, start: int, end: int) -> bool:
        """Somebody says right after a list of signs that they have none of them, or no more."""
        return self.disclaimed.holds(start, end)

    def is_resolved(self, start: int) -> bool:
        """The end of the story is told further on, and it was a good one."""
        return start < self.resolved

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
        disclaimed=Cover(_before(span.start, sentences) for span in cues.spans("disclaiming")),
        resolved=_resolved(cues.spans("resolving"), cues.starts("lasting")),
        returned=bool(cues.spans("returned")),
        fiction=tuple(place for place in cues.starts("fiction") if not _lately(pastimes, place)),
        turns=cues.starts("turns"),
        personal=cues.starts("personal"),
        owned=cues.starts("owned"),
    )


def _before(place: int, sentences: Sequence[int]) -> Span:
    """What stands before it in its sentence, and the sentence before: "…, numb legs. I have none of them"."""
    return Span(bisect_left(sentences, sentences[place] - 1), place)


def _resolved(endings: Sequence[Span], lasting: Sequence[int]) -> int:
    """The place of the last good ending after which nothing is said to last; 0 without one."""
    last = lasting[-1] if lasting else -1
    return max((ending.start for ending in endings if last < ending.end), default=0)


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
            end = min(end + LISTED_WORDS, self.length)
        # The word right after the negator belongs to it ("never my chest"), except a contrast ("no but …").
        stops = [*self.ends[bisect_right(self.ends, start) :][:1], *(c for c in self.contrasts if c >= start)]
        sentence_end = bisect_left(self.sentences, self.sentences[start - 1] + 1)
        return min([end, sentence_end, *stops])


def people(length: int, writer: Iterable[int], others: Iterable[int]) -> list[str]:
    """For each word, who was named last before it; a new sentence goes on with whom the last one ended.

    `writer` are the places of "I" and "my", `others` those of "my mum" and "he". Unnamed, it is the writer.
    """
    named = dict.fromkeys(writer, WRITER) | dict.fromkeys(others, OTHER)
    who, every = WRITER, []
    for place in range(length):
        who = named.get(place, who)
        every.append(who)
    return every


def is_one_person(ideas: Sequence[Occurrence], who: Sequence[str]) -> bool:
    """Whether all the ideas are about the same person, or the same people that are not the writer."""
    return len({who[idea.start] for idea in ideas}) <= 1
