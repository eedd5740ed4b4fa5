"""A service message in every store: once, to those whom it can reach, apart, counted, and ended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.conformance.people import ANNA, BEN, HOUR, NOW, episode_of, follow_up_of, planned
from tgbot.followup.episode import Consent, EpisodeState, FollowUp, FollowUpState, Person
from tgbot.service.store_port import Lease, ServiceMessage, Store

FIRST = ServiceMessage(1, "<b>Back</b> again.", NOW)
APART = timedelta(milliseconds=80)
BLOCKED = replace(ANNA, id=7_000_000_003, paused=True)
WITHDRAWN = replace(ANNA, id=7_000_000_004, consent=Consent("", NOW))


async def town(store: Store) -> None:
    """Two people who are followed up; one who has blocked the bot, and one who took consent back."""
    for number, person in enumerate((ANNA, BEN, BLOCKED, WITHDRAWN), 1):
        await planned(store, person, follow_up_of(person, f"f{number}", episode=f"e{number}"))


async def copies_of(store: Store, person: Person, episode: str) -> Sequence[FollowUp]:
    found = await store.transact(person.id, lambda tx: tx.people.follow_ups(person.id, episode))
    return [one for one in found if one.service is not None]


async def begun(store: Store, message: ServiceMessage = FIRST) -> int | None:
    return await store.operate(lambda tx: tx.operations.begin_service_message(message, APART))


async def delivered(store: Store, lease: Lease) -> None:
    sent = replace(lease.follow_up, state=FollowUpState.SENT, sent_at=NOW, message_id=5)
    assert await store.operate(lambda tx: tx.queue.settle(lease, sent))


async def test_it_goes_once_to_everybody_with_an_open_episode_whom_it_can_reach(store: Store) -> None:
    await town(store)
    assert await store.operate(lambda tx: tx.operations.reached()) == 2
    assert await begun(store) == 2
    assert await begun(store) is None, "confirmed twice"
    assert await begun(store, replace(FIRST, number=2)) is None, "another is on its way"

    (anna,), (ben,) = await copies_of(store, ANNA, "e1"), await copies_of(store, BEN, "e2")
    assert (anna.state, anna.step, anna.service) == (FollowUpState.PLANNED, "service", 1)
    assert {anna.due_at, ben.due_at} == {NOW, NOW + APART}
    assert not await copies_of(store, BLOCKED, "e3")
    assert not await copies_of(store, WITHDRAWN, "e4")
    assert await store.operate(lambda tx: tx.operations.service_message()) == FIRST
    assert await store.operate(lambda tx: tx.operations.service_copies(1)) == {"planned": 2}


async def test_its_copies_are_claimed_like_check_ins_and_counted_apart_from_them(store: Store) -> None:
    await town(store)
    await begun(store)
    leases = await store.operate(lambda tx: tx.queue.claim_due("me", NOW + HOUR, NOW + 2 * HOUR, 10))
    assert [lease.follow_up.service for lease in leases] == [1, 1]
    for lease in leases:
        await delivered(store, lease)

    assert await store.operate(lambda tx: tx.operations.service_copies(1)) == {"sent": 2}
    became = await store.operate(lambda tx: tx.operations.became(NOW, NOW))
    assert became == {"planned": 4}, "what became of check-ins holds check-ins alone"
    assert not await store.operate(lambda tx: tx.operations.in_state(FollowUpState.SENT, NOW))


async def test_a_stop_leaves_alone_what_a_courier_has_in_its_hands(store: Store) -> None:
    await town(store)
    await begun(store)
    (lease,) = await store.operate(lambda tx: tx.queue.claim_due("me", NOW, NOW + HOUR, 1))

    assert await store.operate(lambda tx: tx.operations.stop_service_message(1))
    counts = await store.operate(lambda tx: tx.operations.service_copies(1))
    assert counts == {"cancelled": 1, "planned": 1}
    stopped = await store.operate(lambda tx: tx.operations.service_message(1))
    assert stopped is not None
    assert stopped.stopped
    await delivered(store, lease)


async def test_it_ends_once_and_the_next_one_has_the_next_number(store: Store) -> None:
    await town(store)
    await begun(store)
    assert await store.operate(lambda tx: tx.operations.end_service_message(1, NOW + HOUR))
    assert not await store.operate(lambda tx: tx.operations.end_service_message(1, NOW + HOUR))
    assert not await store.operate(lambda tx: tx.operations.stop_service_message(1))
    assert await store.operate(lambda tx: tx.operations.service_copies(1)) == {"cancelled": 2}

    assert await begun(store, FIRST) is None, "an old preview"
    assert await begun(store, replace(FIRST, number=2)) == 2


async def test_whoever_is_erased_has_no_copy_any_more(store: Store) -> None:
    await town(store)
    await begun(store)
    erased = await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW))
    assert erased.follow_ups == 2
    assert await store.operate(lambda tx: tx.operations.service_copies(1)) == {"planned": 1}


async def test_open_episodes_under_another_plan_are_found_by_their_people(store: Store) -> None:
    await town(store)
    episode = await store.transact(ANNA.id, lambda tx: tx.people.open_episode(ANNA.id))
    assert episode is not None
    now = replace(episode, plan="2 abc")
    await store.transact(ANNA.id, lambda tx: tx.people.save_episode(now))
    closed = replace(episode_of(BEN, "e9"), state=EpisodeState.CLOSED, closed_at=NOW)
    await store.transact(BEN.id, lambda tx: tx.people.save_episode(closed))

    found = await store.operate(lambda tx: tx.operations.on_other_plans("2 abc", 10))
    assert found == [BEN.id, BLOCKED.id, WITHDRAWN.id]
    assert await store.operate(lambda tx: tx.operations.on_other_plans("2 abc", 1)) == [BEN.id]
    kept = await store.transact(ANNA.id, lambda tx: tx.people.open_episode(ANNA.id))
    assert kept is not None
    assert kept.plan == "2 abc"
