"""A store in memory: the tested fake. It passes the same conformance suite as the others."""

import asyncio
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    ItemsView,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
    ValuesView,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from tgbot.followup.episode import Entry, Episode, EpisodeState, FollowUp, FollowUpState, Person
from tgbot.service.store_port import (
    CountedEvent,
    Due,
    Erased,
    Held,
    ImpossibleStateError,
    Lease,
    OwedReply,
    PaceLease,
    Retired,
    ServiceMessage,
    SharedTransaction,
    StaleEpisodeError,
    Transaction,
    Worker,
)

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


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


@dataclass(frozen=True, slots=True)
class _Owed:
    reply: OwedReply
    at: datetime
    until: datetime


_GONE: Any = object()


class _Table(MutableMapping[K, V]):
    """What is committed, under what this transaction has changed."""

    def __init__(self, committed: dict[K, V]) -> None:
        self._committed = committed
        self._changed: dict[K, V] = {}

    def commit(self) -> None:
        for key, value in self._changed.items():
            if value is _GONE:
                self._committed.pop(key, None)
            else:
                self._committed[key] = value

    def __getitem__(self, key: K) -> V:
        value = self._changed[key] if key in self._changed else self._committed[key]
        if value is _GONE:
            raise KeyError(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._changed[key] = value

    def __delitem__(self, key: K) -> None:
        self._changed[key] = _GONE

    def __iter__(self) -> Iterator[K]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def items(self) -> ItemsView[K, V]:
        return self._whole().items()

    def values(self) -> ValuesView[V]:
        return self._whole().values()

    def _whole(self) -> dict[K, V]:
        """All at once: a look at each key by itself takes ten times as long."""
        if not self._changed:
            return self._committed  # nobody commits while it is looked through
        return {key: value for key, value in (self._committed | self._changed).items() if value is not _GONE}


@dataclass(slots=True)
class _Committed:
    people: dict[int, Person] = field(default_factory=dict)
    episodes: dict[str, Episode] = field(default_factory=dict)
    follow_ups: dict[str, _Held] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    updates: dict[int, datetime] = field(default_factory=dict)
    quarantined: dict[int, datetime] = field(default_factory=dict)
    flood_pause: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    tally: dict[tuple[date, str, str], int] = field(default_factory=dict)
    touched: dict[str, datetime] = field(default_factory=dict)
    workers: dict[tuple[str, int], tuple[Worker, datetime]] = field(default_factory=dict)
    owed: dict[int, _Owed] = field(default_factory=dict)
    service_messages: dict[int, ServiceMessage] = field(default_factory=dict)


class _Tables:
    """A transaction's view of everything; `planned` when the courier must be woken after it."""

    def __init__(self, committed: _Committed) -> None:
        self.people = _Table(committed.people)
        self.episodes = _Table(committed.episodes)
        self.follow_ups = _Table(committed.follow_ups)
        self.entries = _Table(committed.entries)
        self.updates = _Table(committed.updates)
        self.quarantined = _Table(committed.quarantined)
        self.flood_pause = _Table(committed.flood_pause)
        self.tally = _Table(committed.tally)
        self.touched = _Table(committed.touched)
        self.workers = _Table(committed.workers)
        self.owed = _Table(committed.owed)
        self.service_messages = _Table(committed.service_messages)
        self.planned = False

    def commit(self) -> None:
        self.people.commit()
        self.episodes.commit()
        self.follow_ups.commit()
        self.entries.commit()
        self.updates.commit()
        self.quarantined.commit()
        self.flood_pause.commit()
        self.tally.commit()
        self.touched.commit()
        self.workers.commit()
        self.owed.commit()
        self.service_messages.commit()


class MemoryStore:
    """Transactions of different people overlap, as a database's do; what is about nobody runs alone."""

    def __init__(self) -> None:
        self._committed = _Committed()
        self._person_locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._entrance = asyncio.Lock()
        self._inside = 0
        self._nobody_inside = asyncio.Event()
        self._nobody_inside.set()
        self.planned = asyncio.Event()

    @property
    def shared(self) -> bool:
        return False

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._beside_others(person_id))
            task = asyncio.create_task(self._run(work, stack.pop_all()))
        return await asyncio.shield(task)

    async def operate(self, work: Callable[[SharedTransaction], Awaitable[T]]) -> T:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._alone())
            task = asyncio.create_task(self._run(work, stack.pop_all()))
        return await asyncio.shield(task)

    def free(self) -> float:
        """There is no disk."""
        return 1.0

    async def close(self) -> None:
        """Nothing to close; what was remembered is gone with the process."""

    async def _run(self, work: Callable[[Transaction], Awaitable[T]], leave: AsyncExitStack) -> T:
        async with leave:
            tables = _Tables(self._committed)
            result = await work(MemoryTransaction(tables))
            tables.commit()
            if tables.planned:
                self.planned.set()
            return result

    @asynccontextmanager
    async def _beside_others(self, person_id: int) -> AsyncIterator[None]:
        lock = self._person_locks.get(person_id) or asyncio.Lock()
        self._person_locks[person_id] = lock
        async with lock:
            async with self._entrance:
                self._inside += 1
                self._nobody_inside.clear()
            try:
                yield
            finally:
                self._inside -= 1
                if not self._inside:
                    self._nobody_inside.set()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._entrance:
            await self._nobody_inside.wait()
            yield


class MemoryTransaction:
    def __init__(self, tables: _Tables) -> None:
        self.people = MemoryPeople(tables)
        self.queue = MemoryQueue(tables)
        self.operations = MemoryOperations(tables)


class MemoryPeople:
    def __init__(self, tables: _Tables) -> None:
        self._tables = tables

    async def person(self, person_id: int) -> Person | None:
        return self._tables.people.get(person_id)

    async def save_person(self, person: Person) -> None:
        was = self._tables.people.get(person.id)
        self._tables.people[person.id] = person
        if was is not None and was.paused and not person.paused:
            for key, held in _of(self._tables.follow_ups, person.id):
                self._tables.follow_ups[key] = replace(held, again_at=None)
        self._tables.planned = True

    async def episode(self, person_id: int, episode_id: str) -> Episode | None:
        return _if_theirs(self._tables.episodes.get(episode_id), person_id)

    async def episodes(self, person_id: int) -> Sequence[Episode]:
        mine = [episode for episode in self._tables.episodes.values() if episode.person_id == person_id]
        by_id = sorted(mine, key=lambda episode: episode.id)
        return sorted(by_id, key=lambda episode: (episode.onset, episode.started_at), reverse=True)

    async def open_episode(self, person_id: int) -> Episode | None:
        mine = await self.episodes(person_id)
        return next((episode for episode in mine if episode.state is EpisodeState.OPEN), None)

    async def save_episode(self, episode: Episode) -> Episode:
        stored = await self.episode(episode.person_id, episode.id)
        if episode.version != (stored.version if stored else 0):
            raise StaleEpisodeError(f"Episode {episode.id} is not at version {episode.version} any more.")
        _must(episode.person_id in self._tables.people, "an episode of an unknown person")
        _must((episode.state is EpisodeState.CLOSED) == (episode.closed_at is not None), "half closed")
        opened = await self.open_episode(episode.person_id)
        second = episode.state is EpisodeState.OPEN and opened is not None and opened.id != episode.id
        _must(not second, "two open episodes")
        saved = replace(episode, version=episode.version + 1)
        self._tables.episodes[episode.id] = saved
        return saved

    async def follow_up(self, person_id: int, follow_up_id: str) -> FollowUp | None:
        held = self._tables.follow_ups.get(follow_up_id)
        return _if_theirs(held.follow_up if held else None, person_id)

    async def follow_ups(self, person_id: int, episode_id: str) -> Sequence[FollowUp]:
        found = [held.follow_up for _, held in _of(self._tables.follow_ups, person_id)]
        mine = [follow_up for follow_up in found if follow_up.episode_id == episode_id]
        return sorted(mine, key=lambda follow_up: (follow_up.due_at, follow_up.send_at, follow_up.id))

    async def save_follow_up(self, follow_up: FollowUp) -> None:
        _check(follow_up)
        _must(follow_up.person_id in self._tables.people, "a follow-up of an unknown person")
        _must(follow_up.episode_id in self._tables.episodes, "a follow-up of an unknown episode")
        was = self._tables.follow_ups.get(follow_up.id)
        theirs = was is None or _whose(was.follow_up) == _whose(follow_up)
        _must(theirs, "a follow-up of another episode")
        self._tables.follow_ups[follow_up.id] = _Held(follow_up, fence=was.fence if was else 0)
        self._tables.planned = True

    async def add_entry(self, entry: Entry) -> None:
        _must(entry.episode_id in self._tables.episodes, "an entry of an unknown episode")
        _must(entry.person_id in self._tables.people, "an entry of an unknown person")
        _must(entry.id not in self._tables.entries, "the same entry twice")
        self._tables.entries[entry.id] = entry

    async def remove_entry(self, person_id: int, entry_id: str) -> bool:
        theirs = _if_theirs(self._tables.entries.get(entry_id), person_id)
        return theirs is not None and self._tables.entries.pop(entry_id) is theirs

    async def entries(self, person_id: int, episode_id: str) -> Sequence[Entry]:
        found = [entry for entry in self._tables.entries.values() if entry.episode_id == episode_id]
        mine = [entry for entry in found if entry.person_id == person_id]
        return sorted(mine, key=lambda entry: (entry.at, entry.id))

    async def owed(self, person_id: int) -> Sequence[OwedReply]:
        return sorted(each.reply for each in self._tables.owed.values() if each.reply.chat_id == person_id)

    async def forget(self, person_id: int, at: datetime) -> Erased:
        for reply in await self.owed(person_id):
            del self._tables.owed[reply.update_id]
        counts = []
        for table in (self._tables.episodes, self._tables.follow_ups, self._tables.entries):
            gone = [key for key, _ in _of(table, person_id)]
            for key in gone:
                del table[key]
            counts.append(len(gone))
        self._tables.people.pop(person_id, None)
        return Erased(*counts)

    async def retire(self, person_id: int, before: datetime) -> Retired:
        tables = self._tables
        over = [each for _, each in _of(tables.episodes, person_id) if _is_over(tables, each, before)]
        for episode in over:
            del tables.episodes[episode.id]
            for key in [
                k for k, held in tables.follow_ups.items() if held.follow_up.episode_id == episode.id
            ]:
                del tables.follow_ups[key]
            for key in [k for k, entry in tables.entries.items() if entry.episode_id == episode.id]:
                del tables.entries[key]
        person = tables.people.get(person_id)
        gone = person is not None and person.consent.at < before and not [*_of(tables.episodes, person_id)]
        if gone:
            del tables.people[person_id]
        return Retired(len(over), int(gone))


def _is_over(tables: _Tables, episode: Episode, before: datetime) -> bool:
    if episode.closed_at is not None:
        return episode.closed_at < before
    sent_at = [
        each.follow_up.send_at
        for each in tables.follow_ups.values()
        if each.follow_up.episode_id == episode.id
    ]
    said_at = [entry.at for entry in tables.entries.values() if entry.episode_id == episode.id]
    return all(at < before for at in (episode.started_at, *sent_at, *said_at))


class MemoryQueue:
    def __init__(self, tables: _Tables) -> None:
        self._tables = tables

    async def claim_due(self, owner: str, now: datetime, until: datetime, limit: int) -> Sequence[Lease]:
        busy = {held.follow_up.person_id for held in self._ready() if held.until and held.until > now}
        leases: list[Lease] = []
        for held in sorted(self._ready(), key=lambda held: (held.ready_at, held.follow_up.id)):
            if held.ready_at > now or len(leases) == limit:
                break
            if held.follow_up.person_id not in busy:
                busy.add(held.follow_up.person_id)
                taken = _Held(held.follow_up, owner, until, held.fence + 1)
                self._tables.follow_ups[held.follow_up.id] = taken
                leases.append(Lease(held.follow_up, owner, until, taken.fence))
        return sorted(leases, key=lambda lease: (lease.follow_up.send_at, lease.follow_up.id))

    async def next_due(self) -> datetime | None:
        return min((held.ready_at for held in self._ready()), default=None)

    async def leased(self, lease: Lease) -> Person | None:
        return self._tables.people[lease.follow_up.person_id] if self._leased(lease) else None

    async def attempt(self, lease: Lease) -> bool:
        held = self._leased(lease)
        if held is None:
            return False
        counted = replace(held.follow_up, ambiguous=held.follow_up.ambiguous + 1)
        _check(counted)
        self._tables.follow_ups[lease.follow_up.id] = replace(held, follow_up=counted)
        return True

    async def settle(self, lease: Lease, follow_up: FollowUp, not_before: datetime | None = None) -> bool:
        held = self._leased(lease)
        if held is None:
            return False
        _check(follow_up)
        settled = replace(
            held.follow_up,
            state=follow_up.state,
            ambiguous=follow_up.ambiguous,
            sent_at=follow_up.sent_at,
            message_id=follow_up.message_id,
        )
        self._tables.follow_ups[follow_up.id] = _Held(settled, fence=held.fence, again_at=not_before)
        return True

    async def held(self, now: datetime) -> Held:
        return Held()  # there is no backup of a memory

    async def holding(self) -> Sequence[int]:
        return []

    async def missed(self, since: datetime) -> Sequence[int]:
        lost = (FollowUpState.EXPIRED, FollowUpState.REFUSED)
        every = [held.follow_up for held in self._tables.follow_ups.values()]
        return sorted(
            {
                one.person_id
                for one in every
                if one.state in lost and not one.reminder and one.service is None and one.due_at >= since
            }
        )

    async def release(self, person_id: int) -> Sequence[FollowUp]:
        return []

    def _ready(self) -> list[_Held]:
        """Planned, and of people who are not paused."""
        return [
            held
            for held in self._tables.follow_ups.values()
            if held.follow_up.state is FollowUpState.PLANNED
            and (held.owner or not self._tables.people[held.follow_up.person_id].paused)
        ]

    def _leased(self, lease: Lease) -> _Held | None:
        held = self._tables.follow_ups.get(lease.follow_up.id)
        return held if held and (held.owner, held.fence) == (lease.owner, lease.fence) else None


class MemoryOperations:
    def __init__(self, tables: _Tables) -> None:
        self._tables = tables

    async def first_time(self, update_id: int, at: datetime) -> bool:
        if update_id in self._tables.updates:
            return False
        self._tables.updates[update_id] = at
        return True

    async def quarantine(self, update_id: int, kind: str, error: str, at: datetime) -> None:
        self._tables.quarantined.setdefault(update_id, at)

    async def quarantined(self, since: datetime) -> int:
        return sum(at >= since for at in self._tables.quarantined.values())

    async def touch(self, at: datetime | None) -> None:
        if at is not None:
            self._tables.touched[""] = at

    async def touched(self) -> datetime | None:
        return self._tables.touched.get("")

    async def owe(self, replies: Sequence[OwedReply], at: datetime, until: datetime) -> None:
        for reply in replies:
            known = self._tables.owed.get(reply.update_id)
            self._tables.owed[reply.update_id] = replace(known or _Owed(reply, at, until), until=until)

    async def strike_off(self, update_ids: Sequence[int]) -> None:
        for update_id in update_ids:
            self._tables.owed.pop(update_id, None)

    async def take_owed(self, now: datetime, until: datetime, limit: int) -> Sequence[OwedReply]:
        over = [each for each in self._tables.owed.values() if each.until <= now]
        chats = sorted({each.reply.chat_id for each in over})[:limit]
        taken = [each for each in over if each.reply.chat_id in chats]
        for each in taken:
            self._tables.owed[each.reply.update_id] = replace(each, until=until)
        return sorted(each.reply for each in taken)

    async def drop_owed(self, before: datetime) -> int:
        old = [each.reply.update_id for each in self._tables.owed.values() if each.at < before]
        await self.strike_off(old)
        return len(old)

    async def to_retire(self, before: datetime, limit: int) -> Sequence[int]:
        tables = self._tables
        over = {each.person_id for each in tables.episodes.values() if _is_over(tables, each, before)}
        alone = tables.people.keys() - {each.person_id for each in tables.episodes.values()}
        return sorted(over | {id for id in alone if tables.people[id].consent.at < before})[:limit]

    async def purge(self, before: datetime) -> int:
        old = [update_id for update_id, at in self._tables.updates.items() if at < before]
        for update_id in old:
            del self._tables.updates[update_id]
        return len(old)

    async def purge_quarantined(self, before: datetime) -> None:
        for update_id in [update_id for update_id, at in self._tables.quarantined.items() if at < before]:
            del self._tables.quarantined[update_id]

    async def flood_pause(self) -> tuple[datetime, datetime] | None:
        return self._tables.flood_pause.get("")

    async def save_flood_pause(self, since: datetime, until: datetime) -> None:
        self._tables.flood_pause[""] = (since, until)

    async def lease_pace(
        self, owner: str, lasts: timedelta, part: Callable[[Sequence[PaceLease]], PaceLease]
    ) -> float:
        return part([]).granted  # there is one process

    async def meet(self, me: Worker, at: datetime, since: datetime) -> Sequence[Worker]:
        workers = self._tables.workers
        workers[me.host, me.pid] = (me, at)
        for place, (_, seen) in list(workers.items()):
            if seen < since:
                del workers[place]
        return [worker for _, (worker, _) in sorted(workers.items()) if worker != me]

    async def leave(self, me: Worker) -> None:
        self._tables.workers.pop((me.host, me.pid), None)

    async def tally(self, day: date, counts: Mapping[CountedEvent, int]) -> None:
        _must(all(times > 0 for times in counts.values()), "a count of nothing")
        for event, times in counts.items():
            self._tables.tally[(day, *event)] = self._tables.tally.get((day, *event), 0) + times

    async def tallied(self, since: date, kind: str | None = None) -> Mapping[CountedEvent, int]:
        total: Counter[CountedEvent] = Counter()
        for (day, *event), times in self._tables.tally.items():
            if day >= since and kind in (None, event[0]):
                total[event[0], event[1]] += times
        return dict(sorted(total.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1])))

    async def became(self, since: datetime, now: datetime) -> Mapping[str, int]:
        told: Counter[str] = Counter()
        for held in self._tables.follow_ups.values():
            late = held.follow_up.state is FollowUpState.PLANNED and held.follow_up.send_at <= now
            if held.follow_up.due_at >= since and held.follow_up.service is None:
                told["late" if late else held.follow_up.state.value] += 1
        return dict(sorted(told.items()))

    async def in_state(self, state: FollowUpState, since: datetime) -> Sequence[Due]:
        all_of_them = [held.follow_up for held in self._tables.follow_ups.values()]
        mine = [each for each in all_of_them if each.state is state and each.service is None]
        found = [Due(each.id, each.due_at) for each in mine]
        return sorted((due for due in found if due.at >= since), key=lambda due: (due.at, due.follow_up))

    async def reached(self) -> int:
        return len(self._reached())

    def _reached(self) -> list[Episode]:
        people = self._tables.people
        mine = [each for each in self._tables.episodes.values() if each.state is EpisodeState.OPEN]
        able = {person.id for person in people.values() if person.consent.stands and not person.paused}
        return sorted((each for each in mine if each.person_id in able), key=lambda each: each.id)

    async def begin_service_message(self, message: ServiceMessage, apart: timedelta) -> int | None:
        newest, number = await self.service_message(), message.number
        if number != (newest.number if newest else 0) + 1 or (newest and newest.ended_at is None):
            return None
        self._tables.service_messages[number] = message
        episodes = self._reached()
        for place, episode in enumerate(episodes):
            at = message.started_at + place * apart
            key = f"s{number}-{episode.id}"
            copy = FollowUp(key, episode.id, episode.person_id, "service", at, at, service=number)
            self._tables.follow_ups[key] = _Held(copy)
        self._tables.planned = True
        return len(episodes)

    async def service_message(self, number: int | None = None) -> ServiceMessage | None:
        wanted = max(self._tables.service_messages, default=0) if number is None else number
        return self._tables.service_messages.get(wanted)

    async def service_copies(self, number: int) -> Mapping[str, int]:
        copies = [held.follow_up for held in self._tables.follow_ups.values()]
        return dict(sorted(Counter(copy.state.value for copy in copies if copy.service == number).items()))

    async def stop_service_message(self, number: int) -> bool:
        return self._end_copies(number, stopped=True)

    async def end_service_message(self, number: int, at: datetime) -> bool:
        return self._end_copies(number, ended_at=at)

    def _end_copies(self, number: int, **changed: Any) -> bool:
        message = self._tables.service_messages.get(number)
        if message is None or message.ended_at is not None:
            return False
        self._tables.service_messages[number] = replace(message, **changed)
        for key, held in list(self._tables.follow_ups.items()):
            copy = held.follow_up
            if copy.service == number and copy.state is FollowUpState.PLANNED and held.owner is None:
                ended = replace(copy, state=FollowUpState.CANCELLED)
                self._tables.follow_ups[key] = replace(held, follow_up=ended)
        return True

    async def on_other_plans(self, plan: str, limit: int) -> Sequence[int]:
        episodes = self._tables.episodes.values()
        others = [each for each in episodes if each.state is EpisodeState.OPEN and each.plan != plan]
        return sorted(each.person_id for each in others)[:limit]


def _check(follow_up: FollowUp) -> None:
    _must(follow_up.send_at >= follow_up.due_at, "a follow-up sent before it is due")
    _must(0 <= follow_up.ambiguous <= 2, "more than two ambiguous attempts")
    unsent = follow_up.state is FollowUpState.SENT and follow_up.sent_at is None
    _must(not unsent, "sent, but never")


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ImpossibleStateError(otherwise)


def _of(table: Mapping[str, Any], person_id: int) -> list[tuple[str, Any]]:
    pairs = [(key, getattr(value, "follow_up", value)) for key, value in table.items()]
    return [(key, table[key]) for key, value in pairs if value.person_id == person_id]


Owned = TypeVar("Owned", Episode, FollowUp, Entry)


def _if_theirs(value: Owned | None, person_id: int) -> Owned | None:
    return value if value is not None and value.person_id == person_id else None


def _whose(follow_up: FollowUp) -> tuple[int, str]:
    return follow_up.person_id, follow_up.episode_id
