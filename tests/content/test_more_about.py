"""What stands under "More about this" of a treatment: how it works, what happens without, how to choose."""

import pytest

from tests.fakes.phone import SCREENS
from tgbot.screens.markup import plain

PACK = SCREENS.pack
TREATMENTS = [answer.id for answer in PACK.answers.values() if answer.topic in ("treatment", "lower-back")]


@pytest.mark.parametrize("answer", [*TREATMENTS, "q-exercise"])
def test_a_treatment_says_how_it_works_what_happens_without_and_how_to_choose(answer: str) -> None:
    screen = SCREENS.more(answer)
    assert screen is not None
    shown = plain(screen.text)

    assert shown.startswith(PACK.answers[answer].question)
    for part in (
        "If you wait:",
        "Your days:",
        "Choose with a pharmacist, physio or doctor",
        "More help:",
    ):
        assert part in shown
    for source in (
        "NHS: back pain",
        "Lancet: paracetamol (2014)",
        "BMJ: course of back pain (2003)",
        "Text of",
    ):
        assert source in shown
    assert len(screen.rows) <= 5


def test_every_source_of_a_page_is_named_once() -> None:
    for answer in TREATMENTS:
        screen = SCREENS.more(answer)
        assert screen is not None
        listed = [line for line in plain(screen.text).splitlines() if line.startswith("• ") and "(2" in line]
        assert len(listed) == len(set(listed)), answer


def test_any_other_answer_stands_there_again() -> None:
    more, answer = SCREENS.more("q-sleep"), SCREENS.answer("q-sleep")
    assert more is not None
    assert answer is not None
    assert more.text == answer.text
