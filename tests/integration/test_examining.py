"""A pack looked at elsewhere: its mistakes come back as sentences; a process that dies is none of them."""

import shutil
import sys
from pathlib import Path

import pytest

from tgbot.errors import BackcheckError
from tgbot.packs.whole import examine
from tgbot.settings import shipped_content


async def test_every_problem_of_a_broken_pack_comes_back(tmp_path: Path) -> None:
    root = shutil.copytree(shipped_content(), tmp_path / "content")
    (root / "en" / "topics.yaml").write_text("- no topic", encoding="utf-8")
    (root / "emergency.yaml").write_text("[", encoding="utf-8")

    with pytest.raises(BackcheckError) as told:
        await examine(root)
    said = " ".join(told.value.sentences)
    assert "topics.yaml" in said
    assert "emergency.yaml" in said


async def test_a_process_that_does_not_come_about_leaves_it_to_the_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    await examine(tmp_path)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    await examine(tmp_path)
