"""What a person sees: text and buttons, as plain data."""

from dataclasses import dataclass

from tgbot.screens.buttons import Button
from tgbot.screens.markup import plain

LONGEST_TEXT = 4096  # of a message, as `shown_length` counts


@dataclass(frozen=True, slots=True)
class Key:
    """A button that comes back to us."""

    text: str
    press: Button


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address."""

    text: str
    url: str


KeyRow = tuple[Key | Link, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """`text` is Telegram HTML of at most 4096 characters after parsing.

    A `placeholder` asks for a typed answer, and shows where it is typed; such a screen is a new message
    without keys.
    """

    text: str
    rows: tuple[KeyRow, ...] = ()
    placeholder: str = ""


def shown_length(html: str) -> int:
    """How long Telegram finds a text: after its markup is read, in UTF-16 code units (most emoji are two)."""
    return len(plain(html).encode("utf-16-le")) // 2
