"""How well the finder still does on messages that it was mended with; floors fail when it gets worse.

typed.jsonl holds sets written blind in the voices of many people. After its first run each set's lessons went
into the words, so these figures guard against loss and flatter: the honest ones, of each first run, stand in
docs/finding.md.
"""

from functools import cache
from pathlib import Path

import pytest

from tests.content.finder import CONTENT
from tgbot.asking import Asked, Asker, Share, measure, objects, shares
from tgbot.domain.finding import Found, Urgent

TYPED = Path(__file__).parent / "typed.jsonl"
CALM = Path(__file__).parent / "calm.txt"  # one message a line, made of alarm words and harmless

AT_LEAST = {
    "in scope: accuracy at 1": 0.95,
    "in scope: accuracy at 3": 0.99,
    "urgent: recall, tier E": 1.0,
    "urgent: recall": 0.99,
    "urgent: tier right, tier E": 0.95,
    "urgent: tier right, tier U": 0.90,
}
AT_MOST = {
    "false alarms, in scope": 0.02,
    "false alarms, out of scope": 0.02,
    "out of scope: answered with confidence": 0.05,
    "in scope: confident and wrong": 0.05,
}


@cache
def asked() -> list[Asked]:
    def still() -> float:
        return 0.0

    with TYPED.open(encoding="utf-8") as lines:
        return measure(Asker.open(CONTENT), objects(lines, TYPED.name), still)


def figure(name: str) -> Share:
    return next(share for share in shares(asked()) if share.name == name)


@pytest.mark.parametrize(("name", "floor"), AT_LEAST.items())
def test_quality_has_a_floor(name: str, floor: float) -> None:
    share = figure(name)
    assert share.ratio >= floor, f"{name}: {share.hits} of {share.of}"


@pytest.mark.parametrize(("name", "ceiling"), AT_MOST.items())
def test_mistakes_have_a_ceiling(name: str, ceiling: float) -> None:
    share = figure(name)
    assert share.ratio <= ceiling, f"{name}: {share.hits} of {share.of}"


def test_ordinary_words_that_only_sound_alarming_hardly_ever_alarm() -> None:
    asker, texts = Asker.open(CONTENT), CALM.read_text(encoding="utf-8").splitlines()
    alarmed = [text for text in texts if isinstance(asker.ask(text), Urgent)]
    assert len(alarmed) <= 0.03 * len(texts), alarmed


def test_the_set_holds_enough_of_everything() -> None:
    kinds = [case.kind for case in asked()]
    assert kinds.count("in_scope") >= 300
    assert kinds.count("urgent") >= 150
    assert kinds.count("out_of_scope") >= 100
    named = {answer for case in asked() for answer in case.accept if case.kind == "in_scope"}
    assert named == set(Asker.open(CONTENT).pack.answers)


def test_figures_are_counted_right() -> None:
    cases = [
        Asked("in_scope", None, frozenset({"a"}), Found("a"), 0),
        Asked("in_scope", None, frozenset({"a"}), Found("b", ("a",)), 0),
        Asked("out_of_scope", None, frozenset(), Found("a"), 0),
    ]
    counted = {share.name: (share.hits, share.of) for share in shares(cases)}
    assert counted["in scope: accuracy at 1"] == (1, 2)
    assert counted["in scope: accuracy at 3"] == (2, 2)
    assert counted["in scope: confident and wrong"] == (1, 2)
    assert counted["out of scope: answered with confidence"] == (1, 1)
    assert not any(isinstance(case.finding, Urgent) for case in cases)
