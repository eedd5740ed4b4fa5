"""How well the finder does on messages that it has not learned from, and on those that it has.

kept_back.jsonl holds two sets made without sight of our words; nothing of it is learned, and so it must stay.
felt.jsonl is kept back, too: ordinary spasms in words that alarm, and the same words where they should alarm.
typed.jsonl holds sets made blind in many voices, calm.txt harmless messages made of alarm words.
The shipped words hold those, so their honest figures come from words without them. The rules had seen most of
them too; the figures of each set's first run stand in docs/finding.md.
"""

import os
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.content.finder import CONTENT, pack
from tgbot.asking import AskedLine, Asker, Share, measure, objects, shares
from tgbot.finder.finding import Check, Found, Urgent
from tgbot.packs import finder_index as finder

KEPT_BACK = Path(__file__).parent / "kept_back.jsonl"
FELT = Path(__file__).parent / "felt.jsonl"
TYPED = Path(__file__).parent / "typed.jsonl"
CALM = Path(__file__).parent / "calm.txt"  # one message a line, made of alarm words and harmless

SHIPPED_AT_LEAST = {
    "in scope: accuracy at 1": 0.98,
    "in scope: accuracy at 3": 0.99,
    "urgent: card or question, tier E": 1.0,
    "urgent: card or question": 0.995,
    "urgent: tier right, tier E": 0.97,
}
KEPT_BACK_AT_LEAST = {
    "in scope: accuracy at 1": 0.93,
    "in scope: accuracy at 3": 0.97,
    "urgent: card or question, tier E": 1.0,
    "urgent: card or question": 0.98,
    "urgent: tier right, tier E": 0.96,
}
UNSEEN_AT_LEAST = {
    "in scope: accuracy at 1": 0.90,
    "in scope: accuracy at 3": 0.95,
    "urgent: card or question, tier E": 0.98,
    "urgent: card or question": 0.97,
    "urgent: tier right, tier E": 0.93,
}
AT_MOST = {
    "harmless: card, in scope": 0.04,
    "harmless: card, out of scope": 0.05,
    "out of scope: answered with confidence": 0.05,
    "in scope: confident and wrong": 0.05,
}


def cases(file: Path) -> list[dict[str, object]]:
    return list(objects(file.read_text(encoding="utf-8").splitlines(), file.name))


def calm() -> list[str]:
    return CALM.read_text(encoding="utf-8").splitlines()


def still() -> float:
    return 0.0


@cache
def shipped(file: Path) -> list[AskedLine]:
    return measure(Asker.open(CONTENT), cases(file), still)


@cache
def unseeing() -> Asker:
    """The finder that has learned from everything but these messages. What it learned is kept where no other
    pack's takes its place."""
    hidden = {*(" ".join(str(case["text"]).split()) for case in cases(TYPED)), *calm()}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(Path(os.environ["XDG_CACHE_HOME"]) / "unseeing"))
        root = shutil.copytree(CONTENT, Path(folder) / "content")
        for file in (root / "en" / "wordings.yaml", root / "en" / "alarms.yaml"):
            lines = file.read_text(encoding="utf-8").splitlines()
            file.write_text("\n".join(line for line in lines if line.strip() not in hidden), encoding="utf-8")
        return Asker(pack(), finder.load(root, pack()))


@cache
def unseen() -> list[AskedLine]:
    return measure(unseeing(), cases(TYPED), still)


def figure(asked: list[AskedLine], name: str) -> Share:
    return next(share for share in shares(asked) if share.name == name)


@pytest.mark.parametrize(("name", "floor"), KEPT_BACK_AT_LEAST.items())
def test_strangers_are_understood(name: str, floor: float) -> None:
    share = figure(shipped(KEPT_BACK), name)
    assert share.ratio >= floor, f"{name}: {share.hits} of {share.of}"


@pytest.mark.parametrize(("name", "ceiling"), AT_MOST.items())
def test_strangers_are_hardly_ever_mistaken(name: str, ceiling: float) -> None:
    share = figure(shipped(KEPT_BACK), name)
    assert share.ratio <= ceiling, f"{name}: {share.hits} of {share.of}"


def test_a_spasm_told_in_alarming_words_alarms_seldom_and_what_should_alarm_does() -> None:
    felt = shipped(FELT)
    assert figure(felt, "urgent: card or question").ratio >= 0.98
    assert figure(felt, "urgent: card or question, tier E").ratio == 1.0
    assert figure(felt, "harmless: card, in scope").ratio <= 0.15


def test_what_is_kept_back_is_not_learned() -> None:
    files = (CONTENT / "en" / "wordings.yaml", CONTENT / "en" / "alarms.yaml")
    learned = {line.strip() for file in files for line in file.read_text(encoding="utf-8").splitlines()}
    long = {
        text
        for case in [*cases(KEPT_BACK), *cases(FELT)]
        if len(text := " ".join(str(case["text"]).split())) > 30
    }
    assert not long & learned


@pytest.mark.parametrize(("name", "floor"), SHIPPED_AT_LEAST.items())
def test_what_was_learned_is_known(name: str, floor: float) -> None:
    share = figure(shipped(TYPED), name)
    assert share.ratio >= floor, f"{name}: {share.hits} of {share.of}"


@pytest.mark.parametrize(("name", "floor"), UNSEEN_AT_LEAST.items())
def test_quality_on_what_was_not_learned_has_a_floor(name: str, floor: float) -> None:
    share = figure(unseen(), name)
    assert share.ratio >= floor, f"{name}: {share.hits} of {share.of}"


@pytest.mark.parametrize(("name", "ceiling"), AT_MOST.items())
def test_mistakes_on_what_was_not_learned_have_a_ceiling(name: str, ceiling: float) -> None:
    share = figure(unseen(), name)
    assert share.ratio <= ceiling, f"{name}: {share.hits} of {share.of}"


def test_ordinary_words_that_only_sound_alarming_hardly_ever_alarm() -> None:
    asker, texts = Asker.open(CONTENT), calm()
    alarmed = [text for text in texts if isinstance(asker.ask(text), Urgent)]
    assert len(alarmed) <= 0.03 * len(texts), alarmed
    alarmed = [text for text in texts if isinstance(unseeing().ask(text), Urgent)]
    assert len(alarmed) <= 0.15 * len(texts), alarmed


def test_the_set_holds_enough_of_everything() -> None:
    kinds = [case.kind for case in shipped(TYPED)]
    assert kinds.count("in_scope") >= 300
    assert kinds.count("urgent") >= 150
    assert kinds.count("out_of_scope") >= 100
    named = {answer for case in shipped(TYPED) for answer in case.accept if case.kind == "in_scope"}
    assert named == set(Asker.open(CONTENT).pack.answers)


def test_a_line_says_itself_whether_pain_is_stated_or_its_words_do() -> None:
    unmarked = [
        {"text": "my upper back hurts since yesterday", "kind": "in_scope"},
        {"text": "heat or ice?", "kind": "in_scope"},
    ]
    marked = [{**unmarked[0], "state": "none"}, unmarked[1], {**unmarked[1], "kind": "out_of_scope"}]
    asker = Asker.open(CONTENT)

    assert [asked.pained for asked in measure(asker, unmarked, still)] == [True, False]
    assert [asked.pained for asked in measure(asker, marked, still)] == [False, True, False]


def test_figures_are_counted_right() -> None:
    asked = [
        AskedLine("in_scope", False, None, frozenset({"a"}), Found("a"), 0),
        AskedLine("in_scope", False, None, frozenset({"a"}), Found("b", ("a",)), 0),
        AskedLine("out_of_scope", False, None, frozenset(), Found("a"), 0),
        AskedLine("in_scope", True, None, frozenset({"a"}), Check((), ("a",)), 0),
        AskedLine("in_scope", False, None, frozenset({"a"}), Check((), ("a",)), 0),
    ]
    counted = {share.name: (share.hits, share.of) for share in shares(asked)}
    assert counted["in scope: accuracy at 1"] == (3, 4)
    assert counted["in scope: accuracy at 3"] == (4, 4)
    assert counted["in scope: confident and wrong"] == (1, 4)
    assert counted["harmless, pain: safety question"] == (1, 1)
    assert counted["harmless, no pain: safety question"] == (1, 4)
    assert counted["in scope, no pain: safety question"] == (1, 3)
    assert counted["out of scope: answered with confidence"] == (1, 1)
    assert not any(isinstance(case.finding, Urgent) for case in asked)
