"""docs/clinical-safety.md and docs/content.md say what is so: claims, tests, checks, the worked example."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.content.finder import thinned
from tests.content.mistakes import MISTAKES
from tgbot.content import Answer, Claim, Tier, Verdict
from tgbot.packs.checks import check
from tgbot.packs.loader import open_pack
from tgbot.packs.whole import load_whole
from tgbot.packs.word_rules import Severity, passages_of
from tgbot.screens.markup import plain

ROOT = Path(__file__).parents[2]
OPENED = open_pack(ROOT / "content")
PACK = OPENED.pack
SAFETY = (ROOT / "docs/clinical-safety.md").read_text(encoding="utf-8")
CONTENT = (ROOT / "docs/content.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SAFETY.splitlines()
    if re.match(r"\| C\d\d \|", line)
]


def seen(text: str) -> str:
    """A text as one line of words, as somebody reads it."""
    return " ".join(plain(text).replace("•", " ").split())


def test_the_table_holds_every_claim_once() -> None:
    assert [row[0] for row in ROWS] == [f"C{number:02}" for number in range(1, 46)]


@pytest.mark.parametrize(("claim", "_", "verdict", "answer", "says"), ROWS)
def test_every_claim_is_answered_in_the_sense_of_its_verdict(
    claim: str, _: str, verdict: str, answer: str, says: str
) -> None:
    page = PACK.answers[answer.strip("`")]
    assert _claim(page, claim).verdict == verdict
    assert says in seen(f"{page.short} {page.body}")
    if verdict == Verdict.CONTRADICTED:
        assert _against(page.id, says)


def _claim(page: Answer, claim: str) -> Claim:
    return next(one for one in page.claims if one.id == claim)


def _against(answer: str, says: str) -> bool:
    """Whether the words stand under "Not recommended", or say themselves that we do not suggest it."""
    written = next(sheet.value for sheet in OPENED.answers if sheet.value.id == answer)
    passage = next(p for p in passages_of(written.body, 1) if says in " ".join(p.text.split()))
    return passage.against or "do not suggest" in passage.text


def test_every_test_that_the_safety_file_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SAFETY))
    assert len(named) > 15
    missing = {
        f"{file}::{test}"
        for file, test in named
        if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    }
    assert not missing


def test_every_treatment_answer_has_its_scores() -> None:
    scored = re.findall(r"^\| `([\w-]+)` \| \d+/14", SAFETY, re.M)
    treatment = [*PACK.topics["treatment"].answers, *PACK.topics["lower-back"].answers]
    assert sorted(scored) == sorted(treatment)


def test_every_emergency_card_says_that_no_one_reads_the_chat() -> None:
    for card in PACK.cards.values():
        if card.tier is Tier.EMERGENCY:
            assert "No one reads this chat" in plain(card.body)


def test_every_check_is_in_the_list_and_every_one_in_the_list_exists() -> None:
    table = CONTENT.partition("| Check | Rule |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert listed == {mistake[0] for mistake in MISTAKES} | {"reading-grade", "sign-off", "signatures"}


def test_the_worked_answer_and_the_worked_sign_are_without_a_fault(tmp_path: Path) -> None:
    copy = thinned(ROOT / "content", tmp_path / "content")
    before = faults(copy)  # having learned from few words, it misunderstands some questions
    answer, sign, detection, said = re.findall(r"```yaml\n(.*?)```", CONTENT, re.S)[:4]
    (copy / "en/answers/q-hot-bath.yaml").write_text(answer, encoding="utf-8")
    _edit(copy / "en/topics.yaml", "    - q-heat-or-ice\n", "    - q-heat-or-ice\n    - q-hot-bath\n")
    _edit(copy / "en/redflags.yaml", "signs:\n", f"signs:\n{sign}")
    idea, rule = detection.split("  # rules:\n")
    _edit(copy / "en/detection.yaml", "lexicon:\n", f"lexicon:\n{idea}")
    _edit(copy / "en/detection.yaml", "rules:\n", f"rules:\n{rule}")
    _edit(copy / "en/alarms.yaml", "E1: |\n", f"{said}\nE1: |\n")
    assert faults(copy) - before == set()
    pack = load_whole(copy).pack
    assert "q-hot-bath" in pack.answers["q-heat-or-ice"].related
    assert "U99" in pack.red_flags


def faults(root: Path) -> set[str]:
    findings = check(root, date(2026, 11, 28))
    return {str(finding) for finding in findings if finding.severity is Severity.ERROR}


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


LIKELY = ("very low", "low", "medium", "high", "very high")
SEVERE = ("minor", "significant", "considerable", "major", "catastrophic")
MATRIX = {
    row[0]: dict(zip(SEVERE, map(int, row[1:]), strict=True))
    for line in SAFETY.splitlines()
    if (row := [cell.strip() for cell in line.strip("|").split("|")])[0] in LIKELY
}
HAZARDS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SAFETY.splitlines()
    if re.match(r"\| H\d+ \|", line)
]


def test_the_hazard_log_is_whole_and_nobody_has_accepted_anything() -> None:
    assert tuple(MATRIX) == LIKELY
    assert [row[0] for row in HAZARDS] == [f"H{number}" for number in range(1, len(HAZARDS) + 1)]
    assert all(len(row) == 10 and all(row) for row in HAZARDS)
    assert {row[9] for row in HAZARDS} == {"nobody yet"}
    named = " ".join(row[1] for row in HAZARDS)
    for hazard in ("alarmed without need", "translation", "ignores earlier answers", "clock is wrong"):
        assert hazard in named


@pytest.mark.parametrize("row", HAZARDS, ids=lambda row: str(row[0]))
def test_every_risk_is_the_matrix_s_and_no_control_makes_it_higher(row: list[str]) -> None:
    risks = []
    for cell in (row[4], row[7]):
        likely, severe, risk = re.split(r" × | = ", cell)
        assert MATRIX[likely][severe] == int(risk)
        risks.append(int(risk))
    assert risks[1] <= risks[0]


@pytest.mark.parametrize("row", HAZARDS, ids=lambda row: str(row[0]))
def test_every_control_names_a_test_or_a_line_of_content(row: list[str]) -> None:
    lines = re.findall(r"`(content/[\w/.-]+)`: “([^”]+)”", row[6])
    assert lines or re.search(r"`tests/[\w/]+\.py::\w+`", row[6])
    for file, words in lines:
        assert words in (ROOT / file).read_text(encoding="utf-8")


def test_the_file_says_what_it_is_for_what_to_do_when_it_goes_wrong_and_what_a_deployer_must_do() -> None:
    purpose = SAFETY.partition("## Intended purpose\n\n")[2].partition("\n\n")[0]
    assert purpose.count(".") == 1, "one paragraph, one sentence"
    assert "gives urgency advice on symptoms" in SAFETY
    assert "must have its device class decided" in " ".join(SAFETY.split())
    for heading in ("## Hazard log", "## When something goes wrong", "## What a deployer must do"):
        assert heading in SAFETY
    assert "DCB0129" in SAFETY
    assert "DCB0160" in SAFETY
