"""Whether a message says when it began, and nothing else: a start that is stored is changed by no story."""

from collections.abc import Iterable

from tgbot.chat.named_dates import months
from tgbot.chat.talk_words import ASKS
from tgbot.content import Conversation
from tgbot.finder.normalising import split


class ToldStarts:
    """`began` names the beginning; without such a word, all words must be of a time or stand around one."""

    def __init__(self, words: Conversation, locale: str) -> None:
        times = words.times
        self._asking = frozenset(words.question_words)
        self._began = frozenset(words.began.split())
        named = (
            *(times.ahead, times.later, times.around, times.units, times.counts, times.days, times.weekdays),
            *(times.parts, times.at, times.before_noon, times.after_noon, times.ago, times.moments),
            *(times.spans_ago, times.days_ago, times.nights, words.around_onset.split()),
            months(locale),
        )
        self._of_times = frozenset(_each_word(name for names in named for name in names))

    def says_when(self, text: str) -> bool:
        said = split(text)
        if not said or said[0] in self._asking or ASKS.search(text):
            return False
        if not self._began.isdisjoint(said):
            return True
        return all(word in self._of_times or word[0].isdecimal() for word in said)


def _each_word(names: Iterable[str]) -> Iterable[str]:
    return (word for name in names for word in split(name))
