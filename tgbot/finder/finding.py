"""What a message asks for: warning signs first, then the right answer, then an honest "I do not know".

`find` is a total function: any text gives a Finding. The index is built when the pack is loaded, from what
was learned of the pack's words: now, or at an earlier start.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.content import RedFlag, Tier
from tgbot.finder.learning import Classifier, Features
from tgbot.finder.reading import Reader, Reading
from tgbot.finder.rules import RuleMatcher
from tgbot.finder.signs import Detector
from tgbot.finder.studying import HURTS, Learned

ScoreList = tuple[tuple[str, float], ...]
"""Signs or answers with the net's score, best first: for whoever tunes the words, never for a patient."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """Warning signs that words of the message name, the worst first; `tier` is the worst sign's.

    `because` holds those words. Shown before anything else.
    """

    signs: tuple[str, ...]
    tier: Tier
    because: tuple[str, ...] = ()
    scores: ScoreList = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A warning sign may be meant, or pain is stated: ask before answering.

    `signs` are the suspected ones, likeliest first, and may be none; never one that may not be asked about on
    a hunch. `answers` (at most three, best first) are for whoever has none of them. `because` as in Urgent.
    """

    signs: tuple[str, ...]
    answers: tuple[str, ...]
    because: tuple[str, ...] = ()
    scores: ScoreList = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One answer, with confidence. `others` come next, best first."""

    answer: str
    others: tuple[str, ...] = ()
    scores: ScoreList = ()


@dataclass(frozen=True, slots=True)
class Suggest:
    """At most three answers that may be meant, best first."""

    answers: tuple[str, ...]
    scores: ScoreList = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing in the pack answers this."""

    scores: ScoreList = ()


@dataclass(frozen=True, slots=True)
class Foreign:
    """A message in another language (its code), and the emergency named in it, if one is."""

    language: str
    sign: str | None = None
    scores: ScoreList = ()


Finding = Urgent | Check | Found | Suggest | Unknown | Foreign
MOST_SUGGESTIONS = 3
MOST_REASONS = 6
# Leads are logarithms of odds; docs/finding.md says how they were chosen.
SURE_LEAD = 1.5  # over "none of ours": below it we ask back
SURE_GAP = 0.6  # over the next answer: below it we ask back
LIKELY_LEAD = -2.0  # over "none of ours": below it we say that we do not know
# A message that never names the back is asked back, not answered, when
STRAYS = 5.0  # one word speaks for "none of ours" by so much over the answer, whatever the others say
STORY = 15  # or it goes on for so many different words that carry meaning
HURTS_LEAD = 2.5  # a logarithm of odds, from which they are asked about warning signs
Recogniser = Callable[[str], Foreign | None]  # None: a message in the pack's own language, or in none


def recognise_none(_: str) -> None:
    """For who knows no other language than the pack's."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Answers with their scores, best first; `sure` enough to answer, `likely` enough to suggest.

    `strays` when it is long, or a word of it is about something else than the best answer is.
    """

    scores: ScoreList
    sure: bool
    likely: bool
    strays: bool


class Ranker:
    """Ranks answers; the class "" stands for what the pack has no answer to."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def rank(self, features: Features) -> Ranking:
        """The answers to a message with these features."""
        evidence = self._classifier.look(features)
        scores = evidence.scores()
        nothing = scores.pop("")
        ordered = tuple(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
        lead = ordered[0][1] - nothing
        gap = ordered[0][1] - ordered[1][1] if len(ordered) > 1 else SURE_GAP
        known = evidence.knows_a_word()  # "xxxx" asks nothing
        return Ranking(
            ordered[: MOST_SUGGESTIONS + 2],
            sure=known and lead >= SURE_LEAD and gap >= SURE_GAP,
            likely=known and lead >= LIKELY_LEAD,
            strays=features.words >= STORY or evidence.strongest_word("", ordered[0][0]) >= STRAYS,
        )

    def reasons(self, features: Features, answer: str) -> list[str]:
        """What spoke for an answer most, for whoever tunes the words."""
        return self._classifier.look(features).reasons(answer, MOST_REASONS)


@dataclass(frozen=True, slots=True)
class Index:
    """Everything learned from the pack's words. `named` holds the stems of each answer's own questions."""

    reader: Reader
    detector: Detector
    ranker: Ranker
    named: Mapping[tuple[str, ...], str]
    complaints: Classifier
    plain_answers: frozenset[str]  # the answers for a message that only says it hurts
    recognise: Recogniser = recognise_none

    def read(self, text: str) -> Reading:
        """The message, read: made once, for `find` and whoever else looks at its words."""
        return self.reader.read(self.reader.after_an_answer(text))


def build(
    reader: Reader,
    rules: RuleMatcher,
    learned: Learned,
    flags: Mapping[str, RedFlag],
    asked: Mapping[str, Sequence[str]],
    plain_answers: frozenset[str],
) -> Index:
    """The index over what was learned. `asked` are each answer's own questions: those are never guessed."""
    named = {reader.read(text).stems: answer for answer, texts in asked.items() for text in texts}
    return Index(
        reader,
        Detector(reader, rules, learned.alarms, flags),
        Ranker(learned.answers),
        named,
        learned.complaints,
        plain_answers,
    )


def find(index: Index, message: str | Reading) -> Finding:
    """What a message asks for. Another language is told first; then warning signs win over everything."""
    reading = index.read(message) if isinstance(message, str) else message
    foreign = index.recognise(reading.text)
    if foreign is not None:
        return foreign
    named = index.named.get(reading.stems)
    if reading.says_nothing and not named:
        return Unknown()
    features = index.reader.features(reading)
    alarm = index.detector.detect(reading, features)
    if alarm.named:
        return Urgent(alarm.named, alarm.tier, alarm.because, alarm.scores)
    answer = _decided(index.ranker.rank(features), named, reading)
    hurts = alarm.complaint or (_hurts(index, features) and not isinstance(answer, Unknown))
    if alarm.suspected or (hurts and not reading.is_elsewhere and not _is_specific(index, reading, answer)):
        return Check(alarm.suspected, _offered(answer), alarm.because, alarm.scores)
    return answer


def reasons(index: Index, text: str, answer: str) -> list[str]:
    """What in a message spoke for an answer most."""
    return index.ranker.reasons(index.reader.features(index.read(text)), answer)


def _hurts(index: Index, features: Features) -> bool:
    """Whether the message says that something hurts, more likely than not."""
    scores = index.complaints.scores(features)
    return scores[HURTS] - scores[""] >= HURTS_LEAD


def _is_specific(index: Index, reading: Reading, answer: Finding) -> bool:
    """Whether a question is asked that has an answer of its own: "heat or ice?", not "what can I do?"."""
    return isinstance(answer, Found) and reading.asks and answer.answer not in index.plain_answers


def _offered(answer: Finding) -> tuple[str, ...]:
    """The answers for whoever has no warning sign, at most three."""
    match answer:
        case Found(answer=first, others=others):
            return (first, *others)
        case Suggest(answers=answers):
            return answers
        case _:
            return ()


def _decided(ranking: Ranking, named: str | None, reading: Reading) -> Found | Suggest | Unknown:
    """The answer that is asked for; `named` is the one whose own question the message is.

    What never names the back, and another part of the body or another subject, is never answered at once.
    """
    learned = [answer for answer, _ in ranking.scores]
    best = tuple(dict.fromkeys([*([named] if named else []), *learned]))[:MOST_SUGGESTIONS]
    elsewhere = not reading.is_here and (reading.elsewhere or ranking.strays)
    if named or (ranking.sure and not elsewhere):
        return Found(best[0], best[1:], ranking.scores)
    if ranking.likely:
        return Suggest(best, ranking.scores)
    return Unknown(ranking.scores)
