"""People's data are readable by the bot's user alone, and a copy goes where it was told to go."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conformance.people import ANNA, NOW, planned
from tgbot.cli import main
from tgbot.errors import DatabaseError
from tgbot.store.private_files import open_to_others
from tgbot.store.restoring import restore
from tgbot.store.sealing import new_key
from tgbot.store.sqlite.backups import back_up, back_up_to
from tgbot.store.sqlite.migrate import Migration, migrate, shipped
from tgbot.store.sqlite.store import SqliteStore

ROOT_ONLY = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """Whoever starts the bot lets everybody read what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_new_database_and_everything_beside_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "backcheck.db"
    migrate(path, NOW)
    async with await SqliteStore.open(path) as store:
        await planned(store, ANNA)
        assert modes(tmp_path) == dict.fromkeys((path.name, f"{path.name}-wal", f"{path.name}-shm"), 384)


def test_every_copy_is_for_its_owner_alone(tmp_path: Path) -> None:
    """A backup, the copy before a migration, what a restore puts in place and what it sets aside."""
    path = tmp_path / "backcheck.db"
    migrate(path, NOW)
    back_up(path, tmp_path / "copy.db")
    migrate(path, NOW, (*shipped(), Migration(99, "more", "CREATE TABLE more (id INTEGER) STRICT;")))
    path.chmod(0o644)  # as versions before this one made it
    restore(tmp_path / "copy.db", path, NOW)

    assert {mode for name, mode in modes(tmp_path).items()} == {0o600}, modes(tmp_path)
    assert len(modes(tmp_path)) == 4, "database, copy before the migration, backup, what was replaced"


@ROOT_ONLY
def test_what_root_makes_or_restores_is_the_user_s_that_the_bot_runs_as(tmp_path: Path) -> None:
    """As under systemd, where the bot's user exists only while it runs."""
    shelf, state = tmp_path / "shelf", tmp_path / "state"
    for folder in (shelf, state):
        folder.mkdir()
    os.chown(state, 62_001, 62_002)
    path = state / "backcheck.db"
    migrate(path, NOW)
    back_up_to(shelf / "copy.db", path, NOW)
    restore(shelf / "copy.db", path, NOW)
    path.unlink()
    restore(shelf / "copy.db", path, NOW)

    assert {(each.stat().st_uid, each.stat().st_gid) for each in state.iterdir()} == {(62_001, 62_002)}
    assert len(modes(state)) == 3, "database, what was replaced, when the last backup was"
    assert (shelf / "copy.db").stat().st_uid == 0, "a copy is whose who takes it"


@ROOT_ONLY
def test_a_key_that_root_adds_stays_the_bots(tmp_path: Path) -> None:
    key, first = tmp_path / "key", tmp_path / "folder" / "key"
    key.write_text(f"{new_key()}\n")
    os.chown(key, 62_001, 62_002)
    first.parent.mkdir()
    os.chown(first.parent, 62_001, 62_002)
    for file in (key, first):
        made = CliRunner().invoke(main, ["keys", "new", str(file)])
        assert made.exit_code == 0, made.output

    assert {(each.stat().st_uid, each.stat().st_gid) for each in (key, first)} == {(62_001, 62_002)}


def test_a_backup_follows_no_planted_link(tmp_path: Path) -> None:
    path, shelf, victim = tmp_path / "backcheck.db", tmp_path / "shelf", tmp_path / "victim"
    migrate(path, NOW)
    shelf.mkdir()
    (shelf / "copy.db.unfinished").symlink_to(victim)
    (shelf / "elsewhere.db").symlink_to(victim)

    with pytest.raises(DatabaseError, match="overwrites nothing"):
        back_up(path, shelf / "elsewhere.db")
    back_up(path, shelf / "copy.db")

    assert not victim.exists()
    assert not (shelf / "copy.db").is_symlink()
    assert stat.S_IMODE((shelf / "copy.db").stat().st_mode) == 0o600


def test_a_copy_that_failed_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseError):
        back_up(tmp_path / "broken.db", tmp_path / "copy.db")
    assert set(modes(tmp_path)) == {"broken.db"}


def test_a_file_that_others_may_read_is_named(tmp_path: Path) -> None:
    closed, wide, missing = tmp_path / "closed", tmp_path / "wide", tmp_path / "missing"
    for file, mode in ((closed, 0o600), (wide, 0o640)):
        file.touch()
        file.chmod(mode)

    assert open_to_others(closed, wide, missing) == [wide]


def test_whatever_a_command_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The umask of the process: also for files that libraries make."""
    code = (
        "import os\n"
        "os.umask(0)\n"
        "from click.testing import CliRunner\n"
        "from tgbot.cli import main\n"
        "CliRunner().invoke(main, ['health'])\n"
        f"open({str(tmp_path / 'made')!r}, 'w').close()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert modes(tmp_path) == {"made": 0o600}
