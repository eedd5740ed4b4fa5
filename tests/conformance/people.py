"""People, episodes and follow-ups that the store tests are about."""

import hashlib
from datetime import UTC, datetime, timedelta

from tgbot.followup.episode import Consent, Entry, Episode, FollowUp, FollowUpState, Person
from tgbot.service.store_port import Store, Transaction

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUE = NOW + timedelta(hours=72)
ANNA = Person(id=7_000_000_001, consent=Consent("1", NOW))
BEN = Person(id=7_000_000_002, consent=Consent("1", NOW))


def episode_of(person: Person, episode_id: str = "e1") -> Episode:
    return Episode(id=episode_id, person_id=person.id, onset=NOW, started_at=NOW)


def follow_up_of(
    person: Person, follow_up_id: str = "f1", due: datetime = DUE, episode: str = "e1"
) -> FollowUp:
    return FollowUp(follow_up_id, episode, person.id, step="h72", due_at=due, send_at=due)


def entry_of(person: Person, entry_id: str = "n1", at: datetime = NOW) -> Entry:
    return Entry(entry_id, "e1", person.id, at, kind="pain", value="6")


async def planned(store: Store, person: Person = ANNA, *follow_ups: FollowUp) -> None:
    """A person with an open episode and these follow-ups (one, due at 72 h, when none are named)."""
    chosen = follow_ups or (follow_up_of(person),)

    async def work(tx: Transaction) -> None:
        await tx.people.save_person(person)
        if not await tx.people.episode(person.id, chosen[0].episode_id):
            await tx.people.save_episode(episode_of(person, chosen[0].episode_id))
        for follow_up in chosen:
            await tx.people.save_follow_up(follow_up)

    await store.transact(person.id, work)


def quick_mark(salt: str, person_id: int) -> bytes:
    """What an erasure leaves, without its price: some tests erase hundreds of people."""
    return hashlib.sha256(f"{salt}:{person_id}".encode()).digest()


async def states(store: Store, person: Person = ANNA, episode: str = "e1") -> list[FollowUpState]:
    found = await store.transact(person.id, lambda tx: tx.people.follow_ups(person.id, episode))
    return [follow_up.state for follow_up in found]
