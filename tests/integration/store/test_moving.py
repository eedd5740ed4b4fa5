"""`backcheck move` between SQLite and PostgreSQL, and what makes a restored PostgreSQL database safe."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conformance.people import ANNA, BEN, DUE, HOUR, NOW, entry_of, follow_up_of, planned
from tests.postgres import migrated_database, rows, server
from tgbot.cli import main
from tgbot.errors import DatabaseError
from tgbot.followup.episode import Consent, EpisodeState, FollowUpState
from tgbot.service.store_port import Held, PaceLease, Store
from tgbot.store.moving import TABLES, Values, file_side, move
from tgbot.store.opening import move_all, open_side, open_store
from tgbot.store.postgres.moving_server import ServerSide, server_side
from tgbot.store.restoring import after_restore

CLARA = replace(ANNA, id=7_000_000_003, country="GB", zone="Europe/London")


@pytest.fixture
def url() -> Iterator[str]:
    with migrated_database() as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "backcheck.db")


async def some_of_everything(store: Store) -> None:
    """Three people; one is erased, one has a lease, a note and a closed episode."""
    await planned(store, ANNA, follow_up_of(ANNA, "f1"), follow_up_of(ANNA, "f2", due=DUE + HOUR))
    await planned(store, BEN, follow_up_of(BEN, "f3", episode="e2"))
    await planned(store, CLARA, follow_up_of(CLARA, "f4", episode="e3"))
    await store.transact(
        ANNA.id, lambda tx: tx.people.add_entry(replace(entry_of(ANNA), value="ärger: 6 µ 🙂"))
    )
    await store.operate(lambda tx: tx.queue.claim_due("me", DUE, DUE + HOUR, 1))
    await store.transact(BEN.id, lambda tx: tx.people.forget(BEN.id, NOW))
    await store.operate(lambda tx: tx.operations.first_time(10, NOW))
    await store.operate(lambda tx: tx.operations.quarantine(11, "message", "KeyError", NOW))
    await store.operate(lambda tx: tx.operations.tally(NOW.date(), {("shown", "q-sleep"): 3}))
    await store.operate(lambda tx: tx.operations.touch(NOW))


async def filled(url: str) -> None:
    async with open_store(url, NOW) as store:
        await some_of_everything(store)


def everything(url: str) -> dict[str, set[Values]]:
    with open_side(url, NOW) as side:
        return {table: {tuple(row) for row in side.read(table, columns)} for table, columns in TABLES.items()}


async def test_there_and_back_everything_is_kept_and_only_one_database_can_be_served(
    file: str, url: str
) -> None:
    await filled(file)
    before = everything(file)
    there = move_all(file, url, NOW)
    assert {table.name: table.rows for table in there if table.rows} == {
        **{"person": 2, "episode": 2, "follow_up": 3, "entry": 1, "seen_update": 1},
        **{"quarantined_update": 1, "tally": 1, "erasure": 1, "meta": 2},
    }
    with pytest.raises(DatabaseError, match="was moved to"):
        async with open_store(file, NOW):
            pass
    async with open_store(url, NOW) as store:
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA
        await store.transact(CLARA.id, lambda tx: tx.people.forget(CLARA.id, NOW))

    back = move_all(url, file, NOW)
    with pytest.raises(DatabaseError, match="was moved to"):
        async with open_store(url, NOW):
            pass
    assert [table.rows for table in back if table.name == "person"] == [1]
    async with open_store(file, NOW) as store:
        assert await store.transact(CLARA.id, lambda tx: tx.people.person(CLARA.id)) is None
    after = everything(file)
    assert after["entry"] == before["entry"]
    assert len(after["erasure"]) == 2


class KilledError(Exception):
    pass


@pytest.mark.parametrize("table", TABLES)
async def test_killed_in_any_table_the_target_is_untouched_and_the_next_try_completes(
    file: str, url: str, table: str
) -> None:
    await filled(file)

    class Killed(ServerSide):
        def write(self, into: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
            super().write(into, columns, rows)
            if into == table:
                raise KilledError

    @contextmanager
    def killed() -> Iterator[ServerSide]:
        with server_side(url) as side:
            yield Killed(side.name, side._connection)

    with pytest.raises(KilledError):
        move(lambda: file_side(Path(file), NOW), killed)
    assert rows(url, "SELECT count(*) FROM person") == [(0,)]
    with pytest.raises(DatabaseError, match="run it again"):
        async with open_store(file, NOW):
            pass

    move_all(file, url, NOW)
    move_all(file, url, NOW)  # once more changes nothing: it compares
    assert rows(url, "SELECT count(*) FROM person") == [(2,)]


async def test_nothing_is_moved_into_what_is_in_use_nor_twice(file: str, url: str, tmp_path: Path) -> None:
    await filled(file)
    await filled(url)
    with pytest.raises(DatabaseError, match="not empty"):
        move_all(file, url, NOW)
    move_all(file, str(tmp_path / "other.db"), NOW)
    with pytest.raises(DatabaseError, match=r"was moved from .* to .*other\.db already"):
        move_all(file, str(tmp_path / "third.db"), NOW)


async def test_what_differs_afterwards_is_told(file: str, url: str) -> None:
    await filled(file)
    move_all(file, url, NOW)
    async with open_store(url, NOW) as store:
        await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, country="FR")))
    with pytest.raises(DatabaseError, match="they differ"):
        move_all(file, url, NOW)


async def test_a_database_that_replicas_work_on_is_not_moved(file: str, url: str) -> None:
    await filled(url)
    async with open_store(url, NOW) as store:
        await store.operate(lambda tx: tx.operations.lease_pace("me", HOUR, lambda _: PaceLease(1.0, 1.0)))
    with pytest.raises(DatabaseError, match="Bots work on"):
        move_all(url, file, NOW)


def test_every_column_of_both_schemas_is_moved(file: str, url: str) -> None:
    """A migration that adds one adds it here, too."""
    with file_side(Path(file), NOW):
        pass
    with closing(sqlite3.connect(file)) as connection:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        ours = {
            table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables
        }
    columns = rows(
        url, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    theirs: dict[str, set[str]] = {}
    for table, column in columns:
        theirs.setdefault(str(table), set()).add(str(column))

    assert {table: set(names) for table, names in TABLES.items()} == ours
    assert {**ours, **{own: theirs[own] for own in ("schema_step", "sending_pace")}} == theirs


def test_the_operator_sees_counts_and_checksums(file: str, url: str) -> None:
    with file_side(Path(file), NOW):
        pass
    said = CliRunner().invoke(main, ["move", file, url])

    assert said.exit_code == 0, said.output
    assert "0  person" in said.output
    assert "row for row" in said.output


async def test_a_restored_server_keeps_the_erased_erased_and_the_stopped_stopped(url: str) -> None:
    """The operator restores with PostgreSQL's own tools; one command does the rest."""
    async with open_store(url, NOW) as store:
        await planned(store, ANNA, follow_up_of(ANNA, "f1"))
        await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
        await planned(store, CLARA, follow_up_of(CLARA, "f3", episode="e3"))
    name = url.split("/")[3].split("?")[0]
    with server().database(name) as restored:  # the backup
        async with open_store(url, NOW) as store:
            await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW + HOUR))
            withdrawn = replace(BEN, consent=Consent("", NOW + HOUR))
            await store.transact(BEN.id, lambda tx: tx.people.save_person(withdrawn))
            episode = await store.transact(BEN.id, lambda tx: tx.people.open_episode(BEN.id))
            assert episode is not None
            closed = replace(episode, state=EpisodeState.CLOSED, closed_at=NOW + HOUR)
            await store.transact(BEN.id, lambda tx: tx.people.save_episode(closed))

        done = after_restore(restored, url, NOW)

        assert (done.erased_again, done.ended, done.held) == (1, 2, 1)
        async with open_store(restored, NOW) as store:
            assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) is None
            (cancelled,) = await store.transact(BEN.id, lambda tx: tx.people.follow_ups(BEN.id, "e2"))
            assert cancelled.state is FollowUpState.CANCELLED
            assert await store.operate(lambda tx: tx.queue.held(DUE)) == Held(1, 0)
            assert await store.operate(lambda tx: tx.queue.next_due()) is None


async def test_who_was_erased_under_another_salt_is_erased_again_after_a_restore_of_a_server(
    url: str,
) -> None:
    async with open_store(url, NOW) as store:
        await planned(store, ANNA, follow_up_of(ANNA, "f1"))
    with server().database(url.split("/")[3].split("?")[0]) as restored:  # the backup
        rows(url, "UPDATE meta SET value = 'another' WHERE key = 'salt' RETURNING key")
        async with open_store(url, NOW) as store:
            await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW + HOUR))

        assert after_restore(restored, url, NOW).erased_again == 1
        assert rows(restored, "SELECT value FROM meta WHERE key = 'older_salts'") == [("another",)]


@pytest.mark.parametrize("content", [None, b"", b"no database at all, only words" * 40], ids=str)
def test_a_source_that_is_missing_or_no_database_is_refused_and_nothing_is_made(
    tmp_path: Path, content: bytes | None
) -> None:
    source, target = tmp_path / "backchek.db", tmp_path / "new.db"
    if content is not None:
        source.write_bytes(content)
    said = CliRunner().invoke(main, ["move", str(source), str(target)])
    assert said.exit_code == 1
    assert said.output.startswith("backcheck: ")
    assert str(source) in said.output
    assert "Everything is in the target" not in said.output
    assert (source.read_bytes() if source.exists() else None) == content
    assert not target.exists()


def test_a_server_without_backchecks_tables_is_no_source(tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    with server().database() as empty:
        said = CliRunner().invoke(main, ["move", empty, str(target)])
        tables = rows(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert (said.exit_code, said.output.count("\n")) == (1, 1)
    assert "Nothing of Backcheck's is in" in said.output
    assert not target.exists()
    assert tables == [(0,)]
