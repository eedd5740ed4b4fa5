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
    (
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        MOUNT,
    ),  # anybody, where user namespaces are allowed
)


def a_way_to_mount(folder: Path) -> Sequence[str] | None:
    """How a process can be given a small file system of its own; it is gone with the process."""
    for way in WAYS:
        try:
            tried = subprocess.run([*way, str(folder), "true"], capture_output=True, timeout=10, check=False)
        except FileNotFoundError:
            return None
        if tried.returncode == 0:
            return way
    return None


def plays(command: Sequence[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_on_a_full_disk_nothing_is_sent_that_cannot_be_written_down_and_it_recovers_by_itself(
    tmp_path: Path,
) -> None:
    way = a_way_to_mount(tmp_path)
    if way is None:
        pytest.skip("no small file system can be mounted here; the next test fills one up in another way")
    plays([*way, str(tmp_path), sys.executable, "-m", "tests.integration.small_disk", str(tmp_path), "disk"])


def test_when_no_file_may_grow_nothing_is_sent_that_cannot_be_written_down_and_it_recovers(
    tmp_path: Path,
) -> None:
    """The same wherever nothing can be mounted: SQLite meets a write that fails, for another reason."""
    plays([sys.executable, "-m", "tests.integration.small_disk", str(tmp_path), "files"])
