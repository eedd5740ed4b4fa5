"""What several works ask PostgreSQL at once is one statement, and each ends as if it had been alone."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.conformance.people import ANNA, BEN, DUE, episode_of, follow_up_of, planned, quick_mark
from tests.postgres import rows
from tgbot.followup.episode import Person
from tgbot.service.store_port import ImpossibleStateError, Lease, StoreError, Transaction
from tgbot.store.postgres import pooled_store
from tgbot.store.postgres.connecting import PostgresConnection, ask
from tgbot.store.postgres.pooled_store import SEVERAL, STATEMENTS, GroupedStatements, PostgresStore
from tgbot.store.rows import SqlRow

CROWD = [replace(ANNA, id=ANNA.id + n) for n in range(20)]


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    async with await PostgresStore.open(url, quick_mark) as opened:
        await asyncio.gather(*(planned(opened, each, _of(each)) for each in CROWD))
        yield opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each statement was sent to the server."""
    names = {sql: name for name, sql in (*STATEMENTS.items(), *SEVERAL.items())}
    counted: Counter[str] = Counter()

    async def count(connection: PostgresConnection, sql: str, values: Any = None) -> list[dict[str, Any]]:
        if sql in names:
            counted[names[sql]] += 1
        return await ask(connection, sql, values)

    monkeypatch.setattr(pooled_store, "ask", count)
    return counted


def _of(person: Person) -> Any:
    return follow_up_of(person, f"f{person.id}", episode=f"e{person.id}")


def test_what_is_asked_for_several_takes_what_it_takes_for_one() -> None:
    for name, sql in SEVERAL.items():
        assert set(re.findall(r"%\((\w+)\)s", sql)) == set(re.findall(r"%\((\w+)\)s", STATEMENTS[name])), name


async def test_a_crowd_is_delivered_to_in_a_handful_of_statements(
    store: PostgresStore, asked: Counter[str]
) -> None:
    leases = await store.operate(lambda tx: tx.queue.claim_due("me", DUE, DUE + timedelta(seconds=60), 20))

    async def work(lease: Lease, tx: Transaction) -> Person | None:
        person, _ = await tx.queue.leased(lease), await tx.queue.attempt(lease)
        return person

    found = await asyncio.gather(
        *(store.transact(each.follow_up.person_id, partial(work, each)) for each in leases)
    )

    assert asked == {"claim_due": 1, "leased": 1, "attempt": 1}
    assert [person and person.id for person in found] == [each.follow_up.person_id for each in leases]


async def test_what_one_may_not_save_is_refused_to_that_one_alone(store: PostgresStore, url: str) -> None:
    later = [replace(_of(each), send_at=DUE + timedelta(days=1)) for each in CROWD]
    later[7] = replace(later[7], ambiguous=3)

    async def save(n: int, tx: Transaction) -> None:
        await tx.people.save_follow_up(later[n])

    ends = await asyncio.gather(
        *(store.transact(each.id, partial(save, n)) for n, each in enumerate(CROWD)), return_exceptions=True
    )

    assert [type(end) for end in ends if end is not None] == [ImpossibleStateError]
    assert rows(url, "SELECT id FROM follow_up WHERE send_at = due_at") == [(later[7].id,)]


async def test_what_is_asked_at_once_happens_in_the_order_it_was_asked(
    store: PostgresStore, asked: Counter[str]
) -> None:
    ben, one = replace(BEN, id=7), follow_up_of(replace(BEN, id=7), "f7", episode="e7")

    async def work(tx: Transaction) -> None:
        await asyncio.gather(
            tx.people.save_person(ben),
            tx.people.save_episode(episode_of(ben, "e7")),
            tx.people.save_follow_up(one),
            tx.people.save_follow_up(replace(one, send_at=DUE + timedelta(hours=1))),
        )

    await store.transact(ben.id, work)

    assert asked["save_follow_up"] == 2, "one statement would change the row once, or not at all"
    found = await store.transact(ben.id, lambda tx: tx.people.follow_up(ben.id, "f7"))
    assert found == replace(one, send_at=DUE + timedelta(hours=1))


async def test_what_is_still_asked_when_its_work_fails_writes_nothing(store: PostgresStore, url: str) -> None:
    left: list[asyncio.Task[None]] = []

    async def work(tx: Transaction) -> None:
        left.extend(asyncio.create_task(tx.people.save_person(replace(BEN, id=n))) for n in (7, 8))
        await asyncio.sleep(0)  # the first is on its way
        raise KeyError("a step that is not in the protocol")

    with pytest.raises(KeyError):
        await store.transact(7, work)
    ends = await asyncio.gather(*left, return_exceptions=True)

    assert all(isinstance(end, StoreError) for end in ends)
    assert rows(url, "SELECT count(*) FROM person WHERE id IN (7, 8)") == [(0,)]


async def test_who_is_cancelled_while_others_ask_takes_nothing_from_them(
    monkeypatch: pytest.MonkeyPatch, store: PostgresStore
) -> None:
    begun, leave = asyncio.Event(), asyncio.Event()

    async def slow(connection: PostgresConnection, sql: str, values: Mapping[str, Any]) -> Sequence[SqlRow]:
        begun.set()
        await leave.wait()
        return await ask(connection, sql, values)

    async with store._begun([ANNA.id]) as connection:
        monkeypatch.setattr(pooled_store, "ask", slow)
        statements = GroupedStatements(connection, None)
        first, other = (asyncio.create_task(statements.run("person", {"id": each.id})) for each in CROWD[:2])
        await begun.wait()
        first.cancel()
        leave.set()

        assert [row["id"] for row in await other] == [CROWD[1].id]
        with pytest.raises(asyncio.CancelledError):
            await first
        await ask(connection, "ROLLBACK")
