"""The verbs of `store_port.Transaction` in SQL, the same for every engine; named statements, read from files.

An engine gives `Run`: it executes a named statement of common.sql (or its own) on the transaction's
connection. What contradicts the schema is an ImpossibleStateError, all else that goes wrong a StoreError.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from tgbot.followup.episode import Entry, Episode, FollowUp, FollowUpState, Person
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
    StaleEpisodeError,
    Worker,
)
from tgbot.store import rows
from tgbot.store.rows import SqlRow, to_ms
from tgbot.store.sealing import PLAIN, ErasureMark, Seal

_WORKER = "worker "
_STATEMENT = re.compile(r"^-- (\w+) --$")  # begins one; the lines before the next are it

Run = Callable[[str, Mapping[str, Any]], Awaitable[Sequence[SqlRow]]]


@dataclass(slots=True)
class AfterCommit:
    """What the store must do once it is committed."""

    planned: bool = False  # wake the courier
    forgot: bool = False  # leave no byte of whoever was erased


class SqlTransaction:
    """Lives between BEGIN and COMMIT."""

    def __init__(self, run: Run, mark: ErasureMark, seal: Seal = PLAIN) -> None:
        self.after = AfterCommit()
        self.people = SqlPeople(run, self.after, mark, seal)
        self.queue = SqlQueue(run, self.after, seal)
        self.operations = SqlOperations(run, self.after)


@dataclass(frozen=True, slots=True)
class _Statements:
    _run: Run

    async def _all(self, name: str, **values: Any) -> Sequence[SqlRow]:
        return await self._run(name, values)

    async def _one(self, name: str, **values: Any) -> SqlRow | None:
        found = await self._run(name, values)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class SqlPeople(_Statements):
    _after: AfterCommit
    _mark: ErasureMark
    _seal: Seal

    async def person(self, person_id: int) -> Person | None:
        row = await self._one("person", id=person_id)
        return rows.to_person(row, self._seal) if row else None

    async def save_person(self, person: Person) -> None:
        await self._all("save_person", **rows.from_person(person, self._seal))
        await self._all("hold_or_ready", id=person.id, paused=int(person.paused))
        self._after.planned = True

    async def episode(self, person_id: int, episode_id: str) -> Episode | None:
        row = await self._one("episode", id=episode_id, person_id=person_id)
        return rows.to_episode(row, self._seal) if row else None

    async def episodes(self, person_id: int) -> Sequence[Episode]:
        return [rows.to_episode(row, self._seal) for row in await self._all("episodes", person_id=person_id)]

    async def open_episode(self, person_id: int) -> Episode | None:
        row = await self._one("open_episode", person_id=person_id)
        return rows.to_episode(row, self._seal) if row else None

    async def save_episode(self, episode: Episode) -> Episode:
        values = rows.from_episode(episode, self._seal) | {"version": episode.version + 1}
        statement = "insert_episode" if episode.version == 0 else "update_episode"
        if await self._one(statement, **values) is None:
            raise StaleEpisodeError(f"Episode {episode.id} is not at version {episode.version} any more.")
        return rows.to_episode(values, self._seal)

    async def follow_up(self, person_id: int, follow_up_id: str) -> FollowUp | None:
        row = await self._one("follow_up", id=follow_up_id, person_id=person_id)
        return rows.to_follow_up(row) if row else None

    async def follow_ups(self, person_id: int, episode_id: str) -> Sequence[FollowUp]:
        found = await self._all("follow_ups", person_id=person_id, episode_id=episode_id)
        return [rows.to_follow_up(row) for row in found]

    async def save_follow_up(self, follow_up: FollowUp) -> None:
        if await self._one("save_follow_up", **rows.from_follow_up(follow_up)) is None:
            raise ImpossibleStateError(f"Follow-up {follow_up.id} belongs to another episode.")
        self._after.planned = True

    async def add_entry(self, entry: Entry) -> None:
        await self._all("add_entry", **rows.from_entry(entry, self._seal))

    async def remove_entry(self, person_id: int, entry_id: str) -> bool:
        return await self._one("remove_entry", id=entry_id, person_id=person_id) is not None

    async def entries(self, person_id: int, episode_id: str) -> Sequence[Entry]:
        found = await self._all("entries", person_id=person_id, episode_id=episode_id)
        return [rows.to_entry(row, self._seal) for row in found]

    async def reseal(self, person_id: int) -> int:
        """Seal everything of a person with the key of now; how many values that were."""
        people, episodes, entries = (
            await self._all("person", id=person_id),
            await self._all("episodes", person_id=person_id),
            await self._all("entries_of_person", person_id=person_id),
        )
        for row in people:
            country = row["country"] and self._seal.close(self._seal.open(row["country"]))
            await self._all("reseal_person", id=person_id, country=country)
        for row in episodes:
            closing = rows.closing(*rows.closing_of(row, self._seal), self._seal)
            await self._all("reseal_episode", id=row["id"], person_id=person_id, **closing)
        for row in entries:
            value = self._seal.close(self._seal.open(row["value"]))
            await self._all("reseal_entry", id=row["id"], person_id=person_id, value=value)
        self._after.forgot = True  # what was plain is not left in the log
        return len(people) + len(episodes) + len(entries)

    async def owed(self, person_id: int) -> Sequence[OwedReply]:
        return [
            OwedReply(row["update_id"], row["chat_id"])
            for row in await self._all("owed_to", chat_id=person_id)
        ]

    async def forget(self, person_id: int, at: datetime) -> Erased:
        (counts,) = await self._all("count_of_person", id=person_id)
        await self._all("forget_owed", chat_id=person_id)
        if await self._one("forget_person", id=person_id) is not None:
            salt = await self._one("meta", key="salt")
            assert salt is not None, "the first migration wrote it"
            mark = await asyncio.to_thread(self._mark, str(salt["value"]), person_id)
            await self._all("log_erasure", person_hash=mark, at=to_ms(at))
            self._after.forgot = True
        return Erased(counts["episodes"], counts["follow_ups"], counts["entries"])

    async def retire(self, person_id: int, before: datetime) -> Retired:
        episodes = await self._all("retire_episodes", id=person_id, before=to_ms(before))
        people = await self._all("retire_person", id=person_id, before=to_ms(before))
        self._after.forgot = self._after.forgot or bool(episodes or people)
        return Retired(len(episodes), len(people))


@dataclass(frozen=True, slots=True)
class SqlQueue(_Statements):
    _after: AfterCommit
    _seal: Seal

    async def claim_due(self, owner: str, now: datetime, until: datetime, limit: int) -> Sequence[Lease]:
        found = await self._all("claim_due", owner=owner, now=to_ms(now), until=to_ms(until), limit=limit)
        leases = [replace(rows.to_lease(row), until=until) for row in found]
        return sorted(leases, key=lambda lease: (lease.follow_up.send_at, lease.follow_up.id))

    async def next_due(self) -> datetime | None:
        row = await self._one("next_due")
        return None if row is None or row["at"] is None else rows.from_ms(row["at"])

    async def leased(self, lease: Lease) -> Person | None:
        row = await self._one("leased", **_key_of(lease))
        return rows.to_person(row, self._seal) if row else None

    async def attempt(self, lease: Lease) -> bool:
        return await self._one("attempt", **_key_of(lease)) is not None

    async def settle(self, lease: Lease, follow_up: FollowUp, not_before: datetime | None = None) -> bool:
        values = rows.from_follow_up(follow_up)
        kept = {name: values[name] for name in ("state", "ambiguous", "sent_at", "message_id")}
        again = to_ms(not_before) if not_before else None
        return await self._one("settle", **_key_of(lease), **kept, not_before=again) is not None

    async def held(self, now: datetime) -> Held:
        (row,) = await self._all("count_held", now=to_ms(now))
        return Held(row["due"], row["to_come"])

    async def holding(self) -> Sequence[int]:
        return [row["person_id"] for row in await self._all("holding")]

    async def missed(self, since: datetime) -> Sequence[int]:
        return sorted({row["person_id"] for row in await self._all("missed", since=to_ms(since))})

    async def release(self, person_id: int) -> Sequence[FollowUp]:
        self._after.planned = True
        return [rows.to_follow_up(row) for row in await self._all("release", person_id=person_id)]


@dataclass(frozen=True, slots=True)
class SqlOperations(_Statements):
    _after: AfterCommit

    async def first_time(self, update_id: int, at: datetime) -> bool:
        return await self._one("record_update", id=update_id, at=to_ms(at)) is not None

    async def quarantine(self, update_id: int, kind: str, error: str, at: datetime) -> None:
        await self._all("quarantine", id=update_id, kind=kind, error=error, at=to_ms(at))

    async def quarantined(self, since: datetime) -> int:
        (row,) = await self._all("count_quarantined", since=to_ms(since))
        return int(row["n"])

    async def touch(self, at: datetime | None) -> None:
        await self._save_meta("touched" if at else "written", at or rows.from_ms(0))

    async def touched(self) -> datetime | None:
        return await self._meta("touched")

    async def purge(self, before: datetime) -> int:
        return len(await self._all("purge_updates", before=to_ms(before)))

    async def purge_quarantined(self, before: datetime) -> None:
        await self._all("purge_quarantined", before=to_ms(before))

    async def owe(self, replies: Sequence[OwedReply], at: datetime, until: datetime) -> None:
        listed = json.dumps([[each.update_id, each.chat_id] for each in replies])
        await self._all("owe", replies=listed, at=to_ms(at), until=to_ms(until))

    async def strike_off(self, update_ids: Sequence[int]) -> None:
        await self._all("strike_off", update_ids=json.dumps(list(update_ids)))

    async def take_owed(self, now: datetime, until: datetime, limit: int) -> Sequence[OwedReply]:
        found = await self._all("take_owed", now=to_ms(now), until=to_ms(until), limit=limit)
        return sorted(OwedReply(row["update_id"], row["chat_id"]) for row in found)

    async def drop_owed(self, before: datetime) -> int:
        return len(await self._all("drop_owed", before=to_ms(before)))

    async def to_retire(self, before: datetime, limit: int) -> Sequence[int]:
        return [row["id"] for row in await self._all("to_retire", before=to_ms(before), limit=limit)]

    async def flood_pause(self) -> tuple[datetime, datetime] | None:
        since, until = await self._meta("flood_since"), await self._meta("flood_until")
        return (since, until) if since and until else None

    async def save_flood_pause(self, since: datetime, until: datetime) -> None:
        await self._save_meta("flood_since", since)
        await self._save_meta("flood_until", until)

    async def lease_pace(
        self, owner: str, lasts: timedelta, part: Callable[[Sequence[PaceLease]], PaceLease]
    ) -> float:
        await self._all("lock_pace")
        found = await self._all("others_pace", owner=owner)
        mine = part([PaceLease(row["wanted"], row["granted"]) for row in found])
        seconds = lasts.total_seconds()
        await self._all("save_pace", owner=owner, wanted=mine.wanted, granted=mine.granted, lasts=seconds)
        return mine.granted

    async def meet(self, me: Worker, at: datetime, since: datetime) -> Sequence[Worker]:
        await self._all("save_meta", key=_key_of_worker(me), value=f"{to_ms(at)} {me.bot}")
        others = []
        for row in await self._all("other_workers", key=_key_of_worker(me)):
            host, pid = row["key"].removeprefix(_WORKER).rsplit(" ", 1)
            seen, bot = row["value"].split(" ", 1)
            other = Worker(bot, host, int(pid))
            if int(seen) < to_ms(since):
                await self.leave(other)
            else:
                others.append(other)
        return others

    async def leave(self, me: Worker) -> None:
        await self._all("forget_meta", key=_key_of_worker(me))

    async def tally(self, day: date, counts: Mapping[CountedEvent, int]) -> None:
        for (kind, subject), times in counts.items():
            await self._all("tally", day=day.isoformat(), kind=kind, subject=subject, times=times)

    async def tallied(self, since: date, kind: str | None = None) -> Mapping[CountedEvent, int]:
        found = await self._all("tallied", kind=kind, since=since.isoformat())
        return {(row["kind"], row["subject"]): row["times"] for row in found}

    async def became(self, since: datetime, now: datetime) -> Mapping[str, int]:
        found = await self._all("became", since=to_ms(since), now=to_ms(now))
        return {row["what"]: row["n"] for row in found}

    async def in_state(self, state: FollowUpState, since: datetime) -> Sequence[Due]:
        found = await self._all("in_state", state=state.value, since=to_ms(since))
        return [Due(row["id"], rows.from_ms(row["due_at"])) for row in found]

    async def reached(self) -> int:
        (row,) = await self._all("count_reached")
        return int(row["n"])

    async def begin_service_message(self, message: ServiceMessage, apart: timedelta) -> int | None:
        number, at = message.number, to_ms(message.started_at)
        if await self._one("begin_service_message", number=number, words=message.words, at=at) is None:
            return None
        milliseconds = apart // timedelta(milliseconds=1)
        planned = await self._all(
            "plan_service_copies", number=number, prefix=f"s{number}-", at=at, apart=milliseconds
        )
        self._after.planned = True
        return len(planned)

    async def service_message(self, number: int | None = None) -> ServiceMessage | None:
        if number is None:
            row = await self._one("newest_service_message")
        else:
            row = await self._one("service_message", number=number)
        return rows.to_service_message(row) if row else None

    async def service_copies(self, number: int) -> Mapping[str, int]:
        return {row["state"]: row["n"] for row in await self._all("service_copies", number=number)}

    async def stop_service_message(self, number: int) -> bool:
        stopped = await self._one("stop_service_message", number=number) is not None
        if stopped:
            await self._all("cancel_service_copies", number=number)
        return stopped

    async def end_service_message(self, number: int, at: datetime) -> bool:
        ended = await self._one("end_service_message", number=number, at=to_ms(at)) is not None
        if ended:
            await self._all("cancel_service_copies", number=number)
        return ended

    async def on_other_plans(self, plan: str, limit: int) -> Sequence[int]:
        return [row["person_id"] for row in await self._all("on_other_plans", plan=plan, limit=limit)]

    async def everybody(self) -> Sequence[int]:
        """The ids of all people."""
        return [row["id"] for row in await self._all("everybody")]

    async def proof(self) -> str | None:
        """A word that was sealed with the key of the database; None when it never had one."""
        row = await self._one("meta", key="proof")
        return str(row["value"]) if row else None

    async def save_proof(self, sealed: str) -> None:
        await self._all("save_meta", key="proof", value=sealed)

    async def _meta(self, key: str) -> datetime | None:
        row = await self._one("meta", key=key)
        return rows.from_ms(int(row["value"])) if row else None

    async def _save_meta(self, key: str, at: datetime) -> None:
        await self._all("save_meta", key=key, value=str(to_ms(at)))


def _key_of(lease: Lease) -> dict[str, Any]:
    return {"id": lease.follow_up.id, "owner": lease.owner, "fence": lease.fence}


def _key_of_worker(worker: Worker) -> str:
    return f"{_WORKER}{worker.host} {worker.pid}"


def parse_statements(text: str) -> dict[str, str]:
    """The statements of one file. Raises ValueError for a name that is given twice."""
    statements: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in text.splitlines():
        if found := _STATEMENT.match(line):
            if found[1] in statements:
                raise ValueError(f"The statement {found[1]!r} is there twice.")
            lines = statements[found[1]] = []
        elif lines is not None and not line.startswith("--"):
            lines.append(line)
    return {name: "\n".join(lines).strip() for name, lines in statements.items()}


def load_statements(*paths: str) -> Mapping[str, str]:
    """The statements of several files of this package; a later file's words win, so an engine can differ."""
    merged: dict[str, str] = {}
    for path in paths:
        merged |= parse_statements(files("tgbot.store").joinpath(path).read_text("utf-8"))
    return merged
