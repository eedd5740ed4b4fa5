"""Every command about what is kept says in a sentence why it cannot, and never shows a traceback."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conformance.people import NOW
from tgbot.cli import main
from tgbot.store.sqlite.migrate import migrate

READING = {
    "stats": ["stats"],
    "questions": ["questions"],
    "follow-ups": ["follow-ups"],
    "export": ["export", "77", "person.zip"],
    "release": ["release"],
}
WRITING = {"migrate": ["migrate"], "forget": ["forget", "77", "--yes"], "backup": ["backup", "copy.db"]}
COMMANDS = [pytest.param(words, id=name) for name, words in {**READING, **WRITING}.items()]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKCHECK_TOKEN", "1:a")
    path = tmp_path / "disk" / "backcheck.db"
    path.parent.mkdir()
    monkeypatch.setenv("BACKCHECK_DATABASE", str(path))
    return path


def must_be_a_sentence(words: list[str], path: Path) -> None:
    said = CliRunner().invoke(main, words)
    assert isinstance(said.exception, SystemExit), repr(said.exception)
    assert said.exit_code == 1
    assert said.output.startswith("backcheck: ")
    assert str(path) in said.output
    assert said.output.count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS)
def test_a_file_that_is_no_database(path: Path, words: list[str]) -> None:
    path.write_text("Dear diary, nothing here is a database.\n" * 99)
    must_be_a_sentence(words, path)


@contextmanager
def read_only_disk(folder: Path) -> Iterator[None]:
    """The folder as it is on a disk that is mounted to be read. Skips where nothing may be mounted."""
    mounted = subprocess.run(
        ["mount", "--bind", "-o", "ro", folder, folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_disk_that_can_only_be_read(path: Path, words: list[str]) -> None:
    migrate(path, NOW)
    with read_only_disk(path.parent):
        must_be_a_sentence(words, path)


@pytest.mark.parametrize("words", [["export"], ["forget", "--yes"]], ids=str)
@pytest.mark.parametrize("number", ["999999999999999999999999", "4503599627370496", "0", "-5", "anna"])
def test_a_number_that_is_no_telegram_id_is_said_to_be_none(
    path: Path, words: list[str], number: str
) -> None:
    migrate(path, NOW)
    command, *options = words
    file = ["person.zip"] if command == "export" else []
    said = CliRunner().invoke(main, [command, *options, "--", number, *file])
    assert isinstance(said.exception, SystemExit), repr(said.exception)
    assert said.exit_code == 2
    assert f"{number} is no Telegram id" in said.output
