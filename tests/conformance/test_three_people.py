"""Three people with two episodes each, and follow-ups that are leased: nothing about one touches another's.

With one person, one episode and one lease a statement may lack any of its conditions and nobody notices.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conformance.people import ANNA, BEN, DUE, HOUR, NOW, episode_of, follow_up_of
from tgbot.followup.episode import (
    Consent,
    Entry,
    Episode,
    EpisodeState,
    FollowUp,
    FollowUpState,
    Outcome,
    Person,
)
from tgbot.service.store_port import ImpossibleStateError, Lease, StaleEpisodeError, Store, Transaction

CLEO = Person(id=7_000_000_003, consent=Consent("1", NOW), zone="Europe/Athens", country="GR")
PEOPLE = (ANNA, BEN, CLEO)
LEASE = timedelta(seconds=60)
DAY = timedelta(days=1)
Rows = Mapping[str, object]


def old_of(person: Person) -> Episode:
    ended = {
        "state": EpisodeState.CLOSED,
        "closed_at": NOW,
        "closed_because": "gone",
        "outcome": Outcome.GONE,
    }
    started = {"onset": NOW - 30 * DAY, "started_at": NOW - 29 * DAY}
    return replace(episode_of(person, f"old{person.id}"), **started, **ended)  # type: ignore[arg-type]


def new_of(person: Person) -> Episode:
    return episode_of(person, f"new{person.id}")


def check_of(person: Person, number: int) -> FollowUp:
    """Number 0 of the old episode was sent; 1 and 2 of the new one are to come, an hour apart."""
    if number == 0:
        at = NOW - 20 * DAY
        sent = follow_up_of(person, f"f{person.id}-0", at, f"old{person.id}")
        return replace(sent, state=FollowUpState.SENT, sent_at=at, message_id=7)
    return follow_up_of(person, f"f{person.id}-{number}", DUE + number * HOUR, f"new{person.id}")


def entries_of(person: Person) -> list[Entry]:
    return [
        Entry(f"n{person.id}-{place}", episode.id, person.id, NOW - place * HOUR, "pain", str(place), "t0")
        for place, episode in enumerate((old_of(person), new_of(person)))
    ]


async def settled(store: Store) -> None:
    for person in PEOPLE:

        async def work(tx: Transaction, person: Person = person) -> None:
            await tx.people.save_person(person)
            await tx.people.save_episode(old_of(person))
            await tx.people.save_episode(new_of(person))
            for number in range(3):
                await tx.people.save_follow_up(check_of(person, number))
            for entry in entries_of(person):
                await tx.people.add_entry(entry)

        await store.transact(person.id, work)


async def rows_of(store: Store, person: Person) -> Rows:
    """Everything that is stored about somebody."""

    async def work(tx: Transaction) -> Rows:
        episodes = await tx.people.episodes(person.id)
        found: dict[str, object] = {"person": await tx.people.person(person.id), "episodes": list(episodes)}
        for episode in episodes:
            found[f"checks of {episode.id}"] = list(await tx.people.follow_ups(person.id, episode.id))
            found[f"entries of {episode.id}"] = list(await tx.people.entries(person.id, episode.id))
        return found

    return await store.transact(person.id, work)


async def others(store: Store, person: Person) -> list[Rows]:
    return [await rows_of(store, other) for other in PEOPLE if other is not person]


async def claim(store: Store, hours: int = 1, owner: str = "me") -> dict[int, Lease]:
    """What is due so many hours after the 72, by person."""
    at = DUE + hours * HOUR
    found = await store.operate(lambda tx: tx.queue.claim_due(owner, at, at + LEASE, 10))
    return {lease.follow_up.person_id: lease for lease in found}


async def test_everybody_has_their_own_rows_and_all_of_them_as_they_were_saved(store: Store) -> None:
    await settled(store)

    for person in PEOPLE:
        old, new = replace(old_of(person), version=1), replace(new_of(person), version=1)
        assert await rows_of(store, person) == {
            "person": person,
            "episodes": [new, old],
            f"checks of {old.id}": [check_of(person, 0)],
            f"checks of {new.id}": [check_of(person, 1), check_of(person, 2)],
            f"entries of {old.id}": entries_of(person)[:1],
            f"entries of {new.id}": entries_of(person)[1:],
        }


async def test_an_episode_and_a_check_in_are_found_by_their_own_id_and_by_nobody_else(store: Store) -> None:
    await settled(store)
    for person in PEOPLE:

        async def work(tx: Transaction, person: Person = person) -> None:
            for episode in (old_of(person), new_of(person)):
                assert await tx.people.episode(person.id, episode.id) == replace(episode, version=1)
            for number in range(3):
                check = check_of(person, number)
                assert await tx.people.follow_up(person.id, check.id) == check
            assert await tx.people.open_episode(person.id) == replace(new_of(person), version=1)
            for other in (other for other in PEOPLE if other is not person):
                assert await tx.people.episode(person.id, new_of(other).id) is None
                assert await tx.people.follow_up(person.id, check_of(other, 1).id) is None
                assert await tx.people.follow_ups(person.id, new_of(other).id) == []
                assert await tx.people.entries(person.id, old_of(other).id) == []

        await store.transact(person.id, work)


@pytest.mark.parametrize(("which", "other"), [(old_of, new_of), (new_of, old_of)])
async def test_every_field_of_an_episode_is_stored_and_of_no_other(
    store: Store, which: Callable[[Person], Episode], other: Callable[[Person], Episode]
) -> None:
    await settled(store)
    before = await others(store, BEN)
    read = replace(which(BEN), version=1)
    changed = replace(
        read,
        onset=NOW - 3 * DAY,
        started_at=NOW - 2 * DAY,
        state=EpisodeState.CLOSED,
        closed_at=NOW + HOUR,
        closed_because="stopped",
        outcome=Outcome.WORSE,
    )
    saved = await store.transact(BEN.id, lambda tx: tx.people.save_episode(changed))

    assert saved == replace(changed, version=2)
    assert await store.transact(BEN.id, lambda tx: tx.people.episode(BEN.id, read.id)) == saved
    untouched = replace(other(BEN), version=1)
    assert await store.transact(BEN.id, lambda tx: tx.people.episode(BEN.id, untouched.id)) == untouched
    assert await others(store, BEN) == before


async def test_nobody_saves_over_another_persons_episode_or_check_in(store: Store) -> None:
    await settled(store)
    before = [await rows_of(store, person) for person in PEOPLE]
    taken = replace(new_of(ANNA), id=old_of(BEN).id, version=1, state=EpisodeState.CLOSED, closed_at=NOW)

    with pytest.raises(StaleEpisodeError):
        await store.transact(ANNA.id, lambda tx: tx.people.save_episode(taken))
    for stolen in (
        replace(check_of(BEN, 1), person_id=ANNA.id, episode_id=new_of(ANNA).id),
        replace(check_of(ANNA, 1), episode_id=old_of(ANNA).id),
    ):
        with pytest.raises(ImpossibleStateError):
            await store.transact(ANNA.id, lambda tx, stolen=stolen: tx.people.save_follow_up(stolen))  # type: ignore[misc]
    assert [await rows_of(store, person) for person in PEOPLE] == before


async def test_saving_a_person_or_a_check_in_changes_all_of_that_row_and_no_other(store: Store) -> None:
    await settled(store)
    before = await others(store, CLEO)
    cleo = replace(CLEO, consent=Consent("2", NOW + HOUR), locale="el", zone="Asia/Nicosia", country="CY")
    check = replace(
        check_of(CLEO, 1),
        step="d7",
        due_at=DUE + 5 * HOUR,
        send_at=DUE + 6 * HOUR,
        reminder=True,
        state=FollowUpState.UNCONFIRMED,
        ambiguous=2,
        sent_at=DUE + 7 * HOUR,
        message_id=9,
    )

    async def work(tx: Transaction) -> None:
        await tx.people.save_person(cleo)
        await tx.people.save_follow_up(check)

    await store.transact(CLEO.id, work)
    found = await rows_of(store, CLEO)
    assert found["person"] == cleo
    assert found[f"checks of {new_of(CLEO).id}"] == [check_of(CLEO, 2), check]
    assert await others(store, CLEO) == before


async def test_each_of_several_leases_counts_and_settles_its_own_check_in(store: Store) -> None:
    await settled(store)
    leases = await claim(store)
    assert {who: lease.follow_up for who, lease in leases.items()} == {
        person.id: check_of(person, 1) for person in PEOPLE
    }
    lease = leases[BEN.id]
    before = await others(store, BEN)
    assert await store.transact(BEN.id, lambda tx: tx.queue.leased(lease)) == BEN
    assert await store.transact(BEN.id, lambda tx: tx.queue.attempt(lease))
    sent = replace(lease.follow_up, state=FollowUpState.SENT, ambiguous=0, sent_at=DUE + HOUR, message_id=5)
    counted = await store.transact(BEN.id, lambda tx: tx.people.follow_up(BEN.id, sent.id))
    assert counted == replace(check_of(BEN, 1), ambiguous=1)
    assert await store.transact(BEN.id, lambda tx: tx.queue.settle(lease, sent))

    assert (await rows_of(store, BEN))[f"checks of {new_of(BEN).id}"] == [sent, check_of(BEN, 2)]
    assert await others(store, BEN) == before
    for person in (ANNA, CLEO):
        left = leases[person.id]
        assert await store.transact(person.id, lambda tx, left=left: tx.queue.leased(left)) == person  # type: ignore[misc]


async def test_a_lease_of_another_owner_or_of_before_is_worth_nothing(store: Store) -> None:
    await settled(store)
    first = await claim(store)
    second = await claim(store, hours=2, owner="you")  # the leases have run out; the later ones are due, too
    assert set(second) == {person.id for person in PEOPLE}
    before = [await rows_of(store, person) for person in PEOPLE]
    lease = second[ANNA.id]
    for stale in (
        first[ANNA.id],
        replace(lease, owner="me"),
        replace(lease, fence=lease.fence + 1),
        replace(lease, follow_up=check_of(ANNA, 0)),
        replace(lease, follow_up=second[BEN.id].follow_up, fence=99),
    ):

        async def work(tx: Transaction, stale: Lease = stale) -> None:
            assert await tx.queue.leased(stale) is None
            assert not await tx.queue.attempt(stale)
            assert not await tx.queue.settle(stale, replace(stale.follow_up, ambiguous=1))

        await store.transact(ANNA.id, work)
    assert [await rows_of(store, person) for person in PEOPLE] == before


async def test_one_check_in_of_each_person_is_claimed_and_the_next_only_when_that_is_settled(
    store: Store,
) -> None:
    await settled(store)
    first = await claim(store, hours=2)  # both are due
    assert {lease.follow_up.id for lease in first.values()} == {check_of(person, 1).id for person in PEOPLE}
    assert await claim(store, hours=2, owner="you") == {}
    done = replace(first[CLEO.id].follow_up, state=FollowUpState.CANCELLED)
    await store.transact(CLEO.id, lambda tx: tx.queue.settle(first[CLEO.id], done))

    (next_one,) = (await claim(store, hours=2, owner="you")).values()
    assert next_one.follow_up == check_of(CLEO, 2)


async def test_a_pause_holds_what_its_person_waits_for_and_nothing_of_anybody_else(store: Store) -> None:
    await settled(store)
    paused = replace(BEN, paused=True)
    await store.transact(BEN.id, lambda tx: tx.people.save_person(paused))
    added = follow_up_of(BEN, "added", DUE, new_of(BEN).id)
    for check in (added, check_of(BEN, 2)):  # saved while it is paused, anew and again
        await store.transact(BEN.id, lambda tx, check=check: tx.people.save_follow_up(check))  # type: ignore[misc]
    assert set(await claim(store, hours=9)) == {ANNA.id, CLEO.id}

    await store.transact(BEN.id, lambda tx: tx.people.save_person(BEN))
    assert {who: lease.follow_up for who, lease in (await claim(store, hours=9)).items()} == {BEN.id: added}


async def test_a_settled_lease_of_a_paused_person_waits_and_another_persons_does_not(store: Store) -> None:
    await settled(store)
    leases = await claim(store)
    await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, paused=True)))
    for person in (ANNA, BEN):
        lease = leases[person.id]
        await store.transact(person.id, lambda tx, lease=lease: tx.queue.settle(lease, lease.follow_up))  # type: ignore[misc]

    found = await claim(store, hours=1, owner="you")
    assert set(found) == {BEN.id}


async def test_an_entry_is_removed_by_its_own_person_and_its_own_id(store: Store) -> None:
    await settled(store)
    mine, kept = entries_of(ANNA)
    before = await others(store, ANNA)
    assert not await store.transact(BEN.id, lambda tx: tx.people.remove_entry(BEN.id, mine.id))
    assert await store.transact(ANNA.id, lambda tx: tx.people.remove_entry(ANNA.id, mine.id))

    found = await rows_of(store, ANNA)
    assert found[f"entries of {old_of(ANNA).id}"] == []
    assert found[f"entries of {new_of(ANNA).id}"] == [kept]
    assert await others(store, ANNA) == before


async def test_who_is_forgotten_leaves_and_everybody_else_stays_as_they_were(store: Store) -> None:
    await settled(store)
    before = await others(store, BEN)
    gone = await store.transact(BEN.id, lambda tx: tx.people.forget(BEN.id, NOW))

    assert (gone.episodes, gone.follow_ups, gone.entries) == (2, 3, 2)
    assert await rows_of(store, BEN) == {"person": None, "episodes": []}
    assert await others(store, BEN) == before


async def test_those_in_a_state_are_listed_from_the_first_that_was_due(store: Store) -> None:
    await settled(store)
    planned_ones = await store.operate(lambda tx: tx.operations.in_state(FollowUpState.PLANNED, DUE))
    sent = await store.operate(lambda tx: tx.operations.in_state(FollowUpState.SENT, NOW - 20 * DAY))
    late = await store.operate(lambda tx: tx.operations.in_state(FollowUpState.SENT, NOW - 19 * DAY))

    due = [(check_of(person, number).id, DUE + number * HOUR) for number in (1, 2) for person in PEOPLE]
    assert [(one.follow_up, one.at) for one in planned_ones] == due
    assert [one.follow_up for one in sent] == [check_of(person, 0).id for person in PEOPLE]
    assert list(late) == []
