"""The problems of all files of a pack are told together, in words of whoever writes it."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.content.test_loader import PACK
from tgbot.cli import main
from tgbot.packs.whole import load_whole
from tgbot.packs.yaml_files import PackErrors

BROKEN = "a: [\n"
ALL = [
    "pack.yaml",
    "sources.yaml",
    "emergency.yaml",
    "protocol.yaml",
    "en/topics.yaml",
    "en/redflags.yaml",
    "en/ui.yaml",
    "en/answers/treat-best.yaml",
    "en/followup.yaml",
    "en/language.yaml",
    "en/detection.yaml",
    "en/wordings.yaml",
    "en/alarms.yaml",
    "en/words.txt",
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(PACK, tmp_path / "content")


def files(copy: Path) -> set[str]:
    """The files that have problems."""
    with pytest.raises(PackErrors) as errors:
        load_whole(copy)
    return {problem.file for problem in errors.value.problems}


def check(*arguments: str | Path) -> Result:
    return CliRunner(env={}).invoke(main, ["check", *map(str, arguments)])


def test_the_shipped_pack_is_whole() -> None:
    whole = load_whole(PACK)

    assert whole.pack.answers
    assert whole.protocol.steps
    assert whole.pack.ui["start.hours"], "the follow-up's words are among the pack's"


def test_an_edited_number_is_read_whatever_size_and_time_the_file_says(copy: Path) -> None:
    numbers = copy / "emergency.yaml"
    before = numbers.stat()
    assert load_whole(copy).pack.countries["GB"].shown == "999 or 112"
    numbers.write_text(numbers.read_text(encoding="utf-8").replace("999", "998"), encoding="utf-8")
    os.utime(numbers, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert load_whole(copy).pack.countries["GB"].shown == "998 or 112"


def test_every_broken_file_is_told_and_no_other_is_blamed(copy: Path) -> None:
    for file in ALL:
        (copy / file).write_bytes(b"\xff" if file.endswith("txt") else BROKEN.encode())

    assert files(copy) == set(ALL)


def test_an_empty_plan_is_told_beside_broken_words(copy: Path) -> None:
    for file in ("en/ui.yaml", "en/topics.yaml", "sources.yaml"):
        (copy / file).write_text(BROKEN, encoding="utf-8")
    (copy / "protocol.yaml").write_text("", encoding="utf-8")

    assert files(copy) == {"en/ui.yaml", "en/topics.yaml", "sources.yaml", "protocol.yaml"}
    assert (
        f"{copy}/protocol.yaml:1: error: this file must be names with values (`key: value`)"
        in check(copy).output
    )


def test_the_finders_files_are_told_beside_broken_signs(copy: Path) -> None:
    broken = {"en/redflags.yaml", "en/detection.yaml", "en/alarms.yaml", "en/wordings.yaml"}
    for file in broken:
        (copy / file).write_text(BROKEN, encoding="utf-8")
    (copy / "en/language.yaml").unlink()

    assert files(copy) == broken | {"en/language.yaml"}
    said = check(copy).output.splitlines()
    assert {line.split(":")[0].removeprefix(f"{copy}/") for line in said if "[load]" in line} == files(copy)


def test_broken_alarms_are_told_by_check_without_any_questions(copy: Path) -> None:
    (copy / "en/questions.yaml").unlink()
    (copy / "en/alarms.yaml").write_text(BROKEN, encoding="utf-8")
    told = check(copy)

    assert told.exit_code == 1
    assert f"{copy}/en/alarms.yaml:2: error: is not valid YAML" in told.output
    errors = [line for line in told.output.splitlines() if ": error: " in line and "[review]" not in line]
    assert len(errors) == 1, "but for answers that are due for another look, as each is after a year"


def test_questions_that_cannot_be_read_are_told_beside_the_rest(copy: Path) -> None:
    (copy / "en/questions.yaml").write_text("- 5\n", encoding="utf-8")
    (copy / "pack.yaml").write_text("- name\n", encoding="utf-8")
    said = check(copy).output

    assert "/en/questions.yaml:1: error: `0` must be names with values (`key: value`) [questions]" in said
    assert "/pack.yaml:1: error: this file must be names with values (`key: value`) [load]" in said


def test_a_command_that_needs_the_pack_tells_all_of_it(copy: Path) -> None:
    for file in ("pack.yaml", "protocol.yaml", "en/alarms.yaml"):
        (copy / file).write_text(BROKEN, encoding="utf-8")
    told = CliRunner(env={"BACKCHECK_CONTENT": str(copy)}).invoke(main, ["ask", "heat or ice"])

    assert told.exit_code == 1
    assert [line.split(":")[1] for line in told.output.splitlines()] == [
        " en/alarms.yaml",
        " pack.yaml",
        " protocol.yaml",
    ]


def test_a_language_is_a_name_and_no_path() -> None:
    told = check("--locale", "/nope")

    assert told.exit_code == 1
    assert (
        told.output == "backcheck: `--locale` is the name of a language's folder in the pack, such as en.\n"
    )
