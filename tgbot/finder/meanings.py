"""What people mean who write to the bot itself: "stop texting me please", "are you sure?", 👍.

A meaning is found in the sentence. Words that change nothing ("please", "thank you") are looked past, and
words are compared by their stems, so that "message", "messages" and "messaging" are one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tgbot.content import Conversation, Meaning
from tgbot.finder.normalising import Stem, split

_CLAUSES = re.compile(r"[.,;:!?\n–—-]+")
LONGEST = 25  # words; whoever writes more tells a story, and the finder reads it

Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A meaning with its phrases as stems."""

    meaning: Meaning
    whole: frozenset[Stems]
    clause: frozenset[Stems]
    within: frozenset[Stems]
    unless: frozenset[Stems]


class Meanings:
    """Finds them. `read` gives a message's words with slips mended and short forms written out."""

    def __init__(self, words: Conversation, read: Callable[[str], Sequence[str]], stem: Stem) -> None:
        self._read = read
        self._stem = stem
        self._short = {short: long.split() for short, long in words.short_forms.items()}
        self._polite = by_first_word(map(self._stems, words.polite))
        self._meanings = [
            _Known(
                meaning,
                frozenset(map(self._stems, meaning.whole)),
                frozenset(map(self._stems, meaning.clause)),
                frozenset(map(self._stems, meaning.within)),
                frozenset(map(self._stems, meaning.unless)),
            )
            for meaning in words.meanings
        ]
        sought = (
            phrase for known in self._meanings for phrase in (*known.within, *known.unless, *known.whole)
        )
        self._longest = max(map(len, sought), default=0)

    def of(self, text: str, last_answer: str = "", asked_for: str = "") -> Meaning | None:
        """What `text` means, when `last_answer` was shown or `asked_for` asked last; None for the finder."""
        words = split(text)
        if not words:
            return self._of_signs(text)
        if len(words) > LONGEST:
            return None
        forms = self._forms(text)
        clauses = [form for clause in _CLAUSES.split(text) for form in self._forms(clause)]
        bare = [form for form in map(self._bare, forms) if form]
        bare_clauses = [form for form in map(self._bare, clauses) if form]
        runs = self._runs(forms)
        for known in self._meanings:
            if known.meaning.after and last_answer not in known.meaning.after:
                continue
            if known.meaning.asked and asked_for not in known.meaning.asked:
                continue
            if not known.unless.isdisjoint(runs):
                continue
            if not known.whole.isdisjoint((*forms, *bare)) or not known.clause.isdisjoint(bare_clauses):
                return known.meaning
            if not known.within.isdisjoint(runs):
                return known.meaning
        return None if bare else self._of_polite(runs)

    def without_polite(self, text: str) -> str:
        """The words of the message that are not polite ones only."""
        words = split(text)
        kept = _places_without(tuple(map(self._stem, words)), self._polite)
        return " ".join(words[at] for at in kept)

    def _forms(self, text: str) -> list[Stems]:
        return list(dict.fromkeys((self._long(split(text)), self._stems(text))))

    def _runs(self, forms: Sequence[Stems]) -> set[Stems]:
        """All words in a row, as many as a phrase has at most."""
        return {
            form[at:end]
            for form in forms
            for at in range(len(form))
            for end in range(at + 1, min(at + self._longest, len(form)) + 1)
        }

    def _of_polite(self, runs: set[Stems]) -> Meaning | None:
        """Polite words alone, as "ok thanks": the first meaning that some of them have."""
        found = (known.meaning for known in self._meanings if not known.whole.isdisjoint(runs))
        return next(found, None)

    def _of_signs(self, text: str) -> Meaning | None:
        signs = {letter for letter in text if unicodedata.category(letter) in ("So", "Sk", "Sm")}
        found = (known.meaning for known in self._meanings)
        return next((meaning for meaning in found if signs & set(meaning.signs)), None)

    def _stems(self, text: str) -> Stems:
        return self._long(self._read(text))

    def _long(self, words: Sequence[str]) -> Stems:
        return tuple(self._stem(long) for word in words for long in self._short.get(word, (word,)))

    def _bare(self, form: Stems) -> Stems:
        """Without the words that change nothing, and without repeating: "stop stop stop"."""
        kept = [form[at] for at in _places_without(form, self._polite)]
        return tuple(word for at, word in enumerate(kept) if at == 0 or word != kept[at - 1])


def by_first_word(phrases: Iterable[Stems]) -> Mapping[str, Sequence[Stems]]:
    """The phrases by their first word, the longest first."""
    found: dict[str, list[Stems]] = {}
    for phrase in sorted(filter(None, phrases), key=len, reverse=True):
        found.setdefault(phrase[0], []).append(phrase)
    return found


def phrase_at(words: Stems, place: int, phrases: Mapping[str, Sequence[Stems]]) -> Stems:
    """The longest of the phrases that begins there; () for none."""
    beginning = phrases.get(words[place], ())
    return next((phrase for phrase in beginning if words[place : place + len(phrase)] == phrase), ())


def _places_without(form: Stems, phrases: Mapping[str, Sequence[Stems]]) -> Iterator[int]:
    place = 0
    while place < len(form):
        gone = len(phrase_at(form, place, phrases))
        if not gone:
            yield place
        place += gone or 1
