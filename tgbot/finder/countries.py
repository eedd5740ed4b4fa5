"""Countries in a message: "what is the number in Germany", "UK", "i live in the states"."""

import re
from collections.abc import Iterable, Mapping

from tgbot.finder.normalising import split

_CODES = re.compile(r"\b[A-Z]{2}\b")
_CODE = re.compile(r"\s*([A-Z]{2})\s*[.!?]*\s*")

CountryWords = tuple[str, ...]


class CountryNames:
    """`names` are every name of each country, by its code; `around` words that may stand beside one."""

    def __init__(self, names: Mapping[str, Iterable[str]], around: Iterable[str]) -> None:
        self._around = frozenset(around)
        self._codes = frozenset(names)
        by_words = {tuple(split(name)): iso for iso, every in names.items() for name in every}
        self._by_words = dict(sorted(by_words.items(), key=lambda item: -len(item[0])))

    def named(self, text: str) -> str | None:
        """The code of the country that the words name; None for none, or for two different ones."""
        if (code := _CODE.fullmatch(text)) and code[1] in self._codes:
            return code[1]
        words = tuple(split(text))
        found: set[str] = set()
        if not text.isupper():  # "i am in the US"
            found |= self._codes & set(_CODES.findall(text))
        for phrase, iso in self._by_words.items():
            for at in range(len(words) - len(phrase) + 1):
                if words[at : at + len(phrase)] == phrase:
                    found.add(iso)
                    words = (*words[:at], *words[at + len(phrase) :])
                    break
        return found.pop() if len(found) == 1 else None

    def only(self, text: str) -> str | None:
        """The same, when the message says nothing else."""
        iso = self.named(text)
        if iso is None or _CODE.fullmatch(text):
            return iso
        names = {word for phrase, code in self._by_words.items() if code == iso for word in phrase}
        names.add(iso.lower())
        return iso if all(word in names or word in self._around for word in split(text)) else None
