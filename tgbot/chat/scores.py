"""A pain score in a few words: "7", "7/10", "it is about seven now"."""

from tgbot.content import Conversation
from tgbot.finder.normalising import split

_LONGEST = 10  # words
_MOST = 10


class Scores:
    """`words` names the numbers and what may stand around one."""

    def __init__(self, words: Conversation) -> None:
        named = {word: number for number, word in enumerate(words.numbers)}
        self._numbers = named | {str(number): number for number in range(_MOST + 1)}
        self._around = frozenset(words.around_score.split())

    def near(self, text: str) -> bool:
        """Whether a short message has a number in it, as "an 8 or 9" and "11" have."""
        words = split(text)
        return len(words) <= _LONGEST and any(word in self._numbers or word.isdecimal() for word in words)

    def of(self, text: str) -> str | None:
        """The score from 0 to 10, when the message says nothing else; "7 of 10" is 7."""
        words = split(text)
        if not 0 < len(words) <= _LONGEST:
            return None
        numbers = [self._numbers.get(word, -1) for word in words if word not in self._around]
        if len(numbers) == 2 and numbers[1] == _MOST:
            del numbers[1]
        return str(numbers[0]) if len(numbers) == 1 and numbers[0] >= 0 else None
