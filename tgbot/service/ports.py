"""What the use cases need from the world beside the store (store_port.py): a clock, a messenger, pictures."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tgbot.screens.pictures import CardData, ChartData
from tgbot.screens.screen import Screen


class Clock(Protocol):
    """See tgbot/clock.py: the only file that reads the time or throws dice."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def draw(self) -> float: ...
    def new_id(self) -> str: ...
    async def sleep(self, seconds: float) -> None: ...
    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None: ...


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
