"""What a handler is given, and what it gives back. Handlers know nothing of Telegram."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tgbot.chat.updates import RepliedTo, TypedText
from tgbot.screens.screen import Screen

_NOTHING = TypedText()


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for something. `typed` is what was typed, or what came after a command, with what was
    found for it; `topic` is the part of a chat in which it happened, where the reply belongs; `content` is
    what came beside text: "photo", "voice"."""

    update_id: int
    person_id: int
    chat_id: int
    private: bool
    at: datetime
    typed: TypedText = _NOTHING
    topic: int | None = None
    content: str = ""
    replied_to: RepliedTo | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A picture or a document to send. `picture` decides how it is shown; `caption` is Telegram HTML."""

    name: str
    content: bytes
    picture: bool
    caption: str = ""


@dataclass(frozen=True, slots=True)
class DrawingJob:
    """A file that is drawn and sent later: the update is acknowledged meanwhile, and nobody waits behind it.

    `draw` raises PictureError; `instead` is the sentence for whoever cannot have it.
    """

    name: str
    draw: Callable[[], Awaitable[bytes]]
    picture: bool
    instead: Screen


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes back. A tap edits the message it stands under unless `fresh`; commands always send anew.

    `alert` is the small notice over the chat that a tap can bring (at most 200 characters). An
    emergency card is `urgent`: it goes before all others.
    """

    screen: Screen | None = None
    alert: str = ""
    fresh: bool = False
    file: File | None = None
    drawing: DrawingJob | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Shareable:
    """One result of inline mode: what the list shows, and the screen that is shared when it is chosen."""

    id: str
    title: str
    description: str
    screen: Screen


Handler = Callable[[Request], Awaitable[Reply]]
ButtonHandler = Callable[[Request, Any], Awaitable[Reply]]  # the second is the button
