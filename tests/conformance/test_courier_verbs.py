"""What every store promises the courier: claims, leases, fences."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.conformance.people import ANNA, BEN, DUE, HOUR, NOW, follow_up_of, planned, states
from tgbot.followup.episode import FollowUpState
from tgbot.service.store_port import Held, ImpossibleStateError, Lease, Store

LEASE = timedelta(seconds=60)


async def claim(store: Store, now: datetime = DUE, owner: str = "me", limit: int = 10) -> list[Lease]:
    return list(await store.operate(lambda tx: tx.queue.claim_due(owner, now, now + LEASE, limit)))


async def test_nothing_is_claimed_before_it_is_due(store: Store) -> None:
    await planned(store)

    assert await claim(store, DUE - timedelta(milliseconds=1)) == []
    (lease,) = await claim(store, DUE)
    assert lease.follow_up == follow_up_of(ANNA)
    assert (lease.owner, lease.until, lease.fence) == ("me", DUE + LEASE, 1)


async def test_the_earliest_are_claimed_first_and_no_more_than_asked_for(store: Store) -> None:
    follow_ups = [follow_up_of(ANNA, f"f{n}", due=DUE - n * HOUR) for n in range(5)]
    for number, follow_up in enumerate(follow_ups):
        person = replace(ANNA, id=ANNA.id + number)
        await planned(store, person, replace(follow_up, person_id=person.id, episode_id=f"e{number}"))

    assert [lease.follow_up.id for lease in await claim(store, limit=2)] == ["f4", "f3"]
    assert [lease.follow_up.id for lease in await claim(store, limit=9)] == ["f2", "f1", "f0"]


async def test_what_is_held_cannot_be_claimed_until_the_lease_runs_out(store: Store) -> None:
    await planned(store)
    (first,) = await claim(store)

    assert await claim(store, DUE + LEASE - timedelta(milliseconds=1), "other") == []
    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE + LEASE
    (second,) = await claim(store, DUE + LEASE, "other")
    assert second.fence == first.fence + 1


async def test_a_lost_lease_settles_nothing(store: Store) -> None:
    await planned(store)
    (first,) = await claim(store)
    (second,) = await claim(store, DUE + LEASE)
    sent = replace(first.follow_up, state=FollowUpState.SENT, sent_at=DUE, message_id=1)

    assert not await store.transact(ANNA.id, lambda tx: tx.queue.attempt(first))
    assert not await store.transact(ANNA.id, lambda tx: tx.queue.settle(first, sent))
    assert await states(store) == [FollowUpState.PLANNED]
    assert await store.transact(ANNA.id, lambda tx: tx.queue.settle(second, sent))
    assert await states(store) == [FollowUpState.SENT]
    assert not await store.transact(ANNA.id, lambda tx: tx.queue.settle(second, sent)), (
        "a settled lease is over"
    )


async def test_what_the_person_changed_during_the_send_stands(store: Store) -> None:
    await planned(store)
    (lease,) = await claim(store)
    cancelled = replace(lease.follow_up, state=FollowUpState.CANCELLED)
    await store.transact(ANNA.id, lambda tx: tx.people.save_follow_up(cancelled))
    sent = replace(lease.follow_up, state=FollowUpState.SENT, sent_at=DUE, message_id=1)

    assert not await store.transact(ANNA.id, lambda tx: tx.queue.settle(lease, sent))
    assert await states(store) == [FollowUpState.CANCELLED]


async def test_an_erased_follow_up_settles_nothing(store: Store) -> None:
    await planned(store)
    (lease,) = await claim(store)
    await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, DUE))

    assert not await store.transact(ANNA.id, lambda tx: tx.queue.attempt(lease))
    assert not await store.transact(ANNA.id, lambda tx: tx.queue.settle(lease, lease.follow_up))


async def test_an_attempt_is_counted_before_it_is_made_and_there_are_at_most_two(store: Store) -> None:
    await planned(store)
    for n in (1, 2):
        (lease,) = await claim(store, DUE + n * HOUR)
        assert lease.follow_up.ambiguous == n - 1
        assert await store.transact(ANNA.id, lambda tx, lease=lease: tx.queue.attempt(lease))  # type: ignore[misc]
    (third,) = await claim(store, DUE + 3 * HOUR)
    assert third.follow_up.ambiguous == 2

    with pytest.raises(ImpossibleStateError):
        await store.transact(ANNA.id, lambda tx: tx.queue.attempt(third))


async def test_what_is_still_planned_is_due_again_not_before_it_should(store: Store) -> None:
    await planned(store)
    (lease,) = await claim(store)
    again = DUE + timedelta(seconds=30)
    assert await store.transact(ANNA.id, lambda tx: tx.queue.settle(lease, lease.follow_up, again))

    assert await store.operate(lambda tx: tx.queue.next_due()) == again
    assert await claim(store, again - timedelta(milliseconds=1)) == []
    (retried,) = await claim(store, again)
    assert retried.follow_up == follow_up_of(ANNA), "a retry does not move the due time"


async def test_nothing_is_due_for_a_paused_person_and_nothing_is_lost(store: Store) -> None:
    await planned(store)
    await planned(store, BEN, follow_up_of(BEN, "f2", due=DUE + HOUR, episode="e2"))
    await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, paused=True)))
    await store.transact(ANNA.id, lambda tx: tx.people.save_follow_up(follow_up_of(ANNA, "f3")))

    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE + HOUR
    assert await claim(store) == []
    await store.transact(ANNA.id, lambda tx: tx.people.save_person(ANNA))
    (first,) = await claim(store)
    await store.transact(ANNA.id, lambda tx: tx.queue.settle(first, first.follow_up, DUE + HOUR))
    (second,) = await claim(store)
    assert {first.follow_up.id, second.follow_up.id} == {"f1", "f3"}


async def test_a_pause_during_the_send_holds_the_retry_too(store: Store) -> None:
    await planned(store)
    (lease,) = await claim(store)
    await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, paused=True)))
    assert await store.transact(ANNA.id, lambda tx: tx.queue.settle(lease, lease.follow_up, DUE))

    assert await claim(store, DUE + HOUR) == []
    assert await store.operate(lambda tx: tx.queue.next_due()) is None


async def test_saving_a_person_anew_does_not_end_a_pause_between_attempts(store: Store) -> None:
    await planned(store)
    (lease,) = await claim(store)
    await store.transact(ANNA.id, lambda tx: tx.queue.settle(lease, lease.follow_up, DUE + HOUR))
    await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, zone="Europe/Rome")))

    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE + HOUR


async def test_nothing_planned_is_nothing_due(store: Store) -> None:
    assert await store.operate(lambda tx: tx.queue.next_due()) is None
    await planned(store)
    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE


async def test_planning_wakes_the_courier_and_a_failed_plan_does_not(store: Store) -> None:
    await planned(store)
    assert store.planned.is_set()
    store.planned.clear()

    await store.operate(lambda tx: tx.operations.first_time(10, NOW))
    with pytest.raises(ImpossibleStateError):
        await store.transact(BEN.id, lambda tx: tx.people.save_follow_up(follow_up_of(BEN)))
    assert not store.planned.is_set()


async def test_whatever_may_make_something_due_wakes_the_courier(store: Store) -> None:
    await planned(store)
    one = follow_up_of(ANNA, "f2")
    for work in (
        lambda tx: tx.people.save_follow_up(one),
        lambda tx: tx.people.save_person(ANNA),
    ):
        store.planned.clear()
        await store.transact(ANNA.id, work)
        assert store.planned.is_set()


async def test_telegrams_retry_after_is_remembered(store: Store) -> None:
    assert await store.operate(lambda tx: tx.operations.flood_pause()) is None
    await store.operate(lambda tx: tx.operations.save_flood_pause(NOW, NOW + HOUR))
    await store.operate(lambda tx: tx.operations.save_flood_pause(NOW + HOUR, NOW + 2 * HOUR))

    assert await store.operate(lambda tx: tx.operations.flood_pause()) == (NOW + HOUR, NOW + 2 * HOUR)


async def test_nothing_is_held_without_a_restore(store: Store) -> None:
    await planned(store)

    assert await store.operate(lambda tx: tx.queue.held(DUE)) == Held()
    assert await store.transact(ANNA.id, lambda tx: tx.queue.release(ANNA.id)) == []
    assert await states(store) == [FollowUpState.PLANNED]
