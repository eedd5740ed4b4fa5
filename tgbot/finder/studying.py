"""What the three nets learn from, and how: warning signs, answers, complaints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tgbot.finder.learning import Classifier, Example, Features, learn, with_ideas
from tgbot.finder.reading import Reader, Reading
from tgbot.finder.rules import RuleMatcher

HURTS = "hurts"  # the class of messages that say so
TELLING = 1.5  # how much rarity counts for pain and warning signs: common words tell of anything


@dataclass(frozen=True, slots=True)
class Lessons:
    """Wordings to learn from: of answers and of warning signs by id; `nothing` and `calm` are neither.

    `complaints` say that something hurts, `questions` do not.
    """

    wordings: Mapping[str, Sequence[str]]
    nothing: Sequence[str]
    alarms: Mapping[str, Sequence[str]]
    calm: Sequence[str]
    complaints: Sequence[str]
    questions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Learned:
    """What lessons left: classifiers, whose class "" is calm, nothing of ours, or no complaint."""

    alarms: Classifier
    answers: Classifier
    complaints: Classifier


class Studying:
    """Learns from the wordings, which takes some seconds. What teaches several nets is read once."""

    def __init__(self, reader: Reader, rules: RuleMatcher, lessons: Lessons) -> None:
        self._reader = reader
        self._rules = rules
        self._lessons = lessons
        self._read: dict[str, Features] = {}

    def alarms(self) -> Classifier:
        """What tells the warning signs from each other and from what is calm."""
        return learn(self._alarming(), rarity=TELLING)

    def answers(self) -> Classifier:
        """What tells the answers from each other and from what is none of ours."""
        return learn(self._labelled({**self._lessons.wordings, "": self._lessons.nothing}), thorough=True)

    def complaints(self) -> Classifier:
        """What tells that something hurts."""
        told = {HURTS: self._lessons.complaints, "": self._lessons.questions}
        return learn(self._labelled(told), thorough=True, rarity=TELLING)

    def _alarming(self) -> Iterator[Example]:
        for sign, texts in {**self._lessons.alarms, "": self._lessons.calm}.items():
            for text in texts:
                reading = self._reader.read(text)
                marks = {mark for _, mark in self._rules.signals(reading).marked()}
                yield Example(with_ideas(self._features(text, reading), marks), sign)

    def _labelled(self, wordings: Mapping[str, Sequence[str]]) -> Iterator[Example]:
        for label, texts in wordings.items():
            yield from (Example(self._features(text), label) for text in texts)

    def _features(self, text: str, reading: Reading | None = None) -> Features:
        found = self._read.get(text)
        if found is None:
            found = self._reader.features(reading or self._reader.read(text)).unnamed()
            self._read[text] = found
        return found
