"""Whatever happens to a file of the pack, loading it works or says file and line; nothing else ever."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgbot.packs.loader import load
from tgbot.packs.yaml_files import PackErrors, Problem

PACK = Path(__file__).parents[2] / "content"
FILES = [
    "pack.yaml",
    "emergency.yaml",
    "sources.yaml",
    "en/topics.yaml",
    "en/redflags.yaml",
    "en/ui.yaml",
    "en/answers/treat-best.yaml",
]
WORDS = (
    "{ } &a *a !!int ' \" # é NO {x} {emergency} <b> ? null ~ % @ ` ** ![x](y) --- 999999999999999999999999"
)
SCRAPS = st.sampled_from(
    [*WORDS.split(), " ", "\n", "- ", ": ", "[", "|\n", "\t", "\x00", "\u2028", "\ufffe"]
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(PACK, tmp_path_factory.mktemp("pack") / "content")


@settings(max_examples=100, deadline=None)
@given(file=st.sampled_from(FILES), at=st.floats(0, 1), length=st.integers(0, 40), scrap=SCRAPS)
def test_a_damaged_file_is_loaded_or_refused_with_its_line(
    copy: Path, file: str, at: float, length: int, scrap: str
) -> None:
    path, text = copy / file, (PACK / file).read_text(encoding="utf-8")
    start = int(at * len(text))
    path.write_text(text[:start] + scrap + text[start + length :], encoding="utf-8")
    problems: tuple[Problem, ...] = ()
    try:
        load(copy)
    except PackErrors as errors:
        problems = errors.problems or (Problem("", 0, ""),)
    finally:
        path.write_text(text, encoding="utf-8")
    assert all(problem.line >= 1 and problem.sentence for problem in problems)
