"""What PostgreSQL, its driver and its operators would do to us if we let them."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.conformance.people import ANNA, BEN, DUE, HOUR, NOW, follow_up_of, planned, quick_mark
from tests.postgres import Server, rows, server
from tgbot.cli import main
from tgbot.clock import ManualClock
from tgbot.errors import DatabaseError
from tgbot.service.rate_limiter import RateLimiter
from tgbot.service.replicas import PaceSharing
from tgbot.service.store_port import ImpossibleStateError, StoreError, Transaction
from tgbot.store.opening import migrate, open_store
from tgbot.store.postgres.connecting import DatabaseTimeouts, ask
from tgbot.store.postgres.pooled_store import STATEMENTS, PostgresStore
from tgbot.store.postgres.schema import SchemaStep, migrate_schema, shipped_steps
from tgbot.store.sealing import new_key
from tgbot.store.sqlite.migrate import shipped

LEASE = timedelta(seconds=60)


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    async with await PostgresStore.open(url, quick_mark) as opened:
        yield opened


def name_of(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


def cut_all(url: str) -> None:
    """Every connection to this database, as a failover or an operator does."""
    name = name_of(url)
    server().run(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        " AND application_name = 'backcheck'"
    )


def server_of(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


NESTED_LOOPS = ("enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_sort", "enable_material")


async def test_whoever_leaves_the_store_leaves_no_connection(url: str) -> None:
    async with await PostgresStore.open(url, quick_mark) as store:
        await store.operate(lambda tx: tx.queue.next_due())
        assert connections(url) > 0
    assert connections(url) == 0


def connections(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'backcheck'",
            (name_of(url),),
        ).fetchone()
    return int(found[0]) if found else 0


async def test_a_claim_of_one_claims_one_whatever_plan_the_server_chooses(url: str) -> None:
    """Written as for SQLite it would claim everything under a nested loop (BUG #15715)."""
    for setting in NESTED_LOOPS:
        server().run(f"ALTER DATABASE {name_of(url)} SET {setting} = off")
    async with await PostgresStore.open(url, quick_mark) as store:
        for n in range(100):
            person = replace(ANNA, id=ANNA.id + n)
            await planned(store, person, follow_up_of(person, f"f{n}", episode=f"e{n}"))
        leases = await store.operate(lambda tx: tx.queue.claim_due("me", DUE, DUE + LEASE, 1))

    assert len(leases) == 1
    assert rows(url, "SELECT count(*) FROM follow_up WHERE owner IS NOT NULL") == [(1,)]


async def test_a_claim_reads_what_is_due_and_nothing_else(store: PostgresStore, url: str) -> None:
    """100,000 stored, three of them due: by the index, whatever the planner believes."""
    await planned(store)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO person SELECT n, '1', 0, 'en', NULL, NULL, NULL, NULL, 0"
            " FROM generate_series(1, 20000) n"
        )
        connection.execute(
            "INSERT INTO episode SELECT 'x' || n, n, 0, 0, 'open', NULL, NULL, NULL, 1"
            " FROM generate_series(1, 20000) n"
        )
        connection.execute(
            "INSERT INTO follow_up (id, episode_id, person_id, step, due_at, send_at, reminder, state,"
            " ambiguous, ready_at) SELECT 'y' || n, 'x' || n, n, 's', 9e12, 9e12, 0, 'planned', 0, 9e12"
            " FROM generate_series(1, 20000) n"
        )
        connection.execute("ANALYZE")
        values = {"owner": "me", "now": 1_800_000_000_000, "until": 1, "limit": 8, "machine": None}
        plan = connection.execute(b"EXPLAIN " + STATEMENTS["claim_due"].encode(), values).fetchall()

    steps = "\n".join(str(line) for (line,) in plan)
    assert "follow_up_ready" in steps
    assert "Seq Scan on follow_up" not in steps, steps
    assert "Index Cond: (person_id = this.person_id)" in steps, "not compared with everything that is leased"


@pytest.mark.parametrize("off", [-HOUR, HOUR], ids=["behind", "ahead"])
async def test_the_databases_clock_decides_what_is_due_however_wrong_a_machines_is(
    url: str, off: timedelta
) -> None:
    real = datetime.now(UTC).replace(microsecond=0)
    minutes = timedelta(minutes=10)
    for n, due in enumerate((real - minutes, real + minutes)):
        person = replace(ANNA, id=ANNA.id + n)
        async with await PostgresStore.open(url, quick_mark) as store:
            await planned(store, person, follow_up_of(person, f"f{n}", due=due, episode=f"e{n}"))
    async with await PostgresStore.open(url, quick_mark, machine=lambda: real + off) as wrong:
        now = real + off
        leases = await wrong.operate(lambda tx: tx.queue.claim_due("me", now, now + LEASE, 9))
        assert [lease.follow_up.id for lease in leases] == ["f0"]
        assert leases[0].until == now + LEASE, "by the clock of whoever asked"
        await wrong.transact(
            ANNA.id, lambda tx: tx.queue.settle(leases[0], leases[0].follow_up, now + timedelta(minutes=2))
        )
        again: datetime | None = await wrong.operate(lambda tx: tx.queue.next_due())

    assert again is not None
    assert abs(again - (now + timedelta(minutes=2))) < timedelta(minutes=1)
    ((ready,),) = rows(url, "SELECT ready_at FROM follow_up WHERE id = 'f0'")
    assert abs(int(str(ready)) / 1000 - (real + timedelta(minutes=2)).timestamp()) < 60


async def test_a_connection_cut_at_any_statement_leaves_all_or_nothing(
    store: PostgresStore, url: str
) -> None:
    ends = set()
    for cut_at in range(6):
        person = replace(ANNA, id=ANNA.id + cut_at)

        async def work(tx: Transaction, person=person, cut_at=cut_at) -> None:  # type: ignore[no-untyped-def]
            for step in range(5):
                if step == cut_at:
                    await asyncio.to_thread(cut_all, url)
                if step == 2:
                    await tx.people.save_person(person)
                await tx.people.person(person.id)

        try:
            await store.transact(person.id, work)
        except StoreError:
            ends.add("cut")
            assert await store.transact(person.id, lambda tx: tx.people.person(person.id)) is None  # noqa: B023
        else:
            ends.add("done")
            assert await store.transact(person.id, lambda tx: tx.people.person(person.id)) == person  # noqa: B023

    assert ends == {"cut", "done"}


async def test_connections_that_died_in_the_pool_cost_nobody_anything(store: PostgresStore, url: str) -> None:
    await asyncio.gather(
        *(
            planned(store, each, follow_up_of(each, f"f{each.id}", episode=f"e{each.id}"))
            for each in (ANNA, BEN)
        )
    )
    await asyncio.to_thread(cut_all, url)

    assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA
    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE


async def test_a_leader_that_became_a_follower_is_left(store: PostgresStore, url: str) -> None:
    """It answers SELECT 1 all the same."""
    await planned(store)
    name = name_of(url)
    server().run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await asyncio.to_thread(cut_all, url)
    with pytest.raises(StoreError, match="only be read"):
        await store.transact(ANNA.id, lambda tx: tx.people.save_person(ANNA))
    server().run(f"ALTER DATABASE {name} RESET default_transaction_read_only")

    await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, country="GB")))


async def test_a_server_that_turns_read_only_in_a_transaction_is_an_error_to_try_again(
    store: PostgresStore,
) -> None:
    async with store._begun([ANNA.id]) as connection:
        await ask(connection, "SET TRANSACTION READ ONLY")
        with pytest.raises(StoreError, match="read-only"):
            await ask(connection, "DELETE FROM person")
    assert connection.closed
    await store.transact(ANNA.id, lambda tx: tx.people.save_person(ANNA))


async def test_somebody_elses_lock_is_not_waited_for_for_ever(url: str) -> None:
    soon = DatabaseTimeouts(statement=1)
    async with await PostgresStore.open(url, quick_mark, timeouts=soon) as store:
        with psycopg.connect(url) as frozen:
            frozen.execute("SELECT pg_advisory_xact_lock(%s::bigint)", (ANNA.id,))
            with pytest.raises(StoreError, match="timeout"):
                await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id))
            assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) is None, "others go on"


async def test_a_pool_without_a_free_connection_says_so(url: str) -> None:
    soon = DatabaseTimeouts(connection=0.2)
    async with await PostgresStore.open(url, quick_mark, timeouts=soon) as store:
        taken = [await store._pool.getconn() for _ in range(6)]
        with pytest.raises(StoreError, match="No connection"):
            await store.operate(lambda tx: tx.queue.next_due())
        for connection in taken:
            await store._pool.putconn(connection)

        assert await store.operate(lambda tx: tx.queue.next_due()) is None


async def test_a_server_that_restarts_is_found_again(tmp_path: Path) -> None:
    own = Server(tmp_path / "server")
    try:
        with own.database() as url:
            migrate_schema(url)
            async with await PostgresStore.open(url, quick_mark) as store:
                await planned(store)
                await asyncio.to_thread(own.stop)
                with pytest.raises(StoreError):
                    await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id))
                await asyncio.to_thread(own.start)

                assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA
    finally:
        own.stop()


# -- the schema


def test_the_migrations_have_sqlites_numbers() -> None:
    assert [step.number for step in shipped_steps()] == [step.number for step in shipped()]


def test_replicas_that_start_together_migrate_once() -> None:
    with server().database() as url, ThreadPoolExecutor() as replicas:
        done = list(replicas.map(lambda _: migrate_schema(url), range(4)))

        assert sorted(before for before, _ in done) == [0, *[len(shipped_steps())] * 3]
        assert rows(url, "SELECT count(*) FROM meta WHERE key = 'salt'") == [(1,)]


NEXT = SchemaStep(len(shipped_steps()) + 1, 1, "ALTER TABLE person ADD COLUMN next text")


async def test_an_older_bot_runs_beside_a_newer_schema_that_only_added(url: str) -> None:
    migrate_schema(url, (*shipped_steps(), NEXT))
    async with open_store(url, NOW) as store:
        await planned(store)

        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA


def test_a_schema_that_took_something_away_is_refused_by_older_bots(url: str) -> None:
    migrate_schema(url, (*shipped_steps(), replace(NEXT, compatible=NEXT.number)))
    with pytest.raises(DatabaseError, match="Run the newer version"):
        migrate(url, NOW)


def test_somebody_elses_database_is_left_alone() -> None:
    with server().database() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE orders (id integer)")
        with pytest.raises(DatabaseError, match="not Backcheck's"):
            migrate(url, NOW)


def test_a_migration_that_fails_leaves_the_version_before(url: str) -> None:
    broken = replace(NEXT, sql="ALTER TABLE person ADD COLUMN next text; SELECT 1 / 0")
    with pytest.raises(DatabaseError, match="division by zero"):
        migrate_schema(url, (*shipped_steps(), broken))

    assert rows(url, "SELECT max(number) FROM schema_step") == [(len(shipped_steps()),)]
    assert migrate_schema(url, (*shipped_steps(), NEXT)) == (len(shipped_steps()), NEXT.number)


@pytest.mark.parametrize("address", ["postgresql://canary:s3cret@127.0.0.1:1/x", "postgresql://a:s3cret@[/x"])
async def test_a_server_that_cannot_be_reached_is_a_sentence_without_the_password(address: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        async with open_store(address, NOW):
            pass

    assert "s3cret" not in str(caught.value)


async def test_replicas_share_the_rate_and_a_killed_ones_part_comes_back(url: str) -> None:
    async with await PostgresStore.open(url) as first, await PostgresStore.open(url) as second:
        clock = ManualClock()
        one, two = (
            PaceSharing(store, clock, RateLimiter(clock), 24.0, lambda: None) for store in (first, second)
        )
        assert await one.renew("one", 20.0) == 24.0
        assert await two.renew("two", 20.0) == 0.0, "the other holds it"
        assert await one.renew("one", 20.0) == 12.0
        assert await two.renew("two", 20.0) == 12.0
        killed = "UPDATE sending_pace SET until = now() - interval '1 second' WHERE owner = 'one'"
        with psycopg.connect(url) as connection:
            connection.execute(killed.encode())

        assert await two.renew("two", 20.0) == 24.0


def command(url: str, key: str, *words: str) -> Result:
    return CliRunner(env={"BACKCHECK_DATABASE": url, "BACKCHECK_KEY": key}).invoke(main, words)


async def test_keys_are_not_turned_over_under_a_bot_that_goes_on_sealing_with_the_old_one(url: str) -> None:
    """A replica keeps the keys that it has read: what it seals afterwards nobody could open any more."""
    old = new_key()
    async with open_store(url, NOW, keys=old) as store:
        await planned(store, replace(ANNA, country="GR"))
        sharing = PaceSharing(store, ManualClock(), RateLimiter(ManualClock()), 25.0)
        await sharing.renew("a replica", 1.0)
        refused = await asyncio.to_thread(command, url, f"{new_key()}\n{old}", "keys", "rotate")
        assert refused.exit_code == 1
        assert "Bots work on" in refused.output
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == replace(
            ANNA, country="GR"
        )

    server_of(
        url, "UPDATE sending_pace SET until = clock_timestamp()"
    )  # it has stopped, and its lease is over
    fresh = new_key()
    done = await asyncio.to_thread(command, url, f"{fresh}\n{old}", "keys", "rotate")
    assert "everything that 1 people said" in done.output, done.output
    async with open_store(url, NOW, keys=fresh) as store:
        found = await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id))
        assert found == replace(ANNA, country="GR"), "the old key is not needed any more"
    with pytest.raises(DatabaseError):
        async with open_store(url, NOW, keys=old):
            pass


async def test_somebody_is_forgotten_beside_running_replicas_and_nothing_of_them_comes_back(url: str) -> None:
    """A lease on a check-in of theirs is worth nothing afterwards; everybody else's goes on."""
    key = new_key()
    async with open_store(url, NOW, keys=key) as store:
        await planned(store)
        await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
        await PaceSharing(store, ManualClock(), RateLimiter(ManualClock()), 25.0).renew("a replica", 1.0)
        leases = await store.operate(lambda tx: tx.queue.claim_due("a replica", DUE, DUE + LEASE, 10))
        gone = await asyncio.to_thread(command, url, key, "forget", str(ANNA.id), "--yes")
        assert "Episodes: 1. Check-ins: 1. Entries: 0." in gone.output, gone.output

        for lease in leases:
            who = lease.follow_up.person_id
            alive = await store.transact(who, lambda tx, lease=lease: tx.queue.attempt(lease))  # type: ignore[misc]
            assert alive == (who == BEN.id)
    for table in ("person", "episode", "follow_up", "entry"):
        key_of = "id" if table == "person" else "person_id"
        assert rows(url, f"SELECT count(*) FROM {table} WHERE {key_of} = {ANNA.id}") == [(0,)]
    assert rows(url, "SELECT count(*) FROM erasure") == [(1,)]


async def test_after_a_statement_that_failed_each_fails_alike_also_when_somebody_let_it_pass(
    store: PostgresStore,
) -> None:
    async def work(tx: Transaction) -> None:
        with suppress(ImpossibleStateError):
            await tx.people.save_follow_up(follow_up_of(ANNA, "f9", episode="nobody's"))
        await tx.people.person(ANNA.id)

    await planned(store)
    with pytest.raises(ImpossibleStateError):
        await store.transact(ANNA.id, work)
