"""What a person sees: text and buttons, as plain data."""

from dataclasses import dataclass

from tgbot.render.buttons import Button


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


Row = tuple[Key | Link, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """`text` is Telegram HTML of at most 4096 characters after parsing."""

    text: str
    rows: tuple[Row, ...] = ()
