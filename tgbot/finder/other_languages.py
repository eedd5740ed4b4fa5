"""Messages in other languages: which language it is, and whether it names one of the gravest emergencies.

The script tells the language where it can; for Latin letters its commonest words do, and a model that
guesses. Both are asked only about messages with unknown words. Emergencies are found by the phrases of
content/foreign/.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product
from typing import Protocol

from tgbot.finder.finding import Foreign
from tgbot.finder.normalising import fold

JOINED = " + "  # between the parts of a pattern
READ = 1_024  # patterns that stay in memory as they are compared; a line is a tenth of that
NEAR = 6  # words between the first words of a pattern's parts
NEIGHBOURS = 4  # places of a part looked at on either side of another's
MOST_PLACES = 100  # of a word, and of a pattern's rarest part; who says one more often writes no message
NEAR_LETTERS = 20  # the same where a language writes no spaces
DENIES = 2  # words that a negation may stand before what it denies
DENIES_APART = 3  # the same before a part that is not the first: "back pain, none in the chest"
DENIES_LETTERS = 10  # the same in letters after a part that "but" begins, where no spaces are written
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
# Stand before a negation, where no spaces are written.
_PARTICLES = ("は", "が", "も", "を", "みは", "みが", "みも", "은", "는", "이", "가", "도", "을", "를")
_TYPOGRAPHIC = str.maketrans({"…": "."} | dict.fromkeys("“”„«»‹›–—•·°£€", " "))
_BREAK = frozenset(".,;:!?…،؛؟।。，！？\n")
_CHATTED = re.compile(r"(?:[0-9]+[a-z]|[a-z]+[0-9]+[a-z]?)[a-z0-9]*")
_DIGIT_LETTER = re.compile("[a-z]+[2-9][a-z]+")  # ash3or
_BETWEEN = re.compile("[()/]")
_ASCII_PIECE = re.compile(r"[A-Za-z]+|[0-9]+|[.,;:!?\n]")


class Model(Protocol):
    """What guesses languages: fastText's."""

    def predict(self, text: str, k: int, threshold: float) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


PatternPart = Mapping[str, tuple[tuple[str, ...], ...]]
"""Phrases by their first word. Where no spaces are written a phrase is one word of all its letters."""

_Spans = Sequence[tuple[int, int]]  # from which word or letter to which, in order


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a language's file under its sign: parts with ` + ` between, which must all stand near each
    other, in any order and without sharing a word."""

    sign: str
    line: str


@dataclass(frozen=True, slots=True)
class ForeignLanguage:
    """One language's file, as it is written.

    `negations` deny a phrase: shortly before it, or right after it. `contrasts` begin another clause ("but"),
    in which what is denied stands apart from what was said before.
    """

    code: str
    spaced: bool
    negations: tuple[str, ...]
    negated_after: bool
    contrasts: tuple[str, ...]
    ordinary: tuple[str, ...]
    patterns: tuple[Pattern, ...]


class _Phrasebook:
    """A language's patterns as they are compared. Made when a message may be in it, so that nobody waits for
    two dozen of them."""

    def __init__(self, language: ForeignLanguage, folded: Callable[[str], str]) -> None:
        lines = folded("\n".join(pattern.line for pattern in language.patterns)).split("\n")
        found = zip(language.patterns, lines, strict=True)
        self.patterns = tuple(Pattern(pattern.sign, line) for pattern, line in found)
        self.spaced, self.negated_after = language.spaced, language.negated_after
        negations = (*language.negations, *(small + no for small in _PARTICLES for no in language.negations))
        self.negations = frozenset(map(folded, negations if not language.spaced else language.negations))
        self.contrasts = frozenset(map(folded, language.contrasts))
        self._starting = by_first_words(lines) if language.spaced else {}

    @cached_property
    def failing(self) -> frozenset[str]:
        """Words whose denial is a sign: whoever feels nothing, gets no air, wants no life."""
        return frozenset(self._denied_words()) if self.spaced else frozenset()

    def among(self, words: Iterable[str]) -> Iterator[Pattern]:
        """The patterns that these words may meet, in their order; no other is met."""
        if not self.spaced:
            return iter(self.patterns)
        places = {place for word in words for place in self._starting.get(word, ())}
        return (self.patterns[place] for place in sorted(places))

    def _denied_words(self) -> Iterator[str]:
        for pattern in self.patterns:
            for alternative in re.split(r"\||\+", pattern.line):
                if self.negations.isdisjoint(_words_in(alternative)):
                    continue
                for phrase in map(str.split, _spelled_out(alternative)):
                    at = next((place for place, word in enumerate(phrase) if word in self.negations), None)
                    if at is not None:
                        yield from phrase[:at] if self.negated_after else phrase[at + 1 :]


def by_first_words(lines: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    """The places of patterns by the words that their part with the fewest alternatives may begin with.

    `lines` are folded. Only first words are read: spelling every phrase out takes ten times as long.
    """
    found: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        rarest = min(line.split(JOINED), key=lambda part: part.count("|") + part.count("/"))
        for word in dict.fromkeys(first for said in rarest.split("|") for first in _first_words(said)):
            found.setdefault(word, []).append(place)
    return {word: tuple(places) for word, places in found.items()}


def _first_words(alternative: str) -> Iterator[str]:
    """The words that its phrases begin with."""
    said = alternative.strip()
    group, closed, after = said[1:].partition(")") if said.startswith("(") else (said, "", "")
    if (closed and after[:1] not in ("", " ")) or "(" in group or not all(group.split("/")):
        beginnings = _spelled_out(said)  # a group inside of a word, or an empty choice
    else:
        beginnings = iter(group.split("/"))
    for phrase in beginnings:
        first = phrase.split(None, 1)[0] if phrase.strip() else ""
        words = (first,) if first.isalpha() else (word for word in _pieces(first) if word not in _BREAK)
        yield from list(words)[:1]


def _words_in(text: str) -> list[str]:
    return _BETWEEN.sub(" ", text).split()


@dataclass(frozen=True, slots=True)
class _ForeignWords:
    """A message as words; `fresh` are the places that follow a full stop, a comma or the like, `places` those
    of each word."""

    words: tuple[str, ...]
    fresh: frozenset[int]
    places: Mapping[str, Sequence[int]]


def _foreign_words(words: Sequence[str], fresh: Iterable[int] = ()) -> _ForeignWords:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return _ForeignWords(tuple(words), frozenset(fresh), places)


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
        self._parts = lru_cache(maxsize=READ)(_parts_of)
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
        self, order: Sequence[str], text: str, found: _ForeignWords, telling: frozenset[str] | None = None
    ) -> Foreign | None:
        """The first language in which the message names an emergency, in `telling` words if there are any.

        What the likeliest one hears and denies is not asked of its relatives, who may know the words and not
        the negation.
        """
        passed: Collection[str] = ()
        for code in order:
            if code in passed:
                continue
            sign, denied = self._sign(code, text, found, telling)
            if sign:
                return Foreign(code, sign)
            if denied and code == order[0]:
                passed = _relatives(code)
        return None

    def _spoken(self, text: str, found: _ForeignWords) -> list[str]:
        """The message's words without numbers; "yewja3ni" is one word, as Arabic is chatted."""
        words = [word for word in found.words if word.isalpha() and word != MANY_WORD]
        if not any(letter.isdecimal() for letter in text):
            return words
        chatted = [
            word
            for word in _CHATTED.findall(self._folded(text))
            if word in self._chatted or _DIGIT_LETTER.fullmatch(word)
        ]
        pieces = Counter(piece for word in chatted for piece in _pieces(word))
        pieces.subtract(words)
        return [*(word for word, more in pieces.items() for _ in range(-more)), *chatted]

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

    def _book_of(self, code: str) -> _Phrasebook:
        return _Phrasebook(self._languages[code], self._folded)

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

    def _sign(
        self, code: str, text: str, found: _ForeignWords, telling: frozenset[str] | None
    ) -> tuple[str | None, bool]:
        """The first emergency of the language's file that the message names and does not deny, and whether it
        denies one.

        `found` are the message's words; one of the `telling` ones must be among the sign's.
        """
        book, denied = self._book(code), False
        found = found if book.spaced else self._letters(text)
        for pattern in book.among(found.places):
            parts = self._parts(pattern.line, book.spaced)
            if book.spaced and any(part.keys().isdisjoint(found.places) for part in parts):
                continue
            for spans in _places(parts, found, book.spaced):
                if book.spaced and telling and not _holds(found, spans, telling):
                    continue
                if not _denied(book, found, spans):
                    return pattern.sign, denied
                denied = True
        return None, denied

    def _words(self, text: str) -> _ForeignWords:
        words: list[str] = []
        fresh: set[int] = set()
        for piece in _pieces(self._folded(text).translate(_TYPOGRAPHIC)):
            if piece in _BREAK:
                fresh.add(len(words))
            else:
                words.append(_counted(piece))
        return _foreign_words(words, fresh)

    def _letters(self, text: str) -> _ForeignWords:
        """All its letters as one word, numbers of tablets written NUM."""
        return _foreign_words(["".join(_counted(piece) for piece in _pieces(self._folded(text)))])


def _likeliest(
    codes: Iterable[str], touched: Mapping[str, float], length: int, likely: Mapping[str, float]
) -> list[str]:
    """The languages, first the one whose commonest words and whose sound are those of the message.

    The message has `length` words; `touched` of them are a language's commonest.
    """
    return sorted(codes, key=lambda code: -(LISTED * touched[code] / max(length, 1) + likely.get(code, 0.0)))


def _parts_of(line: str, spaced: bool) -> tuple[PatternPart, ...]:
    return tuple(phrases(part, spaced) for part in line.split(JOINED))


def _relatives(code: str) -> Collection[str]:
    return next((family for family in _FAMILIES if code in family), ())


def _enough(common: Sequence[str], length: int) -> bool:
    """Whether the common words of a language, of a message of `length` words, tell it without its sound."""
    if len(common) == length > 1:
        return True
    telling = any(len(word) >= TELLING or not word.isascii() for word in common)
    return telling and (len(common) > 1 or length == 1) and len(common) >= COMMON * length


def phrases(part: str, spaced: bool) -> PatternPart:
    """One part of a folded pattern: alternatives with `|`, groups of words in parentheses with `/`."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for alternative in part.split("|"):
        for phrase in _spelled_out(alternative):
            words = tuple(piece for piece in _pieces(phrase) if piece not in _BREAK)
            words = words if spaced else ("".join(words),)
            if words and words[0]:
                by_first.setdefault(words[0], []).append(words)
    return {first: tuple(dict.fromkeys(found)) for first, found in by_first.items()}


def _spelled_out(alternative: str) -> Iterator[str]:
    """`(a/b) c` is "a c" and "b c"."""
    groups = [
        piece.strip("()").split("/") if piece.startswith("(") else [piece]
        for piece in re.findall(r"\([^()]*\)|[^()]+", alternative)
    ]
    return ("".join(chosen) for chosen in product(*groups))


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


def _pieces(text: str) -> Iterator[str]:
    """Words (letters, marks and digits, digits apart from letters) and breaks, in order."""
    if text.isascii():
        yield from _ASCII_PIECE.findall(text)  # the same, at once
        return
    word, digits = "", False
    for letter in text:
        category = unicodedata.category(letter)[0]
        is_digit = letter.isdecimal()
        if category in "LNM" and (not word or is_digit == digits or category == "M"):
            word += letter
        else:
            if word:
                yield word
            word = letter if category in "LNM" else ""
            if letter in _BREAK:
                yield letter
        digits = is_digit if category != "M" else digits
    if word:
        yield word


def _counted(word: str) -> str:
    """A number of tablets that is too many as MANY_WORD; whoever writes that word itself means another."""
    if word == MANY_WORD:
        return word + "."
    return MANY_WORD if word.isdecimal() and len(word) < 6 and int(word) >= MANY else word


def _places(parts: Sequence[PatternPart], found: _ForeignWords, spaced: bool) -> Iterator[_Spans]:
    """Where all parts of a pattern stand together: from where to where each of them, in order.

    From each place of the rarest part only the nearest places of the others are looked at, so that a message
    of nothing but such words takes no longer than its length.
    """
    where = [sorted(_occurrences(part, found) if spaced else _runs(part, found.words[0])) for part in parts]
    anchors, *others = sorted(where, key=len)
    reach = NEAR if spaced else NEAR_LETTERS
    for anchor in anchors[:MOST_PLACES]:
        near = [_nearest(spans, anchor[0]) for spans in others]
        for chosen in product([anchor], *near):
            spans = sorted(chosen)
            apart = all(before[1] <= after[0] for before, after in pairwise(spans))
            if apart and spans[-1][0] - spans[0][0] <= reach:
                yield spans


def _holds(found: _ForeignWords, spans: _Spans, telling: frozenset[str]) -> bool:
    return any(not telling.isdisjoint(found.words[start:end]) for start, end in spans)


def _nearest(spans: Sequence[tuple[int, int]], place: int) -> Sequence[tuple[int, int]]:
    """Those that begin nearest to a place, on either side; `spans` are in order."""
    at = bisect_left(spans, (place, 0))
    return spans[max(0, at - NEIGHBOURS) : at + NEIGHBOURS]


def _occurrences(part: PatternPart, found: _ForeignWords) -> Iterator[tuple[int, int]]:
    for first in part.keys() & found.places.keys():
        for start, phrase in product(found.places[first][:MOST_PLACES], part[first]):
            if found.words[start : start + len(phrase)] == phrase:
                yield start, start + len(phrase)


def _runs(part: PatternPart, letters: str) -> Iterator[tuple[int, int]]:
    for phrase in part:
        start = letters.find(phrase)
        while start >= 0:
            yield start, start + len(phrase)
            start = letters.find(phrase, start + 1)


def _denied(book: _Phrasebook, found: _ForeignWords, spans: _Spans) -> bool:
    """Whether the parts of a pattern, from where to where they stand, are denied: all of them or one."""
    if not book.spaced:
        return _denied_in_letters(book, found.words[0], spans)
    if _denied_as_a_whole(book, found, spans[0], spans[-1][1]):
        return True
    return any(_denied_apart(book, found, before[1], part) for before, part in pairwise(spans))


def _denied_as_a_whole(book: _Phrasebook, found: _ForeignWords, first: tuple[int, int], end: int) -> bool:
    """Whether a negation stands before the `first` part, or right after the last, which ends before `end`.
    Where the first part holds one itself, it is said twice and meant once: "je ne sens rien"."""
    if book.negated_after:
        return end < len(found.words) and end not in found.fresh and found.words[end] in book.negations
    if _ends_denied(book, found, end):
        return True
    if not book.negations.isdisjoint(found.words[slice(*first)]):
        return False
    start = first[0]
    for at in range(start - 1, max(start - 1 - DENIES, -1), -1):
        if at + 1 in found.fresh:
            return False
        if found.words[at] in book.negations:
            return True
    return False


def _ends_denied(book: _Phrasebook, found: _ForeignWords, end: int) -> bool:
    """Whether a negation is the clause's last word: "боли в груди нет"."""
    if end >= len(found.words) or end in found.fresh or found.words[end] not in book.negations:
        return False
    return end + 1 == len(found.words) or _begins_a_clause(book, found, end + 1)


def _denied_apart(book: _Phrasebook, found: _ForeignWords, before: int, part: tuple[int, int]) -> bool:
    """Whether a part is denied that follows another, which ends `before`: "pain in my back but none in the
    chest", "the chest does not hurt". What is the sign just because it is denied counts as it stands."""
    start, end = part
    gap = range(before, start)
    clause = max((at for at in range(before, start + 1) if _begins_a_clause(book, found, at)), default=None)
    if clause is None:
        near = gap if book.negated_after else gap[-DENIES_APART:]
        return found.words[start] not in book.failing and any(
            found.words[at] in book.negations for at in near
        )
    contrasted = found.words[clause] in book.contrasts
    said = range(clause, start) if contrasted else gap[-DENIES_APART:]
    if any(found.words[at] in book.negations for at in said if at >= clause):
        return True
    for at in range(end, min(end + DENIES_APART, len(found.words))):
        if _begins_a_clause(book, found, at):
            return False
        if contrasted and found.words[at] in book.negations:
            return True
    return False


def _begins_a_clause(book: _Phrasebook, found: _ForeignWords, at: int) -> bool:
    return at in found.fresh or (at < len(found.words) and found.words[at] in book.contrasts)


def _denied_in_letters(book: _Phrasebook, letters: str, spans: _Spans) -> bool:
    """The same where no spaces are written."""
    if _negated_at(book, letters, spans[0][0], spans[-1][1]):
        return True
    for before, (start, end) in pairwise(spans):
        gap = letters[before[1] : start]
        if any(contrast in gap for contrast in book.contrasts):
            rest = letters[before[1] : end + DENIES_LETTERS]
            if any(negation in rest for negation in book.negations):
                return True
        elif not book.negated_after and gap.endswith(tuple(book.negations)):
            return True
    return False


def _negated_at(book: _Phrasebook, letters: str, start: int, end: int) -> bool:
    if book.negated_after:
        return letters.startswith(tuple(book.negations), end)
    return letters[max(0, start - 3) : start].endswith(tuple(book.negations))
