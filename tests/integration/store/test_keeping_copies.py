"""Copies one after the other: dated, counted, whole, and remembered."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner

from tests.conformance.people import NOW
from tgbot.cli import main
from tgbot.store.sqlite.backups import back_up_into, back_up_to, last_backup
from tgbot.store.sqlite.migrate import migrate


def test_the_newest_stay_and_nothing_else_is_touched(tmp_path: Path) -> None:
    database, folder = tmp_path / "a.db", tmp_path / "copies"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    migrate(database, NOW)

    for day in range(4):
        back_up_into(folder, database, NOW + timedelta(days=day), keep=2)

    assert sorted(path.name for path in folder.iterdir()) == [
        "backcheck-20261125T091000Z.db",
        "backcheck-20261126T091000Z.db",
        "notes.txt",
    ]
    assert last_backup(database) == NOW + timedelta(days=3)


def test_a_copy_that_somebody_named_takes_no_place_and_stays(tmp_path: Path) -> None:
    database, named = tmp_path / "a.db", tmp_path / "backcheck-before-upgrade.db"
    migrate(database, NOW)
    back_up_to(named, database, NOW)
    back_up_into(tmp_path, database, NOW, keep=1)

    newest, gone = back_up_into(tmp_path, database, NOW + timedelta(days=1), keep=1)

    assert newest.exists()
    assert named.exists()
    assert [copy.name for copy in gone] == ["backcheck-20261123T091000Z.db"]


def test_neither_the_database_nor_the_new_copy_is_ever_removed(tmp_path: Path) -> None:
    """Whoever runs on a copy has a dated name for the database; and a clock may have been wrong before."""
    database, later = tmp_path / "backcheck-20261101T000000Z.db", NOW + timedelta(days=300)
    migrate(database, NOW)
    wrong, _ = back_up_into(tmp_path, database, later, keep=1)

    newest, gone = back_up_into(tmp_path, database, NOW, keep=1)

    assert database.exists()
    assert newest.exists()
    assert gone == [wrong]


def test_standard_output_carries_a_whole_database(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    migrate(database, NOW)
    environment = {"BACKCHECK_DATABASE": str(database), "PATH": "/usr/bin:/bin"}

    command = [sys.executable, "-m", "tgbot", "backup", "-"]
    told = subprocess.run(command, env=environment, capture_output=True, check=True)
    (tmp_path / "b.db").write_bytes(told.stdout)

    with closing(sqlite3.connect(tmp_path / "b.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    beside = {path.name for path in tmp_path.iterdir()} - {"a.db-wal", "a.db-shm"}
    assert beside == {"a.db", "a.db.last-backup", "b.db"}


def test_keep_without_a_folder_is_a_mistake(tmp_path: Path) -> None:
    migrate(tmp_path / "a.db", NOW)
    runner = CliRunner(env={"BACKCHECK_DATABASE": str(tmp_path / "a.db")})

    told = runner.invoke(main, ["backup", "--keep", "3", str(tmp_path / "b.db")])

    assert told.exit_code == 2
    assert "folder" in told.output
