"""Words that can be compared: case, accents, emoji, stretched letters and slips removed."""

import pytest

from tgbot.finder.normalising import Speller, fold, split

SPELLER = Speller(
    known=["the", "chess", "so", "of", "off", "in", "inn", "help", "feel", "wee", "we"],
    targets=["chest", "breathing", "numbness", "feel", "legs", "help", "shivering"],
)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("CHEST   PAIN!!!", ["chest", "pain"]),
        ("can't", ["cant"]),
        ("can’t 😭😭", ["cant"]),
        ("3hrs", ["3", "hrs"]),
        ("38.6", ["38", "6"]),
        ("café", ["cafe"]),
        ("c h e s t pain", ["chest", "pain"]),
        ("che$t", ["chest"]),
        ("$5 a day", ["5", "a", "day"]),
        ("so\u200bre", ["sore"]),
        ("", []),
    ],
)
def test_a_text_is_split_into_plain_words(typed: str, words: list[str]) -> None:
    assert split(typed) == words


def test_letters_that_only_look_different_are_the_same() -> None:
    assert fold("ＣＨＥＳＴ") == "chest"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chset", "chest"),
        ("cheeeest", "chest"),
        ("brething", "breathing"),
        ("numbnes", "numbness"),
        ("heeelp", "help"),
        ("feeeeel", "feel"),
        ("ooooff", "of"),
        ("legggs", "legs"),
    ],
)
def test_slips_and_stretched_letters_are_mended(typed: str, meant: str) -> None:
    assert SPELLER.mend(typed) == meant


@pytest.mark.parametrize("word", ["chess", "we", "wee", "of", "xyzzyq", "1234567", "shoveling"])
def test_a_known_word_and_a_far_one_stay_as_they_are(word: str) -> None:
    assert SPELLER.mend(word) == word


def test_a_word_of_endless_letters_is_cut() -> None:
    assert len(SPELLER.mend("ab" * 5_000)) <= 30
