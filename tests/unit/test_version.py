"""`backcheck --version` says which program and which words, whatever else is wrong."""

from pathlib import Path

from click.testing import CliRunner

from tgbot import __version__
from tgbot.cli import main


def said(content: Path | None = None, **settings: str) -> str:
    env = {"BACKCHECK_CONTENT": str(content) if content else None, **settings}
    told = CliRunner(env=env).invoke(main, ["--version"])
    assert told.exit_code == 0
    return told.output.strip()


def test_it_says_the_programs_version_and_the_packs(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text('name: Other\nversion: "2026-11"\n', encoding="utf-8")

    assert said().startswith(f"backcheck {__version__}, words ")
    assert said(tmp_path) == f"backcheck {__version__}, words 2026-11"


def test_a_pack_that_cannot_be_read_and_a_wrong_setting_keep_it_from_nothing(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("[", encoding="utf-8")

    assert said(tmp_path, BACKCHECK_HEALTH="nonsense") == f"backcheck {__version__}, words not to be read"
    assert said(tmp_path / "nowhere").endswith("not to be read")
