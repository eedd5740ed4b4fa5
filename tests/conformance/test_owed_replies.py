"""Replies that are owed: written down, struck off, taken over, dropped, and erased with their person."""

from datetime import timedelta

from tests.conformance.people import ANNA, BEN, HOUR, NOW, planned
from tgbot.service.store_port import OwedReply, Store

A_MINUTE = timedelta(minutes=1)
TO_ANNA, AGAIN, TO_BEN = OwedReply(1, ANNA.id), OwedReply(2, ANNA.id), OwedReply(3, BEN.id)


async def owe(store: Store, *replies: OwedReply, until: timedelta = timedelta()) -> None:
    await store.operate(lambda tx: tx.operations.owe(replies, NOW, NOW + until))


async def take(store: Store, after: timedelta = timedelta(), limit: int = 9) -> list[OwedReply]:
    now = NOW + after
    return list(await store.operate(lambda tx: tx.operations.take_owed(now, now + A_MINUTE, limit)))


async def test_what_is_owed_is_taken_over_when_its_time_is_up_and_by_one_alone(store: Store) -> None:
    await owe(store, TO_ANNA, TO_BEN, until=A_MINUTE)

    assert await take(store) == []
    assert await take(store, A_MINUTE) == [TO_ANNA, TO_BEN]
    assert await take(store, A_MINUTE) == []
    assert await take(store, 2 * A_MINUTE) == [TO_ANNA, TO_BEN], "whoever took it over is gone"


async def test_what_was_sent_is_struck_off_and_nothing_else(store: Store) -> None:
    await owe(store, TO_ANNA, AGAIN, TO_BEN)
    await store.operate(lambda tx: tx.operations.strike_off([1, 3, 99]))

    assert await take(store) == [AGAIN]


async def test_a_chat_comes_with_all_that_it_is_owed(store: Store) -> None:
    await owe(store, TO_ANNA, TO_BEN, AGAIN)
    first, second = await take(store, limit=1), await take(store, limit=1)

    assert sorted([first, second]) == [[TO_ANNA, AGAIN], [TO_BEN]]


async def test_who_writes_it_down_again_only_moves_its_time(store: Store) -> None:
    await owe(store, TO_ANNA, until=HOUR)
    await store.operate(lambda tx: tx.operations.owe([TO_ANNA], NOW + HOUR, NOW))

    assert await store.operate(lambda tx: tx.operations.drop_owed(NOW)) == 0
    assert await take(store) == [TO_ANNA]
    assert await store.operate(lambda tx: tx.operations.drop_owed(NOW + A_MINUTE)) == 1
    assert await take(store, 9 * HOUR) == []


async def test_whoever_is_forgotten_is_owed_nothing(store: Store) -> None:
    await planned(store)
    await owe(store, TO_ANNA, TO_BEN, AGAIN)
    assert await store.transact(ANNA.id, lambda tx: tx.people.owed(ANNA.id)) == [TO_ANNA, AGAIN]
    for person in (ANNA, BEN):  # one who agreed, and one of whom nothing else is stored
        await store.transact(person.id, lambda tx, who=person.id: tx.people.forget(who, NOW))  # type: ignore[misc]
        assert await store.transact(person.id, lambda tx, who=person.id: tx.people.owed(who)) == []  # type: ignore[misc]

    assert await take(store) == []
