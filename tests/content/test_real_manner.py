"""Floors on messages in the manner of real ones.

The five sets, by five writers, are kept back: nothing of them is learned, no rule was written for one of
their messages, and so it must stay. A `state` of "none" marks messages that state no pain. Half of the
third's are full of alarming words; of the fourth and fifth nobody has read a message
but their writers.
"""

from functools import cache
from pathlib import Path

import pytest

from tests.content.finder import CONTENT, ask
from tests.content.test_finder_quality import cases, figure, still
from tgbot.asking import URGENT, AskedLine, Asker, measure
from tgbot.finder.finding import Check

REAL = Path(__file__).parent / "real.jsonl"
SETS = ("real.jsonl", "real_second.jsonl", "real_third.jsonl", "real_fourth.jsonl", "real_fifth.jsonl")
AT_LEAST = {
    "urgent: card, tier E": 0.94,
    "urgent: card or question, tier E": 1.0,
    "urgent: card or question": 1.0,
    "in scope: accuracy at 1": 0.80,
    "in scope: accuracy at 3": 0.94,
}
AT_MOST = {
    "harmless: emergency card": 0.02,
    "harmless: any card": 0.03,
    "out of scope: answered with confidence": 0.05,
}
HARDER = {
    "real_third.jsonl": {
        "urgent: card, tier E": 0.90,
        "harmless: emergency card": 0.05,
        "harmless: any card": 0.05,
    },
    "real_fourth.jsonl": {
        "in scope: accuracy at 3": 0.92,
        "harmless: emergency card": 0.04,
        "harmless: any card": 0.04,
    },
}


@cache
def answered(name: str) -> list[AskedLine]:
    return measure(Asker.open(CONTENT), cases(REAL.with_name(name)), still)


@pytest.mark.parametrize("of", SETS)
@pytest.mark.parametrize(("name", "floor"), AT_LEAST.items())
def test_what_people_really_write_is_understood(name: str, floor: float, of: str) -> None:
    share = figure(answered(of), name)
    assert share.ratio >= HARDER.get(of, {}).get(name, floor), f"{name}: {share.hits} of {share.of}"


@pytest.mark.parametrize("of", SETS)
@pytest.mark.parametrize(("name", "ceiling"), AT_MOST.items())
def test_what_people_really_write_frightens_nobody(name: str, ceiling: float, of: str) -> None:
    share = figure(answered(of), name)
    assert share.ratio <= HARDER.get(of, {}).get(name, ceiling), f"{name}: {share.hits} of {share.of}"


def test_whoever_states_no_pain_is_seldom_asked_about_warning_signs() -> None:
    painless = [
        str(case["text"]) for case in cases(REAL) if case.get("state") == "none" and case["kind"] != URGENT
    ]
    checked = [text for text in painless if isinstance(ask(text), Check)]

    assert painless
    assert len(checked) <= 0.10 * len(painless), checked
