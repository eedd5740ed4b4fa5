"""What people asked in vain: grouped, and taken up only when nothing gets worse."""

from pathlib import Path

import pytest

from tgbot.asking import Figures, NotAcceptedError, accept, as_rows, grouped, with_alias

FILE = """# a word about this file
id: q-x   # permanent
short: |
  A line that is rather long and is not broken into two by whoever writes this file again, even so.
aliases:
  - 'Quoted: as it is'   # why
related: [a, b]
"""


def test_an_alias_is_added_and_nothing_else_changes() -> None:
    assert with_alias(FILE, "one more") == FILE.replace("# why\n", "# why\n  - one more\n")
    with pytest.raises(NotAcceptedError, match="already"):
        with_alias(FILE, "Quoted: as it is")


def test_what_is_alike_is_one_group_with_its_count_and_its_likely_answer() -> None:
    kept = {"heat pad or cold pack for it": 2, "cold pack or heat pad for it": 3, "who won the match": 4}

    groups = grouped(kept, lambda text: "q-heat" if "heat" in text else "")

    assert [(group.times, len(group.wordings)) for group in groups] == [(5, 2), (4, 1)]
    assert groups[0].answer == "q-heat"
    told = "\n".join(
        as_rows(groups, {("suggested", "q-x"): 3, ("suggested", "q-y"): 9}, {"q-heat": "Heat or ice first?"})
    )
    assert "  1     5 ×  cold pack or heat pad for it" in told
    assert "<5  q-x" in told
    assert "9  q-y" in told


class Checks:
    """Says these figures, one after the other, in the place of half a minute's learning."""

    def __init__(self, *said: Figures) -> None:
        self._said = iter(said)

    def __call__(self, _: Path) -> Figures:
        return next(self._said)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "en/answers").mkdir(parents=True)
    (tmp_path / "en/answers/q-x.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path


def kept(root: Path) -> str:
    return (root / "en/answers/q-x.yaml").read_text(encoding="utf-8")


def test_a_wording_is_written_when_nothing_is_worse(root: Path) -> None:
    before, after = Figures(("q-y: an error",), 1), Figures((), 0)

    assert accept(root, "one more", "q-x", Checks(before, after), lambda *_: True) == (before, after)
    assert "  - one more\n" in kept(root)


@pytest.mark.parametrize(
    ("after", "found", "said"),
    [
        (Figures(("q-y: an error", "q-z: another"), 0), True, "q-z: another"),
        (Figures(("q-y: an error", "q-y: an error"), 0), True, "q-y: an error"),
        (Figures(("q-z: another, with one mended",), 0), True, "q-z: another, with one mended"),
        (Figures((), 0), False, "does not find q-x"),
    ],
)
def test_one_that_makes_something_worse_or_does_not_help_is_undone(
    root: Path, after: Figures, found: bool, said: str
) -> None:
    with pytest.raises(NotAcceptedError, match=said):
        accept(root, "one more", "q-x", Checks(Figures(("q-y: an error",), 0), after), lambda *_: found)

    assert kept(root) == FILE


def test_an_answer_that_is_not_there_is_a_sentence(root: Path) -> None:
    with pytest.raises(NotAcceptedError, match="q-y is not an answer"):
        accept(root, "one more", "q-y", Checks())
