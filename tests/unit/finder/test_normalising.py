"""Words that can be compared: case, accents, emoji, stretched letters and slips removed."""

from unicodedata import normalize

import pytest

from tgbot.finder.normalising import Speller, chunks, fold, split, stemmer

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


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("मेरी पीठ में दर्द है", ["मेरी", "पीठ", "में", "दर्द", "है"]),
        ("কোমর ব্যথা", ["কোমর", "ব্যথা"]),
        ("ปวดหลัง", ["ปวดหลัง"]),
        ("أَلَم", ["الم"]),
        ("ظـهـري", ["ظهري"]),
        ("naïve Grüße", ["naive", "grusse"]),
    ],
)
def test_a_mark_that_spells_stays_and_an_ornament_goes(typed: str, words: list[str]) -> None:
    assert split(typed) == [normalize("NFKD", word) for word in words]


def test_a_word_of_consonants_and_vowel_signs_is_not_taken_for_one_spelt_letter_by_letter() -> None:
    assert split("कीमीलीनी") == ["कीमीलीनी"]
    assert [chunk.text for chunk in chunks("कीमीलीनी है")] == ["कीमीलीनी", "है"]


def test_a_language_without_a_stemmer_keeps_every_form_of_a_word() -> None:
    assert [stem("spasms") for stem in (stemmer("english"), stemmer())] == ["spasm", "spasms"]


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
