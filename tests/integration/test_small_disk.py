"""The disk fills up between a message and its receipt: a real one of 1.2 MB wherever that can be had."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SIZE = "1200k"
MOUNT = f'mount -t tmpfs -o size={SIZE} tmpfs "$0" && exec "$@"'
WAYS: tuple[Sequence[str], ...] = (
    ("unshare", "--mount", "sh", "-c", MOUNT),  # root, as in CI
    ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT),  # anybody, where namespaces are allowed
)


def a_way_to_mount(folder: Path) -> Sequence[str] | None:
    """How a process can be given a small file system of its own; it is gone with the process."""
    for way in WAYS:
        try:
            tried = subprocess.run([*way, str(folder), "true"], capture_output=True, timeout=60, check=False)
        except FileNotFoundError:
            return None
        if tried.returncode == 0:
            return way
    return None


def plays(command: Sequence[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.timeout(480)  # two whole bots, one after the other
def test_on_a_full_disk_nothing_is_sent_that_cannot_be_written_down_and_it_recovers_by_itself(
    tmp_path: Path,
) -> None:
    """Everywhere a file that may not grow: SQLite meets a write that fails, for another reason. And on a
    disk that is full, wherever one can be had."""
    bot = (sys.executable, "-m", "tests.integration.small_disk", str(tmp_path))
    plays([*bot, "files"])
    way = a_way_to_mount(tmp_path)
    print("a small file system:", "mounted" if way else "none can be mounted here")  # noqa: T201
    if way is not None:
        plays([*way, str(tmp_path), *bot, "disk"])
