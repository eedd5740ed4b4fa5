"""What a message asks for: warning signs first, then the right answer, then an honest "I do not know".

`find` is a total function: any text gives a Finding. The index is built when the pack is loaded, from what
`study` learned of the pack's words: now, or at an earlier start.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tgbot.content import Tier
from tgbot.finder.learning import Classifier, Example, learn
from tgbot.finder.ranking import MOST_SUGGESTIONS, Ranker, Ranking
from tgbot.finder.reading import Reader
from tgbot.finder.signs import Detector, Watcher


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
    """Everything learned from the pack's words. `named` holds the stems of each answer's own questions."""

    reader: Reader
    detector: Detector
    ranker: Ranker
    named: Mapping[tuple[str, ...], str]

    def signs(self, text: str) -> tuple[str, ...]:
        """The warning signs in `text`, the worst first; no answer is looked for."""
        return self.detector.detect(self.reader.read(text)).signs


@dataclass(frozen=True, slots=True)
class Lessons:
    """Wordings to learn from: of answers and of warning signs by id; `nothing` and `calm` are neither."""

    wordings: Mapping[str, Sequence[str]]
    nothing: Sequence[str]
    alarms: Mapping[str, Sequence[str]]
    calm: Sequence[str]


@dataclass(frozen=True, slots=True)
class Learned:
    """What lessons left: two classifiers, whose class "" is calm or nothing of ours."""

    alarms: Classifier
    answers: Classifier


def study(reader: Reader, watcher: Watcher, lessons: Lessons) -> Learned:
    """Learn from the wordings, which takes some seconds."""

    def asking() -> Iterator[Example]:
        for answer, texts in [*lessons.wordings.items(), ("", lessons.nothing)]:
            yield from (Example(reader.features(reader.read(text)), answer) for text in texts)

    def alarming() -> Iterator[Example]:
        for sign, texts in [*lessons.alarms.items(), ("", lessons.calm)]:
            for reading in map(reader.read, texts):
                marks = {mark for _, mark in watcher.look(reading).marked()}
                yield Example(reader.features(reading) | marks, sign)

    return Learned(learn(alarming()), learn(asking()))


def build(
    reader: Reader,
    watcher: Watcher,
    learned: Learned,
    tiers: Mapping[str, Tier],
    asked: Mapping[str, Sequence[str]],
) -> Index:
    """The index over what was learned. `asked` are each answer's own questions: those are never guessed."""
    named = {reader.read(text).stems: answer for answer, texts in asked.items() for text in texts}
    return Index(reader, Detector(reader, watcher, learned.alarms, tiers), Ranker(learned.answers), named)


def find(index: Index, text: str) -> Finding:
    """What `text` asks for. Warning signs win over everything."""
    reading = index.reader.read(text)
    alarm = index.detector.detect(reading)
    if alarm.signs:
        return Urgent(alarm.signs, alarm.tier, Why(alarm.scores, alarm.matched))
    ranking = index.ranker.rank(index.reader.features(reading))
    return _decided(ranking, index.named.get(reading.stems))


def _decided(ranking: Ranking, named: str | None) -> Finding:
    why = Why(ranking.scores, ranking.matched)
    best = [answer for answer, _ in ranking.scores][:MOST_SUGGESTIONS]
    if named or ranking.sure:
        answer = named or best[0]
        return Found(answer, tuple(other for other in best if other != answer), why)
    if ranking.likely:
        return Suggest(tuple(best), why)
    return Unknown(why)
