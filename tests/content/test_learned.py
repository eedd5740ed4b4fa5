"""What was learned comes back as it was, or not at all."""

from pathlib import Path

import pytest

from tgbot.domain.finding import Learned
from tgbot.domain.learning import Example, learn
from tgbot.packs.learned import KEPT, keep, recall


def example(text: str, label: str) -> Example:
    return Example(frozenset(text.split()), label)


@pytest.fixture
def taught() -> Learned:
    heat = [example(text, "heat") for text in ("heat pack", "warm heat", "warm pack please")]
    rest = [example(text, "") for text in ("rest today", "lie down today", "please lie in")]
    return Learned(learn([*heat, *rest]), learn([*rest, *heat]))


def test_what_was_learned_comes_back_whole(tmp_path: Path, taught: Learned) -> None:
    keep(tmp_path / "new" / "folder", "key", taught)
    back = recall(tmp_path / "new" / "folder", "key")
    assert back
    for words in ("warm pack", "lie down", "please do something strange", ""):
        features = frozenset(words.split())
        assert back.alarms.scores(features) == taught.alarms.scores(features)
        assert back.answers.reasons(features, "heat") == taught.answers.reasons(features, "heat")


def test_a_damaged_file_is_no_knowledge(tmp_path: Path, taught: Learned) -> None:
    keep(tmp_path, "key", taught)
    whole = (tmp_path / "key").read_bytes()
    for damaged in (b"", whole[:-1], whole[:64], whole[:200] + b"?" + whole[201:], b"\n" + whole, b"{}"):
        (tmp_path / "key").write_bytes(damaged)
        assert recall(tmp_path, "key") is None


def test_a_file_learned_from_other_words_is_no_knowledge(tmp_path: Path, taught: Learned) -> None:
    keep(tmp_path, "key", taught)
    (tmp_path / "key").rename(tmp_path / "another")
    assert recall(tmp_path, "key") is None
    assert recall(tmp_path, "another") is None


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_breaks(
    tmp_path: Path, taught: Learned
) -> None:
    (tmp_path / "file").touch()
    keep(tmp_path / "file", "key", taught)
    assert recall(tmp_path / "file", "key") is None


def test_only_the_latest_stay(tmp_path: Path, taught: Learned) -> None:
    for number in range(KEPT + 3):
        keep(tmp_path, f"key{number}", taught)
    assert len(list(tmp_path.iterdir())) == KEPT
    assert recall(tmp_path, f"key{KEPT + 2}")
