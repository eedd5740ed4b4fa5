"""What people mean who write to the bot itself: "stop texting me please", "are you sure?", 👍.

A meaning is found in the sentence. Words that change nothing ("please", "thank you") are looked past, and
words are compared by their stems, so that "message", "messages" and "messaging" are one.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from tgbot.content import Conversation, Meaning
from tgbot.finder.normalising import split, stem

LONGEST = 25  # words; whoever writes more tells a story, and the finder reads it

Stems = tuple[str, ...]


class Meanings:
    """Finds them. `read` gives a message's words with slips mended and short forms written out."""

    def __init__(self, words: Conversation, read: Callable[[str], Sequence[str]]) -> None:
        self._read = read
        self._short = {short: long.split() for short, long in words.short_forms.items()}
        self._polite = sorted(map(self._stems, words.polite), key=len, reverse=True)
        self._meanings = [
            (
                meaning,
                {self._stems(phrase) for phrase in meaning.whole},
                [self._stems(phrase) for phrase in meaning.within],
                [self._stems(phrase) for phrase in meaning.unless],
            )
            for meaning in words.meanings
        ]

    def of(self, text: str, last_answer: str = "") -> Meaning | None:
        """What `text` means, when `last_answer` was shown last; None for a question to the finder."""
        words = split(text)
        if not words:
            return self._of_signs(text)
        if len(words) > LONGEST:
            return None
        forms = list(dict.fromkeys((self._long(words), self._stems(text))))
        bare = [self._bare(form) for form in forms]
        for meaning, whole, within, unless in self._meanings:
            if meaning.after and last_answer not in meaning.after:
                continue
            if any(_holds(form, phrase) for form in forms for phrase in unless):
                continue
            if not whole.isdisjoint(forms) or not whole.isdisjoint(form for form in bare if form):
                return meaning
            if any(_holds(form, phrase) for form in forms for phrase in within):
                return meaning
        return None

    def _of_signs(self, text: str) -> Meaning | None:
        signs = {letter for letter in text if unicodedata.category(letter) in ("So", "Sk", "Sm")}
        return next((one for one, *_ in self._meanings if signs & set(one.signs)), None)

    def _stems(self, text: str) -> Stems:
        return self._long(self._read(text))

    def _long(self, words: Sequence[str]) -> Stems:
        return tuple(stem(long) for word in words for long in self._short.get(word, (word,)))

    def _bare(self, form: Stems) -> Stems:
        """Without the words that change nothing."""
        return tuple(_without(form, self._polite))


def _without(form: Stems, phrases: Sequence[Stems]) -> Iterator[str]:
    place = 0
    while place < len(form):
        gone = next((len(one) for one in phrases if form[place : place + len(one)] == one), 0)
        if not gone:
            yield form[place]
        place += gone or 1


def _holds(form: Stems, phrase: Stems) -> bool:
    """Whether the phrase stands in the message, its words in a row."""
    return any(form[at : at + len(phrase)] == phrase for at in range(len(form) - len(phrase) + 1))
