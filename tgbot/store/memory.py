"""A store in memory: the tested fake, and the demo's. It passes the same conformance suite as SQLite's."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from tgbot.followup.episode import Entry, Episode, EpisodeState, FollowUp, FollowUpState, Person
from tgbot.service.ports import Erased, Event, ImpossibleStateError, Lease, StaleEpisodeError, Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Held:
    """A follow-up and what only the courier knows of it. `again_at`: a pause between attempts."""

    follow_up: FollowUp
    owner: str | None = None
    until: datetime | None = None
    fence: int = 0
    again_at: datetime | None = None

    @property
    def ready_at(self) -> datetime:
        return self.until or self.again_at or self.follow_up.send_at


@dataclass(slots=True)
class _Tables:
    people: dict[int, Person] = field(default_factory=dict)
    episodes: dict[str, Episode] = field(default_factory=dict)
    follow_ups: dict[str, _Held] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    updates: dict[int, datetime] = field(default_factory=dict)
    quarantined: set[int] = field(default_factory=set)
    flood_pause: tuple[datetime, datetime] | None = None
    tally: Counter[tuple[date, str, str]] = field(default_factory=Counter)

    def copy(self) -> "_Tables":
        """Values are frozen, so copying the tables is enough."""
        return _Tables(
            dict(self.people),
            dict(self.episodes),
            dict(self.follow_ups),
            dict(self.entries),
            dict(self.updates),
            set(self.quarantined),
            self.flood_pause,
            self.tally.copy(),
        )


class MemoryStore:
    """Each transaction works on a copy, which takes the original's place when it succeeds."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._lock = asyncio.Lock()
        self.planned = asyncio.Event()

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        await self._lock.acquire()
        return await asyncio.shield(asyncio.create_task(self._run(work)))

    async def _run(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        try:
            transaction = MemoryTransaction(self._tables.copy())
            result = await work(transaction)
            self._tables = transaction.tables
            if transaction.planned:
                self.planned.set()
            return result
        finally:
            self._lock.release()

    async def close(self) -> None:
        """Nothing to close; what was remembered is gone with the process."""


class MemoryTransaction:
    def __init__(self, tables: _Tables) -> None:
        self.tables = tables
        self.planned = False

    async def first_time(self, update_id: int, at: datetime) -> bool:
        if update_id in self.tables.updates:
            return False
        self.tables.updates[update_id] = at
        return True

    async def quarantine(self, update_id: int, kind: str, error: str, at: datetime) -> None:
        self.tables.quarantined.add(update_id)

    async def quarantined(self) -> int:
        return len(self.tables.quarantined)

    async def touch(self, at: datetime) -> None:
        """Memory can always be written to."""

    async def purge(self, before: datetime) -> int:
        old = [update_id for update_id, at in self.tables.updates.items() if at < before]
        for update_id in old:
            del self.tables.updates[update_id]
        return len(old)

    async def person(self, person_id: int) -> Person | None:
        return self.tables.people.get(person_id)

    async def save_person(self, person: Person) -> None:
        was = self.tables.people.get(person.id)
        self.tables.people[person.id] = person
        if was is not None and was.paused and not person.paused:
            for key, held in self._of(self.tables.follow_ups, person.id):
                self.tables.follow_ups[key] = replace(held, again_at=None)
        self.planned = True

    async def episode(self, person_id: int, episode_id: str) -> Episode | None:
        return _if_theirs(self.tables.episodes.get(episode_id), person_id)

    async def episodes(self, person_id: int) -> Sequence[Episode]:
        mine = [episode for episode in self.tables.episodes.values() if episode.person_id == person_id]
        by_id = sorted(mine, key=lambda episode: episode.id)
        return sorted(by_id, key=lambda episode: (episode.onset, episode.started_at), reverse=True)

    async def open_episode(self, person_id: int) -> Episode | None:
        mine = await self.episodes(person_id)
        return next((episode for episode in mine if episode.state is EpisodeState.OPEN), None)

    async def save_episode(self, episode: Episode) -> Episode:
        stored = await self.episode(episode.person_id, episode.id)
        if episode.version != (stored.version if stored else 0):
            raise StaleEpisodeError(f"Episode {episode.id} is not at version {episode.version} any more.")
        self._must(episode.person_id in self.tables.people, "an episode of an unknown person")
        self._must((episode.state is EpisodeState.CLOSED) == (episode.closed_at is not None), "half closed")
        opened = await self.open_episode(episode.person_id)
        second = episode.state is EpisodeState.OPEN and opened is not None and opened.id != episode.id
        self._must(not second, "two open episodes")
        saved = replace(episode, version=episode.version + 1)
        self.tables.episodes[episode.id] = saved
        return saved

    async def follow_up(self, person_id: int, follow_up_id: str) -> FollowUp | None:
        held = self.tables.follow_ups.get(follow_up_id)
        return _if_theirs(held.follow_up if held else None, person_id)

    async def follow_ups(self, person_id: int, episode_id: str) -> Sequence[FollowUp]:
        found = [held.follow_up for _, held in self._of(self.tables.follow_ups, person_id)]
        mine = [follow_up for follow_up in found if follow_up.episode_id == episode_id]
        return sorted(mine, key=lambda follow_up: (follow_up.due_at, follow_up.send_at, follow_up.id))

    async def save_follow_up(self, follow_up: FollowUp) -> None:
        self._check(follow_up)
        self._must(follow_up.person_id in self.tables.people, "a follow-up of an unknown person")
        self._must(follow_up.episode_id in self.tables.episodes, "a follow-up of an unknown episode")
        was = self.tables.follow_ups.get(follow_up.id)
        theirs = was is None or _whose(was.follow_up) == _whose(follow_up)
        self._must(theirs, "a follow-up of another episode")
        self.tables.follow_ups[follow_up.id] = _Held(follow_up, fence=was.fence if was else 0)
        self.planned = True

    async def add_entry(self, entry: Entry) -> None:
        self._must(entry.episode_id in self.tables.episodes, "an entry of an unknown episode")
        self._must(entry.person_id in self.tables.people, "an entry of an unknown person")
        self._must(entry.id not in self.tables.entries, "the same entry twice")
        self.tables.entries[entry.id] = entry

    async def remove_entry(self, person_id: int, entry_id: str) -> bool:
        theirs = _if_theirs(self.tables.entries.get(entry_id), person_id)
        return theirs is not None and self.tables.entries.pop(entry_id) is theirs

    async def entries(self, person_id: int, episode_id: str) -> Sequence[Entry]:
        found = [entry for entry in self.tables.entries.values() if entry.episode_id == episode_id]
        mine = [entry for entry in found if entry.person_id == person_id]
        return sorted(mine, key=lambda entry: (entry.at, entry.id))

    async def forget(self, person_id: int, at: datetime) -> Erased:
        counts = []
        for table in (self.tables.episodes, self.tables.follow_ups, self.tables.entries):
            gone = [key for key, _ in self._of(table, person_id)]
            for key in gone:
                del table[key]
            counts.append(len(gone))
        self.tables.people.pop(person_id, None)
        return Erased(*counts)

    async def claim_due(self, owner: str, now: datetime, until: datetime, limit: int) -> Sequence[Lease]:
        due = [held for held in self._ready() if held.ready_at <= now]
        leases = []
        for held in sorted(due, key=lambda held: held.ready_at)[:limit]:
            taken = _Held(held.follow_up, owner, until, held.fence + 1)
            self.tables.follow_ups[held.follow_up.id] = taken
            leases.append(Lease(held.follow_up, owner, until, taken.fence))
        return sorted(leases, key=lambda lease: (lease.follow_up.send_at, lease.follow_up.id))

    async def leased(self, lease: Lease) -> Person | None:
        return self.tables.people[lease.follow_up.person_id] if self._leased(lease) else None

    async def attempt(self, lease: Lease) -> bool:
        held = self._leased(lease)
        if held is None:
            return False
        counted = replace(held.follow_up, ambiguous=held.follow_up.ambiguous + 1)
        self._check(counted)
        self.tables.follow_ups[lease.follow_up.id] = replace(held, follow_up=counted)
        return True

    async def settle(self, lease: Lease, follow_up: FollowUp, not_before: datetime | None = None) -> bool:
        held = self._leased(lease)
        if held is None:
            return False
        self._check(follow_up)
        settled = replace(
            held.follow_up,
            state=follow_up.state,
            ambiguous=follow_up.ambiguous,
            sent_at=follow_up.sent_at,
            message_id=follow_up.message_id,
        )
        self.tables.follow_ups[follow_up.id] = _Held(settled, fence=held.fence, again_at=not_before)
        return True

    async def next_due(self) -> datetime | None:
        return min((held.ready_at for held in self._ready()), default=None)

    async def held(self) -> int:
        return 0  # there is no backup of a memory

    async def release(self) -> Sequence[FollowUp]:
        return []

    async def flood_pause(self) -> tuple[datetime, datetime] | None:
        return self.tables.flood_pause

    async def save_flood_pause(self, since: datetime, until: datetime) -> None:
        self.tables.flood_pause = (since, until)

    async def tally(self, day: date, counts: Mapping[Event, int]) -> None:
        self._must(all(times > 0 for times in counts.values()), "a count of nothing")
        for event, times in counts.items():
            self.tables.tally[(day, *event)] += times

    async def tallied(self, kind: str, since: date) -> Mapping[str, int]:
        total: Counter[str] = Counter()
        for (day, of_kind, subject), times in self.tables.tally.items():
            if of_kind == kind and day >= since:
                total[subject] += times
        return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))

    def _ready(self) -> list[_Held]:
        """Planned, and of people who are not paused."""
        return [
            held
            for held in self.tables.follow_ups.values()
            if held.follow_up.state is FollowUpState.PLANNED
            and (held.owner or not self.tables.people[held.follow_up.person_id].paused)
        ]

    def _leased(self, lease: Lease) -> _Held | None:
        held = self.tables.follow_ups.get(lease.follow_up.id)
        return held if held and (held.owner, held.fence) == (lease.owner, lease.fence) else None

    def _of(self, table: Mapping[str, Any], person_id: int) -> list[tuple[str, Any]]:
        pairs = [(key, getattr(value, "follow_up", value)) for key, value in table.items()]
        return [(key, table[key]) for key, value in pairs if value.person_id == person_id]

    def _check(self, follow_up: FollowUp) -> None:
        self._must(follow_up.send_at >= follow_up.due_at, "a follow-up sent before it is due")
        self._must(0 <= follow_up.ambiguous <= 2, "more than two ambiguous attempts")
        unsent = follow_up.state is FollowUpState.SENT and follow_up.sent_at is None
        self._must(not unsent, "sent, but never")

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise ImpossibleStateError(otherwise)


Owned = TypeVar("Owned", Episode, FollowUp, Entry)


def _if_theirs(value: Owned | None, person_id: int) -> Owned | None:
    return value if value is not None and value.person_id == person_id else None


def _whose(follow_up: FollowUp) -> tuple[int, str]:
    return follow_up.person_id, follow_up.episode_id
