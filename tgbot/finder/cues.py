"""The words of a message that open scopes ("no", "years ago", "what is"), by the scope's name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tgbot.finder.phrases import Occurrence


@dataclass(frozen=True, slots=True)
class Span:
    """Words from `start` up to, not including, `end`."""

    start: int
    end: int


class Cover:
    """Spans, and whether one of them holds some words."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._over: dict[int, list[Span]] = {}
        for span in spans:
            for place in range(span.start, span.end):
                self._over.setdefault(place, []).append(span)

    def holds(self, start: int, end: int) -> bool:
        return any(end <= span.end for span in self._over.get(start, ()))


class Cues:
    """Where each cue stands, and where the message's sentences end."""

    def __init__(self, cues: Iterable[Occurrence], sentences: Sequence[int]) -> None:
        self._by_name: dict[str, list[Span]] = {}
        for cue in cues:
            self._by_name.setdefault(cue.name, []).append(Span(cue.start, cue.end))
        self.sentences = sentences

    def spans(self, name: str) -> list[Span]:
        return self._by_name.get(name, [])

    def starts(self, name: str) -> tuple[int, ...]:
        return tuple(sorted(span.start for span in self.spans(name)))

    def free(self, name: str, *holders: str) -> tuple[Span, ...]:
        """Those that are no part of a longer phrase with another meaning."""
        phrases = Cover(span for holder in holders for span in self.spans(holder))
        return tuple(s for s in self.spans(name) if not phrases.holds(s.start, s.end))
