"""docs/clinical-safety.md and docs/content.md say what is so: claims, tests, checks, the worked example."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.content.mistakes import MISTAKES
from tgbot.content import Answer, Claim, Tier, Verdict
from tgbot.packs.check_findings import Severity
from tgbot.packs.checks import check
from tgbot.packs.loader import open_pack
from tgbot.packs.texts import passages_of
from tgbot.packs.whole import load_whole
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
    copy = shutil.copytree(ROOT / "content", tmp_path / "content")
    answer, sign, detection = re.findall(r"```yaml\n(.*?)```", CONTENT, re.S)[:3]
    (copy / "en/answers/q-hot-bath.yaml").write_text(answer, encoding="utf-8")
    _edit(copy / "en/topics.yaml", "    - q-heat-or-ice\n", "    - q-heat-or-ice\n    - q-hot-bath\n")
    _edit(copy / "en/redflags.yaml", "signs:\n", f"signs:\n{sign}")
    idea, rule = detection.split("  # rules:\n")
    _edit(copy / "en/detection.yaml", "lexicon:\n", f"lexicon:\n{idea}")
    _edit(copy / "en/detection.yaml", "rules:\n", f"rules:\n{rule}")
    findings = check(copy, date(2026, 11, 28))
    assert [str(f) for f in findings if f.severity is Severity.ERROR] == []
    pack = load_whole(copy).pack
    assert "q-hot-bath" in pack.answers["q-heat-or-ice"].related
    assert "U14" in pack.red_flags


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
