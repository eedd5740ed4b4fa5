"""What was learned comes back as it was, or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tgbot.finder.features import features
from tgbot.finder.finding import Learned
from tgbot.finder.learning import Example, learn
from tgbot.packs.learned import KEPT, keep, recall


def example(text: str, label: str) -> Example:
    return Example(features(text.split()), label)


@pytest.fixture
def taught() -> Learned:
    heat = [example(text, "heat") for text in ("heat pack", "warm heat", "warm pack please")]
    rest = [example(text, "") for text in ("rest today", "lie down today", "please lie in")]
    return Learned(learn([*heat, *rest]), learn([*rest, *heat]), learn([*heat, *rest]))


def test_what_was_learned_comes_back_whole(tmp_path: Path, taught: Learned) -> None:
    keep(tmp_path / "new" / "folder", "key", taught)
    back = recall(tmp_path / "new" / "folder", "key")
    assert back
    for words in ("warm pack", "lie down", "please do something strange", ""):
        found = features(words.split())
        assert back.alarms.scores(found) == taught.alarms.scores(found)
        assert back.answers.look(found).reasons("heat", 9) == taught.answers.look(found).reasons("heat", 9)


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


def test_what_was_used_last_stays(tmp_path: Path, taught: Learned) -> None:
    """A pack that is started every day must not make room for four that were tried once."""
    for number in range(KEPT):
        keep(tmp_path, f"key{number}", taught)
        os.utime(tmp_path / f"key{number}", (number, number))
    assert recall(tmp_path, "key0")
    keep(tmp_path, "new", taught)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["key0", "key2", "key3", "new"]


def test_a_folder_where_others_may_write_is_not_believed_and_left_alone(
    tmp_path: Path, taught: Learned
) -> None:
    """Whoever can put a file there could decide which warning signs are seen."""
    place = tmp_path / "shared"
    keep(place, "key", taught)
    place.chmod(0o777)

    assert recall(place, "key") is None
    keep(place, "another", taught)
    assert [path.name for path in place.iterdir()] == ["key"]


NOBODY_AT_HOME = """
import os
os.environ.pop("HOME", None)
os.getuid = lambda: 2_000_000_001  # a container's: no such name, so no home
from tgbot.packs.learned import folder, keep, recall
print(folder(None), recall(folder(None), "key"), folder("/var/cache"))
"""


def test_who_has_no_home_keeps_nothing_and_starts_all_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", NOBODY_AT_HOME], capture_output=True, text=True, timeout=60)

    assert (done.stdout, done.stderr) == ("None None /var/cache/backcheck\n", "")
