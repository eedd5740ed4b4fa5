"""What a message asks for: warning signs first, then the right answer, then an honest "I do not know".

`find` is a total function: any text gives a Finding. The index is built once, when the pack is loaded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.domain.content import Tier
from tgbot.domain.detecting import Detection, Detector, Watcher
from tgbot.domain.learning import Example, learn
from tgbot.domain.ranking import MOST_SUGGESTIONS, Ranker, Ranking
from tgbot.domain.reading import Language, Reader


@dataclass(frozen=True, slots=True)
class Why:
    """How sure, and for which words: shown to whoever tunes the words, never to a patient."""

    scores: tuple[tuple[str, float], ...] = ()
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Urgent:
    """Warning signs, the worst first; `tier` is the worst sign's. Shown before anything else."""

    signs: tuple[str, ...]
    tier: Tier
    why: Why = Why()


@dataclass(frozen=True, slots=True)
class Found:
    """One answer, with confidence. `others` come next, best first."""

    answer: str
    others: tuple[str, ...] = ()
    why: Why = Why()


@dataclass(frozen=True, slots=True)
class Suggest:
    """At most three answers that may be meant, best first."""

    answers: tuple[str, ...]
    why: Why = Why()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing in the pack answers this."""

    why: Why = Why()


Finding = Urgent | Found | Suggest | Unknown


@dataclass(frozen=True, slots=True)
class Index:
    """Everything learned from the pack's words."""

    reader: Reader
    detector: Detector
    ranker: Ranker

    def signs(self, text: str) -> tuple[str, ...]:
        """The warning signs in `text`, the worst first; no answer is looked for."""
        return self.detector.detect(self.reader.read(text)).signs


def build(
    language: Language,
    detection: Detection,
    wordings: Mapping[str, Sequence[str]],
    nothing: Sequence[str],
    alarms: Mapping[str, Sequence[str]],
    calm: Sequence[str],
    tiers: Mapping[str, Tier],
) -> Index:
    """The index. `wordings` by answer id and `alarms` by sign id; `nothing` and `calm` are neither."""
    watcher = Watcher(detection, language.expand)
    reader = Reader(language, watcher.words)

    def asking(texts: Iterable[str], label: str) -> list[Example]:
        return [Example(reader.features(reader.read(text)), label) for text in texts]

    def alarming(texts: Iterable[str], label: str) -> list[Example]:
        readings = map(reader.read, texts)
        return [
            Example(reader.features(r) | {mark for _, mark in watcher.look(r).marked()}, label)
            for r in readings
        ]

    answers = [example for answer, texts in wordings.items() for example in asking(texts, answer)]
    signs = [example for sign, texts in alarms.items() for example in alarming(texts, sign)]
    return Index(
        reader,
        Detector(reader, watcher, learn([*signs, *alarming(calm, "")]), tiers),
        Ranker(learn([*answers, *asking(nothing, "")]), frozenset().union(*(e.features for e in answers))),
    )


def find(index: Index, text: str) -> Finding:
    """What `text` asks for. Warning signs win over everything."""
    reading = index.reader.read(text)
    alarm = index.detector.detect(reading)
    if alarm.signs:
        return Urgent(alarm.signs, alarm.tier, Why(alarm.scores, alarm.matched))
    ranking = index.ranker.rank(index.reader.features(reading), reading.is_here)
    return _decided(ranking)


def _decided(ranking: Ranking) -> Finding:
    why = Why(ranking.scores, ranking.matched)
    best = [answer for answer, _ in ranking.scores][:MOST_SUGGESTIONS]
    if ranking.sure:
        return Found(best[0], tuple(best[1:]), why)
    if ranking.likely:
        return Suggest(tuple(best), why)
    return Unknown(why)
