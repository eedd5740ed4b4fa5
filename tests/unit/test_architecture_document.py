"""docs/architecture.md leads newcomers: what it names must be there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.(?:py|sql|yaml)|[\w/]+/)`", TEXT)))


@pytest.mark.parametrize("name", NAMED)
def test_every_file_that_is_named_exists(name: str) -> None:
    at = [ROOT / name, ROOT / "tgbot" / name, ROOT / "content" / "en" / name]
    assert any(path.exists() for path in at) or list((ROOT / "tgbot").rglob(name.rstrip("/"))), name


def test_every_room_is_named() -> None:
    rooms = [
        path.name for path in (ROOT / "tgbot").iterdir() if path.is_dir() and (path / "__init__.py").exists()
    ]
    assert [room for room in rooms if f"`tgbot/{room}/`" not in TEXT] == []


def test_every_word_of_the_glossary_is_said_once() -> None:
    glossary = TEXT.partition("## Glossary")[2].partition("\n## ")[0]
    words = re.findall(r"^\| ([A-Z][^|]+?) \|", glossary, re.MULTILINE)
    assert len(words) > 25
    assert words == sorted(set(words), key=str.lower)
