"""What takes a warning sign back: said not to be so, long ago and over, or only asked about.

Scopes are measured in words, never by punctuation: a message means the same however it is typed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tgbot.domain.phrases import Occurrence

NEGATED_WORDS = 5  # that a negator reaches
PAST_WORDS = 10  # within which a word of the past makes an idea past
ASKED_WORDS = 14  # that a question's opening reaches
FICTION_WORDS = 8  # around a word of film and song
OWNED_WORDS = 6  # after a match, within which "I have it" turns a question into a complaint

_LISTS = frozenset({"or", "nor", "and"})


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
    words: Sequence[str]

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
        after = list(self.words[end : end + OWNED_WORDS])
        return any(
            pair in (["i", "have"], ["i", "am"], ["i", "feel"], ["i", "got"])
            for pair in map(list, zip(after, after[1:], strict=False))
        )


def scopes(words: Sequence[str], cues: Iterable[Occurrence], consumed: Sequence[Span]) -> Scopes:
    """The scopes that `cues` open. A negator inside a `consumed` phrase ("no feeling") belongs to the phrase."""
    by_name: dict[str, list[Span]] = {}
    for cue in cues:
        by_name.setdefault(cue.name, []).append(Span(cue.start, cue.end))
    breaks = sorted(span.start for span in by_name.get("breakers", ()))
    inert = by_name.get("inert", [])
    negated = [
        Span(negator.end, _reach(words, negator.end, breaks))
        for negator in by_name.get("negators", ())
        if not any(span.holds(negator.start, negator.end) for span in (*inert, *consumed))
    ]
    return Scopes(
        negated=(*negated, *inert),
        past=tuple(span.start for name in ("past", "past_years") for span in by_name.get(name, ())),
        present=tuple(span.start for span in by_name.get("present", ())),
        fiction=tuple(span.start for span in by_name.get("fiction", ())),
        asked=tuple(by_name.get("asking", ())),
        personal=tuple(span.start for span in by_name.get("personal", ())),
        words=words,
    )


def _reach(words: Sequence[str], start: int, breaks: Sequence[int]) -> int:
    """Where a negator's scope ends: after a few words, more when a list goes on, before a new thought."""
    end = min(start + NEGATED_WORDS, len(words))
    while end < len(words) and (words[end] in _LISTS or words[end - 1] in _LISTS):
        end = min(end + 3, len(words))
    place = bisect_right(breaks, start - 1)
    while place < len(breaks) and breaks[place] < start:
        place += 1
    if place < len(breaks):
        end = min(end, breaks[place])
    for at in range(start + 1, end):
        if _new_thought(words, at):
            return at
    return end


def _new_thought(words: Sequence[str], at: int) -> bool:
    """ "no fever | i have …", "not sleeping | my chest …": a person begins a new clause."""
    if words[at] in ("i", "he", "she", "they", "it", "there"):
        return True
    return words[at] in ("my", "his", "her") and words[at - 1] not in (
        "in", "on", "to", "of", "with", "down", "from", "into", "up", "is", "for", "or", "nor", "and", "by", "not", "at",
    )  # fmt: skip


def _distance(places: Iterable[int], start: int, end: int) -> float:
    return min((start - p if p < start else max(0, p - end + 1) for p in places), default=float("inf"))
