"""What every store keeps, and how: people, episodes, entries, transactions."""

import asyncio
import gc
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial

import pytest

from tests.conformance.people import ANNA, BEN, DUE, HOUR, NOW, entry_of, episode_of, follow_up_of, planned
from tgbot.followup.episode import Consent, Episode, EpisodeState, FollowUpState, Outcome, Person
from tgbot.followup.times import QuietHours
from tgbot.service.store_port import (
    Erased,
    ImpossibleStateError,
    SharedTransaction,
    StaleEpisodeError,
    Store,
    StoreError,
    Transaction,
)


async def test_a_person_comes_back_as_they_were_saved(store: Store) -> None:
    person = Person(
        id=ANNA.id,
        consent=Consent("2", NOW),
        locale="ar",
        zone="Europe/London",
        quiet=QuietHours(time(22, 30), time(7, 15)),
        country="GB",
        paused=True,
    )
    await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(person, zone=None, quiet=None)))
    await store.transact(person.id, lambda tx: tx.people.save_person(person))

    assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == person
    assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) is None


async def test_a_closed_episode_comes_back_as_it_was_saved(store: Store) -> None:
    await planned(store)
    closed = replace(
        episode_of(ANNA),
        state=EpisodeState.CLOSED,
        outcome=Outcome.BETTER,
        closed_at=NOW + HOUR,
        closed_because="better",
        version=1,
    )
    saved = await store.transact(ANNA.id, lambda tx: tx.people.save_episode(closed))

    assert saved == replace(closed, version=2)
    assert await store.transact(ANNA.id, lambda tx: tx.people.episode(ANNA.id, "e1")) == saved
    assert await store.transact(ANNA.id, lambda tx: tx.people.open_episode(ANNA.id)) is None


async def test_episodes_are_listed_newest_onset_first(store: Store) -> None:
    await planned(store)

    async def work(tx: Transaction) -> list[str]:
        for number, episode_id in enumerate(("e2", "e3"), start=1):
            older = replace(episode_of(ANNA, episode_id), onset=NOW - number * HOUR)
            await tx.people.save_episode(replace(older, state=EpisodeState.CLOSED, closed_at=NOW))
        return [episode.id for episode in await tx.people.episodes(ANNA.id)]

    assert await store.transact(ANNA.id, work) == ["e1", "e2", "e3"]


async def test_an_episode_saved_over_a_newer_one_is_refused(store: Store) -> None:
    await planned(store)
    read = await store.transact(ANNA.id, lambda tx: tx.people.episode(ANNA.id, "e1"))
    assert read is not None
    await store.transact(ANNA.id, lambda tx: tx.people.save_episode(replace(read, onset=NOW - HOUR)))

    with pytest.raises(StaleEpisodeError):
        await store.transact(ANNA.id, lambda tx: tx.people.save_episode(read))
    with pytest.raises(StaleEpisodeError):
        await store.transact(ANNA.id, lambda tx: tx.people.save_episode(replace(read, version=0)))
    with pytest.raises(StaleEpisodeError):
        await store.transact(ANNA.id, lambda tx: tx.people.save_episode(replace(read, version=99)))


IMPOSSIBLE_EPISODES = {
    "of an unknown person": episode_of(BEN, "e2"),
    "a second open one": episode_of(ANNA, "e2"),
    "closed without a time": replace(episode_of(ANNA, "e2"), state=EpisodeState.CLOSED),
    "open with a closing time": replace(episode_of(ANNA, "e1"), closed_at=NOW, version=1),
}


@pytest.mark.parametrize("episode", IMPOSSIBLE_EPISODES.values(), ids=IMPOSSIBLE_EPISODES.keys())
async def test_an_impossible_episode_is_refused(store: Store, episode: Episode) -> None:
    await planned(store)

    with pytest.raises(ImpossibleStateError):
        await store.transact(ANNA.id, lambda tx: tx.people.save_episode(episode))


IMPOSSIBLE_FOLLOW_UPS = {
    "sent before it is due": replace(follow_up_of(ANNA), send_at=DUE - timedelta(milliseconds=1)),
    "three copies": replace(follow_up_of(ANNA), ambiguous=3),
    "sent but never": replace(follow_up_of(ANNA), state=FollowUpState.SENT),
    "of an unknown episode": follow_up_of(ANNA, "f9", episode="e9"),
    "of an unknown person": follow_up_of(BEN, "f9"),
    "taken from another person": follow_up_of(BEN, "f1"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE_FOLLOW_UPS)
async def test_an_impossible_follow_up_is_refused(store: Store, name: str) -> None:
    await planned(store)

    with pytest.raises(ImpossibleStateError):
        await store.transact(ANNA.id, lambda tx: tx.people.save_follow_up(IMPOSSIBLE_FOLLOW_UPS[name]))


async def test_a_follow_up_comes_back_as_it_was_saved(store: Store) -> None:
    await planned(store)
    sent = replace(
        follow_up_of(ANNA),
        send_at=DUE + HOUR,
        reminder=True,
        state=FollowUpState.SENT,
        ambiguous=1,
        sent_at=DUE + 2 * HOUR,
        message_id=42,
    )
    await store.transact(ANNA.id, lambda tx: tx.people.save_follow_up(sent))

    assert await store.transact(ANNA.id, lambda tx: tx.people.follow_up(ANNA.id, "f1")) == sent


async def test_follow_ups_are_listed_earliest_first(store: Store) -> None:
    later = follow_up_of(ANNA, "f0", due=DUE + HOUR)
    await planned(store, ANNA, later, follow_up_of(ANNA))

    found = await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))
    assert [follow_up.id for follow_up in found] == ["f1", "f0"]


async def test_entries_are_listed_oldest_first_and_can_be_removed(store: Store) -> None:
    await planned(store)

    async def work(tx: Transaction) -> None:
        await tx.people.add_entry(entry_of(ANNA, "n2", at=NOW + HOUR))
        await tx.people.add_entry(entry_of(ANNA, "n1"))

    await store.transact(ANNA.id, work)
    found = await store.transact(ANNA.id, lambda tx: tx.people.entries(ANNA.id, "e1"))
    assert list(found) == [entry_of(ANNA, "n1"), entry_of(ANNA, "n2", at=NOW + HOUR)]

    assert await store.transact(ANNA.id, lambda tx: tx.people.remove_entry(ANNA.id, "n1"))
    assert not await store.transact(ANNA.id, lambda tx: tx.people.remove_entry(ANNA.id, "n1"))
    assert [
        entry.id for entry in await store.transact(ANNA.id, lambda tx: tx.people.entries(ANNA.id, "e1"))
    ] == ["n2"]


async def test_nobody_reaches_another_persons_rows(store: Store) -> None:
    await planned(store)
    await store.transact(BEN.id, lambda tx: tx.people.save_person(BEN))
    await store.transact(ANNA.id, lambda tx: tx.people.add_entry(entry_of(ANNA)))

    async def as_ben(tx: Transaction) -> None:
        assert await tx.people.episode(BEN.id, "e1") is None
        assert await tx.people.follow_up(BEN.id, "f1") is None
        assert list(await tx.people.follow_ups(BEN.id, "e1")) == []
        assert list(await tx.people.entries(BEN.id, "e1")) == []
        assert not await tx.people.remove_entry(BEN.id, "n1")
        assert list(await tx.people.episodes(BEN.id)) == []

    await store.transact(BEN.id, as_ben)
    assert len(await store.transact(ANNA.id, lambda tx: tx.people.entries(ANNA.id, "e1"))) == 1


async def test_an_update_is_new_only_once(store: Store) -> None:
    assert await store.operate(lambda tx: tx.operations.first_time(10, NOW))
    assert not await store.operate(lambda tx: tx.operations.first_time(10, NOW))
    assert await store.operate(lambda tx: tx.operations.first_time(9, NOW + HOUR)), "ids may restart anywhere"

    assert await store.operate(lambda tx: tx.operations.purge(NOW + HOUR)) == 1
    assert await store.operate(lambda tx: tx.operations.first_time(10, NOW + HOUR))


async def quarantine(tx: SharedTransaction, at: datetime) -> None:
    await tx.operations.quarantine(10, "message", "KeyError", at)


async def test_a_poison_update_is_counted_once(store: Store) -> None:
    for at in (NOW, NOW + HOUR):
        await store.operate(partial(quarantine, at=at))

    assert await store.operate(lambda tx: tx.operations.quarantined(NOW)) == 1
    assert await store.operate(lambda tx: tx.operations.quarantined(NOW + HOUR)) == 0


async def test_a_poison_update_is_forgotten_in_time(store: Store) -> None:
    await store.operate(partial(quarantine, at=NOW))

    await store.operate(lambda tx: tx.operations.purge_quarantined(NOW))
    assert await store.operate(lambda tx: tx.operations.quarantined(NOW)) == 1
    await store.operate(lambda tx: tx.operations.purge_quarantined(NOW + HOUR))
    assert await store.operate(lambda tx: tx.operations.quarantined(NOW)) == 0


async def test_forgetting_a_person_leaves_only_the_others(store: Store) -> None:
    await planned(store)
    await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
    await store.transact(ANNA.id, lambda tx: tx.people.add_entry(entry_of(ANNA)))

    assert await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW)) == Erased(1, 1, 1)
    assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) is None
    assert await store.transact(ANNA.id, lambda tx: tx.people.episode(ANNA.id, "e1")) is None
    assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) == BEN
    assert await store.transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, NOW)) == Erased(0, 0, 0)


async def test_what_raises_leaves_no_trace(store: Store) -> None:
    async def work(tx: Transaction) -> None:
        await tx.people.save_person(ANNA)
        await tx.operations.first_time(10, NOW)
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await store.transact(ANNA.id, work)
    assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) is None
    assert await store.operate(lambda tx: tx.operations.first_time(10, NOW))


async def test_two_transactions_never_mix(store: Store) -> None:
    """With one shared connection and no lock, the failing one would undo the other's insert."""
    inside = asyncio.Event()

    async def fails(tx: Transaction) -> None:
        await tx.people.save_person(ANNA)
        inside.set()
        for _ in range(20):
            await tx.people.person(BEN.id)
        raise KeyError("a bug")

    failing = asyncio.create_task(store.transact(ANNA.id, fails))
    await inside.wait()
    await store.transact(BEN.id, lambda tx: tx.people.save_person(BEN))
    with pytest.raises(KeyError):
        await failing

    assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) is None
    assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) == BEN


async def test_a_cancelled_caller_does_not_cut_its_transaction_in_two(store: Store) -> None:
    halfway = asyncio.Event()
    finished = asyncio.Event()

    async def work(tx: Transaction) -> None:
        await tx.people.save_person(ANNA)
        halfway.set()
        await tx.people.save_episode(episode_of(ANNA))
        finished.set()

    caller = asyncio.create_task(store.transact(ANNA.id, work))
    await halfway.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await finished.wait()

    assert await store.transact(ANNA.id, lambda tx: tx.people.open_episode(ANNA.id)) is not None


async def test_those_whose_check_in_was_never_sent_are_found_by_the_day_it_was_due(store: Store) -> None:
    late = replace(follow_up_of(ANNA), state=FollowUpState.EXPIRED)
    refused = replace(follow_up_of(BEN, "f2", episode="e2"), state=FollowUpState.REFUSED)
    await planned(store, ANNA, late, replace(late, id="f3"))
    await planned(store, BEN, refused, replace(follow_up_of(BEN, "f4", episode="e2"), reminder=True))
    others = [state for state in FollowUpState if state not in (late.state, refused.state)]
    for number, state in enumerate(others, 1):
        sent_at = DUE if state is FollowUpState.SENT else None
        person = replace(ANNA, id=ANNA.id + 10 * number)
        one = replace(follow_up_of(person, f"g{number}", episode=f"g{number}"), state=state, sent_at=sent_at)
        await planned(store, person, one)
        reminder = replace(one, id=f"r{number}", state=FollowUpState.EXPIRED, reminder=True, sent_at=None)
        await planned(store, person, reminder)

    async def missed(since: datetime) -> list[int]:
        return list(await store.operate(lambda tx: tx.queue.missed(since)))

    assert await missed(DUE) == [ANNA.id, BEN.id]
    assert await missed(DUE + HOUR) == []


async def test_what_fails_when_nobody_waits_for_it_any_more_leaves_no_traceback(store: Store) -> None:
    """Whoever asks whether the store can write gives up after two seconds, and the works go on."""
    told: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context))
    begun, over = asyncio.Event(), asyncio.Event()

    async def fails(_: SharedTransaction) -> None:
        begun.set()
        await over.wait()
        raise StoreError("No connection to the database.")

    asking = asyncio.create_task(store.operate(fails))
    await begun.wait()
    asking.cancel()
    await asyncio.wait([asking])
    over.set()
    await store.close()
    del asking
    gc.collect()

    assert told == []
