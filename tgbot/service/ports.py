"""What the use cases need from the world beside the store (store_port.py): a clock and how far it is trusted,
a messenger, pictures, and somebody to alert."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from tgbot.screens.pictures import CardData, ChartData
from tgbot.screens.screen import Screen


class Clock(Protocol):
    """See tgbot/clock.py."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def draw(self) -> float: ...
    def new_id(self) -> str: ...
    async def sleep(self, seconds: float) -> None: ...
    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None: ...


class TimeTrust(Protocol):
    """What the time may be used for."""

    @property
    def known(self) -> bool:
        """Whether a message may be sent by it."""
        ...

    @property
    def certain(self) -> bool:
        """Whether something may expire or be purged by it: two clocks agree."""
        ...

    async def confirm(self) -> bool:
        """Ask Telegram when it is not known; whether it is known now."""
        ...


class TrustedTime:
    """Of a clock that nobody doubts: a test's, a command's."""

    known = certain = True

    async def confirm(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class SentOk:
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


Delivery = SentOk | Later | Ambiguous | Gone | Moved | Refused


class Messenger(Protocol):
    """Sends a screen; every way it can end is a value."""

    async def send(self, chat_id: int, screen: Screen) -> Delivery: ...


class PictureError(Exception):
    """A chart or a card could not be made: it took too long, or the extra `chart` or `card` is missing."""


class Pictures(Protocol):
    """Draws off the event loop. Both raise PictureError."""

    async def chart(self, data: ChartData) -> bytes: ...
    async def card(self, data: CardData) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Alert:
    """`event` is the log's name for it; `details` are numbers and words that name nobody."""

    event: str
    details: Mapping[str, object] = field(default_factory=dict)


Alerts = Callable[[Alert], None]


def no_alerts(_: Alert) -> None:
    """Nobody is told."""


TOLD_AGAIN = timedelta(hours=1)


@dataclass(slots=True)
class RepeatedWarning:
    """Something that lasts: worth a line when it changes, and else at most once an hour."""

    said: str | None = None
    at: datetime | None = None

    def is_news(self, trouble: str, now: datetime) -> bool:
        """Whether to say it. One that comes and goes within the hour is said once."""
        if trouble == self.said and self.at and abs(now - self.at) < TOLD_AGAIN:
            return False
        self.said, self.at = trouble, now
        return True
