"""What was learned comes back as it was, or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.content.finder import CONTENT, thinned
from tgbot.finder.learning import Classifier, Example, features, learn
from tgbot.packs import finder_index
from tgbot.packs.learned import KEPT, keep, recall
from tgbot.packs.loader import load


def example(text: str, label: str) -> Example:
    return Example(features(text.split()), label)


@pytest.fixture
def taught() -> Classifier:
    heat = [example(text, "heat") for text in ("heat pack", "warm heat", "warm pack please")]
    rest = [example(text, "") for text in ("rest today", "lie down today", "please lie in")]
    return learn([*heat, *rest])


def test_what_was_learned_comes_back_whole(tmp_path: Path, taught: Classifier) -> None:
    keep(tmp_path / "new" / "folder", "net-key", taught)
    back = recall(tmp_path / "new" / "folder", "net-key")
    assert back
    for words in ("warm pack", "lie down", "please do something strange", ""):
        found = features(words.split())
        assert back.scores(found) == taught.scores(found)
        assert back.look(found).reasons("heat", 9) == taught.look(found).reasons("heat", 9)


def test_a_damaged_file_is_no_knowledge(tmp_path: Path, taught: Classifier) -> None:
    keep(tmp_path, "net-key", taught)
    whole = (tmp_path / "net-key").read_bytes()
    for damaged in (b"", whole[:-1], whole[:64], whole[:300] + b"?" + whole[301:], b"\n" + whole, b"{}"):
        (tmp_path / "net-key").write_bytes(damaged)
        assert recall(tmp_path, "net-key") is None


def test_a_file_learned_from_other_words_is_no_knowledge(tmp_path: Path, taught: Classifier) -> None:
    keep(tmp_path, "net-key", taught)
    (tmp_path / "net-key").rename(tmp_path / "net-another")
    assert recall(tmp_path, "net-key") is None
    assert recall(tmp_path, "net-another") is None


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_breaks(
    tmp_path: Path, taught: Classifier
) -> None:
    (tmp_path / "file").touch()
    keep(tmp_path / "file", "net-key", taught)
    assert recall(tmp_path / "file", "net-key") is None


def test_only_the_latest_stay(tmp_path: Path, taught: Classifier) -> None:
    for number in range(KEPT + 3):
        keep(tmp_path, f"net-key{number}", taught)
    assert len(list(tmp_path.iterdir())) == KEPT
    assert recall(tmp_path, f"net-key{KEPT + 2}")


def test_what_was_used_last_stays(tmp_path: Path, taught: Classifier) -> None:
    """A pack that is started every day must not make room for four that were tried once."""
    for number in range(KEPT):
        keep(tmp_path, f"net-key{number}", taught)
        os.utime(tmp_path / f"net-key{number}", (number, number))
    assert recall(tmp_path, "net-key0")
    keep(tmp_path, "net-new", taught)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["net-key0", "net-key2", "net-key3", "net-new"]


def test_a_folder_where_others_may_write_is_not_believed_and_left_alone(
    tmp_path: Path, taught: Classifier
) -> None:
    """Whoever can put a file there could decide which warning signs are seen."""
    place = tmp_path / "shared"
    keep(place, "net-key", taught)
    place.chmod(0o777)

    assert recall(place, "net-key") is None
    keep(place, "net-another", taught)
    assert [path.name for path in place.iterdir()] == ["net-key"]


NOBODY_AT_HOME = """
import os
os.environ.pop("HOME", None)
os.getuid = lambda: 2_000_000_001  # a container's: no such name, so no home
from tgbot.packs import finder_index
from tgbot.packs.learned import folder, keep, recall
print(folder(None), recall(folder(None), "net-key"), folder("/var/cache"))
"""


def test_who_has_no_home_keeps_nothing_and_starts_all_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", NOBODY_AT_HOME], capture_output=True, text=True, timeout=60)

    assert (done.stdout, done.stderr) == ("None None /var/cache/backcheck\n", "")


def test_before_it_learns_a_start_says_so_and_once_it_knows_it_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = thinned(CONTENT, tmp_path / "pack")
    with (root / "en" / "alarms.yaml").open("a") as file:
        file.write("# A pack that no other test has had this process learn.\n")
    said: list[str] = []
    finder_index.load(root, load(root), said.append)
    assert said
    assert all(line.startswith("The finder's words have changed. Learning ") for line in said)

    said.clear()
    finder_index.load(root, load(root), said.append)
    assert said == []
