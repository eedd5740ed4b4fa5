"""What SQLite and its driver would do to us if we let them."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import pytest
from structlog.testing import capture_logs

from tests.conformance.people import (
    ANNA,
    BEN,
    DUE,
    NOW,
    entry_of,
    episode_of,
    follow_up_of,
    planned,
    quick_mark,
    states,
)
from tests.fakes.messenger import FakeMessenger
from tests.fakes.rounds import Rounds
from tests.fakes.stores import MeddledStore
from tgbot.followup.episode import FollowUpState
from tgbot.service.courier import SendOutcome
from tgbot.service.ports import Later
from tgbot.service.store_port import (
    SharedTransaction,
    Store,
    StoreError,
    StoreFullError,
    StoreLostError,
    Transaction,
)
from tgbot.store.sealing import mark_of
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import STATEMENTS, SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "backcheck.db", NOW)
    return tmp_path / "backcheck.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    async with await SqliteStore.open(path, quick_mark) as opened:
        yield opened


async def pragma(store: SqliteStore, name: str, value: str = "") -> object:
    """The connection's own answer, as only it knows."""
    found = await store._execute(f"PRAGMA {name}{value}", {})
    return next(iter(tuple(found[0]))) if found else None


async def test_one_process_alone_works_with_a_file(store: SqliteStore) -> None:
    assert not store.shared


async def test_every_durability_setting_is_on(store: SqliteStore) -> None:
    names = (
        "journal_mode",
        "synchronous",
        "wal_autocheckpoint",
        "busy_timeout",
        "foreign_keys",
        "secure_delete",
    )

    assert [await pragma(store, name) for name in names] == ["wal", 2, 100, 5000, 1, 1]


async def test_a_claim_touches_an_index_and_nothing_else(store: SqliteStore) -> None:
    values = {"owner": "me", "until": 2, "now": 1, "limit": 8}
    plan = await store._execute("EXPLAIN QUERY PLAN " + STATEMENTS["claim_due"], values)
    steps = [str(tuple(row)[3]) for row in plan]
    due = await store._execute("EXPLAIN QUERY PLAN " + STATEMENTS["next_due"], {})

    assert "SEARCH this USING INDEX follow_up_ready (ready_at<?)" in steps
    assert "SEARCH other USING INDEX follow_up_person (person_id=?)" in steps
    assert not any(step.startswith("SCAN") and "subquery" not in step for step in steps), steps
    assert "follow_up_ready" in str(tuple(due[0])[3])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("became", {"since": 1, "now": 2}),
        ("in_state", {"state": "refused", "since": 1}),
        ("missed", {"since": 1}),
        ("on_other_plans", {"plan": "1", "limit": 5}),
    ],
)
async def test_what_is_read_while_the_bot_runs_reads_no_table_from_end_to_end(
    store: SqliteStore, name: str, values: dict[str, object]
) -> None:
    """There is one connection: everybody waits meanwhile."""
    plan = await store._execute("EXPLAIN QUERY PLAN " + STATEMENTS[name], values)
    steps = [str(tuple(row)[3]) for row in plan]

    assert not any(step in ("SCAN follow_up", "SCAN episode") for step in steps), steps
    assert any(
        "follow_up_due" in step or "follow_up_lost" in step or "episode_one_open" in step for step in steps
    )


async def test_a_rollback_that_fails_does_not_hide_what_the_database_said(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> None:
        raise sqlite3.OperationalError("cannot rollback")

    async def full(_: SharedTransaction) -> None:
        raise StoreFullError("The disk is full.")

    monkeypatch.setattr(store._connection, "rollback", fails)
    with pytest.raises(StoreFullError):
        await store.operate(full)


async def test_whoever_is_forgotten_leaves_no_byte_in_the_file_or_its_log(
    store: SqliteStore, path: Path
) -> None:
    note = replace(entry_of(ANNA), kind="note", value="it happened while lifting the xylophone")
    await planned(store)
    await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
    await store.transact(ANNA.id, lambda tx: tx.people.add_entry(note))
    traces = [b"xylophone", str(ANNA.id).encode(), ANNA.id.to_bytes(6, "big")]
    files = [path, path.with_name(path.name + "-wal")]
    assert all(any(trace in file.read_bytes() for file in files) for trace in (traces[0], traces[2]))

    await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW))

    for file in files:
        assert [trace for trace in traces if trace in file.read_bytes()] == []


async def test_the_mark_of_an_erasure_cannot_be_reversed_by_trying_ids(path: Path) -> None:
    async with await SqliteStore.open(path) as store:
        await planned(store)
        before = process_time()
        await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW))
        spent = process_time() - before
    with closing(sqlite3.connect(path)) as connection:
        (salt,) = connection.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()
        (mark,) = connection.execute("SELECT person_hash FROM erasure").fetchone()

    assert mark == mark_of(salt, ANNA.id)
    assert mark not in (mark_of(salt, BEN.id), mark_of("another database", ANNA.id))
    years = spent * 2**33 / timedelta(days=365).total_seconds()
    assert years > 10, "even on a fast machine trying every id is not worth it"


async def test_whoever_is_forgotten_holds_up_nobody_who_only_taps(path: Path) -> None:
    """Making the mark is slow, so it happens beside the event loop."""
    loop_turned = threading.Event()

    def slow(salt: str, person_id: int) -> bytes:
        assert loop_turned.wait(60), "the loop stood still"
        return b"mark"

    async with await SqliteStore.open(path, slow) as store:
        await planned(store)
        forgetting = asyncio.create_task(store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW)))
        asyncio.get_running_loop().call_later(0.05, loop_turned.set)
        await forgetting


async def test_what_a_backup_keeps_from_being_erased_is_erased_when_it_is_over(
    store: SqliteStore, path: Path
) -> None:
    await store._execute("PRAGMA busy_timeout = 10", {})
    await planned(store)
    log = path.with_name(path.name + "-wal")
    trace = ANNA.id.to_bytes(6, "big")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM person").fetchone() == (1,)
        await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW))
        assert holds(log, trace)
    await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id))

    assert not holds(log, trace)
    assert not holds(path, trace)


def holds(path: Path, trace: bytes) -> bool:
    return trace in path.read_bytes()


async def test_cancelled_at_any_moment_it_is_never_left_in_a_transaction(store: SqliteStore) -> None:
    """A thousand cancellations; a cancelled call of the driver still runs in its thread."""

    async def work(tx: Transaction) -> None:
        await tx.people.save_person(ANNA)
        if await tx.people.open_episode(ANNA.id) is None:
            await tx.people.save_episode(episode_of(ANNA))
        await tx.people.save_follow_up(follow_up_of(ANNA))
        await tx.people.forget(ANNA.id, NOW)

    for seed in range(1_000):
        caller = asyncio.create_task(store.transact(ANNA.id, work))
        for _ in range(random.Random(seed).randrange(40)):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) is None, (
            "all of it or nothing of it"
        )


async def test_two_writers_wait_for_each_other_instead_of_failing(store: SqliteStore, path: Path) -> None:
    """A transaction that reads first and writes later would fail at once, whatever the busy timeout."""
    reading = asyncio.Event()

    async def reads_then_writes(tx: Transaction) -> None:
        await tx.people.person(ANNA.id)
        reading.set()
        for _ in range(50):
            await tx.people.person(ANNA.id)
        await tx.people.save_person(ANNA)

    async with await SqliteStore.open(path) as other:
        first = asyncio.create_task(store.transact(ANNA.id, reads_then_writes))
        await reading.wait()
        await other.transact(BEN.id, lambda tx: tx.people.save_person(BEN))
        await first

    assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA
    assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) == BEN


LEFT_OPEN = """
import asyncio, sys
from pathlib import Path
from tgbot.store.sqlite.store import SqliteStore

async def main():
    async with await SqliteStore.open(Path(sys.argv[1])):
        raise SystemExit(7)

asyncio.run(main())
"""


def test_whatever_goes_wrong_the_process_ends(path: Path) -> None:
    """An aiosqlite connection that is not closed keeps the process alive for ever."""
    ended = subprocess.run([sys.executable, "-c", LEFT_OPEN, str(path)], timeout=60, check=False)

    assert ended.returncode == 7


async def test_closing_lets_what_runs_finish_and_twice_is_harmless(path: Path) -> None:
    store = await SqliteStore.open(path)
    running = asyncio.create_task(store.transact(ANNA.id, lambda tx: tx.people.save_person(ANNA)))
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    await running

    with pytest.raises(StoreError):
        await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM person").fetchall() == [(ANNA.id,)]


async def full(store: SqliteStore) -> None:
    """No page more may be added: SQLite says what it says on a full disk."""
    await pragma(store, "max_page_count", f"={await pragma(store, 'page_count')}")


async def test_a_full_disk_is_told_from_a_lost_database(store: SqliteStore) -> None:
    """For room one waits; the other needs a new process."""
    await full(store)
    with pytest.raises(StoreFullError):
        await planned(store, ANNA, *[follow_up_of(ANNA, f"f{number}") for number in range(100)])


async def test_a_full_disk_changes_nothing_and_is_over_when_there_is_room(store: SqliteStore) -> None:
    await planned(store)
    await full(store)
    bulk = replace(entry_of(ANNA), value="x" * 100_000)

    with pytest.raises(StoreError, match="full"):
        await store.transact(ANNA.id, lambda tx: tx.people.add_entry(bulk))
    assert list(await store.transact(ANNA.id, lambda tx: tx.people.entries(ANNA.id, "e1"))) == []
    await pragma(store, "max_page_count", "=1000000")
    await store.transact(ANNA.id, lambda tx: tx.people.add_entry(bulk))
    assert len(await store.transact(ANNA.id, lambda tx: tx.people.entries(ANNA.id, "e1"))) == 1


async def test_what_a_full_disk_interrupts_is_undone_for_all_who_share_the_transaction(
    store: SqliteStore,
) -> None:
    """SQLite ends the transaction by itself; what others ask for next would be written on its own."""
    await planned(store)
    await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
    await full(store)
    bulk = replace(entry_of(ANNA), value="x" * 100_000)

    async def many(tx: Transaction) -> None:
        for _ in range(30):
            await tx.people.save_person(replace(BEN, zone="Europe/Paris"))

    ends = await asyncio.gather(
        store.transact(ANNA.id, lambda tx: tx.people.add_entry(bulk)),
        store.transact(BEN.id, many),
        return_exceptions=True,
    )

    assert [type(end) for end in ends] == [StoreFullError, StoreFullError]
    assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) == BEN


class FullStore(MeddledStore):
    """A store whose disk is full for a while."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, self._may_fail)
        self.failures_left = 0

    async def _may_fail(self) -> None:
        if self.failures_left:
            self.failures_left -= 1
            raise StoreError("The database says: database or disk is full.")


async def test_while_a_delivery_cannot_be_written_down_nothing_more_is_sent(store: SqliteStore) -> None:
    await planned(store)
    await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
    disk = FullStore(store)

    async def fills() -> None:
        disk.failures_left = 20

    rounds = Rounds(
        disk, messenger=FakeMessenger(during=fills), limits=replace(Rounds(disk).limits, in_flight=1)
    )
    rounds.clock.push(DUE - rounds.clock.now())
    with capture_logs() as logs:
        report = await rounds.courier.run_once()

    assert report == {SendOutcome.SENT: 1}
    assert rounds.messenger.attempts == [ANNA.id], "one message, and then it waited"
    told = [line for line in logs if line["event"] == "courier_store_failed"]
    assert len(told) == 1, "not a line for each of twenty attempts"
    assert len(rounds.clock.slept) == 20
    assert await states(store) == [FollowUpState.SENT]


async def test_a_429_holds_at_once_and_no_longer_than_was_asked_although_it_cannot_be_written_down(
    store: SqliteStore,
) -> None:
    """The pause is for replies, too: a disk that is full for an hour must not make it an hour long."""
    await planned(store)
    disk = FullStore(store)

    async def fills() -> None:
        disk.failures_left = 20

    rounds = Rounds(disk, messenger=FakeMessenger([Later(30, "retry after 30")], during=fills))
    rounds.clock.push(DUE - rounds.clock.now())
    await rounds.courier.run_once()

    assert len(rounds.clock.slept) == 20
    assert rounds.rate_limiter.take_chat(ANNA.id) == 30 - 20


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
@pytest.mark.parametrize("how", ["removed", "replaced"])
async def test_a_database_that_is_gone_takes_no_promises(tmp_path: Path, how: str) -> None:
    """SQLite writes on into a file without a name, and everything would be gone with the process."""
    path, now = tmp_path / "a.db", datetime(2026, 11, 23, tzinfo=UTC)
    migrate(path, now)
    async with await SqliteStore.open(path) as store:
        await store.operate(lambda tx: tx.operations.touch(now))
        path.rename(tmp_path / "elsewhere.db")
        if how == "replaced":
            path.touch()
        with pytest.raises(StoreError, match="removed or replaced"):
            await store.operate(lambda tx: tx.operations.touch(now))

        (tmp_path / "elsewhere.db").rename(path)
        await store.operate(lambda tx: tx.operations.touch(now))


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
async def test_a_log_that_is_removed_is_noticed_and_what_was_in_it_is_saved(path: Path) -> None:
    """Everything since the last checkpoint is in the log alone, and would be gone with the process."""
    log = path.with_name(path.name + "-wal")
    async with await SqliteStore.open(path, quick_mark) as store:
        await planned(store)
        assert log.stat().st_size, "nothing to lose"
        log.unlink()
        with pytest.raises(StoreLostError, match=r"log .* was removed"):
            await store.operate(lambda tx: tx.operations.touch(NOW))

    async with await SqliteStore.open(path, quick_mark) as store:
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA


async def test_what_is_found_damaged_is_not_written_to_any_more(path: Path) -> None:
    """Bits that flipped: what reads them fails, and from then on everything does."""
    async with await SqliteStore.open(path, quick_mark) as store:
        await planned(store)
    flip_a_page(path, "episode_person")
    async with await SqliteStore.open(path, quick_mark) as store:
        await store.operate(lambda tx: tx.operations.touch(NOW))
        with pytest.raises(StoreLostError, match=r"is damaged .* restore a backup"):
            await store.transact(ANNA.id, lambda tx: tx.people.episodes(ANNA.id))
        with pytest.raises(StoreLostError):
            await store.operate(lambda tx: tx.operations.touch(NOW))


def flip_a_page(path: Path, name: str) -> None:
    """The header of the page on which a table or an index begins."""
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    content, start = bytearray(path.read_bytes()), (page - 1) * size
    content[start : start + 8] = bytes(byte ^ 0xFF for byte in content[start : start + 8])
    path.write_bytes(content)
