"""What was over long ago leaves, with everything in it; what is not stays, and so does everybody else's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conformance.people import ANNA, BEN, NOW, entry_of, episode_of, follow_up_of
from tgbot.followup.episode import Consent, Entry, Episode, EpisodeState, FollowUp, FollowUpState, Person
from tgbot.service.store_port import Retired, Store, Transaction

KEEP = timedelta(days=400)
LATER = NOW + KEEP
DAY = timedelta(days=1)
OLD = replace(
    episode_of(ANNA),
    state=EpisodeState.CLOSED,
    closed_at=NOW - DAY,
    closed_because="gone",
    started_at=NOW - 9 * DAY,
)
SENT = replace(follow_up_of(ANNA, due=NOW - DAY), state=FollowUpState.SENT, sent_at=NOW - DAY)


async def stored(store: Store, person: Person, episode: Episode, *rows: FollowUp | Entry) -> None:
    async def work(tx: Transaction) -> None:
        await tx.people.save_person(person)
        await tx.people.save_episode(episode)
        for row in rows:
            if isinstance(row, Entry):
                await tx.people.add_entry(row)
            else:
                await tx.people.save_follow_up(row)

    await store.transact(person.id, work)


async def retired(store: Store, limit: int = 100) -> Retired:
    gone = [await let_go(store, person_id) for person_id in await to_retire(store, limit)]
    return Retired(sum(each.episodes for each in gone), sum(each.people for each in gone))


async def to_retire(store: Store, limit: int = 100) -> Sequence[int]:
    return await store.operate(lambda tx: tx.operations.to_retire(LATER - KEEP, limit))


async def let_go(store: Store, person_id: int) -> Retired:
    return await store.transact(person_id, lambda tx: tx.people.retire(person_id, LATER - KEEP))


async def left(store: Store, person: Person) -> tuple[bool, list[str]]:
    async def work(tx: Transaction) -> tuple[bool, list[str]]:
        episodes = await tx.people.episodes(person.id)
        return await tx.people.person(person.id) is not None, [episode.id for episode in episodes]

    return await store.transact(person.id, work)


async def test_a_closed_episode_leaves_with_everything_in_it_and_with_the_person(store: Store) -> None:
    anna = replace(ANNA, consent=Consent("1", NOW - 9 * DAY))
    await stored(store, anna, OLD, SENT, entry_of(anna, at=NOW - DAY))
    assert await retired(store) == Retired(1, 1)
    assert await left(store, anna) == (False, [])
    await stored(store, anna, OLD, SENT, entry_of(anna))  # nothing of it is in the way


async def test_to_the_day_nothing_leaves(store: Store) -> None:
    await stored(store, ANNA, replace(OLD, closed_at=NOW))
    assert await retired(store) == Retired(0, 0)
    assert await left(store, ANNA) == (True, ["e1"])


async def test_who_has_another_episode_stays_with_it(store: Store) -> None:
    anna = replace(ANNA, consent=Consent("1", NOW - 9 * DAY))
    await stored(store, anna, OLD)
    await stored(store, anna, replace(episode_of(anna, "e2"), started_at=NOW + DAY))
    await stored(store, BEN, replace(episode_of(BEN, "e3")), follow_up_of(BEN, "f3", episode="e3"))
    assert await retired(store) == Retired(1, 0)
    assert await left(store, anna) == (True, ["e2"])
    assert await left(store, BEN) == (True, ["e3"])


OPEN = replace(episode_of(ANNA), started_at=NOW - 9 * DAY)


@pytest.mark.parametrize(
    ("row", "leaves"),
    [
        (SENT, True),
        (replace(SENT, state=FollowUpState.EXPIRED), True),
        (follow_up_of(ANNA, due=NOW), False),  # still to be sent
        (follow_up_of(ANNA, due=NOW - DAY), True),  # they blocked the bot, or it was held and nobody decided
        (replace(SENT, due_at=NOW, send_at=NOW), False),
        (entry_of(ANNA, at=NOW - DAY), True),
        (entry_of(ANNA, at=NOW), False),
    ],
)
async def test_an_open_episode_leaves_when_nothing_happens_in_it_any_more(
    store: Store, row: FollowUp | Entry, leaves: bool
) -> None:
    await stored(store, ANNA, OPEN, row)
    await stored(store, BEN, replace(OPEN, id="e2", person_id=BEN.id, started_at=NOW))
    assert await retired(store) == Retired(int(leaves), 0), "whoever agreed later than that stays"
    assert await left(store, ANNA) == (True, [] if leaves else ["e1"])
    assert await left(store, BEN) == (True, ["e2"])


async def test_no_more_leave_at_once_than_are_asked_for(store: Store) -> None:
    for number in range(5):
        person = Person(ANNA.id + number, Consent("1", NOW - DAY))
        await stored(store, person, replace(OLD, id=f"e{number}", person_id=person.id))
    assert [await retired(store, 2) for _ in range(4)] == [
        Retired(2, 2),
        Retired(2, 2),
        Retired(1, 1),
        Retired(0, 0),
    ]


async def test_whoever_comes_back_while_they_are_let_go_stays(store: Store) -> None:
    anna = replace(ANNA, consent=Consent("1", NOW - 9 * DAY))
    await stored(store, anna, OLD)
    assert await to_retire(store) == [anna.id]

    await stored(store, anna, replace(episode_of(anna, "e2"), started_at=NOW + DAY))

    assert await let_go(store, anna.id) == Retired(1, 0)
    assert await left(store, anna) == (True, ["e2"])
