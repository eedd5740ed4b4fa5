"""What is about another part of the body, another subject, or only sounds like a warning sign."""

import pytest

from tests.content.finder import ask, index
from tgbot.finder.finding import Check, Found, Urgent


@pytest.mark.parametrize(
    "text",
    [
        "My left knee has been swollen since the match on Sunday. Should I train on it or rest it?",
        "Third week without cigarettes and I sleep badly and dream wild things. Is it the gum? I chew it late"
        " in the evening and my partner says that is the reason, my sister did it with the spray instead.",
        "should you go running with a fever",
        "hangover, quickest cure",
    ],
)
def test_what_never_names_the_back_and_is_about_something_else_gets_no_ready_answer(text: str) -> None:
    assert not isinstance(ask(text), Found)


@pytest.mark.parametrize(
    "text",
    [
        "my little toe is hot and red and puffed up",
        "bad earache and a fever since this morning",
        "my aunt had ovarian cancer",
        "the tips of my fingers tingle when i type",
    ],
)
def test_a_sign_of_another_part_of_the_body_is_no_card(text: str) -> None:
    assert not isinstance(ask(text), Urgent)


@pytest.mark.parametrize(
    "text",
    [
        "my wife wants to die her hair red",
        "i think i should end things with her",
        "we did 12 kms along the river today",
        "i take all my tablets each morning with food, is that fine",
        "my partner snores and stops breathing in his sleep",
        "headache, blocked nose, body aches and a fever",
        "relieved after 9 years on tramadol, what now",
        "the doctor asked if I have chest pain and I said no, it is the back",
    ],
)
def test_what_only_sounds_like_an_emergency_is_no_card(text: str) -> None:
    assert not isinstance(ask(text), Urgent)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("i might kms", "crisis"),
        ("going to od later", "crisis"),
        ("im going to take all my tablets", "crisis"),
        ("took a fistful of tramadol", "overdose"),
        ("she has to stop for air after three words", "E3"),
        ("gran became confused over lunch", "E7"),
        ("i got more confused than usual this evening", "E7"),
        ("my tongue feels thick since the tablet", "allergy"),
        ("my arm has gone numb", "U4"),
        ("it aches and no matter how i lie it is the same pain", "U7"),
        ("on methotrexate, and an ache round T7 since monday, my foot is fine", "U2"),
    ],
)
def test_what_names_a_sign_is_a_card_all_the_same(text: str, sign: str) -> None:
    finding = ask(text)

    assert isinstance(finding, Urgent), finding
    assert sign in finding.signs


def test_breathing_that_only_hurts_is_asked_about() -> None:
    assert isinstance(ask("it hurts every time i take a breath"), Check)


def test_a_vertebra_is_the_back_by_its_number() -> None:
    reading = index().read("an ache at T6 and a sore foot")

    assert reading.is_here
    assert not reading.is_elsewhere
    assert index().read("a sore foot").is_elsewhere


@pytest.mark.parametrize(
    "text",
    [
        "a workmate of mine was in a car accident",
        "my chest is a bit tight with asthma, the inhaler helps",
        "slightly breathless on and off since the cold i had",
        "lower back ache down one leg makes it hard to walk",
        "vomiting and diarrhoea all night",
        "swollen parotid and face since monday",
        "fainted three times over the last 5 years",
        "I pee normally but there is a warm feeling in my penis afterwards",
        "I dont think I have chest pain, just my back is tight",
    ],
)
def test_what_may_be_a_sign_and_names_none_is_asked_about(text: str) -> None:
    assert isinstance(ask(text), Check)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("his puffer is doing nothing", "E3"),
        ("slightly breathless with this ache in my back", "E3"),
        ("her words are garbled and her arm is weak", "E7"),
        ("i keep cutting my thighs at night", "crisis"),
        ("my workmate fell off a ladder and his back hurts", "E6"),
        ("collapsed just now, and twice over the last 5 years", "E7"),
        ("the doctor asked if I have chest pain and I said yes", "E1"),
    ],
)
def test_words_that_name_an_emergency_are_a_card_however_few(text: str, sign: str) -> None:
    finding = ask(text)

    assert isinstance(finding, Urgent), finding
    assert sign in finding.signs


def test_words_that_two_rules_take_up_are_quoted_once() -> None:
    finding = ask("i was in the garden and my mum has collapsed and is not answering me")
    assert isinstance(finding, Urgent)
    assert finding.because == ("collapsed and is not answering me",)
