"""Words that answer a check-in of somebody who does not tap: "much better"."""

import re
from collections.abc import Callable, Iterable, Mapping

from tgbot.finder.normalising import split

_STATE, _AROUND = "typed.state.words", "typed.state.around"
_LONGEST = 12  # words; whoever writes more tells a story, and the finder reads it
_ASKS = re.compile("[?？؟]")


def states(ui: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a whole message says how it is, and asks nothing."""
    words = "|".join(map(re.escape, _phrases(ui[_STATE])))
    around = "|".join(map(re.escape, _phrases(ui[_AROUND])))
    either = f"(?:(?:{words}|{around}) )*"
    shape = re.compile(f"{either}(?:{words}) {either}")

    def state(text: str) -> bool:
        said = split(text)
        return len(said) <= _LONGEST and not _ASKS.search(text) and bool(shape.fullmatch(_spaced(said)))

    return state


def _phrases(line: str) -> list[str]:
    return [" ".join(split(said)) for said in line.split(",")]


def _spaced(words: Iterable[str]) -> str:
    return "".join(f"{word} " for word in words)
