"""Countries in a message: "what is the number in Germany", "UK", "i live in the states"."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from babel import Locale

from tgbot.finder.meanings import by_first_word, phrase_at
from tgbot.finder.normalising import split

_CODES = re.compile(r"\b[A-Z]{2}\b")
_CODE = re.compile(r"\s*([A-Z]{2})\s*[.!?]*\s*")

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "đ": "d", "ı": "i"})


class CountryNames:
    """`names` are every name of each country, by its code; `around` words that may stand beside one;
    `locale` is the language in which any other country is named."""

    def __init__(self, names: Mapping[str, Iterable[str]], around: Iterable[str], locale: str) -> None:
        self._locale = locale
        self._around = frozenset(around)
        self._codes = frozenset(names)
        self._by_words = {tuple(split(name)): iso for iso, every in names.items() for name in every}
        self._phrases = by_first_word(self._by_words)

    def named(self, text: str) -> str | None:
        """The code of the country that the words name; None for none, or for two different ones."""
        if (code := _CODE.fullmatch(text)) and code[1] in self._codes:
            return code[1]
        words = tuple(split(text))
        found: set[str] = set()
        if not text.isupper():  # "i am in the US"
            found |= self._codes & set(_CODES.findall(text))
        place = 0
        while place < len(words):
            phrase = phrase_at(words, place, self._phrases)
            found |= {self._by_words[phrase]} if phrase else set()
            place += len(phrase) or 1
        return found.pop() if len(found) == 1 else None

    def only(self, text: str) -> str | None:
        """The same, when the message says nothing else."""
        iso = self.named(text)
        if iso is None or _CODE.fullmatch(text):
            return iso
        names = {word for phrase, code in self._by_words.items() if code == iso for word in phrase}
        names.add(iso.lower())
        return iso if all(word in names or word in self._around for word in split(text)) else None

    def is_one(self, said: str) -> bool:
        """Whether this is some country's name, be it among ours or not."""
        return len(said) > 3 and country_of(plain_name(said), {}, self._locale) is not None


def plain_name(name: str) -> str:
    """Without case, accents and spaces."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("'", "").translate(_LETTERS))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return "".join(letter for letter in bare.split(",")[0] if letter.isalnum())


def country_of(name: str, names: Mapping[str, Sequence[str]], locale: str) -> str | None:
    """The code of the country with this plain name: one of `names`, else as the language calls it."""
    for iso, ours in names.items():
        if name in map(plain_name, ours):
            return iso
    return _territories(locale).get(name)


@cache
def _territories(locale: str) -> Mapping[str, str]:
    """The code of every country by its plain name in this language."""
    named = Locale.parse(locale, sep="-").territories
    return {plain_name(said): iso for iso, said in named.items() if len(iso) == 2}
