import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.phone import INDEX
from tgbot.finder.scrubbing import LONGEST, NO_NAMES, scrubbed

NAMES = INDEX.reader.names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("kinesio tape any good??", "kinesio tape any good"),
        ("ask dr patel", "ask dr …"),
        ("My name is Sarah and my back hurts", "my name is … and my back hurts"),
        ("my name's sarah", "my name's …"),
        ("ask Dr Patel at the Royal Infirmary", "ask … at the …"),
        ("call me on 07700 900123 or a.b@example.org", "call me on … or …"),
        ("I saw @somebody on www.example.org", "i saw … on …"),
        ("HELP WITH TENS", "help with tens"),
        ("Maria here", "maria here"),  # these three are told in docs/operating.md
        ("MARIA SMITH FROM LEEDS", "maria smith from leeds"),
        ("it is maria", "it is maria"),
        ("Tape. Does it work? Asking for Ben", "tape does it work asking for …"),
    ],
)
def test_what_could_name_somebody_is_gone_and_the_words_stay(typed: str, kept: str) -> None:
    assert scrubbed(typed, NAMES) == kept


@given(st.text(max_size=5000))
def test_no_digit_stays_and_nothing_is_long(typed: str) -> None:
    kept = scrubbed(typed, NAMES)

    assert not any(character.isdecimal() for character in kept)
    assert len(kept) <= LONGEST


def test_a_long_word_costs_no_more_than_its_letters() -> None:
    assert len(scrubbed("w" * 100_000, NO_NAMES)) == LONGEST


def test_without_words_of_the_language_every_capital_inside_a_sentence_counts_as_a_name() -> None:
    assert scrubbed("me duele, I said to Ana", NO_NAMES) == "me duele … said to …"
