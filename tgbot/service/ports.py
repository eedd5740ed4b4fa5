"""What the use cases need from the world: a store, a messenger, a clock. Verbs of ours, no rows, no SQL."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from tgbot.domain.episode import Entry, Episode, FollowUp, FollowUpState, Person
from tgbot.render.screen import Screen

T = TypeVar("T")


class Clock(Protocol):
    """See tgbot/clock.py: the only file that reads the time or throws dice."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def draw(self) -> float: ...
    def new_id(self) -> str: ...
    async def sleep(self, seconds: float) -> None: ...
    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None: ...


@dataclass(frozen=True, slots=True)
class Delivered:
    message_id: int


@dataclass(frozen=True, slots=True)
class Later:
    """Surely not sent: try again, not before `after` seconds."""

    after: float
    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Perhaps sent: the connection went away before the answer came."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Will never be sent to this chat: blocked, deactivated, not found."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram refuses this message as it is; trying again cannot help."""

    reason: str


Delivery = Delivered | Later | Ambiguous | Gone | Moved | Refused


class Messenger(Protocol):
    """Sends a screen; every way it can end is a value."""

    async def send(self, chat_id: int, screen: Screen) -> Delivery: ...


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


class StaleEpisodeError(Exception):
    """The episode was changed by somebody else since it was read."""


class Transaction(Protocol):
    """Everything in one transaction commits together or not at all. No network call inside."""

    async def first_time(self, update_id: int, at: datetime) -> bool:
        """Record the update id; False when it was recorded before (kept 48 h)."""
        ...

    async def person(self, person_id: int) -> Person | None: ...
    async def save_person(self, person: Person) -> None: ...

    async def episode(self, person_id: int, episode_id: str) -> Episode | None: ...
    async def episodes(self, person_id: int) -> Sequence[Episode]:
        """All of a person's episodes, newest onset first."""
        ...

    async def open_episode(self, person_id: int) -> Episode | None: ...
    async def save_episode(self, episode: Episode) -> Episode:
        """Insert at version 0, else update; returns it with the next version. Raises StaleEpisodeError."""
        ...

    async def follow_up(self, person_id: int, follow_up_id: str) -> FollowUp | None: ...
    async def follow_ups(self, person_id: int, episode_id: str) -> Sequence[FollowUp]:
        """All of an episode's, earliest `due_at` first."""
        ...

    async def save_follow_up(self, follow_up: FollowUp) -> None:
        """Insert or update by id."""
        ...

    async def add_entry(self, entry: Entry) -> None: ...
    async def remove_entry(self, person_id: int, entry_id: str) -> bool: ...
    async def entries(self, person_id: int, episode_id: str) -> Sequence[Entry]:
        """An episode's course, oldest first."""
        ...

    async def forget(self, person_id: int, at: datetime) -> Erased:
        """Erase every row of this person, and log the erasure so that a restored backup repeats it."""
        ...

    async def claim_due(self, owner: str, now: datetime, until: datetime, limit: int) -> Sequence[Lease]:
        """Take up to `limit` planned follow-ups with `send_at <= now` that nobody holds, earliest first."""
        ...

    async def settle(self, lease: Lease, state: FollowUpState, follow_up: FollowUp) -> bool:
        """Write what came of a lease; False when the lease was lost meanwhile (zero rows touched)."""
        ...

    async def next_due(self) -> datetime | None:
        """The earliest instant at which `claim_due` may return something."""
        ...


class Store(Protocol):
    """Transactions are functions: `work` runs inside one, shielded from cancellation."""

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T: ...
    async def close(self) -> None: ...
