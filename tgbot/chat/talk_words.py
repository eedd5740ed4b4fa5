"""By what words a conversation is told: scores, countries, what points back to the last answer, and the bot's
own lines.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tgbot.content import ContentPack, Conversation
from tgbot.finder.countries import CountryNames
from tgbot.finder.meanings import Meanings
from tgbot.finder.normalising import fold, split
from tgbot.finder.reading import Reader
from tgbot.screens.markup import plain
from tgbot.service.hints import AskedFor

ASKS = re.compile("[?？؟]")  # a message that holds one of these is a question
_LONGEST_SCORE = 10  # words
_WORST = 10
_DASH = r"[-\u2010-\u2015\u2212]"
_NO_SCORE = re.compile(  # below nought, a decimal, a range, a percentage; "pain - 4" is a dash
    rf"^\W*{_DASH}\s*\d|(?<!\w){_DASH}\d|\d[.,]\d|(?<![\w.])\.\d|\d\s*{_DASH}\s*\d|\d\s*%"
)


class Scores:
    """`words` names the numbers and what may stand around one."""

    def __init__(self, words: Conversation) -> None:
        named = {word: number for number, word in enumerate(words.numbers)}
        self._numbers = named | {str(number): number for number in range(_WORST + 1)}
        self._around = frozenset(words.around_score.split())

    def near(self, text: str) -> bool:
        """Whether a short message has a number in it, as "an 8 or 9" and "11" have."""
        words = split(text)
        return len(words) <= _LONGEST_SCORE and any(
            word in self._numbers or word.isdecimal() for word in words
        )

    def of(self, text: str) -> str | None:
        """The score from 0 to 10, when the message says nothing else; "7 of 10" is 7, and "-3" is none."""
        words = split(text)
        if not 0 < len(words) <= _LONGEST_SCORE or _NO_SCORE.search(fold(text)):
            return None
        numbers = [self._numbers.get(word, -1) for word in words if word not in self._around]
        if len(numbers) == 2 and numbers[1] == _WORST:
            del numbers[1]
        return str(numbers[0]) if len(numbers) == 1 and numbers[0] >= 0 else None


@dataclass(frozen=True, slots=True)
class TalkWords:
    """By what a conversation's words are told. `further` and `joining` hold what follows "what about" and
    "and"; `parts` separates questions; `narrowing` finds what limits a stop to a time; `asks` and
    `questions_by_line` know the bot's own lines."""

    pack: ContentPack
    meanings: Meanings
    countries: CountryNames
    scores: Scores
    further: re.Pattern[str]
    joining: re.Pattern[str]
    parts: re.Pattern[str]
    near_country: re.Pattern[str]
    narrowing: re.Pattern[str]
    ordinals: tuple[str, ...]
    pointing: frozenset[str]
    asks: Mapping[str, AskedFor]
    questions_by_line: Mapping[str, str]


def talk_words(pack: ContentPack, reader: Reader) -> TalkWords:
    """Those of a pack; `reader` knows its language."""
    words = pack.conversation
    names = {iso: [country.name, *words.countries.get(iso, ())] for iso, country in pack.countries.items()}
    asks, hesitating = any_of(words.question_words), any_of(words.hesitating)
    between = rf",?\s{any_of(words.also)}\s+(?={asks}\b)|,\s*(?={asks}\b)"
    further = rf"\W*(?:{hesitating}\W+)*{any_of(words.further)}\s+(.+)"
    return TalkWords(
        pack,
        Meanings(words, reader.words, reader.stem),
        CountryNames(names, words.around_place.split(), pack.locale),
        Scores(words),
        further=re.compile(further, re.I | re.S),
        joining=re.compile(rf"\s*{any_of(words.joining)}\s+(.+)", re.I | re.S),
        parts=re.compile(rf"[?!.;\n]+|{between}", re.I),
        near_country=re.compile(rf"\b{any_of(words.near_country)}\b", re.I),
        narrowing=_narrowing(words),
        ordinals=words.ordinals,
        pointing=frozenset(words.pointing),
        asks=_asking_lines(pack),
        questions_by_line={answer.question: answer.id for answer in pack.answers.values()},
    )


def _narrowing(words: Conversation) -> re.Pattern[str]:
    times = words.times
    named = any_of((*words.narrowing, *times.days, *times.weekdays, *times.parts, *times.units))
    half = any_of((*times.before_noon, *times.after_noon))
    return re.compile(rf"\b{named}\b|\d\s*{half}\b|\b{any_of(times.at)} \d", re.I)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; for none, one that nothing meets."""
    either = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return f"(?:{either})" if either else "(?!)"


def _asking_lines(pack: ContentPack) -> dict[str, AskedFor]:
    """The lines by which the bot's own questions are known again in a message that is replied to."""
    asks = {
        "diary.pain": AskedFor.SCORE,
        "diary.note_how": AskedFor.NOTE,
        "settings.zone": AskedFor.PLACE,
        "start.zone_first": AskedFor.PLACE,
        "countries.text": AskedFor.COUNTRY,
        "settings.country": AskedFor.COUNTRY,
    }
    return {plain(pack.ui[key]).strip().splitlines()[0].strip(): asked for key, asked in asks.items()}
