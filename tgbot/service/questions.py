"""What people ask: it is answered (warning signs first, then an answer, a choice, or an honest "I don't
know"), and counted as the operator may know it (/stats).

Counts stand in memory on the tap path, flushed by a task: no ids, and no texts unless the operator asked to
keep the words of what was not understood.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import get_args

from tgbot.finder.finding import Check, Finding, Foreign, Found, Suggest, Unknown, Urgent, find
from tgbot.finder.scrubbing import NO_NAMES, NameWords, scrubbed
from tgbot.screens.screen import Screen
from tgbot.screens.voice import Voice
from tgbot.screens.warning_screens import foreign_screen
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.ports import Clock
from tgbot.service.preferences import EmergencyNumbers
from tgbot.service.store_port import CountedEvent, Store, StoreError

REMEMBERED = timedelta(days=90)  # what was asked before that says little about what is asked now
MOST_KINDS = 10_000  # different events between two flushes; words of strangers must not fill the memory
FEWEST = 5
_LENGTHS = ((2, "1-2 words"), (7, "3-7 words"), (20, "8-20 words"), (10**9, "over 20 words"))


class QuestionService:
    """Finds the screen for what somebody typed. Only a card with a number reads the store."""

    def __init__(self, voice: Voice, numbers: EmergencyNumbers, tally: "Statistics", recent: Recent) -> None:
        self._screens = voice.screens
        self._names = voice.index.reader.names
        self.find = partial(find, voice.index)
        self._numbers = numbers
        self._tally = tally
        self._recent = recent

    async def answer(self, person_id: int, text: str, finding: Finding, *, private: bool = False) -> Screen:
        """The screen for what was found for `text`; what became of it is counted, the text is not kept.

        Only in a `private` chat may the screen lead to an open episode.
        """
        has_open = private and self._recent.has_open(person_id)
        self._tally.found(finding, text, self._names)
        match finding:
            case Urgent(signs=signs, because=because):
                self._recent.turned(person_id, AskedFor.COUNTRY, signs=signs)
                country = await self._numbers.country_of(person_id)
                return self._screens.warnings.card(signs, country, because=because)
            case Check(signs=signs, answers=answers):
                self._recent.turned(person_id, AskedFor.SAFETY, signs=signs, answers=answers)
                return self._screens.warnings.ask_safety(signs, answers)
            case Foreign(language=language, sign=sign):
                self._recent.turned(person_id, AskedFor.COUNTRY, signs=(sign,) if sign else ())
                country = await self._numbers.country_of(person_id)
                return foreign_screen(self._screens.pack, language, sign, country)
            case Found(answer=answer):
                self._recent.turned(person_id, answer=answer)
                return self._screens.answer(answer, has_open) or self._screens.unknown(has_open)
            case Suggest(answers=answers):
                self._recent.turned(person_id, AskedFor.CHOICE, answers=answers)
                return self._screens.suggest(answers)
            case Unknown():
                return self._screens.unknown(has_open)


class Statistics:
    """Counts since the last flush; and what is shown most, which inline mode offers first."""

    def __init__(self, keep_words: bool = False) -> None:
        self._keep_words = keep_words
        self._since_flush: Counter[CountedEvent] = Counter()
        self._shown: Counter[str] = Counter()
        self.outcomes = Counter(dict.fromkeys(map(_name, get_args(Finding)), 0))  # for words, since the start

    def shown(self, answer: str) -> None:
        self._shown[answer] += 1
        self._count("shown", answer)

    def voted(self, answer: str, value: str) -> None:
        """`value` is y or n; anything else was forged and counts for nothing."""
        if value in ("y", "n"):
            self._count("helpful" if value == "y" else "not_helpful", answer)

    def found(self, finding: Finding, text: str, names: NameWords = NO_NAMES) -> None:
        """What became of a typed message. Of one not understood the shape is counted; by `names` is told
        what could name somebody."""
        self.outcomes[_name(type(finding))] += 1
        match finding:
            case Urgent(signs=signs):
                for sign in signs:
                    self._count("urgent", sign)
            case Check(signs=signs):
                for sign in signs or ("pain",):
                    self._count("asked_about", sign)
            case Foreign(language=language):
                self._count("foreign", language)
            case Found(answer=answer):
                self.shown(answer)
            case Suggest(answers=answers):
                for answer in answers:
                    self._count("suggested", answer)
            case Unknown():
                self._count("unknown", shape(text))
                if self._keep_words:
                    self._count("unknown_words", scrubbed(text, names))

    def most_shown(self, at_most: int) -> tuple[str, ...]:
        """Answer ids, the most shown first."""
        return tuple(answer for answer, _ in self._shown.most_common(at_most))

    async def recall(self, store: Store, clock: Clock) -> None:
        """Know again what was shown most before the restart."""
        since = (clock.now() - REMEMBERED).date()
        shown = await store.operate(lambda tx: tx.operations.tallied(since, "shown"))
        self._shown.update({answer: times for (_, answer), times in shown.items()})

    async def flush(self, store: Store, clock: Clock) -> None:
        """Write down what was counted since the last time.

        Raises StoreError when that cannot be; it is kept for the next time.
        """
        counted, self._since_flush = self._since_flush, Counter()
        try:
            if counted:
                await store.operate(lambda tx: tx.operations.tally(clock.now().date(), counted))
        except StoreError:
            self._since_flush.update(counted)
            raise

    def _count(self, kind: str, subject: str) -> None:
        if len(self._since_flush) < MOST_KINDS or (kind, subject) in self._since_flush:
            self._since_flush[kind, subject] += 1


def _name(kind: type[Finding]) -> str:
    return kind.__name__.lower()


def shape(text: str) -> str:
    """How long a message is and whether it asks: all that is kept of one that was not understood."""
    words = len(text.split())
    length = next(name for most, name in _LENGTHS if words <= most)
    return f"{length}, {'a question' if '?' in text else 'no question mark'}"


async def counted(store: Store, since: date) -> Mapping[str, list[tuple[str, str]]]:
    """By kind, each subject and how often it happened since a day; "<5" for few.

    What became of the planned messages has no small numbers hidden, as every single one matters.
    """
    tallied = await store.operate(lambda tx: tx.operations.tallied(since))
    found: dict[str, list[tuple[str, str]]] = {}
    for (kind, subject), times in tallied.items():
        found.setdefault(kind, []).append((subject, few_hidden(times)))
    return found


def few_hidden(times: int) -> str:
    """How often something happened; "<5" for few, which could point at somebody."""
    return str(times) if times == 0 or times >= FEWEST else f"<{FEWEST}"
