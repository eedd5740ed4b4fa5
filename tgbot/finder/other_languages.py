"""Messages in other languages: which language it is, and whether it names one of the gravest emergencies.

The script tells the language where it can; for Latin letters its commonest words do, and a model that
guesses. Both are asked only about messages with unknown words. Emergencies are found by the phrases of
content/foreign/.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Protocol

from tgbot.finder.finding import Foreign
from tgbot.finder.foreign_phrases import ForeignLanguage, Phrasebook, PlacedWords
from tgbot.finder.normalising import BREAKS, fold, pieces

MANY = 10  # from here on a number of tablets is too many: NUM in a pattern
MANY_WORD = "num"
STRANGE = 0.5  # of a message's words must be unknown to us, or an emergency named
COMMON = 0.5  # of its words among a language's commonest tell it without the guesser
POSSIBLE = 0.1  # how likely the guesser must hold a language for its emergencies to be looked for
LISTED = 2  # times as much as its sound says how many of its words are among a language's commonest
SHARED = 0.01  # of a word is told by one that is ours as well
SURE = 0.5  # how likely it must hold another language
SURE_BRIEF = 0.75  # the same for one word, or where no word of it is among the commonest
STRANGER = 0.65  # of its words must be no slips in ours, where none of them is a language's commonest
TELLING = 4  # letters of a word that tells a language
LONGEST = 4_096  # letters that are looked at
GUESSED = 500  # letters that the model looks at
MOST_GUESSES = 5  # languages that it names
_LABEL = "__label__"  # before each

_SCRIPTS = {  # ranges of letters → the languages of this module that are written in them
    "cyrillic": (re.compile("[\u0400-\u052f]"), ("ru", "uk")),
    "arabic": (re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"), ("ar", "fa", "ur")),
    "devanagari": (re.compile("[\u0900-\u097f]"), ("hi",)),
    "bengali": (re.compile("[\u0980-\u09ff]"), ("bn",)),
    "greek": (re.compile("[\u0370-\u03ff]"), ("el",)),
    "kana": (re.compile("[\u3040-\u30ff]"), ("ja",)),
    "hangul": (re.compile("[\u1100-\u11ff\uac00-\ud7af]"), ("ko",)),
    "han": (re.compile("[\u3400-\u9fff]"), ("zh", "ja")),
    "latin": (re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"), ()),
}
_OTHER_LETTERS = frozenset(code for _, codes in _SCRIPTS.values() for code in codes)
_LETTERS_OF = {  # letters that few other languages write
    "vi": re.compile("[ơưđĐ\u1ea0-\u1ef9]"),
    "tr": re.compile("[ğşıİ]"),
    "pl": re.compile("[łąęśżźćń]"),
    "ro": re.compile("[ășțşţ]"),
    "de": re.compile("[ßäöü]"),
    "es": re.compile("[ñ¿¡]"),
    "pt": re.compile("[ãõ]"),
    "fr": re.compile("[èêùœ]"),
    "uk": re.compile("[іїєґ]"),
    "ru": re.compile("[ыэъё]"),
    "fa": re.compile("[پچژگ]"),
    "ja": re.compile("[薬錠気発歩対応変経悪圧実検険験売読転単歯黒歳脳児]"),
    "zh": re.compile("^[^\u3040-\u30ff薬錠気発歩対応変経悪圧実検険験売読転単歯黒歳脳児]*[\u3400-\u9fff]+$"),
    "ur": re.compile("[ٹڈڑےہھ]"),
}
_NEAR_RELATIVES = {  # languages that the model takes short messages for, and whose writers read the other
    "ms": "id",
    "als": "de",
    "bar": "de",
    "arz": "ar",
    "pnb": "ur",
    "wuu": "zh",
    "yue": "zh",
    "gl": "pt",
    "ast": "es",
}
_FAMILIES = (("ru", "uk"), ("hi", "ur"), ("zh", "ja"), ("ar", "fa", "ur"))
_TYPOGRAPHIC = str.maketrans({"…": "."} | dict.fromkeys("“”„«»‹›–—•·°£€", " "))
_CHATTED = re.compile(r"(?:[0-9]+[a-z]|[a-z]+[0-9]+[a-z]?)[a-z0-9]*")
_DIGIT_LETTER = re.compile("[a-z]+[2-9][a-z]+")  # ash3or


class Model(Protocol):
    """What guesses languages: fastText's."""

    def predict(self, text: str, k: int, threshold: float) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


def _foreign_words(words: Sequence[str], fresh: Iterable[int] = ()) -> PlacedWords:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return PlacedWords(tuple(words), frozenset(fresh), places)


class LanguageRecogniser:
    """Calls a message foreign, or None: it is in the pack's own language, or in none.

    `same_letters` are letters that are one letter to whoever types them; `load` gives the model that guesses,
    and is called with the first message that needs it; `knows` tells a word of the pack's own language, and
    `mended` are a text's words in it without their slips.
    """

    def __init__(
        self,
        languages: Iterable[ForeignLanguage],
        same_letters: Mapping[str, str],
        load: Callable[[], Model],
        knows: Callable[[str], bool],
        mended: Callable[[str], Sequence[str]],
    ) -> None:
        self._languages = {language.code: language for language in languages}
        self._same = str.maketrans(dict(same_letters))
        self._codes = tuple(self._languages)
        self._book = lru_cache(maxsize=None)(self._book_of)
        self._model = lru_cache(maxsize=None)(load)
        self._knows = knows
        self._mended = mended

    def __call__(self, text: str) -> Foreign | None:
        composed = unicodedata.normalize("NFKC", text[:LONGEST])  # ｃｈｅｓｔ is written in Latin letters
        text = composed[:LONGEST]
        script = _script_of(text)
        if script is None:
            return None
        return self._latin(text) if script == "latin" else self._in_script(text, script)

    def _in_script(self, text: str, script: str) -> Foreign | None:
        """A message in letters that the pack's language does not use."""
        ours = [code for code in _SCRIPTS[script][1] if code in self._codes] if script in _SCRIPTS else []
        found, likely = self._words(text), _by_letters(text, self._guess(text))
        touched = self._touched(ours, found.words)
        order = _likeliest(ours, touched, len(found.words), likely)
        if urgent := self._urgent(order, text, found):
            return urgent
        return Foreign(order[0] if order else max(likely, key=likely.__getitem__, default=""))

    def _latin(self, text: str) -> Foreign | None:
        found = self._words(text)
        words = self._spoken(text, found)
        marked = sum(not word.isascii() for word in text.split())
        strangers = self._strangers(words)
        unknown = max(marked, len(strangers))
        if not words or not unknown:
            return None
        likely, touched = _by_letters(text, self._guess(text)), self._touched(self._codes, words)
        strange = unknown >= STRANGE * len(words)
        order = [
            code
            for code in _likeliest(self._codes, touched, len(words), likely)
            if strange or likely.get(code, 0.0) >= POSSIBLE or touched[code] >= 1
        ]
        telling = None if strange else frozenset(strangers)  # "namaste, chest pain since morning" is English
        urgent = self._urgent(order, text, found, telling)
        return urgent or self._without_a_sign(touched, words, unknown, likely)

    def _urgent(
        self, order: Sequence[str], text: str, found: PlacedWords, telling: frozenset[str] | None = None
    ) -> Foreign | None:
        """The first language in which the message names an emergency, in `telling` words if there are any.

        What the likeliest one hears and denies is not asked of its relatives, who may know the words and not
        the negation.
        """
        passed: Collection[str] = ()
        for code in order:
            if code in passed:
                continue
            book = self._book(code)
            sign, denied = book.sign(found if book.spaced else self._letters(text), telling)
            if sign:
                return Foreign(code, sign)
            if denied and code == order[0]:
                passed = _relatives(code)
        return None

    def _spoken(self, text: str, found: PlacedWords) -> list[str]:
        """The message's words without numbers; "yewja3ni" is one word, as Arabic is chatted."""
        words = [word for word in found.words if word.isalpha() and word != MANY_WORD]
        if not any(letter.isdecimal() for letter in text):
            return words
        chatted = [
            word
            for word in _CHATTED.findall(self._folded(text))
            if word in self._chatted or _DIGIT_LETTER.fullmatch(word)
        ]
        parted = Counter(piece for word in chatted for piece in pieces(word))
        parted.subtract(words)
        return [*(word for word, more in parted.items() for _ in range(-more)), *chatted]

    @cached_property
    def _chatted(self) -> frozenset[str]:
        """Common words in which digits stand for letters, as Arabic is written in Latin letters."""
        every = (word for words in self._ordinary.values() for word in words)
        return frozenset(word for word in every if _CHATTED.fullmatch(word))

    def _strangers(self, words: Iterable[str]) -> list[str]:
        """The words that are not ours."""
        return [word for word in words if not self._knows(word)]

    def _touched(self, codes: Iterable[str], words: Sequence[str]) -> Mapping[str, float]:
        """How many words of the message are among each language's commonest, and are not ours as well: those
        only decide between two languages."""
        worth = [(word, SHARED if self._knows(word) else 1.0) for word in words]
        return {code: sum(much for word, much in worth if word in self._ordinary[code]) for code in codes}

    @cached_property
    def _ordinary(self) -> Mapping[str, frozenset[str]]:
        """Each language's commonest words."""
        return {
            code: frozenset(map(self._folded, language.ordinary))
            for code, language in self._languages.items()
        }

    def _book_of(self, code: str) -> Phrasebook:
        return Phrasebook(self._languages[code], self._folded)

    def _folded(self, text: str) -> str:
        """Text as phrases are compared: lower case, no accents, one way to write a letter."""
        return fold(text).translate(self._same)

    def _guess(self, text: str) -> Mapping[str, float]:
        """How likely each language is, by its ISO 639-1 code; at most five of them."""
        readable = text[:GUESSED].encode("utf-8", "replace").decode()  # fastText takes no half surrogate pair
        said = " ".join(readable.lower().split())
        if not said:
            return {}
        labels, scores = self._model().predict(said, k=MOST_GUESSES, threshold=0.0)
        codes = (label.removeprefix(_LABEL) for label in labels)
        found: dict[str, float] = {}
        for code, score in zip(codes, scores, strict=True):
            named = _NEAR_RELATIVES.get(code, code)
            found[named] = min(found.get(named, 0.0) + float(score), 1.0)
        return found

    def _without_a_sign(
        self, touched: Mapping[str, float], words: Sequence[str], unknown: int, likely: Mapping[str, float]
    ) -> Foreign | None:
        """Another language without an emergency in it: its sound must be sure, or half its words common."""
        for listed in _likeliest(self._codes, touched, len(words), likely):  # and those that others romanise
            if touched[listed] >= 1 and _enough(self._common(listed, words), len(words)):
                return Foreign(listed)
        latin = [code for code in self._codes if code not in _OTHER_LETTERS]
        best = _likeliest(latin, touched, len(words), likely)[0]
        sounds = self._sounds(likely.get(best, 0.0), self._common(best, words), words, unknown)
        return Foreign(best) if sounds else None

    def _sounds(self, likely: float, common: Sequence[str], words: Sequence[str], unknown: int) -> bool:
        """Whether a language's sound is enough. Without a `common` word of it the message must have two words
        and must not be made of slips in ours, which sound like anything."""
        if common:
            foreign = max(unknown, len(common)) >= STRANGE * len(words)
            return foreign and likely >= (SURE if len(words) > 1 else SURE_BRIEF)
        ours = {word: self._means_ours(word) for word in dict.fromkeys(words)}
        strange = sum(not ours[word] for word in words)
        return likely >= SURE_BRIEF and len(words) > 1 and strange >= STRANGER * len(words)

    def _means_ours(self, word: str) -> bool:
        return self._knows(word) or all(map(self._knows, self._mended(word)))

    def _common(self, code: str, words: Sequence[str]) -> list[str]:
        """The message's words that are among a language's commonest. Those that are ours as well count beside
        two that are not, as many as these, and where nothing else is said."""
        listed = [word for word in words if word in self._ordinary[code]]
        telling = self._strangers(listed)
        if len(telling) > 1:
            return [*telling, *filter(self._knows, listed)][: 2 * len(telling)]
        return listed if telling and len(listed) == len(words) else telling

    def _words(self, text: str) -> PlacedWords:
        words: list[str] = []
        fresh: set[int] = set()
        for piece in pieces(self._folded(text).translate(_TYPOGRAPHIC)):
            if piece in BREAKS:
                fresh.add(len(words))
            else:
                words.append(_counted(piece))
        return _foreign_words(words, fresh)

    def _letters(self, text: str) -> PlacedWords:
        """All its letters as one word, numbers of tablets written NUM."""
        return _foreign_words(["".join(_counted(piece) for piece in pieces(self._folded(text)))])


def _likeliest(
    codes: Iterable[str], touched: Mapping[str, float], length: int, likely: Mapping[str, float]
) -> list[str]:
    """The languages, first the one whose commonest words and whose sound are those of the message.

    The message has `length` words; `touched` of them are a language's commonest.
    """
    return sorted(codes, key=lambda code: -(LISTED * touched[code] / max(length, 1) + likely.get(code, 0.0)))


def _relatives(code: str) -> Collection[str]:
    return next((family for family in _FAMILIES if code in family), ())


def _enough(common: Sequence[str], length: int) -> bool:
    """Whether the common words of a language, of a message of `length` words, tell it without its sound."""
    if len(common) == length > 1:
        return True
    telling = any(len(word) >= TELLING or not word.isascii() for word in common)
    return telling and (len(common) > 1 or length == 1) and len(common) >= COMMON * length


def _by_letters(text: str, likely: Mapping[str, float]) -> Mapping[str, float]:
    """The guess, with half of what is missing given to languages whose own letters are in the text."""
    found = {code for code, letters in _LETTERS_OF.items() if letters.search(text)}
    return {**likely, **{code: 0.5 + likely.get(code, 0.0) / 2 for code in found}}


def _script_of(text: str) -> str | None:
    """The script of most letters, None without any; a script that has no language here is "other"."""
    letters = sum(map(str.isalpha, text))
    if not letters:
        return None
    if text.isascii():
        return "latin"
    counts = {name: len(pattern.findall(text)) for name, (pattern, _) in _SCRIPTS.items()}
    if counts["kana"]:
        counts["kana"] += counts.pop("han")  # Japanese writes both
    counts["other"] = letters - sum(counts.values())
    return max(counts, key=counts.__getitem__)


def _counted(word: str) -> str:
    """A number of tablets that is too many as MANY_WORD; whoever writes that word itself means another."""
    if word == MANY_WORD:
        return word + "."
    return MANY_WORD if word.isdecimal() and len(word) < 6 and int(word) >= MANY else word
