"""Countries in a message: "what is the number in Germany", "UK", "i live in the states"."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from babel import Locale

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
    territories = Locale.parse(locale, sep="-").territories
    return next(
        (iso for iso, said in territories.items() if len(iso) == 2 and plain_name(said) == name), None
    )
