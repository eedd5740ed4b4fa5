"""What somebody did, and what comes back. Handlers know nothing of Telegram: they read like the talk."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tgbot.screens.screen import Screen


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody did something. `text` is what was typed, or what came after a command; `topic` is the part of
    a group in which it happened, where the reply belongs."""

    update_id: int
    person_id: int
    chat_id: int
    private: bool
    at: datetime
    text: str = ""
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A picture or a document to send. `picture` decides how it is shown; `caption` is Telegram HTML."""

    name: str
    content: bytes
    picture: bool
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes back. A tap edits the message it stands under unless `fresh`; commands always send anew.

    `alert` is the small notice over the chat that a tap can bring (at most 200 characters).
    """

    screen: Screen | None = None
    alert: str = ""
    fresh: bool = False
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Shareable:
    """One result of inline mode: what the list shows, and the screen that is shared when it is chosen."""

    id: str
    title: str
    description: str
    screen: Screen


Answering = Callable[[Asked], Awaitable[Reply]]
Pressed = Callable[[Asked, Any], Awaitable[Reply]]  # the second is the button
