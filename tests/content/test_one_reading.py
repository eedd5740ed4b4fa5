"""What several places say of the same thing, they say alike."""

import re

import pytest

from tests.content.finder import pack
from tgbot.screens.markup import plain

PACK = pack()
TEXTS = {answer.id: plain(f"{answer.short} {answer.body}") for answer in PACK.answers.values()}
JARGON = re.compile(r"nerve signs|out of 100|\bmanipulation\b", re.I)


def test_nobody_says_that_physiotherapy_is_best_proven() -> None:
    said = {name: text for name, text in TEXTS.items() if re.search(r"physiotherap|exercise", text, re.I)}
    assert not [
        name
        for name, text in said.items()
        if re.search(r"best support|best[- ]proven|helps (?:if|when)", text)
    ]
    for name in ("q-massage-physio-chiro", "lower-back-what-to-do", "lower-back-treat", "treat-best"):
        assert "may help" in said[name].lower(), name


@pytest.mark.parametrize("name", TEXTS)
def test_no_word_needs_a_clinician_to_explain_it(name: str) -> None:
    """Manipulation is explained where it stands."""
    found = JARGON.search(TEXTS[name])
    assert found is None or "press or click the joints" in TEXTS[name], found


def test_weak_bones_are_one_of_three_and_go_with_sudden_pain() -> None:
    wording = PACK.red_flags["U5"].wording
    assert "And any one of these" in wording
    assert "weak bones, you take steroids for long, or you are over 65" in wording


def test_morning_stiffness_and_first_pain_over_50_are_said_in_an_answer() -> None:
    assert "stiff for over 30 minutes each morning" in TEXTS["q-comes-back"]
    assert "over 50" in TEXTS["q-comes-back"]


def test_pregnancy_has_the_same_day_in_answer_and_card() -> None:
    assert "Call your maternity unit today" in TEXTS["q-pregnancy"]
    assert "call your maternity unit today" in plain(PACK.cards["maternity"].body)


@pytest.mark.parametrize(
    "name", ["treat-upper-back", "treat-stop-quickly", "treat-best", "lower-back-treat", "q-pregnancy"]
)
def test_whoever_names_a_painkiller_leads_to_who_must_ask_first(name: str) -> None:
    assert "q-painkillers" in PACK.answers[name].related
