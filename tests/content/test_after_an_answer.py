"""A no that begins a message may answer a question, and deny nothing of what comes after it."""

import pytest

from tests.content.finder import ask
from tgbot.finder.finding import Urgent


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("no just short of breath", "E3"),
        ("no. chest pain", "E1"),
        ("none, just trouble breathing", "E3"),
        ("No, just fainted once", "E7"),
        ("nope, only weak legs", "E5"),
        ("none of those, but i cant feel between my legs", "E4"),
    ],
)
def test_what_follows_an_answer_is_said(text: str, sign: str) -> None:
    finding = ask(text)
    assert isinstance(finding, Urgent)
    assert finding.signs[0] == sign


@pytest.mark.parametrize(
    "text", ["no chest pain", "no, chest pain", "No: chest pain", "no chest pain. just my back"]
)
def test_what_is_denied_brings_no_card(text: str) -> None:
    assert not isinstance(ask(text), Urgent)
