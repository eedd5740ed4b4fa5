"""Words of somebody who does not tap: how it is ("much better"), or a pain score ("7", "about seven now")."""

import re
from collections.abc import Callable, Iterable, Mapping

from tgbot.content import Conversation
from tgbot.finder.normalising import split

_STATE, _AROUND = "typed.state.words", "typed.state.around"
_LONGEST_STATE = 12  # words; whoever writes more tells a story, and the finder reads it
_LONGEST_SCORE = 10  # words
_WORST = 10
_ASKS = re.compile("[?？؟]")


def states(ui: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a whole message says how it is, and asks nothing."""
    words = "|".join(map(re.escape, _phrases(ui[_STATE])))
    around = "|".join(map(re.escape, _phrases(ui[_AROUND])))
    either = f"(?:(?:{words}|{around}) )*"
    shape = re.compile(f"{either}(?:{words}) {either}")

    def state(text: str) -> bool:
        said = split(text)
        return len(said) <= _LONGEST_STATE and not _ASKS.search(text) and bool(shape.fullmatch(_spaced(said)))

    return state


def _phrases(line: str) -> list[str]:
    return [" ".join(split(said)) for said in line.split(",")]


def _spaced(words: Iterable[str]) -> str:
    return "".join(f"{word} " for word in words)


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
        """The score from 0 to 10, when the message says nothing else; "7 of 10" is 7."""
        words = split(text)
        if not 0 < len(words) <= _LONGEST_SCORE:
            return None
        numbers = [self._numbers.get(word, -1) for word in words if word not in self._around]
        if len(numbers) == 2 and numbers[1] == _WORST:
            del numbers[1]
        return str(numbers[0]) if len(numbers) == 1 and numbers[0] >= 0 else None
