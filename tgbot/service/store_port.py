"""What the use cases need from a store: verbs of ours, no rows, no SQL."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from tgbot.followup.episode import Entry, Episode, FollowUp, FollowUpState, Person

T = TypeVar("T")
CountedEvent = tuple[str, str]  # a kind and its subject: ("shown", "q-sleep")


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to deliver one follow-up until a time; `fence` grows with every claim."""

    follow_up: FollowUp
    owner: str
    until: datetime
    fence: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What /forget removed, in numbers."""

    episodes: int
    follow_ups: int
    entries: int


@dataclass(frozen=True, slots=True)
class PaceLease:
    """How many messages a second a replica wants to send, and how many it may."""

    wanted: float
    granted: float


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works with a database."""

    bot: str
    host: str
    pid: int

    def __str__(self) -> str:
        return f"@{self.bot} on {self.host} (process {self.pid})"


@dataclass(frozen=True, slots=True)
class Retired:
    """What left because it was over long ago."""

    episodes: int
    people: int


@dataclass(frozen=True, slots=True)
class Held:
    """Planned messages that wait for the operator: those that fell due meanwhile, and those still to come."""

    due: int = 0
    to_come: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A planned message, by its id in the log, and when it was due. It names nobody."""

    follow_up: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ServiceMessage:
    """One text to everybody who has an open episode: `words` are Telegram HTML, as an admin has seen them.

    `number` counts them from 1. It has ended when nothing of it is planned any more.
    """

    number: int
    words: str
    started_at: datetime
    stopped: bool = False
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class OwedReply:
    """An update that was acknowledged before its reply was sent, and the chat that waits for it."""

    update_id: int
    chat_id: int


class ImpossibleStateError(Exception):
    """What was to be saved contradicts itself or what is stored; the transaction is rolled back."""


class StoreError(Exception):
    """The store could not do it now (disk full, locked, gone); the transaction is rolled back."""


class StoreFullError(StoreError):
    """There is no room left; it works again as soon as there is."""


class StoreLostError(StoreError):
    """What was opened is gone, replaced or damaged; nothing that this process does brings it back."""


class StaleEpisodeError(StoreError):
    """The episode was changed by somebody else since it was read; whoever tries again reads anew."""


class People(Protocol):
    """What is stored of people: consent and preferences, episodes, planned contacts, the diary."""

    async def person(self, person_id: int) -> Person | None: ...
    async def save_person(self, person: Person) -> None:
        """Insert or update. While `paused` none of the person's follow-ups is due."""
        ...

    async def episode(self, person_id: int, episode_id: str) -> Episode | None: ...
    async def episodes(self, person_id: int) -> Sequence[Episode]:
        """All of a person's episodes, newest onset first."""
        ...

    async def open_episode(self, person_id: int) -> Episode | None: ...
    async def save_episode(self, episode: Episode) -> Episode:
        """Insert at version 0, else update; returns it with the next version.

        Raises StaleEpisodeError when it was saved by somebody else meanwhile; ImpossibleStateError when the
        person is unknown, has another open episode, or the episode is closed without a time (or the reverse).
        """
        ...

    async def follow_up(self, person_id: int, follow_up_id: str) -> FollowUp | None: ...
    async def follow_ups(self, person_id: int, episode_id: str) -> Sequence[FollowUp]:
        """All of an episode's, earliest `due_at` first."""
        ...

    async def save_follow_up(self, follow_up: FollowUp) -> None:
        """Insert or update by id. It takes the follow-up out of the courier's hands: any lease is lost.

        Raises ImpossibleStateError when `send_at` is before `due_at`, more than two attempts are
        ambiguous, `sent` has no `sent_at`, or the episode or person is unknown.
        """
        ...

    async def add_entry(self, entry: Entry) -> None: ...
    async def remove_entry(self, person_id: int, entry_id: str) -> bool: ...
    async def entries(self, person_id: int, episode_id: str) -> Sequence[Entry]:
        """An episode's course, oldest first."""
        ...

    async def owed(self, person_id: int) -> Sequence[OwedReply]:
        """The replies that this person's chat still waits for."""
        ...

    async def forget(self, person_id: int, at: datetime) -> Erased:
        """Erase every row of this person, and log the erasure so that a restored backup repeats it."""
        ...

    async def retire(self, person_id: int, before: datetime) -> Retired:
        """Delete their episodes that ended, or in which nothing happened any more, before an instant, with
        everything in them; and who has none, and agreed before it."""
        ...


class Queue(Protocol):
    """The planned follow-ups as the courier sees them: claims, leases, and what a restore holds back."""

    async def claim_due(self, owner: str, now: datetime, until: datetime, limit: int) -> Sequence[Lease]:
        """Take up to `limit` planned follow-ups that are due and that nobody holds, earliest first.

        At most one of each person, and none of a person of whom one is under a lease: a chat gets one
        message a second anyway. One whose lease ran out is due again: whoever held it is gone, or will
        find its lease lost.
        """
        ...

    async def next_due(self) -> datetime | None:
        """The earliest instant at which `claim_due` may return something."""
        ...

    async def leased(self, lease: Lease) -> Person | None:
        """Whose follow-up it is; None when the lease was lost: moved, stopped, erased or claimed anew."""
        ...

    async def attempt(self, lease: Lease) -> bool:
        """Count one more ambiguous attempt, before it is made; False when the lease was lost.

        Counting first is what makes "at most two copies" true across a kill during the send.
        """
        ...

    async def settle(self, lease: Lease, follow_up: FollowUp, not_before: datetime | None = None) -> bool:
        """Write what came of a lease and end it; False when it was lost meanwhile (zero rows touched).

        A follow-up that is still planned is due again at `not_before`.
        """
        ...

    async def held(self, now: datetime) -> Held:
        """How many planned follow-ups a restored backup holds back until the operator decides."""
        ...

    async def holding(self) -> Sequence[int]:
        """The ids of the people of whom something is held."""
        ...

    async def missed(self, since: datetime) -> Sequence[int]:
        """The ids of those of whom a check-in due after an instant was never sent: too late, or refused."""
        ...

    async def release(self, person_id: int) -> Sequence[FollowUp]:
        """End the holding; returns all that was held, also what was stopped or answered meanwhile."""
        ...


class Operations(Protocol):
    """What keeps the bot running and lets its operator look on. It names nobody."""

    async def first_time(self, update_id: int, at: datetime) -> bool:
        """Record the update id; False when it was recorded before (kept 48 h)."""
        ...

    async def quarantine(self, update_id: int, kind: str, error: str, at: datetime) -> None:
        """Remember that an update could not be processed: its kind and the error's name, never its text."""
        ...

    async def quarantined(self, since: datetime) -> int:
        """How many updates could not be processed since an instant."""
        ...

    async def touch(self, at: datetime | None) -> None:
        """Write an instant down, to show that the store can write; without one, only that."""
        ...

    async def touched(self) -> datetime | None:
        """The last instant that was written down so."""
        ...

    async def purge(self, before: datetime) -> int:
        """Forget update ids recorded before an instant; returns how many."""
        ...

    async def purge_quarantined(self, before: datetime) -> None:
        """Forget which updates could not be processed before an instant."""
        ...

    async def owe(self, replies: Sequence[OwedReply], at: datetime, until: datetime) -> None:
        """Write replies down that are still to be sent: whoever is there after `until`, when they were not
        struck off, takes them over. A second time only `until` changes."""
        ...

    async def strike_off(self, update_ids: Sequence[int]) -> None:
        """These replies were sent."""
        ...

    async def take_owed(self, now: datetime, until: datetime, limit: int) -> Sequence[OwedReply]:
        """Take over, until another instant, all that up to `limit` chats are owed by others whose time is
        up."""
        ...

    async def drop_owed(self, before: datetime) -> int:
        """Forget what was owed before an instant; how many replies that was."""
        ...

    async def to_retire(self, before: datetime, limit: int) -> Sequence[int]:
        """Up to `limit` people of whom `retire` would delete something."""
        ...

    async def flood_pause(self) -> tuple[datetime, datetime] | None:
        """Telegram's last "retry after", from when until when: nothing may be sent in it, restart or not."""
        ...

    async def save_flood_pause(self, since: datetime, until: datetime) -> None: ...

    async def lease_pace(
        self, owner: str, lasts: timedelta, part: Callable[[Sequence[PaceLease]], PaceLease]
    ) -> float:
        """Renew a replica's part of the sending rate: `part` decides it from what the others hold. Returns
        what was granted, in messages a second."""
        ...

    async def meet(self, me: Worker, at: datetime, since: datetime) -> Sequence[Worker]:
        """Write down that a process is here; returns who else was since an instant, and forgets the rest."""
        ...

    async def leave(self, me: Worker) -> None:
        """Forget a process."""
        ...

    async def tally(self, day: date, counts: Mapping[CountedEvent, int]) -> None:
        """Add to what happened on a day: counts above zero, of events that name nobody."""
        ...

    async def tallied(self, since: date, kind: str | None = None) -> Mapping[CountedEvent, int]:
        """How often each event (of a kind) happened since a day: by kind, the most frequent first."""
        ...

    async def became(self, since: datetime, now: datetime) -> Mapping[str, int]:
        """What became of the messages planned for after an instant, by state, reminders included.

        Those still planned are "held", "late" (they should have been sent by now) or "planned".
        """
        ...

    async def in_state(self, state: FollowUpState, since: datetime) -> Sequence[Due]:
        """Each message of a state that was due after an instant, earliest first."""
        ...

    async def reached(self) -> int:
        """How many people a service message would go to now: an open episode, consent, and not blocked."""
        ...

    async def begin_service_message(self, message: ServiceMessage, apart: timedelta) -> int | None:
        """Plan a copy for each of them, so far apart; returns how many.

        None, and nothing is planned, unless the number follows the last one and that has ended.
        """
        ...

    async def service_message(self, number: int | None = None) -> ServiceMessage | None:
        """The one with this number, or the newest."""
        ...

    async def service_copies(self, number: int) -> Mapping[str, int]:
        """How many copies of a service message are in each state."""
        ...

    async def stop_service_message(self, number: int) -> bool:
        """Send no more copies than are under way; False when it has ended already."""
        ...

    async def end_service_message(self, number: int, at: datetime) -> bool:
        """Give up what is still planned, and write down that it has ended; False when somebody else did."""
        ...

    async def on_other_plans(self, plan: str, limit: int) -> Sequence[int]:
        """The ids of people whose open episode runs under another plan than the one with this mark."""
        ...


class SharedTransaction(Protocol):
    """What needs nobody's lock: several may overlap, in this process and in others."""

    @property
    def queue(self) -> Queue: ...
    @property
    def operations(self) -> Operations: ...


class Transaction(SharedTransaction, Protocol):
    """Everything in one transaction commits together or not at all. No network call inside.

    Several verbs may be under way at once; after one that failed for good, none writes.
    """

    @property
    def people(self) -> People: ...


class Store(Protocol):
    """Transactions are functions: `work` runs inside one, shielded from cancellation.

    `planned` is set after a commit that planned, moved or released a follow-up: it wakes the courier.
    """

    planned: asyncio.Event

    @property
    def shared(self) -> bool:
        """Whether other processes may work on it at the same time."""
        ...

    async def transact(self, person_id: int, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a work about one person, who is locked until it is committed.

        Works about one person run one after the other, in this process and in every other on the same
        database: what a work reads stays true until it has written. Works of different people may share a
        commit. When that fails for one of them each runs again alone, so a work may run twice and changes
        nothing but its transaction. Raises what `work` raises, and StoreError.
        """
        ...

    async def operate(self, work: Callable[[SharedTransaction], Awaitable[T]]) -> T:
        """Run a work about nobody in particular, in a transaction of its own. Raises StoreError."""
        ...

    def free(self) -> float:
        """The free share of the disk it writes to, 0 to 1; 1 when that is somebody else's to watch."""
        ...

    async def close(self) -> None: ...
