"""docs/reliability.md names the test of each promise and of each surprise: every one of them exists."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOCUMENT = (TESTS.parent / "docs/reliability.md").read_text(encoding="utf-8")
ROWS = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and "test_" in line]
_NAMED = re.compile(r"`(?P<file>[\w/]+/test_\w+\.py|…)?(?:::(?P<test>[^`\[]+)(?:\[[^`]*\])?)?`")


def named(row: str) -> list[tuple[str, str]]:
    """Each file with a test's name, or with nothing for all of it. `…` is the file before, or any letters."""
    found, file = [], ""
    for match in _NAMED.finditer(row):
        if match["file"] or match["test"]:
            file = match["file"] if match["file"] not in (None, "…") else file
            found.append((file, match["test"] or ""))
    return found


def test_the_rows_are_read() -> None:
    row = "| `unit/test_a.py::test_b…`, `…::test_c[d]`, `crash/test_e.py` | `store/f.py` |"

    assert named(row) == [
        ("unit/test_a.py", "test_b…"),
        ("unit/test_a.py", "test_c"),
        ("crash/test_e.py", ""),
    ]
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:30])
def test_every_test_that_is_named_exists(row: str) -> None:
    tests = named(row)

    assert tests, row
    for file, name in tests:
        defined = re.findall(r"def (test_\w+)", (TESTS / file).read_text(encoding="utf-8"))
        wanted = ".*".join(map(re.escape, re.split("[…*]", name))) if name else "test_.*"
        assert any(re.fullmatch(wanted, one) for one in defined), f"{file}::{name}"
