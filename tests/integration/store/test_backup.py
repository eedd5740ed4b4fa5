"""Backup and restore: whole copies, the erased stay erased, what was due waits for the operator."""

import asyncio
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from errno import EPERM
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conformance.people import ANNA, BEN, DUE, HOUR, NOW, follow_up_of, planned, states
from tests.fakes.courses import PROTOCOL
from tgbot.cli import main
from tgbot.clock import ManualClock, SystemClock
from tgbot.errors import DatabaseError
from tgbot.followup.episode import ClosedBecause, FollowUpState
from tgbot.followup.events import Stopped
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import Released, release
from tgbot.service.preferences import Preferences
from tgbot.service.store_port import Held, Store
from tgbot.store.restoring import restore
from tgbot.store.sqlite.backups import back_up
from tgbot.store.sqlite.connection import connect, read_only
from tgbot.store.sqlite.migrate import migrate, shipped
from tgbot.store.sqlite.store import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "backcheck.db", NOW)
    return tmp_path / "backcheck.db"


def episodes_of(store: Store) -> Episodes:
    return Episodes(store, ManualClock(NOW + HOUR), PROTOCOL)


def mentions_anna(path: Path) -> bool:
    content = path.read_bytes()
    return str(ANNA.id).encode() in content or ANNA.id.to_bytes(6, "big") in content


async def test_a_backup_taken_while_the_bot_writes_is_whole(path: Path, tmp_path: Path) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store)
        back_up(path, tmp_path / "copy.db")
        await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW))
    async with await SqliteStore.open(tmp_path / "copy.db") as copy:
        assert await copy.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA


async def test_a_backup_is_one_file_and_restoring_it_writes_nothing_beside_it(
    path: Path, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"  # it may be one that can only be read
    shelf.mkdir()
    async with await SqliteStore.open(path) as store:
        await planned(store)
        back_up(path, shelf / "copy.db")

    restore(shelf / "copy.db", path, NOW)

    assert [file.name for file in shelf.iterdir()] == ["copy.db"]


def test_a_backup_overwrites_nothing_and_needs_a_database(path: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")

    with pytest.raises(DatabaseError, match="overwrites nothing"):
        back_up(path, tmp_path / "precious")
    with pytest.raises(DatabaseError, match="There is no database"):
        back_up(tmp_path / "nowhere.db", tmp_path / "copy.db")
    with pytest.raises(DatabaseError, match=r"could not be copied|file is not a database"):
        restore(tmp_path / "precious", path, NOW)
    assert (tmp_path / "precious").read_text() == "mine"


async def test_who_was_erased_since_the_backup_is_erased_again(path: Path, tmp_path: Path) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store)
        await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
        back_up(path, tmp_path / "copy.db")
        await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW + HOUR))
    done = restore(tmp_path / "copy.db", path, NOW + 2 * HOUR)

    assert (done.erased_again, done.held) == (1, 1), "Ben's waits for the operator"
    async with await SqliteStore.open(path) as store:
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) is None
        assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) == BEN
    assert not mentions_anna(path)
    back_up(path, tmp_path / "second.db")
    assert restore(tmp_path / "copy.db", path, NOW + 2 * HOUR).erased_again == 1, "the log survives a restore"


async def test_who_was_erased_from_a_database_with_another_salt_is_erased_again(
    path: Path, tmp_path: Path
) -> None:
    """The disk was lost, `run` made a new database, and later the old one's backup is found."""
    async with await SqliteStore.open(path) as store:
        await planned(store)
    back_up(path, tmp_path / "copy.db")
    new = tmp_path / "new.db"
    migrate(new, NOW)
    async with await SqliteStore.open(new) as store:
        await planned(store)
        await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW + HOUR))

    assert restore(tmp_path / "copy.db", new, NOW + 2 * HOUR).erased_again == 1
    assert restore(tmp_path / "copy.db", new, NOW + 3 * HOUR).erased_again == 1, "the log survives a restore"


async def test_who_was_erased_stays_so_when_a_restore_that_was_cut_short_is_run_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store)
        back_up(path, tmp_path / "copy.db")
        await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW + HOUR))

    def cut_short(file: Path, target: Path) -> Path:
        if file.name.endswith(".restoring"):
            raise KeyboardInterrupt
        return file.rename(target)

    with monkeypatch.context() as during:
        during.setattr(Path, "replace", cut_short)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "copy.db", path, NOW + 2 * HOUR)

    done = restore(tmp_path / "copy.db", path, NOW + 2 * HOUR)
    assert done.erased_again == 1
    assert done.kept is not None
    assert done.kept.exists()


def test_where_a_file_can_have_one_name_only_the_database_from_before_is_kept_as_a_copy(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(EPERM, "Operation not permitted")

    back_up(path, tmp_path / "copy.db")
    monkeypatch.setattr(os, "link", no_links)

    first, second = (restore(tmp_path / "copy.db", path, NOW).kept for _ in range(2))

    assert first != second
    for kept in (first, second):
        assert kept is not None
        with read_only(kept) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


async def test_what_a_killed_restore_has_left_is_not_read_into_the_next(path: Path, tmp_path: Path) -> None:
    """SQLite takes whatever log lies beside a file for that file's."""
    async with await SqliteStore.open(path) as store:
        await planned(store)
    back_up(path, tmp_path / "copy.db")
    fresh = tmp_path / "backcheck.db.restoring"
    fresh.write_bytes((tmp_path / "copy.db").read_bytes())
    with closing(connect(fresh)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM person")
        connection.execute("COMMIT")
        log = fresh.with_name(f"{fresh.name}-wal").read_bytes()
    fresh.with_name(f"{fresh.name}-wal").write_bytes(log)

    restore(tmp_path / "copy.db", path, NOW)

    async with await SqliteStore.open(path) as store:
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA


def test_restoring_a_copy_of_an_older_schema_leaves_no_second_copy(path: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    migrate(shelf / "old.db", NOW, shipped()[:1])
    back_up(shelf / "old.db", shelf / "copy.db")

    kept = restore(shelf / "copy.db", path, NOW).kept

    assert {file for file in tmp_path.iterdir() if file.is_file()} == {path, kept}


async def test_who_came_back_after_an_erasure_stays(path: Path, tmp_path: Path) -> None:
    again = replace(ANNA, consent=replace(ANNA.consent, at=NOW + 2 * HOUR))
    async with await SqliteStore.open(path) as store:
        await planned(store)
        await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW + HOUR))
        await planned(store, again)
        back_up(path, tmp_path / "copy.db")
    assert restore(tmp_path / "copy.db", path, NOW + 3 * HOUR).erased_again == 0


async def test_everything_planned_is_held_until_the_operator_decides(path: Path, tmp_path: Path) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store, ANNA, follow_up_of(ANNA), follow_up_of(ANNA, "f2", due=DUE + 10 * HOUR))
    back_up(path, tmp_path / "copy.db")
    done = restore(tmp_path / "copy.db", path, DUE + HOUR)
    assert done.held == 2

    async with await SqliteStore.open(path) as store:
        assert await store.operate(lambda tx: tx.queue.next_due()) is None
        assert await store.operate(lambda tx: tx.queue.held(DUE + HOUR)) == Held(1, 1)
        await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, zone="Europe/Rome")))
        await store.transact(ANNA.id, lambda tx: tx.people.save_follow_up(follow_up_of(ANNA)))
        assert await store.operate(lambda tx: tx.queue.next_due()) is None, "nothing else lets it go"
        assert await release(store, episodes_of(store), DUE + HOUR, send=True) == Released(2, 0)
        assert store.planned.is_set()
        assert await store.operate(lambda tx: tx.queue.next_due()) == DUE
        assert await store.operate(lambda tx: tx.queue.held(DUE + HOUR)) == Held()


async def test_a_database_in_use_is_not_replaced(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db")
    async with await SqliteStore.open(path) as store:
        await planned(store)
        with pytest.raises(DatabaseError, match="stop the bot first"):
            restore(tmp_path / "copy.db", path, NOW)
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA


async def test_what_is_given_up_leaves_nobody_with_nothing_planned(path: Path, tmp_path: Path) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store)
        await planned(store, BEN, follow_up_of(BEN, "f2", due=DUE + 48 * HOUR, episode="e2"))
    back_up(path, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", path, DUE + HOUR)
    async with await SqliteStore.open(path) as store:
        done = await release(store, episodes_of(store), DUE + HOUR, send=False)

        assert done == Released(to_send=1, given_up=1)
        assert await states(store) == [FollowUpState.EXPIRED, FollowUpState.PLANNED]
        found = await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))
        assert [one.step for one in found] == ["h72", "d7"]
        assert await states(store, BEN, "e2") == [FollowUpState.PLANNED], "not due yet"
        assert await store.operate(lambda tx: tx.queue.next_due()) == DUE + 48 * HOUR


async def test_what_was_stopped_while_it_was_held_is_not_given_up_as_lost(path: Path, tmp_path: Path) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store)
    back_up(path, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", path, DUE + HOUR)
    async with await SqliteStore.open(path) as store:
        await episodes_of(store).act(1, ANNA.id, Stopped())

        assert await store.operate(lambda tx: tx.queue.held(DUE + HOUR)) == Held()
        assert await release(store, episodes_of(store), DUE + HOUR, send=False) == Released(0, 0)
        assert await states(store) == [FollowUpState.CANCELLED]


async def test_whoever_stopped_or_withdrew_since_the_backup_is_not_written_to(
    path: Path, tmp_path: Path
) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store)
        await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
        back_up(path, tmp_path / "copy.db")
        episodes = episodes_of(store)
        await episodes.act(1, ANNA.id, Stopped())
        await Preferences(store, ManualClock(NOW + HOUR), episodes).withdraw(BEN.id)
    done = restore(tmp_path / "copy.db", path, NOW + 2 * HOUR)

    assert (done.ended, done.held) == (3, 0)
    async with await SqliteStore.open(path) as store:
        assert await states(store) == await states(store, BEN, "e2") == [FollowUpState.CANCELLED]
        ben = await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id))
        assert ben is not None
        assert not ben.consent.stands
        anna = await store.transact(ANNA.id, lambda tx: tx.people.episode(ANNA.id, "e1"))
        assert anna is not None
        assert anna.closed_because == ClosedBecause.STOPPED


async def test_migrate_and_release_keep_off_a_database_in_use(path: Path) -> None:
    runner = CliRunner(env={"BACKCHECK_DATABASE": str(path)})
    async with await SqliteStore.open(path) as store:
        await planned(store)
        for words in (["migrate"], ["release", "--send"]):
            said = await asyncio.to_thread(runner.invoke, main, words)
            assert said.exit_code == 1
            assert "stop the bot first" in said.output


async def test_release_alone_says_what_is_held_and_both_ways_and_decides_nothing(
    path: Path, tmp_path: Path
) -> None:
    runner = CliRunner(env={"BACKCHECK_DATABASE": str(path)})
    said = await asyncio.to_thread(runner.invoke, main, ["release"])
    assert (said.exit_code, said.output) == (0, "Nothing is held, so there is nothing to decide.\n")
    now = SystemClock().now()
    async with await SqliteStore.open(path) as store:
        await planned(store, ANNA, follow_up_of(ANNA, due=now - HOUR))
        await planned(store, BEN, follow_up_of(BEN, "f2", due=now + HOUR, episode="e2"))
        await planned(store, BEN, follow_up_of(BEN, "f3", due=now + 2 * HOUR, episode="e2"))
    back_up(path, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", path, now)

    said = await asyncio.to_thread(runner.invoke, main, ["release"])

    assert said.exit_code == 1
    assert "Held follow-ups: 3. Of these fell due since: 1. Still to come: 2." in said.output
    assert "release --send" in said.output
    assert "release --cancel" in said.output
    async with await SqliteStore.open(path) as store:
        assert await store.operate(lambda tx: tx.queue.held(now)) == Held(1, 2)


def test_release_makes_no_database_where_there_is_none(tmp_path: Path) -> None:
    for words in (["release"], ["release", "--send"]):
        said = CliRunner(env={"BACKCHECK_DATABASE": str(tmp_path / "mistyped.db")}).invoke(main, words)
        assert said.exit_code == 1
        assert "There is no database" in said.output
    assert not list(tmp_path.iterdir())


def test_an_erasure_log_that_cannot_be_read_stops_the_restore(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db")
    path.write_bytes(b"what a broken disk leaves" * 100)

    with pytest.raises(DatabaseError, match="would come back"):
        restore(tmp_path / "copy.db", path, NOW)
    kept = restore(tmp_path / "copy.db", path, NOW, lost_log=True).kept
    assert kept is not None
    assert kept.read_bytes().startswith(b"what a broken disk leaves"), "nothing is destroyed"


def test_the_three_commands_say_what_they_did(path: Path, tmp_path: Path) -> None:
    runner = CliRunner(env={"BACKCHECK_DATABASE": str(path)})
    said = [
        runner.invoke(main, ["backup", str(tmp_path / "copy.db")]),
        runner.invoke(main, ["restore", str(tmp_path / "copy.db")]),
        runner.invoke(main, ["release", "--cancel"]),
    ]

    assert [result.exit_code for result in said] == [0, 0, 0], [result.output for result in said]
    assert "is a whole copy" in said[0].output
    assert "Restored. Erased again: 0. Ended again: 0. Held follow-ups: 0." in said[1].output
    assert "To be sent: 0. Given up: 0." in said[2].output
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
