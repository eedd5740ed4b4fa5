"""Floors on messages in the manner of real ones; nothing was learned from them, no rule written for one."""

from functools import cache
from pathlib import Path

import pytest

from tests.content.finder import CONTENT
from tests.content.test_finder_quality import cases, figure, still
from tgbot.ask_command import Asked, Asker, measure

REAL = Path(__file__).parent / "real.jsonl"
pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the set is not there")

AT_LEAST = {
    "urgent: card, tier E": 0.85,
    "urgent: card or question, tier E": 0.98,
    "urgent: card or question": 0.95,
    "in scope: accuracy at 1": 0.70,
    "in scope: accuracy at 3": 0.85,
}
AT_MOST = {
    "harmless: any card": 0.06,
    "harmless: emergency card": 0.03,
    "out of scope: answered with confidence": 0.12,
}


@cache
def real() -> list[Asked]:
    return measure(Asker.open(CONTENT), cases(REAL), still)


@pytest.mark.parametrize(("name", "floor"), AT_LEAST.items())
def test_what_people_really_write_is_understood(name: str, floor: float) -> None:
    share = figure(real(), name)
    assert share.ratio >= floor, f"{name}: {share.hits} of {share.of}"


@pytest.mark.parametrize(("name", "ceiling"), AT_MOST.items())
def test_what_people_really_write_frightens_nobody(name: str, ceiling: float) -> None:
    share = figure(real(), name)
    assert share.ratio <= ceiling, f"{name}: {share.hits} of {share.of}"
